//! What another system answers. In: the body of its response. Out: its values, or why the request has failed. A reason
//! never quotes the answer, which may contain secrets.

use super::Failure;
use super::http::Body;
use crate::engine::Fields;
use serde_json::Value as Json;

/// Limit: how deep an answer nests.
const MAX_DEPTH: usize = 32;

/// Reads the answer of a request that succeeded with this status.
///
/// # Errors
/// A permanent failure if it is no JSON object or too large: asking again would get the same. Unknown if the connection
/// broke, so that it is asked again.
pub(super) fn read(status: u16, body: &Body) -> Result<Fields, Failure> {
    let failed = |reason: String| Failure::Permanent { reason };
    let bytes = match body {
        Body::Whole(bytes) => bytes.as_slice(),
        Body::TooLarge { most } => {
            return Err(failed(format!("the server answered {status}, but with more than {most} bytes")));
        }
        Body::Broken => {
            return Err(Failure::Unknown { reason: "connection lost before the end of the answer".to_owned() });
        }
    };
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(failed(format!("the server answered {status}, but with nothing")));
    }
    if depth(bytes) > MAX_DEPTH {
        return Err(failed(format!(
            "the server answered {status}, but with values nested more than {MAX_DEPTH} levels deep"
        )));
    }
    match serde_json::from_slice(bytes) {
        Ok(Json::Object(answer)) => Ok(answer),
        Ok(Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) | Json::Array(_)) => {
            Err(failed(format!("the server answered {status}, but not with a JSON object")))
        }
        Err(_) => Err(failed(format!("the server answered {status}, but not with JSON"))),
    }
}

/// How deep brackets nest outside of strings. It is counted before the text is parsed, so that depth costs no stack.
fn depth(bytes: &[u8]) -> usize {
    let (mut open, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in bytes {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                open += 1;
                deepest = deepest.max(open);
            }
            b'}' | b']' if !in_string => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_a_json_object_of_a_usable_size() {
        let whole = |text: &str| read(200, &Body::Whole(text.as_bytes().to_vec()));
        assert_eq!(whole(" {\"a\": \"[[[\\\"[\"} ").unwrap().len(), 1);
        let nested = |levels: usize| format!("{{\"a\":{}1{}}}", "[".repeat(levels - 1), "]".repeat(levels - 1));
        assert!(whole(&nested(MAX_DEPTH)).is_ok());
        for (text, reason) in [
            (nested(MAX_DEPTH + 1), "nested more than 32 levels deep"),
            (nested(30_000), "nested more than 32 levels deep"),
            ("\n ".to_owned(), "with nothing"),
            ("[1]".to_owned(), "not with a JSON object"),
            ("secret".to_owned(), "not with JSON"),
            ("{\"a\": 1".to_owned(), "not with JSON"),
            ("{\"a\": 1} x".to_owned(), "not with JSON"),
        ] {
            let Err(Failure::Permanent { reason: found }) = whole(&text) else { panic!("{text}") };
            assert!(found.starts_with("the server answered 200, but ") && found.contains(reason), "{found}");
            assert!(!found.contains("secret"));
        }
        let large = read(201, &Body::TooLarge { most: 9 });
        assert_eq!(
            large,
            Err(Failure::Permanent { reason: "the server answered 201, but with more than 9 bytes".into() })
        );
        assert!(matches!(read(200, &Body::Broken), Err(Failure::Unknown { .. })));
    }
}
