//! Positions after edits. In: edits that do not overlap. Out: the new sources, and the new position of each span.

use crate::diagnostic::Edit;
use crate::source::{FileId, Span};

/// Edits, by position.
pub(super) struct EditMap<'e> {
    edits: Vec<&'e Edit>,
}

impl<'e> EditMap<'e> {
    pub(super) fn new(edits: &'e [Edit]) -> Self {
        let mut edits: Vec<&Edit> = edits.iter().collect();
        edits.sort_by_key(|edit| edit.span);
        Self { edits }
    }

    /// Returns the source of a file after the edits.
    pub(super) fn text(&self, file: FileId, text: &str) -> String {
        let mut out = String::with_capacity(text.len());
        let mut from = 0;
        for edit in self.edits.iter().filter(|edit| edit.span.file == file) {
            out += text.get(from..edit.span.start as usize).unwrap_or("");
            out += &edit.text;
            from = edit.span.end as usize;
        }
        out += text.get(from..).unwrap_or("");
        out
    }

    /// Returns where a span is after the edits.
    pub(super) fn span(&self, span: Span) -> Span {
        Span {
            file: span.file,
            start: self.offset(span.file, span.start, false),
            end: self.offset(span.file, span.end, true),
        }
    }

    fn offset(&self, file: FileId, offset: u32, end: bool) -> u32 {
        let mut moved = i64::from(offset);
        for edit in self.edits.iter().filter(|edit| edit.span.file == file) {
            let before =
                if end { edit.span.end <= offset } else { edit.span.end <= offset && edit.span.start < offset };
            if before {
                moved += i64::try_from(edit.text.len()).unwrap_or(0) - i64::try_from(edit.span.len()).unwrap_or(0);
            }
        }
        u32::try_from(moved).unwrap_or(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_shift_after_earlier_edits() {
        let at = |start, end| Span { file: FileId(0), start, end };
        let edits = [Edit { span: at(2, 3), text: "long".to_owned() }, Edit { span: at(6, 9), text: "x".to_owned() }];
        let map = EditMap::new(&edits);
        assert_eq!(map.text(FileId(0), "a b c ddd e"), "a long c x e");
        assert_eq!(map.span(at(0, 1)), at(0, 1));
        assert_eq!(map.span(at(2, 3)), at(2, 6));
        assert_eq!(map.span(at(4, 5)), at(7, 8));
        assert_eq!(map.span(at(6, 9)), at(9, 10));
        assert_eq!(map.span(at(10, 11)), at(11, 12));
    }
}
