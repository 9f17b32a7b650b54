//! The one canonical layout: in, a tree and its comments; out, text that means the same and holds every comment.
//!
//! Invariant: formatting a formatted text changes nothing, and the tree (places aside) stays as it was.

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

/// Lays out a file, with the line ends that its first line has, `source` being the text that was parsed; `None` when it has an error, for then the tree does not
/// hold all of it.
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
