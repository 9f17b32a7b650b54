//! What can be known about checked funnels before they run. In: the program and its graphs, which have no fault of
//! their own. Out: findings about what they would do.

mod condition;

use crate::check::{Context, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;
use crate::source::Sources;

/// Looks for what is well formed and cannot be meant. The graphs are those of the program's funnels, in their order.
#[must_use]
pub fn analyse(sources: &Sources, program: &Program, graphs: &[Graph], _context: &Context) -> Vec<Diagnostic> {
    condition::conditions(sources, program, graphs)
}
