//! Writes style rules into the elements that they are about, with the priorities of MJML's own compiler. In: HTML and CSS.
//! Out: HTML with `style` attributes, and the attributes that old mail programs read instead.

use super::css::{self, Declaration};
use super::selector::Element;
use super::structure::VOID_ELEMENTS;
use crate::markup::tag::{Attribute, Tag, Token, tokens};
use std::collections::BTreeMap;
use std::ops::Range;

/// Elements that nobody sees.
const NOT_VISIBLE: [&str; 8] = ["base", "head", "link", "meta", "noscript", "script", "style", "title"];

/// Elements of a table.
const OF_TABLES: [&str; 10] = ["caption", "col", "colgroup", "table", "tbody", "td", "tfoot", "th", "thead", "tr"];

/// Elements with a width and a height.
const WITH_SIZE: [&str; 4] = ["img", "table", "td", "th"];

/// Properties with an attribute for elements of a table.
const TABLE_ATTRIBUTES: [(&str, &str); 4] = [
    ("background-color", "bgcolor"),
    ("background-image", "background"),
    ("text-align", "align"),
    ("vertical-align", "valign"),
];

/// A declaration that counts for an element.
struct Applied {
    declaration: Declaration,
    /// The number of the rule; `None` for the element's own attribute.
    rule: Option<usize>,
    /// What decides between two of them: the greater one counts.
    priority: (usize, [usize; 3], usize),
}

/// Inlines a style. Returns the HTML, and the selectors that are not supported.
pub(super) fn inline(html: &str, style: &str) -> (String, Vec<String>) {
    let (rules, unknown) = css::rules(style);
    let page = Page::read(html);
    let mut edited: BTreeMap<usize, Vec<Applied>> = BTreeMap::new();
    for (number, rule) in rules.iter().enumerate() {
        let specificity = rule.selector.specificity();
        let visible = |at: &usize| page.elements.get(*at).is_some_and(|e| !NOT_VISIBLE.contains(&e.name.as_str()));
        let matching = (0..page.elements.len()).filter(|at| rule.selector.matches(&page.elements, *at));
        for at in matching.filter(visible) {
            let applied = edited.entry(at).or_insert_with(|| page.own_style(at));
            for declaration in &rule.declarations {
                let level = if declaration.important { 2 } else { 0 };
                let priority = (level, specificity, declaration.at);
                apply(applied, Applied { declaration: declaration.clone(), rule: Some(number), priority });
            }
        }
    }
    let mut changes: Vec<(Range<usize>, String)> = Vec::new();
    for (at, mut applied) in edited {
        applied.sort_by_key(|one| one.priority);
        changes.extend(page.changes(at, &applied));
    }
    (replaced(html, changes), unknown)
}

/// Adds a declaration unless a stronger one of its property counts. One rule may say a property twice.
fn apply(applied: &mut Vec<Applied>, new: Applied) {
    let known = applied.iter().rev().find(|one| one.declaration.name == new.declaration.name);
    if let Some(known) = known {
        if known.priority > new.priority {
            return;
        }
        if known.rule != new.rule {
            applied.retain(|one| one.declaration.name != new.declaration.name);
        }
    }
    applied.push(new);
}

/// The elements of a page that a browser sees.
struct Page<'t> {
    html: &'t str,
    elements: Vec<Element>,
    tags: Vec<Tag>,
}

impl<'t> Page<'t> {
    fn read(html: &'t str) -> Self {
        let mut page = Page { html, elements: Vec::new(), tags: Vec::new() };
        let mut open: Vec<usize> = Vec::new();
        let mut last_child: BTreeMap<Option<usize>, usize> = BTreeMap::new();
        let at = |place: &Range<usize>| html.get(place.clone()).unwrap_or("");
        // What only Outlook sees is a comment for everybody else.
        let mut hidden = false;
        for token in tokens(html) {
            match token {
                Token::Declaration(place) => {
                    let next = html.get(place.end..).unwrap_or("");
                    match at(&place) {
                        condition if condition.starts_with("<!--[if") => hidden = !next.starts_with("<!-->"),
                        end if end.ends_with("[endif]-->") => hidden = false,
                        _ => {}
                    }
                }
                Token::Tag(_) if hidden => {}
                Token::Tag(tag) if tag.closes => {
                    let name = |at: &usize| page.elements.get(*at).is_some_and(|element| element.name == tag.name);
                    if let Some(depth) = open.iter().rposition(name) {
                        open.truncate(depth);
                    }
                }
                Token::Tag(tag) => {
                    let (number, parent) = (page.elements.len(), open.last().copied());
                    let previous = last_child.insert(parent, number);
                    if let Some(previous) = previous.and_then(|previous| page.elements.get_mut(previous)) {
                        previous.last = false;
                    }
                    let attributes = tag.attributes.iter().map(|one| (one.name.clone(), at(&one.value).to_owned()));
                    let (name, attributes) = (tag.name.clone(), attributes.collect());
                    page.elements.push(Element { name, attributes, parent, previous, last: true });
                    if !tag.empty && !VOID_ELEMENTS.contains(&tag.name.as_str()) {
                        open.push(number);
                    }
                    page.tags.push(tag);
                }
                Token::Text(_) | Token::Raw(..) => {}
            }
        }
        page
    }

    /// What an element says in its own `style`, which is stronger than any rule that is not `!important`.
    fn own_style(&self, at: usize) -> Vec<Applied> {
        let own = self.elements.get(at).into_iter().flat_map(|element| &element.attributes);
        let style = own.filter(|(name, _)| name == "style").map(|(_, style)| decoded(style)).next().unwrap_or_default();
        let mut applied = Vec::new();
        for declaration in css::declarations(&style, 0) {
            let level = if declaration.important { 3 } else { 1 };
            let priority = (level, [0; 3], declaration.at);
            apply(&mut applied, Applied { declaration, rule: None, priority });
        }
        applied
    }

    /// The changes to the attributes of an element.
    fn changes(&self, at: usize, applied: &[Applied]) -> Vec<(Range<usize>, String)> {
        let Some(tag) = self.tags.get(at) else { return Vec::new() };
        let said = || applied.iter().map(|one| &one.declaration);
        let written = said().filter(|said| said.name != "content");
        let style: Vec<String> = written.map(|said| format!("{}: {};", said.name, said.value)).collect();
        let mut attributes = vec![("style", style.join(" "))];
        let is_one_of = |names: &[&str]| names.contains(&tag.name.as_str());
        for size in ["width", "height"].into_iter().filter(|_| is_one_of(&WITH_SIZE)) {
            let value = said().filter(|said| said.name == size).map(|said| said.value.as_str());
            let pixels = |value: &str| value.contains("px") || value.contains("auto");
            let shown = |value: &&str| pixels(value) || (value.contains('%') && is_one_of(&OF_TABLES));
            let value = value
                .filter(shown)
                .map(|value| if pixels(value) { value.replacen("px", "", 1) } else { value.to_owned() });
            attributes.extend(value.take(1).map(|value| (size, value)));
        }
        for said in said().filter(|said| is_one_of(&OF_TABLES) && !said.value.contains("-gradient(")) {
            let name = TABLE_ATTRIBUTES.iter().find(|(property, _)| *property == said.name).map(|(_, name)| *name);
            attributes.extend(name.map(|name| (name, without_url(&said.value).to_owned())));
        }
        // Of two equal ones, the last one counts.
        let attributes: BTreeMap<&str, String> =
            attributes.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let change = |(name, value): (&str, String)| {
            let value = encoded(&value);
            match tag.attributes.iter().find(|attribute| attribute.name == name) {
                Some(attribute) if attribute.quoted && self.is_quoted(attribute.value.end) => {
                    (attribute.value.clone(), value)
                }
                Some(attribute) => (attribute.name_at.start..self.end_of(attribute), format!("{name}=\"{value}\"")),
                None => (tag.name_at.end..tag.name_at.end, format!(" {name}=\"{value}\"")),
            }
        };
        attributes.into_iter().map(change).collect()
    }

    /// Where an attribute ends, with the quote behind its value.
    fn end_of(&self, attribute: &Attribute) -> usize {
        let quote = self.html.get(attribute.value.end..).is_some_and(|rest| rest.starts_with('\''));
        attribute.value.end + usize::from(quote && attribute.value.start > attribute.name_at.end)
    }

    fn is_quoted(&self, end: usize) -> bool {
        self.html.get(end..).is_some_and(|rest| rest.starts_with('"'))
    }
}

/// `url("a.png")` as `a.png`
fn without_url(value: &str) -> &str {
    let inner = value.strip_prefix("url(").and_then(|rest| rest.strip_suffix(')'));
    inner.map_or(value, |inner| inner.trim_matches(['"', '\'']))
}

/// The value of a `style` attribute. Quotes become single ones, so that they need no escape.
fn decoded(value: &str) -> String {
    let quotes = ["&quot;", "&#34;", "&#39;", "&apos;"];
    quotes.iter().fold(value.to_owned(), |value, quote| value.replace(quote, "'")).replace("&amp;", "&")
}

fn encoded(value: &str) -> String {
    value.replace('"', "'").replace('&', "&amp;")
}

fn replaced(html: &str, mut changes: Vec<(Range<usize>, String)>) -> String {
    changes.sort_by_key(|(place, _)| place.start);
    let (mut out, mut at) = (String::with_capacity(html.len()), 0);
    for (place, new) in changes {
        out.push_str(html.get(at..place.start).unwrap_or(""));
        out.push_str(&new);
        at = place.end;
    }
    out + html.get(at..).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inlined(html: &str, style: &str) -> String {
        inline(html, style).0
    }

    #[test]
    fn the_stronger_declaration_counts() {
        let html = "<p class=\"a\" style=\"color:red;margin:0\">x</p>";
        assert_eq!(
            inlined(html, "p { color: blue; top: 1px }"),
            "<p class=\"a\" style=\"top: 1px; color: red; margin: 0;\">x</p>"
        );
        assert_eq!(
            inlined(html, "p { color: blue !important }"),
            "<p class=\"a\" style=\"margin: 0; color: blue;\">x</p>"
        );
        assert_eq!(inlined("<p class=\"a\">", ".a { b: 1 } p { b: 2 }"), "<p style=\"b: 1;\" class=\"a\">");
        assert_eq!(inlined("<p>", "p { b: 1 } p { b: 2 }"), "<p style=\"b: 2;\">");
        assert_eq!(inlined("<p>", "p { b: 1; b: 2 }"), "<p style=\"b: 1; b: 2;\">");
        assert_eq!(inlined("<p>", "p { b: 1 !important } p { b: 2 }"), "<p style=\"b: 1;\">");
        assert_eq!(inlined("<p style=\"b: 1 !important\">", "p { b: 2 !important }"), "<p style=\"b: 1;\">");
    }

    #[test]
    fn only_what_is_visible_to_everybody_changes() {
        let html = "<head><title>x</title></head><!--[if mso]><p>o</p><![endif]--><!--[if !mso]><!--><p>a</p><!--<![endif]--><p>b";
        let expected = "<head><title>x</title></head><!--[if mso]><p>o</p><![endif]--><!--[if !mso]><!--><p style=\"c: d;\">a</p><!--<![endif]--><p style=\"c: d;\">b";
        assert_eq!(inlined(html, "p, title { c: d }"), expected);
    }

    #[test]
    fn old_mail_programs_get_attributes() {
        assert_eq!(
            inlined("<td width=\"5\" bgcolor=\"red\">", "td { width: 10px; background-color: blue; text-align: left }"),
            "<td align=\"left\" style=\"width: 10px; background-color: blue; text-align: left;\" width=\"10\" bgcolor=\"blue\">"
        );
        assert_eq!(
            inlined("<img>", "img { width: 50%; height: auto }"),
            "<img height=\"auto\" style=\"width: 50%; height: auto;\">"
        );
    }

    #[test]
    fn quotes_stay_inside_the_attribute() {
        let html = "<p style=\"font-family:&quot;Gill Sans&quot;, Arial;background:url(a?b=1&amp;c=2)\">";
        let expected = "<p style=\"x: 'y'; font-family: 'Gill Sans', Arial; background: url(a?b=1&amp;c=2);\">";
        assert_eq!(inlined(html, "p { x: \"y\" }"), expected);
        assert_eq!(
            inlined("<p style='a:b' id=x>", "#x { c: d } p { style: e }"),
            "<p style=\"style: e; c: d; a: b;\" id=x>"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_html_and_css_are_read(html in "([<>/=\"' -]|p|td|style|class|a|é|\\[if|<!--|-->){0,40}", css in "([{}:;,.#>\\[\\]()\"'!* ]|p|td|a|é|/\\*|\\*/|not){0,40}") {
            inline(&html, &css);
        }
    }
}
