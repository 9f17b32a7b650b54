//! Messages to the client. In: a send and the run's view. Out: a message, or the reason why there is none.

use super::advance::{Turn, Visit};
use super::consent;
use super::effect::{LineKind, Message, Rendered};
use super::input::Outcome;
use super::limit::{self, Asked, Room, room};
use super::memory::{Sent, SentId};
use super::scope::Scope;
use super::state::{Run, Waiting};
use super::text::{Escape, fill};
use crate::check::program::{Content, Expr, Part, Purpose, Send};
use crate::graph::{Element, Node, NodeIx, OnFailure};
use crate::markup;
use crate::value::{Timestamp, Value};
use serde_json::Value as Json;

/// Why a message cannot be sent: the address, when there is one, and the reason in words.
struct Refused {
    to: Option<String>,
    reason: String,
}

impl Turn<'_> {
    /// Sends when the funnel's hours and limits allow it, else waits for them. `since` is when the run came here.
    pub(super) fn send(&mut self, run: &mut Run, node: &Node, since: Timestamp) -> Visit {
        let Element::Send { send, next, on_not_sent } = &node.element else { return Visit::Go(node.element.next()) };
        let scope = self.scope(run, self.now);
        if let Some(open) = scope.zone.next_open(self.now, &self.graph.settings.hours).filter(|open| *open > self.now) {
            self.wait_line(run, node, Some(open));
            return Visit::Stay(Waiting::Hours, Some(open));
        }
        let turn = limit::step_up(self.client, &run.id, self.now);
        let scope = self.scope(run, self.now);
        let settings = &self.graph.settings;
        let composed = compose(&scope, &settings.purpose, send).and_then(|composed| {
            let marketing = matches!(settings.purpose, Purpose::Marketing { .. });
            let asked = Asked { channel: &send.channel, funnel: &run.funnel, marketing, since, turn };
            match room(&scope, &settings.limits, &asked) {
                Room::Free => Ok((composed, None)),
                Room::Later(at) => Ok((composed, Some(at))),
                Room::Full(reason) => Err(Refused { to: Some(composed.to), reason }),
            }
        });
        match composed {
            Ok((_, Some(at))) => {
                self.count(run, &send.channel, at, SentId::Waiting(run.id.clone()));
                self.wait_line(run, node, Some(at));
                Visit::Stay(Waiting::Limit, Some(at))
            }
            Ok((composed, None)) => {
                let awaited = matches!(on_not_sent, OnFailure::Else(_));
                let evidence = composed.evidence;
                let message = self.message(run, node, &send.channel, composed.to, composed.content, awaited);
                self.leave(run, node, Message { evidence, ..message }, *next)
            }
            Err(Refused { to, reason }) => {
                let channel = send.channel.clone();
                self.line(run, &node.id, LineKind::NotSent { message: None, channel, to, reason });
                Visit::Go(not_sent(node))
            }
        }
    }

    /// Counts a message, or a place that is kept for one, towards limits.
    fn count(&mut self, run: &Run, channel: &str, at: Timestamp, id: SentId) {
        let marketing = matches!(self.graph.settings.purpose, Purpose::Marketing { .. });
        let sent = Sent { at, channel: channel.to_owned(), funnel: run.funnel.clone(), marketing, id };
        limit::note(self.world.graphs.plan(), self.client, sent, self.now, self.effects);
    }

    /// Hands a message to its channel and counts it.
    fn leave(&mut self, run: &Run, node: &Node, message: Message, next: Option<NodeIx>) -> Visit {
        self.count(run, &message.channel, self.now, SentId::Message(message.id.clone()));
        self.line(run, &node.id, sent_line(&message));
        let waiting = message.awaited.then(|| Waiting::Outcome(message.id.clone()));
        self.effects.messages.push(message);
        waiting.map_or(Visit::Go(next), |waiting| Visit::Stay(waiting, None))
    }

    /// A message of an element to a channel, with the id of this occurrence.
    pub(super) fn message(
        &self,
        run: &mut Run,
        node: &Node,
        channel: &str,
        to: String,
        content: Rendered,
        awaited: bool,
    ) -> Message {
        let id = self.message_id(run, node);
        let (marketing, topic) = match &self.graph.settings.purpose {
            Purpose::Service => (false, None),
            Purpose::Marketing { topic } => (true, topic.clone()),
        };
        Message {
            id,
            run: run.id.clone(),
            zone: self.scope(run, self.now).zone.name().to_owned(),
            client: run.client.clone(),
            funnel: run.funnel.clone(),
            element: node.id.clone(),
            channel: channel.to_owned(),
            to,
            content,
            marketing,
            topic,
            evidence: None,
            at: self.now,
            awaited,
        }
    }
}

/// Where a run goes once the outcome of its message is known. An unknown outcome counts as sent: a second channel
/// would perhaps tell the client twice.
pub(super) fn after_outcome(node: &Node, outcome: &Outcome) -> Visit {
    match outcome {
        Outcome::Sent | Outcome::Unknown { .. } => Visit::Go(node.element.next()),
        Outcome::NotSent { .. } => Visit::Go(not_sent(node)),
    }
}

/// The path of an element that did not send.
pub(super) fn not_sent(node: &Node) -> Option<crate::graph::NodeIx> {
    match &node.element {
        Element::Send { on_not_sent: OnFailure::Else(path), .. }
        | Element::Call { on_failed: OnFailure::Else(path), .. } => *path,
        other => other.next(),
    }
}

fn sent_line(message: &Message) -> LineKind {
    let (subject, text) = match &message.content {
        Rendered::Text(text) | Rendered::Task { text, .. } => (None, text.clone()),
        Rendered::Json(body) => (None, Json::Object(body.clone()).to_string()),
        Rendered::Email { subject, text, html } => {
            (Some(subject.clone()), text.clone().or_else(|| html.as_deref().map(markup::to_text)).unwrap_or_default())
        }
    };
    let (channel, to) = (message.channel.clone(), message.to.clone());
    LineKind::Send { message: message.id.clone(), channel, to, subject, text, evidence: message.evidence.clone() }
}

/// A message that could leave.
struct Composed {
    to: String,
    content: Rendered,
    evidence: Option<String>,
}

fn compose(scope: &Scope<'_>, purpose: &Purpose, send: &Send) -> Result<Composed, Refused> {
    let to = match scope.value(&send.to) {
        Some(Value::Text(to)) if !to.trim().is_empty() => to,
        _ => return Err(Refused { to: None, reason: "no address".to_owned() }),
    };
    let evidence = match purpose {
        Purpose::Service => None,
        Purpose::Marketing { topic } => match consent::evidence(scope.client, &send.channel, topic.as_deref()) {
            Some(evidence) => Some(evidence.to_owned()),
            None => return Err(Refused { to: Some(to), reason: "no consent".to_owned() }),
        },
    };
    match render(scope, &send.content) {
        Ok(content) => Ok(Composed { to, content, evidence }),
        Err(missing) => Err(Refused { to: Some(to), reason: missing_value(&missing) }),
    }
}

fn render(scope: &Scope<'_>, content: &Content) -> Result<Rendered, String> {
    Ok(match content {
        Content::Text(text) => Rendered::Text(words(scope, text, Escape::None)?),
        Content::Email { subject, preheader, text, html } => {
            let part = |part: &Option<Expr>, escape| part.as_ref().map(|text| words(scope, text, escape)).transpose();
            let preheader = part(preheader, Escape::Html)?;
            let html = part(html, Escape::Html)?;
            Rendered::Email {
                subject: words(scope, subject, Escape::None)?,
                text: part(text, Escape::None)?,
                html: html.map(|html| preheader.map_or_else(|| html.clone(), |line| with_preheader(&html, &line))),
            }
        }
    })
}

/// Why a text with a gap is not sent.
pub(super) fn missing_value(name: &str) -> String {
    format!("`{name}` is missing in its text")
}

/// The words of a text expression, holes filled.
///
/// # Errors
/// The name of a value that is missing.
pub(super) fn words(scope: &Scope<'_>, text: &Expr, escape: Escape) -> Result<String, String> {
    match text {
        Expr::Text(parts) => fill(scope, parts, escape),
        Expr::Value(Value::Text(text)) => Ok(text.clone()),
        other => fill(scope, &[Part::Hole(other.clone(), Vec::new())], escape),
    }
}

/// Puts the preheader at the start of the body, hidden: mail programs show it beside the subject.
fn with_preheader(html: &str, line: &str) -> String {
    let hidden = format!("<div style=\"display:none;max-height:0;overflow:hidden\">{line}</div>");
    let body_at = html.find("<body").and_then(|tag| html.get(tag..)?.find('>').map(|end| tag + end + 1)).unwrap_or(0);
    let (head, body) = html.split_at(body_at);
    format!("{head}{hidden}{body}")
}
