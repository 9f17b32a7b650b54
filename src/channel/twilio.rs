//! SMS through Twilio's Programmable Messaging API (2010-04-01).

use super::egress::{EgressPolicy, check_url};
use super::fill::percent;
use super::http::{self, HttpResponse};
use super::secret::{Secret, redact};
use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::diagnostic::Phrase;
use crate::engine::{Message, Rendered};
use crate::say;
use reqwest::Client;
use serde_json::Value;
use std::time::Duration;

/// The base URL of the Twilio API.
pub const TWILIO_URL: &str = "https://api.twilio.com";

/// The settings of Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSettings {
    /// The account, `AC..`.
    pub account: String,
    /// The auth token.
    pub token: Secret,
    /// The sender.
    pub sender: TwilioSender,
    /// [`TWILIO_URL`], or a compatible server.
    pub base_url: String,
    /// Whether `base_url` may be in a private network and use HTTP.
    pub allow_private: bool,
    /// The timeout of one request.
    pub timeout: Duration,
    /// What to do when the outcome is unknown: Twilio has no idempotency keys.
    pub on_unknown: OnUnknown,
    /// The rate limits.
    pub limits: Limits,
}

/// The sender of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TwilioSender {
    /// A phone number or an alphanumeric sender id.
    From(String),
    /// A messaging service, `MG..`, which picks the number.
    Service(String),
}

/// SMS through Twilio.
#[derive(Debug)]
pub struct Twilio {
    settings: TwilioSettings,
    url: String,
    client: Client,
}

impl Twilio {
    /// Creates the channel without sending anything.
    ///
    /// # Errors
    /// A setting is invalid.
    pub fn new(settings: TwilioSettings) -> Result<Self, Phrase> {
        let egress = EgressPolicy::new(settings.allow_private);
        let base = check_url(&settings.base_url, false, &egress);
        let base = base.map_err(|fault| say!("`{key}` {fault}", key = "base_url", fault = fault.phrase()))?;
        let client = http::client(base.scheme() == "https", &egress, settings.timeout).map_err(Phrase::verbatim)?;
        let account = percent(&settings.account);
        let url = format!("{}/2010-04-01/Accounts/{account}/Messages.json", settings.base_url.trim_end_matches('/'));
        Ok(Self { settings, url, client })
    }

    async fn attempt(&self, message: &Message) -> Result<Receipt, Failure> {
        let Rendered::Text(text) = &message.content else {
            return Err(Failure::Permanent { reason: "an email cannot be sent as SMS".to_owned() });
        };
        let (key, sender) = match &self.settings.sender {
            TwilioSender::From(from) => ("From", from),
            TwilioSender::Service(service) => ("MessagingServiceSid", service),
        };
        let form = format!("To={}&{key}={}&Body={}", percent(&message.to), percent(sender), percent(text));
        let request = self
            .client
            .post(&self.url)
            .basic_auth(&self.settings.account, Some(self.settings.token.reveal()))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        classify(&http::send(request).await?, &self.settings.token)
    }
}

/// Interprets a response.
fn classify(response: &HttpResponse, token: &Secret) -> Result<Receipt, Failure> {
    let body: Value = response.body.whole().and_then(|b| serde_json::from_slice(b).ok()).unwrap_or_default();
    if (200..300).contains(&response.status) {
        let provider_id = body.get("sid").and_then(Value::as_str).map(str::to_owned);
        let status = body.get("status").and_then(Value::as_str).unwrap_or("accepted");
        return Ok(Receipt { provider_id, detail: redact(status, [token]), ..Receipt::default() });
    }
    let code = body.get("code").and_then(Value::as_u64);
    let reason = reason(response.status, code, &body, token);
    // 20429: too many requests; 21611 and 30001: the sender's queue is full.
    if matches!(code, Some(20429 | 21611 | 30001)) || matches!(response.status, 401 | 408 | 429) {
        return Err(Failure::Retry { reason, after: response.retry_after });
    }
    match response.status {
        // 21610: the recipient has sent STOP.
        _ if code == Some(21610) => Err(Failure::OptedOut { reason }),
        504 => Err(Failure::Unknown { reason }),
        500.. => Err(Failure::Retry { reason, after: response.retry_after }),
        _ => Err(Failure::Permanent { reason }),
    }
}

/// Explains common error codes; other errors keep Twilio's own message.
fn reason(status: u16, code: Option<u64>, body: &Value, token: &Secret) -> String {
    let known = match code {
        Some(21211) => Some("invalid phone number"),
        Some(21408) => Some("the account is not permitted to send to this country"),
        Some(21610) => Some("the recipient has opted out at the provider"),
        Some(21614) => Some("not a mobile number"),
        _ => None,
    };
    let message = || body.get("message").and_then(Value::as_str).unwrap_or("no reason given");
    let text = known.map_or_else(|| redact(message(), [token]), str::to_owned);
    match code {
        Some(code) => format!("{text} (twilio {code})"),
        None => format!("{text} (twilio answered {status})"),
    }
}

impl Channel for Twilio {
    fn name(&self) -> &'static str {
        "twilio"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.attempt(message))
    }

    fn on_unknown(&self) -> OnUnknown {
        self.settings.on_unknown
    }

    fn limits(&self) -> Limits {
        self.settings.limits
    }
}
