//! Sends events to a running `funnelc serve`, also on this machine or in the own network. In: an address, a token and a
//! body. Out: the response, or why there is none.

use super::egress::EgressPolicy;
use super::http::{HttpResponse, client, send};
use super::{Failure, Secret};
use reqwest::Url;
use reqwest::header::CONTENT_TYPE;
use std::time::Duration;

/// Limit: how long one attempt may take, longer than the server itself waits.
const TIMEOUT: Duration = Duration::from_secs(40);

/// How often to try in all, where trying again may help, and the pause before each further attempt.
const ATTEMPTS: u32 = 3;
const PAUSE: Duration = Duration::from_secs(1);

/// Posts events to a server and returns its status and its answer. The events must have ids, because a request whose
/// outcome is unknown is sent again.
///
/// # Errors
/// Why the server cannot be reached or gives no answer.
pub fn post_events(server: &str, token: Option<&Secret>, body: &str) -> Result<(u16, String), String> {
    let url = Url::parse(server).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
    let url = url.ok_or("expected an address such as http://127.0.0.1:8080")?;
    let url = url.join("/v1/events").map_err(|error| error.to_string())?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(|error| error.to_string())?;
    runtime.block_on(async {
        let client = client(url.scheme() == "https", &EgressPolicy::new(true), TIMEOUT)?;
        let mut attempt = 1;
        loop {
            let mut request = client.post(url.clone()).header(CONTENT_TYPE, "application/json").body(body.to_owned());
            if let Some(token) = token {
                request = request.bearer_auth(token.reveal());
            }
            let tried = send(request).await;
            let is_last = attempt == ATTEMPTS;
            match tried {
                Ok(HttpResponse { status: 503, .. }) | Err(Failure::Unknown { .. }) if !is_last => {}
                Ok(HttpResponse { status, body, .. }) => {
                    let body = body.whole().ok_or("the answer is incomplete or too long")?;
                    return Ok((status, String::from_utf8_lossy(body).into_owned()));
                }
                Err(failure) => return Err(failure.reason().to_owned()),
            }
            attempt += 1;
            tokio::time::sleep(PAUSE).await;
        }
    })
}
