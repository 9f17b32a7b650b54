//! Texts that are checked together, as the server keeps them. In: a project or a lone file. Out: what the last compilation
//! gave, and where each file is.

use crate::Compiled;
use crate::diagnostic::{Language, Phrase};
use crate::ide::View;
use crate::project::{self, Workspace};
use crate::source::FileId;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// What is checked together.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    /// A project, by the one path of its file.
    Project(PathBuf),
    /// A file without a project, by its one path.
    Lone(PathBuf),
}

/// A project or a lone file that is kept.
#[derive(Debug)]
pub(super) struct OpenProject {
    /// The texts.
    pub(super) workspace: Workspace,
    /// What the last compilation gave.
    pub(super) compiled: Compiled,
    /// The funnels that were compiled.
    pub(super) files: Vec<FileId>,
    /// Whether a text is another than the one that was compiled.
    pub(super) stale: bool,
    /// Whether it is a file without a project.
    pub(super) lone: bool,
    /// The language in which the editor is answered.
    language: Language,
    /// The folder as the editor writes it, and its one path.
    root: (PathBuf, PathBuf),
}

impl OpenProject {
    /// Reads a project file, or begins without one.
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

    /// Has these funnels and no others, by their one paths.
    pub(super) fn sync_files(&mut self, expected: &BTreeMap<PathBuf, PathBuf>) {
        let known: Vec<(FileId, PathBuf)> =
            self.workspace.funnels().map(|(file, canonical)| (file, canonical.to_owned())).collect();
        for (file, _) in known.iter().filter(|(_, canonical)| !expected.contains_key(canonical)) {
            self.workspace.remove(*file);
            self.stale = true;
        }
        for (_, path) in expected.iter().filter(|(canonical, _)| !known.iter().any(|(_, known)| known == *canonical)) {
            let name = path.strip_prefix(&self.root.0).unwrap_or(path).display().to_string();
            // What cannot be read is there no more, or will be told of again when it changes.
            self.stale |= self.workspace.add(path, &name).is_ok();
        }
    }

    /// Compiles, if any text is another now.
    pub(super) fn compile(&mut self) {
        self.compiled = self.workspace.compile();
        self.files = self.workspace.files().collect();
        self.stale = false;
    }

    /// What editors ask about.
    pub(super) fn view(&self) -> View<'_> {
        let Workspace { sources, project, .. } = &self.workspace;
        View::new(sources, self.workspace.incremental(), &self.files, &self.compiled, &project.context)
            .with_project_file(self.workspace.project_file())
            .in_language(self.language)
    }

    /// Where a file is, as the editor would write it.
    pub(super) fn path(&self, file: FileId) -> Option<PathBuf> {
        let path = self.workspace.path(file)?;
        let (written, canonical) = &self.root;
        Some(path.strip_prefix(canonical).map_or(path.clone(), |rest| written.join(rest)))
    }

    /// The path of what a finding that stands nowhere is shown at.
    pub(super) fn place(&self) -> Option<PathBuf> {
        let first = || self.workspace.funnels().next().map(|(file, _)| file);
        self.path(self.workspace.project_file().or_else(first)?)
    }
}
