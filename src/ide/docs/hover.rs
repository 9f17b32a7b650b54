//! Hover. In: a position. Out: Markdown about the name, keyword or literal there.

use super::keyword_docs::keyword_docs;
use crate::analysis::{self, SmsSize};
use crate::check::Symbol;
use crate::diagnostic::{Code, Phrase};
use crate::ide::token::end_tags;
use crate::ide::view::{Place, View, touches};
use crate::say;
use crate::source::Span;
use crate::syntax;
use crate::syntax::token::Kind;
use crate::value::{CivilDate, Duration, Weekday};

/// The documentation of a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// The span that it documents.
    pub span: Span,
    /// The documentation, in Markdown.
    pub markdown: String,
}

impl View<'_> {
    /// Returns the documentation of a position; `None` if there is none.
    #[must_use]
    pub fn hover(&self, place: Place) -> Option<Hover> {
        self.hover_of_name(place)
            .or_else(|| self.hover_of_code(place))
            .or_else(|| self.hover_of_token(place))
            .or_else(|| self.hover_of_words(place))
    }

    fn hover_of_name(&self, place: Place) -> Option<Hover> {
        let (span, named) = self.named_at(place)?;
        let pages: Vec<String> = named.iter().filter_map(|named| self.about(named)).collect();
        let mut markdown = pages.join("\n\n---\n\n");
        let typed = self.type_at(place).filter(|typed| typed.missing && typed.span.end == span.end);
        if typed.is_some() {
            markdown += &format!("\n\n{}", self.sentence(&say!("may be missing here")));
        }
        (!pages.is_empty()).then_some(Hover { span, markdown })
    }

    /// Returns the documentation of a symbol.
    pub(in crate::ide) fn about(&self, named: &Symbol) -> Option<String> {
        let mut page = format!("```funnel\n{}\n```", self.signature(named)?);
        let docs = self.docs(named);
        if !docs.is_empty() {
            page += &format!("\n\n{docs}");
        }
        if let Symbol::Alias(place) = named
            && let Some(event) = self.aliased(*place)
        {
            let docs: Vec<String> =
                event.split(" or ").map(|event| self.docs(&Symbol::Event(event.to_owned()))).collect();
            page += &format!("\n\n{}", docs.join("\n\n"));
        }
        let places = self.declarations(std::slice::from_ref(named));
        let mut files: Vec<String> = Vec::new();
        for place in places {
            let name = match self.is_prelude(place.file) {
                true => self.localized(&say!("the prelude")),
                false => self.sources.get(place.file)?.name.clone(),
            };
            if !files.contains(&name) {
                files.push(name);
            }
        }
        if !files.is_empty() {
            let files = files.join(", ");
            page += &format!("\n\n{}", self.sentence(&say!("declared in {files}", files)));
        }
        Some(page)
    }

    /// The page of a diagnostic code such as `F0203`.
    fn hover_of_code(&self, place: Place) -> Option<Hover> {
        let (span, word) = self.word_at(place)?;
        let is_number =
            word.len() == 5 && word.starts_with('F') && word.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        let code = Code::from_number(word).filter(|_| is_number)?;
        Some(Hover { span, markdown: code.page(self.language).to_owned() })
    }

    fn hover_of_token(&self, place: Place) -> Option<Hover> {
        let token = self.token_at(place)?;
        let markdown = match token.kind {
            Kind::Name if end_tags(&self.tokens(place.file)).contains(&token.span) => {
                self.means(token.text, &say!("the end of the text that depends on the `if` before it"))
            }
            Kind::Key(keyword) => keyword_docs(keyword, self.language).to_owned(),
            Kind::Duration => {
                let length = syntax::duration(token.text)?.value();
                self.means(&length.to_string(), &duration(length))
            }
            Kind::Money => self.means(token.text, &say!("an amount; different currencies cannot be added or compared")),
            Kind::Percent => self.means(token.text, &say!("percentage")),
            Kind::Date | Kind::DateTime => {
                let day = CivilDate::parse(token.text.split_whitespace().next()?)?;
                let weekday = weekday(day.weekday());
                let zoned = say!("{weekday}, in the time zone of the run", weekday);
                self.means(token.text, if token.kind == Kind::DateTime { &zoned } else { &weekday })
            }
            Kind::Time => self.means(token.text, &say!("a time of day, in the time zone of the run")),
            Kind::Arrow => self.means(token.text, &say!("then")),
            _ => return None,
        };
        Some(Hover { span: token.span, markdown })
    }

    /// A piece of source text and its meaning.
    fn means(&self, text: &str, what: &Phrase) -> String {
        format!("`{text}`: {}.", self.localized(what))
    }

    /// The longest that the SMS at a position can be.
    fn hover_of_words(&self, place: Place) -> Option<Hover> {
        let words = self.compiled.program.words.iter().find(|words| touches(words.span, place))?;
        let size = analysis::sms_size(&self.context.messages, &words.text);
        let (parts, coding) = (self.localized(&sms_parts(size.segments)), size.coding.name());
        let markdown = format!("SMS: {parts} ({coding}). {}", self.sentence(&sms_room(size)));
        Some(Hover { span: words.span, markdown })
    }
}

/// Returns the number of segments of an SMS.
pub(in crate::ide) fn sms_parts(segments: usize) -> Phrase {
    if segments == 1 { say!("1 part") } else { say!("{segments} parts", segments) }
}

/// Returns how much of its segments an SMS may fill.
pub(in crate::ide) fn sms_room(size: SmsSize) -> Phrase {
    let SmsSize { characters, room, .. } = size;
    say!("up to {characters} of {room} characters, assuming the longest placeholder values", characters, room)
}

/// The meaning of a duration.
fn duration(length: Duration) -> Phrase {
    let Duration { months, days, ms } = length;
    let calendar = say!("a calendar duration in the time zone of the run, to the same time of day");
    match (months, days, ms) {
        (0, 0, _) => say!("an exact duration, regardless of clock changes"),
        (0, days, 0) if days % 7 == 0 && days > 7 => say!("{days} days: {calendar}", days, calendar),
        (_, _, 0) => calendar,
        _ => say!("{calendar}, then an exact duration for the rest", calendar),
    }
}

/// A weekday with its article.
fn weekday(day: Weekday) -> Phrase {
    match day {
        Weekday::Monday => say!("a Monday"),
        Weekday::Tuesday => say!("a Tuesday"),
        Weekday::Wednesday => say!("a Wednesday"),
        Weekday::Thursday => say!("a Thursday"),
        Weekday::Friday => say!("a Friday"),
        Weekday::Saturday => say!("a Saturday"),
        Weekday::Sunday => say!("a Sunday"),
    }
}
