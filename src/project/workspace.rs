//! Texts that are checked together. In: the funnels of a project or lone ones, from the disk or as an editor has them,
//! and their changes. Out: all that a compilation gives, again after each change.

use super::includes::{Includes, load_with_overlay};
use super::overlay::{Overlay, canonical_path};
use super::{FilePath, MAX_BYTES, PROJECT_FILE, Project};
use crate::diagnostic::{Code, Diagnostic, Levels, Phrase};
use crate::parallel;
use crate::source::{FileId, Sources};
use crate::syntax::{self, FILE_BYTES};
use crate::{Compiled, Incremental};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// How long a funnel's text is taken to be before it is read.
const EXPECTED_BYTES: usize = 2000;

/// Texts that are checked together, and what is known of them from the last time.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// The project; that of lone files says nothing.
    pub project: Project,
    /// Every text.
    pub sources: Sources,
    /// What was read because a funnel names it.
    pub includes: Includes,
    /// The funnels, in the order in which they came.
    funnels: Vec<Funnel>,
    /// The project file, when there is one.
    project_file: Option<ProjectFile>,
    /// The levels that count for more than those of the project file.
    levels: Levels,
    /// Whether funnels of the project are left out, which may use what these declare.
    partial: bool,
    overlay: Overlay,
    incremental: Incremental,
}

/// A funnel that was read.
#[derive(Debug, Clone)]
struct Funnel {
    /// Where it is, for the paths that it says.
    path: PathBuf,
    /// The one path that it has on this machine; `None` for what came without a file.
    canonical: Option<PathBuf>,
    file: FileId,
    /// Why its bytes are no text.
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
    /// Where it is.
    pub path: PathBuf,
    /// Why.
    pub fault: io::Error,
}

impl Workspace {
    /// Begins with the project file at a path, or with none; `root` is the folder of lone files.
    ///
    /// # Errors
    /// The project file cannot be read at all, in words for people.
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

    /// Begins without a project, in a folder.
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

    /// Reads a funnel. Findings show it under the name.
    ///
    /// # Errors
    /// The machine does not let us read it.
    pub fn add(&mut self, path: &Path, name: &str) -> Result<FileId, ReadError> {
        let file = FilePath::of(path.to_owned());
        let bytes = self.bytes(&file)?;
        Ok(self.add_bytes(path, Some(file.canonical), name, &bytes))
    }

    /// Reads funnels, each with the name that findings show.
    ///
    /// # Errors
    /// The first that the machine does not let us read; none is added then.
    pub fn add_all(&mut self, funnels: Vec<(FilePath, String)>) -> Result<Vec<FileId>, ReadError> {
        let texts = parallel::map(&funnels, funnels.len() * EXPECTED_BYTES, |(path, _)| self.bytes(path));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let read = funnels.into_iter().zip(texts);
        Ok(read.map(|((path, name), bytes)| self.add_bytes(&path.path, Some(path.canonical), &name, &bytes)).collect())
    }

    fn bytes(&self, path: &FilePath) -> Result<Vec<u8>, ReadError> {
        let read_error = |fault| ReadError { path: path.path.clone(), fault };
        let bytes = self.overlay.bytes(&path.canonical, FILE_BYTES + 1).map_err(read_error)?;
        bytes.ok_or_else(|| read_error(io::ErrorKind::IsADirectory.into()))
    }

    /// Takes the bytes that an editor has of a funnel, whatever stands in its file. Findings show it under the name.
    pub fn add_unsaved(&mut self, path: &Path, name: &str, bytes: &[u8]) -> FileId {
        let own = canonical_path(path);
        self.overlay.set(&own, Some(String::from_utf8_lossy(bytes).into()));
        self.add_bytes(path, Some(own), name, bytes)
    }

    /// Takes the bytes of a funnel that stands in no file, while the other funnels of its project are left out.
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

    /// Forgets a funnel, which is there no more.
    pub fn remove(&mut self, file: FileId) {
        self.funnels.retain(|funnel| funnel.file != file);
    }

    /// Lets levels from outside count for more than those of the project file.
    pub fn override_levels(&mut self, levels: &Levels) {
        self.levels = levels.clone();
        self.apply_levels();
    }

    fn apply_levels(&mut self) {
        let context = &mut self.project.context;
        context.levels = context.levels.overruled_by(&self.levels);
    }

    /// Checks everything together, and what it names.
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
            // The files that are not read may use what it declares, and do what its tests expect.
            compiled.diagnostics.retain(|finding| !matches!(finding.code, Code::Unused | Code::ImpossibleTest));
        }
        compiled.diagnostics.extend(self.project.check_program(&compiled.program, !self.partial));
        self.project.context.levels.apply(&mut compiled.diagnostics);
        compiled.diagnostics.extend(self.funnels.iter().filter_map(|funnel| funnel.decode_error.clone()));
        compiled
    }

    /// Forgets all that is known from the last time, so that the next compilation begins anew.
    pub fn reset_cache(&mut self) {
        self.incremental = Incremental::default();
    }

    /// What is known of the texts from the last time.
    #[must_use]
    pub fn incremental(&self) -> &Incremental {
        &self.incremental
    }

    /// The funnels that were added from files, each with the one path that it has on this machine.
    pub fn funnels(&self) -> impl Iterator<Item = (FileId, &Path)> {
        self.funnels.iter().filter_map(|funnel| Some((funnel.file, funnel.canonical.as_deref()?)))
    }

    /// Every funnel that was read, also those that another uses.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        let own = self.funnels.iter().filter(|funnel| funnel.decode_error.is_none()).map(|funnel| funnel.file);
        own.chain(self.includes.used.iter().copied())
    }

    /// Why the bytes of a funnel are no text.
    #[must_use]
    pub fn decode_error(&self, file: FileId) -> Option<&Diagnostic> {
        self.funnels.iter().find(|funnel| funnel.file == file)?.decode_error.as_ref()
    }

    /// The project file among the sources.
    #[must_use]
    pub fn project_file(&self) -> Option<FileId> {
        self.project_file.as_ref().map(|project| project.file)
    }

    /// The folder of the project.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.project_file.as_ref().map(|project| project.folder.as_path())
    }

    /// Where a file is that was read: a funnel, a text that one names, or the project file.
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

    /// The one path that a file which was read has on this machine.
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

    /// The file that was read at a path; `real` is the one path that it has on this machine.
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

    /// Puts another text in the place of a file's, among the sources only; says whether it is another.
    pub fn replace(&mut self, file: FileId, text: &str) -> bool {
        let changed = self.sources.replace(file, text);
        if changed && let Some(project) = self.project_file.as_mut().filter(|project| project.file == file) {
            (self.project, project.findings) = super::parse(text, file, self.project.root.clone());
            self.apply_levels();
        }
        changed
    }

    /// Takes what an editor has of a file and did not save, or with `None` what is on the disk again. Says whether
    /// anything that was read is another now.
    ///
    /// # Errors
    /// The machine does not let us read it.
    pub fn edit(&mut self, canonical: &Path, text: Option<Arc<str>>) -> Result<bool, ReadError> {
        self.overlay.set(canonical, text);
        self.refresh(canonical)
    }

    /// Reads everything again, and gives what is another now.
    ///
    /// # Errors
    /// The first file that the machine does not let us read.
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

    /// Reads a file again, if it was read; says whether it is another now.
    ///
    /// # Errors
    /// The machine does not let us read it.
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
            let bytes = self.overlay.bytes(canonical, FILE_BYTES + 1).map_err(read_error)?.unwrap_or_default();
            let before = self.sources.get(funnel.file).map(|file| file.revision);
            let decode_error =
                syntax::read_again(&mut self.sources, funnel.file, &bytes).err().map(|decode_error| *decode_error);
            let same = before == self.sources.get(funnel.file).map(|file| file.revision)
                && decode_error == funnel.decode_error;
            funnel.decode_error = decode_error;
            return Ok(!same);
        }
        Ok(self.includes.refresh(canonical, &mut self.sources, &self.overlay))
    }
}
