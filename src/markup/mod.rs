//! HTML emails. In: HTML or MJML with placeholders. Out: HTML with the escaping that each placeholder needs, or
//! errors.
//!
//! A placeholder passes through the markup as a unique word, so that every tool keeps it.

mod branch;
mod context;
mod encode;
mod error;
mod mask;
mod mjml;
mod plain_text;
mod tag;

pub use context::{EscapeContext, UnsafeReason};
pub use encode::encode;
pub use error::Fault;
pub use mask::{BranchTag, Piece};
pub use plain_text::to_text;

use crate::say;
use error::MarkupError;
use mask::Mask;
use std::collections::BTreeSet;

/// Limit: how many placeholders an email may have, since each is examined with everything before it.
const MAX_PLACEHOLDERS: usize = 1000;

/// A compiled HTML email.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HtmlEmail {
    /// The HTML.
    pub html: Vec<Segment>,
    /// The preview line of `mj-preview`, as HTML.
    pub preview: Option<Vec<Segment>>,
    /// What is wrong with the markup or its placeholders. If there is an error, the HTML is incomplete.
    pub faults: Vec<Fault>,
}

/// A segment of the HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// Characters.
    Text(String),
    /// A placeholder or a tag by its number, and the context it must be encoded for besides HTML escaping.
    Placeholder(usize, Option<EscapeContext>),
}

/// The markup language of an email.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// HTML
    Html,
    /// MJML
    Mjml,
}

/// Compiles an email template to HTML.
#[must_use]
pub fn compile(pieces: &[Piece<'_>], language: Language) -> HtmlEmail {
    let mask = Mask::new(pieces);
    let mut email = HtmlEmail { html: Vec::new(), preview: None, faults: Vec::new() };
    if let Some(place) = mask.placeholder(MAX_PLACEHOLDERS) {
        let message = say!("an email template has more than {most} placeholders", most = MAX_PLACEHOLDERS);
        let fault = MarkupError::fatal(place, message, say!("extra placeholder"), say!("split it into several emails"));
        email.faults.push(fault.into_fault(&mask));
        return email;
    }
    let tags = mask.tags();
    if let Some(fault) = branch::check(&mask.text, &tags, language) {
        email.faults.push(fault.into_fault(&mask));
        return email;
    }
    let mut reported = BTreeSet::new();
    let (html, preview) = match language {
        Language::Html => (tag::without_comments(&mask.text), None),
        Language::Mjml => {
            let compiled = mjml::compile(&mask.text, &tags);
            email.faults.extend(compiled.faults.into_iter().map(|fault| fault.into_fault(&mask)));
            let Some(html) = compiled.html else { return email };
            (html, compiled.preview)
        }
    };
    email.html = email.split_at_placeholders(&mask, &html, &mut reported);
    email.preview = preview.map(|preview| email.split_at_placeholders(&mask, &preview, &mut reported));
    let placeholders = pieces.iter().filter(|piece| !matches!(piece, Piece::Text(_))).count();
    let lost = (0..placeholders).filter(|number| !reported.contains(number));
    email.faults.extend(lost.map(|number| Fault::Placeholder(number, UnsafeReason::Dropped)));
    email
}

impl HtmlEmail {
    /// Splits HTML at its placeholders; each unsafe placeholder is reported once.
    fn split_at_placeholders(&mut self, mask: &Mask, html: &str, seen: &mut BTreeSet<usize>) -> Vec<Segment> {
        let mut segments = Vec::new();
        let mut at = 0;
        for placeholder in context::placeholders(mask, html) {
            segments.push(Segment::Text(html.get(at..placeholder.range.start).unwrap_or("").to_owned()));
            at = placeholder.range.end;
            let first = seen.insert(placeholder.number);
            match placeholder.place {
                Ok(place) => segments.push(Segment::Placeholder(placeholder.number, place)),
                Err(misplaced) if first => self.faults.push(Fault::Placeholder(placeholder.number, misplaced)),
                Err(_) => {}
            }
        }
        segments.push(Segment::Text(html.get(at..).unwrap_or("").to_owned()));
        segments.retain(|segment| *segment != Segment::Text(String::new()));
        segments
    }
}

/// Escapes a text for the content and the quoted attributes of HTML.
pub fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces<'t>(texts: &[&'t str]) -> Vec<Piece<'t>> {
        let mut pieces = Vec::new();
        for (i, text) in texts.iter().enumerate() {
            if i > 0 {
                pieces.push(Piece::Placeholder(5));
            }
            pieces.push(Piece::Text(text));
        }
        pieces
    }

    #[test]
    fn each_placeholder_has_a_context_or_one_fault() {
        let html = compile(&pieces(&["<!-- hole0z --><a href='", "'>", "</a><", " on", "=1>"]), Language::Html);
        let text = |text: &str| Segment::Text(text.to_owned());
        let expected = [
            text("<a href='"),
            Segment::Placeholder(0, Some(EscapeContext::Link)),
            text("'>"),
            Segment::Placeholder(1, None),
        ];
        assert_eq!(html.html[..4], expected);
        assert_eq!(html.faults, [Fault::Placeholder(2, UnsafeReason::Tag), Fault::Placeholder(3, UnsafeReason::Tag)]);
        let dropped = compile(
            &pieces(&[
                "<mjml><mj-body><mj-section><mj-column><mj-text no=\"",
                "\">x</mj-text></mj-column></mj-section></mj-body></mjml>",
            ]),
            Language::Mjml,
        );
        assert_eq!(dropped.faults, [Fault::Placeholder(0, UnsafeReason::Dropped)]);
    }

    #[test]
    fn an_email_has_at_most_a_thousand_placeholders() {
        let many = |placeholders: usize| compile(&pieces(&vec!["x"; placeholders + 1]), Language::Html);
        assert_eq!(
            (many(MAX_PLACEHOLDERS).faults.len(), many(MAX_PLACEHOLDERS).html.len()),
            (0, 2 * MAX_PLACEHOLDERS + 1)
        );
        let [Fault::Markup { place, fatal: true, .. }] = &many(MAX_PLACEHOLDERS + 1).faults[..] else {
            panic!("one fault")
        };
        assert_eq!(*place, 6 * MAX_PLACEHOLDERS + 1..6 * MAX_PLACEHOLDERS + 6);
    }
}
