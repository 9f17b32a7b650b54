//! Words and signs of other languages and of everyday writing, with their equivalents here.

use super::token::{Keyword, Kind};
use crate::value::TimeOfDay;

use Keyword as K;

/// Signs that are not part of the language, with the sign or word they stand for; empty if there is none.
const SIGNS: &[(&str, &str)] = &[
    ("&&", "and"),
    ("&", "and"),
    ("!", "not"),
    ("!!", ""),
    ("→", "->"),
    ("⇒", "->"),
    ("➔", "->"),
    ("➜", "->"),
    ("⟶", "->"),
    ("–>", "->"),
    ("—>", "->"),
    ("−>", "->"),
    ("–", "-"),
    ("—", "-"),
    ("−", "-"),
    ("×", "*"),
    ("·", "*"),
    ("÷", "/"),
    ("≥", ">="),
    ("≤", "<="),
    ("≠", "!="),
    ("…", ".."),
    (";", ""),
    ("\u{200b}", ""),
    ("\u{200c}", ""),
    ("\u{200d}", ""),
    ("\u{200e}", ""),
    ("\u{ad}", ""),
];

/// The sign or word that a foreign sign stands for.
pub(super) fn sign(text: &str) -> Option<&'static str> {
    SIGNS.iter().find(|(wrong, _)| *wrong == text).map(|(_, right)| *right)
}

/// The signs that close a string opened by a foreign quote.
pub(super) fn closing_quotes(open: char) -> Option<&'static [char]> {
    match open {
        '“' | '„' | '”' | '‟' => Some(&['“', '”', '"']),
        '‘' | '‚' | '’' | '\'' => Some(&['‘', '’', '\'']),
        '«' => Some(&['»']),
        '»' => Some(&['«']),
        '`' => Some(&['`']),
        _ => None,
    }
}

const CURRENCIES: &[(&str, &str)] = &[
    ("€", "EUR"),
    ("$", "USD"),
    ("£", "GBP"),
    ("₽", "RUB"),
    ("¥", "JPY"),
    ("₴", "UAH"),
    ("₸", "KZT"),
    ("₺", "TRY"),
    ("₹", "INR"),
    ("euro", "EUR"),
    ("euros", "EUR"),
    ("eur", "EUR"),
    ("евро", "EUR"),
    ("dollar", "USD"),
    ("dollars", "USD"),
    ("usd", "USD"),
    ("доллар", "USD"),
    ("долларов", "USD"),
    ("pound", "GBP"),
    ("pounds", "GBP"),
    ("gbp", "GBP"),
    ("rouble", "RUB"),
    ("roubles", "RUB"),
    ("ruble", "RUB"),
    ("rubles", "RUB"),
    ("rub", "RUB"),
    ("руб", "RUB"),
    ("рублей", "RUB"),
    ("рубля", "RUB"),
    ("р", "RUB"),
    ("chf", "CHF"),
    ("pln", "PLN"),
    ("uah", "UAH"),
    ("kzt", "KZT"),
    ("try", "TRY"),
    ("sek", "SEK"),
    ("nok", "NOK"),
    ("dkk", "DKK"),
    ("czk", "CZK"),
];

/// The currency that a sign or a word names.
pub(super) fn currency(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    CURRENCIES.iter().find(|(wrong, _)| *wrong == lower).map(|(_, right)| *right)
}

const UNITS: &[(&str, &str)] = &[
    ("hr", "h"),
    ("hrs", "h"),
    ("min", "m"),
    ("mins", "m"),
    ("sec", "s"),
    ("secs", "s"),
    ("mon", "mo"),
    ("mth", "mo"),
    ("mths", "mo"),
    ("wk", "w"),
    ("wks", "w"),
    ("yr", "y"),
    ("yrs", "y"),
    ("с", "s"),
    ("сек", "s"),
    ("м", "m"),
    ("мин", "m"),
    ("минута", "m"),
    ("минуты", "m"),
    ("минут", "m"),
    ("ч", "h"),
    ("час", "h"),
    ("часа", "h"),
    ("часов", "h"),
    ("д", "d"),
    ("день", "d"),
    ("дня", "d"),
    ("дней", "d"),
    ("неделя", "w"),
    ("неделю", "w"),
    ("недели", "w"),
    ("недель", "w"),
    ("месяц", "mo"),
    ("месяца", "mo"),
    ("месяцев", "mo"),
    ("год", "y"),
    ("года", "y"),
    ("лет", "y"),
];

const LONG_UNITS: [(&str, &str); 7] =
    [("second", "s"), ("minute", "m"), ("hour", "h"), ("day", "d"), ("week", "w"), ("month", "mo"), ("year", "y")];

/// The short form of the unit of time that a foreign word means.
pub(super) fn unit(word: &str) -> Option<&'static str> {
    let lower = word.to_lowercase();
    let find = |table: &[(&'static str, &'static str)], word: &str| {
        table.iter().find(|(wrong, _)| *wrong == word).map(|(_, right)| *right)
    };
    let short = LONG_UNITS.iter().find(|(_, short)| *short == lower).map(|(_, short)| *short);
    let singular = lower.strip_suffix('s').unwrap_or(&lower);
    find(UNITS, &lower).or(short).or_else(|| find(&LONG_UNITS, singular))
}

/// The number that a word means.
pub(super) fn spelled_number(word: &str) -> Option<u32> {
    const NUMBERS: &[(&str, u32)] = &[
        ("a", 1),
        ("an", 1),
        ("one", 1),
        ("two", 2),
        ("three", 3),
        ("four", 4),
        ("five", 5),
        ("six", 6),
        ("seven", 7),
        ("eight", 8),
        ("nine", 9),
        ("ten", 10),
        ("twelve", 12),
        ("twenty", 20),
        ("thirty", 30),
        ("один", 1),
        ("одну", 1),
        ("два", 2),
        ("две", 2),
        ("три", 3),
    ];
    NUMBERS.iter().find(|(wrong, _)| *wrong == word.to_lowercase()).map(|(_, number)| *number)
}

/// `10am`, `10:30 pm`: a time on the 12-hour clock.
pub(super) fn twelve_hours(text: &str) -> Option<TimeOfDay> {
    let lower = text.to_ascii_lowercase().replace('.', "");
    let (clock, afternoon) = match lower.strip_suffix("am") {
        Some(clock) => (clock, false),
        None => (lower.strip_suffix("pm")?, true),
    };
    let clock = clock.trim_end();
    let (hour, minute) = clock.split_once(':').unwrap_or((clock, "0"));
    let (hour, minute): (u32, u32) = (hour.parse().ok()?, minute.parse().ok()?);
    let hour = Some(hour % 12).filter(|_| (1..=12).contains(&hour))?;
    TimeOfDay::new(if afternoon { hour + 12 } else { hour }, minute, 0)
}

/// Letters of other alphabets that look like Latin letters.
const LOOKALIKES: &[(char, char)] = &[
    ('а', 'a'),
    ('в', 'b'),
    ('с', 'c'),
    ('е', 'e'),
    ('ё', 'e'),
    ('һ', 'h'),
    ('і', 'i'),
    ('ј', 'j'),
    ('к', 'k'),
    ('м', 'm'),
    ('н', 'h'),
    ('о', 'o'),
    ('р', 'p'),
    ('ѕ', 's'),
    ('т', 't'),
    ('у', 'y'),
    ('х', 'x'),
    ('ԁ', 'd'),
    ('ο', 'o'),
    ('α', 'a'),
    ('ν', 'v'),
    ('ρ', 'p'),
];

/// The keyword that a word imitates with letters of another alphabet, and the first such letter.
pub(super) fn lookalike_keyword(word: &str) -> Option<(Keyword, char)> {
    let plain = |c: char| LOOKALIKES.iter().find(|(other, _)| *other == c).map_or(c, |(_, latin)| *latin);
    let foreign = word.chars().find(|c| plain(*c) != *c)?;
    let skeleton: String = word.chars().map(plain).collect();
    Keyword::parse(&skeleton).map(|keyword| (keyword, foreign))
}

/// Keywords of other languages, with the keyword for the same thing here.
const WORDS: &[(&str, Keyword)] = &[
    ("delay", K::Wait),
    ("sleep", K::Wait),
    ("pause", K::Wait),
    ("exit", K::Stop),
    ("end", K::Stop),
    ("quit", K::Stop),
    ("return", K::Stop),
    ("break", K::Stop),
    ("switch", K::Match),
    ("fork", K::Parallel),
    ("loop", K::Repeat),
    ("webhook", K::Call),
    ("http", K::Call),
    ("jump", K::Goto),
    ("go", K::Goto),
    ("notify", K::Send),
    ("run", K::Do),
    ("fire", K::Emit),
    ("trigger", K::On),
    ("when", K::On),
    ("workflow", K::Funnel),
    ("journey", K::Funnel),
    ("campaign", K::Funnel),
    ("sequence", K::Funnel),
    ("let", K::Const),
    ("var", K::Const),
    ("import", K::Use),
    ("include", K::Use),
    ("audience", K::Segment),
    ("customer", K::Client),
    ("contact", K::Client),
    ("flow", K::Funnel),
    ("automation", K::Funnel),
    ("till", K::Until),
    ("til", K::Until),
    ("each", K::Every),
    ("elseif", K::Else),
    ("default", K::Otherwise),
    ("else", K::Otherwise),
    ("equals", K::Is),
    ("includes", K::Contains),
    ("throttle", K::Limit),
    ("schedule", K::Every),
    ("cron", K::Every),
];

/// Keywords in Russian.
const RUSSIAN_WORDS: &[(&str, Keyword)] = &[
    ("когда", K::On),
    ("при", K::On),
    ("если", K::If),
    ("иначе", K::Else),
    ("ждать", K::Wait),
    ("подождать", K::Wait),
    ("подожди", K::Wait),
    ("жди", K::Wait),
    ("пауза", K::Wait),
    ("отправить", K::Send),
    ("отправь", K::Send),
    ("послать", K::Send),
    ("стоп", K::Stop),
    ("остановить", K::Stop),
    ("конец", K::Stop),
    ("и", K::And),
    ("или", K::Or),
    ("не", K::Not),
    ("где", K::Where),
    ("как", K::As),
    ("для", K::For),
    ("содержит", K::Contains),
    ("известно", K::Known),
    ("пусто", K::Missing),
    ("воронка", K::Funnel),
    ("событие", K::Event),
    ("сегмент", K::Segment),
    ("шаблон", K::Template),
    ("тест", K::Test),
    ("каждый", K::Every),
    ("каждую", K::Every),
    ("каждые", K::Every),
    ("день", K::Day),
    ("задача", K::Task),
    ("тег", K::Tag),
    ("метка", K::Tag),
    ("установить", K::Set),
    ("цель", K::Goal),
    ("выход", K::Exit),
    ("лимит", K::Limit),
    ("повторить", K::Repeat),
    ("раз", K::Times),
    ("раза", K::Times),
    ("до", K::Until),
    ("выбор", K::Match),
    ("вариант", K::Case),
];

/// The keyword that a word is in another case or in Russian, before a token of some kind.
pub(super) fn respelled(word: &str, next: Option<Kind>) -> Option<Keyword> {
    let lower = word.to_lowercase();
    if lower != word
        && let Some(keyword) = Keyword::parse(&lower)
    {
        // These have messages of their own.
        let is_day = crate::value::Weekday::parse(&lower).is_some();
        return (!is_day && !matches!(keyword, K::True | K::False)).then_some(keyword);
    }
    if lower == "в" {
        return Some(if matches!(next, Some(Kind::Time | Kind::Number)) { K::At } else { K::In });
    }
    RUSSIAN_WORDS.iter().find(|(wrong, _)| *wrong == lower).map(|(_, keyword)| *keyword)
}

/// The keyword among `wanted` that a word of another language stands for.
pub(super) fn keyword_for(text: &str, wanted: &[Keyword]) -> Option<Keyword> {
    let lower = text.to_lowercase();
    let mut meant = WORDS.iter().filter(|(wrong, _)| *wrong == lower).map(|(_, right)| *right);
    meant.find(|keyword| wanted.contains(keyword))
}

/// Whether a word of another language can mean nothing but its keyword. `break` also leaves only a loop, `notify` also
/// names a colleague, `run` also starts a funnel.
pub(super) fn is_certain(text: &str) -> bool {
    !["break", "notify", "run"].contains(&text.to_lowercase().as_str())
}

/// The weekday, or the word for several of them, that another word means.
pub(super) fn days(word: &str) -> Option<&'static str> {
    const DAYS: &[(&str, &str)] = &[
        ("mon", "monday"),
        ("tue", "tuesday"),
        ("tues", "tuesday"),
        ("wed", "wednesday"),
        ("thu", "thursday"),
        ("thur", "thursday"),
        ("thurs", "thursday"),
        ("fri", "friday"),
        ("sat", "saturday"),
        ("sun", "sunday"),
        ("weekdays", "weekday"),
        ("workday", "weekday"),
        ("workdays", "weekday"),
        ("weekends", "weekend"),
        ("понедельник", "monday"),
        ("пн", "monday"),
        ("вторник", "tuesday"),
        ("вт", "tuesday"),
        ("среда", "wednesday"),
        ("среду", "wednesday"),
        ("ср", "wednesday"),
        ("четверг", "thursday"),
        ("чт", "thursday"),
        ("пятница", "friday"),
        ("пятницу", "friday"),
        ("пт", "friday"),
        ("суббота", "saturday"),
        ("субботу", "saturday"),
        ("сб", "saturday"),
        ("воскресенье", "sunday"),
        ("вс", "sunday"),
        ("будни", "weekday"),
        ("будний", "weekday"),
        ("выходные", "weekend"),
        ("выходной", "weekend"),
        ("daily", "day"),
        ("morning", "day"),
    ];
    let lower = word.to_lowercase();
    DAYS.iter().find(|(wrong, _)| *wrong == lower).map(|(_, right)| *right)
}

/// Whether a word means "no value" in other languages.
pub(super) fn is_null_word(word: &str) -> bool {
    ["null", "nil", "undefined", "none", "nothing"].contains(&word.to_lowercase().as_str())
}

/// After `is`: whether a word means `known` (`true`) or `missing` (`false`).
pub(super) fn known_or_missing(word: &str) -> Option<bool> {
    match word.to_lowercase().as_str() {
        "set" | "present" | "defined" | "filled" | "given" | "there" | "available" => Some(true),
        "empty" | "blank" | "unset" | "unknown" | "absent" | "undefined" | "null" | "nil" | "none" => Some(false),
        _ => None,
    }
}

/// Whether a word after `|` names a filter, here or in other template languages.
pub(super) fn is_filter(word: &str) -> bool {
    const FILTERS: &[&str] = &[
        "default",
        "time",
        "time12",
        "date",
        "short_date",
        "long_date",
        "day",
        "weekday",
        "money",
        "round",
        "plural",
        "join",
        "first_name",
        "upper",
        "lower",
        "capitalize",
        "urlencode",
        "trim",
        "strip",
        "truncate",
        "title",
        "upcase",
        "downcase",
        "uppercase",
        "lowercase",
        "fallback",
    ];
    FILTERS.contains(&word)
}

/// `True`, `FALSE`: a boolean in the wrong case.
pub(super) fn bool_literal(word: &str) -> Option<bool> {
    match word {
        "True" | "TRUE" => Some(true),
        "False" | "FALSE" => Some(false),
        _ => None,
    }
}
