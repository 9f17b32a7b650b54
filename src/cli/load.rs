//! Texts read and compiled. In: paths from the command line. Out: projects and lone files with their findings.

use super::files::{self, Group};
use super::{Failure, Terminal};
use crate::check::program::Catalog;
use crate::diagnostic::{Diagnostic, render};
use crate::engine::Graphs;
use crate::graph::Graph;
use crate::project::mend::Mendable;
use crate::project::{self, Workspace};
use crate::say;
use crate::source::FileId;
use crate::{Compiled, runtime, syntax};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// The language of dates and amounts where the project names none.
const LANGUAGE: &str = "en";

/// Limit: the most that is read of one file: enough to see that it is larger than a funnel may be.
const MOST: u64 = syntax::FILE_BYTES as u64 + 1;

/// Texts that are checked together because the command line named them.
pub(super) struct Unit {
    /// The texts, with what their project says.
    pub(super) workspace: Workspace,
    /// What the command line named.
    pub(super) named: Vec<Named>,
    /// The funnel files that are read for what they declare.
    others: Vec<FileId>,
}

/// A funnel that the command line named.
pub(super) struct Named {
    /// Its path; `None` for standard input.
    pub(super) path: Option<PathBuf>,
    /// Its text, or what could be read of it.
    pub(super) file: FileId,
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
        let file = unit.workspace.add_alone(name, &bytes);
        unit.named.push(Named { path: None, file });
        Ok(unit)
    }

    fn of_group(group: Group) -> Result<Self, Failure> {
        let mut unit = Self::of_project(group.project.as_deref(), &group.root)?;
        for path in group.named {
            let file = unit.read(&path)?;
            unit.named.push(Named { path: Some(path), file });
        }
        for path in group.others {
            let file = unit.read(&path)?;
            unit.others.push(file);
        }
        Ok(unit)
    }

    fn of_project(path: Option<&Path>, root: &Path) -> Result<Self, Failure> {
        let workspace = Workspace::open(path, root).map_err(Failure::new)?;
        Ok(Self { workspace, named: Vec::new(), others: Vec::new() })
    }

    fn read(&mut self, path: &Path) -> Result<FileId, Failure> {
        let name = path.strip_prefix(".").unwrap_or(path).display().to_string();
        self.workspace.add(path, &name).map_err(Failure::unread)
    }

    /// The names of the files that the command line named.
    pub(super) fn names(&self) -> Vec<&str> {
        let name = |named: &Named| Some(self.workspace.sources.get(named.file)?.name.as_str());
        self.named.iter().filter_map(name).collect()
    }

    /// The path of a file that may be changed because the command line named it: a funnel, a text that one names, or the
    /// project file. `None` for standard input.
    pub(super) fn path(&self, file: FileId) -> Option<Option<PathBuf>> {
        if let Some(named) = self.named.iter().find(|named| named.file == file) {
            return self.workspace.refused(file).is_none().then(|| named.path.clone());
        }
        let ours = self.workspace.project_file() == Some(file) || self.workspace.attached.texts.contains_key(&file);
        ours.then(|| self.workspace.path(file)).flatten().map(Some)
    }

    fn is_read_for(&self, file: FileId, finding: &Diagnostic) -> bool {
        let is_lone = self.workspace.folder().is_none();
        let needed = is_lone && self.workspace.attached.used.contains(&file) && finding.is_error();
        self.is_named(file) || needed
    }

    /// The graphs of what the command line named, checked with everything; `None` when there are errors, which are
    /// then shown.
    pub(super) fn sound(&mut self, terminal: &Terminal) -> Option<Compiled> {
        let mut compiled = self.workspace.compile();
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
        let project = &self.workspace.project;
        runtime::Project {
            catalog,
            graphs: Graphs::new(graphs),
            business: project.business.clone(),
            language: project.language.clone().unwrap_or_else(|| LANGUAGE.to_owned()),
        }
    }

    /// Whether the command line named a file, and not only its project or a file that uses it.
    pub(super) fn is_named(&self, file: FileId) -> bool {
        !self.others.contains(&file) && !self.workspace.attached.used.contains(&file)
    }

    /// Shows findings beside the results, as the reason why nothing is done.
    pub(super) fn shown(&self, findings: &[Diagnostic], terminal: &Terminal) -> Failure {
        terminal.aside(&render::render_in(
            &self.workspace.sources,
            findings,
            terminal.colored_aside(),
            terminal.language(),
        ));
        Failure::Shown
    }
}

impl Mendable for Unit {
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    fn workspace_mut(&mut self) -> &mut Workspace {
        &mut self.workspace
    }

    fn is_writable(&self, file: FileId) -> bool {
        self.path(file).is_some()
    }

    /// Whether a finding is about what the command line named, or keeps it from running: an error in what a lone file
    /// uses, or in the words of its messages.
    fn concerns(&self, finding: &Diagnostic) -> bool {
        let file = finding.span.file;
        match self.workspace.attached.texts.get(&file) {
            Some(funnels) => funnels.iter().any(|funnel| self.is_read_for(*funnel, finding)),
            None => self.is_read_for(file, finding),
        }
    }
}

fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
