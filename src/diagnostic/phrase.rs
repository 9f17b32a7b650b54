//! Sentences that can be said in several languages. In: an English pattern with named holes, and what goes into them.
//! Out: the sentence in a language.

use super::language::Language;
use crate::value::Decimal;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A sentence, or a part of one. It is made by [`say!`](crate::say); as a `str` it is English.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Box<Said>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Said {
    /// The English pattern, under which other languages have theirs; empty for what is the same in every language.
    pattern: &'static str,
    /// What goes into its holes, by name.
    parts: Vec<(&'static str, Part)>,
    /// All of it in English.
    english: String,
}

/// What goes into a hole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// The same in every language: a name, a number, a piece of the user's text.
    Same(String),
    /// A phrase of its own.
    Phrase(Phrase),
}

impl Phrase {
    /// Fills an English pattern. A hole is a name in braces, `{name}`; a brace by itself stands doubled, `{{`.
    #[must_use]
    pub fn new(pattern: &'static str, parts: Vec<(&'static str, Part)>) -> Self {
        let english = filled(pattern, &parts, Language::English);
        Self(Box::new(Said { pattern, parts, english }))
    }

    /// What is the same in every language, such as the words of an operating system or a piece of the user's text.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self(Box::new(Said { pattern: "", parts: Vec::new(), english: text.into() }))
    }

    /// The same sentence with every piece in it that is the same in all languages changed.
    #[must_use]
    pub fn mapped(self, change: &dyn Fn(&str) -> String) -> Self {
        let Said { pattern, parts, english } = *self.0;
        if pattern.is_empty() {
            return Self::verbatim(change(&english));
        }
        let part = |part| match part {
            Part::Same(text) => Part::Same(change(&text)),
            Part::Phrase(phrase) => Part::Phrase(phrase.mapped(change)),
        };
        Self::new(pattern, parts.into_iter().map(|(name, own)| (name, part(own))).collect())
    }

    /// The sentence in a language; in English where that language lacks it.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Cow<'_, str> {
        let Said { pattern, parts, english } = &*self.0;
        if language == Language::English || pattern.is_empty() {
            return Cow::Borrowed(english);
        }
        // A pattern of holes and code alone is its own translation.
        Cow::Owned(filled(language.pattern(pattern).unwrap_or(pattern), parts, language))
    }
}

/// The pattern with its holes filled. A hole that has no part stays as it is.
fn filled(pattern: &str, parts: &[(&'static str, Part)], language: Language) -> String {
    let mut out = String::with_capacity(pattern.len() + 32);
    let mut rest = pattern;
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        out += before;
        if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            out += &from[..1];
            rest = after;
            continue;
        }
        let hole = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let part = hole.and_then(|(name, after)| Some((parts.iter().find(|(known, _)| *known == name)?, after)));
        match part {
            Some(((_, part), after)) => {
                match part {
                    Part::Same(text) => out += text,
                    Part::Phrase(phrase) => out += &phrase.in_language(language),
                }
                rest = after;
            }
            None => {
                out += &from[..1];
                rest = &from[1..];
            }
        }
    }
    out + rest
}

impl Deref for Phrase {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0.english
    }
}

impl fmt::Display for Phrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.english)
    }
}

/// What can go into a hole of a [`Phrase`].
pub trait Say {
    /// The value as a part.
    fn part(&self) -> Part;
}

impl Say for Phrase {
    fn part(&self) -> Part {
        Part::Phrase(self.clone())
    }
}

impl<T: Say + ?Sized> Say for &T {
    fn part(&self) -> Part {
        (**self).part()
    }
}

macro_rules! the_same_in_every_language {
    ($($ty:ty)*) => { $(impl Say for $ty {
        fn part(&self) -> Part {
            Part::Same(self.to_string())
        }
    })* };
}

the_same_in_every_language! { str String Cow<'_, str> char usize u8 u32 u64 i32 i64 Decimal }

/// Makes a [`Phrase`](crate::diagnostic::Phrase) of an English pattern and what goes into its holes by name:
/// `say!("`{name}` may be missing", name)`, `say!("{count} texts in {place}", count = texts.len(), place)`.
///
/// The pattern is written in one literal, so that `tests/tidy.rs` finds it and asks for its translation.
#[macro_export]
macro_rules! say {
    ($pattern:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::diagnostic::Phrase::new(
            $pattern,
            vec![$((stringify!($name), $crate::say!(@part $name $(= $value)?))),*],
        )
    };
    (@part $name:ident) => { $crate::diagnostic::Say::part(&$name) };
    (@part $name:ident = $value:expr) => { $crate::diagnostic::Say::part(&$value) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_by_name_and_doubled_braces_are_braces() {
        let name = "client.city";
        let inner = say!("a `{ty}`", ty = "text");
        let phrase = say!("`{name}` is {what}: `{{{{ {name} }}}}`, `{{ .. }}`", name, what = inner);
        assert_eq!(&*phrase, "`client.city` is a `text`: `{{ client.city }}`, `{ .. }`");
        assert_eq!(&*Phrase::verbatim("{name}"), "{name}");
        assert_eq!(&*say!("{unknown} {"), "{unknown} {");
    }
}
