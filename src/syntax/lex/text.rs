//! String literals: splits a string into chunks and placeholders, up to its closing quote.

use super::Lexer;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::source::Span;
use crate::syntax::foreign_syntax;
use crate::syntax::token::{Keyword, Kind, Token};
use std::ops::Range;

/// An open string.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame {
    /// Its opening quote.
    open: Span,
    /// What closes it.
    kind: Delimiter,
    /// The `{{` of its open placeholder.
    placeholder: Option<Span>,
}

/// What closes a string.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Delimiter {
    /// `"` on the same line.
    Line,
    /// `"""`
    Block,
    /// A quote of another script or language, on the same line.
    Foreign { close: &'static [char] },
    /// The end of the file, which is one string; HTML comments in it have no placeholders.
    File { markup: bool },
}

impl Delimiter {
    /// Whether a quote inside an open placeholder can only be the one that closes this string.
    fn ends_at_quote(self, block: bool) -> bool {
        match self {
            Self::Line | Self::File { .. } => true,
            Self::Foreign { .. } => false,
            Self::Block => block,
        }
    }
}

/// Where a run of characters in a string ends.
enum BodyEnd {
    Quote(usize),
    ForeignQuote(usize, usize),
    Placeholder(usize),
    LineEnd(usize),
    FileEnd(usize),
}

impl Lexer<'_> {
    pub(super) fn quote(&mut self, range: Range<usize>, block: bool) {
        let closing = self.frames.last().is_some_and(|f| f.kind.ends_at_quote(block)) && self.after_operand();
        if closing {
            self.close_placeholder(range.start..range.start, true);
            self.seek(range.start);
            self.text_body(range.start);
            return;
        }
        self.open_text(range, if block { Delimiter::Block } else { Delimiter::Line });
    }

    /// Opens a string after its quote, or after nothing if the whole file is one.
    pub(super) fn open_text(&mut self, range: Range<usize>, kind: Delimiter) {
        self.frames.push(Frame { open: self.span(range.start, range.end), kind, placeholder: None });
        self.push(Kind::TextOpen, range.clone());
        self.text_body(range.end);
    }

    /// Whether the previous token can end an operand, so that a quote after it cannot open a string.
    fn after_operand(&self) -> bool {
        use Keyword as K;
        let Some(last) = self.out.tokens.last() else { return false };
        match last.kind {
            Kind::Key(K::Contains | K::With | K::Matches | K::In | K::And | K::Or | K::Not | K::If | K::Else) => false,
            // `a ? "b" : "c"` of other languages.
            Kind::Question | Kind::Colon => false,
            Kind::Name | Kind::Label | Kind::Key(_) | Kind::TextClose | Kind::ParenClose | Kind::BracketClose => true,
            Kind::Number | Kind::Percent | Kind::Money | Kind::Duration | Kind::Time | Kind::Date | Kind::DateTime => {
                true
            }
            _ => false,
        }
    }

    /// Reads characters up to the end of the string or the next placeholder, and continues lexing there.
    fn text_body(&mut self, start: usize) {
        let Some(frame) = self.frames.last().copied() else { return };
        let stop = match frame.kind {
            Delimiter::Line => self.scan(start, false),
            Delimiter::Block => self.scan(start, true),
            Delimiter::Foreign { close } => self.scan_foreign(start, close),
            Delimiter::File { markup } => self.scan_file(start, markup),
        };
        let (BodyEnd::Quote(end)
        | BodyEnd::ForeignQuote(end, _)
        | BodyEnd::Placeholder(end)
        | BodyEnd::LineEnd(end)
        | BodyEnd::FileEnd(end)) = stop;
        if end > start {
            self.push(Kind::Chunk, start..end);
        }
        let next = match stop {
            BodyEnd::Quote(at) => {
                let width = frame.open.len();
                self.frames.pop();
                self.push(Kind::TextClose, at..at + width);
                at + width
            }
            BodyEnd::ForeignQuote(at, end) => {
                self.frames.pop();
                self.push(Kind::TextClose, at..end);
                end
            }
            BodyEnd::Placeholder(at) => {
                let span = self.span(at, at + 2);
                if let Some(frame) = self.frames.last_mut() {
                    frame.placeholder = Some(span);
                }
                self.push(Kind::PlaceholderOpen, at..at + 2);
                at + 2
            }
            BodyEnd::LineEnd(at) | BodyEnd::FileEnd(at) => {
                match frame.kind {
                    Delimiter::Line => self.report_unterminated(frame, false, at),
                    Delimiter::Block => self.report_unterminated(frame, true, at),
                    Delimiter::Foreign { .. } | Delimiter::File { .. } => {}
                }
                self.frames.pop();
                self.push(Kind::TextClose, at..at);
                at
            }
        };
        self.seek(next);
    }

    fn scan(&mut self, start: usize, block: bool) -> BodyEnd {
        let mut at = start;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let step = rest.find(['"', '\\', '{', '\n']).unwrap_or(rest.len());
            at += step;
            let rest = rest.get(step..).unwrap_or("");
            if rest.starts_with('\\') {
                at += self.escape(at, rest);
            } else if rest.starts_with("{{") {
                return BodyEnd::Placeholder(at);
            } else if rest.starts_with('\n') && !block {
                let end = if self.text.get(..at).is_some_and(|t| t.ends_with('\r')) { at - 1 } else { at };
                return BodyEnd::LineEnd(self.probable_end(start, end.max(start)));
            } else if rest.starts_with("\"\"\"") || (rest.starts_with('"') && !block) {
                return BodyEnd::Quote(at);
            } else if !rest.is_empty() {
                at += 1;
            }
        }
        BodyEnd::FileEnd(self.text.len())
    }

    /// Opens a string at a foreign quote whose counterpart is on the same line.
    pub(super) fn foreign_quote(&mut self, range: &Range<usize>) -> bool {
        let Some(close) = self.slice(range).chars().next().and_then(foreign_syntax::closing_quotes) else {
            return false;
        };
        let line = self.text.get(range.end..).and_then(|rest| rest.split('\n').next()).unwrap_or("");
        // Inside a placeholder, the string around it must not end before the counterpart.
        let line = if self.frames.is_empty() { line } else { line.split(['"', '}']).next().unwrap_or("") };
        let Some(length) = line.find(close) else { return false };
        self.flush_unknown();
        let end = range.end + length;
        let closing = self.text.get(end..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
        let (open, shut) = (self.slice(range), self.slice(&(end..end + closing)));
        let span = self.span(range.start, end + closing);
        let diagnostic = Diagnostic::new(
            Code::UnknownCharacter,
            span,
            say!("a string needs `\"` and `\"`, not `{open}` and `{shut}`", open, shut),
            say!("not string quotes"),
        );
        let mut diagnostic = diagnostic.help(say!("write `\"..\"`"));
        if !line.get(..length).is_some_and(|inside| inside.contains('"')) {
            let edits = [self.span(range.start, range.end), self.span(end, end + closing)];
            let edits = edits.map(|span| Edit { span, text: "\"".to_owned() });
            diagnostic.fixes.push(Fix { title: say!("use straight quotes"), edits: edits.to_vec(), guess: false });
        }
        self.out.diagnostics.push(diagnostic);
        self.open_text(range.clone(), Delimiter::Foreign { close });
        true
    }

    /// Finds the next placeholder or the end of a string in foreign quotes.
    fn scan_foreign(&self, start: usize, close: &[char]) -> BodyEnd {
        let rest = self.text.get(start..).unwrap_or("");
        let ends = |at: &usize| rest.get(*at..).is_some_and(|rest| rest.starts_with(close) || rest.starts_with('\n'));
        let end = rest.find(|c| c == '\n' || close.contains(&c)).unwrap_or(rest.len());
        match rest.find("{{").filter(|placeholder| *placeholder < end) {
            Some(placeholder) => BodyEnd::Placeholder(start + placeholder),
            None if !ends(&end) => BodyEnd::FileEnd(start + end),
            None => match rest.get(end..).and_then(|rest| rest.chars().next()).filter(|c| *c != '\n') {
                Some(closing) => BodyEnd::ForeignQuote(start + end, start + end + closing.len_utf8()),
                None => BodyEnd::LineEnd(start + end),
            },
        }
    }

    /// Finds the next placeholder of a file that is one string; `\{{` is not one.
    fn scan_file(&self, start: usize, markup: bool) -> BodyEnd {
        let mut at = start;
        while let Some(rest) = self.text.get(at..).filter(|rest| !rest.is_empty()) {
            let step = rest.find(['\\', '{', '<']).unwrap_or(rest.len());
            at += step;
            let rest = rest.get(step..).unwrap_or("");
            at += match rest {
                _ if rest.starts_with("\\{{") => 3,
                _ if rest.starts_with("{{") => return BodyEnd::Placeholder(at),
                _ if markup && is_comment(rest) => rest.find("-->").map_or(rest.len(), |end| end + 3),
                _ => usize::from(!rest.is_empty()),
            };
        }
        BodyEnd::FileEnd(self.text.len())
    }

    /// Where an unterminated string probably ends: before the brackets at the end of the line.
    fn probable_end(&self, start: usize, end: usize) -> usize {
        let text = self.slice(&(start..end));
        start + text.trim_end_matches([' ', '\t', '\r', '{', '}', '(', ')', '[', ']', ',']).len()
    }

    /// Checks the escape at `at` and returns its length; a line end is never part of it.
    fn escape(&mut self, at: usize, rest: &str) -> usize {
        let next = rest.chars().nth(1);
        match next {
            Some('"' | '\\' | 'n' | 't' | '{') => 2,
            Some('\n' | '\r') | None => {
                self.report_bad_escape(at, at + 1);
                1
            }
            Some(c) => {
                let end = at + 1 + c.len_utf8();
                self.report_bad_escape(at, end);
                end - at
            }
        }
    }

    fn report_bad_escape(&mut self, start: usize, end: usize) {
        let text = self.slice(&(start..end)).to_owned();
        let span = self.span(start, end);
        let diagnostic =
            Diagnostic::new(Code::BadEscape, span, say!("unknown escape `{text}`", text), say!("invalid escape"));
        let diagnostic = diagnostic.help(say!("valid escapes: `\\\"`, `\\\\`, `\\n`, `\\t` and `\\{{`"));
        // Other languages escape these, too; any other backslash may belong to the text or not.
        self.out.diagnostics.push(if let Some(plain @ ("'" | "/")) = text.strip_prefix('\\') {
            diagnostic.fix(say!("change `{text}` to `{doubled}`", text, doubled = plain), span, plain)
        } else {
            let doubled = format!("\\{text}");
            diagnostic.guess(say!("change `{text}` to `{doubled}`", text, doubled), span, doubled)
        });
    }

    fn report_unterminated(&mut self, frame: Frame, block: bool, at: usize) {
        if let Some(odd) = self.unpaired_quote(frame).filter(|_| !block) {
            let message = say!("unterminated string");
            let diagnostic = Diagnostic::new(Code::UnterminatedString, odd, message, say!("unmatched quote"));
            self.out.diagnostics.push(diagnostic.help(say!("use `\"\"\"` for a multi-line string")));
            return;
        }
        let quote = if block { "\"\"\"" } else { "\"" };
        let whole = if block { frame.open } else { self.span(frame.open.start as usize, at) };
        let message = say!("unterminated string");
        let diagnostic =
            Diagnostic::new(Code::UnterminatedString, whole, message, say!("missing closing `{quote}`", quote));
        self.out.diagnostics.push(if block {
            diagnostic
        } else {
            // What follows on the line may belong to the text or not.
            diagnostic.help(say!("use `\"\"\"` for a multi-line string")).guess(
                say!("close the string"),
                self.span(at, at),
                quote,
            )
        });
    }

    /// Returns where the quotes of a line stop pairing up, if that is before the unterminated string. Each quote is
    /// classified by its neighbors as an opening or a closing one.
    fn unpaired_quote(&self, last: Frame) -> Option<Span> {
        let end = last.open.start as usize;
        let start = self.text.get(..end)?.rfind('\n').map_or(0, |at| at + 1);
        let line = self.text.get(start..)?.split('\n').next()?;
        let in_block = self.frames.iter().any(|frame| matches!(frame.kind, Delimiter::Block | Delimiter::File { .. }));
        let mut open: Vec<usize> = if in_block { vec![0] } else { Vec::new() };
        let mut chars = line.char_indices().peekable();
        let mut before = ' ';
        while let Some((at, c)) = chars.next() {
            let next = chars.peek().map_or(' ', |(_, next)| *next);
            if c == '\\' && !open.len().is_multiple_of(2) {
                chars.next();
                before = next;
                continue;
            }
            if c == '{' && next == '{' && open.len().is_multiple_of(2) {
                return (start + at < end).then(|| self.span(start + at, start + at + 2));
            }
            if (c == '{' && next == '{') || (c == '}' && next == '}' && open.len() > 1 && open.len().is_multiple_of(2))
            {
                // Quotes inside a placeholder pair up separately, so its offset is pushed as a marker.
                chars.next();
                if c == '{' {
                    open.push(at);
                } else {
                    open.pop();
                }
            } else if c == '"' {
                let opens = before.is_whitespace() || matches!(before, '(' | '[' | '{' | ':' | ',' | '|');
                let closes = next.is_whitespace() || matches!(next, ')' | ']' | '}' | ',' | ':' | '|');
                let inside = !open.len().is_multiple_of(2);
                match (opens, closes) {
                    (true, false) if inside => {
                        let from = start + open.last().copied().unwrap_or(at);
                        return (from < end).then(|| self.span(from, start + at));
                    }
                    (false, true) if !inside => {
                        return (start + at < end).then(|| self.span(start + at, start + at + 1));
                    }
                    (true, true) => return (start + at < end).then(|| self.span(start + at, start + at + 1)),
                    _ if inside => {
                        open.pop();
                    }
                    _ => open.push(at),
                }
            }
            before = c;
        }
        None
    }

    /// Reads a `}`: a brace on its own, or the end of the open placeholder.
    pub(super) fn brace_close(&mut self, range: Range<usize>) {
        if self.frames.is_empty() {
            return self.push(Kind::BraceClose, range);
        }
        let double = self.text.get(range.end..).is_some_and(|rest| rest.starts_with('}'));
        if double {
            self.drop_dash(range.start);
        }
        let end = if double { range.end + 1 } else { range.end };
        self.close_placeholder(range.start..end, !double);
        self.text_body(end);
    }

    /// `{{ end -}}` of other template languages, where it removes the blanks that follow: reports the `-`.
    fn drop_dash(&mut self, before: usize) {
        let is_dash = |t: &mut Token<'_>| t.kind == Kind::Minus && t.span.end as usize == before;
        if let Some(dash) = self.out.tokens.pop_if(is_dash) {
            self.report_dash(dash.span);
        }
    }

    /// `{{- if` of other template languages: reports the `-`; a sign is before its number.
    pub(super) fn is_dash(&mut self, range: &Range<usize>) -> bool {
        let opens = |t: &Token<'_>| t.kind == Kind::PlaceholderOpen && t.span.end as usize == range.start;
        let found = self.out.tokens.last().is_some_and(opens)
            && self.text.get(range.end..).is_some_and(|rest| rest.starts_with(' '));
        if found {
            self.report_dash(self.span(range.start, range.end));
        }
        found
    }

    fn report_dash(&mut self, dash: Span) {
        let message = say!("blanks around `{{{{ .. }}}}` stay in the text: remove the `-`");
        let finding = Diagnostic::new(Code::InvalidPlaceholder, dash, message, say!("not needed"));
        self.out.diagnostics.push(finding.fix(say!("remove it"), dash, ""));
    }

    fn close_placeholder(&mut self, range: Range<usize>, fault: bool) {
        let Some(frame) = self.frames.last_mut() else { return };
        let placeholder = frame.placeholder.take();
        if let (Some(open), true) = (placeholder, fault) {
            let message = say!("unclosed placeholder");
            let diagnostic = Diagnostic::new(Code::InvalidPlaceholder, open, message, say!("opened here"));
            let place = self.span(range.start, range.end);
            let inside = Span { start: open.end.min(place.start), ..place };
            let diagnostic = diagnostic
                .related(inside, say!("missing `}}}}` here"))
                .help(say!("write a placeholder as `{{{{ client.name }}}}`"));
            let text = self.out.tokens.iter().rev().take_while(|t| t.kind != Kind::PlaceholderOpen);
            let swallowed = text.filter(|t| t.kind == Kind::Chunk).find(|t| t.text.contains("}}")).map(|t| t.span);
            self.out.diagnostics.push(match swallowed {
                Some(text) => diagnostic.related(text, say!("`}}}}` is inside this string")),
                None => diagnostic.fix(say!("close the placeholder"), place, "}}"),
            });
        }
        self.push(Kind::PlaceholderClose, range);
    }

    /// Closes every placeholder that the line end cuts off; a block string continues. Returns whether there was one.
    pub(super) fn close_placeholders_at_line_end(&mut self, at: usize) -> bool {
        let mut fault = true;
        let open = !self.frames.is_empty();
        while let Some(frame) = self.frames.last().copied() {
            self.close_placeholder(at..at, fault);
            fault = false;
            if frame.kind != Delimiter::Line {
                self.text_body(at);
                return true;
            }
            self.frames.pop();
            self.push(Kind::TextClose, at..at);
        }
        if open {
            self.seek(at);
        }
        open
    }

    /// Closes what is still open at the end of the file.
    pub(super) fn end_of_file(&mut self) {
        while self.close_placeholders_at_line_end(self.text.len()) {}
    }
}

/// Whether a comment begins here that no mail program shows; conditional comments are shown by some.
fn is_comment(rest: &str) -> bool {
    rest.starts_with("<!--") && !rest.starts_with("<!--[") && !rest.starts_with("<!-->")
}
