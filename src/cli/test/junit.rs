//! Test results in JUnit format. In: test runs. Out: one suite per file.

use super::TestRun;
use crate::cli::load::Unit;
use crate::diagnostic::junit::{Case, Fault, Suite, Verdict};
use crate::diagnostic::{Code, Diagnostic, Language, PathBase, render};

/// Returns one suite per file, in order.
pub(super) fn suites(runs: &[TestRun], base: &PathBase, language: Language) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    for one in runs {
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

/// Returns a suite with one broken case for the errors that keep the tests of a project from running.
pub(super) fn broken(unit: &Unit, errors: &[Diagnostic], base: &PathBase, language: Language) -> Option<Suite> {
    let first = errors.first()?;
    let name = unit.workspace.sources.get(first.span.file).map(|file| base.path(&file.name)).unwrap_or_default();
    let text = render::render_in(&unit.workspace.sources, errors, false, language);
    let fault = Fault { message: first.message.in_language(language).into_owned(), code: first.code.number(), text };
    Some(Suite { name, cases: vec![Case { name: "check".to_owned(), result: Verdict::Broken(fault) }] })
}
