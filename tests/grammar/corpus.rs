//! The trees of the tree-sitter grammar: each file of `test/corpus/` holds texts with their expected trees.

use super::tree::{FOLDER, tree};
use crate::support::program::package;
use std::fmt::Write;

/// A text and its expected tree; `None` when the text must be rejected.
struct Case {
    name: String,
    text: String,
    tree: Option<String>,
}

/// The cases of a file: a header between two lines of `=`, the text, a line of `-`, the tree.
fn cases(file: &str) -> Vec<Case> {
    let bar = |line: &str, mark: char| line.len() >= 3 && line.chars().all(|c| c == mark);
    let mut cases = Vec::new();
    let mut lines = file.lines().peekable();
    while let Some(line) = lines.next() {
        if !bar(line, '=') {
            continue;
        }
        let header: Vec<&str> = lines.by_ref().take_while(|line| !bar(line, '=')).collect();
        let body = lines.by_ref().take_while(|line| !bar(line, '-'));
        let text = body.fold(String::new(), |text, line| text + line + "\n");
        let mut tree = String::new();
        while let Some(line) = lines.next_if(|line| !bar(line, '=')) {
            tree += line;
            tree.push(' ');
        }
        let rejected = header.contains(&":error");
        cases.push(Case { name: header[0].to_owned(), text, tree: (!rejected).then(|| plain(&tree)) });
    }
    cases
}

/// A tree on one line.
fn plain(tree: &str) -> String {
    tree.split_whitespace().collect::<Vec<_>>().join(" ").replace(" )", ")")
}

#[test]
fn every_text_of_the_corpus_has_the_expected_tree() {
    let (mut faults, mut count) = (String::new(), 0);
    for entry in std::fs::read_dir(package(FOLDER).join("test/corpus")).unwrap() {
        let path = entry.unwrap().path();
        for case in cases(&std::fs::read_to_string(&path).unwrap()) {
            count += 1;
            let tree = tree(&case.text);
            let root = tree.root_node();
            let matches = match &case.tree {
                Some(wanted) => *wanted == plain(&root.to_sexp()),
                None => root.has_error(),
            };
            if !matches {
                let _ = writeln!(faults, "{}: {}\n{}\n{}", path.display(), case.name, case.text, root.to_sexp());
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}`tree-sitter test -u` updates the trees");
    assert!(count >= 40, "only {count} texts were found in the corpus");
}
