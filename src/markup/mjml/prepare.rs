//! Rewrites MJML for the compiler, so that what it compiles equals what MJML's own compiler makes. In: MJML whose
//! structure is valid. Out: MJML, and the way back: from its places to the original ones, and from the compiled HTML to
//! the original characters.

use super::inherit::Defaults;
use super::length;
use super::structure::{CONTAINERS, VOID_ELEMENTS, between_tags};
use crate::markup::mask::BranchTag;
use crate::markup::tag::{Attribute, Tag, Token, tokens};
use std::ops::Range;

/// A substitute for `>` between tags, because the compiler's parser aborts the process at a `>` after certain
/// characters. It does not occur in texts.
const GREATER: char = '\u{7f}';

/// Elements with an image, whose description is empty if there is none.
const IMAGES: [&str; 3] = ["mj-carousel-image", "mj-image", "mj-social-element"];

/// Attributes in which line breaks matter.
const LITERAL: [&str; 6] = ["alt", "background-url", "href", "src", "srcset", "title"];

/// MJML for the compiler.
#[derive(Debug)]
pub(super) struct Prepared {
    /// The MJML.
    pub(super) text: String,
    /// What was replaced: the place in the original, and the end of the replacement in the text.
    edits: Vec<(Range<usize>, usize)>,
    /// The prefix of each word that stands for a character.
    mark: String,
    /// Where the styles are that become part of the elements; they are not in the text.
    pub(super) inline_styles: Vec<Range<usize>>,
}

impl Prepared {
    pub(super) fn new(text: &str, tags: &[(Range<usize>, BranchTag)]) -> Self {
        let (mark, defaults) = (unused_word(text), Defaults::read(text));
        let mut writer = Writer { text, tags, mark, defaults, edits: Vec::new(), inline_styles: Vec::new() };
        writer.read();
        writer.apply()
    }

    /// Converts a place in the prepared text to one in the original.
    pub(super) fn original(&self, place: Range<usize>) -> Range<usize> {
        let one = |at: usize| {
            let mut shift = (0, 0);
            for (original, end) in &self.edits {
                if at < *end {
                    let unchanged = at + shift.0 - shift.1;
                    return unchanged.min(original.start);
                }
                shift = (original.end, *end);
            }
            at + shift.0 - shift.1
        };
        let start = one(place.start);
        start..one(place.end).max(start)
    }

    /// Names each class of an element for Outlook, where the compiler names only the last one.
    pub(super) fn with_outlook_classes(&self, mut html: String) -> String {
        for token in tokens(&self.text) {
            let Token::Tag(tag) = token else { continue };
            let classes = tag.attributes.iter().filter(|attribute| attribute.name == "css-class");
            for classes in classes.filter_map(|attribute| self.text.get(attribute.value.clone())) {
                let named: Vec<String> = classes.split_whitespace().map(|class| format!("{class}-outlook")).collect();
                if named.len() > 1 {
                    html = html.replace(&format!("\"{classes}-outlook\""), &format!("\"{}\"", named.join(" ")));
                }
            }
        }
        html
    }

    /// Restores the original characters in what was compiled.
    pub(super) fn restore(&self, compiled: &str) -> String {
        let mut out = String::with_capacity(compiled.len());
        let mut parts = compiled.split(self.mark.as_str());
        out.push_str(parts.next().unwrap_or(""));
        for part in parts {
            let (code, rest) = part.split_once('z').unwrap_or(("", part));
            match u32::from_str_radix(code, 16).ok().and_then(char::from_u32) {
                Some('"') => out.push_str("&quot;"),
                Some(c) => out.push(c),
                None => {}
            }
            out.push_str(rest);
        }
        out.replace(GREATER, ">")
    }
}

/// A word that does not occur in the text.
fn unused_word(text: &str) -> String {
    let mut word = "mark".to_owned();
    while text.contains(&word) {
        word.push('q');
    }
    word
}

struct Writer<'t> {
    text: &'t str,
    /// The tags of conditional parts.
    tags: &'t [(Range<usize>, BranchTag)],
    mark: String,
    defaults: Defaults,
    edits: Vec<(Range<usize>, String)>,
    inline_styles: Vec<Range<usize>>,
}

impl<'t> Writer<'t> {
    fn at(&self, place: &Range<usize>) -> &'t str {
        self.text.get(place.clone()).unwrap_or("")
    }

    fn read(&mut self) {
        let mut open: Vec<String> = Vec::new();
        // Where an inlined style begins.
        let mut inlined = None;
        for token in tokens(self.text) {
            match token {
                Token::Tag(tag) if !tag.closes && !tag.empty && self.is_inlined(&tag) => {
                    inlined = Some(tag.place.start)
                }
                Token::Raw(place, _) if inlined.is_some() => self.inline_styles.push(place),
                Token::Tag(tag) if inlined.is_some() => {
                    self.edits.extend(inlined.take().map(|start| (start..tag.place.end, String::new())));
                }
                Token::Text(place) => self.between_tags(place, open.last().map(String::as_str)),
                Token::Raw(place, _) => self.hide_greater(place),
                Token::Declaration(_) => {}
                Token::Tag(tag) if tag.closes => _ = open.pop(),
                Token::Tag(tag) => {
                    self.tag(&tag, open.iter().any(|name| name == "mj-head"));
                    if !tag.empty && !VOID_ELEMENTS.contains(&tag.name.as_str()) {
                        open.push(tag.name);
                    }
                }
            }
        }
    }

    /// Whether a tag begins a style that becomes part of the elements.
    fn is_inlined(&self, tag: &Tag) -> bool {
        let inline = tag.attributes.iter().find(|attribute| attribute.name == "inline");
        tag.name == "mj-style" && inline.is_some_and(|attribute| self.at(&attribute.value) == "inline")
    }

    /// The compiler treats a blank text that begins with a line break as layout, and any other as content.
    fn between_tags(&mut self, place: Range<usize>, inside: Option<&str>) {
        let spaces: Vec<Range<usize>> = between_tags(place.clone(), self.tags).collect();
        if spaces.len() > 1 && inside.is_some_and(|name| CONTAINERS.contains(&name)) {
            // Between elements, the compiler leaves only `mj-raw` as it is.
            for (i, space) in spaces.iter().enumerate() {
                let before = if i == 0 { "" } else { "</mj-raw>" };
                let after = if i + 1 == spaces.len() { "" } else { "<mj-raw>" };
                self.edits.push((space.clone(), format!("{before}\n{after}")));
            }
            return;
        }
        if !self.at(&place).trim_ascii().is_empty() {
            return self.hide_greater(place);
        }
        let new = match inside {
            Some("mj-social-element") => "",
            Some(name) if !CONTAINERS.contains(&name) => " ",
            Some(_) | None => "\n",
        };
        self.edits.push((place, new.to_owned()));
    }

    fn hide_greater(&mut self, place: Range<usize>) {
        let signs = self.at(&place).match_indices('>').map(|(at, _)| place.start + at);
        self.edits.extend(signs.map(|at| (at..at + 1, GREATER.to_string())));
    }

    fn tag(&mut self, tag: &Tag, head: bool) {
        if tag.name.starts_with("mj-") && !head {
            let added = self.inherited(tag);
            self.edits.push((tag.name_at.end..tag.name_at.end, added));
        }
        for (i, attribute) in tag.attributes.iter().enumerate() {
            let again = tag.attributes.iter().take(i).any(|earlier| earlier.name == attribute.name);
            let value = self.at(&attribute.value);
            if again || (tag.name.starts_with("mj-") && has_no_effect(&attribute.name, value)) {
                let end = attribute.value.end + usize::from(self.quote(attribute));
                self.edits.push((attribute.name_at.start..end, String::new()));
                continue;
            }
            let new = self.value(&tag.name, &attribute.name, value);
            if new != value {
                self.edits.push((attribute.value.clone(), new));
            }
        }
    }

    /// Whether the value of an attribute is in quotes, so that its name and `=` are not everything.
    fn quote(&self, attribute: &Attribute) -> bool {
        attribute.value.start > attribute.name_at.end
            && self.at(&(attribute.value.end..attribute.value.end + 1)).starts_with(['"', '\''])
    }

    /// The attributes that an element of the body has from the head and did not write itself.
    fn inherited(&self, tag: &Tag) -> String {
        let own = |name: &str| tag.attributes.iter().find(|attribute| attribute.name == name);
        let classes = own("mj-class").map_or("", |attribute| self.at(&attribute.value));
        let mut added: Vec<(String, String)> = self.defaults.of(&tag.name, classes);
        added.retain(|(name, value)| own(name).is_none() && !has_no_effect(name, value));
        let described = own("alt").is_some() || added.iter().any(|(name, _)| name == "alt");
        if IMAGES.contains(&tag.name.as_str()) && !described && !self.defaults.for_all("alt") {
            added.push(("alt".to_owned(), String::new()));
        }
        let written = |(name, value): (String, String)| format!(" {name}=\"{}\"", self.value(&tag.name, &name, &value));
        added.into_iter().map(written).collect()
    }

    /// The value of an attribute as the compiler must see it.
    fn value(&self, tag: &str, name: &str, value: &str) -> String {
        if !tag.starts_with("mj-") {
            return self.hide(value);
        }
        let line = if LITERAL.contains(&name) { value.to_owned() } else { value.replace(['\n', '\r', '\t'], " ") };
        self.hide(&length::convert(tag, name, &line).unwrap_or(line))
    }

    /// Replaces the characters that the compiler would escape as in source code or not read at all.
    fn hide(&self, value: &str) -> String {
        let mut out = String::with_capacity(value.len());
        for c in value.chars() {
            if matches!(c, '<' | '>') || (c != '\'' && c.escape_debug().count() > 1) {
                out.push_str(&format!("{}{:x}z", self.mark, u32::from(c)));
            } else {
                out.push(c);
            }
        }
        out
    }

    fn apply(self) -> Prepared {
        let mut out = Prepared {
            text: String::with_capacity(self.text.len()),
            edits: Vec::new(),
            mark: self.mark,
            inline_styles: self.inline_styles,
        };
        let mut at = 0;
        for (place, new) in self.edits {
            out.text.push_str(self.text.get(at..place.start).unwrap_or(""));
            out.text.push_str(&new);
            at = place.end;
            out.edits.push((place, out.text.len()));
        }
        out.text.push_str(self.text.get(at..).unwrap_or(""));
        out
    }
}

/// Whether MJML ignores an attribute with this value, which the compiler does not.
fn has_no_effect(name: &str, value: &str) -> bool {
    (name == "href" && value.is_empty()) || (name == "full-width" && value != "full-width")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_lead_back_to_the_original() {
        let text = "<mjml>\r\n<mj-body> <mj-text a=\"x\ny\" a='2' b=\"1\">a>b</mj-text>\t</mj-body></mjml>";
        let prepared = Prepared::new(text, &[]);
        assert_eq!(
            prepared.text,
            "<mjml>\n<mj-body>\n<mj-text a=\"x y\"  b=\"1\">a\u{7f}b</mj-text>\n</mj-body></mjml>"
        );
        for word in ["<mjml>", "<mj-body>", "<mj-text a=\"", "b=\"1\"", "</mj-body>", "</mjml>"] {
            let at = prepared.text.find(word).unwrap();
            let original = prepared.original(at..at + word.len());
            assert_eq!(&text[original], word);
        }
    }

    #[test]
    fn characters_come_back_as_they_were() {
        let text =
            "<mjml><mj-body><p style='a\n\"b\"\\ <c>\u{a0}\u{301}❤\u{fe0f} it's' title=\"mark\">x</p></mj-body></mjml>";
        let prepared = Prepared::new(text, &[]);
        let inside = prepared.text.split('\'').nth(1).unwrap();
        assert!(!inside.contains(['\n', '"', '\\', '<', '>', '\u{a0}', '\u{301}']), "{inside}");
        assert_eq!(
            prepared.restore(&prepared.text),
            text.replace('"', "&quot;").replace("title=&quot;mark&quot;", "title=\"mark\"")
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_is_prepared(text in "([<>/&;=\"'! -]|mj-text|mj-image|mj-class|href|\\[if|é|\\PC){0,60}") {
            let prepared = Prepared::new(&text, &[]);
            for at in 0..=prepared.text.len() {
                let place = prepared.original(at..prepared.text.len());
                proptest::prop_assert!(place.end <= text.len());
            }
        }
    }
}
