//! An open document: applies the changes of the editor in order.

use super::encoding::Encoding;
use crate::source::LineIndex;
use gen_lsp_types::{TextDocumentContentChangeEvent as Change, Uri};
use std::sync::Arc;

/// An open document.
#[derive(Debug)]
pub(super) struct Document {
    /// Its URI, as the editor writes it.
    pub(super) uri: Uri,
    /// Its version, as counted by the editor.
    pub(super) version: i32,
    /// The current text.
    pub(super) text: Arc<str>,
    /// Whether a change could not be applied, so that the text is unknown until the editor sends all of it.
    pub(super) out_of_sync: bool,
    /// Whether it is a funnel.
    pub(super) is_funnel: bool,
}

/// The result of a change.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ChangeResult {
    /// The text has been updated.
    Applied,
    /// The version is not newer than the current one; nothing changed.
    Stale,
    /// The change refers to a range outside of the text.
    OutOfSync,
}

impl Document {
    /// Applies the changes that lead to a version.
    pub(super) fn apply(&mut self, version: i32, changes: Vec<Change>, encoding: Encoding) -> ChangeResult {
        if version <= self.version {
            return ChangeResult::Stale;
        }
        self.version = version;
        let mut text = self.text.to_string();
        for change in changes {
            match change {
                Change::TextDocumentContentChangeWholeDocument(whole) => {
                    text = whole.text;
                    self.out_of_sync = false;
                }
                // A partial change of an unknown text cannot be applied.
                Change::TextDocumentContentChangePartial(_) if self.out_of_sync => {}
                Change::TextDocumentContentChangePartial(part) => {
                    let lines = LineIndex::new(&text);
                    let at = |position| encoding.offset(&text, &lines, position);
                    match (at(part.range.start), at(part.range.end)) {
                        (Some(start), Some(end)) if start <= end => text.replace_range(start..end, &part.text),
                        _ => self.out_of_sync = true,
                    }
                }
            }
        }
        self.text = text.into();
        if self.out_of_sync { ChangeResult::OutOfSync } else { ChangeResult::Applied }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gen_lsp_types::{
        Position, Range, TextDocumentContentChangePartial as Partial, TextDocumentContentChangeWholeDocument as Whole,
    };

    fn part(from: (u32, u32), to: (u32, u32), text: &str) -> Change {
        let at = |(line, character)| Position { line, character };
        let range = Range { start: at(from), end: at(to) };
        #[allow(deprecated, reason = "the protocol still has the field")]
        Change::from(Partial { range, range_length: None, text: text.to_owned() })
    }

    #[test]
    fn changes_apply_in_order_and_stale_ones_are_ignored() {
        let mut document = Document {
            uri: Uri::from("file:///a"),
            version: 1,
            text: "on é 😀\r\nb".into(),
            out_of_sync: false,
            is_funnel: true,
        };
        let two = vec![part((0, 5), (0, 7), "x"), part((0, 0), (1, 0), "a\n")];
        assert_eq!(document.apply(2, two, Encoding::Utf16), ChangeResult::Applied);
        assert_eq!(&*document.text, "a\nb");
        assert_eq!(document.apply(2, vec![part((0, 0), (0, 1), "")], Encoding::Utf16), ChangeResult::Stale);
        assert_eq!(document.apply(3, vec![part((7, 0), (7, 1), "")], Encoding::Utf16), ChangeResult::OutOfSync);
        assert_eq!(document.apply(4, vec![part((0, 0), (0, 1), "")], Encoding::Utf16), ChangeResult::OutOfSync);
        assert_eq!(&*document.text, "a\nb");
        let whole = Change::from(Whole { text: "é".to_owned() });
        assert_eq!(document.apply(5, vec![whole], Encoding::Utf16), ChangeResult::Applied);
        assert_eq!(&*document.text, "é");
    }
}
