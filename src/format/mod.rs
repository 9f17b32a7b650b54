//! The one canonical layout: in, a tree and its comments; out, text that means the same and holds every comment.
//!
//! Invariant: formatting a formatted text changes nothing, and the tree (places aside) stays as it was.

mod expr;
mod funnel;
mod item;
mod page;
mod step;
mod unit;
mod words;

use crate::syntax::ast::File;
use page::Page;
use std::ops::Range;

/// Writes a file in canonical layout; `comments` are the places of its comments.
#[must_use]
pub fn file(source: &str, file: &File, comments: impl Iterator<Item = Range<usize>>) -> String {
    let mut page = Page::new(source, comments);
    item::file(&mut page, file);
    page.finish()
}
