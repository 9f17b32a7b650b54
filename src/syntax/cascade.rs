//! One fault, one finding: in, what lexer and parser found; out, without what the parser found only because of the lexer's.

use super::block_quote;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use std::collections::BTreeMap;

/// Adds the parser's findings to the lexer's, leaving out those that follow from them.
pub(super) fn merge(text: &str, lexer: &mut Vec<Diagnostic>, parser: Vec<Diagnostic>) {
    let unmatched: Vec<_> = parser.iter().filter_map(|found| unmatched_placeholder_end(text, found)).take(1).collect();
    lexer.extend(unmatched);
    if lexer.is_empty() {
        return lexer.extend(parser);
    }
    for found in lexer.iter_mut() {
        if let Some(quote) = escaped_quote_outside_string(text, found) {
            *found = quote;
        }
    }
    let open_block = |found: &Diagnostic| {
        let quotes = text.get(found.span.range());
        found.code == Code::UnterminatedString && quotes == Some("\"\"\"")
    };
    if let Some(block_quote) = lexer.iter().find(|found| open_block(found)).cloned() {
        // What is a text and what is not is turned about from where one is missing, so nothing else is news.
        let first = parser.iter().map(|found| found.span).min_by_key(|span| span.start);
        let by_indentation = block_quote::find_unpaired(text, block_quote.span.file);
        return *lexer = vec![by_indentation.unwrap_or_else(|| relate_region(text, block_quote, first))];
    }
    keep_first_per_line(text, lexer);
    let unreadable: Vec<Span> = lexer.iter().map(|d| d.span).collect();
    let damaged: Vec<Span> =
        lexer.iter().filter(|d| hides_rest_of_line(d.code)).map(|d| line_of(text, d.span)).collect();
    let mut hidden: HiddenBrackets = damaged.iter().map(|span| HiddenBrackets::of(text, *span)).sum();
    let follows = |found: &Diagnostic| {
        let on_damaged_line = damaged.iter().any(|t| t.start <= found.span.start && found.span.start <= t.end);
        on_damaged_line || is_adjacent(text, &unreadable, found)
    };
    lexer.extend(parser.into_iter().filter(|found| !follows(found) && !hidden.accounts_for(found)));
}

/// The `}}` on the line of a finding that no `{{` opens: the text around it ends too early then.
fn unmatched_placeholder_end(text: &str, found: &Diagnostic) -> Option<Diagnostic> {
    let line = line_of(text, found.span);
    let words = text.get(line.range())?;
    if words.matches("{{").count() >= words.matches("}}").count() || words.contains("\"\"\"") {
        return None;
    }
    let marks = words.match_indices("{{").chain(words.match_indices("}}"));
    let marks: BTreeMap<usize, bool> = marks.map(|(at, mark)| (at, mark == "{{")).collect();
    let mut from = words.find('"')?;
    let mut open: usize = 0;
    let close = marks.into_iter().find_map(|(at, opens)| {
        let odd = !opens && open == 0;
        open = if opens { open + 1 } else { open.saturating_sub(1) };
        if open == 0 && !odd {
            from = at + 2;
        }
        odd.then_some(at)
    })?;
    let start = line.start as usize;
    let (span, text) = (Span::new(line.file, start + close, start + close + 2), from.min(close));
    let text = Span::new(line.file, start + text, start + close);
    let found = Diagnostic::new(Code::BadHole, span, say!("`}}}}` closes no hole"), say!("no hole is open"));
    Some(found.related(text, say!("no `{{{{` opens in this")).help(say!("a hole is written `{{{{ client.name }}}}`")))
}

/// A `\"` that stands in no text, so that a quote before it is missing or too many.
fn escaped_quote_outside_string(text: &str, found: &Diagnostic) -> Option<Diagnostic> {
    let stands = found.code == Code::UnknownCharacter && text.get(found.span.range()) == Some("\\");
    if !stands || !text.get(found.span.end as usize..)?.starts_with('"') {
        return None;
    }
    let line = line_of(text, found.span);
    let words = text.get(line.start as usize..found.span.start as usize)?;
    let blanks = words.len() - words.trim_start().len();
    let before = Span::new(line.file, line.start as usize + blanks, found.span.start as usize);
    let message = say!("`\\\"` stands in no text");
    let quote = Span { end: found.span.end + 1, ..found.span };
    let found = Diagnostic::new(Code::UnterminatedString, quote, message, say!("no text is open"));
    Some(found.related(before, say!("a `\"` is missing or too many in this")))
}

/// Says between which quotes of a block one is missing.
fn relate_region(text: &str, found: Diagnostic, first: Option<Span>) -> Diagnostic {
    match text.find("\"\"\"").filter(|first| *first < found.span.start as usize) {
        Some(first) => {
            let region = Span::new(found.span.file, first, found.span.start as usize);
            found.related(region, say!("or a `\"\"\"` is missing in this"))
        }
        // Where nothing could be read first, what follows was a text.
        None => match first.filter(|first| first.start < found.span.start) {
            Some(first) => found.related(first, say!("or a `\"\"\"` is missing before this")),
            None => found,
        },
    }
}

/// Leaves one finding of the lexer on a line that is torn: what a quote too few or too many does to the rest of a line is no news.
fn keep_first_per_line(text: &str, lexer: &mut Vec<Diagnostic>) {
    let damaged: Vec<(Span, Span)> =
        lexer.iter().filter(|d| hides_rest_of_line(d.code)).map(|d| (line_of(text, d.span), d.span)).collect();
    lexer.retain(|found| {
        let on_line = damaged.iter().filter(|(line, _)| line.start <= found.span.start && found.span.start < line.end);
        on_line
            .map(|(_, span)| span.start)
            .min()
            .is_none_or(|first| hides_rest_of_line(found.code) && found.span.start == first)
    });
}

/// Whether a fault hides the rest of its line from the parser.
fn hides_rest_of_line(code: Code) -> bool {
    matches!(code, Code::UnterminatedString | Code::BadHole)
}

/// The line on which a span ends.
fn line_of(text: &str, span: Span) -> Span {
    let end = text.get(span.end as usize..).and_then(|t| t.find('\n')).map_or(text.len(), |n| n + span.end as usize);
    let start = text.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    Span::new(span.file, start, end)
}

/// Whether only blanks stand between a finding and something that could not be read.
fn is_adjacent(text: &str, unreadable: &[Span], found: &Diagnostic) -> bool {
    let blank = |start: u32, end: u32| text.get(start as usize..end as usize).is_some_and(|t| t.trim().is_empty());
    found.code != Code::Unclosed
        && unreadable.iter().any(|bad| {
            let overlaps = bad.start < found.span.end && found.span.start < bad.end;
            overlaps || blank(bad.end, found.span.start) || blank(found.span.end, bad.start)
        })
}

/// The brackets that a torn line may hide.
#[derive(Debug, Clone, Copy, Default)]
struct HiddenBrackets {
    openers: usize,
    closers: usize,
}

impl HiddenBrackets {
    fn of(text: &str, line: Span) -> Self {
        let line = text.get(line.range()).unwrap_or("");
        let count = |marks: &[char]| line.matches(marks).count();
        Self { openers: count(&['{', '(', '[']), closers: count(&['}', ')', ']']) }
    }

    /// Whether a finding is about a bracket whose partner is hidden.
    fn accounts_for(&mut self, found: &Diagnostic) -> bool {
        let budget = match found.code {
            Code::Unclosed => &mut self.closers,
            Code::UnexpectedToken if found.message == super::stray_brace() => &mut self.openers,
            _ => return false,
        };
        let explained = *budget > 0;
        *budget = budget.saturating_sub(1);
        explained
    }
}

impl std::iter::Sum for HiddenBrackets {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |a, b| Self { openers: a.openers + b.openers, closers: a.closers + b.closers })
    }
}
