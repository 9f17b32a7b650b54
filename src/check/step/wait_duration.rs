//! `wait 24h`. In: the duration as written. Out: how long to wait.

use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    pub(in crate::check) fn wait(
        &mut self,
        duration: &ast::DurationLit,
        at: Option<&crate::source::Spanned<crate::value::TimeOfDay>>,
        span: Span,
    ) -> Option<Element> {
        let length = self.duration(duration)?;
        if length.is_calendar() {
            self.needs_zone(duration.span, say!("a step of days or months"));
        }
        if at.is_some() {
            self.needs_zone(span, say!("a time of day"));
            self.exact_day(duration, length);
        }
        Some(Element::WaitDuration { duration: length, at: at.map(|at| at.node) })
    }

    /// Warns of `wait 24h at 10:00`: hours are exact, so the next such time is another day later.
    fn exact_day(&mut self, written: &ast::DurationLit, length: crate::value::Duration) {
        const DAY_MS: i64 = 86_400_000;
        if length.is_calendar() || length.ms == 0 || length.ms % DAY_MS != 0 {
            return;
        }
        let (text, days) = (self.slice(written.span), format!("{}d", length.ms / DAY_MS));
        let message = say!("`{text}` is counted exactly, and the next such time comes after it", text);
        let finding = Diagnostic::new(Code::ExactDay, written.span, message, say!("hours, not days"));
        self.report(finding.help(say!("a time of day goes with days: write `{days}`", days)).guess(
            say!("write `{days}`", days),
            written.span,
            days,
        ));
    }
}
