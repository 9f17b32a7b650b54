//! Finds the `"""` that lacks its partner, from the indentation of the lines.

use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{FileId, Span};

const QUOTE: &str = "\"\"\"";

/// What a `"""` does, judging by its position on the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Last on its line, as in `text: """`.
    Opens,
    /// First on its line.
    Closes,
    /// Inside its line.
    Either,
}

/// A `"""`.
#[derive(Debug, Clone, Copy)]
struct Quote {
    at: usize,
    /// The index of its line.
    line: usize,
    role: Role,
}

/// Returns the diagnostic for the unpaired `"""` and where its partner belongs; `None` where the indentation does not
/// show it.
pub(super) fn find_unpaired(text: &str, file: FileId) -> Option<Diagnostic> {
    let lines = lines(text);
    let quotes: Vec<Quote> = lines.iter().enumerate().flat_map(|(line, row)| quotes(line, *row)).collect();
    let mut open: Option<Quote> = None;
    let mut last = 0;
    for quote in &quotes {
        open = match (open, quote.role) {
            (Some(opener), Role::Opens) => return unclosed(&lines, file, opener, quote.line),
            (None, Role::Closes) => return unopened(&lines, file, *quote, last),
            (Some(_), Role::Closes | Role::Either) => None,
            (None, Role::Opens | Role::Either) => Some(*quote),
        };
        last = quote.line + 1;
    }
    unclosed(&lines, file, open?, lines.len())
}

/// Each line with the offset of its first byte.
fn lines(text: &str) -> Vec<(usize, &str)> {
    let mut start = 0;
    let begun = |line| {
        let begin = start;
        start = begin + str::len(line) + 1;
        (begin, line)
    };
    text.split('\n').map(begun).collect()
}

fn quotes(line: usize, (start, row): (usize, &str)) -> Vec<Quote> {
    if row.trim_start().starts_with('#') {
        return Vec::new();
    }
    let quote = |(at, _): (usize, &str)| {
        let role = match (row.get(..at), row.get(at + QUOTE.len()..)) {
            (Some(before), _) if before.trim().is_empty() => Role::Closes,
            (_, Some(after)) if after.trim().is_empty() => Role::Opens,
            (Some(_) | None, Some(_) | None) => Role::Either,
        };
        Quote { at: start + at, line, role }
    };
    row.match_indices(QUOTE).map(quote).collect()
}

/// A block ends before the first line that is indented less than the block's first line.
fn unclosed(lines: &[(usize, &str)], file: FileId, opener: Quote, until: usize) -> Option<Diagnostic> {
    let inside = lines.get(opener.line + 1..until)?;
    let mut filled = inside.iter().filter(|(_, row)| !row.trim().is_empty());
    let depth = indent(filled.clone().next()?.1);
    let end = filled.position(|(_, row)| indent(row) < depth)?;
    let last = inside.iter().filter(|(_, row)| !row.trim().is_empty()).nth(end.checked_sub(1)?)?;
    let place = end_of(file, *last);
    let blanks: String = last.1.chars().take(depth).collect();
    let span = Span::new(file, opener.at, opener.at + QUOTE.len());
    let label = say!("missing closing `{quote}`", quote = QUOTE);
    let diagnostic = Diagnostic::new(Code::UnterminatedString, span, say!("unterminated string"), label);
    let diagnostic =
        diagnostic.related(place, say!("the indentation suggests a missing `{quote}` here", quote = QUOTE));
    Some(diagnostic.guess(say!("close the string"), place, format!("\n{blanks}{QUOTE}")))
}

/// A block begins at the end of the nearest line above that is indented less, or that ends in `:` or `=`.
fn unopened(lines: &[(usize, &str)], file: FileId, closer: Quote, from: usize) -> Option<Diagnostic> {
    let depth = indent(lines.get(closer.line)?.1);
    let mut above = lines.get(from..closer.line)?.iter().rev().filter(|(_, row)| !row.trim().is_empty());
    let place =
        above.find(|(_, row)| indent(row) < depth || (indent(row) == depth && row.trim_end().ends_with([':', '='])))?;
    let place = end_of(file, *place);
    let span = Span::new(file, closer.at, closer.at + QUOTE.len());
    let message = say!("unmatched `{quote}`", quote = QUOTE);
    let diagnostic = Diagnostic::new(Code::UnterminatedString, span, message, say!("no open string"));
    let diagnostic =
        diagnostic.related(place, say!("the indentation suggests a missing `{quote}` here", quote = QUOTE));
    Some(diagnostic.guess(say!("open the string"), place, format!(" {QUOTE}")))
}

/// The end of a line without trailing blanks.
fn end_of(file: FileId, (start, row): (usize, &str)) -> Span {
    let end = start + row.trim_end().len();
    Span::new(file, end, end)
}

/// The number of blanks that a line begins with.
fn indent(row: &str) -> usize {
    row.chars().take_while(|c| matches!(c, ' ' | '\t')).count()
}
