//! `limit`. In: `limit 2 sms per 7d else defer up to 1d`. Out: a checked limit.

use crate::check::checker::Checker;
use crate::check::program::{Limit, Over};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast;
use crate::value::{Decimal, Duration};

/// The name of all channels together.
const MESSAGES: &str = "messages";

impl Checker<'_> {
    /// `limit 2 sms per 7d else skip`
    pub(super) fn limit(
        &mut self,
        count: &Spanned<Decimal>,
        channel: &ast::Name,
        per: &ast::DurationLit,
        otherwise: &ast::LimitElse,
    ) -> Option<Limit> {
        let number = self.whole_number(count);
        let channel = self.limited_channel(channel);
        let length = self.length(per);
        let over = match otherwise {
            ast::LimitElse::Skip => Some(Over::Skip),
            ast::LimitElse::Defer { up_to } => self.length(up_to).map(Over::Defer),
        };
        Some(Limit { count: number?, channel: channel?, per: length?, over: over?, whole_project: false })
    }

    fn whole_number(&mut self, count: &Spanned<Decimal>) -> Option<u32> {
        let number =
            u32::try_from(count.node).ok().filter(|number| *number > 0 && Decimal::from(*number) == count.node);
        if number.is_some() {
            return number;
        }
        let message = say!("a limit must be a whole number above zero, not {count}", count = count.node);
        let finding = Diagnostic::new(Code::WrongOperands, count.span, message, say!("not a limit"));
        self.fail(finding.help(say!("write `limit 2 sms per 7d`")))
    }

    /// The limited channel; `None` for all.
    fn limited_channel(&mut self, channel: &ast::Name) -> Option<Option<String>> {
        if channel.node == MESSAGES {
            return Some(None);
        }
        self.channel(channel).map(|channel| Some(channel.to_owned()))
    }

    fn length(&mut self, written: &ast::DurationLit) -> Option<Duration> {
        let length = self.duration_in_zone(written)?;
        if length == Duration::default() {
            let finding = Diagnostic::new(
                Code::WrongOperands,
                written.span,
                say!("this duration is zero"),
                say!("zero duration"),
            );
            return self.fail(finding.help(say!("write `per 7d`")));
        }
        Some(length)
    }

    /// Reports two limits on the same channel and period.
    pub(super) fn reject_duplicate_limit(&mut self, limit: &Limit, before: &[Limit], span: Span) {
        let same = |other: &&Limit| other.channel == limit.channel && other.per == limit.per;
        if before.iter().any(|other| same(&other)) {
            let message = say!("duplicate limit for the same channel and period");
            let finding = Diagnostic::new(Code::Duplicate, span, message, say!("repeated here"));
            self.report(finding.help(say!("keep one of them")));
        }
    }
}
