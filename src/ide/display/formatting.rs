//! Range formatting. In: a range. Out: the edit that formats the items in it.

use crate::diagnostic::Edit;
use crate::format;
use crate::ide::view::View;
use crate::source::{FileId, Span};
use std::ops::Range;

impl View<'_> {
    /// Returns the edit that formats the items in a range; `None` if nothing changes or an item has syntax errors.
    #[must_use]
    pub fn format_range(&self, file: FileId, range: Range<usize>) -> Option<Edit> {
        let text = self.text(file);
        let (place, laid_out) = format::format_range(text, &self.tree(file)?.file, range)?;
        let span = Span::new(file, place.start, place.end);
        (self.sources.slice(span) != laid_out).then_some(Edit { span, text: laid_out })
    }
}
