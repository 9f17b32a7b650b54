//! The tree-sitter parser: the tree of a text, and whether the text is rejected.

use crate::support::program::package;
use std::sync::OnceLock;
use tree_sitter::{Language, Parser, Tree};

/// The folder of the grammar.
pub(super) const FOLDER: &str = "grammar/tree-sitter";

/// The tree-sitter language.
pub(super) fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| Language::new(tree_sitter_funnel::LANGUAGE))
}

/// Parses a text.
pub(super) fn tree(text: &str) -> Tree {
    let mut parser = Parser::new();
    parser.set_language(language()).expect("the library reads this version of parsers");
    parser.parse(text, None).expect("parsing is not cancelled")
}

/// Whether the tree of a text has an error or a missing node.
pub(super) fn rejects(text: &str) -> bool {
    tree(text).root_node().has_error()
}

#[test]
fn the_parser_has_an_abi_version_that_editors_support() {
    // Neovim 0.10, Helix 25.01 and Emacs 30 support no later version, and two of them fail silently.
    assert_eq!(language().abi_version(), 14);
}

#[test]
fn the_generated_parser_is_up_to_date() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(package(FOLDER).join("grammar.js"), folder.path().join("grammar.js")).unwrap();
    std::fs::copy(package(FOLDER).join("tree-sitter.json"), folder.path().join("tree-sitter.json")).unwrap();
    let mut command = std::process::Command::new("tree-sitter");
    command.args(["generate", "--abi", "14", "--js-runtime", "native"]).current_dir(folder.path());
    let Ok(generated) = command.output() else {
        eprintln!("skipped: `tree-sitter` is not installed, so parser.c is not checked");
        return;
    };
    assert!(generated.status.success(), "{}", String::from_utf8_lossy(&generated.stderr));
    for file in ["parser.c", "grammar.json", "node-types.json"] {
        let here = std::fs::read_to_string(package(FOLDER).join("src").join(file)).unwrap();
        let there = std::fs::read_to_string(folder.path().join("src").join(file)).unwrap();
        assert!(here == there, "src/{file} is out of date: see grammar/README.md");
    }
}
