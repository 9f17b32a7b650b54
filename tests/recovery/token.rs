//! A text as tokens, for damaging it: in, a text without mistakes; out, the places of its words, literals and signs.

use std::ops::Range;

/// The places of the tokens. Comments are none; the characters of a text are one between its placeholders.
pub(super) fn tokens(text: &str) -> Vec<Range<usize>> {
    let mut cutter = Cutter { text, at: 0, tokens: Vec::new() };
    cutter.code(None);
    cutter.tokens
}

struct Cutter<'a> {
    text: &'a str,
    at: usize,
    tokens: Vec<Range<usize>>,
}

impl Cutter<'_> {
    /// Cuts up to the end, or to what closes a placeholder.
    fn code(&mut self, close: Option<&str>) {
        while let Some(c) = self.text[self.at..].chars().next() {
            let rest = &self.text[self.at..];
            if close.is_some_and(|close| rest.starts_with(close)) {
                return;
            }
            match c {
                c if c.is_whitespace() => self.at += c.len_utf8(),
                '#' => self.at += rest.find('\n').unwrap_or(rest.len()),
                '"' => self.quoted(),
                c if c.is_alphanumeric() || c == '_' => self.take(word(rest)),
                _ => self.take(sign(rest)),
            }
        }
    }

    fn take(&mut self, length: usize) {
        self.tokens.push(self.at..self.at + length);
        self.at += length;
    }

    fn quoted(&mut self) {
        let quote = if self.text[self.at..].starts_with("\"\"\"") { "\"\"\"" } else { "\"" };
        self.take(quote.len());
        while self.at < self.text.len() {
            let rest = &self.text[self.at..];
            if rest.starts_with(quote) {
                return self.take(quote.len());
            }
            if rest.starts_with("{{") {
                self.take(2);
                self.code(Some("}}"));
                self.take(2);
                continue;
            }
            let mut end = 0;
            while end < rest.len() && !rest[end..].starts_with(quote) && !rest[end..].starts_with("{{") {
                let escape = if rest[end..].starts_with('\\') { 1 } else { 0 };
                end += escape + rest[end + escape..].chars().next().map_or(0, char::len_utf8);
            }
            self.take(end);
        }
    }
}

/// The length of a word or literal: `booking`, `24h`, `09:00`, `2026-03-01`, `50%`.
fn word(rest: &str) -> usize {
    let digits = rest.starts_with(|c: char| c.is_ascii_digit());
    let mut end = 0;
    for (at, c) in rest.char_indices() {
        let next = rest[at + c.len_utf8()..].chars().next();
        let joins = digits && matches!(c, ':' | '-' | '.') && next.is_some_and(|n| n.is_ascii_digit());
        if !(c.is_alphanumeric() || c == '_' || joins || (digits && c == '%')) {
            break;
        }
        end = at + c.len_utf8();
    }
    end
}

fn sign(rest: &str) -> usize {
    let double = ["->", "..", "==", "!=", "<=", ">="].iter().any(|sign| rest.starts_with(sign));
    if double { 2 } else { rest.chars().next().map_or(1, char::len_utf8) }
}

#[test]
fn words_literals_and_signs_are_tokens() {
    let text = "on a.b -> wait 2h at 09:00 \"x {{ y | z }} w\" # c\n50% 09:00..21:00";
    let cut: Vec<_> = tokens(text).into_iter().map(|range| &text[range]).collect();
    let wanted = [
        "on", "a", ".", "b", "->", "wait", "2h", "at", "09:00", "\"", "x ", "{{", "y", "|", "z", "}}", " w", "\"",
        "50%", "09:00", "..", "21:00",
    ];
    assert_eq!(cut, wanted);
}
