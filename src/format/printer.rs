//! Writes lines and puts every comment of the source in its place between them.

use std::collections::BTreeMap;
use std::ops::Range;

/// The line width.
pub(super) const WIDTH: usize = 100;

/// The lines written so far, and the comments not written yet.
///
/// Invariant: [`Printer::begin_line`] first writes all comments before the line, so comments keep their order.
pub(super) struct Printer<'a> {
    pub(super) source: &'a str,
    comments: BTreeMap<usize, &'a str>,
    out: String,
    after_opener: bool,
}

/// When to put a blank line before a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BlankLine {
    /// If the author left one.
    Keep,
    /// Always, except at the start.
    Force,
}

impl<'a> Printer<'a> {
    pub(super) fn new(source: &'a str, comments: impl Iterator<Item = Range<usize>>) -> Self {
        let comments = comments.map(|range| (range.start, source.get(range).unwrap_or("").trim_end()));
        Self { source, comments: comments.collect(), out: String::new(), after_opener: true }
    }

    /// Whether a pending comment begins in a range.
    pub(super) fn has_comment(&self, range: Range<usize>) -> bool {
        !range.is_empty() && self.comments.range(range).next().is_some()
    }

    /// Begins the line of something that starts at `start`. The comments before it are written first, and so are
    /// those in `inside`, which would have no line of their own.
    pub(super) fn begin_line(&mut self, indent: usize, start: usize, inside: &[Range<usize>], blank: BlankLine) {
        let mut lines: Vec<(bool, &'a str)> = self.take_comments(0..start);
        let own = self.blank_before(start);
        let mut hoisted: Vec<(bool, &'a str)> =
            inside.iter().flat_map(|range| self.take_comments(range.clone())).collect();
        for (i, (blank, _)) in hoisted.iter_mut().enumerate() {
            *blank = i == 0 && own;
        }
        let rest = if hoisted.is_empty() { own } else { false };
        lines.append(&mut hoisted);
        lines.push((rest, ""));
        if blank == BlankLine::Force && !lines.iter().any(|(blank, _)| *blank) {
            lines[0].0 = true;
        }
        for (blank, line) in lines {
            self.push_line(indent, blank, line);
        }
    }

    /// Writes the pending comments before `end`, each on its own line.
    pub(super) fn flush_comments(&mut self, indent: usize, end: usize) {
        for (blank, comment) in self.take_comments(0..end) {
            self.push_line(indent, blank, comment);
        }
    }

    /// Appends to the current line.
    pub(super) fn put(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// Ends the line of something that ended at `end` in the source, with the comment that trailed it.
    pub(super) fn end_line(&mut self, end: usize) {
        let Some((&start, &comment)) = self.comments.range(end..).next() else { return };
        let between = self.source.get(end..start).unwrap_or("\n");
        if between.chars().all(|c| c != '\n' && (is_blank(c) || is_joint(c))) {
            self.comments.remove(&start);
            self.put(" ");
            self.put(comment);
        }
    }

    /// Writes the opening brace that is at `brace` in the source.
    pub(super) fn open_brace(&mut self, brace: usize) {
        self.put("{");
        if !self.has_comment(0..brace) {
            self.end_line(brace + 1);
        }
        self.after_opener = true;
    }

    /// Writes the closing brace that is at `brace` in the source, on its own line.
    pub(super) fn close_brace(&mut self, indent: usize, brace: usize) {
        self.flush_comments(indent + 2, brace);
        self.after_opener = true;
        self.push_line(indent, false, "}");
    }

    /// The offset of the first `needle` at or after `from` that is not in a comment.
    pub(super) fn find_code(&self, from: usize, needle: &str) -> usize {
        let mut at = from;
        loop {
            let Some(found) = self.source.get(at..).and_then(|rest| rest.find(needle)).map(|i| at + i) else {
                return from;
            };
            let line = self.source[..found].rfind('\n').map_or(from, |newline| from.max(newline + 1));
            match self.source[line..found].find('#') {
                Some(_) => at = found + self.source[found..].find('\n').unwrap_or(needle.len()),
                None => return found,
            }
        }
    }

    pub(super) fn finish(mut self) -> String {
        self.flush_comments(0, usize::MAX);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }

    fn push_line(&mut self, indent: usize, blank: bool, text: &str) {
        if !self.out.is_empty() {
            self.out.push('\n');
            if blank && !self.after_opener {
                self.out.push('\n');
            }
        }
        self.after_opener = false;
        self.out.extend(std::iter::repeat_n(' ', indent));
        self.out.push_str(text);
    }

    /// Removes the comments that begin in a range; each with whether a blank line preceded it.
    fn take_comments(&mut self, range: Range<usize>) -> Vec<(bool, &'a str)> {
        let mut taken = Vec::new();
        while !range.is_empty()
            && let Some((&start, &comment)) = self.comments.range(range.clone()).next()
        {
            self.comments.remove(&start);
            taken.push((self.blank_before(start), comment));
        }
        taken
    }

    fn blank_before(&self, start: usize) -> bool {
        let before = self.source.get(..start).unwrap_or("").chars().rev();
        before.take_while(|c| is_blank(*c) || is_joint(*c)).filter(|c| *c == '\n').nth(1).is_some()
    }
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{feff}'
}

/// Separators between two constructs, which belong to neither.
fn is_joint(c: char) -> bool {
    matches!(c, '-' | '>' | '→' | ',')
}
