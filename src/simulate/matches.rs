//! Matches a line with an expectation. In: an expectation and a line. Out: whether they match, or the first difference.

use crate::check::program::{Expected, ExpectedKind};
use crate::diagnostic::Phrase;
use crate::engine::{Line, LineKind, World};
use crate::graph::Element;
use crate::say;
use crate::value::json::is_same;
use crate::value::{Timestamp, Type, Zone};
use serde_json::Value as Json;

/// A line in terms of expectations.
pub(super) struct Observed<'l> {
    pub(super) thing: ExpectedKind,
    target: &'l str,
    to: Option<Json>,
    words: String,
}

/// How much of a text that came instead is shown.
const SHOWN: usize = 60;

/// Whether a line begins a run.
pub(super) fn is_entry(line: &Line) -> bool {
    matches!(line.kind, LineKind::Enter { .. })
}

/// Whether a line is shown next to expectations, or can be expected.
pub(super) fn is_shown(line: &Line) -> bool {
    observed(line).is_some()
}

/// Whether `expect nothing else` covers a line: something was done for or to the client.
pub(super) fn counts(line: &Line) -> bool {
    observed(line).is_some_and(|observed| match observed.thing {
        ExpectedKind::Send
        | ExpectedKind::Task
        | ExpectedKind::Set
        | ExpectedKind::Tag
        | ExpectedKind::Untag
        | ExpectedKind::Call
        | ExpectedKind::Do
        | ExpectedKind::Emit
        | ExpectedKind::Start
        | ExpectedKind::Goal => true,
        ExpectedKind::NotSent | ExpectedKind::Enter | ExpectedKind::Exit => false,
    })
}

/// Describes a line in terms of expectations; `None` for intermediate steps.
pub(super) fn observed(line: &Line) -> Option<Observed<'_>> {
    let text = |text: &str| Some(Json::String(text.to_owned()));
    let (thing, target, to, words) = match &line.kind {
        LineKind::Send { channel, to, subject, text: words, .. } => {
            let subject = subject.as_ref().map(|subject| format!("{subject}\n")).unwrap_or_default();
            (ExpectedKind::Send, channel.as_str(), text(to), subject + words)
        }
        LineKind::NotSent { channel, to, reason, .. } => {
            (ExpectedKind::NotSent, channel.as_str(), to.as_deref().and_then(text), reason.clone())
        }
        LineKind::Set { field, value } => {
            let words = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            (ExpectedKind::Set, field.as_str(), Some(value.clone()), words)
        }
        LineKind::Tag { tag } => (ExpectedKind::Tag, tag.as_str(), None, tag.clone()),
        LineKind::Untag { tag } => (ExpectedKind::Untag, tag.as_str(), None, tag.clone()),
        LineKind::Task { assignee, text: words, .. } => {
            (ExpectedKind::Task, "", assignee.as_deref().and_then(text), words.clone())
        }
        LineKind::Call { channel, to, body, .. } => {
            let thing = if channel == "do" { ExpectedKind::Do } else { ExpectedKind::Call };
            (thing, to.as_str(), text(to), Json::Object(body.clone()).to_string())
        }
        LineKind::Emit { event, data } => {
            (ExpectedKind::Emit, event.as_str(), None, Json::Object(data.clone()).to_string())
        }
        LineKind::Start { started } => (ExpectedKind::Start, started.as_str(), None, String::new()),
        LineKind::Goal { event, worth } => {
            let worth = worth.as_ref().map(|worth| worth.as_str().map_or_else(|| worth.to_string(), str::to_owned));
            (ExpectedKind::Goal, line.funnel.as_str(), None, format!("{event} {}", worth.unwrap_or_default()))
        }
        LineKind::Enter { .. } => (ExpectedKind::Enter, line.funnel.as_str(), None, String::new()),
        LineKind::Exit { reason } => (ExpectedKind::Exit, line.funnel.as_str(), None, reason.clone()),
        LineKind::NotEntered { .. }
        | LineKind::Unknown { .. }
        | LineKind::Ignored { .. }
        | LineKind::Incomplete { .. }
        | LineKind::Merge { .. }
        | LineKind::Answer { .. }
        | LineKind::Halt { .. }
        | LineKind::Decide { .. }
        | LineKind::Wait { .. } => return None,
    };
    Some(Observed { thing, target, to, words })
}

/// Whether a line matches an expectation, except for its time.
pub(super) fn matches(world: &World<'_>, expected: &Expected, line: &Line) -> bool {
    difference(world, expected, line).is_none()
}

/// The first difference between a line and an expectation, except for its time.
pub(super) fn difference(world: &World<'_>, expected: &Expected, line: &Line) -> Option<Phrase> {
    let Some(observed) = observed(line) else { return Some(say!("did not happen")) };
    if observed.thing != expected.kind {
        return Some(match observed.thing {
            ExpectedKind::NotSent => say!("not sent: {words}", words = observed.words),
            _ => say!("did not happen"),
        });
    }
    if expected.target.as_ref().is_some_and(|target| target != observed.target) {
        let by_channel = matches!(observed.thing, ExpectedKind::Send | ExpectedKind::NotSent);
        return Some(if by_channel {
            say!("channel was `{target}`", target = observed.target)
        } else {
            say!("was `{target}`", target = observed.target)
        });
    }
    if let Some(template) = &expected.template
        && template_of(world, line).as_ref() != Some(template)
    {
        return Some(match template_of(world, line) {
            Some(other) => say!("uses the template `{other}`", other),
            None => say!("uses no template"),
        });
    }
    if let Some(to) = &expected.to
        && observed.to.as_ref() != Some(to)
    {
        return Some(match &observed.to {
            Some(other) if observed.thing == ExpectedKind::Set => say!("was set to {other}", other = other.to_string()),
            Some(other) => say!("addressed to {other}", other = other.to_string()),
            None => say!("has no recipient"),
        });
    }
    if let Some(found) = other_values(world, expected, line) {
        return Some(found);
    }
    if let (Some(due), LineKind::Task { due: actual, .. }) = (expected.due, &line.kind) {
        let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
        let at = zone.rfc3339(zone.after(line.at, due.0, due.1));
        match actual {
            Some(actual) if *actual == at => {}
            Some(actual) => return Some(say!("due at {other}", other = actual.as_str())),
            None => return Some(say!("has no deadline")),
        }
    }
    let missing = expected.containing.iter().find(|part| !observed.words.contains(part.as_str()))?;
    Some(match observed.thing {
        ExpectedKind::Exit => say!("ended: {words}", words = observed.words),
        ExpectedKind::NotSent => say!("not sent: {words}", words = observed.words),
        ExpectedKind::Send
        | ExpectedKind::Task
        | ExpectedKind::Set
        | ExpectedKind::Tag
        | ExpectedKind::Untag
        | ExpectedKind::Call
        | ExpectedKind::Do
        | ExpectedKind::Emit
        | ExpectedKind::Start
        | ExpectedKind::Goal
        | ExpectedKind::Enter => say!("does not contain \"{missing}\"", missing),
    })
}

/// The first value of a line, or its text, that differs from what is expected.
fn other_values(world: &World<'_>, expected: &Expected, line: &Line) -> Option<Phrase> {
    let (text, subject) = match &line.kind {
        LineKind::Send { text, subject, .. } => (Some(text.as_str()), subject.as_deref()),
        LineKind::Task { text, .. } => (Some(text.as_str()), None),
        _ => (None, None),
    };
    if let Some(exact) = &expected.exact
        && text != Some(exact.as_str())
    {
        return Some(say!("came as \"{other}\"", other = shortened(text.unwrap_or_default())));
    }
    expected.data.iter().find_map(|(name, wanted)| {
        let (actual, ty) = match &line.kind {
            LineKind::Send { .. } => {
                let part = if name == "subject" { subject } else { text };
                (part.map(Json::from), None)
            }
            LineKind::Call { body, .. } => (body.get(name).cloned(), None),
            LineKind::Emit { event, data } => {
                let field = world.catalog.events.get(event).and_then(|event| event.fields.get(name));
                (data.get(name).cloned(), field.map(|field| &field.ty))
            }
            _ => return None,
        };
        let Some(actual) = actual else { return Some(say!("has no `{name}`", name = name.as_str())) };
        // What a request contains has no declared type, so each type with several notations is tried.
        let typed = [Type::DateTime, Type::Money, Type::Duration];
        let same =
            is_same(wanted, &actual, ty) || ty.is_none() && typed.iter().any(|ty| is_same(wanted, &actual, Some(ty)));
        let other = shortened(&actual.to_string());
        (!same).then(|| say!("`{name}` was {other}", name = name.as_str(), other))
    })
}

/// A text that fits into a message.
pub(super) fn shortened(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.chars().count() <= SHOWN { line } else { line.chars().take(SHOWN - 1).chain(['…']).collect() }
}

/// How similar a line is to an unmet expectation; 0 when they are unrelated.
pub(super) fn similarity(world: &World<'_>, expected: &Expected, line: &Line, zone: Zone) -> u32 {
    let Some(observed) = observed(line) else { return 0 };
    let kind = match (expected.kind, observed.thing) {
        (one, other) if one == other => 8,
        (ExpectedKind::Send, ExpectedKind::NotSent) => 6,
        _ => return 0,
    };
    let target = expected.target.as_ref().is_none_or(|target| target == observed.target);
    let words = expected.containing.iter().all(|part| observed.words.contains(part.as_str()))
        && other_values(world, expected, line).is_none();
    let template = expected.template.is_none() || template_of(world, line) == expected.template;
    let moment = expected.when.is_none_or(|when| when.holds(line.at));
    let day = expected.when.is_none_or(|when| zone.civil(when.from).date == zone.civil(line.at).date);
    if !target && expected.when.is_none_or(|when| !when.holds(line.at)) {
        return 0;
    }
    kind + 4 * u32::from(target)
        + 2 * u32::from(words)
        + 2 * u32::from(template)
        + 3 * u32::from(moment)
        + u32::from(day)
}

/// Why a similar line does not meet an expectation.
pub(super) fn reason(world: &World<'_>, expected: &Expected, line: &Line, zone: Zone) -> Phrase {
    let moment = expected.when.filter(|when| !when.holds(line.at));
    let came = moment.map(|when| say!("happened at {time}", time = clock(zone, line.at, Some(when.from))));
    match (difference(world, expected, line), came) {
        (Some(difference), Some(came)) => say!("{came}; {difference}", came, difference),
        (Some(difference), None) => difference,
        (None, Some(came)) => came,
        (None, None) => say!("out of order"),
    }
}

/// The template that an element sends.
fn template_of(world: &World<'_>, line: &Line) -> Option<String> {
    let graph = world.graphs.current().map(|(_, graph)| graph).find(|graph| graph.funnel == line.funnel)?;
    let node = graph.nodes.iter().find(|node| node.id == line.element)?;
    let Element::Send { send, .. } = &node.element else { return None };
    send.template.clone()
}

/// Formats a moment for people: only the time on the day `day_of`, otherwise the day too.
pub(super) fn clock(zone: Zone, at: Timestamp, day_of: Option<Timestamp>) -> String {
    let civil = zone.civil(at);
    match day_of {
        Some(other) if zone.civil(other).date == civil.date => civil.time.to_string(),
        Some(_) | None => civil.to_string(),
    }
}

/// Whether an expectation and a line are about the same client.
pub(super) fn is_about(expected: &Expected, line: &Line) -> bool {
    expected.client == line.client.0
}
