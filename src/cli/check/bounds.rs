//! `check --bounds`: the maximum number of messages per client. In: bounds and sources. Out: tables as text, or lines of
//! JSON.

use crate::Compiled;
use crate::analysis::bound::{
    self, Bound, Bounds, ChannelBounds, Count, FunnelBounds, PathCost, RunCost, SentMessage, arithmetic,
};
use crate::cli::load::Unit;
use crate::diagnostic::{Language, Phrase};
use crate::say;
use crate::source::{Sources, Span};
use crate::value::{Duration, Money};
use serde_json::{Value as Json, json};

/// Computes the bounds of the selected funnels, and those of the project over all its funnels.
pub(super) fn compute(unit: &Unit, compiled: &Compiled) -> Bounds {
    let mut bounds = bound::bounds(&compiled.program, &compiled.graphs, &unit.workspace.project.context);
    let named = |funnel: &FunnelBounds| {
        let mut graphs = compiled.graphs.iter().filter(|graph| graph.funnel == funnel.funnel);
        graphs.any(|graph| graph.entries.iter().all(|entry| unit.is_named(entry.span.file)))
    };
    bounds.funnels.retain(named);
    bounds
}

/// Returns a table for each funnel, and one for all of them if there are several.
pub(super) fn text(sources: &Sources, bounds: &Bounds, language: Language) -> String {
    let table = Table { sources, language };
    let mut out = String::new();
    for funnel in &bounds.funnels {
        out += &format!("{}\n", funnel.funnel);
        table.rows(&mut out, &funnel.channels);
        if let Some(cost) = &funnel.cost {
            table.cost(&mut out, cost);
        }
        out.push('\n');
    }
    if bounds.funnels.len() > 1 {
        out += &format!("{}\n", say!("all funnels together").in_language(language));
        table.rows(&mut out, &bounds.project);
        out.push('\n');
    }
    out
}

/// The widths of the first two columns.
const TITLE_WIDTH: usize = 13;
const FIGURE_WIDTH: usize = 12;

struct Table<'a> {
    sources: &'a Sources,
    language: Language,
}

impl Table<'_> {
    /// Writes the rows of each channel, and the total if there are several channels.
    fn rows(&self, out: &mut String, rows: &[ChannelBounds]) {
        let one = rows.iter().filter(|row| row.channel.is_some()).count() == 1;
        for row in rows.iter().filter(|row| row.channel.is_some() || !one) {
            let what = row.channel.clone().map_or_else(|| say!("in total"), Phrase::verbatim);
            let mut shown: Vec<(&str, u64)> = Vec::new();
            if let Some(run) = &row.run {
                self.figure(out, &say!("per run"), &what, run);
                self.path(out, &run.path);
                shown = elements(&run.path);
                if let Some(count) = row.with_child_runs {
                    let count = number(count);
                    self.line(
                        out,
                        &say!("+ started"),
                        &say!("{count} {what}", count, what),
                        &say!("including the runs that it starts"),
                    );
                }
            }
            for window in &row.windows {
                let bound = &window.bound;
                self.figure(out, &Phrase::verbatim(window.window.to_string()), &what, bound);
                // The same path again would add nothing.
                if row.run.is_some() && elements(&bound.path) != shown {
                    self.path(out, &bound.path);
                    shown = elements(&bound.path);
                }
            }
        }
    }

    fn figure(&self, out: &mut String, title: &Phrase, what: &Phrase, bound: &Bound) {
        let count = number(bound.most);
        self.line(out, title, &say!("{count} {what}", count, what), &arithmetic(bound));
    }

    fn path(&self, out: &mut String, path: &[SentMessage]) {
        for sent in path {
            let times = if sent.times > 1 { format!("{} × ", sent.times) } else { String::new() };
            let after = match sent.after_ms {
                Some(after) if after >= 60_000 => {
                    let after = Duration::exact(after / 60_000 * 60_000).to_string();
                    format!("  {}", say!("after {after}", after).in_language(self.language))
                }
                Some(_) | None => String::new(),
            };
            let place = location(self.sources, sent.span);
            *out += &format!("      {times}{}  {place}{after}\n", shorten(&sent.text));
        }
    }

    fn cost(&self, out: &mut String, cost: &RunCost) {
        let amount = |bill: &PathCost| match &bill.amount {
            Some(money) => Phrase::verbatim(format_amount(money)),
            None => say!("unlimited"),
        };
        self.line(out, &say!("lowest cost"), &amount(&cost.lowest), &Phrase::verbatim(""));
        self.path(out, &cost.lowest.path);
        self.line(out, &say!("highest cost"), &amount(&cost.highest), &Phrase::verbatim(""));
        self.path(out, &cost.highest.path);
    }

    fn line(&self, out: &mut String, title: &Phrase, figure: &Phrase, how: &Phrase) {
        let [title, figure, how] = [title, figure, how].map(|phrase| phrase.in_language(self.language));
        let width = TITLE_WIDTH.max(title.chars().count() + 1);
        let line = format!("  {title:width$}{figure:FIGURE_WIDTH$}  {how}");
        *out += line.trim_end();
        out.push('\n');
    }
}

/// Returns the messages of a path and how often each is sent.
fn elements(path: &[SentMessage]) -> Vec<(&str, u64)> {
    path.iter().map(|sent| (sent.element.as_str(), sent.times)).collect()
}

/// Formats an amount without trailing zeros.
fn format_amount(money: &Money) -> String {
    format!("{} {}", money.amount.normalize(), money.currency)
}

fn number(count: Count) -> Phrase {
    match count {
        Count::Finite(count) => Phrase::verbatim(count.to_string()),
        Count::Unbounded => say!("unlimited:"),
    }
}

/// Truncates the text of a step.
fn shorten(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        text.to_owned()
    } else {
        text.chars().take(MOST - 2).chain("..".chars()).collect()
    }
}

fn location(sources: &Sources, span: Span) -> String {
    let place = sources.get(span.file).map(|file| {
        let at = file.lines.position(&file.text, span.start as usize);
        format!("{}:{}:{}", file.name, at.line, at.column)
    });
    place.unwrap_or_default()
}

/// Returns one JSON object per funnel, then one for the project.
pub(super) fn json_lines(sources: &Sources, bounds: &Bounds) -> String {
    let rows = |rows: &[ChannelBounds]| rows.iter().map(|row| row_json(sources, row)).collect::<Vec<Json>>();
    let funnels = bounds.funnels.iter().map(|funnel| {
        let cost = funnel.cost.as_ref().map(|cost| {
            let bill = |bill: &PathCost| json!({ "amount": bill.amount.as_ref().map(format_amount), "path": path_json(sources, &bill.path) });
            json!({ "lowest": bill(&cost.lowest), "highest": bill(&cost.highest) })
        });
        json!({ "bounds": "funnel", "funnel": funnel.funnel, "channels": rows(&funnel.channels), "cost": cost })
    });
    let project = json!({ "bounds": "project", "channels": rows(&bounds.project) });
    funnels.chain([project]).map(|line| line.to_string() + "\n").collect()
}

fn row_json(sources: &Sources, row: &ChannelBounds) -> Json {
    let windows = row.windows.iter().map(|window| (window.window.to_string(), figure_json(sources, &window.bound)));
    json!({
        "channel": row.channel,
        "run": row.run.as_ref().map(|run| figure_json(sources, run)),
        "with_child_runs": row.with_child_runs,
        "per": windows.collect::<serde_json::Map<_, _>>(),
    })
}

fn figure_json(sources: &Sources, bound: &Bound) -> Json {
    json!({
        "max": bound.most,
        "unbounded": bound.most == Count::Unbounded,
        "sum": &*arithmetic(bound),
        "parts": bound.parts,
        "limits": bound.limits,
        "path": path_json(sources, &bound.path),
    })
}

fn path_json(sources: &Sources, path: &[SentMessage]) -> Vec<Json> {
    let sent = |sent: &SentMessage| {
        let file = sources.get(sent.span.file);
        let at = |offset: u32| {
            let place = file.map(|file| file.lines.position(&file.text, offset as usize));
            place.map(|place| json!({ "line": place.line, "column": place.column, "offset": offset }))
        };
        json!({
            "funnel": sent.funnel,
            "element": sent.element,
            "text": sent.text,
            "times": sent.times,
            "after_ms": sent.after_ms,
            "file": file.map(|file| &file.name),
            "range": { "start": at(sent.span.start), "end": at(sent.span.end) },
        })
    };
    path.iter().map(sent).collect()
}
