//! The abstract syntax tree: the source with spans, before any checks.
//!
//! Comments are kept separately, in [`super::Trivia`]. Damaged parts become `Error` nodes, so every file has a tree.

mod expr;
mod funnel;
mod step;
mod test;
mod text;
mod unit;

pub use expr::{BinaryOp, Day, DayWord, Expr, ExprKind, History, UnaryOp};
pub use funnel::{
    DayRange, Enter, Entry, EventPath, Funnel, Happening, HoursWindow, LimitElse, Schedule, Setting, SettingKind,
    Trigger, TriggerKind,
};
pub use step::{
    Block, Body, Chain, Due, Element, If, MatchCase, Otherwise, Path, Send, SetOp, SplitCase, Step, WaitElse, WaitEvent,
};
pub use test::{ExpectClause, Expectation, Given, GivenDoes, TestStep, TestStepKind};
pub use text::{Filter, Placeholder, Text, TextBranch, TextFile, TextIf, TextPart, TextPiece, TextTag};
pub use unit::{DurationLit, Unit};

use crate::source::{Span, Spanned};

/// A name as written.
pub type Name = Spanned<String>;

/// A whole file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// The top-level items, in order.
    pub items: Vec<Item>,
    /// The whole text.
    pub span: Span,
}

/// A top-level item of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// The kind.
    pub kind: ItemKind,
    /// From its first keyword to its last token.
    pub span: Span,
}

/// The kinds of top-level item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum ItemKind {
    /// `use "common.funnel"`
    Use(Text),
    /// `const limit = 5000 RUB`
    Const { name: Name, value: Expr },
    /// `client { field.. }`
    Client(Vec<Field>),
    /// `event NAME { field.. }`
    Event { name: Name, fields: Vec<Field> },
    /// `segment NAME = expr`
    Segment { name: Name, condition: Expr },
    /// `template CHANNEL NAME (params) = body`
    Template { channel: Name, name: Name, params: Vec<Name>, body: Body },
    /// `action NAME (param: type, ..)`
    Action { name: Name, params: Vec<Param> },
    /// `funnel NAME "title" { .. }`
    Funnel(Funnel),
    /// `test "what" { .. }`
    Test { title: Text, steps: Vec<TestStep> },
    /// `on booking -> ..`, an entry of the file's own funnel
    Entry(Entry),
    /// Something that could not be read.
    Error,
}

/// A field of an event or of the client: `key id: text`, `attended: bool later from starts_at by starts_at + 1d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Whether `key` precedes it.
    pub key: bool,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// `later` and its moments.
    pub later: Option<Later>,
    /// The whole field.
    pub span: Span,
}

/// `later`, `later by expr`, `later from expr by expr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The earliest moment of an answer, if there is one.
    pub from: Option<Expr>,
    /// The deadline, if there is one.
    pub by: Option<Expr>,
    /// From `later` to its end.
    pub span: Span,
}

/// A type as written: `text?`, `"new" | "paid"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeExpr {
    /// The alternatives between the bars; at least one.
    pub atoms: Vec<TypeAtom>,
    /// Whether `?` ends it.
    pub optional: bool,
    /// The whole type.
    pub span: Span,
}

/// One alternative of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeAtom {
    /// `text`
    Name(Name),
    /// `"paid"`
    Literal(Text),
    /// `list<text>`
    List(Box<TypeExpr>, Span),
    /// Something that could not be read.
    Error(Span),
}

/// `name: type` of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// `{ name: expr, .. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its entries in order.
    pub entries: Vec<RecordEntry>,
    /// With the braces.
    pub span: Span,
}

/// `name: expr`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Expr,
}
