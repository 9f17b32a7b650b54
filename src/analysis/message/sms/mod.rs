//! Lengths of SMS. In: their texts, and the assumptions of the project. Out: the segments that they take, and a
//! diagnostic for each that takes more than allowed.

mod alphabet;
mod longest;

use crate::check::program::{Expr, Words};
use crate::check::{Context, MessageSettings};
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::say;
use crate::source::Span;
pub use alphabet::Coding;
use alphabet::{gsm, length, replacement};
use longest::{Alternative, Longest, Piece, pieces};
use std::sync::Arc;

/// Limit: the most characters that a diagnostic names.
const MAX_NAMED: usize = 4;

/// The longest that an SMS can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsSize {
    /// The segments that it takes.
    pub segments: usize,
    /// The units of its characters.
    pub characters: usize,
    /// The units that fit into its segments.
    pub room: usize,
    /// The encoding.
    pub coding: Coding,
}

/// Returns the longest that an SMS with this text can be.
#[must_use]
pub fn sms_size(settings: &MessageSettings, text: &Expr) -> SmsSize {
    let pieces = pieces(settings, text);
    let Longest { text, coding, segments, .. } = Longest::of(&pieces);
    SmsSize { segments, characters: length(&text, coding), room: coding.capacity(segments), coding }
}

/// Returns the most segments that an SMS with this text can take.
pub(in crate::analysis) fn most_segments(settings: &MessageSettings, text: &Expr) -> usize {
    sms_size(settings, text).segments
}

/// Reports each text that can take more segments than the project allows.
pub(in crate::analysis) fn long_sms(words: &[Arc<Words>], context: &Context) -> Vec<Diagnostic> {
    words.iter().filter_map(|words| long(&context.messages, words)).collect()
}

fn long(settings: &MessageSettings, words: &Words) -> Option<Diagnostic> {
    let pieces = pieces(settings, &words.text);
    let most = usize::try_from(settings.sms.segments).unwrap_or(usize::MAX);
    // A text of simple characters that fits as UCS-2 also fits as GSM-7, where a character takes at most two units. One
    // unit may stay empty at the end of each segment, because characters are not split.
    if longest::simple_units(&pieces).is_some_and(|units| units.saturating_add(most) <= Coding::Ucs2.capacity(most)) {
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
            found.help(say!("it can be {units} characters long, but one segment holds {room}", units, room))
        }
        Coding::Ucs2 if most == 1 => found.help(say!(
            "it can be {units} characters long, but one segment holds {room} when a character is outside the GSM-7 character set",
            units,
            room
        )),
        Coding::Gsm => found.help(say!("it can be {units} characters long, but {most} segments hold {room}", units, most, room)),
        Coding::Ucs2 => found.help(say!(
            "it can be {units} characters long, but {most} segments hold {room} when a character is outside the GSM-7 character set",
            units,
            most,
            room
        )),
    };
    Some(match guess(settings, words, &longest) {
        Some((placeholder, length)) => found.help(say!(
            "`{placeholder}` is assumed to be {length} characters long; change this with `assume` under `[sms]` in funnel.toml",
            placeholder,
            length
        )),
        None => found,
    })
}

/// The few characters or words outside of the GSM alphabet that make an otherwise plain text UCS-2, with their spans.
fn foreign<'w>(words: &'w Words, pieces: &[Piece], longest: &Longest<'_>) -> Option<Vec<(&'w str, Span)>> {
    let mut foreign = pieces.iter().flat_map(|piece| &piece.alternatives).filter(|one| one.is_foreign());
    let is_written = foreign.all(|one| one.written);
    // If many characters are outside of the alphabet, that is the language of the text.
    let strange = longest.text.chars().filter(|c| gsm(*c).is_none()).count();
    let few = strange > 0 && strange <= 1 + longest.text.chars().count() / 12;
    let plain = changed(pieces, |c| gsm(c).map(|_| c.to_string()).unwrap_or_default());
    if !(is_written && few && Longest::of(&plain).segments < longest.segments) {
        return None;
    }
    let mut found = Vec::new();
    for part in &words.leaves {
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

/// Maps every character of the parts.
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
            let characters = several.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join("`, `");
            if several.len() <= MAX_NAMED {
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
    let mut found = Diagnostic::new(Code::LongSms, span, message, say!("not in the GSM-7 character set"));
    for (_, other) in foreign.iter().skip(1).take(MAX_NAMED - 1) {
        found = found.related(*other, say!("this one too"));
    }
    let edit = |(text, span): &(&str, Span)| Some(Edit { span: *span, text: written(text, words.quoted)? });
    let edits: Option<Vec<Edit>> = foreign.iter().map(edit).collect();
    let Some(edits) = edits else {
        let characters = names.iter().take(MAX_NAMED).copied().collect::<Vec<_>>().join("`, `");
        return found.help(if names.len() <= MAX_NAMED {
            say!("remove `{characters}`", characters)
        } else {
            say!("remove `{characters}` and all other characters outside the GSM-7 character set", characters)
        });
    };
    if let Some(text) = edits.first().map(|edit| &edit.text) {
        found = found.help(say!("replace it with `{text}`", text));
    }
    found.fixes.push(Fix { title: say!("rewrite it with characters of the GSM-7 set"), edits, guess: false });
    found
}

/// Source text that replaces these characters.
fn written(text: &str, quoted: bool) -> Option<String> {
    let text: String = text.chars().map(|c| replacement(c, true)).collect::<Option<_>>()?;
    Some(if quoted { text.replace('"', "\\\"") } else { text })
}

fn by_length(words: &Words, longest: &Longest<'_>, pieces: &[Piece], most: usize) -> Diagnostic {
    let count = longest.segments;
    let message = say!("this SMS can need {count} segments, more than the limit of {most}", count, most);
    let mut found = Diagnostic::new(Code::LongSms, words.span, message, say!("up to {count} segments", count));
    let placeholders =
        words.parts.iter().zip(pieces.iter().zip(&longest.chosen)).filter(|(_, (piece, _))| piece.is_placeholder);
    for (part, (_, chosen)) in placeholders.take(3) {
        let length = chosen.text.chars().count();
        let text = if length == 1 { say!("one character") } else { say!("up to {length} characters", length) };
        found = found.related(part.span, text);
    }
    found.help(say!("shorten it, or raise the limit: `segments = {count}` under `[sms]` in funnel.toml", count))
}

/// The longest placeholder whose length is an assumption.
fn guess(settings: &MessageSettings, words: &Words, longest: &Longest<'_>) -> Option<(String, usize)> {
    let guessed = words.parts.iter().zip(&longest.chosen).filter(|(_, chosen)| chosen.assumed);
    let (part, chosen) = guessed.max_by_key(|(_, chosen)| chosen.text.len())?;
    let length = chosen.text.chars().count();
    (settings.sms.assume > 0).then(|| (part.node.clone(), length))
}
