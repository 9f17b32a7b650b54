//! English strings that the engine and the channels return, such as the reason why a message was not sent, in the language
//! of the user. They are stored and part of the JSON output, so they are translated only when they are shown.

use super::pairs;
use crate::diagnostic::Language;
use std::borrow::Cow;
use std::sync::OnceLock;

/// The translations. An English line is the literal of the source, `{..}` included.
const RUSSIAN: &str = include_str!("output_ru.txt");

/// Returns a string in a language; unchanged where it has no translation.
pub(in crate::cli) fn output(english: &str, language: Language) -> Cow<'_, str> {
    match language {
        Language::English => Cow::Borrowed(english),
        Language::Russian => russian(english),
    }
}

fn russian(english: &str) -> Cow<'_, str> {
    static PAIRS: OnceLock<Vec<(&str, &str)>> = OnceLock::new();
    let pairs = PAIRS.get_or_init(|| pairs(RUSSIAN).collect());
    let exact = pairs.iter().find(|(pattern, _)| *pattern == english).map(|(_, russian)| *russian);
    // Some reasons contain a phrase that other messages contain too.
    if let Some(exact) = exact.or_else(|| Language::Russian.pattern(english)) {
        return Cow::Borrowed(exact);
    }
    // The pattern with the most text of its own: `limit of ..` also matches the whole of `limit of .., no free slot ..`.
    let matching = pairs.iter().filter_map(|(pattern, russian)| Some((captures(pattern, english)?, pattern, russian)));
    let found = matching.max_by_key(|(captures, pattern, _)| {
        pattern.len() - captures.iter().map(|(name, _)| name.len() + "{}".len()).sum::<usize>()
    });
    found.map_or(Cow::Borrowed(english), |(captures, _, russian)| Cow::Owned(fill(russian, captures)))
}

/// The values of a pattern's placeholders in a text that matches it, with their names.
fn captures<'p, 't>(pattern: &'p str, text: &'t str) -> Option<Vec<(&'p str, &'t str)>> {
    let (first, mut pattern) = pattern.split_once('{')?;
    let mut rest = text.strip_prefix(first)?;
    let mut captures = Vec::new();
    loop {
        let (name, after) = pattern.split_once('}')?;
        let Some((literal, next)) = after.split_once('{') else {
            captures.push((name, rest.strip_suffix(after)?));
            return Some(captures);
        };
        let (value, after) = rest.split_once(literal)?;
        captures.push((name, value));
        (rest, pattern) = (after, next);
    }
}

/// Fills the placeholders of a translation; those without a name in their order.
fn fill(russian: &str, mut captures: Vec<(&str, &str)>) -> String {
    let mut out = String::new();
    let mut rest = russian;
    while let Some((before, (name, after))) = rest.split_once('{').and_then(|(a, b)| Some((a, b.split_once('}')?))) {
        out += before;
        if let Some(at) = captures.iter().position(|(known, _)| *known == name) {
            out += &self::russian(captures.remove(at).1);
        }
        rest = after;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(english: &str) -> Cow<'_, str> {
        output(english, Language::Russian)
    }

    #[test]
    fn reasons_are_translated_with_what_they_contain() {
        assert_eq!(said("no consent"), "нет согласия");
        assert_eq!(said("`client.name` is missing"), "не заполнено `client.name`");
        let limit = "limit of 3 messages per 1d, no free slot within 2h";
        assert_eq!(said(limit), "лимит 3 за 1d (сообщения), за 2h лимит не освободится");
        assert_eq!(said("limit of 1 sms per 7d"), "лимит 1 за 7d (sms)");
        let twice = "given up after 5 attempts: cannot reach the server: unknown host name";
        assert_eq!(said(twice), "попыток: 5, последняя ошибка: нет связи с сервером: неизвестное имя хоста");
        assert_eq!(said("Something else {x}"), "Something else {x}");
        assert_eq!(output("no consent", Language::English), "no consent");
    }

    #[test]
    fn translations_are_sorted_and_have_the_placeholders_of_their_patterns() {
        let pairs: Vec<_> = pairs(RUSSIAN).collect();
        assert!(pairs.is_sorted_by(|(one, _), (other, _)| one < other));
        let names = |text: &'static str| {
            let mut names: Vec<_> = text.split('{').skip(1).filter_map(|part| part.split_once('}')).collect();
            names.sort_unstable_by_key(|(name, _)| *name);
            names.into_iter().map(|(name, _)| name).collect::<Vec<_>>()
        };
        for (english, russian) in pairs {
            assert_eq!(names(english), names(russian), "{english}");
        }
    }
}
