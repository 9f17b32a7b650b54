//! Linear expressions. In: sums and differences of numbers, amounts, moments and durations. Out: the coefficient of
//! each term, and a constant.

use super::term::Term;
use crate::analysis::small_map::SmallMap;
use crate::check::program::{Arithmetic, Expr, Function};
use crate::value::{CivilDate, Decimal, Duration, TimeOfDay, Type, Value};

/// What a sum is measured in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::analysis) enum Unit {
    /// Plain numbers.
    Number,
    /// Amounts; the currency is empty if it is not known.
    Money(String),
    /// Milliseconds since the epoch.
    Moment,
    /// Milliseconds.
    Length,
    /// Calendar days.
    Date,
    /// Seconds of a day.
    Time,
}

/// Terms with their coefficients, and a constant between `low` and `high`.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::analysis) struct Sum {
    pub(in crate::analysis) unit: Unit,
    pub(in crate::analysis) terms: SmallMap<Term, Decimal>,
    pub(in crate::analysis) low: Decimal,
    pub(in crate::analysis) high: Decimal,
    /// How much a calendar duration may differ from its nominal length.
    pub(in crate::analysis) slack: Decimal,
}

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

impl Sum {
    fn constant(unit: Unit, value: Decimal) -> Self {
        Self { unit, terms: SmallMap::new(), low: value, high: value, slack: Decimal::ZERO }
    }

    fn term(unit: Unit, term: Term) -> Self {
        Self { terms: SmallMap::one(term, Decimal::ONE), ..Self::constant(unit, Decimal::ZERO) }
    }

    /// Converts an expression; `None` if it is not linear.
    pub(in crate::analysis) fn of(expr: &Expr) -> Option<Self> {
        match expr {
            Expr::Value(value) => Self::of_value(value),
            Expr::Field(read) => Some(Self::term(unit(&read.ty)?, Term::of_field(read))),
            Expr::Now => Some(Self::term(Unit::Moment, Term::Now)),
            Expr::Day { day, at } => {
                let unit = if at.is_some() { Unit::Moment } else { Unit::Date };
                Some(Self::term(unit, Term::of_day(*day, *at)))
            }
            Expr::History(history) => {
                let unit = match (history.function, &history.query.field) {
                    (Function::Count, _) => Unit::Number,
                    (Function::Any | Function::None, _) | (_, None) => return None,
                    (_, Some(picked)) => unit(picked.ty())?,
                };
                Some(Self::term(unit, Term::of_history(history)))
            }
            Expr::Negate(inner) => Self::of(inner)?.times(Decimal::NEGATIVE_ONE),
            Expr::AtTime(of, at) => match &**of {
                // No two places are further apart than this, by their clocks.
                Expr::DateOf(moment, Some(_)) => Self::of(moment)?.on_its_date(*at, Decimal::from(26 * HOUR)),
                moment => Self::of(moment)?.on_its_date(*at, Decimal::ZERO),
            },
            Expr::Arithmetic(Arithmetic::Add, a, b) => Self::of(a)?.plus(Self::of(b)?, false),
            Expr::Arithmetic(Arithmetic::Subtract, a, b) => Self::of(a)?.plus(Self::of(b)?, true),
            Expr::Arithmetic(Arithmetic::Multiply, a, b) => {
                let (a, b) = (Self::of(a)?, Self::of(b)?);
                let (sum, factor) = if b.terms.is_empty() { (a, b) } else { (b, a) };
                (factor.terms.is_empty() && factor.unit == Unit::Number && sum.unit != Unit::Moment)
                    .then(|| sum.times(factor.low))?
            }
            Expr::Arithmetic(Arithmetic::Divide, a, b) => {
                let (sum, by) = (Self::of(a)?, Self::of(b)?);
                (by.terms.is_empty() && by.unit == Unit::Number && sum.unit != Unit::Moment)
                    .then(|| sum.times(Decimal::ONE.checked_div(by.low)?))?
            }
            _ => None,
        }
    }

    fn of_value(value: &Value) -> Option<Self> {
        Some(match value {
            Value::Number(number) => Self::constant(Unit::Number, *number),
            Value::Money(money) => Self::constant(Unit::Money(money.currency.clone()), money.amount),
            Value::Date(date) => Self::constant(Unit::Date, Decimal::from(day_number(*date))),
            Value::Time(time) => {
                let (hour, minute, second) = time.parts();
                Self::constant(Unit::Time, Decimal::from(hour * 3600 + minute * 60 + second))
            }
            Value::DateTime(at) => Self::constant(Unit::Moment, Decimal::from(at.0)),
            Value::Duration(length) => Self { slack: slack(*length), ..Self::constant(Unit::Length, nominal(*length)) },
            Value::Civil(reading) => {
                let (earliest, latest) = reading.instants();
                let bounds = (Decimal::from(earliest.0), Decimal::from(latest.0));
                Self { low: bounds.0, high: bounds.1, ..Self::constant(Unit::Moment, bounds.0) }
            }
            Value::Bool(_) | Value::Text(_) | Value::List(_) => return None,
        })
    }

    /// A time of day on the date of a moment: up to a day before it and up to itself after it, and a clock change. The
    /// date may be that of a place where clocks differ by this much.
    fn on_its_date(self, at: TimeOfDay, apart: Decimal) -> Option<Self> {
        let (hour, minute, second) = at.parts();
        let after_midnight = Decimal::from(i64::from((hour * 60 + minute) * 60 + second) * 1000);
        let around = Decimal::from(HOUR).checked_add(apart)?;
        let low = self.low.checked_add(after_midnight)?.checked_sub(Decimal::from(DAY))?.checked_sub(around)?;
        let high = self.high.checked_add(after_midnight)?.checked_add(around)?;
        (self.unit == Unit::Moment).then_some(Self { low, high, ..self })
    }

    fn times(self, factor: Decimal) -> Option<Self> {
        let terms = self.terms.try_map(|count| count.checked_mul(factor))?;
        let (a, b) = (self.low.checked_mul(factor)?, self.high.checked_mul(factor)?);
        let slack = self.slack.checked_mul(factor)?.abs();
        Some(Self { unit: self.unit, terms, low: a.min(b), high: a.max(b), slack })
    }

    /// Adds or subtracts.
    fn plus(self, other: Self, minus: bool) -> Option<Self> {
        let unit = match (&self.unit, &other.unit) {
            (Unit::Moment, Unit::Moment) if minus => Unit::Length,
            (Unit::Moment, Unit::Length) => Unit::Moment,
            (Unit::Length, Unit::Moment) if !minus => Unit::Moment,
            (Unit::Money(a), Unit::Money(b)) => Unit::Money(one_currency(a, b)?),
            (Unit::Number, Unit::Number) | (Unit::Length, Unit::Length) => self.unit.clone(),
            _ => return None,
        };
        self.joined(other, unit, minus)
    }

    /// Returns `self - other` if both are comparable; the slack of a moment widens its bounds.
    pub(in crate::analysis) fn difference(self, other: Self) -> Option<Self> {
        let unit = match (&self.unit, &other.unit) {
            (Unit::Money(a), Unit::Money(b)) => Unit::Money(one_currency(a, b)?),
            (a, b) if a == b => self.unit.clone(),
            _ => return None,
        };
        self.joined(other, unit, true)
    }

    fn joined(self, other: Self, unit: Unit, minus: bool) -> Option<Self> {
        let other = if minus { other.times(Decimal::NEGATIVE_ONE)? } else { other };
        let mut terms = self.terms;
        for (term, count) in other.terms {
            let sum = terms.get(&term).copied().unwrap_or_default().checked_add(count)?;
            if sum.is_zero() {
                terms.remove(&term)
            } else {
                terms.insert(term, sum)
            };
        }
        let slack = self.slack.checked_add(other.slack)?;
        // Invariant: durations are compared by their nominal length; added to a moment, they have slack.
        let (widening, slack) = if unit == Unit::Moment { (slack, Decimal::ZERO) } else { (Decimal::ZERO, slack) };
        let low = self.low.checked_add(other.low)?.checked_sub(widening)?;
        let high = self.high.checked_add(other.high)?.checked_add(widening)?;
        Some(Self { unit, terms, low, high, slack })
    }
}

/// The unit of a type; `None` if its values cannot be added.
fn unit(ty: &Type) -> Option<Unit> {
    match ty {
        Type::Number => Some(Unit::Number),
        Type::Money => Some(Unit::Money(String::new())),
        Type::DateTime => Some(Unit::Moment),
        Type::Duration => Some(Unit::Length),
        Type::Date | Type::Anniversary => Some(Unit::Date),
        Type::Time => Some(Unit::Time),
        Type::Text | Type::Bool | Type::Phone | Type::Email | Type::Url | Type::List(_) | Type::Literals(_) => None,
    }
}

fn one_currency(a: &str, b: &str) -> Option<String> {
    if a.is_empty() || a == b {
        return Some(b.to_owned());
    }
    b.is_empty().then(|| a.to_owned())
}

fn nominal(length: Duration) -> Decimal {
    Decimal::from(length.nominal_ms())
}

/// How much a calendar duration may differ from its nominal length: a day has 23 to 25 hours, a month 28 to 31 days.
fn slack(length: Duration) -> Decimal {
    let days = if length.months == 0 { 0 } else { i64::from(length.months.abs()) * 2 + 4 };
    let hours = i64::from(length.is_calendar());
    Decimal::from(days * DAY + hours * HOUR)
}

/// Days since a fixed date in the proleptic Gregorian calendar, with years that begin in March.
fn day_number(date: CivilDate) -> i64 {
    let (year, month, day) = date.parts();
    let (month, day) = (i64::from(month), i64::from(day));
    let year = i64::from(year) - i64::from(month <= 2);
    let month = (month + 9) % 12;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + (month * 153 + 2) / 5 + day
}
