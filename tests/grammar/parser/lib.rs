//! The entry point of the parser in C.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_funnel() -> *const ();
}

/// The language of `.funnel` files, for `tree_sitter::Language::new`.
// SAFETY: `tree-sitter generate` wrote the function, which returns the language.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_funnel) };
