//! Splits steps into the pieces that [`super::layout`] arranges.

use super::layout::{Case, Piece};
use super::line::LineBuilder;
use super::printer::Printer;
use crate::source::Span;
use crate::syntax::ast::{
    Block, Body, Chain, Element, If, MatchCase, Name, Otherwise, Record, Send, SplitCase, Step, Text, WaitElse,
    WaitEvent,
};
use std::ops::Range;

/// Collects the pieces of a step.
struct Builder<'p, 't> {
    printer: &'p Printer<'p>,
    line: LineBuilder<'p>,
    pieces: Vec<Piece<'t>>,
}

/// The pieces of a step, its label first.
pub(super) fn pieces<'t>(printer: &Printer<'_>, step: &'t Step) -> Vec<Piece<'t>> {
    let mut builder = Builder { printer, line: LineBuilder::new(printer.source), pieces: Vec::new() };
    let mut start = step.span.start as usize;
    if let Some(label) = &step.label {
        builder.line.name(label).put(": ");
        start = label.span.end as usize;
    }
    builder.element(&step.element, start..step.span.end as usize);
    builder.finish()
}

/// The pieces of `head body`.
pub(super) fn with_body<'t>(printer: &Printer<'_>, head: &str, body: &'t Body) -> Vec<Piece<'t>> {
    let mut builder = Builder { printer, line: LineBuilder::new(printer.source), pieces: Vec::new() };
    builder.line.put(head).put(" ");
    builder.body(body);
    builder.finish()
}

impl<'t> Builder<'_, 't> {
    fn finish(mut self) -> Vec<Piece<'t>> {
        self.flush();
        self.pieces
    }

    fn flush(&mut self) {
        let line = self.line.take();
        if !line.trim().is_empty() {
            self.pieces.push(Piece::Inline(line.trim().to_owned()));
        }
    }

    fn piece(&mut self, piece: Piece<'t>) {
        self.flush();
        self.pieces.push(piece);
    }

    fn element(&mut self, element: &'t Element, place: Range<usize>) {
        match element {
            Element::If(condition) => self.condition(condition),
            Element::Match { subject, cases, otherwise } => {
                self.line.put("match ").expr(subject);
                self.match_cases(subject.span.end as usize, place.end, cases, otherwise.as_ref());
            }
            Element::Split { name, cases, otherwise } => self.split(name.as_ref(), place, cases, otherwise.as_ref()),
            Element::Parallel { paths } => self.parallel(place, paths),
            Element::Repeat { times, body } => {
                self.line.put("repeat ").number(times.span).put(" times");
                self.piece(Piece::Block(body));
            }
            Element::WaitDuration { duration, at } => {
                self.line.put("wait ").duration(duration);
                if let Some(at) = at {
                    self.line.put(" at ").time(at.node);
                }
            }
            Element::WaitUntil { moment, otherwise } => {
                self.line.put("wait until ").expr(moment);
                self.past(otherwise.as_ref());
            }
            Element::WaitEvent(wait) => self.wait_event(wait),
            Element::Send(send) => self.send(send),
            Element::Set { target, op, value } => {
                self.line.put("set ").path(target).put(" ").put(op.sign()).put(" ").expr(value);
            }
            Element::Tag(text) => _ = self.line.put("tag ").text(text),
            Element::Untag(text) => _ = self.line.put("untag ").text(text),
            Element::Task { text, assignee, due } => {
                self.line.put("task ").text(text);
                if let Some(assignee) = assignee {
                    self.line.put(" for ").text(assignee);
                }
                if let Some(due) = due {
                    self.line.put(" due ").due(due);
                }
            }
            Element::Call { url, body, answer, otherwise } => {
                self.line.put("call ").text(url);
                self.record(body.as_ref());
                self.answer(answer.as_ref());
                self.otherwise(otherwise.as_ref());
            }
            Element::Do { action, args, answer, otherwise } => {
                self.line.put("do ").name(action).put("(").entries(args).put(")");
                self.answer(answer.as_ref());
                self.otherwise(otherwise.as_ref());
            }
            Element::Emit { event, data } => {
                self.line.put("emit ").name(event);
                self.record(data.as_ref());
            }
            Element::Start(name) => _ = self.line.put("start ").name(name),
            Element::StopFunnel(name) => _ = self.line.put("stop ").name(name),
            Element::Stop => _ = self.line.put("stop"),
            Element::Goto(name) => _ = self.line.put("goto ").name(name),
            Element::Error => _ = self.line.raw(place),
        }
    }

    fn condition(&mut self, condition: &'t If) {
        self.line.put("if ").expr(&condition.condition);
        if let Some(then) = &condition.then {
            self.piece(Piece::Block(then));
        }
        match &condition.otherwise {
            None => {}
            Some(Otherwise::Block(block)) => self.otherwise(Some(block)),
            Some(Otherwise::If(next, _)) => {
                self.line.put("else ");
                self.condition(next);
            }
        }
    }

    fn answer(&mut self, answer: Option<&'t Name>) {
        if let Some(answer) = answer {
            self.line.put(" as ").name(answer);
        }
    }

    fn otherwise(&mut self, block: Option<&'t Block>) {
        if let Some(block) = block {
            self.line.put(" else");
            self.piece(Piece::Block(block));
        }
    }

    fn record(&mut self, record: Option<&'t Record>) {
        if let Some(record) = record {
            self.piece(Piece::Record(record));
        }
    }

    fn past(&mut self, otherwise: Option<&'t WaitElse>) {
        match otherwise {
            None => {}
            Some(WaitElse::Skip(_)) => _ = self.line.put(" else skip"),
            Some(WaitElse::Stop(_)) => _ = self.line.put(" else stop"),
            Some(WaitElse::Block(block)) => self.otherwise(Some(block)),
        }
    }

    fn wait_event(&mut self, wait: &'t WaitEvent) {
        self.line.put("wait for ").happenings(&wait.events);
        if let Some(alias) = &wait.alias {
            self.line.put(" as ").name(alias);
        }
        self.line.filter(wait.filter.as_ref());
        if let Some(up_to) = &wait.up_to {
            self.line.put(" up to ").expr(up_to);
        }
        if let Some(then) = &wait.then {
            self.piece(Piece::Block(then));
        }
        self.past(wait.otherwise.as_ref());
    }

    fn send(&mut self, send: &'t Send) {
        self.line.put("send ").name(&send.channel).put(" ");
        if let Some(body) = &send.body {
            self.body(body);
        }
        if let Some(to) = &send.to {
            self.line.put(" to ").expr(to);
        }
        if let Some(before) = &send.before {
            self.line.put(" before ").expr(before);
        }
        self.otherwise(send.otherwise.as_ref());
    }

    fn body(&mut self, body: &'t Body) {
        match body {
            Body::Template(name) => _ = self.line.name(name),
            Body::Text(text) => _ = self.line.text(text),
            Body::Record(record) => self.piece(Piece::Record(record)),
            Body::File(file) => _ = self.line.text_file(file),
            Body::Error(span) => _ = self.line.verbatim(*span),
        }
    }

    fn match_cases(&mut self, from: usize, end: usize, cases: &'t [MatchCase], otherwise: Option<&'t Chain>) {
        let open = self.printer.find_code(from, "{");
        let cases = cases.iter().map(|case| {
            let head = LineBuilder::new(self.printer.source).put("case ").exprs(&case.values).take();
            let head_end = case.values.last().map_or(case.span.start, |value| value.span.end);
            Case { head, place: case.span.start as usize..head_end as usize, chain: &case.chain }
        });
        let cases = cases.collect();
        self.cases(open..end, cases, otherwise);
    }

    fn split(
        &mut self,
        name: Option<&'t Text>,
        place: Range<usize>,
        cases: &'t [SplitCase],
        otherwise: Option<&'t Chain>,
    ) {
        self.line.put("split ");
        if let Some(name) = name {
            self.line.text(name);
        }
        let open = self.printer.find_code(name.map_or(place.start, |name| name.span.end as usize), "{");
        let cases = cases.iter().map(|case| {
            let head = LineBuilder::new(self.printer.source).put("case ").number(case.percent.span).put("%").take();
            let place = case.span.start as usize..case.percent.span.end as usize;
            Case { head, place, chain: &case.chain }
        });
        let cases = cases.collect();
        self.cases(open..place.end, cases, otherwise);
    }

    fn parallel(&mut self, place: Range<usize>, paths: &'t [Chain]) {
        self.line.put("parallel ");
        let open = self.printer.find_code(place.start, "{");
        let mut cases = Vec::new();
        for chain in paths {
            let from = cases.last().map_or(open, end_of);
            cases.push(self.keyword_case(from, "path", chain));
        }
        self.cases(open..place.end, cases, None);
    }

    fn cases(&mut self, place: Range<usize>, mut cases: Vec<Case<'t>>, otherwise: Option<&'t Chain>) {
        if let Some(chain) = otherwise {
            let from = cases.last().map_or(place.start, end_of);
            cases.push(self.keyword_case(from, "otherwise", chain));
        }
        self.piece(Piece::Cases(place, cases));
    }

    /// A path whose keyword has no span in the tree.
    fn keyword_case(&self, from: usize, keyword: &str, chain: &'t Chain) -> Case<'t> {
        let start = self.printer.find_code(from, keyword);
        Case { head: keyword.to_owned(), place: start..start + keyword.len(), chain }
    }
}

fn end_of(case: &Case<'_>) -> usize {
    case.chain.steps.last().map_or(case.place.end, |step: &Step| Span::range(step.span).end)
}
