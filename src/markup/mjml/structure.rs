//! Checks the structure of MJML and reports the first error, because the MJML compiler silently accepts mismatched
//! tags and unknown elements.

use crate::diagnostic::suggest;
use crate::markup::error::MarkupError;
use crate::markup::mask::BranchTag;
use crate::markup::tag::{Tag, Token, tokens};
use crate::say;
use std::ops::Range;

/// Limit: how deep elements may be nested, since MJML compilers recurse.
const MAX_DEPTH: usize = 64;

/// HTML elements without content and closing tag.
pub(in crate::markup) const VOID_ELEMENTS: [&str; 14] =
    ["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source", "track", "wbr"];

/// MJML elements that contain only other elements.
pub(in crate::markup) const CONTAINERS: [&str; 14] = [
    "mj-accordion",
    "mj-accordion-element",
    "mj-attributes",
    "mj-body",
    "mj-carousel",
    "mj-column",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-navbar",
    "mj-section",
    "mj-social",
    "mj-wrapper",
    "mjml",
];

/// All MJML elements.
const ELEMENTS: [&str; 33] = [
    "mj-accordion",
    "mj-accordion-element",
    "mj-accordion-text",
    "mj-accordion-title",
    "mj-all",
    "mj-attributes",
    "mj-body",
    "mj-breakpoint",
    "mj-button",
    "mj-carousel",
    "mj-carousel-image",
    "mj-class",
    "mj-column",
    "mj-divider",
    "mj-font",
    "mj-group",
    "mj-head",
    "mj-hero",
    "mj-image",
    "mj-include",
    "mj-navbar",
    "mj-navbar-link",
    "mj-preview",
    "mj-raw",
    "mj-section",
    "mj-social",
    "mj-social-element",
    "mj-spacer",
    "mj-style",
    "mj-table",
    "mj-text",
    "mj-title",
    "mj-wrapper",
];

/// Attributes of MJML that the compiler drops.
const UNSUPPORTED: [(&str, &str); 13] = [
    ("mj-body", "id"),
    ("mj-button", "title"),
    ("mj-hero", "border-radius"),
    ("mj-image", "border-bottom"),
    ("mj-image", "border-left"),
    ("mj-image", "border-right"),
    ("mj-image", "border-top"),
    ("mj-image", "sizes"),
    ("mj-section", "gap"),
    ("mj-section", "gutter"),
    ("mj-social-element", "border"),
    ("mj-social-element", "icon-position"),
    ("mj-wrapper", "gap"),
];

/// Returns a warning for each attribute of MJML that has no effect here.
pub(super) fn unsupported(text: &str) -> Vec<MarkupError> {
    let mut found = Vec::new();
    for token in tokens(text) {
        let Token::Tag(tag) = token else { continue };
        for attribute in &tag.attributes {
            if UNSUPPORTED.contains(&(tag.name.as_str(), attribute.name.as_str())) {
                let (name, element) = (attribute.name.clone(), tag.name.clone());
                let message = say!("the attribute `{name}` of `{element}` is not supported", name, element);
                let place = attribute.name_at.clone();
                let (label, help) = (say!("ignored"), say!("remove the attribute"));
                found.push(MarkupError { place, fatal: false, message, label, help });
            }
        }
    }
    found
}

/// Returns the first structural error; `tags` may be between elements.
pub(super) fn check(text: &str, tags: &[(Range<usize>, BranchTag)]) -> Option<MarkupError> {
    let mut open: Vec<Tag> = Vec::new();
    let mut any = false;
    for token in tokens(text) {
        match token {
            Token::Text(place) => {
                if let Some(fault) = check_text(text, place, open.last().map(|tag| tag.name.as_str()), tags) {
                    return Some(fault);
                }
            }
            Token::Declaration(place) => {
                let aside = text.get(place.clone()).unwrap_or("");
                if !aside.starts_with("<!--") && !aside.starts_with("<![") {
                    let message = say!("no declaration is allowed before `<mjml>`");
                    return Some(MarkupError::fatal(
                        place,
                        message,
                        say!("not needed"),
                        say!("remove it: `<mjml>` must come first"),
                    ));
                }
            }
            Token::Raw(..) => {}
            Token::Tag(tag) => {
                let first = !std::mem::replace(&mut any, true);
                if let Some(fault) = check_element(text, &tag, first).or_else(|| nest(&mut open, tag)) {
                    return Some(fault);
                }
            }
        }
    }
    if let Some(tag) = open.pop() {
        return Some(unclosed(&tag));
    }
    let nothing = || {
        MarkupError::fatal(
            0..text.len().min(1),
            say!("missing `<mjml>` element"),
            say!("not an MJML email"),
            say!("put the email inside `<mjml><mj-body> .. </mj-body></mjml>`"),
        )
    };
    (!any).then(nothing)
}

/// Reports text that MJML does not allow: text outside a text element, and a `<` that does not begin a tag.
fn check_text(
    text: &str,
    place: Range<usize>,
    inside: Option<&str>,
    tags: &[(Range<usize>, BranchTag)],
) -> Option<MarkupError> {
    let words = text.get(place.clone()).unwrap_or("");
    let between =
        between_tags(place.clone(), tags).find(|place| !text.get(place.clone()).unwrap_or("").trim().is_empty());
    if let Some(place) = between.filter(|_| inside.is_none_or(|name| CONTAINERS.contains(&name))) {
        let words = text.get(place.clone()).unwrap_or("");
        let start = place.start + words.len() - words.trim_start().len();
        let place = start..start + words.trim().lines().next().map_or(0, |line| line.trim_end().len());
        let message = say!("text is not allowed directly here");
        return Some(MarkupError::fatal(
            place,
            message,
            say!("not in an `mj-text`"),
            say!("put the text into an `<mj-text>`"),
        ));
    }
    let at = place.start + words.find('<')?;
    Some(MarkupError::fatal(at..at + 1, say!("`<` is not followed by a tag"), say!("not a tag"), say!("write `&lt;`")))
}

/// The places between the tags in a place.
pub(super) fn between_tags(
    place: Range<usize>,
    tags: &[(Range<usize>, BranchTag)],
) -> impl Iterator<Item = Range<usize>> {
    let inside = tags.iter().map(|(tag, _)| tag).filter(|tag| place.start <= tag.start && tag.end <= place.end);
    let starts = std::iter::once(place.start).chain(inside.clone().map(|tag| tag.end));
    let ends = inside.map(|tag| tag.start).chain([place.end]);
    starts.zip(ends).map(|(start, end)| start..end).collect::<Vec<_>>().into_iter()
}

fn check_element(text: &str, tag: &Tag, first: bool) -> Option<MarkupError> {
    let name = tag.name.as_str();
    if first && name != "mjml" {
        let message = say!("an MJML email must start with `<mjml>`, found `<{name}>`", name);
        let help = say!("wrap it in `<mjml><mj-body> .. </mj-body></mjml>`, or rename the file to `.html`");
        return Some(MarkupError::fatal(tag.name_at.clone(), message, say!("not MJML"), help));
    }
    if name.starts_with("mj-") && !ELEMENTS.contains(&name) {
        let message = say!("unknown MJML element `{name}`", name);
        let help = match suggest::nearest(name, ELEMENTS) {
            Some(near) => say!("did you mean `{near}`?", near),
            None => say!("use `mj-text` for text, `mj-button` for a link, `mj-image` for an image"),
        };
        return Some(MarkupError::fatal(tag.name_at.clone(), message, say!("not found"), help));
    }
    if name == "mj-include" && !tag.closes {
        let message = say!("`mj-include` is not supported: an email template is a single file");
        return Some(MarkupError::fatal(
            tag.place.clone(),
            message,
            say!("not supported"),
            say!("replace it with the included content"),
        ));
    }
    let is_name = |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_:.".contains(c));
    let named = tag.attributes.iter().map(|attribute| (&attribute.name, &attribute.name_at));
    if let Some((name, at)) = std::iter::once((&tag.name, &tag.name_at)).chain(named).find(|(name, _)| !is_name(name)) {
        let message = say!("`{name}` is not a valid MJML name", name);
        return Some(MarkupError::fatal(
            at.clone(),
            message,
            say!("not a name"),
            say!("use only letters from a to z, digits and `-`"),
        ));
    }
    let bare = tag.attributes.iter().find(|attribute| !attribute.quoted)?;
    let value = text.get(bare.value.clone()).unwrap_or("");
    let message = say!("the value of `{name}` must be quoted", name = bare.name);
    Some(MarkupError::fatal(
        bare.value.clone(),
        message,
        say!("needs quotes"),
        say!("write `{name}=\"{value}\"`", name = bare.name, value),
    ))
}

/// Enters or leaves an element.
fn nest(open: &mut Vec<Tag>, tag: Tag) -> Option<MarkupError> {
    if tag.closes {
        return match open.pop() {
            Some(last) if last.name == tag.name => None,
            Some(last) if open.iter().any(|outer| outer.name == tag.name) => Some(unclosed(&last)),
            Some(_) | None => {
                let message = say!("`</{tag}>` without matching `<{tag}>`", tag = tag.name);
                Some(MarkupError::fatal(tag.place, message, say!("nothing to close"), say!("remove this")))
            }
        };
    }
    if tag.empty || VOID_ELEMENTS.contains(&tag.name.as_str()) {
        return None;
    }
    open.push(tag);
    let last = open.last().filter(|_| open.len() > MAX_DEPTH)?;
    let message = say!("elements are nested more than {most} levels deep", most = MAX_DEPTH);
    Some(MarkupError::fatal(last.place.clone(), message, say!("nested too deeply"), say!("use fewer nested elements")))
}

fn unclosed(tag: &Tag) -> MarkupError {
    let message = say!("unclosed `<{tag}>`", tag = tag.name);
    MarkupError::fatal(tag.place.clone(), message, say!("opened here"), say!("add `</{tag}>`", tag = tag.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_error_is_reported_at_its_place() {
        let body = |inside: &str| format!("<mjml><mj-body>{inside}</mj-body></mjml>");
        let table = [
            (body("<mj-text>a<br><img src=\"x\">b</mj-text>"), None),
            (body("<mj-text><p>a</mj-text>"), Some(("<p>", "unclosed `<p>`"))),
            (body("<mj-text>a</i></mj-text>"), Some(("</i>", "`</i>` without matching `<i>`"))),
            (body("<mj-text>a < b</mj-text>"), Some(("<", "`<` is not followed by a tag"))),
            (body("<mj-txt>a</mj-txt>"), Some(("mj-txt", "unknown MJML element `mj-txt`"))),
            (body("<mj-text color=red>a</mj-text>"), Some(("red", "the value of `color` must be quoted"))),
            ("<mjml><mj-body>".to_owned(), Some(("<mj-body>", "unclosed `<mj-body>`"))),
            ("<p>a</p>".to_owned(), Some(("p", "an MJML email must start with `<mjml>`, found `<p>`"))),
            (" Hi \nthere".to_owned(), Some(("Hi", "text is not allowed directly here"))),
            (body("<mj-section> Hi</mj-section>"), Some(("Hi", "text is not allowed directly here"))),
            (
                "<?xml version=\"1.0\"?><mjml></mjml>".to_owned(),
                Some(("<?xml version=\"1.0\"?>", "no declaration is allowed before `<mjml>`")),
            ),
            (String::new(), Some(("", "missing `<mjml>` element"))),
        ];
        for (text, expected) in table {
            let found =
                check(&text, &[]).map(|found| (text[found.place.clone()].to_owned(), found.message.to_string()));
            assert_eq!(found, expected.map(|(place, message)| (place.to_owned(), message.to_owned())), "{text}");
        }
        let sized = body(
            "<mj-image sizes=\"1\" src=\"a\" /><mj-text title=\"b\">c</mj-text><mj-button title=\"d\">e</mj-button>",
        );
        let ignored: Vec<(&str, String)> =
            unsupported(&sized).into_iter().map(|found| (&sized[found.place], found.message.to_string())).collect();
        assert_eq!(
            ignored,
            [
                ("sizes", "the attribute `sizes` of `mj-image` is not supported".to_owned()),
                ("title", "the attribute `title` of `mj-button` is not supported".to_owned()),
            ]
        );
        assert!(check(&body(&"<mj-wrapper>".repeat(10_000)), &[]).unwrap().message.contains("more than 64"));
    }
}
