//! How far damage reaches: in, a tree and what is wrong with its text; out, which findings of later stages are only a
//! consequence of it, so that one fault is one finding.

use super::ast::{File, Funnel, Item, ItemKind};
use super::token::Token;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Sources, Span};
use std::collections::BTreeSet;

/// What of a file cannot be judged because its text is damaged.
///
/// A fault that has been read over as its fix says leaves nothing in doubt and is no damage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Damage {
    /// The entries, settings and declarations with a fault in them; the whole file where it is not clear what ends where.
    regions: Vec<Span>,
    /// Whatever is named there: a declaration may be lost.
    words: BTreeSet<String>,
    /// What the damaged declarations declare: what is made of it elsewhere cannot be judged.
    declared: BTreeSet<String>,
    /// Whether a declaration has lost its name, so that any unknown name may be its.
    lost_name: bool,
}

impl Damage {
    pub(super) fn from_errors(text: &str, file: &File, tokens: &[Token<'_>], found: &[Diagnostic]) -> Self {
        let mut damage = Self::default();
        for fault in found.iter().filter(|found| found.is_error() && !is_recovered(found)) {
            if is_structural(fault) {
                damage.regions.push(file.span);
            }
            let span = widen(text, fault.span);
            for item in file.items.iter().filter(|item| touches(item.span, span)) {
                damage.add_item(item, span);
            }
        }
        let inside = |token: &&Token<'_>| damage.regions.iter().any(|place| touches(*place, token.span));
        damage.words = tokens.iter().filter(|t| t.kind.is_word()).filter(inside).map(|t| t.text.to_owned()).collect();
        damage
    }

    /// Takes in the part of an item that a fault is in.
    fn add_item(&mut self, item: &Item, fault: Span) {
        self.lost_name |= lacks_name(&item.kind);
        self.declared.extend(declared(&item.kind).filter(|name| !name.is_empty()).map(str::to_owned));
        let ItemKind::Funnel(funnel) = &item.kind else { return self.regions.push(item.span) };
        let parts: Vec<_> = parts(funnel).filter(|part| touches(*part, fault)).collect();
        match parts.first() {
            // What is wrong with the funnel as a whole, such as that nothing starts it, is said at its name.
            Some(first) => self.regions.extend([Span { end: first.start.min(funnel.name.span.end), ..item.span }]),
            None => self.regions.push(item.span),
        }
        self.regions.extend(parts);
    }

    /// Whether a finding of a later stage follows from the damage in this file.
    #[must_use]
    pub fn suppresses(&self, sources: &Sources, file: FileId, found: &Diagnostic) -> bool {
        if self.regions.is_empty() {
            return false;
        }
        let here = found.span.file == file;
        let known = |text: &str, names: &BTreeSet<String>| words(text).any(|word| names.contains(word));
        let lost = || is_about_a_name(found.code) && (self.lost_name || known(sources.slice(found.span), &self.words));
        let depends = || known(line(sources, found.span), &self.declared) || known(&found.message, &self.declared);
        let inside = || self.regions.iter().any(|place| touches(*place, found.span));
        (here && (!found.is_error() || inside())) || lost() || depends()
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

/// What an item declares by name.
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

/// Whether the parser went on as if the fault were mended.
fn is_recovered(found: &Diagnostic) -> bool {
    !found.fixes.is_empty() && !matches!(found.code, Code::UnterminatedString | Code::BadHole) && !is_structural(found)
}

/// Whether it is not clear where things end.
fn is_structural(found: &Diagnostic) -> bool {
    found.code == Code::Unclosed || found.message == super::stray_brace()
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

/// Whether two places have a character in common, or stand side by side.
fn touches(a: Span, b: Span) -> bool {
    a.file == b.file && a.start <= b.end && b.start <= a.end
}

/// A place with the blanks on both sides of it.
fn widen(text: &str, span: Span) -> Span {
    let before = text.get(..span.start as usize).map_or(0, |t| t.len() - t.trim_end().len());
    let after = text.get(span.end as usize..).map_or(0, |t| t.len() - t.trim_start().len());
    let shorter = |n: usize| u32::try_from(n).unwrap_or(0);
    Span { start: span.start.saturating_sub(shorter(before)), end: span.end.saturating_add(shorter(after)), ..span }
}
