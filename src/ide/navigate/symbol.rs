//! Symbols of files. In: a file, or a search query. Out: the outline of the file, or the symbols of all files that
//! match.

use crate::ide::node::{self, Node};
use crate::ide::view::View;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Entry, Field, Funnel, Item, ItemKind, Step, Text};

/// A declared name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Symbol {
    /// The name.
    pub name: String,
    /// A short description; may be empty.
    pub detail: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The span of the whole declaration.
    pub whole: Span,
    /// The span of the name, inside the declaration.
    pub span: Span,
    /// The nested symbols.
    pub children: Vec<Symbol>,
}

/// A kind of symbol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SymbolKind {
    /// A used file.
    File,
    /// A constant.
    Constant,
    /// The client, or a record of fields.
    Record,
    /// An event.
    Event,
    /// A field.
    Field,
    /// A segment.
    Segment,
    /// A template.
    Template,
    /// An action.
    Action,
    /// A funnel.
    Funnel,
    /// A trigger of a funnel.
    Trigger,
    /// An element with a label.
    Label,
    /// A test.
    Test,
}

impl View<'_> {
    /// Returns the outline of a file.
    #[must_use]
    pub fn symbols(&self, file: FileId) -> Vec<Symbol> {
        let Some(parsed) = self.tree(file) else { return Vec::new() };
        parsed.file.items.iter().filter_map(|item| self.symbol(item)).collect()
    }

    /// Returns the symbols of all files whose names contain the characters of `query` in this order, best match first.
    #[must_use]
    pub fn workspace_symbols(&self, query: &str) -> Vec<Symbol> {
        let mut found: Vec<(usize, Symbol)> = Vec::new();
        for file in self.files {
            let mut open = self.symbols(*file);
            while let Some(mut symbol) = open.pop() {
                open.append(&mut symbol.children);
                if matches!(symbol.kind, SymbolKind::Trigger | SymbolKind::File) {
                    continue;
                }
                found.extend(score(&symbol.name, query).map(|score| (score, symbol)));
            }
        }
        found.sort_by(|(a, one), (b, other)| (a, &one.name, one.span).cmp(&(b, &other.name, other.span)));
        found.into_iter().map(|(_, symbol)| symbol).collect()
    }

    fn symbol(&self, item: &Item) -> Option<Symbol> {
        let made = |name: String, kind, span: Span| Symbol {
            name,
            detail: String::new(),
            kind,
            whole: item.span,
            span: within(span, item.span),
            children: Vec::new(),
        };
        let fields = |fields: &[Field]| fields.iter().map(|field| self.field(field)).collect();
        let found = match &item.kind {
            ItemKind::Use(path) => made(words(path), SymbolKind::File, path.span),
            ItemKind::Const { name, value } => {
                let detail = self.line(value.span);
                Symbol { detail, ..made(name.node.clone(), SymbolKind::Constant, name.span) }
            }
            ItemKind::Client(own) => {
                let span = Span { end: item.span.start, ..item.span };
                Symbol { children: fields(own), ..made("client".to_owned(), SymbolKind::Record, span) }
            }
            ItemKind::Event { name, fields: own } => {
                Symbol { children: fields(own), ..made(name.node.clone(), SymbolKind::Event, name.span) }
            }
            ItemKind::Segment { name, condition } => {
                let detail = self.line(condition.span);
                Symbol { detail, ..made(name.node.clone(), SymbolKind::Segment, name.span) }
            }
            ItemKind::Template { channel, name, .. } => {
                Symbol { detail: channel.node.clone(), ..made(name.node.clone(), SymbolKind::Template, name.span) }
            }
            ItemKind::Action { name, .. } => made(name.node.clone(), SymbolKind::Action, name.span),
            ItemKind::Funnel(funnel) => self.funnel(funnel, made(String::new(), SymbolKind::Funnel, funnel.name.span)),
            ItemKind::Test { title, .. } => made(words(title), SymbolKind::Test, title.span),
            ItemKind::Entry(entry) => self.trigger(entry),
            ItemKind::Error => return None,
        };
        Some(found).filter(|symbol| !symbol.name.is_empty())
    }

    fn funnel(&self, funnel: &Funnel, made: Symbol) -> Symbol {
        let detail = funnel.title.as_ref().map(words).unwrap_or_default();
        let children = funnel.entries.iter().map(|entry| self.trigger(entry)).collect();
        Symbol { name: funnel.name.node.clone(), detail, children, ..made }
    }

    fn field(&self, field: &Field) -> Symbol {
        Symbol {
            name: field.name.node.clone(),
            detail: self.line(field.ty.span),
            kind: SymbolKind::Field,
            whole: field.span,
            span: within(field.name.span, field.span),
            children: Vec::new(),
        }
    }

    /// Returns the labels in an item.
    pub(in crate::ide) fn labels_of(&self, item: &Item) -> Vec<Symbol> {
        let steps = node::parts(std::slice::from_ref(item)).into_iter().filter_map(|node| {
            let Node::Step(step) = node else { return None };
            Some(step)
        });
        steps.filter_map(|step| self.label(step)).collect()
    }

    /// A trigger, with the labels in its chain.
    fn trigger(&self, entry: &Entry) -> Symbol {
        let mut children = Vec::new();
        for node in node::of_chain(&entry.chain) {
            if let Node::Step(step) = node {
                children.extend(self.label(step));
            }
        }
        Symbol {
            name: self.line(entry.trigger.span),
            detail: String::new(),
            kind: SymbolKind::Trigger,
            whole: entry.span,
            span: within(entry.trigger.span, entry.span),
            children,
        }
    }

    fn label(&self, step: &Step) -> Option<Symbol> {
        let label = step.label.as_ref()?;
        Some(Symbol {
            name: label.node.clone(),
            detail: self.line(step.head),
            kind: SymbolKind::Label,
            whole: step.span,
            span: within(label.span, step.span),
            children: Vec::new(),
        })
    }

    /// Source text on one line, shortened.
    fn line(&self, span: Span) -> String {
        const MAX_LINE: usize = 80;
        let folded: Vec<&str> = self.sources.slice(span).split_whitespace().collect();
        let folded = folded.join(" ");
        match folded.char_indices().nth(MAX_LINE) {
            Some((cut, _)) => format!("{}..", folded.get(..cut).unwrap_or("")),
            None => folded,
        }
    }
}

/// The text of a string literal; empty if it has placeholders.
fn words(text: &Text) -> String {
    text.plain().unwrap_or_default()
}

/// The span of a name, clamped to the declaration.
fn within(name: Span, whole: Span) -> Span {
    if whole.start <= name.start && name.end <= whole.end { name } else { Span { end: whole.start, ..whole } }
}

/// How well a name matches a query; lower is better, `None` if it does not.
fn score(name: &str, query: &str) -> Option<usize> {
    let (name, query) = (name.to_lowercase(), query.to_lowercase());
    if let Some(at) = name.find(&query) {
        return Some(at + name.len() - query.len());
    }
    let mut rest = name.chars().enumerate();
    let mut gaps = 1000;
    let mut last = 0;
    for wanted in query.chars().filter(|c| !c.is_whitespace()) {
        let (at, _) = rest.find(|(_, c)| *c == wanted)?;
        gaps += at - last;
        last = at;
    }
    Some(gaps)
}
