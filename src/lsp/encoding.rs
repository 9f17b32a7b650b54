//! Position encodings: converts between byte offsets, and lines and columns in the units that the editor uses.

use crate::source::{LineIndex, SourceFile, Span};
use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// The unit of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, the default of the protocol.
    #[default]
    Utf16,
    /// Unicode code points.
    Utf32,
}

impl Encoding {
    /// Chooses the best encoding that the editor offers; UTF-16 when it offers none.
    pub(super) fn choose(offered: &[PositionEncodingKind]) -> Self {
        if offered.contains(&PositionEncodingKind::UTF8) {
            return Self::Utf8;
        }
        let only_characters = offered.first() == Some(&PositionEncodingKind::UTF32);
        if only_characters { Self::Utf32 } else { Self::Utf16 }
    }

    /// Returns its name in the protocol.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Self::Utf8 => PositionEncodingKind::UTF8,
            Self::Utf16 => PositionEncodingKind::UTF16,
            Self::Utf32 => PositionEncodingKind::UTF32,
        }
    }

    fn width(self, c: char) -> usize {
        match self {
            Self::Utf8 => c.len_utf8(),
            Self::Utf16 => c.len_utf16(),
            Self::Utf32 => 1,
        }
    }

    /// Returns the width of a text.
    pub(super) fn columns(self, text: &str) -> u32 {
        let columns =
            if self == Self::Utf8 || text.is_ascii() { text.len() } else { text.chars().map(|c| self.width(c)).sum() };
        number(columns)
    }

    /// Returns the zero-based line and column of an offset.
    pub(super) fn position(self, file: &SourceFile, offset: usize) -> Position {
        let mut offset = offset.min(file.text.len());
        while !file.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = file.lines.line(offset) - file.lines.first();
        let before = file.text.get(file.lines.start(offset)..offset).unwrap_or("");
        Position { line: number(line), character: self.columns(before) }
    }

    /// Returns the range of a span.
    pub(super) fn range(self, file: &SourceFile, span: Span) -> Range {
        let at = |offset: u32| self.position(file, offset as usize);
        Range { start: at(span.start), end: at(span.end) }
    }

    /// Returns the offset of a position. A column beyond the end of its line is the end of the line, one inside a
    /// character its start. The line after the last one is the end of the text; `None` beyond that.
    pub(super) fn offset(self, text: &str, lines: &LineIndex, position: Position) -> Option<usize> {
        let line = position.line as usize;
        if line == lines.count() {
            return Some(text.len());
        }
        let range = lines.nth(text, line)?;
        let (mut left, mut offset) = (position.character as usize, range.start);
        for c in text.get(range)?.chars() {
            let width = self.width(c);
            if left < width {
                break;
            }
            left -= width;
            offset += c.len_utf8();
        }
        Some(offset)
    }
}

/// Converts a count to the integer type of the protocol.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_round_trip_in_every_encoding() {
        let text = "on é\t😀x\r\n\n-> ждать 🇩🇪\n";
        let file = SourceFile {
            name: String::new(),
            text: text.to_owned(),
            lines: LineIndex::new(text),
            text_offset: 0,
            revision: 0,
        };
        for encoding in [Encoding::Utf8, Encoding::Utf16, Encoding::Utf32] {
            for (offset, c) in text.char_indices().filter(|(_, c)| *c != '\n') {
                let position = encoding.position(&file, offset);
                assert_eq!(encoding.offset(text, &file.lines, position), Some(offset), "{encoding:?} {c:?}");
            }
        }
        let at = |line, character| Position { line, character };
        let x = text.find('x').unwrap();
        assert_eq!(Encoding::Utf16.position(&file, x), at(0, 7));
        assert_eq!(Encoding::Utf8.position(&file, x), at(0, 10));
        // Inside a surrogate pair, beyond the end of a line, after the last line, and beyond that.
        let offset = |position| Encoding::Utf16.offset(text, &file.lines, position);
        assert_eq!(offset(at(0, 6)), Some(x - 4));
        assert_eq!(offset(at(0, 99)), Some(x + 1));
        assert_eq!(offset(at(3, 7)), Some(text.len()));
        assert_eq!(offset(at(4, 0)), Some(text.len()));
        assert_eq!(offset(at(5, 0)), None);
    }

    #[test]
    fn utf8_is_chosen_where_it_is_offered() {
        use PositionEncodingKind as Kind;
        assert_eq!(Encoding::choose(&[]), Encoding::Utf16);
        assert_eq!(Encoding::choose(&[Kind::UTF16, Kind::UTF8]), Encoding::Utf8);
        assert_eq!(Encoding::choose(&[Kind::UTF32, Kind::UTF16]), Encoding::Utf32);
    }
}
