//! Short words about words of the language that are no keywords: in, such a word; out, one sentence in a language.

use crate::check::Word;
use crate::diagnostic::{Language, Phrase};
use crate::say;

/// What the words of the language mean, in English and in Russian.
const MEANINGS: &[(Word, &str, &str, &str)] = &[
    (Word::Channel, "sms", "A text message to `client.phone`.", "СМС на `client.phone`."),
    (
        Word::Channel,
        "email",
        "A letter to `client.email`, with a `subject` and a `text`, an `html` or both.",
        "Письмо на `client.email` с темой `subject` и словами: `text`, `html` или и то и другое.",
    ),
    (
        Word::Channel,
        "telegram",
        "A message by Telegram to `client.telegram`.",
        "Сообщение в Telegram на `client.telegram`.",
    ),
    (Word::Channel, "whatsapp", "A message by WhatsApp to `client.phone`.", "Сообщение в WhatsApp на `client.phone`."),
    (
        Word::Filter,
        "default",
        "What stands there when the value is missing: `{{ client.name | default(\"friend\") }}`.",
        "Что стоит на этом месте, когда значения нет: `{{ client.name | default(\"friend\") }}`.",
    ),
    (
        Word::Filter,
        "time",
        "The time of day of a `datetime` or a `time`: 14:30.",
        "Время суток от `datetime` или `time`: 14:30.",
    ),
    (
        Word::Filter,
        "date",
        "The day of a `datetime` or a `date`, in the language of the client.",
        "День от `datetime` или `date` на языке клиента.",
    ),
    (
        Word::Filter,
        "money",
        "An amount, as it is written in the language of the client.",
        "Сумма, как её пишут на языке клиента.",
    ),
    (Word::Filter, "upper", "The text in capitals.", "Текст заглавными буквами."),
    (Word::Filter, "lower", "The text in small letters.", "Текст строчными буквами."),
    (Word::Filter, "capitalize", "The text with its first letter a capital.", "Текст с первой заглавной буквой."),
    (
        Word::Function,
        "any",
        "Whether such an event ever happened: `any(purchase in last 60d)`.",
        "Было ли хоть одно такое событие: `any(purchase in last 60d)`.",
    ),
    (
        Word::Function,
        "none",
        "Whether no such event happened: `none(purchase in last 60d)`.",
        "Не было ли ни одного такого события: `none(purchase in last 60d)`.",
    ),
    (
        Word::Function,
        "count",
        "How many such events happened: `count(booking in last 90d where attended)`.",
        "Сколько было таких событий: `count(booking in last 90d where attended)`.",
    ),
    (
        Word::Function,
        "sum",
        "The sum of a field: `sum(purchase.amount in last 1y)`.",
        "Сумма поля: `sum(purchase.amount in last 1y)`.",
    ),
    (
        Word::Function,
        "avg",
        "The average of a field; missing when there was no such event.",
        "Среднее поля; значения нет, если такого события не было.",
    ),
    (
        Word::Function,
        "min",
        "The least of a field; missing when there was no such event.",
        "Наименьшее поля; значения нет, если такого события не было.",
    ),
    (
        Word::Function,
        "max",
        "The most of a field; missing when there was no such event.",
        "Наибольшее поля; значения нет, если такого события не было.",
    ),
    (
        Word::Function,
        "first",
        "The first such event: `first(visit).at`; missing when there was none.",
        "Первое такое событие: `first(visit).at`; значения нет, если его не было.",
    ),
    (
        Word::Function,
        "last",
        "The last such event: `last(visit).at`; missing when there was none.",
        "Последнее такое событие: `last(visit).at`; значения нет, если его не было.",
    ),
    (Word::Type, "text", "Any text.", "Любой текст."),
    (Word::Type, "number", "An exact decimal number.", "Точное десятичное число."),
    (
        Word::Type,
        "bool",
        "`true` or `false`; as a condition by itself, what is missing counts as false.",
        "`true` или `false`; само по себе как условие отсутствующее считается неверным.",
    ),
    (
        Word::Type,
        "money",
        "An amount with its currency: `5000 RUB`. Two currencies do not add.",
        "Сумма с валютой: `5000 RUB`. Две валюты не складываются.",
    ),
    (Word::Type, "date", "A day of the calendar: `2026-03-08`.", "День календаря: `2026-03-08`."),
    (Word::Type, "time", "A time of day: `10:00`.", "Время суток: `10:00`."),
    (Word::Type, "datetime", "A moment: `2026-03-08 10:00`.", "Момент: `2026-03-08 10:00`."),
    (Word::Type, "duration", "A length of time: `24h`, `7d`, `1h30m`.", "Отрезок времени: `24h`, `7d`, `1h30m`."),
    (
        Word::Type,
        "phone",
        "A phone number with its country: `\"+79990000000\"`.",
        "Номер телефона с кодом страны: `\"+79990000000\"`.",
    ),
    (Word::Type, "email", "An email address: `\"anna@example.com\"`.", "Адрес почты: `\"anna@example.com\"`."),
    (Word::Type, "url", "A web address: `\"https://example.com\"`.", "Адрес в сети: `\"https://example.com\"`."),
    (Word::Part, "subject", "The subject of an email.", "Тема письма."),
    (Word::Part, "text", "The words of the message, without markup.", "Слова сообщения без разметки."),
    (Word::Part, "html", "The words of an email as HTML.", "Слова письма в HTML."),
    (
        Word::Part,
        "body",
        "A file with the words: `.mjml` or `.html` for an email, `.txt` for any message.",
        "Файл со словами: `.mjml` или `.html` для письма, `.txt` для любого сообщения.",
    ),
    (
        Word::Part,
        "preheader",
        "The line that mail programs show beside the subject.",
        "Строка, которую почтовые программы показывают рядом с темой.",
    ),
    (
        Word::Special,
        "updated",
        "Any change of the record after it was made.",
        "Любое изменение записи после её создания.",
    ),
    (Word::Special, "at", "When the event happened.", "Когда событие произошло."),
    (Word::Special, "next", "Goes on with what follows the block.", "Продолжает с того, что следует за блоком."),
    (Word::Special, "end", "Goes to the end of the path.", "Переходит в конец ветки."),
    (
        Word::Special,
        "unsubscribe_url",
        "The address at which the client ends their consent to letters.",
        "Адрес, по которому клиент отзывает согласие на письма.",
    ),
    (
        Word::Choice,
        "marketing",
        "Needs the client's consent for the channel and the topic.",
        "Нужно согласие клиента на канал и тему.",
    ),
    (
        Word::Choice,
        "service",
        "Belongs to something the client asked for.",
        "Относится к тому, о чём попросил сам клиент.",
    ),
    (
        Word::Choice,
        "migrate",
        "Moves people by the identity of their element.",
        "Переводит людей по тождеству их элемента.",
    ),
    (
        Word::Choice,
        "finish",
        "Lets people end on the version that they entered.",
        "Даёт людям закончить по той версии, в которую они вошли.",
    ),
    (Word::Choice, "restart", "Begins anew for the people inside.", "Начинает заново для людей внутри."),
    (Word::Choice, "stop", "Ends the runs of the people inside.", "Завершает проходы людей внутри."),
    (
        Word::Expectation,
        "send",
        "A message that is sent: `expect send sms thanks containing \"Anna\"`.",
        "Сообщение, которое отправлено: `expect send sms thanks containing \"Anna\"`.",
    ),
    (
        Word::Expectation,
        "not_sent",
        "A message that is not sent, with its reason: `expect not_sent sms containing \"no consent\"`.",
        "Сообщение, которое не отправлено, и почему: `expect not_sent sms containing \"no consent\"`.",
    ),
    (
        Word::Expectation,
        "set",
        "A field of the client that is set: `expect set city to \"Berlin\"`.",
        "Поле клиента, которое изменено: `expect set city to \"Berlin\"`.",
    ),
    (
        Word::Expectation,
        "tag",
        "A tag that is put on: `expect tag vip`.",
        "Метка, которая поставлена: `expect tag vip`.",
    ),
    (Word::Expectation, "untag", "A tag that is taken off.", "Метка, которая снята."),
    (
        Word::Expectation,
        "task",
        "A task, by its words: `expect task containing \"Call\"`.",
        "Задача, по её словам: `expect task containing \"Call\"`.",
    ),
    (Word::Expectation, "call", "A call, by its words.", "Обращение к другой системе, по его словам."),
    (
        Word::Expectation,
        "do",
        "An action that is asked for: `expect do sync_crm`.",
        "Действие, о котором попросили: `expect do sync_crm`.",
    ),
    (
        Word::Expectation,
        "emit",
        "An event that is made to happen: `expect emit won_back`.",
        "Событие, которое воронка сделала: `expect emit won_back`.",
    ),
    (
        Word::Expectation,
        "start",
        "Another funnel that is started: `expect start thanks`.",
        "Другая воронка, которая начата: `expect start thanks`.",
    ),
    (
        Word::Expectation,
        "goal",
        "A goal that is reached: `expect goal no_show`.",
        "Цель, которая достигнута: `expect goal no_show`.",
    ),
    (Word::Expectation, "enter", "A funnel that the client enters.", "Воронка, в которую клиент входит."),
    (
        Word::Expectation,
        "exit",
        "A funnel that the client leaves by its `exit`.",
        "Воронка, из которой клиент выходит по её `exit`.",
    ),
];

/// What a word of the language means; empty for what has no words of its own.
pub(super) fn meaning(word: Word, name: &str, language: Language) -> &'static str {
    let found = MEANINGS.iter().find(|(kind, known, ..)| (*kind, *known) == (word, name));
    found.map_or("", |(_, _, english, russian)| match language {
        Language::English => english,
        Language::Russian => russian,
    })
}

/// What a kind of word is called.
pub(super) fn kind(word: Word) -> Phrase {
    match word {
        Word::Channel => say!("channel"),
        Word::Filter => say!("filter"),
        Word::Function => say!("question about the past"),
        Word::Type => say!("type"),
        Word::Part => say!("part of a message"),
        Word::Special => say!("word of the language"),
        Word::Choice => say!("setting"),
        Word::Expectation => say!("expectation of a test"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_sentence() {
        let kinds = [
            Word::Channel,
            Word::Filter,
            Word::Function,
            Word::Type,
            Word::Part,
            Word::Special,
            Word::Choice,
            Word::Expectation,
        ];
        for word in kinds {
            for name in word.all() {
                assert!(!meaning(word, name, Language::English).is_empty(), "{word:?} `{name}` says nothing");
            }
        }
    }

    #[test]
    fn every_sentence_has_its_translation_with_the_same_code() {
        let code = |text: &'static str| {
            let mut code: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
            code.sort_unstable();
            code
        };
        for (word, name, english, russian) in MEANINGS {
            assert_eq!(code(english), code(russian), "{word:?} `{name}`");
            let prose = russian.split('`').step_by(2).collect::<String>();
            assert!(prose.chars().any(|c| matches!(c, 'а'..='я')), "{word:?} `{name}`: {russian}");
        }
    }
}
