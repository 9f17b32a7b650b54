//! Output format: JUnit XML, as Jenkins, GitLab and GitHub read it, for test results and diagnostics.

use super::report::{self, Batch, Entry};
use super::{Language, Severity, render};
use crate::source::escape_xml;

/// The cases of a file.
#[derive(Debug, Clone, Default)]
pub struct Suite {
    /// The name of the file.
    pub name: String,
    /// The cases, in order.
    pub cases: Vec<Case>,
}

/// A test, or a diagnostic.
#[derive(Debug, Clone)]
pub struct Case {
    /// Its name.
    pub name: String,
    /// Its result.
    pub result: Verdict,
}

/// The result of a case.
#[derive(Debug, Clone)]
pub enum Verdict {
    /// It passed, possibly with output.
    Passed(Option<String>),
    /// It failed.
    Failed(Fault),
    /// It could not be run.
    Broken(Fault),
}

/// Why a case did not pass.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The reason, in one line.
    pub message: String,
    /// The code of the diagnostic.
    pub code: &'static str,
    /// The full text.
    pub text: String,
}

/// Writes suites under the name of a command.
#[must_use]
pub fn document(title: &str, suites: &[Suite]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let all: Vec<&Case> = suites.iter().flat_map(|suite| &suite.cases).collect();
    out += &format!("<testsuites name=\"{}\" {}>\n", escape_xml(title), counts(&all));
    for suite in suites {
        let cases: Vec<&Case> = suite.cases.iter().collect();
        let name = escape_xml(&suite.name);
        out += &format!("  <testsuite name=\"{name}\" {}>\n", counts(&cases));
        out.extend(cases.into_iter().map(|case| case_xml(case, &name)));
        out += "  </testsuite>\n";
    }
    out + "</testsuites>\n"
}

fn counts(cases: &[&Case]) -> String {
    let count = |of: fn(&Verdict) -> bool| cases.iter().filter(|case| of(&case.result)).count();
    let failures = count(|verdict| matches!(verdict, Verdict::Failed(_)));
    let errors = count(|verdict| matches!(verdict, Verdict::Broken(_)));
    format!("tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\"", cases.len())
}

fn case_xml(case: &Case, class: &str) -> String {
    let head = format!("    <testcase name=\"{}\" classname=\"{class}\"", escape_xml(&case.name));
    let fault = |kind: &str, fault: &Fault| {
        let (message, text) = (escape_xml(&fault.message), escape_xml(&fault.text));
        format!("<{kind} message=\"{message}\" type=\"{}\">{text}</{kind}>", fault.code)
    };
    let inside = match &case.result {
        Verdict::Passed(None) => return format!("{head}/>\n"),
        Verdict::Passed(Some(text)) => format!("<system-out>{}</system-out>", escape_xml(text)),
        Verdict::Failed(why) => fault("failure", why),
        Verdict::Broken(why) => fault("error", why),
    };
    format!("{head}>\n      {inside}\n    </testcase>\n")
}

/// Converts the diagnostics of a run to suites: one suite per file and one case per diagnostic, plus one case for a
/// file without any. A warning is a passed case with output.
#[must_use]
pub fn suites(batches: &[Batch<'_>], language: Language) -> Vec<Suite> {
    let entries = report::entries(batches);
    let mut suites: Vec<Suite> = Vec::new();
    for (batch, name) in batches.iter().flat_map(|batch| batch.files.iter().map(move |name| (batch, name))) {
        suites.push(Suite { name: batch.base.path(name), cases: Vec::new() });
    }
    for entry in &entries {
        let name = entry.path.as_deref().unwrap_or("");
        let case = case(entry, language);
        match suites.iter_mut().find(|suite| suite.name == name) {
            Some(suite) => suite.cases.push(case),
            None => suites.push(Suite { name: name.to_owned(), cases: vec![case] }),
        }
    }
    for suite in suites.iter_mut().filter(|suite| suite.cases.is_empty()) {
        suite.cases.push(Case { name: "check".to_owned(), result: Verdict::Passed(None) });
    }
    suites
}

fn case(entry: &Entry<'_>, language: Language) -> Case {
    let diagnostic = entry.diagnostic;
    let place = entry.range().map(|(start, _)| format!(" {}:{}", start.line, start.column)).unwrap_or_default();
    let text = render::render_in(entry.sources, std::slice::from_ref(diagnostic), false, language);
    let result = match diagnostic.severity {
        Severity::Note | Severity::Warning => Verdict::Passed(Some(text)),
        Severity::Error => {
            let message = diagnostic.message.in_language(language).into_owned();
            Verdict::Failed(Fault { message, code: diagnostic.code.number(), text })
        }
    };
    Case { name: format!("{} {}{place}", diagnostic.code.number(), diagnostic.code.slug()), result }
}
