//! Accepts connections, so that slow or hostile clients cost nothing: few bytes are kept for each, none lives longer than
//! it may, and where there are too many, the one that has said nothing for longest gives way.

use super::tls::Tls;
use crate::runtime::{Health, OpenRequest};
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tower_service::Service;

/// Limit: how long a client may take to send the head of a request, also the next one on the same connection.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// Limit: how long a request may take from its head to the end of its response, except while the host handles it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(60);

/// How often connections are looked at.
const ROUND: Duration = Duration::from_secs(1);

/// Limit: the head of a request, in bytes.
const MAX_HEAD: usize = 16 << 10;

/// Connections beyond the limit that may only ask for the health of the service, and how long they live.
const RESERVE: usize = 16;
const RESERVE_TIMEOUT: Duration = Duration::from_secs(2);

/// How long to wait before another connection gives way.
const FULL_PAUSE: Duration = Duration::from_millis(1);

/// How long to wait when the system has no file for another connection.
const NO_FILES_PAUSE: Duration = Duration::from_millis(50);

/// The open connections; clones are the same.
#[derive(Clone)]
pub(super) struct Connections(Arc<Pool>);

struct Pool {
    health: Health,
    limit: usize,
    tls: Option<Tls>,
    reserved: AtomicUsize,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    next: u64,
    by_number: BTreeMap<u64, Entry>,
}

#[derive(Debug)]
struct Entry {
    activity: Activity,
    close: oneshot::Sender<()>,
}

/// What one connection is doing; clones are the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Activity(Arc<Doing>);

#[derive(Debug, Default)]
struct Doing {
    /// Rounds since the last request began.
    rounds: AtomicUsize,
    /// The head of a request has been read, and its response has not begun.
    is_in_request: AtomicBool,
    is_answering: AtomicBool,
    /// A new connection waits for its first answer.
    first: Mutex<Option<OpenRequest>>,
}

impl Activity {
    /// Whether it may be closed for another connection: it says nothing, or what it says takes long.
    fn is_idle(&self) -> bool {
        let is_stalled = self.0.rounds.load(Ordering::Relaxed) > 1;
        !self.0.is_answering.load(Ordering::Relaxed) && (is_stalled || !self.0.is_in_request.load(Ordering::Relaxed))
    }

    /// The host handles the request until the guard is dropped. Meanwhile the connection is not closed.
    pub(super) fn answering(&self) -> Answering {
        self.0.is_answering.store(true, Ordering::Relaxed);
        Answering(self.clone())
    }
}

/// The host handles a request.
pub(super) struct Answering(Activity);

impl Drop for Answering {
    fn drop(&mut self) {
        self.0.0.rounds.store(0, Ordering::Relaxed);
        self.0.0.is_answering.store(false, Ordering::Relaxed);
    }
}

/// A place among the open connections, free again when it is dropped.
struct Place {
    connections: Connections,
    number: Option<u64>,
}

impl Drop for Place {
    fn drop(&mut self) {
        match self.number {
            Some(number) => _ = self.connections.open().by_number.remove(&number),
            None => _ = self.connections.0.reserved.fetch_sub(1, Ordering::Relaxed),
        }
    }
}

impl Connections {
    pub(super) fn new(health: Health, limit: usize, tls: Option<Tls>) -> Self {
        Self(Arc::new(Pool { health, limit, tls, reserved: AtomicUsize::new(0), open: Mutex::default() }))
    }

    /// How many are open.
    pub(super) fn count(&self) -> usize {
        self.open().by_number.len() + self.0.reserved.load(Ordering::Relaxed)
    }

    /// Accepts connections until `stop` ends.
    pub(super) async fn serve(self, listener: TcpListener, routes: Router, stop: impl Future<Output = ()>) {
        let mut stop = pin!(stop);
        let mut round = tokio::time::interval(ROUND);
        loop {
            tokio::select! {
                accepted = listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        if self.is_full() {
                            // Lets those that have just come say what they want.
                            tokio::time::sleep(FULL_PAUSE).await;
                        }
                        self.enter(stream, &routes);
                    }
                    Err(error) => {
                        tracing::warn!(%error, "a connection could not be accepted");
                        self.evict();
                        tokio::time::sleep(NO_FILES_PAUSE).await;
                    }
                },
                _ = round.tick() => self.look(),
                () = &mut stop => return,
            }
        }
    }

    fn is_full(&self) -> bool {
        self.open().by_number.len() >= self.0.limit
    }

    /// Starts a connection. Beyond the limit, another one gives way; if all are being answered, this one may only ask for
    /// the health.
    fn enter(&self, stream: TcpStream, routes: &Router) {
        let _ = stream.set_nodelay(true);
        if self.is_full() && !self.evict() {
            if self.0.reserved.fetch_add(1, Ordering::Relaxed) < RESERVE {
                let place = Place { connections: self.clone(), number: None };
                tokio::spawn(serve_reserved(stream, routes.clone(), place));
            } else {
                self.0.reserved.fetch_sub(1, Ordering::Relaxed);
            }
            return;
        }
        let (close, closed) = oneshot::channel();
        let activity = Activity::default();
        *activity.0.first.lock().unwrap_or_else(PoisonError::into_inner) = Some(self.0.health.request());
        let number = {
            let mut open = self.open();
            let number = open.next;
            open.next += 1;
            open.by_number.insert(number, Entry { activity: activity.clone(), close });
            number
        };
        let place = Place { connections: self.clone(), number: Some(number) };
        tokio::spawn(serve_one(stream, routes.clone(), activity, closed, place));
    }

    /// Closes the connection that has said nothing for longest. Returns whether there is one.
    fn evict(&self) -> bool {
        let mut open = self.open();
        let idle = open.by_number.iter().filter(|(_, entry)| entry.activity.is_idle());
        let longest = idle.max_by_key(|(number, entry)| {
            (entry.activity.0.rounds.load(Ordering::Relaxed), std::cmp::Reverse(**number))
        });
        let Some(number) = longest.map(|(number, _)| *number) else { return false };
        if let Some(entry) = open.by_number.remove(&number) {
            let _ = entry.close.send(());
        }
        true
    }

    /// Closes the connections whose request takes too long.
    fn look(&self) {
        let mut open = self.open();
        let most = usize::try_from(REQUEST_TIMEOUT.as_secs() / ROUND.as_secs()).unwrap_or(usize::MAX);
        let overdue: Vec<u64> = open
            .by_number
            .iter()
            .filter(|(_, entry)| {
                let doing = &entry.activity.0;
                let rounds = doing.rounds.fetch_add(1, Ordering::Relaxed);
                rounds > most && !doing.is_answering.load(Ordering::Relaxed)
            })
            .map(|(number, _)| *number)
            .collect();
        for number in overdue {
            if let Some(entry) = open.by_number.remove(&number) {
                let _ = entry.close.send(());
            }
        }
    }

    fn open(&self) -> std::sync::MutexGuard<'_, Open> {
        self.0.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn builder(head_timeout: Duration) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(head_timeout).max_buf_size(MAX_HEAD);
    builder
}

/// Serves a connection until it ends or has to give way.
async fn serve_one(stream: TcpStream, routes: Router, activity: Activity, closed: oneshot::Receiver<()>, place: Place) {
    let (tls, health) = (place.connections.0.tls.clone(), place.connections.0.health.clone());
    let served = async {
        match tls {
            None => serve_requests(stream, routes, activity, health).await,
            Some(tls) => {
                if let Ok(Some(stream)) = tokio::time::timeout(HEAD_TIMEOUT, tls.accept(stream)).await {
                    serve_requests(stream, routes, activity, health).await;
                }
            }
        }
    };
    tokio::select! {
        () = served => {}
        _ = closed => {}
    }
}

/// Serves the requests of a connection.
async fn serve_requests(
    stream: impl AsyncRead + AsyncWrite + Unpin,
    routes: Router,
    activity: Activity,
    health: Health,
) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        activity.0.rounds.store(0, Ordering::Relaxed);
        activity.0.is_in_request.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(activity.clone());
        let (mut routes, activity, open) = (routes.clone(), activity.clone(), health.request());
        async move {
            let response = routes.call(request).await;
            *activity.0.first.lock().unwrap_or_else(PoisonError::into_inner) = None;
            drop(open);
            activity.0.is_in_request.store(false, Ordering::Relaxed);
            response
        }
    });
    // The other side may close or break the connection at any time, which concerns nobody.
    let _ = builder(HEAD_TIMEOUT).serve_connection(TokioIo::new(stream), service).await;
}

/// Answers one question about the health on a connection that has no place, and nothing else.
async fn serve_reserved(stream: TcpStream, routes: Router, place: Place) {
    let tls = place.connections.0.tls.clone();
    let served = async {
        match tls {
            None => serve_question(stream, routes).await,
            Some(tls) => {
                if let Some(stream) = tls.accept(stream).await {
                    serve_question(stream, routes).await;
                }
            }
        }
    };
    let _ = tokio::time::timeout(RESERVE_TIMEOUT, served).await;
}

async fn serve_question(stream: impl AsyncRead + AsyncWrite + Unpin, routes: Router) {
    let service = service_fn(move |mut request: Request<Incoming>| {
        let mut routes = routes.clone();
        async move {
            if !matches!(request.uri().path(), "/healthz" | "/readyz") {
                return Ok::<Response, Infallible>(busy());
            }
            request.extensions_mut().insert(Activity::default());
            routes.call(request).await
        }
    });
    let mut builder = builder(RESERVE_TIMEOUT);
    builder.keep_alive(false);
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

/// The response beyond the limit of connections.
fn busy() -> Response {
    let mut response = Response::new(Body::from("{\"error\":\"too many connections, retry later\"}\n"));
    *response.status_mut() = StatusCode::SERVICE_UNAVAILABLE;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    headers.insert(header::RETRY_AFTER, header::HeaderValue::from_static("1"));
    response
}
