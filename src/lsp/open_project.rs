//! A project or standalone file that the server has open, with the result of its last compilation.

use crate::Compiled;
use crate::diagnostic::{Language, Phrase};
use crate::ide::View;
use crate::project::{self, Workspace};
use crate::source::FileId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The identity of an open project.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A project, by the canonical path of its file.
    Project(PathBuf),
    /// A file without a project, by its canonical path.
    Lone(PathBuf),
}

/// An open project or standalone file.
#[derive(Debug)]
pub(super) struct OpenProject {
    /// The texts.
    pub(super) workspace: Workspace,
    /// The result of the last compilation.
    pub(super) compiled: Compiled,
    /// The funnels that were compiled.
    pub(super) files: Vec<FileId>,
    /// Whether a text has changed since the last compilation.
    pub(super) stale: bool,
    /// Whether it is a file without a project.
    pub(super) lone: bool,
    /// The language of the editor.
    language: Language,
    /// The folder as the editor writes it, and its canonical path.
    root: (PathBuf, PathBuf),
}

impl OpenProject {
    /// Opens a project file or a standalone file.
    pub(super) fn open(key: &Key, place: &Path, language: Language) -> (Self, Option<Phrase>) {
        let folder = place.parent().unwrap_or(Path::new("/")).to_owned();
        let (lone, file) = match key {
            Key::Project(_) => (false, Some(place)),
            Key::Lone(_) => (true, None),
        };
        let (workspace, fault) = match Workspace::open(file, &folder) {
            Ok(workspace) => (workspace, None),
            Err(fault) => (Workspace::lone(&folder), Some(fault)),
        };
        let root = (project::canonical_path(&folder), folder);
        let project = Self {
            workspace,
            compiled: Compiled::default(),
            files: Vec::new(),
            stale: true,
            lone,
            language,
            root: (root.1, root.0),
        };
        (project, fault)
    }

    /// Adds and removes funnels until they are exactly these, by canonical path.
    pub(super) fn sync_files(&mut self, expected: &BTreeMap<PathBuf, PathBuf>) {
        let known: Vec<(FileId, PathBuf)> =
            self.workspace.funnels().map(|(file, canonical)| (file, canonical.to_owned())).collect();
        for (file, _) in known.iter().filter(|(_, canonical)| !expected.contains_key(canonical)) {
            self.workspace.remove(*file);
            self.stale = true;
        }
        for (_, path) in expected.iter().filter(|(canonical, _)| !known.iter().any(|(_, known)| known == *canonical)) {
            let name = path.strip_prefix(&self.root.0).unwrap_or(path).display().to_string();
            // A file that cannot be read is either gone or will be reported again when it changes.
            self.stale |= self.workspace.add(path, &name).is_ok();
        }
    }

    /// Compiles the current texts.
    pub(super) fn compile(&mut self) {
        self.compiled = self.workspace.compile();
        self.files = self.workspace.files().collect();
        self.stale = false;
    }

    /// Returns the view that answers editor requests.
    pub(super) fn view(&self) -> View<'_> {
        let Workspace { sources, project, .. } = &self.workspace;
        View::new(sources, self.workspace.incremental(), &self.files, &self.compiled, &project.context)
            .with_project_file(self.workspace.project_file())
            .in_language(self.language)
    }

    /// Returns the path of a file, in the editor's spelling.
    pub(super) fn path(&self, file: FileId) -> Option<PathBuf> {
        let path = self.workspace.path(file)?;
        let (written, canonical) = &self.root;
        Some(path.strip_prefix(canonical).map_or(path.clone(), |rest| written.join(rest)))
    }

    /// Returns the path at which findings without a place are shown.
    pub(super) fn place(&self) -> Option<PathBuf> {
        let first = || self.workspace.funnels().next().map(|(file, _)| file);
        self.path(self.workspace.project_file().or_else(first)?)
    }
}
