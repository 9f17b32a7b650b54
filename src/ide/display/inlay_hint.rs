//! Inlay hints. In: a file. Out: when a wait ends, how many segments an SMS has, how many messages a run can send.

use crate::analysis::{self, bound};
use crate::check::program::{Element, Step, Words};
use crate::graph::Graph;
use crate::ide::docs::{sms_parts, sms_room};
use crate::ide::view::View;
use crate::say;
use crate::source::{FileId, Span};
use crate::value::{Duration, TimeOfDay};
use std::sync::Arc;

/// A hint after a position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InlayHint {
    /// The empty span that it follows.
    pub span: Span,
    /// The text.
    pub label: String,
    /// The explanation.
    pub tooltip: String,
}

/// The time since the start of a run.
#[derive(Clone, Copy, PartialEq)]
struct Elapsed {
    since: Duration,
    at: Option<TimeOfDay>,
}

impl View<'_> {
    /// Returns the hints of a file, by position.
    #[must_use]
    pub fn inlay_hints(&self, file: FileId) -> Vec<InlayHint> {
        let mut hints = self.sms_hints(file);
        hints.extend(self.bound_hints(file));
        for funnel in self.compiled.program.funnels.iter().filter(|funnel| funnel.span.file == file) {
            let holds = !funnel.settings.hours.is_empty() || !funnel.settings.limits.is_empty();
            for entry in &funnel.entries {
                let mut walk = Walk { view: self, hints: &mut hints, holds };
                walk.chain(&entry.chain, Some(Elapsed { since: Duration::default(), at: None }));
            }
        }
        hints.sort_by_key(|hint| hint.span);
        hints
    }

    /// The most segments of each SMS.
    fn sms_hints(&self, file: FileId) -> Vec<InlayHint> {
        let words = self.compiled.program.words.iter().filter(|words| words.span.file == file && words.quoted);
        let hint = |words: &Arc<Words>| {
            let size = analysis::sms_size(&self.context.messages, &words.text);
            let tooltip = self.localized(&sms_room(size));
            let label = format!("SMS: {} ({})", self.localized(&sms_parts(size.segments)), size.coding.name());
            InlayHint { span: words.span.after(), label, tooltip }
        };
        words.map(hint).collect()
    }

    /// The most messages of a run of each funnel.
    fn bound_hints(&self, file: FileId) -> Vec<InlayHint> {
        let funnels = &self.compiled.program.funnels;
        let here = |name: &str| funnels.iter().find(|funnel| funnel.name == name && funnel.span.file == file);
        // The bound of one run depends on its own graph only.
        let graphs = funnels.iter().zip(&self.compiled.graphs).filter(|(funnel, _)| funnel.span.file == file);
        let graphs: Vec<Arc<Graph>> = graphs.map(|(_, graph)| Arc::clone(graph)).collect();
        let bounds = bound::runs(&self.compiled.program, &graphs, self.context);
        let hint = |bound: &bound::FunnelBounds| {
            let funnel = here(&bound.funnel)?;
            let most = bound.channels.iter().find(|row| row.channel.is_none())?.run.as_ref()?.most;
            let label = match most {
                bound::Count::Finite(1) => say!("at most 1 message"),
                bound::Count::Finite(count) => say!("at most {count} messages", count),
                bound::Count::Unbounded => say!("unlimited messages"),
            };
            let what = say!(
                "maximum messages per client in one run; `funnelc check --bounds` shows the path that produces it"
            );
            Some(InlayHint { span: funnel.span.after(), label: self.localized(&label), tooltip: self.localized(&what) })
        };
        bounds.iter().filter_map(hint).collect()
    }
}

struct Walk<'h> {
    view: &'h View<'h>,
    hints: &'h mut Vec<InlayHint>,
    /// Whether messages may be held back for an unknown time.
    holds: bool,
}

impl Walk<'_> {
    /// Walks a chain; returns the time at its end if it is known.
    fn chain(&mut self, steps: &[Step], mut elapsed: Option<Elapsed>) -> Option<Elapsed> {
        for step in steps {
            // A `goto` may lead here later.
            elapsed = if step.label.is_some() { None } else { elapsed };
            elapsed = self.step(step, elapsed);
        }
        elapsed
    }

    fn step(&mut self, step: &Step, elapsed: Option<Elapsed>) -> Option<Elapsed> {
        match &step.element {
            Element::WaitDuration { duration, at } => self.wait(step.span, *duration, *at, elapsed),
            Element::WaitUntil { .. } | Element::Goto { .. } => None,
            Element::If { condition, then, otherwise } => {
                // A condition on a `later` field waits for it.
                let elapsed = elapsed.filter(|_| condition.reads().iter().all(|read| read.later.is_none()));
                self.paths([then.as_slice(), otherwise.as_slice()], elapsed)
            }
            Element::Match { subject, cases, otherwise } => {
                let elapsed = elapsed.filter(|_| subject.reads().iter().all(|read| read.later.is_none()));
                self.paths(cases.iter().map(|case| case.chain.as_slice()).chain([otherwise.as_slice()]), elapsed)
            }
            Element::Split { shares, otherwise, .. } => {
                self.paths(shares.iter().map(|share| share.chain.as_slice()).chain([otherwise.as_slice()]), elapsed)
            }
            Element::Parallel { paths } => self.paths(paths.iter().map(Vec::as_slice), elapsed),
            Element::Repeat { body, .. } => {
                self.chain(body, None);
                None
            }
            Element::WaitEvent { on_event, on_timeout, .. } => {
                self.chain(on_event, None);
                self.chain(on_timeout, None);
                None
            }
            Element::Send { on_not_sent, .. } | Element::Call { on_failed: on_not_sent, .. } => {
                if let Some(steps) = on_not_sent {
                    self.chain(steps, None);
                }
                let reads_answer = matches!(&step.element, Element::Call { call, .. } if call.answer.is_some());
                elapsed.filter(|_| on_not_sent.is_none() && !self.holds && !reads_answer)
            }
            Element::Set { .. }
            | Element::Tag { .. }
            | Element::Stop
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. } => elapsed,
        }
    }

    fn paths<'s>(&mut self, paths: impl IntoIterator<Item = &'s [Step]>, elapsed: Option<Elapsed>) -> Option<Elapsed> {
        let ends: Vec<Option<Elapsed>> = paths.into_iter().map(|path| self.chain(path, elapsed)).collect();
        let first = ends.first().copied().flatten();
        first.filter(|first| ends.iter().all(|end| *end == Some(*first)))
    }

    fn wait(
        &mut self,
        span: Span,
        duration: Duration,
        at: Option<TimeOfDay>,
        elapsed: Option<Elapsed>,
    ) -> Option<Elapsed> {
        let before = elapsed?;
        // Hours after a time of day, and a time of day after hours, depend on when the run began.
        let known = (before.at.is_none() || !has_hours(duration)) && (at.is_none() || !has_hours(before.since));
        if !known {
            return None;
        }
        let since = before.since.plus(duration);
        let now = Elapsed { since, at: at.or(before.at) };
        if before.since != Duration::default() {
            let time = now.at.map(|at| format!(", {at}")).unwrap_or_default();
            let after = say!("{since} after the start", since = since.to_string());
            let what = say!("the time from the start of the run to the end of this wait, if nothing delays the run");
            let label = self.view.localized(&after) + &time;
            self.hints.push(InlayHint { span: span.after(), label, tooltip: self.view.localized(&what) });
        }
        Some(now)
    }
}

fn has_hours(duration: Duration) -> bool {
    duration.ms != 0
}
