//! What `run` and `serve` share: the channels and secrets of a project, and errors of the host.

use super::load::Unit;
use super::{Failure, Terminal};
use crate::channel::Channels;
use crate::runtime::RunError;

/// Creates the channels of the project with their secrets, and reports missing ones; none at all in a dry run.
pub(super) fn channels(unit: &Unit, dry_run: bool, terminal: &Terminal) -> Result<Channels, Failure> {
    if dry_run {
        return Ok(Channels::new());
    }
    unit.workspace.project.channels(&environment).map_err(|missing| unit.report(&missing, terminal))
}

/// Looks up an environment variable.
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// An error of the host as the reason why the command failed.
pub(super) fn failure(fault: &RunError) -> Failure {
    Failure::new(fault.phrase()).code(fault.code()).help(fault.help())
}
