//! Letters. In: HTML and MJML with holes. Out: text expressions whose holes are safe where they stand.

use super::checker::Checker;
use super::misplaced;
use super::names::Scope;
use super::part::Written;
use super::program::{Expr, Filter, Part};
use crate::markup::{self, EscapeContext, Fault, Language, Piece, Segment};
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;

/// A hole as written and as checked.
pub(super) type Hole<'t> = (&'t ast::Hole, Option<Part>);

impl Checker<'_> {
    /// A letter in HTML or MJML; `file` says whether it is a whole file.
    pub(super) fn letter(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        language: Language,
        file: bool,
    ) -> Option<Written> {
        let scope = scope.asking(false);
        let mut holes = Vec::new();
        for part in &text.parts {
            if let ast::TextPart::Hole(hole) = part {
                holes.push((hole, self.hole(&scope, hole)));
            }
        }
        let pieces = if file { self.raw_pieces(text.span, &holes) } else { pieces(text) };
        let letter = markup::compile(&pieces, language);
        let mut sound = true;
        for fault in letter.faults {
            sound &= !matches!(fault, Fault::Markup { fatal: true, .. } | Fault::Hole(..));
            let finding = misplaced::told(fault, text.span, &holes);
            self.report(finding);
        }
        let html = self.filled(letter.html, &holes, file);
        let preview = letter.preview.map(|line| self.filled(line, &holes, file));
        let preview = match preview {
            Some(preview) => Some(preview?),
            None => None,
        };
        html.filter(|_| sound).map(|expr| Written { expr, preview })
    }

    /// A file cut at its holes, each character where it stands in the file.
    fn raw_pieces(&self, whole: Span, holes: &[Hole<'_>]) -> Vec<Piece<'_>> {
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
    fn filled(&mut self, segments: Vec<Segment>, holes: &[Hole<'_>], raw: bool) -> Option<Expr> {
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
                    if place == Some(EscapeContext::Link)
                        && let Err(loose) = misplaced::leads_to_web(part)
                    {
                        self.report(misplaced::loose_link(self.slice(hole.expr.span), hole.span, loose));
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
fn made_safe(part: Part, place: Option<EscapeContext>) -> Part {
    match part {
        Part::Hole(expr, mut filters) => {
            filters.extend(place.map(Filter::Safe));
            Part::Hole(expr, filters)
        }
        Part::Text(text) => Part::Text(text),
    }
}
