//! The operators on values. Each returns `None` where there is no result: division by zero, overflow, two currencies.
//! The checker has already proved that the types fit.

use crate::check::program::{Arithmetic, Comparison};
use crate::value::{CivilDate, CivilDateTime, Decimal, Duration, Money, TimeOfDay, Timestamp, Value, Zone};
use std::cmp::Ordering;

/// The instant of a datetime, of a civil time in a zone, or of a date's midnight there.
pub(in crate::engine) fn instant(value: &Value, zone: Zone) -> Option<Timestamp> {
    match value {
        Value::DateTime(at) => Some(*at),
        Value::Civil(reading) => Some(zone.resolve(*reading)),
        Value::Date(date) => Some(midnight(*date, zone)),
        Value::Bool(_)
        | Value::Number(_)
        | Value::Text(_)
        | Value::Money(_)
        | Value::Time(_)
        | Value::Duration(_)
        | Value::List(_) => None,
    }
}

fn midnight(date: CivilDate, zone: Zone) -> Timestamp {
    zone.resolve(CivilDateTime { date, time: TimeOfDay::MIDNIGHT })
}

/// Compares two comparable values. A date and a datetime are compared by day.
pub(in crate::engine) fn compare(op: Comparison, left: &Value, right: &Value, zone: Zone) -> Option<bool> {
    let order = order(left, right, zone)?;
    Some(match op {
        Comparison::Equal => order == Ordering::Equal,
        Comparison::NotEqual => order != Ordering::Equal,
        Comparison::Less => order == Ordering::Less,
        Comparison::LessEqual => order != Ordering::Greater,
        Comparison::Greater => order == Ordering::Greater,
        Comparison::GreaterEqual => order != Ordering::Less,
    })
}

fn order(left: &Value, right: &Value, zone: Zone) -> Option<Ordering> {
    match (left, right) {
        (Value::Bool(a), Value::Bool(b)) => Some(a.cmp(b)),
        (Value::Number(a), Value::Number(b)) => Some(a.cmp(b)),
        (Value::Text(a), Value::Text(b)) => Some(a.cmp(b)),
        (Value::Money(a), Value::Money(b)) => (a.currency == b.currency).then(|| a.amount.cmp(&b.amount)),
        (Value::Time(a), Value::Time(b)) => Some(a.cmp(b)),
        (Value::Duration(a), Value::Duration(b)) => Some(a.nominal_ms().cmp(&b.nominal_ms())),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        (Value::Date(a), other) => Some(a.cmp(&zone.civil(instant(other, zone)?).date)),
        (other, Value::Date(b)) => Some(zone.civil(instant(other, zone)?).date.cmp(b)),
        (Value::List(a), Value::List(b)) => (a == b).then_some(Ordering::Equal).or(Some(a.len().cmp(&b.len()))),
        (a, b) => Some(moment(a, zone)?.cmp(&moment(b, zone)?)),
    }
}

/// The instant of a value that must be a moment.
fn moment(value: &Value, zone: Zone) -> Option<Timestamp> {
    instant(value, zone).or_else(|| type_mismatch("a moment", &[value]))
}

/// Returns no result for types that the checker never lets through. Debug builds fail here instead.
fn type_mismatch<T>(wanted: &str, given: &[&Value]) -> Option<T> {
    debug_assert!(given.is_empty(), "the checker let through {given:?} where {wanted} must be");
    None
}

/// Adds, subtracts, multiplies or divides.
pub(in crate::engine) fn arithmetic(op: Arithmetic, left: Value, right: Value, zone: Zone) -> Option<Value> {
    match op {
        Arithmetic::Add => add(left, right, zone),
        Arithmetic::Subtract => subtract(left, right, zone),
        Arithmetic::Multiply => match (left, right) {
            (Value::Number(a), Value::Number(b)) => a.checked_mul(b).map(Value::Number),
            (Value::Money(m), Value::Number(n)) | (Value::Number(n), Value::Money(m)) => {
                money(m.amount.checked_mul(n), m)
            }
            (Value::Duration(d), Value::Number(n)) | (Value::Number(n), Value::Duration(d)) => times(d, n),
            (a, b) => type_mismatch("a product", &[&a, &b]),
        },
        Arithmetic::Divide => match (left, right) {
            (Value::Number(a), Value::Number(b)) => a.checked_div(b).map(Value::Number),
            (Value::Money(m), Value::Number(n)) => money(m.amount.checked_div(n), m),
            (Value::Money(a), Value::Money(b)) if a.currency == b.currency => {
                a.amount.checked_div(b.amount).map(Value::Number)
            }
            (Value::Money(_), Value::Money(_)) => None,
            (a, b) => type_mismatch("a quotient", &[&a, &b]),
        },
    }
}

fn add(left: Value, right: Value, zone: Zone) -> Option<Value> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.checked_add(b).map(Value::Number),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => money(a.amount.checked_add(b.amount), a),
        (Value::Text(a), Value::Text(b)) => Some(Value::Text(a + &b)),
        (Value::Duration(a), Value::Duration(b)) => Some(Value::Duration(a.plus(b))),
        (Value::Date(date), Value::Duration(d)) | (Value::Duration(d), Value::Date(date)) if d.ms == 0 => {
            Some(Value::Date(date.plus(d.months, d.days)))
        }
        (Value::Money(_), Value::Money(_)) => None,
        (at, Value::Duration(d)) | (Value::Duration(d), at) => Some(Value::DateTime(zone.plus(moment(&at, zone)?, d))),
        (a, b) => type_mismatch("a sum", &[&a, &b]),
    }
}

fn subtract(left: Value, right: Value, zone: Zone) -> Option<Value> {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a.checked_sub(b).map(Value::Number),
        (Value::Money(a), Value::Money(b)) if a.currency == b.currency => money(a.amount.checked_sub(b.amount), a),
        (Value::Money(_), Value::Money(_)) => None,
        (left, Value::Duration(d)) => add(left, Value::Duration(d.negated()), zone),
        (left, right) => {
            let length = moment(&left, zone)?.0.checked_sub(moment(&right, zone)?.0)?;
            Some(Value::Duration(Duration::exact(length)))
        }
    }
}

fn money(amount: Option<Decimal>, like: Money) -> Option<Value> {
    Some(Value::Money(Money { amount: amount?, currency: like.currency }))
}

/// Multiplies a duration. Its calendar parts must stay whole.
fn times(d: Duration, n: Decimal) -> Option<Value> {
    let scale = |part: i64| Decimal::from(part).checked_mul(n);
    let whole = |part: i32| scale(i64::from(part)).filter(|p| p.is_integer()).and_then(|p| i32::try_from(p).ok());
    let ms = i64::try_from(scale(d.ms)?.trunc()).ok()?;
    Some(Value::Duration(Duration { months: whole(d.months)?, days: whole(d.days)?, ms }))
}

/// Negates a number, an amount or a duration.
pub(in crate::engine) fn negate(value: Value) -> Option<Value> {
    match value {
        Value::Number(n) => Some(Value::Number(-n)),
        Value::Money(m) => Some(Value::Money(Money { amount: -m.amount, currency: m.currency })),
        Value::Duration(d) => Some(Value::Duration(d.negated())),
        Value::Bool(_)
        | Value::Text(_)
        | Value::Date(_)
        | Value::Time(_)
        | Value::Civil(_)
        | Value::DateTime(_)
        | Value::List(_) => type_mismatch("a number", &[&value]),
    }
}

/// Whether a list contains an item, or a text contains another.
pub(in crate::engine) fn contains(whole: &Value, part: &Value) -> Option<Value> {
    match (whole, part) {
        (Value::List(items), item) => Some(Value::Bool(items.contains(item))),
        (Value::Text(text), Value::Text(part)) => Some(Value::Bool(text.contains(part.as_str()))),
        (a, b) => type_mismatch("two texts", &[a, b]),
    }
}

/// Whether a text starts with another.
pub(in crate::engine) fn starts_with(whole: &Value, part: &Value) -> Option<Value> {
    match (whole, part) {
        (Value::Text(text), Value::Text(part)) => Some(Value::Bool(text.starts_with(part.as_str()))),
        (a, b) => type_mismatch("two texts", &[a, b]),
    }
}

/// Whether the whole text matches a pattern: `*` matches any characters, `?` matches one; case is ignored.
pub(in crate::engine) fn matches(whole: &Value, pattern: &str) -> Option<Value> {
    let Value::Text(text) = whole else { return type_mismatch("a text", &[whole]) };
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let pattern: Vec<char> = pattern.to_lowercase().chars().collect();
    Some(Value::Bool(glob(&text, &pattern)))
}

/// Takes time linear in `text` for each star: on a mismatch only the last star consumes one more character.
fn glob(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                t += 1;
                p += 1;
            }
            Some(_) | None => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    t = from + 1;
                    p = at + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).is_some_and(|rest| rest.iter().all(|c| *c == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(t: &str) -> Value {
        Value::Text(t.to_owned())
    }

    #[test]
    fn patterns_match_the_whole_text() {
        let cases = [
            ("Massage 60", "massage*", true),
            ("Massage", "mass", false),
            ("ab", "a?", true),
            ("abcbd", "a*b?", true),
            ("", "*", true),
            ("x", "", false),
        ];
        for (whole, pattern, expected) in cases {
            assert_eq!(matches(&text(whole), pattern), Some(Value::Bool(expected)), "{whole} matches {pattern}");
        }
    }

    #[test]
    fn no_answer_instead_of_a_wrong_one() {
        let number = |n: i64| Value::Number(Decimal::from(n));
        let amount = |c: &str| Value::Money(Money { amount: Decimal::ONE, currency: c.to_owned() });
        assert_eq!(arithmetic(Arithmetic::Divide, number(1), number(0), Zone::UTC), None);
        assert_eq!(arithmetic(Arithmetic::Add, amount("RUB"), amount("EUR"), Zone::UTC), None);
        assert_eq!(compare(Comparison::Less, &amount("RUB"), &amount("EUR"), Zone::UTC), None);
    }

    #[test]
    fn a_datetime_compares_with_a_date_by_the_day_of_the_zone() {
        let Some(zone) = Zone::named("Asia/Vladivostok") else { panic!("zone") };
        let at = Value::DateTime(Timestamp::parse("2026-03-07T20:00:00Z").unwrap());
        let date = Value::Date(CivilDate::new(2026, 3, 8).unwrap());
        assert_eq!(compare(Comparison::Equal, &at, &date, zone), Some(true));
        assert_eq!(compare(Comparison::Equal, &at, &date, Zone::UTC), Some(false));
    }
}
