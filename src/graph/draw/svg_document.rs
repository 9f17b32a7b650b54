//! Graphs as one standalone SVG document: the style sheet, a heading and the settings of each funnel, a legend, and a text
//! description for screen readers.

use super::geometry::{Layout, text_width};
use super::layout::{layout_with_labels, wrap};
use super::svg::{SVG_STYLE, Subject, draw_graph, draw_shape};
use crate::diagnostic::Language;
use crate::graph::{Graph, Kind, NodeIx, Origin, Words};
use crate::say;
use crate::source::escape_xml;
use std::fmt::Write;
use std::sync::Arc;

/// The outer margin, and the space between two funnels.
const MARGIN: f64 = 16.0;
/// The height of a heading, and the width of a character.
const HEADING_HEIGHT: f64 = 34.0;
const HEADING_CHAR_WIDTH: f64 = 10.0;
/// The height of a line of the settings, the padding around them, and the width of a character.
const SETTING_HEIGHT: f64 = 19.0;
const SETTING_PADDING: f64 = 12.0;
const SETTING_CHAR_WIDTH: f64 = 7.5;
/// The length of a line of the settings, and how many lines one of them may have.
const SETTING_CHARS: usize = 56;
const SETTING_LINES: usize = 4;
/// The height of the legend, and the width of each of its entries.
const LEGEND_HEIGHT: f64 = 44.0;
const LEGEND_WIDTH: f64 = 124.0;
/// How much higher than wide a document with several funnels should be.
const ASPECT: f64 = 1.3;

/// A funnel on its way into the document.
struct Card<'g> {
    graph: &'g Graph,
    words: Words<'g>,
    layout: Layout,
    /// The lines of the settings; a line that begins a setting has the length of what the setting is about.
    settings: Vec<(usize, String)>,
    /// The left top corner.
    at: (f64, f64),
}

/// Renders funnels in one SVG document: one below the other, and in columns if that becomes too high.
#[must_use]
pub fn svg_document(graphs: &[Arc<Graph>], language: Language) -> String {
    let mut cards: Vec<Card<'_>> = graphs.iter().map(|graph| Card::new(graph, language)).collect();
    let (width, bottom) = arrange(&mut cards);
    let (width, height) = (width.max(4.0 * LEGEND_WIDTH + 2.0 * MARGIN), bottom + LEGEND_HEIGHT + MARGIN);
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" \
         xml:lang=\"{}\" role=\"img\" aria-labelledby=\"title desc\" width=\"{width:.0}\" height=\"{height:.0}\" \
         viewBox=\"0 0 {width:.0} {height:.0}\">\n<title id=\"title\">{}</title>\n<desc id=\"desc\">{}</desc>\n\
         <style>{SVG_STYLE}</style>\n<rect class=\"sheet\" width=\"100%\" height=\"100%\"/>\n",
        language.code(),
        escape_xml(&graphs.iter().map(|graph| name(graph)).collect::<Vec<_>>().join(", ")),
        escape_xml(&cards.iter().map(description).collect::<Vec<_>>().join("\n")),
    );
    for card in &cards {
        draw_card(&mut out, card);
    }
    if let Some(card) = cards.first() {
        legend(&mut out, &card.words, bottom);
    }
    out + "</svg>\n"
}

impl<'g> Card<'g> {
    fn new(graph: &'g Graph, language: Language) -> Self {
        let words = Words::new(graph, language);
        let layout = layout_with_labels(graph, &words, |_, label| label);
        let mut settings = Vec::new();
        for setting in words.settings() {
            let about = setting.about.chars().count() + 1;
            let lines = wrap(&format!("{}: {}", setting.about, setting.says), SETTING_CHARS, SETTING_LINES);
            settings.extend(lines.into_iter().enumerate().map(|(n, line)| (if n == 0 { about } else { 0 }, line)));
        }
        Self { graph, words, layout, settings, at: (0.0, 0.0) }
    }

    fn panel(&self) -> (f64, f64) {
        let longest = self.settings.iter().map(|(_, line)| text_width(line, SETTING_CHAR_WIDTH)).fold(0.0, f64::max);
        #[allow(clippy::cast_precision_loss, reason = "a few lines")]
        let lines = self.settings.len() as f64;
        match self.settings.is_empty() {
            true => (0.0, 0.0),
            false => (longest + 2.0 * SETTING_PADDING, lines * SETTING_HEIGHT + 2.0 * SETTING_PADDING),
        }
    }

    fn width(&self) -> f64 {
        let heading = text_width(name(self.graph), HEADING_CHAR_WIDTH);
        self.layout.width.max(self.panel().0).max(heading)
    }

    fn height(&self) -> f64 {
        HEADING_HEIGHT + self.panel().1 + self.layout.height
    }
}

/// Places the cards in columns, in their order. Returns the width of all and the bottom of the longest column.
fn arrange(cards: &mut [Card<'_>]) -> (f64, f64) {
    let area: f64 = cards.iter().map(|card| (card.width() + MARGIN) * (card.height() + MARGIN)).sum();
    let highest = cards.iter().map(Card::height).fold(0.0, f64::max);
    let most = (area * ASPECT).sqrt().max(highest) + MARGIN;
    let (mut left, mut top, mut width, mut bottom) = (MARGIN, MARGIN, 0.0_f64, MARGIN);
    for card in cards {
        if top > MARGIN && top + card.height() > most {
            (left, top, width) = (left + width + 2.0 * MARGIN, MARGIN, 0.0);
        }
        card.at = (left, top);
        width = width.max(card.width());
        top += card.height() + MARGIN;
        bottom = bottom.max(top);
    }
    (left + width + MARGIN, bottom)
}

fn name(graph: &Graph) -> &str {
    graph.title.as_deref().unwrap_or(&graph.funnel)
}

fn draw_card(out: &mut String, card: &Card<'_>) {
    let (left, top) = card.at;
    let name = escape_xml(name(card.graph));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "<text class=\"heading\" x=\"{left:.0}\" y=\"{:.0}\">{name}</text>", top + 17.0);
    let (width, height) = card.panel();
    if height > 0.0 {
        let _ = writeln!(
            out,
            "<rect class=\"panel\" x=\"{left:.0}\" y=\"{:.0}\" width=\"{width:.0}\" height=\"{height:.0}\" rx=\"6\"/>",
            top + HEADING_HEIGHT - 6.0
        );
    }
    let mut y = top + HEADING_HEIGHT - 6.0 + SETTING_PADDING + 13.0;
    for (about, line) in &card.settings {
        let at = line.char_indices().nth(*about).map_or(line.len(), |(at, _)| at);
        let (about, says) = line.split_at(at);
        let about = if about.is_empty() {
            String::new()
        } else {
            format!("<tspan class=\"about\">{}</tspan>", escape_xml(about))
        };
        let _ = writeln!(
            out,
            "<text class=\"setting\" x=\"{:.0}\" y=\"{y:.0}\">{about}{}</text>",
            left + SETTING_PADDING,
            escape_xml(says)
        );
        y += SETTING_HEIGHT;
    }
    let _ =
        writeln!(out, "<g class=\"funnel\" transform=\"translate({left:.0} {:.0})\">", top + HEADING_HEIGHT + height);
    draw_graph(out, &Subject { graph: card.graph, words: &card.words, counts: None }, &card.layout);
    out.push_str("</g>\n");
}

/// Draws the legend of shapes.
fn legend(out: &mut String, words: &Words<'_>, top: f64) {
    out.push_str("<g class=\"legend\">\n");
    let mut x = MARGIN;
    for kind in [Kind::Event, Kind::Condition, Kind::Wait, Kind::Action] {
        let y = top + LEGEND_HEIGHT / 2.0;
        let _ = write!(out, "<g class=\"{}\">", kind.name());
        draw_shape(out, kind, (x + 22.0, y), (40.0, 22.0));
        let said = escape_xml(&words.kind(kind));
        let _ = writeln!(out, "<text x=\"{:.0}\" y=\"{:.0}\">{said}</text></g>", x + 50.0, y + 4.5);
        x += LEGEND_WIDTH;
    }
    out.push_str("</g>\n");
}

/// Describes a graph in sentences: its settings, then the numbered entries and nodes in their order.
fn description(card: &Card<'_>) -> String {
    let Card { graph, words, .. } = card;
    let said = |phrase: &crate::diagnostic::Phrase| phrase.in_language(words.language()).into_owned();
    let arrows = graph.arrows();
    let first = graph.entries.len() + 1;
    let number = |ix: NodeIx| first + ix.0 as usize;
    let ends = || said(&say!("ends"));
    let leads = |from: Origin| {
        let targets = arrows.iter().filter(|arrow| arrow.from == from).map(|arrow| {
            let label = words.label(arrow);
            let label = if label.is_empty() { label } else { format!("{label}: ") };
            let to = arrow.to.map_or_else(ends, |to| said(&say!("goes to {number}", number = number(to))));
            format!("{label}{to}")
        });
        targets.collect::<Vec<_>>().join(", ")
    };
    let mut lines = vec![format!("{}.", said(&say!("funnel {name}", name = name(graph))))];
    lines.extend(words.settings().into_iter().map(|setting| format!("{}: {}.", setting.about, setting.says)));
    let mut line = |number: usize, kind: Kind, text: String, leads: String| {
        let leads = if leads.is_empty() { ends() } else { leads };
        lines.push(format!("{number}. {}: {}; {leads}.", words.kind(kind), text.replace('\n', ", ")));
    };
    for (n, entry) in graph.entries.iter().enumerate() {
        line(n + 1, Kind::Event, words.entry(entry), leads(Origin::Entry(n)));
    }
    for (ix, node) in (0..).map(NodeIx).zip(&graph.nodes) {
        line(number(ix), node.kind, words.node(ix), leads(Origin::Node(ix)));
    }
    lines.join("\n")
}
