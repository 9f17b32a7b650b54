//! How large an event may be. In: JSON. Out: a rejection of what storage could not read back.

use super::rejection::{Rejection, brief};
use crate::diagnostic::Code;
use crate::engine::model::Fields;
use crate::say;
use serde_json::Value as Json;

/// Limit: the size of an event, in bytes.
pub const MAX_EVENT_BYTES: usize = 1 << 20;

/// Limit: how deep the values of an event nest. What is made of an event nests a few levels deeper, which is far from
/// what the reader of the store allows.
pub const MAX_EVENT_DEPTH: usize = 32;

/// Limit: the length of a name, an id or a key, in bytes. These are stored many times.
pub const MAX_ID_BYTES: usize = 256;

/// Checks the size and the depth of an event, so that everything that is accepted can be stored and read back.
pub(super) fn check_size(event: &Json) -> Result<(), Rejection> {
    let mut bytes = 0;
    let mut open = vec![(event, 1)];
    while let Some((value, depth)) = open.pop() {
        if depth > MAX_EVENT_DEPTH {
            return Err(Rejection::new(
                Code::BadEvent,
                say!("the event is nested more than {most} levels deep", most = MAX_EVENT_DEPTH),
                say!("send only what funnels need, or the inner part as a string"),
            ));
        }
        bytes += match value {
            Json::Null | Json::Bool(_) | Json::Number(_) => 1,
            Json::String(text) => text.len(),
            Json::Array(items) => {
                open.extend(items.iter().map(|item| (item, depth + 1)));
                items.len()
            }
            Json::Object(fields) => {
                open.extend(fields.values().map(|field| (field, depth + 1)));
                fields.keys().map(String::len).sum()
            }
        };
    }
    if bytes > MAX_EVENT_BYTES {
        let message = say!("the event has more than {most} bytes", most = MAX_EVENT_BYTES);
        return Err(Rejection::new(Code::BadEvent, message, say!("send only what funnels need, or a link to it")));
    }
    Ok(())
}

/// Checks the length of the names of fields, which are remembered where no declaration knows them.
pub(super) fn check_field_names(data: &Fields) -> Result<(), Rejection> {
    let Some(name) = data.keys().find(|name| name.len() > MAX_ID_BYTES) else { return Ok(()) };
    let message = say!(
        "the name of the field `{name}` has {length} bytes, but at most {most} are allowed",
        name = brief(name),
        length = name.len(),
        most = MAX_ID_BYTES
    );
    Err(Rejection::new(Code::BadEvent, message, say!("send only what funnels need, or the inner part as a string")))
}

/// Checks the length of a name, an id or a key.
pub(super) fn check_length(name: &str, text: &str) -> Result<(), Rejection> {
    if text.len() <= MAX_ID_BYTES {
        return Ok(());
    }
    let message = say!(
        "`{name}` has {length} bytes, but at most {most} are allowed",
        name,
        length = text.len(),
        most = MAX_ID_BYTES
    );
    Err(Rejection::new(Code::BadEvent, message, say!("use a short id, such as the one in your own system")))
}
