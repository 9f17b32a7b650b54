//! Incremental compilation. In: files, some of which changed since the last call. Out: the same as a compilation from
//! scratch; unchanged files are neither parsed nor checked again.

use crate::analysis;
use crate::check::program::{Doubt, Entry, Funnel};
use crate::check::{self, CheckCache, Checked, CheckedFile, Program, SymbolIndex};
use crate::diagnostic::{Diagnostic, Findings};
use crate::graph::{self, Graph};
use crate::parallel;
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast::{Item, ItemKind};
use crate::syntax::{ParseCache, Parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The result of a compilation.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// The declarations, and the funnels without errors.
    pub program: Program,
    /// The graphs of these funnels, in the same order.
    pub graphs: Vec<Arc<Graph>>,
    /// All diagnostics, in source order.
    pub diagnostics: Vec<Diagnostic>,
}

/// The state that is kept between compilations. It belongs to one table of sources, whose texts are changed in place.
#[derive(Debug, Clone, Default)]
pub struct Incremental {
    /// The parsed files, also for the code that reads included files.
    pub trees: ParseCache,
    prelude: Option<FileId>,
    cache: CheckCache,
    /// The graphs and the analysis of each file.
    analyzed: BTreeMap<FileId, AnalyzedFile>,
    /// The files with syntax errors, each with another file whose errors they hide.
    withheld: BTreeSet<(FileId, FileId)>,
}

/// The funnels of one file as graphs, and the diagnostics of each of them on its own.
#[derive(Debug, Clone)]
struct AnalyzedFile {
    checked: Arc<CheckedFile>,
    graphs: Vec<Arc<Graph>>,
    findings: Vec<Diagnostic>,
}

/// The files of a compilation with their trees.
type ParsedFiles = [(FileId, Arc<Parsed>)];

impl Incremental {
    /// Compiles files that belong together. It never fails: what has an error is reported and left out.
    pub fn compile(&mut self, sources: &mut Sources, files: &[FileId], context: &check::Context) -> Compiled {
        // Parse the files that changed. Every text has a tree.
        let prelude = self.prelude_tree(sources);
        let parsed: Vec<_> = files.iter().copied().zip(self.trees.parse(sources, files)).collect();
        // Check names and types: declarations of all files first, then the funnels of each file that changed.
        let checked = check::check(&mut self.cache, sources, prelude.as_ref(), &parsed, context);
        // Build the graphs of these funnels, and analyze each funnel on its own.
        self.analyze_files(sources, &checked, files, context);
        // Combine everything that can run, and analyze how the funnels affect each other.
        let templates = checked.words.clone();
        let (program, graphs, mut findings) = self.assemble(sources, checked, &parsed);
        let bytes = parsed.iter().map(|(_, tree)| tree.file.span.len()).sum();
        findings.extend(analysis::analyze_program(sources, &program, &templates, &graphs, context, bytes));
        let (program, graphs) = without_broken_files(program, graphs, &parsed);
        // Report: one diagnostic per fault, in source order, at the levels of the project.
        self.withheld = withheld(sources, &findings, &parsed);
        let diagnostics = report(sources, findings, &parsed, context);
        Compiled { program, graphs, diagnostics }
    }

    /// The files with syntax errors, each with another file whose errors they hide, as of the last compilation.
    pub fn withheld(&self) -> impl Iterator<Item = (FileId, FileId)> {
        self.withheld.iter().copied()
    }

    /// The prelude among the sources; `None` before the first compilation.
    #[must_use]
    pub fn prelude(&self) -> Option<FileId> {
        self.prelude
    }

    /// The symbols of a file as of the last compilation.
    #[must_use]
    pub fn symbols(&self, sources: &Sources, file: FileId) -> Option<Arc<SymbolIndex>> {
        self.cache.symbols(sources, file)
    }

    /// The symbols of a file that was not compiled: the prelude, or a text that is only tried.
    #[must_use]
    pub fn symbols_of(&self, sources: &Sources, file: FileId, tree: &Parsed) -> Option<SymbolIndex> {
        self.cache.symbols_of(sources, file, tree)
    }

    fn prelude_tree(&mut self, sources: &mut Sources) -> Option<Arc<Parsed>> {
        let prelude = *self.prelude.get_or_insert_with(|| sources.add(check::PRELUDE_NAME, check::PRELUDE));
        self.trees.parse(sources, &[prelude]).into_iter().next()
    }

    /// Builds and analyzes the files that changed since the last compilation.
    fn analyze_files(&mut self, sources: &Sources, checked: &Checked, files: &[FileId], context: &check::Context) {
        let is_known = |file: &FileId, checked: &Arc<CheckedFile>| {
            self.analyzed.get(file).is_some_and(|known| Arc::ptr_eq(&known.checked, checked))
        };
        let new: Vec<_> = files.iter().zip(&checked.files).filter(|(file, own)| !is_known(file, own)).collect();
        let bytes = new.iter().filter_map(|(file, _)| sources.get(**file)).map(|file| file.text.len()).sum();
        let analyzed = parallel::map(&new, bytes, |(_, own)| {
            let graphs: Vec<_> = own.funnels.iter().map(|funnel| Arc::new(graph::build(funnel))).collect();
            let findings = analysis::analyze_file(sources, &checked.program, own, &graphs, context);
            AnalyzedFile { checked: Arc::clone(own), graphs, findings }
        });
        self.analyzed.extend(new.into_iter().map(|(file, _)| *file).zip(analyzed));
        if self.analyzed.len() > files.len() {
            let listed: BTreeSet<FileId> = files.iter().copied().collect();
            self.analyzed.retain(|file, _| listed.contains(file));
        }
    }

    /// Adds the sound funnels and tests of all files to the program, and what was found about each funnel.
    fn assemble(
        &self,
        sources: &Sources,
        checked: Checked,
        parsed: &ParsedFiles,
    ) -> (Program, Vec<Arc<Graph>>, Findings) {
        let Checked { mut program, mut findings, .. } = checked;
        let mut graphs = Vec::new();
        for (file, tree) in parsed {
            let Some(analyzed) = self.analyzed.get(file) else { continue };
            let damaged: Vec<Span> = damaged_items(tree).collect();
            let is_sound = |place: Span| !damaged.iter().any(|item| item.touches(place));
            findings.extend(analyzed.findings.iter().filter(|found| is_sound(found.span)).cloned());
            for (funnel, graph) in analyzed.checked.funnels.iter().zip(&analyzed.graphs) {
                if funnel.entries.iter().all(|entry: &Entry| is_sound(entry.span)) {
                    program.funnels.push(Arc::clone(funnel));
                    graphs.push(Arc::clone(graph));
                }
            }
            program.tests.extend(analyzed.checked.tests.iter().filter(|test| is_sound(test.span)).cloned());
        }
        let topics = program.funnels.iter().filter_map(|funnel| funnel.settings.purpose.topic());
        program.catalog.topics = topics.map(str::to_owned).collect();
        program.doubt = doubt(sources, &findings, parsed, &program.funnels);
        (program, graphs, findings)
    }
}

/// Leaves out the funnels, tests and graphs of files with syntax errors: what they do is not known as a whole.
fn without_broken_files(
    mut program: Program,
    mut graphs: Vec<Arc<Graph>>,
    parsed: &ParsedFiles,
) -> (Program, Vec<Arc<Graph>>) {
    let broken = parsed.iter().filter(|(_, tree)| tree.diagnostics.iter().any(Diagnostic::is_error));
    let broken: BTreeSet<FileId> = broken.map(|(file, _)| *file).collect();
    if !broken.is_empty() {
        let kept = program.funnels.iter().zip(graphs).filter(|(funnel, _)| !broken.contains(&funnel.span.file));
        (program.funnels, graphs) = kept.map(|(funnel, graph)| (Arc::clone(funnel), graph)).unzip();
        program.tests.retain(|test| !broken.contains(&test.span.file));
    }
    (program, graphs)
}

/// What errors leave in doubt: the items that contain one, and the funnels that were left out, also because of an error
/// in what they use. `funnels` are the sound ones.
fn doubt(sources: &Sources, findings: &Findings, parsed: &ParsedFiles, funnels: &[Arc<Funnel>]) -> Doubt {
    let syntax = parsed.iter().flat_map(|(_, tree)| &tree.diagnostics);
    let errors: Vec<&Diagnostic> = findings.as_slice().iter().chain(syntax).filter(|found| found.is_error()).collect();
    let mut doubt = Doubt::default();
    if errors.is_empty() {
        return doubt;
    }
    let entries = funnels.iter().flat_map(|funnel| &funnel.entries);
    let sound: BTreeSet<(FileId, u32)> = entries.map(|entry| (entry.span.file, entry.span.start)).collect();
    for (file, tree) in parsed {
        let own = || errors.iter().filter(|error| error.span.file == *file);
        let contains = |span: Span| own().any(|error| span.touches(error.span)) || tree.damage.affects(span);
        for item in &tree.file.items {
            let left_out =
                may_be_funnel(item) && sound.range((*file, item.span.start)..(*file, item.span.end)).next().is_none();
            if left_out || contains(item.span) {
                doubt.add_text(sources.slice(item.span), may_be_funnel(item));
            }
        }
        if own().any(|error| !tree.file.items.iter().any(|item| item.span.touches(error.span))) {
            doubt.add_text(sources.get(*file).map_or("", |source| source.text.as_str()), true);
        }
    }
    errors.iter().for_each(|error| doubt.add_error(error));
    doubt
}

/// Whether an item is a funnel, or may be one.
pub(crate) fn may_be_funnel(item: &Item) -> bool {
    match item.kind {
        ItemKind::Funnel(_) | ItemKind::Entry(_) | ItemKind::Error => true,
        ItemKind::Use(_)
        | ItemKind::Const { .. }
        | ItemKind::Client(_)
        | ItemKind::Event { .. }
        | ItemKind::Segment { .. }
        | ItemKind::Template { .. }
        | ItemKind::Action { .. }
        | ItemKind::Test { .. } => false,
    }
}

/// The files with syntax errors, each with another file whose errors may be only a consequence of them.
fn withheld(sources: &Sources, findings: &Findings, parsed: &ParsedFiles) -> BTreeSet<(FileId, FileId)> {
    let damaged = parsed.iter().filter(|(_, tree)| !tree.diagnostics.is_empty());
    let hidden = damaged.flat_map(|(file, tree)| {
        let errors = findings.as_slice().iter().filter(|found| found.is_error() && found.span.file != *file);
        errors.filter(|found| tree.damage.suppresses(sources, *file, found)).map(|found| (*file, found.span.file))
    });
    hidden.collect()
}

/// The items of a file that contain a syntax error, even one from which the parser recovered.
fn damaged_items(tree: &Parsed) -> impl Iterator<Item = Span> + '_ {
    let errors = move || tree.diagnostics.iter().filter(|found| found.is_error());
    let is_damaged = move |item: &Span| tree.damage.affects(*item) || errors().any(|error| item.touches(error.span));
    tree.file.items.iter().map(|item| item.span).filter(is_damaged)
}

/// Adds the syntax errors, and leaves out what is only a consequence of them.
fn report(
    sources: &Sources,
    mut findings: Findings,
    parsed: &ParsedFiles,
    context: &check::Context,
) -> Vec<Diagnostic> {
    let damaged: Vec<_> = parsed.iter().filter(|(_, tree)| !tree.diagnostics.is_empty()).collect();
    findings.suppress(|found| damaged.iter().any(|(file, tree)| tree.damage.suppresses(sources, *file, found)));
    let mut all = Findings::default();
    all.extend(damaged.iter().flat_map(|(_, tree)| tree.diagnostics.clone()));
    all.extend(findings.into_vec());
    all.sort();
    let mut diagnostics = all.into_vec();
    context.levels.apply(&mut diagnostics);
    diagnostics
}
