//! The framing of messages: reads `Content-Length` headers and JSON bodies.

use crate::diagnostic::Phrase;
use crate::say;
use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};
use std::io::{BufRead, Read};

/// Limit: the length of a message, and of a header line.
const MAX_MESSAGE: u64 = 256 * 1024 * 1024;
const MAX_LINE: u64 = 8 * 1024;

/// The contents of a frame.
pub(super) enum Frame {
    /// A message.
    Message(Message),
    /// An invalid message, with the response to it.
    Invalid(Value),
    /// An invalid message that needs no response.
    Ignored,
}

/// Reads the next frame; `None` at the end of the input.
///
/// # Errors
/// The start of the next frame cannot be determined.
pub(super) fn read(input: &mut impl BufRead) -> Result<Option<Frame>, Phrase> {
    let Some(length) = length(input)? else { return Ok(None) };
    let mut body = Vec::new();
    // The buffer grows with the input, so a wrong length does not allocate memory.
    let read = input.take(length).read_to_end(&mut body);
    if read.is_err() || body.len() as u64 != length {
        return Err(say!("the editor disconnected in the middle of a message"));
    }
    Ok(Some(parse(&body)))
}

/// Reads the headers of a message and returns its length.
fn length(input: &mut impl BufRead) -> Result<Option<u64>, Phrase> {
    let mut length: Option<u64> = None;
    for n in 0.. {
        let mut line = Vec::new();
        let read = input.take(MAX_LINE).read_until(b'\n', &mut line);
        if read.is_err() || line.is_empty() {
            // The input may end between two messages.
            return if n == 0 { Ok(None) } else { Err(say!("the editor disconnected in the middle of a message")) };
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            break;
        }
        let Some((name, value)) = text.split_once(':').filter(|_| line.ends_with(b"\n")) else {
            let shown: String = text.chars().take(40).collect();
            return Err(say!("invalid message from the editor: `{line}`", line = shown));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            let value = value.trim();
            length = Some(value.parse().map_err(|_| say!("`{value}` is not a valid message length", value))?);
        }
    }
    match length {
        None => Err(say!("an editor message has no `Content-Length`")),
        Some(length) if length > MAX_MESSAGE => {
            let most = MAX_MESSAGE.to_string();
            Err(say!("a message of {length} bytes exceeds the limit of {most}", length = length.to_string(), most))
        }
        Some(length) => Ok(Some(length)),
    }
}

/// Parses the body of a frame.
fn parse(body: &[u8]) -> Frame {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(fault) => return Frame::Invalid(error_response(Value::Null, ErrorCode::ParseError, &fault.to_string())),
    };
    let id = value.get("id").filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default();
    // A response, or an error about one of ours, is never answered: that could go back and forth forever.
    let is_request = value.get("method").is_some() || (value.get("result").is_none() && value.get("error").is_none());
    match serde_json::from_value(value) {
        // A message with an id expects a response; one with an unsupported id must not be taken for a notification.
        Ok(Message::Notification(_)) if !id.is_null() => {
            Frame::Invalid(error_response(id, ErrorCode::InvalidRequest, "the id is not a string or a 32-bit integer"))
        }
        Ok(message) => Frame::Message(message),
        Err(_) if is_request => Frame::Invalid(error_response(id, ErrorCode::InvalidRequest, "not a JSON-RPC message")),
        Err(_) => Frame::Ignored,
    }
}

fn error_response(id: Value, code: ErrorCode, message: &str) -> Value {
    json!({ "jsonrpc": "2.0", "id": id, "error": { "code": code as i32, "message": message } })
}
