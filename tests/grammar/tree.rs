//! The tree-sitter grammar at work: in, a text; out, its tree, and whether it is refused.

use crate::support::program::package;
use std::sync::OnceLock;
use tree_sitter::{Language, Parser, Tree};

/// The folder of the grammar.
pub(super) const FOLDER: &str = "grammar/tree-sitter";

/// The language.
pub(super) fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| Language::new(tree_sitter_funnel::LANGUAGE))
}

/// Reads a text.
pub(super) fn tree(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(language()).expect("the library reads this version of parsers");
    parser.parse(text, None).expect("nothing stops it")
}

/// Whether a text has what the grammar does not know, or lacks what it needs.
pub(super) fn refuses(text: &str) -> bool {
    tree(text).root_node().has_error()
}

#[test]
fn the_parser_is_of_the_version_that_editors_read() {
    // Neovim 0.10, Helix 25.01 and Emacs 30 read no later one, and two of them say nothing.
    assert_eq!(language().abi_version(), 14);
}

#[test]
fn the_parser_is_what_the_grammar_makes() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(package(FOLDER).join("grammar.js"), folder.path().join("grammar.js")).unwrap();
    std::fs::copy(package(FOLDER).join("tree-sitter.json"), folder.path().join("tree-sitter.json")).unwrap();
    let mut command = std::process::Command::new("tree-sitter");
    command.args(["generate", "--abi", "14", "--js-runtime", "native"]).current_dir(folder.path());
    let Ok(made) = command.output() else {
        eprintln!("skipped: `tree-sitter` is not installed, so nobody knows whether parser.c is up to date");
        return;
    };
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    for file in ["parser.c", "grammar.json", "node-types.json"] {
        let here = std::fs::read_to_string(package(FOLDER).join("src").join(file)).unwrap();
        let there = std::fs::read_to_string(folder.path().join("src").join(file)).unwrap();
        assert!(here == there, "src/{file} is not what grammar.js makes: see grammar/README.md");
    }
}
