//! `provider = "http"`: the settings of an HTTP gateway, and the channel once secrets are read.

use super::channel_options::{ChannelOptions, into_channel};
use super::header::{self, References};
use super::secret::Environment;
use super::table::{Entry, Table};
use crate::channel::{
    Channel, EgressPolicy, Escape, Expected, GATEWAY_PLACEHOLDERS, GatewaySettings, ResponseRules, SmsGateway,
    UrlFault, check_url, fill, placeholders,
};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use toml::de::DeValue;

/// The settings of a gateway, without its secrets.
#[derive(Debug, Clone)]
pub(super) struct GatewayConfig {
    settings: GatewaySettings,
    secrets: References,
}

impl GatewayConfig {
    pub(super) fn channel(
        &self,
        span: Span,
        root: &Path,
        env: Environment<'_>,
    ) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        let secrets = header::reveal(&self.secrets, root, env)?;
        into_channel(span, SmsGateway::new(GatewaySettings { secrets, ..self.settings.clone() }))
    }
}

pub(super) fn read(table: &Table<'_>, options: ChannelOptions) -> Option<GatewayConfig> {
    let method = table.choice("method", &["POST", "PUT", "GET"]).unwrap_or("POST");
    let url = table.require("url", table.text("url"));
    let (allow_private, insecure) = (table.flag("allow_private"), table.flag("insecure"));
    let mut secrets = header::secrets(table, GATEWAY_PLACEHOLDERS);
    let reserved = |name: &str| (name == "content-type").then(|| say!("the body type is set by `content_type`"));
    let headers = header::headers(table, &mut secrets, reserved);
    let (body, from) = (table.text("body"), table.text("from"));
    let content_type = table.text("content_type").map_or_else(|| "application/json".to_owned(), |text| text.node);
    let idempotency_header = table.text("idempotency_header").filter(|text| header::is_header(table, text));
    let templates = url.iter().chain(&body).chain(headers.iter().map(|(_, value)| value));
    for template in templates {
        header::check_placeholders(table, template, GATEWAY_PLACEHOLDERS, &secrets);
        if from.is_none() {
            check_from(table, template);
        }
    }
    let body_is_valid = !table.has("body") || body.is_some();
    if let Some(url) = url.as_ref().filter(|_| body_is_valid) {
        let headers = headers.iter().map(|(_, value)| value);
        check_message(table, url, &std::iter::once(url).chain(&body).chain(headers).collect::<Vec<_>>());
    }
    if let Some(url) = &url {
        check_address(table, url, insecure, allow_private);
    }
    if let Some(body) = &body {
        check_json(table, body, &content_type);
        check_escape(table, body, &content_type);
    }
    headers.iter().for_each(|(_, value)| check_header(table, value));
    let response_rules = response_rules(table);
    let settings = GatewaySettings {
        method: method.to_owned(),
        url: url?.node,
        headers: headers.into_iter().map(|(name, value)| (name.node, value.node)).collect(),
        content_type,
        body: body.map(|body| body.node),
        from: from.map(|from| from.node),
        secrets: BTreeMap::new(),
        idempotency_header: idempotency_header.map(|name| name.node),
        allow_private,
        insecure,
        timeout: options.timeout,
        response_rules,
        on_unknown: options.on_unknown,
        limits: options.limits,
    };
    Some(GatewayConfig { settings, secrets: secrets.references })
}

/// Checks that `from` is set if a template uses it.
fn check_from(table: &Table<'_>, template: &Spanned<String>) {
    if placeholders(&template.node).iter().any(|(_, name)| *name == "from") {
        let message = say!("`{{from}}` needs `from` in `{title}`", title = table.title);
        table.findings.bad_setting(template.span, message, say!("has no value"));
    }
}

/// Checks that the request contains both the recipient and the text.
fn check_message(table: &Table<'_>, url: &Spanned<String>, templates: &[&Spanned<String>]) {
    let sends = |wanted: &str| templates.iter().any(|text| placeholders(&text.node).iter().any(|(_, n)| *n == wanted));
    let (message, label) = match (sends("to"), sends("text")) {
        (true, true) => return,
        (false, true) => {
            (say!("the gateway request does not include the recipient: no `{{to}}`"), say!("missing `{{to}}`"))
        }
        (true, false) => {
            (say!("the gateway request does not include the message text: no `{{text}}`"), say!("missing `{{text}}`"))
        }
        (false, false) => (
            say!("the gateway request includes neither the recipient nor the message text: no `{{to}}`, no `{{text}}`"),
            say!("missing `{{to}}` and `{{text}}`"),
        ),
    };
    let found = Diagnostic::new(Code::BadSetting, url.span, message, label);
    table.findings.push(
        found
            .help(say!("add `{{to}}` and `{{text}}` to `url`, `body` or the headers"))
            .help(say!("for example `body = '{{\"to\": \"{{to}}\", \"text\": \"{{text}}\"}}'`")),
    );
}

/// Checks that the host is fixed, so that client data cannot change it.
fn check_address(table: &Table<'_>, url: &Spanned<String>, insecure: bool, allow_private: bool) {
    let host_start = url.node.find("://").map_or(0, |at| at + 3);
    let host_end = url.node[host_start..].find(['/', '?', '#']).map_or(url.node.len(), |at| host_start + at);
    if placeholders(&url.node).iter().any(|(at, _)| *at < host_end) {
        table.findings.bad_setting(
            url.span,
            say!("placeholders in `url` must follow the host"),
            say!("placeholder in the host"),
        );
    } else if let Err(fault) = check_url(&url.node, insecure, &EgressPolicy::new(allow_private)) {
        let found = Diagnostic::new(
            Code::BadSetting,
            url.span,
            say!("`{key}` {fault}", key = "url", fault = fault.phrase()),
            say!("cannot be used"),
        );
        table.findings.push(if fault == UrlFault::Private {
            found.help(say!("if this is intended, add `allow_private = true`"))
        } else {
            found
        });
    }
}

/// Checks that a JSON body is valid JSON once its placeholders are filled.
fn check_json(table: &Table<'_>, body: &Spanned<String>, content_type: &str) {
    if Escape::of_content_type(content_type) != Escape::Json {
        return;
    }
    let filled = fill(&body.node, Escape::Json, |_| Some("1"));
    if let Err(e) = serde_json::from_str::<serde_json::Value>(&filled) {
        let found = Diagnostic::new(
            Code::BadSetting,
            body.span,
            say!("`body` is not valid JSON: {fault}", fault = e.to_string()),
            say!("not JSON"),
        );
        table.findings.push(found.help(say!("for a form, add `content_type = \"application/x-www-form-urlencoded\"`")));
    }
}

/// Checks that values can be escaped in a body of this type, so that client data cannot change what is around them.
fn check_escape(table: &Table<'_>, body: &Spanned<String>, content_type: &str) {
    let is_known = Escape::of_content_type(content_type) != Escape::None;
    let is_text_alone = content_type.starts_with("text/plain") && body.node == "{text}";
    if is_known || is_text_alone || placeholders(&body.node).is_empty() {
        return;
    }
    let message = say!("it is not known how to escape values in a body of type `{content_type}`", content_type);
    let found = Diagnostic::new(Code::BadSetting, body.span, message, say!("values cannot be escaped"));
    table.findings.push(
        found
            .help(say!("use JSON, XML, or a form: `content_type = \"application/x-www-form-urlencoded\"`"))
            .help(say!("a body of type `text/plain` may be `{{text}}` and nothing else")),
    );
}

/// Checks that client data is the whole value of a header, because it cannot be escaped there.
fn check_header(table: &Table<'_>, value: &Spanned<String>) {
    for name in ["to", "text"] {
        let braced = format!("{{{name}}}");
        if value.node.contains(&braced) && value.node != braced {
            let message = say!("`{{{name}}}` must be the whole value of a header", name);
            table.findings.bad_setting(value.span, message, say!("mixed with other text"));
        }
    }
}

fn response_rules(table: &Table<'_>) -> ResponseRules {
    let mut response_rules = ResponseRules::default();
    if let Some(table) = table.table("accepted") {
        response_rules.accepted_status = status_ranges(&table).unwrap_or(response_rules.accepted_status);
        response_rules.accepted = expected(&table);
        table.report_unknown_keys();
    }
    if let Some(table) = table.table("retry") {
        response_rules.retry_status = status_ranges(&table).unwrap_or(response_rules.retry_status);
        response_rules.retry = expected(&table);
        table.report_unknown_keys();
    }
    response_rules.provider_id = pointer(table, "provider_id");
    response_rules
}

fn pointer(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    if !text.node.starts_with('/') {
        let message = say!("`{key}` must be a JSON pointer such as \"/message/id\"", key);
        table.findings.bad_setting(text.span, message, say!("does not start with `/`"));
        return None;
    }
    Some(text.node)
}

fn expected(table: &Table<'_>) -> Option<Expected> {
    let pointer = pointer(table, "pointer");
    let values = list(table, "values").map(|values| values.iter().filter_map(|v| scalar_text(table, v)).collect());
    if values.is_some() && !table.has("pointer") {
        table.findings.bad_setting(
            table.span,
            say!("`{title}` needs `pointer` when it has `values`", title = table.title),
            say!("missing `pointer`"),
        );
    }
    Some(Expected { pointer: pointer?, values: values.unwrap_or_default() })
}

fn list<'t>(table: &Table<'t>, key: &'static str) -> Option<&'t [Entry<'t>]> {
    let value = table.get(key)?;
    value.get_ref().as_array().map(|array| &array[..]).or_else(|| table.wrong_type(value, key, say!("a list")))
}

/// The JSON text of a string, number or boolean.
fn scalar_text(table: &Table<'_>, value: &Entry<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            table.wrong_type(value, "values", say!("strings, whole numbers, true or false"))
        }
    }
}

/// Reads status codes and ranges of them: `200`, `"201-299"`.
fn status_ranges(table: &Table<'_>) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |value: &Entry<'_>| {
        let text = scalar_text(table, value)?;
        let (from, to) = text.split_once('-').unwrap_or((&text, &text));
        let ends = from.trim().parse().ok().zip(to.trim().parse().ok());
        let range = ends.filter(|(from, to)| (100..=599).contains(from) && (*from..=599).contains(to));
        match range {
            Some((from, to)) => Some(from..=to),
            None => table.wrong_value(value, "status", say!("codes such as 200, or ranges such as \"200-299\"")),
        }
    };
    list(table, "status").map(|values| values.iter().filter_map(range).collect())
}
