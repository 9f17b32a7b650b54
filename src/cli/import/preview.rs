//! What an import shows: the meaning of each column with some of its values, the lines for funnel.toml and the funnel
//! files, and what could not be read.

use crate::diagnostic::{Language, Phrase};
use crate::import::{ColumnMap, Row, Target};
use crate::say;
use crate::value::Type;
use std::fmt::Write;
use std::path::Path;

/// How many values of a column are shown.
const VALUES: usize = 3;

/// How many characters of a value are shown.
const WIDTH: usize = 24;

/// Limit: how many problems are listed.
const MAX_PROBLEMS: usize = 100;

/// A value, or a row without a column, that could not be read.
pub(super) struct Problem {
    pub(super) line: u64,
    pub(super) column: String,
    pub(super) value: String,
    pub(super) reason: Phrase,
}

/// The first rows of a table and their meaning.
pub(super) struct Preview<'a> {
    pub(super) name: &'a str,
    pub(super) header: &'a [String],
    pub(super) sample: &'a [Row],
    pub(super) map: &'a ColumnMap,
    pub(super) undeclared: &'a [(String, Target, Type)],
    /// Whether the project file says what the columns mean.
    pub(super) is_known: bool,
}

impl Preview<'_> {
    /// The whole preview; `path` gives the map its name.
    pub(super) fn text(&self, path: &Path, language: Language) -> String {
        let said = |phrase: Phrase| phrase.in_language(language).into_owned();
        let mut text = String::new();
        let title = if self.is_known {
            say!("{name}: columns as in `[import.{map}]`", name = self.name, map = self.map.name.as_str())
        } else {
            say!("{name}: columns as guessed", name = self.name)
        };
        let _ = writeln!(text, "{}", said(title));
        let width = |texts: &mut dyn Iterator<Item = usize>| texts.max().unwrap_or(0);
        let of_name = width(&mut self.header.iter().map(|name| short(name).chars().count()));
        let unread = said(say!("not read"));
        let target = |name: &String| self.map.columns.get(name).map_or_else(|| unread.clone(), Target::to_string);
        let of_target = width(&mut self.header.iter().map(|name| target(name).chars().count()));
        for (at, name) in self.header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            let values = self.sample.iter().filter_map(|row| row.cells.get(at)).filter(|cell| !cell.is_empty());
            let values: Vec<String> = values.take(VALUES).map(|value| short(value)).collect();
            let line = format!(
                "  {}  -> {}  {}",
                pad(&short(name), of_name),
                pad(&target(name), of_target),
                values.join(" | ")
            );
            let _ = writeln!(text, "{}", line.trim_end());
        }
        if !self.is_known && !self.map.columns.is_empty() {
            let _ =
                write!(text, "\n{}\n\n{}", said(say!("to keep this meaning, add to funnel.toml:")), self.toml(path));
        }
        if !self.undeclared.is_empty() {
            let _ = write!(
                text,
                "\n{}\n\n{}",
                said(say!("to keep the other columns, declare them in a funnel file, and add them to the columns:")),
                self.declarations()
            );
        }
        text + "\n"
    }

    fn toml(&self, path: &Path) -> String {
        let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
        let plain = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
        let name: String = stem.split('.').next().unwrap_or_default().chars().map(plain).collect();
        let name = if name.chars().any(|c| c.is_ascii_alphanumeric()) { name } else { "clients".to_owned() };
        let mut text = format!("  [import.{name}.columns]\n");
        for column in self.header {
            if let Some(target) = self.map.columns.get(column) {
                let _ = writeln!(text, "  {} = \"{target}\"", serde_json::Value::from(column.as_str()));
            }
        }
        text
    }

    fn declarations(&self) -> String {
        let mut text = String::new();
        let mut events: Vec<&str> = self.undeclared.iter().map(|(_, target, _)| target.event.as_str()).collect();
        events.dedup();
        for event in events {
            let own = self.undeclared.iter().filter(|(_, target, _)| target.event == event);
            let fields: Vec<String> = own.map(|(_, target, ty)| format!("{}: {ty}?", target.field)).collect();
            let keyword = if event == "client" { "client".to_owned() } else { format!("event {event}") };
            let _ = writeln!(text, "  {keyword} {{ {} }}", fields.join("  "));
        }
        for (column, target, _) in self.undeclared {
            let _ = writeln!(text, "  {} = \"{target}\"", serde_json::Value::from(column.as_str()));
        }
        text
    }
}

/// The list of what could not be read.
pub(super) fn list(name: &str, problems: &[Problem], language: Language) -> String {
    let said = |phrase: &Phrase| phrase.in_language(language).into_owned();
    let mut text = String::new();
    if problems.is_empty() {
        return text;
    }
    let _ = writeln!(text, "{}", said(&say!("not read:")));
    for problem in problems.iter().take(MAX_PROBLEMS) {
        let Problem { line, column, value, reason } = problem;
        let place = if column.is_empty() { String::new() } else { format!("{column} `{}`: ", short(value)) };
        let _ = writeln!(text, "  {name}:{line}: {place}{}", said(reason));
    }
    if problems.len() > MAX_PROBLEMS {
        let _ = writeln!(text, "  {}", said(&say!("and {count} more", count = problems.len() - MAX_PROBLEMS)));
    }
    text
}

fn short(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if plain.chars().count() <= WIDTH {
        return plain;
    }
    plain.chars().take(WIDTH - 1).chain(['…']).collect()
}

fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.chars().count())))
}
