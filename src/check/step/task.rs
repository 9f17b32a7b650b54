//! `task`. In: the task as written. Out: its text, assignee and due time.

use crate::check::checker::Checker;
use crate::check::program::{Element, Task};
use crate::check::scope::Scope;
use crate::say;
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
        let length = due.map(|due| {
            let length = self.duration(due)?;
            if length.is_calendar() {
                self.needs_zone(due.span, say!("a step of days or months"));
            }
            Some(length)
        });
        let assignee = match assignee {
            Some(assignee) => Some(assignee?.expr),
            None => None,
        };
        let due = match length {
            Some(length) => Some(length?),
            None => None,
        };
        Some(Element::Task(Arc::new(Task { text: text?.expr, assignee, due })))
    }
}
