//! Packs the Visual Studio Code extension. In: its files. Out: the bytes of a `.vsix`, reproducible.

use super::Failure;
use super::catalog::Part;
use crate::say;
use std::io::{self, Cursor, Write};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// Returns an archive of the files.
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
