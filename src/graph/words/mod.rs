//! Elements and settings of a funnel in the words of people who do not read source code, for drawings and reports.

mod expr;
mod length;
mod setting;
mod step;
mod trigger;

pub use setting::SettingWords;

use super::arrows::{Arrow, Origin, case_label};
use super::{Element, Entry, Graph, Kind, NodeIx};
use crate::diagnostic::{Language, Phrase};
use crate::say;

/// Says the parts of one funnel in a language. The first letter of an element is a capital.
#[derive(Debug, Clone)]
pub struct Words<'g> {
    graph: &'g Graph,
    language: Language,
    /// For each node, the event that started the runs which reach it, if all were started by the same one.
    started_by: Vec<Option<&'g str>>,
}

/// Says a part of a funnel.
#[derive(Debug, Clone, Copy)]
struct Voice<'g> {
    language: Language,
    /// The event that a part is about; its fields need no owner.
    own: Option<&'g str>,
}

impl<'g> Words<'g> {
    /// The words for a funnel.
    #[must_use]
    pub fn new(graph: &'g Graph, language: Language) -> Self {
        Self { graph, language, started_by: started_by(graph) }
    }

    /// Their language.
    #[must_use]
    pub fn language(&self) -> Language {
        self.language
    }

    /// What a trigger waits for; its conditions are on lines of their own.
    #[must_use]
    pub fn entry(&self, entry: &Entry) -> String {
        capitalized(&self.about(entry.trigger.binding()).trigger(entry))
    }

    /// What a node does: `Email: Welcome!`, `Wait 1 day, 10:00`.
    #[must_use]
    pub fn node(&self, ix: NodeIx) -> String {
        let own = self.started_by.get(ix.0 as usize).copied().flatten();
        self.graph.node(ix).map(|node| capitalized(&self.about(own).step(node))).unwrap_or_default()
    }

    fn about<'a>(&self, own: Option<&'a str>) -> Voice<'a> {
        Voice { language: self.language, own }
    }

    fn said(&self, phrase: &Phrase) -> String {
        phrase.in_language(self.language).into_owned()
    }

    /// The label of an arrow; empty if it has none.
    #[must_use]
    pub fn label(&self, arrow: &Arrow) -> String {
        let origin = match arrow.from {
            Origin::Entry(_) => None,
            Origin::Node(ix) => self.graph.node(ix).map(|node| &node.element),
        };
        if let Some(Element::Match { cases, .. }) = origin
            && let Some(case) = cases.iter().find(|case| case_label(case) == arrow.label)
        {
            return self.about(None).list(&case.values);
        }
        match &*arrow.label {
            "yes" => self.said(&say!("yes")),
            "no" => self.said(&say!("no")),
            "past" => self.said(&say!("too late")),
            "came" => self.said(&say!("in time")),
            "missed" => self.said(&say!("not in time")),
            "not sent" => self.said(&say!("not sent")),
            "failed" => self.said(&say!("failed")),
            "otherwise" => self.said(&say!("otherwise")),
            "then" => self.said(&say!("then")),
            other => {
                if let Some(Element::Repeat { times, .. }) = origin {
                    self.about(None).repeated(*times)
                } else {
                    other.to_owned()
                }
            }
        }
    }

    /// The name of one of the four kinds.
    #[must_use]
    pub fn kind(&self, kind: Kind) -> String {
        self.said(&match kind {
            Kind::Event => say!("event"),
            Kind::Condition => say!("condition"),
            Kind::Wait => say!("wait"),
            Kind::Action => say!("action"),
        })
    }
}

impl Voice<'_> {
    fn said(&self, phrase: &Phrase) -> String {
        phrase.in_language(self.language).into_owned()
    }
}

/// For each node, the name of the event that starts all runs which reach it.
fn started_by(graph: &Graph) -> Vec<Option<&str>> {
    let mut names: Vec<Option<Option<&str>>> = vec![None; graph.nodes.len()];
    for entry in &graph.entries {
        let (name, mut open) = (entry.trigger.binding(), Vec::from_iter(entry.start));
        let mut seen = vec![false; graph.nodes.len()];
        while let Some(ix) = open.pop() {
            let (Some(seen), Some(known)) = (seen.get_mut(ix.0 as usize), names.get_mut(ix.0 as usize)) else {
                continue;
            };
            if std::mem::replace(seen, true) {
                continue;
            }
            *known = Some(known.map_or(name, |known| known.filter(|known| Some(*known) == name)));
            open.extend(graph.node(ix).map(|node| node.element.targets()).unwrap_or_default());
        }
    }
    names.into_iter().map(Option::flatten).collect()
}

/// The name of a channel as people call it.
fn channel(channel: &str, language: Language) -> String {
    match channel {
        "sms" => "SMS".to_owned(),
        "email" => capitalized(&say!("email").in_language(language)),
        "whatsapp" => "WhatsApp".to_owned(),
        other => capitalized(&plain(other)),
    }
}

/// A name without the signs of source code: `starts_at` becomes `starts at`.
fn plain(name: &str) -> String {
    name.replace('_', " ")
}

/// A text with a capital letter.
fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    let first: String = chars.next().into_iter().flat_map(char::to_uppercase).collect();
    first + chars.as_str()
}
