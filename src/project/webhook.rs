//! `[webhook]`, `[actions.NAME]` and `[tasks]`: the settings of webhooks, which are created once secrets are read. Reports
//! addresses that requests may not go to.

use super::channel_options::into_channel;
use super::header::{self, References};
use super::secret::{Environment, Reference, describe, read as read_secret};
use super::table::Table;
use crate::channel::{
    Channel, Channels, Console, EgressPolicy, Limits, SigningKey, UrlFault, WEBHOOK_HEADERS, Webhook, WebhookSettings,
    WebhookTarget, check_url, placeholders,
};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// The default timeout of one request, in seconds.
const TIMEOUT_S: u64 = 20;

/// The webhook settings of a project.
#[derive(Debug, Clone, Default)]
pub(super) struct Webhooks {
    /// The settings of calls; `None` prints them.
    calls: Option<WebhookConfig>,
    /// The settings of each action.
    actions: BTreeMap<String, WebhookConfig>,
    /// The settings of tasks; `None` prints them.
    tasks: Option<WebhookConfig>,
    /// The places of all action names, including those with invalid settings.
    pub(super) action_spans: BTreeMap<String, Span>,
    egress: EgressPolicy,
    insecure: bool,
}

/// The settings of a webhook, without its secrets.
#[derive(Debug, Clone)]
struct WebhookConfig {
    span: Span,
    /// Whether requests are only printed.
    console: bool,
    settings: WebhookSettings,
    secrets: References,
    keys: Vec<Reference>,
}

impl Webhooks {
    /// Reads the tables.
    pub(super) fn read(top: &Table<'_>) -> Self {
        let mut webhooks = Self::default();
        if let Some(table) = top.table("webhook") {
            webhooks.egress = egress(&table);
            webhooks.insecure = table.flag("insecure");
            webhooks.calls = Some(webhooks.config(&table, None, References::new()));
            table.report_unknown_keys();
        }
        for (name, table) in top.table("actions").iter().flat_map(Table::tables) {
            webhooks.action_spans.insert(name.node.to_owned(), name.span);
            if let Some(action) = webhooks.action(&table) {
                webhooks.actions.insert(name.node.to_owned(), action);
            }
            table.report_unknown_keys();
        }
        if let Some(table) = top.table("tasks") {
            webhooks.tasks = webhooks.action(&table);
            table.report_unknown_keys();
        }
        webhooks
    }

    fn config(&self, table: &Table<'_>, target: Option<WebhookTarget>, secrets: References) -> WebhookConfig {
        let unset = Limits::default();
        let concurrency = table.number("concurrency", 1..=1000).and_then(|n| usize::try_from(n).ok());
        let per_second = table.number("per_second", 1..=100_000).and_then(|n| u32::try_from(n).ok());
        let settings = WebhookSettings {
            target,
            keys: Vec::new(),
            egress: self.egress.clone(),
            insecure: self.insecure,
            timeout: Duration::from_secs(table.number("timeout_seconds", 1..=120).unwrap_or(TIMEOUT_S)),
            give_up: table.number("give_up_seconds", 1..=604_800).map(Duration::from_secs),
            limits: Limits { concurrency: concurrency.unwrap_or(unset.concurrency), per_second },
        };
        let console = table.choice("provider", &["webhook", "console"]) == Some("console");
        WebhookConfig { span: table.span, console, settings, secrets, keys: keys(table) }
    }

    fn action(&self, table: &Table<'_>) -> Option<WebhookConfig> {
        let mut secrets = header::secrets(table, &[]);
        let method = table.choice("method", &["POST", "PUT", "PATCH"]).unwrap_or("POST");
        let bare = table.choice("body", &["envelope", "data"]) == Some("data");
        let reserved = |name: &str| {
            WEBHOOK_HEADERS
                .contains(&name)
                .then(|| say!("`{name}` is set for each request and cannot be changed", name))
        };
        let headers = header::headers(table, &mut secrets, reserved);
        let url = table.text("url");
        let templates = url.iter().chain(headers.iter().map(|(_, value)| value));
        templates.for_each(|template| header::check_placeholders(table, template, &[], &secrets));
        let config = self.config(table, None, secrets.references);
        let url = if config.console { url } else { table.require("url", url) };
        if let Some(url) = &url {
            self.check_address(table, url);
        }
        let target = WebhookTarget {
            method: method.to_owned(),
            url: url.map_or_else(String::new, |url| url.node),
            headers: headers.into_iter().map(|(name, value)| (name.node, value.node)).collect(),
            secrets: BTreeMap::new(),
            bare,
        };
        let usable = config.console || !target.url.is_empty();
        usable.then(|| WebhookConfig {
            settings: WebhookSettings { target: Some(target), ..config.settings.clone() },
            ..config
        })
    }

    /// Checks that the host is fixed and that requests may go to it.
    fn check_address(&self, table: &Table<'_>, url: &Spanned<String>) {
        let host_start = url.node.find("://").map_or(0, |at| at + 3);
        let host_end = url.node[host_start..].find(['/', '?', '#']).map_or(url.node.len(), |at| host_start + at);
        if placeholders(&url.node).iter().any(|(at, _)| *at < host_end) {
            table.findings.bad_setting(
                url.span,
                say!("placeholders in `url` must follow the host"),
                say!("placeholder in the host"),
            );
        } else if let Some(finding) = self.address_finding(url) {
            table.findings.push(finding);
        }
    }

    /// Reports an address that requests may not go to.
    fn address_finding(&self, url: &Spanned<String>) -> Option<Diagnostic> {
        let fault = check_url(&url.node, self.insecure, &self.egress).err()?;
        let shown = url.node.split(['?', '#']).next().unwrap_or("");
        let found = |message: Phrase, label: Phrase| Diagnostic::new(Code::RefusedAddress, url.span, message, label);
        Some(match fault {
            UrlFault::PlainHttp => found(say!("requests to `{shown}` are not encrypted", shown), say!("not encrypted"))
                .help(say!("write `https://`"))
                .help(say!("or add `insecure = true` to `[webhook]` if you control the whole network path")),
            UrlFault::Private => {
                found(say!("`{shown}` is a private network address", shown), say!("not a public address"))
                    .help(say!("if this is intended, add to `[webhook]`: `allow = [\"{host}\"]`", host = host(shown)))
            }
            UrlFault::Credentials => {
                found(say!("credentials are not allowed in an address"), say!("contains credentials")).help(say!(
                    "send it as a header, `Authorization = \"Basic {{key}}\"`, and define the secret under `secrets`"
                ))
            }
            UrlFault::Invalid | UrlFault::UnsupportedScheme => {
                found(say!("`{key}` {fault}", key = shown, fault = fault.phrase()), say!("not a valid address"))
                    .help(say!("use an address such as `\"https://crm.example/new\"`"))
            }
        })
    }

    /// Checks the addresses of calls; when calls are only printed, any is allowed.
    pub(super) fn check_addresses(&self, addresses: &[Spanned<String>]) -> Vec<Diagnostic> {
        if self.calls.as_ref().is_none_or(|calls| calls.console) {
            return Vec::new();
        }
        addresses.iter().filter_map(|address| self.address_finding(address)).collect()
    }

    /// Creates the channels under the names that messages use, and returns the findings about those that cannot be
    /// created.
    pub(super) fn channels(&self, root: &Path, env: Environment<'_>, channels: &mut Channels) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let calls = self.calls.iter().map(|config| ("call".to_owned(), config));
        let actions = self.actions.iter().map(|(name, config)| (format!("do {name}"), config));
        let tasks = self.tasks.iter().map(|config| ("task".to_owned(), config));
        for (name, config) in calls.chain(actions).chain(tasks) {
            match config.channel(root, env) {
                Ok(channel) => channels.insert(name, channel),
                Err(diagnostics) => found.extend(diagnostics),
            }
        }
        found
    }
}

impl WebhookConfig {
    fn channel(&self, root: &Path, env: Environment<'_>) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        let mut settings = self.settings.clone();
        if self.console {
            return Ok(Arc::new(Console::new(settings.limits)));
        }
        let (mut found, mut keys) = (Vec::new(), Vec::new());
        for reference in &self.keys {
            match read_secret(reference, root, env) {
                Ok(secret) => match SigningKey::parse(&secret) {
                    Ok(key) => keys.push(key),
                    Err(fault) => found.push(bad_secret(reference, &fault)),
                },
                Err(missing) => found.push(*missing),
            }
        }
        let secrets = header::reveal(&self.secrets, root, env).unwrap_or_else(|missing| {
            found.extend(missing);
            BTreeMap::new()
        });
        if !found.is_empty() {
            return Err(found);
        }
        settings.keys = keys;
        if let Some(target) = &mut settings.target {
            target.secrets = secrets;
        }
        into_channel(self.span, Webhook::new(settings))
    }
}

fn egress(table: &Table<'_>) -> EgressPolicy {
    let mut egress = EgressPolicy::default();
    for entry in table.texts("allow").unwrap_or_default() {
        if let Err(fault) = egress.allow(&entry.node) {
            table.findings.bad_setting(
                entry.span,
                say!("`{key}` {fault}", key = entry.node, fault),
                say!("not a host or a network"),
            );
        }
    }
    egress
}

/// The signing secrets: the current one, and one that receivers may still use.
fn keys(table: &Table<'_>) -> Vec<Reference> {
    let (secret, previous) = (table.secret("secret"), table.secret("previous_secret"));
    if let Some(previous) = previous.as_ref().filter(|_| !table.has("secret")) {
        table.findings.bad_setting(previous.span, say!("`previous_secret` needs `secret`"), say!("no current secret"));
    }
    secret.into_iter().chain(previous).collect()
}

fn bad_secret(reference: &Reference, fault: &Phrase) -> Diagnostic {
    let message = say!("{place} {fault}", place = describe(&reference.node), fault);
    Diagnostic::new(Code::BadSecret, reference.span, message, say!("not a signing secret"))
        .help(say!("a signing secret is `whsec_` followed by 24 to 64 bytes in base64"))
        .help(say!("generate one with `echo \"whsec_$(openssl rand -base64 32)\"` and share it with the receiver"))
}

/// The host of a URL, in the form of an `allow` entry.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or("");
    match host.strip_prefix('[') {
        Some(ip) => ip.split(']').next().unwrap_or(""),
        None => host.split(':').next().unwrap_or(""),
    }
}
