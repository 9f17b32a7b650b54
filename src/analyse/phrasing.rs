//! What a text can come to say. In: a text expression, what a test tells, and words. Out: whether the words can stand in
//! the text; "no" is sure, "yes" is not.

use super::steps::every;
use crate::check::program::{Element, Expr, FieldRead, Filter, Part, Program, Source, Test};
use crate::value::{Type, Value};
use std::collections::BTreeSet;

/// What is known of values in a test.
pub(super) struct Known<'p> {
    test: &'p Test,
    /// The client fields that funnels set.
    set: BTreeSet<&'p str>,
    /// Whether funnels make events of their own.
    emits: bool,
}

/// What a hole can show.
enum Shown {
    /// One of these texts.
    OneOf(Vec<String>),
    /// Any text of such characters.
    Made(fn(char) -> bool),
}

impl<'p> Known<'p> {
    pub(super) fn new(program: &'p Program, test: &'p Test) -> Self {
        let (mut set, mut emits) = (BTreeSet::new(), false);
        for step in program.funnels.iter().flat_map(|funnel| every(funnel)) {
            if let Element::Set { field, .. } = &step.element {
                set.insert(field.as_str());
            }
            emits |= matches!(step.element, Element::Emit { .. });
        }
        Self { test, set, emits }
    }

    /// Whether a text can hold words, or be them alone where `whole`.
    pub(super) fn may_say(&self, text: &Expr, words: &str, whole: bool) -> bool {
        let mut matcher = Matcher::new(words, whole);
        if let Expr::Value(Value::Text(text)) = text {
            matcher.text(text);
        } else if let Expr::Text(parts) = text {
            for part in parts {
                match part {
                    Part::Text(text) => matcher.text(text),
                    Part::Placeholder(expr, filters) => matcher.hole(&self.shown(expr, filters)),
                }
            }
        } else {
            return true;
        }
        matcher.found()
    }

    /// Whether a value is a field of the client that nobody gives a value.
    pub(super) fn is_untold(&self, expr: &Expr) -> bool {
        let Expr::Field(read) = expr else { return false };
        let told = self.test.events.iter().any(|told| told.data.contains_key(&read.name));
        read.source == Source::Client && read.name != "id" && !told && !self.set.contains(read.name.as_str())
    }

    fn shown(&self, expr: &Expr, filters: &[Filter]) -> Shown {
        let Expr::Field(read) = expr else { return Shown::Made(|_| true) };
        let timed = matches!(filters, [Filter::Time]);
        match (&read.ty, filters) {
            (Type::Number, []) => Shown::Made(|c| c.is_ascii_digit() || "-.".contains(c)),
            (Type::Time | Type::DateTime, _) if timed => Shown::Made(|c| c.is_ascii_digit() || c == ':'),
            (Type::Text | Type::Literals(_), filters) => {
                self.told(read, filters).map_or(Shown::Made(|_| true), Shown::OneOf)
            }
            (_, _) => Shown::Made(|_| true),
        }
    }

    /// The texts that a field can have in the test; `None` where funnels may give it others.
    fn told(&self, read: &FieldRead, filters: &[Filter]) -> Option<Vec<String>> {
        let changes = match &read.source {
            Source::Client => self.set.contains(read.name.as_str()) || read.name == "id",
            Source::Event(_) => self.emits,
            Source::Business => true,
        };
        if changes {
            return None;
        }
        let told = self.test.events.iter().filter_map(|told| told.data.get(&read.name)?.as_str().map(str::to_owned));
        let mut texts: Vec<String> = told.collect();
        for filter in filters {
            let Filter::Default(Expr::Value(Value::Text(other))) = filter else { return None };
            texts.push(other.clone());
        }
        Some(texts)
    }
}

/// How far words have been found in a text that is read from left to right, for every way that the text can go on.
struct Matcher {
    words: Vec<char>,
    whole: bool,
    /// Whether so many characters of the words can have been read last; all of them, when they stand in the text.
    reached: Vec<bool>,
}

impl Matcher {
    fn new(words: &str, whole: bool) -> Self {
        let words: Vec<char> = words.chars().collect();
        let mut reached = vec![false; words.len() + 1];
        reached.iter_mut().take(1).for_each(|first| *first = true);
        Self { words, whole, reached }
    }

    fn text(&mut self, text: &str) {
        text.chars().for_each(|c| self.character(c));
    }

    fn character(&mut self, c: char) {
        let done = !self.whole && self.found();
        let mut next = vec![!self.whole];
        next.extend(self.words.iter().zip(&self.reached).map(|(word, reached)| *reached && *word == c));
        self.reached = next;
        if let Some(last) = self.reached.last_mut() {
            *last |= done;
        }
    }

    fn hole(&mut self, shown: &Shown) {
        match shown {
            Shown::OneOf(texts) => {
                let mut all = vec![false; self.reached.len()];
                for text in texts {
                    let mut way = Self { words: self.words.clone(), whole: self.whole, reached: self.reached.clone() };
                    way.text(text);
                    all.iter_mut().zip(way.reached).for_each(|(all, one)| *all |= one);
                }
                self.reached = all;
            }
            Shown::Made(fits) => {
                // The value may begin anywhere in the words, or be none of them.
                let mut reached = false;
                for (at, here) in self.reached.iter_mut().enumerate() {
                    let grown =
                        reached && at.checked_sub(1).and_then(|at| self.words.get(at)).is_some_and(|c| fits(*c));
                    *here |= grown;
                    reached = *here;
                }
            }
        }
    }

    fn found(&self) -> bool {
        self.reached.last().copied().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(parts: &[Result<&str, Shown>], words: &str, whole: bool) -> bool {
        let mut matcher = Matcher::new(words, whole);
        for part in parts {
            match part {
                Ok(text) => matcher.text(text),
                Err(shown) => matcher.hole(shown),
            }
        }
        matcher.found()
    }

    #[test]
    fn words_are_found_across_values() {
        let anna = || Err(Shown::OneOf(vec!["Anna".to_owned(), "friend".to_owned()]));
        let digits = || Err(Shown::Made(|c: char| c.is_ascii_digit()));
        assert!(holds(&[Ok("Dear "), anna(), Ok(", hello")], "Dear Anna, he", false));
        assert!(!holds(&[Ok("Dear "), anna(), Ok(", hello")], "Dear Boris", false));
        assert!(holds(&[Ok("at "), digits(), Ok(":00")], "at 12:00", false));
        assert!(!holds(&[Ok("at "), digits(), Ok(":00")], "at noon", false));
        assert!(
            holds(&[Ok("aab")], "ab", false) && holds(&[Ok("vip")], "vip", true) && !holds(&[Ok("vips")], "vip", true)
        );
        assert!(holds(&[Ok("x "), Err(Shown::Made(|_| true))], "anything", false));
    }
}
