//! Builds one line from its pieces, without indentation.

use crate::source::Span;
use crate::syntax::ast::{Filter, Placeholder, Text, TextFile, TextPiece, TextTag};

/// A line being built, with the source for what the tree does not keep.
pub(super) struct LineBuilder<'a> {
    source: &'a str,
    line: String,
}

impl<'a> LineBuilder<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        Self { source, line: String::new() }
    }

    pub(super) fn put(&mut self, text: &str) -> &mut Self {
        self.line.push_str(text);
        self
    }

    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.line)
    }

    /// Writes items with a separator between them.
    pub(super) fn list<T>(
        &mut self,
        items: &[T],
        separator: &str,
        put: impl for<'w> Fn(&'w mut Self, &T) -> &'w mut Self,
    ) -> &mut Self {
        for (i, item) in items.iter().enumerate() {
            if i > 0 {
                self.put(separator);
            }
            put(self, item);
        }
        self
    }

    /// Copies a span of the source.
    pub(super) fn verbatim(&mut self, span: Span) -> &mut Self {
        self.raw(span.range())
    }

    /// Copies a range of the source.
    pub(super) fn raw(&mut self, range: std::ops::Range<usize>) -> &mut Self {
        let source = self.source;
        self.put(source.get(range).unwrap_or(""))
    }

    /// The digits of a number as the author grouped them, without a unit.
    pub(super) fn number(&mut self, span: Span) -> &mut Self {
        let source = self.source;
        let text = source.get(span.range()).unwrap_or("");
        let end = text.find(|c: char| !(c.is_ascii_digit() || c == '_' || c == '.')).unwrap_or(text.len());
        self.put(&text[..end])
    }

    /// A string as it was written, with its placeholders formatted; a block string is copied.
    pub(super) fn text(&mut self, text: &Text) -> &mut Self {
        if text.block {
            return self.verbatim(text.span);
        }
        let mut at = text.span.start as usize;
        for piece in text.pieces() {
            match piece {
                TextPiece::Text(_) => {}
                TextPiece::Placeholder(placeholder) => {
                    self.raw(at..placeholder.span.start as usize).placeholder(placeholder);
                    at = placeholder.span.end as usize;
                }
                TextPiece::Tag(tag, span) => {
                    self.raw(at..span.start as usize).tag(tag);
                    at = span.end as usize;
                }
            }
        }
        self.raw(at..text.span.end as usize)
    }

    /// `file "emails/welcome.mjml"`
    pub(super) fn text_file(&mut self, file: &TextFile) -> &mut Self {
        self.put("file ").text(&file.path)
    }

    fn tag(&mut self, tag: TextTag<'_>) -> &mut Self {
        match tag {
            TextTag::If(condition) => self.put("{{ if ").expr(condition).put(" }}"),
            TextTag::ElseIf(condition) => self.put("{{ else if ").expr(condition).put(" }}"),
            TextTag::Else => self.put("{{ else }}"),
            TextTag::End => self.put("{{ end }}"),
        }
    }

    fn placeholder(&mut self, placeholder: &Placeholder) -> &mut Self {
        self.put("{{ ").expr(&placeholder.expr);
        for Filter { name, args, span: _ } in &placeholder.filters {
            self.put(" | ").name(name);
            if !args.is_empty() {
                self.put("(").exprs(args).put(")");
            }
        }
        self.put(" }}")
    }
}
