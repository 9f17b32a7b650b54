//! What is told of a place in a text. In: a place. Out: a page in Markdown about the name, the word or the value there.

use super::page::page;
use super::view::{Place, View, touches};
use crate::analyse::{self, SmsSize};
use crate::check::Named;
use crate::diagnostic::{Code, Language};
use crate::source::Span;
use crate::syntax::token::Kind;
use crate::value::{CivilDate, Duration};

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
            markdown += "\n\nMay be missing here.";
        }
        (!pages.is_empty()).then_some(Hover { span, markdown })
    }

    /// A page about what a name stands for.
    pub(super) fn about(&self, named: &Named) -> Option<String> {
        let mut page = format!("```funnel\n{}\n```", self.signature(named)?);
        let docs = self.docs(named);
        if !docs.is_empty() {
            page += &format!("\n\n{docs}");
        }
        if let Named::Alias(place) = named
            && let Some(event) = self.aliased(*place)
        {
            let docs: Vec<String> =
                event.split(" or ").map(|event| self.docs(&Named::Event(event.to_owned()))).collect();
            page += &format!("\n\n{}", docs.join("\n\n"));
        }
        let places = self.declarations(std::slice::from_ref(named));
        let mut files: Vec<&str> = Vec::new();
        for place in places {
            let name =
                if self.is_prelude(place.file) { "the prelude" } else { self.sources.get(place.file)?.name.as_str() };
            if !files.contains(&name) {
                files.push(name);
            }
        }
        if !files.is_empty() {
            page += &format!("\n\nDeclared in {}.", files.join(" and "));
        }
        Some(page)
    }

    /// A code such as `F0203`, wherever it stands.
    fn hover_of_code(&self, place: Place) -> Option<Hover> {
        let (span, word) = self.word_at(place)?;
        let is_number =
            word.len() == 5 && word.starts_with('F') && word.bytes().skip(1).all(|byte| byte.is_ascii_digit());
        let code = Code::from_number(word).filter(|_| is_number)?;
        Some(Hover { span, markdown: code.page(Language::English).to_owned() })
    }

    fn hover_of_token(&self, place: Place) -> Option<Hover> {
        let token = self.token_at(place)?;
        let markdown = match token.kind {
            Kind::Key(keyword) => page(keyword).to_owned(),
            Kind::Duration => duration(token.text)?,
            Kind::Money => format!("`{}`: an amount. Amounts of two currencies neither add nor compare.", token.text),
            Kind::Percent => format!("`{}`: of a hundred.", token.text),
            Kind::Date | Kind::DateTime => {
                let day = CivilDate::parse(token.text.split_whitespace().next()?)?;
                let weekday = day.weekday().name();
                let zone = if token.kind == Kind::DateTime { ", in the time zone of the run" } else { "" };
                format!("`{}`: a {weekday}{zone}.", token.text)
            }
            Kind::Time => format!("`{}`: a time of day, in the time zone of the run.", token.text),
            Kind::Arrow => "`->`: and then.".to_owned(),
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

    /// How long the SMS at a place can be.
    fn hover_of_words(&self, place: Place) -> Option<Hover> {
        let words = self.compiled.program.words.iter().find(|words| touches(words.span, place))?;
        let size = analyse::sms_size(&self.context.reach, &words.text);
        let SmsSize { segments, characters, room, coding } = size;
        let coding = coding.name();
        let parts = if segments == 1 { "one part".to_owned() } else { format!("{segments} parts") };
        let markdown = format!(
            "SMS: up to {parts} ({coding}), {characters} of {room} characters with the longest values that its holes can have."
        );
        Some(Hover { span: words.span, markdown })
    }
}

/// What a duration literal means.
fn duration(text: &str) -> Option<String> {
    let length = crate::syntax::duration(text)?.value();
    let Duration { months, days, ms } = length;
    let calendar = "a step of the calendar in the time zone of the run, at the same time of day";
    let what = match (months, days, ms) {
        (0, 0, _) => "exactly so long, whatever the clocks do".to_owned(),
        (0, days, 0) if days % 7 == 0 && days > 7 => format!("{days} days: {calendar}"),
        (_, _, 0) => calendar.to_owned(),
        _ => format!("{calendar}, and then exactly the rest"),
    };
    Some(format!("`{length}`: {what}."))
}
