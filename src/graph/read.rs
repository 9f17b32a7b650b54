//! Reads graphs from JSON, as exported by `graph --format json` or written by a visual editor.
//!
//! An editor may omit ids, texts and kinds, and may name the target of an arrow by id instead of index.

use super::deep_json::{limit_nesting, parse};
use super::{Element, Entry, Graph, Kind, Node, NodeIx};
use crate::check::program::{OfMessage, Settings};
use crate::diagnostic::{Code, Diagnostic};
use crate::parallel::on_deep_stack;
use crate::say;
use crate::source::{FileId, Span};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};
use std::collections::{BTreeMap, BTreeSet};

/// The version of the JSON format.
pub const FORMAT_VERSION: u32 = 1;

/// The result of reading graphs.
#[derive(Debug, Clone, Default)]
pub struct ReadResult {
    /// The graphs; empty when there are errors.
    pub graphs: Vec<Graph>,
    /// The source of declarations that the graphs refer to: events, constants, segments, templates, actions.
    pub declarations: Vec<String>,
    /// Errors and warnings, with places in the JSON text.
    pub findings: Vec<Diagnostic>,
}

/// A graph with unparsed parts, so that errors keep their place in the text.
#[derive(Debug, Deserialize)]
struct RawGraph<'t> {
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

/// Reads one graph or a list of graphs.
#[must_use]
pub fn read(text: &str, file: FileId) -> ReadResult {
    let mut reader = Reader { text, file, read: ReadResult::default() };
    if let Err(deep) = limit_nesting(text) {
        let at = Span::new(file, deep.at, deep.at + 1);
        let finding =
            Diagnostic::new(Code::NotAGraph, at, say!("invalid graph: it nests too deep"), say!("nested too deeply"));
        reader.report(finding.help(say!("see the format with `funnelc graph FILE --format json`")));
        return reader.read;
    }
    on_deep_stack(|| read_graphs(reader)).unwrap_or_else(|| {
        let message = say!("invalid graph: {words}", words = "it cannot be read");
        let finding = Diagnostic::new(Code::NotAGraph, Span::new(file, 0, 0), message, say!("not valid here"));
        ReadResult { findings: vec![finding], ..ReadResult::default() }
    })
}

fn read_graphs(mut reader: Reader<'_>) -> ReadResult {
    let text = reader.text;
    let trimmed = text.trim_start();
    let raws: Result<Vec<&RawValue>, _> = match trimmed.starts_with('[') {
        true => serde_json::from_str(text),
        false => serde_json::from_str::<&RawValue>(text).map(|raw| vec![raw]),
    };
    match raws {
        Ok(raws) => raws.into_iter().for_each(|raw| reader.graph(raw)),
        Err(fault) => reader.report_malformed(&fault, None),
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
    read: ReadResult,
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

    /// Reports invalid JSON or an unexpected structure; `raw` is the part that `fault` is relative to.
    fn report_malformed(&mut self, fault: &serde_json::Error, raw: Option<&'t RawValue>) {
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
        let message = say!("invalid graph: {words}", words);
        let finding = Diagnostic::new(Code::NotAGraph, Span::new(self.file, at, end), message, say!("not valid here"));
        self.report(finding.help(say!("see the format with `funnelc graph FILE --format json`")));
    }

    fn graph(&mut self, raw: &'t RawValue) {
        let raw_graph: RawGraph<'t> = match parse(raw.get()) {
            Ok(raw_graph) => raw_graph,
            Err(fault) => return self.report_malformed(&fault, Some(raw)),
        };
        if raw_graph.version.is_some_and(|version| version > FORMAT_VERSION) {
            let message = say!("this graph uses a newer format than version {version}", version = FORMAT_VERSION);
            let finding = Diagnostic::new(Code::NotAGraph, self.span(raw), message, say!("too new"));
            return self.report(finding.help(say!("use the program that wrote it, or a newer one")));
        }
        let settings = match raw_graph.settings.map(|settings| (settings, parse(settings.get()))) {
            None => Settings::default(),
            Some((_, Ok(settings))) => settings,
            Some((raw, Err(fault))) => return self.report_malformed(&fault, Some(raw)),
        };
        let mut ids: BTreeMap<String, u32> = BTreeMap::new();
        let objects: Vec<_> = raw_graph.nodes.iter().map(|raw| self.parse_object(raw)).collect();
        for ((n, object), raw) in (0..).zip(&objects).zip(&raw_graph.nodes) {
            let Some(id) = object.as_ref().and_then(|object| object.get("id")).and_then(Json::as_str) else { continue };
            if !id.is_empty() && ids.insert(id.to_owned(), n).is_some() {
                let message = say!("duplicate element id `{id}`", id);
                let finding = Diagnostic::new(Code::DuplicateElement, self.span(raw), message, say!("repeated here"));
                self.report(finding.help(say!("change or remove one of the ids")));
            }
        }
        let count = objects.len();
        let nodes = objects.into_iter().zip(&raw_graph.nodes).map(|(object, raw)| self.node(object?, raw, &ids));
        let nodes: Vec<Option<Node>> = nodes.collect();
        let entries: Vec<Option<Entry>> = raw_graph.entries.iter().map(|raw| self.entry(raw, &ids)).collect();
        let (Some(nodes), Some(entries)) = (nodes.into_iter().collect(), entries.into_iter().collect()) else { return };
        let mut graph = Graph { funnel: raw_graph.funnel, title: raw_graph.title, settings, entries, nodes };
        self.report_dangling(&mut graph, count);
        self.report_silent(&graph);
        for declaration in raw_graph.declarations {
            if !self.read.declarations.contains(&declaration) {
                self.read.declarations.push(declaration);
            }
        }
        self.read.graphs.push(graph);
    }

    fn parse_object(&mut self, raw: &'t RawValue) -> Option<Map<String, Json>> {
        match parse(raw.get()) {
            Ok(object) => Some(object),
            Err(fault) => {
                self.report_malformed(&fault, Some(raw));
                None
            }
        }
    }

    /// Deserializes an object whose optional keys have been filled in.
    fn deserialize<T: DeserializeOwned>(&mut self, object: Map<String, Json>, raw: &'t RawValue) -> Option<T> {
        match serde_json::from_value(Json::Object(object)) {
            Ok(deserialize) => Some(deserialize),
            Err(fault) => {
                let message = say!("invalid graph: {words}", words = fault.to_string());
                let finding = Diagnostic::new(Code::NotAGraph, self.span(raw), message, say!("not valid here"));
                self.report(finding.help(say!("see the format with `funnelc graph FILE --format json`")));
                None
            }
        }
    }

    fn node(&mut self, mut object: Map<String, Json>, raw: &'t RawValue, ids: &BTreeMap<String, u32>) -> Option<Node> {
        for (key, empty) in [("id", ""), ("text", ""), ("kind", "action")] {
            object.entry(key).or_insert_with(|| empty.into());
        }
        if let Some(element) = object.get_mut("element") {
            self.resolve_targets(element, ids, raw);
        }
        let mut node: Node = self.deserialize(object, raw)?;
        node.kind = kind_of(&node.element);
        node.span = self.span(raw);
        Some(node)
    }

    fn entry(&mut self, raw: &'t RawValue, ids: &BTreeMap<String, u32>) -> Option<Entry> {
        let mut object = self.parse_object(raw)?;
        for key in ["id", "text"] {
            object.entry(key).or_insert_with(|| "".into());
        }
        if let Some(start) = object.get_mut("start") {
            self.resolve_target(start, ids, raw);
        }
        let mut entry: Entry = self.deserialize(object, raw)?;
        entry.span = self.span(raw);
        Some(entry)
    }

    /// Replaces the ids in the exits of an element by indices.
    fn resolve_targets(&mut self, element: &mut Json, ids: &BTreeMap<String, u32>, raw: &'t RawValue) {
        let Some(element) = element.as_object_mut() else { return };
        for key in ["yes", "no", "next", "on_past", "on_event", "on_timeout", "otherwise", "body"] {
            if let Some(target) = element.get_mut(key) {
                self.resolve_target(target, ids, raw);
            }
        }
        let paths = element.get_mut("paths").and_then(Json::as_array_mut);
        paths.into_iter().flatten().for_each(|target| self.resolve_target(target, ids, raw));
        for key in ["cases", "shares"] {
            let cases = element.get_mut(key).and_then(Json::as_array_mut);
            cases
                .into_iter()
                .flatten()
                .filter_map(|case| case.get_mut("to"))
                .for_each(|target| self.resolve_target(target, ids, raw));
        }
        for key in ["on_not_sent", "on_failed"] {
            if let Some(target) = element.get_mut(key).and_then(|path| path.get_mut("else")) {
                self.resolve_target(target, ids, raw);
            }
        }
    }

    fn resolve_target(&mut self, target: &mut Json, ids: &BTreeMap<String, u32>, raw: &'t RawValue) {
        let Json::String(id) = &*target else { return };
        match ids.get(id) {
            Some(resolve_target) => *target = (*resolve_target).into(),
            None => {
                let message = say!("unknown element `{id}`", id);
                let finding = Diagnostic::new(Code::DanglingArrow, self.span(raw), message, say!("no valid target"));
                self.report(finding.help(say!("use the id of an element, or `null` for the end")));
                *target = Json::Null;
            }
        }
    }

    /// Reports arrows whose target index does not exist.
    fn report_dangling(&mut self, graph: &mut Graph, count: usize) {
        let mut dangling: Vec<(Span, NodeIx)> = Vec::new();
        let out_of_range = |ix: &NodeIx| ix.0 as usize >= count;
        for entry in &mut graph.entries {
            dangling.extend(entry.start.take_if(|ix| out_of_range(ix)).map(|ix| (entry.span, ix)));
        }
        for node in &mut graph.nodes {
            let span = node.span;
            node.element
                .map_targets(&mut |target| dangling.extend(target.take_if(|ix| out_of_range(ix)).map(|ix| (span, ix))));
        }
        for (span, ix) in dangling {
            let message = say!("an arrow points to element {number}, but there are only {count}", number = ix.0, count);
            let finding = Diagnostic::new(Code::DanglingArrow, span, message, say!("no valid target"));
            self.report(finding.help(say!("elements are numbered from 0; an id also works")));
        }
    }
}

impl Reader<'_> {
    /// Reports waits for an answer to an element that sends no message.
    fn report_silent(&mut self, graph: &Graph) {
        let is_send = |node: &&Node| matches!(node.element, Element::Send { .. });
        let sends: BTreeSet<&str> = graph.nodes.iter().filter(is_send).map(|node| node.id.0.as_str()).collect();
        for node in &graph.nodes {
            let Element::WaitEvent { wait, .. } = &node.element else { continue };
            for pattern in &wait.patterns {
                let Some(OfMessage::Sent(id)) = &pattern.message else { continue };
                if !sends.contains(id.as_str()) {
                    let message = say!("the element `{label}` sends no message", label = id);
                    let finding = Diagnostic::new(Code::DanglingArrow, node.span, message, say!("not a `send`"));
                    self.report(finding.help(say!("use the id of an element that sends a message")));
                }
            }
        }
    }
}

/// The kind of an element.
fn kind_of(element: &Element) -> Kind {
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
        | Element::Start { .. }
        | Element::StopFunnel { .. } => Kind::Action,
    }
}
