//! How long SMS can be. In: their words, and what the project assumes. Out: the segments that they take, and a finding for
//! each that takes more than are allowed.

mod alphabet;
mod longest;

use crate::check::program::{Expr, Words};
use crate::check::{Context, Reach};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::source::Span;
pub use alphabet::Coding;
use alphabet::{alike, coding, gsm, length, segments};
use longest::{Piece, pieces};
use std::sync::Arc;

/// How long an SMS can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsSize {
    /// The segments that it takes at its longest.
    pub segments: usize,
    /// The places that its characters take then.
    pub characters: usize,
    /// The places of so many segments.
    pub room: usize,
    /// How it is sent.
    pub coding: Coding,
}

/// How long an SMS with these words can be.
#[must_use]
pub fn sms_size(reach: &Reach, text: &Expr) -> SmsSize {
    let text: String = pieces(reach, text).into_iter().map(|piece| piece.text).collect();
    let coding = coding(&text);
    let segments = segments(&text, coding);
    SmsSize { segments, characters: length(&text, coding), room: coding.room(segments), coding }
}

/// The most segments that an SMS with these words can take.
pub(super) fn most_segments(reach: &Reach, text: &Expr) -> usize {
    sms_size(reach, text).segments
}

/// A finding for each text that can take more segments than the project allows.
pub(super) fn judge(words: &[Arc<Words>], context: &Context) -> Vec<Diagnostic> {
    words.iter().filter_map(|words| long(&context.reach, words)).collect()
}

fn long(reach: &Reach, words: &Words) -> Option<Diagnostic> {
    let pieces = pieces(reach, &words.text);
    let text: String = pieces.iter().map(|piece| piece.text.as_str()).collect();
    let coding = coding(&text);
    let count = segments(&text, coding);
    let most = usize::try_from(reach.sms.segments).unwrap_or(usize::MAX);
    if count <= most {
        return None;
    }
    let found = match foreign(words, &text, coding) {
        Some(foreign) => by_character(words, &foreign, &text, count),
        None => by_length(words, &pieces, count, most),
    };
    let units = length(&text, coding);
    let room = coding.room(most);
    let found = match coding {
        Coding::Gsm => found.help(say!("it can be {units} characters long, and {most} segments hold {room}", units, most, room)),
        Coding::Ucs2 => found.help(say!(
            "it can be {units} characters long, and {most} segments hold {room} where a letter is not in the SMS alphabet",
            units,
            most,
            room
        )),
    };
    Some(match guess(reach, words, &pieces) {
        Some((hole, length)) => found.help(say!(
            "`{hole}` is taken to be {length} characters long; `assume` under `[sms]` in funnel.toml says otherwise",
            hole,
            length
        )),
        None => found,
    })
}

/// The few characters that make an otherwise plain text one that is not in the alphabet, with their places.
fn foreign(words: &Words, text: &str, coding: Coding) -> Option<Vec<(char, Span)>> {
    if coding == Coding::Gsm {
        return None;
    }
    let found: Vec<(char, Span)> = words
        .parts
        .iter()
        .flat_map(|part| {
            let start = part.span.start as usize;
            let place = move |at: usize, c: char| Span::new(part.span.file, start + at, start + at + c.len_utf8());
            let strange = part.node.char_indices().filter(|(_, c)| gsm(*c).is_none());
            strange.map(move |(at, c)| (c, place(at, c)))
        })
        .collect();
    let strange = text.chars().filter(|c| gsm(*c).is_none()).count();
    // Where much is not in the alphabet, it is the language of the text.
    let few = !found.is_empty() && strange <= 1 + text.chars().count() / 12;
    let plain: String = text.chars().filter(|c| gsm(*c).is_some()).collect();
    (few && found.len() == strange && segments(&plain, Coding::Gsm) < segments(text, coding)).then_some(found)
}

fn by_character(words: &Words, foreign: &[(char, Span)], text: &str, count: usize) -> Diagnostic {
    let instead: Vec<(char, Span, Option<String>)> =
        foreign.iter().map(|(c, span)| (*c, *span, written(*c, words.quoted))).collect();
    let plain: String = text
        .chars()
        .map(|c| alike(c, true).unwrap_or_else(|| if gsm(c).is_some() { c.to_string() } else { "?".to_owned() }))
        .collect();
    let less = segments(&plain, coding(&plain));
    let (character, span) = foreign.first().map_or((' ', words.span), |(c, span)| (*c, *span));
    let message = say!("`{character}` makes this SMS take {count} segments instead of {less}", character, count, less);
    let mut found = Diagnostic::new(Code::LongSms, span, message, say!("not in the SMS alphabet"));
    for (_, other, _) in instead.iter().skip(1).take(3) {
        found = found.related(*other, say!("nor is this"));
    }
    let edits: Option<Vec<Edit>> =
        instead.iter().map(|(_, span, text)| Some(Edit { span: *span, text: text.clone()? })).collect();
    match (edits, instead.first().and_then(|(.., text)| text.clone())) {
        (Some(edits), Some(text)) => {
            found = found.help(say!("write `{text}` in its place", text));
            found.fixes.push(Fix { title: say!("write it in the SMS alphabet"), edits, guess: false });
            found
        }
        _ => found.help(say!("leave out `{character}`", character)),
    }
}

/// What can be typed in a character's place.
fn written(c: char, quoted: bool) -> Option<String> {
    let text = alike(c, true)?;
    Some(if quoted { text.replace('"', "\\\"") } else { text })
}

fn by_length(words: &Words, pieces: &[Piece], count: usize, most: usize) -> Diagnostic {
    let message = say!("this SMS can take {count} segments, more than {most}", count, most);
    let mut found = Diagnostic::new(Code::LongSms, words.span, message, say!("up to {count} segments", count));
    for (part, piece) in words.parts.iter().zip(pieces).filter(|(_, piece)| piece.hole).take(3) {
        let length = piece.text.chars().count();
        found = found.related(part.span, say!("up to {length} characters", length));
    }
    found.help(say!("shorten it, or allow more: `segments = {count}` under `[sms]` in funnel.toml", count))
}

/// The longest hole whose length is assumed.
fn guess(reach: &Reach, words: &Words, pieces: &[Piece]) -> Option<(String, usize)> {
    let guessed = words.parts.iter().zip(pieces).filter(|(_, piece)| piece.assumed);
    let (part, piece) = guessed.max_by_key(|(_, piece)| piece.text.len())?;
    let length = piece.text.chars().count();
    (reach.sms.assume > 0).then(|| (part.node.clone(), length))
}
