//! Dates and times as people and spreadsheets write them. In: text. Out: a value, where the text has one meaning.

use super::{CivilDate, CivilDateTime, HOUR_MS, TimeOfDay, Timestamp, Zone};

/// Reads a date: `2026-03-08`, `2026/3/8`, `08.03.2026`, `2026-03-08 00:00:00`. With slashes or hyphens and the year last,
/// only a date that is the same with day and month exchanged, or impossible.
pub(in crate::value) fn date(text: &str) -> Option<CivilDate> {
    let text = text.trim();
    if let Some(date) = CivilDate::parse(text).or_else(|| plain_date(text)) {
        return Some(date);
    }
    let (date, rest) = split_date(text)?;
    let (clock, _) = clock_and_offset(rest)?;
    (clock == (TimeOfDay::MIDNIGHT, 0)).then_some(date)
}

/// Reads a time of day: `10:00`, `9:30:00`, `9:30 pm`.
pub(in crate::value) fn time(text: &str) -> Option<TimeOfDay> {
    clock(text).filter(|(_, ms)| *ms == 0).map(|(time, _)| time)
}

/// Reads an instant: RFC 3339, or a date and a time of day with or without a UTC offset. Without one, it is in `zone`.
pub(in crate::value) fn instant(text: &str, zone: Option<Zone>) -> Option<Timestamp> {
    if let Some(at) = Timestamp::parse(text) {
        return Some(at);
    }
    let (date, rest) = split_date(text.trim())?;
    let ((time, ms), offset_ms) = clock_and_offset(rest)?;
    let reading = CivilDateTime { date, time };
    let at = match offset_ms {
        Some(offset_ms) => Zone::UTC.resolve(reading).plus_ms(-offset_ms),
        None => zone?.resolve(reading),
    };
    Some(at.plus_ms(ms))
}

/// Splits a text into its date and what follows: `2026-03-08T10:00`, `08.03.2026, 10:00`.
fn split_date(text: &str) -> Option<(CivilDate, &str)> {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, 'T' | 't' | ','))?;
    let (date, rest) = text.split_at(end);
    let rest = rest.strip_prefix(['T', 't', ',']).unwrap_or(rest);
    Some((plain_date(date)?, rest.trim()))
}

/// Reads a date of three numbers.
fn plain_date(text: &str) -> Option<CivilDate> {
    let separator = text.chars().find(|c| !c.is_ascii_digit()).filter(|c| matches!(c, '-' | '.' | '/'))?;
    let parts: Vec<&str> = text.split(separator).collect();
    let [first, second, third] = parts[..] else { return None };
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        let is_number = digits.contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        if is_number { part.parse::<u32>().ok() } else { None }
    };
    let make = |year: u32, month, day| CivilDate::new(i32::try_from(year).ok()?, month, day);
    let second = number(second, 1..=2)?;
    if let (Some(year), Some(day)) = (number(first, 4..=4), number(third, 1..=2)) {
        return make(year, second, day);
    }
    let (first, year) = (number(first, 1..=2)?, number(third, 4..=4)?);
    let (day_first, month_first) = (make(year, second, first), make(year, first, second));
    match (day_first, month_first) {
        (day_first, _) if separator == '.' => day_first,
        (Some(one), Some(other)) => (one == other).then_some(one),
        (one, other) => one.or(other),
    }
}

/// A time of day and further milliseconds.
type Clock = (TimeOfDay, i64);

/// Reads a time of day with an optional UTC offset, in milliseconds.
fn clock_and_offset(text: &str) -> Option<(Clock, Option<i64>)> {
    if let Some(time) = clock(text) {
        return Some((time, None));
    }
    let upper = text.to_ascii_uppercase().replace('\u{2212}', "-");
    let plain = ["Z", "UTC", "GMT"].iter().find_map(|end| upper.strip_suffix(end));
    if let Some(time) = plain {
        return Some((clock(time)?, Some(0)));
    }
    let at = upper.rfind(['+', '-'])?;
    let (time, offset) = upper.split_at(at);
    let time = time.trim_end();
    let time = time.strip_suffix("UTC").or_else(|| time.strip_suffix("GMT")).unwrap_or(time);
    Some((clock(time)?, Some(offset_ms(offset)?)))
}

/// Reads `+03:00`, `+0300`, `+03`, `+3`.
fn offset_ms(text: &str) -> Option<i64> {
    let (sign, digits) = if let Some(digits) = text.strip_prefix('-') { (-1, digits) } else { (1, text.get(1..)?) };
    let (hours, minutes) = match digits.split_once(':') {
        Some((hours, minutes)) => (hours, minutes),
        None if digits.len() == 4 => digits.split_at_checked(2)?,
        None => (digits, "00"),
    };
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 || !digits.bytes().all(|b| b.is_ascii_digit() || b == b':')
    {
        return None;
    }
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * HOUR_MS + minutes * HOUR_MS / 60))
}

/// Reads `10:00`, `9:30:15.250`, `9:30 pm`, `9 am`.
fn clock(text: &str) -> Option<Clock> {
    let lower = text.trim().to_ascii_lowercase();
    let halves = [("a.m.", 0), ("p.m.", 12), ("am", 0), ("pm", 12)];
    let half = halves.iter().find_map(|(end, hours)| Some((lower.strip_suffix(end)?.trim_end(), *hours)));
    let body = half.map_or(lower.as_str(), |(body, _)| body);
    let (body, fraction) = match body.split_once(['.', ',']) {
        Some((body, fraction)) if body.matches(':').count() == 2 => (body, fraction),
        Some(_) => return None,
        None => (body, "0"),
    };
    if !(1..=9).contains(&fraction.len()) || !fraction.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let ms = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let whole = if half.is_some() && !body.contains(':') { format!("{body}:00") } else { body.to_owned() };
    let time = TimeOfDay::parse(&whole).filter(|time| *time < TimeOfDay::END)?;
    let Some((_, hours)) = half else { return Some((time, ms)) };
    let (hour, minute, second) = time.parts();
    (1..=12).contains(&hour).then(|| TimeOfDay::new(hour % 12 + hours, minute, second)).flatten().map(|time| (time, ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown_date(text: &str) -> Option<String> {
        date(text).map(|date| date.to_string())
    }

    #[test]
    fn dates_are_read_where_they_have_one_meaning() {
        for text in [
            "1990-03-20",
            "20.03.1990",
            "20.3.1990",
            "1990/03/20",
            "1990.3.20",
            "20/03/1990",
            "03/20/1990",
            "20-3-1990",
            " 1990-03-20\u{a0}",
            "1990-03-20T00:00:00Z",
            "1990-03-20 00:00:00",
            "20.03.1990 0:00",
            "1990-03-20T00:00:00.000+03:00",
        ] {
            assert_eq!(shown_date(text).as_deref(), Some("1990-03-20"), "{text}");
        }
        assert_eq!(shown_date("3/3/1990").as_deref(), Some("1990-03-03"));
        for text in [
            "03/04/1990",
            "3-4-1990",
            "20.03.90",
            "1990-03-20T21:00:00Z",
            "1990-02-30",
            "30.02.1990",
            "13/13/1990",
            "03.20.1990",
            "19900320",
            "20.03",
            "20.03.1990.",
            "2O.03.1990",
            "1990-003-20",
            "20.-3.1990",
            "0000-01-01",
            "",
        ] {
            assert_eq!(shown_date(text), None, "{text}");
        }
    }

    #[test]
    fn times_are_read_where_they_have_one_meaning() {
        let cases = [
            ("10:00", "10:00"),
            ("9:30", "09:30"),
            ("09:30:15", "09:30:15"),
            ("9:30:00.000", "09:30"),
            ("9:30 pm", "21:30"),
            ("9:30PM", "21:30"),
            ("12:00 a.m.", "00:00"),
            ("12 pm", "12:00"),
            ("9am", "09:00"),
        ];
        for (text, shown) in cases {
            assert_eq!(time(text).map(|time| time.to_string()).as_deref(), Some(shown), "{text}");
        }
        for text in ["24:00", "10", "10.30", "1000", "13 pm", "0:30 am", "10:60", "9:30:15.5", "9:5", "+9:30", "", "pm"]
        {
            assert_eq!(time(text), None, "{text}");
        }
    }

    #[test]
    fn instants_are_read_with_an_offset_or_in_the_zone_of_the_project() {
        let berlin = Zone::named("Europe/Berlin");
        let at = |text: &str, zone| instant(text, zone).map(|at| Zone::UTC.rfc3339(at));
        for text in [
            "2026-03-04T12:00:00+01:00",
            "2026-03-04 12:00:00+01:00",
            "2026-03-04T12:00:00+0100",
            "2026-03-04T12:00+01",
            "2026-03-04 12:00 +1",
            "2026-03-04T11:00Z",
            "2026-03-04 11:00:00 UTC",
            "04.03.2026, 14:00 UTC+03:00",
            "2026-03-04T08:00:00\u{2212}0300",
        ] {
            for zone in [None, berlin, Zone::named("Asia/Tokyo")] {
                assert_eq!(at(text, zone).as_deref(), Some("2026-03-04T11:00:00Z"), "{text}");
            }
        }
        for text in [
            "2026-03-04 12:00",
            "2026-03-04T12:00:00",
            "04.03.2026 12:00",
            "4.3.2026, 12:00:00",
            "2026/03/04 12:00 pm",
            "2026-03-04  12:00:00.000",
        ] {
            assert_eq!(at(text, berlin).as_deref(), Some("2026-03-04T11:00:00Z"), "{text}");
            assert_eq!(at(text, None), None, "{text}");
        }
        assert_eq!(at("2026-03-04 12:00:00.250", berlin).as_deref(), Some("2026-03-04T11:00:00.250Z"));
        // A time that does not exist moves forward, and of two the first counts, as everywhere.
        assert_eq!(at("2026-03-29 02:30", berlin).as_deref(), Some("2026-03-29T01:30:00Z"));
        assert_eq!(at("2026-10-25 02:30", berlin).as_deref(), Some("2026-10-25T00:30:00Z"));
        for text in [
            "2026-03-04",
            "04.03.2026",
            "tomorrow",
            "03/04/2026 12:00",
            "2026-03-04 25:00",
            "2026-03-04 12:00 +25:00",
            "2026-03-04 12:00 +1:5",
            "2026-03-04 12",
            "2026-03-04 12:00 MSK",
            "2026-03-04T12:00:00+01:00x",
            "1772622000",
            "",
        ] {
            assert_eq!(at(text, berlin), None, "{text}");
        }
    }
}
