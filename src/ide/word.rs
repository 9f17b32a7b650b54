//! Short words about words of the language that are no keywords: in, such a word; out, one sentence.

use crate::check::Word;

/// What the words of the language mean.
const MEANINGS: &[(Word, &str, &str)] = &[
    (Word::Channel, "sms", "A text message to `client.phone`."),
    (Word::Channel, "email", "A letter to `client.email`, with a `subject` and a `text`, an `html` or both."),
    (Word::Channel, "telegram", "A message by Telegram to `client.telegram`."),
    (Word::Channel, "whatsapp", "A message by WhatsApp to `client.phone`."),
    (
        Word::Filter,
        "default",
        "What stands there when the value is missing: `{{ client.name | default(\"friend\") }}`.",
    ),
    (Word::Filter, "time", "The time of day of a `datetime` or a `time`: 14:30."),
    (Word::Filter, "date", "The day of a `datetime` or a `date`, in the language of the client."),
    (Word::Filter, "money", "An amount, as it is written in the language of the client."),
    (Word::Filter, "upper", "The text in capitals."),
    (Word::Filter, "lower", "The text in small letters."),
    (Word::Filter, "capitalize", "The text with its first letter a capital."),
    (Word::Function, "any", "Whether such an event ever happened: `any(purchase in last 60d)`."),
    (Word::Function, "none", "Whether no such event happened: `none(purchase in last 60d)`."),
    (Word::Function, "count", "How many such events happened: `count(booking in last 90d where attended)`."),
    (Word::Function, "sum", "The sum of a field: `sum(purchase.amount in last 1y)`."),
    (Word::Function, "avg", "The average of a field; missing when there was no such event."),
    (Word::Function, "min", "The least of a field; missing when there was no such event."),
    (Word::Function, "max", "The most of a field; missing when there was no such event."),
    (Word::Function, "first", "The first such event: `first(visit).at`; missing when there was none."),
    (Word::Function, "last", "The last such event: `last(visit).at`; missing when there was none."),
    (Word::Type, "text", "Any text."),
    (Word::Type, "number", "An exact decimal number."),
    (Word::Type, "bool", "`true` or `false`; as a condition by itself, what is missing counts as false."),
    (Word::Type, "money", "An amount with its currency: `5000 RUB`. Two currencies do not add."),
    (Word::Type, "date", "A day of the calendar: `2026-03-08`."),
    (Word::Type, "time", "A time of day: `10:00`."),
    (Word::Type, "datetime", "A moment: `2026-03-08 10:00`."),
    (Word::Type, "duration", "A length of time: `24h`, `7d`, `1h30m`."),
    (Word::Type, "phone", "A phone number with its country: `\"+79990000000\"`."),
    (Word::Type, "email", "An email address: `\"anna@example.com\"`."),
    (Word::Type, "url", "A web address: `\"https://example.com\"`."),
    (Word::Part, "subject", "The subject of an email."),
    (Word::Part, "text", "The words of the message, without markup."),
    (Word::Part, "html", "The words of an email as HTML."),
    (Word::Part, "body", "A file with the words: `.mjml` or `.html` for an email, `.txt` for any message."),
    (Word::Part, "preheader", "The line that mail programs show beside the subject."),
    (Word::Special, "updated", "Any change of the record after it was made."),
    (Word::Special, "at", "When the event happened."),
    (Word::Special, "next", "Goes on with what follows the block."),
    (Word::Special, "end", "Goes to the end of the path."),
    (Word::Special, "unsubscribe_url", "The address at which the client ends their consent to letters."),
    (Word::Choice, "marketing", "Needs the client's consent for the channel and the topic."),
    (Word::Choice, "service", "Belongs to something the client asked for."),
    (Word::Choice, "migrate", "Moves people by the identity of their element."),
    (Word::Choice, "finish", "Lets people end on the version that they entered."),
    (Word::Choice, "restart", "Begins anew for the people inside."),
    (Word::Choice, "stop", "Ends the runs of the people inside."),
    (Word::Expectation, "send", "A message that is sent: `expect send sms thanks containing \"Anna\"`."),
    (
        Word::Expectation,
        "not_sent",
        "A message that is not sent, with its reason: `expect not_sent sms containing \"no consent\"`.",
    ),
    (Word::Expectation, "set", "A field of the client that is set: `expect set city to \"Berlin\"`."),
    (Word::Expectation, "tag", "A tag that is put on: `expect tag vip`."),
    (Word::Expectation, "untag", "A tag that is taken off."),
    (Word::Expectation, "task", "A task, by its words: `expect task containing \"Call\"`."),
    (Word::Expectation, "call", "A call, by its words."),
    (Word::Expectation, "do", "An action that is asked for: `expect do sync_crm`."),
    (Word::Expectation, "emit", "An event that is made to happen: `expect emit won_back`."),
    (Word::Expectation, "start", "Another funnel that is started: `expect start thanks`."),
    (Word::Expectation, "goal", "A goal that is reached: `expect goal no_show`."),
    (Word::Expectation, "enter", "A funnel that the client enters."),
    (Word::Expectation, "exit", "A funnel that the client leaves by its `exit`."),
];

/// What a word of the language means; empty for what has no words of its own.
pub(super) fn meaning(word: Word, name: &str) -> &'static str {
    let found = MEANINGS.iter().find(|(kind, known, _)| (*kind, *known) == (word, name));
    found.map_or("", |(_, _, meaning)| meaning)
}

/// What a kind of word is called.
pub(super) fn kind(word: Word) -> &'static str {
    match word {
        Word::Channel => "channel",
        Word::Filter => "filter",
        Word::Function => "question about the past",
        Word::Type => "type",
        Word::Part => "part of a message",
        Word::Special => "word of the language",
        Word::Choice => "setting",
        Word::Expectation => "expectation of a test",
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
                assert!(!meaning(word, name).is_empty(), "{word:?} `{name}` says nothing");
            }
        }
    }
}
