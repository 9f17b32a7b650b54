//! HTML emails. In: HTML or MJML with placeholders. Out: text expressions whose placeholders are escaped for their
//! position.

use super::part::PartText;
use super::parts_builder::PartsBuilder;
use super::unsafe_placeholder::{
    CheckedKind, CheckedPiece, address_scheme, is_address, markup_finding, not_an_address, require_web_address,
    unsafe_link,
};
use crate::check::checker::Checker;
use crate::check::program::{Expr, Filter, Part};
use crate::check::scope::{ExprContext, Scope};
use crate::diagnostic::Diagnostic;
use crate::markup::{self, BranchTag, EscapeContext, Fault, Language, Piece, Segment};
use crate::source::Span;
use crate::syntax::ast::{self, TextPiece, TextTag};
use crate::value::Value;
use std::ops::Range;

impl Checker<'_> {
    /// Checks an email body in HTML or MJML; `file` says whether it is a file of its own.
    pub(super) fn email_html(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        language: Language,
        file: bool,
    ) -> Option<PartText> {
        let scope = scope.in_text();
        let mut placeholders = Vec::new();
        self.pieces_of(&scope, &text.parts, &mut placeholders);
        let tags = |wanted: fn(&CheckedKind) -> bool| placeholders.iter().filter(|piece| wanted(&piece.kind)).count();
        if tags(|kind| matches!(kind, CheckedKind::If(_))) != tags(|kind| matches!(kind, CheckedKind::End)) {
            // The parser has reported the missing `{{ end }}`.
            return None;
        }
        let pieces = if file { self.raw_pieces(text.span, &placeholders) } else { pieces(text) };
        let email = markup::compile(&pieces, language);
        let mut sound = true;
        for fault in email.faults {
            sound &= !matches!(fault, Fault::Markup { fatal: true, .. } | Fault::Placeholder(..));
            let located = if let Fault::Markup { place, .. } = &fault { self.locate(text, place, file) } else { None };
            let finding = markup_finding(fault, text.span, located, &placeholders);
            self.report(finding);
        }
        let html = self.fill(email.html, &placeholders, file);
        let preview = email.preview.map(|line| self.fill(line, &placeholders, file));
        let preview = match preview {
            Some(preview) => Some(preview?),
            None => None,
        };
        if let Some(Expr::Text(parts)) = html.as_ref().filter(|_| file || scope.context == ExprContext::Template) {
            self.record_conditions(&scope, text.span, parts);
        }
        html.filter(|_| sound).map(|expr| PartText { expr, preview })
    }

    /// Where a place of a string literal is in the source, whose escapes and indentation the string does not have.
    fn locate(&self, text: &ast::Text, place: &Range<usize>, file: bool) -> Option<Span> {
        let mut start = 0;
        for piece in text.pieces().into_iter().filter(|_| !file) {
            let length = match piece {
                TextPiece::Text(words) => words.node.len(),
                TextPiece::Placeholder(placeholder) => placeholder.span.len(),
                TextPiece::Tag(_, span) => span.len(),
            };
            let before = place.start - start;
            if before < length {
                let words = match piece {
                    TextPiece::Text(words) => words,
                    TextPiece::Placeholder(placeholder) => return Some(placeholder.span),
                    TextPiece::Tag(_, span) => return Some(span),
                };
                let end = length.min(place.end - start);
                let wanted = words.node.get(before..end)?.split(['"', '\\', '\n']).next()?;
                let count = words.node.get(..before)?.matches(wanted).count();
                let (at, _) = self.slice(words.span).match_indices(wanted).nth(count)?;
                let at = words.span.start as usize + at;
                return Some(Span::new(words.span.file, at, at + wanted.len()));
            }
            start += length;
        }
        None
    }

    /// Checks placeholders and conditions, in the order of the source.
    fn pieces_of(&mut self, scope: &Scope, parts: &[ast::TextPart], found: &mut Vec<CheckedPiece>) {
        for part in parts {
            match part {
                ast::TextPart::Text(_) => {}
                ast::TextPart::Placeholder(placeholder) => {
                    let part = self.placeholder(scope, placeholder);
                    let kind = CheckedKind::Placeholder(placeholder.expr.span, part);
                    found.push(CheckedPiece { span: placeholder.span, kind });
                }
                ast::TextPart::If(choice) => {
                    let mut outside = scope.clone();
                    for (at, branch) in choice.branches.iter().enumerate() {
                        let (condition, inside, others) = self.text_condition(&outside, &branch.condition);
                        let kind = if at == 0 { CheckedKind::If(condition) } else { CheckedKind::ElseIf(condition) };
                        found.push(CheckedPiece { span: branch.tag, kind });
                        self.pieces_of(&inside, &branch.parts, found);
                        outside = others;
                    }
                    found.extend(choice.else_tag.map(|span| CheckedPiece { span, kind: CheckedKind::Else }));
                    self.pieces_of(&outside, &choice.otherwise, found);
                    found.extend(choice.end_tag.map(|span| CheckedPiece { span, kind: CheckedKind::End }));
                }
            }
        }
    }

    /// A file split at its placeholders; positions are those in the file.
    fn raw_pieces(&self, whole: Span, placeholders: &[CheckedPiece]) -> Vec<Piece<'_>> {
        let mut pieces = Vec::new();
        let mut at = whole.start;
        for placeholder in placeholders {
            let span = placeholder.span;
            pieces.push(Piece::Text(self.slice(Span { start: at, end: span.start, ..whole })));
            pieces.push(match &placeholder.kind {
                CheckedKind::Placeholder(..) => Piece::Placeholder(span.len()),
                CheckedKind::If(_) => Piece::Tag(BranchTag::If, span.len()),
                CheckedKind::ElseIf(_) | CheckedKind::Else => Piece::Tag(BranchTag::Else, span.len()),
                CheckedKind::End => Piece::Tag(BranchTag::End, span.len()),
            });
            at = span.end;
        }
        pieces.push(Piece::Text(self.slice(Span { start: at, ..whole })));
        pieces
    }

    /// The text expression of the segments of an email body.
    fn fill(&mut self, segments: Vec<Segment>, placeholders: &[CheckedPiece], raw: bool) -> Option<Expr> {
        let mut parts = PartsBuilder::default();
        for segment in segments {
            match segment {
                Segment::Text(text) if raw => parts.push(Part::Text(text.replace('\r', "").replace("\\{{", "{{"))),
                Segment::Text(text) => parts.push(Part::Text(text)),
                Segment::Placeholder(number, place) => {
                    match placeholders.get(number).map(|piece| (piece.span, &piece.kind)) {
                        Some((span, CheckedKind::Placeholder(value, Some(part)))) => {
                            if let Some(finding) = self.unfit_address(&parts, part, (span, *value), place) {
                                self.report(finding);
                                parts.is_damaged = true;
                            }
                            parts.push(escaped(part.clone(), place));
                        }
                        Some((_, CheckedKind::If(condition))) => parts.begin(condition.as_ref()),
                        Some((_, CheckedKind::ElseIf(condition))) => parts.next(condition.as_ref()),
                        Some((_, CheckedKind::Else)) => parts.otherwise(),
                        Some((_, CheckedKind::End)) => parts.end(),
                        Some((_, CheckedKind::Placeholder(_, None))) | None => parts.is_damaged = true,
                    }
                }
            }
        }
        let parts = parts.finish()?;
        let plain: Option<String> = parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => Some(text.as_str()),
                Part::Placeholder(..) | Part::If { .. } => None,
            })
            .collect();
        Some(plain.map_or_else(|| Expr::Text(parts.clone()), |text| Expr::Value(Value::Text(text))))
    }

    /// Why a value must not be where it is in an address.
    fn unfit_address(
        &self,
        before: &PartsBuilder,
        part: &Part,
        (span, value): (Span, Span),
        place: Option<EscapeContext>,
    ) -> Option<Diagnostic> {
        if place == Some(EscapeContext::Link)
            && let Err(loose) = require_web_address(part)
        {
            return Some(unsafe_link(self.slice(value), span, loose));
        }
        let (scheme, ty) = before.last().filter(|_| place == Some(EscapeContext::LinkPath)).and_then(address_scheme)?;
        (!is_address(part, &ty)).then(|| not_an_address(self.slice(value), span, scheme, &ty))
    }
}

/// A string literal split at its placeholders.
fn pieces(text: &ast::Text) -> Vec<Piece<'_>> {
    let piece = |piece| match piece {
        TextPiece::Text(text) => Piece::Text(&text.node),
        TextPiece::Placeholder(placeholder) => Piece::Placeholder(placeholder.span.len()),
        TextPiece::Tag(TextTag::If(_), span) => Piece::Tag(BranchTag::If, span.len()),
        TextPiece::Tag(TextTag::ElseIf(_) | TextTag::Else, span) => Piece::Tag(BranchTag::Else, span.len()),
        TextPiece::Tag(TextTag::End, span) => Piece::Tag(BranchTag::End, span.len()),
    };
    text.pieces().into_iter().map(piece).collect()
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
        // Only placeholders are escaped; the others are as the author wrote them.
        other @ (Part::Text(_) | Part::If { .. }) => other,
    }
}
