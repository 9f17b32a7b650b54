//! Golden phrases: what people write by habit, and what `check --fix` makes of it. A safe fix never changes what a line
//! that means something else does; the golden file `tests/phrases/phrases.txt` is there to be read with that in mind.
//!
//! In it, a phrase begins at the margin, with `⏎` for the end of a line; below it are the text after `--fix` (`=>`), if it
//! changed, and the codes of the remaining findings. A line with `#` is a heading. `FUNNELC_BLESS=1` rewrites what is below
//! the phrases.

use crate::errors::differs;
use crate::support::program::run_funnelc;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

fn is_phrase(line: &str) -> bool {
    !line.is_empty() && !line.starts_with(['#', ' '])
}

/// The codes of the findings that remain after `check --fix` in `folder`, by the folder of their file.
fn remaining(folder: &Path) -> BTreeMap<String, String> {
    let done = run_funnelc(["check", "--fix", "--format", "json", folder.to_str().unwrap()]);
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    for line in done.out.lines() {
        let finding: serde_json::Value = serde_json::from_str(line).unwrap();
        let place = finding["file"].as_str().unwrap().split('/').rev().nth(1).unwrap().to_owned();
        let codes = found.entry(place).or_insert_with(|| "   ".to_owned());
        *codes += &format!(" {}", finding["code"].as_str().unwrap());
    }
    found
}

#[test]
fn safe_fixes_of_natural_phrases_keep_their_meaning() {
    let golden = crate::support::program::package("tests/phrases/phrases.txt");
    let written = std::fs::read_to_string(&golden).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let lines = || written.lines().filter(|line| !line.starts_with(' ')).enumerate();
    let path = |n: usize| folder.path().join(n.to_string()).join("a.funnel");
    for (n, phrase) in lines().filter(|(_, line)| is_phrase(line)) {
        std::fs::create_dir(path(n).parent().unwrap()).unwrap();
        let project = "timezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\n";
        std::fs::write(path(n).with_file_name("funnel.toml"), project).unwrap();
        std::fs::write(path(n), format!("{}\n", phrase.replace('⏎', "\n"))).unwrap();
    }
    let found = remaining(folder.path());
    let mut rendered = String::new();
    for (n, line) in lines() {
        writeln!(rendered, "{line}").unwrap();
        if is_phrase(line) {
            let fixed = std::fs::read_to_string(path(n)).unwrap().trim_end().replace('\n', "⏎");
            if fixed != line {
                writeln!(rendered, "    => {fixed}").unwrap();
            }
            writeln!(rendered, "{}", found.get(&n.to_string()).map_or("    no findings", String::as_str)).unwrap();
        }
    }
    assert!(lines().filter(|(_, line)| is_phrase(line)).count() > 500);
    assert!(!differs(&golden, &rendered), "read what changed:\n{rendered}");
}
