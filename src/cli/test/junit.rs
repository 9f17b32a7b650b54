//! Results as suites of JUnit. In: tests that ran. Out: a suite a file.

use super::Ran;
use crate::cli::load::Unit;
use crate::diagnostic::junit::{Case, Fault, Suite, Verdict};
use crate::diagnostic::{Code, Diagnostic, Language, PathBase, render};

/// A suite a file, in order.
pub(super) fn suites(ran: &[Ran], base: &PathBase, language: Language) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    for one in ran {
        let path = base.path(&one.file);
        if suites.last().is_none_or(|suite| suite.name != path) {
            suites.push(Suite { name: path, cases: Vec::new() });
        }
        let result = match &one.report {
            None => Verdict::Passed(None),
            Some(report) => {
                let reasons: Vec<_> =
                    one.verdict.faults.iter().map(|fault| fault.reason.in_language(language)).collect();
                let (message, code) = (reasons.join("; "), Code::TestFailed.number());
                Verdict::Failed(Fault { message, code, text: report.clone() })
            }
        };
        let Some(suite) = suites.last_mut() else { continue };
        suite.cases.push(Case { name: one.test.title.clone(), result });
    }
    suites
}

/// A suite of one case for what keeps the tests of a project from running.
pub(super) fn broken(unit: &Unit, errors: &[Diagnostic], base: &PathBase, language: Language) -> Option<Suite> {
    let first = errors.first()?;
    let name = unit.workspace.sources.get(first.span.file).map(|file| base.path(&file.name)).unwrap_or_default();
    let text = render::render_in(&unit.workspace.sources, errors, false, language);
    let fault = Fault { message: first.message.in_language(language).into_owned(), code: first.code.number(), text };
    Some(Suite { name, cases: vec![Case { name: "check".to_owned(), result: Verdict::Broken(fault) }] })
}
