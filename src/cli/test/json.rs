//! Test results as JSON. In: a test run. Out: one JSON object on a line.

use super::TestRun;
use crate::cli::line;
use crate::diagnostic::Language;
use crate::simulate::{Mark, Row};
use crate::value::Zone;
use serde_json::{Value as Json, json};

/// Returns the line of a test run.
pub(super) fn line(run: &TestRun, language: Language) -> String {
    let zone = Zone::named(&run.test.zone).unwrap_or(Zone::UTC);
    let faults = run.verdict.faults.iter().zip(&run.fault_lines);
    let faults = faults.map(|(fault, line)| json!({ "line": line, "reason": fault.reason.in_language(language) }));
    let object = json!({
        "kind": "test",
        "title": run.test.title,
        "file": run.file,
        "line": run.place.line,
        "status": if run.verdict.passed() { "passed" } else { "failed" },
        "zone": run.test.zone,
        "faults": faults.collect::<Vec<_>>(),
        "rows": run.verdict.rows.iter().map(|row| one(run, row, zone)).collect::<Vec<_>>(),
    });
    format!("{object}\n")
}

fn one(run: &TestRun, row: &Row, zone: Zone) -> Json {
    let expected = row.expected.and_then(|n| run.test.expected.get(n)).map(|expected| {
        let at = expected.when.map(|when| zone.rfc3339(when.from));
        json!({ "client": expected.client, "at": at, "text": expected.text })
    });
    let happened = row.happened.and_then(|n| run.verdict.happened.get(n)).map(line::object);
    json!({ "mark": name(row.mark), "expected": expected, "happened": happened })
}

fn name(mark: Mark) -> &'static str {
    match mark {
        Mark::Met => "met",
        Mark::Different => "different",
        Mark::Missing => "missing",
        Mark::Unexpected => "unexpected",
        Mark::Aside => "aside",
    }
}
