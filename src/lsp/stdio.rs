//! The server as a process. In: standard input. Out: standard output, on which there is nothing but the protocol.

use super::frame::{self, Frame};
use super::{End, Options, serve};
use crate::diagnostic::Phrase;
use lsp_server::{Connection, Message};
use std::io::{self, Write};
use std::sync::mpsc::{Sender, channel};
use std::thread;

/// Serves the editor at the other end of standard input and output until it leaves.
///
/// # Errors
/// It is not known any more where a message of the editor begins, in words for people.
pub fn stdio(options: Options<'_>) -> Result<End, Phrase> {
    // It holds any number of messages. What waits must be seen, so that it can be taken back or put together.
    let (ours, theirs) = Connection::memory();
    let Connection { sender, receiver } = theirs;
    let (report_lost, lost) = channel();
    thread::spawn(move || read(|message| sender.send(message).is_ok(), &report_lost));
    let writer = thread::spawn(move || {
        for message in &receiver {
            // The lock is held for one message, for broken frames are answered where they are read.
            let mut out = io::stdout().lock();
            if message.write(&mut out).is_err() {
                return;
            }
        }
    });
    let end = serve(&ours, options);
    drop(ours);
    // An editor that is gone may leave its end of a pipe open, and then the thread would never end; the process does.
    if end == End::Orderly {
        let _ = writer.join();
    }
    match lost.try_recv() {
        Ok(why) if end == End::Abrupt => Err(why),
        Ok(_) | Err(_) => Ok(end),
    }
}

/// Hands over messages until nobody takes them, the editor has ended, or nobody knows where the next one begins.
fn read(mut deliver: impl FnMut(Message) -> bool, report_lost: &Sender<Phrase>) {
    let mut input = io::stdin().lock();
    loop {
        let keep_reading = match frame::read(&mut input) {
            Ok(Some(Frame::Message(message))) => deliver(message),
            Ok(Some(Frame::Invalid(answer))) => write_response(&answer).is_ok(),
            Ok(Some(Frame::Ignored)) => true,
            Ok(None) => false,
            Err(why) => {
                // Nobody asks for it when the server has ended.
                let _ = report_lost.send(why);
                false
            }
        };
        if !keep_reading {
            return;
        }
    }
}

/// Writes an answer that no request waits for, for its id is not known.
fn write_response(answer: &serde_json::Value) -> io::Result<()> {
    let text = answer.to_string();
    let mut out = io::stdout().lock();
    write!(out, "Content-Length: {}\r\n\r\n{text}", text.len())?;
    out.flush()
}
