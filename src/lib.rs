//! Marketing automation as code: a small language, its checker and its engine.
//!
//! ```text
//! source text -> tokens -> ast -> program (checked) -> graph -> engine -> effects -> channels
//!    source      syntax        check                   graph     engine   runtime
//! ```

pub mod analyse;
pub mod channel;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod format;
pub mod graph;
pub mod markup;
pub mod project;
pub mod runtime;
pub mod server;
pub mod simulate;
pub mod source;
pub mod store;
pub mod syntax;
pub mod value;

use diagnostic::Diagnostic;
use source::{FileId, Sources};
use std::collections::BTreeSet;

/// What the text says, ready to run, and what is wrong with it.
#[derive(Debug, Clone, Default)]
pub struct Compiled {
    /// What was declared, and the funnels that have no fault.
    pub program: check::Program,
    /// The same funnels as graphs, in the same order.
    pub graphs: Vec<graph::Graph>,
    /// Everything that was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Compiles files that belong together. It never fails: what cannot run is reported and left out.
pub fn compile(sources: &mut Sources, files: &[FileId], context: &check::Context) -> Compiled {
    let prelude = sources.add(check::PRELUDE_NAME, check::PRELUDE);
    let prelude = syntax::parse(sources, prelude);
    let parsed: Vec<_> = files.iter().map(|file| (*file, syntax::parse(sources, *file))).collect();
    let trees: Vec<_> = parsed.iter().map(|(file, parsed)| (*file, &parsed.file)).collect();
    let mut checked = check::check(sources, &prelude.file, &trees, context);
    let broken = parsed.iter().filter(|(_, parsed)| parsed.diagnostics.iter().any(Diagnostic::is_error));
    let broken: BTreeSet<FileId> = broken.map(|(file, _)| *file).collect();
    checked.program.funnels.retain(|funnel| !broken.contains(&funnel.span.file));
    checked.program.complete &= broken.is_empty();
    checked.program.tests.retain(|test| !broken.contains(&test.span.file));
    let graphs = graph::build(&checked.program);
    let mut later = checked.diagnostics;
    later.extend(analyse::analyse(sources, &checked.program, &graphs, context));
    later.retain(|found| {
        let text = sources.slice(found.span);
        !parsed.iter().any(|(file, parsed)| parsed.damage.explains(text, *file, found))
    });
    let mut diagnostics: Vec<_> = parsed.into_iter().flat_map(|(_, parsed)| parsed.diagnostics).collect();
    diagnostics.extend(later);
    diagnostics.sort_by_key(|finding| (finding.span.file, finding.span.start));
    context.levels.apply(&mut diagnostics);
    Compiled { program: checked.program, graphs, diagnostics }
}
