//! The HTTP API of `serve`: `/v1`, described by `openapi.json`, and `/healthz`, `/readyz`, `/metrics`. In: requests. Out:
//! responses that are already true on disk.

mod answer;
mod auth;
mod budget;
mod cloud_event;
mod connections;
mod events;
mod health;
mod read;
mod split;
mod system;
mod tls;
mod unsubscribe;
mod webhooks;

pub use auth::{Scope, Tokens};
pub use tls::{Pem, ReadPem};

use crate::channel::Secret;
use crate::check::program::Catalog;
use crate::diagnostic::Phrase;
use crate::inbound::Source;
use crate::runtime::Inbox;
use crate::say;
use auth::Auth;
use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use budget::Budget;
use connections::Connections;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use tls::Tls;
use tokio::runtime::Handle;
use webhooks::Served;

/// The version of this program.
pub(crate) const VERSION: &str = env!("CARGO_PKG_VERSION");

/// The description of the API, as it is served.
pub const OPENAPI: &str = include_str!("openapi.json");

/// Where to listen, and what to require.
pub struct Options {
    /// The address, or the socket that listens on it.
    pub listen: Listen,
    /// The tokens, one of which a request must send as `Authorization: Bearer ..`. Required unless the address is
    /// loopback.
    pub tokens: Tokens,
    /// Where the certificate and its key are, if connections are encrypted.
    pub tls: Option<ReadPem>,
    /// The file of the store, whose disk must have room.
    pub store: PathBuf,
    /// The sources of webhooks, each with its secrets.
    pub sources: Vec<(Source, Vec<String>)>,
    /// The declarations of events and clients.
    pub catalog: Catalog,
    /// The secret that the unsubscribe addresses of emails are signed with, if they are.
    pub unsubscribe: Option<Secret>,
    /// The language of the pages that clients see.
    pub language: String,
}

/// Where to listen.
pub enum Listen {
    /// On this address.
    At(SocketAddr),
    /// On this socket, which stays open when the service ends: whoever connects meanwhile waits for the next one.
    On(TcpListener),
}

/// Why the server cannot start.
#[derive(Debug)]
pub enum Error {
    /// Others can reach the address, and there is no token.
    TokenNeeded(SocketAddr),
    /// The address cannot be bound.
    Bind(SocketAddr, std::io::Error),
    /// The socket cannot be used.
    Socket(std::io::Error),
    /// The certificate or its key cannot be used.
    Certificate(String),
}

impl Error {
    /// The error, for people.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::TokenNeeded(bind) => {
                say!("`{address}` is reachable from other machines and needs a token", address = bind.to_string())
            }
            Self::Bind(bind, error) => {
                say!("cannot listen on `{address}`: {fault}", address = bind.to_string(), fault = error.to_string())
            }
            Self::Socket(error) => {
                say!("cannot use the socket of the service manager: {fault}", fault = error.to_string())
            }
            Self::Certificate(reason) => say!("cannot use the certificate for TLS: {reason}", reason),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::TokenNeeded(_) => say!("listen on 127.0.0.1, or set `server.tokens.ingest` in `funnel.toml`"),
            Self::Bind(..) => say!("use another port, or stop the program that uses this one"),
            Self::Socket(_) => say!("let the service manager hand over one listening TCP socket"),
            Self::Certificate(_) => {
                say!("check `cert` and `key` of `[server.tls]` in `funnel.toml`: both are PEM files")
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for Error {}

/// The calls of Segment's libraries, each a path.
const SEGMENT_CALLS: [&str; 7] = ["batch", "identify", "track", "page", "screen", "group", "alias"];

/// What all requests share.
type Shared = Arc<State>;

struct State {
    inbox: Inbox,
    auth: Auth,
    connections: Connections,
    budget: Budget,
    store: PathBuf,
    sources: Vec<Served>,
    catalog: Catalog,
    unsubscribe: Option<Secret>,
    language: String,
}

/// Starts the server and submits its events to a host. Returns the address, with the port that the system chose for
/// port 0.
///
/// # Errors
/// When a token is missing or the address is in use.
pub fn start(tasks: &Handle, inbox: Inbox, options: Options) -> Result<SocketAddr, Error> {
    let Options { listen, tokens, tls, store, sources, catalog, unsubscribe, language } = options;
    let sources = sources.into_iter().map(|(source, secrets)| Served { source, secrets }).collect();
    let (listener, is_kept) = match listen {
        Listen::At(bind) => {
            require_token(bind, &tokens)?;
            (TcpListener::bind(bind).map_err(|error| Error::Bind(bind, error))?, false)
        }
        Listen::On(listener) => (listener, true),
    };
    let address = listener.local_addr().map_err(Error::Socket)?;
    require_token(address, &tokens)?;
    listener.set_nonblocking(true).map_err(Error::Socket)?;
    let tls = tls.map(Tls::new).transpose().map_err(Error::Certificate)?;
    let inside = tasks.enter();
    let listener = tokio::net::TcpListener::from_std(listener).map_err(Error::Socket)?;
    drop(inside);
    if let Some(tls) = tls.clone() {
        tasks.spawn(tls.follow());
    }
    let connections = Connections::new(inbox.health().clone(), system::connection_limit(), tls);
    let closed = inbox.clone();
    let shared = State {
        inbox,
        auth: Auth::new(&tokens),
        connections: connections.clone(),
        budget: Budget::new(),
        store,
        sources,
        catalog,
        unsubscribe,
        language,
    };
    let stop = async move {
        match is_kept {
            true => closed.closed().await,
            // Others are told that the service shuts down, until the socket is gone.
            false => std::future::pending().await,
        }
    };
    tasks.spawn(connections.serve(listener, routes(Arc::new(shared)), stop));
    Ok(address)
}

/// Others can reach an address that is not loopback, so it needs a token.
fn require_token(address: SocketAddr, tokens: &Tokens) -> Result<(), Error> {
    if address.ip().is_loopback() || !tokens.is_empty() { Ok(()) } else { Err(Error::TokenNeeded(address)) }
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/v1/events", post(events::post))
        .route("/v1/sources/{name}", post(webhooks::post))
        .merge(segment_routes())
        .route("/v1/unsubscribe", get(unsubscribe::get).post(unsubscribe::post))
        .route("/v1/clients/{client}", get(read::client))
        .route("/v1/status", get(read::status))
        .route("/v1/lanes/{lane}/retry", post(read::retry_lane))
        .route("/v1/openapi.json", get(openapi))
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/metrics", get(health::metrics))
        .fallback(|| async { answer::error(StatusCode::NOT_FOUND, "no such path: see /v1/openapi.json") })
        .method_not_allowed_fallback(|| async {
            answer::error(StatusCode::METHOD_NOT_ALLOWED, "this path has another method: see /v1/openapi.json")
        })
        .with_state(shared)
}

/// The calls of Segment's libraries.
fn segment_routes() -> Router<Shared> {
    SEGMENT_CALLS.iter().fold(Router::new(), |routes, call| {
        routes.route(
            &format!("/v1/{call}"),
            post(move |state, activity, headers, body| webhooks::segment(call, state, activity, headers, body)),
        )
    })
}

/// `GET /v1/openapi.json`; needs no token.
async fn openapi() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], OPENAPI)
}
