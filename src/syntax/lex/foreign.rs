//! Characters that are not part of the language, and comments and keywords as other languages write them.

use super::Lexer;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::foreign_syntax;
use crate::syntax::token::{ELEMENTS, Keyword, Kind};
use std::ops::Range;

impl Lexer<'_> {
    pub(super) fn unknown_character(&mut self, range: Range<usize>) {
        if self.foreign_quote(&range) || self.money_sign(&range) {
            return;
        }
        let span = self.span(range.start, range.end);
        self.unknown = match self.unknown {
            Some(run) if run.end == span.start => Some(run.to(span)),
            earlier => {
                self.unknown = earlier;
                self.flush_unknown();
                Some(span)
            }
        };
        self.line.content = true;
    }

    /// `{{#if ..}}` of other template languages: reports the `#`, which means nothing here.
    pub(super) fn sharp_before_word(&mut self, range: &Range<usize>) -> bool {
        let begins = self.out.tokens.last().is_some_and(|t| t.kind == Kind::PlaceholderOpen);
        let rest = self.text.get(range.start + 1..).unwrap_or("").trim_start_matches(' ');
        let Some(word) = ["if", "else", "unless", "each"].into_iter().find(|word| begins && rest.starts_with(word))
        else {
            return false;
        };
        let span = self.span(range.start, range.start + 1);
        let message = say!("write `{{{{ {word} .. }}}}` without `#`", word);
        let finding = Diagnostic::new(Code::UnknownCharacter, span, message, say!("not needed"));
        self.out.diagnostics.push(finding.fix(say!("remove it"), span, ""));
        true
    }

    pub(super) fn flush_unknown(&mut self) {
        let Some(span) = self.unknown.take() else { return };
        let text = self.slice(&span.range());
        let shown = text.escape_debug().to_string();
        let message = match text.chars().count() {
            1 => say!("unknown character `{shown}`", shown),
            _ => say!("unknown characters `{shown}`", shown),
        };
        let diagnostic = Diagnostic::new(Code::UnknownCharacter, span, message, say!("not part of the language"));
        let sign = match foreign_syntax::sign(text) {
            Some("-" | "") if self.element_follows(span.end as usize) => Some("->"),
            // Without an operand, `!` means something else: `text!`, `=!`.
            Some("not") if !self.is_operand_at(span.end as usize) || self.is_joined(span.start as usize) => None,
            sign => sign,
        };
        self.out.diagnostics.push(match sign {
            // In other languages, `;` at the beginning of a line begins a comment.
            Some("") if text == ";" && self.begins_line(span.start as usize) => {
                let title = say!("remove `{shown}`", shown);
                diagnostic.help(say!("remove `{shown}`", shown)).guess(title, span, "")
            }
            Some("") => diagnostic.help(say!("remove `{shown}`", shown)).fix(say!("remove `{shown}`", shown), span, ""),
            Some(right) => {
                let blank = right.ends_with(char::is_alphabetic) && self.is_word_at(span.end as usize);
                let blank = if blank { " " } else { "" };
                let before = if right == "->" && !self.is_blank_before(span.start as usize) { " " } else { "" };
                let title = say!("change `{shown}` to `{right}`", shown, right);
                diagnostic.help(say!("write `{right}`", right)).fix(title, span, format!("{before}{right}{blank}"))
            }
            None => diagnostic,
        });
        if let Some(kind) = sign.and_then(kind_of_sign) {
            self.push(kind, span.range());
        }
    }

    /// Skips a comment in the style of another language, with a diagnostic.
    pub(super) fn foreign_comment(&mut self, range: Range<usize>) {
        if !self.frames.is_empty() {
            self.unknown_character(range.start..range.start + 1);
            self.seek(range.start + 1);
            return;
        }
        if self.bare_address(&range) {
            return;
        }
        let text = self.slice(&range).trim_end();
        let words = text.trim_start_matches(['/', '*']).trim_end_matches(['/', '*']).trim();
        let span = self.span(range.start, range.start + text.len());
        let rest = self.text.get(range.end..).unwrap_or("");
        let diagnostic = Diagnostic::new(
            Code::UnknownCharacter,
            span,
            say!("comments start with `#`"),
            say!("comment syntax of another language"),
        );
        let right = format!("# {words}");
        let ends_line = !words.contains('\n') && rest.split('\n').next().is_some_and(|rest| rest.trim().is_empty());
        self.out.diagnostics.push(if ends_line {
            diagnostic.help(say!("write `{right}`", right)).fix(say!("start it with `#`"), span, right)
        } else {
            diagnostic.help(say!("start each line with `#`; a comment ends with its line"))
        });
        self.line.content = true;
    }

    /// Reports an address without quotes, such as `https://example.com`; returns whether it is one.
    fn bare_address(&mut self, range: &Range<usize>) -> bool {
        let scheme =
            ["https:", "http:"].into_iter().find(|s| self.text.get(..range.start).is_some_and(|t| t.ends_with(s)));
        let Some(scheme) = scheme else { return false };
        let rest = self.text.get(range.start..).unwrap_or("");
        let end = range.start + rest.find(char::is_whitespace).unwrap_or(rest.len());
        let span = self.span(range.start - scheme.len(), end);
        let right = format!("\"{}\"", self.slice(&span.range()));
        let message = say!("an address must be quoted");
        let diagnostic = Diagnostic::new(Code::UnknownCharacter, span, message, say!("needs quotes"));
        let title = say!("put it in quotes");
        self.out.diagnostics.push(diagnostic.help(say!("write `{right}`", right = &right)).fix(title, span, right));
        self.line.content = true;
        self.seek(end);
        true
    }

    /// Reports a keyword with a letter of another alphabet, and returns the keyword.
    pub(super) fn lookalike(&mut self, range: &Range<usize>, keyword: Keyword, letter: char) -> Keyword {
        let span = self.span(range.start, range.end);
        let word = keyword.text();
        let diagnostic = Diagnostic::new(
            Code::MisspelledKeyword,
            span,
            say!("`{word}` mixes alphabets", word),
            say!("`{letter}` is not a Latin letter", letter),
        );
        let diagnostic = diagnostic.help(say!("write `{word}` in Latin letters", word));
        self.out.diagnostics.push(diagnostic.fix(say!("write `{word}` in Latin letters", word), span, word));
        keyword
    }

    /// Whether an element such as `send` follows, so that the sign before it must be an arrow.
    fn element_follows(&self, at: usize) -> bool {
        let rest = self.text.get(at..).unwrap_or("").trim_start();
        let end = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let word = rest.get(..end).and_then(Keyword::parse);
        self.frames.is_empty() && word.is_some_and(|word| ELEMENTS.contains(&word))
    }

    fn begins_line(&self, at: usize) -> bool {
        self.text.get(..at).and_then(|before| before.rsplit('\n').next()).is_none_or(|row| row.trim().is_empty())
    }

    /// Whether a sign follows a word or another sign directly.
    fn is_joined(&self, at: usize) -> bool {
        self.text.get(..at).is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || "_=".contains(c)))
    }

    fn is_operand_at(&self, at: usize) -> bool {
        self.text.get(at..).is_some_and(|rest| {
            rest.trim_start_matches(' ').starts_with(|c: char| c.is_alphanumeric() || "_(\"".contains(c))
        })
    }

    fn is_blank_before(&self, at: usize) -> bool {
        self.text.get(..at).is_none_or(|before| before.ends_with(char::is_whitespace))
    }

    fn is_word_at(&self, at: usize) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
    }
}

/// The token kind of a sign or keyword.
fn kind_of_sign(text: &str) -> Option<Kind> {
    let kind = match text {
        "->" => Kind::Arrow,
        "-" => Kind::Minus,
        "*" => Kind::Star,
        "/" => Kind::Slash,
        ">=" => Kind::GreaterEqual,
        "<=" => Kind::LessEqual,
        "!=" => Kind::NotEqual,
        ".." => Kind::DotDot,
        _ => Kind::Key(Keyword::parse(text)?),
    };
    Some(kind)
}
