//! The summary line of `funnelc check`. In: findings and numbers of files. Out: one phrase.

use crate::diagnostic::{Diagnostic, Phrase, Severity};
use crate::say;

/// The numbers of files, findings and fixes.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) files: u64,
    pub(super) errors: u64,
    pub(super) warnings: u64,
    /// The number of fixes that were or would be applied.
    pub(super) fixes: u64,
    /// Whether fixes are shown, not applied.
    pub(super) is_preview: bool,
}

impl Tally {
    /// Counts the findings of some files.
    pub(super) fn add(&mut self, files: usize, findings: &[Diagnostic]) {
        let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        self.files += files as u64;
        self.errors += of(Severity::Error);
        self.warnings += of(Severity::Warning);
    }

    /// `2 files checked, 1 error`.
    pub(super) fn summary(&self) -> Phrase {
        let files = match self.files {
            0 => say!("no files checked"),
            1 => say!("1 file checked"),
            count => say!("{count} files checked", count),
        };
        let errors = match self.errors {
            0 => say!("no errors"),
            1 => say!("1 error"),
            count => say!("{count} errors", count),
        };
        let warnings = match self.warnings {
            0 => say!("{files}, {errors}", files, errors),
            1 => say!("{files}, {errors}, 1 warning", files, errors),
            count => say!("{files}, {errors}, {count} warnings", files, errors, count),
        };
        match (self.fixes, self.is_preview) {
            (0, _) => warnings,
            (1, false) => say!("{all}, 1 fix applied", all = warnings),
            (count, false) => say!("{all}, {count} fixes applied", all = warnings, count),
            (1, true) => say!("{all}, 1 fix available", all = warnings),
            (count, true) => say!("{all}, {count} fixes available", all = warnings, count),
        }
    }
}
