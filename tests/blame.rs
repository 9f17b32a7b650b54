//! Which errors `check` reports for files that are not named on its command line: only those that the named files cause
//! there, not those that existed before. Also unsaved text from standard input.

use crate::support::program::Finished;
use crate::support::repository::Repository;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const COMMON: &str = "template sms thanks = \"Thank you!\"\n\nevent paid {\n  key id: text\n  sum: number\n}\n";
const USER: &str = "on booking -> send sms thanks\n\non paid -> if paid.sum > 5 -> send sms \"Thank you very much!\"\n";
const BROKEN: &str = "on bookng -> send sms\n";

/// A project in a repository, with all files committed.
fn committed() -> Repository {
    let salon = Repository::new();
    for (name, text) in [
        ("salon/funnel.toml", ""),
        ("salon/common.funnel", COMMON),
        ("salon/user.funnel", USER),
        ("salon/broken.funnel", BROKEN),
    ] {
        salon.put(name, text);
    }
    salon.commit_all();
    salon
}

fn run(folder: &Repository, args: &[&str], input: Option<&str>) -> Finished {
    let mut command = folder.command(env!("CARGO_BIN_EXE_funnelc"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.unwrap_or("").as_bytes());
    child.wait_with_output().unwrap().into()
}

/// The code and position of each finding of `check`.
fn findings(folder: &Repository, args: &[&str], input: Option<&str>) -> Vec<String> {
    let checked = run(folder, &[&["check", "--format", "json"], args].concat(), input);
    let lines = checked.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let shown = |finding: Value| {
        let start = &finding["range"]["start"];
        let file = finding["file"].as_str().unwrap().replace('\\', "/");
        format!("{} {file}:{}:{}", finding["code"].as_str().unwrap(), start["line"], start["column"])
    };
    lines.map(shown).collect()
}

const NOTHING: [&str; 0] = [];

#[test]
fn existing_errors_in_other_files_are_not_reported() {
    let salon = committed();
    assert_eq!(findings(&salon, &["salon/user.funnel"], None), NOTHING);
    assert_eq!(findings(&salon, &["salon/common.funnel"], None), NOTHING);
    salon.put("salon/common.funnel", &format!("# Words.\n{COMMON}"));
    assert_eq!(findings(&salon, &["salon/common.funnel"], None), NOTHING);
    assert_eq!(findings(&salon, &["salon/broken.funnel"], None), ["F0203 salon/broken.funnel:1:4"]);
    assert_eq!(findings(&salon, &["salon"], None), ["F0203 salon/broken.funnel:1:4"]);
}

#[test]
fn errors_caused_in_other_files_are_reported() {
    let salon = committed();
    salon.put("salon/common.funnel", &COMMON.replace("thanks", "thank_you"));
    let renamed = findings(&salon, &["salon/common.funnel"], None);
    assert_eq!(renamed, ["F0204 salon/user.funnel:1:24"]);
    assert_eq!(findings(&salon, &["salon/common.funnel", "salon/user.funnel"], None), renamed);
    assert_eq!(run(&salon, &["check", "salon/common.funnel"], None).code, Some(1));
    salon.put("salon/common.funnel", &COMMON.replace("sum: number", "sum: text"));
    assert_eq!(findings(&salon, &["salon/common.funnel"], None), ["F0303 salon/user.funnel:3:15"]);
    // The declarations of a file that does not parse are unknown, so they are not reported as missing.
    salon.put("salon/common.funnel", &COMMON.replace("sms thanks =", "sms thanks"));
    let damaged = findings(&salon, &["salon/common.funnel"], None);
    assert!(!damaged.is_empty() && damaged.iter().all(|one| one.contains("common.funnel")), "{damaged:?}");
}

#[test]
fn errors_caused_by_a_new_file_are_reported() {
    let salon = committed();
    salon.put("salon/more.funnel", "template sms thanks = \"Thanks!\"\n");
    let found = findings(&salon, &["salon/more.funnel"], None);
    assert!(found.iter().any(|one| one.starts_with("F0206")), "{found:?}");
    assert!(found.iter().all(|one| !one.contains("broken.funnel")), "{found:?}");
}

#[test]
fn a_hook_compares_with_its_own_base_commit() {
    let salon = committed();
    salon.put("salon/common.funnel", &COMMON.replace("thanks", "thank_you"));
    salon.commit_all();
    assert_eq!(findings(&salon, &["salon/common.funnel"], None), NOTHING, "the last commit has the error already");
    let mut command = salon.command(env!("CARGO_BIN_EXE_funnelc"));
    command.args(["check", "salon/common.funnel"]).env("PRE_COMMIT_FROM_REF", "HEAD~1");
    let checked = Finished::from(command.output().unwrap());
    assert!(checked.out.contains("user.funnel:1:24") && !checked.out.contains("broken.funnel"), "{checked:?}");
}

#[test]
fn without_git_errors_that_depend_on_the_file_are_reported() {
    let salon = committed();
    std::fs::remove_dir_all(salon.path().join(".git")).unwrap();
    salon.put("salon/common.funnel", &COMMON.replace("sum: number", "sum: text"));
    assert_eq!(findings(&salon, &["salon/common.funnel"], None), ["F0303 salon/user.funnel:3:15"]);
}

#[test]
fn standard_input_replaces_the_text_of_its_file() {
    let salon = committed();
    let unsaved = ["--stdin-filename", "salon/user.funnel"];
    assert_eq!(findings(&salon, &unsaved, Some("on booking -> send sms thanks\n")), NOTHING);
    assert_eq!(findings(&salon, &unsaved, Some("\non booking -> send sms thx\n")), ["F0204 salon/user.funnel:2:24"]);
    let common = ["-", "--stdin-filename", "salon/common.funnel"];
    let renamed = COMMON.replace("thanks", "thank_you");
    assert_eq!(findings(&salon, &common, Some(&renamed)), ["F0204 salon/user.funnel:1:24"]);
    assert_eq!(findings(&salon, &["-", "salon", "--stdin-filename", "salon/common.funnel"], Some(&renamed)).len(), 2);
    // A file that does not exist yet belongs to its project, too.
    let new = ["--stdin-filename", "salon/new.funnel"];
    assert_eq!(findings(&salon, &new, Some("on visit -> send sms thanks\n")), NOTHING);
    let twice = findings(&salon, &new, Some("on booking -> send sms thanks\n"));
    assert_eq!(twice, ["F0421 salon/user.funnel:1:15"], "a warning that involves the new file");
    assert_eq!(
        findings(&salon, &["--stdin-filename", "else.funnel"], Some("on booking -> send sms thanks\n")).len(),
        1
    );
    assert!(!salon.path().join("salon/new.funnel").exists());
    let clash = run(&salon, &["check", "salon", "--stdin-filename", "a.funnel"], Some(""));
    assert_eq!(clash.code, Some(2), "{clash:?}");
    let watched = run(&salon, &["check", "--watch", "--stdin-filename", "a.funnel"], Some(""));
    assert_eq!(watched.code, Some(2), "{watched:?}");
}

#[test]
fn fixed_and_formatted_standard_input_is_written_to_standard_output() {
    let salon = committed();
    let fixed = run(&salon, &["check", "--fix", "--stdin-filename", "salon/broken.funnel"], Some("on bookng -> stop"));
    assert_eq!((fixed.code, fixed.out.as_str()), (Some(0), "on booking -> stop"), "{fixed:?}");
    assert_eq!(salon.text("salon/broken.funnel"), BROKEN, "the file on disk does not change");
    let formatted = run(&salon, &["fmt", "--stdin-filename", "salon/user.funnel"], Some("on booking->stop"));
    assert_eq!((formatted.code, formatted.out.as_str()), (Some(0), "on booking -> stop\n"), "{formatted:?}");
    assert_eq!(salon.text("salon/user.funnel"), USER);
    let damaged = run(&salon, &["fmt", "--stdin-filename", "salon/user.funnel"], Some("on booking ->"));
    assert_eq!((damaged.code, damaged.out.as_str()), (Some(1), ""));
    assert!(damaged.err.contains("salon/user.funnel:1:"), "{damaged:?}");
}

#[test]
fn excluded_standard_input_is_written_back_unchanged() {
    let salon = committed();
    salon.put("salon/funnel.toml", "exclude = [\"user.funnel\"]\n");
    let text = "on bookng->stop";
    for command in [&["fmt"][..], &["check", "--fix"]] {
        let args = [command, &["--force-exclude", "--stdin-filename", "salon/user.funnel"]].concat();
        let passed = run(&salon, &args, Some(text));
        assert_eq!((passed.code, passed.out.as_str()), (Some(0), text), "{passed:?}");
    }
    let checked = run(&salon, &["check", "--force-exclude", "salon/user.funnel"], None);
    assert_eq!((checked.code, checked.err.as_str()), (Some(0), "no files checked, no errors\n"));
    let missing = run(&salon, &["check", "--force-exclude", "salon/nothing.funnel"], None);
    assert_eq!(missing.code, Some(2), "a missing file is still an error: {missing:?}");
    let folder = run(&salon, &["check", "--force-exclude", "salon"], None);
    assert!(folder.err.starts_with("2 files checked"), "{folder:?}");
}

#[test]
fn excluded_files_are_checked_when_other_files_use_them() {
    let salon = committed();
    salon.put("salon/funnel.toml", "exclude = [\"kept/\", \"broken.funnel\"]\n");
    salon.put("salon/kept/words.funnel", "template sms words = \"{{ client.nam }}\"\n");
    assert_eq!(findings(&salon, &["salon"], None), NOTHING);
    salon.put("salon/main.funnel", "use \"kept/words.funnel\"\n\non booking -> send sms words\n");
    let found = findings(&salon, &["salon"], None);
    assert!(matches!(&found[..], [one] if one.contains("kept/words.funnel:1:")), "{found:?}");
}
