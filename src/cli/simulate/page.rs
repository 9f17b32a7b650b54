//! The HTML report of a simulation: one page that needs no other file, no network and no foreign script. In: a report.
//! Out: HTML.

use super::report::{Fault, MOST_CLIENTS, Report, Shown};
use super::timeline::timeline;
use super::variants;
use crate::cli::count::{self, lines};
use crate::cli::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::engine::EdgeCounts;
use crate::graph::{Counts, Graph, Kind, NodeIx, Origin, SVG_STYLE, SettingWords, Words, svg};
use crate::say;
use crate::simulate::{SplitResult, Summary};
use crate::source::escape_xml;
use crate::value::Zone;
use std::fmt::Write;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// The hash of [`SCRIPT`], the only script that the page's policy allows.
const SCRIPT_HASH: &str = "sha256-SlZSvaFnqIHAyRqvafUIw/Y20am3tzZz5bxU9FifO/k=";

/// How many characters of an element's text a table shows.
const LONGEST: usize = 120;

/// What a page is about.
pub(super) struct Subject<'a> {
    /// The name of the project, or of its first funnel.
    pub(super) title: Option<&'a str>,
    /// The funnels, in order.
    pub(super) graphs: Vec<&'a Graph>,
    /// How many clients took each arrow of the funnels.
    pub(super) edge_counts: &'a EdgeCounts,
    /// The totals of the simulation.
    pub(super) summary: &'a Summary,
    /// How many events were rejected.
    pub(super) rejected: u64,
    /// How many values were left out of accepted events.
    pub(super) left_out: u64,
    /// The project's time zone.
    pub(super) zone: Zone,
    /// The language of the page.
    pub(super) language: Language,
}

/// Renders the page.
pub(super) fn page(subject: &Subject<'_>, report: &Report) -> String {
    let language = subject.language;
    let title = subject.title.map_or_else(|| capitalized(&say!("funnels"), language), escape_xml);
    let code = language.code();
    let simulation = html(&say!("simulation"), language);
    let mut out = format!(
        "<!DOCTYPE html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; \
         img-src data:; script-src '{SCRIPT_HASH}'; base-uri 'none'; form-action 'none'\">\n\
         <title>{title}: {simulation}</title>\n<style>\n{STYLE}{SVG_STYLE}</style>\n</head>\n<body>\n<main>\n"
    );
    header(&mut out, &title, subject, report);
    index(&mut out, subject);
    for (n, graph) in subject.graphs.iter().enumerate() {
        let counts = subject.edge_counts.of(&graph.funnel).counts(graph);
        let _ = writeln!(out, "<section id=\"funnel-{n}\">");
        funnel(&mut out, graph, &counts, report.variants.results(), language);
    }
    not_sent(&mut out, report, language);
    faults(&mut out, report, language);
    clients(&mut out, report, language);
    let _ = write!(out, "</main>\n<script>{SCRIPT}</script>\n</body>\n</html>\n");
    out
}

/// Returns a phrase in a language with a capital letter, escaped for HTML.
pub(super) fn capitalized(phrase: &Phrase, language: Language) -> String {
    let text = phrase.in_language(language);
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    escape_xml(&(first + chars.as_str()))
}

/// Returns a phrase in a language, escaped for HTML.
pub(super) fn html(phrase: &Phrase, language: Language) -> String {
    escape_xml(&phrase.in_language(language))
}

fn header(out: &mut String, title: &str, subject: &Subject<'_>, report: &Report) {
    let language = subject.language;
    let _ = writeln!(out, "<header>\n<h1>{title}</h1>");
    let intro = match report.period {
        Some((from, to)) => {
            let day = |at| subject.zone.civil(at).date.to_string();
            vec![
                say!("what would have happened from {from} to {to}", from = day(from), to = day(to)),
                say!("nothing was sent"),
            ]
        }
        None => vec![say!("nothing would have happened")],
    };
    let intro: Vec<_> = intro.iter().map(|phrase| capitalized(phrase, language) + ".").collect();
    let _ = writeln!(out, "<p>{}</p>", intro.join(" "));
    let summary = subject.summary;
    let mut tiles = vec![
        (say!("clients in funnels"), report.clients() as u64),
        (say!("runs"), summary.runs),
        (say!("active runs"), summary.inside),
    ];
    let sent = report.sent.iter();
    tiles.extend(sent.map(|(channel, count)| (say!("sent by {channel}", channel = channel_name(channel)), *count)));
    tiles.push((say!("not sent"), report.not_sent.values().sum()));
    tiles.push((say!("events rejected"), subject.rejected));
    tiles.push((say!("values left out"), subject.left_out));
    tiles.extend(report.done.iter().map(|(what, count)| (what.phrase(), *count)));
    tiles.retain(|(_, count)| *count > 0);
    let _ = writeln!(out, "<dl class=\"tiles\">");
    for (what, count) in [(say!("events"), summary.events)].iter().chain(&tiles) {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{count}</dd></div>", html(what, language));
    }
    let _ = writeln!(out, "</dl>\n</header>");
}

/// Links to the funnels, if there are several.
fn index(out: &mut String, subject: &Subject<'_>) {
    if subject.graphs.len() < 2 {
        return;
    }
    let label = capitalized(&say!("funnels"), subject.language);
    let _ = writeln!(out, "<nav aria-label=\"{label}\">\n<ul>");
    for (n, graph) in subject.graphs.iter().enumerate() {
        let runs: u64 = subject.edge_counts.of(&graph.funnel).counts(graph).entries.iter().sum();
        let name = escape_xml(graph.title.as_deref().unwrap_or(&graph.funnel));
        let _ = writeln!(
            out,
            "<li><a href=\"#funnel-{n}\">{name}</a> <span class=\"quiet\">{}</span></li>",
            html(&count::runs(runs), subject.language)
        );
    }
    let _ = writeln!(out, "</ul>\n</nav>");
}

/// What applies to the whole funnel.
fn settings(out: &mut String, words: &Words<'_>) {
    let settings = words.settings();
    if settings.is_empty() {
        return;
    }
    let _ = writeln!(out, "<dl class=\"settings\">");
    for SettingWords { about, says } in settings {
        let _ = writeln!(out, "<div><dt>{}</dt><dd>{}</dd></div>", escape_xml(&about), escape_xml(&says));
    }
    let _ = writeln!(out, "</dl>");
}

fn funnel(out: &mut String, graph: &Graph, counts: &Counts, splits: &[SplitResult], language: Language) {
    let name = escape_xml(&graph.funnel);
    let title = graph.title.as_ref().map_or_else(|| name.clone(), |title| escape_xml(title));
    let _ = writeln!(out, "<h2>{title}</h2>");
    if graph.title.is_some() {
        let _ = writeln!(out, "<p class=\"quiet\">{name}</p>");
    }
    let words = Words::new(graph, language);
    settings(out, &words);
    let _ = writeln!(out, "<div class=\"drawing\" tabindex=\"0\">\n{}</div>", svg(graph, Some(counts), language));
    variants::section(out, splits, &graph.funnel, language);
    let summary = capitalized(&say!("show as a table"), language);
    let _ = writeln!(out, "<details class=\"table\"><summary>{summary}</summary>\n<table>");
    head(out, &[say!("element"), say!("kind"), say!("reached"), say!("outgoing arrows")], language);
    let arrows = graph.arrows();
    let outgoing = |end: Origin| {
        let own = arrows.iter().zip(&counts.arrows).filter(|(arrow, _)| arrow.from == end);
        let own = own.filter(|(arrow, _)| !arrow.label.is_empty());
        own.map(|(arrow, count)| format!("{}: {count}", escape_xml(&words.label(arrow)))).collect::<Vec<_>>().join(", ")
    };
    for (n, (entry, count)) in graph.entries.iter().zip(&counts.entries).enumerate() {
        let kind = words.kind(Kind::Event);
        element(out, &words.entry(entry), &entry.text, &kind, *count, &outgoing(Origin::Entry(n)));
    }
    for ((n, node), count) in (0..).map(NodeIx).zip(&graph.nodes).zip(&counts.nodes) {
        let kind = words.kind(node.kind);
        element(out, &words.node(n), &node.text, &kind, *count, &outgoing(Origin::Node(n)));
    }
    let _ = writeln!(out, "</table></details>\n</section>");
}

/// Writes the heading row of a table.
pub(super) fn head(out: &mut String, columns: &[Phrase], language: Language) {
    let cells: String = columns.iter().map(|column| format!("<th>{}</th>", html(column, language))).collect();
    let _ = writeln!(out, "<tr>{cells}</tr>");
}

/// Writes the row of an element: in words, and as it is written.
fn element(out: &mut String, words: &str, source: &str, kind: &str, count: u64, outgoing: &str) {
    let _ = writeln!(
        out,
        "<tr><td>{}<br><code>{}</code></td><td>{kind}</td><td class=\"number\">{count}</td><td>{outgoing}</td></tr>",
        escape_xml(&shortened(&words.replace('\n', ", "))),
        escape_xml(&shortened(source))
    );
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(LONGEST).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

fn not_sent(out: &mut String, report: &Report, language: Language) {
    if report.not_sent.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<table>", capitalized(&say!("not sent"), language));
    head(out, &[say!("channel"), say!("reason"), say!("messages")], language);
    for ((channel, reason), count) in &report.not_sent {
        let (channel, reason) = (escape_xml(channel_name(channel)), escape_xml(&output(reason, language)));
        let _ = writeln!(out, "<tr><td>{channel}</td><td>{reason}</td><td class=\"number\">{count}</td></tr>");
    }
    let _ = writeln!(out, "</table>\n</section>");
}

fn faults(out: &mut String, report: &Report, language: Language) {
    if report.faults.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>{}</h2>\n<table>", capitalized(&say!("rejected or left out"), language));
    head(out, &[say!("line"), say!("result"), say!("reason")], language);
    for Fault { line, partial, message } in &report.faults {
        let line = line.map(|line| line.to_string()).unwrap_or_default();
        let result = if *partial { say!("value left out") } else { say!("event rejected") };
        let (result, message) = (html(&result, language), html(message, language));
        let _ = writeln!(out, "<tr><td class=\"number\">{line}</td><td>{result}</td><td>{message}</td></tr>");
    }
    let _ = writeln!(out, "</table>");
    if report.more_faults > 0 {
        let more = say!("and {lines} more", lines = lines(report.more_faults));
        let _ = writeln!(out, "<p class=\"quiet\">{}</p>", html(&more, language));
    }
    let _ = writeln!(out, "</section>");
}

fn clients(out: &mut String, report: &Report, language: Language) {
    if report.shown.is_empty() {
        return;
    }
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", capitalized(&say!("clients"), language));
    if report.clients() > report.shown.len() {
        let note = say!(
            "the first {shown} of {count} are shown; the counts above are of all",
            shown = MOST_CLIENTS,
            count = report.clients()
        );
        let _ = writeln!(out, "<p class=\"quiet\">{}.</p>", capitalized(&note, language));
    }
    let filter = capitalized(&say!("show clients with"), language);
    let _ = writeln!(
        out,
        "<p><input id=\"filter\" type=\"search\" hidden aria-label=\"{filter}\" placeholder=\"{filter} ..\"></p>"
    );
    for (n, shown) in report.shown.iter().enumerate() {
        client(out, report, shown, n < 3, language);
    }
    let _ = writeln!(out, "</section>");
}

fn client(out: &mut String, report: &Report, shown: &Shown, open: bool, language: Language) {
    let id = escape_xml(&shown.client);
    let name = report.name_of(&shown.client).map(escape_xml);
    let words = format!("{id} {}", name.as_deref().unwrap_or("")).to_lowercase();
    let open = if open { " open" } else { "" };
    let count = html(&lines(shown.lines.len() as u64 + shown.more), language);
    let _ = write!(out, "<details class=\"client\" data-words=\"{words}\"{open}>\n<summary><b>");
    let _ = match name {
        Some(name) => write!(out, "{name}</b> <span class=\"quiet\">{id}, {count}</span>"),
        None => write!(out, "{id}</b> <span class=\"quiet\">{count}</span>"),
    };
    let _ = writeln!(out, "</summary>");
    timeline(out, report, shown, language);
    if shown.more > 0 {
        let more = say!("and {lines} more", lines = lines(shown.more));
        let _ = writeln!(out, "<p class=\"quiet\">{}</p>", html(&more, language));
    }
    let _ = writeln!(out, "</details>");
}

/// The display name of a channel.
pub(super) fn channel_name(channel: &str) -> &str {
    match channel {
        "sms" => "SMS",
        "telegram" => "Telegram",
        "whatsapp" => "WhatsApp",
        other => other,
    }
}
