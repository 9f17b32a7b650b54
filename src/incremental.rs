//! Incremental compilation. In: files, some of which changed since the last call. Out: the same as a compilation from
//! scratch; unchanged files are neither parsed nor checked again.

use crate::analysis;
use crate::check::{self, CheckCache, Checked, CheckedFile, Program, SymbolIndex};
use crate::diagnostic::{Diagnostic, Findings};
use crate::graph::{self, Graph};
use crate::parallel;
use crate::source::{FileId, Sources, Span};
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
        let (program, graphs, mut findings) = self.assemble(checked, &parsed);
        let bytes = parsed.iter().map(|(_, tree)| tree.file.span.len()).sum();
        findings.extend(analysis::analyze_program(sources, &program, &templates, &graphs, context, bytes));
        // Report: one diagnostic per fault, in source order, at the levels of the project.
        self.withheld = withheld(sources, &findings, &parsed);
        let diagnostics = report(sources, findings, &parsed, context);
        Compiled { program, graphs, diagnostics }
    }

    /// Whether the last compilation could not tell the errors of one of `files` because of syntax errors in `damaged`.
    #[must_use]
    pub fn withholds(&self, damaged: FileId, files: impl Fn(FileId) -> bool) -> bool {
        self.withheld.iter().any(|(own, other)| *own == damaged && files(*other))
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

    /// Adds the funnels, tests and graphs of all files to the program. A file with a syntax error contributes only what
    /// was found about its funnels; `report` leaves out those that are damaged.
    fn assemble(&self, checked: Checked, parsed: &ParsedFiles) -> (Program, Vec<Arc<Graph>>, Findings) {
        let Checked { mut program, mut findings, .. } = checked;
        let mut graphs = Vec::new();
        for (file, tree) in parsed {
            let broken = tree.diagnostics.iter().any(Diagnostic::is_error);
            program.complete &= !broken;
            let Some(analyzed) = self.analyzed.get(file) else { continue };
            let damaged: Vec<Span> = damaged_items(tree).collect();
            let is_sound = |found: &&Diagnostic| !damaged.iter().any(|item| item.touches(found.span));
            findings.extend(analyzed.findings.iter().filter(is_sound).cloned());
            if broken {
                continue;
            }
            graphs.extend_from_slice(&analyzed.graphs);
            program.funnels.extend_from_slice(&analyzed.checked.funnels);
            program.tests.extend_from_slice(&analyzed.checked.tests);
        }
        let topics = program.funnels.iter().filter_map(|funnel| funnel.settings.purpose.topic());
        program.catalog.topics = topics.map(str::to_owned).collect();
        (program, graphs, findings)
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
    tree.file.items.iter().map(|item| item.span).filter(move |item| errors().any(|error| item.touches(error.span)))
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
