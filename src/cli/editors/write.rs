//! Writes plugin files without overwriting the user's changes. In: the files of a plugin. Out: which were written. A list
//! of their hashes in the folder shows next time which files the user has modified.

use super::Failure;
use super::catalog::Part;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The result of writing plugin files.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// The files that were written.
    pub(super) files: Vec<PathBuf>,
    /// How many files were already up to date.
    pub(super) unchanged: usize,
    /// The files that the user has modified, left unchanged.
    pub(super) modified: Vec<PathBuf>,
}

impl Written {
    /// Merges the result of writing other files.
    pub(super) fn add(&mut self, other: Self) {
        self.files.extend(other.files);
        self.modified.extend(other.modified);
        self.unchanged += other.unchanged;
    }
}

/// Writes files into a folder. Existing files are overwritten only if they are unmodified since the last time, or with
/// `force`.
pub(super) fn write_parts(folder: &Path, editor: &str, parts: &[Part], force: bool) -> Result<Written, Failure> {
    let list = folder.join(format!(".funnelc-{editor}.json"));
    let mut hashes: BTreeMap<String, String> = match fs::read(&list) {
        Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
        Err(_) => BTreeMap::new(),
    };
    let mut written = Written::default();
    for part in parts {
        let path = folder.join(&*part.to);
        let hash = hash(&part.bytes);
        match fs::read(&path) {
            Ok(present) if present == *part.bytes => written.unchanged += 1,
            Ok(present) if !force && hashes.get(&*part.to) != Some(&self::hash(&present)) => {
                written.modified.push(path);
                continue;
            }
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(Failure::read(&path, &fault)),
            Ok(_) | Err(_) => {
                write_file(&path, &part.bytes)?;
                written.files.push(path);
            }
        }
        hashes.insert(part.to.to_string(), hash);
    }
    // A map of strings always serializes.
    write_file(&list, &serde_json::to_vec_pretty(&hashes).unwrap_or_default())?;
    Ok(written)
}

/// Writes a file and creates its parent folders.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    written.map_err(|fault| Failure::write(path, &fault))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
