//! Short words about words of the language that are no keywords: in, such a word; out, one sentence in a language.

use crate::check::BuiltinKind;
use crate::diagnostic::{Language, Phrase};
use crate::say;

/// What the words of the language mean, in English and in Russian.
const MEANINGS: &[(BuiltinKind, &str, &str, &str)] = &[
    (BuiltinKind::Channel, "sms", "A text message to `client.phone`.", "СМС на `client.phone`."),
    (
        BuiltinKind::Channel,
        "email",
        "A letter to `client.email`, with a `subject` and a `text`, an `html` or both.",
        "Письмо на `client.email` с темой `subject` и словами: `text`, `html` или и то и другое.",
    ),
    (
        BuiltinKind::Channel,
        "telegram",
        "A message by Telegram to `client.telegram`.",
        "Сообщение в Telegram на `client.telegram`.",
    ),
    (
        BuiltinKind::Channel,
        "whatsapp",
        "A message by WhatsApp to `client.phone`.",
        "Сообщение в WhatsApp на `client.phone`.",
    ),
    (
        BuiltinKind::Filter,
        "default",
        "What stands there when the value is missing: `{{ client.name | default(\"friend\") }}`.",
        "Что стоит на этом месте, когда значения нет: `{{ client.name | default(\"friend\") }}`.",
    ),
    (
        BuiltinKind::Filter,
        "time",
        "The time of day of a `datetime` or a `time`: 14:30.",
        "Время суток от `datetime` или `time`: 14:30.",
    ),
    (
        BuiltinKind::Filter,
        "date",
        "The day of a `datetime` or a `date`, in the language of the client.",
        "День от `datetime` или `date` на языке клиента.",
    ),
    (
        BuiltinKind::Filter,
        "money",
        "An amount, as it is written in the language of the client.",
        "Сумма, как её пишут на языке клиента.",
    ),
    (BuiltinKind::Filter, "upper", "The text in capitals.", "Текст заглавными буквами."),
    (BuiltinKind::Filter, "lower", "The text in small letters.", "Текст строчными буквами."),
    (
        BuiltinKind::Filter,
        "capitalize",
        "The text with its first letter a capital.",
        "Текст с первой заглавной буквой.",
    ),
    (
        BuiltinKind::Function,
        "any",
        "Whether such an event ever happened: `any(purchase in last 60d)`.",
        "Было ли хоть одно такое событие: `any(purchase in last 60d)`.",
    ),
    (
        BuiltinKind::Function,
        "none",
        "Whether no such event happened: `none(purchase in last 60d)`.",
        "Не было ли ни одного такого события: `none(purchase in last 60d)`.",
    ),
    (
        BuiltinKind::Function,
        "count",
        "How many such events happened: `count(booking in last 90d where attended)`.",
        "Сколько было таких событий: `count(booking in last 90d where attended)`.",
    ),
    (
        BuiltinKind::Function,
        "sum",
        "The sum of a field: `sum(purchase.amount in last 1y)`.",
        "Сумма поля: `sum(purchase.amount in last 1y)`.",
    ),
    (
        BuiltinKind::Function,
        "avg",
        "The average of a field; missing when there was no such event.",
        "Среднее поля; значения нет, если такого события не было.",
    ),
    (
        BuiltinKind::Function,
        "min",
        "The least of a field; missing when there was no such event.",
        "Наименьшее поля; значения нет, если такого события не было.",
    ),
    (
        BuiltinKind::Function,
        "max",
        "The most of a field; missing when there was no such event.",
        "Наибольшее поля; значения нет, если такого события не было.",
    ),
    (
        BuiltinKind::Function,
        "first",
        "The first such event: `first(visit).at`; missing when there was none.",
        "Первое такое событие: `first(visit).at`; значения нет, если его не было.",
    ),
    (
        BuiltinKind::Function,
        "last",
        "The last such event: `last(visit).at`; missing when there was none.",
        "Последнее такое событие: `last(visit).at`; значения нет, если его не было.",
    ),
    (BuiltinKind::Type, "text", "Any text.", "Любой текст."),
    (BuiltinKind::Type, "number", "An exact decimal number.", "Точное десятичное число."),
    (
        BuiltinKind::Type,
        "bool",
        "`true` or `false`; as a condition by itself, what is missing counts as false.",
        "`true` или `false`; само по себе как условие отсутствующее считается неверным.",
    ),
    (
        BuiltinKind::Type,
        "money",
        "An amount with its currency: `5000 RUB`. Two currencies do not add.",
        "Сумма с валютой: `5000 RUB`. Две валюты не складываются.",
    ),
    (BuiltinKind::Type, "date", "A day of the calendar: `2026-03-08`.", "День календаря: `2026-03-08`."),
    (BuiltinKind::Type, "time", "A time of day: `10:00`.", "Время суток: `10:00`."),
    (BuiltinKind::Type, "datetime", "A moment: `2026-03-08 10:00`.", "Момент: `2026-03-08 10:00`."),
    (
        BuiltinKind::Type,
        "duration",
        "A length of time: `24h`, `7d`, `1h30m`.",
        "Отрезок времени: `24h`, `7d`, `1h30m`.",
    ),
    (
        BuiltinKind::Type,
        "phone",
        "A phone number with its country: `\"+79990000000\"`.",
        "Номер телефона с кодом страны: `\"+79990000000\"`.",
    ),
    (BuiltinKind::Type, "email", "An email address: `\"anna@example.com\"`.", "Адрес почты: `\"anna@example.com\"`."),
    (BuiltinKind::Type, "url", "A web address: `\"https://example.com\"`.", "Адрес в сети: `\"https://example.com\"`."),
    (BuiltinKind::Part, "subject", "The subject of an email.", "Тема письма."),
    (BuiltinKind::Part, "text", "The words of the message, without markup.", "Слова сообщения без разметки."),
    (BuiltinKind::Part, "html", "The words of an email as HTML.", "Слова письма в HTML."),
    (
        BuiltinKind::Part,
        "body",
        "A file with the words: `.mjml` or `.html` for an email, `.txt` for any message.",
        "Файл со словами: `.mjml` или `.html` для письма, `.txt` для любого сообщения.",
    ),
    (
        BuiltinKind::Part,
        "preheader",
        "The line that mail programs show beside the subject.",
        "Строка, которую почтовые программы показывают рядом с темой.",
    ),
    (
        BuiltinKind::Special,
        "updated",
        "Any change of the record after it was made.",
        "Любое изменение записи после её создания.",
    ),
    (BuiltinKind::Special, "at", "When the event happened.", "Когда событие произошло."),
    (BuiltinKind::Special, "next", "Goes on with what follows the block.", "Продолжает с того, что следует за блоком."),
    (BuiltinKind::Special, "end", "Goes to the end of the path.", "Переходит в конец ветки."),
    (
        BuiltinKind::Special,
        "unsubscribe_url",
        "The address at which the client ends their consent to letters.",
        "Адрес, по которому клиент отзывает согласие на письма.",
    ),
    (
        BuiltinKind::Choice,
        "marketing",
        "Needs the client's consent for the channel and the topic.",
        "Нужно согласие клиента на канал и тему.",
    ),
    (
        BuiltinKind::Choice,
        "service",
        "Belongs to something the client asked for.",
        "Относится к тому, о чём попросил сам клиент.",
    ),
    (
        BuiltinKind::Choice,
        "migrate",
        "Moves people by the identity of their element.",
        "Переводит людей по тождеству их элемента.",
    ),
    (
        BuiltinKind::Choice,
        "finish",
        "Lets people end on the version that they entered.",
        "Даёт людям закончить по той версии, в которую они вошли.",
    ),
    (BuiltinKind::Choice, "restart", "Begins anew for the people inside.", "Начинает заново для людей внутри."),
    (BuiltinKind::Choice, "stop", "Ends the runs of the people inside.", "Завершает проходы людей внутри."),
    (
        BuiltinKind::Expectation,
        "send",
        "A message that is sent: `expect send sms thanks containing \"Anna\"`.",
        "Сообщение, которое отправлено: `expect send sms thanks containing \"Anna\"`.",
    ),
    (
        BuiltinKind::Expectation,
        "not_sent",
        "A message that is not sent, with its reason: `expect not_sent sms containing \"no consent\"`.",
        "Сообщение, которое не отправлено, и почему: `expect not_sent sms containing \"no consent\"`.",
    ),
    (
        BuiltinKind::Expectation,
        "set",
        "A field of the client that is set: `expect set city to \"Berlin\"`.",
        "Поле клиента, которое изменено: `expect set city to \"Berlin\"`.",
    ),
    (
        BuiltinKind::Expectation,
        "tag",
        "A tag that is put on: `expect tag vip`.",
        "Метка, которая поставлена: `expect tag vip`.",
    ),
    (BuiltinKind::Expectation, "untag", "A tag that is taken off.", "Метка, которая снята."),
    (
        BuiltinKind::Expectation,
        "task",
        "A task, by its words: `expect task containing \"Call\"`.",
        "Задача, по её словам: `expect task containing \"Call\"`.",
    ),
    (BuiltinKind::Expectation, "call", "A call, by its words.", "Обращение к другой системе, по его словам."),
    (
        BuiltinKind::Expectation,
        "do",
        "An action that is asked for: `expect do sync_crm`.",
        "Действие, о котором попросили: `expect do sync_crm`.",
    ),
    (
        BuiltinKind::Expectation,
        "emit",
        "An event that is made to happen: `expect emit won_back`.",
        "Событие, которое воронка сделала: `expect emit won_back`.",
    ),
    (
        BuiltinKind::Expectation,
        "start",
        "Another funnel that is started: `expect start thanks`.",
        "Другая воронка, которая начата: `expect start thanks`.",
    ),
    (
        BuiltinKind::Expectation,
        "goal",
        "A goal that is reached: `expect goal no_show`.",
        "Цель, которая достигнута: `expect goal no_show`.",
    ),
    (BuiltinKind::Expectation, "enter", "A funnel that the client enters.", "Воронка, в которую клиент входит."),
    (
        BuiltinKind::Expectation,
        "exit",
        "A funnel that the client leaves by its `exit`.",
        "Воронка, из которой клиент выходит по её `exit`.",
    ),
];

/// What a word of the language means; empty for what has no words of its own.
pub(super) fn meaning(word: BuiltinKind, name: &str, language: Language) -> &'static str {
    let found = MEANINGS.iter().find(|(kind, known, ..)| (*kind, *known) == (word, name));
    found.map_or("", |(_, _, english, russian)| match language {
        Language::English => english,
        Language::Russian => russian,
    })
}

/// What a kind of word is called.
pub(super) fn kind(word: BuiltinKind) -> Phrase {
    match word {
        BuiltinKind::Channel => say!("channel"),
        BuiltinKind::Filter => say!("filter"),
        BuiltinKind::Function => say!("question about the past"),
        BuiltinKind::Type => say!("type"),
        BuiltinKind::Part => say!("part of a message"),
        BuiltinKind::Special => say!("word of the language"),
        BuiltinKind::Choice => say!("setting"),
        BuiltinKind::Expectation => say!("expectation of a test"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_has_its_sentence() {
        let kinds = [
            BuiltinKind::Channel,
            BuiltinKind::Filter,
            BuiltinKind::Function,
            BuiltinKind::Type,
            BuiltinKind::Part,
            BuiltinKind::Special,
            BuiltinKind::Choice,
            BuiltinKind::Expectation,
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
