//! Steps of funnels: no-ops, unused names, cycles between funnels and conflicting writes.

mod no_op;
mod no_run;
pub(super) mod steps;
mod taken_entry;
mod trigger_cycle;
mod unused;
mod write_conflict;

pub(super) use no_run::{never_started, stops_without_runs};
pub(super) use taken_entry::taken_entries;
pub(super) use trigger_cycle::trigger_cycles;
pub(super) use unused::unused_declarations;
pub(super) use write_conflict::write_conflicts;

use crate::check::Context;
use crate::check::program::Funnel;
use crate::diagnostic::Diagnostic;

/// Checks the steps of one funnel.
pub(super) fn check_funnel(funnel: &Funnel, context: &Context) -> Vec<Diagnostic> {
    let mut findings = unused::unused_labels(funnel, context);
    findings.extend(no_op::no_ops(funnel));
    findings
}
