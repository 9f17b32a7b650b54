//! Descriptions of symbols. In: a symbol. Out: its declaration, doc comment and location, in Markdown.

use super::{builtin_docs, prelude_docs};
use crate::check::Symbol;
use crate::check::program::FieldType;
use crate::ide::view::View;
use crate::source::{FileId, Span};
use crate::syntax::Parsed;
use crate::syntax::ast::{Field, Item, ItemKind};

/// Limit: the most characters of a declaration that are shown.
const MAX_SIGNATURE: usize = 600;

impl<'v> View<'v> {
    /// Returns the declaration of a symbol as source text, on one or a few lines.
    pub(in crate::ide) fn signature(&self, named: &Symbol) -> Option<String> {
        match named {
            Symbol::Client => Some(self.record("client")),
            Symbol::Business => Some(self.record("business")),
            Symbol::Event(name) => Some(self.record(name)),
            Symbol::Field { of, name } => Some(format!("{of}.{}", self.field_line(of, name)?)),
            Symbol::Constant(_) | Symbol::Segment(_) | Symbol::Template { .. } | Symbol::Action(_) => {
                let (file, _, item) = self.item_of(named)?;
                Some(self.shown(Span { file, ..item.span }))
            }
            Symbol::Param { action, name } => {
                let (_, _, item) = self.item_of(&Symbol::Action(action.clone()))?;
                let ItemKind::Action { params, .. } = &item.kind else { return None };
                let param = params.iter().find(|param| param.name.node == *name)?;
                Some(format!("{action}({}: {})", name, self.sources.slice(param.ty.span)))
            }
            Symbol::Funnel(name) => {
                let funnel = self.compiled.program.funnels.iter().find(|funnel| funnel.name == *name);
                let title = funnel.and_then(|funnel| funnel.title.as_ref()).map(|title| format!(" \"{title}\""));
                let entries =
                    funnel.into_iter().flat_map(|funnel| &funnel.entries).map(|entry| format!("\n  {}", entry.text));
                Some(format!("funnel {name}{}{}", title.unwrap_or_default(), entries.collect::<String>()))
            }
            Symbol::Label { .. } => {
                let place = self.declarations(std::slice::from_ref(named)).first().copied()?;
                let text = self.text(place.file).get(place.start as usize..)?;
                Some(text.lines().next().unwrap_or("").trim_end().to_owned())
            }
            Symbol::Alias(place) => {
                let event = self.aliased(*place)?;
                Some(format!("{event} as {}", self.sources.slice(*place)))
            }
            Symbol::Builtin(word, name) => {
                Some(format!("{name}  # {}", self.localized(&builtin_docs::kind_name(*word))))
            }
        }
    }

    /// Returns the event of an alias, by the span of the alias.
    pub(in crate::ide) fn aliased(&self, place: Span) -> Option<String> {
        let notes = self.incremental.symbols(self.sources, place.file)?;
        let mut events = notes.scopes.iter().flat_map(|visible| visible.events.iter());
        events.find(|event| event.declared.contains(&place)).map(|event| event.event.clone())
    }

    /// Returns the doc comments of a symbol from all of its declarations.
    pub(in crate::ide) fn docs(&self, named: &Symbol) -> String {
        if let Symbol::Builtin(word, name) = named {
            return builtin_docs::meaning(*word, name, self.language).to_owned();
        }
        let mut docs: Vec<String> = Vec::new();
        for place in self.declarations(std::slice::from_ref(named)) {
            let Some(parsed) = self.tree(place.file) else { continue };
            let from = whole(&parsed.file.items, place);
            let before = self.doc_before(parsed, from);
            let trailing = self.trailing_comment(parsed, place).filter(|_| matches!(named, Symbol::Field { .. }));
            let comments = before.into_iter().chain(trailing);
            let translation =
                if self.is_prelude(place.file) { prelude_docs::translated(named, self.language) } else { None };
            docs.extend(comments.map(|comment| translation.map_or(comment, str::to_owned)));
        }
        docs.dedup();
        docs.join("\n\n")
    }

    /// The `##` lines directly above a declaration.
    fn doc_before(&self, parsed: &Parsed, from: Span) -> Option<String> {
        let mut lines: Vec<&str> = Vec::new();
        let mut start = from.start;
        for comment in parsed.trivia.comments_in(0, from.start).iter().rev() {
            let between = self.text(from.file).get(comment.span.end as usize..start as usize)?;
            if !comment.doc || !comment.own_line || !between.trim().is_empty() || between.matches('\n').count() > 1 {
                break;
            }
            lines.push(self.sources.slice(comment.span).trim_start_matches('#').trim());
            start = comment.span.start;
        }
        lines.reverse();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// The comment after a field on its line.
    fn trailing_comment(&self, parsed: &Parsed, place: Span) -> Option<String> {
        let rest = self.text(place.file).get(place.end as usize..)?;
        let length = rest.find('\n').unwrap_or(rest.len());
        let end = place.end.saturating_add(u32::try_from(length).unwrap_or(u32::MAX));
        let comment = parsed.trivia.comments_in(place.end, end).first()?;
        Some(self.sources.slice(comment.span).trim_start_matches('#').trim().to_owned())
    }

    /// Returns the item that declares a symbol.
    pub(in crate::ide) fn item_of(&self, named: &Symbol) -> Option<(FileId, &'v Parsed, &'v Item)> {
        self.items().find(|(_, _, item)| declared_by(&item.kind).as_ref() == Some(named))
    }

    /// A record with its fields, in declaration order.
    fn record(&self, of: &str) -> String {
        let mut fields: Vec<(&String, &FieldType)> = self.fields_of(of);
        fields.sort_by_key(|(_, field)| (!self.is_prelude(field.span.file), field.span));
        let lines: Vec<String> = fields.iter().filter_map(|(name, _)| self.field_line(of, name)).collect();
        let head = if matches!(of, "client" | "business") { of.to_owned() } else { format!("event {of}") };
        if lines.is_empty() {
            return format!("{head} {{}}");
        }
        format!("{head} {{\n  {}\n}}", lines.join("\n  "))
    }

    /// Returns the fields of an event, of several events joined by `or`, of `client` or of `business`.
    pub(in crate::ide) fn fields_of(&self, of: &str) -> Vec<(&'v String, &'v FieldType)> {
        let catalog = &self.compiled.program.catalog;
        match of {
            "client" => catalog.client.iter().collect(),
            "business" => catalog.business.iter().collect(),
            _ => {
                let mut events = of.split(" or ");
                let fields = |event: &str| catalog.events.get(event).map(|event| &event.fields);
                let Some(first) = events.next().and_then(fields) else { return Vec::new() };
                let others: Vec<_> = events.filter_map(fields).collect();
                let in_all = |name: &str, field: &FieldType| {
                    others.iter().all(|other| other.get(name).is_some_and(|other| other.ty == field.ty))
                };
                first.iter().filter(|(name, field)| in_all(name, field)).collect()
            }
        }
    }

    /// Returns a field as declared: `attended: bool later from starts_at by starts_at + 1d`.
    pub(in crate::ide) fn field_line(&self, of: &str, name: &str) -> Option<String> {
        let (_, field) = self.fields_of(of).into_iter().find(|(known, _)| *known == name)?;
        let key = self.compiled.program.catalog.events.get(of).and_then(|event| event.key.as_deref()) == Some(name);
        let mark = if field.optional { "?" } else { "" };
        let later = match (&field.later, self.later(field.span)) {
            (None, _) => String::new(),
            (Some(_), None) => " later".to_owned(),
            (Some(_), Some(later)) => format!(" {later}"),
        };
        Some(format!("{}{name}: {}{mark}{later}", if key { "key " } else { "" }, field.ty))
    }

    /// `later` of a field with its moments, as source text.
    fn later(&self, name: Span) -> Option<String> {
        let items = &self.tree(name.file)?.file.items;
        let mut fields = items.iter().flat_map(|item| fields_in(&item.kind));
        let field = fields.find(|field| field.name.span == name)?;
        let later = self.sources.slice(field.later.as_ref()?.span);
        Some(later.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The source text of a span, shortened.
    fn shown(&self, span: Span) -> String {
        let text = self.sources.slice(span);
        match text.char_indices().nth(MAX_SIGNATURE) {
            Some((cut, _)) => format!("{}..", text.get(..cut).unwrap_or("")),
            None => text.to_owned(),
        }
    }
}

/// Returns the symbol that an item declares.
pub(in crate::ide) fn declared_by(kind: &ItemKind) -> Option<Symbol> {
    Some(match kind {
        ItemKind::Const { name, .. } => Symbol::Constant(name.node.clone()),
        ItemKind::Segment { name, .. } => Symbol::Segment(name.node.clone()),
        ItemKind::Template { channel, name, .. } => {
            Symbol::Template { channel: channel.node.clone(), name: name.node.clone() }
        }
        ItemKind::Action { name, .. } => Symbol::Action(name.node.clone()),
        ItemKind::Event { name, .. } => Symbol::Event(name.node.clone()),
        ItemKind::Funnel(funnel) => Symbol::Funnel(funnel.name.node.clone()),
        ItemKind::Client(_) => Symbol::Client,
        ItemKind::Use(_) | ItemKind::Test { .. } | ItemKind::Entry(_) | ItemKind::Error => return None,
    })
}

/// The declaration that contains a name: its field, or else its item.
fn whole(items: &[Item], name: Span) -> Span {
    let Some(item) = items.iter().find(|item| item.span.start <= name.start && name.end <= item.span.end) else {
        return name;
    };
    let mut fields = fields_in(&item.kind).iter();
    fields.find(|field| field.name.span == name).map_or(item.span, |field| field.span)
}

/// The fields that an item declares.
fn fields_in(kind: &ItemKind) -> &[Field] {
    if let ItemKind::Client(fields) | ItemKind::Event { fields, .. } = kind { fields } else { &[] }
}
