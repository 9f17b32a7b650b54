//! Webhooks for `call`, `do` and `task`: HTTP requests in the format of Standard Webhooks 1.0.0, and how their responses are
//! interpreted.

use super::answer;
use super::egress::{EgressPolicy, check_url};
use super::fill::{Escape, fill, reject_dot_segments};
use super::http::{self, HttpResponse};
use super::secret::{Secret, redact};
use super::webhook_sign::{self, SigningKey};
use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::diagnostic::Phrase;
use crate::engine::{Fields, Message, Rendered};
use crate::say;
use crate::value::Zone;
use reqwest::{Client, Method, RequestBuilder, Url};
use serde::Serialize;
use std::collections::BTreeMap;
use std::time::Duration;

/// Limit: the maximum size of a body, in bytes.
const MAX_BODY_BYTES: usize = 256 * 1024;

/// Headers that are set by the channel or change how the request is read; a project cannot set them.
pub const WEBHOOK_HEADERS: &[&str] = &[
    "webhook-id",
    "webhook-timestamp",
    "webhook-signature",
    "content-type",
    "content-length",
    "transfer-encoding",
    "connection",
    "host",
    "te",
    "trailer",
    "upgrade",
];

/// The settings of a webhook.
#[derive(Debug, Clone)]
pub struct WebhookSettings {
    /// The endpoint of an action; `None` for calls, which name their own URL.
    pub target: Option<WebhookTarget>,
    /// The signing keys; without one, requests are not signed.
    pub keys: Vec<SigningKey>,
    /// The hosts that requests may go to.
    pub egress: EgressPolicy,
    /// Whether plain HTTP to external hosts is allowed.
    pub insecure: bool,
    /// The timeout of one request.
    pub timeout: Duration,
    /// How long delivery is retried; `None` for the default of the host.
    pub give_up: Option<Duration>,
    /// The rate limits.
    pub limits: Limits,
}

/// The endpoint of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WebhookTarget {
    /// `POST`, `PUT` or `PATCH`.
    pub method: String,
    /// The URL; placeholders of secrets are only allowed after the host.
    pub url: String,
    /// Headers by name.
    pub headers: Vec<(String, String)>,
    /// Secrets by the name of their placeholder.
    pub secrets: BTreeMap<String, Secret>,
    /// Whether the body is the data alone, without an envelope.
    pub bare: bool,
}

/// The envelope around the data of a call or an action.
#[derive(Serialize)]
struct Envelope<'m> {
    #[serde(rename = "type")]
    kind: String,
    id: &'m str,
    timestamp: String,
    funnel: &'m str,
    data: &'m Fields,
}

/// A webhook.
#[derive(Debug)]
pub struct Webhook {
    settings: WebhookSettings,
    method: Method,
    plain: Client,
    /// An error when TLS is unavailable, which does not matter to plain HTTP.
    secure: Result<Client, String>,
}

impl Webhook {
    /// Creates the channel without sending anything.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn new(settings: WebhookSettings) -> Result<Self, Phrase> {
        let method = settings.target.as_ref().map_or("POST", |target| &target.method);
        let method = Method::from_bytes(method.as_bytes()).map_err(|_| say!("`method` is not a valid HTTP method"))?;
        let client = |tls| http::client(tls, &settings.egress, settings.timeout);
        let (plain, secure) = (client(false).map_err(Phrase::verbatim)?, client(true));
        if let Some(target) = &settings.target {
            let url = check_url(&target.url, settings.insecure, &settings.egress);
            let url = url.map_err(|fault| say!("`{key}` {fault}", key = "url", fault = fault.phrase()))?;
            if url.scheme() == "https" {
                secure.as_ref().map_err(Phrase::verbatim)?;
            }
        }
        Ok(Self { settings, method, plain, secure })
    }

    async fn attempt(&self, message: &Message) -> Result<Receipt, Failure> {
        let request = self.request(message).map_err(|reason| Failure::Permanent { reason })?;
        let response = http::send(request).await?;
        let receipt = classify(&response)?;
        let answer = message.answer_expected.then(|| answer::read(response.status, &response.body)).transpose()?;
        Ok(Receipt { answer, ..receipt })
    }

    /// Builds the request for a message.
    fn request(&self, message: &Message) -> Result<RequestBuilder, String> {
        let body = match &message.content {
            Rendered::Json(data) => self.body(message, data),
            Rendered::Task { text, due } => self.body(message, &task(message, text, due.as_deref())),
            Rendered::Text(_) | Rendered::Email { .. } => {
                return Err("only `call`, `do` and `task` are sent as webhooks".to_owned());
            }
        };
        if body.len() > MAX_BODY_BYTES {
            return Err(format!("the request body has {} bytes, more than {MAX_BODY_BYTES}", body.len()));
        }
        let url = self.url(message)?;
        let client = if url.scheme() == "https" { self.secure.as_ref().map_err(Clone::clone)? } else { &self.plain };
        let mut request = client.request(self.method.clone(), url).header("content-type", "application/json");
        if let Some(target) = &self.settings.target {
            for (name, template) in &target.headers {
                request = request.header(name, fill(template, Escape::None, |name| target.secret(name)));
            }
        }
        for (name, value) in webhook_sign::headers(&self.settings.keys, &message.id.0, &body) {
            request = request.header(name, value);
        }
        Ok(request.body(body))
    }

    fn body(&self, message: &Message, data: &Fields) -> Vec<u8> {
        let encoded = match &self.settings.target {
            Some(target) if target.bare => serde_json::to_vec(data),
            Some(_) if message.channel == "task" => serde_json::to_vec(&envelope(message, "task".to_owned(), data)),
            Some(_) => serde_json::to_vec(&envelope(message, format!("action.{}", message.to), data)),
            None => serde_json::to_vec(&envelope(message, format!("call.{}", message.funnel), data)),
        };
        // Names and JSON values always serialize.
        encoded.unwrap_or_default()
    }

    fn url(&self, message: &Message) -> Result<Url, String> {
        let Some(target) = &self.settings.target else {
            reject_dot_segments(&message.to)?;
            return check_url(&message.to, self.settings.insecure, &self.settings.egress)
                .map_err(|fault| format!("its address {fault}"));
        };
        let filled = fill(&target.url, Escape::Percent, |name| target.secret(name));
        reject_dot_segments(&filled)?;
        check_url(&filled, self.settings.insecure, &self.settings.egress).map_err(|fault| format!("`url` {fault}"))
    }

    /// Redacts the reason of a failure.
    fn redacted(&self, failure: Failure) -> Failure {
        let keys = || self.settings.keys.iter().map(SigningKey::secret);
        let secrets = || self.settings.target.iter().flat_map(|target| target.secrets.values()).chain(keys());
        failure.map_reason(|reason| redact(reason, secrets()))
    }
}

impl WebhookTarget {
    fn secret(&self, name: &str) -> Option<&str> {
        self.secrets.get(name).map(Secret::reveal)
    }
}

impl Channel for Webhook {
    fn name(&self) -> &'static str {
        "webhook"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(async { self.attempt(message).await.map_err(|failure| self.redacted(failure)) })
    }

    /// Receivers deduplicate by `webhook-id`.
    fn on_unknown(&self) -> OnUnknown {
        OnUnknown::Retry
    }

    fn limits(&self) -> Limits {
        self.settings.limits
    }

    fn give_up(&self) -> Option<Duration> {
        self.settings.give_up
    }
}

fn envelope<'m>(message: &'m Message, kind: String, data: &'m Fields) -> Envelope<'m> {
    let timestamp = Zone::UTC.rfc3339(message.at);
    Envelope { kind, id: &message.id.0, timestamp, funnel: &message.funnel, data }
}

/// The data of a task.
fn task(message: &Message, text: &str, due: Option<&str>) -> Fields {
    let assignee = (!message.to.is_empty()).then_some(message.to.as_str());
    let members =
        [("client", Some(message.client.0.as_str())), ("assignee", assignee), ("text", Some(text)), ("due", due)];
    members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into()))).collect()
}

/// Interprets a response. The body of a rejection contains the reason.
fn classify(response: &HttpResponse) -> Result<Receipt, Failure> {
    let status = response.status;
    let words = match response.body.whole() {
        None | Some([]) => String::new(),
        Some(body) => format!(": {}", String::from_utf8_lossy(body)),
    };
    let reason = format!("the server answered {status}{words}");
    match status {
        200..=299 => Ok(Receipt { detail: format!("accepted with {status}"), ..Receipt::default() }),
        408 | 425 | 429 | 500..=599 => Err(Failure::Retry { reason, after: response.retry_after }),
        300..=399 => Err(Failure::Permanent { reason: redirect_reason(response) }),
        410 => Err(Failure::Permanent { reason: format!("the server answered 410: the endpoint is gone{words}") }),
        _ => Err(Failure::Permanent { reason }),
    }
}

/// A server must not redirect a signed request to an arbitrary host.
fn redirect_reason(response: &HttpResponse) -> String {
    let place = response.location.as_deref().and_then(|place| place.split(['?', '#']).next()).unwrap_or("");
    let to = if place.is_empty() { String::new() } else { format!(" to `{place}`") };
    format!("the server answered {} and redirects{to}; redirects are not followed", response.status)
}
