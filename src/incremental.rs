//! Compiling again and again. In: files, some of which changed since the last time. Out: all that a compilation gives,
//! the same as one that begins anew; what did not change is neither parsed nor checked again.

use crate::analyse;
use crate::check::{self, Memory, Notes, Part};
use crate::diagnostic::Diagnostic;
use crate::graph::{self, Graph};
use crate::source::{FileId, Sources};
use crate::syntax::{Parsed, Trees};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What the text says, ready to run, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// What was declared, and the funnels that have no fault.
    pub program: check::Program,
    /// The same funnels as graphs, in the same order.
    pub graphs: Vec<Graph>,
    /// Everything that was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// What is known of files from the last time. It belongs to one table of sources, whose texts are changed in place.
#[derive(Debug, Clone, Default)]
pub struct Incremental {
    /// The trees, also for whoever reads what files name.
    pub trees: Trees,
    prelude: Option<FileId>,
    memory: Memory,
    /// The graphs of the funnels of each file.
    graphs: BTreeMap<FileId, (Arc<Part>, Vec<Graph>)>,
}

impl Incremental {
    /// Compiles files that belong together. It never fails: what cannot run is reported and left out.
    pub fn compile(&mut self, sources: &mut Sources, files: &[FileId], context: &check::Context) -> Compiled {
        let prelude = *self.prelude.get_or_insert_with(|| sources.add(check::PRELUDE_NAME, check::PRELUDE));
        let shipped = self.trees.of(sources, &[prelude]);
        let parsed: Vec<_> = files.iter().copied().zip(self.trees.of(sources, files)).collect();
        let mut checked = check::check(&mut self.memory, sources, shipped.first(), &parsed, context);
        let mut graphs = Vec::new();
        for ((file, tree), part) in parsed.iter().zip(&checked.parts) {
            // Nothing of a file whose text is damaged can run.
            let broken = tree.diagnostics.iter().any(Diagnostic::is_error);
            checked.program.complete &= !broken;
            if !broken {
                graphs.extend_from_slice(self.graphs_of(*file, part));
                checked.program.funnels.extend_from_slice(&part.funnels);
                checked.program.tests.extend_from_slice(&part.tests);
            }
        }
        let mut later = checked.diagnostics;
        analyse::analyse(sources, &checked.program, &graphs, context, &mut later);
        let damaged: Vec<_> = parsed.iter().filter(|(_, parsed)| !parsed.diagnostics.is_empty()).collect();
        later.retain(|found| !damaged.iter().any(|(file, parsed)| parsed.damage.explains(sources, *file, found)));
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
    pub fn notes(&self, sources: &Sources, file: FileId) -> Option<Arc<Notes>> {
        self.memory.notes(sources, file)
    }

    /// The same of a file that was not compiled: the prelude, or a text that is only tried.
    #[must_use]
    pub fn notes_of(&self, sources: &Sources, file: FileId, tree: &Parsed) -> Option<Notes> {
        self.memory.notes_of(sources, file, tree)
    }

    fn graphs_of(&mut self, file: FileId, part: &Arc<Part>) -> &[Graph] {
        let build = || (Arc::clone(part), graph::build(&part.funnels));
        let known = self.graphs.entry(file).or_insert_with(build);
        if !Arc::ptr_eq(&known.0, part) {
            *known = build();
        }
        &known.1
    }
}
