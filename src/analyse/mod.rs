//! What can be known about checked funnels before they run. In: the program and its graphs, which have no fault of
//! their own. Out: findings about what they would do.

mod condition;
mod endless;
mod idle;
mod impossible;
mod overlap;
mod phrasing;
mod promo;
mod steps;
mod twice;
mod unused;

use crate::check::{Context, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::source::Sources;

/// Looks for what is well formed and cannot be meant. The graphs are those of the program's funnels, in their order.
#[must_use]
pub fn analyse(sources: &Sources, program: &Program, graphs: &[Graph], context: &Context) -> Vec<Diagnostic> {
    let mut findings = condition::conditions(sources, program, graphs);
    findings.extend(unused::unused(program, context));
    findings.extend(unused::unused_labels(program, context));
    findings.extend(idle::idle(program));
    findings.extend(endless::starts_for_ever(program));
    findings.extend(overlap::set_by_two(program));
    findings.extend(twice::same_message_twice(program));
    findings.extend(promo::promo_in_service(program));
    findings.extend(impossible::impossible_tests(program));
    findings
}
