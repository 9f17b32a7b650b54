//! Whose clock shows a moment in a text. In: a moment, or the argument of its filter. Out: the clock.

use crate::check::checker::Checker;
use crate::check::program::{Clock, Content, Expr, FieldRead, Filter, Part, Picked, Source};
use crate::check::scope::Scope;
use crate::check::types::Typed;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, BinaryOp};
use crate::value::Type;

/// The field of an event that names the time zone of its place.
const TIMEZONE: &str = "timezone";

impl Checker<'_> {
    /// The clock of the place that a moment belongs to: that of a record whose event has a `timezone`.
    pub(super) fn clock_of_place(&self, scope: &Scope, moment: &Expr) -> Option<Clock> {
        match moment {
            Expr::Field(FieldRead { source: Source::Event(name), ty: Type::DateTime, .. }) => {
                let bound = scope.bound.iter().find(|bound| bound.name == *name)?;
                let ty = self.zone_field(&bound.event)?;
                let source = Source::Event(name.clone());
                let zone = FieldRead { source, name: TIMEZONE.to_owned(), ty, later: None };
                Some(Clock::Place(Some(Expr::Field(zone))))
            }
            Expr::History(history) => {
                let is_field = matches!(&history.query.field, Some(Picked::Field(read)) if read.ty == Type::DateTime);
                (is_field && self.zone_field(&history.query.event).is_some()).then_some(Clock::Place(None))
            }
            Expr::Arithmetic(_, left, right) => {
                self.clock_of_place(scope, left).or_else(|| self.clock_of_place(scope, right))
            }
            _ => None,
        }
    }

    /// Compares a moment with dates as its own date: that of the place to which it belongs, as a text shows it.
    pub(super) fn dated(&self, scope: &Scope, op: BinaryOp, left: Typed, right: Typed) -> (Typed, Typed) {
        let listed = |list: &Typed| list.ty == Type::List(Box::new(Type::Date));
        let as_date = |moment: Typed, anyway: bool| {
            let place = self.clock_of_place(scope, &moment.expr);
            if moment.ty != Type::DateTime || !(anyway || place.is_some()) {
                return moment;
            }
            Typed { expr: Expr::DateOf(Box::new(moment.expr), place.map(Box::new)), ty: Type::Date, ..moment }
        };
        match op {
            BinaryOp::In if listed(&right) => (as_date(left, true), right),
            BinaryOp::Contains if listed(&left) => (left, as_date(right, true)),
            BinaryOp::Equal
            | BinaryOp::NotEqual
            | BinaryOp::Less
            | BinaryOp::LessEqual
            | BinaryOp::Greater
            | BinaryOp::GreaterEqual => match (&left.ty, &right.ty) {
                (Type::DateTime, Type::Date) => (as_date(left, false), right),
                (Type::Date, Type::DateTime) => (left, as_date(right, false)),
                (_, _) => (left, right),
            },
            BinaryOp::In
            | BinaryOp::Contains
            | BinaryOp::StartsWith
            | BinaryOp::Matches
            | BinaryOp::Or
            | BinaryOp::And
            | BinaryOp::Add
            | BinaryOp::Subtract
            | BinaryOp::Multiply
            | BinaryOp::Divide => (left, right),
        }
    }

    /// The type of the time zone of an event with a place.
    fn zone_field(&self, event: &str) -> Option<Type> {
        let field = self.fields(event)?.get(TIMEZONE)?;
        field.ty.is_textual().then(|| field.ty.clone())
    }

    /// The clock that a filter names: `time(client.timezone)`.
    pub(super) fn named_clock(&mut self, scope: &Scope, filter: &ast::Filter) -> Option<Option<Clock>> {
        match filter.args.as_slice() {
            [] => Some(None),
            [zone] => Some(Some(Clock::Named(self.zone(scope, zone)?.expr))),
            [_, more, ..] => {
                let name = filter.name.node.as_str();
                let message = say!("filter `{name}` takes at most a time zone", name);
                let finding = Diagnostic::new(Code::WrongFilterInput, more.span, message, say!("unexpected argument"));
                self.fail(finding.help(say!("write `| {name}` or `| {name}(client.timezone)`", name)))
            }
        }
    }

    /// Warns about a time of a place in a funnel on the clocks of its clients. `span` is what the fix replaces, with a
    /// zone in place of `@`.
    pub(super) fn warn_whose_clock(&mut self, clock: &Clock, span: Span, named: &str) {
        if !self.on_clients_clock {
            return;
        }
        let mut finding = whose_clock(span);
        finding = finding.help(say!("`time(client.timezone)` is the client's, `time(booking.timezone)` the place's"));
        if let Clock::Place(Some(zone)) = clock
            && let Some(FieldRead { source: Source::Event(event), name, .. }) = zone.reads().first().copied()
        {
            let right = named.replace('@', &format!("{event}.{name}"));
            finding = finding.fix(
                say!("say that it is the time of the place: `{right}`", right = right.as_str()),
                span,
                right,
            );
        }
        self.report(finding);
    }

    /// The same for a template, whose text is elsewhere.
    pub(in crate::check) fn warn_clock_of_template(&mut self, content: &Content, span: Span) {
        if self.on_clients_clock && content.texts().into_iter().any(shows_time_of_place) {
            let finding = whose_clock(span);
            self.report(
                finding.help(say!("in the template, write `time(client.timezone)` or `time(booking.timezone)`")),
            );
        }
    }
}

fn whose_clock(span: Span) -> Diagnostic {
    let message =
        say!("clients of this funnel may be in another time zone, and the text does not say whose time this is");
    Diagnostic::new(Code::WhoseClock, span, message, say!("the time of the place"))
}

/// Whether a text shows the time of a place without saying so.
fn shows_time_of_place(text: &Expr) -> bool {
    let Expr::Text(parts) = text else { return false };
    parts.iter().any(part_shows_time)
}

fn part_shows_time(part: &Part) -> bool {
    match part {
        Part::Text(_) => false,
        Part::If { branches, otherwise } => Part::alternatives(branches, otherwise).flatten().any(part_shows_time),
        Part::Placeholder(_, filters) => filters.iter().enumerate().any(|(at, filter)| {
            let is_place = matches!(filter, Filter::Clock(Clock::Place(_)));
            is_place && !matches!(filters.get(at + 1), Some(Filter::Date(_)))
        }),
    }
}
