//! What `check` tells of files that it was not asked about: what the named ones break there, and nothing that was wrong
//! before. And texts that are not saved yet.

use crate::support::program::Ended;
use crate::support::repository::Repository;
use serde_json::Value;
use std::io::Write;
use std::process::Stdio;

const COMMON: &str = "template sms thanks = \"Thank you!\"\n\nevent paid {\n  key id: text\n  sum: number\n}\n";
const USER: &str = "on booking -> send sms thanks\n\non paid -> if paid.sum > 5 -> send sms \"Thank you very much!\"\n";
const BROKEN: &str = "on bookng -> send sms\n";

/// A project in a repository, as its last commit has it.
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

fn run(folder: &Repository, args: &[&str], input: Option<&str>) -> Ended {
    let mut command = folder.command(env!("CARGO_BIN_EXE_funnelc"));
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // The program may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.unwrap_or("").as_bytes());
    child.wait_with_output().unwrap().into()
}

/// Codes and places of what `check` tells, by file.
fn told(folder: &Repository, args: &[&str], input: Option<&str>) -> Vec<String> {
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
fn what_was_wrong_before_is_not_told() {
    let salon = committed();
    assert_eq!(told(&salon, &["salon/user.funnel"], None), NOTHING);
    assert_eq!(told(&salon, &["salon/common.funnel"], None), NOTHING);
    salon.put("salon/common.funnel", &format!("# Words.\n{COMMON}"));
    assert_eq!(told(&salon, &["salon/common.funnel"], None), NOTHING);
    assert_eq!(told(&salon, &["salon/broken.funnel"], None), ["F0203 salon/broken.funnel:1:4"]);
    assert_eq!(told(&salon, &["salon"], None), ["F0203 salon/broken.funnel:1:4"]);
}

#[test]
fn what_a_change_breaks_elsewhere_is_told() {
    let salon = committed();
    salon.put("salon/common.funnel", &COMMON.replace("thanks", "thank_you"));
    let renamed = told(&salon, &["salon/common.funnel"], None);
    assert_eq!(renamed, ["F0204 salon/user.funnel:1:24"]);
    assert_eq!(told(&salon, &["salon/common.funnel", "salon/user.funnel"], None), renamed);
    assert_eq!(run(&salon, &["check", "salon/common.funnel"], None).code, Some(1));
    salon.put("salon/common.funnel", &COMMON.replace("sum: number", "sum: text"));
    assert_eq!(told(&salon, &["salon/common.funnel"], None), ["F0303 salon/user.funnel:3:15"]);
    // What its damaged text declares is not known, so nobody is told that it is missing.
    salon.put("salon/common.funnel", &COMMON.replace("sms thanks =", "sms thanks"));
    let damaged = told(&salon, &["salon/common.funnel"], None);
    assert!(!damaged.is_empty() && damaged.iter().all(|one| one.contains("common.funnel")), "{damaged:?}");
}

#[test]
fn a_new_file_is_to_blame_for_what_it_brings() {
    let salon = committed();
    salon.put("salon/more.funnel", "template sms thanks = \"Thanks!\"\n");
    let told_of_it = told(&salon, &["salon/more.funnel"], None);
    assert!(told_of_it.iter().any(|one| one.starts_with("F0206")), "{told_of_it:?}");
    assert!(told_of_it.iter().all(|one| !one.contains("broken.funnel")), "{told_of_it:?}");
}

#[test]
fn the_commit_that_a_hook_compares_with_counts_instead_of_the_last_one() {
    let salon = committed();
    salon.put("salon/common.funnel", &COMMON.replace("thanks", "thank_you"));
    salon.commit_all();
    assert_eq!(told(&salon, &["salon/common.funnel"], None), NOTHING, "it was so in the last commit");
    let mut command = salon.command(env!("CARGO_BIN_EXE_funnelc"));
    command.args(["check", "salon/common.funnel"]).env("PRE_COMMIT_FROM_REF", "HEAD~1");
    let checked = Ended::from(command.output().unwrap());
    assert!(checked.out.contains("user.funnel:1:24") && !checked.out.contains("broken.funnel"), "{checked:?}");
}

#[test]
fn without_git_a_file_is_to_blame_for_what_comes_with_it() {
    let salon = committed();
    std::fs::remove_dir_all(salon.path().join(".git")).unwrap();
    salon.put("salon/common.funnel", &COMMON.replace("sum: number", "sum: text"));
    assert_eq!(told(&salon, &["salon/common.funnel"], None), ["F0303 salon/user.funnel:3:15"]);
}

#[test]
fn the_text_of_standard_input_stands_in_the_place_of_its_file() {
    let salon = committed();
    let unsaved = ["--stdin-filename", "salon/user.funnel"];
    assert_eq!(told(&salon, &unsaved, Some("on booking -> send sms thanks\n")), NOTHING);
    assert_eq!(told(&salon, &unsaved, Some("\non booking -> send sms thx\n")), ["F0204 salon/user.funnel:2:24"]);
    let common = ["-", "--stdin-filename", "salon/common.funnel"];
    let renamed = COMMON.replace("thanks", "thank_you");
    assert_eq!(told(&salon, &common, Some(&renamed)), ["F0204 salon/user.funnel:1:24"]);
    assert_eq!(told(&salon, &["-", "salon", "--stdin-filename", "salon/common.funnel"], Some(&renamed)).len(), 2);
    // A file that is not there yet is one of its project, too.
    let new = ["--stdin-filename", "salon/new.funnel"];
    assert_eq!(told(&salon, &new, Some("on visit -> send sms thanks\n")), NOTHING);
    let twice = told(&salon, &new, Some("on booking -> send sms thanks\n"));
    assert_eq!(twice, ["F0421 salon/user.funnel:1:15"], "a warning that has to do with it");
    assert_eq!(told(&salon, &["--stdin-filename", "else.funnel"], Some("on booking -> send sms thanks\n")).len(), 1);
    assert!(!salon.path().join("salon/new.funnel").exists());
    let clash = run(&salon, &["check", "salon", "--stdin-filename", "a.funnel"], Some(""));
    assert_eq!(clash.code, Some(2), "{clash:?}");
    let watched = run(&salon, &["check", "--watch", "--stdin-filename", "a.funnel"], Some(""));
    assert_eq!(watched.code, Some(2), "{watched:?}");
}

#[test]
fn what_is_mended_or_laid_out_on_standard_input_comes_out() {
    let salon = committed();
    let mended = run(&salon, &["check", "--fix", "--stdin-filename", "salon/broken.funnel"], Some("on bookng -> stop"));
    assert_eq!((mended.code, mended.out.as_str()), (Some(0), "on booking -> stop"), "{mended:?}");
    assert_eq!(salon.text("salon/broken.funnel"), BROKEN, "nothing on disk is changed");
    let laid_out = run(&salon, &["fmt", "--stdin-filename", "salon/user.funnel"], Some("on booking->stop"));
    assert_eq!((laid_out.code, laid_out.out.as_str()), (Some(0), "on booking -> stop\n"), "{laid_out:?}");
    assert_eq!(salon.text("salon/user.funnel"), USER);
    let damaged = run(&salon, &["fmt", "--stdin-filename", "salon/user.funnel"], Some("on booking ->"));
    assert_eq!((damaged.code, damaged.out.as_str()), (Some(1), ""));
    assert!(damaged.err.contains("salon/user.funnel:1:"), "{damaged:?}");
}

#[test]
fn what_is_left_out_comes_out_as_it_went_in() {
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
    assert_eq!(missing.code, Some(2), "a file that is not there is missed: {missing:?}");
    let folder = run(&salon, &["check", "--force-exclude", "salon"], None);
    assert!(folder.err.starts_with("2 files checked"), "{folder:?}");
}

#[test]
fn what_is_left_out_and_used_all_the_same_is_checked_with_what_uses_it() {
    let salon = committed();
    salon.put("salon/funnel.toml", "exclude = [\"kept/\", \"broken.funnel\"]\n");
    salon.put("salon/kept/words.funnel", "template sms words = \"{{ client.nam }}\"\n");
    assert_eq!(told(&salon, &["salon"], None), NOTHING);
    salon.put("salon/main.funnel", "use \"kept/words.funnel\"\n\non booking -> send sms words\n");
    let found = told(&salon, &["salon"], None);
    assert!(matches!(&found[..], [one] if one.contains("kept/words.funnel:1:")), "{found:?}");
}
