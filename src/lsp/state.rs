//! The state of the server: open documents, workspace folders, and the projects that result from them.

use super::client::Client;
use super::document::Document;
use super::encoding::Encoding;
use super::open_project::{Key, OpenProject};
use super::prelude::Prelude;
use super::request_error::RequestError;
use super::semantic_tokens::SentTokens;
use super::{panic_guard, uri};
use crate::diagnostic::Language;
use crate::project;
use crate::source::FileId;
use gen_lsp_types::{Position, Uri};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The state of the server.
#[derive(Debug, Default)]
pub(super) struct State {
    /// The negotiated position encoding.
    pub(super) encoding: Encoding,
    /// The capabilities of the editor.
    pub(super) client: Client,
    /// The language of findings.
    pub(super) language: Language,
    /// The open documents, by canonical path.
    pub(super) documents: BTreeMap<PathBuf, Document>,
    /// The open projects and standalone files.
    pub(super) projects: BTreeMap<Key, OpenProject>,
    /// The workspace folders.
    pub(super) folders: BTreeMap<PathBuf, Folder>,
    /// Whether the set of open projects must be determined again.
    pub(super) needs_sync: bool,
    /// The copy of the prelude on disk.
    pub(super) prelude: Prelude,
    /// The semantic tokens that were sent last.
    pub(super) tokens: SentTokens,
    /// Pending log messages.
    pub(super) log: Vec<String>,
}

/// A workspace folder.
#[derive(Debug, Default)]
pub(super) struct Folder {
    /// Its project files.
    projects: BTreeSet<PathBuf>,
    /// Whether it includes the projects below it, or only the project that it is part of.
    recursive: bool,
}

/// The document that a request refers to.
#[derive(Clone, Copy)]
pub(super) struct Subject<'s> {
    /// The project that it belongs to.
    pub(super) project: &'s OpenProject,
    /// The document among the sources.
    pub(super) file: FileId,
}

impl State {
    /// Adds a workspace folder.
    pub(super) fn add_folder(&mut self, folder: PathBuf) {
        self.folders.insert(folder, Folder::default());
    }

    /// Scans the workspace folders again, after files were created or deleted.
    pub(super) fn rescan_folders(&mut self) {
        for (path, folder) in &mut self.folders {
            folder.scan(path);
        }
    }

    /// Includes the projects below the workspace folders. In a folder where only funnels without a project are open,
    /// such as a large repository, the projects below are unrelated and not included until one of their documents is
    /// opened.
    fn include_nested_projects(&mut self) {
        for (path, folder) in self.folders.iter_mut().filter(|(_, folder)| !folder.recursive) {
            let canonical = project::canonical_path(path);
            let mut inside = self.documents.keys().filter(|open| open.starts_with(&canonical)).peekable();
            folder.recursive = inside.peek().is_none() || inside.any(|open| project::find(open).is_some());
            folder.scan(path);
        }
    }

    /// Returns the canonical paths of all files that were read.
    pub(super) fn read_files(&self) -> BTreeSet<PathBuf> {
        let of = |project: &OpenProject| {
            let workspace = &project.workspace;
            workspace
                .sources
                .iter()
                .filter_map(|(file, _)| Some(workspace.canonical_path(file)?.to_owned()))
                .collect::<Vec<_>>()
        };
        self.projects.values().flat_map(of).collect()
    }

    /// Opens a document, or replaces its text.
    pub(super) fn open(&mut self, document: Document) {
        let path = uri::path(&document.uri);
        let canonical = project::canonical_path(&path);
        let text = Arc::clone(&document.text);
        self.documents.insert(canonical.clone(), document);
        // A file that is part of a project already does not change the set of projects.
        let known = self.projects.values().any(|project| project.workspace.file(&canonical).is_some());
        self.edit(&canonical, Some(text));
        if !known {
            self.sync_projects();
            self.projects.values_mut().for_each(|project| project.stale = true);
        }
    }

    /// Closes a document and returns to the text on disk.
    pub(super) fn close(&mut self, uri: &Uri) {
        let Some(canonical) = self.open_at(uri) else { return };
        self.documents.remove(&canonical);
        self.tokens.forget(uri);
        self.edit(&canonical, None);
        self.sync_projects();
        self.projects.values_mut().for_each(|project| project.stale = true);
    }

    /// Returns the path of an open document.
    pub(super) fn open_at(&self, uri: &Uri) -> Option<PathBuf> {
        let same = self.documents.iter().find(|(_, document)| document.uri == *uri);
        same.map(|(canonical, _)| canonical.clone()).or_else(|| {
            let canonical = project::canonical_path(&uri::path(uri));
            self.documents.contains_key(&canonical).then_some(canonical)
        })
    }

    /// Sets the unsaved text of a file in all projects, or with `None` returns to the text on disk.
    pub(super) fn edit(&mut self, canonical: &Path, text: Option<Arc<str>>) {
        for project in self.projects.values_mut() {
            // A file that can no longer be read is gone; `sync_projects` removes it.
            project.stale |= project.workspace.edit(canonical, text.clone()).unwrap_or(true);
        }
    }

    /// Reads a file again in all projects.
    pub(super) fn refresh(&mut self, canonical: &Path) {
        for project in self.projects.values_mut() {
            project.stale |= project.workspace.refresh(canonical).unwrap_or(true);
        }
    }

    /// Determines the open projects: those of the workspace folders and of the open documents, and open funnels without
    /// a project.
    pub(super) fn sync_projects(&mut self) {
        self.needs_sync = false;
        self.include_nested_projects();
        let mut expected: BTreeMap<Key, (PathBuf, BTreeMap<PathBuf, PathBuf>)> = BTreeMap::new();
        for file in self.folders.values().flat_map(|folder| &folder.projects) {
            expected
                .entry(Key::Project(project::canonical_path(file)))
                .or_insert_with(|| (file.clone(), members(file)));
        }
        for (canonical, document) in &self.documents {
            let path = uri::path(&document.uri);
            let found = project::find(&path);
            let project_members = found.map(|file| {
                expected.entry(Key::Project(project::canonical_path(&file))).or_insert_with(|| {
                    let members = members(&file);
                    (file, members)
                })
            });
            if !document.is_funnel || self.prelude.is_at(canonical) {
                continue;
            }
            match project_members {
                // A file that its project excludes is checked on its own; an unsaved file is not excluded.
                Some((_, members)) if members.contains_key(canonical) || !canonical.exists() => {
                    members.insert(canonical.clone(), path);
                }
                Some(_) | None => {
                    let standalone = BTreeMap::from([(canonical.clone(), path.clone())]);
                    expected.insert(Key::Lone(canonical.clone()), (path, standalone));
                }
            }
        }
        self.projects.retain(|key, _| expected.contains_key(key));
        for (key, (place, members)) in expected {
            if !self.projects.contains_key(&key) {
                let (mut project, fault) = OpenProject::open(&key, &place, self.language);
                self.log.extend(fault.map(|fault| fault.in_language(self.language).into_owned()));
                for (canonical, document) in &self.documents {
                    // Only the project file has been read at this point.
                    let _ = project.workspace.edit(canonical, Some(Arc::clone(&document.text)));
                }
                self.projects.insert(key.clone(), project);
            }
            if let Some(project) = self.projects.get_mut(&key) {
                project.sync_files(&members);
            }
        }
    }

    /// Compiles all stale projects and returns whether there were any. A panic discards the results of one project
    /// only.
    pub(super) fn compile(&mut self, probe: &dyn Fn(&str)) -> bool {
        if self.needs_sync {
            self.sync_projects();
        }
        let mut any = false;
        for project in self.projects.values_mut().filter(|project| project.stale) {
            any = true;
            let compiled = panic_guard::catch_panic(|| {
                probe("compile");
                project.compile();
            });
            let Err(first) = compiled else { continue };
            // The cache may be inconsistent, so the second attempt starts from scratch.
            project.workspace.reset_cache();
            project.stale = false;
            let retried = panic_guard::catch_panic(|| project.compile());
            self.log.push(format!("funnelc panicked while compiling: {first}"));
            if retried.is_err() {
                project.compiled = crate::Compiled::default();
                project.workspace.reset_cache();
            }
        }
        any
    }

    /// Returns the document of a request; `None` if it is unknown.
    ///
    /// # Errors
    /// The text is out of sync with the editor.
    pub(super) fn subject(&self, uri: &Uri) -> Result<Option<Subject<'_>>, RequestError> {
        let canonical = self.open_at(uri);
        if canonical
            .as_ref()
            .and_then(|canonical| self.documents.get(canonical))
            .is_some_and(|document| document.out_of_sync)
        {
            return Err(RequestError::ContentModified);
        }
        let canonical = canonical.unwrap_or_else(|| project::canonical_path(&uri::path(uri)));
        Ok(self.subject_at(&canonical))
    }

    /// Finds a document by canonical path; if several projects read it, the one that owns it wins.
    pub(super) fn subject_at(&self, canonical: &Path) -> Option<Subject<'_>> {
        let own = |project: &&OpenProject| project.workspace.funnels().any(|(_, funnel)| funnel == canonical);
        let project = self.projects.values().find(own);
        let mut all = project.into_iter().chain(self.projects.values());
        all.find_map(|project| Some(Subject { project, file: project.workspace.file(canonical)? }))
    }

    /// Returns the URI of a file, in the editor's spelling if it is open.
    pub(super) fn uri(&self, project: &OpenProject, file: FileId) -> Option<Uri> {
        match self.documents.get(project.workspace.canonical_path(file)?) {
            Some(document) => Some(document.uri.clone()),
            None => Some(uri::uri(&project.path(file)?)),
        }
    }

    /// Returns the URI of a path, in the editor's spelling if it is open.
    pub(super) fn uri_of(&self, path: &Path) -> Uri {
        let open = self.documents.get(&project::canonical_path(path));
        open.map_or_else(|| uri::uri(path), |document| document.uri.clone())
    }

    /// Returns the version of an open document.
    pub(super) fn version(&self, uri: &Uri) -> Option<i32> {
        Some(self.documents.get(&self.open_at(uri)?)?.version)
    }
}

impl Folder {
    /// Searches for projects.
    fn scan(&mut self, path: &Path) {
        self.projects = if self.recursive { find_projects(path) } else { project::find(path).into_iter().collect() };
    }
}

impl Subject<'_> {
    /// Returns the offset of a position.
    pub(super) fn offset(self, encoding: Encoding, position: Position) -> Option<usize> {
        let source = self.project.workspace.sources.get(self.file)?;
        encoding.offset(&source.text, &source.lines, position)
    }
}

/// The project files in and around a folder.
fn find_projects(folder: &Path) -> BTreeSet<PathBuf> {
    let below = project::files(&[folder.to_owned()]).unwrap_or_default();
    let all = std::iter::once(folder).chain(below.iter().filter_map(|file| file.parent()));
    let folders: BTreeSet<&Path> = all.collect();
    folders.into_iter().filter_map(project::find).collect()
}

/// The funnels of a project, by canonical path.
fn members(file: &Path) -> BTreeMap<PathBuf, PathBuf> {
    let folder = file.parent().unwrap_or(Path::new("/")).to_owned();
    let mut own: BTreeMap<PathBuf, bool> = BTreeMap::new();
    let mut belongs = |path: &Path| {
        let folder = path.parent().unwrap_or(path).to_owned();
        *own.entry(folder).or_insert_with_key(|folder| project::find(folder).as_deref() == Some(file))
    };
    let mut files = project::files(&[folder]).unwrap_or_default();
    files.retain(|path| belongs(path));
    files.into_iter().map(|path| (project::canonical_path(&path), path)).collect()
}
