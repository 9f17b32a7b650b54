//! Compiling again and again. In: files, some of which changed since the last time. Out: all that a compilation gives,
//! the same as one that begins anew; what did not change is neither parsed nor checked again.

use crate::analysis::{self, FileAnalysis};
use crate::check::{self, CheckCache, Checked, CheckedFile, SymbolIndex};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{self, Graph};
use crate::parallel;
use crate::source::{FileId, Sources, Span};
use crate::syntax::{ParseCache, Parsed};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the text says, ready to run, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// What was declared, and the funnels that have no fault.
    pub program: check::Program,
    /// The same funnels as graphs, in the same order.
    pub graphs: Vec<Arc<Graph>>,
    /// Everything that was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known of files from the last time. It belongs to one table of sources, whose texts are changed in place.
#[derive(Debug, Clone, Default)]
pub struct Incremental {
    /// The trees, also for whoever reads what files name.
    pub trees: ParseCache,
    prelude: Option<FileId>,
    memory: CheckCache,
    /// What each file's own part comes to.
    judged: BTreeMap<FileId, Judged>,
}

/// The funnels of one file as graphs, and what was found in them.
#[derive(Debug, Clone)]
struct Judged {
    part: Arc<CheckedFile>,
    graphs: Vec<Arc<Graph>>,
    analysis: FileAnalysis,
}

impl Incremental {
    /// Compiles files that belong together. It never fails: what cannot run is reported and left out.
    pub fn compile(&mut self, sources: &mut Sources, files: &[FileId], context: &check::Context) -> Compiled {
        let prelude = *self.prelude.get_or_insert_with(|| sources.add(check::PRELUDE_NAME, check::PRELUDE));
        let shipped = self.trees.parse(sources, &[prelude]);
        let parsed: Vec<_> = files.iter().copied().zip(self.trees.parse(sources, files)).collect();
        let mut checked = check::check(&mut self.memory, sources, shipped.first(), &parsed, context);
        self.judge(sources, &checked, files, context);
        let mut graphs = Vec::new();
        let mut later = checked.diagnostics;
        // What several files show, such as a text that they name, is told once.
        let mut shown: BTreeSet<(Span, Code)> = BTreeSet::new();
        for (file, tree) in &parsed {
            // Nothing of a file whose text is damaged can run.
            let broken = tree.diagnostics.iter().any(Diagnostic::is_error);
            checked.program.complete &= !broken;
            let Some(judged) = self.judged.get(file).filter(|_| !broken) else { continue };
            graphs.extend_from_slice(&judged.graphs);
            checked.program.funnels.extend_from_slice(&judged.part.funnels);
            checked.program.tests.extend_from_slice(&judged.part.tests);
            if !judged.analysis.settled.is_empty() {
                later.retain(|finding| !judged.analysis.disproves(finding));
            }
            let own = |finding: &&Diagnostic| finding.span.file == *file || shown.insert((finding.span, finding.code));
            later.extend(judged.analysis.found.iter().filter(own).cloned());
        }
        let bytes = parsed.iter().map(|(_, tree)| tree.file.span.len()).sum();
        later.extend(analysis::analyze_program(sources, &checked.program, &checked.words, &graphs, context, bytes));
        let damaged: Vec<_> = parsed.iter().filter(|(_, parsed)| !parsed.diagnostics.is_empty()).collect();
        later.retain(|found| !damaged.iter().any(|(file, parsed)| parsed.damage.suppresses(sources, *file, found)));
        let mut diagnostics: Vec<_> = damaged.iter().flat_map(|(_, parsed)| parsed.diagnostics.clone()).collect();
        diagnostics.extend(later);
        diagnostics.sort_by_key(|finding| (finding.span.file, finding.span.start));
        context.levels.apply(&mut diagnostics);
        Compiled { program: checked.program, graphs, diagnostics }
    }

    /// The prelude among the sources; there is none before the first compilation.
    #[must_use]
    pub fn prelude(&self) -> Option<FileId> {
        self.prelude
    }

    /// What the names in a file stand for, as it was compiled last.
    #[must_use]
    pub fn notes(&self, sources: &Sources, file: FileId) -> Option<Arc<SymbolIndex>> {
        self.memory.symbols(sources, file)
    }

    /// The same of a file that was not compiled: the prelude, or a text that is only tried.
    #[must_use]
    pub fn notes_of(&self, sources: &Sources, file: FileId, tree: &Parsed) -> Option<SymbolIndex> {
        self.memory.symbols_of(sources, file, tree)
    }

    /// Draws and judges the parts that are not those of the last time.
    fn judge(&mut self, sources: &Sources, checked: &Checked, files: &[FileId], context: &check::Context) {
        let known = |file: &FileId, part: &Arc<CheckedFile>| {
            self.judged.get(file).is_some_and(|judged| Arc::ptr_eq(&judged.part, part))
        };
        let new: Vec<_> = files.iter().zip(&checked.files).filter(|(file, part)| !known(file, part)).collect();
        let bytes = new.iter().filter_map(|(file, _)| sources.get(**file)).map(|file| file.text.len()).sum();
        let judged = parallel::map(&new, bytes, |(_, part)| {
            let graphs: Vec<_> = part.funnels.iter().map(|funnel| Arc::new(graph::build(funnel))).collect();
            let analysis = analysis::analyze_file(sources, &checked.program, part, &graphs, context);
            Judged { part: Arc::clone(part), graphs, analysis }
        });
        self.judged.extend(new.into_iter().map(|(file, _)| *file).zip(judged));
        if self.judged.len() > files.len() {
            let listed: BTreeSet<FileId> = files.iter().copied().collect();
            self.judged.retain(|file, _| listed.contains(file));
        }
    }
}
