//! Links the fonts of `mj-font` that an email uses, as MJML does: those that occur in a `font-family` of any attribute.

use crate::markup::tag::{Token, tokens};

/// A font that an email names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Font {
    /// Its name.
    pub(super) name: String,
    /// The address of its style sheet.
    pub(super) href: String,
}

/// What follows the fonts in the head.
const WIDTHS: &str = "<style type=\"text/css\">@media only screen and (min-width:";

/// Adds links to the used fonts to the head.
pub(super) fn link(html: String, fonts: &[Font]) -> String {
    let families: Vec<String> = tokens(&html)
        .into_iter()
        .filter_map(|token| match token {
            Token::Tag(tag) => Some(tag.attributes),
            Token::Text(_) | Token::Raw(..) | Token::Declaration(_) => None,
        })
        .flatten()
        .filter_map(|attribute| {
            let value = html.get(attribute.value)?.to_lowercase();
            let (_, families) = value.split_once("font-family:")?;
            Some(families.to_owned())
        })
        .collect();
    let used = |font: &&Font| families.iter().any(|families| families.contains(&font.name.to_lowercase()));
    let used: Vec<&Font> = fonts.iter().filter(used).collect();
    let place = html.find(WIDTHS).or_else(|| html.find("</head>")).filter(|_| !used.is_empty());
    let Some((head, rest)) = place.and_then(|place| html.split_at_checked(place)) else { return html };
    let links = used.iter().map(|font| format!("<link href=\"{}\" rel=\"stylesheet\" type=\"text/css\">", font.href));
    let imports = used.iter().map(|font| format!("@import url({});", font.href));
    format!(
        "{head}<!--[if !mso]><!-->{}<style type=\"text/css\">{}</style><!--<![endif]-->{rest}",
        links.collect::<String>(),
        imports.collect::<String>()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_used_fonts_are_linked() {
        let font = |name: &str| Font { name: name.to_owned(), href: format!("https://x.example/{name}") };
        let fonts = [font("Inter"), font("Abel"), font("Lato")];
        let html = "<head></head><p style=\"color:red;font-family:'Lato', x\">Abel</p><i style='FONT-FAMILY:inter'>";
        let linked = link(html.to_owned(), &fonts);
        assert!(linked.starts_with(
            "<head><!--[if !mso]><!--><link href=\"https://x.example/Inter\" rel=\"stylesheet\" type=\"text/css\">\
             <link href=\"https://x.example/Lato\" rel=\"stylesheet\" type=\"text/css\"><style type=\"text/css\">\
             @import url(https://x.example/Inter);@import url(https://x.example/Lato);</style><!--<![endif]--></head>"
        ));
        assert_eq!(link(html.to_owned(), &fonts[1..2]), html);
    }
}
