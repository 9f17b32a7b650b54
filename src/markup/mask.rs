//! Replaces placeholders by unique words, which survive any processing of the markup.

use std::collections::BTreeMap;
use std::ops::Range;

/// A piece of an email template.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'t> {
    /// Characters.
    Text(&'t str),
    /// A placeholder of this many bytes in the source.
    Placeholder(usize),
    /// A tag of a conditional part, of this many bytes in the source. It is counted like a placeholder.
    Tag(BranchTag, usize),
}

/// A tag of a conditional part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BranchTag {
    /// `{{ if c }}`
    If,
    /// `{{ else if c }}` or `{{ else }}`
    Else,
    /// `{{ end }}`
    End,
}

/// A text with a word for each placeholder: the mark, the number of the placeholder, and a `z`.
#[derive(Debug, Clone)]
pub(super) struct Mask {
    /// The text.
    pub(super) text: String,
    /// The prefix of every such word, which occurs nowhere else in the text.
    mark: String,
    /// Where each piece begins, in the text and in the source.
    starts: Vec<(usize, usize)>,
    /// Which placeholders are tags, by number.
    tags: BTreeMap<usize, BranchTag>,
}

impl Mask {
    pub(super) fn new(pieces: &[Piece<'_>]) -> Self {
        let mut mark = "hole".to_owned();
        let holds = |mark: &str| {
            pieces.iter().any(|piece| matches!(piece, Piece::Text(text) if text.to_ascii_lowercase().contains(mark)))
        };
        while holds(&mark) {
            mark.push('q');
        }
        let mut mask = Self { text: String::new(), mark, starts: Vec::new(), tags: BTreeMap::new() };
        let (mut written, mut number) = (0, 0);
        for piece in pieces {
            mask.starts.push((mask.text.len(), written));
            match piece {
                Piece::Text(text) => {
                    mask.text.push_str(text);
                    written += text.len();
                }
                Piece::Placeholder(length) | Piece::Tag(_, length) => {
                    if let Piece::Tag(tag, _) = piece {
                        mask.tags.insert(number, *tag);
                    }
                    mask.text.push_str(&format!("{}{number}z", mask.mark));
                    number += 1;
                    written += length;
                }
            }
        }
        mask
    }

    /// The tag with this number; `None` if it is a placeholder.
    pub(super) fn tag(&self, number: usize) -> Option<BranchTag> {
        self.tags.get(&number).copied()
    }

    /// The tags in the text, with their places.
    pub(super) fn tags(&self) -> Vec<(Range<usize>, BranchTag)> {
        if self.tags.is_empty() {
            return Vec::new();
        }
        let words = self.find_placeholders(&self.text).into_iter();
        words.filter_map(|(range, number)| Some((range, self.tag(number)?))).collect()
    }

    /// The place of the placeholder with this number.
    pub(super) fn placeholder(&self, number: usize) -> Option<Range<usize>> {
        let word = format!("{}{number}z", self.mark);
        self.text.find(&word).map(|at| at..at + word.len())
    }

    /// Converts a place in the masked text to one in the source.
    pub(super) fn original_range(&self, place: Range<usize>) -> Range<usize> {
        let one = |offset: usize| {
            let before = self.starts.iter().rev().find(|(start, _)| *start <= offset);
            before.map_or(offset, |(start, written)| offset - start + written)
        };
        let start = one(place.start);
        start..one(place.end).max(start)
    }

    /// Finds the placeholders in a text derived from this one, with their places and numbers.
    pub(super) fn find_placeholders(&self, text: &str) -> Vec<(Range<usize>, usize)> {
        let words = text.match_indices(&self.mark).filter_map(|(at, mark)| {
            let rest = text.get(at + mark.len()..)?;
            let digits = rest.find('z')?;
            Some((at..at + mark.len() + digits + 1, rest.get(..digits)?.parse().ok()?))
        });
        words.collect()
    }

    /// Restores a text derived from this one, for messages.
    pub(super) fn unmask(&self, text: &str) -> String {
        let mut shown = String::new();
        let mut at = 0;
        for (range, _) in self.find_placeholders(text) {
            shown.push_str(text.get(at..range.start).unwrap_or(""));
            shown.push_str("{{ .. }}");
            at = range.end;
        }
        shown + text.get(at..).unwrap_or("")
    }
}
