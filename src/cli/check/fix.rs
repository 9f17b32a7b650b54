//! `check --fix`: writes fixed files. In: the result of applying fixes. Out: files on disk.

use crate::cli::Failure;
use crate::cli::change::replace;
use crate::cli::load::Unit;
use crate::project::fix::FixReport;
use std::fs;

/// Writes the files that changed; standard input is left to the caller.
pub(super) fn write(fixed: &FixReport, unit: &Unit) -> Result<(), Failure> {
    for file in fixed.changed.keys() {
        let (Some(Some(path)), Some(source)) = (unit.path(*file), unit.workspace.sources.get(*file)) else { continue };
        let fault = |fault| Failure::write(&path, &fault);
        // The byte order mark is not part of the text; keep it.
        let marked = fs::read(&path).map_err(fault)?.starts_with(b"\xef\xbb\xbf");
        let mark = if marked { "\u{feff}" } else { "" };
        replace(&path, &format!("{mark}{}", source.text)).map_err(fault)?;
    }
    Ok(())
}
