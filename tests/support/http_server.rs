//! Servers on this machine that keep what they were asked, and the outcomes of asking them. In: answers. Out: an address,
//! and requests.

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

/// What reached a server.
pub(crate) struct Request {
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

pub(crate) type Requests = Arc<Mutex<Vec<Request>>>;

/// A server that answers every request alike and keeps what it was asked.
pub(crate) async fn serve<A>(answer: A) -> (String, Requests)
where
    A: IntoResponse + Clone + Send + Sync + 'static,
{
    serve_by(move |_| answer.clone().into_response()).await
}

/// A server that answers by how many requests came before, and keeps what it was asked.
pub(crate) async fn serve_by(answer: impl Fn(usize) -> Response + Clone + Send + Sync + 'static) -> (String, Requests) {
    let requests = Requests::default();
    let handler = move |State(requests): State<Requests>, method: Method, uri: Uri, headers: HeaderMap, body: Bytes| {
        let body = String::from_utf8_lossy(&body).into_owned();
        let mut requests = requests.lock().unwrap();
        requests.push(Request { method, uri, headers, body });
        std::future::ready::<Response>(answer(requests.len() - 1))
    };
    let router = Router::new().fallback(handler).with_state(Arc::clone(&requests));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    (url, requests)
}

/// A server that reads one request, writes `answer` as it is, and hangs up; without an answer it never says a word.
pub(crate) async fn serve_raw(answer: Option<&'static str>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut buffer = vec![0; 4096];
        let _ = stream.read(&mut buffer).await;
        match answer {
            Some(answer) => stream.write_all(answer.as_bytes()).await.unwrap(),
            None => std::future::pending().await,
        }
    });
    url
}

pub(crate) fn permanent(result: Result<Receipt, Failure>) -> String {
    match result {
        Err(Failure::Permanent { reason }) => reason,
        other => panic!("not a final no: {other:?}"),
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
        other => panic!("not worth another attempt: {other:?}"),
    }
}
