//! Changes of files. In: the old text and the new one. Out: a diff, or the file replaced.

use similar::TextDiff;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

/// Returns what would change as a unified diff; `how` describes how the new text was made.
pub(super) fn difference(name: &str, how: &str, old: &str, new: &str) -> String {
    TextDiff::from_lines(old, new).unified_diff().context_radius(2).header(name, &format!("{name} ({how})")).to_string()
}

/// Replaces a file atomically: concurrent readers, and readers after a crash, see either the old text or the new one.
pub(super) fn replace(path: &Path, text: &str) -> io::Result<()> {
    // A symbolic link stays a link; its target is replaced.
    let path = fs::canonicalize(path)?;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = path.with_file_name(format!(".{name}.{}.new", std::process::id()));
    let written =
        write_temporary(&beside, text, fs::metadata(&path)?.permissions()).and_then(|()| fs::rename(&beside, &path));
    if written.is_err() {
        // The first error is the one to report.
        let _ = fs::remove_file(&beside);
    }
    written
}

fn write_temporary(path: &Path, text: &str, permissions: fs::Permissions) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.set_permissions(permissions)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}
