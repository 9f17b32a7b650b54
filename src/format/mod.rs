//! The formatter. In: a tree and its comments. Out: the same program in the canonical format, with every comment.
//!
//! Invariant: formatting is idempotent, and does not change the tree except for spans.

mod expr;
mod funnel;
mod item;
mod layout;
mod line;
mod printer;
mod range;
mod step;

pub use range::format_range;

use crate::source::{line_end, with_line_ends};
use crate::syntax::Parsed;
use printer::Printer;

/// Formats a file, keeping the style of its line ends; `source` is the text that was parsed. Returns `None` if the
/// file has an error, because the tree is then incomplete.
#[must_use]
pub fn format(source: &str, parsed: &Parsed) -> Option<String> {
    if parsed.diagnostics.iter().any(crate::diagnostic::Diagnostic::is_error) {
        return None;
    }
    let comments = parsed.trivia.comments.iter().map(|comment| comment.span.range());
    let mut printer = Printer::new(source, comments);
    item::file(&mut printer, &parsed.file);
    Some(with_line_ends(&printer.finish(), line_end(source)))
}
