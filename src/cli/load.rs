//! Loads and compiles the selected files. In: paths from the command line. Out: projects and lone files with their findings.

use super::files::{Group, Resolved, Selection, StdinUse};
use super::{Failure, Terminal, git};
use crate::check::program::Catalog;
use crate::diagnostic::{Code, Diagnostic, Phrase, render};
use crate::engine::Graphs;
use crate::graph::Graph;
use crate::project::fix::FixTarget;
use crate::project::{self, FilePath, Workspace};
use crate::runtime::Tables;
use crate::say;
use crate::source::{FileId, Span};
use crate::{Compiled, runtime, syntax};
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The default language of dates and amounts.
const LANGUAGE: &str = "en";

/// The name of standard input in messages.
const STDIN: &str = "<stdin>";

/// Limit: how much of a file is read: one byte more than a funnel may have, so that larger ones are noticed.
const MAX_BYTES: u64 = syntax::MAX_FILE_BYTES as u64 + 1;

/// Selected files that are checked together: a project, or files without one.
pub(super) struct Unit {
    /// The texts and their project.
    pub(super) workspace: Workspace,
    /// The selected funnels.
    pub(super) named: Vec<Named>,
    /// The other funnel files of the project, read for their declarations.
    others: Vec<FileId>,
    /// The findings before the change that is being checked; computed on demand.
    before: Option<BTreeSet<FindingKey>>,
}

/// Identifies a finding as long as the texts do not change.
type FindingKey = (FileId, u32, u32, Code, String);

/// A selected funnel.
pub(super) struct Named {
    /// The path; `None` for standard input.
    pub(super) path: Option<PathBuf>,
    /// The source file.
    pub(super) file: FileId,
}

/// The selected files after loading.
pub(super) struct Loaded {
    /// The files by project.
    pub(super) units: Vec<Unit>,
    /// Standard input, if it is the content of an excluded file.
    pub(super) excluded_stdin: Option<String>,
}

/// Loads the selected files.
pub(super) fn load(selection: &Selection, terminal: &Terminal) -> Result<Loaded, Failure> {
    load_groups(selection.resolve()?, terminal)
}

fn load_groups(resolved: Resolved, terminal: &Terminal) -> Result<Loaded, Failure> {
    let Resolved { stdin: input, groups, misnamed } = resolved;
    for path in misnamed {
        let right = path.with_extension("funnel");
        let (path, right) = (display_name(&path), display_name(&right));
        terminal.say(&say!("`{path}` is not read: rename it to `{right}`", path, right));
    }
    let bytes = if input == StdinUse::Unread { Vec::new() } else { read_stdin()? };
    let (mut units, mut excluded_stdin, mut unsaved) = (Vec::new(), None, None);
    match input {
        StdinUse::Unread => {}
        StdinUse::Standalone => units.push(Unit::of_stdin(&bytes)?),
        StdinUse::ContentOf(file) => unsaved = Some(file),
        StdinUse::Excluded => excluded_stdin = Some(String::from_utf8_lossy(&bytes).into_owned()),
    }
    for group in groups {
        units.push(Unit::of_group(group, unsaved.as_deref().map(|file| (file, &bytes[..])))?);
    }
    Ok(Loaded { units, excluded_stdin })
}

/// Reads a file that is not a funnel, and returns its name too. `-` or `None` reads standard input.
pub(super) fn read_bytes(path: Option<&Path>) -> Result<(String, Vec<u8>), Failure> {
    match path.filter(|path| *path != Path::new("-")) {
        Some(path) => {
            let bytes = File::open(path).and_then(read_limited).map_err(|fault| Failure::read(path, &fault))?;
            Ok((path.display().to_string(), bytes))
        }
        None => Ok((STDIN.to_owned(), read_stdin()?)),
    }
}

fn read_stdin() -> Result<Vec<u8>, Failure> {
    read_limited(io::stdin().lock()).map_err(|fault| Failure::io(say!("cannot read standard input"), &fault))
}

/// Loads a path, which must select a single project or lone file. A project below the one that the path is in is not part
/// of it.
pub(super) fn load_one(path: Option<&PathBuf>, terminal: &Terminal) -> Result<Unit, Failure> {
    let mut resolved = Selection::of(path.cloned()).resolve()?;
    if resolved.groups.len() > 1 {
        let own = project::find(path.map_or(Path::new("."), PathBuf::as_path));
        let (here, nested): (Vec<_>, Vec<_>) = resolved.groups.into_iter().partition(|group| group.project == own);
        if here.is_empty() {
            return Err(Failure::new(say!(
                "there are {count} projects here: {names}; name one of them",
                count = nested.len(),
                names = listed(&nested)
            )));
        }
        terminal.say(&match nested.len() {
            1 => say!("{names} is a project of its own and takes no part; to use it, name it", names = listed(&nested)),
            _ => {
                say!("{names} are projects of their own and take no part; to use one, name it", names = listed(&nested))
            }
        });
        resolved.groups = here;
    }
    let mut units = load_groups(resolved, terminal)?.units;
    units.pop().ok_or(Failure::Reported)
}

/// Loads what [`load_one`] loads, without a word: to see what became of it.
pub(super) fn load_again(path: Option<&PathBuf>) -> Result<Unit, Failure> {
    let mut groups = Selection::of(path.cloned()).resolve()?.groups;
    if groups.len() > 1 {
        let own = project::find(path.map_or(Path::new("."), PathBuf::as_path));
        groups.retain(|group| group.project == own);
    }
    groups.pop().map_or(Err(Failure::Reported), |group| Unit::of_group(group, None))
}

impl Unit {
    fn of_stdin(bytes: &[u8]) -> Result<Self, Failure> {
        let mut unit = Self::of_project(project::find(Path::new(".")).as_deref(), Path::new("."))?;
        let file = unit.workspace.add_standalone(STDIN, bytes);
        unit.named.push(Named { path: None, file });
        Ok(unit)
    }

    /// Loads a group; the content of one of its files may come from standard input.
    fn of_group(group: Group, unsaved: Option<(&Path, &[u8])>) -> Result<Self, Failure> {
        let mut unit = Self::of_project(group.project.as_deref(), &group.root)?;
        let mut named = group.named;
        let unsaved = unsaved.filter(|(own, _)| named.iter().any(|place| place.path == *own));
        if let Some((own, bytes)) = unsaved {
            named.retain(|place| place.path != own);
            let file = unit.workspace.add_unsaved(own, &display_name(own), bytes);
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

    fn read(&mut self, places: Vec<FilePath>) -> Result<Vec<FileId>, Failure> {
        let shown: Vec<String> = places.iter().map(|place| display_name(&place.path)).collect();
        self.workspace.add_all(places.into_iter().zip(shown).collect()).map_err(Failure::unread)
    }

    /// The names of the selected files.
    pub(super) fn names(&self) -> Vec<&str> {
        let name = |named: &Named| Some(self.workspace.sources.get(named.file)?.name.as_str());
        self.named.iter().filter_map(name).collect()
    }

    /// Whether a finding in a file that was not selected may be caused by a selected one.
    fn may_be_broken(&self, finding: &Diagnostic) -> bool {
        finding.is_error() || finding.related.iter().any(|label| self.is_named(label.span.file))
    }

    /// Returns the findings with the committed texts of the selected files, or without those that git does not know.
    fn keys_before(&self) -> BTreeSet<FindingKey> {
        let mut earlier = self.workspace.clone();
        let paths: Vec<_> =
            self.named.iter().filter_map(|named| Some((named.file, earlier.path(named.file)?))).collect();
        let asked: Vec<PathBuf> = paths.iter().map(|(_, path)| path.clone()).collect();
        let mut texts = git::read_committed(self.workspace.folder().unwrap_or(Path::new(".")), &asked);
        for (file, path) in paths {
            match texts.remove(&path) {
                Some(text) => _ = earlier.replace(file, &text),
                None => earlier.remove(file),
            }
        }
        earlier.compile().diagnostics.iter().map(finding_key).collect()
    }

    /// Reads all files again.
    pub(super) fn reload(&mut self) -> Result<(), Failure> {
        self.workspace.reload().map_err(Failure::unread)?;
        self.before = None;
        Ok(())
    }

    /// Returns the path of a file if it may be changed: a selected funnel, a file that it includes, or the project file;
    /// `Some(None)` for standard input.
    pub(super) fn path(&self, file: FileId) -> Option<Option<PathBuf>> {
        if let Some(named) = self.named.iter().find(|named| named.file == file) {
            return self.workspace.decode_error(file).is_none().then(|| named.path.clone());
        }
        let ours = self.workspace.project_file() == Some(file) || self.workspace.includes.texts.contains_key(&file);
        ours.then(|| self.workspace.path(file)).flatten().map(Some)
    }

    /// Whether a finding is about a selected file, or keeps it from running: an error in a file that a lone file uses, or
    /// in the text of its messages.
    fn concerns(&self, finding: &Diagnostic) -> bool {
        let file = finding.span.file;
        match self.workspace.includes.texts.get(&file) {
            Some(funnels) => funnels.iter().any(|funnel| self.is_read_for(*funnel, finding)),
            None => self.is_read_for(file, finding),
        }
    }

    fn is_read_for(&self, file: FileId, finding: &Diagnostic) -> bool {
        // When all of a project is selected, excluded files that it uses count as well.
        let is_all = self.workspace.folder().is_none() || self.others.is_empty();
        let needed = is_all && self.workspace.includes.used.contains(&file) && finding.is_error();
        self.is_named(file) || needed
    }

    /// Compiles everything and returns the graphs of the selected funnels. Reports the errors that keep these from running
    /// and returns `None` if there are any.
    pub(super) fn compile(&mut self, terminal: &Terminal) -> Option<Compiled> {
        let mut compiled = self.workspace.compile();
        let errors = self.obstacles(&compiled);
        if !errors.is_empty() {
            self.report(&errors, terminal);
            return None;
        }
        let named = |graph: &Arc<Graph>| graph.entries.iter().all(|entry| self.is_named(entry.span.file));
        compiled.graphs.retain(named);
        Some(compiled)
    }

    /// Returns the errors that keep the selected files from running.
    pub(super) fn obstacles(&self, compiled: &Compiled) -> Vec<Diagnostic> {
        self.workspace.obstacles(compiled, |file| !self.others.contains(&file))
    }

    /// Compiles the selected funnels for the engine, as [`Unit::compile`] does.
    pub(super) fn prepare(&mut self, terminal: &Terminal) -> Option<runtime::Project> {
        let compiled = self.compile(terminal)?;
        Some(self.runtime_project(compiled.program.catalog, compiled.graphs))
    }

    /// What is needed to read tables of events.
    pub(super) fn tables(&self, catalog: &Catalog) -> Tables {
        Tables { catalog: catalog.clone(), maps: self.workspace.project.column_maps.clone() }
    }

    /// Combines graphs with the settings of the project that the engine needs.
    pub(super) fn runtime_project(&self, catalog: Catalog, graphs: Vec<Arc<Graph>>) -> runtime::Project {
        let project = &self.workspace.project;
        runtime::Project {
            catalog,
            graphs: Graphs::new(graphs),
            business: project.business.clone(),
            language: project.language.clone().unwrap_or_else(|| LANGUAGE.to_owned()),
        }
    }

    /// Whether a file was selected, not just loaded because of its project or of a file that uses it.
    pub(super) fn is_named(&self, file: FileId) -> bool {
        !self.others.contains(&file) && !self.workspace.includes.used.contains(&file)
    }

    /// Prints findings to standard error as the reason why the command failed.
    pub(super) fn report(&self, findings: &[Diagnostic], terminal: &Terminal) -> Failure {
        terminal.err(&render::render_in(
            &self.workspace.sources,
            findings,
            terminal.err_colored(),
            terminal.language(),
        ));
        Failure::Reported
    }
}

impl FixTarget for Unit {
    fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    fn workspace_mut(&mut self) -> &mut Workspace {
        &mut self.workspace
    }

    fn is_writable(&self, file: FileId) -> bool {
        self.path(file).is_some()
    }

    /// Keeps the findings in the selected files, the syntax errors elsewhere that hide some of these, and what these files
    /// newly cause elsewhere. While a selected file has
    /// syntax errors the latter are unknown, since its declarations are incomplete.
    fn relevant(&mut self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let withheld = self.workspace.incremental().withheld().filter(|(_, other)| self.is_named(*other));
        let damage: BTreeSet<FileId> = withheld.map(|(damaged, _)| damaged).collect();
        let is_damage =
            |finding: &Diagnostic| damage.contains(&finding.span.file) && finding.is_error() && is_syntax(finding);
        for finding in found.iter_mut().filter(|finding| is_damage(finding) && !self.concerns(finding)) {
            finding.help.push(say!("fix this first: until then, the selected files cannot be fully checked"));
        }
        let (own, aside): (Vec<_>, Vec<_>) = found.iter().partition(|finding| self.concerns(finding));
        let damaged = own.iter().any(|finding| finding.is_error() && is_syntax(finding));
        if damaged || !aside.iter().any(|finding| self.may_be_broken(finding)) {
            found.retain(|finding| self.concerns(finding) || is_damage(finding));
            return found;
        }
        let before = self.before.take().unwrap_or_else(|| self.keys_before());
        let is_new = |finding: &Diagnostic| self.may_be_broken(finding) && !before.contains(&finding_key(finding));
        found.retain(|finding| self.concerns(finding) || is_damage(finding) || is_new(finding));
        self.before = Some(before);
        found
    }
}

/// Whether a finding is of the lexer or the parser.
fn is_syntax(finding: &Diagnostic) -> bool {
    finding.code.number() < "F0200"
}

/// Returns the name of a file in findings.
fn display_name(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

/// Lists the folders of projects: "`.` and `nested`", "`a`, `b`, `c` and 4 more".
fn listed(groups: &[Group]) -> Phrase {
    const SHOWN: usize = 3;
    let names: Vec<String> = groups.iter().map(|group| format!("`{}`", folder_name(&group.root))).collect();
    match names.as_slice() {
        [] => Phrase::default(),
        [one] => Phrase::verbatim(one),
        [head @ .., last] if names.len() <= SHOWN + 1 => say!("{names} and {last}", names = head.join(", "), last),
        many => say!("{names} and {count} more", names = many[..SHOWN].join(", "), count = many.len() - SHOWN),
    }
}

/// Returns the name of a folder in messages.
fn folder_name(path: &Path) -> String {
    let name = display_name(path);
    if name.is_empty() { ".".to_owned() } else { name }
}

fn finding_key(finding: &Diagnostic) -> FindingKey {
    let Span { file, start, end } = finding.span;
    (file, start, end, finding.code, finding.message.to_string())
}

fn read_limited(source: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}
