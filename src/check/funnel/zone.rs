//! Time zone names. In: a name that is not in the IANA database. Out: the zone that was meant, and a diagnostic.

use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::source::Span;
use crate::value::Zone;

/// The zone that a wrong name probably means: a misspelled name, or a city alone.
///
/// Nothing is guessed for an offset such as `UTC+3` or an abbreviation such as `MSK`, because the zone that looks like
/// it is a different one.
#[must_use]
pub fn nearest_zone(written: &str) -> Option<&'static str> {
    let name = written.trim().replace(' ', "_");
    if name.contains(|c: char| c.is_ascii_digit() || c == '+') {
        return None;
    }
    let whole = || Zone::names().find(|known| known.eq_ignore_ascii_case(&name));
    let misspelled = || suggest::nearest(&name, Zone::names().filter(|known| known.contains('/')));
    let found = whole().or_else(|| name.contains('/').then(misspelled).flatten());
    found.or_else(|| {
        let place = city(&name);
        let alike = || suggest::nearest(place, Zone::names().filter(|known| known.contains('/')).map(city));
        let meant =
            |near: &str| Zone::names().find(|known| known.contains('/') && city(known).eq_ignore_ascii_case(near));
        meant(place).or_else(|| (place.len() > 4).then(alike).flatten().and_then(meant))
    })
}

/// What to compare of a zone as written and the nearest one: the city if only that is written.
#[must_use]
pub fn zone_words<'a>(written: &'a str, near: &'a str) -> (&'a str, &'a str) {
    if written.contains('/') { (written, near) } else { (written, city(near)) }
}

/// The part after the last `/`.
fn city(name: &str) -> &str {
    name.rsplit('/').next().unwrap_or(name)
}

/// A diagnostic about an unknown time zone.
pub(in crate::check) fn unknown_zone(name: &str, span: Span) -> Diagnostic {
    let message = say!("unknown time zone `{name}`", name);
    let finding = Diagnostic::new(Code::UnknownTimeZone, span, message, say!("not an IANA time zone"));
    match nearest_zone(name) {
        Some(near) => finding.help(say!("did you mean `\"{near}\"`?", near)).respell(
            say!("change `{name}` to `{near}`", name, near),
            zone_words(name, near),
            span,
            format!("\"{near}\""),
        ),
        None => finding.help(say!("use an IANA name such as `\"Europe/Moscow\"`")),
    }
}

#[cfg(test)]
mod tests {
    use super::nearest_zone;

    #[test]
    fn a_misspelled_zone_or_a_city_is_understood() {
        for written in ["Moscow", "moscow", "Europe/moscow", "Europe/Moskow", "Moskow", "Asia/Moscow"] {
            assert_eq!(nearest_zone(written), Some("Europe/Moscow"), "{written}");
        }
        assert_eq!(nearest_zone("new york"), Some("America/New_York"));
        assert_eq!(nearest_zone("utc"), Some("UTC"));
    }

    #[test]
    fn an_offset_or_an_abbreviation_is_not_guessed() {
        for written in ["UTC+3", "GMT-3", "+03:00", "MSK", "Nowhere"] {
            assert_eq!(nearest_zone(written), None, "{written}");
        }
    }
}
