//! Narrowing. In: a condition and its outcome. Out: the facts that follow from it.

use super::facts::{Fact, Facts, Lasting};
use crate::check::program::{Comparison, Expr, FieldRead, Function, History, Picked};
use crate::value::{Type, Value};

/// That the field of a read is known.
pub(in crate::check) fn known_fact(read: &FieldRead) -> Fact {
    Fact::Known(read.source.clone(), read.name.clone())
}

/// That a history expression is known; `None` if it covers a period, because time alone can remove its value.
pub(in crate::check) fn history_fact(history: &History) -> Option<Fact> {
    let query = &history.query;
    let lasting = Lasting {
        event: query.event.clone(),
        field: match &query.field {
            Some(Picked::Field(field)) => Some(field.name.clone()),
            Some(Picked::At) | None => None,
        },
        of_one: matches!(history.function, Function::First | Function::Last),
        filtered: query.filter.is_some(),
        live: !query.is_fixed(),
    };
    let question = || format!("{} {}", history.function.name(), query.id);
    history.last.is_none().then(|| Fact::History(question(), lasting))
}

/// What is known if a condition is true.
pub(in crate::check) fn when_true(condition: &Expr) -> Facts {
    known(condition, true)
}

/// What is known if a condition is false. A `later` field may have passed its deadline without a value, so it is not
/// known.
pub(in crate::check) fn when_false(condition: &Expr) -> Facts {
    let not_yet: Vec<&FieldRead> = condition.reads().into_iter().filter(|read| read.later.is_some()).collect();
    let mut facts = known(condition, false);
    facts.retain(|fact| !not_yet.iter().any(|read| fact.is_about(&read.source, &read.name)));
    facts
}

/// What is known if an expression has a value.
pub(in crate::check) fn when_known(expr: &Expr) -> Facts {
    known_fields(expr, true, |_| true)
}

fn known(condition: &Expr, truth: bool) -> Facts {
    match condition {
        Expr::Not(inner) => known(inner, !truth),
        Expr::And(a, b) | Expr::Or(a, b) => {
            let (a, b) = (known(a, truth), known(b, truth));
            let both = matches!(condition, Expr::And(..)) == truth;
            if both {
                let mut all = a;
                all.extend(b);
                all
            } else {
                a.common(&b)
            }
        }
        Expr::IsKnown(inner) => {
            if truth {
                when_known(inner)
            } else {
                // A missing field has none of its possible values.
                field_values(inner)
                    .into_iter()
                    .flat_map(|(read, all)| all.into_iter().map(|value| excluded(read, value)))
                    .collect()
            }
        }
        // A test of a missing value is false; a test of a `later` value waits until it is known.
        other => {
            let mut facts = known_fields(other, truth, |read| truth || read.later.is_some());
            facts.extend(ruled_out(other, truth));
            facts
        }
    }
}

/// The values of a type that has only a few.
pub(in crate::check) fn enumerable_values(ty: &Type) -> Option<Vec<Value>> {
    match ty {
        Type::Literals(texts) => Some(texts.iter().cloned().map(Value::Text).collect()),
        Type::Bool => Some(vec![Value::Bool(true), Value::Bool(false)]),
        Type::Text
        | Type::Number
        | Type::Money
        | Type::Date
        | Type::Anniversary
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Phone
        | Type::Email
        | Type::Url
        | Type::List(_) => None,
    }
}

/// The possible values of a field, if there are only a few.
pub(in crate::check) fn field_values(expr: &Expr) -> Option<(&FieldRead, Vec<String>)> {
    let Expr::Field(read) = expr else { return None };
    let values = enumerable_values(&read.ty)?.into_iter().filter_map(|value| value_name(&Expr::Value(value)));
    Some((read, values.collect()))
}

/// A value in the form of [`Fact::Excluded`](super::facts::Fact::Excluded).
pub(in crate::check) fn value_name(expr: &Expr) -> Option<String> {
    match expr {
        Expr::Value(Value::Text(text)) => Some(text.clone()),
        Expr::Value(Value::Bool(value)) => Some(value.to_string()),
        _ => None,
    }
}

pub(in crate::check) fn excluded(read: &FieldRead, value: String) -> Fact {
    Fact::Excluded(read.source.clone(), read.name.clone(), value)
}

/// The values that the outcome of a test rules out.
fn ruled_out(question: &Expr, truth: bool) -> Vec<Fact> {
    let (item, named, holds) = match question {
        Expr::Field(_) => (question, vec![true.to_string()], truth),
        Expr::Compare(op @ (Comparison::Equal | Comparison::NotEqual), a, b) => {
            let (field, value) = if value_name(a).is_some() { (b, a) } else { (a, b) };
            let Some(value) = value_name(value) else { return Vec::new() };
            (&**field, vec![value], truth == (*op == Comparison::Equal))
        }
        Expr::In(item, list) => {
            let named = match &**list {
                Expr::List(items) => items.iter().map(value_name).collect::<Option<Vec<_>>>(),
                Expr::Value(Value::List(items)) => {
                    items.iter().map(|item| value_name(&Expr::Value(item.clone()))).collect()
                }
                _ => None,
            };
            let Some(named) = named else { return Vec::new() };
            (&**item, named, truth)
        }
        _ => return Vec::new(),
    };
    let Some((read, all)) = field_values(item) else { return Vec::new() };
    all.into_iter().filter(|value| named.contains(value) != holds).map(|value| excluded(read, value)).collect()
}

fn known_fields(expr: &Expr, pasts: bool, wanted: impl Fn(&FieldRead) -> bool) -> Facts {
    let mut facts = Facts::new();
    let mut open = vec![expr];
    while let Some(expr) = open.pop() {
        match expr {
            Expr::Field(read) if wanted(read) => {
                facts.insert(known_fact(read));
            }
            Expr::History(history) if pasts => facts.extend(history_fact(history)),
            // A text has a value even if its placeholders have none.
            Expr::Text(_) => {}
            // So has a date, even if the place has no time zone of its own.
            Expr::DateOf(moment, _) => open.push(moment),
            other => open.extend(other.children()),
        }
    }
    facts
}
