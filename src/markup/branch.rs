//! Checks that each branch of a conditional part has whole elements, so that the markup is sound whichever is shown.
//! In: masked markup and its tags. Out: the first error.

use super::Language;
use super::error::MarkupError;
use super::mask::BranchTag;
use super::tag::{Token, tokens};
use crate::say;
use std::ops::Range;

/// MJML elements of whose content any part may be left out. The columns of a section share its width, so they may not.
const PARENTS: [&str; 4] = ["mj-body", "mj-column", "mj-hero", "mj-wrapper"];

/// Elements of HTML that end where the next one begins.
const SELF_ENDING: [&str; 12] =
    ["colgroup", "dd", "dt", "li", "option", "p", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// An open element.
struct Element {
    name: String,
    place: Range<usize>,
}

/// The open elements and conditional parts.
struct Walk {
    elements: Vec<Element>,
    /// For each open conditional part, how many elements are open around it.
    parts: Vec<usize>,
    language: Language,
}

/// Returns the first error.
pub(super) fn check(text: &str, tags: &[(Range<usize>, BranchTag)], language: Language) -> Option<MarkupError> {
    if tags.is_empty() {
        return None;
    }
    let mut walk = Walk { elements: Vec::new(), parts: Vec::new(), language };
    let mut tags = tags.iter().peekable();
    for token in tokens(text) {
        let place = match &token {
            Token::Text(place) | Token::Raw(place, _) | Token::Declaration(place) => place.clone(),
            Token::Tag(tag) => tag.place.clone(),
        };
        while let Some((range, tag)) = tags.next_if(|(range, _)| range.start < place.end) {
            let error = match &token {
                Token::Text(_) => walk.branch(range, *tag),
                Token::Tag(_) => Some(inside_tag(range)),
                Token::Raw(..) | Token::Declaration(_) => Some(not_shown(range)),
            };
            if error.is_some() {
                return error;
            }
        }
        let error = match token {
            Token::Text(_) | Token::Raw(..) => None,
            // `<!--[if mso]> .. <![endif]-->` contains elements as an element does.
            Token::Declaration(place) => match text.get(place.clone()).unwrap_or("") {
                written if written.starts_with("<!--[if") => walk.open("<!--[if ..]>", place),
                written if written.contains("[endif]") => walk.close("<!--[if ..]>", place),
                _ => None,
            },
            Token::Tag(tag) if tag.closes => walk.close(&tag.name, tag.place),
            Token::Tag(tag) if tag.empty || super::mjml::VOID_ELEMENTS.contains(&tag.name.as_str()) => None,
            Token::Tag(tag) => walk.open(&tag.name, tag.place),
        };
        if error.is_some() {
            return error;
        }
    }
    None
}

impl Walk {
    fn open(&mut self, name: &str, place: Range<usize>) -> Option<MarkupError> {
        self.elements.push(Element { name: name.to_owned(), place });
        None
    }

    fn close(&mut self, name: &str, place: Range<usize>) -> Option<MarkupError> {
        let at = self.elements.iter().rposition(|element| element.name == name)?;
        if self.parts.last().is_some_and(|around| at < *around) {
            let message = say!("`</{name}>` closes an element that begins outside of this branch of an `if`", name);
            return Some(MarkupError::fatal(place, message, say!("begins outside"), whole_elements()));
        }
        self.elements.truncate(at);
        None
    }

    /// Begins or ends a branch.
    fn branch(&mut self, place: &Range<usize>, tag: BranchTag) -> Option<MarkupError> {
        if tag == BranchTag::If {
            self.parts.push(self.elements.len());
            return self.misplaced(place);
        }
        let around = *self.parts.last()?;
        if tag == BranchTag::End {
            self.parts.pop();
        }
        let ends_itself = |element: &Element| SELF_ENDING.contains(&element.name.as_str());
        let open = self.elements.iter().skip(around).find(|element| !ends_itself(element));
        if let Some(Element { name, place }) = open {
            let message = say!("`<{name}>` does not end in the branch of an `if` that it begins in", name);
            return Some(MarkupError::fatal(
                place.clone(),
                message,
                say!("not closed in its branch"),
                whole_elements(),
            ));
        }
        self.elements.truncate(around);
        None
    }

    /// Reports a conditional part where MJML needs a certain number of elements.
    fn misplaced(&self, place: &Range<usize>) -> Option<MarkupError> {
        let name = self.elements.last().map_or("", |element| element.name.as_str());
        let is_layout = name.is_empty() || super::mjml::CONTAINERS.contains(&name);
        if self.language == Language::Html || !is_layout || PARENTS.contains(&name) {
            return None;
        }
        let message = match name {
            "" => say!("`if` is not allowed outside of `mj-body`"),
            name => say!("`if` is not allowed directly in `{name}`", name),
        };
        let help = say!("put the `if` around a whole `mj-section`, or inside an `mj-column`");
        Some(MarkupError::fatal(place.clone(), message, say!("not allowed in this element"), help))
    }
}

fn whole_elements() -> crate::diagnostic::Phrase {
    say!("write whole elements in each branch, from the opening to the closing tag")
}

fn inside_tag(place: &Range<usize>) -> MarkupError {
    let help = say!("write the whole element in each branch, or one value with `default`");
    MarkupError::fatal(place.clone(), say!("`if` is not allowed inside a tag"), say!("inside a tag"), help)
}

fn not_shown(place: &Range<usize>) -> MarkupError {
    let message = say!("`if` is not allowed in a style, a script or a comment");
    MarkupError::fatal(place.clone(), message, say!("not a text"), say!("put the `if` around the whole element"))
}

#[cfg(test)]
mod tests {
    use super::super::mask::{Mask, Piece};
    use super::*;

    /// The message about markup in which `[` is an `if`, `|` an `else` and `]` an `end`.
    fn found(html: &str, language: Language) -> Option<String> {
        let mut pieces = Vec::new();
        for part in html.split_inclusive(['[', '|', ']']) {
            pieces.push(Piece::Text(part.trim_end_matches(['[', '|', ']'])));
            match part.chars().last() {
                Some('[') => pieces.push(Piece::Tag(BranchTag::If, 1)),
                Some('|') => pieces.push(Piece::Tag(BranchTag::Else, 1)),
                Some(']') => pieces.push(Piece::Tag(BranchTag::End, 1)),
                _ => {}
            }
        }
        let mask = Mask::new(&pieces);
        check(&mask.text, &mask.tags(), language).map(|error| mask.unmask(&error.message.to_string()))
    }

    #[test]
    fn each_branch_has_whole_elements() {
        for (html, message) in [
            ("<p>[Hi <b>Anna</b>|Hello]</p>", ""),
            ("<ul>[<li>a<li>b|<li>c]</ul>", ""),
            ("[<p>a|<p>b]<p>c", ""),
            ("[<br><img src=\"x\">]", ""),
            ("<a href=\"x\">[a|b]</a>", ""),
            ("<b>a</b>[</i>]", ""),
            ("[<b>a]</b>", "`<b>` does not end in the branch of an `if` that it begins in"),
            ("[<b>a|</b>]", "`<b>` does not end in the branch of an `if` that it begins in"),
            ("<b>[a</b>]", "`</b>` closes an element that begins outside of this branch of an `if`"),
            ("<a href=\"[x]\">a</a>", "`if` is not allowed inside a tag"),
            ("<style>[a{}]</style>", "`if` is not allowed in a style, a script or a comment"),
        ] {
            assert_eq!(found(html, Language::Html).unwrap_or_default(), message, "{html}");
        }
    }

    #[test]
    fn mjml_may_leave_out_whole_blocks() {
        let body = |inside: &str| format!("<mjml><mj-body>{inside}</mj-body></mjml>");
        for (inside, message) in [
            ("[<mj-section></mj-section>]", ""),
            ("<mj-section><mj-column>[<mj-text>a</mj-text>|<mj-text>b</mj-text>]</mj-column></mj-section>", ""),
            ("<mj-section><mj-column><mj-text>[a]</mj-text></mj-column></mj-section>", ""),
            ("<mj-section>[<mj-column></mj-column>]</mj-section>", "`if` is not allowed directly in `mj-section`"),
        ] {
            assert_eq!(found(&body(inside), Language::Mjml).unwrap_or_default(), message, "{inside}");
        }
        assert_eq!(
            found("[<mjml></mjml>]", Language::Mjml).as_deref(),
            Some("`if` is not allowed outside of `mj-body`")
        );
    }
}
