//! Expectations that can never be met. In: tests and all funnels. Out: a diagnostic for each of them.

use super::text_match::TestValues;
use crate::analysis::flow::steps::every;
use crate::analysis::message::{sends, texts};
use crate::check::program::{
    CallTarget, Content, Element, Entry, Expected, ExpectedKind, Expr, Funnel, Part, Program, Send, Step, Test,
    Trigger, When,
};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::graph::write_expr;
use crate::say;
use crate::syntax::token::Keyword;
use crate::value::{Timestamp, Value, Zone, json};
use std::collections::BTreeSet;

/// Finds expectations that no run can meet, whatever errors leave in doubt.
pub(in crate::analysis) fn impossible_expectations(program: &Program) -> Vec<Diagnostic> {
    if program.funnels.is_empty() || program.tests.is_empty() {
        return Vec::new();
    }
    let steps: Vec<(&Funnel, &Step)> = program
        .funnels
        .iter()
        .flat_map(|funnel| every(funnel).into_iter().map(move |step| (&**funnel, step)))
        .collect();
    let mut findings = Vec::new();
    for test in &program.tests {
        let values = TestValues::new(program, test);
        let mut idle = BTreeSet::new();
        for expected in test.expected.iter().filter(|expected| !expected.absent) {
            let never_starts = || never_starts(program, test, expected).filter(|_| idle.insert(&expected.client));
            let found = early(test, expected).or_else(never_starts);
            let left_out = idle.contains(&expected.client);
            findings.extend(
                found.or_else(|| if left_out { None } else { never_happens(program, &steps, &values, test, expected) }),
            );
        }
    }
    findings
}

fn finding(expected: &Expected, message: Phrase, label: Phrase) -> Diagnostic {
    Diagnostic::new(Code::ImpossibleTest, expected.span, message, label)
}

/// An expectation about a client who has no events yet at that time.
fn early(test: &Test, expected: &Expected) -> Option<Diagnostic> {
    let when = expected.when?;
    let mine = || test.events.iter().filter(|event| event.client == expected.client);
    let first = mine().min_by_key(|event| event.at).filter(|first| when.to <= first.at)?;
    // A moment before the whole test is already reported.
    let begins = test.events.iter().map(|event| event.at).min()?;
    let message = say!("this client has no events yet at the time of this expectation");
    let found = finding(expected, message, say!("before the client's first event"));
    (when.to > begins).then(|| {
        found.related(first.span, say!("their first event")).help(say!("move this moment later or the event earlier"))
    })
}

/// An expectation about a client whose events cannot start a run.
fn never_starts(program: &Program, test: &Test, expected: &Expected) -> Option<Diagnostic> {
    if program.doubt.has_funnel() {
        return None;
    }
    let mine: Vec<_> = test.events.iter().filter(|event| event.client == expected.client).collect();
    let has_event = |name: &str| mine.iter().any(|event| event.event == name);
    let entries = || program.funnels.iter().flat_map(|funnel| &funnel.entries);
    let can_start = |entry: &Entry| match &entry.trigger {
        // The first event of a client creates the client.
        Trigger::Happened { patterns, .. } => {
            patterns.iter().any(|pattern| pattern.event == "client" || has_event(&pattern.event))
        }
        Trigger::Silence { event, .. } => has_event(event),
        Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => true,
        Trigger::Started { .. } => false,
    };
    if entries().any(can_start) {
        return None;
    }
    let found = finding(expected, say!("no event in this test starts a funnel"), say!("can never be satisfied"));
    let found =
        mine.iter().take(3).fold(found, |found, event| found.related(event.span, say!("does not start a funnel")));
    let starts = entries().find_map(|entry| match &entry.trigger {
        Trigger::Happened { patterns, .. } => patterns.first().map(|pattern| pattern.event.as_str()),
        Trigger::Silence { event, .. } => Some(event.as_str()),
        Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Started { .. } | Trigger::Every { .. } => None,
    })?;
    Some(found.help(say!("add an event that starts one: `{starts}`", starts)))
}

/// Something that no funnel does.
fn never_happens(
    program: &Program,
    steps: &[(&Funnel, &Step)],
    values: &TestValues<'_>,
    test: &Test,
    expected: &Expected,
) -> Option<Diagnostic> {
    if program.doubt.may_contain(keyword(expected.kind)?) {
        return None;
    }
    let target = expected.target.as_deref();
    let named = |name: &str| target.is_none_or(|target| target == name);
    let made = |does: &dyn Fn(&Element) -> bool| steps.iter().any(|(_, step)| does(&step.element));
    let possible = match expected.kind {
        ExpectedKind::NotSent if matches!(target, Some("call" | "do")) => return None,
        ExpectedKind::Send | ExpectedKind::NotSent => return never_sent(program, values, test, expected),
        ExpectedKind::Task => {
            made(&|element| matches!(element, Element::Task(task) if says(values, expected, &task.text)))
        }
        ExpectedKind::Set => made(
            &|element| matches!(element, Element::Set { field, value, .. } if named(field) && can_set(expected, value)),
        ),
        ExpectedKind::Tag | ExpectedKind::Untag => made(&|element| {
            let Element::Tag { tag, add } = element else { return false };
            let name = target.is_none_or(|target| values.may_contain(tag, target, true));
            *add == (expected.kind == ExpectedKind::Tag) && name && says(values, expected, tag)
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
        ExpectedKind::Enter | ExpectedKind::Exit => return None,
    };
    (!possible).then(|| {
        let message = say!("no funnel ever does `{text}`", text = &expected.text);
        finding(expected, message, say!("can never be satisfied")).help(similar(steps, expected))
    })
}

/// The element or the setting that does what is expected; `None` if every funnel does it.
fn keyword(kind: ExpectedKind) -> Option<Keyword> {
    Some(match kind {
        ExpectedKind::Send | ExpectedKind::NotSent => Keyword::Send,
        ExpectedKind::Task => Keyword::Task,
        ExpectedKind::Set => Keyword::Set,
        ExpectedKind::Tag => Keyword::Tag,
        ExpectedKind::Untag => Keyword::Untag,
        ExpectedKind::Call => Keyword::Call,
        ExpectedKind::Do => Keyword::Do,
        ExpectedKind::Emit => Keyword::Emit,
        ExpectedKind::Start => Keyword::Start,
        ExpectedKind::Goal => Keyword::Goal,
        ExpectedKind::Enter | ExpectedKind::Exit => return None,
    })
}

/// A similar effect that some funnel has.
fn similar(steps: &[(&Funnel, &Step)], expected: &Expected) -> Phrase {
    let like = steps.iter().find_map(|(_, step)| match (&step.element, expected.kind) {
        (Element::Tag { tag: Expr::Value(Value::Text(tag)), add: true }, ExpectedKind::Tag) => {
            Some(format!("tag \"{tag}\""))
        }
        (Element::Tag { tag: Expr::Value(Value::Text(tag)), add: false }, ExpectedKind::Untag) => {
            Some(format!("untag \"{tag}\""))
        }
        (Element::Set { field, value: Expr::Value(value), .. }, ExpectedKind::Set)
            if expected.target.as_ref().is_none_or(|target| target == field) =>
        {
            Some(format!("set client.{field} = {}", write_expr(&Expr::Value(value.clone()))))
        }
        (Element::Emit { event, .. }, ExpectedKind::Emit) => Some(format!("emit {event}")),
        (Element::Start { funnel, .. }, ExpectedKind::Start) => Some(format!("start {funnel}")),
        (_, _) => None,
    });
    match like {
        Some(like) => say!("expect something that a funnel does, such as `{like}`", like),
        None => say!("expect something that a funnel does, or add it to a funnel"),
    }
}

/// A message that no funnel sends, or never with this text, or never at this time.
fn never_sent(program: &Program, values: &TestValues<'_>, test: &Test, expected: &Expected) -> Option<Diagnostic> {
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
        let found = finding(expected, say!("no funnel ever sends `{what}`", what), say!("can never be satisfied"));
        let sent = program
            .funnels
            .iter()
            .flat_map(|funnel| sends(funnel))
            .map(|(_, send)| send)
            .find(|_| expected.template.is_none());
        return Some(found.help(match sent {
            Some(send) => {
                say!("expect a message that a funnel sends, such as `send {channel}`", channel = &send.channel)
            }
            None => say!("expect a message that a funnel sends, or send it in a funnel"),
        }));
    }
    if expected.kind == ExpectedKind::NotSent {
        return None;
    }
    if let Some((_, send)) = all.first().filter(|_| all.iter().all(|(_, send)| values.is_never_set(&send.to)))
        && let Expr::Field(read) = &send.to
    {
        let field = &read.name;
        let message = say!("no client in this test has `{field}`, so this is not sent", field);
        let found = finding(expected, message, say!("can never be satisfied"));
        return Some(found.help(say!("add it to the `client` line: `{field}: ..`", field)));
    }
    let part = |part: &&String| !all.iter().any(|(_, send)| content_says(values, &send.content, part));
    if let Some(words) = expected.containing.iter().chain(&expected.exact).find(part) {
        let found =
            finding(expected, say!("no sent message can contain `{words}`", words), say!("can never be satisfied"));
        let begins = all.iter().find_map(|(_, send)| beginning(&send.content));
        let found = found.help(say!("copy the words exactly as they are in the message, including case"));
        return Some(match begins {
            Some(words) => found.help(say!("a message starts with `{words}`", words)),
            None => found,
        });
    }
    let mut said = all
        .iter()
        .filter(|(_, send)| expected.containing.iter().all(|part| content_says(values, &send.content, part)))
        .map(|(funnel, _)| Some((funnel, opens(funnel, values, expected.when?)?)));
    let (funnel, opens) = said.next().flatten().filter(|_| said.all(|other| other.is_some()))?;
    let zone = Zone::named(&test.zone)?;
    let moment = |at| {
        let reading = zone.civil(at).to_string();
        reading.strip_suffix(":00").filter(|short| short.contains(':')).map_or(reading.clone(), str::to_owned)
    };
    let (at, opens) = (moment(expected.when?.from), moment(opens));
    let message = say!("`{funnel}` sends nothing at {at}: it is outside its `hours`", at, funnel = &funnel.name);
    let found = finding(expected, message, say!("outside `hours`"));
    Some(found.help(say!("the hours begin at `{opens}`", opens)))
}

/// When the hours of a funnel open next, if no message can leave at this moment.
fn opens(funnel: &Funnel, values: &TestValues<'_>, when: When) -> Option<Timestamp> {
    // The client's own time zone counts only if the test sets it.
    let mut zones = funnel.settings.zones.iter().filter(|zone| !values.is_never_set(zone));
    let Some(Expr::Value(Value::Text(zone))) = zones.next() else { return None };
    let open = Zone::named(zone)?.next_open(when.from, &funnel.settings.hours);
    open.filter(|open| *open >= when.to)
}

/// The text that a message certainly begins with.
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

fn content_says(values: &TestValues<'_>, content: &Content, part: &str) -> bool {
    let Content::Email { html, .. } = content else {
        return texts(content).into_iter().any(|text| values.may_contain(text, part, false));
    };
    // Subject and text are matched together, and the plain text of an email is derived from its HTML.
    html.is_some()
        || part.contains('\n')
        || texts(content).into_iter().any(|text| values.may_contain(text, part, false))
}

fn says(values: &TestValues<'_>, expected: &Expected, text: &Expr) -> bool {
    let whole = expected.exact.as_ref().is_none_or(|exact| values.may_contain(text, exact, true));
    whole && expected.containing.iter().all(|part| values.may_contain(text, part, false))
}

fn can_set(expected: &Expected, value: &Expr) -> bool {
    let (Some(to), Expr::Value(value)) = (&expected.to, value) else { return true };
    // A moment is written with its zone offset, so moments are not compared.
    matches!(value, Value::DateTime(_) | Value::Civil(_)) || json::write(value) == *to
}
