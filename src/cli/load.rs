//! Texts read and compiled. In: paths from the command line. Out: projects and lone files with their findings.

use super::files::{Group, Input, Selection};
use super::{Failure, Terminal, git};
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Diagnostic, render};
use crate::engine::Graphs;
use crate::graph::Graph;
use crate::project::mend::Mendable;
use crate::project::{self, Place, Workspace};
use crate::say;
use crate::source::{FileId, Span};
use crate::{Compiled, runtime, syntax};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The language of dates and amounts where the project names none.
const LANGUAGE: &str = "en";

/// The name of standard input that stands alone.
const STDIN: &str = "<stdin>";

/// Limit: the most that is read of one file: enough to see that it is larger than a funnel may be.
const MOST: u64 = syntax::MAX_FILE_BYTES as u64 + 1;

/// Texts that are checked together because the command line named them.
pub(super) struct Unit {
    /// The texts, with what their project says.
    pub(super) workspace: Workspace,
    /// What the command line named.
    pub(super) named: Vec<Named>,
    /// The funnel files that are read for what they declare.
    others: Vec<FileId>,
    /// What was wrong before what is named was changed, once it is asked for.
    before: Option<BTreeSet<Fault>>,
}

/// What tells a finding from others while texts stay as they are.
type Fault = (FileId, u32, u32, Code, String);

/// A funnel that the command line named.
pub(super) struct Named {
    /// Its path; `None` for standard input.
    pub(super) path: Option<PathBuf>,
    /// Its text, or what could be read of it.
    pub(super) file: FileId,
}

/// What the command line named, read.
pub(super) struct Loaded {
    /// The texts by project.
    pub(super) units: Vec<Unit>,
    /// Standard input where it is the text of a file that is left out.
    pub(super) left_out: Option<String>,
}

/// Reads what the command line names.
pub(super) fn load(selection: &Selection) -> Result<Loaded, Failure> {
    let (input, groups) = selection.chosen()?;
    let bytes = if input == Input::Unread { Vec::new() } else { standard_input()? };
    let (mut units, mut left_out, mut unsaved) = (Vec::new(), None, None);
    match input {
        Input::Unread => {}
        Input::Alone => units.push(Unit::of_stdin(&bytes)?),
        Input::For(file) => unsaved = Some(file),
        Input::LeftOut => left_out = Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
    for group in groups {
        units.push(Unit::of_group(group, unsaved.as_deref().map(|file| (file, &bytes[..])))?);
    }
    Ok(Loaded { units, left_out })
}

/// Reads the bytes of one file that is no funnel, with its name; `-` or none is standard input.
pub(super) fn bytes(path: Option<&Path>) -> Result<(String, Vec<u8>), Failure> {
    match path.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let bytes = File::open(path).and_then(read).map_err(|fault| Failure::read(path, &fault))?;
            Ok((path.display().to_string(), bytes))
        }
        None => Ok((STDIN.to_owned(), standard_input()?)),
    }
}

fn standard_input() -> Result<Vec<u8>, Failure> {
    read(io::stdin().lock()).map_err(|fault| Failure::io(say!("cannot read standard input"), &fault))
}

/// Reads what one path names, which must be one project or lone file.
pub(super) fn unit(path: Option<&PathBuf>) -> Result<Unit, Failure> {
    let mut units = load(&Selection::of(path.cloned()))?.units;
    match units.pop() {
        Some(unit) if units.is_empty() => Ok(unit),
        _ => Err(Failure::new(say!("several projects are named at once")).help(say!("name one of their folders"))),
    }
}

impl Unit {
    fn of_stdin(bytes: &[u8]) -> Result<Self, Failure> {
        let mut unit = Self::of_project(project::find(Path::new(".")).as_deref(), Path::new("."))?;
        let file = unit.workspace.add_alone(STDIN, bytes);
        unit.named.push(Named { path: None, file });
        Ok(unit)
    }

    /// Reads a group; one file of it may have a text that is not saved.
    fn of_group(group: Group, unsaved: Option<(&Path, &[u8])>) -> Result<Self, Failure> {
        let mut unit = Self::of_project(group.project.as_deref(), &group.root)?;
        let mut named = group.named;
        let unsaved = unsaved.filter(|(own, _)| named.iter().any(|place| place.path == *own));
        if let Some((own, bytes)) = unsaved {
            named.retain(|place| place.path != own);
            let file = unit.workspace.add_unsaved(own, &name(own), bytes);
            unit.named.push(Named { path: None, file });
        }
        let paths: Vec<PathBuf> = named.iter().map(|place| place.path.clone()).collect();
        let files = unit.read(named)?;
        unit.named.extend(files.into_iter().zip(paths).map(|(file, path)| Named { path: Some(path), file }));
        unit.others = unit.read(group.others)?;
        Ok(unit)
    }

    fn of_project(path: Option<&Path>, root: &Path) -> Result<Self, Failure> {
        let workspace = Workspace::open(path, root).map_err(Failure::new)?;
        Ok(Self { workspace, named: Vec::new(), others: Vec::new(), before: None })
    }

    fn read(&mut self, places: Vec<Place>) -> Result<Vec<FileId>, Failure> {
        let shown: Vec<String> = places.iter().map(|place| name(&place.path)).collect();
        self.workspace.add_all(places.into_iter().zip(shown).collect()).map_err(Failure::unread)
    }

    /// The names of the files that the command line named.
    pub(super) fn names(&self) -> Vec<&str> {
        let name = |named: &Named| Some(self.workspace.sources.get(named.file)?.name.as_str());
        self.named.iter().filter_map(name).collect()
    }

    /// Whether a finding is grave enough to be told of a file that was not named: an error, or what a named file has to do
    /// with.
    fn may_be_broken(&self, finding: &Diagnostic) -> bool {
        finding.is_error() || finding.related.iter().any(|label| self.is_named(label.span.file))
    }

    /// What was wrong when the files that are named were as git has them, or not there where git does not know them.
    fn faults_before(&self) -> BTreeSet<Fault> {
        let mut earlier = self.workspace.clone();
        let paths: Vec<_> =
            self.named.iter().filter_map(|named| Some((named.file, earlier.path(named.file)?))).collect();
        let asked: Vec<PathBuf> = paths.iter().map(|(_, path)| path.clone()).collect();
        let mut texts = git::texts_before(self.workspace.folder().unwrap_or(Path::new(".")), &asked);
        for (file, path) in paths {
            match texts.remove(&path) {
                Some(text) => _ = earlier.replace(file, &text),
                None => earlier.remove(file),
            }
        }
        earlier.compile().diagnostics.iter().map(fault).collect()
    }

    /// Reads everything again.
    pub(super) fn reload(&mut self) -> Result<(), Failure> {
        self.workspace.reload().map_err(Failure::unread)?;
        self.before = None;
        Ok(())
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

    /// Whether a finding is about what the command line named, or keeps it from running: an error in what a lone file
    /// uses, or in the words of its messages.
    fn concerns(&self, finding: &Diagnostic) -> bool {
        let file = finding.span.file;
        match self.workspace.attached.texts.get(&file) {
            Some(funnels) => funnels.iter().any(|funnel| self.is_read_for(*funnel, finding)),
            None => self.is_read_for(file, finding),
        }
    }

    fn is_read_for(&self, file: FileId, finding: &Diagnostic) -> bool {
        // What a project leaves out and uses all the same is needed as well, when all of it is named.
        let is_all = self.workspace.folder().is_none() || self.others.is_empty();
        let needed = is_all && self.workspace.attached.used.contains(&file) && finding.is_error();
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
        let named = |graph: &Arc<Graph>| graph.entries.iter().all(|entry| self.is_named(entry.span.file));
        compiled.graphs.retain(named);
        Some(compiled)
    }

    /// The same, ready for the engine.
    pub(super) fn runnable(&mut self, terminal: &Terminal) -> Option<runtime::Project> {
        let compiled = self.sound(terminal)?;
        Some(self.ready(compiled.program.catalog, compiled.graphs))
    }

    /// Graphs and what they need of the project around them.
    pub(super) fn ready(&self, catalog: Catalog, graphs: Vec<Arc<Graph>>) -> runtime::Project {
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

    /// Those of all findings that concern the command line: what is about a file that it named, and what such a file
    /// breaks elsewhere. While the text of one is damaged that is not known, as it may declare what cannot be read.
    fn told(&mut self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let (own, aside): (Vec<_>, Vec<_>) = found.iter().partition(|finding| self.concerns(finding));
        let damaged = own.iter().any(|finding| finding.is_error() && finding.code.number() < "F0200");
        if damaged || !aside.iter().any(|finding| self.may_be_broken(finding)) {
            found.retain(|finding| self.concerns(finding));
            return found;
        }
        let before = self.before.take().unwrap_or_else(|| self.faults_before());
        let is_new = |finding: &Diagnostic| self.may_be_broken(finding) && !before.contains(&fault(finding));
        found.retain(|finding| self.concerns(finding) || is_new(finding));
        self.before = Some(before);
        found
    }
}

/// How a file is called in findings.
fn name(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn fault(finding: &Diagnostic) -> Fault {
    let Span { file, start, end } = finding.span;
    (file, start, end, finding.code, finding.message.to_string())
}

fn read(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MOST).read_to_end(&mut bytes)?;
    Ok(bytes)
}
