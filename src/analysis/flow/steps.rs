//! Traversal of checked steps. In: an element or a funnel. Out: nested paths, all steps, whether two paths are equal,
//! and fixes that remove steps.

use crate::check::program::{Element, Funnel, Past, Step};
use crate::diagnostic::{Edit, Fix};
use crate::say;
use crate::source::Span;

/// Returns the paths inside an element, in source order.
pub(in crate::analysis) fn paths(element: &Element) -> Vec<&[Step]> {
    match element {
        Element::If { then, otherwise, .. } => vec![then, otherwise],
        Element::WaitUntil { on_past: Past::Block(steps), .. } => vec![steps],
        Element::WaitEvent { on_event, on_timeout, .. } => vec![on_event, on_timeout],
        Element::Send { on_not_sent: path, .. } | Element::Call { on_failed: path, .. } => {
            path.as_deref().into_iter().collect()
        }
        Element::Match { cases, otherwise, .. } => {
            cases.iter().map(|case| case.chain.as_slice()).chain([otherwise.as_slice()]).collect()
        }
        Element::Split { shares, otherwise, .. } => {
            shares.iter().map(|share| share.chain.as_slice()).chain([otherwise.as_slice()]).collect()
        }
        Element::Parallel { paths } => paths.iter().map(Vec::as_slice).collect(),
        Element::Repeat { body, .. } => vec![body],
        Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task(_)
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Goto { .. }
        | Element::Stop => Vec::new(),
    }
}

/// Returns every step of a funnel, including nested ones, in source order.
pub(in crate::analysis) fn every(funnel: &Funnel) -> Vec<&Step> {
    let mut found = Vec::new();
    funnel.entries.iter().for_each(|entry| within(&entry.chain, &mut found));
    found
}

/// Appends every step of a chain to a list.
pub(super) fn within<'p>(chain: &'p [Step], found: &mut Vec<&'p Step>) {
    for step in chain {
        found.push(step);
        paths(&step.element).into_iter().for_each(|path| within(path, found));
    }
}

/// Whether an element or a nested one matches.
pub(in crate::analysis) fn has(step: &Step, is: &impl Fn(&Element) -> bool) -> bool {
    is(&step.element) || has_inside(step, is)
}

/// Whether a nested element matches.
pub(super) fn has_inside(step: &Step, is: &impl Fn(&Element) -> bool) -> bool {
    paths(&step.element).into_iter().flatten().any(|step| has(step, is))
}

/// Whether two paths do the same.
pub(super) fn alike(one: &[Step], other: &[Step]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike_steps(one, other))
}

fn alike_steps(one: &Step, other: &Step) -> bool {
    // Equal source text means the same within a funnel, but the text of a step does not contain the cases of a `match`
    // or the shares of a `split`.
    let cases = match (&one.element, &other.element) {
        (Element::Match { cases: a, .. }, Element::Match { cases: b, .. }) => {
            a.iter().map(|case| &case.values).eq(b.iter().map(|case| &case.values))
        }
        (Element::Split { shares: a, .. }, Element::Split { shares: b, .. }) => {
            a.iter().map(|share| share.percent).eq(b.iter().map(|share| share.percent))
        }
        (one, other) => std::mem::discriminant(one) == std::mem::discriminant(other),
    };
    let (a, b) = (paths(&one.element), paths(&other.element));
    cases && one.text == other.text && a.len() == b.len() && a.iter().zip(b).all(|(a, b)| alike(a, b))
}

/// Whether an `if` guards the rest of its chain instead of a block.
pub(super) fn is_gate(step: &Step) -> bool {
    let Element::If { then, .. } = &step.element else { return false };
    then.first().is_some_and(|first| step.whole.end <= first.whole.start)
}

/// Returns a fix that removes a step from its chain; `None` if something may depend on it, or nothing would be left.
pub(in crate::analysis) fn removal(chain: &[Step], at: usize) -> Option<Fix> {
    let step = chain.get(at).filter(|step| step.label.is_none())?;
    let before = at.checked_sub(1).and_then(|before| chain.get(before));
    let span = match (chain.get(at + 1), before) {
        (Some(next), _) => Span { end: next.whole.start, ..step.whole },
        (None, Some(before)) if !is_gate(before) => Span { start: before.whole.end, ..step.whole },
        (None, _) => return None,
    };
    Some(Fix { title: say!("remove it"), edits: vec![Edit { span, text: String::new() }], guess: true })
}

/// Returns a fix that replaces an element by its only path.
pub(super) fn unwrapping(step: &Step, path: &[Step]) -> Option<Fix> {
    let (first, last) = (path.first()?, path.last()?);
    // A gate would swallow what follows the element, and a label may be the target of a `goto`.
    if step.label.is_some() || path.iter().any(is_gate) {
        return None;
    }
    let head = Span { end: first.whole.start, ..step.whole };
    let tail = Span { start: last.whole.end, ..step.whole };
    let edits = [head, tail].map(|span| Edit { span, text: String::new() });
    Some(Fix { title: say!("replace it with the steps inside"), edits: edits.into(), guess: true })
}

/// Returns how many steps of a chain are reachable; unreachable steps are reported elsewhere.
pub(super) fn reached(chain: &[Step]) -> usize {
    let end = chain.iter().position(ends);
    let jump =
        |from: usize| chain.iter().skip(from).any(|step| step.label.is_some() || !paths(&step.element).is_empty());
    // A `goto` may lead past the end.
    end.filter(|end| !jump(end + 1)).map_or(chain.len(), |end| end + 1)
}

/// Whether the step after this one is unreachable.
fn ends(step: &Step) -> bool {
    let all = |paths: &[&[Step]]| paths.iter().all(|path| path.iter().any(ends));
    match &step.element {
        Element::Stop | Element::Goto { .. } => true,
        Element::If { .. } | Element::WaitEvent { .. } => all(&paths(&step.element)),
        // Without `otherwise`, the cases cover every value.
        Element::Match { cases, otherwise, .. } => {
            cases.iter().all(|case| case.chain.iter().any(ends)) && (otherwise.is_empty() || otherwise.iter().any(ends))
        }
        Element::Split { shares, otherwise, .. } => {
            shares.iter().all(|share| share.chain.iter().any(ends))
                && (otherwise.is_empty() || otherwise.iter().any(ends))
        }
        Element::Parallel { paths } => paths.iter().any(|path| path.iter().any(ends)),
        Element::Repeat { body, .. } => body.iter().any(ends),
        Element::WaitDuration { .. }
        | Element::WaitUntil { .. }
        | Element::Send { .. }
        | Element::Call { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task(_)
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. } => false,
    }
}
