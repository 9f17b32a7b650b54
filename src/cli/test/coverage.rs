//! Test coverage. In: the coverage of funnels. Out: a summary and the places that no test reached, as text or JSON.

use crate::cli::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::say;
use crate::simulate::{Coverage, Gap};
use crate::source::{Sources, Span};
use serde_json::json;
use std::ops::Range;

/// Returns a summary of each funnel, and its source lines with marks at everything that was not reached.
pub(super) fn text(sources: &Sources, funnels: &[Coverage], language: Language) -> String {
    let mut out = String::new();
    for funnel in funnels {
        let Coverage { elements, arrows, .. } = funnel;
        let summary = say!(
            "{funnel}: {elements} of {all_elements} elements, {arrows} of {all_arrows} arrows",
            funnel = &funnel.funnel,
            elements = elements.reached,
            all_elements = elements.all,
            arrows = arrows.reached,
            all_arrows = arrows.all
        );
        out += &format!("{}\n", summary.in_language(language));
        out += &mark_gaps(sources, &funnel.gaps, language);
    }
    out
}

/// Returns one JSON object per funnel.
pub(super) fn json(sources: &Sources, funnels: &[Coverage]) -> String {
    let objects = funnels.iter().map(|funnel| {
        let gaps = funnel.gaps.iter().map(|gap| {
            let arrows = (!gap.arrows.is_empty()).then_some(&gap.arrows);
            json!({ "line": line(sources, gap.span), "text": gap.text, "reached": arrows.is_some(), "arrows": gap.arrows })
        });
        let object = json!({
            "kind": "coverage",
            "funnel": funnel.funnel,
            "file": sources.get(funnel.span.file).map(|file| &file.name),
            "line": line(sources, funnel.span),
            "elements": { "reached": funnel.elements.reached, "all": funnel.elements.all },
            "arrows": { "reached": funnel.arrows.reached, "all": funnel.arrows.all },
            "gaps": gaps.collect::<Vec<_>>(),
        });
        format!("{object}\n")
    });
    objects.collect()
}

fn line(sources: &Sources, span: Span) -> Option<usize> {
    let file = sources.get(span.file)?;
    Some(file.lines.position(&file.text, span.start as usize).line)
}

/// Returns the source lines that contain gaps, with marks below them.
fn mark_gaps(sources: &Sources, gaps: &[Gap], language: Language) -> String {
    let mut lines: Vec<(SourceLine<'_>, Vec<Marks>)> = Vec::new();
    for gap in gaps {
        let Some((shown, marked)) = source_line(sources, gap.span) else { continue };
        if lines.last().is_none_or(|(last, _)| *last != shown) {
            lines.push((shown, Vec::new()));
        }
        let Some((_, marks)) = lines.last_mut() else { continue };
        let words = describe(gap, language).in_language(language).into_owned();
        // Adjacent gaps with the same description share one line of marks.
        match marks.last_mut().filter(|last| last.words == words && last.places.iter().all(|p| p.end < marked.start)) {
            Some(last) => last.places.push(marked),
            None => marks.push(Marks { places: vec![marked], words }),
        }
    }
    let mut out = String::new();
    for (shown, marks) in lines {
        out += &format!("{:>5} │ {}\n", shown.number, shown.text.replace('\t', " ").trim_end());
        for Marks { places, words } in marks {
            let mut line = String::new();
            for place in places {
                line += &" ".repeat(place.start.saturating_sub(line.len()));
                line += &"^".repeat(place.len());
            }
            out += &format!("      │ {line} {words}\n");
        }
    }
    out
}

/// A source line of a funnel.
#[derive(PartialEq)]
struct SourceLine<'s> {
    file: &'s str,
    number: usize,
    text: &'s str,
}

/// Marks below a source line, in columns from 0, and their description.
struct Marks {
    places: Vec<Range<usize>>,
    words: String,
}

/// Returns the line where a span starts, and the columns that it covers there.
fn source_line(sources: &Sources, span: Span) -> Option<(SourceLine<'_>, Range<usize>)> {
    let file = sources.get(span.file)?;
    let (start, end) = (span.start as usize, span.end as usize);
    let begin = file.text.get(..start)?.rfind('\n').map_or(0, |at| at + 1);
    let text = file.text.get(begin..)?.lines().next()?;
    let here = file.text.get(start..end.min(begin + text.len()))?.trim_end();
    let column = file.text.get(begin..start)?.chars().count();
    let number = file.lines.position(&file.text, start).line;
    Some((SourceLine { file: &file.name, number, text }, column..column + here.chars().count().max(1)))
}

/// Describes a gap in a few words.
fn describe(gap: &Gap, language: Language) -> Phrase {
    if gap.arrows.is_empty() {
        return say!("not reached");
    }
    let labels = gap.arrows.iter().map(|label| match label.as_str() {
        "" => say!("goes on").in_language(language).into_owned(),
        label => output(label, language).into_owned(),
    });
    say!("never: {labels}", labels = labels.collect::<Vec<_>>().join(", "))
}
