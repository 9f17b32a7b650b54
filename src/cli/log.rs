//! What a run tells of itself beside its results: warnings, and more when `RUST_LOG` asks for it.

use super::Terminal;
use tracing_subscriber::EnvFilter;

/// Sends log lines to standard error from now on.
pub(super) fn start(terminal: &Terminal) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Whoever has set up logging before, such as a test, keeps it.
    let _ = lines.with_ansi(terminal.err_colored()).with_target(false).try_init();
}
