//! Events that are too long to be read whole. In: the beginning of a text. Out: the members that it has completely.

use serde_json::Value as Json;

/// The complete members at the beginning of a JSON object whose end is missing.
pub(crate) fn beginning(text: &[u8]) -> Option<Json> {
    let text = match str::from_utf8(text) {
        Ok(text) => text,
        Err(error) => str::from_utf8(text.get(..error.valid_up_to())?).ok()?,
    };
    let (mut open, mut in_string, mut escaped) = (Vec::new(), false, false);
    let mut cut: Option<(usize, String)> = None;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b'{' => open.push('}'),
            b'[' => open.push(']'),
            b'}' | b']' => _ = open.pop(),
            // The members of the event and of its data, and the items of a list in it.
            b',' if open.len() <= 3 => cut = Some((at, open.iter().rev().collect())),
            _ => {}
        }
    }
    let (end, closing) = cut?;
    serde_json::from_str(&format!("{}{closing}", text.get(..end)?)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_complete_is_read() {
        let read = |text: &str| beginning(text.as_bytes()).map(|json| json.to_string());
        let cases = [
            (r#"{"a":1,"b":{"c":"x,\"y","d":"ab"#, Some(r#"{"a":1,"b":{"c":"x,\"y"}}"#)),
            (r#"{"a":1,"b":{"c":[1,2,3"#, Some(r#"{"a":1,"b":{"c":[1,2]}}"#)),
            (r#"{"a":1,"b"#, Some(r#"{"a":1}"#)),
            (r#"{"a":"x"#, None),
            ("x,y", None),
            ("", None),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text).as_deref(), expected, "{text}");
        }
    }
}
