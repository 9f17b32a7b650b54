//! An HTTP gateway: in, the keys of `provider = "http"`; out, its settings, and the channel once secrets are read.

use super::channels::{Shared, made};
use super::secret::{Environment, Reference, read as read_secret, secret_at};
use super::table::{Entry, Table};
use crate::channel::{
    Answers, Channel, Escape, Expected, GATEWAY_PLACEHOLDERS, GatewaySettings, SmsGateway, check_url, fill,
    placeholders,
};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::source::{Span, Spanned};
use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::Arc;
use toml::de::DeValue;

/// Parts of header names that carry secrets.
const SECRET_HEADERS: &[&str] = &["authorization", "key", "token", "secret", "password"];

/// A gateway without its secrets.
#[derive(Debug, Clone)]
pub(super) struct Gateway {
    settings: GatewaySettings,
    secrets: BTreeMap<String, Reference>,
}

impl Gateway {
    pub(super) fn channel(
        &self,
        span: Span,
        root: &Path,
        env: Environment<'_>,
    ) -> Result<Arc<dyn Channel>, Vec<Diagnostic>> {
        let (mut secrets, mut found) = (BTreeMap::new(), Vec::new());
        for (name, reference) in &self.secrets {
            match read_secret(reference, root, env) {
                Ok(secret) => {
                    secrets.insert(name.clone(), secret);
                }
                Err(missing) => found.push(*missing),
            }
        }
        if !found.is_empty() {
            return Err(found);
        }
        made(span, SmsGateway::new(GatewaySettings { secrets, ..self.settings.clone() }))
    }
}

pub(super) fn read(own: &Table<'_>, shared: Shared) -> Option<Gateway> {
    let method = own.choice("method", &["POST", "PUT", "GET"]).unwrap_or("POST");
    let url = own.must("url", own.text("url"));
    let (allow_private, insecure) = (own.flag("allow_private"), own.flag("insecure"));
    let secrets = secrets(own);
    let headers = headers(own);
    let (body, from) = (own.text("body"), own.text("from"));
    let content_type = own.text("content_type").map_or_else(|| "application/json".to_owned(), |text| text.node);
    let idempotency_header = own.text("idempotency_header").filter(|text| is_header(own, text));
    // A secret whose place is wrong has its finding already, and its placeholder is meant.
    let named = own.table("secrets");
    let named = named.iter().flat_map(Table::entries).map(|(name, _)| name.node);
    let known: Vec<&str> = GATEWAY_PLACEHOLDERS.iter().copied().chain(named).collect();
    let templates = url.iter().chain(&body).chain(headers.iter().map(|(_, value)| value));
    templates.for_each(|template| check_placeholders(own, template, &known, from.is_some()));
    let told = !own.has("body") || body.is_some();
    if let Some(url) = url.as_ref().filter(|_| told) {
        let headers = headers.iter().map(|(_, value)| value);
        check_message(own, url, &std::iter::once(url).chain(&body).chain(headers).collect::<Vec<_>>());
    }
    if let Some(url) = &url {
        check_address(own, url, insecure, allow_private);
    }
    if let Some(body) = &body {
        check_json(own, body, &content_type);
    }
    let answers = answers(own);
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
        timeout: shared.timeout,
        answers,
        on_unknown: shared.on_unknown,
        limits: shared.limits,
    };
    Some(Gateway { settings, secrets })
}

fn secrets(own: &Table<'_>) -> BTreeMap<String, Reference> {
    let Some(table) = own.table("secrets") else { return BTreeMap::new() };
    let mut secrets = BTreeMap::new();
    for (name, value) in table.entries() {
        let braced = format!("{{{}}}", name.node);
        if placeholders(&braced).is_empty() || GATEWAY_PLACEHOLDERS.contains(&name.node) {
            let message = format!("`{}` cannot be the name of a secret", name.node);
            table.findings.bad(name.span, message, "small letters, digits and `_`");
        } else if let Some(reference) = secret_at(table.findings, name.node, value) {
            secrets.insert(name.node.to_owned(), reference);
        }
    }
    secrets
}

fn headers(own: &Table<'_>) -> Vec<(Spanned<String>, Spanned<String>)> {
    let Some(table) = own.table("headers") else { return Vec::new() };
    let mut headers = Vec::new();
    for (name, value) in table.entries() {
        let name = Spanned::new(name.node.to_owned(), name.span);
        let Some(text) = value.get_ref().as_str() else {
            table.wrong::<()>(value, &name.node, "a text in quotes");
            continue;
        };
        let text = Spanned::new(text.to_owned(), table.span_of(value));
        let lower = name.node.to_ascii_lowercase();
        // The key that makes a repeat safe is a header too, and no secret.
        let keeps_secret = SECRET_HEADERS.iter().any(|part| lower.contains(part)) && !lower.contains("idempotency");
        if keeps_secret && placeholders(&text.node).is_empty() {
            let message = format!("the header `{}` holds a secret, which must not stand in this file", name.node);
            let found = Diagnostic::new(Code::BadSetting, text.span, message, "named, not written");
            own.findings.push(found.help(format!(
                "write a placeholder such as `{{key}}` here, and `key = {{ env = \"GATE_KEY\" }}` in `{}`",
                own.child_title("secrets")
            )));
        }
        if lower == "content-type" {
            own.findings.bad(name.span, "the type of the body is said by `content_type`", "not as a header");
        } else if is_header(own, &name) {
            headers.push((name, text));
        }
    }
    headers
}

/// A header name is a token (RFC 9110, 5.6.2).
fn is_header(own: &Table<'_>, name: &Spanned<String>) -> bool {
    let fits = name.node.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !fits {
        own.findings.bad(name.span, format!("`{}` is not the name of a header", name.node), "letters and `-` only");
    }
    fits
}

fn check_placeholders(own: &Table<'_>, template: &Spanned<String>, known: &[&str], has_from: bool) {
    for (_, name) in placeholders(&template.node) {
        if name == "from" && !has_from {
            let message = format!("`{{from}}` needs `from` in `{}`", own.title);
            own.findings.bad(template.span, message, "stands for nothing yet");
        } else if !known.contains(&name) {
            let message = format!("`{{{name}}}` stands for nothing here");
            let mut found = Diagnostic::new(Code::BadSetting, template.span, message, "unknown placeholder in here");
            if let Some(near) = suggest::nearest(name, known.iter().copied()) {
                found = found.help(format!("did you mean `{{{near}}}`?"));
            }
            own.findings.push(found.help(format!("secrets get their names in `{}`", own.child_title("secrets"))));
        }
    }
}

/// The gateway must be told whom the message is for and what it says.
fn check_message(own: &Table<'_>, url: &Spanned<String>, templates: &[&Spanned<String>]) {
    let said = |wanted: &str| templates.iter().any(|text| placeholders(&text.node).iter().any(|(_, n)| *n == wanted));
    let (message, label) = match (said("to"), said("text")) {
        (true, true) => return,
        (false, true) => ("the gateway is not told whom a message is for: no `{to}`", "sends no `{to}`"),
        (true, false) => ("the gateway is not told what a message says: no `{text}`", "sends no `{text}`"),
        (false, false) => {
            ("the gateway is told nothing of a message: no `{to}`, no `{text}`", "sends no `{to}`, `{text}`")
        }
    };
    let found = Diagnostic::new(Code::BadSetting, url.span, message, label);
    own.findings.push(
        found
            .help("put `{to}` and `{text}` into `url`, `body` or the headers")
            .help("for example `body = '{\"to\": \"{to}\", \"text\": \"{text}\"}'`"),
    );
}

/// The host must be what the project's owner wrote, whatever a client is called.
fn check_address(own: &Table<'_>, url: &Spanned<String>, insecure: bool, allow_private: bool) {
    let host_start = url.node.find("://").map_or(0, |at| at + 3);
    let host_end = url.node[host_start..].find(['/', '?', '#']).map_or(url.node.len(), |at| host_start + at);
    if placeholders(&url.node).iter().any(|(at, _)| *at < host_end) {
        own.findings.bad(url.span, "placeholders in `url` must stand behind the host", "a placeholder in the host");
    } else if let Err(fault) = check_url(&url.node, insecure, allow_private) {
        let found = Diagnostic::new(Code::BadSetting, url.span, format!("`url` {fault}"), "cannot be used");
        let inside = fault.contains("inside");
        own.findings.push(if inside { found.help("add `allow_private = true` if that is meant") } else { found });
    }
}

/// A JSON body must still be JSON with its placeholders filled.
fn check_json(own: &Table<'_>, body: &Spanned<String>, content_type: &str) {
    if Escape::of_content_type(content_type) != Escape::Json {
        return;
    }
    let filled = fill(&body.node, Escape::Json, |_| Some("1"));
    if let Err(e) = serde_json::from_str::<serde_json::Value>(&filled) {
        let found = Diagnostic::new(Code::BadSetting, body.span, format!("`body` is not JSON: {e}"), "not JSON");
        own.findings.push(found.help("for a form, add `content_type = \"application/x-www-form-urlencoded\"`"));
    }
}

fn answers(own: &Table<'_>) -> Answers {
    let mut answers = Answers::default();
    if let Some(table) = own.table("accepted") {
        answers.accepted_status = statuses(&table).unwrap_or(answers.accepted_status);
        answers.accepted = expected(&table);
        table.close();
    }
    if let Some(table) = own.table("retry") {
        answers.retry_status = statuses(&table).unwrap_or(answers.retry_status);
        answers.retry = expected(&table);
        table.close();
    }
    answers.provider_id = pointer(own, "provider_id");
    answers
}

fn pointer(table: &Table<'_>, key: &'static str) -> Option<String> {
    let text = table.text(key)?;
    if !text.node.starts_with('/') {
        let message = format!("`{key}` must be a place in JSON such as \"/message/id\"");
        table.findings.bad(text.span, message, "does not begin with `/`");
        return None;
    }
    Some(text.node)
}

fn expected(table: &Table<'_>) -> Option<Expected> {
    let pointer = pointer(table, "pointer");
    let values = list(table, "values").map(|values| values.iter().filter_map(|v| plain(table, v)).collect());
    if values.is_some() && !table.has("pointer") {
        table.findings.bad(table.span, format!("`{}` needs `pointer` beside `values`", table.title), "values of what?");
    }
    Some(Expected { pointer: pointer?, values: values.unwrap_or_default() })
}

fn list<'t>(table: &Table<'t>, key: &'static str) -> Option<&'t [Entry<'t>]> {
    let value = table.get(key)?;
    value.get_ref().as_array().map(|array| &array[..]).or_else(|| table.wrong(value, key, "a list"))
}

/// A text, number or truth value, as it would stand in JSON.
fn plain(table: &Table<'_>, value: &Entry<'_>) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.clone().into_owned()),
        DeValue::Integer(number) => Some(number.to_string()),
        DeValue::Boolean(truth) => Some(truth.to_string()),
        DeValue::Float(_) | DeValue::Datetime(_) | DeValue::Array(_) | DeValue::Table(_) => {
            table.wrong(value, "values", "texts, whole numbers, true or false")
        }
    }
}

/// Status codes and ranges of them: `200`, `"201-299"`.
fn statuses(table: &Table<'_>) -> Option<Vec<RangeInclusive<u16>>> {
    let range = |value: &Entry<'_>| {
        let text = plain(table, value)?;
        let (from, to) = text.split_once('-').unwrap_or((&text, &text));
        let ends = from.trim().parse().ok().zip(to.trim().parse().ok());
        let range = ends.filter(|(from, to)| (100..=599).contains(from) && (*from..=599).contains(to));
        match range {
            Some((from, to)) => Some(from..=to),
            None => table.misfit(value, "status", "codes such as 200, or ranges such as \"200-299\""),
        }
    };
    list(table, "status").map(|values| values.iter().filter_map(range).collect())
}
