//! The zoo: small wrong funnels, each found once, at the place it says and mended as its help says, and right ones in
//! which nothing is found. `tests/zoo/README.md` says how a case is written.

mod case;
mod mend;

use crate::support::program::package;
use case::{Case, Finding};
use std::fmt::Write;

/// How many cases there must be at least.
const WRONG: usize = 150;
const RIGHT: usize = 60;

#[test]
fn each_wrong_funnel_is_found_once_and_its_help_mends_it() {
    let cases = case::cases(&package("tests/zoo/wrong"));
    let faults: String = cases.iter().filter_map(|case| fault(case).err()).collect();
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases.len() >= WRONG, "there are {} wrong funnels, {WRONG} are asked for", cases.len());
}

#[test]
fn nothing_is_found_in_a_right_funnel() {
    let cases = case::cases(&package("tests/zoo/right"));
    let mut faults = String::new();
    for case in &cases {
        let found = case.judge();
        if !found.findings.is_empty() {
            let _ = writeln!(faults, "{}: is right, yet\n{}", case.name, found.picture());
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(cases.len() >= RIGHT, "there are {} right funnels, {RIGHT} are asked for", cases.len());
}

/// What is wrong with a case, for people; each sentence ends in the picture of what was found.
fn fault(case: &Case) -> Result<(), String> {
    let name = &case.name;
    let script = case.script().map_err(|why| format!("{name}: {why}\n"))?;
    let judged = case.judge();
    let say = |why: &str| format!("{name}: {why}\n{}\n", judged.picture());
    let mut left: Vec<Finding> = judged.findings.iter().map(|found| judged.place(case, found)).collect();
    for wanted in &script.finds {
        let Some(at) = left.iter().position(|found| found == wanted) else {
            return Err(say(&format!("{wanted} is not found")));
        };
        left.remove(at);
    }
    if let Some(extra) = left.first() {
        return Err(say(&format!("{extra} is found too, or twice")));
    }
    let mended = mend::mended(case, &script.mends, &judged).map_err(|why| say(&why))?;
    let after = mended.judge();
    if after.findings.is_empty() {
        return Ok(());
    }
    let text: String = mended.files.iter().map(|(path, text)| format!("--- {path}\n{text}")).collect();
    Err(format!("{}: mended, it still has findings\n{}\n{text}\n", case.name, after.picture()))
}
