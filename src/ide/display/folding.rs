//! Folding. In: a file. Out: the ranges of several lines that can be folded.

use crate::ide::node::{Node, parts};
use crate::ide::view::View;
use crate::source::{FileId, Span};

/// A range that can be folded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct FoldingRange {
    /// From within its first line to within its last.
    pub span: Span,
    /// Whether it consists of comments only.
    pub comment: bool,
}

impl View<'_> {
    /// Returns the folding ranges of a file, by position.
    #[must_use]
    pub fn folding_ranges(&self, file: FileId) -> Vec<FoldingRange> {
        let Some(parsed) = self.tree(file) else { return Vec::new() };
        let mut folds: Vec<FoldingRange> = Vec::new();
        for node in parts(&parsed.file.items) {
            let folds_up = matches!(
                node,
                Node::Item(_)
                    | Node::Step(_)
                    | Node::Block(_)
                    | Node::Case(_)
                    | Node::Record(_)
                    | Node::Text(_)
                    | Node::Entry(_)
            );
            if folds_up && self.has_lines(node.span()) {
                folds.push(FoldingRange { span: node.span(), comment: false });
            }
        }
        folds.extend(self.comment_folds(file));
        folds.sort();
        folds.dedup();
        // Only one range can begin on a line: the outermost.
        folds.dedup_by_key(|fold| (self.line_of(file, fold.span.start), fold.comment));
        folds
    }

    /// Consecutive lines that contain only comments.
    fn comment_folds(&self, file: FileId) -> Vec<FoldingRange> {
        let Some(parsed) = self.tree(file) else { return Vec::new() };
        let mut runs: Vec<Span> = Vec::new();
        for comment in parsed.trivia.comments.iter().filter(|comment| comment.own_line) {
            let line = self.line_of(file, comment.span.start);
            match runs.last_mut() {
                Some(run) if self.line_of(file, run.end) + 1 == line => *run = run.to(comment.span),
                Some(_) | None => runs.push(comment.span),
            }
        }
        runs.retain(|run| self.has_lines(*run));
        runs.into_iter().map(|span| FoldingRange { span, comment: true }).collect()
    }

    fn has_lines(&self, span: Span) -> bool {
        self.sources.slice(span).contains('\n')
    }

    /// The line of an offset.
    fn line_of(&self, file: FileId, offset: u32) -> usize {
        self.sources.get(file).map_or(0, |source| source.lines.line(offset as usize))
    }
}
