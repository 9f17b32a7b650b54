//! The server on standard input and output; nothing else is written to standard output.

use super::frame::{self, Frame};
use super::{End, Options, serve};
use crate::diagnostic::Phrase;
use lsp_server::{Connection, Message};
use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Serves the editor on standard input and output until the session ends.
///
/// # Errors
/// The input is not a sequence of messages.
pub fn stdio(options: Options<'_>) -> Result<End, Phrase> {
    // The queue is unbounded: all waiting messages must be visible, so that they can be cancelled or merged.
    let (ours, theirs) = Connection::memory();
    let Connection { sender, receiver } = theirs;
    let (report_lost, lost) = channel();
    thread::spawn(move || read(|message| sender.send(message).is_ok(), &report_lost));
    let writer = thread::spawn(move || {
        for message in &receiver {
            // The lock is held for one message only, because invalid frames are answered by the reading thread.
            let mut out = io::stdout().lock();
            if message.write(&mut out).is_err() {
                return;
            }
        }
    });
    let end = serve(&ours, options);
    drop(ours);
    // An editor that is gone may leave its end of the pipe open; then the thread would never end, so only the process
    // does.
    if end == End::Orderly {
        let _ = writer.join();
    }
    match lost.try_recv() {
        Ok(why) if end == End::Abrupt => Err(why),
        Ok(_) | Err(_) => Ok(end),
    }
}

/// Delivers messages until the receiver or the editor is gone, or the input is invalid.
fn read(mut deliver: impl FnMut(Message) -> bool, report_lost: &Sender<Phrase>) {
    let mut input = io::stdin().lock();
    loop {
        let keep_reading = match frame::read(&mut input) {
            Ok(Some(Frame::Message(message))) => deliver(message),
            Ok(Some(Frame::Invalid(answer))) => write_response(&answer).is_ok(),
            Ok(Some(Frame::Ignored)) => true,
            Ok(None) => false,
            Err(why) => {
                // The receiver may be gone already.
                let _ = report_lost.send(why);
                false
            }
        };
        if !keep_reading {
            return;
        }
    }
}

/// Writes a response to a message without a known id.
fn write_response(answer: &serde_json::Value) -> io::Result<()> {
    let text = answer.to_string();
    let mut out = io::stdout().lock();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}
