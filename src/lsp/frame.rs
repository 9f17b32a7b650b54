//! The frames around messages. In: bytes from an editor. Out: messages; where one cannot be understood, the answer that
//! says so; where nobody knows any more where the next one begins, why.

use crate::diagnostic::Phrase;
use crate::say;
use lsp_server::{ErrorCode, Message};
use serde_json::{Value, json};
use std::io::{BufRead, Read};

/// Limit: how long a message may be, and how long a line before it.
const MAX_MESSAGE: u64 = 256 * 1024 * 1024;
const MAX_LINE: u64 = 8 * 1024;

/// What came in a frame.
pub(super) enum Frame {
    /// A message.
    Message(Message),
    /// None that can be understood: what is to be answered.
    Invalid(Value),
    /// None that anybody waits for an answer to.
    Ignored,
}

/// Reads the next frame; `None` where the editor has ended.
///
/// # Errors
/// It is not known where the next frame begins, in words for people.
pub(super) fn read(input: &mut impl BufRead) -> Result<Option<Frame>, Phrase> {
    let Some(length) = length(input)? else { return Ok(None) };
    let mut body = Vec::new();
    // What is read grows with what comes, so a length that is wrong takes no memory.
    let read = input.take(length).read_to_end(&mut body);
    if read.is_err() || body.len() as u64 != length {
        return Err(say!("the editor ended within a message"));
    }
    Ok(Some(parse(&body)))
}

/// The length that the lines before a message say.
fn length(input: &mut impl BufRead) -> Result<Option<u64>, Phrase> {
    let mut length: Option<u64> = None;
    for n in 0.. {
        let mut line = Vec::new();
        let read = input.take(MAX_LINE).read_until(b'\n', &mut line);
        if read.is_err() || line.is_empty() {
            // An editor may leave between two messages.
            return if n == 0 { Ok(None) } else { Err(say!("the editor ended within a message")) };
        }
        let text = String::from_utf8_lossy(&line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            break;
        }
        let Some((name, value)) = text.split_once(':').filter(|_| line.ends_with(b"\n")) else {
            let shown: String = text.chars().take(40).collect();
            return Err(say!("what the editor sends is no message: `{line}`", line = shown));
        };
        if name.trim().eq_ignore_ascii_case("content-length") {
            let value = value.trim();
            length = Some(value.parse().map_err(|_| say!("`{value}` is no length of a message", value))?);
        }
    }
    match length {
        None => Err(say!("a message of the editor has no `Content-Length`")),
        Some(length) if length > MAX_MESSAGE => {
            let most = MAX_MESSAGE.to_string();
            Err(say!("a message of {length} bytes is longer than {most}", length = length.to_string(), most))
        }
        Some(length) => Ok(Some(length)),
    }
}

/// What the bytes between two frames say.
fn parse(body: &[u8]) -> Frame {
    let value: Value = match serde_json::from_slice(body) {
        Ok(value) => value,
        Err(fault) => return Frame::Invalid(error_response(Value::Null, ErrorCode::ParseError, &fault.to_string())),
    };
    let id = value.get("id").filter(|id| id.is_string() || id.is_number()).cloned().unwrap_or_default();
    // An answer, or a complaint about one of ours, is never answered: two who complain would do so for ever.
    let is_request = value.get("method").is_some() || (value.get("result").is_none() && value.get("error").is_none());
    match serde_json::from_value(value) {
        // What has an id waits for an answer; one that we cannot hold makes no notification of it.
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
