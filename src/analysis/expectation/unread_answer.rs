//! Answers of tests that nothing reads. In: tests and all funnels. Out: a diagnostic for each of them.

use super::text_match::TestValues;
use crate::analysis::flow::steps::every;
use crate::check::program::{Call, CallTarget, Element, Given, GivenDoes, Program};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::syntax::token::Keyword;

/// Finds `given .. answers { .. }` about requests whose answer no funnel reads, and fields that no answer has.
pub(in crate::analysis) fn unread_answers(program: &Program) -> Vec<Diagnostic> {
    let doubt = &program.doubt;
    if program.funnels.is_empty() || doubt.may_contain(Keyword::Call) || doubt.may_contain(Keyword::Do) {
        return Vec::new();
    }
    let steps = program.funnels.iter().flat_map(|funnel| every(funnel));
    let calls: Vec<&Call> = steps.filter_map(|step| call_of(&step.element)).collect();
    let mut findings = Vec::new();
    for test in &program.tests {
        let values = TestValues::new(program, test);
        for given in &test.given {
            let about = calls.iter().filter(|call| is_about(&values, given, call));
            let events: Vec<&str> = about.filter_map(|call| call.answer.as_deref()).collect();
            findings.extend(unread(program, given, &events));
        }
    }
    findings
}

fn call_of(element: &Element) -> Option<&Call> {
    if let Element::Call { call, .. } = element { Some(call) } else { None }
}

fn is_about(values: &TestValues<'_>, given: &Given, call: &Call) -> bool {
    let of = given.to.as_deref();
    match &call.target {
        CallTarget::Url(url) => given.channel == "call" && of.is_none_or(|to| values.may_contain(url, to, true)),
        CallTarget::Action(action) => given.channel == "do" && of.is_none_or(|to| to == action),
    }
}

/// What is wrong with an answer that is read as one of these events.
fn unread(program: &Program, given: &Given, events: &[&str]) -> Option<Diagnostic> {
    let GivenDoes::Answers(answer) = &given.does else { return None };
    let finding = |message, label| Diagnostic::new(Code::ImpossibleTest, given.span, message, label);
    if events.is_empty() {
        let (message, label) = (say!("no funnel reads this answer"), say!("has no effect"));
        let form = if given.channel == "do" { "do rate(..) as reply" } else { "call \"..\" as reply" };
        return Some(finding(message, label).help(say!("read it in the funnel: `{form}`", form)));
    }
    let declared =
        || events.iter().filter_map(|event| program.catalog.events.get(*event)).flat_map(|event| event.fields.keys());
    let name = answer.keys().find(|name| !declared().any(|known| known == *name))?;
    let message = say!("no answer that is read here has a field `{name}`", name);
    let found = finding(message, say!("is not read"));
    let event = events.first().copied().unwrap_or_default();
    Some(match suggest::nearest(name, declared().map(String::as_str)) {
        Some(near) => found.help(say!("did you mean `{near}`?", near)),
        None => found.help(say!("declare it: `event {event} {{ {name}: {ty}? }}`", event, name, ty = "text")),
    })
}
