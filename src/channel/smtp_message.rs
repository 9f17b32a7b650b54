//! The letter itself (RFC 5322, MIME): in, a message and who writes; out, its bytes. No client's data can add a header:
//! addresses are parsed, a subject is one line, an unsubscribe address is percent-encoded.

use super::fill::percent;
use super::unsubscribe::Unsubscribe;
use crate::check::program::UNSUBSCRIBE_MARK;
use crate::engine::{Message, Rendered};
use crate::markup;
use crate::value::{Timestamp, Zone};
use lettre::message::header::{self, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message as Letter};

/// Who writes, and how clients end their consent.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) unsubscribe: Option<Unsubscribe>,
}

/// Writes the letter. The error says what cannot be written.
pub(super) fn write(message: &Message, sender: &Sender) -> Result<Letter, String> {
    let Rendered::Email { subject, text, html } = &message.content else {
        return Err("an email needs a subject".to_owned());
    };
    let to: Address = message.to.parse().map_err(|_| "the address is not one of an email".to_owned())?;
    let mut builder = Letter::builder()
        .from(sender.from.clone())
        .to(Mailbox::new(None, to))
        .subject(one_line(subject))
        .message_id(Some(message_id(message, sender)));
    if let Some(reply_to) = &sender.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    if let Ok(date) = header::Date::parse(&date(message.at)) {
        builder = builder.header(date);
    }
    let builder = unsubscribe(builder, message, sender)?;
    let link = |words: &Option<String>, form: fn(&str) -> String| {
        words.as_deref().map(|words| with_link(words, message, sender, form)).transpose()
    };
    let text = link(text, str::to_owned)?;
    let html = link(html, |url| {
        let mut escaped = String::new();
        markup::escape(&mut escaped, url);
        escaped
    })?;
    parts(builder, text.as_deref(), html.as_deref())
}

/// Puts the address at which this client ends their consent where the words have the mark for it.
fn with_link(words: &str, message: &Message, sender: &Sender, form: fn(&str) -> String) -> Result<String, String> {
    let in_query = markup::encode(markup::EscapeContext::LinkQuery, UNSUBSCRIBE_MARK);
    if !words.contains(UNSUBSCRIBE_MARK) && !words.contains(&in_query) {
        return Ok(words.to_owned());
    }
    let Some(unsubscribe) = &sender.unsubscribe else {
        return Err("the letter has an unsubscribe link, and the project has no `unsubscribe_url`".to_owned());
    };
    let url = unsubscribe.url_for(message);
    let query = markup::encode(markup::EscapeContext::LinkQuery, &url);
    Ok(words.replace(UNSUBSCRIBE_MARK, &form(&url)).replace(&in_query, &query))
}

/// The same on every attempt, so that a server that sees it twice can tell.
fn message_id(message: &Message, sender: &Sender) -> String {
    format!("<{}@{}>", percent(&message.id.0), sender.from.email.domain())
}

/// `Sun, 01 Mar 2026 07:00:00 +0000`, the moment the message was decided on.
fn date(at: Timestamp) -> String {
    const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let civil = Zone::UTC.civil(at);
    let (year, month, day) = civil.date.parts();
    let (hour, minute, second) = civil.time.parts();
    let weekday = DAYS[civil.date.weekday() as usize];
    let month = MONTHS[(month as usize).saturating_sub(1) % 12];
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// Adds List-Unsubscribe (RFC 2369) and its one-click form (RFC 8058) to marketing.
fn unsubscribe(builder: MessageBuilder, message: &Message, sender: &Sender) -> Result<MessageBuilder, String> {
    let Some(unsubscribe) = sender.unsubscribe.as_ref().filter(|_| message.marketing) else { return Ok(builder) };
    let raw = |name: &str, value: String| {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string())?;
        Ok::<_, String>(HeaderValue::new(name, value))
    };
    let url = unsubscribe.url_for(message);
    Ok(builder
        .raw_header(raw("List-Unsubscribe", format!("<{url}>"))?)
        .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?))
}

fn parts(builder: MessageBuilder, text: Option<&str>, html: Option<&str>) -> Result<Letter, String> {
    let letter = match (text, html) {
        (text, Some(html)) => {
            let text = text.map_or_else(|| markup::to_text(html), str::to_owned);
            builder.multipart(MultiPart::alternative_plain_html(text, html.to_owned()))
        }
        (Some(text), None) => builder.singlepart(SinglePart::plain(text.to_owned())),
        (None, None) => return Err("an email needs a text".to_owned()),
    };
    letter.map_err(|e| e.to_string())
}

/// Control characters, line breaks among them, become blanks.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Secret;
    use crate::engine::{ClientId, MessageId, RunId};
    use crate::graph::ElementId;

    fn message(to: &str, subject: &str) -> Message {
        Message {
            id: MessageId("m-1".to_owned()),
            run: RunId("r".to_owned()),
            client: ClientId("c\r\nBcc: x@y.example".to_owned()),
            funnel: "f".to_owned(),
            element: ElementId("e".to_owned()),
            channel: "email".to_owned(),
            to: to.to_owned(),
            content: Rendered::Email { subject: subject.to_owned(), text: None, html: Some("<p>Hi</p>".to_owned()) },
            marketing: true,
            topic: Some("news".to_owned()),
            evidence: None,
            at: Timestamp::parse("2026-03-01T10:00:00+03:00").unwrap(),
            zone: "Europe/Moscow".to_owned(),
            awaited: false,
        }
    }

    fn sender() -> Sender {
        Sender {
            from: "Анна <anna@clinic.example>".parse().unwrap(),
            reply_to: None,
            unsubscribe: Some(Unsubscribe {
                url: "https://clinic.example/u?c={client}&m={message}&t={topic}&s={signature}".to_owned(),
                secret: Some(Secret::new("key")),
            }),
        }
    }

    #[test]
    fn client_data_adds_no_header() {
        let letter = write(&message("a@b.example", "Hi\r\nBcc: x@y.example"), &sender()).unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("c=c%0D%0ABcc%3A%20x%40y.example&m=m-1&t=news&s="), "{head}");
        for to in ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "a b@c", "", "x"] {
            assert!(write(&message(to, "Hi"), &sender()).is_err(), "{to:?}");
        }
    }

    #[test]
    fn id_and_date_are_those_of_the_message() {
        let letter = write(&message("a@b.example", "Привет"), &sender()).unwrap();
        let text = String::from_utf8(letter.formatted()).unwrap();
        assert!(text.contains("Message-ID: <m-1@clinic.example>\r\n"), "{text}");
        assert!(text.contains("Date: Sun, 01 Mar 2026 07:00:00 +0000\r\n"), "{text}");
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
        assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
    }

    #[test]
    fn the_mark_becomes_the_address_of_this_client() {
        let mut letter = message("a@b.example", "News");
        letter.client = ClientId("c1".to_owned());
        let written = |letter: &Message, sender: &Sender| {
            write(letter, sender).map(|l| String::from_utf8(l.formatted()).unwrap())
        };
        let words = format!("<a href=\"{UNSUBSCRIBE_MARK}\">No more letters</a>");
        letter.content = Rendered::Email { subject: "News".to_owned(), text: None, html: Some(words) };
        let text = written(&letter, &sender()).unwrap().replace("=\r\n", "").replace("=3D", "=");
        assert!(text.contains("<a href=\"https://clinic.example/u?c=c1&amp;m=m-1&amp;t=news&amp;s="), "{text}");
        assert!(
            text.contains("\r\nhttps://clinic.example/u?c=c1&m=m-1&t=news&s=")
                || text.contains("clinic.example/u?c=c1&m=m-1"),
            "{text}"
        );
        assert!(!text.contains("unsubscribe.invalid"), "{text}");
        let none = Sender { unsubscribe: None, ..sender() };
        assert!(written(&letter, &none).unwrap_err().contains("unsubscribe_url"));
    }
}
