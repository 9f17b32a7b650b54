//! Ids of elements: the label, or a hash of kind and place that survives edits elsewhere in the file.
//! A place is the trigger, the ids of the enclosing elements with the branch taken, the object of the element (channel
//! and template, field, tag) and its ordinal among equal elements of its chain. Changing a text, duration or condition
//! keeps the id.

use super::expr_text::write_expr;
use super::{ElementId, Node};
use crate::check::program::{CallTarget, Change, Element, Expr, Moment, Pattern, Send, Step, Trigger};
use crate::source::hex;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The ids assigned so far in one funnel.
#[derive(Clone, Debug, Default)]
pub(super) struct Identities {
    used: BTreeSet<String>,
    occurrences: BTreeMap<String, u32>,
}

impl Identities {
    /// Assigns the id of an event element.
    pub(super) fn for_entry(&mut self, trigger: &Trigger) -> ElementId {
        match trigger {
            Trigger::Happened { patterns, .. } => {
                let patterns: Vec<String> = patterns.iter().map(pattern_key).collect();
                self.assign("on", &patterns.join("\n"))
            }
            Trigger::Segment { segment, entering: true } => self.assign("on", &format!("entering {}", segment.name)),
            Trigger::Segment { segment, entering: false } => self.assign("on", &format!("leaving {}", segment.name)),
            Trigger::Silence { event, .. } => self.assign("on", &format!("no {event}")),
            Trigger::Started { event, .. } => {
                self.assign("on", &format!("start {}", event.as_deref().unwrap_or_default()))
            }
            Trigger::Date(date) => self.assign("on", &format!("date {}", date.field)),
            Trigger::Every { segment, .. } => {
                let segment_name = segment.as_ref().map_or("", |segment| segment.name.as_str());
                self.assign("every", segment_name)
            }
        }
    }

    /// Assigns the id of a step at `place`.
    pub(super) fn for_step(&mut self, step: &Step, place: &str) -> ElementId {
        if let Some(label) = &step.label {
            return self.for_label(label);
        }
        let (kind, object) = match &step.element {
            Element::If { .. } => ("if", String::new()),
            Element::WaitDuration { .. } => ("wait", "for".to_owned()),
            Element::WaitUntil { moment, .. } => ("wait", moment_form(moment).to_owned()),
            Element::Send { send, .. } => ("send", send_key(send)),
            Element::Set { field, .. } => ("set", field.clone()),
            Element::Tag { tag, add } => tag_key(tag, *add),
            Element::Stop => ("stop", String::new()),
            Element::Match { .. } => ("match", String::new()),
            Element::Split { name, .. } => ("split", name.clone().unwrap_or_default()),
            Element::Parallel { .. } => ("parallel", String::new()),
            Element::Repeat { .. } => ("repeat", String::new()),
            Element::WaitEvent { wait, .. } => ("wait", wait_event_key(&wait.patterns)),
            Element::Task(_) => ("task", String::new()),
            Element::Call { call, .. } => match &call.target {
                CallTarget::Url(_) => ("call", String::new()),
                CallTarget::Action(action) => ("do", action.clone()),
            },
            Element::Emit { event, .. } => ("emit", event.clone()),
            Element::Start { funnel } => ("start", funnel.clone()),
            Element::StopFunnel { funnel } => ("stop", funnel.clone()),
            Element::Goto { label } => ("goto", label.clone()),
        };
        self.assign(kind, &format!("{place}\n{object}"))
    }

    /// Assigns the id of a labeled element: the label itself. A label such as `send_3f9a0c` restores the generated id
    /// `send-3f9a0c` that the element had before it was moved.
    pub(super) fn for_label(&mut self, label: &str) -> ElementId {
        let id = id_of_label(label);
        self.used.insert(id.0.clone());
        id
    }

    /// Assigns the id that an element at `place` has without a label.
    pub(super) fn for_node(&mut self, node: &Node, name: Option<&str>, place: &str) -> ElementId {
        let (kind, object) = node_key(node, name);
        self.assign(kind, &format!("{place}\n{object}"))
    }

    /// Returns the id that [`Self::for_node`] would assign, without assigning it.
    pub(super) fn peek_for_node(&self, node: &Node, name: Option<&str>, place: &str) -> ElementId {
        let (kind, object) = node_key(node, name);
        ElementId(format_id(kind, &self.next_hash(&format!("{kind}\n{place}\n{object}")), MIN_DIGITS))
    }

    /// Assigns the id of the `stop` of an `else stop`.
    pub(super) fn for_past_stop(&mut self, of: &str) -> ElementId {
        self.assign("stop", &format!("{of}/past"))
    }

    /// Assigns the id of the join of a `parallel`.
    pub(super) fn for_join(&mut self, of: &str) -> ElementId {
        self.assign("join", of)
    }

    fn assign(&mut self, kind: &str, place: &str) -> ElementId {
        let like = format!("{kind}\n{place}");
        let hash = self.next_hash(&like);
        // Six digits are readable; when two places of a funnel collide, the later one gets more digits.
        let mut len = MIN_DIGITS;
        let id = loop {
            let id = format_id(kind, &hash, len);
            if len >= 64 || !self.used.contains(&id) {
                break id;
            }
            len += 1;
        };
        self.used.insert(id.clone());
        *self.occurrences.entry(like).or_insert(0) += 1;
        ElementId(id)
    }

    /// The hash of the next element with this kind and place.
    fn next_hash(&self, like: &str) -> impl AsRef<[u8]> + use<> {
        let nth = self.occurrences.get(like).copied().unwrap_or(0) + 1;
        Sha256::new().chain_update(like).chain_update("\n").chain_update(nth.to_string()).finalize()
    }
}

/// The minimum number of hex digits in a generated id.
const MIN_DIGITS: usize = 6;

fn format_id(kind: &str, hash: &impl AsRef<[u8]>, digits: usize) -> String {
    format!("{kind}-{}", hex(hash.as_ref(), digits))
}

/// The kinds that generated ids start with.
const GENERATED_KINDS: [&str; 16] = [
    "if", "wait", "send", "set", "tag", "untag", "stop", "match", "split", "parallel", "repeat", "task", "call", "do",
    "emit", "start",
];

fn is_generated(kind: &str, digits: &str) -> bool {
    let hex = digits.bytes().all(|digit| digit.is_ascii_digit() || (b'a'..=b'f').contains(&digit));
    GENERATED_KINDS.contains(&kind) && (6..=64).contains(&digits.len()) && hex
}

/// The id of an element with a label.
pub(super) fn id_of_label(label: &str) -> ElementId {
    ElementId(match label.rsplit_once('_').filter(|(kind, digits)| is_generated(kind, digits)) {
        Some((kind, digits)) => format!("{kind}-{digits}"),
        None => label.to_owned(),
    })
}

/// The label that restores a generated id, `send_3f9a0c` for `send-3f9a0c`; `None` for an id that was not generated.
pub(super) fn label_for_generated(id: &str) -> Option<String> {
    let (kind, digits) = id.rsplit_once('-').filter(|(kind, digits)| is_generated(kind, digits))?;
    Some(format!("{kind}_{digits}"))
}

/// The kind of a node in its id, and the object that it acts on.
fn node_key(node: &Node, name: Option<&str>) -> (&'static str, String) {
    use super::Element as E;
    match &node.element {
        E::If { .. } => ("if", String::new()),
        E::WaitDuration { .. } => ("wait", "for".to_owned()),
        E::WaitUntil { moment, .. } => ("wait", moment_form(moment).to_owned()),
        E::WaitEvent { wait, .. } => ("wait", wait_event_key(&wait.patterns)),
        E::Send { send, .. } => ("send", send_key(send)),
        E::Set { field, .. } => ("set", field.clone()),
        E::Tag { tag, add, .. } => tag_key(tag, *add),
        E::Stop => ("stop", String::new()),
        E::Match { .. } => ("match", String::new()),
        E::Split { .. } => ("split", name.unwrap_or_default().to_owned()),
        E::Fork { .. } => ("parallel", String::new()),
        E::Join { .. } => ("join", String::new()),
        E::Repeat { .. } => ("repeat", String::new()),
        E::Task { .. } => ("task", String::new()),
        E::Call { call, .. } => match &call.target {
            CallTarget::Url(_) => ("call", String::new()),
            CallTarget::Action(action) => ("do", action.clone()),
        },
        E::Emit { event, .. } => ("emit", event.clone()),
        E::Start { funnel, .. } => ("start", funnel.clone()),
        E::StopFunnel { funnel, .. } => ("stop", funnel.clone()),
    }
}

/// A tag is identified by its canonical source, so formatting does not change its id.
fn tag_key(tag: &Expr, add: bool) -> (&'static str, String) {
    let kind = if add { "tag" } else { "untag" };
    (kind, format!("{kind} {}", write_expr(tag)))
}

fn send_key(send: &Send) -> String {
    format!("{} {}", send.channel, send.template.as_deref().unwrap_or_default())
}

fn wait_event_key(patterns: &[Pattern]) -> String {
    format!("for {}", patterns.iter().map(Pattern::name).collect::<Vec<_>>().join(" "))
}

/// Describes a record change as part of a place.
fn pattern_key(pattern: &Pattern) -> String {
    let event = &pattern.event;
    match &pattern.change {
        Change::Created => format!("{event} created"),
        Change::Updated => format!("{event} updated"),
        Change::TurnedTrue(field) => format!("{event} turned true {field}"),
        Change::FieldChanged(field) | Change::FieldBecame(field) => format!("{event} changed {field}"),
        Change::Crossed(crossing) => crossing.to_string(),
    }
}

/// The form of a `wait until` as part of its id: one place may hold waits of different forms.
fn moment_form(moment: &Moment) -> &'static str {
    match moment {
        Moment::At(_) => "until",
        Moment::Time(_) => "until-time",
        Moment::Weekdays(..) => "until-weekday",
    }
}
