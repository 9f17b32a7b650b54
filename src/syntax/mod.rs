//! From text to tree: tokens, trivia and the abstract syntax tree. In: a file's text. Out: [`ast::File`] and findings.

pub mod ast;
