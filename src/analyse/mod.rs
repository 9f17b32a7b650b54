//! What can be known about checked funnels before they run. In: the program and its graphs, which have no fault of
//! their own. Out: findings about what they would do.

mod approach;
pub mod bound;
mod clock;
mod condition;
mod endless;
mod few;
mod idle;
mod impossible;
mod moment;
mod overlap;
mod phrasing;
mod promo;
mod sms;
mod steps;
mod sum;
mod term;
mod twice;
mod twin;
mod unsubscribe;
mod unused;
mod window;

pub use sms::{Coding, SmsSize, sms_size};

use crate::check::program::Words;
use crate::check::{CheckedFile, Context, Program};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::Graph;
use crate::parallel;
use crate::source::{Sources, Span};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is known of the funnels of one file by themselves.
#[derive(Debug, Clone, Default)]
pub struct Alone {
    /// What is well formed and cannot be meant.
    pub found: Vec<Diagnostic>,
    /// The places of moments that were warned of and are sure to come, or sure to be past.
    pub settled: BTreeSet<Span>,
}

impl Alone {
    /// Whether a finding of the check is disproved.
    #[must_use]
    pub fn disproves(&self, finding: &Diagnostic) -> bool {
        finding.code == Code::PastMoment && self.settled.contains(&finding.span)
    }
}

/// Judges the funnels of one file, each by itself. The graphs are those of the part's funnels; of the program only what the
/// files declare is read.
#[must_use]
pub fn alone(
    sources: &Sources,
    program: &Program,
    part: &CheckedFile,
    graphs: &[Arc<Graph>],
    context: &Context,
) -> Alone {
    let mut alone = Alone::default();
    let found = &mut alone.found;
    for graph in graphs {
        found.extend(condition::of_graph(sources, &program.catalog, &part.asked, graph));
        let judged = moment::moments(sources, &part.asked, graph);
        alone.settled.extend(judged.settled);
        found.extend(judged.found);
        found.extend(moment::endless(graph));
        found.extend(window::windows(graph));
    }
    for funnel in &part.funnels {
        found.extend(unused::unused_labels(funnel, context));
        found.extend(idle::idle(funnel));
        found.extend(twice::twice_in_one(funnel));
        found.extend(promo::promo_in_service(funnel, &program.declared, context));
        found.extend(unsubscribe::no_unsubscribe_link(funnel, &program.declared));
    }
    found.extend(sms::judge(&part.words, context));
    alone
}

/// Judges what the files declare together: segments, the words of declared messages, what is not used, and what funnels do
/// to each other. The graphs are those of the program's funnels, in their order; the texts have so many bytes.
#[must_use]
pub fn together(
    sources: &Sources,
    program: &Program,
    words: &[Arc<Words>],
    graphs: &[Arc<Graph>],
    context: &Context,
    bytes: usize,
) -> Vec<Diagnostic> {
    let passes: [&(dyn Fn() -> Vec<Diagnostic> + Sync); 9] = [
        &|| condition::segments(sources, program),
        &|| twin::same_message_twice(program, bytes),
        &|| sms::judge(words, context),
        &|| unused::unused(program, context),
        &|| endless::starts_for_ever(program),
        &|| overlap::set_by_two(program),
        &|| promo::marketing_in_service(program, context),
        &|| impossible::impossible_tests(program),
        &|| bound::judge(program, graphs, context),
    ];
    parallel::map(&passes, bytes, |pass| pass()).into_iter().flatten().collect()
}
