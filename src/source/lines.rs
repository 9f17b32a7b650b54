//! Line and column of a byte offset.

/// A position for people: line and column from 1, the column in characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
}

/// The line end of the first line, which inserted lines should have too.
#[must_use]
pub fn line_end(text: &str) -> &'static str {
    match text.split_once('\n') {
        Some((first, _)) if first.ends_with('\r') => "\r\n",
        Some(_) | None => "\n",
    }
}

/// Replaces the line ends of a text.
#[must_use]
pub fn with_line_ends(text: &str, end: &str) -> String {
    let plain = text.replace("\r\n", "\n");
    if end == "\n" { plain } else { plain.replace('\n', end) }
}

/// The offsets at which the lines of a text begin.
#[derive(Debug, Clone)]
pub struct LineIndex {
    starts: Vec<usize>,
    first: usize,
}

impl LineIndex {
    /// Builds the index of a text; `\n` ends a line.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i + 1));
        Self { starts, first: 1 }
    }

    /// Numbers the lines from `first`, for an excerpt of a larger text.
    #[must_use]
    pub fn numbered_from(self, first: usize) -> Self {
        Self { first, ..self }
    }

    /// The number of the first line: 1, except for an excerpt.
    #[must_use]
    pub fn first(&self) -> usize {
        self.first
    }

    /// The number of the line that an offset is on.
    #[must_use]
    pub fn line(&self, offset: usize) -> usize {
        self.starts.partition_point(|start| *start <= offset) - 1 + self.first
    }

    /// Where the line of an offset begins.
    #[must_use]
    pub fn start(&self, offset: usize) -> usize {
        let after = self.starts.partition_point(|start| *start <= offset);
        self.starts.get(after - 1).copied().unwrap_or(0)
    }

    /// The number of lines; a final `\n` begins another one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.starts.len()
    }

    /// The bytes of a line, counted from 0, without its line end; `None` if there is no such line.
    #[must_use]
    pub fn nth(&self, text: &str, line: usize) -> Option<std::ops::Range<usize>> {
        let start = *self.starts.get(line)?;
        let Some(next) = self.starts.get(line + 1) else { return Some(start..text.len()) };
        let line = text.get(start..next - 1)?;
        Some(start..start + line.strip_suffix('\r').unwrap_or(line).len())
    }

    /// Line and column of an offset in `text`, from which the index was built; clamped to its end.
    #[must_use]
    pub fn position(&self, text: &str, offset: usize) -> Position {
        let (line, before) = self.before(text, offset);
        Position { line, column: before.chars().count() + 1 }
    }

    /// Like [`Self::position`], with the column in UTF-16 code units, as editors count.
    #[must_use]
    pub fn position_utf16(&self, text: &str, offset: usize) -> Position {
        let (line, before) = self.before(text, offset);
        Position { line, column: before.encode_utf16().count() + 1 }
    }

    /// The line number of an offset, and the part of the line before it.
    fn before<'t>(&self, text: &'t str, offset: usize) -> (usize, &'t str) {
        let mut offset = offset.min(text.len());
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        (self.line(offset), text.get(self.start(offset)..offset).unwrap_or(""))
    }

    /// The line of an offset, without its line end.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str, offset: usize) -> &'t str {
        let from = text.get(self.start(offset)..).unwrap_or("");
        from.lines().next().unwrap_or("")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_from_one() {
        let text = "on booking\n -> é x\n";
        let lines = LineIndex::new(text);
        assert_eq!(lines.position(text, 0), Position { line: 1, column: 1 });
        let x = text.find('x').unwrap_or(0);
        assert_eq!(lines.position(text, x), Position { line: 2, column: 7 });
        assert_eq!(lines.position(text, 999), Position { line: 3, column: 1 });
        let text = "on 😀 x";
        let x = text.find('x').unwrap_or(0);
        assert_eq!(LineIndex::new(text).position(text, x), Position { line: 1, column: 6 });
        assert_eq!(LineIndex::new(text).position_utf16(text, x), Position { line: 1, column: 7 });
    }

    #[test]
    fn lines_are_found_by_number() {
        let text = "on\r\n\n-> é";
        let lines = LineIndex::new(text);
        let all: Vec<_> = (0..4).map(|line| lines.nth(text, line).map(|range| &text[range])).collect();
        assert_eq!(all, [Some("on"), Some(""), Some("-> é"), None]);
        assert_eq!(lines.count(), 3);
    }

    #[test]
    fn a_line_cut_out_of_a_file_keeps_its_number() {
        let lines = LineIndex::new("{}").numbered_from(17);
        assert_eq!(lines.position("{}", 1), Position { line: 17, column: 2 });
    }
}
