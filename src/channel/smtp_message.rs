//! Builds the email itself (RFC 5322, MIME). Client data cannot add headers: addresses are parsed, the subject is a
//! single line, and the unsubscribe URL is percent-encoded.

use super::fill::percent;
use super::unsubscribe::Unsubscribe;
use crate::check::program::UNSUBSCRIBE_MARK;
use crate::engine::{Message, Rendered};
use crate::markup;
use crate::value::{Timestamp, Zone};
use lettre::message::header::{self, Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder, MultiPart, SinglePart};
use lettre::{Address, Message as Email};

/// Limit: the length of a line, in bytes without its end.
const MAX_LINE: usize = 998;

/// The sender, and the unsubscribe settings.
#[derive(Debug, Clone)]
pub(super) struct Sender {
    pub(super) from: Mailbox,
    pub(super) reply_to: Option<Mailbox>,
    pub(super) unsubscribe: Option<Unsubscribe>,
}

/// Builds the email.
pub(super) fn write(message: &Message, sender: &Sender) -> Result<Email, String> {
    let Rendered::Email { subject, text, html } = &message.content else {
        return Err("an email needs a subject".to_owned());
    };
    let to: Address = message.to.parse().map_err(|_| "invalid email address".to_owned())?;
    let mut builder = Email::builder()
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
    let insert_url = |content: &Option<String>, escape: fn(&str) -> String| {
        content.as_deref().map(|content| insert_unsubscribe_url(content, message, sender, escape)).transpose()
    };
    let text = insert_url(text, str::to_owned)?;
    let html = insert_url(html, |url| {
        let mut escaped = String::new();
        markup::escape(&mut escaped, url);
        escaped
    })?;
    add_body(builder, text.as_deref(), html.as_deref())
}

/// Replaces the unsubscribe mark in the content by the URL for this client.
fn insert_unsubscribe_url(
    content: &str,
    message: &Message,
    sender: &Sender,
    escape: fn(&str) -> String,
) -> Result<String, String> {
    let in_query = markup::encode(markup::EscapeContext::LinkQuery, UNSUBSCRIBE_MARK);
    if !content.contains(UNSUBSCRIBE_MARK) && !content.contains(&in_query) {
        return Ok(content.to_owned());
    }
    let Some(unsubscribe) = &sender.unsubscribe else {
        return Err("the email has an unsubscribe link, but the project sets no `unsubscribe_url`".to_owned());
    };
    let url = unsubscribe.url_for(message)?;
    let query = markup::encode(markup::EscapeContext::LinkQuery, &url);
    Ok(content.replace(UNSUBSCRIBE_MARK, &escape(&url)).replace(&in_query, &query))
}

/// The same for every attempt, so that a server can detect duplicates.
fn message_id(message: &Message, sender: &Sender) -> String {
    format!("<{}@{}>", percent(&message.id.0), sender.from.email.domain())
}

/// The moment of the message in the form `Sun, 01 Mar 2026 07:00:00 +0000`.
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

/// Adds List-Unsubscribe (RFC 2369) and its one-click form (RFC 8058) to marketing messages.
fn unsubscribe(builder: MessageBuilder, message: &Message, sender: &Sender) -> Result<MessageBuilder, String> {
    let Some(unsubscribe) = sender.unsubscribe.as_ref().filter(|_| message.marketing) else { return Ok(builder) };
    let raw = |name: &str, value: String| {
        let name = HeaderName::new_from_ascii(name.to_owned()).map_err(|e| e.to_string())?;
        Ok::<_, String>(HeaderValue::new(name, value))
    };
    let url = unsubscribe.url_for(message)?;
    Ok(builder
        .raw_header(raw("List-Unsubscribe", format!("<{url}>"))?)
        .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned())?))
}

fn add_body(builder: MessageBuilder, text: Option<&str>, html: Option<&str>) -> Result<Email, String> {
    let (text, html) = (text.map(plain_lines), html.map(plain_lines));
    let email = match (text, html) {
        (text, Some(html)) => {
            let text = text.unwrap_or_else(|| markup::to_text(&html));
            builder.multipart(MultiPart::alternative_plain_html(text, html))
        }
        (Some(text), None) => builder.singlepart(SinglePart::plain(text)),
        (None, None) => return Err("an email needs a body".to_owned()),
    };
    let email = email.map_err(|e| e.to_string())?;
    check_head(&email)?;
    Ok(email)
}

/// Ends every line in the same way and drops other control characters, which mail servers reject: a lone CR, and NUL.
fn plain_lines(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace('\r', "\n");
    lines.chars().filter(|c| !c.is_control() || matches!(c, '\n' | '\t')).collect()
}

/// Refuses an email with a header line that is longer than mail servers must accept (RFC 5322, 2.1.1).
fn check_head(email: &Email) -> Result<(), String> {
    let text = email.formatted();
    let mut lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end).take_while(|line| !line.is_empty());
    match lines.find(|line| line.len() > MAX_LINE) {
        None => Ok(()),
        Some(line) => {
            let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
            Err(format!(
                "the header `{}` has a line of more than {MAX_LINE} bytes",
                String::from_utf8_lossy(&name[..name.len().min(40)])
            ))
        }
    }
}

/// Replaces control characters, including line breaks, by spaces.
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
            latest: None,
            outcome_expected: false,
            answer_expected: false,
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
        let email = write(&message("a@b.example", "Hi\r\nBcc: x@y.example"), &sender()).unwrap();
        let text = String::from_utf8(email.formatted()).unwrap();
        let head = text.split("\r\n\r\n").next().unwrap();
        assert!(!head.lines().any(|line| line.to_lowercase().starts_with("bcc")), "{head}");
        assert!(head.contains("c=c%0D%0ABcc%3A%20x%40y.example&m=m-1&t=news&s="), "{head}");
        for to in ["a@b.example\r\nBcc: x@y.example", "a@b.example, c@d.example", "a b@c", "", "x"] {
            assert!(write(&message(to, "Hi"), &sender()).is_err(), "{to:?}");
        }
    }

    #[test]
    fn id_and_date_are_those_of_the_message() {
        let email = write(&message("a@b.example", "Привет"), &sender()).unwrap();
        let text = String::from_utf8(email.formatted()).unwrap();
        assert!(text.contains("Message-ID: <m-1@clinic.example>\r\n"), "{text}");
        assert!(text.contains("Date: Sun, 01 Mar 2026 07:00:00 +0000\r\n"), "{text}");
        assert!(text.contains("Subject: =?utf-8?b?"), "{text}");
        assert!(text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{text}");
    }

    #[test]
    fn the_unsubscribe_mark_is_replaced_by_the_url_of_the_client() {
        let mut email = message("a@b.example", "News");
        email.client = ClientId("c1".to_owned());
        let written =
            |email: &Message, sender: &Sender| write(email, sender).map(|l| String::from_utf8(l.formatted()).unwrap());
        let content = format!("<a href=\"{UNSUBSCRIBE_MARK}\">No more emails</a>");
        email.content = Rendered::Email { subject: "News".to_owned(), text: None, html: Some(content) };
        let text = written(&email, &sender()).unwrap().replace("=\r\n", "").replace("=3D", "=");
        assert!(text.contains("<a href=\"https://clinic.example/u?c=c1&amp;m=m-1&amp;t=news&amp;s="), "{text}");
        assert!(
            text.contains("\r\nhttps://clinic.example/u?c=c1&m=m-1&t=news&s=")
                || text.contains("clinic.example/u?c=c1&m=m-1"),
            "{text}"
        );
        assert!(!text.contains("unsubscribe.invalid"), "{text}");
        let none = Sender { unsubscribe: None, ..sender() };
        assert!(written(&email, &none).unwrap_err().contains("unsubscribe_url"));
    }
}
