//! What can be known about checked funnels before they run. In: the program and its graphs, which have no fault of
//! their own. Out: findings about what they would do.

use crate::check::{Context, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::Graph;

/// Looks for what is well formed and cannot be meant. The graphs are those of the program's funnels, in their order.
#[must_use]
pub fn analyse(_program: &Program, _graphs: &[Graph], _context: &Context) -> Vec<Diagnostic> {
    Vec::new()
}
