//! `wait 24h`. In: the duration as written. Out: how long to wait.

use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::Element;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Spanned;
use crate::syntax::ast;
use crate::value::{Duration, TimeOfDay};

impl Checker<'_> {
    /// `wait 24h`, `wait 1d at 10:00`
    pub(super) fn wait_duration(
        &mut self,
        at: At<'_>,
        written: &ast::DurationLit,
        time: Option<&Spanned<TimeOfDay>>,
    ) -> CheckedElement {
        let flow = Flow::to(Some(self.after_wait(at.scope, at.head).facts));
        let Some(duration) = self.duration_in_zone(written) else { return (None, flow) };
        if time.is_some() {
            self.needs_zone(at.head, say!("a time of day"));
            let text = self.slice(written.span);
            let message = say!("`{text}` is an exact duration, so the wait may end a day later than expected", text);
            self.exact_day(written, duration, message);
        }
        (Some(Element::WaitDuration { duration, at: time.map(|time| time.node) }), flow)
    }

    /// Warns about `wait 24h at 10:00`: hours are counted exactly, so the run may wait a day longer than expected.
    pub(super) fn exact_day(&mut self, written: &ast::DurationLit, length: Duration, message: Phrase) {
        const DAY_MS: i64 = 86_400_000;
        if length.is_calendar() || length.ms == 0 || length.ms % DAY_MS != 0 {
            return;
        }
        let days = format!("{}d", length.ms / DAY_MS);
        let finding = Diagnostic::new(Code::HoursWithTimeOfDay, written.span, message, say!("hours, not days"));
        self.report(finding.help(say!("use calendar days with a time of day: `{days}`", days)).guess(
            say!("write `{days}`", days),
            written.span,
            days,
        ));
    }
}
