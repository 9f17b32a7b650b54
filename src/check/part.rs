//! Parts of messages. In: the entries of a record, and files. Out: what each part says, under the name that it has.

use super::checker::Checker;
use super::names::Scope;
use super::note::Word;
use super::program::{Expr, Part, Words};
use crate::diagnostic::{Code, Diagnostic};
use crate::markup::{self, Language};
use crate::say;
use crate::source::Spanned;
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::{TextFormat, parse_text};
use crate::value::{Type, Value};

/// The names of the parts of messages.
pub(super) const PARTS: [&str; 5] = ["subject", "text", "html", "body", "preheader"];

/// A part of a message.
pub(super) struct Written {
    /// What it says.
    pub(super) expr: Expr,
    /// The line beside the subject, where an MJML says one.
    pub(super) preview: Option<Expr>,
}

impl From<Expr> for Written {
    fn from(expr: Expr) -> Self {
        Self { expr, preview: None }
    }
}

impl Checker<'_> {
    /// `subject: ".."`, `body: file "emails/welcome.mjml"`; with the name of the part that it is.
    pub(super) fn message_part<'n>(
        &mut self,
        scope: &Scope,
        channel: &str,
        entry: &'n ast::RecordEntry,
    ) -> (&'n str, Option<Written>) {
        let name = entry.name.node.as_str();
        if PARTS.contains(&name) {
            self.note_word(Word::Part, &entry.name);
        }
        if let ExprKind::File(file) = &entry.value.kind {
            return self.file_part(scope, channel, name, file);
        }
        let scope = &scope.in_message(channel, name);
        if let ExprKind::Text(text) = &in_parentheses(&entry.value).kind {
            self.unfinished(text);
            if name == "html" {
                return (name, self.letter(scope, text, Language::Html, false));
            }
        }
        let value = self.value_of(scope, &entry.value, &Type::Text, &say!("`{name}` of a message", name));
        if name == "body" {
            let finding =
                Diagnostic::new(Code::WrongTemplate, entry.value.span, say!("`body` is a file"), say!("not a file"));
            self.report(finding.help(say!("write `body: file \"letter.mjml\"`, or `text: \"..\"` for words in place")));
            return (part_of(name, channel, None), None);
        }
        if let (ExprKind::Text(text), Some(value), "text") = (&in_parentheses(&entry.value).kind, &value, name) {
            self.words(channel, text, &value.expr, true);
        }
        let expr = value.map(|value| if name == "preheader" { as_markup(value.expr) } else { value.expr });
        (name, expr.map(Written::from))
    }

    /// Notes the words of an SMS, which is paid for by its length. Those of the prelude are nobody's fault.
    pub(super) fn words(&mut self, channel: &str, text: &ast::Text, expr: &Expr, quoted: bool) {
        if channel != "sms" || self.prelude == Some(text.span.file) {
            return;
        }
        let place = |part: &ast::TextPart| match part {
            ast::TextPart::Text(text) => text.span,
            ast::TextPart::Hole(hole) => hole.span,
        };
        let parts = text.parts.iter().map(|part| Spanned::new(self.slice(place(part)).to_owned(), place(part)));
        let words = Words { text: expr.clone(), span: text.span, parts: parts.collect(), quoted };
        self.words.insert(text.span, words);
    }

    /// A part that stands in a file. A `body` is the part that the kind of its file makes it.
    pub(super) fn file_part<'n>(
        &mut self,
        scope: &Scope,
        channel: &str,
        name: &'n str,
        file: &ast::TextFile,
    ) -> (&'n str, Option<Written>) {
        let Some((id, kind)) = self.text_file(file) else { return (part_of(name, channel, None), None) };
        let part = part_of(name, channel, Some(kind));
        if let Some(fault) = unfit(part, name, channel, kind, file) {
            return (part, self.fail(fault));
        }
        if self.sources.get(id).is_some_and(|text| text.text.trim().is_empty()) {
            let (span, written) = (file.path.span, self.slice(file.path.span).trim_matches('"'));
            let finding =
                Diagnostic::new(Code::EmptyMessage, span, say!("`{written}` is empty", written), say!("says nothing"));
            return (part, self.fail(finding.help(say!("write in it what the client should read"))));
        }
        let parsed = parse_text(self.sources, id, kind != TextFormat::Plain);
        let damaged = !parsed.diagnostics.is_empty();
        parsed.diagnostics.into_iter().for_each(|finding| self.report(finding));
        self.unfinished(&parsed.text);
        let scope = &scope.in_message(channel, part);
        let written = match kind {
            TextFormat::Mjml => self.letter(scope, &parsed.text, Language::Mjml, true),
            TextFormat::Html => self.letter(scope, &parsed.text, Language::Html, true),
            TextFormat::Plain => self.text(scope, &parsed.text).map(|text| {
                self.words(channel, &parsed.text, &text.expr, false);
                text.expr.into()
            }),
        };
        (part, written.filter(|_| !damaged))
    }
}

/// The part that an entry is. A `body` in no file is taken for the one that such messages have.
fn part_of<'n>(name: &'n str, channel: &str, kind: Option<TextFormat>) -> &'n str {
    match (name, channel, kind) {
        ("body", "email", Some(TextFormat::Mjml | TextFormat::Html) | None) => "html",
        ("body", _, _) => "text",
        _ => name,
    }
}

/// Why a part cannot be a file, or not one of this kind.
fn unfit(part: &str, name: &str, channel: &str, kind: TextFormat, file: &ast::TextFile) -> Option<Diagnostic> {
    let (message, help) = match (part, kind) {
        ("text", TextFormat::Plain) | ("html", TextFormat::Mjml | TextFormat::Html) => return None,
        ("text", _) if channel != "email" => {
            (say!("{channel} is plain text, and this is a letter", channel), say!("name a `.txt` file"))
        }
        ("text", _) => (say!("`text` is plain, and this is a letter"), say!("write `html: file ..`")),
        ("html", _) => (say!("`html` is a letter, and this is plain text"), say!("write `text: file ..`")),
        _ => {
            let message = say!("`{name}` cannot be a file", name);
            let finding = Diagnostic::new(Code::WrongFile, file.span, message, say!("cannot be a file"));
            return Some(finding.help(say!("write it in place: `{name}: \"..\"`", name)));
        }
    };
    Some(Diagnostic::new(Code::WrongFile, file.path.span, message, say!("another kind is wanted")).help(help))
}

/// What stands in parentheses, if any are around it.
fn in_parentheses(expr: &ast::Expr) -> &ast::Expr {
    if let ExprKind::Paren(inner) = &expr.kind { in_parentheses(inner) } else { expr }
}

/// Characters that are text, as markup.
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
    let parts = parts.into_iter().map(|part| match part {
        Part::Text(text) => Part::Text(escaped(&text)),
        Part::Hole(expr, filters) => Part::Hole(expr, filters),
    });
    Expr::Text(parts.collect())
}
