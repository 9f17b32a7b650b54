//! More messages than the project allows. In: bounds and `max_messages`. Out: a diagnostic that shows the arithmetic.

use super::count::Count;
use super::report::{Bound, Bounds, Contribution, SentMessage};
use crate::check::Ceiling;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;

/// Reports every bound above the ceiling: per funnel for one run, per project for a time window.
pub(super) fn too_many(bounds: &Bounds, ceiling: &Ceiling) -> Vec<Diagnostic> {
    let bounds_over: Vec<&Bound> = match ceiling.per {
        None => {
            let rows = bounds.funnels.iter().flat_map(|funnel| &funnel.channels);
            rows.filter(|row| row.channel == ceiling.channel).filter_map(|row| row.run.as_ref()).collect()
        }
        Some(per) => {
            let rows = bounds.project.iter().filter(|row| row.channel == ceiling.channel);
            let windows = rows.flat_map(|row| &row.windows);
            windows.filter(|window| window.window == per).map(|window| &window.bound).collect()
        }
    };
    bounds_over.into_iter().filter_map(|bound| finding(bound, ceiling)).collect()
}

fn finding(bound: &Bound, ceiling: &Ceiling) -> Option<Diagnostic> {
    if bound.most <= Count::Finite(u64::from(ceiling.count)) {
        return None;
    }
    let at = first_over(&bound.path, u64::from(ceiling.count))?;
    let allowed = ceiling.count;
    let what =
        ceiling.channel.as_deref().map_or_else(|| say!("messages"), |channel| say!("`{channel}` messages", channel));
    let per = match ceiling.per {
        None => say!("in one run"),
        Some(per) => say!("in {per}", per = per.to_string()),
    };
    let message = match bound.most {
        Count::Finite(most) => {
            say!("a client can receive {most} {what} {per}, but only {allowed} are allowed", most, what, per, allowed)
        }
        Count::Unbounded => {
            say!("a client can receive unlimited {what} {per}, but only {allowed} are allowed", what, per, allowed)
        }
    };
    let mut found = Diagnostic::new(Code::TooManyMessages, at.span, message, say!("exceeds the limit"));
    for other in bound.path.iter().filter(|sent| sent.span != at.span).take(3) {
        found = found.related(other.span, say!("also counted"));
    }
    found = found.related(ceiling.span, say!("limit set here"));
    if bound.most != Count::Unbounded {
        found = found.help(arithmetic(bound));
    }
    Some(with_help(found, bound, ceiling))
}

fn with_help(mut found: Diagnostic, bound: &Bound, ceiling: &Ceiling) -> Diagnostic {
    let allowed = ceiling.count;
    let per = ceiling.per.map_or_else(|| "run".to_owned(), |per| per.to_string());
    let one_funnel = bound.parts.iter().all(|part| bound.parts.first().is_some_and(|one| one.funnel == part.funnel));
    if ceiling.per.is_some() && one_funnel && allowed > 0 {
        let channel = ceiling.channel.as_deref().unwrap_or("messages");
        let per = &per;
        found = found.help(say!("add a limit: `limit {allowed} {channel} per {per} else skip`", allowed, channel, per));
    }
    match bound.most {
        Count::Finite(most) => found.help(say!("or raise the limit in funnel.toml: `\"{most} per {per}\"`", most, per)),
        Count::Unbounded => found.help(say!("limit the loop: `repeat {allowed} times {{ .. }}`", allowed)),
    }
}

/// The message of a path that first exceeds the allowed number.
fn first_over(path: &[SentMessage], allowed: u64) -> Option<&SentMessage> {
    let mut so_far = 0_u64;
    let beyond = path.iter().find(|sent| {
        so_far = so_far.saturating_add(sent.times);
        so_far > allowed
    });
    beyond.or_else(|| path.last())
}

/// Shows how a bound is computed: `reminder: 2 for each booking + welcome: 1 = 3`.
#[must_use]
pub fn arithmetic(bound: &Bound) -> Phrase {
    let mut parts = bound.parts.iter().map(part);
    let first = parts.next().unwrap_or_else(|| say!("nothing is sent"));
    let sum = parts.fold(first, |sum, part| say!("{sum} + {part}", sum, part));
    let most = bound.most;
    let several = bound.parts.len() > 1 || !bound.limits.is_empty();
    let (most, limits) = (
        most.number().map_or_else(|| say!("unlimited"), |most| Phrase::verbatim(most.to_string())),
        bound.limits.join("`, `"),
    );
    match (several, bound.limits.is_empty()) {
        (false, _) => sum,
        (true, true) => say!("{sum} = {most}", sum, most),
        (true, false) if bound.is_held() => say!("{sum}, but at most {most} with `{limits}`", sum, limits, most),
        (true, false) => say!("{sum} = {most}, with `{limits}`", sum, most, limits),
    }
}

fn part(part: &Contribution) -> Phrase {
    let number = |count: Count| match count {
        Count::Finite(count) => Phrase::verbatim(count.to_string()),
        Count::Unbounded => say!("unlimited"),
    };
    let (funnel, messages, runs) = (&part.funnel, number(part.messages), number(part.runs));
    match (&part.each, part.runs) {
        (Some(each), _) => say!("{funnel}: {messages} for each `{each}`", funnel, messages, each),
        (None, Count::Finite(1)) => say!("{funnel}: {messages}", funnel, messages),
        (None, _) => say!("{funnel}: {runs} runs with {messages} each", funnel, runs, messages),
    }
}
