//! The HTTP API: `POST /v1/events`, `GET /healthz` and `GET /readyz`. In: requests. Out: responses that are already true on disk.

mod auth;
mod events;

use crate::diagnostic::Phrase;
use crate::runtime::Inbox;
use crate::say;
use crate::value::Zone;
use auth::Auth;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use std::fmt;
use std::net::{SocketAddr, TcpListener};
use tokio::runtime::Handle;

/// Where to listen, and what to require.
#[derive(Clone)]
pub struct Options {
    /// The address.
    pub bind: SocketAddr,
    /// The token that a request must send as `Authorization: Bearer ..`. Required unless the address is loopback.
    pub token: Option<String>,
}

/// Why the server cannot start.
#[derive(Debug)]
pub enum Error {
    /// Others can reach the address, and there is no token.
    TokenNeeded(SocketAddr),
    /// The address cannot be bound.
    Bind(SocketAddr, std::io::Error),
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
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::TokenNeeded(_) => say!("listen on 127.0.0.1, or set a token"),
            Self::Bind(..) => say!("use another port, or stop the program that uses this one"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for Error {}

#[derive(Clone)]
struct Shared {
    inbox: Inbox,
    auth: Auth,
}

/// Starts the server and submits its events to a host. Returns the address, with the port that the system chose for
/// port 0.
///
/// # Errors
/// When a token is missing or the address is in use.
pub fn start(tasks: &Handle, inbox: Inbox, options: Options) -> Result<SocketAddr, Error> {
    let bind = options.bind;
    if !bind.ip().is_loopback() && options.token.is_none() {
        return Err(Error::TokenNeeded(bind));
    }
    let refused = |error| Error::Bind(bind, error);
    let listener = TcpListener::bind(bind).map_err(refused)?;
    listener.set_nonblocking(true).map_err(refused)?;
    let address = listener.local_addr().map_err(refused)?;
    let inside = tasks.enter();
    let listener = tokio::net::TcpListener::from_std(listener).map_err(refused)?;
    drop(inside);
    let routes = routes(Shared { inbox, auth: Auth::new(options.token.as_deref()) });
    tasks.spawn(async move {
        if let Err(error) = axum::serve(listener, routes).await {
            tracing::error!(%error, "HTTP server stopped");
        }
    });
    Ok(address)
}

fn routes(shared: Shared) -> Router {
    Router::new()
        .route("/v1/events", post(events::post))
        .route("/healthz", get(health))
        .route("/readyz", get(ready))
        .with_state(shared)
}

/// Reports whether events are accepted; needs no token and reveals nothing else.
async fn health(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if shared.inbox.is_closed() {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

/// Reports whether events are accepted and what there is to look at; needs no token and reveals nothing about clients.
async fn ready(State(shared): State<Shared>) -> Response {
    let is_closed = shared.inbox.is_closed();
    let set_aside = shared.inbox.health().set_aside();
    let status = if is_closed {
        "shutting down"
    } else if set_aside > 0 {
        "look at the dead letters"
    } else {
        "ready"
    };
    let body = json!({"status": status, "set_aside": set_aside, "time_zones": Zone::DATA});
    let code = if is_closed { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK };
    (code, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response()
}
