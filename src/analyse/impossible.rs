//! Tests that can never pass. In: tests and all funnels. Out: a finding for each expectation that nothing can meet.

use super::phrasing::Known;
use super::promo::{sends, texts};
use super::steps::every;
use crate::check::program::{
    CallTarget, Content, Element, Entry, Expected, ExpectedKind, Expr, Funnel, Part, Program, Send, Step, Test,
    Trigger, When,
};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::value::{Timestamp, Value, Zone, json};
use std::collections::BTreeSet;

/// Looks for expectations that no run can meet.
pub(super) fn impossible_tests(program: &Program) -> Vec<Diagnostic> {
    if !program.complete || program.funnels.is_empty() || program.tests.is_empty() {
        return Vec::new();
    }
    let steps: Vec<(&Funnel, &Step)> = program
        .funnels
        .iter()
        .flat_map(|funnel| every(funnel).into_iter().map(move |step| (&**funnel, step)))
        .collect();
    let mut findings = Vec::new();
    for test in &program.tests {
        let known = Known::new(program, test);
        let mut idle = BTreeSet::new();
        for expected in test.expected.iter().filter(|expected| !expected.absent) {
            let unstarted = || unstarted(program, test, expected).filter(|_| idle.insert(&expected.client));
            let found = early(test, expected).or_else(unstarted);
            let left_out = idle.contains(&expected.client);
            findings.extend(
                found.or_else(|| if left_out { None } else { unmade(program, &steps, &known, test, expected) }),
            );
        }
    }
    findings
}

fn finding(expected: &Expected, message: Phrase, label: Phrase) -> Diagnostic {
    Diagnostic::new(Code::ImpossibleTest, expected.span, message, label)
}

/// Expected of a client to whom nothing has happened by then.
fn early(test: &Test, expected: &Expected) -> Option<Diagnostic> {
    let when = expected.when?;
    let mine = || test.events.iter().filter(|told| told.client == expected.client);
    let first = mine().min_by_key(|told| told.at).filter(|first| when.to <= first.at)?;
    // What lies before the whole test is told of already.
    let begins = test.events.iter().map(|told| told.at).min()?;
    let message = say!("nothing has happened to this client yet at the moment of this expectation");
    let found = finding(expected, message, say!("before their first event"));
    (when.to > begins).then(|| {
        found.related(first.span, say!("their first event")).help(say!("move the moment, or the event before it"))
    })
}

/// Expected of a client to whom nothing happens that could start a run.
fn unstarted(program: &Program, test: &Test, expected: &Expected) -> Option<Diagnostic> {
    let mine: Vec<_> = test.events.iter().filter(|told| told.client == expected.client).collect();
    let tells = |event: &str| mine.iter().any(|told| told.event == event);
    let entries = || program.funnels.iter().flat_map(|funnel| &funnel.entries);
    let can_start = |entry: &Entry| match &entry.trigger {
        // A client comes into being when they are first told of.
        Trigger::Happened { patterns, .. } => {
            patterns.iter().any(|pattern| pattern.event == "client" || tells(&pattern.event))
        }
        Trigger::Silence { event, .. } => tells(event),
        Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => true,
    };
    if entries().any(can_start) {
        return None;
    }
    let found = finding(expected, say!("nothing that happens in this test starts a funnel"), say!("can never be met"));
    let found = mine.iter().take(3).fold(found, |found, told| found.related(told.span, say!("starts no funnel")));
    let starts = entries().find_map(|entry| match &entry.trigger {
        Trigger::Happened { patterns, .. } => patterns.first().map(|pattern| pattern.event.as_str()),
        Trigger::Silence { event, .. } => Some(event.as_str()),
        Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => None,
    })?;
    Some(found.help(say!("tell of what starts one: `{starts}`", starts)))
}

/// What no funnel does.
fn unmade(
    program: &Program,
    steps: &[(&Funnel, &Step)],
    known: &Known<'_>,
    test: &Test,
    expected: &Expected,
) -> Option<Diagnostic> {
    let target = expected.target.as_deref();
    let named = |name: &str| target.is_none_or(|target| target == name);
    let made = |does: &dyn Fn(&Element) -> bool| steps.iter().any(|(_, step)| does(&step.element));
    let possible = match expected.kind {
        ExpectedKind::Send | ExpectedKind::NotSent => return unsent(program, known, test, expected),
        ExpectedKind::Task => {
            made(&|element| matches!(element, Element::Task(task) if says(known, expected, &task.text)))
        }
        ExpectedKind::Set => {
            made(&|element| matches!(element, Element::Set { field, value } if named(field) && gives(expected, value)))
        }
        ExpectedKind::Tag | ExpectedKind::Untag => made(&|element| {
            let Element::Tag { tag, add } = element else { return false };
            let name = target.is_none_or(|target| known.may_say(tag, target, true));
            *add == (expected.kind == ExpectedKind::Tag) && name && says(known, expected, tag)
        }),
        ExpectedKind::Call => {
            made(&|element| matches!(element, Element::Call { call, .. } if matches!(call.target, CallTarget::Url(_))))
        }
        ExpectedKind::Do => made(
            &|element| matches!(element, Element::Call { call, .. } if matches!(&call.target, CallTarget::Action(name) if named(name))),
        ),
        ExpectedKind::Emit => made(&|element| matches!(element, Element::Emit { event, .. } if named(event))),
        ExpectedKind::Start => made(&|element| matches!(element, Element::Start { funnel } if named(funnel))),
        ExpectedKind::Goal => {
            program.funnels.iter().any(|funnel| named(&funnel.name) && !funnel.settings.goals.is_empty())
        }
        ExpectedKind::Enter | ExpectedKind::Exit => true,
    };
    (!possible).then(|| {
        let message = say!("no funnel ever does this: `{text}`", text = &expected.text);
        finding(expected, message, say!("can never be met")).help(instead(steps, expected))
    })
}

/// What a funnel does that is of the kind.
fn instead(steps: &[(&Funnel, &Step)], expected: &Expected) -> Phrase {
    let like = steps.iter().find_map(|(_, step)| match (&step.element, expected.kind) {
        (Element::Tag { tag: Expr::Value(Value::Text(tag)), add: true }, ExpectedKind::Tag) => {
            Some(format!("tag {tag}"))
        }
        (Element::Tag { tag: Expr::Value(Value::Text(tag)), add: false }, ExpectedKind::Untag) => {
            Some(format!("untag {tag}"))
        }
        (Element::Set { field, value: Expr::Value(value) }, ExpectedKind::Set)
            if expected.target.as_ref().is_none_or(|target| target == field) =>
        {
            Some(format!("set {field} to {}", json::write(value)))
        }
        (Element::Emit { event, .. }, ExpectedKind::Emit) => Some(format!("emit {event}")),
        (Element::Start { funnel, .. }, ExpectedKind::Start) => Some(format!("start {funnel}")),
        (_, _) => None,
    });
    match like {
        Some(like) => say!("expect what a funnel does, such as `{like}`", like),
        None => say!("expect what a funnel does, or add it to a funnel"),
    }
}

/// A message that no funnel sends, or never with these words, or never at such a moment.
fn unsent(program: &Program, known: &Known<'_>, test: &Test, expected: &Expected) -> Option<Diagnostic> {
    let fits = |send: &Send| {
        expected.target.as_ref().is_none_or(|channel| *channel == send.channel)
            && expected.template.as_ref().is_none_or(|template| Some(template) == send.template.as_ref())
    };
    let all: Vec<(&Funnel, &Send)> = program
        .funnels
        .iter()
        .flat_map(|funnel| sends(funnel).map(move |(_, send)| (&**funnel, send)))
        .filter(|(_, send)| fits(send))
        .collect();
    let what = match (&expected.target, &expected.template) {
        (Some(channel), Some(template)) => format!("{channel} {template}"),
        (Some(channel), None) => channel.clone(),
        (None, _) => "message".to_owned(),
    };
    if all.is_empty() {
        let found = finding(expected, say!("no funnel ever sends this: `{what}`", what), say!("can never be met"));
        let sent = program
            .funnels
            .iter()
            .flat_map(|funnel| sends(funnel))
            .map(|(_, send)| send)
            .find(|_| expected.template.is_none());
        return Some(found.help(match sent {
            Some(send) => say!("expect what a funnel sends, such as `send {channel}`", channel = &send.channel),
            None => say!("expect what a funnel sends, or send it in a funnel"),
        }));
    }
    if expected.kind == ExpectedKind::NotSent {
        return None;
    }
    if let Some((_, send)) = all.first().filter(|_| all.iter().all(|(_, send)| known.is_untold(&send.to)))
        && let Expr::Field(read) = &send.to
    {
        let field = &read.name;
        let message = say!("nobody in this test has a `{field}`, so this is not sent", field);
        let found = finding(expected, message, say!("can never be met"));
        return Some(found.help(say!("tell of it in a line of `client`: `{field}: ..`", field)));
    }
    let part = |part: &&String| !all.iter().any(|(_, send)| content_says(known, &send.content, part));
    if let Some(words) = expected.containing.iter().find(part) {
        let found =
            finding(expected, say!("no message that is sent can hold `{words}`", words), say!("can never be met"));
        let begins = all.iter().find_map(|(_, send)| beginning(&send.content));
        let found = found.help(say!("write words of the message as they stand in it, with the same capitals"));
        return Some(match begins {
            Some(words) => found.help(say!("a message begins with `{words}`", words)),
            None => found,
        });
    }
    let mut said = all
        .iter()
        .filter(|(_, send)| expected.containing.iter().all(|part| content_says(known, &send.content, part)))
        .map(|(funnel, _)| Some((funnel, opens(funnel, known, expected.when?)?)));
    let (funnel, opens) = said.next().flatten().filter(|_| said.all(|other| other.is_some()))?;
    let zone = Zone::named(&test.zone)?;
    let moment = |at| {
        let reading = zone.civil(at).to_string();
        reading.strip_suffix(":00").filter(|short| short.contains(':')).map_or(reading.clone(), str::to_owned)
    };
    let (at, opens) = (moment(expected.when?.from), moment(opens));
    let message = say!("at {at} the `hours` of `{funnel}` keep every message back", at, funnel = &funnel.name);
    let found = finding(expected, message, say!("outside of `hours`"));
    Some(found.help(say!("the hours begin at `{opens}`", opens)))
}

/// When the hours of a funnel begin, where no message of it can leave at a moment.
fn opens(funnel: &Funnel, known: &Known<'_>, when: When) -> Option<Timestamp> {
    // A client's own zone counts only where it is told of.
    let mut zones = funnel.settings.zones.iter().filter(|zone| !known.is_untold(zone));
    let Some(Expr::Value(Value::Text(zone))) = zones.next() else { return None };
    let open = Zone::named(zone)?.next_open(when.from, &funnel.settings.hours);
    open.filter(|open| *open >= when.to)
}

/// The words that a message is sure to begin with.
fn beginning(content: &Content) -> Option<&str> {
    let text = match content {
        Content::Text(text) | Content::Email { subject: text, .. } => text,
    };
    let words = if let Expr::Text(parts) = text {
        parts.first().and_then(|part| if let Part::Text(words) = part { Some(words) } else { None })?
    } else {
        let Expr::Value(Value::Text(words)) = text else { return None };
        words
    };
    Some(words.lines().next().unwrap_or_default().trim()).filter(|words| !words.is_empty())
}

fn content_says(known: &Known<'_>, content: &Content, part: &str) -> bool {
    let Content::Email { html, .. } = content else {
        return texts(content).into_iter().any(|text| known.may_say(text, part, false));
    };
    // Subject and text are looked at together, and the plain words of a letter are made from its markup.
    html.is_some() || part.contains('\n') || texts(content).into_iter().any(|text| known.may_say(text, part, false))
}

fn says(known: &Known<'_>, expected: &Expected, text: &Expr) -> bool {
    expected.containing.iter().all(|part| known.may_say(text, part, false))
}

fn gives(expected: &Expected, value: &Expr) -> bool {
    let (Some(to), Expr::Value(value)) = (&expected.to, value) else { return true };
    // A moment is written with the offset of a zone, so these are not compared.
    matches!(value, Value::DateTime(_) | Value::Civil(_)) || json::write(value) == *to
}
