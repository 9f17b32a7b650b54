//! Steps: in, an element; out, the pieces of its line.

use super::comments::Page;
use super::layout::{Case, Piece};
use super::line::Words;
use crate::source::Span;
use crate::syntax::ast::{
    Block, Body, Chain, Element, If, MatchCase, Otherwise, PastElse, Record, Send, SplitCase, Step, Text, WaitEvent,
};
use std::ops::Range;

/// A step being taken apart into pieces.
struct Builder<'p, 't> {
    page: &'p Page<'p>,
    words: Words<'p>,
    pieces: Vec<Piece<'t>>,
}

/// The pieces of a step, its label first.
pub(super) fn pieces<'t>(page: &Page<'_>, step: &'t Step) -> Vec<Piece<'t>> {
    let mut builder = Builder { page, words: Words::new(page.source), pieces: Vec::new() };
    let mut start = step.span.start as usize;
    if let Some(label) = &step.label {
        builder.words.name(label).put(": ");
        start = label.span.end as usize;
    }
    builder.element(&step.element, start..step.span.end as usize);
    builder.done()
}

/// The pieces of `head body`.
pub(super) fn with_body<'t>(page: &Page<'_>, head: &str, body: &'t Body) -> Vec<Piece<'t>> {
    let mut builder = Builder { page, words: Words::new(page.source), pieces: Vec::new() };
    builder.words.put(head).put(" ");
    builder.body(body);
    builder.done()
}

impl<'t> Builder<'_, 't> {
    fn done(mut self) -> Vec<Piece<'t>> {
        self.flush();
        self.pieces
    }

    fn flush(&mut self) {
        let words = self.words.take();
        if !words.trim().is_empty() {
            self.pieces.push(Piece::Words(words.trim().to_owned()));
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
                self.words.put("match ").expr(subject);
                self.matched(subject.span.end as usize, place.end, cases, otherwise.as_ref());
            }
            Element::Split { name, cases, otherwise } => self.split(name.as_ref(), place, cases, otherwise.as_ref()),
            Element::Parallel { paths } => self.parallel(place, paths),
            Element::Repeat { times, body } => {
                self.words.put("repeat ").number(times.span).put(" times");
                self.piece(Piece::Block(body));
            }
            Element::WaitDuration { duration, at } => {
                self.words.put("wait ").duration(duration);
                if let Some(at) = at {
                    self.words.put(" at ").time(at.node);
                }
            }
            Element::WaitUntil { moment, otherwise } => {
                self.words.put("wait until ").expr(moment);
                self.past(otherwise.as_ref());
            }
            Element::WaitEvent(wait) => self.wait_event(wait),
            Element::Send(send) => self.send(send),
            Element::Set { target, value } => _ = self.words.put("set ").path(target).put(" = ").expr(value),
            Element::Tag(text) => _ = self.words.put("tag ").text(text),
            Element::Untag(text) => _ = self.words.put("untag ").text(text),
            Element::Task { text, assignee, due } => {
                self.words.put("task ").text(text);
                if let Some(assignee) = assignee {
                    self.words.put(" for ").text(assignee);
                }
                if let Some(due) = due {
                    self.words.put(" due ").duration(due);
                }
            }
            Element::Call { url, body, otherwise } => {
                self.words.put("call ").text(url);
                self.record(body.as_ref());
                self.otherwise(otherwise.as_ref());
            }
            Element::Do { action, args, otherwise } => {
                self.words.put("do ").name(action).put("(").entries(args).put(")");
                self.otherwise(otherwise.as_ref());
            }
            Element::Emit { event, data } => {
                self.words.put("emit ").name(event);
                self.record(data.as_ref());
            }
            Element::Start(name) => _ = self.words.put("start ").name(name),
            Element::Stop => _ = self.words.put("stop"),
            Element::Goto(name) => _ = self.words.put("goto ").name(name),
            Element::Error => _ = self.words.raw(place),
        }
    }

    fn condition(&mut self, condition: &'t If) {
        self.words.put("if ").expr(&condition.condition);
        if let Some(then) = &condition.then {
            self.piece(Piece::Block(then));
        }
        match &condition.otherwise {
            None => {}
            Some(Otherwise::Block(block)) => self.otherwise(Some(block)),
            Some(Otherwise::If(next, _)) => {
                self.words.put("else ");
                self.condition(next);
            }
        }
    }

    fn otherwise(&mut self, block: Option<&'t Block>) {
        if let Some(block) = block {
            self.words.put(" else");
            self.piece(Piece::Block(block));
        }
    }

    fn record(&mut self, record: Option<&'t Record>) {
        if let Some(record) = record {
            self.piece(Piece::Record(record));
        }
    }

    fn past(&mut self, otherwise: Option<&'t PastElse>) {
        match otherwise {
            None => {}
            Some(PastElse::Skip(_)) => _ = self.words.put(" else skip"),
            Some(PastElse::Stop(_)) => _ = self.words.put(" else stop"),
            Some(PastElse::Block(block)) => self.otherwise(Some(block)),
        }
    }

    fn wait_event(&mut self, wait: &'t WaitEvent) {
        self.words.put("wait for ").events(&wait.events);
        if let Some(alias) = &wait.alias {
            self.words.put(" as ").name(alias);
        }
        self.words.filter(wait.filter.as_ref());
        if let Some(up_to) = &wait.up_to {
            self.words.put(" up to ").expr(up_to);
        }
        if let Some(then) = &wait.then {
            self.piece(Piece::Block(then));
        }
        self.otherwise(wait.otherwise.as_ref());
    }

    fn send(&mut self, send: &'t Send) {
        self.words.put("send ").name(&send.channel).put(" ");
        if let Some(body) = &send.body {
            self.body(body);
        }
        if let Some(to) = &send.to {
            self.words.put(" to ").expr(to);
        }
        self.otherwise(send.otherwise.as_ref());
    }

    fn body(&mut self, body: &'t Body) {
        match body {
            Body::Template(name) => _ = self.words.name(name),
            Body::Text(text) => _ = self.words.text(text),
            Body::Record(record) => self.piece(Piece::Record(record)),
            Body::File(file) => _ = self.words.text_file(file),
            Body::Error(span) => _ = self.words.verbatim(*span),
        }
    }

    fn matched(&mut self, from: usize, end: usize, cases: &'t [MatchCase], otherwise: Option<&'t Chain>) {
        let open = self.page.find(from, "{");
        let cases = cases.iter().map(|case| {
            let head = Words::new(self.page.source).put("case ").exprs(&case.values).take();
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
        self.words.put("split ");
        if let Some(name) = name {
            self.words.text(name);
        }
        let open = self.page.find(name.map_or(place.start, |name| name.span.end as usize), "{");
        let cases = cases.iter().map(|case| {
            let head = Words::new(self.page.source).put("case ").number(case.percent.span).put("%").take();
            let place = case.span.start as usize..case.percent.span.end as usize;
            Case { head, place, chain: &case.chain }
        });
        let cases = cases.collect();
        self.cases(open..place.end, cases, otherwise);
    }

    fn parallel(&mut self, place: Range<usize>, paths: &'t [Chain]) {
        self.words.put("parallel ");
        let open = self.page.find(place.start, "{");
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

    /// A path whose keyword the tree does not place.
    fn keyword_case(&self, from: usize, keyword: &str, chain: &'t Chain) -> Case<'t> {
        let start = self.page.find(from, keyword);
        Case { head: keyword.to_owned(), place: start..start + keyword.len(), chain }
    }
}

fn end_of(case: &Case<'_>) -> usize {
    case.chain.steps.last().map_or(case.place.end, |step: &Step| Span::range(step.span).end)
}
