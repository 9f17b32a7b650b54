//! Sets of numbers. In: comparisons with constants. Out: the remaining interval, or that it is empty.

use crate::check::program::Comparison;
use crate::value::Decimal;
use std::collections::BTreeSet;

/// A bound, and whether it is inclusive.
type Bound = Option<(Decimal, bool)>;

/// The numbers between two bounds, except some.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Range {
    low: Bound,
    high: Bound,
    without: BTreeSet<Decimal>,
    /// Whether it contains only integers.
    whole: bool,
}

impl Range {
    /// Returns the possible values of a count.
    pub(super) fn count() -> Self {
        Self { low: Some((Decimal::ZERO, true)), whole: true, ..Self::default() }
    }

    /// Returns the part for which `number op c` can hold, where `c` is between `low` and `high`; `None` if it is empty.
    pub(super) fn narrowed(&self, op: Comparison, low: Decimal, high: Decimal) -> Option<Self> {
        let mut range = self.clone();
        match op {
            Comparison::Less => range.below(high, low != high),
            Comparison::LessEqual => range.below(high, true),
            Comparison::Greater => range.above(low, low != high),
            Comparison::GreaterEqual => range.above(low, true),
            Comparison::Equal => {
                range.above(low, true);
                range.below(high, true);
            }
            Comparison::NotEqual => {
                if low == high {
                    range.without.insert(low);
                }
            }
        }
        range.tidied()
    }

    fn below(&mut self, bound: Decimal, inside: bool) {
        if self.high.is_none_or(|(known, known_inside)| bound < known || (bound == known && known_inside)) {
            self.high = Some((bound, inside));
        }
    }

    fn above(&mut self, bound: Decimal, inside: bool) {
        if self.low.is_none_or(|(known, known_inside)| bound > known || (bound == known && known_inside)) {
            self.low = Some((bound, inside));
        }
    }

    /// Tightens the bounds; `None` if the range is empty.
    fn tidied(mut self) -> Option<Self> {
        if self.whole {
            self.low = self.low.map(|(bound, inside)| {
                let up = bound.ceil();
                (if inside || up != bound { up } else { up + Decimal::ONE }, true)
            });
            self.high = self.high.map(|(bound, inside)| {
                let down = bound.floor();
                (if inside || down != bound { down } else { down - Decimal::ONE }, true)
            });
        }
        loop {
            if let Some((bound, true)) = self.low
                && self.without.contains(&bound)
            {
                self.low = Some(if self.whole { (bound + Decimal::ONE, true) } else { (bound, false) });
            } else if let Some((bound, true)) = self.high
                && self.without.contains(&bound)
            {
                self.high = Some(if self.whole { (bound - Decimal::ONE, true) } else { (bound, false) });
            } else {
                break;
            }
        }
        let empty = match (self.low, self.high) {
            (Some((low, from)), Some((high, to))) => low > high || (low == high && !(from && to)),
            (None, _) | (_, None) => false,
        };
        (!empty).then_some(self)
    }

    /// Returns the smallest range that contains both.
    pub(super) fn hull(&self, other: &Self) -> Self {
        let low = match (self.low, other.low) {
            (Some(a), Some(b)) => Some(if (a.0, !a.1) <= (b.0, !b.1) { a } else { b }),
            (None, _) | (_, None) => None,
        };
        let high = match (self.high, other.high) {
            (Some(a), Some(b)) => Some(if (a.0, a.1) >= (b.0, b.1) { a } else { b }),
            (None, _) | (_, None) => None,
        };
        let without = self.without.intersection(&other.without).copied().collect();
        Self { low, high, without, whole: self.whole && other.whole }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn narrowed(range: &Range, steps: &[(Comparison, i64)]) -> Option<Range> {
        steps.iter().try_fold(range.clone(), |range, (op, number)| {
            let number = Decimal::from(*number);
            range.narrowed(*op, number, number)
        })
    }

    #[test]
    fn bounds_meet_or_leave_nothing() {
        use Comparison::{Equal, Greater, GreaterEqual, Less, LessEqual, NotEqual};
        let all = Range::default();
        assert!(narrowed(&all, &[(Greater, 5), (Less, 6)]).is_some());
        assert!(narrowed(&Range::count(), &[(Greater, 5), (Less, 6)]).is_none());
        assert!(narrowed(&all, &[(GreaterEqual, 5), (LessEqual, 5)]).is_some());
        assert!(narrowed(&all, &[(GreaterEqual, 5), (LessEqual, 5), (NotEqual, 5)]).is_none());
        assert!(narrowed(&all, &[(NotEqual, 5), (Equal, 5)]).is_none());
        assert!(narrowed(&all, &[(Greater, 5), (LessEqual, 5)]).is_none());
        assert!(narrowed(&Range::count(), &[(Less, 0)]).is_none());
        assert!(narrowed(&Range::count(), &[(NotEqual, 0), (Less, 1)]).is_none());
    }
}
