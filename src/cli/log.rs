//! Logging of `funnelc run`: warnings, and more if `RUST_LOG` is set.

use super::Terminal;
use tracing_subscriber::EnvFilter;

/// Starts logging to standard error.
pub(super) fn start(terminal: &Terminal) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A logger that was installed before, such as by a test, stays.
    let _ = lines.with_ansi(terminal.err_colored()).with_target(false).try_init();
}
