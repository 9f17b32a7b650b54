//! Merges the diagnostics of the lexer and the parser, so that one mistake is reported once.

use super::block_quote;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use std::collections::BTreeMap;

/// Adds the parser's diagnostics to the lexer's, except those that a lexer error causes.
pub(super) fn merge(text: &str, lexer: &mut Vec<Diagnostic>, parser: Vec<Diagnostic>) {
    let unmatched: Vec<_> =
        parser.iter().filter_map(|diagnostic| unmatched_placeholder_end(text, diagnostic)).take(1).collect();
    lexer.extend(unmatched);
    if lexer.is_empty() {
        return lexer.extend(parser);
    }
    for diagnostic in lexer.iter_mut() {
        if let Some(quote) = escaped_quote_outside_string(text, diagnostic) {
            *diagnostic = quote;
        }
    }
    let open_block = |diagnostic: &Diagnostic| {
        let quotes = text.get(diagnostic.span.range());
        diagnostic.code == Code::UnterminatedString && quotes == Some("\"\"\"")
    };
    if let Some(block_quote) = lexer.iter().find(|diagnostic| open_block(diagnostic)).cloned() {
        // One missing `"""` swaps strings and code in the rest of the file, so every other diagnostic is noise.
        let first = parser.iter().map(|diagnostic| diagnostic.span).min_by_key(|span| span.start);
        let by_indentation = block_quote::find_unpaired(text, block_quote.span.file);
        return *lexer = vec![by_indentation.unwrap_or_else(|| relate_region(text, block_quote, first))];
    }
    keep_first_per_line(text, lexer);
    let unreadable: Vec<Span> = lexer.iter().map(|d| d.span).collect();
    let damaged: Vec<Span> =
        lexer.iter().filter(|d| hides_rest_of_line(d.code)).map(|d| line_of(text, d.span)).collect();
    let mut hidden: HiddenBrackets = damaged.iter().map(|span| HiddenBrackets::of(text, *span)).sum();
    let follows = |diagnostic: &Diagnostic| {
        let on_damaged_line =
            damaged.iter().any(|t| t.start <= diagnostic.span.start && diagnostic.span.start <= t.end);
        on_damaged_line || is_adjacent(text, &unreadable, diagnostic)
    };
    lexer.extend(parser.into_iter().filter(|diagnostic| !follows(diagnostic) && !hidden.accounts_for(diagnostic)));
}

/// An unmatched `}}` on the line of a diagnostic: the string around it ended too early.
fn unmatched_placeholder_end(text: &str, diagnostic: &Diagnostic) -> Option<Diagnostic> {
    let line = line_of(text, diagnostic.span);
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
    let diagnostic = Diagnostic::new(
        Code::InvalidPlaceholder,
        span,
        say!("`}}}}` without matching `{{{{`"),
        say!("no open placeholder"),
    );
    Some(
        diagnostic
            .related(text, say!("no opening `{{{{` here"))
            .help(say!("write a placeholder as `{{{{ client.name }}}}`")),
    )
}

/// A `\"` outside a string: a quote before it is missing or superfluous.
fn escaped_quote_outside_string(text: &str, diagnostic: &Diagnostic) -> Option<Diagnostic> {
    let is_backslash = diagnostic.code == Code::UnknownCharacter && text.get(diagnostic.span.range()) == Some("\\");
    if !is_backslash || !text.get(diagnostic.span.end as usize..)?.starts_with('"') {
        return None;
    }
    let line = line_of(text, diagnostic.span);
    let words = text.get(line.start as usize..diagnostic.span.start as usize)?;
    let blanks = words.len() - words.trim_start().len();
    let before = Span::new(line.file, line.start as usize + blanks, diagnostic.span.start as usize);
    let message = say!("`\\\"` is only valid inside a string");
    let quote = Span { end: diagnostic.span.end + 1, ..diagnostic.span };
    let diagnostic = Diagnostic::new(Code::UnterminatedString, quote, message, say!("no open string"));
    Some(diagnostic.related(before, say!("missing or extra `\"` here")))
}

/// Adds the region in which a `"""` is missing.
fn relate_region(text: &str, diagnostic: Diagnostic, first: Option<Span>) -> Diagnostic {
    match text.find("\"\"\"").filter(|first| *first < diagnostic.span.start as usize) {
        Some(first) => {
            let region = Span::new(diagnostic.span.file, first, diagnostic.span.start as usize);
            diagnostic.related(region, say!("or a `\"\"\"` is missing here"))
        }
        // Nothing was parsed before the first error, so the text up to there was taken for a string.
        None => match first.filter(|first| first.start < diagnostic.span.start) {
            Some(first) => diagnostic.related(first, say!("or a `\"\"\"` is missing before this")),
            None => diagnostic,
        },
    }
}

/// Keeps the first lexer error of each damaged line: a missing or extra quote invalidates the rest of the line.
fn keep_first_per_line(text: &str, lexer: &mut Vec<Diagnostic>) {
    let damaged: Vec<(Span, Span)> =
        lexer.iter().filter(|d| hides_rest_of_line(d.code)).map(|d| (line_of(text, d.span), d.span)).collect();
    lexer.retain(|diagnostic| {
        let on_line =
            damaged.iter().filter(|(line, _)| line.start <= diagnostic.span.start && diagnostic.span.start < line.end);
        on_line
            .map(|(_, span)| span.start)
            .min()
            .is_none_or(|first| hides_rest_of_line(diagnostic.code) && diagnostic.span.start == first)
    });
}

/// Whether an error hides the rest of its line from the parser.
fn hides_rest_of_line(code: Code) -> bool {
    matches!(code, Code::UnterminatedString | Code::InvalidPlaceholder)
}

/// The whole lines that a span covers.
fn line_of(text: &str, span: Span) -> Span {
    let end = text.get(span.end as usize..).and_then(|t| t.find('\n')).map_or(text.len(), |n| n + span.end as usize);
    let start = text.get(..span.start as usize).and_then(|t| t.rfind('\n')).map_or(0, |n| n + 1);
    Span::new(span.file, start, end)
}

/// Whether only blanks separate a diagnostic from something the lexer could not read.
fn is_adjacent(text: &str, unreadable: &[Span], diagnostic: &Diagnostic) -> bool {
    let blank = |start: u32, end: u32| text.get(start as usize..end as usize).is_some_and(|t| t.trim().is_empty());
    diagnostic.code != Code::Unclosed
        && unreadable.iter().any(|bad| {
            let overlaps = bad.start < diagnostic.span.end && diagnostic.span.start < bad.end;
            overlaps || blank(bad.end, diagnostic.span.start) || blank(diagnostic.span.end, bad.start)
        })
}

/// The brackets that a damaged line may hide.
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

    /// Whether a diagnostic is about a bracket whose partner is hidden; each hidden bracket counts once.
    fn accounts_for(&mut self, diagnostic: &Diagnostic) -> bool {
        let budget = match diagnostic.code {
            Code::Unclosed => &mut self.closers,
            Code::UnexpectedToken if diagnostic.message == super::stray_brace() => &mut self.openers,
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
