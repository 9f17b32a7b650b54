//! The parts of a tree. In: an item. Out: every part of it that has a place of its own, the outer before the inner.

use crate::source::Span;
use crate::syntax::ast::{
    Block, Body, Chain, DurationLit, Element, Enter, Entry, EventPath, Expectation, Expr, ExprKind, Field, Filter,
    Funnel, Hole, If, Item, ItemKind, LimitElse, Otherwise, Param, PastElse, Record, RecordEntry, Schedule, Setting,
    SettingKind, Step, TestStep, TestStepKind, Text, TextPart, Trigger, TriggerKind, TypeExpr,
};

/// A part of a tree.
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
    Hole(&'a Hole),
    Filter(&'a Filter),
    Record(&'a Record),
    Pair(&'a RecordEntry),
    Duration(&'a DurationLit),
    TestStep(&'a TestStep),
}

impl Node<'_> {
    /// Where it stands.
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
            Self::Case(span) => span,
            Self::Expr(expr) => expr.span,
            Self::Text(text) => text.span,
            Self::Hole(hole) => hole.span,
            Self::Filter(filter) => filter.span,
            Self::Record(record) => record.span,
            Self::Pair(pair) => pair.name.span.to(pair.value.span),
            Self::Duration(duration) => duration.span,
            Self::TestStep(step) => step.span,
        }
    }
}

/// Every part of some items.
pub(super) fn parts(items: &[Item]) -> Vec<Node<'_>> {
    let mut walk = Walk { found: Vec::new() };
    items.iter().for_each(|item| walk.item(item));
    walk.found
}

/// Every part of a chain.
pub(super) fn of_chain(chain: &Chain) -> Vec<Node<'_>> {
    let mut walk = Walk { found: Vec::new() };
    walk.chain(chain);
    walk.found
}

struct Walk<'a> {
    found: Vec<Node<'a>>,
}

impl<'a> Walk<'a> {
    fn item(&mut self, item: &'a Item) {
        self.found.push(Node::Item(item));
        match &item.kind {
            ItemKind::Use(path) => self.text(path),
            ItemKind::Const { value, .. } => self.expr(value),
            ItemKind::Client(fields) | ItemKind::Event { fields, .. } => {
                fields.iter().for_each(|field| self.field(field))
            }
            ItemKind::Segment { condition, .. } => self.expr(condition),
            ItemKind::Template { body, .. } => self.body(body),
            ItemKind::Action { params, .. } => {
                params.iter().for_each(|Param { ty, .. }| self.found.push(Node::Type(ty)))
            }
            ItemKind::Funnel(funnel) => self.funnel(funnel),
            ItemKind::Test { title, steps } => {
                self.text(title);
                steps.iter().for_each(|step| self.test_step(step));
            }
            ItemKind::Entry(entry) => self.entry(entry),
            ItemKind::Error => {}
        }
    }

    fn funnel(&mut self, funnel: &'a Funnel) {
        funnel.title.iter().for_each(|title| self.text(title));
        funnel.settings.iter().for_each(|setting| self.setting(setting));
        funnel.entries.iter().for_each(|entry| self.entry(entry));
    }

    fn field(&mut self, field: &'a Field) {
        self.found.push(Node::Field(field));
        self.found.push(Node::Type(&field.ty));
        field.later.iter().flat_map(|later| &later.by).for_each(|by| self.expr(by));
    }

    fn setting(&mut self, setting: &'a Setting) {
        self.found.push(Node::Setting(setting));
        match &setting.kind {
            SettingKind::Purpose { .. } | SettingKind::Hours(_) | SettingKind::Upgrade(_) | SettingKind::Error => {}
            SettingKind::Timezone { zone, otherwise } => {
                self.expr(zone);
                otherwise.iter().for_each(|zone| self.expr(zone));
            }
            SettingKind::Enter(Enter::Once { per }) => per.iter().for_each(|per| self.expr(per)),
            SettingKind::Enter(Enter::Again { after }) => self.found.push(Node::Duration(after)),
            SettingKind::Enter(Enter::Always | Enter::Error) => {}
            SettingKind::Limit { per, otherwise, .. } => {
                self.found.push(Node::Duration(per));
                if let LimitElse::Defer { up_to } = otherwise {
                    self.found.push(Node::Duration(up_to));
                }
            }
            SettingKind::Exit { events, filter } => {
                self.events(events);
                filter.iter().for_each(|filter| self.expr(filter));
            }
            SettingKind::Goal { events, filter, within, worth } => {
                self.events(events);
                filter.iter().for_each(|filter| self.expr(filter));
                within.iter().for_each(|within| self.found.push(Node::Duration(within)));
                worth.iter().for_each(|worth| self.expr(worth));
            }
        }
    }

    fn events(&mut self, events: &'a [EventPath]) {
        self.found.extend(events.iter().map(Node::Event));
    }

    fn entry(&mut self, entry: &'a Entry) {
        self.found.push(Node::Entry(entry));
        self.found.push(Node::Trigger(&entry.trigger));
        match &entry.trigger.kind {
            TriggerKind::Events(events) => self.events(events),
            TriggerKind::Segment { .. } | TriggerKind::Error => {}
            TriggerKind::Silence { duration, .. } => self.found.push(Node::Duration(duration)),
            TriggerKind::Date { moment, .. } => self.expr(moment),
            TriggerKind::Every { schedule, .. } => match schedule {
                Schedule::Interval { every, .. } => self.found.push(Node::Duration(every)),
                Schedule::Rule(text) => self.text(text),
                Schedule::Day { .. } | Schedule::Weekdays { .. } | Schedule::Error(_) => {}
            },
        }
        entry.trigger.filter.iter().for_each(|filter| self.expr(filter));
        self.chain(&entry.chain);
    }

    fn chain(&mut self, chain: &'a Chain) {
        self.found.push(Node::Chain(chain));
        chain.steps.iter().for_each(|step| self.step(step));
    }

    fn block(&mut self, block: &'a Block) {
        self.found.push(Node::Block(block));
        self.chain(&block.chain);
    }

    fn blocks(&mut self, blocks: [&'a Option<Block>; 2]) {
        blocks.into_iter().flatten().for_each(|block| self.block(block));
    }

    fn step(&mut self, step: &'a Step) {
        self.found.push(Node::Step(step));
        match &step.element {
            Element::If(branch) => self.branch(branch),
            Element::Match { subject, cases, otherwise } => {
                self.expr(subject);
                for case in cases {
                    self.found.push(Node::Case(case.span));
                    case.values.iter().for_each(|value| self.expr(value));
                    self.chain(&case.chain);
                }
                otherwise.iter().for_each(|chain| self.chain(chain));
            }
            Element::Split { name, cases, otherwise } => {
                name.iter().for_each(|name| self.text(name));
                for case in cases {
                    self.found.push(Node::Case(case.span));
                    self.chain(&case.chain);
                }
                otherwise.iter().for_each(|chain| self.chain(chain));
            }
            Element::Parallel { paths } => paths.iter().for_each(|path| self.chain(path)),
            Element::Repeat { body, .. } => self.block(body),
            Element::Wait { duration, .. } => self.found.push(Node::Duration(duration)),
            Element::WaitUntil { moment, otherwise } => {
                self.expr(moment);
                if let Some(PastElse::Block(block)) = otherwise {
                    self.block(block);
                }
            }
            Element::WaitFor(wait) => {
                self.events(&wait.events);
                wait.filter.iter().chain(&wait.up_to).for_each(|expr| self.expr(expr));
                self.blocks([&wait.then, &wait.otherwise]);
            }
            Element::Send(_)
            | Element::Set { .. }
            | Element::Tag(_)
            | Element::Untag(_)
            | Element::Task { .. }
            | Element::Call { .. }
            | Element::Do { .. }
            | Element::Emit { .. }
            | Element::Start(_)
            | Element::Stop
            | Element::Goto(_)
            | Element::Error => self.outward(&step.element),
        }
    }

    /// The elements that do something in the world.
    fn outward(&mut self, element: &'a Element) {
        match element {
            Element::Send(send) => {
                send.body.iter().for_each(|body| self.body(body));
                send.to.iter().for_each(|to| self.expr(to));
                send.otherwise.iter().for_each(|block| self.block(block));
            }
            Element::Set { value, .. } => self.expr(value),
            Element::Tag(text) | Element::Untag(text) => self.text(text),
            Element::Task { text, assignee, due } => {
                self.text(text);
                assignee.iter().for_each(|text| self.text(text));
                due.iter().for_each(|due| self.found.push(Node::Duration(due)));
            }
            Element::Call { url, body, otherwise } => {
                self.text(url);
                body.iter().for_each(|body| self.record(body));
                otherwise.iter().for_each(|block| self.block(block));
            }
            Element::Do { args, otherwise, .. } => {
                args.iter().for_each(|pair| self.pair(pair));
                otherwise.iter().for_each(|block| self.block(block));
            }
            Element::Emit { data, .. } => data.iter().for_each(|data| self.record(data)),
            Element::If(_)
            | Element::Match { .. }
            | Element::Split { .. }
            | Element::Parallel { .. }
            | Element::Repeat { .. }
            | Element::Wait { .. }
            | Element::WaitUntil { .. }
            | Element::WaitFor(_)
            | Element::Start(_)
            | Element::Stop
            | Element::Goto(_)
            | Element::Error => {}
        }
    }

    fn branch(&mut self, branch: &'a If) {
        self.expr(&branch.condition);
        branch.then.iter().for_each(|block| self.block(block));
        match &branch.otherwise {
            Some(Otherwise::Block(block)) => self.block(block),
            Some(Otherwise::If(inner, _)) => self.branch(inner),
            None => {}
        }
    }

    fn body(&mut self, body: &'a Body) {
        match body {
            Body::Template(_) | Body::Error(_) => {}
            Body::Text(text) => self.text(text),
            Body::Record(record) => self.record(record),
            Body::File(file) => self.text(&file.path),
        }
    }

    fn record(&mut self, record: &'a Record) {
        self.found.push(Node::Record(record));
        record.entries.iter().for_each(|pair| self.pair(pair));
    }

    fn pair(&mut self, pair: &'a RecordEntry) {
        self.found.push(Node::Pair(pair));
        self.expr(&pair.value);
    }

    fn text(&mut self, text: &'a Text) {
        self.found.push(Node::Text(text));
        for part in &text.parts {
            if let TextPart::Hole(hole) = part {
                self.found.push(Node::Hole(hole));
                self.expr(&hole.expr);
                for filter in &hole.filters {
                    self.found.push(Node::Filter(filter));
                    filter.args.iter().for_each(|arg| self.expr(arg));
                }
            }
        }
    }

    fn expr(&mut self, expr: &'a Expr) {
        self.found.push(Node::Expr(expr));
        match &expr.kind {
            ExprKind::Text(text) => self.text(text),
            ExprKind::File(file) => self.text(&file.path),
            ExprKind::List(items) => items.iter().for_each(|item| self.expr(item)),
            ExprKind::Field { of, .. } => self.expr(of),
            ExprKind::History(history) => history.filter.iter().for_each(|filter| self.expr(filter)),
            ExprKind::Unary { expr, .. } | ExprKind::Is { expr, .. } | ExprKind::Paren(expr) => self.expr(expr),
            ExprKind::Binary { left, right, .. } => {
                self.expr(left);
                self.expr(right);
            }
            ExprKind::Duration(duration) => self.found.push(Node::Duration(duration)),
            ExprKind::Bool(_)
            | ExprKind::Number(_)
            | ExprKind::Percent(_)
            | ExprKind::Money { .. }
            | ExprKind::Time(_)
            | ExprKind::Date(_)
            | ExprKind::DateTime(..)
            | ExprKind::Now
            | ExprKind::Day { .. }
            | ExprKind::Name(_)
            | ExprKind::Error => {}
        }
    }

    fn test_step(&mut self, step: &'a TestStep) {
        self.found.push(Node::TestStep(step));
        match &step.kind {
            TestStepKind::Client(record) => self.record(record),
            TestStepKind::At { when, data, .. } => {
                self.expr(when);
                self.record(data);
            }
            TestStepKind::Expect { when, what } => {
                when.iter().for_each(|when| self.expr(when));
                if let Expectation::Line { to, containing, .. } = what {
                    to.iter().for_each(|to| self.expr(to));
                    containing.iter().for_each(|text| self.text(text));
                }
            }
            TestStepKind::Until(when) => self.expr(when),
            TestStepKind::Error => {}
        }
    }
}
