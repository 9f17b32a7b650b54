//! Semantic highlighting. In: a file. Out: its tokens with their kinds, in order, none of which spans lines.

use crate::check::{BuiltinKind, Reference, Role, Symbol};
use crate::ide::node::{Node, parts};
use crate::ide::token::end_tags;
use crate::ide::view::View;
use crate::source::{FileId, Span};
use crate::syntax::ast::{Expr, ExprKind, ItemKind};
use crate::syntax::token::{Class, Kind, Token};
use std::collections::{BTreeMap, BTreeSet};

/// A token with its kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SemanticToken {
    /// The location of the token.
    pub span: Span,
    /// The kind.
    pub kind: SemanticKind,
    /// Whether it declares the symbol.
    pub declaration: bool,
    /// Whether the symbol cannot be changed.
    pub readonly: bool,
    /// Whether the symbol is built in or declared by the prelude.
    pub default_library: bool,
}

/// The kind of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SemanticKind {
    /// A keyword.
    Keyword,
    /// An event.
    Event,
    /// A field, or an entry of a record.
    Property,
    /// A name of a value: a constant, an alias, `client`.
    Variable,
    /// Something called by name: a template, an action, a funnel, a filter, a history function.
    Function,
    /// A parameter of an action.
    Parameter,
    /// A string.
    String,
    /// A number, with its unit.
    Number,
    /// A comment.
    Comment,
    /// A label.
    Label,
    /// One of a fixed set of words: a channel, a purpose.
    EnumMember,
    /// A type or a segment.
    Type,
    /// An operator.
    Operator,
}

impl SemanticKind {
    /// Every kind.
    pub const ALL: [Self; 13] = [
        Self::Keyword,
        Self::Event,
        Self::Property,
        Self::Variable,
        Self::Function,
        Self::Parameter,
        Self::String,
        Self::Number,
        Self::Comment,
        Self::Label,
        Self::EnumMember,
        Self::Type,
        Self::Operator,
    ];
}

impl View<'_> {
    /// Returns the tokens of a file with their kinds.
    #[must_use]
    pub fn semantic_tokens(&self, file: FileId) -> Vec<SemanticToken> {
        let notes = self.notes_about(file);
        let mut names: BTreeMap<u32, &Reference> = BTreeMap::new();
        for mention in notes.iter().flat_map(|notes| &notes.references) {
            if mention.span.file == file && self.is_word(mention) {
                names.entry(mention.span.start).or_insert(mention);
            }
        }
        let own = self.own_events();
        let unknown = self.unknown_names(file);
        let mut found: Vec<SemanticToken> = Vec::new();
        let tokens = self.tokens(file);
        let ends = end_tags(&tokens);
        for token in tokens {
            if ends.contains(&token.span) {
                found.push(plain(token.span, SemanticKind::Keyword));
                continue;
            }
            let name = names.get(&token.span.start).filter(|name| name.span == token.span);
            let token = match name {
                Some(mention) => Some(self.name(mention, &own)),
                None if unknown.contains(&token.span) && matches!(token.kind, Kind::Key(_)) => None,
                None => kind(token).map(|kind| plain(token.span, kind)),
            };
            found.extend(token);
        }
        if let Some(parsed) = self.tree(file) {
            found.extend(parsed.trivia.comments.iter().map(|comment| plain(comment.span, SemanticKind::Comment)));
        }
        found.sort_by_key(|token| token.span.start);
        found.into_iter().flat_map(|token| self.by_line(token)).collect()
    }

    /// The spans of names, including unknown ones, which may look like keywords.
    fn unknown_names(&self, file: FileId) -> BTreeSet<Span> {
        let items = self.tree(file).map(|parsed| parsed.file.items.as_slice()).unwrap_or_default();
        let name = |node: Node<'_>| {
            if let Node::Expr(Expr { kind: ExprKind::Name(_), span }) = node {
                return Some(*span);
            }
            if let Node::Name(span) = node { Some(span) } else { None }
        };
        parts(items).into_iter().filter_map(name).collect()
    }

    fn name(&self, mention: &Reference, own: &BTreeSet<&str>) -> SemanticToken {
        let kind = match &mention.symbol {
            Symbol::Client | Symbol::Business | Symbol::Constant(_) | Symbol::Alias(_) => SemanticKind::Variable,
            Symbol::Event(_) => SemanticKind::Event,
            Symbol::Field { .. } | Symbol::Builtin(BuiltinKind::Part, _) => SemanticKind::Property,
            Symbol::Segment(_) | Symbol::Builtin(BuiltinKind::Type, _) => SemanticKind::Type,
            Symbol::Template { .. } | Symbol::Action(_) | Symbol::Funnel(_) => SemanticKind::Function,
            Symbol::Builtin(BuiltinKind::Filter | BuiltinKind::Function, _) => SemanticKind::Function,
            Symbol::Param { .. } => SemanticKind::Parameter,
            Symbol::Label { .. } => SemanticKind::Label,
            Symbol::Builtin(BuiltinKind::Channel | BuiltinKind::Choice | BuiltinKind::Expectation, _) => {
                SemanticKind::EnumMember
            }
            Symbol::Builtin(BuiltinKind::Special, _) => SemanticKind::Property,
        };
        let given = matches!(mention.symbol, Symbol::Builtin(..) | Symbol::Client | Symbol::Business);
        SemanticToken {
            declaration: mention.role == Role::Declares,
            readonly: matches!(mention.symbol, Symbol::Constant(_) | Symbol::Business),
            default_library: given || self.is_given(&mention.symbol, own),
            ..plain(mention.span, kind)
        }
    }

    /// Whether a symbol is declared only by the prelude; `own` are the events that the project's files declare.
    fn is_given(&self, named: &Symbol, own: &BTreeSet<&str>) -> bool {
        let catalog = &self.compiled.program.catalog;
        match named {
            Symbol::Event(name) => catalog.events.contains_key(name) && !own.contains(name.as_str()),
            Symbol::Field { of, name } => {
                let field = match of.as_str() {
                    "client" => catalog.client.get(name),
                    "business" => catalog.business.get(name),
                    event => catalog.events.get(event).and_then(|event| event.fields.get(name)),
                };
                field.is_some_and(|field| self.is_prelude(field.span.file))
            }
            Symbol::Client | Symbol::Business | Symbol::Builtin(..) => true,
            _ => false,
        }
    }

    /// The events that the project's files declare.
    fn own_events(&self) -> BTreeSet<&str> {
        let own = self.items().filter(|(file, _, _)| !self.is_prelude(*file));
        let named = own.filter_map(|(_, _, item)| {
            let ItemKind::Event { name, .. } = &item.kind else { return None };
            Some(name.node.as_str())
        });
        named.collect()
    }

    /// Splits a token at line ends, because many editors do not support multi-line tokens.
    fn by_line(&self, token: SemanticToken) -> Vec<SemanticToken> {
        let mut start = token.span.start as usize;
        let mut found = Vec::new();
        for line in self.sources.slice(token.span).split_inclusive('\n') {
            let length = line.trim_end_matches(['\n', '\r']).len();
            if length > 0 {
                found.push(SemanticToken { span: Span::new(token.span.file, start, start + length), ..token });
            }
            start += line.len();
        }
        found
    }
}

fn plain(span: Span, kind: SemanticKind) -> SemanticToken {
    SemanticToken { span, kind, declaration: false, readonly: false, default_library: false }
}

/// The kind of a token that is not a name.
fn kind(token: Token<'_>) -> Option<SemanticKind> {
    match token.kind.class() {
        Class::Keyword => Some(SemanticKind::Keyword),
        Class::Label => Some(SemanticKind::Property),
        Class::Literal => Some(SemanticKind::Number),
        Class::Text => Some(SemanticKind::String),
        Class::Operator => Some(SemanticKind::Operator),
        Class::Name | Class::Punctuation => None,
    }
}
