//! Errors and warnings about HTML emails, in the masked text and in the source.

use super::context::UnsafeReason;
use super::mask::Mask;
use crate::diagnostic::Phrase;
use std::ops::Range;

/// An error or warning about an HTML email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// The markup is broken, or has parts that are ignored.
    Markup {
        /// The place, in bytes of the concatenated pieces.
        place: Range<usize>,
        /// Whether there is no HTML.
        fatal: bool,
        /// What is wrong.
        message: Phrase,
        /// Two to six words for the place.
        label: Phrase,
        /// What to do.
        help: Phrase,
    },
    /// No value is safe where the placeholder is.
    Placeholder(usize, UnsafeReason),
}

/// An error or warning, with its place in the masked text.
#[derive(Debug)]
pub(super) struct MarkupError {
    /// Where it is.
    pub(super) place: Range<usize>,
    /// What is wrong.
    pub(super) message: Phrase,
    /// Whether there is no HTML.
    pub(super) fatal: bool,
    /// Two to six words for the place.
    pub(super) label: Phrase,
    /// What to do.
    pub(super) help: Phrase,
}

impl MarkupError {
    /// An error after which there is no HTML.
    pub(super) fn fatal(place: Range<usize>, message: Phrase, label: Phrase, help: Phrase) -> Self {
        Self { place, fatal: true, message, label, help }
    }

    /// Converts the place and the texts back to the source.
    pub(super) fn into_fault(self, mask: &Mask) -> Fault {
        Fault::Markup {
            place: mask.original_range(self.place),
            fatal: self.fatal,
            message: self.message.map_verbatim(&|text| mask.unmask(text)),
            label: self.label,
            help: self.help.map_verbatim(&|text| mask.unmask(text)),
        }
    }
}
