//! Signals of the system. In: SIGINT and SIGTERM. Out: requests to shut down.

use super::host::Stopper;
use std::io;
use std::thread;
use tokio::runtime::Builder;

/// Passes signals on, on a thread that outlives the host: its results may still have to be printed.
pub(super) fn listen(mut stopper: Stopper) -> io::Result<()> {
    let tasks = Builder::new_current_thread().enable_all().build()?;
    thread::Builder::new().name("signals".to_owned()).spawn(move || {
        tasks.block_on(async {
            while signal().await.is_ok() {
                stopper.stop();
            }
        });
    })?;
    Ok(())
}

#[cfg(unix)]
async fn signal() -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted,
        _ = terminate.recv() => Ok(()),
    }
}

#[cfg(not(unix))]
async fn signal() -> io::Result<()> {
    tokio::signal::ctrl_c().await
}
