//! Loads the files that funnels refer to: other funnels for their declarations, and the texts of messages. Attaches the
//! result of each lookup to the place that refers to the file.

use super::overlay::{Overlay, normalize};
use crate::diagnostic::{Diagnostic, suggest};
use crate::source::{FileId, IncludeTarget, Sources};
use crate::syntax::{self, Include, IncludeKind, MAX_FILE_BYTES, MAX_TEXT_BYTES, ParseCache};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Limit: the number of files, and the depth, of the search for a similar path.
const SEARCH_LIMITS: (usize, usize) = (1000, 4);

/// The files that were loaded because something refers to them.
#[derive(Debug, Clone, Default)]
pub struct Includes {
    /// Funnels that are loaded for their declarations.
    pub used: Vec<FileId>,
    /// The texts of messages, each with the funnels that refer to it.
    pub texts: BTreeMap<FileId, Vec<FileId>>,
    /// Findings about files that are not valid text.
    pub diagnostics: Vec<Diagnostic>,
    /// Everything loaded so far, by canonical path; it is not read again.
    read: BTreeMap<PathBuf, IncludedFile>,
}

/// A file that was loaded.
#[derive(Debug, Clone)]
struct IncludedFile {
    file: FileId,
    /// The maximum size in bytes.
    limit: usize,
    /// Why it is not valid text.
    decode_error: Option<Diagnostic>,
}

impl Includes {
    /// Returns every loaded file with its path.
    pub fn files(&self) -> impl Iterator<Item = (&Path, FileId)> {
        self.read.iter().map(|(path, included)| (path.as_path(), included.file))
    }

    /// Reloads a file if it was loaded before, and returns whether it changed. A file that can no longer be read is
    /// dropped, so that the next lookup reports why.
    pub(super) fn refresh(&mut self, canonical: &Path, sources: &mut Sources, overlay: &Overlay) -> bool {
        let Some(included) = self.read.get_mut(canonical) else { return false };
        match overlay.bytes(canonical, included.limit + 1) {
            Ok(Some(bytes)) if bytes.len() <= included.limit => {
                let before = sources.get(included.file).map(|file| file.revision);
                let decode_error =
                    syntax::reread(sources, included.file, &bytes).err().map(|decode_error| *decode_error);
                let same = before == sources.get(included.file).map(|file| file.revision)
                    && included.decode_error == decode_error;
                included.decode_error = decode_error;
                !same
            }
            Ok(_) | Err(_) => self.read.remove(canonical).is_some(),
        }
    }
}

/// Loads the files that funnels refer to, directly or indirectly. Files outside of the `project` folder, if there is
/// one, are not read. Files in `before` are not read again: their text is among the sources.
pub fn load_includes(
    sources: &mut Sources,
    trees: &mut ParseCache,
    funnels: &[(FileId, PathBuf)],
    project: Option<&Path>,
    before: &Includes,
) -> Includes {
    load_with_overlay(sources, trees, funnels, project, before, &Overlay::default())
}

/// The same, with unsaved texts.
pub(super) fn load_with_overlay(
    sources: &mut Sources,
    trees: &mut ParseCache,
    funnels: &[(FileId, PathBuf)],
    project: Option<&Path>,
    before: &Includes,
    overlay: &Overlay,
) -> Includes {
    let mut reader = Reader {
        overlay,
        known: None,
        funnels,
        sources,
        project,
        queue: funnels.to_vec(),
        out: Includes { read: before.read.clone(), ..Includes::default() },
    };
    // Parsing all of them together is faster; the loop below then finds the trees in the cache.
    let files: Vec<FileId> = funnels.iter().map(|(file, _)| *file).collect();
    trees.parse(reader.sources, &files);
    while let Some((file, path)) = reader.queue.pop() {
        for tree in trees.parse(reader.sources, &[file]) {
            for mention in tree.includes.iter().filter(|mention| mention.kind.accepts(&mention.path)) {
                let attached = reader.resolve(file, &path, mention);
                reader.sources.set_include(mention.span, attached);
            }
        }
    }
    reader.out
}

struct Reader<'a> {
    overlay: &'a Overlay,
    sources: &'a mut Sources,
    project: Option<&'a Path>,
    /// The funnels that are already loaded.
    funnels: &'a [(FileId, PathBuf)],
    /// The results of earlier lookups by canonical path; built on first use.
    known: Option<BTreeMap<PathBuf, IncludeTarget>>,
    /// The funnels whose references have not been followed yet.
    queue: Vec<(FileId, PathBuf)>,
    out: Includes,
}

impl Reader<'_> {
    /// Resolves a reference in a funnel.
    fn resolve(&mut self, including: FileId, funnel: &Path, mention: &Include) -> IncludeTarget {
        let written = mention.path.as_str();
        if written.contains('\\') {
            return IncludeTarget::Backslash;
        }
        if written.starts_with('/') || written.get(1..2) == Some(":") {
            return IncludeTarget::Absolute;
        }
        let folder = funnel.parent().unwrap_or(Path::new(""));
        let path = folder.join(written);
        let root = self.project.map(normalize);
        if root.as_ref().is_some_and(|root| !normalize(&path).starts_with(root)) {
            return IncludeTarget::Outside;
        }
        let attached = match self.overlay.resolve(&path) {
            // A path inside the project may be a link to a file outside of it.
            Ok(canonical)
                if self
                    .project
                    .is_some_and(|root| !root.canonicalize().is_ok_and(|root| canonical.starts_with(root))) =>
            {
                IncludeTarget::Outside
            }
            Ok(canonical) => match self.known().get(&canonical) {
                Some(known) => known.clone(),
                None => {
                    let read = match self.out.read.get(&canonical).cloned() {
                        Some(included) => self.reuse(included, including, &path, mention),
                        None => self.read(including, &path, &canonical, mention),
                    };
                    self.known().insert(canonical, read.clone());
                    read
                }
            },
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                let near = suggest_path(folder, root.as_deref(), mention);
                IncludeTarget::Missing { near }
            }
            Err(fault) => IncludeTarget::Unreadable(fault.to_string()),
        };
        if let (IncludeTarget::Text(file), IncludeKind::Text) = (&attached, mention.kind) {
            self.out.texts.entry(*file).or_default().push(including);
        }
        attached
    }

    fn known(&mut self) -> &mut BTreeMap<PathBuf, IncludeTarget> {
        let overlay = self.overlay;
        let entry = |(file, path): &(FileId, PathBuf)| Some((overlay.resolve(path).ok()?, IncludeTarget::Text(*file)));
        self.known.get_or_insert_with(|| self.funnels.iter().filter_map(entry).collect())
    }

    /// Uses a file that was loaded now or for an earlier compilation.
    fn reuse(&mut self, included: IncludedFile, including: FileId, path: &Path, mention: &Include) -> IncludeTarget {
        let IncludedFile { file, decode_error, .. } = included;
        if mention.kind == IncludeKind::Declarations {
            self.out.used.push(file);
        }
        let Some(decode_error) = decode_error else {
            if mention.kind == IncludeKind::Declarations {
                self.queue.push((file, path.to_owned()));
            }
            return IncludeTarget::Text(file);
        };
        if mention.kind == IncludeKind::Text {
            self.out.texts.entry(file).or_default().push(including);
        }
        self.out.diagnostics.push(decode_error);
        IncludeTarget::Refused
    }

    fn read(&mut self, including: FileId, path: &Path, canonical: &Path, mention: &Include) -> IncludeTarget {
        let limit = match mention.kind {
            IncludeKind::Declarations => MAX_FILE_BYTES,
            IncludeKind::Text => MAX_TEXT_BYTES,
        };
        let bytes = match self.overlay.bytes(canonical, limit + 1) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return IncludeTarget::Folder,
            Err(fault) => return IncludeTarget::Unreadable(fault.to_string()),
        };
        if bytes.len() > limit {
            return IncludeTarget::TooLarge;
        }
        let name = display_name(self.sources.get(including).map_or("", |file| &file.name), &mention.path);
        let included = match syntax::read(self.sources, &name, &bytes) {
            Ok(file) => IncludedFile { file, limit, decode_error: None },
            Err(decode_error) => {
                IncludedFile { file: decode_error.span.file, limit, decode_error: Some(*decode_error) }
            }
        };
        self.out.read.insert(canonical.to_owned(), included.clone());
        self.reuse(included, including, path, mention)
    }
}

/// The name of a file among the sources, relative in the same way as the funnel that refers to it.
fn display_name(funnel: &str, written: &str) -> String {
    let folder = funnel.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = if folder.is_empty() { Vec::new() } else { folder.split('/').collect() };
    for part in written.split('/').filter(|part| !matches!(*part, "." | "")) {
        match parts.last() {
            Some(last) if part == ".." && *last != ".." => _ = parts.pop(),
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// Suggests a similar path, or a file of the same name in another folder.
fn suggest_path(folder: &Path, root: Option<&Path>, mention: &Include) -> Option<String> {
    let top = root.map_or_else(|| normalize(folder), Path::to_owned);
    let walk = ignore::WalkBuilder::new(&top).require_git(false).max_depth(Some(SEARCH_LIMITS.1)).build();
    let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut known: Vec<String> = files
        .take(SEARCH_LIMITS.0)
        .filter_map(|entry| relative_path(&normalize(folder), entry.path()))
        .filter(|path| mention.kind.accepts(path))
        .collect();
    known.sort();
    let near = suggest::nearest(&mention.path, known.iter().map(String::as_str)).map(str::to_owned);
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    near.or_else(|| known.iter().find(|path| name(path) == name(&mention.path)).cloned())
}

/// A path relative to a folder.
fn relative_path(folder: &Path, path: &Path) -> Option<String> {
    let common = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".to_owned());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_str().map(str::to_owned));
    let parts: Option<Vec<String>> = up.map(Some).chain(down).collect();
    parts.map(|parts| parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_relative_to_the_funnel() {
        assert_eq!(display_name("a.funnel", "emails/x.mjml"), "emails/x.mjml");
        assert_eq!(display_name("salon/deep/a.funnel", "../emails/./x.mjml"), "salon/emails/x.mjml");
        assert_eq!(display_name("../a.funnel", "../x.txt"), "../../x.txt");
        let path = |text: &str| Path::new(text).to_owned();
        assert_eq!(relative_path(&path("/a/b"), &path("/a/c/x.txt")), Some("../c/x.txt".to_owned()));
        assert_eq!(relative_path(&path("/a"), &path("/a/b/x.txt")), Some("b/x.txt".to_owned()));
    }
}
