//! The results of splits for people and programs. In: counts by path. Out: a table as text, JSON lines, or HTML.

use super::page::{capitalized, head, html};
use crate::cli::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::say;
use crate::simulate::{PathResult, SplitResult};
use crate::source::escape_xml;
use crate::value::{Money, Wording};
use serde_json::json;
use std::fmt::Write;

/// The columns of a table; without a goal, only the first three.
const COLUMNS: usize = 7;

/// The cells of a row.
type Row = [String; COLUMNS];

/// Formats the splits that some run reached as text, one table for each.
pub(super) fn text(splits: &[SplitResult], language: Language) -> String {
    let mut out = String::new();
    for split in reached(splits) {
        let title = title(split).in_language(language).into_owned();
        let _ = writeln!(out, "\n{title}");
        let shown = shown(split);
        let heading = columns().map(|column| column.in_language(language).into_owned());
        let rows: Vec<Row> =
            std::iter::once(heading).chain(split.paths.iter().map(|path| row(path, language))).collect();
        let width = |n: usize| rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count()).max();
        for row in &rows {
            let cells = row.iter().zip(0..).filter(|(_, n)| shown.contains(n)).map(|(cell, n)| {
                let width = width(n).unwrap_or(0);
                if is_number(n) { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
            });
            let _ = writeln!(out, "  {}", cells.collect::<Vec<_>>().join("  ").trim_end());
        }
    }
    out
}

/// Formats the splits as JSON, one object per line for each path.
pub(super) fn json_lines(splits: &[SplitResult]) -> String {
    let mut out = String::new();
    for split in reached(splits) {
        for path in &split.paths {
            let mut line = json!({
                "kind": "variant", "funnel": split.funnel, "element": split.element.0, "split": split.name,
                "path": path.text(), "name": path.name, "entered": path.entered,
            });
            if let (true, Some(line)) = (split.has_goal, line.as_object_mut()) {
                line.insert("goals".to_owned(), json!(path.goals));
                if let Some((rate, low, high)) = path.rate() {
                    line.insert("rate".to_owned(), json!(rounded(rate)));
                    line.insert("interval".to_owned(), json!([rounded(low), rounded(high)]));
                }
                line.insert("worth".to_owned(), json!(path.worth_text()));
            }
            let _ = writeln!(out, "{line}");
        }
    }
    out
}

/// Renders the splits of a funnel as tables.
pub(super) fn section(out: &mut String, splits: &[SplitResult], funnel: &str, language: Language) {
    for split in reached(splits).filter(|split| split.funnel == funnel) {
        let _ = writeln!(out, "<h3>{}</h3>\n<div class=\"wide\"><table>", capitalized(&title(split), language));
        let shown = shown(split);
        let heading: Vec<Phrase> =
            columns().into_iter().zip(0..).filter(|(_, n)| shown.contains(n)).map(|(c, _)| c).collect();
        head(out, &heading, language);
        for path in &split.paths {
            let row = row(path, language);
            let cells = row.iter().zip(0..).filter(|(_, n)| shown.contains(n)).map(|(cell, n)| {
                let class = if is_number(n) { " class=\"number\"" } else { "" };
                format!("<td{class}>{}</td>", escape_xml(cell))
            });
            let _ = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
        }
        let _ = writeln!(out, "</table></div>");
        if !split.has_goal {
            let _ = writeln!(out, "<p class=\"quiet\">{}.</p>", html(&no_goal(), language));
        }
    }
}

/// The splits that some run reached.
fn reached(splits: &[SplitResult]) -> impl Iterator<Item = &SplitResult> {
    splits.iter().filter(|split| split.paths.iter().any(|path| path.entered > 0))
}

fn title(split: &SplitResult) -> Phrase {
    let title = say!("split `{name}` in {funnel}", name = split.name.as_str(), funnel = split.funnel.as_str());
    if split.has_goal { title } else { say!("{title}: {note}", title, note = no_goal()) }
}

fn no_goal() -> Phrase {
    say!("the funnel has no `goal` to compare")
}

/// The headings, in the order of the cells.
fn columns() -> [Phrase; COLUMNS] {
    [
        say!("path"),
        say!("begins with"),
        say!("runs"),
        say!("goals"),
        say!("rate"),
        say!("95% interval (Wilson)"),
        say!("worth"),
    ]
}

/// The columns that a split needs: without a goal there is nothing to compare, and goals may be worth nothing.
fn shown(split: &SplitResult) -> Vec<usize> {
    let has_worth = split.paths.iter().any(|path| !path.worth.is_empty());
    match (split.has_goal, has_worth) {
        (true, true) => (0..COLUMNS).collect(),
        (true, false) => (0..COLUMNS - 1).collect(),
        (false, _) => (0..3).collect(),
    }
}

/// Whether a column has numbers, which are aligned on the right.
fn is_number(column: usize) -> bool {
    column > 1
}

/// The cells of a path.
fn row(path: &PathResult, language: Language) -> Row {
    let wording = Wording::of(language.code());
    let percent = |share: f64| format!("{:.1}%", share * 100.0);
    let (rate, interval) = path.rate().map_or_else(Default::default, |(rate, low, high)| {
        (percent(rate), format!("{}..{}", percent(low), percent(high)))
    });
    let worth = path.worth.iter().map(|(currency, amount)| match currency.as_str() {
        "" => wording.number(*amount),
        currency => wording.money(&Money { amount: *amount, currency: currency.to_owned() }),
    });
    [
        output(&path.text(), language).into_owned(),
        path.name.clone(),
        path.entered.to_string(),
        path.goals.to_string(),
        rate,
        interval,
        worth.collect::<Vec<_>>().join(", "),
    ]
}

/// A share with four decimals.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}
