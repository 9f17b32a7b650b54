//! The extension of Visual Studio Code as one file. In: its files. Out: a `.vsix`, the same bytes whenever it is made.

use super::Failure;
use super::catalog::Part;
use crate::say;
use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Packs files.
pub(super) fn pack(files: &[Part]) -> Result<Vec<u8>, Failure> {
    pack_files(files).map_err(|fault| Failure::io(say!("cannot pack the extension"), &fault))
}

fn pack_files(files: &[Part]) -> io::Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for part in files {
        archive.start_file(&*part.to, options)?;
        archive.write_all(&part.bytes)?;
    }
    Ok(archive.finish()?.into_inner())
}
