//! SMS through any HTTP gateway that the project file describes: the request to send, and how to interpret the
//! response.

use super::egress::{EgressPolicy, check_url};
use super::fill::{Escape, fill, reject_dot_segments};
use super::http::{self, HttpResponse};
use super::secret::{Secret, redact};
use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::diagnostic::Phrase;
use crate::engine::{Message, Rendered};
use crate::say;
use reqwest::{Client, Method};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::time::Duration;

/// The placeholders of every gateway, besides its secrets.
pub const GATEWAY_PLACEHOLDERS: &[&str] = &["to", "text", "id", "from"];

/// The settings of a gateway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GatewaySettings {
    /// `GET`, `POST` or `PUT`.
    pub method: String,
    /// The URL; placeholders are only allowed after the host.
    pub url: String,
    /// Headers by name; values may contain placeholders.
    pub headers: Vec<(String, String)>,
    /// The content type of the body, which also determines how values are escaped.
    pub content_type: String,
    /// The body, if any.
    pub body: Option<String>,
    /// The sender, for `{from}`.
    pub from: Option<String>,
    /// Secrets by the name of their placeholder.
    pub secrets: BTreeMap<String, Secret>,
    /// The header for the message's id; it makes retries safe.
    pub idempotency_header: Option<String>,
    /// Whether HTTP and private networks are allowed.
    pub allow_private: bool,
    /// Whether HTTP is allowed.
    pub insecure: bool,
    /// The timeout of one request.
    pub timeout: Duration,
    /// How responses are interpreted.
    pub response_rules: ResponseRules,
    /// What to do when the outcome is unknown; ignored with an idempotency header.
    pub on_unknown: OnUnknown,
    /// The rate limits.
    pub limits: Limits,
}

/// How the responses of a gateway are interpreted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResponseRules {
    /// The status codes of an accepted message.
    pub accepted_status: Vec<RangeInclusive<u16>>,
    /// What the body of an accepted message must also contain.
    pub accepted: Option<Expected>,
    /// The status codes after which delivery is retried.
    pub retry_status: Vec<RangeInclusive<u16>>,
    /// What in the body of a rejection indicates that a retry may succeed.
    pub retry: Option<Expected>,
    /// The JSON pointer (RFC 6901) to the gateway's id of the message.
    pub provider_id: Option<String>,
}

impl Default for ResponseRules {
    fn default() -> Self {
        Self {
            accepted_status: vec![200..=299],
            accepted: None,
            // 401 and 407 concern the gateway's credentials, not the message: it can be sent once they are fixed.
            retry_status: vec![401..=401, 407..=408, 425..=425, 429..=429, 500..=503, 505..=599],
            retry: None,
            provider_id: None,
        }
    }
}

/// An expected value in a JSON body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// A JSON pointer (RFC 6901).
    pub pointer: String,
    /// The expected values, as text; when empty, anything but null matches.
    pub values: Vec<String>,
}

impl Expected {
    fn holds(&self, body: &serde_json::Value) -> bool {
        let found = body.pointer(&self.pointer).filter(|v| !v.is_null());
        found.is_some_and(|v| self.values.is_empty() || self.values.contains(&scalar_text(v)))
    }
}

impl ResponseRules {
    /// Interprets a response. The error keeps the gateway's own words.
    fn classify(&self, response: &HttpResponse) -> Result<Receipt, Failure> {
        let json: Option<serde_json::Value> = response.body.whole().and_then(|b| serde_json::from_slice(b).ok());
        let matches = |ranges: &[RangeInclusive<u16>]| ranges.iter().any(|range| range.contains(&response.status));
        let reason = format!("the gateway answered {}{}", response.status, response_text(response));
        if matches(&self.accepted_status) {
            match (&self.accepted, &json) {
                (None, _) => return Ok(self.receipt(response, json.as_ref())),
                (Some(expected), Some(body)) if expected.holds(body) => {
                    return Ok(self.receipt(response, json.as_ref()));
                }
                (Some(_), Some(_)) => {}
                (Some(_), None) => return Err(Failure::Unknown { reason }),
            }
        }
        let retryable = self.retry.as_ref().zip(json.as_ref()).is_some_and(|(retry, body)| retry.holds(body));
        if retryable || matches(&self.retry_status) {
            Err(Failure::Retry { reason, after: response.retry_after })
        } else if response.status == 504 {
            // The gateway timed out waiting for its upstream, which may have sent the message.
            Err(Failure::Unknown { reason })
        } else {
            Err(Failure::Permanent { reason })
        }
    }

    fn receipt(&self, response: &HttpResponse, body: Option<&serde_json::Value>) -> Receipt {
        let found = self.provider_id.as_ref().zip(body).and_then(|(pointer, body)| body.pointer(pointer));
        Receipt {
            provider_id: found.filter(|v| !v.is_null()).map(scalar_text),
            detail: format!("accepted with {}", response.status),
            ..Receipt::default()
        }
    }
}

/// A JSON value as text: a string without its quotes, anything else as written.
fn scalar_text(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn response_text(response: &HttpResponse) -> String {
    match response.body.whole() {
        None => " with an incomplete or oversized body".to_owned(),
        Some([]) => String::new(),
        Some(body) => format!(": {}", String::from_utf8_lossy(body)),
    }
}

/// SMS through an HTTP gateway.
#[derive(Debug)]
pub struct SmsGateway {
    settings: GatewaySettings,
    method: Method,
    client: Client,
}

impl SmsGateway {
    /// Creates the channel without sending anything.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn new(settings: GatewaySettings) -> Result<Self, Phrase> {
        let egress = EgressPolicy::new(settings.allow_private);
        let url = check_url(&settings.url, settings.insecure, &egress);
        let url = url.map_err(|fault| say!("`{key}` {fault}", key = "url", fault = fault.phrase()))?;
        let method =
            Method::from_bytes(settings.method.as_bytes()).map_err(|_| say!("`method` is not a valid HTTP method"))?;
        let client = http::client(url.scheme() == "https", &egress, settings.timeout).map_err(Phrase::verbatim)?;
        Ok(Self { settings, method, client })
    }

    async fn attempt(&self, message: &Message) -> Result<Receipt, Failure> {
        let Rendered::Text(text) = &message.content else {
            return Err(Failure::Permanent { reason: "an email cannot be sent as SMS".to_owned() });
        };
        let request = self.request(message, text).map_err(|reason| Failure::Permanent { reason })?;
        let response = http::send(request).await.map_err(|failure| self.redacted(failure))?;
        self.settings.response_rules.classify(&response).map_err(|failure| self.redacted(failure))
    }

    fn request(&self, message: &Message, text: &str) -> Result<reqwest::RequestBuilder, String> {
        let settings = &self.settings;
        let value = |name: &str| match name {
            "to" => Some(message.to.as_str()),
            "text" => Some(text),
            "id" => Some(message.id.0.as_str()),
            "from" => settings.from.as_deref(),
            other => settings.secrets.get(other).map(Secret::reveal),
        };
        let url = fill(&settings.url, Escape::Percent, value);
        reject_dot_segments(&url)?;
        let mut request = self.client.request(self.method.clone(), url);
        for (name, template) in &settings.headers {
            request = request.header(name, fill(template, Escape::None, value));
        }
        if let Some(name) = &settings.idempotency_header {
            request = request.header(name, message.id.0.as_str());
        }
        let Some(body) = &settings.body else { return Ok(request) };
        let escape = Escape::of_content_type(&settings.content_type);
        Ok(request.header("content-type", &settings.content_type).body(fill(body, escape, value)))
    }

    fn redacted(&self, failure: Failure) -> Failure {
        failure.map_reason(|reason| redact(reason, self.settings.secrets.values()))
    }
}

impl Channel for SmsGateway {
    fn name(&self) -> &'static str {
        "http"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.attempt(message))
    }

    fn on_unknown(&self) -> OnUnknown {
        if self.settings.idempotency_header.is_some() { OnUnknown::Retry } else { self.settings.on_unknown }
    }

    fn limits(&self) -> Limits {
        self.settings.limits
    }
}
