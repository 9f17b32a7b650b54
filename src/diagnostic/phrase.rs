//! Translatable messages: an English pattern with named arguments, rendered in a language.

use super::language::Language;
use crate::value::Decimal;
use std::borrow::Cow;
use std::fmt;
use std::ops::Deref;

/// A message or a part of one, made by [`say!`](crate::say). As a `str` it is English.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Phrase(Box<PhraseData>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct PhraseData {
    /// The English pattern, by which translations are found; empty for verbatim text.
    pattern: &'static str,
    /// The arguments, by name.
    args: Vec<(&'static str, PhraseArg)>,
    /// The English message.
    english: String,
}

/// An argument of a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PhraseArg {
    /// The same in every language: a name, a number, source text.
    Verbatim(String),
    /// A phrase that is translated too.
    Phrase(Phrase),
}

impl Phrase {
    /// Fills in an English pattern. An argument is a name in braces, `{name}`; literal braces are doubled, `{{`.
    #[must_use]
    pub fn new(pattern: &'static str, args: Vec<(&'static str, PhraseArg)>) -> Self {
        let english = fill(pattern, &args, Language::English);
        Self(Box::new(PhraseData { pattern, args, english }))
    }

    /// A text that is never translated, such as a message of the operating system or source text.
    #[must_use]
    pub fn verbatim(text: impl Into<String>) -> Self {
        Self(Box::new(PhraseData { pattern: "", args: Vec::new(), english: text.into() }))
    }

    /// Applies a function to every verbatim argument.
    #[must_use]
    pub fn map_verbatim(self, change: &dyn Fn(&str) -> String) -> Self {
        let PhraseData { pattern, args, english } = *self.0;
        if pattern.is_empty() {
            return Self::verbatim(change(&english));
        }
        let arg = |arg| match arg {
            PhraseArg::Verbatim(text) => PhraseArg::Verbatim(change(&text)),
            PhraseArg::Phrase(phrase) => PhraseArg::Phrase(phrase.map_verbatim(change)),
        };
        Self::new(pattern, args.into_iter().map(|(name, own)| (name, arg(own))).collect())
    }

    /// Renders the message in a language; in English if there is no translation.
    #[must_use]
    pub fn in_language(&self, language: Language) -> Cow<'_, str> {
        let PhraseData { pattern, args, english } = &*self.0;
        if language == Language::English || pattern.is_empty() {
            return Cow::Borrowed(english);
        }
        // A pattern of arguments and code alone needs no translation.
        Cow::Owned(fill(language.pattern(pattern).unwrap_or(pattern), args, language))
    }
}

/// Replaces the arguments in a pattern; an unknown one stays as it is.
fn fill(pattern: &str, args: &[(&'static str, PhraseArg)], language: Language) -> String {
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
        let placeholder = from.strip_prefix('{').and_then(|from| from.split_once('}'));
        let arg = placeholder.and_then(|(name, after)| Some((args.iter().find(|(known, _)| *known == name)?, after)));
        match arg {
            Some(((_, arg), after)) => {
                match arg {
                    PhraseArg::Verbatim(text) => out += text,
                    PhraseArg::Phrase(phrase) => out += &phrase.in_language(language),
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

/// Types that can be arguments of a [`Phrase`].
pub trait ToPhraseArg {
    /// The value as an argument.
    fn phrase_arg(&self) -> PhraseArg;
}

impl ToPhraseArg for Phrase {
    fn phrase_arg(&self) -> PhraseArg {
        PhraseArg::Phrase(self.clone())
    }
}

impl<T: ToPhraseArg + ?Sized> ToPhraseArg for &T {
    fn phrase_arg(&self) -> PhraseArg {
        (**self).phrase_arg()
    }
}

macro_rules! verbatim_in_every_language {
    ($($ty:ty)*) => { $(impl ToPhraseArg for $ty {
        fn phrase_arg(&self) -> PhraseArg {
            PhraseArg::Verbatim(self.to_string())
        }
    })* };
}

verbatim_in_every_language! { str String Cow<'_, str> char usize u8 u32 u64 i32 i64 Decimal }

/// Makes a [`Phrase`] from an English pattern and named arguments:
/// `say!("`{name}` may be missing", name)`, `say!("{count} texts in {place}", count = texts.len(), place)`.
///
/// The pattern must be a literal, so that `tests/tidy.rs` can find it and check its translation.
#[macro_export]
macro_rules! say {
    ($pattern:literal $(, $name:ident $(= $value:expr)?)* $(,)?) => {
        $crate::diagnostic::Phrase::new(
            $pattern,
            vec![$((stringify!($name), $crate::say!(@arg $name $(= $value)?))),*],
        )
    };
    (@arg $name:ident) => { $crate::diagnostic::ToPhraseArg::phrase_arg(&$name) };
    (@arg $name:ident = $value:expr) => { $crate::diagnostic::ToPhraseArg::phrase_arg(&$value) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_filled_in_by_name_and_doubled_braces_are_literal() {
        let name = "client.city";
        let inner = say!("a `{ty}`", ty = "text");
        let phrase = say!("`{name}` is {what}: `{{{{ {name} }}}}`, `{{ .. }}`", name, what = inner);
        assert_eq!(&*phrase, "`client.city` is a `text`: `{{ client.city }}`, `{ .. }`");
        assert_eq!(&*Phrase::verbatim("{name}"), "{name}");
        assert_eq!(&*say!("{unknown} {"), "{unknown} {");
    }
}
