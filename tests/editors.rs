//! The plugins of editors: each is installed completely and never overwrites changes of the user, and definitions that
//! several plugins share agree.

mod sublime;

use crate::support::program::{Finished, funnelc, package, run_funnelc};
use funnelc::syntax::token::Keyword;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// Every editor, and a file that its plugin installs.
const EDITORS: &[(&str, &str)] = &[
    ("bat", "Funnel.sublime-syntax"),
    ("emacs", "lisp/funnel/funnel-mode.el"),
    ("helix", "runtime/queries/funnel/highlights.scm"),
    ("jetbrains", "textmate/syntaxes/funnel.tmLanguage.json"),
    ("kate", "funnel.xml"),
    ("neovim", "plugin/funnel.lua"),
    ("sublime", "Funnel.sublime-syntax"),
    ("vim", "syntax/funnel.vim"),
    ("vscode", "funnel.vsix"),
    ("zed", "extension.toml"),
];

/// Installs a plugin without a C compiler, since building the parser takes seconds.
fn install(name: &str, to: &Path, more: &[&str]) -> Finished {
    let words = ["editors", "install", name, "--to", to.to_str().unwrap()];
    funnelc(words.iter().chain(more)).env("CC", "no-such-compiler").output().unwrap().into()
}

fn fresh(name: &str) -> (TempDir, Finished) {
    let folder = tempfile::tempdir().unwrap();
    let finished = install(name, folder.path(), &[]);
    assert_eq!(finished.code, Some(0), "{name}: {finished:?}");
    (folder, finished)
}

fn text(path: PathBuf) -> String {
    fs::read_to_string(&path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

fn json(path: &str) -> Value {
    serde_json::from_str(&text(package(path))).unwrap()
}

#[test]
fn every_editor_is_listed_and_installed() {
    let list = run_funnelc(["editors", "list"]).out;
    let listed: Vec<_> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(listed, EDITORS.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    let table = text(package("editors/README.md"));
    for (name, sign) in EDITORS {
        let (folder, finished) = fresh(name);
        assert!(folder.path().join(sign).is_file(), "{name}: no {sign}");
        assert!(finished.out.lines().count() >= 2, "{name} prints no remaining steps: {}", finished.out);
        assert!(table.contains(&format!("| `{name}` |")), "editors/README.md does not list {name}");
    }
}

#[test]
fn unchanged_files_are_not_written_again() {
    let (folder, _) = fresh("vim");
    let again = install("vim", folder.path(), &[]);
    assert!(again.out.contains(" 0 files written"), "{}", again.out);
    assert_eq!(again.code, Some(0));
}

#[test]
fn changes_of_the_user_are_kept_unless_forced() {
    let (folder, _) = fresh("vim");
    let file = folder.path().join("syntax/funnel.vim");
    fs::write(&file, "\" mine\n").unwrap();
    let again = install("vim", folder.path(), &[]);
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.out.contains("syntax/funnel.vim` was changed by hand"), "{}", again.out);
    assert_eq!(text(file.clone()), "\" mine\n");
    assert_eq!(install("vim", folder.path(), &["--force"]).code, Some(0));
    assert!(text(file).contains("b:current_syntax"));
}

#[test]
fn files_of_an_older_version_are_replaced() {
    let (folder, _) = fresh("vim");
    let (file, list) = (folder.path().join("syntax/funnel.vim"), folder.path().join(".funnelc-vim.json"));
    let mut hashes: BTreeMap<String, String> = serde_json::from_str(&text(list.clone())).unwrap();
    fs::write(&file, "older").unwrap();
    let hash: String = Sha256::digest("older").iter().map(|byte| format!("{byte:02x}")).collect();
    hashes.insert("syntax/funnel.vim".to_owned(), hash);
    fs::write(&list, serde_json::to_vec(&hashes).unwrap()).unwrap();
    assert_eq!(install("vim", folder.path(), &[]).code, Some(0));
    assert!(text(file).contains("b:current_syntax"));
}

#[test]
fn settings_of_the_user_are_never_overwritten() {
    for (name, own, sign) in
        [("helix", "languages.toml", "funnel-languages.toml"), ("kate", "settings.json", "lspclient.json")]
    {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(own), "mine").unwrap();
        let finished = install(name, folder.path(), &["--force"]);
        assert_eq!(text(folder.path().join(own)), "mine", "{name}");
        assert!(finished.out.contains(sign) && finished.out.contains(own), "{name}: {}", finished.out);
        assert!(fresh(name).0.path().join(own).is_file(), "{name}: no settings are created where there are none");
    }
}

#[test]
fn default_folders_are_those_that_editors_search() {
    if cfg!(not(target_os = "linux")) {
        eprintln!("skipped: this test expects the folders of Linux");
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let list = |variables: &[(&str, &Path)]| {
        let mut command = funnelc(["editors", "list"]);
        command.env("HOME", home.path()).env_remove("XDG_CONFIG_HOME").env_remove("XDG_DATA_HOME");
        Finished::from(command.envs(variables.iter().copied()).output().unwrap()).out
    };
    let usual = list(&[]);
    for tail in [
        ".config/bat/syntaxes",
        ".emacs.d",
        ".config/helix",
        ".local/share/funnelc/jetbrains",
        ".local/share/org.kde.syntax-highlighting/syntax",
        ".local/share/nvim/site/pack/funnel/start/funnel",
        ".config/sublime-text/Packages/Funnel",
        ".vim/pack/funnel/start/funnel",
        ".local/share/funnelc/vscode",
        ".local/share/funnelc/zed",
    ] {
        let folder = home.path().join(tail).display().to_string();
        assert!(usual.lines().any(|line| line.ends_with(&folder)), "{folder} is missing in:\n{usual}");
    }
    fs::create_dir_all(home.path().join("settings/emacs")).unwrap();
    let other =
        list(&[("XDG_CONFIG_HOME", &home.path().join("settings")), ("XDG_DATA_HOME", &home.path().join("data"))]);
    for tail in ["settings/helix", "settings/emacs", "data/nvim/site/pack/funnel/start/funnel"] {
        assert!(other.contains(home.path().join(tail).to_str().unwrap()), "{tail} is missing in:\n{other}");
    }
}

#[test]
fn an_unknown_editor_is_rejected() {
    let refused = run_funnelc(["editors", "install", "ed"]);
    assert_eq!(refused.code, Some(2));
    assert!(refused.err.contains("no plugin for `ed`") && refused.err.contains("editors list"), "{}", refused.err);
}

#[test]
fn the_parser_is_built_when_there_is_a_compiler() {
    if Command::new("cc").arg("--version").output().is_err() {
        eprintln!("skipped: no C compiler");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let words = ["editors", "install", "neovim", "--to", folder.path().to_str().unwrap()];
    let built: Finished = funnelc(words).env_remove("CC").output().unwrap().into();
    assert!(built.out.contains("parser built"), "{built:?}");
    let bytes = fs::read(folder.path().join("parser/funnel.so")).unwrap();
    let name = b"tree_sitter_funnel";
    assert!(bytes.windows(name.len()).any(|window| window == name));
    let again: Finished = funnelc(words).env("CC", "no-such-compiler").output().unwrap().into();
    assert!(again.out.contains("parser already built"), "{again:?}");
    let (without, output) = fresh("neovim");
    assert!(output.out.contains("no C compiler found"), "{}", output.out);
    assert!(!without.path().join("parser/funnel.so").exists());
}

#[test]
fn the_vs_code_extension_is_complete() {
    let (folder, _) = fresh("vscode");
    let bytes = fs::read(folder.path().join("funnel.vsix")).unwrap();
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut names = BTreeSet::new();
    for at in 0..archive.len() {
        let mut member = archive.by_index(at).unwrap();
        let name = member.name().unwrap().into_owned();
        let mut text = String::new();
        member.read_to_string(&mut text).unwrap();
        assert!(!text.is_empty(), "{name} is empty");
        names.insert(name);
    }
    let manifest = json("editors/vscode/package.json");
    let contributes = &manifest["contributes"];
    let required = [
        &manifest["main"],
        &contributes["languages"][0]["configuration"],
        &contributes["grammars"][0]["path"],
        &contributes["snippets"][0]["path"],
    ];
    for path in required {
        let path = path.as_str().unwrap().replace("./", "extension/");
        assert!(names.contains(&path), "package.json refers to {path}, which is not packaged");
    }
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(manifest["version"], version);
    assert!(text(package("editors/vscode/extension.vsixmanifest")).contains(&format!("Version=\"{version}\"")));
    let code = text(package("editors/vscode/src/extension.ts"));
    for command in contributes["commands"].as_array().unwrap() {
        let name = command["command"].as_str().unwrap().strip_prefix("funnel.").unwrap();
        assert!(code.contains(&format!("command(\"{name}\"")), "extension.ts does not register {name}");
    }
}

#[test]
fn git_has_the_grammar_that_zed_fetches() {
    let (folder, _) = fresh("zed");
    let manifest: toml::Table = text(folder.path().join("extension.toml")).parse().unwrap();
    let grammar = manifest["grammars"]["funnel"].as_table().unwrap();
    let (url, rev) = (grammar["repository"].as_str().unwrap(), grammar["rev"].as_str().unwrap());
    let clone = tempfile::tempdir().unwrap();
    for words in
        [&["init", "--quiet"][..], &["fetch", "--quiet", "--depth", "1", url, rev], &["checkout", "--quiet", rev]]
    {
        let finished = Command::new("git").arg("-C").arg(clone.path()).args(words).output().unwrap();
        assert!(finished.status.success(), "git {words:?}: {}", String::from_utf8_lossy(&finished.stderr));
    }
    assert!(clone.path().join("src/parser.c").is_file());
}

#[test]
fn all_highlighting_rules_know_every_keyword() {
    for file in ["editors/vim/syntax/funnel.vim", "editors/kate/funnel.xml", "editors/emacs/funnel-mode.el"] {
        let rules = text(package(file));
        let words: BTreeSet<_> = rules.split(|c: char| !c.is_alphanumeric() && c != '_').collect();
        let missing: Vec<_> =
            Keyword::ALL.iter().map(|keyword| keyword.text()).filter(|word| !words.contains(word)).collect();
        assert!(missing.is_empty(), "{file} does not know {}", missing.join(", "));
    }
}

/// Files that are not installed: sources of installed files, and documentation.
const SOURCES: &[&str] = &[
    "editors/README.md",
    "editors/helix/README.md",
    "editors/kate/README.md",
    "editors/test/",
    "editors/vscode/.gitignore",
    "editors/vscode/.vscodeignore",
    "editors/vscode/build.mjs",
    "editors/vscode/node_modules/",
    "editors/vscode/package-lock.json",
    "editors/vscode/snippets/",
    "editors/vscode/src/",
    "editors/vscode/syntaxes/",
    "editors/vscode/tsconfig.json",
];

#[test]
fn every_file_of_a_plugin_is_installed() {
    let catalog = text(package("src/cli/editors/catalog.rs"));
    let mut installed = BTreeSet::new();
    for group in catalog.split("<- \"").skip(1) {
        let (folder, rest) = group.split_once('"').unwrap();
        let names = rest.split(';').next().unwrap().split('"').skip(1).step_by(2);
        installed.extend(names.map(|name| format!("{folder}{name}")));
    }
    let files = crate::tidy::tree::files("editors");
    let uninstalled: Vec<_> = files
        .iter()
        .map(|file| file.path.as_str())
        .filter(|path| !SOURCES.iter().any(|source| path.starts_with(source)) && !installed.contains(*path))
        .collect();
    assert!(uninstalled.is_empty(), "no plugin installs {uninstalled:?}");
}

/// The text of a snippet with the default of each placeholder.
fn filled(body: &str) -> String {
    let mut out = String::new();
    let mut rest = body;
    while let Some((before, from)) = rest.split_once('$') {
        out += before;
        if let Some(inside) = from.strip_prefix('{') {
            let end = closing(inside);
            let place = inside[..end].trim_start_matches(|c: char| c.is_ascii_digit());
            match place.strip_prefix('|') {
                Some(choices) => out += choices.split([',', '|']).next().unwrap(),
                None => out += &filled(place.strip_prefix(':').unwrap_or(place)),
            }
            rest = &inside[end + 1..];
        } else {
            rest = from.trim_start_matches(|c: char| c.is_ascii_digit());
        }
    }
    out + rest
}

fn closing(text: &str) -> usize {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return at,
            '}' => depth -= 1,
            _ => {}
        }
    }
    panic!("no closing brace: {text}");
}

#[test]
fn every_snippet_is_a_valid_funnel() {
    for (name, snippet) in json("editors/snippets/funnel.json").as_object().unwrap() {
        let body = match &snippet["body"] {
            Value::String(line) => line.clone(),
            lines => lines.as_array().unwrap().iter().map(|line| line.as_str().unwrap()).collect::<Vec<_>>().join("\n"),
        };
        let body = filled(&body);
        let whole = match name.as_str() {
            "Two paths" | "Wait for" | "Split" | "Email" => format!("on booking -> {body}"),
            "Wait until" => format!("on booking -> {body} -> send sms \"Soon!\""),
            "Match" => format!("on visit -> {body}"),
            "Placeholder" => format!("on booking -> send sms \"{body}\""),
            _ => body,
        };
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("funnel.toml"), "timezone = \"Europe/Moscow\"\n").unwrap();
        fs::write(folder.path().join("snippet.funnel"), whole).unwrap();
        let checked = run_funnelc(["check", folder.path().to_str().unwrap()]);
        assert!(!checked.out.contains("error["), "{name}: {}", checked.out);
    }
}
