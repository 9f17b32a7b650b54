//! Random graphs whose arrows lead anywhere, also into loops that no block can express, and a canonical form of graphs
//! that does not depend on the order of their nodes.

use super::choices::Choices;
use funnelc::check::program::{
    Change, Content, Day, Expr, FieldRead, Moment, Pattern, Send, Settings, Source, Trigger, UpTo, WaitEvent,
};
use funnelc::graph::{Case, Element, ElementId, Entry, Graph, Kind, Node, NodeIx, OnFailure, Share};
use funnelc::source::Span;
use funnelc::value::{Decimal, Duration, TimeOfDay, Type, Value, Weekday};
use std::collections::BTreeMap;

/// The reachable nodes in the order of their arrows, as `id element`, with targets numbered in that order. Paths that
/// no run takes are left out, and so are the ids of joins, which depend on their forks.
pub(crate) fn canonical(graph: &Graph) -> Vec<String> {
    let mut order: Vec<NodeIx> = Vec::new();
    let mut open: Vec<NodeIx> = graph.entries.iter().rev().filter_map(|entry| entry.start).collect();
    while let Some(ix) = open.pop() {
        if order.contains(&ix) {
            continue;
        }
        order.push(ix);
        let mut targets = Vec::new();
        plain(&graph.nodes[ix.0 as usize].element).map_targets(&mut |target| targets.extend(*target));
        open.extend(targets.into_iter().rev());
    }
    let place: BTreeMap<NodeIx, u32> = order.iter().copied().zip(0..).collect();
    let to = |target: &mut Option<NodeIx>| *target = target.map(|ix| NodeIx(place.get(&ix).copied().unwrap_or(9999)));
    let mut lines = vec![format!("{:?} {:?}", graph.funnel, graph.title)];
    for entry in &graph.entries {
        let mut start = entry.start;
        to(&mut start);
        lines.push(format!("{} {:?} {:?} {start:?}", entry.id, entry.trigger, entry.filter));
    }
    for ix in order {
        let node = &graph.nodes[ix.0 as usize];
        let mut element = plain(&node.element);
        element.map_targets(&mut { to });
        let id = if matches!(element, Element::Join { .. }) { "join" } else { &node.id.0 };
        lines.push(format!("{id} {element:?}"));
    }
    let mut settings = graph.settings.clone();
    settings.exits.iter_mut().for_each(|exit| exit.text.clear());
    // Serialized, because the position of a setting does not matter.
    lines.push(serde_json::to_string(&settings).unwrap());
    lines
}

/// An element without the paths that no run takes.
fn plain(element: &Element) -> Element {
    let mut element = element.clone();
    match &mut element {
        Element::WaitEvent { wait, on_timeout, .. } if wait.up_to.is_none() => *on_timeout = None,
        Element::Split { shares, otherwise, .. } => {
            let sum: Decimal = shares.iter().map(|share| share.percent).sum();
            if sum >= Decimal::ONE_HUNDRED {
                *otherwise = None;
            }
        }
        _ => {}
    }
    element
}

struct Maker<'a> {
    choices: Choices<'a>,
    nodes: Vec<Node>,
}

/// A graph with one to three triggers. Every loop in it waits, because arrows lead back only from waits.
pub(crate) fn random(bytes: &[u8]) -> Graph {
    let mut maker = Maker { choices: Choices::new(bytes), nodes: Vec::new() };
    let nodes = maker.region(None, 0);
    let events = [("booking", Change::Created), ("visit", Change::Created), ("booking", Change::Updated)];
    let count = 1 + maker.choices.pick(3);
    let entries = events.into_iter().take(count).enumerate().map(|(n, (event, change))| Entry {
        id: ElementId(String::new()),
        trigger: Trigger::Happened {
            patterns: vec![Pattern { event: event.to_owned(), change, message: None }],
            binding: Some(event.to_owned()),
            holds: None,
        },
        filter: None,
        start: if n == 0 { nodes.first().copied() } else { maker.one_of(&nodes) },
        text: String::new(),
        span: Span::default(),
    });
    let entries = entries.collect();
    let zones = vec![
        Expr::Field(FieldRead { source: Source::Client, name: "timezone".to_owned(), ty: Type::Text, later: None }),
        Expr::Value(Value::Text("Asia/Kathmandu".to_owned())),
    ];
    let settings = Settings { zones, ..Settings::default() };
    let graph = Graph { funnel: "made".to_owned(), title: None, settings, entries, nodes: maker.nodes };
    with_entry_ids(reachable(graph))
}

/// Removes unreachable nodes.
fn reachable(mut graph: Graph) -> Graph {
    graph.nodes.iter_mut().for_each(|node| node.element = plain(&node.element));
    let mut open: Vec<NodeIx> = graph.entries.iter().filter_map(|entry| entry.start).collect();
    let mut kept: Vec<NodeIx> = Vec::new();
    while let Some(ix) = open.pop() {
        if !kept.contains(&ix) {
            kept.push(ix);
            graph.nodes[ix.0 as usize].element.map_targets(&mut |target| open.extend(*target));
        }
    }
    kept.sort_unstable();
    let place: BTreeMap<NodeIx, NodeIx> = kept.iter().copied().zip((0..).map(NodeIx)).collect();
    let mut to = |target: &mut Option<NodeIx>| *target = target.map(|ix| place[&ix]);
    graph.entries.iter_mut().for_each(|entry| to(&mut entry.start));
    graph.nodes = kept.iter().map(|ix| graph.nodes[ix.0 as usize].clone()).collect();
    graph.nodes.iter_mut().for_each(|node| node.element.map_targets(&mut to));
    graph
}

/// Sets the ids of the entries, which depend on their triggers.
fn with_entry_ids(mut graph: Graph) -> Graph {
    let text = graph.entries.iter().map(|entry| match &entry.trigger {
        Trigger::Happened { patterns, .. } => {
            let updated = if patterns[0].change == Change::Updated { ".updated" } else { "" };
            format!("on {}{updated} -> stop\n", patterns[0].event)
        }
        Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => String::new(),
    });
    let text: String = text.collect();
    let mut sources = funnelc::source::Sources::new();
    let file = sources.add("made.funnel", text);
    let compiled = funnelc::compile(&mut sources, &[file], &funnelc::check::Context::default());
    for (entry, known) in graph.entries.iter_mut().zip(&compiled.graphs[0].entries) {
        entry.id = known.id.clone();
    }
    graph
}

impl Maker<'_> {
    fn one_of(&mut self, nodes: &[NodeIx]) -> Option<NodeIx> {
        let pick = self.choices.pick(nodes.len() + 1);
        nodes.get(pick).copied()
    }

    /// The nodes of one path, whose arrows lead to each other or to its end.
    fn region(&mut self, end: Option<NodeIx>, depth: usize) -> Vec<NodeIx> {
        let count = 1 + self.choices.pick(if depth == 0 { 14 } else { 4 });
        let first = self.nodes.len();
        for n in first..first + count {
            self.put(n);
        }
        let own: Vec<NodeIx> = (first..first + count).map(|n| NodeIx(u32::try_from(n).unwrap())).collect();
        for (n, ix) in own.iter().enumerate() {
            let (ahead, any) = (own[n + 1..].to_vec(), own.clone());
            let element = self.element(*ix, &ahead, &any, end, depth);
            let node = &mut self.nodes[ix.0 as usize];
            node.kind = match element {
                Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => Kind::Wait,
                Element::If { .. }
                | Element::Match { .. }
                | Element::Split { .. }
                | Element::Fork { .. }
                | Element::Join { .. }
                | Element::Repeat { .. } => Kind::Condition,
                _ => Kind::Action,
            };
            node.element = element;
        }
        own
    }

    fn put(&mut self, n: usize) {
        let id = ElementId(format!("n{n}"));
        self.nodes.push(Node {
            id,
            kind: Kind::Action,
            element: Element::Stop,
            text: String::new(),
            span: Span::default(),
        });
    }

    fn to(&mut self, nodes: &[NodeIx], end: Option<NodeIx>) -> Option<NodeIx> {
        self.one_of(nodes).or(end)
    }

    #[allow(clippy::too_many_lines, reason = "one short arm an element")]
    fn element(&mut self, own: NodeIx, ahead: &[NodeIx], any: &[NodeIx], end: Option<NodeIx>, depth: usize) -> Element {
        let client = |name: &str| {
            Expr::Field(FieldRead { source: Source::Client, name: name.to_owned(), ty: Type::Text, later: None })
        };
        let hour = Duration { ms: 3_600_000, ..Duration::default() };
        match self.choices.pick(if depth < 2 { 15 } else { 12 }) {
            0 | 1 => Element::WaitDuration { duration: hour, at: None, next: self.to(any, end) },
            2 | 3 => {
                let condition = Expr::IsKnown(Box::new(client("city")));
                Element::If { condition, yes: self.to(ahead, end), no: self.to(ahead, end) }
            }
            4 => Element::Send {
                send: std::sync::Arc::new(Send {
                    channel: "sms".to_owned(),
                    template: None,
                    content: Content::Text(Expr::Value(Value::Text("Hello {{ \"you\" \\ {".to_owned()))),
                    to: Expr::Field(FieldRead {
                        source: Source::Client,
                        name: "phone".to_owned(),
                        ty: Type::Phone,
                        later: None,
                    }),
                    before: None,
                }),
                next: self.to(ahead, end),
                on_not_sent: match self.choices.pick(2) {
                    0 => OnFailure::Continue,
                    _ => OnFailure::Else(self.to(ahead, end)),
                },
            },
            5 => Element::Tag { tag: Expr::Value(Value::Text("a".to_owned())), add: true, next: self.to(ahead, end) },
            6 => Element::Stop,
            7 => {
                let moment = match self.choices.pick(3) {
                    0 => Moment::Time(TimeOfDay::new(10, 0, 0).unwrap()),
                    1 => Moment::Weekdays(vec![Weekday::Tuesday, Weekday::Friday], TimeOfDay::MIDNIGHT),
                    _ => Moment::At(Expr::Day { day: Day::Tomorrow, at: TimeOfDay::new(9, 30, 0) }),
                };
                Element::WaitUntil { moment, next: self.to(any, end), on_past: self.to(ahead, end) }
            }
            8 => {
                let up_to = (self.choices.pick(3) > 0).then_some(UpTo::Duration(hour));
                let patterns = vec![Pattern { event: "purchase".to_owned(), change: Change::Created, message: None }];
                let wait = WaitEvent { patterns, binding: None, filter: None, up_to };
                let arrived = self.to(any, end);
                let missed = if wait.up_to.is_some() { self.to(any, end) } else { arrived };
                Element::WaitEvent { wait: wait.into(), on_event: arrived, on_timeout: missed }
            }
            9 => {
                let text = |text: &str| vec![Expr::Value(Value::Text(text.to_owned()))];
                let cases = [text("a"), text("b")].into_iter().take(1 + self.choices.pick(2));
                let cases = cases.collect::<Vec<_>>().into_iter();
                let cases = cases.map(|values| Case { values, to: self.to(ahead, end) }).collect();
                let subject = Expr::Field(FieldRead {
                    source: Source::Client,
                    name: "id".to_owned(),
                    ty: Type::Text,
                    later: None,
                });
                Element::Match { subject, cases, otherwise: self.to(ahead, end) }
            }
            10 => {
                let share = |maker: &mut Self| Share { percent: Decimal::from(50), to: maker.to(ahead, end) };
                let shares = (0..=self.choices.pick(2)).map(|_| share(self)).collect();
                let name = if self.choices.pick(2) == 0 { format!("n{}", own.0) } else { format!("draw {}", own.0) };
                Element::Split { name, shares, otherwise: self.to(ahead, end) }
            }
            11 => {
                let value = Expr::Value(Value::Text("Bonn".to_owned()));
                Element::Set { field: "city".to_owned(), value, from_zero: false, next: self.to(ahead, end) }
            }
            12 | 13 => {
                let join = NodeIx(u32::try_from(self.nodes.len()).unwrap());
                self.put(join.0 as usize);
                let paths = (0..2 + self.choices.pick(2)).map(|_| {
                    let path = self.region(Some(join), depth + 1);
                    if self.choices.pick(5) == 4 { Some(join) } else { path.first().copied() }
                });
                let paths = paths.collect();
                let next = self.to(ahead, end);
                self.nodes[join.0 as usize].element = Element::Join { next };
                self.nodes[join.0 as usize].kind = Kind::Condition;
                Element::Fork { paths }
            }
            _ => {
                let body = self.region(Some(own), depth + 1).first().copied();
                Element::Repeat { times: 3, body, next: self.to(ahead, end) }
            }
        }
    }
}
