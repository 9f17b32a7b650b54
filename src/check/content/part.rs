//! Message parts. In: the entries of a record, and files. Out: the content of each part, by the name of the part.

use super::plain_link::encode_links;
use crate::check::checker::Checker;
use crate::check::prelude::PARTS;
use crate::check::program::{Expr, Words};
use crate::check::scope::Scope;
use crate::check::symbol::BuiltinKind;
use crate::check::types::Typed;
use crate::diagnostic::{Code, Diagnostic};
use crate::markup::{self, Language};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::{TextFormat, parse_text};
use crate::value::{Type, Value};

/// A checked part of a message.
pub(in crate::check) struct PartText {
    /// Its text.
    pub(in crate::check) expr: Expr,
    /// The preview line, if the MJML defines one.
    pub(super) preview: Option<Expr>,
}

impl From<Expr> for PartText {
    fn from(expr: Expr) -> Self {
        Self { expr, preview: None }
    }
}

impl Checker<'_> {
    /// `subject: ".."`, `body: file "emails/welcome.mjml"`, with the name of the part.
    pub(super) fn message_part<'n>(
        &mut self,
        scope: &Scope,
        channel: &str,
        entry: &'n ast::RecordEntry,
    ) -> (&'n str, Option<PartText>) {
        let name = entry.name.node.as_str();
        if PARTS.contains(&name) {
            self.record_builtin(BuiltinKind::Part, &entry.name);
        }
        if let ExprKind::File(file) = &entry.value.kind {
            return self.file_part(scope, channel, name, file);
        }
        let scope = &scope.in_message(channel, name);
        if let ExprKind::Text(text) = &in_parentheses(&entry.value).kind {
            self.leftover_text(text);
            if name == "html" {
                return (name, self.email_html(scope, text, Language::Html, false));
            }
        }
        let mut value = self.value_of(scope, &entry.value, &Type::Text, &say!("`{name}` of a message", name));
        if name == "text" {
            value = value.map(|value| Typed { expr: encode_links(value.expr), ..value });
        }
        if name == "body" {
            let finding = Diagnostic::new(
                Code::WrongTemplate,
                entry.value.span,
                say!("`body` must be a file"),
                say!("not a file"),
            );
            self.report(finding.help(say!("write `body: file \"welcome.mjml\"`, or `text: \"..\"` for inline text")));
            return (part_of(name, channel, None), None);
        }
        if let (ExprKind::Text(text), Some(value), "text") = (&in_parentheses(&entry.value).kind, &value, name) {
            self.words(channel, text, &value.expr, true);
        }
        let expr = value.map(|value| if name == "preheader" { as_markup(value.expr) } else { value.expr });
        (name, expr.map(PartText::from))
    }

    /// Records the text of an SMS, whose price depends on its length. Texts of the prelude are not the author's.
    pub(in crate::check) fn words(&mut self, channel: &str, text: &ast::Text, expr: &Expr, quoted: bool) {
        if channel != "sms" || self.decl.prelude == Some(text.span.file) {
            return;
        }
        let written = |span: Span| Spanned::new(self.slice(span).to_owned(), span);
        let parts = text.parts.iter().map(|part| written(part.span())).collect();
        let leaf = |piece: ast::TextPiece<'_>| match piece {
            ast::TextPiece::Text(text) => Some(written(text.span)),
            ast::TextPiece::Placeholder(placeholder) => Some(written(placeholder.span)),
            ast::TextPiece::Tag(..) => None,
        };
        let leaves = text.pieces().into_iter().filter_map(leaf).collect();
        let words = Words { text: expr.clone(), span: text.span, parts, leaves, quoted };
        self.words.insert(text.span, words);
    }

    /// A part in a file. For `body`, the kind of the file decides which part it is.
    pub(super) fn file_part<'n>(
        &mut self,
        scope: &Scope,
        channel: &str,
        name: &'n str,
        file: &ast::TextFile,
    ) -> (&'n str, Option<PartText>) {
        let Some((id, kind)) = self.text_file(file) else { return (part_of(name, channel, None), None) };
        let part = part_of(name, channel, Some(kind));
        if let Some(fault) = unfit(part, name, channel, kind, file) {
            return (part, self.fail(fault));
        }
        if self.sources.get(id).is_some_and(|text| text.text.trim().is_empty()) {
            let (span, written) = (file.path.span, self.slice(file.path.span).trim_matches('"'));
            let finding =
                Diagnostic::new(Code::EmptyMessage, span, say!("`{written}` is empty", written), say!("empty file"));
            return (part, self.fail(finding.help(say!("add the text that the client should read"))));
        }
        let parsed = parse_text(self.sources, id, kind != TextFormat::Plain);
        let damaged = !parsed.diagnostics.is_empty();
        parsed.diagnostics.into_iter().for_each(|finding| self.report(finding));
        self.leftover_text(&parsed.text);
        let scope = &scope.in_message(channel, part);
        let written = match kind {
            TextFormat::Mjml => self.email_html(scope, &parsed.text, Language::Mjml, true),
            TextFormat::Html => self.email_html(scope, &parsed.text, Language::Html, true),
            TextFormat::Plain => self.text(scope, &parsed.text).map(|text| {
                if let Expr::Text(parts) = &text.expr {
                    self.record_conditions(scope, parsed.text.span, parts);
                }
                let expr = encode_links(text.expr);
                self.words(channel, &parsed.text, &expr, false);
                expr.into()
            }),
        };
        (part, written.filter(|_| !damaged))
    }
}

/// The part that an entry defines. A `body` that is not a file counts as the main part of the channel.
fn part_of<'n>(name: &'n str, channel: &str, kind: Option<TextFormat>) -> &'n str {
    match (name, channel, kind) {
        ("body", "email", Some(TextFormat::Mjml | TextFormat::Html) | None) => "html",
        ("body", _, _) => "text",
        _ => name,
    }
}

/// Why a part cannot be a file, or not a file of this kind.
fn unfit(part: &str, name: &str, channel: &str, kind: TextFormat, file: &ast::TextFile) -> Option<Diagnostic> {
    let (message, help) = match (part, kind) {
        ("text", TextFormat::Plain) | ("html", TextFormat::Mjml | TextFormat::Html) => return None,
        ("text", _) if channel != "email" => {
            (say!("{channel} expects plain text, but this is HTML", channel), say!("use a `.txt` file"))
        }
        ("text", _) => (say!("`text` expects plain text, but this is HTML"), say!("write `html: file ..`")),
        ("html", _) => (say!("`html` expects HTML, but this is plain text"), say!("write `text: file ..`")),
        _ => {
            let message = say!("`{name}` cannot be a file", name);
            let finding = Diagnostic::new(Code::WrongFile, file.span, message, say!("cannot be a file"));
            return Some(finding.help(say!("write it inline: `{name}: \"..\"`", name)));
        }
    };
    Some(Diagnostic::new(Code::WrongFile, file.path.span, message, say!("wrong file type")).help(help))
}

/// Removes parentheses around an expression.
fn in_parentheses(expr: &ast::Expr) -> &ast::Expr {
    if let ExprKind::Paren(inner) = &expr.kind { in_parentheses(inner) } else { expr }
}

/// Escapes text for HTML.
fn as_markup(expr: Expr) -> Expr {
    let escaped = |text: &str| {
        let mut out = String::new();
        markup::escape(&mut out, text);
        out
    };
    if let Expr::Value(Value::Text(text)) = &expr {
        return Expr::Value(Value::Text(escaped(text)));
    }
    let Expr::Text(parts) = expr else { return expr };
    Expr::Text(parts.into_iter().map(|part| part.with_texts(&escaped)).collect())
}
