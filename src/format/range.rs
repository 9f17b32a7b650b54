//! Formats a part of a file: every item that the range touches, as a whole. Errors in other items do not matter.

use super::format;
use crate::source::Sources;
use crate::syntax::{self, ast::File};
use std::ops::Range;

/// Formats the items that a range touches; `None` if it touches none, or one with an error.
#[must_use]
pub fn format_range(source: &str, file: &File, range: Range<usize>) -> Option<(Range<usize>, String)> {
    let touched = |item: &&syntax::ast::Item| {
        let own = item.span.range();
        own.start <= range.end && range.start <= own.end && !own.is_empty()
    };
    let mut items = file.items.iter().filter(touched);
    let first = items.next()?.span;
    let whole = first.to(items.next_back().map_or(first, |last| last.span)).range();
    let text = source.get(whole.clone())?;
    let mut sources = Sources::new();
    let part = sources.add("part", text);
    let formatted = format(text, &syntax::parse(&sources, part))?;
    Some((whole, formatted.trim_end().to_owned()))
}
