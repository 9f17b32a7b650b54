//! References to secrets, `{ env = "NAME" }` or `{ file = "path" }`, which are read when needed.

use super::table::{Table, TableFindings};
use crate::channel::Secret;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{Span, Spanned};
use std::path::Path;
use toml::de::DeValue;

/// Looks up an environment variable.
pub type Environment<'e> = &'e dyn Fn(&str) -> Option<String>;

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum SecretSource {
    /// An environment variable.
    Env(String),
    /// The first line of a file; a relative path starts at the project folder.
    File(String),
}

/// A reference to a secret, with its place.
pub(super) type Reference = Spanned<SecretSource>;

impl Table<'_> {
    /// Reads a reference to a secret. A literal secret is reported without repeating it.
    pub(super) fn secret(&self, key: &'static str) -> Option<Reference> {
        let value = self.get(key)?;
        secret_at(self.findings, key, value)
    }
}

/// Reads the value of a key as a reference.
pub(super) fn secret_at(findings: &TableFindings, key: &str, value: &super::table::Entry<'_>) -> Option<Reference> {
    let span = findings.span(value.span());
    let source = match value.get_ref() {
        DeValue::Table(entries) => {
            let mut pairs = entries.iter().map(|(k, v)| (k.get_ref().as_ref(), v.get_ref().as_str()));
            match (pairs.next(), pairs.next()) {
                (Some(("env", Some(name))), None) if !name.is_empty() => Some(SecretSource::Env(name.to_owned())),
                (Some(("file", Some(path))), None) if !path.is_empty() => Some(SecretSource::File(path.to_owned())),
                _ => None,
            }
        }
        _ => None,
    };
    if source.is_none() {
        let (message, label) = match value.get_ref() {
            DeValue::String(_) => (
                say!("`{key}` is a secret and must not be written in this file", key),
                say!("secret written in this file"),
            ),
            _ => (say!("`{key}` must name the place where the secret is kept", key), say!("not a secret reference")),
        };
        let variable = key.to_uppercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
        findings.push(
            Diagnostic::new(Code::BadSetting, span, message, label)
                .help(say!(
                    "write `{key} = {{ env = \"{variable}\" }}` and set that environment variable",
                    key,
                    variable
                ))
                .help(say!("or write `{key} = {{ file = \"path\" }}`", key)),
        );
    }
    source.map(|source| Spanned::new(source, span))
}

/// Describes where a secret is kept.
pub(super) fn describe(source: &SecretSource) -> Phrase {
    match source {
        SecretSource::Env(name) => say!("the environment variable `{name}`", name),
        SecretSource::File(path) => say!("the secret file `{path}`", path),
    }
}

/// Reads a secret. The finding names what is missing, but never contains the secret.
pub(super) fn read(reference: &Reference, root: &Path, env: Environment<'_>) -> Result<Secret, Box<Diagnostic>> {
    match &reference.node {
        SecretSource::Env(name) => match env(name).filter(|value| !value.is_empty()) {
            Some(value) if value.trim().is_empty() => Err(missing(
                reference.span,
                say!("environment variable `{name}` contains only blanks", name),
                say!("set it, for example `export {name}=..`", name),
            )),
            Some(value) => Ok(Secret::new(value)),
            None => Err(missing(
                reference.span,
                say!("environment variable `{name}` is not set", name),
                say!("set it, for example `export {name}=..`", name),
            )),
        },
        SecretSource::File(path) => {
            let text = std::fs::read_to_string(root.join(path)).map_err(|e| {
                let help = say!("relative paths start at the folder of `funnel.toml`");
                missing(
                    reference.span,
                    say!("cannot read the secret file `{path}`: {fault}", path, fault = e.to_string()),
                    help,
                )
            })?;
            let line = text.lines().next().unwrap_or("").trim();
            if line.is_empty() {
                let help = say!("the first line of the file must be the secret");
                return Err(missing(reference.span, say!("the secret file `{path}` is empty", path), help));
            }
            Ok(Secret::new(line))
        }
    }
}

fn missing(span: Span, message: Phrase, help: Phrase) -> Box<Diagnostic> {
    Box::new(Diagnostic::new(Code::MissingSecret, span, message, say!("needed to send messages")).help(help))
}
