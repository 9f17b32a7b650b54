//! HTTP servers on this machine that record their requests, and the expected outcomes of a delivery.

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::response::{IntoResponse, Response};
use funnelc::channel::{Failure, Receipt};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A request that a server received.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

pub(crate) type Requests = Arc<Mutex<Vec<Request>>>;

/// Starts a server that gives every request the same response; returns its address and the requests.
pub(crate) async fn serve<R>(response: R) -> (String, Requests)
where
    R: IntoResponse + Clone + Send + Sync + 'static,
{
    serve_by(move |_| response.clone().into_response()).await
}

/// Starts a server that responds by the number of earlier requests; returns its address and the requests.
pub(crate) async fn serve_by(
    response: impl Fn(usize) -> Response + Clone + Send + Sync + 'static,
) -> (String, Requests) {
    let requests = Requests::default();
    let handler = move |State(requests): State<Requests>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let body = String::from_utf8_lossy(&body).into_owned();
        let mut requests = requests.lock().unwrap();
        requests.push(Request { method, uri, headers, body });
        std::future::ready::<Response>(response(requests.len() - 1))
    };
    let router = Router::new().fallback(handler).with_state(Arc::clone(&requests));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, requests)
}

/// Starts a server that reads one request, writes `response` verbatim and hangs up; without a response it stays silent.
pub(crate) async fn serve_raw(response: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        let _ = stream.read(&mut buffer).await;
        match response {
            Some(response) => stream.write_all(response.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
    });
    url
}

pub(crate) fn permanent(result: Result<Receipt, Failure>) -> String {
    match result {
        Err(Failure::Permanent { reason }) => reason,
        other => panic!("not a permanent failure: {other:?}"),
    }
}

pub(crate) fn opted_out(result: Result<Receipt, Failure>) -> String {
    match result {
        Err(Failure::OptedOut { reason }) => reason,
        other => panic!("not an opt-out: {other:?}"),
    }
}

pub(crate) fn unknown(result: Result<Receipt, Failure>) -> String {
    match result {
        Err(Failure::Unknown { reason }) => reason,
        other => panic!("not an unknown outcome: {other:?}"),
    }
}

pub(crate) fn retry(result: Result<Receipt, Failure>) -> (String, Option<Duration>) {
    match result {
        Err(Failure::Retry { reason, after }) => (reason, after),
        other => panic!("not a failure to retry: {other:?}"),
    }
}
