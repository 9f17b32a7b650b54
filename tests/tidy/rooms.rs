//! The rooms of the folders of `src/`: a room uses only itself and lower rooms. A room is a file or a sub-folder.

use super::tree::{TreeFile, read, sources};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

/// The rooms of one folder in rows, lowest first. Rooms in one row do not use each other.
type Rows = &'static [&'static [&'static str]];

/// Every folder with sub-folders. Its `mod.rs` is on top, but any room may use what `mod.rs` defines itself.
const ROOMS: &[(&str, Rows)] = &[
    (
        "syntax",
        &[
            &["ast", "token", "trivia"],
            &["foreign_syntax", "unescape"],
            &["literal"],
            &["lex"],
            &["parse"],
            &["block_quote", "damage", "include", "indent", "limits"],
            &["cascade", "read"],
            &["parse_cache"],
        ],
    ),
    (
        "value",
        &[
            &["first_name", "money", "phone", "rule_error", "time", "type"],
            &["json", "rule", "wording"],
            &["rule_count", "schedule"],
        ],
    ),
    ("markup", &[&["mask", "tag"], &["context"], &["encode", "error"], &["mjml", "plain_text"], &["branch"]]),
    (
        "check",
        &[
            &["prelude", "program"],
            &["context", "scope", "types"],
            &["declarations", "symbol"],
            &["checker"],
            &["content", "declare", "event", "expr"],
            &["step"],
            &["funnel"],
            &["test"],
            &["index"],
            &["cache"],
        ],
    ),
    (
        "graph",
        &[
            &["deep_json", "expr_text"],
            &["read", "walk"],
            &["arrows", "ident"],
            &["words"],
            &["build", "draw"],
            &["write"],
            &["export"],
        ],
    ),
    ("analysis", &[&["small_map"], &["condition"], &["flow"], &["message", "time"], &["bound", "expectation"]]),
    ("engine", &[&["model"], &["decode", "eval", "same"], &["client"], &["run"], &["trigger"], &["handle"]]),
    ("ide", &[&["node", "view"], &["token"], &["navigate"], &["docs"], &["completion", "display"]]),
    (
        "cli",
        &[
            &["change", "count", "failure", "git"],
            &["files", "store_file", "terminal"],
            &["event_log", "load", "log", "translate"],
            &["host", "line", "results", "service_manager", "stale"],
            &[
                "check", "editors", "emit", "explain", "fmt", "graph", "import", "init", "lsp", "man", "prelude",
                "run", "serve", "simulate", "source", "test",
            ],
            &["completions"],
        ],
    ),
];

#[test]
fn rooms_use_lower_rooms_only() {
    let sources = sources();
    let mut faults = String::new();
    for (folder, rows) in ROOMS {
        for misuse in misuses(&sources, folder, rows) {
            let _ = writeln!(faults, "{}:{}: {}", misuse.path, misuse.line, misuse.fault);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_room_has_a_row() {
    let sources = sources();
    let mut faults = String::new();
    for file in &sources {
        let nested = file.path.matches('/').count() > 2;
        if nested && !ROOMS.iter().any(|(folder, _)| *folder == file.area()) {
            let _ = writeln!(faults, "{}: `{}` has rooms, but no entry in ROOMS", file.path, file.area());
        }
    }
    for (folder, rows) in ROOMS {
        let on_disk: BTreeSet<_> = sources.iter().filter_map(|file| room_of(file, folder)).collect();
        let listed: Vec<_> = rows.iter().flat_map(|row| row.iter().copied()).collect();
        for room in on_disk.iter().filter(|room| !listed.contains(room)) {
            let _ = writeln!(faults, "src/{folder}: `{room}` has no row in ROOMS");
        }
        for (number, room) in listed.iter().enumerate() {
            if !on_disk.contains(room) || listed[..number].contains(room) {
                let _ = writeln!(faults, "ROOMS: `{room}` is not a room of src/{folder}, or is listed twice");
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn architecture_lists_the_same_rooms() {
    let page = read("ARCHITECTURE.md");
    let section = page.split("\n## Rooms\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or("");
    let mut faults = String::new();
    for (folder, rows) in ROOMS {
        let prefix = format!("| `{folder}` | ");
        let listed = section.lines().filter_map(|line| line.strip_prefix(&prefix)).map(described);
        let expected = rows.iter().map(|row| row.iter().copied().collect::<BTreeSet<_>>());
        if !listed.eq(expected) {
            let _ = writeln!(faults, "ARCHITECTURE.md: the rows of `{folder}` under \"Rooms\" differ from ROOMS");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn a_wrong_import_is_found_however_it_is_written() {
    let top = "pub use low::Value;\nuse high::{\n    Other,\n    deep::Third,\n};\npub struct Own;\n";
    let used = |path: &str, text: &str| {
        let file = |path: &str, text: &str| TreeFile { path: path.to_owned(), text: text.to_owned() };
        let files = [file("src/check/mod.rs", top), file("src/check/high.rs", ""), file(path, text)];
        let rows: Rows = &[&["low", "beside"], &["high"]];
        misuses(&files, "check", rows).into_iter().map(|misuse| (misuse.line, misuse.used)).collect::<Vec<_>>()
    };
    let wrong = |line: usize, room: &str| vec![(line, room.to_owned())];
    let nothing = Vec::new();
    assert_eq!(used("src/check/low.rs", "//! Low.\nuse super::high::X;"), wrong(2, "high"));
    assert_eq!(used("src/check/low/mod.rs", "use super::{Own, high};"), wrong(1, "high"));
    assert_eq!(used("src/check/low/deep.rs", "fn f() -> crate::check::high::X {}"), wrong(1, "high"));
    assert_eq!(used("src/check/low.rs", "use crate::check::{\n    Own,\n    high::{X, Y},\n};"), wrong(1, "high"));
    assert_eq!(used("src/check/low.rs", "use crate::check::beside;"), wrong(1, "beside"));
    assert_eq!(used("src/check/low.rs", "use super::Other;"), wrong(1, "high"));
    assert_eq!(used("src/check/low.rs", "use super::Third;"), wrong(1, "high"));
    assert_eq!(used("src/check/low.rs", "use super::*;"), wrong(1, "*"));
    assert_eq!(used("src/check/low.rs", "use crate::check;"), wrong(1, "check"));
    assert_eq!(used("src/check/low.rs", "use crate::{check, say};"), wrong(1, "check"));
    assert_eq!(used("src/check/low/deep.rs", "use super::high;\nuse crate::check::low::X;"), nothing);
    assert_eq!(used("src/check/low.rs", "use super::Own;\npub(in crate::check) fn f() {}"), nothing);
    assert_eq!(used("src/check/high.rs", "use super::{Value, beside::{high, X}, low};"), nothing);
    assert_eq!(used("src/check/low.rs", "#[cfg(test)]\nmod tests {\n    use super::*;\n}"), nothing);
}

/// A use of a room from a place where it is not allowed.
struct Misuse {
    path: String,
    line: usize,
    /// The room that is used.
    used: String,
    fault: String,
}

/// Everything that the rooms of a folder use and may not.
fn misuses(sources: &[TreeFile], folder: &str, rows: Rows) -> Vec<Misuse> {
    let row = |room: &str| rows.iter().position(|row| row.contains(&room));
    let exports = exports(sources, folder);
    let (absolute, top) = (format!("crate::{folder}::"), format!("src/{folder}"));
    let mut found = Vec::new();
    for file in sources {
        let Some(room) = room_of(file, folder) else { continue };
        let mut add = |line, used: &str, fault| {
            found.push(Misuse { path: file.path.clone(), line, used: used.to_owned(), fault });
        };
        let mut names = file.names_in(&absolute);
        if [format!("{top}/{room}.rs"), format!("{top}/{room}/mod.rs")].contains(&file.path) {
            names.extend(file.names_in("super::"));
        }
        for (line, name) in names {
            let used = if row(&name).is_some() { &name } else { exports.get(&name).unwrap_or(&name) }.as_str();
            if name == "*" || name == "self" {
                add(line, used, format!("name the rooms that it uses, and not all of `{folder}`"));
            } else if used != room && row(used).is_some_and(|other| row(room).is_none_or(|own| other >= own)) {
                add(line, used, format!("`{room}` may not use `{used}`, which is not in a lower row of `{folder}`"));
            }
        }
        // A path such as `check::step` after `use crate::check` is not found above.
        for line in file.mentions_without_path(folder) {
            add(line, folder, format!("write `use {absolute}ROOM`"));
        }
    }
    found
}

/// The room of a folder that a file belongs to; `None` for files of other folders and for the folder's `mod.rs`.
fn room_of<'f>(file: &'f TreeFile, folder: &str) -> Option<&'f str> {
    let inside = file.path.strip_prefix("src/")?.strip_prefix(folder)?.strip_prefix('/')?;
    let room = inside.split('/').next().unwrap_or(inside);
    let room = room.strip_suffix(".rs").unwrap_or(room);
    (room != "mod").then_some(room)
}

/// The names that a folder's `mod.rs` imports from its rooms, with the room.
fn exports(sources: &[TreeFile], folder: &str) -> BTreeMap<String, String> {
    let Some(file) = sources.iter().find(|file| file.path == format!("src/{folder}/mod.rs")) else {
        return BTreeMap::new();
    };
    let code: String = file.code().map(|(_, line)| format!("{line}\n")).collect();
    let uses = code.split(';').filter_map(|statement| statement.rsplit_once("use ")).map(|(_, path)| path);
    let mut exports = BTreeMap::new();
    for path in uses.map(|path| path.trim_start_matches("r#")) {
        let mut words = path.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty());
        let room = words.next().unwrap_or("").to_owned();
        if sources.iter().any(|file| room_of(file, folder) == Some(room.as_str())) {
            exports.extend(words.map(|name| (name.to_owned(), room.clone())));
        }
    }
    exports
}

/// The rooms that a row of the table "Rooms" describes: the names in backticks before a colon.
fn described(row: &str) -> BTreeSet<&str> {
    row.split('`').collect::<Vec<_>>().windows(2).filter(|pair| pair[1].starts_with(": ")).map(|pair| pair[0]).collect()
}
