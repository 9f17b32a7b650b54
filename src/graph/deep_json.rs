//! JSON of graphs. Their conditions nest as deep as the checker allows, which is more than JSON is usually read with. In:
//! text. Out: what it contains. Reading takes a deep stack.

use serde::Deserialize;

/// Limit: how deep JSON may nest. The deepest condition that passes the checker needs about half of it.
const MAX_NESTING: usize = 2048;

/// Why a text cannot be read.
#[derive(Debug)]
pub(super) struct TooDeep {
    /// Where the limit is exceeded, in bytes.
    pub(super) at: usize,
}

/// Reads JSON without the usual limit of nesting.
///
/// # Errors
/// The text is not JSON, or not of this type.
pub fn parse<'t, T: Deserialize<'t>>(text: &'t str) -> Result<T, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_str(text);
    reader.disable_recursion_limit();
    let value = T::deserialize(&mut reader)?;
    reader.end()?;
    Ok(value)
}

/// Checks that a text nests less deep than its reader can follow.
///
/// # Errors
/// It does not.
pub(super) fn limit_nesting(text: &str) -> Result<(), TooDeep> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => depth += 1,
            b']' | b'}' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_NESTING {
            return Err(TooDeep { at });
        }
    }
    Ok(())
}
