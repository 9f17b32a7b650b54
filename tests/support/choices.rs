//! Choices that a property test makes and shrinks: in, bytes; out, numbers, 0 where the bytes have ended.

/// Choices still to be made.
pub(crate) struct Choices<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// A number below `n`; 0 where the bytes have ended.
    pub(crate) fn pick(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % n
    }

    /// Whether there are bytes left.
    pub(crate) fn more(&self) -> bool {
        self.at < self.bytes.len()
    }
}

/// How many cases a property is tried with: as many as `FUNNELC_CASES` says, or the usual number.
pub(crate) fn cases(usual: u32) -> u32 {
    std::env::var("FUNNELC_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
