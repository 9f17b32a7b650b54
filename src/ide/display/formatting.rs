//! Layout of a part of a file. In: a range. Out: the edit that lays out the items that it touches.

use crate::diagnostic::Edit;
use crate::format;
use crate::ide::view::View;
use crate::source::{FileId, Span};
use std::ops::Range;

impl View<'_> {
    /// The edit that lays out the items that a range touches; `None` where there is nothing to change, or one is damaged.
    #[must_use]
    pub fn format_range(&self, file: FileId, range: Range<usize>) -> Option<Edit> {
        let text = self.text(file);
        let (place, laid_out) = format::format_range(text, &self.tree(file)?.file, range)?;
        let span = Span::new(file, place.start, place.end);
        (self.sources.slice(span) != laid_out).then_some(Edit { span, text: laid_out })
    }
}
