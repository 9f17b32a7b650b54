//! Texts that are checked together. In: the funnels of a project or lone ones, from the disk or as an editor has them,
//! and their changes. Out: all that a compilation gives, again after each change.

use super::includes::{Attachments, attach_unsaved};
use super::overlay::{Overlay, real};
use super::{MAX_BYTES, PROJECT_FILE, Place, Project};
use crate::diagnostic::{Code, Diagnostic, Levels, Phrase};
use crate::parallel;
use crate::source::{FileId, Sources};
use crate::syntax::{self, MAX_FILE_BYTES};
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
    pub attached: Attachments,
    /// The funnels, in the order in which they came.
    funnels: Vec<Funnel>,
    /// The project file, when there is one.
    file: Option<ProjectFile>,
    /// The levels that count for more than those of the project file.
    levels: Levels,
    /// Whether funnels of the project are left out, which may use what these declare.
    partial: bool,
    unsaved: Overlay,
    incremental: Incremental,
}

/// A funnel that was read.
#[derive(Debug, Clone)]
struct Funnel {
    /// Where it is, for the paths that it says.
    path: PathBuf,
    /// The one path that it has on this machine; `None` for what came without a file.
    real: Option<PathBuf>,
    file: FileId,
    /// Why its bytes are no text.
    refused: Option<Diagnostic>,
}

/// The project file.
#[derive(Debug, Clone)]
struct ProjectFile {
    folder: PathBuf,
    real: PathBuf,
    file: FileId,
    findings: Vec<Diagnostic>,
}

/// A file that cannot be read.
#[derive(Debug)]
pub struct Unread {
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
        let mut begun = Self::lone(root);
        if let Some(path) = project {
            let (settings, findings) = super::load(path, &mut begun.sources)?;
            let folder = path.parent().unwrap_or(Path::new("")).to_owned();
            // It is the first text.
            let first = begun.sources.iter().next();
            begun.file = first.map(|(file, _)| ProjectFile { folder, real: real(path), file, findings });
            begun.project = settings;
        }
        Ok(begun)
    }

    /// Begins without a project, in a folder.
    #[must_use]
    pub fn lone(root: &Path) -> Self {
        Self {
            project: Project::lone(root),
            sources: Sources::new(),
            attached: Attachments::default(),
            funnels: Vec::new(),
            file: None,
            levels: Levels::default(),
            partial: false,
            unsaved: Overlay::default(),
            incremental: Incremental::default(),
        }
    }

    /// Reads a funnel. Findings show it under the name.
    ///
    /// # Errors
    /// The machine does not let us read it.
    pub fn add(&mut self, path: &Path, name: &str) -> Result<FileId, Unread> {
        let place = Place::of(path.to_owned());
        let bytes = self.bytes(&place)?;
        Ok(self.take(path, Some(place.real), name, &bytes))
    }

    /// Reads funnels, each with the name that findings show.
    ///
    /// # Errors
    /// The first that the machine does not let us read; none is added then.
    pub fn add_all(&mut self, funnels: Vec<(Place, String)>) -> Result<Vec<FileId>, Unread> {
        let texts = parallel::map(&funnels, funnels.len() * EXPECTED_BYTES, |(place, _)| self.bytes(place));
        let texts = texts.into_iter().collect::<Result<Vec<_>, _>>()?;
        let read = funnels.into_iter().zip(texts);
        Ok(read.map(|((place, name), bytes)| self.take(&place.path, Some(place.real), &name, &bytes)).collect())
    }

    fn bytes(&self, place: &Place) -> Result<Vec<u8>, Unread> {
        let unread = |fault| Unread { path: place.path.clone(), fault };
        let bytes = self.unsaved.bytes(&place.real, MAX_FILE_BYTES + 1).map_err(unread)?;
        bytes.ok_or_else(|| unread(io::ErrorKind::IsADirectory.into()))
    }

    /// Takes the bytes that an editor has of a funnel, whatever stands in its file. Findings show it under the name.
    pub fn add_unsaved(&mut self, path: &Path, name: &str, bytes: &[u8]) -> FileId {
        let own = real(path);
        self.unsaved.put(&own, Some(String::from_utf8_lossy(bytes).into()));
        self.take(path, Some(own), name, bytes)
    }

    /// Takes the bytes of a funnel that stands in no file, while the other funnels of its project are left out.
    pub fn add_alone(&mut self, name: &str, bytes: &[u8]) -> FileId {
        self.partial = self.file.is_some();
        self.take(Path::new(name), None, name, bytes)
    }

    fn take(&mut self, path: &Path, real: Option<PathBuf>, name: &str, bytes: &[u8]) -> FileId {
        let (file, refused) = match syntax::read(&mut self.sources, name, bytes) {
            Ok(file) => (file, None),
            Err(refused) => (refused.span.file, Some(*refused)),
        };
        self.funnels.push(Funnel { path: path.to_owned(), real, file, refused });
        file
    }

    /// Forgets a funnel, which is there no more.
    pub fn remove(&mut self, file: FileId) {
        self.funnels.retain(|funnel| funnel.file != file);
    }

    /// Lets levels from outside count for more than those of the project file.
    pub fn overrule(&mut self, levels: &Levels) {
        self.levels = levels.clone();
        self.settle();
    }

    fn settle(&mut self) {
        let context = &mut self.project.context;
        context.levels = context.levels.overridden_by(&self.levels);
    }

    /// Checks everything together, and what it names.
    pub fn compile(&mut self) -> Compiled {
        let whole = self.funnels.iter().filter(|funnel| funnel.refused.is_none());
        let places: Vec<(FileId, PathBuf)> = whole.map(|funnel| (funnel.file, funnel.path.clone())).collect();
        let Self { sources, incremental, attached, unsaved, .. } = self;
        let folder = self.file.as_ref().map(|file| file.folder.as_path());
        *attached = attach_unsaved(sources, &mut incremental.trees, &places, folder, attached, unsaved);
        let files: Vec<FileId> = places.iter().map(|(file, _)| *file).chain(attached.used.iter().copied()).collect();
        let mut compiled = incremental.compile(sources, &files, &self.project.context);
        let about_project = self.file.iter().flat_map(|file| &file.findings);
        compiled.diagnostics.extend(about_project.chain(&self.attached.diagnostics).cloned());
        if self.partial {
            // The files that are not read may use what it declares, and do what its tests expect.
            compiled.diagnostics.retain(|found| !matches!(found.code, Code::Unused | Code::ImpossibleTest));
        }
        compiled.diagnostics.extend(self.project.judge(&compiled.program, !self.partial));
        self.project.context.levels.apply(&mut compiled.diagnostics);
        compiled.diagnostics.extend(self.funnels.iter().filter_map(|funnel| funnel.refused.clone()));
        compiled
    }

    /// Forgets all that is known from the last time, so that the next compilation begins anew.
    pub fn begin_anew(&mut self) {
        self.incremental = Incremental::default();
    }

    /// What is known of the texts from the last time.
    #[must_use]
    pub fn incremental(&self) -> &Incremental {
        &self.incremental
    }

    /// The funnels that were added from files, each with the one path that it has on this machine.
    pub fn funnels(&self) -> impl Iterator<Item = (FileId, &Path)> {
        self.funnels.iter().filter_map(|funnel| Some((funnel.file, funnel.real.as_deref()?)))
    }

    /// Every funnel that was read, also those that another uses.
    pub fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        let own = self.funnels.iter().filter(|funnel| funnel.refused.is_none()).map(|funnel| funnel.file);
        own.chain(self.attached.used.iter().copied())
    }

    /// Why the bytes of a funnel are no text.
    #[must_use]
    pub fn refused(&self, file: FileId) -> Option<&Diagnostic> {
        self.funnels.iter().find(|funnel| funnel.file == file)?.refused.as_ref()
    }

    /// The project file among the sources.
    #[must_use]
    pub fn project_file(&self) -> Option<FileId> {
        self.file.as_ref().map(|project| project.file)
    }

    /// The folder of the project.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.file.as_ref().map(|project| project.folder.as_path())
    }

    /// Where a file is that was read: a funnel, a text that one names, or the project file.
    #[must_use]
    pub fn path(&self, file: FileId) -> Option<PathBuf> {
        if let Some(project) = self.file.as_ref().filter(|project| project.file == file) {
            return Some(project.folder.join(PROJECT_FILE));
        }
        if let Some(funnel) = self.funnels.iter().find(|funnel| funnel.file == file) {
            return funnel.real.is_some().then(|| funnel.path.clone());
        }
        self.attached.files().find(|(_, id)| *id == file).map(|(path, _)| path.to_owned())
    }

    /// The one path that a file which was read has on this machine.
    #[must_use]
    pub fn real(&self, file: FileId) -> Option<&Path> {
        if let Some(project) = self.file.as_ref().filter(|project| project.file == file) {
            return Some(&project.real);
        }
        let funnel = self.funnels.iter().find(|funnel| funnel.file == file);
        match funnel {
            Some(funnel) => funnel.real.as_deref(),
            None => self.attached.files().find(|(_, id)| *id == file).map(|(path, _)| path),
        }
    }

    /// The file that was read at a path; `real` is the one path that it has on this machine.
    #[must_use]
    pub fn file(&self, real: &Path) -> Option<FileId> {
        if let Some(project) = self.file.as_ref().filter(|project| project.real == real) {
            return Some(project.file);
        }
        let funnel = self.funnels.iter().find(|funnel| funnel.real.as_deref() == Some(real));
        funnel
            .map(|funnel| funnel.file)
            .or_else(|| self.attached.files().find(|(path, _)| *path == real).map(|(_, file)| file))
    }

    /// Puts another text in the place of a file's, among the sources only; says whether it is another.
    pub fn replace(&mut self, file: FileId, text: &str) -> bool {
        let changed = self.sources.replace(file, text);
        if changed && let Some(project) = self.file.as_mut().filter(|project| project.file == file) {
            (self.project, project.findings) = super::parse(text, file, self.project.root.clone());
            self.settle();
        }
        changed
    }

    /// Takes what an editor has of a file and did not save, or with `None` what is on the disk again. Says whether
    /// anything that was read is another now.
    ///
    /// # Errors
    /// The machine does not let us read it.
    pub fn edit(&mut self, real: &Path, text: Option<Arc<str>>) -> Result<bool, Unread> {
        self.unsaved.put(real, text);
        self.refresh(real)
    }

    /// Reads everything again, and gives what is another now.
    ///
    /// # Errors
    /// The first file that the machine does not let us read.
    pub fn reload(&mut self) -> Result<Vec<FileId>, Unread> {
        let project = self.file.iter().map(|project| (project.real.clone(), project.file));
        let funnels = self.funnels.iter().filter_map(|funnel| Some((funnel.real.clone()?, funnel.file)));
        let attached = self.attached.files().map(|(path, file)| (path.to_owned(), file));
        let all: Vec<(PathBuf, FileId)> = project.chain(funnels).chain(attached).collect();
        let mut changed = Vec::new();
        for (real, file) in all {
            if self.refresh(&real)? {
                changed.push(file);
            }
        }
        Ok(changed)
    }

    /// Reads a file again, if it was read; says whether it is another now.
    ///
    /// # Errors
    /// The machine does not let us read it.
    pub fn refresh(&mut self, real: &Path) -> Result<bool, Unread> {
        let unread = |fault| Unread { path: real.to_owned(), fault };
        if let Some(project) = self.file.as_mut().filter(|project| project.real == real) {
            let before = self.sources.get(project.file).map(|file| file.revision);
            let most = usize::try_from(MAX_BYTES).unwrap_or(usize::MAX);
            let bytes = self.unsaved.bytes(real, most).map_err(unread)?.unwrap_or_default();
            let root = self.project.root.clone();
            let (settings, findings) = super::taken(&mut self.sources, project.file, bytes, root);
            let changed = before != self.sources.get(project.file).map(|file| file.revision);
            if changed {
                (self.project, project.findings) = (settings, findings);
                self.settle();
            }
            return Ok(changed);
        }
        if let Some(funnel) = self.funnels.iter_mut().find(|funnel| funnel.real.as_deref() == Some(real)) {
            let bytes = self.unsaved.bytes(real, MAX_FILE_BYTES + 1).map_err(unread)?.unwrap_or_default();
            let before = self.sources.get(funnel.file).map(|file| file.revision);
            let refused = syntax::reread(&mut self.sources, funnel.file, &bytes).err().map(|refused| *refused);
            let same = before == self.sources.get(funnel.file).map(|file| file.revision) && refused == funnel.refused;
            funnel.refused = refused;
            return Ok(!same);
        }
        Ok(self.attached.refresh(real, &mut self.sources, &self.unsaved))
    }
}
