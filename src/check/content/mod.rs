//! Message contents. In: the bodies of templates and sends. Out: checked contents.

mod email_html;
mod file;
mod foreign_address;
mod leftover_text;
mod part;
mod parts_builder;
mod plain_link;
mod template;
mod unsafe_placeholder;

use self::plain_link::encode_links;
use crate::check::checker::{Checker, duplicate, unknown};
use crate::check::prelude::CHANNELS;
use crate::check::program::{Content, Expr, Part};
use crate::check::scope::Scope;
use crate::check::symbol::BuiltinKind;
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;
use std::collections::BTreeMap;

/// The channel that an everyday word means.
fn channel_in_words(word: &str) -> Option<&'static str> {
    match word.to_lowercase().as_str() {
        "mail" | "e_mail" | "письмо" | "почта" | "имейл" => Some("email"),
        "text" | "смс" => Some("sms"),
        "tg" | "телеграм" => Some("telegram"),
        "wa" | "ватсап" | "вотсап" => Some("whatsapp"),
        _ => None,
    }
}

/// Names of the parts of a message in other systems, with the names here.
const FOREIGN_PARTS: &[(&str, &str)] = &[
    ("title", "subject"),
    ("header", "subject"),
    ("topic", "subject"),
    ("message", "text"),
    ("content", "text"),
    ("msg", "text"),
    ("plain", "text"),
    ("preview", "preheader"),
];

impl Checker<'_> {
    /// The channel that a name refers to. For an unknown name, the nearest channel, so that the content is still
    /// checked.
    pub(super) fn channel(&mut self, name: &ast::Name) -> Option<&'static str> {
        let mut known = CHANNELS.iter().map(|(channel, _)| *channel);
        if let Some(channel) = known.clone().find(|channel| *channel == name.node) {
            self.record_builtin(BuiltinKind::Channel, name);
            return Some(channel);
        }
        let message = say!("unknown channel `{name}`", name = name.node);
        if let Some(right) = channel_in_words(&name.node) {
            let finding = Diagnostic::new(Code::UnknownChannel, name.span, message, say!("not found"));
            let title = say!("change `{wrong}` to `{word}`", wrong = name.node, word = right);
            self.report(finding.help(say!("did you mean `{word}`?", word = right)).fix(title, name.span, right));
            return Some(right);
        }
        let mut finding = unknown(Code::UnknownChannel, name.span, &name.node, message, known.clone());
        if finding.help.is_empty() {
            finding = finding.help(say!("available channels: sms, email, telegram and whatsapp"));
        }
        self.report(finding);
        let near = suggest::nearest(&name.node, known.clone())?;
        known.find(|channel| *channel == near)
    }

    /// The content of a body on a channel.
    pub(super) fn content(&mut self, scope: &Scope, channel: &str, body: &ast::Body) -> Option<Content> {
        if let ast::Body::Record(record) = body {
            self.record_scope(record.span, scope);
        }
        match body {
            ast::Body::Text(text) if channel == "email" => {
                let checked = self.text(scope, text);
                let finding = Diagnostic::new(
                    Code::NoSubject,
                    text.span,
                    say!("an email needs a subject"),
                    say!("missing subject"),
                );
                self.report(finding.help(say!("write `{{ subject: \"..\" text: \"..\" }}`")));
                checked.map(|text| Content::Text(text.expr))
            }
            ast::Body::Text(text) => {
                self.leftover_text(text);
                let expr = encode_links(self.text(scope, text)?.expr);
                if is_blank(&expr) {
                    self.empty(text.span, say!("the message text is empty"));
                } else if may_be_blank(&expr) {
                    self.perhaps_empty(text.span);
                }
                self.words(channel, text, &expr, true);
                Some(Content::Text(expr))
            }
            ast::Body::Record(record) => self.record_content(scope, channel, record),
            ast::Body::File(file) if channel == "email" => {
                let body = self.file_part(scope, channel, "body", file).1;
                let finding = Diagnostic::new(
                    Code::NoSubject,
                    file.span,
                    say!("an email needs a subject"),
                    say!("missing subject"),
                );
                let file = self.slice(file.span);
                self.report(finding.help(say!("write `{{ subject: \"..\", body: {file} }}`", file)));
                body.map(|written| Content::Text(written.expr))
            }
            ast::Body::File(file) => {
                let expr = self.file_part(scope, channel, "body", file).1?.expr;
                if may_be_blank(&expr) {
                    self.perhaps_empty(file.path.span);
                }
                Some(Content::Text(expr))
            }
            ast::Body::Template(name) => {
                let message = say!("a template must be a text or a record, not another template");
                self.fail(Diagnostic::new(Code::WrongTemplate, name.span, message, say!("another template")))
            }
            ast::Body::Error(_) => self.poison(),
        }
    }

    fn record_content(&mut self, scope: &Scope, channel: &str, record: &ast::Record) -> Option<Content> {
        let email = channel == "email";
        let known: &[&str] = if email { &["subject", "text", "html", "body", "preheader"] } else { &["text", "body"] };
        let mut parts: BTreeMap<&str, Option<Expr>> = BTreeMap::new();
        let mut spans: BTreeMap<&str, Span> = BTreeMap::new();
        let mut preview = None;
        for entry in &record.entries {
            let (name, written) = self.message_part(scope, channel, entry);
            if !known.contains(&name) {
                let message = say!("{channel} messages have no field `{name}`", channel, name);
                let finding = unknown(Code::UnknownField, entry.name.span, name, message, known.iter().copied());
                let all = known.join(", ");
                let meant = FOREIGN_PARTS.iter().find(|(foreign, right)| *foreign == name && known.contains(right));
                self.report(match meant {
                    Some((_, right)) => finding.help(say!("did you mean `{near}`?", near = *right)).guess(
                        say!("change `{wanted}` to `{near}`", wanted = name, near = *right),
                        entry.name.span,
                        *right,
                    ),
                    None if finding.help.is_empty() => finding.help(say!("available fields: {all}", all)),
                    None => finding,
                });
                parts.extend(meant.map(|(_, right)| (*right, None)));
                // The intended part is not reported as missing too.
                parts.extend(suggest::nearest(name, known.iter().copied()).map(|near| (near, None)));
            } else if let Some(first) = spans.insert(name, entry.name.span) {
                self.report(duplicate(say!("entry"), &entry.name, first));
            } else {
                preview = written.as_ref().and_then(|written| written.preview.clone()).or(preview);
                parts.insert(name, written.map(|written| written.expr));
            }
        }
        self.blanks(email, &parts, &spans);
        if let (true, Some(line), false) = (email, preview, parts.contains_key("preheader")) {
            parts.insert("preheader", Some(line));
        }
        self.complete(email, record.span, parts)
    }

    /// Reports an empty subject, and a message whose body parts are all empty.
    fn blanks(&mut self, email: bool, parts: &BTreeMap<&str, Option<Expr>>, spans: &BTreeMap<&str, Span>) {
        let text = if email { say!("the email text is empty") } else { say!("the message text is empty") };
        let subject = say!("the email subject is empty");
        for (names, message) in [(&["subject"][..], subject), (&["text", "html"], text)] {
            let mut written = names.iter().filter_map(|name| Some((parts.get(name)?, *spans.get(name)?)));
            let Some((_, first)) = written.clone().next() else { continue };
            if written.clone().all(|(part, _)| part.as_ref().is_some_and(is_blank)) {
                self.empty(first, message);
            } else if written.all(|(part, _)| part.as_ref().is_some_and(may_be_blank)) {
                self.perhaps_empty(first);
            }
        }
    }

    fn empty(&mut self, span: Span, message: Phrase) {
        let finding = Diagnostic::new(Code::EmptyMessage, span, message, say!("is empty"));
        self.report(finding.help(say!("add the text that the client should read")));
    }

    fn perhaps_empty(&mut self, span: Span) {
        let message = say!("the text is empty if no condition is true");
        let mut finding = Diagnostic::new(Code::EmptyMessage, span, message, say!("may be empty"));
        // Several conditions may cover all clients.
        finding.severity = Severity::Warning;
        self.report(
            finding
                .help(say!("to send nothing then, ask before the message: `if .. -> send ..`"))
                .help(say!("or write what the client should read then after `{{{{ else }}}}`")),
        );
    }

    fn complete(&mut self, email: bool, span: Span, mut parts: BTreeMap<&str, Option<Expr>>) -> Option<Content> {
        if !email {
            return match parts.remove("text") {
                Some(text) => text.map(Content::Text),
                None => {
                    let finding = Diagnostic::new(
                        Code::WrongTemplate,
                        span,
                        say!("a message needs a `text`"),
                        say!("missing text"),
                    );
                    self.fail(finding.help(say!("write `{{ text: \"..\" }}` or just the string")))
                }
            };
        }
        let mut whole = true;
        if !parts.contains_key("subject") {
            let finding =
                Diagnostic::new(Code::NoSubject, span, say!("an email needs a subject"), say!("missing subject"));
            self.report(finding.help(say!("add `subject: \"..\"`")));
            whole = false;
        }
        if !parts.contains_key("text") && !parts.contains_key("html") {
            let message = say!("an email needs a `text`, an `html` or a `body`");
            let finding = Diagnostic::new(Code::WrongTemplate, span, message, say!("missing content"));
            self.report(finding.help(say!("add `text: \"..\"`, or `body: file \"letter.mjml\"`")));
            whole = false;
        }
        if !whole || parts.values().any(Option::is_none) {
            return None;
        }
        let mut part = |name: &str| parts.remove(name).flatten();
        Some(Content::Email {
            subject: part("subject")?,
            preheader: part("preheader"),
            text: part("text"),
            html: part("html"),
        })
    }
}

/// Whether a text is always blank.
fn is_blank(text: &Expr) -> bool {
    matches!(text, Expr::Value(Value::Text(text)) if text.trim().is_empty())
}

/// Whether a text is blank if certain conditions are false.
fn may_be_blank(text: &Expr) -> bool {
    fn blank(part: &Part) -> bool {
        match part {
            Part::Text(text) => text.trim().is_empty(),
            Part::Placeholder(..) => false,
            Part::If { branches, otherwise } => {
                Part::alternatives(branches, otherwise).any(|parts| parts.iter().all(blank))
            }
        }
    }
    is_blank(text) || matches!(text, Expr::Text(parts) if parts.iter().all(blank))
}
