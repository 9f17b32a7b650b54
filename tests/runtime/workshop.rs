//! A small project, and a host that runs it on events given as JSON lines.

use crate::support::event::event;
use funnelc::channel::Channels;
use funnelc::channel::fake::Fake;
use funnelc::check::Context;
use funnelc::engine::{Fields, Graphs, Line};
use funnelc::runtime::{Host, Mode, Project, Rejected, Retry, RunConfig, RunError, Source, Summary};
use funnelc::source::Sources;
use funnelc::store::Store;
use serde_json::json;
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

/// Compiles a text, which must have no errors, into a project.
pub(crate) fn compiled(text: &str) -> Project {
    let mut sources = Sources::new();
    let file = sources.add("workshop.funnel", text);
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let graphs = Graphs::new(compiled.graphs);
    Project { catalog: compiled.program.catalog, graphs, business: Fields::new(), language: "en".into() }
}

/// What a host reports: its lines, and the events that it rejects.
#[derive(Default)]
pub(crate) struct HostOutput {
    pub(crate) lines: Rc<RefCell<Vec<Line>>>,
    pub(crate) rejected: Rc<RefCell<Vec<Rejected>>>,
}

/// Channels that all send to one fake.
pub(crate) fn channels(fake: &Arc<Fake>) -> Channels {
    let mut channels = Channels::new();
    for name in ["sms", "whatsapp"] {
        channels.insert(name, fake.clone());
    }
    channels
}

/// A fast-forward host that reads a text of NDJSON.
pub(crate) fn forward(
    store: impl Store + 'static,
    fake: &Arc<Fake>,
    log: &str,
    output: &HostOutput,
) -> Result<Host, RunError> {
    host(store, fake, Some(stream(log)), Mode::FastForward, output)
}

/// An event source that reads a text.
pub(crate) fn stream(text: &str) -> Source {
    Source::Stream(Box::new(std::io::Cursor::new(text.as_bytes().to_vec())))
}

/// A host with short pauses between delivery attempts.
pub(crate) fn host(
    store: impl Store + 'static,
    fake: &Arc<Fake>,
    source: Option<Source>,
    mode: Mode,
    output: &HostOutput,
) -> Result<Host, RunError> {
    let (lines, rejected) = (Rc::clone(&output.lines), Rc::clone(&output.rejected));
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
        on_rejected: Box::new(move |one| rejected.borrow_mut().push(one.clone())),
    })
}

/// Runs a log on a store in fast-forward mode and returns the summary and the lines.
pub(crate) fn run(store: impl Store + 'static, fake: &Arc<Fake>, log: &str) -> (Summary, Vec<Line>) {
    let output = HostOutput::default();
    let summary = forward(store, fake, log, &output).unwrap().run().unwrap();
    (summary, output.lines.take())
}

/// A client event with a phone number.
pub(crate) fn client(id: &str, at: &str) -> String {
    event("client").id(&format!("cl-{id}")).client(id).at(at).data(json!({"phone": "+4930123456"})) + "\n"
}

/// A visit of a client.
pub(crate) fn visit(id: &str, client: &str, at: &str) -> String {
    event("visit").id(&format!("v-{id}")).client(client).at(at).data(json!({"id": id})) + "\n"
}

/// A booking of a client, with `attended` when that is known.
pub(crate) fn booking(event_id: &str, id: &str, client: &str, at: &str, attended: Option<bool>) -> String {
    let mut data = json!({"id": id, "starts_at": "2026-03-02T10:00:00Z"});
    if let Some(attended) = attended {
        data["attended"] = json!(attended);
    }
    event("booking").id(event_id).client(client).at(at).data(data) + "\n"
}
