//! `split`, `parallel` and `repeat`. In: the paths as written. Out: checked paths, and what is known where they meet.

use super::checker::Checker;
use super::flow::{Labels, Path, join};
use super::names::Scope;
use super::narrow::{Facts, Place};
use super::program::{Element, Share};
use super::step::Done;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::Decimal;

/// How often a `repeat` may go round.
const MOST_TIMES: u32 = 1000;

impl Checker<'_> {
    /// `split "name" { case 50% -> .. otherwise -> .. }`
    #[allow(clippy::too_many_arguments, reason = "the parts of the element, and what is around it")]
    pub(super) fn split(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        name: Option<&ast::Text>,
        cases: &[ast::SplitCase],
        otherwise: Option<&ast::Chain>,
        head: Span,
        done: &mut Done,
    ) -> Option<Element> {
        let name = name.map(|text| self.split_name(labels, text));
        self.shares(cases, otherwise, head);
        done.end = None;
        let mut path = |checker: &mut Self, chain: &ast::Chain| {
            let path = checker.chain(scope, labels, &chain.steps);
            done.end = join(done.end.take(), path.end);
            path.steps
        };
        let shares =
            cases.iter().map(|case| Share { percent: case.percent.node, chain: path(self, &case.chain) }).collect();
        let otherwise = otherwise.map_or_else(Vec::new, |chain| path(self, chain));
        let name = match name {
            Some(name) => Some(name?),
            None => None,
        };
        Some(Element::Split { name, shares, otherwise })
    }

    fn split_name(&mut self, labels: &mut Labels, text: &ast::Text) -> Option<String> {
        let name = self.literal(text)?;
        if let Some(first) = labels.splits.get(&name) {
            let message = say!("the split `{name}` is there twice, so both would draw the same clients", name);
            let finding = Diagnostic::new(Code::Duplicate, text.span, message, say!("second time"));
            return self
                .fail(finding.related(*first, say!("the first one")).help(say!("give one of them another name")));
        }
        labels.splits.insert(name.clone(), text.span);
        Some(name)
    }

    /// Whether the shares take in every client once.
    fn shares(&mut self, cases: &[ast::SplitCase], otherwise: Option<&ast::Chain>, head: Span) {
        if cases.is_empty() {
            let finding =
                Diagnostic::new(Code::NothingToDo, head, say!("this `split` has no case"), say!("splits nothing"));
            return self.report(finding.help(say!("say what to do: `split {{ case 50% -> .. case 50% -> .. }}`")));
        }
        for case in cases.iter().filter(|case| case.percent.node.is_zero()) {
            let finding =
                Diagnostic::new(Code::Unreachable, case.percent.span, say!("nothing comes here"), say!("takes nobody"));
            self.report(finding.help(say!("remove the case, or give it a share")));
        }
        let total = cases.iter().fold(Decimal::ZERO, |sum, case| sum + case.percent.node);
        let message = say!("the shares of this `split` add up to {total}%", total = total.normalize());
        let finding = |label| Diagnostic::new(Code::SharesNot100, head, message.clone(), label);
        if total > Decimal::ONE_HUNDRED {
            let over = (total - Decimal::ONE_HUNDRED).normalize();
            self.report(finding(say!("more than everyone")).help(say!("take {over}% away", over)));
        } else if total < Decimal::ONE_HUNDRED && otherwise.is_none() {
            let rest = (Decimal::ONE_HUNDRED - total).normalize();
            let help = say!("give the other {rest}% a path: `otherwise -> ..`, or make the shares 100%", rest);
            self.report(finding(say!("leaves some out")).help(help));
        } else if let (true, Some(chain)) = (total == Decimal::ONE_HUNDRED, otherwise) {
            let finding =
                Diagnostic::new(Code::Unreachable, chain.span, say!("nothing comes here"), say!("the shares take all"));
            self.report(finding.help(say!("remove `otherwise`, or make a share smaller")));
        }
    }

    /// `parallel { path -> .. path -> .. }`
    pub(super) fn parallel(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        paths: &[ast::Chain],
        head: Span,
        done: &mut Done,
    ) -> Option<Element> {
        if paths.len() < 2 {
            let message = say!("`parallel` needs at least two paths");
            let finding = Diagnostic::new(Code::NothingToDo, head, message, say!("nothing beside it"));
            self.report(
                finding.help(say!("add a path: `parallel {{ path -> .. path -> .. }}`, or leave `parallel` out")),
            );
        }
        let mut at_once = scope.knowing(Some(Facts::from_iter([Place::Present])));
        // What one path sets, the others see.
        at_once.facts.retain(|place| !place.is_of_value());
        let paths: Vec<Path> = paths.iter().map(|path| self.closed(&at_once, labels, &path.steps)).collect();
        done.end = met(scope, &paths);
        Some(Element::Parallel { paths: paths.into_iter().map(|path| path.steps).collect() })
    }

    /// `repeat 3 times { .. }`
    pub(super) fn repeat(
        &mut self,
        scope: &Scope,
        labels: &mut Labels,
        times: &Spanned<Decimal>,
        body: &ast::Block,
        done: &mut Done,
    ) -> Option<Element> {
        let at_once = scope.knowing(Some(Facts::from_iter([Place::Present])));
        let before = labels.clone();
        let mut path = self.closed(&at_once, labels, &body.chain.steps);
        if path.end.as_ref().is_some_and(|end| !end.contains(&Place::Present)) {
            // It takes time, so from the second round on no more is known at its beginning than at its end.
            labels.elements = before.elements;
            labels.splits = before.splits;
            let again = self.elapsed(scope, times.span);
            path = self.closed(&again, labels, &body.chain.steps);
        }
        done.end = path.end.map(|end| as_before(scope, end));
        let whole = times.node.fract().is_zero().then(|| u32::try_from(times.node).ok()).flatten();
        let Some(times) = whole.filter(|times| (1..=MOST_TIMES).contains(times)) else {
            let message = say!("`repeat` takes a whole number from 1 to {most}", most = MOST_TIMES);
            return self.fail(Diagnostic::new(Code::TypeMismatch, times.span, message, say!("cannot be counted")));
        };
        Some(Element::Repeat { times, body: path.steps })
    }
}

/// What is known when every path has ended: what any of them found out, unless time has passed meanwhile.
fn met(scope: &Scope, paths: &[Path]) -> Option<Facts> {
    let ends: Vec<&Facts> = paths.iter().map(|path| path.end.as_ref()).collect::<Option<_>>()?;
    let at_once = ends.iter().all(|end| end.contains(&Place::Present));
    let mut ends = ends.into_iter().cloned();
    let first = ends.next()?;
    let known = ends.fold(first, |known, end| {
        let mut all = known.clone().both(&end);
        if at_once {
            all.extend(known.into_iter().chain(end).filter(|place| !place.is_of_value()));
        }
        all
    });
    Some(as_before(scope, known))
}

/// Facts whose mark of the present is that of the place around: it is gone there once it is gone here.
fn as_before(scope: &Scope, mut facts: Facts) -> Facts {
    if !scope.facts.contains(&Place::Present) {
        facts.retain(|place| *place != Place::Present);
    }
    facts
}
