//! Choices of a property test: numbers from bytes that the test generates and shrinks.

/// A source of choices.
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number below `n`; 0 when all bytes are used.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % n
    }

    /// Whether any bytes are left.
    pub(crate) fn more(&self) -> bool {
        self.at < self.bytes.len()
    }
}

/// The number of cases of a property: `FUNNELC_CASES`, or the usual number.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("FUNNELC_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
