//! `task`. In: the task as written. Out: its text, assignee and due time.

use crate::check::checker::Checker;
use crate::check::program::{Element, Task};
use crate::check::scope::Scope;
use crate::say;
use crate::syntax::ast;
use crate::value::Duration;
use std::sync::Arc;

impl Checker<'_> {
    /// `task "Call" for "manager" due 1d at 10:00`
    pub(super) fn task(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        assignee: Option<&ast::Text>,
        due: Option<&ast::Due>,
    ) -> Option<Element> {
        let text = self.text(scope, text);
        let assignee = assignee.map(|assignee| self.text(scope, assignee));
        let due_at = due.and_then(|due| due.at.as_ref()).map(|at| at.node);
        let due = due.map(|due| self.due(due));
        let assignee = match assignee {
            Some(assignee) => Some(assignee?.expr),
            None => None,
        };
        let due = match due {
            Some(due) => Some(due?),
            None => None,
        };
        Some(Element::Task(Arc::new(Task { text: text?.expr, assignee, due, due_at })))
    }

    /// When a task is due, counted from its creation.
    fn due(&mut self, written: &ast::Due) -> Option<Duration> {
        let duration = self.duration_in_zone(&written.duration)?;
        if let Some(at) = &written.at {
            self.needs_zone(at.span, say!("a time of day"));
            let text = self.slice(written.duration.span);
            let message = say!("`{text}` is an exact duration, so the task may be due a day later than expected", text);
            self.exact_day(&written.duration, duration, message);
        }
        Some(duration)
    }
}
