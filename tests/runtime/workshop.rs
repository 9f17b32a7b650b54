//! A project built by hand, and a host on it: in, events as JSON lines; out, what happened and what left.

use funnelc::channel::Channels;
use funnelc::channel::fake::Fake;
use funnelc::check::program::{
    Catalog, Change, Content, Element, Entry, EventType, Expr, FieldRead, FieldType, Funnel, Later, Part, Pattern,
    Program, Send, Settings, Source as Of, Step, Wait,
};
use funnelc::engine::{Fields, Graphs, Line};
use funnelc::runtime::{Host, Mode, Project, Refused, Retry, RunConfig, RunError, Source, Summary};
use funnelc::source::Span;
use funnelc::store::Store;
use funnelc::value::{Duration, Type};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

fn field(ty: Type) -> FieldType {
    FieldType { ty, optional: false, later: None, span: Span::default() }
}

fn read(source: Of, name: &str, ty: Type) -> FieldRead {
    FieldRead { source, name: name.into(), ty, later: None }
}

fn catalog() -> Catalog {
    let later = Some(Later { by: None });
    let booking = [
        ("id", field(Type::Text)),
        ("starts_at", field(Type::DateTime)),
        ("attended", FieldType { later, ..field(Type::Bool) }),
    ];
    let visit = [("id", field(Type::Text))];
    let keyed = |fields: &[(&str, FieldType)]| EventType {
        key: Some("id".into()),
        fields: fields.iter().map(|(name, ty)| ((*name).to_owned(), ty.clone())).collect(),
    };
    Catalog {
        client: [("phone".to_owned(), FieldType { optional: true, ..field(Type::Phone) })].into(),
        events: [("booking".to_owned(), keyed(&booking)), ("visit".to_owned(), keyed(&visit))].into(),
        ..Catalog::default()
    }
}

fn step(element: Element) -> Step {
    Step { label: None, element, text: String::new(), span: Span::default() }
}

/// `send CHANNEL "TEXT"`, to the client's phone.
fn send(channel: &str, text: &str, unsent: Option<Vec<Step>>) -> Step {
    let send = Send {
        channel: channel.into(),
        template: None,
        content: Content::Text(Expr::Text(vec![Part::Text(text.into())])),
        to: Expr::Field(read(Of::Client, "phone", Type::Phone)),
    };
    step(Element::Send { send, unsent })
}

fn funnel(name: &str, event: &str, chain: Vec<Step>) -> Funnel {
    let pattern = Pattern { event: event.into(), change: Change::Created };
    let entry = Entry {
        pattern,
        binding: event.into(),
        filter: None,
        chain,
        text: format!("on {event}"),
        span: Span::default(),
    };
    Funnel {
        name: name.into(),
        title: None,
        span: Span::default(),
        settings: Settings::default(),
        entries: vec![entry],
    }
}

/// `on booking -> if attended -> wait 24h -> send sms "thanks"`, and
/// `on visit -> send sms "now" else { send telegram "instead" } -> wait 1h -> send email "later"`.
pub(super) fn project() -> Project {
    let attended =
        FieldRead { later: Some(Later { by: None }), ..read(Of::Event("booking".into()), "attended", Type::Bool) };
    let wait = |hours: i64| step(Element::Wait(Wait::For { duration: Duration::exact(hours * 3_600_000), at: None }));
    let then = vec![wait(24), send("sms", "thanks", None)];
    let thanks = vec![step(Element::If { condition: Expr::Field(attended), then, otherwise: Vec::new() })];
    let instead = Some(vec![send("telegram", "instead", None)]);
    let greet = vec![send("sms", "now", instead), wait(1), send("email", "later", None)];
    let catalog = catalog();
    let funnels = vec![funnel("thanks", "booking", thanks), funnel("greet", "visit", greet)];
    let program = Program { catalog: catalog.clone(), funnels };
    let graphs = Graphs::new(funnelc::graph::build(&program));
    Project { catalog, graphs, business: Fields::new(), language: "en".into() }
}

/// What a host said.
#[derive(Default)]
pub(super) struct Heard {
    pub(super) lines: Rc<RefCell<Vec<Line>>>,
    pub(super) refused: Rc<RefCell<Vec<Refused>>>,
}

/// Channels that all lead to one fake.
pub(super) fn channels(fake: &Arc<Fake>) -> Channels {
    let mut channels = Channels::new();
    for name in ["sms", "telegram", "email"] {
        channels.insert(name, fake.clone());
    }
    channels
}

/// A host in fast forward over a text of NDJSON.
pub(super) fn forward(
    store: impl Store + 'static,
    fake: &Arc<Fake>,
    log: &str,
    heard: &Heard,
) -> Result<Host, RunError> {
    host(store, fake, Some(stream(log)), Mode::FastForward, heard)
}

/// A stream of a text.
pub(super) fn stream(text: &str) -> Source {
    Source::Stream(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())))
}

/// A host whose pauses between attempts are short.
pub(super) fn host(
    store: impl Store + 'static,
    fake: &Arc<Fake>,
    source: Option<Source>,
    mode: Mode,
    heard: &Heard,
) -> Result<Host, RunError> {
    let (lines, refused) = (Rc::clone(&heard.lines), Rc::clone(&heard.refused));
    let first = std::time::Duration::from_millis(1);
    Host::new(RunConfig {
        project: project(),
        store: Box::new(store),
        channels: channels(fake),
        retry: Retry { first, longest: first * 4, ..Retry::default() },
        source,
        mode,
        signals: false,
        on_line: Box::new(move |line| lines.borrow_mut().push(line.clone())),
        on_refused: Box::new(move |one| refused.borrow_mut().push(one.clone())),
    })
}

/// Runs a log in fast forward on a store, with a channel that takes everything.
pub(super) fn run(store: impl Store + 'static, fake: &Arc<Fake>, log: &str) -> (Summary, Vec<Line>) {
    let heard = Heard::default();
    let summary = forward(store, fake, log, &heard).unwrap().run().unwrap();
    (summary, heard.lines.take())
}

/// A client with a phone.
pub(super) fn client(id: &str, at: &str) -> String {
    format!(r#"{{"type":"client","id":"cl-{id}","client":"{id}","at":"{at}","data":{{"phone":"+4930123456"}}}}"#) + "\n"
}

/// A visit of a client.
pub(super) fn visit(id: &str, client: &str, at: &str) -> String {
    format!(r#"{{"type":"visit","id":"v-{id}","client":"{client}","at":"{at}","data":{{"id":"{id}"}}}}"#) + "\n"
}

/// A booking of a client, and what became of it if that is known.
pub(super) fn booking(event: &str, id: &str, client: &str, at: &str, attended: Option<bool>) -> String {
    let attended = attended.map(|told| format!(r#","attended":{told}"#)).unwrap_or_default();
    format!(
        r#"{{"type":"booking","id":"{event}","client":"{client}","at":"{at}","data":{{"id":"{id}","starts_at":"2026-03-02T10:00:00Z"{attended}}}}}"#
    ) + "\n"
}
