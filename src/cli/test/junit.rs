//! Results as JUnit XML, in the form that Jenkins, GitLab and GitHub read. In: tests that ran. Out: one document.

use super::Ran;
use crate::cli::load::Unit;
use crate::diagnostic::{Diagnostic, render};
use crate::source::escaped;

/// The tests of one file.
pub(super) struct Suite {
    name: String,
    tests: usize,
    failures: usize,
    errors: usize,
    cases: String,
}

/// A suite a file, in order.
pub(super) fn suites(ran: &[Ran]) -> Vec<Suite> {
    let mut suites: Vec<Suite> = Vec::new();
    for one in ran {
        if suites.last().is_none_or(|suite| suite.name != one.file) {
            suites.push(Suite::new(&one.file));
        }
        let Some(suite) = suites.last_mut() else { continue };
        suite.tests += 1;
        let (name, class) = (escaped(&one.test.title), escaped(&one.file));
        let case = format!("    <testcase name=\"{name}\" classname=\"{class}\"");
        let Some(report) = &one.report else {
            suite.cases += &format!("{case}/>\n");
            continue;
        };
        suite.failures += 1;
        let reasons: Vec<&str> = one.verdict.faults.iter().map(|fault| fault.reason.as_str()).collect();
        let message = escaped(&reasons.join("; "));
        suite.cases += &format!(
            "{case}>\n      <failure message=\"{message}\" type=\"F0710\">{}</failure>\n    </testcase>\n",
            escaped(report)
        );
    }
    suites
}

/// A suite of one case for what keeps the tests of a project from running.
pub(super) fn broken(unit: &Unit, errors: &[Diagnostic]) -> Option<Suite> {
    let first = errors.first()?;
    let file = unit.sources.get(first.span.file).map_or("", |file| file.name.as_str());
    let mut suite = Suite::new(file);
    (suite.tests, suite.errors) = (1, 1);
    suite.cases = format!(
        "    <testcase name=\"check\" classname=\"{}\">\n      <error message=\"{}\" type=\"{}\">{}</error>\n    \
         </testcase>\n",
        escaped(file),
        escaped(&first.message),
        first.code.number(),
        escaped(&render::render(&unit.sources, errors, false))
    );
    Some(suite)
}

/// The document of all suites.
pub(super) fn document(suites: &[Suite]) -> String {
    let sum = |of: fn(&Suite) -> usize| suites.iter().map(of).sum::<usize>();
    let (tests, failures, errors) = (sum(|suite| suite.tests), sum(|suite| suite.failures), sum(|suite| suite.errors));
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    out +=
        &format!("<testsuites name=\"funnelc test\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n");
    for suite in suites {
        out += &format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{}  </testsuite>\n",
            escaped(&suite.name),
            suite.tests,
            suite.failures,
            suite.errors,
            suite.cases
        );
    }
    out + "</testsuites>\n"
}

impl Suite {
    fn new(name: &str) -> Self {
        Self { name: name.to_owned(), tests: 0, failures: 0, errors: 0, cases: String::new() }
    }
}
