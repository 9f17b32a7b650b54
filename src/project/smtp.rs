//! `provider = "smtp"`: the settings of a mail server, and the channel once secrets are read.

use super::channel_options::{ChannelOptions, into_channel};
use super::secret::{Environment, Reference, read as read_secret};
use super::table::Table;
use crate::channel::{
    Channel, EgressPolicy, Secret, Smtp, SmtpSettings, SmtpTls, UNSUBSCRIBE_PLACEHOLDERS, Unsubscribe, check_mailbox,
    check_url, is_loopback, placeholders,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use std::path::Path;
use std::sync::Arc;

/// The settings of a mail server, without its secrets.
#[derive(Debug, Clone)]
pub(super) struct SmtpConfig {
    settings: SmtpSettings,
    password: Option<Reference>,
    unsubscribe_secret: Option<Reference>,
    ca_file: Option<Spanned<String>>,
    /// The place of the reply address.
    reply_span: Option<Span>,
}

impl SmtpConfig {
    /// The addresses of the sender and for replies, the latter with its place.
    pub(super) fn mailboxes(&self) -> (&str, Option<(&str, Span)>) {
        (&self.settings.from, self.settings.reply_to.as_deref().zip(self.reply_span))
    }

    /// The secret of the unsubscribe URL, if it is signed.
    pub(super) fn unsubscribe_secret(&self) -> Option<&Reference> {
        self.unsubscribe_secret.as_ref()
    }

    /// Whether no unsubscribe URL is set.
    pub(super) fn lacks_unsubscribe(&self) -> bool {
        self.settings.unsubscribe.is_none()
    }

    pub(super) fn channel(
        &self,
        span: Span,
        root: &Path,
        env: Environment<'_>,
    ) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        let (mut settings, mut found) = (self.settings.clone(), Vec::new());
        if let (Some((_, password)), Some(reference)) = (&mut settings.login, &self.password) {
            read_secret(reference, root, env).map(|secret| *password = secret).unwrap_or_else(|e| found.push(*e));
        }
        if let (Some(unsubscribe), Some(reference)) = (&mut settings.unsubscribe, &self.unsubscribe_secret) {
            let secret = read_secret(reference, root, env);
            secret.map(|secret| unsubscribe.secret = Some(secret)).unwrap_or_else(|e| found.push(*e));
        }
        if let Some(path) = &self.ca_file {
            match std::fs::read(root.join(&path.node)) {
                Ok(pem) => settings.ca = Some(pem),
                Err(e) => {
                    let message = say!("cannot read `{path}`: {fault}", path = path.node, fault = e.to_string());
                    found.push(Diagnostic::new(Code::BadSetting, path.span, message, say!("needed to send messages")));
                }
            }
        }
        if found.is_empty() { into_channel(span, Smtp::new(settings)) } else { Err(found) }
    }
}

pub(super) fn read(table: &Table<'_>, options: ChannelOptions) -> Option<SmtpConfig> {
    let host = table.require("host", table.text("host"));
    let from = table.require("from", table.text("from").filter(|text| is_mailbox(table, "from", text)));
    let reply_to = table.text("reply_to").filter(|text| is_mailbox(table, "reply_to", text));
    let insecure = table.flag("insecure");
    let tls = tls(table, host.as_ref(), insecure);
    let port = table.number("port", 1..=65535).and_then(|port| u16::try_from(port).ok());
    let (user, password) = (table.text("user"), table.secret("password"));
    if table.has("user") != table.has("password") {
        let (there, missing) = if table.has("user") { ("user", "password") } else { ("password", "user") };
        table.findings.bad_setting(
            table.span,
            say!("`{there}` needs `{missing}`", there, missing),
            say!("incomplete login"),
        );
    }
    let (unsubscribe, unsubscribe_secret) = unsubscribe(table);
    let ca_file = table.text("ca_file");
    let reply_span = reply_to.as_ref().map(|text| text.span);
    let settings = SmtpSettings {
        host: host?.node,
        port: port.unwrap_or(match tls {
            SmtpTls::None => 25,
            SmtpTls::Starttls => 587,
            SmtpTls::Tls => 465,
        }),
        tls,
        login: user.map(|user| (user.node, Secret::new(""))),
        ca: None,
        insecure,
        from: from?.node,
        reply_to: reply_to.map(|text| text.node),
        unsubscribe,
        timeout: options.timeout,
        on_unknown: options.on_unknown,
        limits: options.limits,
    };
    Some(SmtpConfig { settings, password, unsubscribe_secret, ca_file, reply_span })
}

fn tls(table: &Table<'_>, host: Option<&Spanned<String>>, insecure: bool) -> SmtpTls {
    match table.choice("tls", &["starttls", "tls", "none"]) {
        Some("none") => {
            if let Some(host) = host.filter(|host| !insecure && !is_loopback(&host.node)) {
                let message = say!("mail to `{host}` would be sent unencrypted", host = host.node);
                table.findings.push(
                    Diagnostic::new(Code::BadSetting, host.span, message, say!("not the local machine")).help(say!(
                        "remove `tls = \"none\"`, or add `insecure = true` if you control the whole network path"
                    )),
                );
            }
            SmtpTls::None
        }
        Some("tls") => SmtpTls::Tls,
        _ => SmtpTls::Starttls,
    }
}

fn is_mailbox(table: &Table<'_>, key: &str, text: &Spanned<String>) -> bool {
    let fault = check_mailbox(&text.node).err();
    if let Some(fault) = &fault {
        let help = say!("write `\"name@example.com\"` or `\"Name <name@example.com>\"`");
        let found =
            Diagnostic::new(Code::BadSetting, text.span, say!("`{key}` {fault}", key, fault), say!("not an address"));
        table.findings.push(found.help(help));
    }
    fault.is_none()
}

fn unsubscribe(table: &Table<'_>) -> (Option<Unsubscribe>, Option<Reference>) {
    let url = table.text("unsubscribe_url");
    let secret = table.secret("unsubscribe_secret");
    let Some(url) = url else { return (None, secret) };
    // RFC 8058 requires https, and mail headers require ASCII.
    if let Err(fault) = check_url(&url.node, false, &EgressPolicy::default()) {
        table.findings.bad_setting(
            url.span,
            say!("`{key}` {fault}", key = "unsubscribe_url", fault = fault.phrase()),
            say!("cannot be used"),
        );
    } else if !url.node.is_ascii() || url.node.contains(char::is_whitespace) {
        let message = say!("`unsubscribe_url` must be ASCII without spaces");
        table.findings.bad_setting(url.span, message, say!("not allowed in a header"));
    }
    let names: Vec<_> = placeholders(&url.node).into_iter().map(|(_, name)| name).collect();
    if let Some(name) = names.iter().find(|name| !UNSUBSCRIBE_PLACEHOLDERS.contains(name)) {
        let message = say!("unknown placeholder `{{{name}}}` in `unsubscribe_url`", name);
        table.findings.push(
            Diagnostic::new(Code::BadSetting, url.span, message, say!("unknown placeholder"))
                .help(say!("available placeholders: `{{client}}`, `{{message}}`, `{{topic}}` and `{{signature}}`")),
        );
    }
    if names.contains(&"signature") && !table.has("unsubscribe_secret") {
        let found = Diagnostic::new(
            Code::BadSetting,
            url.span,
            say!("`{{signature}}` needs `unsubscribe_secret`"),
            say!("missing signing secret"),
        );
        table.findings.push(found.help(say!("add `unsubscribe_secret = {{ env = \"UNSUBSCRIBE_SECRET\" }}`")));
    }
    (Some(Unsubscribe { url: url.node, secret: None }), secret)
}
