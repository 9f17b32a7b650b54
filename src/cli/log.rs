//! The log of `run` and `serve` on standard error: warnings or more, as `RUST_LOG` says. It never waits for its reader.

use super::Terminal;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::thread;
use std::time::Duration;
use tracing_subscriber::EnvFilter;

/// Limit: lines that wait for standard error; further ones are left out and counted.
const MAX_WAITING: usize = 1024;

/// How long the end of the program may wait for the last lines.
const LAST_LINES: Duration = Duration::from_secs(1);

/// The format of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub(super) enum LogFormat {
    /// Lines for people
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// Starts to log to standard error, from the `usual` level on if `RUST_LOG` does not say otherwise.
pub(super) fn start(terminal: &Terminal, format: LogFormat, usual: &str) -> Log {
    let (sender, receiver) = sync_channel(MAX_WAITING);
    let left_out = Arc::new(AtomicU64::new(0));
    let log = Log { sender, left_out: Arc::clone(&left_out) };
    let spawned = thread::Builder::new().name("log".to_owned()).spawn(move || write(&receiver, &left_out));
    if spawned.is_err() {
        // Without a thread for it, there is no log; the host itself reports that the system has no threads.
        return log;
    }
    let lines = tracing_subscriber::fmt().with_env_filter(filter(usual)).with_target(false);
    let queue = log.clone();
    let lines = lines.with_writer(move || queue.clone());
    // A logger that was installed before, such as by a test, stays.
    let _ = match format {
        LogFormat::Text => lines.with_ansi(terminal.err_colored()).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).with_current_span(false).with_span_list(false).try_init(),
    };
    log
}

fn filter(usual: &str) -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(usual))
}

enum Entry {
    Line(Vec<u8>),
    /// Everything before it is written.
    End(SyncSender<()>),
}

/// The log; clones are the same.
#[derive(Clone)]
pub(super) struct Log {
    sender: SyncSender<Entry>,
    left_out: Arc<AtomicU64>,
}

impl Log {
    /// Waits until the lines so far are written, but not for a reader that does not read.
    pub(super) fn finish(&self) {
        let (done, is_done) = sync_channel(1);
        if self.sender.try_send(Entry::End(done)).is_ok() {
            let _ = is_done.recv_timeout(LAST_LINES);
        }
    }
}

impl Write for Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        match self.sender.try_send(Entry::Line(line.to_vec())) {
            Ok(()) | Err(TrySendError::Disconnected(_)) => {}
            Err(TrySendError::Full(_)) => _ = self.left_out.fetch_add(1, Ordering::Relaxed),
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Writes lines to standard error. An error there cannot be reported anywhere.
fn write(entries: &Receiver<Entry>, left_out: &AtomicU64) {
    while let Ok(entry) = entries.recv() {
        let mut err = io::stderr();
        match entry {
            Entry::Line(line) => _ = err.write_all(&line),
            Entry::End(done) => _ = done.send(()),
        }
        let count = left_out.swap(0, Ordering::Relaxed);
        if count > 0 {
            let _ = writeln!(err, "{count} lines of the log were left out, because standard error was not read");
        }
    }
}
