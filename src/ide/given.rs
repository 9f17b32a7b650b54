//! What the comments of the prelude say in another language. In: a comment, and a language. Out: the same in that language.

use crate::check::PRELUDE;
use crate::diagnostic::Language;

/// Each comment that tells of something, in English and in Russian.
const COMMENTS: &[(&str, &str)] = &[
    (
        "What every project knows without declaring it. A project's own `client { .. }` and `event .. { .. }` add fields to these;",
        "Что известно в каждом проекте без объявлений. Блоки `client { .. }` и `event .. { .. }` проекта добавляют сюда поля;",
    ),
    (
        "naming a field again with the same type settles anew whether it may be missing and when it is told.",
        "если повторить поле с тем же типом, можно заново указать, может ли значения не быть и когда оно станет известно.",
    ),
    ("A person, as the events about them tell.", "Человек, каким его знают по событиям о нём."),
    ("`ru`, `en`: how dates and amounts are written", "`ru`, `en`: как пишутся даты и суммы"),
    ("an IANA name: `Europe/Berlin`", "имя из базы IANA: `Europe/Berlin`"),
    (
        "`sms` for every topic of a channel, `sms newsletter` for one; kept by the log of consent",
        "`sms` — все темы канала, `sms newsletter` — одна; ведёт журнал согласий",
    ),
    (
        "An appointment: made, moved, kept or missed, cancelled.",
        "Запись на приём: сделана, перенесена, состоялась или пропущена, отменена.",
    ),
    ("missing counts as false in a condition", "если значения нет, в условии это «нет»"),
    ("The client came, with or without an appointment.", "Клиент пришёл, по записи или без неё."),
    (
        "The client bought something: a service, goods, a course of visits.",
        "Клиент что-то купил: услугу, товар, курс посещений.",
    ),
    (
        "Goods that the client ordered, to be paid and handed over.",
        "Товары, которые клиент заказал: их ещё оплатят и передадут.",
    ),
    (
        "Money came, or did not: `on payment.paid`, `on payment.failed`.",
        "Деньги пришли или не пришли: `on payment.paid`, `on payment.failed`.",
    ),
    ("of the booking, visit or order that it is for", "записи, посещения или заказа, за который платят"),
    (
        "A basket that was filled. It is abandoned when no purchase follows: `on cart -> wait for purchase up to 1h { stop } else { .. }`",
        "Корзина, которую наполнили. Она брошена, если покупки не последовало: `on cart -> wait for purchase up to 1h { stop } else { .. }`",
    ),
    ("The client said what they think.", "Клиент сказал, что думает."),
    ("A form on the site was sent.", "Отправлена форма на сайте."),
    (
        "The client agreed to be written to. Each goes into the log of consent, with its words and its source.",
        "Клиент согласился, чтобы ему писали. Каждое согласие идёт в журнал, со словами и источником.",
    ),
    ("`sms`, `email`", "`sms`, `email`"),
    ("missing: every topic", "без значения: все темы"),
    ("missing: every channel", "без значения: все каналы"),
    ("the words that were agreed to", "слова, с которыми согласились"),
    ("`site`, `front desk`", "`site`, `front desk`"),
    ("The client does not want to be written to any more.", "Клиент больше не хочет, чтобы ему писали."),
    (
        "What became of a message, as its provider reports it; `message` is the message's id.",
        "Что стало с сообщением, как об этом говорит провайдер; `message` — это id сообщения.",
    ),
];

/// Returns the prelude with its comments in a language.
#[must_use]
pub fn prelude(language: Language) -> String {
    let line = |line: &str| match line.split_once('#') {
        Some((code, comment)) => {
            let words = comment.trim_start_matches('#').trim();
            let marks = comment.len() - comment.trim_start_matches(['#', ' ']).len();
            format!("{code}#{}{}\n", comment.get(..marks).unwrap_or_default(), said(words.to_owned(), language))
        }
        None => format!("{line}\n"),
    };
    PRELUDE.lines().map(line).collect()
}

/// A comment of the prelude in a language.
pub(super) fn said(comment: String, language: Language) -> String {
    match language {
        Language::English => comment,
        Language::Russian => {
            let found = COMMENTS.iter().find(|(english, _)| *english == comment);
            found.map_or(comment, |(_, russian)| (*russian).to_owned())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_comment_of_the_prelude_has_its_translation_with_the_same_code() {
        let code = |text: &'static str| {
            let mut code: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            code.sort_unstable();
            code
        };
        let comments: Vec<&str> =
            PRELUDE.lines().filter_map(|line| Some(line.split_once('#')?.1.trim_start_matches('#').trim())).collect();
        for comment in &comments {
            assert!(COMMENTS.iter().any(|(english, _)| english == comment), "no translation: {comment}");
        }
        for (english, russian) in COMMENTS {
            assert!(comments.contains(english), "nothing says: {english}");
            assert_eq!(code(english), code(russian), "{english}");
        }
    }
}
