//! Computes when time alone may change a condition. In: an evaluated condition. Out: when to evaluate it again.

use super::operator;
use super::scope::Scope;
use crate::check::program::Expr;
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
            && (reads_clock(left) || reads_clock(right))
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

    /// When the comparison of two sides may next change: as far from now as the sides are from each other. Calendar
    /// arithmetic makes that inexact by up to three days, so the condition is evaluated some days earlier, and then at
    /// each midnight.
    fn crossing(&self, left: &Expr, right: &Expr) -> Option<Timestamp> {
        let (left, right) = (self.value(left)?, self.value(right)?);
        let apart = match (&left, &right) {
            (Value::Duration(a), Value::Duration(b)) => a.nominal_ms().abs_diff(b.nominal_ms()),
            (a, b) => {
                let (a, b) = (operator::instant(a, self.zone)?, operator::instant(b, self.zone)?);
                a.0.abs_diff(b.0)
            }
        };
        let apart = i64::try_from(apart.max(1)).unwrap_or(i64::MAX);
        if apart > NEAR_MS {
            return Some(self.now.plus_ms(apart - NEAR_MS + DAY_MS));
        }
        Some(self.now.plus_ms(apart).min(self.midnight()))
    }

    fn midnight(&self) -> Timestamp {
        let tomorrow = self.zone.civil(self.now).date.plus(0, 1);
        self.zone.resolve(CivilDateTime { date: tomorrow, time: TimeOfDay::MIDNIGHT }).max(self.now.plus_ms(1))
    }
}

fn reads_yearly(expr: &Expr) -> bool {
    matches!(expr, Expr::Yearly(..)) || expr.children().into_iter().any(reads_yearly)
}

fn reads_clock(expr: &Expr) -> bool {
    matches!(expr, Expr::Now | Expr::Day { .. } | Expr::Yearly(..)) || expr.children().into_iter().any(reads_clock)
}
