//! Iteration over a graph: all its expressions, and all the targets of its elements.

use super::{Case, Element, Entry, Graph, NodeIx, OnFailure, Share};
use crate::check::program::{CallTarget, Content, Enter, Expr, Moment, Pattern, Segment, Send, Trigger, UpTo};

impl Graph {
    /// Returns the expressions of its entries, settings and elements; nested expressions are inside these.
    #[must_use]
    pub fn expressions(&self) -> Vec<&Expr> {
        let mut found: Vec<&Expr> = self.entries.iter().flat_map(entry_exprs).collect();
        let settings = &self.settings;
        found.extend(&settings.zones);
        if let Enter::OncePer(expr) = &settings.enter {
            found.push(expr);
        }
        found.extend(settings.exits.iter().filter_map(|exit| exit.filter.as_ref()));
        found.extend(settings.goals.iter().flat_map(|goal| goal.filter.iter().chain(&goal.worth)));
        found.extend(self.crossed_segments().map(|segment| &segment.condition));
        found.extend(self.nodes.iter().flat_map(|node| node.element.expressions()));
        found
    }
}

impl Element {
    /// Returns its expressions; nested expressions are inside these.
    #[must_use]
    pub fn expressions(&self) -> Vec<&Expr> {
        element_exprs(self)
    }
}

impl Graph {
    /// The segments that its exits, goals and waits follow.
    pub fn crossed_segments(&self) -> impl Iterator<Item = &Segment> {
        let waited = self.nodes.iter().flat_map(|node| {
            let Element::WaitEvent { wait, .. } = &node.element else { return &[][..] };
            wait.patterns.as_slice()
        });
        let exits = self.settings.exits.iter().map(|exit| &exit.pattern);
        let goals = self.settings.goals.iter().flat_map(|goal| &goal.patterns);
        exits.chain(goals).chain(waited).filter_map(Pattern::segment)
    }
}

fn entry_exprs(entry: &Entry) -> Vec<&Expr> {
    let segment = match &entry.trigger {
        Trigger::Segment { segment, .. } => Some(segment),
        Trigger::Every { segment, .. } => segment.as_ref(),
        Trigger::Happened { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Started { .. } => None,
    };
    let condition = segment.map(|segment| &segment.condition);
    condition.into_iter().chain(entry.trigger.holds()).chain(&entry.filter).collect()
}

fn element_exprs(element: &Element) -> Vec<&Expr> {
    match element {
        Element::If { condition, .. } => vec![condition],
        Element::WaitUntil { moment: Moment::At(expr), .. } => vec![expr],
        Element::Match { subject, cases, .. } => {
            std::iter::once(subject).chain(cases.iter().flat_map(|case| &case.values)).collect()
        }
        Element::WaitEvent { wait, .. } => {
            let end = match &wait.up_to {
                Some(UpTo::Moment(expr)) => Some(expr),
                Some(UpTo::Duration(_)) | None => None,
            };
            wait.filter.iter().chain(end).collect()
        }
        Element::Send { send, .. } => send_exprs(send),
        Element::Set { value, .. } => vec![value],
        Element::Tag { tag, .. } => vec![tag],
        Element::Task { task, .. } => std::iter::once(&task.text).chain(&task.assignee).collect(),
        Element::Call { call, .. } => {
            let url = match &call.target {
                CallTarget::Url(url) => Some(url),
                CallTarget::Action(_) => None,
            };
            url.into_iter().chain(call.body.iter().map(|argument| &argument.value)).collect()
        }
        Element::Emit { data, .. } => data.iter().map(|(_, value)| value).collect(),
        Element::WaitDuration { .. }
        | Element::WaitUntil { moment: Moment::Time(_) | Moment::Weekdays(..), .. }
        | Element::Stop
        | Element::Split { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. } => Vec::new(),
    }
}

fn send_exprs(send: &Send) -> Vec<&Expr> {
    let texts = match &send.content {
        Content::Text(text) => vec![text],
        Content::Email { subject, preheader, text, html } => {
            std::iter::once(subject).chain([preheader, text, html].into_iter().flatten()).collect()
        }
    };
    std::iter::once(&send.to).chain(&send.before).chain(texts).collect()
}

impl Element {
    /// Applies `change` to the target of each exit.
    pub fn map_targets(&mut self, change: &mut impl FnMut(&mut Option<NodeIx>)) {
        match self {
            Self::If { yes: one, no: other, .. }
            | Self::WaitUntil { next: one, on_past: other, .. }
            | Self::WaitEvent { on_event: one, on_timeout: other, .. }
            | Self::Repeat { body: one, next: other, .. }
            | Self::Send { next: one, on_not_sent: OnFailure::Else(other), .. }
            | Self::Call { next: one, on_failed: OnFailure::Else(other), .. } => {
                change(one);
                change(other);
            }
            Self::WaitDuration { next, .. }
            | Self::Send { next, on_not_sent: OnFailure::Continue, .. }
            | Self::Call { next, on_failed: OnFailure::Continue, .. }
            | Self::Set { next, .. }
            | Self::Tag { next, .. }
            | Self::Join { next }
            | Self::Task { next, .. }
            | Self::Emit { next, .. }
            | Self::Start { next, .. }
            | Self::StopFunnel { next, .. } => change(next),
            Self::Match { cases, otherwise, .. } => {
                cases.iter_mut().for_each(|Case { to, .. }| change(to));
                change(otherwise);
            }
            Self::Split { shares, otherwise, .. } => {
                shares.iter_mut().for_each(|Share { to, .. }| change(to));
                change(otherwise);
            }
            Self::Fork { paths } => paths.iter_mut().for_each(change),
            Self::Stop => {}
        }
    }
}
