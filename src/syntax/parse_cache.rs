//! A cache of parsed files: each revision of a text is parsed once.

use super::{Parsed, parse_all};
use crate::parallel;
use crate::source::{FileId, Sources};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Limit: the tokens of this many files are in memory at once.
const FILES_PER_CHUNK: usize = 32;

/// The parsed files of one [`Sources`] table.
#[derive(Debug, Clone, Default)]
pub struct ParseCache {
    parsed: BTreeMap<FileId, (u64, Arc<Parsed>)>,
}

impl ParseCache {
    /// The last parsed revision of a file.
    #[must_use]
    pub fn get(&self, file: FileId) -> Option<&Arc<Parsed>> {
        self.parsed.get(&file).map(|(_, parsed)| parsed)
    }

    /// Parses the files that changed, and returns all of them in order.
    pub fn parse(&mut self, sources: &Sources, files: &[FileId]) -> Vec<Arc<Parsed>> {
        let text = |file: &FileId| sources.get(*file);
        let revision = |file: &FileId| text(file).map_or(0, |file| file.revision);
        let is_new = |file: &&FileId| self.parsed.get(file).is_none_or(|(known, _)| *known != revision(file));
        let new: Vec<FileId> = files.iter().filter(is_new).copied().collect();
        let bytes = new.iter().filter_map(text).map(|file| file.text.len()).sum();
        let parse_chunk = |files: &[FileId]| parse_all(sources, files).into_iter().map(Arc::new);
        let parsed =
            parallel::map_chunks(&new, bytes, |files| files.chunks(FILES_PER_CHUNK).flat_map(parse_chunk).collect());
        let parsed = new.iter().zip(parsed).map(|(file, parsed)| (*file, (revision(file), parsed)));
        self.parsed.extend(parsed);
        files.iter().filter_map(|file| self.parsed.get(file)).map(|(_, parsed)| Arc::clone(parsed)).collect()
    }
}
