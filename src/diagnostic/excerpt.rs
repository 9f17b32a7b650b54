//! Source snippets for lines too long to show in full: the part of the line around a label.

use crate::source::{SourceFile, Span};

/// The longest line, in bytes, that is shown in full.
pub(super) const LONGEST_LINE: usize = 240;

const BEFORE: usize = 30;
const AFTER: usize = 60;

/// Whether a span needs an excerpt: its line is long, or the file is a part whose lines do not start at 1.
pub(super) fn needed(file: &SourceFile, span: Span) -> bool {
    let line = line_around(file, span.start as usize);
    file.lines.first() != 1 || line.len() > LONGEST_LINE
}

/// Draws the part of the line around a span, in the style of full snippets.
pub(super) fn draw(file: &SourceFile, span: Span, label: &str) -> String {
    let position = file.lines.position(&file.text, span.start as usize);
    let line = line_around(file, span.start as usize);
    let number = position.line.to_string();
    let gap = " ".repeat(number.len() + 2);

    let skipped = (position.column - 1).saturating_sub(BEFORE);
    let shown: String = line.chars().skip(skipped).take(BEFORE + AFTER).collect();
    let head = if skipped > 0 { "…" } else { "" };
    let tail = if skipped + BEFORE + AFTER < line.chars().count() { "…" } else { "" };

    let before = position.column - 1 - skipped;
    let covered = file.text.get(span.range()).map_or(0, |text| text.lines().next().unwrap_or("").chars().count());
    let length = covered.clamp(1, shown.chars().count().saturating_sub(before).max(1));
    let indent = " ".repeat(head.chars().count() + before);
    let middle = (length - 1) / 2;
    let underline = format!("{}┬{}", "─".repeat(middle), "─".repeat(length - 1 - middle));
    let arm = " ".repeat(middle);

    let mut out = format!("{gap}╭─[ {}:{}:{} ]\n{gap}│\n", file.name, position.line, position.column);
    out += &format!(" {number} │ {head}{shown}{tail}\n{gap}│ {indent}{underline}\n");
    if !label.is_empty() {
        out += &format!("{gap}│ {indent}{arm}╰── {label}\n");
    }
    out + &"─".repeat(gap.len()) + "╯\n"
}

fn line_around(file: &SourceFile, offset: usize) -> &str {
    let start = file.lines.start(offset.min(file.text.len()));
    file.text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or("")
}
