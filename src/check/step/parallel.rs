//! `parallel`. In: the paths as written. Out: checked paths, and what is known when all have ended.

use super::chain::Path;
use super::{At, CheckedElement, Flow, goto};
use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::check::scope::{Fact, Facts, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// `parallel { path -> .. path -> .. }`
    pub(super) fn parallel(&mut self, at: At<'_>, paths: &[ast::Chain]) -> CheckedElement {
        if paths.len() < 2 {
            let message = say!("`parallel` must have at least two branches");
            let finding = Diagnostic::new(Code::NothingToDo, at.head, message, say!("only one branch"));
            self.report(finding.help(say!("add a path: `parallel {{ path -> .. path -> .. }}`, or remove `parallel`")));
        }
        self.distinct_names(paths);
        let mut start = at.scope.with_facts(Some(Facts::from_iter([Fact::NoTimePassed])));
        // The paths see each other's changes.
        start.facts.retain(|fact| !fact.is_exclusion());
        let paths: Vec<Path> = paths.iter().map(|path| self.closed_path(&start, at.labels, &path.steps)).collect();
        let flow = Flow::to(known_after(at.scope, &paths));
        (Some(Element::Parallel { paths: paths.into_iter().map(|path| path.steps).collect() }), flow)
    }
}

impl Checker<'_> {
    /// A run keeps one event under each name, so paths that run at the same time must not share one.
    fn distinct_names(&mut self, paths: &[ast::Chain]) {
        let mut seen: BTreeMap<&str, (usize, Span)> = BTreeMap::new();
        for (at, path) in paths.iter().enumerate() {
            let mut names = Vec::new();
            path.steps.iter().for_each(|step| named_in(step, &mut names));
            for name in names {
                match seen.get(name.node.as_str()) {
                    Some((first, span)) if *first != at => {
                        let message = say!("the name `{alias}` is already in use in another path", alias = name.node);
                        let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("already in use"));
                        self.report(
                            finding
                                .related(*span, say!("first defined here"))
                                .help(say!("these paths run at the same time: use another name in one of them")),
                        );
                    }
                    Some(_) => {}
                    None => _ = seen.insert(&name.node, (at, name.span)),
                }
            }
        }
    }
}

/// The names that a step and the steps inside it give to events.
fn named_in<'a>(step: &'a ast::Step, names: &mut Vec<&'a ast::Name>) {
    if let ast::Element::WaitEvent(wait) = &step.element {
        names.extend(&wait.alias);
    }
    if let ast::Element::Call { answer, .. } | ast::Element::Do { answer, .. } = &step.element {
        names.extend(answer);
    }
    goto::paths(&step.element).into_iter().flat_map(|path| &path.steps).for_each(|step| named_in(step, names));
}

/// What is known once all paths have ended: what any of them learned, unless time has passed since.
fn known_after(scope: &Scope, paths: &[Path]) -> Option<Facts> {
    let ends: Vec<&Facts> = paths.iter().map(|path| path.end.as_ref()).collect::<Option<_>>()?;
    let no_time_passed = ends.iter().all(|end| end.contains(&Fact::NoTimePassed));
    let mut ends = ends.into_iter().cloned();
    let first = ends.next()?;
    let known = ends.fold(first, |known, end| {
        let mut all = known.clone().common(&end);
        if no_time_passed {
            all.extend(known.into_iter().chain(end).filter(|fact| !fact.is_exclusion()));
        }
        all
    });
    Some(without_inner_clock(scope, known))
}

/// Drops [`Fact::NoTimePassed`] where the step around does not track it.
pub(super) fn without_inner_clock(scope: &Scope, mut facts: Facts) -> Facts {
    if !scope.facts.contains(&Fact::NoTimePassed) {
        facts.retain(|fact| *fact != Fact::NoTimePassed);
    }
    facts
}
