//! Formats expressions, types and literals on one line.

use super::line::LineBuilder;
use crate::source::Spanned;
use crate::syntax::ast::{
    Day, Due, DurationLit, EventPath, Expr, ExprKind, Happening, History, Name, Path, Record, RecordEntry, TypeAtom,
    TypeExpr, UnaryOp,
};
use crate::value::TimeOfDay;

impl LineBuilder<'_> {
    /// `a.b + 1`
    pub(super) fn expr(&mut self, expr: &Expr) -> &mut Self {
        match &expr.kind {
            ExprKind::Bool(value) => self.put(if *value { "true" } else { "false" }),
            ExprKind::Number(_) => self.number(expr.span),
            ExprKind::Percent(_) => self.number(expr.span).put("%"),
            ExprKind::Money { amount: _, currency } => self.number(expr.span).put(" ").put(&currency.node),
            ExprKind::Duration(duration) => self.duration(duration),
            ExprKind::Time(time) => self.time(*time),
            ExprKind::Date(date) => self.put(&date.to_string()),
            ExprKind::DateTime(date, time) => self.put(&date.to_string()).put(" ").time(*time),
            ExprKind::Now => self.put("now"),
            ExprKind::Day { day, at } => self.day(*day, at.as_ref()),
            ExprKind::AtTime { of, at } => self.expr(of).put(" at ").time(at.node),
            ExprKind::Text(text) => self.text(text),
            ExprKind::File(file) => self.text_file(file),
            ExprKind::List(items) => self.put("[").exprs(items).put("]"),
            ExprKind::Name(name) => self.put(name),
            ExprKind::Field { of, name } => self.expr(of).put(".").name(name),
            ExprKind::History(history) => self.history(history),
            ExprKind::Unary { op: UnaryOp::Not, expr } => self.put("not ").expr(expr),
            ExprKind::Unary { op: UnaryOp::Minus, expr } => self.put("-").expr(expr),
            ExprKind::Binary { op, left, right } => self.expr(left).put(" ").put(op.node.text()).put(" ").expr(right),
            ExprKind::InFunnel { expr, negated, funnel } => {
                self.expr(expr).put(if *negated { " is not in " } else { " is in " }).name(funnel)
            }
            ExprKind::Is { expr, known } => self.expr(expr).put(if *known { " is known" } else { " is missing" }),
            ExprKind::Paren(inner) => self.put("(").expr(inner).put(")"),
            ExprKind::Range { from, to } => self.expr(from).put("..").expr(to),
            ExprKind::Error => self.verbatim(expr.span),
        }
    }

    /// `a, b`
    pub(super) fn exprs(&mut self, exprs: &[Expr]) -> &mut Self {
        self.list(exprs, ", ", |line, expr| line.expr(expr))
    }

    fn day(&mut self, day: Day, at: Option<&Spanned<TimeOfDay>>) -> &mut Self {
        self.put(match day {
            Day::Today => "today",
            Day::Tomorrow => "tomorrow",
            Day::Weekday(day) => day.name(),
            Day::Several(word) => word.name(),
        });
        if let Some(at) = at {
            self.put(" ").time(at.node);
        }
        self
    }

    fn history(&mut self, history: &History) -> &mut Self {
        self.name(&history.function).put("(").name(&history.event);
        if let Some(field) = &history.field {
            self.put(".").name(field);
        }
        if let Some(last) = &history.last {
            self.put(" in last ").duration(last);
        }
        self.filter(history.filter.as_ref()).put(")")
    }

    /// ` where c`, if there is a filter
    pub(super) fn filter(&mut self, filter: Option<&Expr>) -> &mut Self {
        if let Some(filter) = filter {
            self.put(" where ").expr(filter);
        }
        self
    }

    /// `1h30m`
    pub(super) fn duration(&mut self, duration: &DurationLit) -> &mut Self {
        for (count, unit) in &duration.parts {
            self.put(&count.to_string()).put(unit.text());
        }
        self
    }

    /// `4h`, `1d at 10:00`
    pub(super) fn due(&mut self, due: &Due) -> &mut Self {
        self.duration(&due.duration);
        if let Some(at) = &due.at {
            self.put(" at ").time(at.node);
        }
        self
    }

    /// `09:00`
    pub(super) fn time(&mut self, time: TimeOfDay) -> &mut Self {
        self.put(&time.to_string())
    }

    /// `booking`
    pub(super) fn name(&mut self, name: &Name) -> &mut Self {
        self.put(&name.node)
    }

    /// `client.city`
    pub(super) fn path(&mut self, path: &Path) -> &mut Self {
        self.list(&path.names, ".", |line, name| line.name(name))
    }

    /// `booking or visit.updated`
    pub(super) fn events(&mut self, events: &[EventPath]) -> &mut Self {
        self.list(events, " or ", Self::event)
    }

    /// `booking or leaving vip`
    pub(super) fn happenings(&mut self, happenings: &[Happening]) -> &mut Self {
        self.list(happenings, " or ", |line, happening| match happening {
            Happening::Event(path) => line.event(path),
            Happening::Segment { entering, name, .. } => line.segment(*entering, name),
        })
    }

    /// `entering vip`, `leaving vip`
    pub(super) fn segment(&mut self, entering: bool, name: &Name) -> &mut Self {
        self.put(if entering { "entering " } else { "leaving " }).name(name)
    }

    /// `visit.updated`
    fn event(&mut self, path: &EventPath) -> &mut Self {
        self.name(&path.event);
        if let Some(member) = &path.member {
            self.put(".").name(member);
        }
        self
    }

    /// `"new" | "paid"?`
    pub(super) fn ty(&mut self, ty: &TypeExpr) -> &mut Self {
        self.list(&ty.atoms, " | ", |line, atom| match atom {
            TypeAtom::Name(name) => line.name(name),
            TypeAtom::Literal(text) => line.text(text),
            TypeAtom::List(of, _) => line.put("list<").ty(of).put(">"),
            TypeAtom::Error(span) => line.verbatim(*span),
        });
        self.put(if ty.optional { "?" } else { "" })
    }

    /// `{ a: 1, b: 2 }`
    pub(super) fn record(&mut self, record: &Record) -> &mut Self {
        if record.entries.is_empty() {
            return self.put("{}");
        }
        self.put("{ ").entries(&record.entries).put(" }")
    }

    /// `a: 1, b: 2`
    pub(super) fn entries(&mut self, entries: &[RecordEntry]) -> &mut Self {
        self.list(entries, ", ", |line, entry| line.entry(entry))
    }

    /// `a: 1`
    pub(super) fn entry(&mut self, entry: &RecordEntry) -> &mut Self {
        self.name(&entry.name).put(": ").expr(&entry.value)
    }
}
