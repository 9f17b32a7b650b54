//! Actions that do not send messages to the client: fields, tags, tasks, requests, events, other funnels.

use super::send::{missing_value, not_sent_path, render_text};
use super::turn::{RunTurn, Visit};
use crate::check::program::{Argument, Arithmetic, Call, CallTarget, Expr, Task};
use crate::engine::decode::{admit, check_tag, check_value};
use crate::engine::eval::Scope;
use crate::engine::eval::operator::{arithmetic, negate};
use crate::engine::eval::text::Escape;
use crate::engine::model::{Event, Fields, FollowUp, LineKind, Message, Rendered, Run, Waiting};
use crate::graph::{Node, NodeIx, OnFailure, write_expr};
use crate::value::{Value, json};
use serde_json::Value as Json;

impl RunTurn<'_> {
    /// `set`: sets a client field, or removes it when the value is missing. A sum that does not exist changes nothing.
    pub(super) fn set(
        &mut self,
        run: &Run,
        node: &Node,
        field: &str,
        (value, from_zero): (&Expr, bool),
        next: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let value = match value {
            Expr::Arithmetic(op, of, by) if from_zero => counted(&scope, *op, of, by),
            value => Ok(json_of(&scope, value).unwrap_or_default()),
        };
        let value = match value.and_then(|value| check_value(&value).map(|()| value)) {
            Ok(value) => value,
            Err(reason) => {
                self.log_not_sent(run, node, "set", reason);
                return Visit::Go(next);
            }
        };
        if self.client_turn().set_client_field(field, &value) {
            self.effects.follow_ups.push_back(FollowUp::FieldChanged(field.to_owned()));
        }
        self.log(run, &node.id, LineKind::Set { field: field.to_owned(), value });
        Visit::Go(next)
    }

    /// `tag`, `untag`: adds or removes a tag, wherever it came from. Repeating it changes nothing.
    pub(super) fn tag(&mut self, run: &Run, node: &Node, tag: &Expr, add: bool, next: Option<NodeIx>) -> Visit {
        if let Some(Value::Text(tag)) = self.scope(run, self.now).value(tag) {
            if let Err(reason) = check_tag(&tag) {
                self.log_not_sent(run, node, "tag", reason);
                return Visit::Go(next);
            }
            if self.client_turn().set_tag(&tag, add) {
                self.effects.follow_ups.push_back(FollowUp::FieldChanged("tags".to_owned()));
            }
            self.log(run, &node.id, if add { LineKind::Tag { tag } } else { LineKind::Untag { tag } });
        }
        Visit::Go(next)
    }

    /// `task`: creates a task for a person, sent to the channel `task`.
    pub(super) fn task(&mut self, run: &mut Run, node: &Node, task: &Task, next: Option<NodeIx>) -> Visit {
        let scope = self.scope(run, self.now);
        let assignee = task.assignee.as_ref().map(|name| render_text(&scope, name, Escape::None)).transpose();
        let (text, assignee) = match (render_text(&scope, &task.text, Escape::None), assignee) {
            (Ok(text), Ok(assignee)) => (text, assignee),
            (Err(missing), _) | (_, Err(missing)) => {
                self.log_not_sent(run, node, "task", missing_value(&missing));
                return Visit::Go(next);
            }
        };
        let due = task.due.map(|due| scope.zone.rfc3339(scope.zone.after(self.now, due, task.due_at)));
        let content = Rendered::Task { text: text.clone(), due: due.clone() };
        let message = self.message(run, node, "task", assignee.clone().unwrap_or_default(), content, false);
        self.log(run, &node.id, LineKind::Task { message: message.id.clone(), assignee, text, due });
        self.effects.messages.push(message);
        Visit::Go(next)
    }

    /// `call`, `do`: sends a request to another system through the channel of that name.
    pub(super) fn call(
        &mut self,
        run: &mut Run,
        node: &Node,
        call: &Call,
        next: Option<NodeIx>,
        on_not_sent: OnFailure,
    ) -> Visit {
        // In a loop, what follows must not read the answer of the time before.
        if let Some(answer) = &call.answer {
            run.subjects.remove(answer);
        }
        let scope = self.scope(run, self.now);
        let (channel, to) = match &call.target {
            CallTarget::Url(url) => {
                ("call", render_text(&scope, url, Escape::Percent).map_err(|name| missing_value(&name)))
            }
            CallTarget::Action(action) => ("do", Ok(action.clone())),
        };
        let (to, body) = match (to, arguments(&scope, &call.body)) {
            (Ok(to), Ok(body)) => (to, body),
            (Err(reason), _) | (_, Err(reason)) => {
                self.log_not_sent(run, node, channel, reason);
                return Visit::Go(not_sent_path(node));
            }
        };
        let answer_expected = call.answer.is_some();
        let outcome_expected = answer_expected || matches!(on_not_sent, OnFailure::Else(_));
        let message = self.message(run, node, channel, to.clone(), Rendered::Json(body.clone()), outcome_expected);
        let message = Message { answer_expected, ..message };
        let kind = LineKind::Call { message: message.id.clone(), channel: channel.to_owned(), to, body };
        self.log(run, &node.id, kind);
        let id = message.id.clone();
        self.effects.messages.push(message);
        if outcome_expected { Visit::Stay(Waiting::Outcome(id), None) } else { Visit::Go(next) }
    }

    /// `emit`: emits an event of the client, handled after this turn.
    pub(super) fn emit(
        &mut self,
        run: &mut Run,
        node: &Node,
        event: &str,
        data: &[(String, Expr)],
        next: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let given = |(name, value): &(String, Expr)| Some((name.clone(), json_of(&scope, value)?));
        let (key, data) = match admit(self.world.catalog, event, data.iter().filter_map(given).collect()) {
            Ok(admitted) => admitted,
            Err(refusal) => {
                self.log_not_sent(run, node, "emit", refusal.message.to_string());
                return Visit::Go(next);
            }
        };
        let id = self.message_id(run, node);
        self.log(run, &node.id, LineKind::Emit { event: event.to_owned(), data: data.clone() });
        let client = run.client.clone();
        let event = Event { id: Some(id.0), name: event.to_owned(), client, at: self.now, key, imported: false, data };
        self.effects.follow_ups.push_back(FollowUp::Event(event));
        Visit::Go(next)
    }

    /// `start`: starts another funnel for the same client and subjects after this turn.
    pub(super) fn start(&mut self, run: &Run, node: &Node, funnel: &str, next: Option<NodeIx>) -> Visit {
        self.log(run, &node.id, LineKind::Start { started: funnel.to_owned() });
        let subjects = run.subjects.clone();
        self.effects.follow_ups.push_back(FollowUp::Start { funnel: funnel.to_owned(), subjects });
        Visit::Go(next)
    }

    /// `stop other`: ends the client's runs of another funnel after this turn.
    pub(super) fn stop_funnel(&mut self, run: &Run, node: &Node, funnel: &str, next: Option<NodeIx>) -> Visit {
        let found = self.client.runs.values().any(|other| other.funnel == funnel);
        let reason = Some(if found { format!("stop {funnel}") } else { format!("no run of {funnel}") });
        self.log(run, &node.id, LineKind::Decide { result: found, reason });
        let (funnel, by) = (funnel.to_owned(), run.funnel.clone());
        self.effects.follow_ups.push_back(FollowUp::StopFunnel { funnel, by });
        Visit::Go(next)
    }

    /// Logs why an action was not done.
    fn log_not_sent(&mut self, run: &Run, node: &Node, channel: &str, reason: String) {
        let channel = channel.to_owned();
        self.log(run, &node.id, LineKind::NotSent { message: None, channel, to: None, reason });
    }
}

/// The body of a request. Optional arguments that are missing become `null`.
///
/// # Errors
/// The reason, when a required argument is missing.
fn arguments(scope: &Scope<'_>, body: &[Argument]) -> Result<Fields, String> {
    let argument = |argument: &Argument| match json_of(scope, &argument.value) {
        None if !argument.optional => Err(format!("argument `{}` is missing", argument.name)),
        value => Ok((argument.name.clone(), value.unwrap_or_default())),
    };
    body.iter().map(argument).collect()
}

/// The value of a counter after `+=` or `-=`; a missing one counts as 0.
///
/// # Errors
/// The reason, when there is no sum.
fn counted(scope: &Scope<'_>, op: Arithmetic, of: &Expr, by: &Expr) -> Result<Json, String> {
    let Some(by_value) = scope.value(by) else { return Err(missing_value(&write_expr(by))) };
    let Some(value) = scope.value(of) else {
        let sum = if op == Arithmetic::Subtract { negate(by_value) } else { Some(by_value) };
        return Ok(sum.map(|sum| json::write(&sum)).unwrap_or_default());
    };
    let shown = |value: &Value| write_expr(&Expr::Value(value.clone()));
    let (left, right) = (shown(&value), shown(&by_value));
    let sum = arithmetic(op, value, by_value, scope.zone).map(|sum| json::write(&sum));
    sum.ok_or_else(|| {
        if op == Arithmetic::Subtract {
            format!("cannot compute {left} - {right}")
        } else {
            format!("cannot compute {left} + {right}")
        }
    })
}

/// A value as JSON. A civil time becomes an instant in the run's zone.
fn json_of(scope: &Scope<'_>, expr: &Expr) -> Option<Json> {
    let value = match scope.value(expr)? {
        Value::Civil(reading) => Value::DateTime(scope.zone.resolve(reading)),
        value => value,
    };
    Some(json::write(&value))
}
