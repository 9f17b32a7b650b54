//! What is told of a place in a text. In: a place. Out: a page in Markdown about the name, the word or the value there.

use super::page::page;
use super::view::{Place, View, touches};
use crate::analyse::{self, SmsSize};
use crate::check::Symbol;
use crate::diagnostic::{Code, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax;
use crate::syntax::token::Kind;
use crate::value::{CivilDate, Duration, Weekday};

/// A page about a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hover {
    /// What it is about.
    pub span: Span,
    /// What it says, in Markdown.
    pub markdown: String,
}

impl View<'_> {
    /// What is told of a place; `None` where there is nothing to say.
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

    /// A page about what a name stands for.
    pub(super) fn about(&self, named: &Symbol) -> Option<String> {
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
                true => self.said(&say!("the prelude")),
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

    /// A code such as `F0203`, wherever it stands.
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
            Kind::Key(keyword) => page(keyword, self.language).to_owned(),
            Kind::Duration => {
                let length = syntax::duration(token.text)?.value();
                self.means(&length.to_string(), &duration(length))
            }
            Kind::Money => self.means(token.text, &say!("an amount; two currencies neither add nor compare")),
            Kind::Percent => self.means(token.text, &say!("of a hundred")),
            Kind::Date | Kind::DateTime => {
                let day = CivilDate::parse(token.text.split_whitespace().next()?)?;
                let weekday = weekday(day.weekday());
                let zoned = say!("{weekday}, in the time zone of the run", weekday);
                self.means(token.text, if token.kind == Kind::DateTime { &zoned } else { &weekday })
            }
            Kind::Time => self.means(token.text, &say!("a time of day, in the time zone of the run")),
            Kind::Arrow => self.means(token.text, &say!("and then")),
            Kind::Name
            | Kind::Label
            | Kind::Number
            | Kind::TextOpen
            | Kind::Chunk
            | Kind::TextClose
            | Kind::HoleOpen
            | Kind::HoleClose
            | Kind::BraceOpen
            | Kind::BraceClose
            | Kind::ParenOpen
            | Kind::ParenClose
            | Kind::BracketOpen
            | Kind::BracketClose
            | Kind::Colon
            | Kind::Comma
            | Kind::Dot
            | Kind::DotDot
            | Kind::Assign
            | Kind::Bar
            | Kind::Question
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::Greater
            | Kind::GreaterEqual
            | Kind::Plus
            | Kind::Minus
            | Kind::Star
            | Kind::Slash => return None,
        };
        Some(Hover { span: token.span, markdown })
    }

    /// What stands in a text, and what it means.
    fn means(&self, text: &str, what: &Phrase) -> String {
        format!("`{text}`: {}.", self.said(what))
    }

    /// How long the SMS at a place can be.
    fn hover_of_words(&self, place: Place) -> Option<Hover> {
        let words = self.compiled.program.words.iter().find(|words| touches(words.span, place))?;
        let size = analyse::sms_size(&self.context.reach, &words.text);
        let (parts, coding) = (self.said(&parts(size.segments)), size.coding.name());
        let markdown = format!("SMS: {parts} ({coding}). {}", self.sentence(&room(size)));
        Some(Hover { span: words.span, markdown })
    }
}

/// How many parts an SMS has.
pub(super) fn parts(segments: usize) -> Phrase {
    if segments == 1 { say!("1 part") } else { say!("{segments} parts", segments) }
}

/// How much of its room an SMS may take.
pub(super) fn room(size: SmsSize) -> Phrase {
    let SmsSize { characters, room, .. } = size;
    say!("up to {characters} of {room} characters, with the longest values that its holes can have", characters, room)
}

/// What a length of time means.
fn duration(length: Duration) -> Phrase {
    let Duration { months, days, ms } = length;
    let calendar = say!("a step of the calendar in the time zone of the run, at the same time of day");
    match (months, days, ms) {
        (0, 0, _) => say!("exactly so long, whatever the clocks do"),
        (0, days, 0) if days % 7 == 0 && days > 7 => say!("{days} days: {calendar}", days, calendar),
        (_, _, 0) => calendar,
        _ => say!("{calendar}, and then exactly the rest", calendar),
    }
}

/// A day of the week.
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
