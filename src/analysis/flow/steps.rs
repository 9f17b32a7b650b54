//! Walking checked steps. In: an element or a funnel. Out: the paths inside it, all its steps, and whether two paths do
//! the same.

use crate::check::program::{Element, Funnel, Past, Step};
use crate::diagnostic::{Edit, Fix};
use crate::say;
use crate::source::Span;

/// The paths inside an element, in the order of the text.
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
        | Element::Goto { .. }
        | Element::Stop => Vec::new(),
    }
}

/// Every step of a funnel, those inside of others too, in the order of the text.
pub(in crate::analysis) fn every(funnel: &Funnel) -> Vec<&Step> {
    let mut found = Vec::new();
    funnel.entries.iter().for_each(|entry| within(&entry.chain, &mut found));
    found
}

/// Adds every step of a chain to a list.
pub(super) fn within<'p>(chain: &'p [Step], found: &mut Vec<&'p Step>) {
    for step in chain {
        found.push(step);
        paths(&step.element).into_iter().for_each(|path| within(path, found));
    }
}

/// Whether an element, or one inside of it, is such a one.
pub(in crate::analysis) fn has(step: &Step, is: &impl Fn(&Element) -> bool) -> bool {
    is(&step.element) || has_inside(step, is)
}

/// Whether an element inside of another is such a one.
pub(super) fn has_inside(step: &Step, is: &impl Fn(&Element) -> bool) -> bool {
    paths(&step.element).into_iter().flatten().any(|step| has(step, is))
}

/// Whether a run that takes one path does the same as one that takes the other.
pub(super) fn alike(one: &[Step], other: &[Step]) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike_steps(one, other))
}

fn alike_steps(one: &Step, other: &Step) -> bool {
    // What was written in the same words at two places of one funnel means the same; the cases of a `match` and the
    // shares of a `split` are not in these words.
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

/// Whether an `if` holds the rest of its chain and not a block.
pub(super) fn is_gate(step: &Step) -> bool {
    let Element::If { then, .. } = &step.element else { return false };
    then.first().is_some_and(|first| step.whole.end <= first.whole.start)
}

/// Takes a step out of its chain; `None` where something may depend on it, or nothing would be left.
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

/// Leaves the only path of an element in its place.
pub(super) fn unwrapping(step: &Step, path: &[Step]) -> Option<Fix> {
    let (first, last) = (path.first()?, path.last()?);
    // A gate would take in what follows the element, and a label may be where a `goto` leads.
    if step.label.is_some() || path.iter().any(is_gate) {
        return None;
    }
    let head = Span { end: first.whole.start, ..step.whole };
    let tail = Span { start: last.whole.end, ..step.whole };
    let edits = [head, tail].map(|span| Edit { span, text: String::new() });
    Some(Fix { title: say!("leave its path alone in its place"), edits: edits.into(), guess: true })
}

/// How many steps of a chain a run can come to; what is unreachable is told elsewhere.
pub(super) fn reached(chain: &[Step]) -> usize {
    let end = chain.iter().position(ends);
    let jump =
        |from: usize| chain.iter().skip(from).any(|step| step.label.is_some() || !paths(&step.element).is_empty());
    // A `goto` may lead behind the end.
    end.filter(|end| !jump(end + 1)).map_or(chain.len(), |end| end + 1)
}

/// Whether no run comes to what follows a step.
fn ends(step: &Step) -> bool {
    let all = |paths: &[&[Step]]| paths.iter().all(|path| path.iter().any(ends));
    match &step.element {
        Element::Stop | Element::Goto { .. } => true,
        Element::If { .. } | Element::WaitEvent { .. } => all(&paths(&step.element)),
        // Without `otherwise` the cases take every value.
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
        | Element::Start { .. } => false,
    }
}
