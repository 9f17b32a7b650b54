//! Graphs from JSON, as `graph --format json` prints them or a visual editor makes them. In: a text. Out: graphs whose
//! arrows all lead somewhere, with their places in the text, and findings.
//!
//! An editor may leave out ids, texts and kinds, and may name the goal of an arrow by its id in place of its number.

use super::{Element, Entry, Graph, Kind, Node, NodeIx};
use crate::check::program::Settings;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{FileId, Span};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// The version of the form that is written.
pub const VERSION: u32 = 1;

/// Graphs of a text, and what they need to be text again.
#[derive(Debug, Clone, Default)]
pub struct Read {
    /// The graphs; empty when there are errors.
    pub graphs: Vec<Graph>,
    /// Texts of what they use and do not hold: events, constants, segments, templates, actions.
    pub declarations: Vec<String>,
    /// What was found.
    pub findings: Vec<Diagnostic>,
}

/// A graph as it stands in a text.
#[derive(Debug, Deserialize)]
struct Written<'t> {
    #[serde(default)]
    version: Option<u32>,
    funnel: String,
    #[serde(default)]
    title: Option<String>,
    #[serde(default, borrow)]
    settings: Option<&'t RawValue>,
    #[serde(borrow)]
    entries: Vec<&'t RawValue>,
    #[serde(borrow)]
    nodes: Vec<&'t RawValue>,
    #[serde(default)]
    declarations: Vec<String>,
}

/// Reads one graph, or a list of graphs.
#[must_use]
pub fn read(text: &str, file: FileId) -> Read {
    let mut reader = Reader { text, file, read: Read::default() };
    let whole = text.trim_start();
    let raws: Result<Vec<&RawValue>, _> = match whole.starts_with('[') {
        true => serde_json::from_str(text),
        false => serde_json::from_str::<&RawValue>(text).map(|raw| vec![raw]),
    };
    match raws {
        Ok(raws) => raws.into_iter().for_each(|raw| reader.graph(raw)),
        Err(fault) => reader.broken(&fault, None),
    }
    let mut read = reader.read;
    if read.findings.iter().any(Diagnostic::is_error) {
        read.graphs.clear();
    }
    read
}

struct Reader<'t> {
    text: &'t str,
    file: FileId,
    read: Read,
}

impl<'t> Reader<'t> {
    fn span(&self, raw: &'t RawValue) -> Span {
        // A raw value is a slice of the text that it was read from.
        let start = (raw.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        let shown = raw.get().lines().next().map_or(0, str::len);
        Span::new(self.file, start.min(self.text.len()), (start + shown).min(self.text.len()))
    }

    fn report(&mut self, finding: Diagnostic) {
        self.read.findings.push(finding);
    }

    /// A text that is no JSON, or not of the form that is wanted; within `raw` when that much is known.
    fn broken(&mut self, fault: &serde_json::Error, raw: Option<&'t RawValue>) {
        let start = raw.map_or(0, |raw| self.span(raw).start as usize);
        let inside = raw.map_or(self.text, |raw| raw.get());
        let line: usize = inside.split_inclusive('\n').take(fault.line().saturating_sub(1)).map(str::len).sum();
        let mut at = (start + line + fault.column().saturating_sub(1)).min(self.text.len().saturating_sub(1));
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        let end = self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(at, |c| at + c.len_utf8());
        let fault = fault.to_string();
        let words = fault.split(" at line ").next().unwrap_or_default().to_owned();
        let message = say!("this is no graph: {words}", words);
        let finding = Diagnostic::new(Code::NotAGraph, Span::new(self.file, at, end), message, say!("not as expected"));
        self.report(finding.help(say!("see the form: `funnelc graph FILE --format json`")));
    }

    fn graph(&mut self, raw: &'t RawValue) {
        let written: Written<'t> = match serde_json::from_str(raw.get()) {
            Ok(written) => written,
            Err(fault) => return self.broken(&fault, Some(raw)),
        };
        if written.version.is_some_and(|version| version > VERSION) {
            let message = say!("this graph is of a later form than version {version}", version = VERSION);
            let finding = Diagnostic::new(Code::NotAGraph, self.span(raw), message, say!("too new"));
            return self.report(finding.help(say!("use the program that wrote it, or a newer one")));
        }
        let settings = match written.settings.map(|settings| (settings, serde_json::from_str(settings.get()))) {
            None => Settings::default(),
            Some((_, Ok(settings))) => settings,
            Some((raw, Err(fault))) => return self.broken(&fault, Some(raw)),
        };
        let mut ids: BTreeMap<String, u32> = BTreeMap::new();
        let objects: Vec<_> = written.nodes.iter().map(|raw| self.object(raw)).collect();
        for ((n, object), raw) in (0..).zip(&objects).zip(&written.nodes) {
            let Some(id) = object.as_ref().and_then(|object| object.get("id")).and_then(Json::as_str) else { continue };
            if !id.is_empty() && ids.insert(id.to_owned(), n).is_some() {
                let message = say!("two elements are called `{id}`", id);
                let finding = Diagnostic::new(Code::DuplicateElement, self.span(raw), message, say!("second time"));
                self.report(finding.help(say!("give one of them another id, or none")));
            }
        }
        let count = objects.len();
        let nodes = objects.into_iter().zip(&written.nodes).map(|(object, raw)| self.node(object?, raw, &ids));
        let nodes: Vec<Option<Node>> = nodes.collect();
        let entries: Vec<Option<Entry>> = written.entries.iter().map(|raw| self.entry(raw, &ids)).collect();
        let (Some(nodes), Some(entries)) = (nodes.into_iter().collect(), entries.into_iter().collect()) else { return };
        let mut graph = Graph { funnel: written.funnel, title: written.title, settings, entries, nodes };
        self.dangling(&mut graph, count);
        for declaration in written.declarations {
            if !self.read.declarations.contains(&declaration) {
                self.read.declarations.push(declaration);
            }
        }
        self.read.graphs.push(graph);
    }

    fn object(&mut self, raw: &'t RawValue) -> Option<Map<String, Json>> {
        match serde_json::from_str(raw.get()) {
            Ok(object) => Some(object),
            Err(fault) => {
                self.broken(&fault, Some(raw));
                None
            }
        }
    }

    /// What an object is, once what may be left out is there.
    fn made<T: DeserializeOwned>(&mut self, object: Map<String, Json>, raw: &'t RawValue) -> Option<T> {
        match serde_json::from_value(Json::Object(object)) {
            Ok(made) => Some(made),
            Err(fault) => {
                let message = say!("this is no graph: {words}", words = fault.to_string());
                let finding = Diagnostic::new(Code::NotAGraph, self.span(raw), message, say!("not as expected"));
                self.report(finding.help(say!("see the form: `funnelc graph FILE --format json`")));
                None
            }
        }
    }

    fn node(&mut self, mut object: Map<String, Json>, raw: &'t RawValue, ids: &BTreeMap<String, u32>) -> Option<Node> {
        for (key, empty) in [("id", ""), ("text", ""), ("kind", "action")] {
            object.entry(key).or_insert_with(|| empty.into());
        }
        if let Some(element) = object.get_mut("element") {
            self.by_number(element, ids, raw);
        }
        let mut node: Node = self.made(object, raw)?;
        node.kind = kind(&node.element);
        node.span = self.span(raw);
        Some(node)
    }

    fn entry(&mut self, raw: &'t RawValue, ids: &BTreeMap<String, u32>) -> Option<Entry> {
        let mut object = self.object(raw)?;
        for key in ["id", "text"] {
            object.entry(key).or_insert_with(|| "".into());
        }
        if let Some(start) = object.get_mut("start") {
            self.number(start, ids, raw);
        }
        let mut entry: Entry = self.made(object, raw)?;
        entry.span = self.span(raw);
        Some(entry)
    }

    /// Puts numbers in the place of ids of goals.
    fn by_number(&mut self, element: &mut Json, ids: &BTreeMap<String, u32>, raw: &'t RawValue) {
        let Some(element) = element.as_object_mut() else { return };
        for key in ["yes", "no", "next", "past", "came", "missed", "otherwise", "body"] {
            if let Some(goal) = element.get_mut(key) {
                self.number(goal, ids, raw);
            }
        }
        let paths = element.get_mut("paths").and_then(Json::as_array_mut);
        paths.into_iter().flatten().for_each(|goal| self.number(goal, ids, raw));
        for key in ["cases", "shares"] {
            let cases = element.get_mut(key).and_then(Json::as_array_mut);
            cases
                .into_iter()
                .flatten()
                .filter_map(|case| case.get_mut("to"))
                .for_each(|goal| self.number(goal, ids, raw));
        }
        if let Some(goal) = element.get_mut("unsent").and_then(|on_not_sent| on_not_sent.get_mut("else")) {
            self.number(goal, ids, raw);
        }
    }

    fn number(&mut self, goal: &mut Json, ids: &BTreeMap<String, u32>, raw: &'t RawValue) {
        let Json::String(id) = &*goal else { return };
        match ids.get(id) {
            Some(number) => *goal = (*number).into(),
            None => {
                let message = say!("no element is called `{id}`", id);
                let finding = Diagnostic::new(Code::DanglingArrow, self.span(raw), message, say!("leads nowhere"));
                self.report(finding.help(say!("name the id of an element, or `null` for the end")));
                *goal = Json::Null;
            }
        }
    }

    /// Reports arrows to numbers that no node has.
    fn dangling(&mut self, graph: &mut Graph, count: usize) {
        let mut lost: Vec<(Span, NodeIx)> = Vec::new();
        let beyond = |ix: &NodeIx| ix.0 as usize >= count;
        for entry in &mut graph.entries {
            lost.extend(entry.start.take_if(|ix| beyond(ix)).map(|ix| (entry.span, ix)));
        }
        for node in &mut graph.nodes {
            let span = node.span;
            node.element.change_goals(&mut |goal| lost.extend(goal.take_if(|ix| beyond(ix)).map(|ix| (span, ix))));
        }
        for (span, ix) in lost {
            let message = say!("an arrow leads to element {number}, and there are {count}", number = ix.0, count);
            let finding = Diagnostic::new(Code::DanglingArrow, span, message, say!("leads nowhere"));
            self.report(finding.help(say!("count elements from 0, or name the id of one")));
        }
    }
}

/// Which of the four kinds an element is.
pub(super) fn kind(element: &Element) -> Kind {
    match element {
        Element::If { .. }
        | Element::Match { .. }
        | Element::Split { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. } => Kind::Condition,
        Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => Kind::Wait,
        Element::Send { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Stop
        | Element::Task { .. }
        | Element::Call { .. }
        | Element::Emit { .. }
        | Element::Start { .. } => Kind::Action,
    }
}
