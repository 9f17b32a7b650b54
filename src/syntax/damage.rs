//! Records what syntax errors damaged, so that later stages do not report their consequences.

use super::ast::{File, Funnel, Item, ItemKind};
use super::parse::is_habit;
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Sources, Span};
use std::collections::BTreeSet;

/// The parts of a file that later stages cannot trust because of syntax errors.
///
/// An error from which the parser recovered exactly as its fix does is not damage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// The entries, settings and declarations that contain an error; the whole file if the nesting is unclear.
    regions: Vec<Span>,
    /// The items that contain an error, as a whole: what a warning says of a funnel depends on all of it.
    items: Vec<Span>,
    /// Every name inside `regions`: its declaration may be lost.
    words: BTreeSet<String>,
    /// The names that damaged declarations declare; their uses elsewhere cannot be checked.
    declared: BTreeSet<String>,
    /// Whether a declaration lost its name, so that any unknown name may refer to it.
    lost_name: bool,
}

impl Damage {
    pub(super) fn from_errors(text: &str, file: &File, tokens: &[Token<'_>], diagnostics: &[Diagnostic]) -> Self {
        let mut damage = Self::default();
        for error in diagnostics.iter().filter(|diagnostic| diagnostic.is_error() && !is_recovered(diagnostic)) {
            if is_structural(error) {
                damage.regions.push(file.span);
                damage.items.push(file.span);
            }
            let span = widen(text, error.span);
            for item in file.items.iter().filter(|item| touches(item.span, span)) {
                damage.add_item(item, span);
            }
        }
        let inside = |token: &&Token<'_>| damage.regions.iter().any(|place| touches(*place, token.span));
        damage.words = tokens.iter().filter(|t| t.kind.is_word()).filter(inside).map(|t| t.text.to_owned()).collect();
        damage
    }

    /// Adds the part of an item that an error is in.
    fn add_item(&mut self, item: &Item, error: Span) {
        self.items.push(item.span);
        self.lost_name |= lacks_name(&item.kind);
        self.declared.extend(declared(&item.kind).filter(|name| !name.is_empty()).map(str::to_owned));
        let ItemKind::Funnel(funnel) = &item.kind else { return self.regions.push(item.span) };
        let parts: Vec<_> = parts(funnel).filter(|part| touches(*part, error)).collect();
        match parts.first() {
            // Errors about the whole funnel, such as a missing trigger, are reported at its name.
            Some(first) => self.regions.extend([Span { end: first.start.min(funnel.name.span.end), ..item.span }]),
            None => self.regions.push(item.span),
        }
        self.regions.extend(parts);
    }

    /// Whether an item of this file cannot be trusted.
    #[must_use]
    pub fn affects(&self, item: Span) -> bool {
        self.items.iter().any(|damaged| damaged.touches(item))
    }

    /// Whether a diagnostic of a later stage is a consequence of the damage in this file.
    #[must_use]
    pub fn suppresses(&self, sources: &Sources, file: FileId, diagnostic: &Diagnostic) -> bool {
        if self.regions.is_empty() {
            return false;
        }
        let here = diagnostic.span.file == file;
        let known = |text: &str, names: &BTreeSet<String>| words(text).any(|word| names.contains(word));
        let lost = || {
            is_about_a_name(diagnostic.code) && (self.lost_name || known(sources.slice(diagnostic.span), &self.words))
        };
        let depends =
            || known(line(sources, diagnostic.span), &self.declared) || known(&diagnostic.message, &self.declared);
        let parts = if diagnostic.is_error() { &self.regions } else { &self.items };
        let inside = || parts.iter().any(|place| touches(*place, diagnostic.span));
        (here && inside()) || lost() || depends()
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_'))
}

/// The line on which a span begins.
fn line(sources: &Sources, span: Span) -> &str {
    let text = sources.get(span.file).map_or("", |file| file.text.as_str());
    let at = (span.start as usize).min(text.len());
    let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
    text.get(start..).and_then(|rest| rest.split('\n').next()).unwrap_or("")
}

/// The name that an item declares.
fn declared(kind: &ItemKind) -> impl Iterator<Item = &str> {
    let name = match kind {
        ItemKind::Const { name, .. } | ItemKind::Segment { name, .. } | ItemKind::Action { name, .. } => Some(name),
        ItemKind::Template { name, .. } | ItemKind::Event { name, .. } => Some(name),
        ItemKind::Client(_)
        | ItemKind::Funnel(_)
        | ItemKind::Use(_)
        | ItemKind::Test { .. }
        | ItemKind::Entry(_)
        | ItemKind::Error => None,
    };
    let client = matches!(kind, ItemKind::Client(_)).then_some("client");
    name.map(|name| name.node.as_str()).into_iter().chain(client)
}

/// Whether the parser continued as if the fix had been applied.
fn is_recovered(diagnostic: &Diagnostic) -> bool {
    !diagnostic.fixes.is_empty()
        && !is_habit(diagnostic)
        && !matches!(diagnostic.code, Code::UnterminatedString | Code::InvalidPlaceholder)
        && !is_structural(diagnostic)
}

/// Whether the error leaves the nesting of braces unclear.
fn is_structural(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::Unclosed || diagnostic.message == super::stray_brace()
}

fn is_about_a_name(code: Code) -> bool {
    matches!(
        code,
        Code::UnknownName
            | Code::UnknownField
            | Code::UnknownEvent
            | Code::UnknownTemplate
            | Code::UnknownLabel
            | Code::UnknownSegment
            | Code::UnknownAction
    )
}

fn lacks_name(kind: &ItemKind) -> bool {
    match kind {
        ItemKind::Const { name, .. } | ItemKind::Segment { name, .. } => name.node.is_empty(),
        ItemKind::Template { name, .. } | ItemKind::Action { name, .. } => name.node.is_empty(),
        ItemKind::Event { name, fields } => name.node.is_empty() || fields.iter().any(|f| f.name.node.is_empty()),
        ItemKind::Client(fields) => fields.iter().any(|field| field.name.node.is_empty()),
        ItemKind::Funnel(funnel) => funnel.name.node.is_empty(),
        ItemKind::Use(_) | ItemKind::Error => true,
        ItemKind::Test { .. } | ItemKind::Entry(_) => false,
    }
}

fn parts(funnel: &Funnel) -> impl Iterator<Item = Span> + '_ {
    let settings = funnel.settings.iter().map(|setting| setting.span);
    settings.chain(funnel.entries.iter().map(|entry| entry.span))
}

/// Whether two spans overlap or are adjacent.
fn touches(a: Span, b: Span) -> bool {
    a.touches(b)
}

/// A span extended over the blanks on both sides.
fn widen(text: &str, span: Span) -> Span {
    let before = text.get(..span.start as usize).map_or(0, |t| t.len() - t.trim_end().len());
    let after = text.get(span.end as usize..).map_or(0, |t| t.len() - t.trim_start().len());
    let shorter = |n: usize| u32::try_from(n).unwrap_or(0);
    Span { start: span.start.saturating_sub(shorter(before)), end: span.end.saturating_add(shorter(after)), ..span }
}
