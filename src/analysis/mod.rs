//! Static analysis of checked funnels: what would go wrong when they run. In: a program without errors and its graphs.
//! Out: diagnostics.

pub mod bound;
mod condition;
mod expectation;
mod flow;
mod message;
mod small_map;
mod time;

pub use message::sms::{Coding, SmsSize, sms_size};

use crate::check::program::Words;
use crate::check::{CheckedFile, Context, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::parallel;
use crate::source::Sources;
use std::sync::Arc;

/// Analyzes the funnels of one file, each on its own. `graphs` are the graphs of the funnels in `part`; only the
/// declarations of `program` are read.
#[must_use]
pub fn analyze_file(
    sources: &Sources,
    program: &Program,
    part: &CheckedFile,
    graphs: &[Arc<Graph>],
    context: &Context,
) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (funnel, graph) in part.funnels.iter().zip(graphs) {
        found.extend(condition::check_graph(sources, &program.catalog, &part.asked, graph));
        found.extend(time::moments(sources, &part.asked, funnel, graph));
        found.extend(time::endless_waits(graph));
        found.extend(time::outside_hours(graph));
        found.extend(time::at_night(graph));
        found.extend(time::held_messages(sources, &part.asked, graph));
        found.extend(flow::check_funnel(funnel, context));
        found.extend(message::check_funnel(funnel, &program.declared, context));
    }
    found.extend(message::sms::long_sms(&part.words, context));
    found.extend(condition::check_texts(sources, &program.catalog, &part.asked, &part.conditional));
    found
}

/// Analyzes the program as a whole: segments, declared messages, unused declarations, and how funnels affect each other.
/// `graphs` are the graphs of the program's funnels in the same order, `bytes` is the size of all sources.
#[must_use]
pub fn analyze_program(
    sources: &Sources,
    program: &Program,
    words: &[Arc<Words>],
    graphs: &[Arc<Graph>],
    context: &Context,
    bytes: usize,
) -> Vec<Diagnostic> {
    let passes: [&(dyn Fn() -> Vec<Diagnostic> + Sync); 14] = [
        &|| condition::check_segments(sources, program),
        &|| condition::check_texts(sources, &program.catalog, &program.asked, &program.conditional),
        &|| message::duplicates_across_funnels(program, bytes),
        &|| message::sms::long_sms(words, context),
        &|| flow::unused_declarations(program, context),
        &|| flow::trigger_cycles(program),
        &|| flow::stops_without_runs(program),
        &|| flow::taken_entries(program),
        &|| if program.doubt.has_funnel() { Vec::new() } else { flow::never_started(program) },
        &|| flow::write_conflicts(program),
        &|| message::marketing_in_service(program, context),
        &|| expectation::impossible_expectations(program),
        &|| expectation::unread_answers(program),
        &|| bound::over_ceiling(program, graphs, context),
    ];
    parallel::map(&passes, bytes, |pass| pass()).into_iter().flatten().collect()
}
