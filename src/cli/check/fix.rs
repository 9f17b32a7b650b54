//! `check --fix`: in, files with findings that a machine can mend; out, what is written to them.

use crate::cli::Failure;
use crate::cli::change::replace;
use crate::cli::load::Unit;
use crate::project::fix::FixReport;
use std::fs;

/// Writes what changed; what has no file is left to the caller.
pub(super) fn write(fixed: &FixReport, unit: &Unit) -> Result<(), Failure> {
    for file in fixed.changed.keys() {
        let (Some(Some(path)), Some(source)) = (unit.path(*file), unit.workspace.sources.get(*file)) else { continue };
        let fault = |fault| Failure::write(&path, &fault);
        // The mark at the beginning is not part of the text, and stays.
        let marked = fs::read(&path).map_err(fault)?.starts_with(b"\xef\xbb\xbf");
        let mark = if marked { "\u{feff}" } else { "" };
        replace(&path, &format!("{mark}{}", source.text)).map_err(fault)?;
    }
    Ok(())
}
