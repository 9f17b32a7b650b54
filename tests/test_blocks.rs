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

/// Runs one test of a funnel that does everything, in a project with another funnel; returns the exit code and the output.
fn run_actions(expectations: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        std::fs::write(folder.path().join(name), text).unwrap();
        folder.path().join(name).to_str().unwrap().to_owned()
    };
    write("funnel.toml", "timezone = \"Europe/Berlin\"\n[actions.sync]\nurl = \"https://crm.example/sync\"\n");
    write("other.funnel", "funnel other { on visit -> wait 2h -> tag \"seen\" }\n");
    let text = format!(
        "action sync(phone: phone, stage: text)\nclient {{ bonus: number?  spent: money?  phone: phone }}\n\
         event met {{ key id: text  note: text?  when: datetime? }}\n\
         funnel all {{\n  on visit -> wait 1h -> set client.bonus += 500 -> set client.spent += 10 EUR -> tag \"vip\" -> untag \"new\"\n    \
         -> task \"Call {{{{ client.name | default(\"them\") }}}}\" for \"manager\" due 1d at 10:00 -> emit met {{ id: visit.id  note: \"x\"  when: now }}\n    \
         -> call \"https://a.example/new\" {{ id: visit.id  points: 5 }} -> do sync(phone: client.phone, stage: \"won\")\n    \
         -> send sms \"Thank you!\" -> send email {{ subject: \"Hi\"  text: \"Hello\" }}\n}}\n\n\
         test \"t\" {{\n  client {{ name: \"Anna\", phone: \"+79990000000\", email: \"a@example.com\" }}\n  \
         at 2026-03-01 10:00 visit {{ id: \"v1\" }}\n{expectations}\n}}\n"
    );
    let finished = run_funnelc(["test", &write("all.funnel", &text)]);
    (finished.code, finished.out + &finished.err)
}

#[test]
fn an_expectation_copies_the_action() {
    for passes in [
        "expect set client.bonus = 500\nexpect set client.spent = 10 EUR",
        "expect set client.spent = 10.00 EUR",
        "expect set bonus to 500\nexpect tag vip",
        "expect tag \"vip\"\nexpect untag \"new\"",
        "expect task \"Call Anna\" for \"manager\" due 1d at 10:00",
        "expect task for \"manager\" containing \"Anna\"",
        "expect task containing \"Anna\" to \"manager\"",
        "expect emit met { id: \"v1\" }\nexpect no emit met { id: \"v2\" }",
        "expect emit met { note: \"x\", when: 2026-03-01 11:00 }",
        "expect call \"https://a.example/new\" { id: \"v1\", points: 5 }",
        "expect call { points: 5 }\nexpect do sync(stage: \"won\")",
        "expect send sms \"Thank you!\" to \"+79990000000\"",
        "expect send email { subject: \"Hi\", text: \"Hello\" }",
        "expect no send sms \"Thank you\"\nexpect no tag \"gold\"",
    ] {
        let (code, out) = run_actions(passes);
        assert_eq!(code, Some(0), "{passes}\n{out}");
    }
    for (fails, why) in [
        ("expect set client.bonus = 400", "was set to 500"),
        ("expect task \"Call Boris\"", "came as \"Call Anna\""),
        ("expect task \"Call Anna\" for \"owner\"", "addressed to \"manager\""),
        ("expect task \"Call Anna\" due 1d", "due at 2026-03-02T10:00:00+01:00"),
        ("expect emit met { id: \"v2\" }", "`id` was \"v1\""),
        ("expect call \"https://b.example/new\"", "addressed to \"https://a.example/new\""),
        ("expect call { points: 6 }", "`points` was 5"),
        ("expect call { other: 6 }", "has no `other`"),
        ("expect do sync(stage: \"lost\")", "`stage` was \"won\""),
        ("expect send email { subject: \"Hello\" }", "`subject` was \"Hi\""),
        ("expect no tag \"vip\"", "happened at 2026-03-01 11:00: tag \"vip\""),
    ] {
        let (code, out) = run_actions(fails);
        assert_eq!(code, Some(1), "{fails}\n{out}");
        assert!(out.contains(why), "{fails}: {why}\n{out}");
    }
    for (wrong, code) in [
        ("expect set client.bonus += 500", "F0108"),
        ("expect set client.bonus = \"x\"", "F0301"),
        ("expect set client.bonus = 500 to 400", "F0206"),
        ("expect tag client.bonus", "F0214"),
        ("expect send sms for \"manager\"", "F0214"),
        ("expect tag \"vip\" due 4h", "F0214"),
        ("expect exit \"finished\"", "F0214"),
        ("expect tag { id: \"v1\" }", "F0214"),
        ("expect emit met { nope: 1 }", "F0202"),
        ("expect nothing else from nobody", "F0201"),
    ] {
        let (status, out) = run_actions(wrong);
        assert_eq!(status, Some(1), "{wrong}\n{out}");
        assert!(out.contains(code), "{wrong}: {code}\n{out}");
    }
}

#[test]
fn nothing_else_is_about_the_funnels_of_the_file() {
    let all = "expect set client.bonus\nexpect set client.spent\nexpect tag \"vip\"\nexpect untag\nexpect task\nexpect emit met\n\
               expect call\nexpect do sync\nexpect send sms\nexpect send email\n";
    for passes in [
        "expect nothing else",
        "expect nothing else from all",
        "expect tag \"seen\"\nexpect nothing else from anything",
    ] {
        let (code, out) = run_actions(&format!("{all}{passes}"));
        assert_eq!(code, Some(0), "{passes}\n{out}");
    }
    for fails in ["expect nothing else from other", "expect nothing else from anything"] {
        let (code, out) = run_actions(&format!("{all}{fails}"));
        assert_eq!(code, Some(1), "{fails}\n{out}");
        assert!(out.contains("one unexpected result at 2026-03-01 12:00: tag \"seen\""), "{fails}\n{out}");
    }
    let (code, out) = run_actions("expect nothing else from all");
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains("10 unexpected results, the first at 2026-03-01 11:00: set client.bonus = 500"), "{out}");
}

/// Runs a test about messages and requests that have an `else`; returns the exit code and the output.
fn run_refused(lines: &str) -> (Option<i32>, String) {
    let text = format!(
        "action sync(id: text)\nfunnel f {{\n  enter always\n  on visit\n    -> send sms \"Hi\" else {{ tag \"no sms\" }}\n    \
         -> call \"https://a.example/new\" {{ id: visit.id }} else {{ tag \"no call\" }}\n    \
         -> call \"https://b.example/new\" else {{ tag \"no second call\" }}\n    -> do sync(id: visit.id) else {{ tag \"no sync\" }}\n    \
         -> send email {{ subject: \"Hi\"  text: \"Hello\" }}\n}}\n\ntest \"t\" {{\n{lines}\n}}\n"
    );
    let finished = run_with_stdin(["test", "-"], text.as_bytes());
    (finished.code, finished.out + &finished.err)
}

#[test]
fn every_else_can_be_reached_by_a_refusal() {
    let client = "client { phone: \"+79990000000\", email: \"a@example.com\" }\n";
    let visit = "at 2026-03-01 10:00 visit { id: \"v1\" }\n";
    let sent = "expect send sms\nexpect call\nexpect call\nexpect do sync\nexpect send email\nexpect nothing else";
    for (given, expected) in [
        ("", sent),
        (
            "given sms fails\n",
            "expect not_sent sms containing \"refused by the provider\"\nexpect no send sms\nexpect tag \"no sms\"\nexpect call\nexpect call\nexpect do\nexpect send email\nexpect nothing else",
        ),
        ("given sms fails \"unknown number\"\n", "expect not_sent sms containing \"unknown number\""),
        (
            "given call fails\n",
            "expect not_sent call\nexpect tag \"no call\"\nexpect tag \"no second call\"\nexpect no call",
        ),
        (
            "given call \"https://b.example/new\" fails\n",
            "expect call \"https://a.example/new\"\nexpect tag \"no second call\"\nexpect no tag",
        ),
        (
            "given do sync fails \"down\"\n",
            "expect not_sent do containing \"down\"\nexpect tag \"no sync\"\nexpect no do",
        ),
        ("given do fails\n", "expect tag \"no sync\"\nexpect no tag"),
        // Without an `else`, the run continues.
        (
            "given email fails\n",
            "expect not_sent email\nexpect exit f containing \"finished\"\nexpect no send email\nexpect no tag",
        ),
        ("given at 2026-03-01 10:01 sms fails\n", sent),
        (
            "given at 2026-03-01 sms fails \"day\"\ngiven at 2026-03-01 10:00 sms fails \"minute\"\n",
            "expect not_sent sms containing \"minute\"",
        ),
    ] {
        let (code, out) = run_refused(&format!("{client}{given}{visit}{expected}"));
        assert_eq!(code, Some(0), "{given}\n{out}");
    }
    // About one client, about all, and from a moment on.
    let two = |given_first: &str, given_second: &str, first: &str, second: &str| {
        let (code, out) = run_refused(&format!(
            "{given_first}client {{ id: \"a\", phone: \"+79990000000\" }}\n{visit}{first}\n\
             client {{ id: \"b\", phone: \"+79990000001\" }}\n{given_second}at 2026-03-01 10:00 visit {{ id: \"v2\" }}\n\
             at 2026-03-03 10:00 visit {{ id: \"v3\" }}\n{second}"
        ));
        assert_eq!(code, Some(0), "{out}");
    };
    two("", "given sms fails\n", "expect send sms", "expect no send sms\nexpect tag \"no sms\"\nexpect tag \"no sms\"");
    two("given sms fails\n", "", "expect no send sms", "expect no send sms");
    two(
        "",
        "given at 2026-03-02 sms fails\n",
        "expect send sms",
        "expect at 2026-03-01 send sms\nexpect at 2026-03-03 tag \"no sms\"\nexpect no send sms",
    );
    for (wrong, code) in [
        ("given smss fails\n", "F0205"),
        ("given sms \"x\" fails\n", "F0214"),
        ("given sms other fails\n", "F0214"),
        ("given do nothing_known fails\n", "F0212"),
        ("given sms\n", "F0101"),
        ("given at 5 sms fails\n", "F0301"),
    ] {
        let (status, out) = run_refused(&format!("{client}{wrong}{visit}{sent}"));
        assert_eq!(status, Some(1), "{wrong}\n{out}");
        assert!(out.contains(code), "{wrong}: {code}\n{out}");
    }
}
