//! `headers` and `secrets`: header templates with placeholders for secrets, and where each secret is kept.

use super::secret::{Environment, Reference, read as read_secret, secret_at};
use super::table::Table;
use crate::channel::{Secret, placeholders};
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::Spanned;
use std::collections::BTreeMap;
use std::path::Path;
use toml::de::DeValue;

/// Parts of header names that indicate a secret.
const SECRET_HEADERS: &[&str] = &["authorization", "key", "token", "secret", "password"];

/// References to secrets, by the name of their placeholder.
pub(super) type References = BTreeMap<String, Reference>;

/// The secrets of one table.
#[derive(Debug, Default)]
pub(super) struct Secrets {
    /// Where each secret is kept.
    pub(super) references: References,
    /// The names of their placeholders, including those whose reference is invalid and has been reported.
    pub(super) placeholders: Vec<String>,
}

/// A header name, and a template for its value.
pub(super) type Header = (Spanned<String>, Spanned<String>);

/// Reads the table of secrets; `reserved_names` are taken by other placeholders.
pub(super) fn secrets(parent: &Table<'_>, reserved_names: &[&str]) -> Secrets {
    let mut secrets = Secrets::default();
    let Some(table) = parent.table("secrets") else { return secrets };
    for (name, value) in table.entries() {
        secrets.placeholders.push(name.node.to_owned());
        let braced = format!("{{{}}}", name.node);
        if placeholders(&braced).is_empty() || reserved_names.contains(&name.node) {
            let message = say!("`{name}` is not a valid secret name", name = name.node);
            table.findings.bad_setting(name.span, message, say!("use only lowercase letters, digits and `_`"));
        } else if let Some(reference) = secret_at(table.findings, name.node, value) {
            secrets.references.insert(name.node.to_owned(), reference);
        }
    }
    secrets
}

/// Reads the table of headers. A header whose whole value is a secret gets a generated placeholder. `reserved` explains
/// why a header (in lowercase) cannot be set.
pub(super) fn headers(
    parent: &Table<'_>,
    secrets: &mut Secrets,
    reserved: impl Fn(&str) -> Option<Phrase>,
) -> Vec<Header> {
    let Some(table) = parent.table("headers") else { return Vec::new() };
    let mut headers = Vec::new();
    for (name, value) in table.entries() {
        let name = Spanned::new(name.node.to_owned(), name.span);
        let span = table.span_of(value);
        let text = match value.get_ref() {
            DeValue::String(text) => text.clone().into_owned(),
            DeValue::Table(_) => match secret_at(parent.findings, &name.node, value) {
                Some(reference) => {
                    let placeholder = format!("header_{}", secrets.placeholders.len());
                    secrets.references.insert(placeholder.clone(), reference);
                    secrets.placeholders.push(placeholder.clone());
                    format!("{{{placeholder}}}")
                }
                None => continue,
            },
            DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_)
            | DeValue::Array(_) => {
                table.wrong_type::<()>(value, &name.node, say!("a quoted string"));
                continue;
            }
        };
        let text = Spanned::new(text, span);
        let lower = name.node.to_ascii_lowercase();
        check_no_inline_secret(parent, &name, &text, &lower);
        if let Some(message) = reserved(&lower) {
            parent.findings.bad_setting(name.span, message, say!("cannot be set as a header"));
        } else if is_header(parent, &name) {
            headers.push((name, text));
        }
    }
    headers
}

/// Reports a header that contains a literal secret.
fn check_no_inline_secret(parent: &Table<'_>, name: &Spanned<String>, text: &Spanned<String>, lower: &str) {
    // An idempotency key is not a secret.
    let carries_secret = SECRET_HEADERS.iter().any(|part| lower.contains(part)) && !lower.contains("idempotency");
    if carries_secret && placeholders(&text.node).is_empty() {
        let message =
            say!("header `{name}` contains a secret, which must not be written in this file", name = name.node);
        let found = Diagnostic::new(Code::BadSetting, text.span, message, say!("secret written in this file"));
        parent.findings.push(found.help(say!(
            "use a placeholder such as `{{key}}` here, and add `key = {{ env = \"GATE_KEY\" }}` to `{child_title}`",
            child_title = parent.child_title("secrets")
        )));
    }
}

/// Checks that a header name is a token (RFC 9110, 5.6.2).
pub(super) fn is_header(parent: &Table<'_>, name: &Spanned<String>) -> bool {
    let fits = name.node.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b));
    if !fits {
        parent.findings.bad_setting(
            name.span,
            say!("`{name}` is not a valid header name", name = name.node),
            say!("use only letters and `-`"),
        );
    }
    fits
}

/// Reports placeholders that are neither one of `others` nor a secret.
pub(super) fn check_placeholders(parent: &Table<'_>, template: &Spanned<String>, others: &[&str], secrets: &Secrets) {
    let known: Vec<&str> = others.iter().copied().chain(secrets.placeholders.iter().map(String::as_str)).collect();
    for (_, name) in placeholders(&template.node).into_iter().filter(|(_, name)| !known.contains(name)) {
        let message = say!("unknown placeholder `{{{name}}}`", name);
        let mut found = Diagnostic::new(Code::BadSetting, template.span, message, say!("unknown placeholder"));
        if let Some(near) = suggest::nearest(name, known.iter().copied()) {
            found = found.help(say!("did you mean `{{{near}}}`?", near));
        }
        parent
            .findings
            .push(found.help(say!("define secrets in `{child_title}`", child_title = parent.child_title("secrets"))));
    }
}

/// Reads all secrets, reporting each missing one.
pub(super) fn reveal(
    references: &References,
    root: &Path,
    env: Environment<'_>,
) -> Result<BTreeMap<String, Secret>, Vec<Diagnostic>> {
    let (mut secrets, mut found) = (BTreeMap::new(), Vec::new());
    for (name, reference) in references {
        match read_secret(reference, root, env) {
            Ok(secret) => {
                secrets.insert(name.clone(), secret);
            }
            Err(missing) => found.push(*missing),
        }
    }
    if found.is_empty() { Ok(secrets) } else { Err(found) }
}
