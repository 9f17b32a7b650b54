//! Splits the body of a request into events. In: bytes. Out: one object, the objects of an array, or one per line, each
//! as JSON or as the reason why it is malformed; or that there are too many. Nothing is built of what is too large.

use crate::diagnostic::Code;
use crate::engine::MAX_EVENT_BYTES;
use crate::runtime::MalformedEvent;
use crate::runtime::ingest::parse;
use crate::runtime::torn_event::beginning;
use crate::say;
use serde::Deserializer as _;
use serde::de::{Error as _, SeqAccess, Visitor};
use serde_json::Value as Json;
use serde_json::value::RawValue;
use std::fmt;

/// Limit: events in one request.
pub(super) const MAX_EVENTS: usize = 1000;

/// Limit: the text of one event, in bytes. It is longer than what is in it, because characters may be escaped.
const MAX_TEXT: usize = 2 * MAX_EVENT_BYTES;

/// Limit: how many bytes of an event that is too large are kept.
const KEPT_BYTES: usize = 4 << 10;

/// There are more than [`MAX_EVENTS`].
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TooMany;

/// An event of a body.
pub(super) type Part = Result<Json, MalformedEvent>;

/// Splits a body.
///
/// # Errors
/// There are too many events.
pub(super) fn split(body: &[u8]) -> Result<Vec<Part>, TooMany> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
    if body.first() == Some(&b'[') {
        match array(body) {
            Ok(Some(events)) => return Ok(events.into_iter().map(|event| read(event.get().as_bytes())).collect()),
            Ok(None) => return Err(TooMany),
            // Lines may begin with a bracket, too.
            Err(_) => {}
        }
    } else if body.len() <= MAX_TEXT {
        // Most bodies are one event.
        if let Ok(event) = parse(body) {
            return Ok(vec![Ok(event)]);
        }
    }
    if serde_json::from_slice::<&RawValue>(body).is_ok() {
        return Ok(vec![read(body)]);
    }
    let lines = || body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    if lines().nth(MAX_EVENTS).is_some() {
        return Err(TooMany);
    }
    Ok(lines().map(read).collect())
}

/// The elements of a JSON array; `None` if there are too many.
fn array(body: &[u8]) -> Result<Option<Vec<&RawValue>>, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let events = match reader.deserialize_seq(Elements) {
        Err(error) if error.is_data() => return Ok(None),
        events => events?,
    };
    reader.end()?;
    Ok(Some(events))
}

/// Collects the elements of an array until there are too many.
struct Elements;

impl<'de> Visitor<'de> for Elements {
    type Value = Vec<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Self::Value, A::Error> {
        let mut found = Vec::new();
        while let Some(element) = elements.next_element()? {
            if found.len() == MAX_EVENTS {
                return Err(A::Error::custom("too many"));
            }
            found.push(element);
        }
        Ok(found)
    }
}

/// Reads one event.
pub(super) fn read(text: &[u8]) -> Part {
    if text.len() <= MAX_TEXT {
        return parse(text);
    }
    // A withdrawal in it counts all the same.
    Err(MalformedEvent {
        code: Code::BadEvent,
        message: say!("the event has more than {most} bytes", most = MAX_EVENT_BYTES),
        help: say!("send only what funnels need, or a link to it"),
        raw: String::from_utf8_lossy(&text[..KEPT_BYTES]).into_owned(),
        line: 0,
        readable: beginning(text),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(body: &str) -> Result<usize, TooMany> {
        split(body.as_bytes()).map(|events| events.len())
    }

    #[test]
    fn an_object_an_array_and_lines_are_told_apart() {
        assert_eq!(count("{\"a\":\n1}"), Ok(1));
        assert_eq!(count(" [{\"a\":1},\n{\"b\":2}] "), Ok(2));
        assert_eq!(count("{\"a\":1}\n\n{\"b\":2}\r\nnot json\n"), Ok(3));
        assert_eq!(count("[1]\n[2]"), Ok(2));
        assert_eq!((count(""), count("[]"), count("[")), (Ok(0), Ok(0), Ok(1)));
    }

    #[test]
    fn there_may_be_a_thousand_events_in_every_form() {
        for (sign, all) in [(",", ("[", "]")), ("\n", ("", ""))] {
            let body = |count: usize| format!("{}{}{}", all.0, vec!["{}"; count].join(sign), all.1);
            assert_eq!(count(&body(MAX_EVENTS)), Ok(MAX_EVENTS));
            assert_eq!(count(&body(MAX_EVENTS + 1)), Err(TooMany));
        }
    }
}
