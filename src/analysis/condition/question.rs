//! Conditions prepared for evaluation in many states. In: conditions. Out: formulas over terms, simplified as far as
//! possible without any facts.

use super::cube::{LinearForm, TextSet};
use super::sum::{Sum, Unit};
use super::term::{Names, Term, equals, terms_in};
use crate::analysis::small_map::SmallMap;
use crate::check::program::{Comparison, Expr, FieldRead, Function, Picked};
use crate::value::{Decimal, Type, Value};
use std::collections::BTreeSet;

/// Limit: the most numbers, amounts or dates of a list that are compared one by one.
const MAX_ITEMS: usize = 8;

/// A condition and the `later` fields that it reads.
#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) asked: Formula,
    /// The fields that the run may have to wait for.
    pub(super) later: Vec<Term>,
}

/// A condition, with the structure of the expression.
#[derive(Debug, Clone)]
pub(super) enum Formula {
    Not(Box<Self>),
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    /// The outcome does not depend on any facts.
    Always(bool),
    /// `a is known`
    Known(Term),
    /// `is known` of an expression in which these terms may be missing.
    AllKnown(Vec<Term>),
    /// A `bool` field on its own.
    Flag {
        term: Term,
        /// Whether it may be missing.
        open: bool,
        /// Whether a missing value counts as false.
        false_if_missing: bool,
    },
    /// A comparison of values, some of which may be missing.
    Atom {
        /// The terms that may be missing.
        open: Vec<Term>,
        answer: Atom,
    },
}

/// A comparison of known values.
#[derive(Debug, Clone)]
pub(super) enum Atom {
    /// A comparison of constants: whether it can be true, and whether it can be false.
    Constant { holds: bool, fails: bool },
    /// Opaque.
    Whole(Term),
    /// A term has this value.
    Flag(Term, bool),
    /// A text is one of these or, with `false`, none of them.
    Text {
        term: Term,
        /// All possible values according to the type.
        all: Option<TextSet>,
        these: BTreeSet<String>,
        among: bool,
    },
    /// A linear form compares with a number between two bounds.
    Range {
        line: LinearForm,
        op: Comparison,
        low: Decimal,
        high: Decimal,
        /// If the calendar leaves room between the bounds, the same comparison still has the same outcome.
        whole: Option<Term>,
    },
    /// One of these is true.
    Any(Vec<Self>),
}

impl Question {
    pub(super) fn of(names: &Names<'_>, condition: &Expr) -> Self {
        Self { asked: Formula::of(names, condition), later: later_terms(condition) }
    }
}

/// Returns the `later` fields that an expression reads.
pub(super) fn later_terms(expr: &Expr) -> Vec<Term> {
    let later = expr.reads().into_iter().filter(|read| read.later.is_some());
    later.map(Term::of_field).collect()
}

impl Formula {
    pub(super) fn of(names: &Names<'_>, condition: &Expr) -> Self {
        let part = |part: &Expr| Box::new(Self::of(names, part));
        match condition {
            Expr::Not(inner) => Self::Not(part(inner)),
            Expr::And(a, b) => Self::And(part(a), part(b)),
            Expr::Or(a, b) => Self::Or(part(a), part(b)),
            Expr::Value(Value::Bool(value)) => Self::Always(*value),
            Expr::IsKnown(inner) => Self::known(names, inner),
            Expr::InFunnel(funnel) if names.inside == Some(funnel) => Self::Always(true),
            Expr::InFunnel(funnel) => {
                Self::Flag { term: Term::Inside(funnel.as_str().into()), open: false, false_if_missing: true }
            }
            Expr::Field(read) if read.ty == Type::Bool => Self::flag(names, read),
            other => Self::Atom { open: open(names, other), answer: Atom::of(other) },
        }
    }

    /// `a is known`, which itself is never missing.
    fn known(names: &Names<'_>, inner: &Expr) -> Self {
        let one = |term: Term| if names.may_be_missing(&term) { Self::Known(term) } else { Self::Always(true) };
        match inner {
            Expr::Field(read) => one(Term::of_field(read)),
            Expr::History(history) => match history.function {
                Function::Any | Function::None | Function::Count => Self::Always(true),
                Function::Sum | Function::Avg | Function::Min | Function::Max | Function::First | Function::Last => {
                    one(Term::of_history(history))
                }
            },
            Expr::Value(_) | Expr::Now | Expr::Day { .. } => Self::Always(true),
            other => Self::AllKnown(open(names, other)),
        }
    }

    fn flag(names: &Names<'_>, read: &FieldRead) -> Self {
        let term = Term::of_field(read);
        Self::Flag { open: names.may_be_missing(&term), false_if_missing: read.later.is_none(), term }
    }
}

/// The terms of an expression that may be missing.
fn open(names: &Names<'_>, expr: &Expr) -> Vec<Term> {
    let mut terms = terms_in(expr);
    terms.retain(|term| names.may_be_missing(term));
    terms
}

impl Atom {
    fn of(question: &Expr) -> Self {
        match question {
            Expr::Compare(op, a, b) => Self::compared(*op, a, b, &|| Term::whole(question)),
            Expr::In(item, list) => Self::member(item, list),
            Expr::History(history) => {
                let op = match history.function {
                    Function::Any => Some(Comparison::Greater),
                    Function::None => Some(Comparison::LessEqual),
                    _ => None,
                };
                let line = || (Unit::Number, SmallMap::one(Term::of_history(history), Decimal::ONE));
                let range = |op| Self::Range { line: line(), op, low: Decimal::ZERO, high: Decimal::ZERO, whole: None };
                op.map(range)
            }
            _ => None,
        }
        .unwrap_or_else(|| Self::Whole(Term::whole(question)))
    }

    /// `a op b`, which as an opaque term is `whole`; `None` if it cannot be analyzed.
    fn compared(op: Comparison, a: &Expr, b: &Expr, whole: &impl Fn() -> Term) -> Option<Self> {
        Self::constant(op, a, b).or_else(|| Self::line(op, a, b, whole))
    }

    /// Equality of a text or `bool` with a constant; `None` for anything else.
    fn constant(op: Comparison, a: &Expr, b: &Expr) -> Option<Self> {
        let equal = match op {
            Comparison::Equal => true,
            Comparison::NotEqual => false,
            Comparison::Less | Comparison::LessEqual | Comparison::Greater | Comparison::GreaterEqual => return None,
        };
        let same = |same: bool| Some(Self::Constant { holds: same == equal, fails: same != equal });
        match (a, b) {
            (Expr::Value(Value::Text(a)), Expr::Value(Value::Text(b))) => same(a == b),
            (Expr::Value(Value::Bool(a)), Expr::Value(Value::Bool(b))) => same(a == b),
            (other, Expr::Value(value)) | (Expr::Value(value), other) => {
                let (term, ty) = term_of(other)?;
                match value {
                    Value::Bool(value) => Some(Self::Flag(term, *value == equal)),
                    Value::Text(text) => Some(Self::text(term, ty, BTreeSet::from([text.clone()]), equal)),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    fn text(term: Term, ty: Option<&Type>, these: BTreeSet<String>, among: bool) -> Self {
        let all = match ty {
            Some(Type::Literals(all)) => Some(TextSet::Among(all.iter().cloned().collect())),
            Some(_) | None => None,
        };
        Self::Text { term, all, these, among }
    }

    /// A comparison of linear forms; `None` if the operands are not linear.
    fn line(op: Comparison, a: &Expr, b: &Expr, whole: &impl Fn() -> Term) -> Option<Self> {
        let sum = Sum::of(a)?.difference(Sum::of(b)?)?;
        let exact = sum.low == sum.high;
        let (low, high) = (-sum.high, -sum.low);
        let Some(first) = sum.terms.values().next().copied() else {
            return Some(Self::Constant { holds: can_be(op, low, high), fails: can_be(op.opposite(), low, high) });
        };
        let terms = sum.terms.try_map(|count| count.checked_div(first))?;
        let (a_bound, other_bound) = (low.checked_div(first)?, high.checked_div(first)?);
        Some(Self::Range {
            line: (sum.unit, terms),
            op: if first.is_sign_negative() { op.mirrored() } else { op },
            low: a_bound.min(other_bound),
            high: a_bound.max(other_bound),
            whole: (!exact).then(whole),
        })
    }

    /// `city in ["Berlin", "Hamburg"]`; `None` if it cannot be analyzed.
    fn member(item: &Expr, list: &Expr) -> Option<Self> {
        let constants = constants(list)?;
        let texts: Option<BTreeSet<String>> = constants.iter().map(literal).collect();
        let of_text = term_of(item).filter(|(_, ty)| ty.is_some_and(Type::is_textual));
        match of_text.zip(texts) {
            Some(((term, ty), texts)) => Some(Self::text(term, ty, texts, true)),
            None => Self::one_of(item, &constants),
        }
    }

    /// Whether an item is one of some constants; `None` if there are too many or not all are constant.
    fn one_of(item: &Expr, constants: &[Expr]) -> Option<Self> {
        let sound = constants.len() <= MAX_ITEMS && constants.iter().all(|one| matches!(one, Expr::Value(_)));
        let equal = |one: &Expr| {
            let whole = || Term::whole(&equals(item, one));
            Self::compared(Comparison::Equal, item, one, &whole).unwrap_or_else(|| Self::Whole(whole()))
        };
        sound.then(|| Self::Any(constants.iter().map(equal).collect()))
    }
}

/// Whether zero can compare like this with some number between two bounds.
fn can_be(op: Comparison, low: Decimal, high: Decimal) -> bool {
    match op {
        Comparison::Less => Decimal::ZERO < high,
        Comparison::LessEqual => Decimal::ZERO <= high,
        Comparison::Greater => Decimal::ZERO > low,
        Comparison::GreaterEqual => Decimal::ZERO >= low,
        Comparison::Equal => low <= Decimal::ZERO && Decimal::ZERO <= high,
        Comparison::NotEqual => low != high || !low.is_zero(),
    }
}

/// A field or history query as a term, with its type if that restricts its values.
fn term_of(expr: &Expr) -> Option<(Term, Option<&Type>)> {
    if let Expr::Field(read) = expr {
        return Some((Term::of_field(read), Some(&read.ty)));
    }
    let Expr::History(history) = expr else { return None };
    let Some(Picked::Field(read)) = &history.query.field else { return None };
    Some((Term::of_history(history), Some(&read.ty)))
}

/// The items of a list literal or a constant list.
fn constants(list: &Expr) -> Option<Vec<Expr>> {
    if let Expr::List(items) = list {
        return Some(items.clone());
    }
    let Expr::Value(Value::List(items)) = list else { return None };
    Some(items.iter().cloned().map(Expr::Value).collect())
}

fn literal(expr: &Expr) -> Option<String> {
    if let Expr::Value(Value::Text(text)) = expr { Some(text.clone()) } else { None }
}
