//! Identities of elements: the label, or a hash of kind and place that survives edits elsewhere in the file.
//!
//! A place is: the trigger, the identities of the elements around it with the branch taken, what the element acts
//! on (channel and template, field, tag), and which of its like it is in its chain. So a changed text, duration or
//! condition keeps the identity, and so does a step put in beside it that acts on something else.

use super::ElementId;
use super::build::wait_form;
use crate::check::program::{CallTarget, Change, Element, Pattern, Step, Trigger};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The identities given so far in one funnel.
#[derive(Debug, Default)]
pub(super) struct Identities {
    given: BTreeSet<String>,
    like: BTreeMap<String, u32>,
}

impl Identities {
    /// The identity of an event element.
    pub(super) fn entry(&mut self, trigger: &Trigger) -> ElementId {
        match trigger {
            Trigger::Happened { patterns, .. } => {
                let patterns: Vec<String> = patterns.iter().map(happening).collect();
                self.hashed("on", patterns.join("\n"))
            }
            Trigger::Segment { segment, entering: true } => self.hashed("on", format!("entering {}", segment.name)),
            Trigger::Segment { segment, entering: false } => self.hashed("on", format!("leaving {}", segment.name)),
            Trigger::Silence { event, .. } => self.hashed("on", format!("no {event}")),
            Trigger::Date(date) => self.hashed("on", format!("date {}", date.field)),
            Trigger::Every { segment, .. } => {
                let whom = segment.as_ref().map_or("", |segment| segment.name.as_str());
                self.hashed("every", whom.to_owned())
            }
        }
    }

    /// The identity of a step inside `place`.
    pub(super) fn element(&mut self, step: &Step, place: &str) -> ElementId {
        if let Some(label) = &step.label {
            self.given.insert(label.clone());
            return ElementId(label.clone());
        }
        let (kind, object) = match &step.element {
            Element::If { .. } => ("if", String::new()),
            Element::Wait(wait) => ("wait", wait_form(wait).to_owned()),
            Element::Send { send, .. } => {
                ("send", format!("{} {}", send.channel, send.template.as_deref().unwrap_or_default()))
            }
            Element::Set { field, .. } => ("set", field.clone()),
            Element::Tag { add, .. } => (if *add { "tag" } else { "untag" }, step.text.clone()),
            Element::Stop => ("stop", String::new()),
            Element::Match { .. } => ("match", String::new()),
            Element::Split { name, .. } => ("split", name.clone().unwrap_or_default()),
            Element::Parallel { .. } => ("parallel", String::new()),
            Element::Repeat { .. } => ("repeat", String::new()),
            Element::WaitEvent { wait, .. } => (
                "wait",
                format!("for {}", wait.patterns.iter().map(|p| p.event.as_str()).collect::<Vec<_>>().join(" ")),
            ),
            Element::Task(_) => ("task", String::new()),
            Element::Call { call, .. } => match &call.target {
                CallTarget::Url(_) => ("call", String::new()),
                CallTarget::Action(action) => ("do", action.clone()),
            },
            Element::Emit { event, .. } => ("emit", event.clone()),
            Element::Start { funnel } => ("start", funnel.clone()),
            Element::Goto { label } => ("goto", label.clone()),
        };
        self.hashed(kind, format!("{place}\n{object}"))
    }

    /// The identity of the `stop` of an `else stop`.
    pub(super) fn stop(&mut self, of: &str) -> ElementId {
        self.hashed("stop", format!("{of}/past"))
    }

    /// The identity of the end of a `parallel`.
    pub(super) fn join(&mut self, of: &str) -> ElementId {
        self.hashed("join", of.to_owned())
    }

    fn hashed(&mut self, kind: &str, place: String) -> ElementId {
        let place = format!("{kind}\n{place}");
        let nth = self.like.entry(place.clone()).and_modify(|n| *n += 1).or_insert(1);
        let hash = Sha256::digest(format!("{place}\n{nth}"));
        let digits: String = hash.iter().map(|byte| format!("{byte:02x}")).collect();
        // Six digits are enough for people; where two places of a funnel share them, the later takes more.
        let mut len = 6;
        loop {
            let id = format!("{kind}-{}", digits.get(..len).unwrap_or(&digits));
            if self.given.insert(id.clone()) || len >= digits.len() {
                return ElementId(id);
            }
            len += 1;
        }
    }
}

/// What happens to a record, as a place.
fn happening(pattern: &Pattern) -> String {
    let event = &pattern.event;
    match &pattern.change {
        Change::Created => format!("{event} created"),
        Change::Updated => format!("{event} updated"),
        Change::TurnedTrue(field) => format!("{event} turned true {field}"),
        Change::FieldChanged(field) => format!("{event} changed {field}"),
    }
}
