//! Elements without effect. In: checked funnels. Out: a diagnostic for each element that could be removed without
//! changing any run.

use super::steps::{alike, paths, reached, removal, unwrapping};
use crate::check::program::{Element, Expr, Funnel, Past, Source, Step};
use crate::diagnostic::{Code, Diagnostic, Fix, Phrase};
use crate::say;
use crate::value::Duration;

pub(super) fn no_ops(funnel: &Funnel) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for entry in &funnel.entries {
        chain(&entry.chain, &mut findings);
        tail(&entry.chain, &mut findings);
    }
    findings
}

fn chain(steps: &[Step], findings: &mut Vec<Diagnostic>) {
    for (at, step) in steps.iter().enumerate().take(reached(steps)) {
        // The step after `else skip` is meant to be skipped.
        if !is_left_out(steps, at) {
            findings.extend(does_nothing(steps, at).or_else(|| undone_by_neighbor(steps, at)));
        }
        paths(&step.element).into_iter().for_each(|path| chain(path, findings));
    }
}

fn is_left_out(steps: &[Step], at: usize) -> bool {
    let before = at.checked_sub(1).and_then(|before| steps.get(before));
    before.is_some_and(|step| {
        matches!(step.element, Element::WaitUntil { on_past: Past::Skip, .. } | Element::WaitEvent { skips: true, .. })
    })
}

/// Whether a path is empty or stops immediately.
fn ends(path: &[Step]) -> bool {
    path.iter().all(|step| matches!(step.element, Element::Stop))
}

fn finding(step: &Step, message: Phrase, label: Phrase, fix: Option<Fix>) -> Diagnostic {
    let mut finding = Diagnostic::new(Code::DoesNothing, step.span, message, label);
    finding.fixes.extend(fix);
    finding
}

/// An element that never has an effect.
fn does_nothing(steps: &[Step], at: usize) -> Option<Diagnostic> {
    let step = steps.get(at)?;
    let text = &step.text;
    match &step.element {
        Element::WaitDuration { duration, at: None } if *duration == Duration::default() => {
            let found = finding(step, say!("`{text}` does not wait", text), say!("zero duration"), removal(steps, at));
            Some(found.help(say!("remove `{text}` or specify how long to wait: `wait 24h`", text)))
        }
        Element::Set { field, value: Expr::Field(read), .. }
            if read.source == Source::Client && read.name == *field =>
        {
            let message = say!("`client.{field}` is set to its current value", field);
            let found = finding(step, message, say!("has no effect"), removal(steps, at));
            Some(found.help(say!("remove `{text}`", text)))
        }
        Element::If { condition, then, otherwise } if !ends(then) && alike(then, otherwise) => {
            let fix = never_waits(condition).then(|| unwrapping(step, then)).flatten();
            let found = finding(step, say!("both branches of this `if` are identical"), say!("has no effect"), fix);
            Some(found.help(say!("change one of them, or remove `if` and keep one copy of the steps")))
        }
        Element::Match { cases, otherwise, .. } if cases.is_empty() => {
            let message = say!("this `match` follows the same path for every value");
            let found = finding(step, message, say!("has no effect"), unwrapping(step, otherwise));
            Some(found.help(say!("add a `case`, or remove `match`")))
        }
        Element::Match { subject, cases, otherwise }
            if !ends(otherwise) && cases.iter().all(|case| alike(&case.chain, otherwise)) =>
        {
            let message = say!("every branch of this `match` does the same thing");
            let fix = never_waits(subject).then(|| unwrapping(step, otherwise)).flatten();
            let found = finding(step, message, say!("has no effect"), fix);
            Some(found.help(say!("change one of them, or remove `match` and keep one copy of the steps")))
        }
        Element::Split { shares, otherwise, .. } if shares.len() == 1 && otherwise.is_empty() => {
            let message = say!("this `split` has only one branch");
            let fix = shares.first().and_then(|only| unwrapping(step, &only.chain));
            let found = finding(step, message, say!("has no effect"), fix);
            Some(found.help(say!("add a second `case`, or remove `split`")))
        }
        Element::Repeat { times: 1, body } => {
            let message = say!("`{text}` has no effect: its steps run once anyway", text);
            let found = finding(step, message, say!("has no effect"), unwrapping(step, body));
            Some(found.help(say!("specify how many times: `repeat 2 times`, or remove `repeat`")))
        }
        Element::Goto { label } if steps.get(at + 1).is_some_and(|next| next.label.as_ref() == Some(label)) => {
            let message = say!("`{label}` is already the next step", label);
            let found = finding(step, message, say!("redundant"), removal(steps, at));
            Some(found.help(say!("remove `{text}`", text)))
        }
        _ => None,
    }
}

/// Whether evaluating an expression never waits for a `later` value.
fn never_waits(expr: &Expr) -> bool {
    expr.reads().iter().all(|read| read.later.is_none())
}

/// An element without effect because of its neighbors.
fn undone_by_neighbor(steps: &[Step], at: usize) -> Option<Diagnostic> {
    let step = steps.get(at)?;
    if let Element::Tag { tag: tag @ Expr::Value(_), add } = &step.element {
        let (first, was_on) = tagged_before(steps, at, tag)?;
        let text = &step.text;
        let (message, fix) = match (was_on, *add) {
            (true, true) => (say!("this tag is already set before `{text}`", text), removal(steps, at)),
            (false, false) => (say!("the tag is already removed before `{text}`", text), removal(steps, at)),
            (true, false) => (say!("`{text}` removes a tag that was just added", text), None),
            (false, true) => (say!("`{text}` adds a tag that was just removed", text), None),
        };
        let found =
            finding(step, message, say!("no wait in between"), fix).related(first.span, say!("first used here"));
        return Some(found.help(say!("remove `{text}` or add a wait between the two", text)));
    }
    let Element::Set { field, .. } = &step.element else { return None };
    let again = overwritten(steps.get(at + 1..)?, field)?;
    let message = say!("`client.{field}` is overwritten before it is read", field);
    let found =
        finding(step, message, say!("never read"), removal(steps, at)).related(again.span, say!("set again here"));
    Some(found.help(say!("remove `{text}`, or set another field", text = &step.text)))
}

/// The previous step that adds or removes the same tag, if no time passes in between.
fn tagged_before<'p>(steps: &'p [Step], at: usize, tag: &Expr) -> Option<(&'p Step, bool)> {
    for (before, after) in steps.iter().zip(steps.iter().skip(1)).take(at).rev() {
        if after.label.is_some() {
            return None;
        }
        if let Element::Tag { tag: other, add } = &before.element {
            if other == tag {
                return Some((before, *add));
            }
            if !matches!(other, Expr::Value(_)) {
                return None;
            }
        } else if !matches!(before.element, Element::Set { .. } | Element::Task(_) | Element::Emit { .. }) {
            return None;
        }
    }
    None
}

/// The next step that sets the field again, if nothing reads it and no time passes in between.
fn overwritten<'p>(rest: &'p [Step], field: &str) -> Option<&'p Step> {
    let reads = |expr: &Expr| expr.reads().iter().any(|read| read.source == Source::Client && read.name == field);
    for step in rest.iter().take_while(|step| step.label.is_none()) {
        let read = if let Element::Set { field: other, value, .. } = &step.element {
            if other == field && !reads(value) {
                return Some(step);
            }
            reads(value)
        } else if let Element::Tag { tag, .. } = &step.element {
            reads(tag)
        } else if let Element::Task(task) = &step.element {
            reads(&task.text) || task.assignee.as_ref().is_some_and(reads)
        } else {
            true
        };
        if read {
            return None;
        }
    }
    None
}

/// Elements without effect because nothing follows them: at the end of an entry's chain and of the paths that end with
/// it.
fn tail(steps: &[Step], findings: &mut Vec<Diagnostic>) {
    let Some((last, at)) = steps.last().zip(steps.len().checked_sub(1)).filter(|(_, at)| *at < reached(steps)) else {
        return;
    };
    match &last.element {
        // A lone `stop` in braces is there because braces cannot be empty.
        Element::Stop if at > 0 && !is_left_out(steps, at) => {
            let message = say!("the run ends here even without `stop`");
            let found = finding(last, message, say!("redundant"), removal(steps, at));
            findings.push(found.help(say!("remove `stop`")));
        }
        Element::If { then, otherwise, .. } if ends(then) && ends(otherwise) => {
            let message = say!("the run ends here whether or not this `if` is true");
            let found = finding(last, message, say!("has no effect"), removal(steps, at));
            findings.push(found.help(say!("add another step or remove `{text}`", text = &last.text)));
        }
        // A `stop` inside these ends more than its path.
        Element::Parallel { .. } | Element::Repeat { .. } => {}
        Element::Stop
        | Element::If { .. }
        | Element::Match { .. }
        | Element::Split { .. }
        | Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::WaitEvent { .. }
        | Element::Send { .. }
        | Element::Call { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task(_)
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Goto { .. } => paths(&last.element).into_iter().for_each(|path| tail(path, findings)),
    }
}
