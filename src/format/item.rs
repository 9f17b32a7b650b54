//! Formats the top-level items of a file.

use super::layout::{Piece, is_flat, write_case, write_pieces};
use super::line::LineBuilder;
use super::printer::{BlankLine, Printer};
use super::step::with_body;
use crate::source::Span;
use crate::syntax::ast::{
    ExpectClause, Expectation, Field, File, GivenDoes, Item, ItemKind, Name, Param, TestStep, TestStepKind,
};

/// Writes all items with blank lines between them; short declarations stay together if the author wrote them so.
pub(super) fn file(printer: &mut Printer<'_>, file: &File) {
    let mut after_small = false;
    for item in &file.items {
        let pieces = pieces(printer, item);
        let small = is_small(&item.kind) && is_flat(printer, &pieces);
        let blank = if small && after_small { BlankLine::Keep } else { BlankLine::Force };
        match &item.kind {
            ItemKind::Entry(entry) => write_case(printer, 0, &super::funnel::case(printer, entry), blank),
            ItemKind::Use(_)
            | ItemKind::Const { .. }
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Segment { .. }
            | ItemKind::Template { .. }
            | ItemKind::Action { .. }
            | ItemKind::Funnel(_)
            | ItemKind::Test { .. }
            | ItemKind::Error => write_pieces(printer, 0, "", item.span, &pieces, blank),
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

fn pieces<'t>(printer: &Printer<'_>, item: &'t Item) -> Vec<Piece<'t>> {
    let mut line = LineBuilder::new(printer.source);
    let end = item.span.end as usize;
    let braces = |from: u32| printer.find_code(from as usize, "{")..end;
    match &item.kind {
        ItemKind::Use(text) => inline(line.put("use ").text(text)),
        ItemKind::Const { name, value } => inline(line.put("const ").name(name).put(" = ").expr(value)),
        ItemKind::Client(fields) => vec![inline_piece("client"), Piece::Fields(braces(item.span.start), fields)],
        ItemKind::Event { name, fields } => {
            vec![inline_piece(&format!("event {}", name.node)), Piece::Fields(braces(name.span.end), fields)]
        }
        ItemKind::Segment { name, condition } => inline(line.put("segment ").name(name).put(" = ").expr(condition)),
        ItemKind::Template { channel, name, params, body } => {
            line.put("template ").name(channel).put(" ").name(name);
            if !params.is_empty() {
                line.put("(").list(params, ", ", |line, name: &Name| line.name(name)).put(")");
            }
            with_body(printer, &line.put(" =").take(), body)
        }
        ItemKind::Action { name, params } => {
            line.put("action ").name(name).put("(");
            inline(line.list(params, ", ", |line, Param { name, ty }| param(line, name, ty)).put(")"))
        }
        ItemKind::Funnel(funnel) => {
            line.put("funnel ").name(&funnel.name);
            if let Some(title) = &funnel.title {
                line.put(" ").text(title);
            }
            let from = funnel.title.as_ref().map_or(funnel.name.span, |title| title.span);
            vec![inline_piece(&line.take()), Piece::Funnel(braces(from.end), &funnel.settings, &funnel.entries)]
        }
        ItemKind::Test { title, steps } => {
            let head = line.put("test ").text(title).take();
            vec![inline_piece(&head), Piece::Test(braces(title.span.end), steps)]
        }
        ItemKind::Entry(_) => Vec::new(),
        ItemKind::Error => inline(line.verbatim(item.span)),
    }
}

fn inline<'t>(line: &mut LineBuilder<'_>) -> Vec<Piece<'t>> {
    vec![Piece::Inline(line.take())]
}

fn inline_piece<'t>(line: &str) -> Piece<'t> {
    Piece::Inline(line.to_owned())
}

fn param<'w, 's>(
    line: &'w mut LineBuilder<'s>,
    name: &Name,
    ty: &crate::syntax::ast::TypeExpr,
) -> &'w mut LineBuilder<'s> {
    line.name(name).put(": ").ty(ty)
}

/// Writes fields, one on a line.
pub(super) fn fields(printer: &mut Printer<'_>, indent: usize, fields: &[Field]) {
    for field in fields {
        let line = LineBuilder::new(printer.source).field(field).take();
        write_pieces(printer, indent, "", field.span, &[Piece::Inline(line)], BlankLine::Keep);
    }
}

impl LineBuilder<'_> {
    /// `key id: text`
    pub(super) fn field(&mut self, field: &Field) -> &mut Self {
        param(self.put(if field.key { "key " } else { "" }), &field.name, &field.ty);
        if let Some(later) = &field.later {
            self.put(" later");
            if let Some(from) = &later.from {
                self.put(" from ").expr(from);
            }
            if let Some(by) = &later.by {
                self.put(" by ").expr(by);
            }
        }
        self
    }
}

/// Writes the lines of a test.
pub(super) fn test_steps(printer: &mut Printer<'_>, indent: usize, steps: &[TestStep]) {
    for step in steps {
        let pieces = test_pieces(printer, step);
        write_pieces(printer, indent, "", step.span, &pieces, BlankLine::Keep);
    }
}

fn test_pieces<'t>(printer: &Printer<'_>, step: &'t TestStep) -> Vec<Piece<'t>> {
    let mut line = LineBuilder::new(printer.source);
    match &step.kind {
        TestStepKind::Client(record) => vec![inline_piece("client"), Piece::Record(record)],
        TestStepKind::At { when, event, data } => {
            let head = line.put("at ").expr(when).put(" ").name(event).take();
            vec![Piece::Inline(head), Piece::Record(data)]
        }
        TestStepKind::Expect { when, what } => {
            line.put("expect ");
            if let Some(when) = when {
                line.put("at ").expr(when).put(" ");
            }
            expectation(line, what, step.span)
        }
        TestStepKind::Given(given) => {
            line.put("given ");
            if let Some(when) = &given.when {
                line.put("at ").expr(when).put(" ");
            }
            line.name(&given.kind);
            if let Some(action) = &given.action {
                line.put(" ").name(action);
            }
            if let Some(url) = &given.url {
                line.put(" ").text(url);
            }
            match &given.does {
                GivenDoes::Fails(None) => inline(line.put(" fails")),
                GivenDoes::Fails(Some(reason)) => inline(line.put(" fails ").text(reason)),
                GivenDoes::Answers(answer) => vec![Piece::Inline(line.put(" answers").take()), Piece::Record(answer)],
            }
        }
        TestStepKind::Until(when) => inline(line.put("until ").expr(when)),
        TestStepKind::Error => inline(line.verbatim(step.span)),
    }
}

fn expectation<'t>(mut line: LineBuilder<'_>, what: &'t Expectation, place: Span) -> Vec<Piece<'t>> {
    let mut pieces = Vec::new();
    match what {
        Expectation::NothingElse { from } => {
            line.put("nothing else");
            if let Some(from) = from {
                line.put(" from ").name(from);
            }
        }
        Expectation::Line { negated, kind, owner, target, template, text, data, args, clauses } => {
            line.put(if *negated { "no " } else { "" }).name(kind);
            if let Some(target) = target {
                line.put(" ").put(if owner.is_some() { "client." } else { "" }).name(target);
            }
            if let Some(template) = template {
                line.put(" ").name(template);
            }
            if let Some(text) = text {
                line.put(" ").text(text);
            }
            if let Some(args) = args {
                line.put("(").entries(args).put(")");
            }
            if let Some(data) = data {
                pieces.push(Piece::Inline(line.take()));
                pieces.push(Piece::Record(data));
            }
            for (at, clause) in clauses.iter().enumerate() {
                line.put(if at == 0 && data.is_some() { "" } else { " " });
                expect_clause(&mut line, clause);
            }
        }
        Expectation::Error => _ = line.verbatim(place),
    }
    let rest = line.take();
    if !rest.is_empty() {
        pieces.push(Piece::Inline(rest));
    }
    pieces
}

fn expect_clause(line: &mut LineBuilder<'_>, clause: &ExpectClause) {
    match clause {
        ExpectClause::To(to) => line.put("to ").expr(to),
        ExpectClause::For(who) => line.put("for ").text(who),
        ExpectClause::Due(due) => line.put("due ").due(due),
        ExpectClause::Is(value) => line.put("= ").expr(value),
        ExpectClause::Containing(text) => line.put("containing ").text(text),
    };
}
