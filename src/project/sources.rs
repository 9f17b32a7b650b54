//! `[sources.NAME]`: what the webhooks of another system mean, and how they prove where they come from.

use super::secret::{self, Environment, Reference, secret_at};
use super::source_value::{condition, rule};
use super::table::{Entry, Table};
use crate::channel::Secret;
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::inbound::{
    Check, Condition, Encoding, EventRule, Input, Path, Rule, SCHEMES, SEGMENT, Signed, Source, TokenPlace,
};
use crate::say;
use crate::source::Spanned;
use std::path::Path as FilePath;
use toml::de::DeValue;

/// Limit: how many seconds the clock of a sender may differ at most.
const MAX_TOLERANCE: u64 = 3_600;

/// A system whose webhooks carry only ids, so that no table can make events of them.
const ONLY_IDS: &str = "acuity";

/// A source, without its secrets, and the places to check.
#[derive(Debug, Clone)]
pub(super) struct SourceSettings {
    pub(super) source: Source,
    secrets: Vec<Reference>,
    /// The events and their fields.
    named: Vec<(Spanned<String>, Vec<Spanned<String>>)>,
}

/// Reads all sources.
pub(super) fn read(table: &Table<'_>) -> Vec<SourceSettings> {
    table.tables().into_iter().filter_map(|(name, table)| read_one(&name, &table)).collect()
}

fn read_one(name: &Spanned<&str>, table: &Table<'_>) -> Option<SourceSettings> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.node.chars().all(is_name) {
        let message = say!("`{name}` cannot be the name of a source", name = name.node);
        table.findings.bad_setting(name.span, message, say!("it is part of an address: use letters, digits, - and _"));
        return None;
    }
    let value = |key: &'static str| table.get(key).and_then(|value| rule(table, key, value));
    let is_segment = name.node == SEGMENT;
    let read = |path: &str| Path::parse(path).ok().map(|path| Rule { input: Input::Read(path), steps: Vec::new() });
    let (id, client, at) = (value("id"), value("client"), value("at"));
    // Segment's messages say these themselves, and the time is corrected there.
    let id = id.or_else(|| is_segment.then(|| read("/messageId")).flatten());
    let client = client.or_else(|| {
        let places = || ["/userId", "/anonymousId"].into_iter().filter_map(read).collect();
        is_segment.then(|| Rule { input: Input::First(places()), steps: Vec::new() })
    });
    let (check, secrets) = protection(table);
    let ping = table.get("ping").map(|value| condition(table, "ping", value));
    let (mut events, mut named) = (Vec::new(), Vec::new());
    for entry in rules(table) {
        if let Some((rule, names)) = event(&entry, client.is_some()) {
            events.push(rule);
            named.push(names);
        }
        entry.report_unknown_keys();
    }
    if !table.has("events") && !is_segment {
        table.findings.bad_setting(
            table.span,
            say!("`{title}` needs `events`", title = table.title.clone()),
            say!("no request would mean anything"),
        );
    }
    table.report_unknown_keys();
    let source = Source { name: name.node.to_owned(), check, ping, id, client, at, events };
    Some(SourceSettings { source, secrets, named })
}

/// The tables of `[[sources.NAME.events]]`.
fn rules<'t>(table: &Table<'t>) -> Vec<Table<'t>> {
    let Some(value) = table.get("events") else { return Vec::new() };
    let title = table.child_title("events");
    let title = format!("[{title}]");
    let items: Option<Vec<Table<'t>>> = value.get_ref().as_array().map(|items| {
        let of = |item: &'t Entry<'t>| match item.get_ref() {
            DeValue::Table(entries) => Some(Table::new(table.findings, title.clone(), table.span_of(item), entries)),
            _ => table.wrong_type(item, "events", say!("a list of tables")),
        };
        items.iter().filter_map(of).collect()
    });
    items.or_else(|| table.wrong_type(value, "events", say!("a list of tables"))).unwrap_or_default()
}

type Names = (Spanned<String>, Vec<Spanned<String>>);

fn event(table: &Table<'_>, has_client: bool) -> Option<(EventRule, Names)> {
    let event = table.require("type", table.text("type"));
    let value = |key: &'static str| table.get(key).and_then(|value| rule(table, key, value));
    let (id, client, at) = (value("id"), value("client"), value("at"));
    let when = table.get("when").map_or_else(Condition::default, |value| condition(table, "when", value));
    let (mut fields, mut data) = (Vec::new(), std::collections::BTreeMap::new());
    if let Some(table) = table.table("data") {
        for (name, value) in table.entries() {
            fields.push(Spanned::new(name.node.to_owned(), name.span));
            data.extend(rule(&table, name.node, value).map(|rule| (name.node.to_owned(), rule)));
        }
    }
    let event = event?;
    if client.is_none() && !has_client && !table.has("client") {
        let message = say!("`{event}` needs `client`", event = event.node.clone());
        let finding = Diagnostic::new(Code::BadSetting, table.span, message, say!("nothing says who the client is"));
        table.findings.push(finding.help(say!("add `client = \"/customer/id\"` here, or once for the source")));
    }
    let rule = EventRule { event: event.node.clone(), when, id, client, at, data };
    Some((rule, (event, fields)))
}

/// How requests are checked, and the secrets for it.
fn protection(table: &Table<'_>) -> (Option<Check>, Vec<Reference>) {
    let signature = table.table("signature");
    let token = table.table("token");
    match (signature, token) {
        (Some(signature), Some(_)) => {
            let message = say!("a source has a `signature` or a `token`, not both");
            signature.findings.bad_setting(signature.span, message, say!("one is enough"));
            (None, Vec::new())
        }
        (Some(signature), None) => {
            let check = read_signature(&signature);
            let secrets = read_secrets(&signature);
            signature.report_unknown_keys();
            (check, secrets)
        }
        (None, Some(token)) => {
            let place = token.require("in", token.text("in"));
            let secrets = read_secrets(&token);
            token.report_unknown_keys();
            let path = place.and_then(|place| match Path::parse(&place.node) {
                Ok(path) => Some(path),
                Err(why) => {
                    token.findings.bad_setting(place.span, why, say!("such as \"header:X-Api-Key\""));
                    None
                }
            });
            (path.map(|path| Check::Token(TokenPlace(path))), secrets)
        }
        (None, None) => (None, Vec::new()),
    }
}

fn read_signature(table: &Table<'_>) -> Option<Check> {
    let mut names: Vec<&'static str> = SCHEMES.iter().map(|(name, _)| *name).collect();
    if let Some(scheme) = table.get("scheme").filter(|value| value.get_ref().as_str() == Some(ONLY_IDS)) {
        let message = say!("the webhooks of Acuity Scheduling carry only ids, so they cannot become events");
        let label = say!("neither the client nor the time is in them");
        let finding = Diagnostic::new(Code::BadSetting, table.span_of(scheme), message, label);
        let help = say!("fetch the appointment by its id with Acuity's API, and send it to `/v1/events`");
        table.findings.push(finding.help(help));
        // The other keys are right as they are.
        ["url", "tolerance_seconds"].into_iter().for_each(|key| _ = table.get(key));
        return None;
    }
    names.push("custom");
    let name = table.require("scheme", table.choice("scheme", &names))?;
    let tolerance = table.number("tolerance_seconds", 1..=MAX_TOLERANCE).and_then(|n| i64::try_from(n).ok());
    let url = table.text("url").map(|url| url.node);
    let found = SCHEMES.iter().find(|(own, _)| *own == name).map(|(_, scheme)| *scheme);
    let check = if let Some(scheme) = found {
        Check::Signature {
            header: scheme.header.to_owned(),
            prefix: scheme.prefix.to_owned(),
            encoding: scheme.encoding,
            signed: scheme.signed,
            tolerance: tolerance.unwrap_or(scheme.tolerance),
            url,
        }
    } else {
        let header = table.require("header", table.text("header"))?;
        let encoding = table.require("encoding", table.choice("encoding", &["hex", "base64"]))?;
        let signed = match table.choice("signed", &["body", "url+body", "timestamp.body"]) {
            Some("url+body") => Signed::UrlAndBody,
            Some("timestamp.body") => Signed::TimestampAndBody,
            Some(_) | None => Signed::Body,
        };
        Check::Signature {
            header: header.node.to_ascii_lowercase(),
            prefix: table.text("prefix").map(|prefix| prefix.node).unwrap_or_default(),
            encoding: if encoding == "hex" { Encoding::Hex } else { Encoding::Base64 },
            signed,
            tolerance: tolerance.unwrap_or(300),
            url,
        }
    };
    if let Check::Signature { signed: Signed::UrlAndBody, url: None, .. } = &check {
        table.require::<()>("url", None);
    }
    Some(check)
}

/// One secret, or several while one replaces the other.
fn read_secrets(table: &Table<'_>) -> Vec<Reference> {
    let Some(value) = table.require("secret", table.get("secret")) else { return Vec::new() };
    match value.get_ref().as_array() {
        Some(items) => items.iter().filter_map(|item| secret_at(table.findings, "secret", item)).collect(),
        None => secret_at(table.findings, "secret", value).into_iter().collect(),
    }
}

impl SourceSettings {
    /// The source and its secrets.
    ///
    /// # Errors
    /// A finding for each missing secret.
    pub(super) fn with_secrets(
        &self,
        root: &FilePath,
        env: Environment<'_>,
    ) -> Result<(Source, Vec<Secret>), Vec<Diagnostic>> {
        let (mut secrets, mut found) = (Vec::new(), Vec::new());
        for reference in &self.secrets {
            match secret::read(reference, root, env) {
                Ok(secret) => secrets.push(secret),
                Err(missing) => found.push(*missing),
            }
        }
        if found.is_empty() { Ok((self.source.clone(), secrets)) } else { Err(found) }
    }

    /// Reports events and fields that no declaration knows.
    pub(super) fn check(&self, catalog: &Catalog) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        for (event, fields) in &self.named {
            let name = event.node.as_str();
            let of_event = catalog.events.get(name).map(|event| &event.fields);
            let declared = if name == "client" { Some(&catalog.client) } else { of_event };
            let Some(declared) = declared else {
                let message = say!("`{name}` is not declared", name);
                let finding = Diagnostic::new(Code::BadSetting, event.span, message, say!("not a declared event"));
                let near = suggest::nearest(name, catalog.events.keys().map(String::as_str).chain(["client"]));
                found.push(match near {
                    Some(near) => finding.help(say!("did you mean `{near}`?", near)),
                    None => finding.help(say!("declare the event in a funnel file")),
                });
                continue;
            };
            for field in fields.iter().filter(|field| !declared.contains_key(&field.node)) {
                let shown = format!("{name}.{}", field.node);
                let message = say!("`{field}` is not declared", field = shown);
                let finding = Diagnostic::new(Code::BadSetting, field.span, message, say!("not a declared field"));
                let near = suggest::nearest(&field.node, declared.keys().map(String::as_str));
                found.push(match near {
                    Some(near) => finding.help(say!("did you mean `{near}`?", near)),
                    None => finding.help(say!("declare it in a funnel file, or remove it here")),
                });
            }
        }
        found
    }
}
