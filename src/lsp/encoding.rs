//! Columns as editors count them. In: an offset in bytes, or a line and a column in the units that were agreed on. Out: the
//! other.

use crate::source::{LineIndex, SourceFile, Span};
use gen_lsp_types::{Position, PositionEncodingKind, Range};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// UTF-16 code units, which every editor knows.
    #[default]
    Utf16,
    /// Characters.
    Utf32,
}

impl Encoding {
    /// The best of those that an editor offers, in its order of preference; UTF-16 when it offers none.
    pub(super) fn choose(offered: &[PositionEncodingKind]) -> Self {
        if offered.contains(&PositionEncodingKind::UTF8) {
            return Self::Utf8;
        }
        let only_characters = offered.first() == Some(&PositionEncodingKind::UTF32);
        if only_characters { Self::Utf32 } else { Self::Utf16 }
    }

    /// Its name in the protocol.
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

    /// How wide a piece of text is.
    pub(super) fn columns(self, text: &str) -> u32 {
        let columns =
            if self == Self::Utf8 || text.is_ascii() { text.len() } else { text.chars().map(|c| self.width(c)).sum() };
        number(columns)
    }

    /// The line and column of an offset, from 0.
    pub(super) fn position(self, file: &SourceFile, offset: usize) -> Position {
        let mut offset = offset.min(file.text.len());
        while !file.text.is_char_boundary(offset) {
            offset -= 1;
        }
        let line = file.lines.line(offset) - file.lines.first();
        let before = file.text.get(file.lines.start(offset)..offset).unwrap_or("");
        Position { line: number(line), character: self.columns(before) }
    }

    /// The lines and columns of a span.
    pub(super) fn range(self, file: &SourceFile, span: Span) -> Range {
        let at = |offset: u32| self.position(file, offset as usize);
        Range { start: at(span.start), end: at(span.end) }
    }

    /// The offset of a line and column: a column behind the end of its line is the end, one within a character its
    /// beginning. The line after the last one is the end of the text; `None` behind that.
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

/// A count as the protocol has it.
pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_come_back_in_every_encoding() {
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
        // Within the pair of an emoji, behind the end of a line, after the last line, and beyond.
        let offset = |position| Encoding::Utf16.offset(text, &file.lines, position);
        assert_eq!(offset(at(0, 6)), Some(x - 4));
        assert_eq!(offset(at(0, 99)), Some(x + 1));
        assert_eq!(offset(at(3, 7)), Some(text.len()));
        assert_eq!(offset(at(4, 0)), Some(text.len()));
        assert_eq!(offset(at(5, 0)), None);
    }

    #[test]
    fn bytes_are_taken_where_they_are_offered() {
        use PositionEncodingKind as Kind;
        assert_eq!(Encoding::choose(&[]), Encoding::Utf16);
        assert_eq!(Encoding::choose(&[Kind::UTF16, Kind::UTF8]), Encoding::Utf8);
        assert_eq!(Encoding::choose(&[Kind::UTF32, Kind::UTF16]), Encoding::Utf32);
    }
}
