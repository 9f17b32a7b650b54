//! Syntax tree traversal. In: an item. Out: all of its nodes that have a span, parents first.

use crate::source::Span;
use crate::syntax::ast::{
    Block, Body, Chain, DurationLit, Element, Enter, Entry, EventPath, ExpectClause, Expectation, Expr, ExprKind,
    Field, Filter, Funnel, Given, GivenDoes, Happening, History, If, Item, ItemKind, Later, LimitElse, MatchCase, Name,
    Otherwise, Param, Placeholder, Record, RecordEntry, Schedule, Send, Setting, SettingKind, SplitCase, Step,
    TestStep, TestStepKind, Text, TextBranch, TextIf, TextPart, Trigger, TriggerKind, TypeAtom, TypeExpr, WaitElse,
    WaitEvent,
};

/// A node of the syntax tree.
#[derive(Debug, Clone, Copy)]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Node<'a> {
    Item(&'a Item),
    Field(&'a Field),
    Type(&'a TypeExpr),
    Setting(&'a Setting),
    Entry(&'a Entry),
    Trigger(&'a Trigger),
    Event(&'a EventPath),
    Chain(&'a Chain),
    Step(&'a Step),
    Block(&'a Block),
    Case(Span),
    Expr(&'a Expr),
    Text(&'a Text),
    Placeholder(&'a Placeholder),
    Filter(&'a Filter),
    Record(&'a Record),
    Pair(&'a RecordEntry),
    Duration(&'a DurationLit),
    TestStep(&'a TestStep),
    Name(Span),
}

impl Node<'_> {
    /// Returns the span of the node.
    pub(super) fn span(self) -> Span {
        match self {
            Self::Item(item) => item.span,
            Self::Field(field) => field.span,
            Self::Type(ty) => ty.span,
            Self::Setting(setting) => setting.span,
            Self::Entry(entry) => entry.span,
            Self::Trigger(trigger) => trigger.span,
            Self::Event(path) => path.span(),
            Self::Chain(chain) => chain.span,
            Self::Step(step) => step.span,
            Self::Block(block) => block.span,
            Self::Case(span) | Self::Name(span) => span,
            Self::Expr(expr) => expr.span,
            Self::Text(text) => text.span,
            Self::Placeholder(placeholder) => placeholder.span,
            Self::Filter(filter) => filter.span,
            Self::Record(record) => record.span,
            Self::Pair(pair) => pair.name.span.to(pair.value.span),
            Self::Duration(duration) => duration.span,
            Self::TestStep(step) => step.span,
        }
    }
}

/// Returns all nodes of some items.
pub(super) fn parts(items: &[Item]) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    items.iter().for_each(|item| item.walk(&mut found));
    found
}

/// Returns all nodes of a chain.
pub(super) fn of_chain(chain: &Chain) -> Vec<Node<'_>> {
    let mut found = Vec::new();
    chain.walk(&mut found);
    found
}

/// A syntax tree node, or something that contains nodes.
trait Walk {
    /// Appends itself and its descendants.
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>);
}

impl<T: Walk> Walk for Option<T> {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        self.iter().for_each(|part| part.walk(found));
    }
}

impl<T: Walk> Walk for Vec<T> {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        self.iter().for_each(|part| part.walk(found));
    }
}

/// Lists each type with its node, if it is one, and the parts to walk in order.
macro_rules! walks {
    ($($ty:ty: $this:ident $(=> $node:expr)?, [$($part:expr),*];)*) => { $(impl Walk for $ty {
        fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
            let $this = self;
            $(found.push($node);)?
            $($part.walk(found);)*
        }
    })* };
}

walks! {
    Item: item => Node::Item(item), [item.kind];
    Funnel: funnel, [funnel.name, funnel.title, funnel.settings, funnel.entries];
    Field: field => Node::Field(field), [field.name, field.ty, field.later];
    Later: later, [later.from, later.by];
    Param: param, [param.name, param.ty];
    TypeExpr: ty => Node::Type(ty), [ty.atoms];
    Setting: setting => Node::Setting(setting), [setting.kind];
    Entry: entry => Node::Entry(entry), [entry.trigger, entry.chain];
    Trigger: trigger => Node::Trigger(trigger), [trigger.kind, trigger.alias, trigger.filter, trigger.holds];
    EventPath: path => Node::Event(path), [path.event, path.member];
    Chain: chain => Node::Chain(chain), [chain.steps];
    Block: block => Node::Block(block), [block.chain];
    Step: step => Node::Step(step), [step.label, step.element];
    If: branch, [branch.condition, branch.then, branch.otherwise];
    MatchCase: case => Node::Case(case.span), [case.values, case.chain];
    SplitCase: case => Node::Case(case.span), [case.chain];
    WaitEvent: wait, [wait.events, wait.alias, wait.filter, wait.up_to, wait.then, wait.otherwise];
    Send: send, [send.channel, send.body, send.to, send.before, send.otherwise];
    Expr: expr => Node::Expr(expr), [expr.kind];
    History: asked, [asked.function, asked.event, asked.field, asked.last, asked.filter];
    Text: text => Node::Text(text), [text.parts];
    Placeholder: placeholder => Node::Placeholder(placeholder), [placeholder.expr, placeholder.filters];
    TextIf: choice => Node::Case(choice.span), [choice.branches, choice.otherwise];
    TextBranch: branch, [branch.condition, branch.parts];
    Filter: filter => Node::Filter(filter), [filter.name, filter.args];
    Record: record => Node::Record(record), [record.entries];
    RecordEntry: pair => Node::Pair(pair), [pair.name, pair.value];
    DurationLit: duration => Node::Duration(duration), [];
    TestStep: step => Node::TestStep(step), [step.kind];
    Name: name => Node::Name(name.span), [];
}

/// Walks the parts of a variant in order.
macro_rules! each {
    ($found:ident, $($part:expr),*) => { { $($part.walk($found);)* } };
}

impl Walk for ItemKind {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Use(path) => path.walk(found),
            Self::Const { name, value } => each!(found, name, value),
            Self::Client(fields) => fields.walk(found),
            Self::Event { name, fields } => each!(found, name, fields),
            Self::Segment { name, condition } => each!(found, name, condition),
            Self::Template { channel, name, params, body } => each!(found, channel, name, params, body),
            Self::Action { name, params } => each!(found, name, params),
            Self::Funnel(funnel) => funnel.walk(found),
            Self::Test { title, steps } => each!(found, title, steps),
            Self::Entry(entry) => entry.walk(found),
            Self::Error => {}
        }
    }
}

impl Walk for TypeAtom {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Name(name) => name.walk(found),
            Self::List(of, _) => of.walk(found),
            Self::Literal(_) | Self::Error(_) => {}
        }
    }
}

impl Walk for SettingKind {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Purpose { kind, topic } => each!(found, kind, topic),
            Self::Timezone { zone, otherwise } => each!(found, zone, otherwise),
            Self::Enter(Enter::Once { per }) => per.walk(found),
            Self::Enter(Enter::Again { after }) => after.walk(found),
            Self::Limit { channel, per, otherwise, .. } => {
                each!(found, channel, per);
                if let LimitElse::Defer { up_to } = otherwise {
                    up_to.walk(found);
                }
            }
            Self::Exit { events, filter } => each!(found, events, filter),
            Self::Goal { events, filter, within, worth } => each!(found, events, filter, within, worth),
            Self::Upgrade(policy) => policy.walk(found),
            Self::Hours(_) | Self::Enter(Enter::Always | Enter::Error) | Self::Error => {}
        }
    }
}

impl Walk for TriggerKind {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Events(events) => events.walk(found),
            Self::Segment { name, .. } => name.walk(found),
            Self::Silence { event, duration } => each!(found, event, duration),
            Self::Start { event } => event.walk(found),
            Self::Date { path, shift, .. } => {
                path.walk(found);
                shift.iter().for_each(|(_, length)| length.walk(found));
            }
            Self::Every { schedule, segment } => each!(found, schedule, segment),
            Self::Error => {}
        }
    }
}

impl Walk for Happening {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Event(path) => path.walk(found),
            Self::Segment { name, .. } => name.walk(found),
        }
    }
}

impl Walk for Schedule {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Interval { every, .. } => every.walk(found),
            Self::Rule(rule) => rule.walk(found),
            Self::Day { .. } | Self::Weekdays { .. } | Self::Once(_) | Self::Error(_) => {}
        }
    }
}

impl Walk for Element {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::If(branch) => branch.walk(found),
            Self::Match { subject, cases, otherwise } => each!(found, subject, cases, otherwise),
            Self::Split { name, cases, otherwise } => each!(found, name, cases, otherwise),
            Self::Parallel { paths } => paths.walk(found),
            Self::Repeat { body, .. } => body.walk(found),
            Self::WaitDuration { duration, .. } => duration.walk(found),
            Self::WaitUntil { moment, otherwise } => each!(found, moment, otherwise),
            Self::WaitEvent(wait) => wait.walk(found),
            Self::Send(send) => send.walk(found),
            Self::Set { target, value, .. } => each!(found, target.names, value),
            Self::Tag(text) | Self::Untag(text) => text.walk(found),
            Self::Task { text, assignee, due } => {
                each!(found, text, assignee);
                due.iter().for_each(|due| due.duration.walk(found));
            }
            Self::Call { url, body, answer, otherwise } => each!(found, url, body, answer, otherwise),
            Self::Do { action, args, answer, otherwise } => each!(found, action, args, answer, otherwise),
            Self::Emit { event, data } => each!(found, event, data),
            Self::Start(name) | Self::StopFunnel(name) | Self::Goto(name) => name.walk(found),
            Self::Stop | Self::Error => {}
        }
    }
}

impl Walk for Otherwise {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Block(block) => block.walk(found),
            Self::If(inner, _) => inner.walk(found),
        }
    }
}

impl Walk for WaitElse {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Block(block) => block.walk(found),
            Self::Skip(_) | Self::Stop(_) => {}
        }
    }
}

impl Walk for Body {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Template(name) => name.walk(found),
            Self::Text(text) => text.walk(found),
            Self::Record(record) => record.walk(found),
            Self::File(file) => file.path.walk(found),
            Self::Error(_) => {}
        }
    }
}

impl Walk for TextPart {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Placeholder(placeholder) => placeholder.walk(found),
            Self::If(choice) => choice.walk(found),
            Self::Text(_) => {}
        }
    }
}

impl Walk for ExprKind {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Text(text) => text.walk(found),
            Self::File(file) => file.path.walk(found),
            Self::List(items) => items.walk(found),
            Self::Field { of, name } => each!(found, of, name),
            Self::History(asked) => asked.walk(found),
            Self::Unary { expr, .. } | Self::Is { expr, .. } | Self::Paren(expr) | Self::AtTime { of: expr, .. } => {
                expr.walk(found)
            }
            Self::InFunnel { expr, funnel, .. } => each!(found, expr, funnel),
            Self::Range { from, to } => each!(found, from, to),
            Self::Binary { left, right, .. } => each!(found, left, right),
            Self::Duration(duration) => duration.walk(found),
            // The span of the expression is the span of the name.
            Self::Name(_)
            | Self::Bool(_)
            | Self::Number(_)
            | Self::Percent(_)
            | Self::Money { .. }
            | Self::Time(_)
            | Self::Date(_)
            | Self::DateTime(..)
            | Self::Now
            | Self::Day { .. }
            | Self::Error => {}
        }
    }
}

impl Walk for TestStepKind {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Client(record) => record.walk(found),
            Self::At { when, event, data } => each!(found, when, event, data),
            Self::Expect { when, what } => each!(found, when, what),
            Self::Given(Given { when, kind, action, url, does }) => {
                each!(found, when, kind, action, url);
                match does {
                    GivenDoes::Fails(reason) => reason.walk(found),
                    GivenDoes::Answers(answer) => answer.walk(found),
                }
            }
            Self::Until(when) => when.walk(found),
            Self::Error => {}
        }
    }
}

impl Walk for Expectation {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::Line { negated: _, kind, owner, target, template, text, data, args, clauses } => {
                each!(found, kind, owner, target, template, text, data, args, clauses)
            }
            Self::NothingElse { from } => from.walk(found),
            Self::Error => {}
        }
    }
}

impl Walk for ExpectClause {
    fn walk<'a>(&'a self, found: &mut Vec<Node<'a>>) {
        match self {
            Self::To(value) | Self::Is(value) => value.walk(found),
            Self::For(text) | Self::Containing(text) => text.walk(found),
            Self::Due(due) => due.duration.walk(found),
        }
    }
}
