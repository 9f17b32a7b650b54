//! Reads the text files of the package: their paths, their code without comments and unit tests, and the names that follow a
//! path such as `crate::`.

use std::path::Path;

/// A text file of the package.
pub(crate) struct TreeFile {
    /// Its path from the package folder, with `/`.
    pub(crate) path: String,
    /// Its text.
    pub(crate) text: String,
}

impl TreeFile {
    /// The folder or file just below `src/`: `engine` for `src/engine/state.rs`, `main` for `src/main.rs`.
    pub(crate) fn area(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        inside.split('/').next().unwrap_or(inside).trim_end_matches(".rs")
    }

    /// The lines that compile into the product, numbered from 1, without comments and the unit tests at the end.
    pub(crate) fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().take_while(|line| line.trim() != "#[cfg(test)]");
        lines.enumerate().map(|(i, line)| (i + 1, line)).filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The names that follow `before`, with the line of `before`: `a` and `b` in `before{a, b::{c, d}}`, which may have
    /// several lines; `*` for a glob.
    pub(crate) fn names_in(&self, before: &str) -> Vec<(usize, String)> {
        let mut names = Vec::new();
        for (line, rest) in self.rests_after(before) {
            let entries = rest.strip_prefix('{').map_or(vec![rest.as_str()], entries);
            let entries = entries.into_iter().map(|entry| entry.trim_start().trim_start_matches("r#"));
            let found = entries.map(|entry| if entry.starts_with('*') { "*" } else { first_word(entry) });
            names.extend(found.filter(|name| !name.is_empty()).map(|name| (line, name.to_owned())));
        }
        names
    }

    /// The lines that import a folder itself and not something in it: `use crate::check;`, `use crate::{check, say};`.
    pub(crate) fn mentions_without_path(&self, folder: &str) -> Vec<usize> {
        let mut lines = Vec::new();
        for (line, rest) in self.rests_after("use crate::") {
            let entries = rest.strip_prefix('{').map_or(vec![rest.as_str()], entries);
            let is_whole = |entry: &str| {
                let after = entry.trim_start().strip_prefix(folder);
                after.is_some_and(|after| !after.starts_with("::") && !after.starts_with(is_word))
            };
            lines.extend(entries.into_iter().filter(|entry| is_whole(entry)).map(|_| line));
        }
        lines
    }

    /// The code after each `before` that begins a path, with the line of `before`.
    fn rests_after(&self, before: &str) -> Vec<(usize, String)> {
        let lines: Vec<_> = self.code().collect();
        let mut rests = Vec::new();
        for (i, (number, line)) in lines.iter().enumerate() {
            for (at, _) in line.match_indices(before) {
                if !line[..at].ends_with(|c| is_word(c) || c == ':') {
                    let mut rest = line[at + before.len()..].to_owned();
                    // A list in braces may end on a later line.
                    if rest.starts_with('{') {
                        rest.extend(lines[i + 1..].iter().flat_map(|(_, line)| ["\n", *line]));
                    }
                    rests.push((*number, rest));
                }
            }
        }
        rests
    }

    /// The file name without folder and extension.
    pub(crate) fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().unwrap_or(name)
    }
}

/// Reads a file of the package.
pub(crate) fn read(path: &str) -> String {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&full).unwrap_or_else(|fault| panic!("{path}: {fault}"))
}

/// Every text file below a folder of the package, sorted by path, without those that `.gitignore` excludes.
pub(crate) fn files(folder: &str) -> Vec<TreeFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let hidden_too = ignore::WalkBuilder::new(root.join(folder)).hidden(false).build();
    let mut files: Vec<_> = hidden_too
        .map(|entry| entry.expect("the tree can be walked"))
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .filter(|entry| !entry.path().starts_with(root.join(".git")))
        .filter_map(|entry| {
            let path = entry.path().strip_prefix(root).ok()?.to_str()?.replace('\\', "/");
            let text = std::fs::read_to_string(entry.path()).ok()?;
            Some(TreeFile { path, text })
        })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}

/// Every Rust file of the product.
pub(crate) fn sources() -> Vec<TreeFile> {
    files("src").into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

/// The names in `line` that follow `before`, such as the `engine` of `crate::engine::Line` after `crate::`.
/// A name in braces (`use crate::{engine, store}`) counts too.
pub(crate) fn names_after<'a>(line: &'a str, before: &str) -> Vec<&'a str> {
    let mut names = Vec::new();
    for (at, _) in line.match_indices(before) {
        if line[..at].ends_with(is_word) {
            continue;
        }
        let rest = &line[at + before.len()..];
        match rest.strip_prefix('{') {
            Some(list) => names.extend(list.split(',').map(first_word)),
            None => names.push(first_word(rest)),
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The entries of a list whose opening brace was read, without the entries of lists in it.
fn entries(list: &str) -> Vec<&str> {
    let (mut depth, mut start, mut entries) = (0_usize, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                entries.push(&list[start..at]);
                start = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    entries
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
