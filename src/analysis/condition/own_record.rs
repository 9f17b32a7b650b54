//! Conditions that compare the run's own record with itself. In: a graph. Out: diagnostics about conditions such as that of
//! `wait for order.paid as paid where paid.id == order.id`: only a change of the run's own record is meant.

use crate::check::program::{Asked, Change, Expr, Pattern, Source, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph};
use crate::say;
use crate::source::{Sources, Span};

/// A condition on events, with the name of the event in it.
struct Filtered<'g> {
    patterns: &'g [Pattern],
    name: &'g str,
    filter: &'g Expr,
    around: Span,
    is_wait: bool,
}

/// Finds comparisons of a record with itself in the conditions of waits, exits and goals.
pub(super) fn own_records(sources: &Sources, asked: &Asked, graph: &Graph) -> Vec<Diagnostic> {
    let waits = graph.nodes.iter().filter_map(|node| {
        let Element::WaitEvent { wait, .. } = &node.element else { return None };
        let name = wait.binding.as_deref().or_else(|| Some(wait.patterns.first()?.event.as_str()))?;
        let filter = wait.filter.as_ref()?;
        Some(Filtered { patterns: &wait.patterns, name, filter, around: node.span, is_wait: true })
    });
    let exits = graph.settings.exits.iter().filter_map(|exit| {
        let patterns = std::slice::from_ref(&exit.pattern);
        let filter = exit.filter.as_ref()?;
        Some(Filtered { patterns, name: &exit.pattern.event, filter, around: exit.span, is_wait: false })
    });
    let goals = graph.settings.goals.iter().filter_map(|goal| {
        let filter = goal.filter.as_ref()?;
        Some(Filtered { patterns: &goal.patterns, name: &goal.binding, filter, around: goal.span, is_wait: false })
    });
    let all = waits.chain(exits).chain(goals);
    all.flat_map(|filtered| findings(sources, asked, graph, &filtered)).collect()
}

fn findings(sources: &Sources, asked: &Asked, graph: &Graph, filtered: &Filtered<'_>) -> Vec<Diagnostic> {
    let Some(event) = only_changes_of(filtered.patterns) else { return Vec::new() };
    if has_another(graph, event, filtered.name) {
        return Vec::new();
    }
    let own: Vec<&str> = graph.entries.iter().filter_map(|entry| own_name(&entry.trigger, event)).collect();
    let found = filtered.filter.conjuncts().into_iter().filter(|part| compares_with_itself(part, filtered.name, &own));
    let placed = found.filter_map(|part| asked.place(filtered.around, part));
    placed.map(|span| finding(sources, filtered, event, span)).collect()
}

fn finding(sources: &Sources, filtered: &Filtered<'_>, event: &str, span: Span) -> Diagnostic {
    let (text, name) = (sources.slice(span), filtered.name);
    let message = say!("`{text}` compares a field with itself: `{name}` is the run's own `{event}`", text, name, event);
    let found = Diagnostic::new(Code::ConstantCondition, span, message, say!("the same record"));
    if !filtered.is_wait {
        return found.help(say!("remove the condition: changes of another `{event}` do not count here", event));
    }
    found
        .help(say!(
            "to wait for another `{event}`, wait until it is made: `wait for {event} as {name} where ..`",
            event,
            name
        ))
        .help(say!("or remove the condition"))
}

/// The event that these are all changes of, if they are about records that exist already.
fn only_changes_of(patterns: &[Pattern]) -> Option<&str> {
    let event = &patterns.first()?.event;
    let is_change = |pattern: &Pattern| match &pattern.change {
        Change::Updated | Change::TurnedTrue(_) | Change::FieldChanged(_) | Change::FieldBecame(_) => {
            pattern.event == *event
        }
        Change::Created | Change::Crossed(_) => false,
    };
    (event != "client" && patterns.iter().all(is_change)).then_some(event)
}

/// Whether a run may know another record of the kind, whose changes it then waits for, too.
fn has_another(graph: &Graph, event: &str, name: &str) -> bool {
    graph.nodes.iter().any(|node| {
        let Element::WaitEvent { wait, .. } = &node.element else { return false };
        wait.binding.as_deref().is_some_and(|binding| binding != name)
            && wait.patterns.iter().any(|pattern| pattern.event == event)
    })
}

/// The name of the run's own record.
fn own_name<'g>(trigger: &'g Trigger, event: &str) -> Option<&'g str> {
    match trigger {
        Trigger::Happened { patterns, binding, .. } if patterns.iter().all(|pattern| pattern.event == event) => {
            binding.as_deref()
        }
        Trigger::Silence { event: own, binding, .. } if own == event => Some(binding),
        Trigger::Started { event: Some(own), binding } if own == event => binding.as_deref(),
        Trigger::Happened { .. }
        | Trigger::Silence { .. }
        | Trigger::Segment { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => None,
    }
}

/// Whether a comparison has the same on both sides if all these names refer to one record, and not otherwise.
fn compares_with_itself(part: &Expr, name: &str, own: &[&str]) -> bool {
    let Expr::Compare(_, left, right) = part else { return false };
    let renamed = |side: &Expr| {
        let mut side = side.clone();
        side.change_reads(&|read| {
            if let Source::Event(of) = &mut read.source
                && own.contains(&of.as_str())
            {
                name.clone_into(of);
            }
        });
        side
    };
    left != right && renamed(left) == renamed(right)
}
