//! Hexadecimal digits of bytes, such as a hash.

/// The first `digits` lowercase hexadecimal digits; fewer if there are fewer bytes.
#[must_use]
pub fn hex(bytes: &[u8], digits: usize) -> String {
    let halves = bytes.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    halves.take(digits).filter_map(|half| char::from_digit(half.into(), 16)).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn digits_start_with_the_first_byte() {
        assert_eq!(hex(&[0x0a, 0xf3, 0x10], 5), "0af31");
        assert_eq!(hex(&[0x0a], 4), "0a");
    }
}
