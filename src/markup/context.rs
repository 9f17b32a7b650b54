//! Decides how the value of each placeholder in HTML must be escaped, or why no value is safe there.

use super::mask::Mask;
use super::tag::{Attribute, Tag, Token, tokens};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Attributes with a URL that a mail program opens or loads.
const URL_ATTRIBUTES: [&str; 9] =
    ["href", "src", "action", "formaction", "background", "poster", "cite", "data", "xlink:href"];
/// Attributes with several URLs or whole pages.
const UNSAFE_ATTRIBUTES: [&str; 3] = ["srcset", "srcdoc", "ping"];
/// Schemes of URLs that run code.
const SCRIPT_SCHEMES: [&str; 3] = ["javascript", "vbscript", "data"];

/// A context in which a value needs more than HTML escaping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EscapeContext {
    /// The beginning of a URL: the value is a web address.
    Link,
    /// The path of a URL.
    LinkPath,
    /// The query or fragment of a URL.
    LinkQuery,
    /// A style.
    Style,
}

/// Why no value is safe in a context.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnsafeReason {
    /// In the name of a tag or of an attribute.
    Tag,
    /// In an attribute without quotes.
    Unquoted,
    /// In code: `script`, `onclick`, `javascript:`.
    Script,
    /// In an attribute with several URLs or a whole page.
    MultipleUrls,
    /// In a comment or condition.
    Comment,
    /// In a URL of a `style` element.
    StyleLink,
    /// In the host of a URL, or right after a value that may be a host.
    Host,
    /// In the scheme of a URL.
    Scheme,
    /// A tag of a conditional part that is not between elements.
    Branch,
    /// Nowhere: the MJML compiler drops it.
    Dropped,
}

/// A placeholder in HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Placeholder {
    /// Its place in the HTML.
    pub(super) range: Range<usize>,
    /// Its number.
    pub(super) number: usize,
    /// The context; `Ok(None)` if HTML escaping is enough.
    pub(super) place: Result<Option<EscapeContext>, UnsafeReason>,
}

/// Finds the placeholders in HTML, in order.
pub(super) fn placeholders(mask: &Mask, html: &str) -> Vec<Placeholder> {
    let mut words = mask.find_placeholders(html).into_iter().peekable();
    let mut placeholders = Vec::new();
    for token in tokens(html) {
        let end = match &token {
            Token::Text(place) | Token::Raw(place, _) | Token::Declaration(place) => place.end,
            Token::Tag(tag) => tag.place.end,
        };
        while let Some((range, number)) = words.next_if(|(range, _)| range.start < end) {
            let place = match &token {
                Token::Text(_) => Ok(None),
                Token::Declaration(_) | Token::Raw(..) | Token::Tag(_) if mask.tag(number).is_some() => {
                    Err(UnsafeReason::Branch)
                }
                Token::Declaration(_) => Err(UnsafeReason::Comment),
                Token::Raw(place, name) if name == "style" => {
                    style_context(mask, html, place, &range).and_then(|place| match place {
                        EscapeContext::Style => Ok(Some(EscapeContext::Style)),
                        EscapeContext::Link | EscapeContext::LinkPath | EscapeContext::LinkQuery => {
                            Err(UnsafeReason::StyleLink)
                        }
                    })
                }
                Token::Raw(..) => Err(UnsafeReason::Script),
                Token::Tag(tag) => tag_context(mask, html, tag, &range),
            };
            placeholders.push(Placeholder { range, number, place });
        }
    }
    placeholders
}

fn tag_context(
    mask: &Mask,
    html: &str,
    tag: &Tag,
    placeholder: &Range<usize>,
) -> Result<Option<EscapeContext>, UnsafeReason> {
    let inside =
        |attribute: &&Attribute| attribute.value.start <= placeholder.start && placeholder.end <= attribute.value.end;
    let Some(attribute) = tag.attributes.iter().find(inside) else { return Err(UnsafeReason::Tag) };
    let name = attribute.name.as_str();
    if !attribute.quoted {
        Err(UnsafeReason::Unquoted)
    } else if name.starts_with("on") || (tag.name == "meta" && name == "content") {
        Err(UnsafeReason::Script)
    } else if UNSAFE_ATTRIBUTES.contains(&name) {
        Err(UnsafeReason::MultipleUrls)
    } else if name == "style" {
        style_context(mask, html, &attribute.value, placeholder).map(Some)
    } else if URL_ATTRIBUTES.contains(&name) {
        url_context(mask, html.get(attribute.value.start..placeholder.start).unwrap_or("")).map(Some)
    } else {
        Ok(None)
    }
}

/// In a style: the value of a property, or a part of a URL in `url(..)`.
fn style_context(
    mask: &Mask,
    html: &str,
    style: &Range<usize>,
    placeholder: &Range<usize>,
) -> Result<EscapeContext, UnsafeReason> {
    let before = html.get(style.start..placeholder.start).unwrap_or("").to_ascii_lowercase();
    match before.rfind("url(").and_then(|at| before.get(at + 4..)).filter(|inside| !inside.contains(')')) {
        Some(inside) => url_context(mask, inside.trim_start().trim_start_matches(['"', '\''])),
        None => Ok(EscapeContext::Style),
    }
}

/// In a URL, after `before`.
fn url_context(mask: &Mask, before: &str) -> Result<EscapeContext, UnsafeReason> {
    let before = before.trim_start();
    let ends_host = |text: &str| text.contains(['/', '?', '#']);
    let part = if before.contains(['?', '#']) { EscapeContext::LinkQuery } else { EscapeContext::LinkPath };
    let first = mask.find_placeholders(before).into_iter().next();
    let written = first.as_ref().and_then(|(range, _)| before.get(..range.start)).unwrap_or(before);
    if written.is_empty() {
        // The URL begins with a value, so the host ends in it or after it.
        return match first {
            None => Ok(EscapeContext::Link),
            Some((range, _)) if before.get(range.end..).is_some_and(ends_host) => Ok(part),
            Some(_) => Err(UnsafeReason::Host),
        };
    }
    let scheme = written.split(['/', '?', '#']).next().and_then(|start| start.split_once(':'));
    let after = match scheme.map(|(scheme, _)| scheme.trim().to_ascii_lowercase()) {
        Some(scheme) if SCRIPT_SCHEMES.contains(&scheme.as_str()) => return Err(UnsafeReason::Script),
        Some(_) => written.split_once(':').map_or("", |(_, after)| after),
        None if ends_host(written) => written,
        None => return Err(UnsafeReason::Scheme),
    };
    match after.strip_prefix("//") {
        Some(host) if !ends_host(host) => Err(UnsafeReason::Host),
        Some(_) | None => Ok(part),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::Piece;
    use super::*;

    /// The contexts of the `@`s in a text.
    fn places(html: &str) -> Vec<Result<Option<EscapeContext>, UnsafeReason>> {
        let mut pieces = Vec::new();
        for (i, text) in html.split('@').enumerate() {
            if i > 0 {
                pieces.push(Piece::Placeholder(1));
            }
            pieces.push(Piece::Text(text));
        }
        let mask = Mask::new(&pieces);
        placeholders(&mask, &mask.text).into_iter().map(|placeholder| placeholder.place).collect()
    }

    #[test]
    fn the_surrounding_markup_decides_the_context() {
        let table: &[(&str, Result<Option<EscapeContext>, UnsafeReason>)] = &[
            ("<p>@</p>", Ok(None)),
            ("<title>@</title>", Ok(None)),
            ("<img alt=\"@\">", Ok(None)),
            ("<a href='@'>", Ok(Some(EscapeContext::Link))),
            ("<a HREF=\" @\">", Ok(Some(EscapeContext::Link))),
            ("<a href=\"https://x.example/@\">", Ok(Some(EscapeContext::LinkPath))),
            ("<a href=\"https://x.example/?a=@\">", Ok(Some(EscapeContext::LinkQuery))),
            ("<a href=\"/@\">", Ok(Some(EscapeContext::LinkPath))),
            ("<a href=\"mailto:@\">", Ok(Some(EscapeContext::LinkPath))),
            ("<a href=\"tel:@\">", Ok(Some(EscapeContext::LinkPath))),
            ("<a href=\"javascript:f('@')\">", Err(UnsafeReason::Script)),
            ("<a href=\" JavaScript :@\">", Err(UnsafeReason::Script)),
            ("<a href=\"java@\">", Err(UnsafeReason::Scheme)),
            ("<a href=\"https://@/x\">", Err(UnsafeReason::Host)),
            ("<a href=\"//@\">", Err(UnsafeReason::Host)),
            ("<a href=\"//x.example/@\">", Ok(Some(EscapeContext::LinkPath))),
            ("<a href=@>", Err(UnsafeReason::Unquoted)),
            ("<a onclick=\"@\">", Err(UnsafeReason::Script)),
            ("<@>", Err(UnsafeReason::Tag)),
            ("<a @>", Err(UnsafeReason::Tag)),
            ("<a x@=\"1\">", Err(UnsafeReason::Tag)),
            ("</a@>", Err(UnsafeReason::Tag)),
            ("<script>@</script>", Err(UnsafeReason::Script)),
            ("<style>p { color: @ }</style>", Ok(Some(EscapeContext::Style))),
            ("<style>p { background: url(@) }</style>", Err(UnsafeReason::StyleLink)),
            ("<p style=\"color: @\">", Ok(Some(EscapeContext::Style))),
            ("<p style=\"background: url('@')\">", Ok(Some(EscapeContext::Link))),
            ("<p style=\"background: url(x.png); color: @\">", Ok(Some(EscapeContext::Style))),
            ("<img srcset=\"@ 2x\">", Err(UnsafeReason::MultipleUrls)),
            ("<!--[if @]>", Err(UnsafeReason::Comment)),
            ("<!--[if mso]><v:fill src=\"@\"/><![endif]-->", Ok(Some(EscapeContext::Link))),
            ("<a href=\"@", Ok(Some(EscapeContext::Link))),
        ];
        for (html, place) in table {
            assert_eq!(places(html), [*place], "{html}");
        }
    }

    #[test]
    fn a_value_after_a_value_in_a_url_needs_the_end_of_the_host() {
        assert_eq!(places("<a href=\"@/x/@\">"), [Ok(Some(EscapeContext::Link)), Ok(Some(EscapeContext::LinkPath))]);
        assert_eq!(places("<a href=\"@?x=@\">"), [Ok(Some(EscapeContext::Link)), Ok(Some(EscapeContext::LinkQuery))]);
        assert_eq!(places("<a href=\"@@\">"), [Ok(Some(EscapeContext::Link)), Err(UnsafeReason::Host)]);
        assert_eq!(places("<a href=\"@.example\">"), [Ok(Some(EscapeContext::Link))]);
    }
}
