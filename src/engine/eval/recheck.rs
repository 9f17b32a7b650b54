//! Computes when time alone may change a condition. In: an evaluated condition. Out: when to evaluate it again.

use super::operator;
use super::scope::Scope;
use crate::check::program::{Arithmetic, Expr};
use crate::value::{CivilDateTime, TimeOfDay, Timestamp, Value};

const DAY_MS: i64 = 86_400_000;

/// How near a change must be, in milliseconds, to be checked at each midnight: five days.
const NEAR_MS: i64 = 5 * DAY_MS;

impl Scope<'_> {
    /// Records that the result may change at a moment.
    pub(in crate::engine) fn changes_at(&self, moment: Option<Timestamp>) {
        self.recheck.set(self.recheck.get().into_iter().chain(moment).min());
    }

    /// Records when a condition that reads the clock may change.
    pub(in crate::engine) fn changes_with_the_clock(&self, condition: &Expr) {
        if let Expr::Compare(_, left, right) = condition
            && (left.reads_clock() || right.reads_clock())
        {
            // A date that recurs is far away the day after.
            let recurs = reads_yearly(left) || reads_yearly(right);
            return self.changes_at(if recurs { Some(self.midnight()) } else { self.crossing(left, right) });
        }
        if matches!(condition, Expr::Now | Expr::Day { .. } | Expr::Yearly(..)) {
            return self.changes_at(Some(self.midnight()));
        }
        condition.children().into_iter().for_each(|part| self.changes_with_the_clock(part));
    }

    /// When the comparison of two sides may next change: when the faster one catches up with the other. Calendar
    /// arithmetic makes that inexact by up to three days, so the condition is evaluated some days earlier, and then at
    /// each midnight. `None` when time leads the sides away from each other.
    fn crossing(&self, left: &Expr, right: &Expr) -> Option<Timestamp> {
        let (a, b) = (self.value(left)?, self.value(right)?);
        let closing = rate(left).zip(rate(right)).map(|(left, right)| right - left).filter(|closing| *closing != 0);
        let gaps: Vec<i64> = [self.gap(&a, &b), self.gap_to_the_next_day(&a, &b)].into_iter().flatten().collect();
        let (Some(closing), false) = (closing, gaps.is_empty()) else { return Some(self.midnight()) };
        // A day only changes at midnight.
        let moves = reads_now(left) || reads_now(right);
        let next = |gap: i64| {
            let apart = gap.saturating_abs();
            let nears = gap == 0 || gap.signum() == closing.signum();
            match (nears, apart <= NEAR_MS) {
                (true, true) if moves => Some(self.now.plus_ms((apart / closing.abs()).max(1)).min(self.midnight())),
                (_, true) => Some(self.midnight()),
                (true, false) => Some(self.now.plus_ms((apart - NEAR_MS + DAY_MS) / closing.abs())),
                (false, false) => None,
            }
        };
        gaps.into_iter().filter_map(next).min()
    }

    /// How far the left side is ahead of the right one, in milliseconds; `None` if they are not in time.
    fn gap(&self, left: &Value, right: &Value) -> Option<i64> {
        match (left, right) {
            (Value::Duration(a), Value::Duration(b)) => Some(a.nominal_ms().saturating_sub(b.nominal_ms())),
            (a, b) => {
                let (a, b) = (operator::instant(a, self.zone)?, operator::instant(b, self.zone)?);
                Some(a.0.saturating_sub(b.0))
            }
        }
    }

    /// The same for the end of a day that is compared with a moment: on that day they are equal.
    fn gap_to_the_next_day(&self, left: &Value, right: &Value) -> Option<i64> {
        if matches!((left, right), (Value::Date(_), Value::Date(_))) {
            return None;
        }
        if let Value::Date(day) = left {
            return self.gap(&Value::Date(day.plus(0, 1)), right);
        }
        let Value::Date(day) = right else { return None };
        self.gap(left, &Value::Date(day.plus(0, 1)))
    }

    /// Whether neither time nor another time zone changes a condition any more, as long as the fields stay the same.
    pub(in crate::engine) fn is_settled(&self, condition: &Expr) -> bool {
        if condition.is_fixed() {
            return true;
        }
        match condition {
            Expr::Compare(_, left, right) => {
                // What is missing of an event without a key stays missing.
                let (Some(a), Some(b)) = (self.value(left), self.value(right)) else { return true };
                let closing = rate(left).zip(rate(right)).map(|(left, right)| right - left);
                let (Some(gap), Some(closing)) = (self.gap(&a, &b), closing) else { return false };
                gap.saturating_abs() > NEAR_MS && (closing == 0 || gap.signum() != closing.signum())
            }
            Expr::Not(_) | Expr::And(..) | Expr::Or(..) | Expr::IsKnown(_) => {
                condition.children().into_iter().all(|part| self.is_settled(part))
            }
            Expr::Value(_)
            | Expr::Field(_)
            | Expr::Now
            | Expr::Day { .. }
            | Expr::Text(_)
            | Expr::List(_)
            | Expr::Negate(_)
            | Expr::Arithmetic(..)
            | Expr::In(..)
            | Expr::Contains(..)
            | Expr::StartsWith(..)
            | Expr::Matches(..)
            | Expr::Yearly(..)
            | Expr::InFunnel(_)
            | Expr::Range(..)
            | Expr::AtTime(..)
            | Expr::DateOf(..)
            | Expr::History(_) => false,
        }
    }

    fn midnight(&self) -> Timestamp {
        let tomorrow = self.zone.civil(self.now).date.plus(0, 1);
        self.zone.resolve(CivilDateTime { date: tomorrow, time: TimeOfDay::MIDNIGHT }).max(self.now.plus_ms(1))
    }
}

fn reads_yearly(expr: &Expr) -> bool {
    matches!(expr, Expr::Yearly(..)) || expr.children().into_iter().any(reads_yearly)
}

fn reads_now(expr: &Expr) -> bool {
    matches!(expr, Expr::Now) || expr.children().into_iter().any(reads_now)
}

/// How many milliseconds an expression advances with each millisecond; `None` if that is not constant.
fn rate(expr: &Expr) -> Option<i64> {
    match expr {
        Expr::Now | Expr::Day { .. } => Some(1),
        Expr::Arithmetic(Arithmetic::Add, left, right) => rate(left)?.checked_add(rate(right)?),
        Expr::Arithmetic(Arithmetic::Subtract, left, right) => rate(left)?.checked_sub(rate(right)?),
        Expr::Negate(inner) => rate(inner)?.checked_neg(),
        other => (!other.reads_clock()).then_some(0),
    }
}
