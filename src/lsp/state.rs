//! What the server knows. In: the texts that are open and the folders that are worked on. Out: what is checked together,
//! compiled when somebody asks.

use super::client::Client;
use super::document::Document;
use super::encoding::Encoding;
use super::open_project::{Key, OpenProject};
use super::prelude::Prelude;
use super::refusal::Refusal;
use super::token::SentTokens;
use super::{guard, uri};
use crate::diagnostic::Language;
use crate::project;
use crate::source::FileId;
use gen_lsp_types::{Position, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// All that the server knows.
#[derive(Debug, Default)]
pub(super) struct State {
    /// What columns count.
    pub(super) encoding: Encoding,
    /// What the editor can do.
    pub(super) client: Client,
    /// The language of findings.
    pub(super) language: Language,
    /// The texts that are open, by their one path on this machine.
    pub(super) documents: BTreeMap<PathBuf, Document>,
    /// What is checked together.
    pub(super) held: BTreeMap<Key, OpenProject>,
    /// The folders that are worked on.
    pub(super) folders: BTreeMap<PathBuf, Folder>,
    /// Whether it is still to be found out what is checked together.
    pub(super) unsettled: bool,
    /// The copy of what the language brings along.
    pub(super) prelude: Prelude,
    /// The words that were told of each file.
    pub(super) tokens: SentTokens,
    /// What is to be logged.
    pub(super) log: Vec<String>,
}

/// A folder that is worked on.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Its projects.
    projects: BTreeSet<PathBuf>,
    /// Whether the projects below it are among these, or only the one that it is a part of.
    whole: bool,
}

/// A text that a request is about.
#[derive(Clone, Copy)]
pub(super) struct Subject<'s> {
    /// What it is checked with.
    pub(super) held: &'s OpenProject,
    /// Itself.
    pub(super) file: FileId,
}

impl State {
    /// Works on a folder.
    pub(super) fn add_folder(&mut self, folder: PathBuf) {
        self.folders.insert(folder, Folder::default());
    }

    /// Looks for projects again, after files came or went.
    pub(super) fn look_again(&mut self) {
        for (path, folder) in &mut self.folders {
            folder.look(path);
        }
    }

    /// Takes in the projects below a folder. Beside a funnel without a project they are somebody else's, as those of a large
    /// repository are, until a text of a project is open there.
    fn widen(&mut self) {
        for (path, folder) in self.folders.iter_mut().filter(|(_, folder)| !folder.whole) {
            let real = project::real(path);
            let mut inside = self.documents.keys().filter(|open| open.starts_with(&real)).peekable();
            folder.whole = inside.peek().is_none() || inside.any(|open| project::find(open).is_some());
            folder.look(path);
        }
    }

    /// The files that are read, by their one paths.
    pub(super) fn read(&self) -> BTreeSet<PathBuf> {
        let of = |held: &OpenProject| {
            let workspace = &held.workspace;
            workspace.sources.iter().filter_map(|(file, _)| Some(workspace.real(file)?.to_owned())).collect::<Vec<_>>()
        };
        self.held.values().flat_map(of).collect()
    }

    /// Opens a text, or takes all of it anew.
    pub(super) fn open(&mut self, document: Document) {
        let path = uri::path(&document.uri);
        let real = project::real(&path);
        let text = Arc::clone(&document.text);
        self.documents.insert(real.clone(), document);
        // What was there anyhow needs no new look at folders.
        let known = self.held.values().any(|held| held.workspace.file(&real).is_some());
        self.edit(&real, Some(text));
        if !known {
            self.settle();
            self.held.values_mut().for_each(|held| held.stale = true);
        }
    }

    /// Closes a text: what is on the disk counts again.
    pub(super) fn close(&mut self, uri: &Uri) {
        let Some(real) = self.open_at(uri) else { return };
        self.documents.remove(&real);
        self.tokens.forget(uri);
        self.edit(&real, None);
        self.settle();
        self.held.values_mut().for_each(|held| held.stale = true);
    }

    /// The path of a text that is open.
    pub(super) fn open_at(&self, uri: &Uri) -> Option<PathBuf> {
        let same = self.documents.iter().find(|(_, document)| document.uri == *uri);
        same.map(|(real, _)| real.clone()).or_else(|| {
            let real = project::real(&uri::path(uri));
            self.documents.contains_key(&real).then_some(real)
        })
    }

    /// Has a text stand for a file wherever that is read, or with `None` the file for itself.
    pub(super) fn edit(&mut self, real: &Path, text: Option<Arc<str>>) {
        for held in self.held.values_mut() {
            // What cannot be read any more is gone, and is left out below.
            held.stale |= held.workspace.edit(real, text.clone()).unwrap_or(true);
        }
    }

    /// Reads a file again wherever it is read.
    pub(super) fn refresh(&mut self, real: &Path) {
        for held in self.held.values_mut() {
            held.stale |= held.workspace.refresh(real).unwrap_or(true);
        }
    }

    /// Finds out what is checked together: the projects of the folders and of the open texts, and open funnels without one.
    pub(super) fn settle(&mut self) {
        self.unsettled = false;
        self.widen();
        let mut wanted: BTreeMap<Key, (PathBuf, BTreeMap<PathBuf, PathBuf>)> = BTreeMap::new();
        for file in self.folders.values().flat_map(|folder| &folder.projects) {
            wanted.entry(Key::Project(project::real(file))).or_insert_with(|| (file.clone(), members(file)));
        }
        for (real, document) in &self.documents {
            let path = uri::path(&document.uri);
            let found = project::find(&path);
            let around = found.map(|file| {
                wanted.entry(Key::Project(project::real(&file))).or_insert_with(|| {
                    let members = members(&file);
                    (file, members)
                })
            });
            if !document.is_funnel || self.prelude.is_at(real) {
                continue;
            }
            match around {
                // A file that its project leaves out is checked by itself; one that is not saved yet is not left out.
                Some((_, members)) if members.contains_key(real) || !real.exists() => {
                    members.insert(real.clone(), path);
                }
                Some(_) | None => {
                    let alone = BTreeMap::from([(real.clone(), path.clone())]);
                    wanted.insert(Key::Lone(real.clone()), (path, alone));
                }
            }
        }
        self.held.retain(|key, _| wanted.contains_key(key));
        for (key, (place, members)) in wanted {
            if !self.held.contains_key(&key) {
                let (mut held, fault) = OpenProject::open(&key, &place, self.language);
                self.log.extend(fault.map(|fault| fault.in_language(self.language).into_owned()));
                for (real, document) in &self.documents {
                    // Nothing is read yet but the project file.
                    let _ = held.workspace.edit(real, Some(Arc::clone(&document.text)));
                }
                self.held.insert(key.clone(), held);
            }
            if let Some(held) = self.held.get_mut(&key) {
                held.settle(&members);
            }
        }
    }

    /// Compiles whatever is another than it was; says whether anything is. A panic there costs what is known of one project,
    /// not the server.
    pub(super) fn compile(&mut self, probe: &dyn Fn(&str)) -> bool {
        if self.unsettled {
            self.settle();
        }
        let mut any = false;
        for held in self.held.values_mut().filter(|held| held.stale) {
            any = true;
            let compiled = guard::guarded(|| {
                probe("compile");
                held.compile();
            });
            let Err(first) = compiled else { continue };
            // What is remembered may be half done, so the second try begins anew.
            held.workspace.begin_anew();
            held.stale = false;
            let again = guard::guarded(|| held.compile());
            self.log.push(format!("a fault of funnelc while it compiled: {first}"));
            if again.is_err() {
                held.compiled = crate::Compiled::default();
                held.workspace.begin_anew();
            }
        }
        any
    }

    /// The text that a request is about, compiled; `None` for one that nothing here is made of.
    ///
    /// # Errors
    /// The text is not known as the editor has it.
    pub(super) fn subject(&self, uri: &Uri) -> Result<Option<Subject<'_>>, Refusal> {
        let real = self.open_at(uri);
        if real.as_ref().and_then(|real| self.documents.get(real)).is_some_and(|document| document.lost) {
            return Err(Refusal::Modified);
        }
        let real = real.unwrap_or_else(|| project::real(&uri::path(uri)));
        Ok(self.subject_at(&real))
    }

    /// The same by the one path of a file; where several projects read it, the one to which it belongs.
    pub(super) fn subject_at(&self, real: &Path) -> Option<Subject<'_>> {
        let own = |held: &&OpenProject| held.workspace.funnels().any(|(_, funnel)| funnel == real);
        let held = self.held.values().find(own);
        let mut all = held.into_iter().chain(self.held.values());
        all.find_map(|held| Some(Subject { held, file: held.workspace.file(real)? }))
    }

    /// The address of a file: the editor's own where it is open.
    pub(super) fn uri(&self, held: &OpenProject, file: FileId) -> Option<Uri> {
        match self.documents.get(held.workspace.real(file)?) {
            Some(document) => Some(document.uri.clone()),
            None => Some(uri::uri(&held.path(file)?)),
        }
    }

    /// The same by its path.
    pub(super) fn uri_of(&self, path: &Path) -> Uri {
        let open = self.documents.get(&project::real(path));
        open.map_or_else(|| uri::uri(path), |document| document.uri.clone())
    }

    /// The version of a text that is open.
    pub(super) fn version(&self, uri: &Uri) -> Option<i32> {
        Some(self.documents.get(&self.open_at(uri)?)?.version)
    }
}

impl Folder {
    /// Looks for its projects.
    fn look(&mut self, path: &Path) {
        self.projects = if self.whole { projects(path) } else { project::find(path).into_iter().collect() };
    }
}

impl Subject<'_> {
    /// The offset of a position in the text.
    pub(super) fn offset(self, encoding: Encoding, position: Position) -> Option<usize> {
        let source = self.held.workspace.sources.get(self.file)?;
        encoding.offset(&source.text, &source.lines, position)
    }
}

/// The project files in and around a folder.
fn projects(folder: &Path) -> BTreeSet<PathBuf> {
    let below = project::files(&[folder.to_owned()]).unwrap_or_default();
    let all = std::iter::once(folder).chain(below.iter().filter_map(|file| file.parent()));
    let folders: BTreeSet<&Path> = all.collect();
    folders.into_iter().filter_map(project::find).collect()
}

/// The funnels of a project, by their one paths.
fn members(file: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
    let mut own: BTreeMap<PathBuf, bool> = BTreeMap::new();
    let mut belongs = |path: &Path| {
        let folder = path.parent().unwrap_or(path).to_owned();
        *own.entry(folder).or_insert_with_key(|folder| project::find(folder).as_deref() == Some(file))
    };
    let mut files = project::files(&[folder]).unwrap_or_default();
    files.retain(|path| belongs(path));
    files.into_iter().map(|path| (project::real(&path), path)).collect()
}
