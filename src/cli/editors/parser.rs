//! Compiles the parser that editors use for highlighting. In: its source in C. Out: a shared library, if there is a
//! compiler.

use super::write::{Written, write_file};
use super::{Failure, Phrase};
use crate::say;
use std::env::consts::DLL_EXTENSION;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The compilers to try if `CC` is not set, each with its leading arguments.
const COMPILERS: &[&[&str]] = &[&["cc"], &["gcc"], &["clang"], &["zig", "cc"]];

/// Returns the file name of a library. Neovim expects `.so` on every system, Helix on all but Windows.
pub(super) fn library_file(library: &str) -> PathBuf {
    let extension = match library {
        library if library.contains("libtree-sitter") => DLL_EXTENSION,
        library if library.contains("grammars") && cfg!(windows) => DLL_EXTENSION,
        _ => "so",
    };
    PathBuf::from(format!("{library}.{extension}"))
}

/// Builds the library, unless it exists and its source did not change. Returns the message for the user.
pub(super) fn build(source: &Path, library: &Path, written: &Written) -> Result<Phrase, Failure> {
    let path = library.display().to_string();
    if library.exists() && !written.files.iter().any(|written| written.starts_with(source)) {
        return Ok(say!("parser already built: `{path}`", path));
    }
    // Creates the parent folders; the compiler then overwrites the empty file.
    write_file(library, &[])?;
    let set = std::env::var("CC").ok();
    let set: Option<Vec<&str>> = set.as_deref().map(|words| words.split_whitespace().collect());
    let set: Option<[&[&str]; 1]> = set.as_ref().map(|words| [words.as_slice()]);
    let mut said = None;
    for compiler in set.as_ref().map_or(COMPILERS, <[_; 1]>::as_slice) {
        let Some((program, first)) = compiler.split_first() else { continue };
        let mut command = Command::new(program);
        command.args(first).args(["-O2", "-shared", "-fPIC", "-I"]).arg(source);
        command.arg("-o").arg(library).arg(source.join("parser.c")).stdin(Stdio::null());
        match command.output() {
            Ok(output) if output.status.success() => return Ok(say!("parser built: `{path}`", path)),
            Ok(output) => said = Some(String::from_utf8_lossy(&output.stderr).trim().to_owned()),
            Err(_) => {}
        }
    }
    // The empty file must not be taken for a built library.
    let _ = std::fs::remove_file(library);
    let source = source.display().to_string();
    Ok(match said {
        Some(said) => say!("cannot build the parser from `{source}`: {said}", source, said),
        None => say!("no C compiler found, so the parser in `{source}` was not built", source),
    })
}
