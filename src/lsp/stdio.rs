//! The server as a process. In: standard input. Out: standard output, on which there is nothing but the protocol.

use super::{End, Options, serve};
use lsp_server::Connection;
use std::thread;

/// Serves the editor at the other end of standard input and output until it leaves.
#[must_use]
pub fn stdio(options: Options<'_>) -> End {
    let (wire, threads) = Connection::stdio();
    // The wire hands over one message at a time. What waits must be seen, so that it can be taken back or put together.
    let (ours, theirs) = Connection::memory();
    let Connection { sender, receiver } = wire;
    let relay = thread::spawn(move || {
        for message in &receiver {
            if theirs.sender.send(message).is_err() {
                return;
            }
        }
    });
    let end = serve(&Connection { sender, receiver: ours.receiver }, options);
    // An editor that is gone may leave its end of a pipe open, and then the threads would never end; the process does.
    if end == End::Orderly && relay.join().is_ok() {
        let _ = threads.join();
    }
    end
}
