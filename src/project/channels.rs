//! `[channels.NAME]`: the settings of the channels, which are created once secrets are read.

use super::channel_options::{ChannelOptions, into_channel};
use super::gateway::{self, GatewayConfig};
use super::secret::{Environment, Reference, read as read_secret};
use super::smtp::{self, SmtpConfig};
use super::table::Table;
use crate::channel::{
    Channel, Console, EgressPolicy, Limits, Secret, TELEGRAM_URL, TWILIO_URL, Telegram, TelegramSettings, Twilio,
    TwilioSender, TwilioSettings, check_url,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

/// The channels of the language, and the providers that support each.
const CHANNELS: &[(&str, &[&str])] = &[
    ("sms", &["twilio", "http", "console"]),
    ("email", &["smtp", "console"]),
    ("telegram", &["telegram", "http", "console"]),
    ("whatsapp", &["http", "console"]),
];

/// The settings of a channel, without its secrets.
#[derive(Debug, Clone)]
pub(super) struct ChannelConfig {
    span: Span,
    provider: Provider,
}

#[derive(Debug, Clone)]
enum Provider {
    Console(Limits),
    Smtp(SmtpConfig),
    Http(GatewayConfig),
    Twilio(TwilioSettings, Reference),
    Telegram(TelegramSettings, Reference),
}

impl ChannelConfig {
    /// Whether it sends emails without an unsubscribe link.
    pub(super) fn lacks_unsubscribe(&self) -> bool {
        match &self.provider {
            Provider::Smtp(mail) => mail.lacks_unsubscribe(),
            Provider::Console(_) | Provider::Http(_) | Provider::Twilio(..) | Provider::Telegram(..) => false,
        }
    }

    /// The secret of its unsubscribe addresses.
    pub(super) fn unsubscribe_secret(&self) -> Option<&Reference> {
        match &self.provider {
            Provider::Smtp(mail) => mail.unsubscribe_secret(),
            Provider::Console(_) | Provider::Http(_) | Provider::Twilio(..) | Provider::Telegram(..) => None,
        }
    }

    /// The addresses of its emails: of the sender, and for replies.
    pub(super) fn mailboxes(&self) -> Option<(&str, Option<(&str, Span)>)> {
        match &self.provider {
            Provider::Smtp(mail) => Some(mail.mailboxes()),
            Provider::Console(_) | Provider::Http(_) | Provider::Twilio(..) | Provider::Telegram(..) => None,
        }
    }

    /// Creates the channel. Each missing secret is reported.
    pub(super) fn channel(&self, root: &Path, env: Environment<'_>) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        match &self.provider {
            Provider::Console(limits) => Ok(Arc::new(Console::new(*limits))),
            Provider::Smtp(mail) => mail.channel(self.span, root, env),
            Provider::Http(gateway) => gateway.channel(self.span, root, env),
            Provider::Twilio(settings, token) => {
                let token = read_secret(token, root, env).map_err(|missing| vec![*missing])?;
                into_channel(self.span, Twilio::new(TwilioSettings { token, ..settings.clone() }))
            }
            Provider::Telegram(settings, token) => {
                let token = read_secret(token, root, env).map_err(|missing| vec![*missing])?;
                into_channel(self.span, Telegram::new(TelegramSettings { token, ..settings.clone() }))
            }
        }
    }
}

/// Reads all channels, and the default template of each.
pub(super) fn read(table: &Table<'_>, templates: &mut BTreeMap<String, String>) -> BTreeMap<String, ChannelConfig> {
    let mut channels = BTreeMap::new();
    for (name, providers) in CHANNELS {
        let Some(table) = table.table(name) else { continue };
        if let Some(template) = table.text("template") {
            templates.insert((*name).to_owned(), template.node);
        }
        if let Some(config) = channel(name, providers, &table) {
            channels.insert((*name).to_owned(), config);
        }
    }
    table.report_unknown_keys();
    channels
}

fn channel(name: &str, providers: &[&'static str], table: &Table<'_>) -> Option<ChannelConfig> {
    // Without a provider, the valid keys are unknown.
    let provider = table.choice("provider", providers);
    if !table.has("provider") {
        let message = say!("`{title}` needs `{key}`", title = table.title.clone(), key = "provider");
        let finding = Diagnostic::new(Code::BadSetting, table.span, message, say!("missing `{key}`", key = "provider"));
        let all: Vec<String> = providers.iter().map(|provider| format!("`\"{provider}\"`")).collect();
        let help = say!("add `provider = \"console\"` to print messages; the values are {all}", all = all.join(", "));
        table.findings.push(finding.help(help));
    }
    let provider = provider?;
    let options = ChannelOptions::read(table, name == "email");
    let provider = match provider {
        "smtp" => smtp::read(table, options).map(Provider::Smtp),
        "http" => gateway::read(table, options).map(Provider::Http),
        "twilio" => twilio(table, options),
        "telegram" => telegram(table, options),
        _ => Some(Provider::Console(options.limits)),
    };
    table.report_unknown_keys();
    provider.map(|provider| ChannelConfig { span: table.span, provider })
}

fn twilio(table: &Table<'_>, options: ChannelOptions) -> Option<Provider> {
    let account = table.require("account", table.text("account"));
    let token = table.require("token", table.secret("token"));
    let (from, service) = (table.text("from"), table.text("messaging_service"));
    let (base_url, allow_private) = server(table, TWILIO_URL);
    let sender = match (from, service) {
        (Some(from), None) => Some(TwilioSender::From(from.node)),
        (None, Some(service)) => Some(TwilioSender::Service(service.node)),
        (Some(_), Some(service)) => {
            table.findings.bad_setting(
                service.span,
                say!("`from` and `messaging_service` are mutually exclusive"),
                say!("use only one of them"),
            );
            None
        }
        (None, None) if table.has("from") || table.has("messaging_service") => None,
        (None, None) => {
            let message = say!("`{title}` needs `from` or `messaging_service`", title = table.title);
            table.findings.bad_setting(table.span, message, say!("no sender"));
            None
        }
    };
    let settings = TwilioSettings {
        account: account?.node,
        token: Secret::new(""),
        sender: sender?,
        base_url,
        allow_private,
        timeout: options.timeout,
        on_unknown: options.on_unknown,
        limits: options.limits,
    };
    Some(Provider::Twilio(settings, token?))
}

fn telegram(table: &Table<'_>, options: ChannelOptions) -> Option<Provider> {
    let token = table.require("token", table.secret("token"));
    let (base_url, allow_private) = server(table, TELEGRAM_URL);
    let settings = TelegramSettings {
        token: Secret::new(""),
        base_url,
        allow_private,
        timeout: options.timeout,
        on_unknown: options.on_unknown,
        limits: options.limits,
    };
    Some(Provider::Telegram(settings, token?))
}

/// The server of a provider, and whether it may be inside the own network.
fn server(table: &Table<'_>, usual: &str) -> (String, bool) {
    let base_url = table.text("base_url");
    let allow_private = table.flag("allow_private");
    if let Some(url) = &base_url
        && let Err(fault) = check_url(&url.node, false, &EgressPolicy::new(allow_private))
    {
        table.findings.bad_setting(
            url.span,
            say!("`{key}` {fault}", key = "base_url", fault = fault.phrase()),
            say!("cannot be used"),
        );
    }
    (base_url.map_or_else(|| usual.to_owned(), |url| url.node), allow_private)
}
