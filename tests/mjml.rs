//! What leaves as HTML equals what MJML's own compiler makes of the same MJML.
//!
//! `FUNNELC_MJML` names a folder with more MJML files: they are compared too, and the differences are printed.

use crate::support::program::package;
use funnelc::markup::{Language, Piece, Segment, compile};
use page::{differences, normal_form};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

mod page;

/// The HTML of an MJML email without placeholders.
fn html(mjml: &str) -> String {
    let email = compile(&[Piece::Text(mjml)], Language::Mjml);
    assert!(!email.html.is_empty(), "{:?}", email.faults);
    let segments = email.html.into_iter().map(|segment| match segment {
        Segment::Text(text) => text,
        Segment::Placeholder(..) => panic!("no placeholder was written"),
    });
    segments.collect()
}

/// The HTML of elements in a column.
fn column(inside: &str) -> String {
    html(&format!("<mjml><mj-body><mj-section><mj-column>{inside}</mj-column></mj-section></mj-body></mjml>"))
}

fn has(html: &str, expected: &str) {
    assert!(html.contains(expected), "expected {expected}\nin {html}");
}

#[test]
fn attributes_keep_every_character() {
    let page = column("<mj-text><p style=\"\n  margin: 0;\n\tcolor: red;\n\">x</p></mj-text>");
    has(&page, "<p style=\"\n  margin: 0;\n\tcolor: red;\n\">");
    let page = column("<mj-text><p title='Say \"yes\"'>x</p></mj-text>");
    has(&page, "<p title=\"Say &quot;yes&quot;\">");
    let page = column("<mj-image src=\"a.png\" alt=\"10\u{a0}000 €, l\u{301}, ❤\u{fe0f}, C:\\new, 1 < 2\" />");
    has(&page, "alt=\"10\u{a0}000 €, l\u{301}, ❤\u{fe0f}, C:\\new, 1 < 2\"");
    let page = column(
        "<mj-button href=\"https://x.example/?q=%22&amp;b=it's\" font-family='\"Gill Sans\", Arial'>x</mj-button>",
    );
    has(&page, "href=\"https://x.example/?q=%22&amp;b=it's\"");
    has(&page, "font-family:&quot;Gill Sans&quot;, Arial;");
    let page = column("<mj-raw><td data-x=\"a\r\nb\">x</td></mj-raw>");
    has(&page, "data-x=\"a\r\nb\"");
}

#[test]
fn images_are_as_wide_as_their_column_at_most() {
    let page = |section: &str, image: &str| {
        html(&format!(
            "<mjml><mj-body><mj-section {section}><mj-column><mj-image src=\"a.png\" {image} /></mj-column></mj-section>\
             </mj-body></mjml>"
        ))
    };
    has(&page("", "width=\"900px\""), "width=\"550\"");
    has(&page("padding=\"20px 20px 0 20px\"", "width=\"900px\""), "width=\"510\"");
    has(&page("padding=\"0 30px\"", ""), "width=\"490\"");
    has(&page("padding=\"0\"", "padding=\"0\""), "width=\"600\"");
    has(&page("", "padding-left=\"0\""), "width=\"575\"");
    has(&page("", "width=\"150\""), "width=\"150\"");
    has(&page("border=\"solid 5px red\"", "padding=\"0\""), "width=\"590\"");
    has(&page("full-width=\"false\"", "full-width=\"false\""), "<td style=\"width:550px;\"><img");
}

#[test]
fn an_image_without_description_says_that_it_needs_none() {
    has(&column("<mj-image src=\"a.png\" />"), "<img alt=\"\"");
    has(&column("<mj-social><mj-social-element name=\"web\" /></mj-social>"), "alt=\"\"");
    has(&column("<mj-image src=\"a.png\" alt=\"A chair\" />"), "<img alt=\"A chair\"");
    let default = |attributes: &str, image: &str| {
        html(&format!(
            "<mjml><mj-head><mj-attributes>{attributes}</mj-attributes></mj-head><mj-body><mj-section><mj-column>\
             <mj-image src=\"a.png\" {image}/></mj-column></mj-section></mj-body></mjml>"
        ))
    };
    has(&default("<mj-image alt=\"Lumen\" />", ""), "<img alt=\"Lumen\"");
    has(&default("<mj-all alt=\"Lumen\" />", ""), "<img alt=\"Lumen\"");
    has(&default("<mj-class name=\"a\" alt=\"Lumen\" />", "mj-class=\"a\" "), "<img alt=\"Lumen\"");
    has(&default("<mj-class name=\"a\" alt=\"Lumen\" />", "mj-class=\"b\" "), "<img alt=\"\"");
    let own = column("<mj-text><img src=\"a.png\"></mj-text>");
    assert!(!own.contains("alt="), "{own}");
}

#[test]
fn a_blank_social_element_has_no_text_and_an_empty_link_is_none() {
    let links = |inside: &str, href: &str| {
        let page = column(&format!(
            "<mj-social><mj-social-element name=\"web\" {href}>{inside}</mj-social-element></mj-social>"
        ));
        page.matches("<a ").count()
    };
    assert_eq!(links("\n   ", "href=\"https://x.example\""), 1);
    assert_eq!(links(" ", "href=\"https://x.example\""), 1);
    assert_eq!(links("Us", "href=\"https://x.example\""), 2);
    assert_eq!(links("Us", "href=\"\""), 0);
    assert!(!column("<mj-image src=\"a.png\" href=\"\" />").contains("<a "));
}

#[test]
fn the_first_of_two_equal_attributes_counts_and_the_last_class() {
    has(&column("<mj-text color=\"#111111\" COLOR=\"#222222\" color='#333333'>x</mj-text>"), "color:#111111;");
    has(&column("<mj-text><p title=\"a\" title=\"b\">x</p></mj-text>"), "<p title=\"a\">");
    let page = html(
        "<mjml><mj-head><mj-attributes><mj-class name=\"a\" color=\"#111111\" css-class=\"one\" />\
         <mj-class name=\"b\" color=\"#222222\" css-class=\"two\" /></mj-attributes></mj-head><mj-body><mj-section>\
         <mj-column><mj-text mj-class=\"a b\">x</mj-text></mj-column></mj-section></mj-body></mjml>",
    );
    has(&page, "color:#222222;");
    has(&page, "class=\"one two\"");
}

#[test]
fn short_colors_are_written_out() {
    let page = column("<mj-text color=\"#abc\">x</mj-text><mj-button background-color=\"#F00\">y</mj-button>");
    has(&page, "color:#aabbcc;");
    has(&page, "bgcolor=\"#FF0000\"");
}

#[test]
fn inlined_styles_become_part_of_the_elements() {
    let page = |style: &str, inside: &str| {
        html(&format!(
            "<mjml><mj-head>{style}</mj-head><mj-body><mj-section css-class=\"box\"><mj-column><mj-text>{inside}</mj-text>\
             </mj-column></mj-section></mj-body></mjml>"
        ))
    };
    let inline = |css: &str| format!("<mj-style inline=\"inline\">{css}</mj-style>");
    let two = page(
        &(inline("a { color: red }") + &inline(".box { opacity: 0.5 } a:hover { color: blue }")),
        "<a href=\"x\">y</a>",
    );
    has(&two, "<a style=\"color: red;\" href=\"x\">");
    has(&two, "<div class=\"box\" style=\"opacity: 0.5; margin: 0px auto;");
    assert!(!two.contains("a { color") && !two.contains("hover"), "{two}");
    let plain = page("<mj-style>a { color: red }</mj-style>", "<a href=\"x\">y</a>");
    has(&plain, "a { color: red }");
    // The values of placeholders and signs in rules stay what they are.
    has(
        &page(&inline("p > b { color: #123; background: url(a.png?b=1&c=2) }"), "<p><b>x</b></p>"),
        "<b style=\"color: #123; background: url(a.png?b=1&amp;c=2);\">",
    );
    let unknown = compile(
        &[Piece::Text(
            "<mjml><mj-head><mj-style inline=\"inline\">p { a: b } p:nth-child(2) { c: d } @media print { p { e: f } }</mj-style></mj-head><mj-body></mj-body></mjml>",
        )],
        Language::Mjml,
    );
    let messages: Vec<String> = unknown.faults.iter().map(|fault| format!("{fault:?}")).collect();
    assert_eq!(messages.len(), 2, "{messages:?}");
    assert!(messages[0].contains("`@media print`") || messages[1].contains("`@media print`"), "{messages:?}");
    assert!(!unknown.html.is_empty());
}

#[test]
fn a_carousel_keeps_its_arrows() {
    let page =
        column("<mj-carousel><mj-carousel-image src=\"a.png\" /><mj-carousel-image src=\"b.png\" /></mj-carousel>");
    has(&page, "@media screen yahoo {");
    assert!(!page.contains("screen, yahoo"));
}

/// The folder of MJML's own compiler; `None` when it is not installed.
fn peer() -> Option<PathBuf> {
    let modules = package("target/peers/node_modules");
    if modules.join("mjml").exists() {
        return Some(modules);
    }
    let required =
        std::env::var_os("FUNNELC_REQUIRE_PEERS").is_some() && Command::new("npm").arg("-v").output().is_ok();
    assert!(!required, "MJML's own compiler is not in {}", modules.display());
    eprintln!("skipped: MJML's own compiler is not in {}, see CONTRIBUTING.md", modules.display());
    None
}

/// The MJML files of a folder.
fn templates(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.extension().is_some_and(|e| e == "mjml")).collect();
    files.sort();
    files
}

/// What differs between our HTML and that of MJML's own compiler, for each file that it compiles.
fn compare(modules: &Path, files: &[PathBuf]) -> Vec<(PathBuf, Vec<String>)> {
    let output = Command::new("node").arg(package("tests/mjml/compile.mjs")).arg(modules).args(files).output();
    let output = output.expect("node runs where its modules are");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let pages: Vec<Option<String>> = serde_json::from_slice(&output.stdout).unwrap();
    let compared = files.iter().zip(pages).filter_map(|(file, theirs)| {
        let text = fs::read_to_string(file).unwrap();
        let email = compile(&[Piece::Text(&text)], Language::Mjml);
        let [Segment::Text(ours)] = email.html.as_slice() else {
            return Some((file.clone(), vec![format!("not compiled: {:?}", email.faults)]));
        };
        Some((file.clone(), differences(&normal_form(&theirs?), &normal_form(ours))))
    });
    compared.collect()
}

#[test]
fn mjml_itself_makes_the_same_page() {
    let Some(modules) = peer() else { return };
    if let Some(folder) = std::env::var_os("FUNNELC_MJML") {
        for (file, differences) in compare(&modules, &templates(Path::new(&folder))) {
            eprintln!("{}: {} differences", file.display(), differences.len());
            differences.iter().for_each(|line| eprintln!("  {line}"));
        }
    }
    let compared = compare(&modules, &templates(&package("tests/mjml")));
    assert!(compared.len() > 5);
    let differ = compared.iter().filter(|(_, differences)| !differences.is_empty());
    let shown = differ.map(|(file, differences)| format!("{}\n{}\n", file.display(), differences.join("\n")));
    assert_eq!(shown.collect::<String>(), "");
}
