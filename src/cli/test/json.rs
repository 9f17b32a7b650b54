//! A test's result for a program. In: a test that ran. Out: one JSON object on a line.

use super::Ran;
use crate::cli::line;
use crate::diagnostic::Language;
use crate::simulate::{Mark, Row};
use crate::value::Zone;
use serde_json::{Value as Json, json};

/// The object of a test.
pub(super) fn line(ran: &Ran, language: Language) -> String {
    let zone = Zone::named(&ran.test.zone).unwrap_or(Zone::UTC);
    let faults = ran.verdict.faults.iter().zip(&ran.faulty);
    let faults = faults.map(|(fault, line)| json!({ "line": line, "reason": fault.reason.in_language(language) }));
    let object = json!({
        "kind": "test",
        "title": ran.test.title,
        "file": ran.file,
        "line": ran.place.line,
        "status": if ran.verdict.passed() { "passed" } else { "failed" },
        "zone": ran.test.zone,
        "faults": faults.collect::<Vec<_>>(),
        "rows": ran.verdict.rows.iter().map(|row| one(ran, row, zone)).collect::<Vec<_>>(),
    });
    format!("{object}\n")
}

fn one(ran: &Ran, row: &Row, zone: Zone) -> Json {
    let expected = row.expected.and_then(|n| ran.test.expected.get(n)).map(|expected| {
        let at = expected.when.map(|when| zone.rfc3339(when.from));
        json!({ "client": expected.client, "at": at, "text": expected.text })
    });
    let happened = row.happened.and_then(|n| ran.verdict.happened.get(n)).map(line::object);
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
