//! Expressions in words.

use super::{Voice, plain};
use crate::check::program::{Arithmetic, Comparison, Content, Day, Expr, FieldRead, Part, Source, UNSUBSCRIBE_MARK};
use crate::graph::expr_text::write_expr;
use crate::say;
use crate::value::Value;

impl Voice<'_> {
    /// An expression. What people rarely read, such as the history of a client, stays as it is written.
    pub(super) fn expr(&self, expr: &Expr) -> String {
        match expr {
            Expr::Value(value) => self.value(value),
            Expr::Field(read) => self.field(read),
            Expr::Now => self.said(&say!("now")),
            Expr::Day { day, at } => {
                let day = match day {
                    Day::Today => self.said(&say!("today")),
                    Day::Tomorrow => self.said(&say!("tomorrow")),
                    Day::Weekday(day) => self.weekdays(&[*day]),
                };
                at.map_or_else(|| day.clone(), |at| format!("{day}, {at}"))
            }
            Expr::DateOf(moment, _) => self.expr(moment),
            Expr::AtTime(of, at) => format!("{}, {at}", self.expr(of)),
            Expr::Text(parts) => self.text(parts),
            Expr::List(items) => self.list(items),
            Expr::Not(of) => self.negated(of),
            Expr::And(left, right) => match without_known(expr) {
                Some(rest) => self.expr(rest),
                None => {
                    let (left, right) = (self.operand(left), self.operand(right));
                    self.said(&say!("{left} and {right}", left, right))
                }
            },
            Expr::Or(left, right) => self.alternatives(left, right),
            Expr::Compare(comparison, left, right) => {
                format!("{} {} {}", self.expr(left), sign(*comparison), self.expr(right))
            }
            Expr::Arithmetic(operation, left, right) => self.arithmetic(*operation, left, right, expr),
            Expr::In(item, list) => {
                self.said(&say!("{item} is one of {list}", item = self.expr(item), list = self.expr(list)))
            }
            Expr::Contains(whole, part) => {
                self.said(&say!("{whole} contains {part}", whole = self.expr(whole), part = self.expr(part)))
            }
            Expr::StartsWith(whole, part) => {
                self.said(&say!("{whole} starts with {part}", whole = self.expr(whole), part = self.expr(part)))
            }
            Expr::Matches(whole, pattern) => {
                self.said(&say!("{whole} looks like {pattern}", whole = self.expr(whole), pattern))
            }
            Expr::IsKnown(of) => self.said(&say!("{what} is known", what = self.expr(of))),
            Expr::InFunnel(funnel) => self.said(&say!("the client is in {funnel}", funnel = plain(funnel))),
            Expr::Range(from, to) => format!("{}–{}", self.expr(from), self.expr(to)),
            Expr::Negate(_) | Expr::History(_) | Expr::Yearly(..) => write_expr(expr),
        }
    }

    /// Expressions with commas.
    pub(super) fn list(&self, items: &[Expr]) -> String {
        items.iter().map(|item| self.expr(item)).collect::<Vec<_>>().join(", ")
    }

    /// A field: its owner is left out if it is the event that starts the funnel.
    fn field(&self, read: &FieldRead) -> String {
        let name = plain(&read.name);
        match &read.source {
            Source::Client => self.said(&say!("the client's {field}", field = name)),
            Source::Business => self.said(&say!("our {field}", field = name)),
            Source::Event(event) if Some(event.as_str()) == self.own || event.contains(' ') => name,
            Source::Event(event) => self.said(&say!("{field} of the {event}", field = name, event = plain(event))),
        }
    }

    /// An operand of `and`, in parentheses if it is an `or`.
    fn operand(&self, of: &Expr) -> String {
        if matches!(of, Expr::Or(..)) { format!("({})", self.expr(of)) } else { self.expr(of) }
    }

    fn negated(&self, of: &Expr) -> String {
        match of {
            Expr::IsKnown(of) => self.said(&say!("{what} is missing", what = self.expr(of))),
            Expr::InFunnel(funnel) => self.said(&say!("the client is not in {funnel}", funnel = plain(funnel))),
            Expr::Field(_) => self.said(&say!("not {what}", what = self.expr(of))),
            other => self.said(&say!("not {what}", what = format!("({})", self.expr(other)))),
        }
    }

    /// `service = massage or peeling`: what both sides compare is said once.
    fn alternatives(&self, left: &Expr, right: &Expr) -> String {
        let right = without_known(right).unwrap_or(right);
        let right = match (last_of(left), right) {
            (Expr::Compare(Comparison::Equal, a, _), Expr::Compare(Comparison::Equal, b, value)) if a == b => value,
            _ => right,
        };
        self.said(&say!("{left} or {right}", left = self.expr(left), right = self.expr(right)))
    }

    fn arithmetic(&self, operation: Arithmetic, left: &Expr, right: &Expr, whole: &Expr) -> String {
        match (operation, right) {
            (Arithmetic::Add, Expr::Value(Value::Duration(length))) if length.nominal_ms() >= 0 => {
                self.said(&say!("{length} after {moment}", length = self.duration(*length), moment = self.expr(left)))
            }
            (Arithmetic::Subtract, Expr::Value(Value::Duration(length))) if length.nominal_ms() >= 0 => {
                self.said(&say!("{length} before {moment}", length = self.duration(*length), moment = self.expr(left)))
            }
            (Arithmetic::Add | Arithmetic::Subtract | Arithmetic::Multiply | Arithmetic::Divide, _) => {
                write_expr(whole)
            }
        }
    }

    /// A text on one line, with the names of what is filled in, and the alternatives where it depends on conditions:
    /// `([name] / Hello), we missed you`.
    fn text(&self, parts: &[Part]) -> String {
        one_line(&self.text_parts(parts))
    }

    fn text_parts(&self, parts: &[Part]) -> String {
        let parts = parts.iter().map(|part| match part {
            Part::Text(text) => text.clone(),
            Part::If { branches, otherwise } => {
                let shown = Part::alternatives(branches, otherwise).filter(|parts| !parts.is_empty());
                format!("({})", shown.map(|parts| self.text_parts(parts)).collect::<Vec<_>>().join(" / "))
            }
            Part::Placeholder(Expr::Value(Value::Text(mark)), _) if mark == UNSUBSCRIBE_MARK => {
                format!("[{}]", self.said(&say!("unsubscribe link")))
            }
            Part::Placeholder(Expr::Field(read), _) => format!("[{}]", plain(&read.name)),
            Part::Placeholder(expr, _) => format!("[{}]", self.expr(expr)),
        });
        parts.collect()
    }

    /// What people read first of a message: the subject of an email, or the text.
    pub(super) fn first_words(&self, content: &Content) -> String {
        match content {
            Content::Text(text) | Content::Email { subject: text, .. } => one_line(&self.expr(text)),
        }
    }
}

/// The last alternative of a chain of `or`.
fn last_of(expr: &Expr) -> &Expr {
    let last = if let Expr::Or(_, right) = expr { right } else { expr };
    without_known(last).unwrap_or(last)
}

/// `x == 1` of `x is known and x == 1`, which is how the checker reads `x == 1`.
fn without_known(expr: &Expr) -> Option<&Expr> {
    let Expr::And(left, right) = expr else { return None };
    let Expr::IsKnown(of) = &**left else { return None };
    let Expr::Field(known) = &**of else { return None };
    right.reads().into_iter().any(|read| read == known).then_some(right)
}

fn sign(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "=",
        Comparison::NotEqual => "≠",
        Comparison::Less => "<",
        Comparison::LessEqual => "≤",
        Comparison::Greater => ">",
        Comparison::GreaterEqual => "≥",
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
