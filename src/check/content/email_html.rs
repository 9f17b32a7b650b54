//! HTML emails. In: HTML or MJML with placeholders. Out: text expressions whose placeholders are escaped for their
//! position.

use super::part::PartText;
use super::unsafe_placeholder::{
    CheckedPlaceholder, address_scheme, is_address, markup_finding, not_an_address, require_web_address, unsafe_link,
};
use crate::check::checker::Checker;
use crate::check::program::{Expr, Filter, Part};
use crate::check::scope::Scope;
use crate::markup::{self, EscapeContext, Fault, Language, Piece, Segment};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;

impl Checker<'_> {
    /// Checks an email body in HTML or MJML; `file` says whether it is a file of its own.
    pub(super) fn email_html(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        language: Language,
        file: bool,
    ) -> Option<PartText> {
        let scope = scope.in_condition(false);
        let mut placeholders = Vec::new();
        for part in &text.parts {
            if let ast::TextPart::Placeholder(placeholder) = part {
                placeholders.push((placeholder, self.placeholder(&scope, placeholder)));
            }
        }
        let pieces = if file { self.raw_pieces(text.span, &placeholders) } else { pieces(text) };
        let email = markup::compile(&pieces, language);
        let mut sound = true;
        for fault in email.faults {
            sound &= !matches!(fault, Fault::Markup { fatal: true, .. } | Fault::Placeholder(..));
            let finding = markup_finding(fault, text.span, &placeholders);
            self.report(finding);
        }
        let html = self.fill(email.html, &placeholders, file);
        let preview = email.preview.map(|line| self.fill(line, &placeholders, file));
        let preview = match preview {
            Some(preview) => Some(preview?),
            None => None,
        };
        html.filter(|_| sound).map(|expr| PartText { expr, preview })
    }

    /// A file split at its placeholders; positions are those in the file.
    fn raw_pieces(&self, whole: Span, placeholders: &[CheckedPlaceholder<'_>]) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut at = whole.start;
        for (placeholder, _) in placeholders {
            pieces.push(Piece::Text(self.slice(Span { start: at, end: placeholder.span.start, ..whole })));
            pieces.push(Piece::Placeholder(placeholder.span.len()));
            at = placeholder.span.end;
        }
        pieces.push(Piece::Text(self.slice(Span { start: at, ..whole })));
        pieces
    }

    /// The text expression of the segments of an email body.
    fn fill(&mut self, segments: Vec<Segment>, placeholders: &[CheckedPlaceholder<'_>], raw: bool) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut whole = true;
        for segment in segments {
            match segment {
                Segment::Text(text) if raw => parts.push(Part::Text(text.replace('\r', "").replace("\\{{", "{{"))),
                Segment::Text(text) => parts.push(Part::Text(text)),
                Segment::Placeholder(number, place) => {
                    let Some((placeholder, Some(part))) = placeholders.get(number) else {
                        whole = false;
                        continue;
                    };
                    if place == Some(EscapeContext::Link)
                        && let Err(loose) = require_web_address(part)
                    {
                        self.report(unsafe_link(self.slice(placeholder.expr.span), placeholder.span, loose));
                        whole = false;
                    }
                    if place == Some(EscapeContext::LinkPath)
                        && let Some((scheme, ty)) = parts.last().and_then(address_scheme)
                        && !is_address(part, &ty)
                    {
                        let name = self.slice(placeholder.expr.span).to_owned();
                        self.report(not_an_address(&name, placeholder.span, scheme, &ty));
                        whole = false;
                    }
                    parts.push(escaped(part.clone(), place));
                }
            }
        }
        let plain: Option<String> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Placeholder(..) => None,
            })
            .collect();
        let expr = plain.map_or_else(|| Expr::Text(parts.clone()), |text| Expr::Value(Value::Text(text)));
        whole.then_some(expr)
    }
}

/// A string literal split at its placeholders.
fn pieces(text: &ast::Text) -> Vec<Piece<'_>> {
    let pieces = text.parts.iter().map(|part| match part {
        ast::TextPart::Text(text) => Piece::Text(&text.node),
        ast::TextPart::Placeholder(placeholder) => Piece::Placeholder(placeholder.span.len()),
    });
    pieces.collect()
}

/// Adds the escaping filter to a placeholder.
fn escaped(part: Part, place: Option<EscapeContext>) -> Part {
    match part {
        Part::Placeholder(expr, mut filters) => {
            // What is encoded already stays as it is.
            let is_encoded = filters.contains(&Filter::UrlEncode)
                && matches!(place, Some(EscapeContext::LinkPath | EscapeContext::LinkQuery));
            if place.is_some() && matches!(filters.last(), Some(Filter::Clock(_))) {
                // Programs read the instant.
                filters.pop();
            }
            filters.extend(place.filter(|_| !is_encoded).map(Filter::Safe));
            Part::Placeholder(expr, filters)
        }
        Part::Text(text) => Part::Text(text),
    }
}
