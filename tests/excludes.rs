//! Which funnels are found in a folder: hidden ones and those excluded by `.gitignore` and `exclude` are left out, and
//! invalid globs are reported.

use crate::support::program::{funnelc, run_funnelc};
use funnelc::diagnostic::Diagnostic;
use funnelc::project::{self, Finder};
use funnelc::source::Sources;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// The funnels found in a folder, relative to it.
fn found(folder: &Path) -> Vec<String> {
    let files = project::files(&[folder.to_owned()]).unwrap();
    files.iter().map(|file| file.strip_prefix(folder).unwrap().to_str().unwrap().replace('\\', "/")).collect()
}

/// Two nested projects, each with excluded files.
fn nested() -> TempDir {
    folder(&[
        (
            "funnel.toml",
            "exclude = [\"drafts/\", \"*.old.funnel\", \"!kept.old.funnel\", \"/top.funnel\", \"vendor/*/x.funnel\"]\n",
        ),
        ("a.funnel", ""),
        ("top.funnel", ""),
        ("deep/top.funnel", ""),
        ("deep/b.old.funnel", ""),
        ("deep/kept.old.funnel", ""),
        ("deep/drafts/c.funnel", ""),
        ("vendor/one/x.funnel", ""),
        ("vendor/one/y.funnel", ""),
        ("inner/funnel.toml", "exclude = [\"a.funnel\"]\n"),
        ("inner/a.funnel", ""),
        ("inner/z.old.funnel", ""),
        (".gitignore", "made/\n"),
        ("made/m.funnel", ""),
        (".hidden/h.funnel", ""),
    ])
}

#[test]
fn a_folder_is_searched_without_excluded_files() {
    let folder = nested();
    let expected = ["a.funnel", "deep/kept.old.funnel", "deep/top.funnel", "inner/z.old.funnel", "vendor/one/y.funnel"];
    assert_eq!(found(folder.path()), expected);
    assert_eq!(found(&folder.path().join("inner")), ["z.old.funnel"]);
}

#[test]
fn a_file_is_excluded_when_a_search_would_skip_it() {
    let folder = nested();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    let name = |name: &str| folder.path().join(name);
    let excluded = [
        "top.funnel",
        "deep/b.old.funnel",
        "deep/drafts/c.funnel",
        "vendor/one/x.funnel",
        "inner/a.funnel",
        "made/m.funnel",
        ".hidden/h.funnel",
        "deep/../deep/drafts/../drafts/c.funnel",
    ];
    let kept = ["a.funnel", "deep/top.funnel", "deep/kept.old.funnel", "inner/z.old.funnel", "vendor/one/y.funnel"];
    let all: Vec<PathBuf> = excluded.iter().chain(&kept).map(|path| name(path)).collect();
    let left_out = Finder::default().excluded(&all);
    for path in excluded {
        assert!(left_out.contains(&name(path)), "{path} is not excluded");
    }
    for path in kept {
        assert!(!left_out.contains(&name(path)), "{path} is excluded");
    }
}

#[test]
fn an_excluded_file_is_checked_when_it_is_named() {
    let broken = "on bookng -> send sms\n";
    let folder = folder(&[("funnel.toml", "exclude = [\"drafts/\"]\n"), ("drafts/a.funnel", broken), ("b.funnel", "")]);
    let run = |args: &[&str]| {
        let output = funnelc(args).current_dir(folder.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(run(&["check"]), (Some(0), "1 file checked, no errors\n".to_owned()));
    assert_eq!(run(&["check", "drafts/a.funnel"]).0, Some(1));
}

#[test]
fn globs_that_exclude_nothing_are_reported() {
    let parse = |text: &str| -> Vec<Diagnostic> {
        let file = Sources::new().add("funnel.toml", text);
        project::parse(text, file, PathBuf::new()).1
    };
    for (glob, message) in [
        ("", "this glob matches no files"),
        ("  ", "this glob matches no files"),
        ("# drafts", "this glob matches no files"),
        ("/", "this glob matches no files"),
        ("../other/", "`../other/` points outside the project folder"),
        ("a/../../b", "`a/../../b` points outside the project folder"),
        ("drafts\\\\old", "`\\` is not a path separator here: use `/`"),
        ("[a", "`[a` is not a valid glob: unclosed character class; missing ']'"),
        ("{a,b", "`{a,b` is not a valid glob: unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)"),
    ] {
        let found = parse(&format!("exclude = [\"{glob}\"]\n"));
        let messages: Vec<_> =
            found.iter().map(|finding| (finding.code.number(), finding.message.to_string())).collect();
        assert_eq!(messages, [("F0603", message.to_owned())], "{glob}");
        assert_eq!(found[0].span.start, 11, "{glob}");
    }
    assert_eq!(parse("exclude = \"drafts\"\n").len(), 1, "it must be a list");
    assert_eq!(parse("exclude = [\"drafts/\", \"**/x\", \"*.{a,b}\", \"!kept\", \"[a-c]?\"]\n"), []);
}

#[test]
fn an_invalid_glob_does_not_disable_the_others() {
    let folder = folder(&[("funnel.toml", "exclude = [\"[\", \"b.funnel\"]\n"), ("a.funnel", ""), ("b.funnel", "")]);
    assert_eq!(found(folder.path()), ["a.funnel"]);
    let checked = run_funnelc(["check", folder.path().to_str().unwrap()]);
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.out.contains("is not a valid glob"), "{checked:?}");
}
