//! Nodes in words.

use super::{Voice, capitalized, plain};
use crate::check::program::{
    Arithmetic, Call, CallTarget, Expr, FieldRead, Later, Moment, Send, Source, Task, UpTo, WaitEvent,
};
use crate::graph::{Element, Node};
use crate::say;
use crate::syntax::ast::DayWord;
use crate::value::{Duration, TimeOfDay};
use std::collections::BTreeSet;

impl Voice<'_> {
    pub(super) fn step(&self, node: &Node) -> String {
        match &node.element {
            Element::If { condition, .. } => self.question(condition),
            Element::Match { subject, .. } => self.question(subject),
            Element::WaitDuration { duration, at, .. } => {
                self.said(&say!("wait {length}", length = self.duration_at(*duration, *at)))
            }
            Element::WaitUntil { moment, .. } => self.wait_until(moment),
            Element::WaitEvent { wait, .. } => self.wait_for(wait),
            Element::Send { send, .. } => self.send(send),
            Element::Set { field, value, from_zero, .. } => self.set(field, value, *from_zero),
            Element::Tag { tag, add: true, .. } => self.said(&say!("tag: {tag}", tag = self.expr(tag))),
            Element::Tag { tag, add: false, .. } => self.said(&say!("remove tag: {tag}", tag = self.expr(tag))),
            Element::Stop => self.said(&say!("leave the funnel")),
            // A split without a name gets that of its element.
            Element::Split { name, .. } if *name == node.id.0 => self.said(&say!("random choice")),
            Element::Split { name, .. } => self.said(&say!("random choice: {name}", name)),
            Element::Fork { .. } => self.said(&say!("all paths at the same time")),
            Element::Join { .. } => self.said(&say!("when all paths are done")),
            Element::Repeat { times, .. } => self.said(&say!("repeat {times}", times = self.repeated(*times))),
            Element::Task { task, .. } => self.task(task),
            Element::Call { call, .. } => self.call(call),
            Element::Emit { event, .. } => self.said(&say!("event: {event}", event = plain(event))),
            Element::Start { funnel, .. } => self.said(&say!("start funnel: {funnel}", funnel = plain(funnel))),
            Element::StopFunnel { funnel, .. } => self.said(&say!("stop funnel: {funnel}", funnel = plain(funnel))),
        }
    }

    /// A condition with a question mark, and until when it is known.
    fn question(&self, condition: &Expr) -> String {
        let moments: BTreeSet<String> = condition.reads().into_iter().filter_map(|read| self.known_by(read)).collect();
        let moments = moments.into_iter().map(|moment| format!("\n{moment}"));
        format!("{}?{}", self.expr(condition), moments.collect::<String>())
    }

    fn known_by(&self, read: &FieldRead) -> Option<String> {
        let Later { from, by } = read.later.as_ref()?;
        match (by, from) {
            (Some(by), _) => Some(self.said(&say!("known by {moment}", moment = self.expr(by)))),
            (None, Some(from)) => Some(self.said(&say!("known from {moment}", moment = self.expr(from)))),
            (None, None) => None,
        }
    }

    /// `1 day, 10:00`
    pub(super) fn duration_at(&self, length: Duration, at: Option<TimeOfDay>) -> String {
        let length = self.duration(length);
        at.map_or_else(|| length.clone(), |at| format!("{length}, {at}"))
    }

    fn wait_until(&self, moment: &Moment) -> String {
        match moment {
            Moment::At(moment) => self.said(&say!("wait until {moment}", moment = self.expr(moment))),
            Moment::Time(time) => self.said(&say!("wait until {time}", time = time.to_string())),
            Moment::Weekdays(days, time) => {
                let named = match DayWord::ALL.into_iter().find(|word| word.days() == days.as_slice()) {
                    Some(DayWord::Weekday) => self.said(&say!("a weekday")),
                    Some(DayWord::Weekend) => self.said(&say!("the weekend")),
                    None => self.weekdays(days),
                };
                let day = if *time == TimeOfDay::MIDNIGHT { named } else { format!("{named}, {time}") };
                self.said(&say!("wait until {day}", day))
            }
        }
    }

    fn wait_for(&self, wait: &WaitEvent) -> String {
        let mut out = self.said(&say!("wait for: {event}", event = self.patterns(&wait.patterns)));
        if let Some(filter) = &wait.filter {
            out = format!("{out}\n{}", self.said(&say!("if {condition}", condition = self.expr(filter))));
        }
        match &wait.up_to {
            Some(UpTo::Duration(length)) => {
                format!("{out}\n{}", self.said(&say!("at most {length}", length = self.duration(*length))))
            }
            Some(UpTo::Moment(moment)) => {
                format!("{out}\n{}", self.said(&say!("until {moment}", moment = self.expr(moment))))
            }
            None => out,
        }
    }

    /// The channel and what the client reads first.
    fn send(&self, send: &Send) -> String {
        let Send { channel, content, to, before, template: _ } = send;
        let name = super::channel(channel, self.language);
        let is_client = matches!(to, Expr::Field(FieldRead { source: Source::Client, .. }));
        let name = match is_client {
            true => name,
            false => self.said(&say!("{channel} to {address}", channel = name, address = self.expr(to))),
        };
        let out = format!("{name}: {}", self.first_words(content));
        match before {
            Some(moment) => format!("{out}\n{}", self.said(&say!("only before {moment}", moment = self.expr(moment)))),
            None => out,
        }
    }

    fn set(&self, field: &str, value: &Expr, from_zero: bool) -> String {
        let field = plain(field);
        match value {
            Expr::Arithmetic(Arithmetic::Add, _, by) if from_zero => format!("{field}: +{}", self.expr(by)),
            Expr::Arithmetic(Arithmetic::Subtract, _, by) if from_zero => format!("{field}: −{}", self.expr(by)),
            value => self.said(&say!("set {field}: {value}", field, value = self.expr(value))),
        }
    }

    fn task(&self, task: &Task) -> String {
        let text = self.expr(&task.text);
        let out = match &task.assignee {
            Some(who) => self.said(&say!("task for {who}: {text}", who = self.expr(who), text)),
            None => self.said(&say!("task: {text}", text)),
        };
        match task.due {
            Some(due) => {
                let due = self.duration_at(due, task.due_at);
                format!("{out}\n{}", self.said(&say!("due in {length}", length = due)))
            }
            None => out,
        }
    }

    /// A request: the host says more than the whole address.
    fn call(&self, call: &Call) -> String {
        match &call.target {
            CallTarget::Action(action) => capitalized(&plain(action)),
            CallTarget::Url(url) => {
                let url = self.expr(url);
                let host = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
                let host = host.split(['/', '?']).next().unwrap_or_default();
                self.said(&say!("call {host}", host))
            }
        }
    }
}
