//! The files that funnels name: in, funnels with their paths; out, the texts among the sources, and at each place that
//! names one what was found there.

use super::overlay::{Overlay, flat};
use crate::diagnostic::{Diagnostic, suggest};
use crate::source::{FileId, IncludeTarget, Sources};
use crate::syntax::{self, Include, IncludeKind, MAX_FILE_BYTES, MAX_TEXT_BYTES, ParseCache};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Limit: how many files are looked at for one that may be meant, and how many folders deep.
const SEARCHED: (usize, usize) = (1000, 4);

/// What was read because something names it.
#[derive(Debug, Clone, Default)]
pub struct Attachments {
    /// Funnels that are read for what they declare.
    pub used: Vec<FileId>,
    /// The texts of messages, each with the funnels that name it.
    pub texts: BTreeMap<FileId, Vec<FileId>>,
    /// What is wrong with bytes that are no text.
    pub diagnostics: Vec<Diagnostic>,
    /// What was read, by its one path on this machine; it is not read again.
    read: BTreeMap<PathBuf, Taken>,
}

/// A text that was read.
#[derive(Debug, Clone)]
struct Taken {
    file: FileId,
    /// The most bytes that it may have.
    limit: usize,
    /// Why its bytes are no text.
    refused: Option<Diagnostic>,
}

impl Attachments {
    /// Every file that was read, with its path.
    pub fn files(&self) -> impl Iterator<Item = (&Path, FileId)> {
        self.read.iter().map(|(path, taken)| (path.as_path(), taken.file))
    }

    /// Reads a file again, if it was read; says whether it is another now. What is no text any more is forgotten, so that
    /// the next look finds out what it is.
    pub(super) fn refresh(&mut self, real: &Path, sources: &mut Sources, unsaved: &Overlay) -> bool {
        let Some(taken) = self.read.get_mut(real) else { return false };
        match unsaved.bytes(real, taken.limit + 1) {
            Ok(Some(bytes)) if bytes.len() <= taken.limit => {
                let before = sources.get(taken.file).map(|file| file.revision);
                let refused = syntax::reread(sources, taken.file, &bytes).err().map(|refused| *refused);
                let same = before == sources.get(taken.file).map(|file| file.revision) && taken.refused == refused;
                taken.refused = refused;
                !same
            }
            Ok(_) | Err(_) => self.read.remove(real).is_some(),
        }
    }
}

/// Reads what funnels name, and what the funnels among it name. Nothing outside of the project's folder is read; `None`
/// when there is no project. What `before` holds is not read again: its text is among the sources.
pub fn attach(
    sources: &mut Sources,
    trees: &mut ParseCache,
    funnels: &[(FileId, PathBuf)],
    project: Option<&Path>,
    before: &Attachments,
) -> Attachments {
    attach_unsaved(sources, trees, funnels, project, before, &Overlay::default())
}

/// The same where some texts are not saved yet.
pub(super) fn attach_unsaved(
    sources: &mut Sources,
    trees: &mut ParseCache,
    funnels: &[(FileId, PathBuf)],
    project: Option<&Path>,
    before: &Attachments,
    unsaved: &Overlay,
) -> Attachments {
    let mut reader = Reader {
        unsaved,
        known: None,
        funnels,
        sources,
        project,
        open: funnels.to_vec(),
        out: Attachments { read: before.read.clone(), ..Attachments::default() },
    };
    // All at once, which is quicker; below, each is there already.
    let files: Vec<FileId> = funnels.iter().map(|(file, _)| *file).collect();
    trees.parse(reader.sources, &files);
    while let Some((file, path)) = reader.open.pop() {
        for tree in trees.parse(reader.sources, &[file]) {
            for mention in tree.includes.iter().filter(|mention| mention.kind.accepts(&mention.path)) {
                let attached = reader.find(file, &path, mention);
                reader.sources.set_include(mention.span, attached);
            }
        }
    }
    reader.out
}

struct Reader<'a> {
    unsaved: &'a Overlay,
    sources: &'a mut Sources,
    project: Option<&'a Path>,
    /// The funnels that are read already.
    funnels: &'a [(FileId, PathBuf)],
    /// What has been read, by its one path on this machine; nobody asks for it where nothing is named.
    known: Option<BTreeMap<PathBuf, IncludeTarget>>,
    /// The funnels that are not looked through yet.
    open: Vec<(FileId, PathBuf)>,
    out: Attachments,
}

impl Reader<'_> {
    /// What a mention in a funnel leads to.
    fn find(&mut self, by: FileId, funnel: &Path, mention: &Include) -> IncludeTarget {
        let written = mention.path.as_str();
        if written.contains('\\') {
            return IncludeTarget::Backslash;
        }
        if written.starts_with('/') || written.get(1..2) == Some(":") {
            return IncludeTarget::Absolute;
        }
        let folder = funnel.parent().unwrap_or(Path::new(""));
        let path = folder.join(written);
        let root = self.project.map(flat);
        if root.as_ref().is_some_and(|root| !flat(&path).starts_with(root)) {
            return IncludeTarget::Outside;
        }
        let attached = match self.unsaved.find(&path) {
            // What lies in the project may be a link to what does not.
            Ok(real)
                if self.project.is_some_and(|root| !root.canonicalize().is_ok_and(|root| real.starts_with(root))) =>
            {
                IncludeTarget::Outside
            }
            Ok(real) => match self.known().get(&real) {
                Some(known) => known.clone(),
                None => {
                    let read = match self.out.read.get(&real).cloned() {
                        Some(taken) => self.again(taken, by, &path, mention),
                        None => self.read(by, &path, &real, mention),
                    };
                    self.known().insert(real, read.clone());
                    read
                }
            },
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => {
                let near = nearest(folder, root.as_deref(), mention);
                IncludeTarget::Missing { near }
            }
            Err(fault) => IncludeTarget::Unreadable(fault.to_string()),
        };
        if let (IncludeTarget::Text(file), IncludeKind::Text) = (&attached, mention.kind) {
            self.out.texts.entry(*file).or_default().push(by);
        }
        attached
    }

    fn known(&mut self) -> &mut BTreeMap<PathBuf, IncludeTarget> {
        let unsaved = self.unsaved;
        let one = |(file, path): &(FileId, PathBuf)| Some((unsaved.find(path).ok()?, IncludeTarget::Text(*file)));
        self.known.get_or_insert_with(|| self.funnels.iter().filter_map(one).collect())
    }

    /// What was read, now or for an earlier compilation.
    fn again(&mut self, taken: Taken, by: FileId, path: &Path, mention: &Include) -> IncludeTarget {
        let Taken { file, refused, .. } = taken;
        if mention.kind == IncludeKind::Declarations {
            self.out.used.push(file);
        }
        let Some(refused) = refused else {
            if mention.kind == IncludeKind::Declarations {
                self.open.push((file, path.to_owned()));
            }
            return IncludeTarget::Text(file);
        };
        if mention.kind == IncludeKind::Text {
            self.out.texts.entry(file).or_default().push(by);
        }
        self.out.diagnostics.push(refused);
        IncludeTarget::Refused
    }

    fn read(&mut self, by: FileId, path: &Path, real: &Path, mention: &Include) -> IncludeTarget {
        let limit = match mention.kind {
            IncludeKind::Declarations => MAX_FILE_BYTES,
            IncludeKind::Text => MAX_TEXT_BYTES,
        };
        let bytes = match self.unsaved.bytes(real, limit + 1) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return IncludeTarget::Folder,
            Err(fault) => return IncludeTarget::Unreadable(fault.to_string()),
        };
        if bytes.len() > limit {
            return IncludeTarget::TooLarge;
        }
        let name = shown(self.sources.get(by).map_or("", |file| &file.name), &mention.path);
        let taken = match syntax::read(self.sources, &name, &bytes) {
            Ok(file) => Taken { file, limit, refused: None },
            Err(refused) => Taken { file: refused.span.file, limit, refused: Some(*refused) },
        };
        self.out.read.insert(real.to_owned(), taken.clone());
        self.again(taken, by, path, mention)
    }
}

/// The name of a file among the sources: its path as the funnel that names it has one.
fn shown(funnel: &str, written: &str) -> String {
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

/// The path of a file that may be meant: one spelt almost so, or one of that name in another folder.
fn nearest(folder: &Path, root: Option<&Path>, mention: &Include) -> Option<String> {
    let top = root.map_or_else(|| flat(folder), Path::to_owned);
    let walk = ignore::WalkBuilder::new(&top).require_git(false).max_depth(Some(SEARCHED.1)).build();
    let files = walk.filter_map(Result::ok).filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()));
    let mut known: Vec<String> = files
        .take(SEARCHED.0)
        .filter_map(|entry| from(&flat(folder), entry.path()))
        .filter(|path| mention.kind.accepts(path))
        .collect();
    known.sort();
    let near = suggest::nearest(&mention.path, known.iter().map(String::as_str)).map(str::to_owned);
    let name = |path: &str| path.rsplit('/').next().map(str::to_owned);
    near.or_else(|| known.iter().find(|path| name(path) == name(&mention.path)).cloned())
}

/// How a path is written from a folder.
fn from(folder: &Path, path: &Path) -> Option<String> {
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
    fn names_are_written_from_the_funnel() {
        assert_eq!(shown("a.funnel", "emails/x.mjml"), "emails/x.mjml");
        assert_eq!(shown("salon/deep/a.funnel", "../emails/./x.mjml"), "salon/emails/x.mjml");
        assert_eq!(shown("../a.funnel", "../x.txt"), "../../x.txt");
        let path = |text: &str| Path::new(text).to_owned();
        assert_eq!(from(&path("/a/b"), &path("/a/c/x.txt")), Some("../c/x.txt".to_owned()));
        assert_eq!(from(&path("/a"), &path("/a/b/x.txt")), Some("b/x.txt".to_owned()));
    }
}
