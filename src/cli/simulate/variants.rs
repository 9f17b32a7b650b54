//! The results of splits for people and programs. In: counts by path. Out: a table as text, JSON lines, or HTML.

use super::page::{capitalized, head, html};
use crate::cli::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::say;
use crate::simulate::{PathResult, SplitResult};
use crate::source::escape_xml;
use serde_json::json;
use std::fmt::Write;

/// Formats the splits that some run reached as text, one table for each.
pub(super) fn text(splits: &[SplitResult], language: Language) -> String {
    let mut out = String::new();
    for split in reached(splits) {
        let title = title(split).in_language(language).into_owned();
        let _ = writeln!(out, "\n{title}");
        let rows: Vec<[String; 5]> = split.paths.iter().map(|path| row(split, path, language)).collect();
        let widths: [usize; 5] = std::array::from_fn(|n| {
            rows.iter().filter_map(|row| row.get(n)).map(|cell| cell.chars().count()).max().unwrap_or(0)
        });
        for row in &rows {
            let mut line = String::from(" ");
            for (n, (cell, width)) in row.iter().zip(widths).enumerate() {
                // Numbers are aligned on the right.
                let cell = if n == 0 || n == 4 { format!("{cell:<width$}") } else { format!("{cell:>width$}") };
                if width > 0 {
                    let _ = write!(line, " {cell} ");
                }
            }
            let _ = writeln!(out, "{}", line.trim_end());
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
                "path": path.text(), "entered": path.entered,
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
        let _ = writeln!(out, "<h3>{}</h3>\n<table class=\"variants\">", capitalized(&title(split), language));
        let columns = [say!("path"), say!("runs"), say!("goals"), say!("rate, 95% interval"), say!("worth")];
        let shown = if split.has_goal { 5 } else { 2 };
        head(out, columns.get(..shown).unwrap_or_default(), language);
        for path in &split.paths {
            let rate = path.rate().map(percent).unwrap_or_default();
            let cells = [
                output(&path.text(), language).into_owned(),
                path.entered.to_string(),
                path.goals.to_string(),
                rate,
                path.worth_text().join(", "),
            ];
            let cells = cells.iter().take(shown).enumerate().map(|(n, cell)| {
                let class = if (1..4).contains(&n) { " class=\"number\"" } else { "" };
                format!("<td{class}>{}</td>", escape_xml(cell))
            });
            let _ = writeln!(out, "<tr>{}</tr>", cells.collect::<String>());
        }
        let _ = writeln!(out, "</table>");
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

/// The cells of a path: its text, the runs, the goals, the rate, the worth.
fn row(split: &SplitResult, path: &PathResult, language: Language) -> [String; 5] {
    let said = |phrase: Phrase| phrase.in_language(language).into_owned();
    let entered = match path.entered {
        1 => said(say!("1 run")),
        count => said(say!("{count} runs", count)),
    };
    if !split.has_goal {
        return [path.text(), entered, String::new(), String::new(), String::new()];
    }
    let goals = match path.goals {
        1 => said(say!("1 goal")),
        count => said(say!("{count} goals", count)),
    };
    let worth = path.worth_text();
    let worth = if worth.is_empty() { String::new() } else { said(say!("worth {worth}", worth = worth.join(", "))) };
    [path.text(), entered, goals, path.rate().map(percent).unwrap_or_default(), worth]
}

/// `10.0% (7.8% to 12.6%)`
fn percent((rate, low, high): (f64, f64, f64)) -> String {
    format!("{:.1}% ({:.1}%..{:.1}%)", rate * 100.0, low * 100.0, high * 100.0)
}

/// A share with four decimals.
fn rounded(share: f64) -> f64 {
    (share * 10_000.0).round() / 10_000.0
}
