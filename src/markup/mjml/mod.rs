//! Compiles MJML to HTML. The only user of mrml.

mod css;
mod fonts;
mod inherit;
mod inline;
mod length;
mod prepare;
mod selector;
mod structure;

use super::error::MarkupError;
use super::mask::BranchTag;
use crate::diagnostic::Phrase;
use crate::say;
use fonts::Font;
use mrml::mj_head::MjHeadChild;
use mrml::prelude::parser::{Error, Span, Warning, WarningKind};
use mrml::prelude::render::RenderOptions;
use prepare::Prepared;
use std::collections::HashMap;
use std::ops::Range;
pub(super) use structure::{CONTAINERS, VOID_ELEMENTS};

/// The result of compiling MJML.
#[derive(Debug, Default)]
pub(super) struct Compiled {
    /// The HTML; `None` if the MJML is broken.
    pub(super) html: Option<String>,
    /// The text of `mj-preview`, which is not part of the HTML.
    pub(super) preview: Option<String>,
    /// The errors and warnings.
    pub(super) faults: Vec<MarkupError>,
}

/// Compiles MJML, with the places of `tags` between its elements. Nothing is read or fetched, and no font is linked that the MJML does not name.
pub(super) fn compile(text: &str, tags: &[(Range<usize>, BranchTag)]) -> Compiled {
    let broken = |fault| Compiled { faults: vec![fault], ..Compiled::default() };
    if let Some(fault) = structure::check(text, tags) {
        return broken(fault);
    }
    let prepared = Prepared::new(text, tags);
    let mut parsed = match mrml::parse(&prepared.text) {
        Ok(parsed) => parsed,
        Err(error) => return broken(convert_error(text, &prepared, &error)),
    };
    let warnings = parsed.warnings.iter();
    let mut faults: Vec<MarkupError> = warnings.map(|warning| convert_warning(text, &prepared, warning)).collect();
    faults.extend(structure::unsupported(text));
    let mut preview = None;
    let mut linked = Vec::new();
    if let Some(head) = &mut parsed.element.children.head {
        preview = head.preview().map(|preview| preview.content().trim().to_owned());
        head.children.retain(|child| match child {
            MjHeadChild::MjFont(font) => {
                linked.push(Font { name: font.name().to_owned(), href: prepared.restore(font.href()) });
                false
            }
            other => !matches!(other, MjHeadChild::MjPreview(_)),
        });
    }
    let options = RenderOptions { disable_comments: true, fonts: HashMap::new(), ..RenderOptions::default() };
    match parsed.element.render(&options) {
        Ok(html) => {
            // The compiler's rule would hide the arrows of a carousel everywhere, and not only from Yahoo.
            let html = html.replace("@media screen, yahoo", "@media screen yahoo");
            let html = prepared.with_outlook_classes(html);
            let html = inlined(text, &prepared, fonts::link(prepared.restore(&html), &linked), &mut faults);
            let preview = preview.filter(|line| !line.is_empty()).map(|line| prepared.restore(&line));
            Compiled { html: Some(html), preview, faults }
        }
        Err(error) => broken(MarkupError::fatal(
            document_start(text),
            say!("invalid MJML: {fault}", fault = error.to_string()),
            say!("cannot be read"),
            help(),
        )),
    }
}

/// Writes the styles with `inline` into the elements.
fn inlined(text: &str, prepared: &Prepared, html: String, faults: &mut Vec<MarkupError>) -> String {
    let styles = prepared.inline_styles.iter().filter_map(|place| Some((place.start, text.get(place.clone())?)));
    let styles: Vec<(usize, &str)> = styles.collect();
    if styles.is_empty() {
        return html;
    }
    let style: String = styles.iter().map(|(_, style)| *style).collect();
    let (html, unknown) = inline::inline(&html, &style);
    faults.extend(unknown.iter().filter_map(|written| {
        let start = styles.iter().find_map(|(start, style)| style.find(written).map(|at| start + at))?;
        Some(MarkupError {
            place: start..start + written.len(),
            fatal: false,
            message: say!("the style of `{written}` cannot become part of the elements", written),
            label: say!("not inlined"),
            help: say!("move it into an `mj-style` without `inline`"),
        })
    }));
    html
}

fn help() -> Phrase {
    say!("see https://documentation.mjml.io for the allowed structure")
}

fn document_start(text: &str) -> Range<usize> {
    0..text.len().min(5)
}

/// Words an error of the MJML parser.
fn convert_error(text: &str, prepared: &Prepared, error: &Error) -> MarkupError {
    let at = |span: &Span| prepared.original(span.start..span.end);
    let written = |span: &Span| text.get(at(span)).unwrap_or("").trim_matches(['<', '>', '/', ' ']).to_owned();
    match error {
        Error::UnexpectedElement { position, .. } => {
            let message = say!("`{written}` is not allowed here", written = written(position));
            let help = say!("put text in an `mj-text`, inside an `mj-column`, inside an `mj-section`");
            MarkupError::fatal(at(position), message, say!("not allowed in this element"), help)
        }
        Error::UnexpectedToken { position, .. } => {
            MarkupError::fatal(at(position), say!("this is not allowed here in MJML"), say!("not allowed here"), help())
        }
        Error::MissingAttribute { name, position, .. } => {
            let message = say!("`{written}` needs the attribute `{name}`", written = written(position), name);
            MarkupError::fatal(at(position), message, say!("missing `{name}`", name), say!("add `{name}=\"..\"`", name))
        }
        Error::InvalidAttribute { position, .. } | Error::InvalidFormat { position, .. } => {
            MarkupError::fatal(at(position), say!("invalid MJML attribute value"), say!("not a valid value"), help())
        }
        Error::IncludeLoaderError { position, .. } => MarkupError::fatal(
            at(position),
            say!("`mj-include` is not supported: an email template is a single file"),
            say!("not supported"),
            say!("replace it with the included content"),
        ),
        Error::ParserError { source, .. } => {
            let place = prepared.original(offset(&prepared.text, source.pos().row, source.pos().col));
            MarkupError::fatal(place, say!("invalid MJML from here on"), say!("invalid markup"), help())
        }
        Error::EndOfStream { .. } => {
            let end = text.trim_end().len();
            let start = text.get(..end).and_then(|text| text.rfind('<')).unwrap_or(0);
            MarkupError::fatal(start..end, say!("unexpected end of MJML"), say!("unclosed element"), help())
        }
        Error::NoRootNode | Error::SizeLimit { .. } => MarkupError::fatal(
            document_start(text),
            say!("missing `<mjml>` element"),
            say!("not an MJML email"),
            help(),
        ),
    }
}

/// The character at a line and column, both from 1.
fn offset(text: &str, row: u32, column: u32) -> Range<usize> {
    let before = text.split_inclusive('\n').take((row as usize).saturating_sub(1)).map(str::len).sum::<usize>();
    let rest = text.get(before..).unwrap_or("");
    let chars = rest.char_indices().nth((column as usize).saturating_sub(1));
    chars.map_or(text.len()..text.len(), |(at, c)| before + at..before + at + c.len_utf8())
}

fn convert_warning(text: &str, prepared: &Prepared, warning: &Warning) -> MarkupError {
    let place = prepared.original(warning.span.start..warning.span.end);
    let written = text.get(place.clone()).unwrap_or("");
    let name = written.split(['=', ' ']).next().unwrap_or(written);
    let (message, label, help) = match warning.kind {
        WarningKind::UnexpectedAttribute => (
            say!("unknown attribute `{name}` is ignored", name),
            say!("ignored"),
            say!("see the description of the element at https://documentation.mjml.io"),
        ),
        WarningKind::InlineStyleUnsupported => {
            (say!("the style stays in the head of the email"), say!("not inlined"), say!("remove `inline`"))
        }
    };
    MarkupError { place, fatal: false, message, label, help }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMAIL: &str = "<mjml><mj-head><mj-title>T</mj-title><mj-preview> Soon &amp; near </mj-preview></mj-head>\
        <mj-body><mj-section><mj-column><mj-text>Hi</mj-text><mj-button href=\"https://x.example\">Go</mj-button>\
        <mj-carousel><mj-carousel-image src=\"https://x.example/a.png\" /></mj-carousel></mj-column></mj-section>\
        <mj-wrapper padding=\"1px 2px\"><mj-section><mj-group width=\"50%\"><mj-column width=\"20px\" padding=\"3px\">\
        <mj-image width=\"10px\" src=\"a\" /><mj-divider border-width=\"1px\" width=\"5%\" /><mj-spacer height=\"1px\" />\
        <mj-table width=\"9\"><tr><td>x</td></tr></mj-table></mj-column></mj-group></mj-section></mj-wrapper>\
        <mj-hero height=\"9px\" background-height=\"7px\" background-width=\"3px\" width=\"1px\"><mj-text>y</mj-text></mj-hero>\
        <mj-section><mj-column><mj-social icon-size=\"2px\"><mj-social-element name=\"x\" href=\"y\">z</mj-social-element></mj-social>\
        <mj-navbar><mj-navbar-link href=\"n\">n</mj-navbar-link></mj-navbar><mj-accordion><mj-accordion-element>\
        <mj-accordion-title>t</mj-accordion-title><mj-accordion-text>u</mj-accordion-text></mj-accordion-element></mj-accordion>\
        </mj-column></mj-section></mj-body></mjml>";

    #[test]
    fn compilation_is_deterministic_and_fetches_nothing() {
        let first = compile(EMAIL, &[]);
        assert_eq!(first.preview.as_deref(), Some("Soon &amp; near"));
        assert_eq!(first.html, compile(EMAIL, &[]).html);
        let html = first.html.unwrap();
        assert!(!html.contains("Soon") && !html.contains("fonts.googleapis"), "{html}");
        assert!(compile(&EMAIL.replace("Hi", "→> Hi ]]>"), &[]).html.unwrap().contains("→> Hi ]]>"));
        assert!(html.contains(">Hi<") && html.contains("href=\"https://x.example\""), "{html}");
    }

    proptest::proptest! {
        #[test]
        fn damaged_mjml_is_reported_without_a_panic(cuts in proptest::collection::vec((0usize..1600, 0usize..30, "(<|>|/|\"|'|=|&|é| |-|0|%|px|99999999999|\\PC|mj-text|<!--|\\]\\]>){0,4}"), 1..4)) {
            let mut text = EMAIL.to_owned();
            for (at, cut, put) in cuts {
                let boundary = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap();
                let (at, end) = (boundary(at), boundary(at + cut));
                text.replace_range(at..end, &put);
            }
            let compiled = compile(&text, &[]);
            proptest::prop_assert!(compiled.html.is_some() || !compiled.faults.is_empty());
            for fault in compiled.faults {
                proptest::prop_assert!(text.get(fault.place.clone()).is_some(), "{:?}", fault);
            }
        }
    }
}
