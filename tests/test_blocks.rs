//! `funnelc test` as a user sees it: each `tests/test_blocks/*.funnel` prints its golden files, one per output format.
//! `FUNNELC_BLESS=1 cargo test --test all test_blocks` rewrites them; read the diff before committing it.

use crate::support::program::{package, run_funnelc, run_with_stdin, shared};
use std::path::PathBuf;

/// The output formats, and the extensions of their golden files.
const FORMATS: [(&str, &str); 3] = [("text", "txt"), ("json", "ndjson"), ("junit", "xml")];

fn inputs() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(package("tests/test_blocks")).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "funnel"));
    paths.sort();
    paths
}

#[test]
fn results_match_their_golden_files() {
    let mut faults = String::new();
    for path in inputs() {
        let name = path.file_stem().unwrap().to_str().unwrap();
        let funnel = format!("tests/test_blocks/{name}.funnel");
        for (format, extension) in FORMATS {
            let coverage = (name == "coverage").then_some("--coverage");
            let shown = run_funnelc(["test", &funnel, "--format", format].into_iter().chain(coverage));
            assert_eq!(shown.code, Some(i32::from(["fails", "broken"].contains(&name))), "{funnel}: {shown:?}");
            let golden = path.with_extension(extension);
            if std::env::var_os("FUNNELC_BLESS").is_some() {
                std::fs::write(&golden, &shown.out).unwrap();
            }
            if std::fs::read_to_string(&golden).unwrap_or_default() != shown.out {
                faults += &format!("{funnel} as {format}:\n{}\n", shown.out);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn the_tour_contains_the_test_of_the_design() {
    let Some(design) = shared("design/language.md") else { return };
    let design = std::fs::read_to_string(design).unwrap();
    let written = design.split_once("\ntest \"").unwrap().1.split_once("\n}\n").unwrap().0;
    let tour = std::fs::read_to_string(package("tests/test_blocks/tour.funnel")).unwrap();
    assert!(tour.contains(written), "tour.funnel does not contain the test of the design");
}

#[test]
fn both_timelines_fit_a_hundred_columns() {
    let shown = run_funnelc(["test", "tests/test_blocks/fails.funnel"]).out;
    let timelines: Vec<&str> = shown.split("\n  expected").skip(1).collect();
    assert_eq!(timelines.len(), 4);
    for line in timelines.iter().flat_map(|timeline| timeline.split("\nerror").next().unwrap().lines()) {
        assert!(line.chars().count() <= 100, "{} columns: {line}", line.chars().count());
    }
}

#[test]
fn color_is_off_unless_requested() {
    let plain = run_funnelc(["test", "tests/test_blocks/fails.funnel"]).out;
    let colored = run_funnelc(["--color", "always", "test", "tests/test_blocks/fails.funnel"]).out;
    assert!(!plain.contains('\u{1b}'));
    assert!(colored.contains("\u{1b}[1;31mFAIL\u{1b}[0m") && colored.contains("\u{1b}[31m-"), "{colored}");
}

#[test]
fn the_filter_matches_titles_in_any_case() {
    let one = run_funnelc(["test", "tests/test_blocks/fails.funnel", "--filter", "IT PASSES"]);
    assert_eq!((one.code, one.err.as_str()), (Some(0), "1 test, 1 passed\n"), "{one:?}");
    let none = run_funnelc(["test", "tests/test_blocks/fails.funnel", "--filter", "unheard of"]);
    assert_eq!((none.code, none.err.as_str()), (Some(0), "no test title contains `unheard of`\n"), "{none:?}");
}

#[test]
fn a_file_without_tests_is_reported() {
    let none = run_with_stdin(["test", "-"], b"on booking -> send sms\n");
    assert_eq!((none.code, none.out.as_str()), (Some(0), ""), "{none:?}");
    assert!(none.err.starts_with("no tests found"), "{none:?}");
    let missing = run_funnelc(["test", "tests/test_blocks/absent.funnel"]);
    assert_eq!(missing.code, Some(2), "{missing:?}");
}

#[test]
fn the_tests_of_a_file_run_with_all_funnels_of_its_project() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    write("funnel.toml", "timezone = \"Asia/Vladivostok\"\n");
    write(
        "greeting.funnel",
        "on booking -> wait until tomorrow 10:00 -> send sms \"Hi\"\n\ntest \"of another file\" {\n  at 2026-03-01 10:00 visit { id: \"v1\" }\n  expect task\n}\n",
    );
    let tests = write(
        "tests.funnel",
        "test \"in the zone of the project\" {\n  client { phone: \"+79990000000\" }\n  at 2026-03-01 23:00 booking { id: \"b1\", \
         starts_at: 2026-03-05 12:00 }\n  expect at 2026-03-02 10:00 send sms\n  expect nothing else\n}\n",
    );
    let shown = run_funnelc(["test", &tests]);
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), "1 test, 1 passed\n"), "{shown:?}");
    let whole = run_funnelc(["test", folder.path().to_str().unwrap()]);
    assert_eq!((whole.code, whole.err.as_str()), (Some(1), "2 tests, 1 passed, 1 failure\n"), "{whole:?}");
}

/// Runs a test with some expectations; returns the exit code and the output.
fn run_test(expectations: &str) -> (Option<i32>, String) {
    let text = format!(
        "const start = 2026-03-01 10:00\n\nfunnel one {{ on visit -> wait 1h -> send sms \"one\" }}\n\n\
         funnel two {{ on visit -> wait 1h -> send sms \"two\" -> wait 1h -> send sms \"three\" }}\n\n\
         test \"t\" {{\n  client {{ phone: \"+79990000000\" }}\n  at start visit {{ id: \"v1\" }}\n{expectations}\n}}\n"
    );
    let finished = run_with_stdin(["test", "-"], text.as_bytes());
    (finished.code, finished.out)
}

#[test]
fn every_expectation_matches_its_own_line() {
    let passes = [
        // Lines at one instant have no order, and a loose expectation leaves the line that another one needs.
        "expect send sms\nexpect send sms containing \"one\"\nexpect send sms containing \"three\"",
        "expect send sms containing \"two\"\nexpect send sms containing \"one\"",
        "expect at start + 1h send sms\nexpect at 2026-03-01 11:00 send sms\nexpect no send\nuntil start + 90m",
        "expect at 2026-03-01 send sms containing \"three\"",
        "expect at 2026-03-01 12:00 send sms\nexpect no task\nexpect no send containing \"four\"\nexpect no send containing \"three\"",
        "expect enter one\nexpect exit one containing \"finished\"\nexpect exit two",
    ];
    for expectations in passes {
        let (code, out) = run_test(expectations);
        assert_eq!(code, Some(0), "{expectations}\n{out}");
    }
    let fails = [
        // Two expectations cannot match the same line.
        "expect send sms containing \"one\"\nexpect send sms containing \"one\"",
        "expect send sms\nexpect send sms\nexpect send sms\nexpect send sms",
        // Out of order.
        "expect send sms containing \"three\"\nexpect send sms containing \"one\"",
        "expect at 2026-03-01 11:01 send sms",
        "expect at 2026-03-01 11:00:30 send sms",
        "expect at 2026-03-02 send sms",
        "expect no send sms",
        "expect no send sms containing \"three\"",
        "expect send sms\nexpect nothing else",
    ];
    for expectations in fails {
        let (code, out) = run_test(expectations);
        assert_eq!(code, Some(1), "{expectations}\n{out}");
    }
}
