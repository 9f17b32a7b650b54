//! Heads of elements: the source before their blocks, either the author's own text or generated from the meaning.

use super::setting::{duration, patterns};
use crate::check::program::{
    Argument, Arithmetic, Call, CallTarget, Change, Content, Expr, FieldRead, Moment, OfMessage, Pattern, Send, Source,
    Task, UpTo, WaitEvent,
};
use crate::check::{ANY_MESSAGE, MESSAGE_EVENTS};
use crate::graph::expr_text::{string_literal, write_expr};
use crate::graph::{Element, Node};
use crate::source::Sources;
use crate::syntax::{self, ast};
use crate::value::{TimeOfDay, Value};

/// Whether the text of a node parses as a head of the node's kind.
pub(super) fn is_valid_head(node: &Node) -> bool {
    let rest = match &node.element {
        Element::If { .. } => " { stop }",
        Element::Match { .. } => " { case 1 -> stop }",
        Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::WaitEvent { .. }
        | Element::Send { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task { .. }
        | Element::Call { .. }
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. } => "",
        Element::Split { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. }
        | Element::Stop => {
            return false;
        }
    };
    let mut sources = Sources::new();
    let file = sources.add("", format!("on booking -> {}{rest}", node.text));
    let parsed = syntax::parse(&sources, file);
    let [ast::Item { kind: ast::ItemKind::Entry(entry), .. }] = parsed.file.items.as_slice() else { return false };
    let [step] = entry.chain.steps.as_slice() else { return false };
    parsed.diagnostics.is_empty()
        && parsed.trivia.comments.is_empty()
        && step.label.is_none()
        && sources.slice(step.head) == node.text
        && same_kind(&step.element, &node.element)
}

/// Whether a parsed element has the kind of a node.
fn same_kind(written: &ast::Element, element: &Element) -> bool {
    match written {
        ast::Element::If(_) => matches!(element, Element::If { .. }),
        ast::Element::Match { .. } => matches!(element, Element::Match { .. }),
        ast::Element::WaitDuration { .. } => matches!(element, Element::WaitDuration { .. }),
        ast::Element::WaitUntil { otherwise, .. } => {
            matches!(element, Element::WaitUntil { .. }) && otherwise.is_none()
        }
        ast::Element::WaitEvent(wait) => {
            matches!(element, Element::WaitEvent { .. }) && wait.then.is_none() && wait.otherwise.is_none()
        }
        ast::Element::Send(send) => matches!(element, Element::Send { .. }) && send.otherwise.is_none(),
        ast::Element::Set { .. } => matches!(element, Element::Set { .. }),
        ast::Element::Tag(_) => matches!(element, Element::Tag { add: true, .. }),
        ast::Element::Untag(_) => matches!(element, Element::Tag { add: false, .. }),
        ast::Element::Task { .. } => matches!(element, Element::Task { .. }),
        ast::Element::Call { otherwise, .. } | ast::Element::Do { otherwise, .. } => {
            matches!(element, Element::Call { .. }) && otherwise.is_none()
        }
        ast::Element::Emit { .. } => matches!(element, Element::Emit { .. }),
        ast::Element::Start(_) => matches!(element, Element::Start { .. }),
        ast::Element::StopFunnel(_) => matches!(element, Element::StopFunnel { .. }),
        ast::Element::Split { .. }
        | ast::Element::Parallel { .. }
        | ast::Element::Repeat { .. }
        | ast::Element::Stop
        | ast::Element::Goto(_)
        | ast::Element::Error => false,
    }
}

/// Whether a text parses as a trigger.
pub(super) fn is_valid_trigger(text: &str) -> bool {
    let mut sources = Sources::new();
    let file = sources.add("", format!("{text} -> stop"));
    let parsed = syntax::parse(&sources, file);
    let [ast::Item { kind: ast::ItemKind::Entry(entry), .. }] = parsed.file.items.as_slice() else { return false };
    let whole = sources.slice(entry.trigger.span) == text && entry.chain.steps.len() == 1;
    whole && parsed.diagnostics.is_empty() && parsed.trivia.comments.is_empty()
}

/// Generates the head of a node; `name` is that of a split. With `inline_content`, the content of a message replaces
/// the name of its template.
pub(super) fn generate_head(element: &Element, name: Option<&str>, inline_content: bool) -> String {
    match element {
        Element::If { condition, .. } => format!("if {}", write_expr(condition)),
        Element::WaitDuration { duration: length, at, .. } => {
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            format!("wait {}{at}", duration(*length))
        }
        Element::WaitUntil { moment, .. } => format!("wait until {}", moment_text(moment)),
        Element::WaitEvent { wait, .. } => wait_event_text(wait),
        Element::Send { send, .. } => send_text(send, inline_content),
        Element::Set { field, value, from_zero, .. } => set_text(field, value, *from_zero),
        Element::Tag { tag, add, .. } => format!("{} {}", if *add { "tag" } else { "untag" }, write_expr(tag)),
        Element::Stop => "stop".to_owned(),
        Element::Match { subject, .. } => format!("match {}", write_expr(subject)),
        Element::Split { .. } => {
            name.map_or_else(|| "split".to_owned(), |name| format!("split {}", string_literal(name)))
        }
        Element::Fork { .. } => "parallel".to_owned(),
        Element::Join { .. } => "all paths".to_owned(),
        Element::Repeat { times, .. } => format!("repeat {times} times"),
        Element::Task { task, .. } => task_text(task),
        Element::Call { call, .. } => call_text(call),
        Element::Emit { event, data, .. } if data.is_empty() => format!("emit {event}"),
        Element::Emit { event, data, .. } => {
            let data = data.iter().map(|(name, value)| (name.as_str(), write_expr(value)));
            format!("emit {event} {}", record(data))
        }
        Element::Start { funnel, .. } => format!("start {funnel}"),
        Element::StopFunnel { funnel, .. } => format!("stop {funnel}"),
    }
}

fn set_text(field: &str, value: &Expr, from_zero: bool) -> String {
    let (sign, value) = match value {
        Expr::Arithmetic(Arithmetic::Add, _, by) if from_zero => ("+=", &**by),
        Expr::Arithmetic(Arithmetic::Subtract, _, by) if from_zero => ("-=", &**by),
        value => ("=", value),
    };
    format!("set client.{field} {sign} {}", write_expr(value))
}

fn moment_text(moment: &Moment) -> String {
    match moment {
        Moment::At(expr) => write_expr(expr),
        Moment::Time(time) => time.to_string(),
        Moment::Weekdays(days, time) => {
            let named = match ast::DayWord::ALL.into_iter().find(|word| word.days() == *days) {
                Some(word) => word.name().to_owned(),
                None => days.iter().map(|day| day.name()).collect::<Vec<_>>().join(" or "),
            };
            if *time == TimeOfDay::MIDNIGHT { named } else { format!("{named} {time}") }
        }
    }
}

fn wait_event_text(wait: &WaitEvent) -> String {
    let events: Vec<String> = wait.patterns.iter().map(awaited).collect();
    let mut out = format!("wait for {}", events.join(" or "));
    // A filter over several events binds all of their names, which has no source form.
    if let Some(binding) = wait.binding.as_ref().filter(|binding| !binding.contains(' ')) {
        out += &format!(" as {binding}");
    }
    if let Some(filter) = &wait.filter {
        out += &format!(" where {}", write_expr(filter));
    }
    match &wait.up_to {
        Some(UpTo::Duration(length)) => out += &format!(" up to {}", duration(*length)),
        Some(UpTo::Moment(moment)) => out += &format!(" up to {}", write_expr(moment)),
        None => {}
    }
    out
}

/// Prints what is waited for: `booking.cancelled`, `ask.replied`.
fn awaited(pattern: &Pattern) -> String {
    let event = &pattern.event;
    match &pattern.message {
        Some(OfMessage::Sent(label)) => format!("{label}.{event}"),
        None if pattern.change == Change::Created && MESSAGE_EVENTS.contains(&event.as_str()) => {
            format!("{ANY_MESSAGE}.{event}")
        }
        Some(OfMessage::Own) | None => patterns(std::slice::from_ref(pattern)),
    }
}

fn task_text(task: &Task) -> String {
    let assignee = task.assignee.as_ref().map(|who| format!(" for {}", write_expr(who))).unwrap_or_default();
    let due = task.due.map(|due| format!(" due {}", duration(due))).unwrap_or_default();
    let at = task.due_at.map(|at| format!(" at {at}")).unwrap_or_default();
    format!("task {}{assignee}{due}{at}", write_expr(&task.text))
}

fn call_text(call: &Call) -> String {
    let answer = call.answer.as_ref().map(|answer| format!(" as {answer}")).unwrap_or_default();
    format!("{}{answer}", request_text(call))
}

fn request_text(call: &Call) -> String {
    let entries = || call.body.iter().map(|Argument { name, value, optional: _ }| (name.as_str(), write_expr(value)));
    match &call.target {
        CallTarget::Url(url) if call.body.is_empty() => format!("call {}", write_expr(url)),
        CallTarget::Url(url) => format!("call {} {}", write_expr(url), record(entries())),
        CallTarget::Action(action) => {
            let entries: Vec<_> = entries().map(|(name, value)| format!("{name}: {value}")).collect();
            format!("do {action}({})", entries.join(", "))
        }
    }
}

fn record<'n>(entries: impl Iterator<Item = (&'n str, String)>) -> String {
    let entries: Vec<_> = entries.map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

fn send_text(send: &Send, inline_content: bool) -> String {
    let Send { channel, template, content, to, before } = send;
    let body = match template.as_deref().filter(|_| !inline_content) {
        Some("default") => String::new(),
        Some(name) => format!(" {name}"),
        None => format!(" {}", content_text(content)),
    };
    let to = if is_default_address(channel, to) { String::new() } else { format!(" to {}", write_expr(to)) };
    let before = before.as_ref().map(|before| format!(" before {}", write_expr(before))).unwrap_or_default();
    format!("send {channel}{body}{to}{before}")
}

fn content_text(content: &Content) -> String {
    match content {
        Content::Text(text) => write_expr(text),
        Content::Email { subject, preheader, text, html } => {
            let preheader = preheader.as_ref().map(|line| write_expr(&unescape(line)));
            let parts = [
                ("subject", Some(write_expr(subject))),
                ("preheader", preheader),
                ("text", text.as_ref().map(write_expr)),
                ("html", html.as_ref().map(write_expr)),
            ];
            record(parts.into_iter().filter_map(|(name, part)| Some((name, part?))))
        }
    }
}

/// Replaces HTML entities by the characters that they stand for.
fn unescape(expr: &Expr) -> Expr {
    let plain = |text: &str| {
        let text = text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'");
        text.replace("&amp;", "&")
    };
    match expr {
        Expr::Value(Value::Text(text)) => Expr::Value(Value::Text(plain(text))),
        Expr::Text(parts) => Expr::Text(parts.iter().cloned().map(|part| part.with_texts(&plain)).collect()),
        other => other.clone(),
    }
}

/// Whether a recipient is the default address, which need not be printed.
fn is_default_address(channel: &str, to: &Expr) -> bool {
    let field = crate::check::address_of(channel);
    matches!(to, Expr::Field(FieldRead { source: Source::Client, name, .. }) if Some(name.as_str()) == field)
}
