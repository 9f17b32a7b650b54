//! Decodes the bytes of a file into a source text.

use super::limits::MAX_FILE_BYTES;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{FileId, Sources, Span};

/// Adds a file to the sources; a byte-order mark is dropped.
///
/// # Errors
/// A diagnostic if the file is too large or not UTF-8. As much of it as could be decoded is then in the sources, to
/// show the place.
pub fn read(sources: &mut Sources, name: &str, bytes: &[u8]) -> Result<FileId, Box<Diagnostic>> {
    let file = sources.add(name, "");
    reread(sources, file, bytes)?;
    Ok(file)
}

/// Replaces the text of a file, decoding it as [`read`] does.
///
/// # Errors
/// The same as [`read`].
pub fn reread(sources: &mut Sources, file: FileId, bytes: &[u8]) -> Result<(), Box<Diagnostic>> {
    if bytes.len() > MAX_FILE_BYTES {
        sources.replace(file, "");
        return Err(Box::new(too_large(file)));
    }
    let text = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    sources.set_text_offset(file, bytes.len() - text.len());
    let bytes = text;
    match std::str::from_utf8(bytes) {
        Ok(text) => {
            sources.replace(file, text);
            Ok(())
        }
        Err(error) => Err(Box::new(not_utf8(sources, file, bytes, error.valid_up_to()))),
    }
}

fn not_utf8(sources: &mut Sources, file: FileId, bytes: &[u8], offset: usize) -> Diagnostic {
    sources.replace(file, String::from_utf8_lossy(bytes));
    let line = sources.get(file).map_or(1, |f| f.lines.line(offset));
    let byte = bytes.get(offset).copied().unwrap_or_default();
    let span = Span::new(file, offset, offset + char::REPLACEMENT_CHARACTER.len_utf8());
    let message = say!(
        "invalid UTF-8: byte {byte} at offset {offset}, line {line}",
        byte = format!("0x{byte:02X}"),
        offset,
        line
    );
    Diagnostic::new(Code::NotUtf8, span, message, say!("invalid byte")).help(say!("save the file as UTF-8"))
}

fn too_large(file: FileId) -> Diagnostic {
    let mib = 1024 * 1024;
    let message = say!("the file is larger than {size} MiB", size = MAX_FILE_BYTES / mib);
    Diagnostic::new(Code::FileTooLarge, Span::new(file, 0, 0), message, say!("too large"))
        .help(say!("split it into several `.funnel` files"))
}

/// Rejects a text that is not a funnel at all.
pub(super) fn reject(text: &str, file: FileId) -> Option<Diagnostic> {
    if text.len() > MAX_FILE_BYTES {
        return Some(too_large(file));
    }
    if let Some(conflict) = conflict(text, file) {
        return Some(conflict);
    }
    let body = text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}');
    body.starts_with('{').then(|| {
        let start = text.len() - body.len();
        let message = say!("this is a Groundhogg export, not a funnel in this language");
        Diagnostic::new(Code::ForeignFile, Span::new(file, start, start + 1), message, say!("JSON begins here"))
            .help(say!("Groundhogg also saves JSON in `.funnel` files; write a funnel as `on booking -> ..`"))
    })
}

/// The lines that git writes around the two sides of a merge conflict.
const CONFLICT_MARKERS: [&str; 3] = ["<<<<<<<", "=======", ">>>>>>>"];

/// Reports the markers of a merge conflict in a text without strings of several lines, even if only one is left.
#[must_use]
pub fn merge_conflict(text: &str, file: FileId) -> Option<Diagnostic> {
    conflict_at(text, file, |_| true)
}

/// Reports the markers of a merge conflict, which make everything else in the file unreliable.
fn conflict(text: &str, file: FileId) -> Option<Diagnostic> {
    let is_code = |at: usize| text.get(..at).is_some_and(|before| before.matches("\"\"\"").count() % 2 == 0);
    text_conflict(text, file).or_else(|| conflict_at(text, file, is_code))
}

/// Reports a merge conflict in the text of a message. Only a whole one counts: a row of `=` may underline a heading.
pub(super) fn text_conflict(text: &str, file: FileId) -> Option<Diagnostic> {
    let is_whole = CONFLICT_MARKERS.iter().all(|marker| marker_line(text, marker).is_some());
    if is_whole { conflict_at(text, file, |_| true) } else { None }
}

fn conflict_at(text: &str, file: FileId, counts: impl Fn(usize) -> bool) -> Option<Diagnostic> {
    let places = CONFLICT_MARKERS.iter().filter_map(|marker| marker_line(text, marker));
    let mut found: Vec<usize> = places.filter(|at| counts(*at)).collect();
    found.sort_unstable();
    let span = |at: usize| Span::new(file, at, at + MARKER_LEN);
    let (first, rest) = found.split_first()?;
    let message = say!("unresolved merge conflict");
    let finding = Diagnostic::new(Code::UnexpectedToken, span(*first), message, say!("conflict marker"));
    let finding = rest.iter().fold(finding, |finding, at| finding.related(span(*at), say!("belongs to the conflict")));
    Some(finding.help(say!("keep one of the two versions, and remove the lines with markers")))
}

/// The length of each marker.
const MARKER_LEN: usize = 7;

/// The first line that begins with a marker, followed by a blank or nothing.
fn marker_line(text: &str, marker: &str) -> Option<usize> {
    let mut places = text.match_indices(marker).map(|(at, _)| at);
    places.find(|at| {
        let begins = text.get(..*at).is_some_and(|before| before.is_empty() || before.ends_with('\n'));
        let after = text.get(at + marker.len()..).unwrap_or("");
        begins && (after.is_empty() || after.starts_with([' ', '\n', '\r']))
    })
}
