//! The zoo: small funnels with one mistake, which is found once, at the stated place, and fixed as its help suggests,
//! and small funnels without findings. `tests/zoo/README.md` describes the format of a case.

mod case;
mod fix;

use crate::support::program::package;
use case::{Case, Finding};
use std::fmt::Write;

/// The minimum number of cases.
const WRONG: usize = 150;
const RIGHT: usize = 60;

#[test]
fn each_mistake_is_found_once_and_fixed_by_its_help() {
    let cases = case::cases(&package("tests/zoo/wrong"));
    let faults: String = cases.iter().filter_map(|case| verify(case).err()).collect();
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases.len() >= WRONG, "there are {} wrong funnels, expected {WRONG}", cases.len());
}

#[test]
fn right_funnels_have_no_findings() {
    let cases = case::cases(&package("tests/zoo/right"));
    let mut faults = String::new();
    for case in &cases {
        let checked = case.check();
        if !checked.findings.is_empty() {
            let _ = writeln!(faults, "{}: has findings\n{}", case.name, checked.rendered());
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases.len() >= RIGHT, "there are {} right funnels, expected {RIGHT}", cases.len());
}

/// Tests a wrong funnel; an error says what differs, followed by the rendered findings.
fn verify(case: &Case) -> Result<(), String> {
    let name = &case.name;
    let expectation = case.expectation().map_err(|why| format!("{name}: {why}\n"))?;
    let checked = case.check();
    let error = |why: &str| format!("{name}: {why}\n{}\n", checked.rendered());
    let mut left: Vec<Finding> = checked.findings.iter().map(|found| checked.place(case, found)).collect();
    for expected in &expectation.finds {
        let Some(at) = left.iter().position(|found| found == expected) else {
            return Err(error(&format!("{expected} is not found")));
        };
        left.remove(at);
    }
    if let Some(extra) = left.first() {
        return Err(error(&format!("{extra} is unexpected, or found twice")));
    }
    let fixed = fix::fixed(case, &expectation.fixes, &checked).map_err(|why| error(&why))?;
    let after = fixed.check();
    if after.findings.is_empty() {
        return Ok(());
    }
    let text: String = fixed.files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
    Err(format!("{}: it has findings after the fix\n{}\n{text}\n", case.name, after.rendered()))
}
