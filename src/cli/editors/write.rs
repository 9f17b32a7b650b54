//! Files are written without touching what the user has changed. In: the files of a plugin. Out: which were written; in the
//! folder, a list of what they held when they were.

use super::Failure;
use super::catalog::Part;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// What came of writing files.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// Those that were written.
    pub(super) written: Vec<PathBuf>,
    /// How many held the same already.
    pub(super) same: usize,
    /// Those that the user has changed.
    pub(super) left: Vec<PathBuf>,
}

impl Written {
    /// Adds what came of other files.
    pub(super) fn add(&mut self, other: Self) {
        self.written.extend(other.written);
        self.left.extend(other.left);
        self.same += other.same;
    }
}

/// Writes files below a folder. What stands there already is replaced only if it is as it was written last time, or by
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
            Ok(present) if present == *part.bytes => written.same += 1,
            Ok(present) if !force && hashes.get(&*part.to) != Some(&self::hash(&present)) => {
                written.left.push(path);
                continue;
            }
            Err(fault) if fault.kind() != io::ErrorKind::NotFound => return Err(Failure::read(&path, &fault)),
            Ok(_) | Err(_) => {
                write_file(&path, &part.bytes)?;
                written.written.push(path);
            }
        }
        hashes.insert(part.to.to_string(), hash);
    }
    // A map of texts always has a JSON form.
    write_file(&list, &serde_json::to_vec_pretty(&hashes).unwrap_or_default())?;
    Ok(written)
}

/// Writes a file, and the folders that it is in.
pub(super) fn write_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let written = path.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(path, bytes));
    written.map_err(|fault| Failure::write(path, &fault))
}

fn hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}
