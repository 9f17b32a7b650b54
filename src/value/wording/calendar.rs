//! Dates and times of day in a language.

use super::{Wording, typeable};
use crate::value::{CivilDate, TimeOfDay};
use icu_calendar::{Date, Gregorian};
use icu_datetime::fieldsets::enums::DateFieldSet;
use icu_datetime::fieldsets::{E, MD, T, YMD, YMDE};
use icu_datetime::input::Time;
use icu_datetime::options::YearStyle;
use icu_datetime::{DateTimeFormatterPreferences, FixedCalendarDateTimeFormatter, NoCalendarFormatter};
use icu_locale_core::Locale;
use icu_locale_core::preferences::extensions::unicode::keywords::HourCycle;
use serde::{Deserialize, Serialize};

/// How a date is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DateStyle {
    /// `2 March 2026`
    Date,
    /// `02/03/2026`
    Short,
    /// `Monday, 2 March 2026`
    Long,
    /// `2 March`
    Day,
    /// `Monday`
    Weekday,
}

impl DateStyle {
    /// All styles.
    pub const ALL: [Self; 5] = [Self::Date, Self::Short, Self::Long, Self::Day, Self::Weekday];

    fn fields(self) -> DateFieldSet {
        match self {
            Self::Date => DateFieldSet::YMD(YMD::long()),
            Self::Short => DateFieldSet::YMD(YMD::short().with_year_style(YearStyle::Full)),
            Self::Long => DateFieldSet::YMDE(YMDE::long()),
            Self::Day => DateFieldSet::MD(MD::long()),
            Self::Weekday => DateFieldSet::E(E::long()),
        }
    }
}

impl Wording {
    /// Writes a date.
    #[must_use]
    pub fn date(&self, style: DateStyle, date: CivilDate) -> String {
        self.dates(style, &[date]).pop().unwrap_or_else(|| date.to_string())
    }

    /// Writes several dates in one style.
    #[must_use]
    pub fn dates(&self, style: DateStyle, dates: &[CivilDate]) -> Vec<String> {
        let formatter = dates_of(&self.locale, style.fields());
        let written = dates.iter().map(|date| {
            let day = gregorian(*date)?;
            Some(typeable(&formatter.as_ref()?.format(&day).to_string()))
        });
        written.zip(dates).map(|(text, date)| text.unwrap_or_else(|| date.to_string())).collect()
    }

    /// Writes a time of day by the 12-hour clock: `6:30 pm`.
    #[must_use]
    pub fn time12(&self, time: TimeOfDay) -> String {
        let (hour, minute, _) = time.parts();
        let mut preferences = DateTimeFormatterPreferences::from(&self.locale);
        preferences.hour_cycle = Some(HourCycle::H12);
        let parts = (u8::try_from(hour % 24), u8::try_from(minute));
        match (NoCalendarFormatter::try_new(preferences, T::hm()), parts) {
            (Ok(formatter), (Ok(hour), Ok(minute))) => match Time::try_new(hour, minute, 0, 0) {
                Ok(at) => typeable(&formatter.format(&at).to_string()),
                Err(_) => time.to_string(),
            },
            _ => time.to_string(),
        }
    }
}

/// Whether the names of months are known in a language; without them, March is `M03`.
pub(super) fn has_names(locale: &Locale) -> bool {
    let march = Date::try_new_gregorian(2026, 3, 10).ok();
    let text = dates_of(locale, DateFieldSet::MD(MD::long()))
        .zip(march)
        .map(|(names, march)| names.format(&march).to_string());
    text.is_some_and(|text| !text.contains("M03"))
}

fn dates_of(locale: &Locale, fields: DateFieldSet) -> Option<FixedCalendarDateTimeFormatter<Gregorian, DateFieldSet>> {
    FixedCalendarDateTimeFormatter::try_new(DateTimeFormatterPreferences::from(locale), fields).ok()
}

fn gregorian(date: CivilDate) -> Option<Date<Gregorian>> {
    let (year, month, day) = date.parts();
    Date::try_new_gregorian(year, u8::try_from(month).ok()?, u8::try_from(day).ok()?).ok()
}
