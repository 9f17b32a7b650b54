//! Duplicate messages within one run. In: a checked funnel. Out: a diagnostic for each message that every run sends
//! twice.

use super::texts;
use crate::analysis::flow::steps::{has, paths, removal};
use crate::check::program::{Content, Element, Expr, Funnel, Past, Send, Step};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;

pub(super) fn duplicates_in_run(funnel: &Funnel) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    let can_exit = !funnel.settings.exits.is_empty();
    funnel.entries.iter().for_each(|entry| chain(&entry.chain, can_exit, &mut findings));
    findings
}

/// The sends that every run reaches without waiting.
fn immediate_sends(chain: &[Step]) -> Vec<(&Step, &Send)> {
    let mut sends = Vec::new();
    for step in chain {
        match &step.element {
            Element::Send { send, .. } => sends.push((step, send.as_ref())),
            Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. }
            | Element::Call { .. } => {}
            Element::Parallel { paths } => sends.extend(paths.iter().flat_map(|path| immediate_sends(path))),
            Element::If { .. }
            | Element::Match { .. }
            | Element::Split { .. }
            | Element::Repeat { .. }
            | Element::WaitDuration { .. }
            | Element::WaitUntil { .. }
            | Element::WaitEvent { .. }
            | Element::Goto { .. }
            | Element::Stop => break,
        }
    }
    sends
}

/// Finds duplicates in a chain and in its nested paths.
fn chain(steps: &[Step], can_exit: bool, findings: &mut Vec<Diagnostic>) {
    for (at, step) in steps.iter().enumerate() {
        paths(&step.element).into_iter().for_each(|path| chain(path, can_exit, findings));
        let mut found = None;
        if let Element::Parallel { paths } = &step.element {
            found = in_parallel(paths);
        } else if let Element::Send { send, .. } = &step.element {
            found = earlier(steps, at, send, can_exit).map(|first| (first, step));
        }
        findings.extend(found.map(|(first, second)| {
            let message = say!("every run sends this message twice");
            let mut found = Diagnostic::new(Code::SameMessageTwice, second.span, message, say!("repeated here"))
                .related(first.span, say!("first sent here"))
                .help(say!("remove `{text}` or change its text", text = &second.text))
                .help(say!("or check first whether it is still needed: `if ..`"));
            found.fixes.extend((second.whole == step.whole).then(|| removal(steps, at)).flatten());
            found
        }));
    }
}

/// The same message in two parallel paths.
fn in_parallel(paths: &[Vec<Step>]) -> Option<(&Step, &Step)> {
    let all: Vec<_> = paths.iter().map(|path| immediate_sends(path)).collect();
    all.iter().enumerate().find_map(|(at, path)| {
        let earlier = all.iter().take(at).flatten();
        path.iter().find_map(|(step, send)| {
            earlier.clone().find(|(_, before)| same(before, send)).map(|(first, _)| (*first, *step))
        })
    })
}

/// The same message earlier in a chain, if every run that sends it also gets here. `can_exit` says whether an exit can
/// end the run in between.
fn earlier<'p>(steps: &'p [Step], at: usize, send: &Send, can_exit: bool) -> Option<&'p Step> {
    let mut may_be_left_out = false;
    for step in steps.get(..at)?.iter().rev() {
        if let Element::WaitUntil { on_past: Past::Skip, .. } | Element::WaitEvent { skips: true, .. } = &step.element {
            // The next step may be skipped, and earlier ones belong to another moment.
            return None;
        }
        if let Element::Send { send: other, .. } = &step.element
            && same(other, send)
        {
            return (!may_be_left_out).then_some(step);
        }
        may_be_left_out |= branches_or_waits(step) || (can_exit && takes_time(step));
        if may_be_left_out {
            return None;
        }
    }
    None
}

/// Whether a step can end or redirect a run, or waits for a moment or event that justifies another message.
fn branches_or_waits(step: &Step) -> bool {
    has(step, &|element| {
        matches!(element, Element::Stop | Element::Goto { .. } | Element::WaitEvent { .. } | Element::WaitUntil { .. })
    })
}

fn takes_time(step: &Step) -> bool {
    has(step, &|element| {
        matches!(element, Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. })
    })
}

/// Whether two messages have the same content and recipient.
pub(super) fn same(one: &Send, other: &Send) -> bool {
    one.channel == other.channel && one.to == other.to && one.content == other.content && !depends_on_time(&one.content)
}

/// Whether the content depends on the current time.
fn depends_on_time(content: &Content) -> bool {
    let mut open = texts(content);
    while let Some(expr) = open.pop() {
        if matches!(expr, Expr::Now | Expr::Day { .. } | Expr::History(_) | Expr::Yearly(..)) {
            return true;
        }
        open.extend(expr.children());
    }
    false
}
