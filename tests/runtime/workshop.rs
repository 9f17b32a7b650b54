//! A small project, and a host on it: in, events as JSON lines; out, what happened and what left.

use funnelc::channel::Channels;
use funnelc::channel::fake::Fake;
use funnelc::check::Context;
use funnelc::engine::{Fields, Graphs, Line};
use funnelc::runtime::{Host, Mode, Project, Rejected, Retry, RunConfig, RunError, Source, Summary};
use funnelc::source::Sources;
use funnelc::store::Store;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

const TEXT: &str = r#"
funnel thanks {
  on booking -> if attended -> wait 24h -> send sms "thanks"
}
funnel greet {
  on visit
    -> send sms "now" else { send whatsapp "instead" }
    -> wait 1h
    -> send whatsapp "later"
}
"#;

/// The project of [`TEXT`].
pub(crate) fn project() -> Project {
    compiled(TEXT)
}

/// A project of a text without a fault.
pub(crate) fn compiled(text: &str) -> Project {
    let mut sources = Sources::new();
    let file = sources.add("workshop.funnel", text);
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let faults: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(faults.is_empty(), "{faults:?}");
    let graphs = Graphs::new(compiled.graphs);
    Project { catalog: compiled.program.catalog, graphs, business: Fields::new(), language: "en".into() }
}

/// What a host said.
#[derive(Default)]
pub(crate) struct Heard {
    pub(crate) lines: Rc<RefCell<Vec<Line>>>,
    pub(crate) refused: Rc<RefCell<Vec<Rejected>>>,
}

/// Channels that all lead to one fake.
pub(crate) fn channels(fake: &Arc<Fake>) -> Channels {
    let mut channels = Channels::new();
    for name in ["sms", "whatsapp"] {
        channels.insert(name, fake.clone());
    }
    channels
}

/// A host in fast forward over a text of NDJSON.
pub(crate) fn forward(
    store: impl Store + 'static,
    fake: &Arc<Fake>,
    log: &str,
    heard: &Heard,
) -> Result<Host, RunError> {
    host(store, fake, Some(stream(log)), Mode::FastForward, heard)
}

/// A stream of a text.
pub(crate) fn stream(text: &str) -> Source {
    Source::Stream(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())))
}

/// A host whose pauses between attempts are short.
pub(crate) fn host(
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
        on_rejected: Box::new(move |one| refused.borrow_mut().push(one.clone())),
    })
}

/// Runs a log in fast forward on a store, with a channel that takes everything.
pub(crate) fn run(store: impl Store + 'static, fake: &Arc<Fake>, log: &str) -> (Summary, Vec<Line>) {
    let heard = Heard::default();
    let summary = forward(store, fake, log, &heard).unwrap().run().unwrap();
    (summary, heard.lines.take())
}

/// A client with a phone.
pub(crate) fn client(id: &str, at: &str) -> String {
    format!(r#"{{"type":"client","id":"cl-{id}","client":"{id}","at":"{at}","data":{{"phone":"+4930123456"}}}}"#) + "\n"
}

/// A visit of a client.
pub(crate) fn visit(id: &str, client: &str, at: &str) -> String {
    format!(r#"{{"type":"visit","id":"v-{id}","client":"{client}","at":"{at}","data":{{"id":"{id}"}}}}"#) + "\n"
}

/// A booking of a client, and what became of it if that is known.
pub(crate) fn booking(event: &str, id: &str, client: &str, at: &str, attended: Option<bool>) -> String {
    let attended = attended.map(|told| format!(r#","attended":{told}"#)).unwrap_or_default();
    format!(
        r#"{{"type":"booking","id":"{event}","client":"{client}","at":"{at}","data":{{"id":"{id}","starts_at":"2026-03-02T10:00:00Z"{attended}}}}}"#
    ) + "\n"
}
