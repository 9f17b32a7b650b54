//! Calls to other systems. In: `call` as written, and its scope. Out: an address with a constant host, and the
//! arguments of the request.

use crate::check::checker::{Checker, duplicate};
use crate::check::program::{Argument, Call, CallTarget, Expr, Part};
use crate::check::scope::Scope;
use crate::check::types::Missing;
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::Value;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// `call "https://crm.example/new" { id: booking.id }`, without its `else`.
    pub(super) fn call(&mut self, scope: &Scope, url: &ast::Text, body: Option<&ast::Record>) -> Option<Call> {
        self.warn_calls_not_set_up(url.span);
        let address = self.call_address(scope, url);
        let entries = body.map_or(&[][..], |body| body.entries.as_slice());
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut arguments = Vec::new();
        for entry in entries {
            if let Some(first) = seen.insert(&entry.name.node, entry.name.span) {
                self.report(duplicate(say!("field"), &entry.name, first));
            }
            arguments.push(self.expr(scope, &entry.value).map(|value| Argument {
                name: entry.name.node.clone(),
                optional: value.missing != Missing::Never,
                value: value.expr,
            }));
        }
        let body = arguments.into_iter().collect::<Option<Vec<_>>>()?;
        Some(Call { target: CallTarget::Url(address?), body, answer: None })
    }

    /// Warns about calls in a project that sets up channels but no calls.
    fn warn_calls_not_set_up(&mut self, span: Span) {
        if self.context.channels.as_ref().is_some_and(|set_up| !set_up.contains("call")) {
            let message = say!("calls are not configured in the project, so they are printed, not made");
            let mut finding = Diagnostic::new(Code::UnknownChannel, span, message, say!("printed, not called"));
            finding.severity = Severity::Warning;
            self.report(
                finding
                    .help(say!(
                        "add `[webhook]` to funnel.toml, with `secret = {{ env = \"WEBHOOK_SECRET\" }}` to sign requests"
                    ))
                    .help(say!("or write `provider = \"console\"` under `[webhook]` if this is intended")),
            );
        }
    }

    /// The address of a call. Placeholders can contain anything, so they are not allowed in the host.
    fn call_address(&mut self, scope: &Scope, url: &ast::Text) -> Option<Expr> {
        let parts = match self.text(scope, url)?.expr {
            Expr::Text(parts) => parts,
            whole => vec![constant(Part::Placeholder(whole, Vec::new()))],
        };
        let parts: Vec<Part> = parts.into_iter().map(constant).collect();
        let is_placeholder = |part: &Part| !matches!(part, Part::Text(_));
        let fixed: String = parts.iter().take_while(|part| !is_placeholder(part)).map(text).collect();
        // A checked text has the same parts as the source.
        let open = parts.iter().position(is_placeholder).and_then(|at| url.parts.get(at)).map(ast::TextPart::span);
        if let Err(finding) = check_address(&fixed, url.span, open) {
            return self.fail(*finding);
        }
        let address = Spanned::new(fixed, url.span);
        if !self.addresses.contains(&address) {
            self.addresses.push(address);
        }
        Some(Expr::Text(parts))
    }
}

/// Replaces a placeholder with a constant string by that string.
fn constant(part: Part) -> Part {
    match part {
        Part::Placeholder(Expr::Value(Value::Text(text)), filters) if filters.is_empty() => Part::Text(text),
        part => part,
    }
}

fn text(part: &Part) -> &str {
    match part {
        Part::Text(text) => text,
        Part::Placeholder(..) | Part::If { .. } => "",
    }
}

/// Checks that the constant start of an address contains a scheme and a whole host. `open` is the placeholder after it.
fn check_address(fixed: &str, span: Span, open: Option<Span>) -> Result<(), Box<Diagnostic>> {
    let fault = |span: Span, message: Phrase, label: Phrase, help: Phrase| {
        Err(Box::new(Diagnostic::new(Code::BadAddress, span, message, label).help(help)))
    };
    let form = || say!("use an address such as `\"https://crm.example/new\"`");
    let Some((scheme, rest)) = fixed.split_once("://") else {
        if let Some(placeholder) = open.filter(|_| "https://".starts_with(fixed) || "http://".starts_with(fixed)) {
            return fault(
                placeholder,
                say!("the host of a call must be written out, not taken from a value"),
                say!("could be any host"),
                form(),
            );
        }
        return fault(span, say!("`{fixed}` is not a web address", fixed), say!("not a web address"), form());
    };
    if !["https", "http"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return fault(
            span,
            say!("a call must use `https://`, not `{scheme}://`", scheme),
            say!("unsupported scheme"),
            form(),
        );
    }
    let end = rest.find(['/', '?', '#']);
    if let (None, Some(placeholder)) = (end, open) {
        let with_slash = say!("put a `/` before it: `\"{fixed}/{{{{ .. }}}}\"`", fixed);
        let help = if rest.is_empty() { form() } else { with_slash };
        return fault(
            placeholder,
            say!("a placeholder is not allowed in the host"),
            say!("could lead to another host"),
            help,
        );
    }
    let host = &rest[..end.unwrap_or(rest.len())];
    if host.contains('@') {
        let help = say!("declare an `action` and set its secrets in funnel.toml");
        return fault(
            span,
            say!("the address of a call must not contain a user name or password"),
            say!("contains credentials"),
            help,
        );
    }
    if !is_host(host) || fixed.contains(|c: char| c.is_whitespace() || c.is_control()) {
        return fault(span, say!("`{fixed}` is not a web address", fixed), say!("not a web address"), form());
    }
    Ok(())
}

/// Whether a text is a host name or an IP address, perhaps with a port.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (text, None),
    };
    let is_label = |label: &str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || "-_".contains(c));
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let named = match bracketed {
        Some(ip) => !ip.is_empty() && ip.chars().all(|c| c.is_ascii_hexdigit() || ":.".contains(c)),
        None => host.strip_suffix('.').unwrap_or(host).split('.').all(is_label),
    };
    named && port.is_none_or(|port| port.parse::<u16>().is_ok())
}
