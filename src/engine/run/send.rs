//! Messages to the client. In: a `send` and the run's scope. Out: a message, or why there is none.

use super::turn::{RunTurn, Visit};
use crate::check::address_of;
use crate::check::program::{Content, Expr, Part, Purpose, Send};
use crate::engine::client::consent;
use crate::engine::client::limit::{Request, Room, room};
use crate::engine::eval::Scope;
use crate::engine::eval::text::{self, Escape, interpolate};
use crate::engine::model::{
    LineKind, Message, MessageId, Outcome, Position, Rendered, Run, Sent, SentId, Waiting, reason,
};
use crate::graph::{Element, Node, NodeIx, OnFailure};
use crate::markup;
use crate::value::{Timestamp, Type, Value, json};
use serde_json::Value as Json;

/// Why a message cannot be sent: the address, if there is one, and the reason.
struct NotSent {
    to: Option<String>,
    reason: String,
}

impl RunTurn<'_> {
    /// Sends a message when the funnel's hours and limits allow it, otherwise waits for them, as long as it may leave.
    pub(super) fn send(&mut self, run: &mut Run, node: &Node, here: &Position) -> Visit {
        let Element::Send { send, next, on_not_sent } = &node.element else { return Visit::Go(node.element.next()) };
        let latest = match self.latest_moment(run, send, here) {
            Ok(latest) => latest,
            Err(missing) => return self.not_sent(run, node, None, missing_value(&missing)),
        };
        // With an `else`, there is something to do instead, so nothing is gained by waiting.
        let gives_up =
            |at: Timestamp| latest.filter(|latest| *latest <= at && matches!(on_not_sent, OnFailure::Else(_)));
        let open = self.held_until(run, None).unwrap_or(self.now);
        if let Some(latest) = latest.filter(|latest| *latest <= self.now).or_else(|| gives_up(open)) {
            self.client_turn().take_reservation(&run.id);
            return self.too_late(run, node, latest);
        }
        if open > self.now {
            let until = self.held_until(run, latest);
            self.log_wait(run, node, until);
            return Visit::Stay(Waiting::Hours, until);
        }
        let since = here.since;
        let reserved = self.client_turn().take_reservation(&run.id);
        let scope = self.scope(run, self.now);
        let settings = &self.graph.settings;
        let composed = compose(&scope, &settings.purpose, send).and_then(|composed| {
            let marketing = matches!(settings.purpose, Purpose::Marketing { .. });
            let request = Request { channel: &send.channel, funnel: &run.funnel, marketing, since, reserved };
            match room(&scope, &settings.limits, &request) {
                Room::Free => Ok((composed, None)),
                Room::Later(at) => Ok((composed, Some(at))),
                Room::Full(reason) => Err(NotSent { to: Some(composed.to), reason }),
            }
        });
        match composed {
            Ok((_, Some(at))) => {
                if let Some(latest) = gives_up(at) {
                    return self.too_late(run, node, latest);
                }
                let ends = latest.filter(|latest| *latest <= at);
                if ends.is_none() {
                    self.count_towards_limits(run, &send.channel, at, SentId::Waiting(run.id.clone()));
                }
                self.log_wait(run, node, ends.or(Some(at)));
                Visit::Stay(Waiting::Limit, ends.or(Some(at)))
            }
            Ok((composed, None)) => {
                let outcome_expected = matches!(on_not_sent, OnFailure::Else(_));
                let evidence = composed.evidence;
                let message = self.message(run, node, &send.channel, composed.to, composed.content, outcome_expected);
                self.dispatch(run, node, Message { evidence, latest, ..message }, *next)
            }
            Err(NotSent { to, reason }) => self.not_sent(run, node, to, reason),
        }
    }

    /// When `hours` let a message leave, or the last moment for it, whichever comes first; `None` if it may leave now.
    pub(super) fn held_until(&self, run: &Run, latest: Option<Timestamp>) -> Option<Timestamp> {
        let zone = self.scope(run, self.now).zone;
        let open = zone.next_open(self.now, &self.graph.settings.hours).filter(|open| *open > self.now)?;
        Some(latest.map_or(open, |latest| latest.min(open)))
    }

    /// The moment before which a message must leave: what is written after `before`, or what the `wait until` before it
    /// counts from.
    ///
    /// # Errors
    /// The name of a missing value.
    pub(super) fn latest_moment(&self, run: &Run, send: &Send, here: &Position) -> Result<Option<Timestamp>, String> {
        if let Some(before) = &send.before {
            let missing = || text::name(before);
            return self.instant_of(run, before, here.since).map(Some).ok_or_else(missing);
        }
        Ok(here.origin.as_deref().and_then(|origin| self.implied_moment(run, origin)))
    }

    fn too_late(&mut self, run: &Run, node: &Node, latest: Timestamp) -> Visit {
        let zone = self.scope(run, self.now).zone;
        self.not_sent(run, node, None, reason::too_late(&zone, latest))
    }

    fn not_sent(&mut self, run: &Run, node: &Node, to: Option<String>, reason: String) -> Visit {
        let Element::Send { send, .. } = &node.element else { return Visit::Go(node.element.next()) };
        let channel = send.channel.clone();
        self.log(run, &node.id, LineKind::NotSent { message: None, channel, to, reason });
        Visit::Go(not_sent_path(node))
    }

    /// Counts a message, or a slot reserved for one, towards limits.
    fn count_towards_limits(&mut self, run: &Run, channel: &str, at: Timestamp, id: SentId) {
        let marketing = matches!(self.graph.settings.purpose, Purpose::Marketing { .. });
        let sent = Sent { at, channel: channel.to_owned(), funnel: run.funnel.clone(), marketing, id };
        self.client_turn().count_sent(sent);
    }

    /// Hands a message to its channel and counts it.
    fn dispatch(&mut self, run: &Run, node: &Node, message: Message, next: Option<NodeIx>) -> Visit {
        self.count_towards_limits(run, &message.channel, self.now, SentId::Message(message.id.clone()));
        self.log(run, &node.id, sent_line(&message));
        let waiting = message.outcome_expected.then(|| Waiting::Outcome(message.id.clone()));
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
        outcome_expected: bool,
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
            latest: None,
            outcome_expected,
            answer_expected: false,
        }
    }

    /// The id of what an element sends this time.
    pub(super) fn message_id(&self, run: &mut Run, node: &Node) -> MessageId {
        let count = run.progress.occurrences.entry(node.id.clone()).and_modify(|n| *n += 1).or_insert(1);
        MessageId::derive(&run.id, &node.id, *count)
    }
}

/// Where a run goes after the outcome of its message. An unknown outcome counts as sent, because a second channel might
/// send the same message twice.
pub(super) fn after_outcome(node: &Node, outcome: &Outcome) -> Visit {
    match outcome {
        Outcome::Sent | Outcome::Answered { .. } | Outcome::Unknown { .. } => Visit::Go(node.element.next()),
        Outcome::NotSent { .. } => Visit::Go(not_sent_path(node)),
    }
}

/// The path of an element that did not send.
pub(super) fn not_sent_path(node: &Node) -> Option<crate::graph::NodeIx> {
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

/// A message that is ready to send.
struct Composed {
    to: String,
    content: Rendered,
    evidence: Option<String>,
}

fn compose(scope: &Scope<'_>, purpose: &Purpose, send: &Send) -> Result<Composed, NotSent> {
    let to = match scope.value(&send.to) {
        Some(Value::Text(to)) if !to.trim().is_empty() => dialable(scope, &send.channel, to)?,
        _ => return Err(NotSent { to: None, reason: reason::NO_ADDRESS.to_owned() }),
    };
    let evidence = match purpose {
        Purpose::Service => None,
        Purpose::Marketing { topic } => match consent::evidence(scope.client, &send.channel, topic.as_deref()) {
            Some(evidence) => Some(evidence.to_owned()),
            None => return Err(NotSent { to: Some(to), reason: reason::NO_CONSENT.to_owned() }),
        },
    };
    match render(scope, &send.content) {
        Ok(content) => Ok(Composed { to, content, evidence }),
        Err(missing) => Err(NotSent { to: Some(to), reason: missing_value(&missing) }),
    }
}

/// The address as its channel needs it. A recipient may be any text, but a message only goes to a phone number that
/// exists.
fn dialable(scope: &Scope<'_>, channel: &str, to: String) -> Result<String, NotSent> {
    if address_of(channel) != Some("phone") {
        return Ok(to);
    }
    match json::read(&Json::from(to.as_str()), &Type::Phone, scope.local) {
        Ok(Value::Text(number)) => Ok(number),
        _ => Err(NotSent { to: Some(to), reason: "not a phone number".to_owned() }),
    }
}

fn render(scope: &Scope<'_>, content: &Content) -> Result<Rendered, String> {
    Ok(match content {
        Content::Text(text) => Rendered::Text(render_text(scope, text, Escape::None)?),
        Content::Email { subject, preheader, text, html } => {
            let part =
                |part: &Option<Expr>, escape| part.as_ref().map(|text| render_text(scope, text, escape)).transpose();
            let preheader = part(preheader, Escape::Html)?;
            let html = part(html, Escape::Html)?;
            Rendered::Email {
                subject: render_text(scope, subject, Escape::None)?,
                text: part(text, Escape::None)?,
                html: html.map(|html| preheader.map_or_else(|| html.clone(), |line| with_preheader(&html, &line))),
            }
        }
    })
}

/// The reason for not sending a text with a missing value.
pub(super) fn missing_value(name: &str) -> String {
    format!("`{name}` is missing")
}

/// Renders a text expression.
///
/// # Errors
/// The name of a missing value.
pub(super) fn render_text(scope: &Scope<'_>, text: &Expr, escape: Escape) -> Result<String, String> {
    match text {
        Expr::Text(parts) => interpolate(scope, parts, escape),
        Expr::Value(Value::Text(text)) => Ok(text.clone()),
        other => interpolate(scope, &[Part::Placeholder(other.clone(), Vec::new())], escape),
    }
}

/// Inserts the hidden preheader at the start of the body: mail clients show it next to the subject.
fn with_preheader(html: &str, line: &str) -> String {
    let hidden = format!("<div style=\"display:none;max-height:0;overflow:hidden\">{line}</div>");
    let body_at = html.find("<body").and_then(|tag| html.get(tag..)?.find('>').map(|end| tag + end + 1)).unwrap_or(0);
    let (head, body) = html.split_at(body_at);
    format!("{head}{hidden}{body}")
}
