//! Items: in, what stands at the top level of a file; out, its lines.

use super::comments::{Blank, Page};
use super::layout::{Piece, headed, is_flat, unit};
use super::line::Words;
use super::step::with_body;
use crate::source::Span;
use crate::syntax::ast::{Expectation, Field, File, Item, ItemKind, Name, Param, TestStep, TestStepKind};

/// Writes all items, a blank line between two; one-liners of a declaration stand together when the author had them so.
pub(super) fn file(page: &mut Page<'_>, file: &File) {
    let mut after_small = false;
    for item in &file.items {
        let pieces = pieces(page, item);
        let small = is_small(&item.kind) && is_flat(page, &pieces);
        let blank = if small && after_small { Blank::Kept } else { Blank::Forced };
        match &item.kind {
            ItemKind::Entry(entry) => headed(page, 0, &super::funnel::case(page, entry), blank),
            ItemKind::Use(_)
            | ItemKind::Const { .. }
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Segment { .. }
            | ItemKind::Template { .. }
            | ItemKind::Action { .. }
            | ItemKind::Funnel(_)
            | ItemKind::Test { .. }
            | ItemKind::Error => unit(page, 0, "", item.span, &pieces, blank),
        }
        after_small = small;
    }
}

fn is_small(kind: &ItemKind) -> bool {
    match kind {
        ItemKind::Use(_)
        | ItemKind::Const { .. }
        | ItemKind::Segment { .. }
        | ItemKind::Template { .. }
        | ItemKind::Action { .. } => true,
        ItemKind::Client(_)
        | ItemKind::Event { .. }
        | ItemKind::Funnel(_)
        | ItemKind::Test { .. }
        | ItemKind::Entry(_)
        | ItemKind::Error => false,
    }
}

fn pieces<'t>(page: &Page<'_>, item: &'t Item) -> Vec<Piece<'t>> {
    let mut words = Words::new(page.source);
    let end = item.span.end as usize;
    let braces = |from: u32| page.find(from as usize, "{")..end;
    match &item.kind {
        ItemKind::Use(text) => line(words.put("use ").text(text)),
        ItemKind::Const { name, value } => line(words.put("const ").name(name).put(" = ").expr(value)),
        ItemKind::Client(fields) => vec![line_piece("client"), Piece::Fields(braces(item.span.start), fields)],
        ItemKind::Event { name, fields } => {
            vec![line_piece(&format!("event {}", name.node)), Piece::Fields(braces(name.span.end), fields)]
        }
        ItemKind::Segment { name, condition } => line(words.put("segment ").name(name).put(" = ").expr(condition)),
        ItemKind::Template { channel, name, params, body } => {
            words.put("template ").name(channel).put(" ").name(name);
            if !params.is_empty() {
                words.put("(").list(params, ", ", |words, name: &Name| words.name(name)).put(")");
            }
            with_body(page, &words.put(" =").take(), body)
        }
        ItemKind::Action { name, params } => {
            words.put("action ").name(name).put("(");
            line(words.list(params, ", ", |words, Param { name, ty }| param(words, name, ty)).put(")"))
        }
        ItemKind::Funnel(funnel) => {
            words.put("funnel ").name(&funnel.name);
            if let Some(title) = &funnel.title {
                words.put(" ").text(title);
            }
            let from = funnel.title.as_ref().map_or(funnel.name.span, |title| title.span);
            vec![line_piece(&words.take()), Piece::Funnel(braces(from.end), &funnel.settings, &funnel.entries)]
        }
        ItemKind::Test { title, steps } => {
            let head = words.put("test ").text(title).take();
            vec![line_piece(&head), Piece::Test(braces(title.span.end), steps)]
        }
        ItemKind::Entry(_) => Vec::new(),
        ItemKind::Error => line(words.verbatim(item.span)),
    }
}

fn line<'t>(words: &mut Words<'_>) -> Vec<Piece<'t>> {
    vec![Piece::Words(words.take())]
}

fn line_piece<'t>(words: &str) -> Piece<'t> {
    Piece::Words(words.to_owned())
}

fn param<'w, 's>(words: &'w mut Words<'s>, name: &Name, ty: &crate::syntax::ast::TypeExpr) -> &'w mut Words<'s> {
    words.name(name).put(": ").ty(ty)
}

/// Writes fields, one on a line.
pub(super) fn fields(page: &mut Page<'_>, indent: usize, fields: &[Field]) {
    for field in fields {
        let line = Words::new(page.source).field(field).take();
        unit(page, indent, "", field.span, &[Piece::Words(line)], Blank::Kept);
    }
}

impl Words<'_> {
    /// `key id: text`
    pub(super) fn field(&mut self, field: &Field) -> &mut Self {
        param(self.put(if field.key { "key " } else { "" }), &field.name, &field.ty);
        if let Some(later) = &field.later {
            self.put(" later");
            if let Some(by) = &later.by {
                self.put(" by ").expr(by);
            }
        }
        self
    }
}

/// Writes the lines of a test.
pub(super) fn test_steps(page: &mut Page<'_>, indent: usize, steps: &[TestStep]) {
    for step in steps {
        let pieces = test_pieces(page, step);
        unit(page, indent, "", step.span, &pieces, Blank::Kept);
    }
}

fn test_pieces<'t>(page: &Page<'_>, step: &'t TestStep) -> Vec<Piece<'t>> {
    let mut words = Words::new(page.source);
    match &step.kind {
        TestStepKind::Client(record) => vec![line_piece("client"), Piece::Record(record)],
        TestStepKind::At { when, event, data } => {
            let head = words.put("at ").expr(when).put(" ").name(event).take();
            vec![Piece::Words(head), Piece::Record(data)]
        }
        TestStepKind::Expect { when, what } => {
            words.put("expect ");
            if let Some(when) = when {
                words.put("at ").expr(when).put(" ");
            }
            line(expectation(&mut words, what, step.span))
        }
        TestStepKind::Until(when) => line(words.put("until ").expr(when)),
        TestStepKind::Error => line(words.verbatim(step.span)),
    }
}

fn expectation<'w, 's>(words: &'w mut Words<'s>, what: &Expectation, place: Span) -> &'w mut Words<'s> {
    match what {
        Expectation::NothingElse => words.put("nothing else"),
        Expectation::Line { negated, kind, target, template, to, containing } => {
            words.put(if *negated { "no " } else { "" }).name(kind);
            for name in [target, template].into_iter().flatten() {
                words.put(" ").name(name);
            }
            if let Some(to) = to {
                words.put(" to ").expr(to);
            }
            for text in containing {
                words.put(" containing ").text(text);
            }
            words
        }
        Expectation::Error => words.verbatim(place),
    }
}
