//! Durations, numbers, amounts and dates in words.

use super::Voice;
use crate::diagnostic::Language;
use crate::value::{CivilDate, CivilDateTime, DateStyle, Decimal, Duration, Value, Weekday, Wording};

/// A unit: its English forms for one and for several, and its Russian forms after one, few and many, as they are said
/// after `wait`.
struct Unit([&'static str; 2], [&'static str; 3]);

const YEAR: Unit = Unit(["year", "years"], ["год", "года", "лет"]);
const MONTH: Unit = Unit(["month", "months"], ["месяц", "месяца", "месяцев"]);
const DAY: Unit = Unit(["day", "days"], ["день", "дня", "дней"]);
const HOUR: Unit = Unit(["hour", "hours"], ["час", "часа", "часов"]);
const MINUTE: Unit = Unit(["minute", "minutes"], ["минуту", "минуты", "минут"]);
const SECOND: Unit = Unit(["second", "seconds"], ["секунду", "секунды", "секунд"]);
const TIME: Unit = Unit(["time", "times"], ["раз", "раза", "раз"]);

impl Voice<'_> {
    /// `1 day`, `1 hour 30 minutes`; a duration has no sign here.
    pub(super) fn duration(&self, length: Duration) -> String {
        let (months, days) = (u64::from(length.months.unsigned_abs()), u64::from(length.days.unsigned_abs()));
        let seconds = length.ms.unsigned_abs() / 1000;
        let parts = [
            (months / 12, YEAR),
            (months % 12, MONTH),
            (days, DAY),
            (seconds / 3600, HOUR),
            (seconds / 60 % 60, MINUTE),
            (seconds % 60, SECOND),
        ];
        let written: Vec<String> =
            parts.iter().filter(|part| part.0 > 0).map(|(n, unit)| self.counted(*n, unit)).collect();
        if written.is_empty() { self.counted(0, &SECOND) } else { written.join(" ") }
    }

    /// `3 times`
    pub(super) fn repeated(&self, times: u32) -> String {
        self.counted(u64::from(times), &TIME)
    }

    fn counted(&self, count: u64, Unit(english, russian): &Unit) -> String {
        let number = Decimal::from(count);
        let wording = self.wording();
        let form = wording.plural_form(number);
        let word = match self.language {
            Language::English => english.get(form),
            Language::Russian => russian.get(form),
        };
        format!("{} {}", wording.number(number), word.copied().unwrap_or_default())
    }

    /// A value without the signs of source code.
    pub(super) fn value(&self, value: &Value) -> String {
        let wording = self.wording();
        match value {
            Value::Number(number) => wording.number(*number),
            Value::Text(text) => text.clone(),
            Value::Money(money) => wording.money(money),
            Value::Date(date) => self.date(*date),
            Value::Time(time) => time.to_string(),
            Value::Civil(at) => self.civil(*at),
            Value::DateTime(at) => crate::value::Zone::UTC.rfc3339(*at),
            Value::Duration(length) => self.duration(*length),
            Value::List(items) => items.iter().map(|item| self.value(item)).collect::<Vec<_>>().join(", "),
            Value::Bool(is) => is.to_string(),
        }
    }

    /// `25 December 2026`
    fn date(&self, date: CivilDate) -> String {
        self.wording().date(DateStyle::Date, date)
    }

    /// `25 December 2026, 10:00`
    pub(super) fn civil(&self, at: CivilDateTime) -> String {
        format!("{}, {}", self.date(at.date), at.time)
    }

    /// `Monday`, `Monday, Thursday`, `Monday–Friday`
    pub(super) fn weekdays(&self, days: &[Weekday]) -> String {
        let place = |day: &Weekday| Weekday::ALL.iter().position(|known| known == day).unwrap_or(0);
        let rows = days.chunk_by(|one, next| place(one) + 1 == place(next));
        let rows = rows.map(|row| match row {
            [first, _, .., last] => format!("{}–{}", self.weekday(*first), self.weekday(*last)),
            few => few.iter().map(|day| self.weekday(*day)).collect::<Vec<_>>().join(", "),
        });
        rows.collect::<Vec<_>>().join(", ")
    }

    fn weekday(&self, day: Weekday) -> String {
        let week = (1..=7).filter_map(|day| CivilDate::new(2024, 1, day));
        let date = week.into_iter().find(|date| date.weekday() == day);
        date.map_or_else(|| day.name().to_owned(), |date| self.wording().date(DateStyle::Weekday, date))
    }

    fn wording(&self) -> Wording {
        Wording::of(self.language.code())
    }
}
