//! `[server]`: where `serve` listens, the tokens that requests must present, and the certificate.

use super::secret::{self, Environment, Reference, secret_at};
use super::table::Table;
use crate::channel::{Secret, is_loopback};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Spanned;
use std::path::Path;
use toml::de::DeValue;

/// The settings of the HTTP server, without its secrets.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    /// The address: `127.0.0.1:8080`.
    pub(super) listen: Option<String>,
    tokens: Vec<(&'static str, Reference)>,
    /// The files of the certificate and of its key, relative to the project's folder.
    pub(super) tls: Option<(String, String)>,
}

impl Server {
    /// Reads `[server]`; the tokens are in a table with a key for each scope.
    pub(super) fn read(table: &Table<'_>, scopes: &[&'static str]) -> Self {
        let mut tokens = Vec::new();
        if let Some(table) = table.table("tokens") {
            for scope in scopes {
                tokens.extend(references(&table, scope).into_iter().map(|token| (*scope, token)));
            }
            table.report_unknown_keys();
        }
        let tls = table.table("tls").and_then(|table| {
            let cert = table.require("cert", table.text("cert"));
            let key = table.require("key", table.text("key"));
            table.report_unknown_keys();
            Some((cert?.node, key?.node))
        });
        let listen = table.text("listen").and_then(|text| listen(table, text));
        table.report_unknown_keys();
        Self { listen, tokens, tls }
    }

    /// Reads the tokens, each with its scope.
    ///
    /// # Errors
    /// A finding for each missing secret.
    pub(super) fn tokens(
        &self,
        root: &Path,
        env: Environment<'_>,
    ) -> Result<Vec<(&'static str, Secret)>, Vec<Diagnostic>> {
        let (mut tokens, mut found) = (Vec::new(), Vec::new());
        for (scope, reference) in &self.tokens {
            match secret::read(reference, root, env) {
                // A header has no other characters, so no request could present such a token.
                Ok(token) if !token.reveal().bytes().all(|byte| byte.is_ascii_graphic()) => {
                    let message = say!("a token must not contain blanks, or characters other than ASCII");
                    let refused =
                        Diagnostic::new(Code::BadSetting, reference.span, message, say!("no request can send it"));
                    found.push(refused.help(say!("make one with `openssl rand -hex 32`")));
                }
                Ok(token) => tokens.push((*scope, token)),
                Err(missing) => found.push(*missing),
            }
        }
        if found.is_empty() { Ok(tokens) } else { Err(found) }
    }
}

/// Reads one reference to a secret, or a list of them.
fn references(table: &Table<'_>, key: &'static str) -> Vec<Reference> {
    let Some(value) = table.get(key) else { return Vec::new() };
    match value.get_ref() {
        DeValue::Array(items) if items.is_empty() => {
            table.findings.bad_setting(
                table.span_of(value),
                say!("`{key}` needs at least one token", key),
                say!("an empty list"),
            );
            Vec::new()
        }
        DeValue::Array(items) => items.iter().filter_map(|item| secret_at(table.findings, key, item)).collect(),
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_)
        | DeValue::Table(_) => secret_at(table.findings, key, value).into_iter().collect(),
    }
}

/// Reads an address with a port; one that other machines can reach requires a token.
fn listen(server: &Table<'_>, text: Spanned<String>) -> Option<String> {
    let parts = text.node.rsplit_once(':').filter(|(host, port)| !host.is_empty() && port.parse::<u16>().is_ok());
    let Some((host, _)) = parts else {
        server.findings.bad_setting(
            text.span,
            say!("`listen` must be an address such as \"127.0.0.1:8080\""),
            say!("not an address with a port"),
        );
        return None;
    };
    if !is_loopback(host) && !server.has("tokens") {
        let message =
            say!("`{host}` is reachable from other machines, so `{title}` needs `tokens`", host, title = server.title);
        server.findings.push(
            Diagnostic::new(Code::BadSetting, text.span, message, say!("reachable from other machines"))
                .help(say!("add `tokens.ingest = {{ env = \"FUNNEL_TOKEN\" }}`, or listen on `127.0.0.1`")),
        );
    }
    Some(text.node)
}
