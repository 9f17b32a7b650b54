//! Diagnostics about constant conditions. In: the constant condition and its funnel. Out: the message, the cause and
//! the fix.

use super::assume::{Outcome, assume};
use super::dataflow::after_waiting;
use super::decide::{ConditionSpans, Decided, answers, decide};
use super::question::{Formula, Question, later_terms};
use super::state::State;
use super::term::{Names, equals, terms_in};
use crate::check::program::{self, Expr, Segment};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{self, Case, Element, Graph, NodeIx};
use crate::say;
use crate::source::{Sources, Span, Spanned};
use crate::syntax::token::{Keyword, Kind, Token};
use crate::syntax::tokens;
use std::collections::BTreeSet;

/// Checks the conditions of a graph.
pub(super) struct ConditionChecker<'a> {
    pub(super) sources: &'a Sources,
    pub(super) names: &'a Names<'a>,
    pub(super) graph: &'a Graph,
    /// The questions of each node.
    pub(super) questions: &'a [Vec<Question>],
    pub(super) found: Vec<Diagnostic>,
}

/// Where a condition is used.
#[derive(Debug, Clone, Copy)]
pub(super) enum ConditionKind {
    /// The `if` at a node.
    If(usize),
    /// `on .. where`
    Entry,
    /// `on .. while`
    While,
    /// `wait for .. where`
    Wait,
    /// `exit on .. where`
    Exit,
    /// `goal on .. where`
    Goal,
}

impl ConditionChecker<'_> {
    /// Checks a condition.
    pub(super) fn condition(
        &mut self,
        written: &ConditionSpans<'_>,
        state: State,
        condition: &Expr,
        question: &Question,
        asking: ConditionKind,
    ) {
        for decided in decide(self.names, written, state, condition, question) {
            if is_switch(self.sources, &decided) {
                continue;
            }
            let mut finding = base_finding(self.sources, self.names, written, &decided);
            if let ConditionKind::If(at) = asking {
                finding = self.with_cause(finding, &decided, at);
            }
            if !decided.part {
                finding = match asking {
                    ConditionKind::If(at) => self.with_consequence(finding, &decided, at),
                    ConditionKind::Entry
                    | ConditionKind::While
                    | ConditionKind::Wait
                    | ConditionKind::Exit
                    | ConditionKind::Goal => with_filter_consequence(self.sources, finding, written, &decided, asking),
                };
            }
            self.found.push(finding);
        }
    }

    /// Checks the cases of a `match`, each of which excludes the values of the cases before it.
    pub(super) fn cases(
        &mut self,
        written: &ConditionSpans<'_>,
        state: State,
        subject: &Expr,
        cases: &[Case],
        at: usize,
    ) {
        let state = after_waiting(self.names, state, &later_terms(subject));
        let asked = self.questions.get(at).into_iter().flatten();
        for (value, asked) in cases.iter().flat_map(|case| &case.values).zip(asked) {
            let (possible, _) = answers(&state, &asked.asked);
            if possible {
                continue;
            }
            let question = equals(subject, value);
            let Some(span) = written.place(&question) else { continue };
            let text = self.sources.slice(span);
            let finding = Diagnostic::new(
                Code::ConstantCondition,
                span,
                say!("`{text}` is impossible here", text),
                say!("never matches"),
            )
            .help(say!("remove `case {text} -> ..` or move this check before the one that rules it out", text));
            let decided = Decided { span, question: &question, always: false, part: true, drop: None };
            let finding = self.with_cause(finding, &decided, at);
            self.found.push(finding);
        }
    }

    /// Adds the condition that alone makes this one constant.
    pub(super) fn with_cause(&self, finding: Diagnostic, decided: &Decided<'_>, at: usize) -> Diagnostic {
        let asked = Formula::of(self.names, decided.question);
        for (before, outcome) in self.questions_before(at) {
            let (Some(node), Some([question])) =
                (self.graph.nodes.get(before), self.questions.get(before).map(Vec::as_slice))
            else {
                continue;
            };
            let state = assume(State::anything(), &question.asked, outcome);
            if answers(&state, &asked) == (decided.always, !decided.always) {
                let text = if outcome == Outcome::True {
                    say!("known to be true here")
                } else {
                    say!("known to be false here")
                };
                return finding.related(node.span, text);
            }
        }
        let of_entry = self.graph.entries.iter().find_map(|entry| {
            let mut conditions = entry.filter.iter().chain(entry.trigger.holds()).peekable();
            conditions.peek()?;
            let known = |state, condition| assume(state, &Formula::of(self.names, condition), Outcome::True);
            let state = conditions.fold(State::anything(), known);
            let decides = answers(&state, &asked) == (decided.always, !decided.always);
            (decides && self.reached(entry.start).contains(&index(at))).then_some(entry.span)
        });
        match of_entry {
            Some(span) => finding.related(span, say!("only matching clients enter")),
            None => finding,
        }
    }

    /// The conditions of which exactly one outcome leads to a node, nearest first, with that outcome.
    fn questions_before(&self, at: usize) -> Vec<(usize, Outcome)> {
        let at = index(at);
        let mut before = Vec::new();
        for (other, node) in self.graph.nodes.iter().enumerate().rev() {
            if let Element::If { yes, no, .. } = &node.element
                && index(other) != at
            {
                let (by_yes, by_no) = (self.reached(*yes).contains(&at), self.reached(*no).contains(&at));
                match (by_yes, by_no) {
                    (true, false) => before.push((other, Outcome::True)),
                    (false, true) => before.push((other, Outcome::NotTrue)),
                    (true, true) | (false, false) => {}
                }
            }
        }
        before
    }

    fn reached(&self, from: Option<NodeIx>) -> BTreeSet<NodeIx> {
        let mut seen = BTreeSet::new();
        let mut open: Vec<NodeIx> = from.into_iter().collect();
        while let Some(at) = open.pop() {
            if seen.insert(at) {
                open.extend(self.graph.node(at).map(|node| node.element.targets()).unwrap_or_default());
            }
        }
        seen
    }

    /// Adds the consequence for the paths of an `if`.
    fn with_consequence(&self, finding: Diagnostic, decided: &Decided<'_>, at: usize) -> Diagnostic {
        let Some(graph::Node { element: Element::If { yes, no, .. }, .. }) = self.graph.nodes.get(at) else {
            return finding;
        };
        match decided.always {
            true if no.is_some() && no != yes => finding.help(say!("its `else` is unreachable: remove the condition")),
            true => {
                let question =
                    one_line(self.sources.slice(self.graph.nodes.get(at).map_or(decided.span, |node| node.span)));
                finding.help(say!("remove `{question}`", question))
            }
            false => finding.help(say!("the steps that depend on it never run: fix the condition or remove it")),
        }
    }
}

/// Adds the consequence for a `where`.
fn with_filter_consequence(
    sources: &Sources,
    finding: Diagnostic,
    written: &ConditionSpans<'_>,
    decided: &Decided<'_>,
    asking: ConditionKind,
) -> Diagnostic {
    if decided.always {
        let before = sources.slice(Span { end: decided.span.start, ..written.around });
        // The word may also be part of a comment.
        let tokens = tokens(before, decided.span.file);
        let is_word = |token: &&Token<'_>| matches!(token.kind, Kind::Key(Keyword::Where | Keyword::While));
        let filter = tokens.iter().rev().find(is_word);
        let Some(at) = filter.map(|token| token.span.start as usize) else { return finding };
        let start = written.around.start as usize + before.get(..at).map_or(at, |text| text.trim_end().len());
        let span = Span::new(decided.span.file, start, decided.span.end as usize);
        let question = one_line(sources.slice(span));
        let question = question.trim_start();
        return finding.help(say!("remove `{question}`", question)).guess(say!("remove it"), span, "");
    }
    let setting = one_line(sources.slice(written.around));
    finding.help(match asking {
        ConditionKind::If(_) | ConditionKind::Entry | ConditionKind::While => {
            say!("the steps that depend on it never run: fix the condition or remove it")
        }
        ConditionKind::Wait => say!("no event can end this wait: change the condition"),
        ConditionKind::Exit => say!("it never ends a run: change the condition or remove `{setting}`", setting),
        ConditionKind::Goal => say!("the goal is never reached: change the condition, or remove `{setting}`", setting),
    })
}

fn index(at: usize) -> NodeIx {
    NodeIx(u32::try_from(at).unwrap_or(u32::MAX))
}

/// Whether a condition is on constants only, which is a deliberate switch.
pub(super) fn is_switch(sources: &Sources, decided: &Decided<'_>) -> bool {
    let plain = ["true", "false"].contains(&sources.slice(decided.span));
    terms_in(decided.question).is_empty() && !plain
}

/// The diagnostic about a condition without its context.
pub(super) fn base_finding(
    sources: &Sources,
    names: &Names<'_>,
    written: &ConditionSpans<'_>,
    decided: &Decided<'_>,
) -> Diagnostic {
    let text = one_line(sources.slice(decided.span));
    let (message, label) = if decided.always {
        (say!("`{text}` is always true here", text), say!("always true"))
    } else {
        (say!("`{text}` is always false here", text), say!("always false"))
    };
    let finding = Diagnostic::new(Code::ConstantCondition, decided.span, message, label);
    let finding = match swapped_operator(sources, names, written, decided) {
        Some((span, word)) => {
            finding.help(say!("did you mean `{word}`?", word)).guess(say!("use `{word}` instead", word), span, word)
        }
        None => finding,
    };
    match decided.drop {
        Some(span) => finding.help(say!("the condition means the same without it")).guess(say!("remove it"), span, ""),
        None => finding,
    }
}

/// Finds an `and` that makes the condition constant where `or` would not, or the other way around.
fn swapped_operator(
    sources: &Sources,
    names: &Names<'_>,
    written: &ConditionSpans<'_>,
    decided: &Decided<'_>,
) -> Option<(Span, &'static str)> {
    let (a, b, other, word, meant) = match decided.question {
        Expr::And(a, b) if !decided.always => (a, b, Expr::Or(a.clone(), b.clone()), "and", "or"),
        Expr::Or(a, b) if decided.always => (a, b, Expr::And(a.clone(), b.clone()), "or", "and"),
        _ => return None,
    };
    let inside = ConditionSpans { around: decided.span, ..*written };
    let left = inside.place(a)?;
    let right = ConditionSpans { around: Span { start: left.end, ..decided.span }, ..*written }.place(b)?;
    let open = |question: &Expr| answers(&State::anything(), &Formula::of(names, question)) == (true, true);
    if !(open(a) && open(b) && open(&other)) {
        return None;
    }
    let between = Span { start: left.end, end: right.start, ..left };
    let at = between.start as usize + sources.slice(between).find(word)?;
    Some((Span::new(left.file, at, at + word.len()), meant))
}

/// Reports a segment that contains every client or none.
pub(super) fn segment(
    sources: &Sources,
    names: &Names<'_>,
    asked: &program::Asked,
    segment: &Spanned<Segment>,
) -> Vec<Diagnostic> {
    let name = &segment.node.name;
    let written = ConditionSpans { asked, around: Span { end: u32::MAX, ..segment.span } };
    let condition = &segment.node.condition;
    let found = decide(names, &written, State::anything(), condition, &Question::of(names, condition));
    let base_finding = |decided: Decided<'_>| {
        let finding = base_finding(sources, names, &written, &decided);
        if decided.part {
            return finding;
        }
        let message = if decided.always {
            say!("every client is in the segment `{name}`", name)
        } else {
            say!("segment `{name}` is always empty", name)
        };
        Diagnostic { code: Code::EmptySegment, message, ..finding }.related(segment.span, say!("declared here"))
    };
    found.into_iter().map(base_finding).collect()
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
