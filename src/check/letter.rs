//! Letters. In: the parts of a message as written, in place or in files. Out: text expressions, safe where they stand.

use super::checker::Checker;
use super::names::Scope;
use super::program::{Expr, Filter, Part};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::markup::{self, Fault, Language, Misplaced, Piece, Place, Segment};
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use crate::syntax::{TextKind, parse_text};
use crate::value::{Type, Value, json};

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
        if let ExprKind::File(file) = &entry.value.kind {
            return self.file_part(scope, channel, name, file);
        }
        if let (ExprKind::Text(text), "html") = (&entry.value.kind, name) {
            return (name, self.letter(scope, text, Language::Html, None));
        }
        let value = self.value_of(scope, &entry.value, &Type::Text, &format!("`{name}` of a message"));
        if name == "body" {
            let finding = Diagnostic::new(Code::WrongTemplate, entry.value.span, "`body` is a file", "not a file");
            self.report(finding.help("write `body: file \"letter.mjml\"`, or `text: \"..\"` for words in place"));
            return (if channel == "email" { "html" } else { "text" }, None);
        }
        let expr = value.map(|value| if name == "preheader" { as_markup(value.expr) } else { value.expr });
        (name, expr.map(Written::from))
    }

    /// A part that stands in a file. A `body` is the part that the kind of its file makes it.
    pub(super) fn file_part<'n>(
        &mut self,
        scope: &Scope,
        channel: &str,
        name: &'n str,
        file: &ast::TextFile,
    ) -> (&'n str, Option<Written>) {
        let email = channel == "email";
        let Some((id, kind)) = self.text_file(file) else {
            return (
                if name != "body" {
                    name
                } else if email {
                    "html"
                } else {
                    "text"
                },
                None,
            );
        };
        let markup = kind != TextKind::Plain;
        let wrong = |message: String, help: &str| {
            Diagnostic::new(Code::WrongFile, file.path.span, message, "another kind is wanted").help(help)
        };
        let (part, fault) = match name {
            "body" | "text" if markup && !email => {
                ("text", Some(wrong(format!("{channel} is plain text, and this is a letter"), "name a `.txt` file")))
            }
            "body" if markup => ("html", None),
            "body" => ("text", None),
            "text" if markup => {
                ("text", Some(wrong("`text` is plain, and this is a letter".to_owned(), "write `html: file ..`")))
            }
            "html" if !markup => {
                ("html", Some(wrong("`html` is a letter, and this is plain text".to_owned(), "write `text: file ..`")))
            }
            "text" | "html" => (name, None),
            _ => {
                let message = format!("`{name}` cannot be a file");
                let finding = Diagnostic::new(Code::WrongFile, file.span, message, "cannot be a file");
                (name, Some(finding.help(format!("write it in place: `{name}: \"..\"`"))))
            }
        };
        if let Some(fault) = fault {
            return (part, self.fail(fault));
        }
        let parsed = parse_text(self.sources, id, markup);
        let damaged = !parsed.diagnostics.is_empty();
        parsed.diagnostics.into_iter().for_each(|finding| self.report(finding));
        let written = match kind {
            TextKind::Mjml => self.letter(scope, &parsed.text, Language::Mjml, Some(parsed.text.span)),
            TextKind::Html => self.letter(scope, &parsed.text, Language::Html, Some(parsed.text.span)),
            TextKind::Plain => self.text(scope, &parsed.text).map(|text| text.expr.into()),
        };
        (part, written.filter(|_| !damaged))
    }

    /// A letter in HTML or MJML; `file` is the whole file where it stands in one.
    fn letter(&mut self, scope: &Scope, text: &ast::Text, language: Language, file: Option<Span>) -> Option<Written> {
        let scope = scope.asking(false);
        let mut holes = Vec::new();
        for part in &text.parts {
            if let ast::TextPart::Hole(hole) = part {
                holes.push((hole, self.hole(&scope, hole)));
            }
        }
        let letter = match file {
            Some(whole) => markup::letter(&self.raw_pieces(whole, &holes), language),
            None => markup::letter(&pieces(text), language),
        };
        let mut sound = true;
        for fault in letter.faults {
            sound &= !matches!(fault, Fault::Markup { fatal: true, .. } | Fault::Hole(..));
            let finding = told(fault, text.span, &holes);
            self.report(finding);
        }
        let html = self.filled(letter.html, &holes, file.is_some());
        let preview = letter.preview.map(|line| self.filled(line, &holes, file.is_some()));
        let preview = match preview {
            Some(preview) => Some(preview?),
            None => None,
        };
        html.filter(|_| sound).map(|expr| Written { expr, preview })
    }

    /// A file cut at its holes, each character where it stands in the file.
    fn raw_pieces(&self, whole: Span, holes: &[(&ast::Hole, Option<Part>)]) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut at = whole.start;
        for (hole, _) in holes {
            pieces.push(Piece::Text(self.slice(Span { start: at, end: hole.span.start, ..whole })));
            pieces.push(Piece::Hole(hole.span.len()));
            at = hole.span.end;
        }
        pieces.push(Piece::Text(self.slice(Span { start: at, ..whole })));
        pieces
    }

    /// The text expression of a letter's segments.
    fn filled(&mut self, segments: Vec<Segment>, holes: &[(&ast::Hole, Option<Part>)], raw: bool) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut whole = true;
        for segment in segments {
            match segment {
                Segment::Text(text) if raw => parts.push(Part::Text(text.replace('\r', "").replace("\\{{", "{{"))),
                Segment::Text(text) => parts.push(Part::Text(text)),
                Segment::Hole(number, place) => {
                    let Some((hole, Some(part))) = holes.get(number) else {
                        whole = false;
                        continue;
                    };
                    if place == Some(Place::Link) && !leads_to_web(part) {
                        self.report(loose_link(self.slice(hole.expr.span), hole.span));
                        whole = false;
                    }
                    parts.push(made_safe(part.clone(), place));
                }
            }
        }
        let plain: Option<String> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Hole(..) => None,
            })
            .collect();
        let expr = plain.map_or_else(|| Expr::Text(parts.clone()), |text| Expr::Value(Value::Text(text)));
        whole.then_some(expr)
    }
}

/// A text in place cut at its holes.
fn pieces(text: &ast::Text) -> Vec<Piece<'_>> {
    let pieces = text.parts.iter().map(|part| match part {
        ast::TextPart::Text(text) => Piece::Text(&text.node),
        ast::TextPart::Hole(hole) => Piece::Hole(hole.span.len()),
    });
    pieces.collect()
}

/// Puts the last filter on a hole.
fn made_safe(part: Part, place: Option<Place>) -> Part {
    match part {
        Part::Hole(expr, mut filters) => {
            filters.extend(place.map(Filter::Safe));
            Part::Hole(expr, filters)
        }
        Part::Text(text) => Part::Text(text),
    }
}

/// Whether all that a hole can show is an address of the web.
fn leads_to_web(part: &Part) -> bool {
    let is_url = |text: &str| json::read(&text.into(), &Type::Url, None).is_ok();
    let web = |expr: &Expr| {
        matches!(expr, Expr::Field(read) if read.ty == Type::Url)
            || matches!(expr, Expr::Value(Value::Text(text)) if is_url(text))
    };
    match part {
        Part::Hole(expr, filters) => {
            web(expr) && filters.iter().all(|filter| matches!(filter, Filter::Default(other) if web(other)))
        }
        Part::Text(_) => false,
    }
}

fn loose_link(name: &str, span: Span) -> Diagnostic {
    let message = format!("a link begins with `{name}`, which is not sure to be a web address");
    Diagnostic::new(Code::UnsafeHole, span, message, "could lead anywhere")
        .help("give the field the type `url`")
        .help(format!("or write where the link leads: `https://example.com/{{{{ {name} }}}}`"))
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

/// A fault of a letter as a finding.
fn told(fault: Fault, whole: Span, holes: &[(&ast::Hole, Option<Part>)]) -> Diagnostic {
    match fault {
        Fault::Markup { place, fatal, message, label, help } => {
            // A fault at the very end is shown on the last character, for a place must show something.
            let end = (place.end).max(place.start + 1).min(whole.len());
            let place = place.start.min(end.saturating_sub(1))..end;
            let start = whole.start as usize;
            let span = Span::new(whole.file, start + place.start, start + place.end);
            let mut finding = Diagnostic::new(Code::BrokenMarkup, span, message, label).help(help);
            if !fatal {
                finding.severity = Severity::Warning;
            }
            finding
        }
        Fault::Hole(number, misplaced) => {
            misplaced_hole(misplaced, holes.get(number).map_or(whole, |(hole, _)| hole.span))
        }
    }
}

fn misplaced_hole(misplaced: Misplaced, span: Span) -> Diagnostic {
    let (message, label, help) = match misplaced {
        Misplaced::Tag => {
            ("a value cannot be part of a tag", "inside a tag", "put the hole between tags, or into a value in quotes")
        }
        Misplaced::Unquoted => (
            "a value stands in an attribute without quotes",
            "needs quotes",
            "put the value of the attribute into quotes",
        ),
        Misplaced::Program => {
            ("a value cannot be part of a program", "run as a program", "leave it out: mail programs run no scripts")
        }
        Misplaced::Several => {
            ("a value cannot stand in a list of addresses", "several addresses", "give one address in `src` or `href`")
        }
        Misplaced::Aside => (
            "a value cannot stand in a condition or declaration",
            "not shown to anyone",
            "put the hole into the words of the letter",
        ),
        Misplaced::StyleLink => (
            "a value cannot be a link of a style sheet",
            "a link in a style sheet",
            "put it into the `style` of the element",
        ),
        Misplaced::Host => (
            "a value cannot be part of a link's host",
            "could lead anywhere",
            "put `/` or `?` before the hole, or begin the link with a value of type `url`",
        ),
        Misplaced::Scheme => (
            "a value cannot say what kind of link this is",
            "could lead anywhere",
            "write where the link leads: `https://example.com/{{ .. }}`",
        ),
        Misplaced::Lost => {
            let finding =
                Diagnostic::new(Code::BrokenMarkup, span, "this value is left out of the letter", "dropped by MJML");
            return finding.help("put the hole into words, or into an attribute that the element has");
        }
    };
    Diagnostic::new(Code::UnsafeHole, span, message, label).help(help)
}
