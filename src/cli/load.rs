//! Texts read and compiled. In: paths from the command line. Out: projects and lone files with their findings.

use super::files::{self, Group};
use super::{Failure, Terminal};
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Diagnostic, Levels, render};
use crate::engine::Graphs;
use crate::graph::Graph;
use crate::project::{self, Attachments, Project};
use crate::say;
use crate::source::{FileId, Sources};
use crate::{Compiled, Incremental, runtime, syntax};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The language of dates and amounts where the project names none.
const LANGUAGE: &str = "en";

/// Limit: the most that is read of one file: enough to see that it is larger than a funnel may be.
const MOST: u64 = syntax::FILE_BYTES as u64 + 1;

/// Texts that are checked together.
pub(super) struct Unit {
    /// The project; that of a lone file says nothing.
    pub(super) project: Project,
    /// Every text.
    pub(super) sources: Sources,
    /// What the command line named.
    pub(super) named: Vec<Named>,
    /// The funnel files that are read for what they declare.
    others: Vec<FileId>,
    /// Where each funnel file is, for the paths that it says.
    places: Vec<(FileId, PathBuf)>,
    /// The folder of the project, when there is one.
    folder: Option<PathBuf>,
    /// What was read because a funnel names it.
    attached: Attachments,
    /// What is known of the texts from the last time.
    incremental: Incremental,
    /// The text of the project file.
    project_file: Option<FileId>,
    /// What is wrong with the project file.
    project_findings: Vec<Diagnostic>,
    /// The levels that count for more than those of the project file.
    levels: Levels,
    /// What is wrong with bytes that are no text.
    diagnostics: Vec<Diagnostic>,
}

/// A funnel that the command line named.
pub(super) struct Named {
    /// Its path; `None` for standard input.
    pub(super) path: Option<PathBuf>,
    /// Its text, or why it has none.
    pub(super) text: Result<FileId, Box<Diagnostic>>,
}

/// Reads what paths name; `-` is standard input.
pub(super) fn units(paths: &[PathBuf], stdin_name: &str) -> Result<Vec<Unit>, Failure> {
    let (stdin, paths): (Vec<_>, Vec<_>) = paths.iter().cloned().partition(|path| path == Path::new("-"));
    let mut units = Vec::new();
    if !stdin.is_empty() {
        units.push(Unit::of_stdin(stdin_name)?);
    }
    if stdin.is_empty() || !paths.is_empty() {
        for group in files::groups(&paths)? {
            units.push(Unit::of_group(group)?);
        }
    }
    Ok(units)
}

/// Reads the bytes of one file that is no funnel, with its name; `-` or none is standard input.
pub(super) fn bytes(path: Option<&Path>) -> Result<(String, Vec<u8>), Failure> {
    match path.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let bytes = File::open(path).and_then(read).map_err(|fault| Failure::read(path, &fault))?;
            Ok((path.display().to_string(), bytes))
        }
        None => {
            let bytes =
                read(io::stdin().lock()).map_err(|fault| Failure::io(say!("cannot read standard input"), &fault))?;
            Ok(("<stdin>".to_owned(), bytes))
        }
    }
}

/// Reads what one path names, which must be one project or lone file.
pub(super) fn unit(path: Option<&PathBuf>) -> Result<Unit, Failure> {
    let paths: Vec<_> = path.cloned().into_iter().collect();
    let mut units = units(&paths, "<stdin>")?;
    match units.pop() {
        Some(unit) if units.is_empty() => Ok(unit),
        _ => Err(Failure::new(say!("several projects are named at once")).help(say!("name one of their folders"))),
    }
}

impl Unit {
    fn of_stdin(name: &str) -> Result<Self, Failure> {
        let mut unit = Self::of_project(project::find(Path::new(".")).as_deref(), Path::new("."))?;
        let bytes =
            read(io::stdin().lock()).map_err(|fault| Failure::io(say!("cannot read standard input"), &fault))?;
        let text = syntax::read(&mut unit.sources, name, &bytes);
        unit.places.extend(text.as_ref().ok().map(|file| (*file, PathBuf::from(name))));
        unit.named.push(Named { path: None, text });
        Ok(unit)
    }

    fn of_group(group: Group) -> Result<Self, Failure> {
        let mut unit = Self::of_project(group.project.as_deref(), &group.root)?;
        for path in group.named {
            let text = unit.read(&path)?;
            unit.named.push(Named { path: Some(path), text });
        }
        for path in group.others {
            match unit.read(&path)? {
                Ok(file) => unit.others.push(file),
                Err(unreadable) => unit.diagnostics.push(*unreadable),
            }
        }
        Ok(unit)
    }

    fn of_project(path: Option<&Path>, root: &Path) -> Result<Self, Failure> {
        let mut sources = Sources::new();
        let (project, project_findings) = match path {
            Some(path) => project::load(path, &mut sources).map_err(Failure::new)?,
            None => (Project::lone(root), Vec::new()),
        };
        let folder = path.map(|path| path.parent().unwrap_or(Path::new("")).to_owned());
        let (named, others, places) = (Vec::new(), Vec::new(), Vec::new());
        let (attached, incremental) = (Attachments::default(), Incremental::default());
        Ok(Self {
            project,
            project_file: path.and_then(|_| sources.iter().next()).map(|(file, _)| file),
            project_findings,
            levels: Levels::default(),
            sources,
            named,
            others,
            places,
            folder,
            attached,
            incremental,
            diagnostics: Vec::new(),
        })
    }

    fn read(&mut self, path: &Path) -> Result<Result<FileId, Box<Diagnostic>>, Failure> {
        let bytes = File::open(path).and_then(read).map_err(|fault| Failure::read(path, &fault))?;
        let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
        let read = syntax::read(&mut self.sources, &name, &bytes);
        self.places.extend(read.as_ref().ok().map(|file| (*file, path.to_owned())));
        Ok(read)
    }

    /// Lets levels from the command line count for more than those of the project file.
    pub(super) fn overrule(&mut self, levels: &Levels) {
        let context = &mut self.project.context;
        context.levels = context.levels.overruled_by(levels);
        self.levels = levels.clone();
    }

    /// The names of the files that the command line named.
    pub(super) fn names(&self) -> Vec<&str> {
        let file = |named: &Named| match &named.text {
            Ok(file) => *file,
            Err(unreadable) => unreadable.span.file,
        };
        self.named.iter().filter_map(|named| Some(self.sources.get(file(named))?.name.as_str())).collect()
    }

    /// Checks everything together, and what it names.
    pub(super) fn compile(&mut self) -> Compiled {
        let trees = &mut self.incremental.trees;
        let folder = self.folder.as_deref();
        self.attached = project::attach(&mut self.sources, trees, &self.places, folder, &self.attached);
        let named = self.named.iter().filter_map(|named| named.text.as_ref().ok());
        let files: Vec<_> = named.chain(&self.others).chain(&self.attached.used).copied().collect();
        let mut compiled = self.incremental.compile(&mut self.sources, &files, &self.project.context);
        compiled
            .diagnostics
            .extend(self.diagnostics.iter().chain(&self.project_findings).chain(&self.attached.diagnostics).cloned());
        // What comes by standard input stands alone, whatever else the project holds.
        let whole = self.named.iter().all(|named| named.path.is_some());
        if !whole && self.folder.is_some() {
            // The files that are not read may use what it declares, and do what its tests expect.
            compiled.diagnostics.retain(|found| !matches!(found.code, Code::Unused | Code::ImpossibleTest));
        }
        compiled.diagnostics.extend(self.project.judge(&compiled.program, whole));
        self.project.context.levels.apply(&mut compiled.diagnostics);
        compiled
            .diagnostics
            .extend(self.named.iter().filter_map(|named| named.text.clone().err()).map(|unreadable| *unreadable));
        compiled
    }

    /// Every funnel file that was read.
    pub(super) fn files(&self) -> impl Iterator<Item = FileId> + '_ {
        let named = self.named.iter().filter_map(|named| named.text.as_ref().ok());
        named.chain(&self.others).chain(&self.attached.used).copied()
    }

    /// What concerns the command line, when everything is checked together.
    pub(super) fn findings(&mut self) -> Vec<Diagnostic> {
        let mut findings = self.compile().diagnostics;
        findings.retain(|finding| self.concerns(finding));
        findings
    }

    /// Puts another text in the place of a file's, among the sources only; says whether it is another.
    pub(super) fn replace(&mut self, file: FileId, text: &str) -> bool {
        let changed = self.sources.replace(file, text);
        if changed && self.project_file == Some(file) {
            (self.project, self.project_findings) = project::parse(text, file, self.project.root.clone());
            let context = &mut self.project.context;
            context.levels = context.levels.overruled_by(&self.levels);
        }
        changed
    }

    /// Every file that was read, with its path.
    pub(super) fn read_files(&self) -> Vec<(PathBuf, FileId)> {
        let project = self.project_file.zip(self.folder.as_ref());
        let project = project.map(|(file, folder)| (folder.join(project::PROJECT_FILE), file));
        let funnels = self.places.iter().map(|(file, path)| (path.clone(), *file));
        let named = self.attached.files().map(|(path, file)| (path.to_owned(), file));
        project.into_iter().chain(funnels).chain(named).collect()
    }

    /// The path of a file that may be changed because the command line named it: a funnel, a text that one names, or the
    /// project file. `None` for standard input.
    pub(super) fn path(&self, file: FileId) -> Option<Option<PathBuf>> {
        if Some(file) == self.project_file {
            return Some(Some(self.folder.as_deref()?.join(project::PROJECT_FILE)));
        }
        if let Some(named) = self.named.iter().find(|named| named.text.as_ref().ok() == Some(&file)) {
            return Some(named.path.clone());
        }
        let read = self.attached.texts.contains_key(&file).then(|| self.attached.files().find(|(_, id)| *id == file));
        read.flatten().map(|(path, _)| Some(path.to_owned()))
    }

    /// Whether a finding is about what the command line named, or keeps it from running: an error in what a lone file
    /// uses, or in the words of its messages.
    pub(super) fn concerns(&self, finding: &Diagnostic) -> bool {
        let file = finding.span.file;
        match self.attached.texts.get(&file) {
            Some(funnels) => funnels.iter().any(|funnel| self.is_read_for(*funnel, finding)),
            None => self.is_read_for(file, finding),
        }
    }

    fn is_read_for(&self, file: FileId, finding: &Diagnostic) -> bool {
        let needed = self.folder.is_none() && self.attached.used.contains(&file) && finding.is_error();
        self.is_named(file) || needed
    }

    /// The graphs of what the command line named, checked with everything; `None` when there are errors, which are
    /// then shown.
    pub(super) fn sound(&mut self, terminal: &Terminal) -> Option<Compiled> {
        let mut compiled = self.compile();
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|finding| finding.is_error()).cloned().collect();
        if !errors.is_empty() {
            self.shown(&errors, terminal);
            return None;
        }
        let named = |graph: &Graph| graph.entries.iter().all(|entry| self.is_named(entry.span.file));
        compiled.graphs.retain(named);
        Some(compiled)
    }

    /// The same, ready for the engine.
    pub(super) fn runnable(&mut self, terminal: &Terminal) -> Option<runtime::Project> {
        let compiled = self.sound(terminal)?;
        Some(self.ready(compiled.program.catalog, compiled.graphs))
    }

    /// Graphs and what they need of the project around them.
    pub(super) fn ready(&self, catalog: Catalog, graphs: Vec<Graph>) -> runtime::Project {
        runtime::Project {
            catalog,
            graphs: Graphs::new(graphs),
            business: self.project.business.clone(),
            language: self.project.language.clone().unwrap_or_else(|| LANGUAGE.to_owned()),
        }
    }

    /// Whether the command line named a file, and not only its project or a file that uses it.
    pub(super) fn is_named(&self, file: FileId) -> bool {
        !self.others.contains(&file) && !self.attached.used.contains(&file)
    }

    /// Shows findings beside the results, as the reason why nothing is done.
    pub(super) fn shown(&self, findings: &[Diagnostic], terminal: &Terminal) -> Failure {
        terminal.aside(&render::render_in(&self.sources, findings, terminal.colored_aside(), terminal.language()));
        Failure::Shown
    }
}

/// The text of a file as it is now, as far as it is one.
pub(super) fn text(path: &Path) -> Result<String, Failure> {
    let bytes = File::open(path).and_then(read).map_err(|fault| Failure::read(path, &fault))?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    Ok(String::from_utf8_lossy(bytes).into_owned())
}

fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
