//! Comments and blank lines, which the tree leaves out and the formatter needs.

use crate::source::Span;

/// A comment, from its `#` to the end of its line without trailing blanks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment {
    /// The whole comment.
    pub span: Span,
    /// Whether it begins with `##`.
    pub doc: bool,
    /// Whether nothing precedes it on its line; otherwise it trails what does.
    pub own_line: bool,
}

/// The comments and blank lines of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Trivia {
    /// The comments, in order.
    pub comments: Vec<Comment>,
    /// Where each run of blank lines begins, in bytes, in order; not inside strings.
    pub blank_lines: Vec<u32>,
}

impl Trivia {
    /// The comments that begin in `start..end`.
    #[must_use]
    pub fn comments_in(&self, start: u32, end: u32) -> &[Comment] {
        let from = self.comments.partition_point(|c| c.span.start < start);
        let to = self.comments.partition_point(|c| c.span.start < end).max(from);
        self.comments.get(from..to).unwrap_or(&[])
    }

    /// Whether a run of blank lines begins in `start..end`.
    #[must_use]
    pub fn blank_in(&self, start: u32, end: u32) -> bool {
        let from = self.blank_lines.partition_point(|at| *at < start);
        self.blank_lines.get(from).is_some_and(|at| *at < end)
    }
}
