//! The sink for diagnostics. All stages report into it, and only it drops duplicates, retracts, merges, suppresses and
//! sorts.

use super::phrase::Phrase;
use super::{Code, Diagnostic, Label};
use crate::source::Span;
use std::collections::BTreeSet;

/// Diagnostics without duplicates, in the order in which they were reported.
#[derive(Debug, Clone, Default)]
pub struct Findings {
    reported: Vec<Diagnostic>,
    /// The places and codes of `reported`.
    seen: BTreeSet<(Span, Code)>,
}

impl Findings {
    /// Adds a diagnostic, unless one of the same code is reported at the same place.
    pub fn report(&mut self, finding: Diagnostic) {
        if self.seen.insert((finding.span, finding.code)) {
            self.reported.push(finding);
        }
    }

    /// The number of diagnostics so far, as a mark for [`truncate`](Self::truncate).
    #[must_use]
    pub fn len(&self) -> usize {
        self.reported.len()
    }

    /// Whether nothing was reported.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.reported.is_empty()
    }

    /// Removes all diagnostics after the first `len`.
    pub fn truncate(&mut self, len: usize) {
        for finding in self.reported.drain(len.min(self.reported.len())..) {
            self.seen.remove(&(finding.span, finding.code));
        }
    }

    /// Merges diagnostics with this label that differ only in their place: the first one points at the others.
    pub fn merge(&mut self, label: &Phrase, also: &Phrase) {
        let mut kept: Vec<Diagnostic> = Vec::with_capacity(self.reported.len());
        for finding in self.reported.drain(..) {
            let same = |first: &&mut Diagnostic| {
                finding.label == *label && first.message == finding.message && first.help == finding.help
            };
            match kept.iter_mut().find(same) {
                Some(first) => first.related.push(Label { span: finding.span, text: also.clone() }),
                None => kept.push(finding),
            }
        }
        self.reported = kept;
    }

    /// Removes what is only a consequence of another fault.
    pub fn suppress(&mut self, is_consequence: impl Fn(&Diagnostic) -> bool) {
        self.reported.retain(|finding| !is_consequence(finding));
    }

    /// Sorts by file, position and code.
    pub fn sort(&mut self) {
        self.reported.sort_by_key(|finding| (finding.span.file, finding.span.start, finding.code));
    }

    /// The diagnostics so far.
    #[must_use]
    pub fn as_slice(&self) -> &[Diagnostic] {
        &self.reported
    }

    /// Ends the collection.
    #[must_use]
    pub fn into_vec(self) -> Vec<Diagnostic> {
        self.reported
    }
}

impl Extend<Diagnostic> for Findings {
    fn extend<I: IntoIterator<Item = Diagnostic>>(&mut self, findings: I) {
        findings.into_iter().for_each(|finding| self.report(finding));
    }
}
