//! The channels of a project: in, `[channels.NAME]`; out, settings that become channels once secrets are read.

use super::gateway::{self, Gateway};
use super::secret::{Environment, Reference, read as read_secret};
use super::smtp::{self, Mail};
use super::table::Table;
use crate::channel::{
    Channel, Console, EgressPolicy, Limits, OnUnknown, Secret, TWILIO_URL, Twilio, TwilioSender, TwilioSettings,
    check_url,
};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The channels that the language knows, and who can take their messages.
const CHANNELS: &[(&str, &[&str])] = &[
    ("sms", &["twilio", "http", "console"]),
    ("email", &["smtp", "console"]),
    ("telegram", &["http", "console"]),
    ("whatsapp", &["http", "console"]),
];

/// A channel as the file describes it, without its secrets.
#[derive(Debug, Clone)]
pub(super) struct Configured {
    span: Span,
    provider: Provider,
}

#[derive(Debug, Clone)]
enum Provider {
    Console(Limits),
    Smtp(Mail),
    Http(Gateway),
    Twilio(TwilioSettings, Reference),
}

/// What every channel may have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shared {
    pub(super) limits: Limits,
    pub(super) on_unknown: OnUnknown,
    pub(super) timeout: Duration,
}

impl Configured {
    /// Whether it sends letters in which nobody can end their consent.
    pub(super) fn lacks_unsubscribe(&self) -> bool {
        match &self.provider {
            Provider::Smtp(mail) => mail.lacks_unsubscribe(),
            Provider::Console(_) | Provider::Http(_) | Provider::Twilio(..) => false,
        }
    }

    /// The addresses of its letters: of the sender and for answers.
    pub(super) fn mailboxes(&self) -> Option<(&str, Option<(&str, Span)>)> {
        match &self.provider {
            Provider::Smtp(mail) => Some(mail.mailboxes()),
            Provider::Console(_) | Provider::Http(_) | Provider::Twilio(..) => None,
        }
    }

    /// Makes the channel. Every secret that is missing is a finding of its own.
    pub(super) fn channel(&self, root: &Path, env: Environment<'_>) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        match &self.provider {
            Provider::Console(limits) => Ok(Arc::new(Console::new(*limits))),
            Provider::Smtp(mail) => mail.channel(self.span, root, env),
            Provider::Http(gateway) => gateway.channel(self.span, root, env),
            Provider::Twilio(settings, token) => {
                let token = read_secret(token, root, env).map_err(|missing| vec![*missing])?;
                made(self.span, Twilio::new(TwilioSettings { token, ..settings.clone() }))
            }
        }
    }
}

/// A channel, or a finding that says which setting it cannot be made of.
pub(super) fn made<C: Channel + 'static>(
    span: Span,
    channel: Result<C, Phrase>,
) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
    match channel {
        Ok(channel) => Ok(Arc::new(channel)),
        Err(fault) => Err(vec![Diagnostic::new(Code::BadSetting, span, fault, say!("cannot be set up"))]),
    }
}

/// Reads all channels, and the default template of each.
pub(super) fn read(table: &Table<'_>, templates: &mut BTreeMap<String, String>) -> BTreeMap<String, Configured> {
    let mut channels = BTreeMap::new();
    for (name, providers) in CHANNELS {
        let Some(own) = table.table(name) else { continue };
        if let Some(template) = own.text("template") {
            templates.insert((*name).to_owned(), template.node);
        }
        if let Some(configured) = channel(name, providers, &own) {
            channels.insert((*name).to_owned(), configured);
        }
    }
    table.close();
    channels
}

fn channel(name: &str, providers: &[&'static str], own: &Table<'_>) -> Option<Configured> {
    let email = name == "email";
    // Without a provider nobody can say which keys belong here.
    let provider = own.must("provider", own.choice("provider", providers))?;
    let shared = shared(own, email);
    let provider = match provider {
        "smtp" => smtp::read(own, shared).map(Provider::Smtp),
        "http" => gateway::read(own, shared).map(Provider::Http),
        "twilio" => twilio(own, shared),
        _ => Some(Provider::Console(shared.limits)),
    };
    own.close();
    provider.map(|provider| Configured { span: own.span, provider })
}

fn shared(own: &Table<'_>, email: bool) -> Shared {
    let unset = Limits::default();
    let concurrency = own.number("concurrency", 1..=1000).and_then(|n| usize::try_from(n).ok());
    let per_second = own.number("per_second", 1..=100_000).and_then(|n| u32::try_from(n).ok());
    let on_unknown = match own.choice("on_unknown", &["skip", "resend"]) {
        Some("skip") => OnUnknown::Skip,
        Some(_) => OnUnknown::Resend,
        // A mail server can tell a repeat by its Message-ID, a phone cannot.
        None if email => OnUnknown::Resend,
        None => OnUnknown::Skip,
    };
    let timeout = own.number("timeout_seconds", 1..=600).unwrap_or(if email { 60 } else { 30 });
    Shared {
        limits: Limits { concurrency: concurrency.unwrap_or(unset.concurrency), per_second },
        on_unknown,
        timeout: Duration::from_secs(timeout),
    }
}

fn twilio(own: &Table<'_>, shared: Shared) -> Option<Provider> {
    let account = own.must("account", own.text("account"));
    let token = own.must("token", own.secret("token"));
    let (from, service) = (own.text("from"), own.text("messaging_service"));
    let base_url = own.text("base_url");
    let allow_private = own.flag("allow_private");
    let sender = match (from, service) {
        (Some(from), None) => Some(TwilioSender::From(from.node)),
        (None, Some(service)) => Some(TwilioSender::Service(service.node)),
        (Some(_), Some(service)) => {
            own.findings.bad(
                service.span,
                say!("`from` and `messaging_service` exclude each other"),
                say!("one of the two"),
            );
            None
        }
        (None, None) if own.has("from") || own.has("messaging_service") => None,
        (None, None) => {
            let message = say!("`{title}` needs `from` or `messaging_service`", title = own.title);
            own.findings.bad(own.span, message, say!("nobody to send from"));
            None
        }
    };
    if let Some(url) = &base_url
        && let Err(fault) = check_url(&url.node, false, &EgressPolicy::new(allow_private))
    {
        own.findings.bad(
            url.span,
            say!("`{key}` {fault}", key = "base_url", fault = fault.phrase()),
            say!("cannot be used"),
        );
    }
    let settings = TwilioSettings {
        account: account?.node,
        token: Secret::new(""),
        sender: sender?,
        base_url: base_url.map_or_else(|| TWILIO_URL.to_owned(), |url| url.node),
        allow_private,
        timeout: shared.timeout,
        on_unknown: shared.on_unknown,
        limits: shared.limits,
    };
    Some(Provider::Twilio(settings, token?))
}
