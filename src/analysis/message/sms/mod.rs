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
use alphabet::{gsm, length, replacement};
use longest::{Alternative, Longest, Piece, pieces};
use std::sync::Arc;

/// Limit: the most characters that a finding names.
const MOST_NAMED: usize = 4;

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
    let pieces = pieces(reach, text);
    let Longest { text, coding, segments, .. } = Longest::of(&pieces);
    SmsSize { segments, characters: length(&text, coding), room: coding.capacity(segments), coding }
}

/// The most segments that an SMS with these words can take.
pub(in crate::analysis) fn most_segments(reach: &Reach, text: &Expr) -> usize {
    sms_size(reach, text).segments
}

/// A finding for each text that can take more segments than the project allows.
pub(in crate::analysis) fn long_sms(words: &[Arc<Words>], context: &Context) -> Vec<Diagnostic> {
    words.iter().filter_map(|words| long(&context.reach, words)).collect()
}

fn long(reach: &Reach, words: &Words) -> Option<Diagnostic> {
    let pieces = pieces(reach, &words.text);
    let most = usize::try_from(reach.sms.segments).unwrap_or(usize::MAX);
    // What fits in the wider coding fits in the other, in which a character takes two places at most. At the end of each segment
    // one place may stay empty, as no character is cut in two.
    if longest::units(&pieces).saturating_add(most) <= Coding::Ucs2.capacity(most) {
        return None;
    }
    let longest = Longest::of(&pieces);
    if longest.segments <= most {
        return None;
    }
    let found = match foreign(words, &pieces, &longest) {
        Some(foreign) => by_character(words, &foreign, &pieces, longest.segments),
        None => by_length(words, &longest, &pieces, most),
    };
    let (coding, units) = (longest.coding, length(&longest.text, longest.coding));
    let room = coding.capacity(most);
    let found = match coding {
        Coding::Gsm if most == 1 => {
            found.help(say!("it can be {units} characters long, and one segment holds {room}", units, room))
        }
        Coding::Ucs2 if most == 1 => found.help(say!(
            "it can be {units} characters long, and one segment holds {room} where a letter is not in the SMS alphabet",
            units,
            room
        )),
        Coding::Gsm => found.help(say!("it can be {units} characters long, and {most} segments hold {room}", units, most, room)),
        Coding::Ucs2 => found.help(say!(
            "it can be {units} characters long, and {most} segments hold {room} where a letter is not in the SMS alphabet",
            units,
            most,
            room
        )),
    };
    Some(match guess(reach, words, &longest) {
        Some((hole, length)) => found.help(say!(
            "`{hole}` is taken to be {length} characters long; `assume` under `[sms]` in funnel.toml says otherwise",
            hole,
            length
        )),
        None => found,
    })
}

/// The few words, or single characters, that make an otherwise plain text one that is not in the alphabet, with their places.
fn foreign<'w>(words: &'w Words, pieces: &[Piece], longest: &Longest<'_>) -> Option<Vec<(&'w str, Span)>> {
    let mut foreign = pieces.iter().flat_map(|piece| &piece.alternatives).filter(|one| one.is_foreign());
    let is_written = foreign.all(|one| one.written);
    // Where much is not in the alphabet, it is the language of the text.
    let strange = longest.text.chars().filter(|c| gsm(*c).is_none()).count();
    let few = strange > 0 && strange <= 1 + longest.text.chars().count() / 12;
    let plain = changed(pieces, |c| gsm(c).map(|_| c.to_string()).unwrap_or_default());
    if !(is_written && few && Longest::of(&plain).segments < longest.segments) {
        return None;
    }
    let mut found = Vec::new();
    for part in &words.parts {
        let mut rest = part.node.char_indices().peekable();
        while let Some((start, c)) = rest.next() {
            if gsm(c).is_some() {
                continue;
            }
            let mut end = start + c.len_utf8();
            while let Some((at, c)) = rest.next_if(|(_, c)| gsm(*c).is_none()) {
                end = at + c.len_utf8();
            }
            let base = part.span.start as usize;
            found.extend(
                part.node.get(start..end).map(|text| (text, Span::new(part.span.file, base + start, base + end))),
            );
        }
    }
    (!found.is_empty()).then_some(found)
}

/// The pieces with other characters.
fn changed(pieces: &[Piece], change: impl Fn(char) -> String) -> Vec<Piece> {
    let text = |one: &Alternative| Alternative { text: one.text.chars().map(&change).collect(), ..one.clone() };
    let piece = |piece: &Piece| Piece {
        alternatives: piece.alternatives.iter().map(text).collect(),
        is_placeholder: piece.is_placeholder,
    };
    pieces.iter().map(piece).collect()
}

fn by_character(words: &Words, foreign: &[(&str, Span)], pieces: &[Piece], count: usize) -> Diagnostic {
    let plain = changed(pieces, |c| {
        replacement(c, true).unwrap_or_else(|| if gsm(c).is_some() { c.to_string() } else { "?".to_owned() })
    });
    let less = Longest::of(&plain).segments;
    let mut names: Vec<&str> = Vec::new();
    for (text, _) in foreign {
        if !names.contains(text) {
            names.push(text);
        }
    }
    let span = foreign.first().map_or(words.span, |(_, span)| *span);
    let message = match names.as_slice() {
        [character] => {
            say!("`{character}` makes this SMS take {count} segments instead of {less}", character, count, less)
        }
        several => {
            let characters = several.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join("`, `");
            if several.len() <= MOST_NAMED {
                say!("`{characters}` make this SMS take {count} segments instead of {less}", characters, count, less)
            } else {
                say!(
                    "`{characters}` and others make this SMS take {count} segments instead of {less}",
                    characters,
                    count,
                    less
                )
            }
        }
    };
    let mut found = Diagnostic::new(Code::LongSms, span, message, say!("not in the SMS alphabet"));
    for (_, other) in foreign.iter().skip(1).take(MOST_NAMED - 1) {
        found = found.related(*other, say!("nor is this"));
    }
    let edit = |(text, span): &(&str, Span)| Some(Edit { span: *span, text: written(text, words.quoted)? });
    let edits: Option<Vec<Edit>> = foreign.iter().map(edit).collect();
    let Some(edits) = edits else {
        let characters = names.iter().take(MOST_NAMED).copied().collect::<Vec<_>>().join("`, `");
        return found.help(if names.len() <= MOST_NAMED {
            say!("leave out `{characters}`", characters)
        } else {
            say!("leave out `{characters}` and all else that is not in the SMS alphabet", characters)
        });
    };
    if let Some(text) = edits.first().map(|edit| &edit.text) {
        found = found.help(say!("write `{text}` in its place", text));
    }
    found.fixes.push(Fix { title: say!("write it in the SMS alphabet"), edits, guess: false });
    found
}

/// What can be typed in the place of characters.
fn written(text: &str, quoted: bool) -> Option<String> {
    let text: String = text.chars().map(|c| replacement(c, true)).collect::<Option<_>>()?;
    Some(if quoted { text.replace('"', "\\\"") } else { text })
}

fn by_length(words: &Words, longest: &Longest<'_>, pieces: &[Piece], most: usize) -> Diagnostic {
    let count = longest.segments;
    let message = say!("this SMS can take {count} segments, more than {most}", count, most);
    let mut found = Diagnostic::new(Code::LongSms, words.span, message, say!("up to {count} segments", count));
    let placeholders =
        words.parts.iter().zip(pieces.iter().zip(&longest.chosen)).filter(|(_, (piece, _))| piece.is_placeholder);
    for (part, (_, chosen)) in placeholders.take(3) {
        let length = chosen.text.chars().count();
        let text = if length == 1 { say!("one character") } else { say!("up to {length} characters", length) };
        found = found.related(part.span, text);
    }
    found.help(say!("shorten it, or allow more: `segments = {count}` under `[sms]` in funnel.toml", count))
}

/// The longest hole whose length is assumed.
fn guess(reach: &Reach, words: &Words, longest: &Longest<'_>) -> Option<(String, usize)> {
    let guessed = words.parts.iter().zip(&longest.chosen).filter(|(_, chosen)| chosen.assumed);
    let (part, chosen) = guessed.max_by_key(|(_, chosen)| chosen.text.len())?;
    let length = chosen.text.chars().count();
    (reach.sms.assume > 0).then(|| (part.node.clone(), length))
}
