//! A workspace: the funnels that are checked together, read from disk or from an editor, with incremental recompilation
//! after changes.

use super::includes::{Includes, load_with_overlay};
use super::overlay::{Overlay, canonical_path};
use super::{FilePath, MAX_BYTES, PROJECT_FILE, Project};
use crate::diagnostic::{Code, Diagnostic, Levels, Phrase};
use crate::parallel;
use crate::source::{FileId, Sources};
use crate::syntax::{self, MAX_FILE_BYTES};
use crate::{Compiled, Incremental};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The assumed size of a funnel before it is read.
const EXPECTED_BYTES: usize = 2000;

/// The funnels that are checked together, with the cache of the last compilation.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The project; the default one for standalone files.
    pub project: Project,
    /// Every text.
    pub sources: Sources,
    /// The files that funnels refer to.
    pub includes: Includes,
    /// The funnels, in the order in which they were added.
    funnels: Vec<Funnel>,
    /// The project file, if there is one.
    project_file: Option<ProjectFile>,
    /// Levels that take precedence over those of the project file.
    levels: Levels,
    /// Whether funnels of the project are missing, which may use declarations of those that are present.
    partial: bool,
    overlay: Overlay,
    incremental: Incremental,
}

/// A funnel that was read.
#[derive(Debug, Clone)]
struct Funnel {
    /// Its path, which relative paths in it start from.
    path: PathBuf,
    /// Its canonical path; `None` for a text without a file.
    canonical: Option<PathBuf>,
    file: FileId,
    /// Why its bytes are not valid text.
    decode_error: Option<Diagnostic>,
}

/// The project file.
#[derive(Debug, Clone)]
struct ProjectFile {
    folder: PathBuf,
    canonical: PathBuf,
    file: FileId,
    findings: Vec<Diagnostic>,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct ReadError {
    /// Its path.
    pub path: PathBuf,
    /// The reason.
    pub fault: io::Error,
}

impl Workspace {
    /// Opens a project file, or none; `root` is the folder of standalone files.
    ///
    /// # Errors
    /// The project file cannot be read.
    pub fn open(project: Option<&Path>, root: &Path) -> Result<Self, Phrase> {
        let mut workspace = Self::lone(root);
        if let Some(path) = project {
            let (settings, findings) = super::load(path, &mut workspace.sources)?;
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            // It is the first text.
            let first = workspace.sources.iter().next();
            workspace.project_file =
                first.map(|(file, _)| ProjectFile { folder, canonical: canonical_path(path), file, findings });
            workspace.project = settings;
        }
        Ok(workspace)
    }

    /// Creates a workspace without a project.
    #[must_use]
    pub fn lone(root: &Path) -> Self {
        Self {
            project: Project::lone(root),
            sources: Sources::new(),
            includes: Includes::default(),
            funnels: Vec::new(),
            project_file: None,
            levels: Levels::default(),
            partial: false,
            overlay: Overlay::default(),
            incremental: Incremental::default(),
        }
    }

    /// Reads a funnel, which findings show under `name`.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn add(&mut self, path: &Path, name: &str) -> Result<FileId, ReadError> {
        let file = FilePath::of(path.to_owned());
        let bytes = self.bytes(&file)?;
        Ok(self.add_bytes(path, Some(file.canonical), name, &bytes))
    }

    /// Reads funnels, each with the name that findings show.
    ///
    /// # Errors
    /// The first file that cannot be read; no funnel is added then.
    pub fn add_all(&mut self, funnels: Vec<(FilePath, String)>) -> Result<Vec<FileId>, ReadError> {
        let texts = parallel::map(&funnels, funnels.len() * EXPECTED_BYTES, |(path, _)| self.bytes(path));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let read = funnels.into_iter().zip(texts);
        Ok(read.map(|((path, name), bytes)| self.add_bytes(&path.path, Some(path.canonical), &name, &bytes)).collect())
    }

    fn bytes(&self, path: &FilePath) -> Result<Vec<u8>, ReadError> {
        let read_error = |fault| ReadError { path: path.path.clone(), fault };
        let bytes = self.overlay.bytes(&path.canonical, MAX_FILE_BYTES + 1).map_err(read_error)?;
        bytes.ok_or_else(|| read_error(io::ErrorKind::IsADirectory.into()))
    }

    /// Adds a funnel with unsaved text, regardless of its file. Findings show it under `name`.
    pub fn add_unsaved(&mut self, path: &Path, name: &str, bytes: &[u8]) -> FileId {
        let canonical = canonical_path(path);
        self.overlay.set(&canonical, Some(String::from_utf8_lossy(bytes).into()));
        self.add_bytes(path, Some(canonical), name, bytes)
    }

    /// Adds a funnel without a file, while the other funnels of its project are missing.
    pub fn add_standalone(&mut self, name: &str, bytes: &[u8]) -> FileId {
        self.partial = self.project_file.is_some();
        self.add_bytes(Path::new(name), None, name, bytes)
    }

    fn add_bytes(&mut self, path: &Path, canonical: Option<PathBuf>, name: &str, bytes: &[u8]) -> FileId {
        let (file, decode_error) = match syntax::read(&mut self.sources, name, bytes) {
            Ok(file) => (file, None),
            Err(decode_error) => (decode_error.span.file, Some(*decode_error)),
        };
        self.funnels.push(Funnel { path: path.to_owned(), canonical, file, decode_error });
        file
    }

    /// Removes a funnel that no longer exists.
    pub fn remove(&mut self, file: FileId) {
        self.funnels.retain(|funnel| funnel.file != file);
    }

    /// Sets levels that take precedence over those of the project file.
    pub fn override_levels(&mut self, levels: &Levels) {
        self.levels = levels.clone();
        self.apply_levels();
    }

    fn apply_levels(&mut self) {
        let context = &mut self.project.context;
        context.levels = context.levels.overridden_by(&self.levels);
    }

    /// Compiles all funnels and the files that they refer to.
    pub fn compile(&mut self) -> Compiled {
        let readable = self.funnels.iter().filter(|funnel| funnel.decode_error.is_none());
        let places: Vec<(FileId, PathBuf)> = readable.map(|funnel| (funnel.file, funnel.path.clone())).collect();
        let Self { sources, incremental, includes, overlay, .. } = self;
        let folder = self.project_file.as_ref().map(|file| file.folder.as_path());
        *includes = load_with_overlay(sources, &mut incremental.trees, &places, folder, includes, overlay);
        let files: Vec<FileId> = places.iter().map(|(file, _)| *file).chain(includes.used.iter().copied()).collect();
        let mut compiled = incremental.compile(sources, &files, &self.project.context);
        let about_project = self.project_file.iter().flat_map(|file| &file.findings);
        compiled.diagnostics.extend(about_project.chain(&self.includes.diagnostics).cloned());
        if self.partial {
            // The missing files may use its declarations, or do what its tests expect.
            compiled.diagnostics.retain(|finding| !matches!(finding.code, Code::Unused | Code::ImpossibleTest));
        }
        compiled.diagnostics.extend(self.project.check_program(&compiled.program, !self.partial));
        self.project.context.levels.apply(&mut compiled.diagnostics);
        compiled.diagnostics.extend(self.funnels.iter().filter_map(|funnel| funnel.decode_error.clone()));
        compiled
    }

    /// Discards the cache, so that the next compilation starts from scratch.
    pub fn reset_cache(&mut self) {
        self.incremental = Incremental::default();
    }

    /// Returns the cache of the last compilation.
    #[must_use]
    pub fn incremental(&self) -> &Incremental {
        &self.incremental
    }

    /// Returns the funnels that were added from files, with their canonical paths.
    pub fn funnels(&self) -> impl Iterator<Item = (FileId, &Path)> {
        self.funnels.iter().filter_map(|funnel| Some((funnel.file, funnel.canonical.as_deref()?)))
    }

    /// Returns every file that was read, with its canonical path; the files that funnels use are those of the last
    /// compilation.
    pub fn read_files(&self) -> impl Iterator<Item = (&Path, FileId)> {
        let project = self.project_file.iter().map(|project| (project.canonical.as_path(), project.file));
        project.chain(self.funnels().map(|(file, path)| (path, file))).chain(self.includes.files())
    }

    /// Whether a file was added as a funnel.
    #[must_use]
    pub(super) fn is_funnel(&self, file: FileId) -> bool {
        self.funnels.iter().any(|funnel| funnel.file == file)
    }

    /// Returns every funnel, including those that another one uses.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        let canonical = self.funnels.iter().filter(|funnel| funnel.decode_error.is_none()).map(|funnel| funnel.file);
        canonical.chain(self.includes.used.iter().copied())
    }

    /// Returns why the bytes of a funnel are not valid text.
    #[must_use]
    pub fn decode_error(&self, file: FileId) -> Option<&Diagnostic> {
        self.funnels.iter().find(|funnel| funnel.file == file)?.decode_error.as_ref()
    }

    /// Returns the project file among the sources.
    #[must_use]
    pub fn project_file(&self) -> Option<FileId> {
        self.project_file.as_ref().map(|project| project.file)
    }

    /// Returns the folder of the project.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.project_file.as_ref().map(|project| project.folder.as_path())
    }

    /// Returns the path of a funnel, an included file or the project file.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<PathBuf> {
        if let Some(project) = self.project_file.as_ref().filter(|project| project.file == file) {
            return Some(project.folder.join(PROJECT_FILE));
        }
        if let Some(funnel) = self.funnels.iter().find(|funnel| funnel.file == file) {
            return funnel.canonical.is_some().then(|| funnel.path.clone());
        }
        self.includes.files().find(|(_, id)| *id == file).map(|(path, _)| path.to_owned())
    }

    /// Returns the canonical path of a file that was read.
    #[must_use]
    pub fn canonical_path(&self, file: FileId) -> Option<&Path> {
        if let Some(project) = self.project_file.as_ref().filter(|project| project.file == file) {
            return Some(&project.canonical);
        }
        let funnel = self.funnels.iter().find(|funnel| funnel.file == file);
        match funnel {
            Some(funnel) => funnel.canonical.as_deref(),
            None => self.includes.files().find(|(_, id)| *id == file).map(|(path, _)| path),
        }
    }

    /// Returns the file that was read at a canonical path.
    #[must_use]
    pub fn file(&self, canonical: &Path) -> Option<FileId> {
        if let Some(project) = self.project_file.as_ref().filter(|project| project.canonical == canonical) {
            return Some(project.file);
        }
        let funnel = self.funnels.iter().find(|funnel| funnel.canonical.as_deref() == Some(canonical));
        funnel
            .map(|funnel| funnel.file)
            .or_else(|| self.includes.files().find(|(path, _)| *path == canonical).map(|(_, file)| file))
    }

    /// Replaces the text of a file among the sources only, and returns whether it changed.
    pub fn replace(&mut self, file: FileId, text: &str) -> bool {
        let changed = self.sources.replace(file, text);
        if changed && let Some(project) = self.project_file.as_mut().filter(|project| project.file == file) {
            (self.project, project.findings) = super::parse(text, file, self.project.root.clone());
            self.apply_levels();
        }
        changed
    }

    /// Sets the unsaved text of a file, or with `None` returns to the text on disk. Returns whether a file that was
    /// read changed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn edit(&mut self, canonical: &Path, text: Option<Arc<str>>) -> Result<bool, ReadError> {
        self.overlay.set(canonical, text);
        self.refresh(canonical)
    }

    /// Reads all files again and returns those that changed.
    ///
    /// # Errors
    /// The first file that cannot be read.
    pub fn reload(&mut self) -> Result<Vec<FileId>, ReadError> {
        let project = self.project_file.iter().map(|project| (project.canonical.clone(), project.file));
        let funnels = self.funnels.iter().filter_map(|funnel| Some((funnel.canonical.clone()?, funnel.file)));
        let includes = self.includes.files().map(|(path, file)| (path.to_owned(), file));
        let all: Vec<(PathBuf, FileId)> = project.chain(funnels).chain(includes).collect();
        let mut changed = Vec::new();
        for (canonical, file) in all {
            if self.refresh(&canonical)? {
                changed.push(file);
            }
        }
        Ok(changed)
    }

    /// Reads a file again, if it was read before, and returns whether it changed.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn refresh(&mut self, canonical: &Path) -> Result<bool, ReadError> {
        let read_error = |fault| ReadError { path: canonical.to_owned(), fault };
        if let Some(project) = self.project_file.as_mut().filter(|project| project.canonical == canonical) {
            let before = self.sources.get(project.file).map(|file| file.revision);
            let limit = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
            let bytes = self.overlay.bytes(canonical, limit).map_err(read_error)?.unwrap_or_default();
            let root = self.project.root.clone();
            let (settings, findings) = super::parse_bytes(&mut self.sources, project.file, bytes, root);
            let changed = before != self.sources.get(project.file).map(|file| file.revision);
            if changed {
                (self.project, project.findings) = (settings, findings);
                self.apply_levels();
            }
            return Ok(changed);
        }
        if let Some(funnel) = self.funnels.iter_mut().find(|funnel| funnel.canonical.as_deref() == Some(canonical)) {
            let bytes = self.overlay.bytes(canonical, MAX_FILE_BYTES + 1).map_err(read_error)?.unwrap_or_default();
            let before = self.sources.get(funnel.file).map(|file| file.revision);
            let decode_error =
                syntax::reread(&mut self.sources, funnel.file, &bytes).err().map(|decode_error| *decode_error);
            let same = before == self.sources.get(funnel.file).map(|file| file.revision)
                && decode_error == funnel.decode_error;
            funnel.decode_error = decode_error;
            return Ok(!same);
        }
        Ok(self.includes.refresh(canonical, &mut self.sources, &self.overlay))
    }
}
