//! Output format for people: text with source snippets. The only user of ariadne.

use super::{Code, Diagnostic, Fix, Language, Phrase, Severity, excerpt};
use crate::say;
use crate::source::{FileId, SourceFile, Sources, Span};
use ariadne::{Cache, Color, Config, IndexType, LabelAttach, Report, ReportKind, Source};
use std::collections::BTreeMap;

/// Renders diagnostics in English, like [`render_in`].
#[must_use]
pub fn render(sources: &Sources, diagnostics: &[Diagnostic], color: bool) -> String {
    render_in(sources, diagnostics, color, Language::English)
}

/// Renders diagnostics ordered by file and place, separated by blank lines; with ANSI colors if `color`.
#[must_use]
pub fn render_in(sources: &Sources, diagnostics: &[Diagnostic], color: bool, language: Language) -> String {
    let mut snippets = Snippets { sources, drawn: BTreeMap::new(), color, language };
    let rendered: Vec<String> =
        sorted(diagnostics).into_iter().map(|diagnostic| render_one(&mut snippets, diagnostic)).collect();
    rendered.join("\n")
}

/// Sorts diagnostics by file and place.
pub(super) fn sorted(diagnostics: &[Diagnostic]) -> Vec<&Diagnostic> {
    let mut sorted: Vec<&Diagnostic> = diagnostics.iter().collect();
    sorted.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.code));
    sorted
}

fn render_one(snippets: &mut Snippets<'_>, diagnostic: &Diagnostic) -> String {
    let (color, language) = (snippets.color, snippets.language);
    let mut out = header(diagnostic, color, language);
    match snippets.sources.get(diagnostic.span.file) {
        None => {}
        Some(file) if file.text.is_empty() => out += &format!("  ╰─[ {} ]\n", file.name),
        Some(file) if excerpt::needed(file, diagnostic.span) => out += &excerpts(snippets, diagnostic),
        Some(_) => out += &snippet(snippets, diagnostic).unwrap_or_default(),
    }
    for help in &diagnostic.help {
        out += &hint(&say!("help"), help, color, language);
    }
    for fix in diagnostic.fixes.iter().filter(|fix| !is_shown_in_help(diagnostic, fix)) {
        let flag = if fix.guess { say!("fix (--unsafe-fixes)") } else { say!("fix (--fix)") };
        out += &hint(&flag, &fix.title, color, language);
    }
    out
}

/// Whether a help already says what a fix does, or shows the text that it inserts.
fn is_shown_in_help(diagnostic: &Diagnostic, fix: &Fix) -> bool {
    if diagnostic.help.contains(&fix.title) {
        return true;
    }
    let said = |text: &str| diagnostic.help.iter().any(|help| help.contains(&format!("`{text}`")));
    fix.edits.iter().all(|edit| !edit.text.is_empty() && said(&edit.text))
}

fn header(diagnostic: &Diagnostic, color: bool, language: Language) -> String {
    let Diagnostic { code, severity, message, .. } = diagnostic;
    let kind = format!("{}[{}]", severity.phrase().in_language(language), Code::number(*code));
    let message = printable(&message.in_language(language));
    if color {
        format!("\u{1b}[1;{}m{kind}\u{1b}[0m: {message}\n", ansi(*severity))
    } else {
        format!("{kind}: {message}\n")
    }
}

fn hint(kind: &Phrase, text: &Phrase, color: bool, language: Language) -> String {
    let (kind, text) = (kind.in_language(language), printable(&text.in_language(language)));
    if color { format!("  \u{1b}[1;36m{kind}\u{1b}[0m: {text}\n") } else { format!("  {kind}: {text}\n") }
}

fn ansi(severity: Severity) -> u8 {
    match severity {
        Severity::Note => 36,
        Severity::Warning => 33,
        Severity::Error => 31,
    }
}

fn paint(severity: Severity) -> Color {
    match severity {
        Severity::Note => Color::Cyan,
        Severity::Warning => Color::Yellow,
        Severity::Error => Color::Red,
    }
}

fn excerpts(snippets: &Snippets<'_>, diagnostic: &Diagnostic) -> String {
    let own = std::iter::once((diagnostic.span, &diagnostic.label));
    let related = diagnostic.related.iter().map(|related| (related.span, &related.text));
    let draw = |(span, text): (Span, &Phrase)| {
        let file = snippets.sources.get(span.file)?;
        Some(printable_lines(&excerpt::draw(file, span, &text.in_language(snippets.language))))
    };
    own.chain(related).filter_map(draw).collect()
}

/// The span of a label for ariadne: a file and a byte range.
type Place = (FileId, std::ops::Range<usize>);

fn snippet(snippets: &mut Snippets<'_>, diagnostic: &Diagnostic) -> Option<String> {
    let own = clamp_span(snippets.sources, diagnostic.span)?;
    let config = Config::new()
        .with_color(snippets.color)
        .with_index_type(IndexType::Byte)
        .with_label_attach(LabelAttach::Middle)
        .with_cross_gap(false);
    let mut report = Report::build(ReportKind::Error, own.clone()).with_config(config);
    for (order, (span, text, paint)) in labels(diagnostic).into_iter().enumerate() {
        let Some(place) = clamp_span(snippets.sources, span) else { continue };
        let label = ariadne::Label::new(place).with_color(paint).with_order(i32::try_from(order).unwrap_or(i32::MAX));
        report.add_label(if text.is_empty() {
            label
        } else {
            label.with_message(printable(&text.in_language(snippets.language)))
        });
    }
    let mut bytes = Vec::new();
    report.finish().write(snippets, &mut bytes).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    // The first line is ariadne's header, which we write ourselves.
    Some(text.lines().skip(1).map(|line| format!("{}\n", line.trim_end())).collect())
}

/// All labels, those in the primary file first, each file from top to bottom. In another order, ariadne would draw a
/// file more than once.
fn labels(diagnostic: &Diagnostic) -> Vec<(Span, &Phrase, Color)> {
    let mut labels = vec![(diagnostic.span, &diagnostic.label, paint(diagnostic.severity))];
    labels.extend(diagnostic.related.iter().map(|related| (related.span, &related.text, Color::Blue)));
    labels.sort_by_key(|(span, _, _)| (span.file != diagnostic.span.file, *span));
    labels
}

/// The byte range of a span, clamped to its file and extended to whole characters.
fn clamp_span(sources: &Sources, span: Span) -> Option<Place> {
    let text = &sources.get(span.file)?.text;
    let mut start = (span.start as usize).min(text.len());
    while !text.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = (span.end as usize).clamp(start, text.len());
    while !text.is_char_boundary(end) {
        end += 1;
    }
    Some((span.file, start..end))
}

/// The sources in the form that ariadne needs, each prepared once.
struct Snippets<'a> {
    sources: &'a Sources,
    drawn: BTreeMap<FileId, Source<String>>,
    color: bool,
    language: Language,
}

impl Cache<FileId> for &mut Snippets<'_> {
    type Storage = String;

    fn fetch(&mut self, id: &FileId) -> Result<&Source<String>, impl std::fmt::Debug> {
        let Some(file) = self.sources.get(*id) else { return Err("a file of another table") };
        Ok(self.drawn.entry(*id).or_insert_with(|| Source::from(printable_source(file))))
    }

    fn display<'a>(&self, id: &'a FileId) -> Option<impl std::fmt::Display + 'a> {
        self.sources.get(*id).map(|file| file.name.clone())
    }
}

/// Replaces characters that could control a terminal, byte for byte, so that spans stay valid.
fn printable_source(file: &SourceFile) -> String {
    let mut out = String::with_capacity(file.text.len());
    for c in file.text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => out.push(' '),
            c if controls_terminal(c) => out.extend(std::iter::repeat_n('?', c.len_utf8())),
            c => out.push(c),
        }
    }
    out
}

/// Makes one line of a message safe for a terminal.
fn printable(text: &str) -> String {
    text.chars().map(|c| if c == '\n' || c == '\t' { ' ' } else { c }).map(sanitize_char).collect()
}

fn printable_lines(text: &str) -> String {
    text.lines().map(|line| format!("{}\n", printable(line).trim_end())).collect()
}

fn sanitize_char(c: char) -> char {
    if controls_terminal(c) { '\u{fffd}' } else { c }
}

/// Control characters, line separators other than `\n`, and marks that change the writing direction.
fn controls_terminal(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}
