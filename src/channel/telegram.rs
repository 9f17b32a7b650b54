//! Messages through the Telegram Bot API: `sendMessage`.

use super::egress::{EgressPolicy, check_url};
use super::http::{self, HttpResponse};
use super::secret::{Secret, redact};
use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::diagnostic::Phrase;
use crate::engine::{Message, Rendered};
use crate::say;
use reqwest::Client;
use serde_json::{Value, json};
use std::time::Duration;

/// The base URL of the Bot API.
pub const TELEGRAM_URL: &str = "https://api.telegram.org";

/// Limit: the longest text that the Bot API takes, in UTF-16 code units after entities are parsed.
const MAX_TEXT: usize = 4096;

/// The settings of a bot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TelegramSettings {
    /// The token of the bot.
    pub token: Secret,
    /// [`TELEGRAM_URL`], or a Bot API server of your own.
    pub base_url: String,
    /// Whether `base_url` may be in a private network and use HTTP.
    pub allow_private: bool,
    /// The timeout of one request.
    pub timeout: Duration,
    /// What to do when the outcome is unknown: the Bot API has no idempotency keys.
    pub on_unknown: OnUnknown,
    /// The rate limits.
    pub limits: Limits,
}

/// A bot.
#[derive(Debug)]
pub struct Telegram {
    settings: TelegramSettings,
    url: String,
    client: Client,
}

impl Telegram {
    /// Creates the channel without sending anything.
    ///
    /// # Errors
    /// A setting is invalid; the error does not repeat the token.
    pub fn new(settings: TelegramSettings) -> Result<Self, Phrase> {
        let token = settings.token.reveal();
        // A token is part of the address, so nothing else may be in it.
        let is_token = token.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":_-".contains(&byte));
        if !is_token || !token.contains(':') {
            return Err(say!("the token is not that of a bot, such as `123456:ABC-..`"));
        }
        let egress = EgressPolicy::new(settings.allow_private);
        let base = check_url(&settings.base_url, false, &egress);
        let base = base.map_err(|fault| say!("`{key}` {fault}", key = "base_url", fault = fault.phrase()))?;
        let client = http::client(base.scheme() == "https", &egress, settings.timeout).map_err(Phrase::verbatim)?;
        let url = format!("{}/bot{token}/sendMessage", settings.base_url.trim_end_matches('/'));
        Ok(Self { settings, url, client })
    }

    async fn attempt(&self, message: &Message) -> Result<Receipt, Failure> {
        let Rendered::Text(text) = &message.content else {
            return Err(Failure::Permanent { reason: "an email cannot be sent to Telegram".to_owned() });
        };
        if text.encode_utf16().count() > MAX_TEXT {
            return Err(Failure::Permanent { reason: format!("the text is longer than {MAX_TEXT} characters") });
        }
        let body = json!({"chat_id": message.to, "text": text}).to_string();
        let request = self.client.post(&self.url).header("content-type", "application/json").body(body);
        classify(&http::send(request).await?, &self.settings.token)
    }
}

/// Interprets a response: `{"ok": .., "result": .., "description": .., "parameters": ..}`.
fn classify(response: &HttpResponse, token: &Secret) -> Result<Receipt, Failure> {
    let body: Value = response.body.whole().and_then(|b| serde_json::from_slice(b).ok()).unwrap_or_default();
    if (200..300).contains(&response.status) && body["ok"] == true {
        let provider_id = body.pointer("/result/message_id").map(Value::to_string);
        return Ok(Receipt { provider_id, detail: "accepted".to_owned(), ..Receipt::default() });
    }
    let said = body["description"].as_str().unwrap_or("no reason given");
    let reason = format!("{} (telegram answered {})", redact(said, [token]), response.status);
    let asked = body.pointer("/parameters/retry_after").and_then(Value::as_u64).map(Duration::from_secs);
    match response.status {
        // The client has blocked the bot, or never started it.
        403 => Err(Failure::OptedOut { reason }),
        401 | 404 | 408 | 429 => Err(Failure::Retry { reason, after: asked.or(response.retry_after) }),
        200..300 | 504 => Err(Failure::Unknown { reason }),
        500.. => Err(Failure::Retry { reason, after: response.retry_after }),
        _ => Err(Failure::Permanent { reason }),
    }
}

impl Channel for Telegram {
    fn name(&self) -> &'static str {
        "telegram"
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
