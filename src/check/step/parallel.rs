//! `parallel`. In: the paths as written. Out: checked paths, and what is known when all have ended.

use super::Done;
use super::chain::Path;
use super::goto::Labels;
use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::check::scope::{Fact, Facts, Scope};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// `parallel { path -> .. path -> .. }`
    pub(in crate::check) fn parallel(
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
        let mut at_once = scope.with_facts(Some(Facts::from_iter([Fact::NoTimePassed])));
        // What one path sets, the others see.
        at_once.facts.retain(|place| !place.is_exclusion());
        let paths: Vec<Path> = paths.iter().map(|path| self.closed_path(&at_once, labels, &path.steps)).collect();
        done.end = met(scope, &paths);
        Some(Element::Parallel { paths: paths.into_iter().map(|path| path.steps).collect() })
    }
}

/// What is known when every path has ended: what any of them found out, unless time has passed meanwhile.
fn met(scope: &Scope, paths: &[Path]) -> Option<Facts> {
    let ends: Vec<&Facts> = paths.iter().map(|path| path.end.as_ref()).collect::<Option<_>>()?;
    let at_once = ends.iter().all(|end| end.contains(&Fact::NoTimePassed));
    let mut ends = ends.into_iter().cloned();
    let first = ends.next()?;
    let known = ends.fold(first, |known, end| {
        let mut all = known.clone().common(&end);
        if at_once {
            all.extend(known.into_iter().chain(end).filter(|place| !place.is_exclusion()));
        }
        all
    });
    Some(as_before(scope, known))
}

/// Facts whose mark of the present is that of the place around: it is gone there once it is gone here.
pub(super) fn as_before(scope: &Scope, mut facts: Facts) -> Facts {
    if !scope.facts.contains(&Fact::NoTimePassed) {
        facts.retain(|place| *place != Fact::NoTimePassed);
    }
    facts
}
