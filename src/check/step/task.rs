//! `task`. In: the task as written. Out: its text, assignee and due time.

use crate::check::checker::Checker;
use crate::check::program::{Element, Task};
use crate::check::scope::Scope;
use crate::syntax::ast;
use std::sync::Arc;

impl Checker<'_> {
    /// `task "Call" for "manager" due 4h`
    pub(super) fn task(
        &mut self,
        scope: &Scope,
        text: &ast::Text,
        assignee: Option<&ast::Text>,
        due: Option<&ast::DurationLit>,
    ) -> Option<Element> {
        let text = self.text(scope, text);
        let assignee = assignee.map(|assignee| self.text(scope, assignee));
        let due = due.map(|due| self.duration_in_zone(due));
        let assignee = match assignee {
            Some(assignee) => Some(assignee?.expr),
            None => None,
        };
        let due = match due {
            Some(due) => Some(due?),
            None => None,
        };
        Some(Element::Task(Arc::new(Task { text: text?.expr, assignee, due })))
    }
}
