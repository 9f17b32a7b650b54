//! Conditions in texts: `{{ if client.name is known }}`. In: texts, and the state in which they are written. Out:
//! diagnostics about constant conditions.

use super::assume::{Outcome, assume};
use super::decide::{ConditionSpans, Decided, decide};
use super::finding::{base_finding, is_switch};
use super::question::Question;
use super::state::State;
use super::term::Names;
use crate::check::program::{Expr, Part, TextBranch};
use crate::diagnostic::Diagnostic;
use crate::graph::Element;
use crate::say;
use crate::source::{Sources, Span};

/// Whether the texts of an element have conditions.
pub(super) fn has_conditions(element: &Element) -> bool {
    let mut open = element.expressions();
    while let Some(expr) = open.pop() {
        if matches!(expr, Expr::Text(parts) if parts.iter().any(|part| matches!(part, Part::If { .. }))) {
            return true;
        }
        open.extend(expr.children());
    }
    false
}

/// Checks the conditions in texts.
pub(super) struct TextChecker<'a> {
    sources: &'a Sources,
    names: &'a Names<'a>,
    /// Where the next condition is written.
    written: ConditionSpans<'a>,
    /// The diagnostics, and what each of them is about.
    pub(super) found: Vec<(Diagnostic, Decided<'a>)>,
}

impl<'a> TextChecker<'a> {
    pub(super) fn new(sources: &'a Sources, names: &'a Names<'a>, written: ConditionSpans<'a>) -> Self {
        Self { sources, names, written, found: Vec::new() }
    }

    /// Checks the texts in an expression that is evaluated in this state.
    pub(super) fn expr(&mut self, state: &State, expr: &'a Expr) {
        match expr {
            Expr::Text(parts) => self.parts(state, parts),
            other => other.children().into_iter().for_each(|child| self.expr(state, child)),
        }
    }

    fn parts(&mut self, state: &State, parts: &'a [Part]) {
        for part in parts {
            match part {
                Part::Text(_) => {}
                Part::Placeholder(expr, filters) => {
                    self.expr(state, expr);
                    filters.iter().flat_map(|filter| filter.arguments()).for_each(|other| self.expr(state, other));
                }
                Part::If { branches, otherwise } => self.branches(state, branches, otherwise),
            }
        }
    }

    fn branches(&mut self, state: &State, branches: &'a [TextBranch], otherwise: &'a [Part]) {
        let mut rest = state.clone();
        for (at, branch) in branches.iter().enumerate() {
            if rest.is_impossible() {
                // The condition before is always true, which is reported.
                return;
            }
            let question = Question::of(self.names, &branch.condition);
            let has_next = at + 1 < branches.len() || !otherwise.is_empty();
            self.condition(&rest, &branch.condition, &question, has_next);
            let inside = assume(rest.clone(), &question.asked, Outcome::True);
            if !inside.is_impossible() {
                self.parts(&inside, &branch.parts);
            }
            rest = assume(rest, &question.asked, Outcome::NotTrue);
        }
        if !rest.is_impossible() {
            self.parts(&rest, otherwise);
        }
    }

    fn condition(&mut self, state: &State, condition: &'a Expr, question: &Question, has_next: bool) {
        for decided in decide(self.names, &self.written, state.clone(), condition, question) {
            if is_switch(self.sources, &decided) {
                continue;
            }
            let mut finding = base_finding(self.sources, self.names, &self.written, &decided);
            if !decided.part {
                finding = finding.help(match (decided.always, has_next) {
                    (true, true) => say!("the text after its `{{{{ else }}}}` is never shown: remove the condition"),
                    (true, false) => say!("the text that depends on it is always shown: remove the condition"),
                    (false, _) => say!("the text that depends on it is never shown: fix the condition or remove it"),
                });
            }
            self.found.push((finding, decided));
        }
        // The same condition may follow again, so it is searched after this one.
        if let Some(place) = self.written.place(condition) {
            let around = self.written.around;
            self.written = ConditionSpans { around: Span { start: place.end, ..around }, ..self.written };
        }
    }
}
