//! JSON values one after the other: one a line (NDJSON), several a line, over several lines, or in an array. In: bytes.
//! Out: the text of each value and its place; nothing is skipped. Only one value at a time is in memory.

use super::ingest::LONGEST_EVENT;
use std::io::{self, BufRead, BufReader, Read, Seek};

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The texts of values.
pub(super) struct Texts<R> {
    pub(super) reader: R,
    /// Where the next byte is.
    line: u64,
    column: usize,
    offset: u64,
    /// Whether the values are those of an array.
    in_array: bool,
    text: Vec<u8>,
}

/// Where a value is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// The line in which it begins, from 1.
    pub(super) line: u64,
    /// The byte of that line with which it begins, from 1.
    pub(super) column: usize,
    /// Where it begins in the file, in bytes.
    pub(super) offset: u64,
    /// Its length.
    pub(super) length: usize,
}

/// How far a value is read.
#[derive(Default)]
struct Progress {
    depth: usize,
    in_string: bool,
    escaped: bool,
}

/// What a byte means for the value that it is part of.
#[derive(PartialEq, Eq)]
enum Step {
    Inside,
    /// It is the last one.
    Ends,
    /// The line ends, and the value does not.
    LineEnds,
    /// The line ends in a string, which JSON does not allow.
    Breaks,
}

impl Progress {
    fn step(&mut self, byte: u8) -> Step {
        if self.in_string {
            match byte {
                b'\n' => return Step::Breaks,
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return Step::Inside;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            b'\n' => return Step::LineEnds,
            _ => {}
        }
        if self.depth == 0 { Step::Ends } else { Step::Inside }
    }
}

impl<R: BufRead> Texts<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: 1, column: 1, offset: 0, in_array: false, text: Vec::new() }
    }

    /// Reads the next value.
    pub(super) fn next(&mut self) -> io::Result<Option<Place>> {
        self.text.clear();
        loop {
            let Some(byte) = self.peek()? else {
                // What is cut off must not look complete, so the array without an end is a malformed value.
                let cut = std::mem::take(&mut self.in_array);
                self.text.extend_from_slice(if cut { b"[" } else { b"" });
                return Ok(cut.then(|| self.place()));
            };
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' => self.skip(byte),
                b',' if self.in_array => self.skip(byte),
                b'[' if !self.in_array => {
                    self.in_array = true;
                    self.skip(byte);
                }
                b']' if self.in_array => {
                    self.in_array = false;
                    self.skip(byte);
                }
                _ if self.offset < 3 && BYTE_ORDER_MARK.get(self.offset as usize) == Some(&byte) => {
                    self.skip(byte);
                    self.column = 1;
                }
                _ => return self.value(byte).map(Some),
            }
        }
    }

    /// The text of the last value.
    pub(super) fn text(&self) -> &[u8] {
        self.text.trim_ascii_end()
    }

    fn place(&self) -> Place {
        Place { line: self.line, column: self.column, offset: self.offset, length: 0 }
    }

    fn value(&mut self, first: u8) -> io::Result<Place> {
        let start = self.place();
        if matches!(first, b'{' | b'[') {
            let mut progress = Progress::default();
            let ended = loop {
                match self.take_until(|byte| progress.step(byte))? {
                    Some(Step::Ends) => break true,
                    // Another object, or an empty line, begins where a broken one has no end.
                    Some(Step::LineEnds) if !matches!(self.peek()?, None | Some(b'{' | b'\n' | b'\r')) => {}
                    Some(Step::LineEnds | Step::Breaks | Step::Inside) | None => break false,
                }
            };
            if !ended || !self.is_followed()? {
                return Ok(self.placed(start));
            }
        }
        let in_array = self.in_array;
        self.take_until(|byte| match byte {
            b'\n' => Step::LineEnds,
            b',' | b']' if in_array => Step::Breaks,
            _ => Step::Inside,
        })?;
        Ok(self.placed(start))
    }

    fn placed(&self, start: Place) -> Place {
        Place { length: usize::try_from(self.offset - start.offset).unwrap_or(usize::MAX), ..start }
    }

    /// Whether a value is followed by something on its line that makes no sense there.
    fn is_followed(&mut self) -> io::Result<bool> {
        let mut blanks = Vec::new();
        while let Some(byte @ (b' ' | b'\t' | b'\r')) = self.peek()? {
            self.skip(byte);
            if self.text.len() + blanks.len() <= LONGEST_EVENT {
                blanks.push(byte);
            }
        }
        let follows =
            !matches!((self.peek()?, self.in_array), (None | Some(b'\n' | b'{' | b'['), _) | (Some(b',' | b']'), true));
        if follows {
            self.text.append(&mut blanks);
        }
        Ok(follows)
    }

    /// Takes bytes up to one that is not inside; that one too, unless it breaks the value. Keeps no more of them than the
    /// longest event has.
    fn take_until(&mut self, mut step: impl FnMut(u8) -> Step) -> io::Result<Option<Step>> {
        loop {
            let chunk = match self.reader.fill_buf() {
                Ok([]) => return Ok(None),
                Ok(chunk) => chunk,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            let stop = chunk.iter().enumerate().find_map(|(at, byte)| match step(*byte) {
                Step::Inside => None,
                Step::Breaks => Some((at, Step::Breaks)),
                found @ (Step::Ends | Step::LineEnds) => Some((at + 1, found)),
            });
            let used = stop.as_ref().map_or(chunk.len(), |(used, _)| *used);
            let room = (LONGEST_EVENT + 1).saturating_sub(self.text.len()).min(used);
            self.text.extend_from_slice(&chunk[..room]);
            self.reader.consume(used);
            self.offset += used as u64;
            self.column += used;
            if let Some((_, Step::LineEnds)) = stop {
                (self.line, self.column) = (self.line + 1, 1);
            }
            if let Some((_, found)) = stop {
                return Ok(Some(found));
            }
        }
    }

    fn peek(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.reader.fill_buf() {
                Ok(chunk) => return Ok(chunk.first().copied()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn skip(&mut self, byte: u8) {
        self.reader.consume(1);
        self.offset += 1;
        self.column += 1;
        if byte == b'\n' {
            (self.line, self.column) = (self.line + 1, 1);
        }
    }
}

impl<R: Read + Seek> Texts<BufReader<R>> {
    /// Reads the value at a place.
    pub(super) fn at(&mut self, place: Place) -> io::Result<()> {
        let distance = i128::from(place.offset) - i128::from(self.offset);
        self.reader.seek_relative(i64::try_from(distance).unwrap_or(i64::MAX))?;
        self.text.clear();
        self.text.resize(place.length.min(LONGEST_EVENT + 1), 0);
        self.reader.read_exact(&mut self.text)?;
        self.offset = place.offset + self.text.len() as u64;
        if place.length == 0 {
            self.text.push(b'[');
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<(u64, usize, String)> {
        // A buffer of one byte finds what depends on where a chunk ends.
        let mut texts = Texts::new(BufReader::with_capacity(1, text.as_bytes()));
        let mut found = Vec::new();
        while let Some(place) = texts.next().unwrap() {
            let shown = String::from_utf8_lossy(texts.text()).into_owned();
            if place.length > 0 {
                let at = usize::try_from(place.offset).unwrap();
                assert_eq!(text[at..at + place.length].trim_ascii_end(), shown);
            }
            found.push((place.line, place.column, shown));
        }
        found
    }

    fn check(text: &str, expected: &[(u64, usize, &str)]) {
        let found = texts(text);
        let found: Vec<_> = found.iter().map(|(line, column, text)| (*line, *column, text.as_str())).collect();
        assert_eq!(found, expected, "{text:?}");
    }

    #[test]
    fn values_are_found_however_they_are_written() {
        let (one, other) = (r#"{"a":"}{\"]"}"#, r#"{"b":[{}]}"#);
        check(&format!("\u{feff}{one}\r\n\n {other}"), &[(1, 1, one), (3, 2, other)]);
        check(&format!("{one} {other}{one}\n"), &[(1, 1, one), (1, 15, other), (1, 25, one)]);
        check(&format!("[{one},{other}]"), &[(1, 2, one), (1, 16, other)]);
        check(&format!("[\n{one},\n{other}\n]\n"), &[(2, 1, one), (3, 1, other)]);
        check(&format!("[{one}]\n[{other}]\n[]\n"), &[(1, 2, one), (2, 2, other)]);
        check("{\n  \"a\": {\n  }\n}\n{ \"b\":\n 1 }", &[(1, 1, "{\n  \"a\": {\n  }\n}"), (5, 1, "{ \"b\":\n 1 }")]);
        check("[\"x\", 1]", &[(1, 2, "\"x\""), (1, 7, "1")]);
        check("", &[]);
        check("\n \n", &[]);
    }

    #[test]
    fn a_broken_value_does_not_spoil_the_next_line() {
        for broken in ["{\"a\":1", "{\"a\":\"x}", "{\"a\":1} x", "{\"a\":1}}", "not json", "{\"a\":{\n"] {
            let text = format!("{broken}\n{{\"b\":2}}\n");
            let found = texts(&text);
            assert_eq!(found.len(), 2, "{text:?}: {found:?}");
            assert_eq!((found[0].0, found[0].2.as_str()), (1, broken.trim_end()), "{text:?}");
            assert_eq!(found[1].2, "{\"b\":2}");
        }
        check("[{\"a\":1},\n", &[(1, 2, "{\"a\":1}"), (2, 1, "[")]);
        check("[{\"a\":1}, {\"b\":\n{\"c\":1}]", &[(1, 2, "{\"a\":1}"), (1, 11, "{\"b\":"), (2, 1, "{\"c\":1}")]);
    }
}
