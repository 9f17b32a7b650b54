//! Lines that hold only tags of conditional parts. In: the pieces of a text of several lines. Out: the same without
//! these lines, without the indentation that the lines between two of them share, and without the blank line that would
//! be left over where nothing is shown.

use super::{Piece, Tag};
use crate::source::Spanned;
use std::ops::Range;

/// A line of a text.
#[derive(Debug, Default)]
struct Line {
    /// Its texts: the piece, and the place in it, with the line break.
    texts: Vec<(usize, Range<usize>)>,
    /// Its tags: the piece.
    tags: Vec<usize>,
    /// Whether it has anything but tags and blanks.
    is_filled: bool,
    has_break: bool,
    /// How many of the blanks that it begins with are left.
    indent: usize,
    /// How many of them are removed.
    removed: usize,
}

impl Line {
    fn holds_only_tags(&self) -> bool {
        !self.tags.is_empty() && !self.is_filled
    }

    fn is_blank(&self) -> bool {
        self.tags.is_empty() && !self.is_filled
    }
}

/// A conditional part whose first and last tags are on lines that hold only tags.
#[derive(Debug)]
struct Part {
    first: usize,
    last: usize,
    /// The tags that end its branches: the piece.
    ends: Vec<usize>,
    has_else: bool,
}

/// Removes the lines that hold only tags, and what would look odd without them.
pub(super) fn lay_out(pieces: &mut Vec<Piece>) {
    if !pieces.iter().any(|piece| matches!(piece, Piece::Tag(..))) {
        return;
    }
    let mut lines = lines(pieces);
    if lines.len() < 2 {
        return;
    }
    let parts = parts(&lines, pieces);
    parts.iter().for_each(|part| dedent(&mut lines, part));
    // Each edit replaces a place in a text.
    let mut edits: Vec<(usize, Range<usize>, &str)> = Vec::new();
    for line in &lines {
        if line.holds_only_tags() {
            edits.extend(line.texts.iter().map(|(at, range)| (*at, range.clone(), "")));
        } else if let Some((at, range)) = line.texts.first().filter(|_| line.removed > 0) {
            edits.push((*at, range.start..range.start + line.removed, ""));
        }
    }
    let mut inserted = Vec::new();
    for part in parts.iter().filter(|part| leaves_blank_line(&lines, part)) {
        let Some(after) = lines.get(part.last + 1) else { continue };
        edits.extend(after.texts.iter().map(|(at, range)| (*at, range.clone(), "")));
        inserted.extend(&part.ends);
    }
    edits.sort_by_key(|(at, range, _)| (*at, range.start));
    for (at, range, new) in edits.into_iter().rev() {
        if let Some(Piece::Text(text)) = pieces.get_mut(at) {
            text.node.replace_range(range, new);
        }
    }
    inserted.sort_unstable();
    for at in inserted.into_iter().rev() {
        if let Some(Piece::Tag(_, span)) = pieces.get(at) {
            let line_break =
                Piece::Text(Spanned::new("\n".to_owned(), crate::source::Span { end: span.start, ..*span }));
            pieces.insert(at, line_break);
        }
    }
}

/// Splits pieces into lines.
fn lines(pieces: &[Piece]) -> Vec<Line> {
    let mut lines = vec![Line::default()];
    for (i, piece) in pieces.iter().enumerate() {
        let Some(mut line) = lines.last_mut() else { break };
        match piece {
            Piece::Placeholder(_) => line.is_filled = true,
            Piece::Tag(..) => line.tags.push(i),
            Piece::Text(text) => {
                let mut start = 0;
                for segment in text.node.split_inclusive('\n') {
                    let end = start + segment.len();
                    if line.texts.is_empty() && line.tags.is_empty() && !line.is_filled {
                        line.indent = segment.len() - segment.trim_start_matches([' ', '\t']).len();
                    }
                    line.texts.push((i, start..end));
                    line.is_filled |= !segment.trim().is_empty();
                    start = end;
                    if segment.ends_with('\n') {
                        line.has_break = true;
                        lines.push(Line::default());
                        let Some(next) = lines.last_mut() else { break };
                        line = next;
                    }
                }
            }
        }
    }
    lines
}

/// The conditional parts whose first and last tags have lines of their own, outer ones first.
fn parts(lines: &[Line], pieces: &[Piece]) -> Vec<Part> {
    let mut open: Vec<(Part, bool)> = Vec::new();
    let mut parts = Vec::new();
    let tags = lines.iter().enumerate().flat_map(|(at, line)| line.tags.iter().map(move |tag| (at, line, *tag)));
    for (at, line, tag) in tags {
        let alone = line.holds_only_tags();
        match pieces.get(tag) {
            Some(Piece::Tag(Tag::If(_), _)) => {
                open.push((Part { first: at, last: at, ends: Vec::new(), has_else: false }, alone));
            }
            Some(Piece::Tag(Tag::ElseIf(_), _)) => {
                open.iter_mut().rev().take(1).for_each(|(part, _)| part.ends.push(tag))
            }
            Some(Piece::Tag(Tag::Else, _)) => open.iter_mut().rev().take(1).for_each(|(part, _)| part.has_else = true),
            Some(Piece::Tag(Tag::End, _)) => {
                if let Some((mut part, is_alone)) = open.pop()
                    && is_alone
                    && alone
                    && part.first < at
                {
                    part.last = at;
                    part.ends.push(tag);
                    parts.push(part);
                }
            }
            Some(Piece::Text(_) | Piece::Placeholder(_)) | None => {}
        }
    }
    parts.sort_by_key(|part| (part.first, std::cmp::Reverse(part.last)));
    parts
}

/// Removes the indentation that the lines of a part share beyond that of its first tag.
fn dedent(lines: &mut [Line], part: &Part) {
    let Some(base) = lines.get(part.first).map(|line| line.indent) else { return };
    // A tag of the part itself, such as `{{ else }}`, is where the first one is.
    let counts = |line: &Line| line.is_filled || (!line.tags.is_empty() && line.indent > base);
    let Some(inside) = lines.get_mut(part.first + 1..part.last) else { return };
    let least = inside.iter().filter(|line| counts(line)).map(|line| line.indent).min().unwrap_or(base);
    for line in inside.iter_mut() {
        let removed = least.saturating_sub(base).min(line.indent.saturating_sub(base));
        line.indent -= removed;
        line.removed += removed;
    }
}

/// Whether two blank lines follow each other if nothing of a part is shown.
fn leaves_blank_line(lines: &[Line], part: &Part) -> bool {
    let before = part.first.checked_sub(1).and_then(|at| lines.get(at));
    let after = lines.get(part.last + 1);
    let is_single = |at: usize| lines.get(at).is_some_and(|line| line.tags.len() == 1);
    !part.has_else
        && is_single(part.first)
        && is_single(part.last)
        && before.is_none_or(Line::is_blank)
        && after.is_some_and(|line| line.is_blank() && line.has_break)
}
