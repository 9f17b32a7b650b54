//! Where holes stand. In: HTML with words for its holes. Out: for each hole what a value needs to be safe there, or why
//! no value is.

use super::mask::Mask;
use super::tag::{Attribute, Tag, Token, tokens};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Attributes whose value is an address that a mail program opens or loads.
const LINKS: [&str; 9] = ["href", "src", "action", "formaction", "background", "poster", "cite", "data", "xlink:href"];
/// Attributes that hold several addresses or whole pages.
const REFUSED: [&str; 3] = ["srcset", "srcdoc", "ping"];
/// Schemes whose addresses are programs.
const PROGRAMS: [&str; 3] = ["javascript", "vbscript", "data"];

/// A place where a value needs more than the escapes of HTML.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Place {
    /// The beginning of a link: the value is a web address.
    Link,
    /// The path of a link.
    LinkPath,
    /// What follows the `?` or `#` of a link.
    LinkQuery,
    /// A style.
    Style,
}

/// Why no value can stand at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Misplaced {
    /// In the name of a tag or of an attribute.
    Tag,
    /// In an attribute without quotes.
    Unquoted,
    /// In a program: `script`, `onclick`, `javascript:`.
    Program,
    /// In an attribute of several addresses or a whole page.
    Several,
    /// In a comment or condition.
    Aside,
    /// In a link of a `style` element.
    StyleLink,
    /// In the host of a link, or right behind a value that may be a host.
    Host,
    /// In the scheme of a link.
    Scheme,
    /// Nowhere: the compiler of the markup drops it.
    Lost,
}

/// A hole where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Hole {
    /// Its place in the HTML.
    pub(super) range: Range<usize>,
    /// Its number.
    pub(super) number: usize,
    /// What it needs; `Ok(None)` for the escapes of HTML alone.
    pub(super) place: Result<Option<Place>, Misplaced>,
}

/// Finds the holes in HTML, in order.
pub(super) fn holes(mask: &Mask, html: &str) -> Vec<Hole> {
    let mut words = mask.find(html).into_iter().peekable();
    let mut holes = Vec::new();
    for token in tokens(html) {
        let end = match &token {
            Token::Words(place) | Token::Raw(place, _) | Token::Aside(place) => place.end,
            Token::Tag(tag) => tag.place.end,
        };
        while let Some((range, number)) = words.next_if(|(range, _)| range.start < end) {
            let place = match &token {
                Token::Words(_) => Ok(None),
                Token::Aside(_) => Err(Misplaced::Aside),
                Token::Raw(place, name) if name == "style" => {
                    style(mask, html, place, &range).and_then(|place| match place {
                        Place::Style => Ok(Some(Place::Style)),
                        Place::Link | Place::LinkPath | Place::LinkQuery => Err(Misplaced::StyleLink),
                    })
                }
                Token::Raw(..) => Err(Misplaced::Program),
                Token::Tag(tag) => in_tag(mask, html, tag, &range),
            };
            holes.push(Hole { range, number, place });
        }
    }
    holes
}

fn in_tag(mask: &Mask, html: &str, tag: &Tag, hole: &Range<usize>) -> Result<Option<Place>, Misplaced> {
    let inside = |attribute: &&Attribute| attribute.value.start <= hole.start && hole.end <= attribute.value.end;
    let Some(attribute) = tag.attributes.iter().find(inside) else { return Err(Misplaced::Tag) };
    let name = attribute.name.as_str();
    if !attribute.quoted {
        Err(Misplaced::Unquoted)
    } else if name.starts_with("on") || (tag.name == "meta" && name == "content") {
        Err(Misplaced::Program)
    } else if REFUSED.contains(&name) {
        Err(Misplaced::Several)
    } else if name == "style" {
        style(mask, html, &attribute.value, hole).map(Some)
    } else if LINKS.contains(&name) {
        link(mask, html.get(attribute.value.start..hole.start).unwrap_or("")).map(Some)
    } else {
        Ok(None)
    }
}

/// In a style: a value of a property, or a part of an address in `url(..)`.
fn style(mask: &Mask, html: &str, style: &Range<usize>, hole: &Range<usize>) -> Result<Place, Misplaced> {
    let before = html.get(style.start..hole.start).unwrap_or("").to_ascii_lowercase();
    match before.rfind("url(").and_then(|at| before.get(at + 4..)).filter(|inside| !inside.contains(')')) {
        Some(inside) => link(mask, inside.trim_start().trim_start_matches(['"', '\''])),
        None => Ok(Place::Style),
    }
}

/// In an address, after `before`.
fn link(mask: &Mask, before: &str) -> Result<Place, Misplaced> {
    let before = before.trim_start();
    let ends_host = |text: &str| text.contains(['/', '?', '#']);
    let part = if before.contains(['?', '#']) { Place::LinkQuery } else { Place::LinkPath };
    let first = mask.find(before).into_iter().next();
    let written = first.as_ref().and_then(|(range, _)| before.get(..range.start)).unwrap_or(before);
    if written.is_empty() {
        // The address begins with a value, so that its host ends where the value does or after it.
        return match first {
            None => Ok(Place::Link),
            Some((range, _)) if before.get(range.end..).is_some_and(ends_host) => Ok(part),
            Some(_) => Err(Misplaced::Host),
        };
    }
    let scheme = written.split(['/', '?', '#']).next().and_then(|start| start.split_once(':'));
    let after = match scheme.map(|(scheme, _)| scheme.trim().to_ascii_lowercase()) {
        Some(scheme) if PROGRAMS.contains(&scheme.as_str()) => return Err(Misplaced::Program),
        Some(_) => written.split_once(':').map_or("", |(_, after)| after),
        None if ends_host(written) => written,
        None => return Err(Misplaced::Scheme),
    };
    match after.strip_prefix("//") {
        Some(host) if !ends_host(host) => Err(Misplaced::Host),
        Some(_) | None => Ok(part),
    }
}

#[cfg(test)]
mod tests {
    use super::super::mask::Piece;
    use super::*;

    /// The places of the `@` in a text.
    fn places(html: &str) -> Vec<Result<Option<Place>, Misplaced>> {
        let mut pieces = Vec::new();
        for (i, text) in html.split('@').enumerate() {
            if i > 0 {
                pieces.push(Piece::Hole(1));
            }
            pieces.push(Piece::Text(text));
        }
        let mask = Mask::new(&pieces);
        holes(&mask, &mask.text).into_iter().map(|hole| hole.place).collect()
    }

    #[test]
    fn a_hole_is_known_by_what_is_around_it() {
        let table: &[(&str, Result<Option<Place>, Misplaced>)] = &[
            ("<p>@</p>", Ok(None)),
            ("<title>@</title>", Ok(None)),
            ("<img alt=\"@\">", Ok(None)),
            ("<a href='@'>", Ok(Some(Place::Link))),
            ("<a HREF=\" @\">", Ok(Some(Place::Link))),
            ("<a href=\"https://x.example/@\">", Ok(Some(Place::LinkPath))),
            ("<a href=\"https://x.example/?a=@\">", Ok(Some(Place::LinkQuery))),
            ("<a href=\"/@\">", Ok(Some(Place::LinkPath))),
            ("<a href=\"mailto:@\">", Ok(Some(Place::LinkPath))),
            ("<a href=\"tel:@\">", Ok(Some(Place::LinkPath))),
            ("<a href=\"javascript:f('@')\">", Err(Misplaced::Program)),
            ("<a href=\" JavaScript :@\">", Err(Misplaced::Program)),
            ("<a href=\"java@\">", Err(Misplaced::Scheme)),
            ("<a href=\"https://@/x\">", Err(Misplaced::Host)),
            ("<a href=\"//@\">", Err(Misplaced::Host)),
            ("<a href=\"//x.example/@\">", Ok(Some(Place::LinkPath))),
            ("<a href=@>", Err(Misplaced::Unquoted)),
            ("<a onclick=\"@\">", Err(Misplaced::Program)),
            ("<@>", Err(Misplaced::Tag)),
            ("<a @>", Err(Misplaced::Tag)),
            ("<a x@=\"1\">", Err(Misplaced::Tag)),
            ("</a@>", Err(Misplaced::Tag)),
            ("<script>@</script>", Err(Misplaced::Program)),
            ("<style>p { color: @ }</style>", Ok(Some(Place::Style))),
            ("<style>p { background: url(@) }</style>", Err(Misplaced::StyleLink)),
            ("<p style=\"color: @\">", Ok(Some(Place::Style))),
            ("<p style=\"background: url('@')\">", Ok(Some(Place::Link))),
            ("<p style=\"background: url(x.png); color: @\">", Ok(Some(Place::Style))),
            ("<img srcset=\"@ 2x\">", Err(Misplaced::Several)),
            ("<!--[if @]>", Err(Misplaced::Aside)),
            ("<!--[if mso]><v:fill src=\"@\"/><![endif]-->", Ok(Some(Place::Link))),
            ("<a href=\"@", Ok(Some(Place::Link))),
        ];
        for (html, place) in table {
            assert_eq!(places(html), [*place], "{html}");
        }
    }

    #[test]
    fn what_follows_a_value_in_a_link_needs_an_end_of_the_host() {
        assert_eq!(places("<a href=\"@/x/@\">"), [Ok(Some(Place::Link)), Ok(Some(Place::LinkPath))]);
        assert_eq!(places("<a href=\"@?x=@\">"), [Ok(Some(Place::Link)), Ok(Some(Place::LinkQuery))]);
        assert_eq!(places("<a href=\"@@\">"), [Ok(Some(Place::Link)), Err(Misplaced::Host)]);
        assert_eq!(places("<a href=\"@.example\">"), [Ok(Some(Place::Link))]);
    }
}
