//! Tables as spreadsheets write them: CSV with commas, semicolons or tabs, with quotes, line breaks in cells and a byte
//! order mark. In: text. Out: a header and rows with their places, read one by one.

use super::encoding::Unreadable;
use csv::{ByteRecord, ErrorKind, Position, Reader, ReaderBuilder, Terminator};
use std::io::{self, Read, Seek};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Limit: the longest row, in bytes. A quote that is not closed makes the rest of the file one row.
pub const MAX_ROW_BYTES: usize = 4 << 20;

/// A table whose rows are read one by one.
pub struct Table<R> {
    reader: Reader<Limited<R>>,
    taken: Arc<AtomicUsize>,
    header: Vec<String>,
    record: ByteRecord,
}

/// Where a row begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    position: Position,
    line: u64,
}

impl Place {
    /// The line, from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.line
    }
}

/// A row that is not empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Where it begins.
    pub place: Place,
    /// Its cells, without spaces around them; as many as the header has.
    pub cells: Vec<String>,
    /// How many cells it has beyond those of the header.
    pub extra: usize,
}

impl<R: Read> Table<R> {
    /// Opens a table; `sample` is the beginning of its text.
    ///
    /// # Errors
    /// When the header cannot be read.
    pub fn new(text: R, sample: &[u8]) -> io::Result<Self> {
        let taken = Arc::new(AtomicUsize::new(0));
        let limited = Limited { text, taken: taken.clone() };
        let delimiter = delimiter(sample);
        // A line feed alone ends a row, so that rows know their lines; a carriage return before it is trimmed.
        let end = if sample.contains(&b'\r') && !sample.contains(&b'\n') { b'\r' } else { b'\n' };
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .terminator(Terminator::Any(end))
            .from_reader(limited);
        let mut table = Self { reader, taken, header: Vec::new(), record: ByteRecord::new() };
        let mut first = table.read()?;
        // Excel understands a first line `sep=;`.
        if first.as_ref().is_some_and(|row| row.cells.first().is_some_and(|cell| cell.starts_with("sep="))) {
            first = table.read()?;
        }
        table.header = first.map(|row| row.cells).unwrap_or_default();
        while table.header.last().is_some_and(String::is_empty) {
            table.header.pop();
        }
        Ok(table)
    }

    /// The names of the columns.
    #[must_use]
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Reads the next row that is not empty.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn next_row(&mut self) -> io::Result<Option<Row>> {
        loop {
            let Some(mut row) = self.read()? else { return Ok(None) };
            if row.cells.iter().all(String::is_empty) {
                continue;
            }
            row.extra = row.cells.iter().skip(self.header.len()).filter(|cell| !cell.is_empty()).count();
            row.cells.resize(self.header.len(), String::new());
            return Ok(Some(row));
        }
    }

    fn read(&mut self) -> io::Result<Option<Row>> {
        self.taken.store(0, Ordering::Relaxed);
        let found = self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })?;
        if !found {
            return Ok(None);
        }
        let position = self.record.position().cloned().unwrap_or_else(Position::new);
        // Counted from its end, because the reader skips empty lines before a row.
        let inner = self.record.iter().flatten().filter(|byte| **byte == b'\n').count() as u64;
        let ended = u64::from(!self.reader.is_done());
        let line = self.reader.position().line().saturating_sub(inner + ended);
        let cell = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_matches(is_blank).to_owned();
        Ok(Some(Row { place: Place { position, line }, cells: self.record.iter().map(cell).collect(), extra: 0 }))
    }
}

impl<R: Read + Seek> Table<R> {
    /// Reads the row at a place.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn row_at(&mut self, place: &Place) -> io::Result<Option<Row>> {
        self.taken.store(0, Ordering::Relaxed);
        self.reader.seek(place.position.clone())?;
        self.next_row()
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}')
}

/// The sign between the cells of the first line: the most frequent one outside of quotes.
fn delimiter(sample: &[u8]) -> u8 {
    let text = sample.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(sample);
    if let Some(sign) = text.strip_prefix(b"sep=").and_then(<[u8]>::first) {
        return *sign;
    }
    let mut counts = [(b'\t', 0), (b';', 0), (b'|', 0), (b',', 0)];
    let mut inside = false;
    for byte in text {
        inside ^= *byte == b'"';
        if !inside && matches!(byte, b'\n' | b'\r') {
            break;
        }
        counts.iter_mut().filter(|(sign, _)| !inside && sign == byte).for_each(|(_, count)| *count += 1);
    }
    // Of equally frequent ones, the first in the list.
    counts.iter().rev().filter(|(_, count)| *count > 0).max_by_key(|(_, count)| *count).map_or(b',', |(sign, _)| *sign)
}

/// Refuses to read on when a row does not end.
struct Limited<R> {
    text: R,
    taken: Arc<AtomicUsize>,
}

impl<R: Read> Read for Limited<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.text.read(buffer)?;
        if self.taken.fetch_add(count, Ordering::Relaxed) > MAX_ROW_BYTES {
            return Err(Unreadable::EndlessRow.into());
        }
        Ok(count)
    }
}

impl<R: Seek> Seek for Limited<R> {
    fn seek(&mut self, to: io::SeekFrom) -> io::Result<u64> {
        self.text.seek(to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    /// A line, its cells, and how many more there are than columns.
    type Row = (u64, Vec<String>, usize);

    fn rows(text: &str) -> (Vec<String>, Vec<Row>) {
        let mut table = Table::new(Cursor::new(text.as_bytes().to_vec()), text.as_bytes()).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = table.next_row().unwrap() {
            rows.push((row.place.line(), row.cells, row.extra));
        }
        (table.header().to_vec(), rows)
    }

    #[test]
    fn the_sign_between_cells_is_found() {
        for (sign, text) in [
            (b',', "name,phone\n"),
            (b';', "\u{feff}name;phone;\"a,b,c,d\"\r\n"),
            (b'\t', "name\tphone, mobile\n"),
            (b'|', "name|phone\n"),
            (b',', "name\n"),
            (b';', "sep=;\nname,phone,email;city\n"),
            (b';', "\"first\nname, last, middle\";phone\n"),
        ] {
            assert_eq!(delimiter(text.as_bytes()), sign, "{text:?}");
        }
    }

    #[test]
    fn rows_keep_their_lines_and_short_rows_are_filled_up() {
        let text =
            "\u{feff}name;note;city\r\n\r\nAnna;\"two\nlines; \"\"quoted\"\"\"; Bonn \r\n;;\r\nBob\r\nCleo;;;;x\r\n";
        let cells = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
        let (header, found) = rows(text);
        assert_eq!(header, ["name", "note", "city"]);
        assert_eq!(
            found,
            [
                (3, cells(["Anna", "two\nlines; \"quoted\"", "Bonn"]), 0),
                (6, cells(["Bob", "", ""]), 0),
                (7, cells(["Cleo", "", ""]), 1)
            ]
        );
        assert_eq!(rows("sep=;\na;b\n1;2\n").1, [(3, vec!["1".to_owned(), "2".to_owned()], 0)]);
    }

    #[test]
    fn a_quote_that_is_not_closed_is_refused() {
        let text = format!("name,note\nAnna,\"{}", "x\n".repeat(MAX_ROW_BYTES));
        let mut table = Table::new(Cursor::new(text.clone().into_bytes()), text.as_bytes()).unwrap();
        assert_eq!(Unreadable::of(&table.next_row().unwrap_err()), Some(Unreadable::EndlessRow));
    }
}
