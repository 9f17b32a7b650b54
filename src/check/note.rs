//! What names stand for. In: a file and what all files declare. Out: each name in it with what it names, the types of its
//! expressions and what can be named where, noted by the same checks that judge the file.

use super::checker::Checker;
use super::known::Known;
use super::names::{Bound, Scope, Site, UNSUBSCRIBE};
use super::part::PARTS;
use super::prelude::CHANNELS;
use super::program::{END, Function, NEXT, Thing, Upgrade};
use super::text::FILTERS;
use super::types::{Missing, Typed};
use super::{Context, template};
use crate::source::{FileId, Sources, Span};
use crate::syntax::Parsed;
use crate::syntax::ast::{self, ItemKind};
use crate::value::Type;
use std::sync::Arc;

/// What a name stands for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Named {
    /// The client.
    Client,
    /// The business.
    Business,
    /// An event, by its name.
    Event(String),
    /// A field of an event, of `client` or of `business`.
    Field {
        /// What has it.
        of: String,
        /// Its name.
        name: String,
    },
    /// A constant.
    Constant(String),
    /// A segment.
    Segment(String),
    /// A template of a channel.
    Template {
        /// The channel.
        channel: String,
        /// Its name.
        name: String,
    },
    /// An action.
    Action(String),
    /// What an action is told.
    Param {
        /// The action.
        action: String,
        /// The name.
        name: String,
    },
    /// A funnel.
    Funnel(String),
    /// An element of a funnel.
    Label {
        /// Where the name of the funnel stands.
        funnel: Span,
        /// The label.
        name: String,
    },
    /// An event that has another name here, by the place of that name after `as`.
    Alias(Span),
    /// A word that the language gives.
    Word(Word, String),
}

/// A kind of word that the language gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Word {
    /// `sms`
    Channel,
    /// `default`, after `|`
    Filter,
    /// `count`, about the past
    Function,
    /// `text`
    Type,
    /// `subject` of a message
    Part,
    /// `updated` of an event, `at` of one in the past, `next` and `end` of a `goto`, `unsubscribe_url` of a letter
    Special,
    /// `marketing`, `migrate`
    Choice,
    /// `send`, `exit` of a test's `expect`
    Expectation,
}

impl Word {
    /// The words of a kind, as far as they can be listed.
    #[must_use]
    pub fn all(self) -> Vec<&'static str> {
        match self {
            Self::Channel => CHANNELS.iter().map(|(channel, _)| *channel).collect(),
            Self::Filter => FILTERS.to_vec(),
            Self::Function => Function::NAMES.iter().map(|(name, _)| *name).collect(),
            Self::Type => Type::NAMES.iter().map(|(name, _)| *name).collect(),
            Self::Part => PARTS.to_vec(),
            Self::Special => vec!["updated", "at", NEXT, END, UNSUBSCRIBE],
            Self::Choice => ["marketing", "service"].into_iter().chain(Upgrade::NAMES.map(|(name, _)| name)).collect(),
            Self::Expectation => Thing::NAMES.iter().map(|(name, _)| *name).collect(),
        }
    }
}

/// What a name does where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Role {
    /// It says what the thing is.
    Declares,
    /// It changes the thing.
    Changes,
    /// It uses the thing.
    Uses,
}

/// A name where it stands.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// Where it stands.
    pub span: Span,
    /// What it names. What stands in a text that several funnels send may name several things.
    pub named: Named,
    /// What it does.
    pub role: Role,
}

/// The type of an expression.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedAt {
    /// Where it stands.
    pub span: Span,
    /// Its type.
    pub ty: Type,
    /// Whether it may be missing there.
    pub missing: bool,
}

/// What can be named in a part of a text.
#[derive(Debug, Clone, PartialEq)]
pub struct Visible {
    /// The part.
    pub span: Span,
    /// The events that have a name there.
    pub events: Arc<[VisibleEvent]>,
    /// What does not stand there: the values of a run in what is the same in every run.
    pub fixed: bool,
    /// Whether it is in the words of a letter.
    pub in_letter: bool,
}

/// An event that has a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleEvent {
    /// The name there.
    pub name: String,
    /// The event's own name; several have `or` between.
    pub event: String,
    /// Whether its fields can be named without it.
    pub bare: bool,
    /// Where it gets its name, when that is not its own.
    pub declared: Vec<Span>,
}

/// What was noted of a file, and of the texts that it names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Notes {
    /// The names, in the order of their places.
    pub mentions: Vec<Mention>,
    /// The types of expressions, in the same order.
    pub types: Vec<TypedAt>,
    /// What can be named where.
    pub visible: Vec<Visible>,
    /// The name of the funnel that is checked.
    pub(super) funnel: Span,
}

impl Notes {
    fn settled(mut self) -> Self {
        self.mentions.sort();
        self.mentions.dedup();
        self.types.sort_by_key(|typed| (typed.span.file, typed.span.start, typed.span.end));
        self.types.dedup_by_key(|typed| typed.span);
        self
    }
}

impl Checker<'_> {
    /// Notes what a name uses.
    pub(super) fn note(&mut self, span: Span, named: impl FnOnce() -> Named) {
        self.note_as(span, Role::Uses, named);
    }

    /// Notes what a name declares.
    pub(super) fn note_declared(&mut self, span: Span, named: impl FnOnce() -> Named) {
        self.note_as(span, Role::Declares, named);
    }

    /// Notes a word of the language.
    pub(super) fn note_word(&mut self, word: Word, name: &ast::Name) {
        self.note(name.span, || Named::Word(word, name.node.clone()));
    }

    /// Notes a field of something; of several events it is a field of each.
    pub(super) fn note_field(&mut self, of: &str, name: &str, span: Span, role: Role) {
        for of in of.split(" or ") {
            self.note_as(span, role, || Named::Field { of: of.to_owned(), name: name.to_owned() });
        }
    }

    fn note_as(&mut self, span: Span, role: Role, named: impl FnOnce() -> Named) {
        if let Some(notes) = &mut self.notes
            && !span.is_empty()
        {
            notes.mentions.push(Mention { span, named: named(), role });
        }
    }

    /// Notes an event by the name that it has here.
    pub(super) fn note_bound(&mut self, bound: &Bound, span: Span) {
        if self.notes.is_none() {
            return;
        }
        if bound.declared.is_empty() {
            bound.event.split(" or ").for_each(|event| self.note(span, || Named::Event(event.to_owned())));
        }
        bound.declared.iter().for_each(|place| self.note(span, || Named::Alias(*place)));
    }

    /// Notes a label, or the name of one.
    pub(super) fn note_label(&mut self, label: &ast::Name, role: Role) {
        let funnel = self.notes.as_ref().map(|notes| notes.funnel).unwrap_or_default();
        self.note_as(label.span, role, || Named::Label { funnel, name: label.node.clone() });
    }

    /// Notes which funnel is checked from here on.
    pub(super) fn note_funnel(&mut self, name: &str, span: Span) {
        if let Some(notes) = &mut self.notes {
            notes.funnel = span;
        }
        self.note_declared(span, || Named::Funnel(name.to_owned()));
    }

    /// Notes the type of an expression.
    pub(super) fn note_type(&mut self, span: Span, typed: Option<&Typed>) {
        if let (Some(notes), Some(typed)) = (&mut self.notes, typed) {
            notes.types.push(TypedAt { span, ty: typed.ty.clone(), missing: typed.missing != Missing::Never });
        }
    }

    /// Notes what can be named in a part of the text.
    pub(super) fn note_scope(&mut self, span: Span, scope: &Scope) {
        let Some(notes) = &mut self.notes else { return };
        let same = |visible: &&Visible| {
            let pairs = || visible.events.iter().zip(scope.bound.iter());
            visible.events.len() == scope.bound.len() && pairs().all(|(seen, bound)| *seen == VisibleEvent::of(bound))
        };
        let events = match notes.visible.last().filter(same) {
            Some(last) => Arc::clone(&last.events),
            None => scope.bound.iter().map(VisibleEvent::of).collect(),
        };
        let fixed = scope.site.fixed().is_some();
        notes.visible.push(Visible { span, events, fixed, in_letter: scope.in_letter });
    }
}

impl VisibleEvent {
    fn of(bound: &Bound) -> Self {
        let Bound { name, event, bare, declared } = bound;
        Self { name: name.clone(), event: event.clone(), bare: *bare, declared: declared.clone() }
    }
}

/// Checks a file once more, with all that is declared, to note what its names stand for.
pub(super) fn notes(
    sources: &Sources,
    known: &Arc<Known<'static>>,
    id: FileId,
    tree: &Parsed,
    context: &Context,
) -> Notes {
    let mut checker = Checker::new(sources, context, Arc::<Known<'static>>::clone(known));
    checker.notes = Some(Notes::default());
    for item in &tree.file.items {
        checker.note_item(&item.kind);
    }
    let funnels = checker.funnels(id, &tree.file);
    checker.tests(&tree.file, &funnels);
    checker.notes.unwrap_or_default().settled()
}

impl Checker<'_> {
    /// Notes the names in a declaration, without declaring it again.
    fn note_item(&mut self, kind: &ItemKind) {
        match kind {
            ItemKind::Const { name, value } => {
                self.note_declared(name.span, || Named::Constant(name.node.clone()));
                self.expr(&Scope::empty(Site::Constant), value);
            }
            ItemKind::Client(fields) => self.note_fields("client", fields),
            ItemKind::Event { name, fields } => {
                self.note_declared(name.span, || Named::Event(name.node.clone()));
                self.note_fields(&name.node, fields);
            }
            ItemKind::Segment { name, condition } => {
                self.note_declared(name.span, || Named::Segment(name.node.clone()));
                self.condition(&Scope::empty(Site::Segment), condition);
            }
            ItemKind::Template { channel, name, params, body } => {
                params.iter().for_each(|param| self.note_event(param));
                let Some(channel) = self.channel(channel) else { return };
                let template = || Named::Template { channel: channel.to_owned(), name: name.node.clone() };
                self.note_declared(name.span, template);
                let params: Vec<String> = params.iter().map(|param| param.node.clone()).collect();
                let scope = template::scope(self, &params);
                self.content(&scope, channel, body);
            }
            ItemKind::Action { name, params } => {
                self.note_declared(name.span, || Named::Action(name.node.clone()));
                for param in params {
                    let named = || Named::Param { action: name.node.clone(), name: param.name.node.clone() };
                    self.note_declared(param.name.span, named);
                    self.type_of(&param.ty);
                }
            }
            ItemKind::Use(_) | ItemKind::Funnel(_) | ItemKind::Test { .. } | ItemKind::Entry(_) | ItemKind::Error => {}
        }
    }

    fn note_event(&mut self, name: &ast::Name) {
        if self.catalog.events.contains_key(&name.node) {
            self.note(name.span, || Named::Event(name.node.clone()));
        }
    }

    fn note_fields(&mut self, of: &str, fields: &[ast::Field]) {
        let scope = if of == "client" { Scope::empty(Site::Deadline) } else { Scope::of_event(Site::Deadline, of, of) };
        for field in fields {
            self.note_field(of, &field.name.node, field.name.span, Role::Declares);
            self.type_of(&field.ty);
            if let Some(by) = field.later.as_ref().and_then(|later| later.by.as_ref()) {
                self.value(&scope, by);
            }
        }
    }
}
