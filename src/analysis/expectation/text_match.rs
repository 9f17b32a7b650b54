//! Possible values of a text in a test. In: a text expression, the values of a test, and words. Out: whether the text
//! can contain the words; "no" is certain, "yes" is not.

use crate::analysis::flow::steps::every;
use crate::check::program::{Element, Expr, FieldRead, Filter, GivenDoes, Part, Program, Source, Test};
use crate::syntax::token::Keyword;
use crate::value::{Type, Value};
use std::collections::BTreeSet;

/// The values that a test defines.
pub(super) struct TestValues<'p> {
    test: &'p Test,
    /// The client fields that funnels set.
    set: BTreeSet<&'p str>,
    /// Whether funnels emit events.
    emits: bool,
    /// Whether a funnel that was left out may set any field.
    sets_any: bool,
}

/// The possible values of a placeholder.
enum Rendered {
    /// One of these texts.
    OneOf(Vec<String>),
    /// Any text of such characters.
    AnyOf(fn(char) -> bool),
}

impl<'p> TestValues<'p> {
    pub(super) fn new(program: &'p Program, test: &'p Test) -> Self {
        let (mut set, mut emits) = (BTreeSet::new(), false);
        for step in program.funnels.iter().flat_map(|funnel| every(funnel)) {
            if let Element::Set { field, .. } = &step.element {
                set.insert(field.as_str());
            }
            emits |= matches!(step.element, Element::Emit { .. });
        }
        let sets_any = program.doubt.may_contain(Keyword::Set);
        Self { test, set, emits: emits || program.doubt.may_contain(Keyword::Emit), sets_any }
    }

    /// Whether a text can contain the words or, with `whole`, equal them.
    pub(super) fn may_contain(&self, text: &Expr, words: &str, whole: bool) -> bool {
        let mut matcher = Matcher::new(words, whole);
        if let Expr::Value(Value::Text(text)) = text {
            matcher.text(text);
        } else if let Expr::Text(parts) = text {
            // The blanks that a conditional part leaves at the end are not sent.
            matcher.whole &= !matches!(parts.last(), Some(Part::If { .. }));
            self.match_parts(&mut matcher, parts);
        } else {
            return true;
        }
        matcher.found()
    }

    fn match_parts(&self, matcher: &mut Matcher, parts: &[Part]) {
        for part in parts {
            match part {
                Part::Text(text) => matcher.text(text),
                Part::Placeholder(expr, filters) => matcher.placeholder(&self.rendered(expr, filters)),
                Part::If { branches, otherwise } => {
                    let one = |parts: &[Part]| {
                        let mut copy = matcher.clone();
                        self.match_parts(&mut copy, parts);
                        copy.reached
                    };
                    let ends: Vec<Vec<bool>> = Part::alternatives(branches, otherwise).map(one).collect();
                    matcher.reach_any(ends);
                }
            }
        }
    }

    /// Whether an expression is a client field that is never set.
    pub(super) fn is_never_set(&self, expr: &Expr) -> bool {
        let Expr::Field(read) = expr else { return false };
        let is_set = self.test.events.iter().any(|event| event.data.contains_key(&read.name));
        read.source == Source::Client && read.name != "id" && !is_set && !self.is_changed(&read.name)
    }

    /// Whether a funnel may set a field of the client.
    fn is_changed(&self, field: &str) -> bool {
        self.sets_any || self.set.contains(field)
    }

    fn rendered(&self, expr: &Expr, filters: &[Filter]) -> Rendered {
        let Expr::Field(read) = expr else { return Rendered::AnyOf(|_| true) };
        let timed = matches!(filters, [Filter::Time] | [Filter::Clock(_), Filter::Time]);
        match (&read.ty, filters) {
            (Type::Number, []) => Rendered::AnyOf(|c| !c.is_alphabetic()),
            (Type::Time | Type::DateTime, _) if timed => Rendered::AnyOf(|c| c.is_ascii_digit() || c == ':'),
            (Type::Text | Type::Literals(_), filters) => {
                self.values_of(read, filters).map_or(Rendered::AnyOf(|_| true), Rendered::OneOf)
            }
            (_, _) => Rendered::AnyOf(|_| true),
        }
    }

    /// The values of a field in the test; `None` if funnels may change it.
    fn values_of(&self, read: &FieldRead, filters: &[Filter]) -> Option<Vec<String>> {
        let changes = match &read.source {
            Source::Client => self.is_changed(&read.name) || read.name == "id",
            Source::Event(_) => self.emits,
            Source::Business => true,
        };
        if changes {
            return None;
        }
        let answers = self.test.given.iter().filter_map(|given| match &given.does {
            GivenDoes::Answers(answer) => Some(answer),
            GivenDoes::Fails(_) => None,
        });
        let data = self.test.events.iter().map(|event| &event.data).chain(answers);
        let set = data.filter_map(|data| data.get(&read.name)?.as_str().map(str::to_owned));
        let mut texts: Vec<String> = set.collect();
        for filter in filters {
            let Filter::Default(Expr::Value(Value::Text(other))) = filter else { return None };
            texts.push(other.clone());
        }
        Some(texts)
    }
}

/// Searches for words in a text with alternatives, from left to right, tracking all possible continuations.
#[derive(Clone)]
struct Matcher {
    words: Vec<char>,
    whole: bool,
    /// Whether the first n characters of the words may match here; the last entry says that all of them do.
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

    fn placeholder(&mut self, rendered: &Rendered) {
        match rendered {
            Rendered::OneOf(texts) => {
                let after = |text: &String| {
                    let mut copy = self.clone();
                    copy.text(text);
                    copy.reached
                };
                let ends = texts.iter().map(after).collect();
                self.reach_any(ends);
            }
            Rendered::AnyOf(fits) => {
                // The value may begin anywhere in the words, or not match at all.
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

    /// Continues after any one of several alternatives.
    fn reach_any(&mut self, ends: Vec<Vec<bool>>) {
        let mut all = vec![false; self.reached.len()];
        for end in ends {
            all.iter_mut().zip(end).for_each(|(all, one)| *all |= one);
        }
        self.reached = all;
    }

    fn found(&self) -> bool {
        self.reached.last().copied().unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(parts: &[Result<&str, Rendered>], words: &str, whole: bool) -> bool {
        let mut matcher = Matcher::new(words, whole);
        for part in parts {
            match part {
                Ok(text) => matcher.text(text),
                Err(rendered) => matcher.placeholder(rendered),
            }
        }
        matcher.found()
    }

    #[test]
    fn words_are_found_across_values() {
        let anna = || Err(Rendered::OneOf(vec!["Anna".to_owned(), "friend".to_owned()]));
        let digits = || Err(Rendered::AnyOf(|c: char| c.is_ascii_digit()));
        assert!(holds(&[Ok("Dear "), anna(), Ok(", hello")], "Dear Anna, he", false));
        assert!(!holds(&[Ok("Dear "), anna(), Ok(", hello")], "Dear Boris", false));
        assert!(holds(&[Ok("at "), digits(), Ok(":00")], "at 12:00", false));
        assert!(!holds(&[Ok("at "), digits(), Ok(":00")], "at noon", false));
        assert!(
            holds(&[Ok("aab")], "ab", false) && holds(&[Ok("vip")], "vip", true) && !holds(&[Ok("vips")], "vip", true)
        );
        assert!(holds(&[Ok("x "), Err(Rendered::AnyOf(|_| true))], "anything", false));
    }
}
