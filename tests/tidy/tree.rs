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

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    &text[..text.find(|c| !is_word(c)).unwrap_or(text.len())]
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}
