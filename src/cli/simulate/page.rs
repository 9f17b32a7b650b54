//! A report as one page that needs nothing else: no other file, no network, no script to be read. In: a report. Out: HTML.

use super::report::{MOST_CLIENTS, Report, Shown};
use super::timeline::timeline;
use crate::cli::count::count;
use crate::engine::Passages;
use crate::graph::{Counts, End, Graph, SVG_STYLE, svg};
use crate::simulate::Summary;
use crate::source::escape_xml;
use crate::value::Zone;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The hash of [`SCRIPT`], by which it and no other script may run in the page.
const SCRIPT_HASH: &str = "sha256-+r1NMwT9M6ccCrG4IVAQXS3Kzo5R5MY2df7fZKO3rHU=";

/// How many letters of an element's text stand in a table.
const LONGEST: usize = 120;

/// What a page is about.
pub(super) struct Subject<'a> {
    /// The name of the project, or of the file.
    pub(super) title: &'a str,
    /// The funnels, in order.
    pub(super) graphs: Vec<&'a Graph>,
    /// How often their arrows were passed.
    pub(super) passages: &'a Passages,
    /// How the simulation ended.
    pub(super) summary: &'a Summary,
    /// How many events were refused.
    pub(super) refused: u64,
    /// The project's zone.
    pub(super) zone: Zone,
}

/// Writes the page.
pub(super) fn page(subject: &Subject<'_>, report: &Report) -> String {
    let title = escape_xml(subject.title);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <title>{title}: simulation</title>\n<style>\n{STYLE}{SVG_STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    header(&mut out, &title, subject, report);
    for graph in &subject.graphs {
        funnel(&mut out, graph, &subject.passages.of(&graph.funnel).counts(graph));
    }
    not_sent(&mut out, report);
    clients(&mut out, report);
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

fn header(out: &mut String, title: &str, subject: &Subject<'_>, report: &Report) {
    let _ = writeln!(out, "<header>\n<h1>{title}</h1>");
    if let Some((from, to)) = report.period {
        let day = |at| subject.zone.civil(at).date;
        let _ = writeln!(out, "<p>What would have happened from {} to {}. Nothing was sent.</p>", day(from), day(to));
    } else {
        let _ = writeln!(out, "<p>Nothing would have happened.</p>");
    }
    let summary = subject.summary;
    let mut tiles = vec![
        (summary.events, "events".to_owned()),
        (report.clients() as u64, "clients in funnels".to_owned()),
        (summary.runs, "runs".to_owned()),
        (summary.inside, "still inside".to_owned()),
    ];
    tiles.extend(report.sent.iter().map(|(channel, count)| (*count, format!("sent by {}", channel_name(channel)))));
    let unsent: u64 = report.not_sent.values().sum();
    tiles.extend([(unsent, "not sent".to_owned()), (subject.refused, "events refused".to_owned())]);
    tiles.extend(report.done.iter().map(|(what, count)| (*count, (*what).to_owned())));
    let _ = writeln!(out, "<dl class=\"tiles\">");
    for (number, what) in tiles.iter().filter(|(number, what)| *number > 0 || what == "events") {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{number}</dd></div>", escape_xml(what));
    }
    let _ = writeln!(out, "</dl>\n</header>");
}

fn funnel(out: &mut String, graph: &Graph, counts: &Counts) {
    let name = escape_xml(&graph.funnel);
    let title = graph.title.as_ref().map_or_else(|| name.clone(), |title| escape_xml(title));
    let _ = writeln!(out, "<section>\n<h2>{title}</h2>");
    if graph.title.is_some() {
        let _ = writeln!(out, "<p class=\"quiet\">{name}</p>");
    }
    let _ = writeln!(out, "<div class=\"drawing\" tabindex=\"0\">\n{}</div>", svg(graph, Some(counts)));
    let _ = writeln!(out, "<details class=\"table\"><summary>The same as a table</summary>\n<table>");
    let _ = writeln!(out, "<tr><th>element</th><th>kind</th><th>reached</th><th>ways out of it</th></tr>");
    let arrows = graph.arrows();
    let ways = |end: End| {
        let own = arrows.iter().zip(&counts.arrows).filter(|(arrow, _)| arrow.from == end);
        let ways = own.filter(|(arrow, _)| !arrow.label.is_empty());
        ways.map(|(arrow, count)| format!("{}: {count}", escape_xml(&arrow.label))).collect::<Vec<_>>().join(", ")
    };
    for (n, (entry, count)) in graph.entries.iter().zip(&counts.entries).enumerate() {
        element(out, &entry.text, "event", *count, &ways(End::Entry(n)));
    }
    for ((n, node), count) in (0..).map(crate::graph::NodeIx).zip(&graph.nodes).zip(&counts.nodes) {
        element(out, &node.text, node.kind.name(), *count, &ways(End::Node(n)));
    }
    let _ = writeln!(out, "</table></details>\n</section>");
}

fn element(out: &mut String, text: &str, kind: &str, count: u64, ways: &str) {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    let _ = writeln!(
        out,
        "<tr><td>{}</td><td>{kind}</td><td class=\"number\">{count}</td><td>{ways}</td></tr>",
        escape_xml(&short)
    );
}

fn not_sent(out: &mut String, report: &Report) {
    if report.not_sent.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>Not sent</h2>\n<table>\n<tr><th>by</th><th>why</th><th>messages</th></tr>");
    for ((channel, reason), count) in &report.not_sent {
        let _ = writeln!(
            out,
            "<tr><td>{}</td><td>{}</td><td class=\"number\">{count}</td></tr>",
            escape_xml(channel_name(channel)),
            escape_xml(reason)
        );
    }
    let _ = writeln!(out, "</table>\n</section>");
}

fn clients(out: &mut String, report: &Report) {
    if report.shown.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>Clients</h2>");
    if report.clients() > report.shown.len() {
        let _ = writeln!(
            out,
            "<p class=\"quiet\">The first {MOST_CLIENTS} of {} are shown; the counts above are of all.</p>",
            report.clients()
        );
    }
    let _ = writeln!(
        out,
        "<p><input id=\"filter\" type=\"search\" hidden aria-label=\"Show clients with\" placeholder=\"Show clients with ..\"></p>"
    );
    for (n, shown) in report.shown.iter().enumerate() {
        client(out, report, shown, n < 3);
    }
    let _ = writeln!(out, "</section>");
}

fn client(out: &mut String, report: &Report, shown: &Shown, open: bool) {
    let id = escape_xml(&shown.client);
    let name = report.name_of(&shown.client).map(escape_xml);
    let words = format!("{id} {}", name.as_deref().unwrap_or("")).to_lowercase();
    let open = if open { " open" } else { "" };
    let lines = count(shown.lines.len() as u64 + shown.more, "line");
    let _ = write!(out, "<details class=\"client\" data-words=\"{words}\"{open}>\n<summary><b>");
    let _ = match name {
        Some(name) => write!(out, "{name}</b> <span class=\"quiet\">{id}, {lines}</span>"),
        None => write!(out, "{id}</b> <span class=\"quiet\">{lines}</span>"),
    };
    let _ = writeln!(out, "</summary>");
    timeline(out, report, shown);
    if shown.more > 0 {
        let _ = writeln!(out, "<p class=\"quiet\">and {} more</p>", count(shown.more, "line"));
    }
    let _ = writeln!(out, "</details>");
}

/// The name of a channel for people.
pub(super) fn channel_name(channel: &str) -> &str {
    match channel {
        "sms" => "SMS",
        "telegram" => "Telegram",
        "whatsapp" => "WhatsApp",
        other => other,
    }
}
