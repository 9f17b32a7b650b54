//! The longest possible value of a text with placeholders. In: a text and assumptions. Out: the alternatives of each
//! part, and the combination that takes the most.

use super::alphabet::{Coding, coding, is_simple, length, segments};
use crate::check::MessageSettings;
use crate::check::program::{Arithmetic, Expr, FieldRead, Filter, Function, Part, Source};
use crate::markup;
use crate::value::{CivilDate, DateStyle, Decimal, Money, TimeOfDay, Type, Value, Wording, first_name};

/// Limit: the most alternatives; beyond that only those that can be the longest are kept.
const MAX_ALTERNATIVES: usize = 64;

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Piece {
    /// At least one.
    pub(super) alternatives: Vec<Alternative>,
    /// Whether it is a placeholder, or a conditional part.
    pub(super) is_placeholder: bool,
}

/// A possible value of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Alternative {
    pub(super) text: String,
    /// Whether its length is an assumption.
    pub(super) assumed: bool,
    /// Whether it is literal text of the message.
    pub(super) written: bool,
}

/// A text at its longest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Longest<'p> {
    /// The alternative of each part.
    pub(super) chosen: Vec<&'p Alternative>,
    pub(super) text: String,
    pub(super) coding: Coding,
    pub(super) segments: usize,
}

impl<'p> Longest<'p> {
    /// Finds the longest combination. A single character outside of the GSM alphabet makes the whole text UCS-2, so the
    /// longest text with such a character and the longest without are compared.
    pub(super) fn of(pieces: &'p [Piece]) -> Self {
        let all = |coding: Coding| -> Vec<&'p Alternative> {
            pieces.iter().filter_map(|piece| piece.longest(coding, |_| true)).collect()
        };
        let plain: Vec<&Alternative> =
            pieces.iter().filter_map(|piece| piece.longest(Coding::Gsm, |one| !one.is_foreign())).collect();
        let plain = (plain.len() == pieces.len()).then_some(plain);
        let mut foreign = Some(all(Coding::Ucs2));
        if let Some(longest) = foreign.as_mut().filter(|longest| !longest.iter().any(|one| one.is_foreign())) {
            // The part where such a character shortens the text the least.
            let costs = pieces.iter().zip(longest.iter()).enumerate().filter_map(|(at, (piece, longest))| {
                let other = piece.longest(Coding::Ucs2, Alternative::is_foreign)?;
                Some((length(&longest.text, Coding::Ucs2) - length(&other.text, Coding::Ucs2), at, other))
            });
            match costs.min_by_key(|(cost, at, _)| (*cost, *at)) {
                Some((_, at, other)) => longest.iter_mut().skip(at).take(1).for_each(|one| *one = other),
                None => foreign = None,
            }
        }
        let candidates = [plain, foreign].into_iter().flatten().map(Self::made);
        candidates.max_by_key(Self::fullness).unwrap_or_else(|| Self::made(Vec::new()))
    }

    fn made(chosen: Vec<&'p Alternative>) -> Self {
        let text: String = chosen.iter().map(|one| one.text.as_str()).collect();
        let coding = coding(&text);
        Self { segments: segments(&text, coding), chosen, text, coding }
    }

    /// The segments, and how full they are.
    fn fullness(&self) -> (usize, usize) {
        (self.segments, length(&self.text, self.coding).saturating_mul(1000) / self.coding.capacity(self.segments))
    }
}

impl Piece {
    fn text(text: &str) -> Self {
        Self { alternatives: vec![Alternative::written(text)], is_placeholder: false }
    }

    fn longest(&self, coding: Coding, wanted: impl Fn(&Alternative) -> bool) -> Option<&Alternative> {
        let wanted = self.alternatives.iter().filter(|one| wanted(one));
        // The first of several with the same length.
        wanted.rev().max_by_key(|one| length(&one.text, coding))
    }
}

impl Alternative {
    fn written(text: &str) -> Self {
        Self { text: text.to_owned(), assumed: false, written: true }
    }

    fn of(text: String, assumed: bool) -> Self {
        Self { text, assumed, written: false }
    }

    /// Whether it has a character outside of the GSM alphabet.
    pub(super) fn is_foreign(&self) -> bool {
        coding(&self.text) == Coding::Ucs2
    }

    fn then(&self, other: &Self) -> Self {
        Self {
            text: format!("{}{}", self.text, other.text),
            assumed: self.assumed || other.assumed,
            written: self.written && other.written,
        }
    }
}

/// Returns the most UCS-2 units of a text; `None` if characters may join.
pub(super) fn simple_units(pieces: &[Piece]) -> Option<usize> {
    let most = |piece: &Piece| {
        let units = piece.alternatives.iter().map(|one| is_simple(&one.text).then(|| length(&one.text, Coding::Ucs2)));
        units.collect::<Option<Vec<_>>>().map(|units| units.into_iter().max().unwrap_or(0))
    };
    pieces.iter().map(most).sum()
}

/// Returns the parts of a text.
pub(super) fn pieces(settings: &MessageSettings, text: &Expr) -> Vec<Piece> {
    match text {
        Expr::Text(parts) => parts.iter().map(|part| piece(settings, part)).collect(),
        Expr::Value(Value::Text(text)) => vec![Piece::text(text)],
        other => vec![piece(settings, &Part::Placeholder(other.clone(), Vec::new()))],
    }
}

fn piece(settings: &MessageSettings, part: &Part) -> Piece {
    let (expr, filters) = match part {
        Part::Text(text) => return Piece::text(text),
        Part::If { branches, otherwise } => {
            let branches = Part::alternatives(branches, otherwise);
            let alternatives = branches.flat_map(|parts| joined_parts(settings, parts)).collect();
            return Piece { alternatives: longest_of(alternatives), is_placeholder: true };
        }
        Part::Placeholder(expr, filters) => (expr, filters),
    };
    let mut all = of_expr(settings, expr);
    for filter in filters {
        let change = |change: &dyn Fn(&str) -> String| {
            let changed = |one: &Alternative| Alternative { text: change(&one.text), ..one.clone() };
            all.iter().map(changed).collect()
        };
        all = match filter {
            Filter::Default(other) => all.into_iter().chain(of_expr(settings, other)).collect(),
            Filter::Time => exact([TIME.to_owned()]),
            Filter::Time12 => exact(times12(settings)),
            Filter::Date(style) => exact(dates(settings, *style)),
            Filter::Plural(_, words) => words.iter().flat_map(|word| of_expr(settings, word)).collect(),
            Filter::Join(separators) => joined(settings, expr, separators).unwrap_or(all),
            Filter::FirstName => change(&|text| first_name(text).to_owned()),
            Filter::UrlEncode => change(&|text| markup::encode(markup::EscapeContext::LinkQuery, text)),
            Filter::Upper => change(&|text| text.to_uppercase()),
            Filter::Lower => change(&|text| text.to_lowercase()),
            Filter::Capitalize => change(&capitalized),
            Filter::Money | Filter::Round(_) | Filter::Clock(_) | Filter::Safe(_) => all,
        };
    }
    Piece { alternatives: all, is_placeholder: true }
}

fn capitalized(text: &str) -> String {
    let mut rest = text.chars();
    rest.next().map_or_else(String::new, |first| first.to_uppercase().chain(rest).collect())
}

/// All concatenations of two sets of alternatives.
fn followed(all: &[Alternative], others: &[Alternative]) -> Vec<Alternative> {
    longest_of(all.iter().flat_map(|one| others.iter().map(|other| one.then(other))).collect())
}

/// All concatenations of the alternatives of some parts.
fn joined_parts(settings: &MessageSettings, parts: &[Part]) -> Vec<Alternative> {
    let joined = |before: Vec<Alternative>, part| followed(&before, &piece(settings, part).alternatives);
    parts.iter().fold(vec![Alternative::written("")], joined)
}

/// All alternatives, or those that can be the longest if there are too many.
fn longest_of(all: Vec<Alternative>) -> Vec<Alternative> {
    if all.len() <= MAX_ALTERNATIVES {
        return all;
    }
    let all = Piece { alternatives: all, is_placeholder: true };
    let kept = [
        all.longest(Coding::Gsm, |one| !one.is_foreign()),
        all.longest(Coding::Ucs2, |one| !one.is_foreign()),
        all.longest(Coding::Ucs2, Alternative::is_foreign),
    ];
    kept.into_iter().flatten().cloned().collect()
}

const TIME: &str = "23:59";

/// Texts of known length.
fn exact(texts: impl IntoIterator<Item = String>) -> Vec<Alternative> {
    texts.into_iter().map(|text| Alternative::of(text, false)).collect()
}

fn wording(settings: &MessageSettings) -> Wording {
    Wording::of(settings.language.as_deref().unwrap_or("en"))
}

/// The dates of a year that can be the longest: in each month a day of two digits, and all weekdays where these are
/// written.
fn dates(settings: &MessageSettings, style: DateStyle) -> Vec<String> {
    let days = match style {
        DateStyle::Date | DateStyle::Short | DateStyle::Day => 30..=30,
        DateStyle::Long => 20..=26,
        DateStyle::Weekday => 1..=7,
    };
    let months = if style == DateStyle::Weekday { 1..=1 } else { 1..=12 };
    let dates = months.flat_map(|month| {
        days.clone().filter_map(move |day| CivilDate::new(2026, month, day.min(if month == 2 { 28 } else { day })))
    });
    let mut texts = wording(settings).dates(style, &dates.collect::<Vec<_>>());
    texts.sort();
    texts.dedup();
    texts
}

fn times12(settings: &MessageSettings) -> Vec<String> {
    let times = [11, 23].into_iter().filter_map(|hour| TimeOfDay::new(hour, 59, 0));
    times.map(|time| wording(settings).time12(time)).collect()
}

/// An amount of millions, in the project's currency or by the code of another.
fn money(settings: &MessageSettings) -> Vec<String> {
    let currencies = ["EUR".to_owned(), "CHF".to_owned()].into_iter().chain(settings.currency.clone());
    let amount = large_amount();
    currencies.map(|currency| wording(settings).money(&Money { amount, currency })).collect()
}

/// The longest number that is expected.
fn large_amount() -> Decimal {
    Decimal::new(-999_999_999, 2)
}

/// The items of a list with the separators of `join`.
fn joined(settings: &MessageSettings, list: &Expr, separators: &[Expr]) -> Option<Vec<Alternative>> {
    let separator = separators.last()?;
    let Some(Type::List(of)) = kind(list) else { return None };
    let items = of_type(settings, &of);
    let between = of_expr(settings, separator);
    Some(followed(&followed(&items, &between), &items))
}

/// The possible values of an expression.
fn of_expr(settings: &MessageSettings, expr: &Expr) -> Vec<Alternative> {
    match expr {
        Expr::Value(Value::Text(text)) => vec![Alternative::written(text)],
        Expr::Value(value) => exact(of_value(settings, value)),
        Expr::Text(parts) => joined_parts(settings, parts),
        Expr::Field(read) => of_field(settings, read),
        Expr::Arithmetic(Arithmetic::Add, left, right) if is_text(left) || is_text(right) => {
            followed(&of_expr(settings, left), &of_expr(settings, right))
        }
        other => match kind(other) {
            Some(ty) => of_type(settings, &ty),
            None => vec![Alternative::of(filler(settings.sms.assume), true)],
        },
    }
}

fn of_field(settings: &MessageSettings, read: &FieldRead) -> Vec<Alternative> {
    match (&read.source, settings.business.get(&read.name)) {
        (Source::Business, Some(words)) => vec![Alternative::of(words.clone(), false)],
        (Source::Business | Source::Client | Source::Event(_), _) => of_type(settings, &read.ty),
    }
}

/// The text of a written value. An amount can change by filters and is as long as any.
fn of_value(settings: &MessageSettings, value: &Value) -> Vec<String> {
    match value {
        Value::Text(text) => vec![text.clone()],
        Value::Bool(_) => vec!["yes".to_owned()],
        Value::Number(number) => vec![wording(settings).number(*number)],
        Value::Money(_) => money(settings),
        Value::Date(_) => dates(settings, DateStyle::Date),
        Value::Time(time) => vec![time.to_string()],
        Value::Civil(_) | Value::DateTime(_) => moments(settings),
        Value::Duration(duration) => vec![duration.to_string()],
        Value::List(items) => {
            let longest = |item| of_value(settings, item).into_iter().max_by_key(String::len).unwrap_or_default();
            vec![items.iter().map(longest).collect::<Vec<_>>().join(", ")]
        }
    }
}

fn moments(settings: &MessageSettings) -> Vec<String> {
    dates(settings, DateStyle::Date).into_iter().map(|date| format!("{date} {TIME}")).collect()
}

fn of_type(settings: &MessageSettings, ty: &Type) -> Vec<Alternative> {
    let one = |text: &str, assumed| vec![Alternative::of(text.to_owned(), assumed)];
    match ty {
        Type::Text | Type::Email => one(&filler(settings.sms.assume), true),
        Type::Url => one(&filler(settings.sms.assume_url), true),
        // E.164: a plus and fifteen digits.
        Type::Phone => one("+123456789012345", false),
        Type::Number => one(&wording(settings).number(large_amount()), false),
        Type::Bool => one("yes", false),
        Type::Money => exact(money(settings)),
        Type::Date | Type::Anniversary => exact(dates(settings, DateStyle::Date)),
        Type::Time => one(TIME, false),
        Type::DateTime => exact(moments(settings)),
        Type::Duration => one("99d23h59m59s", false),
        Type::List(of) => {
            let (items, comma) = (of_type(settings, of), [Alternative::of(", ".to_owned(), true)]);
            followed(&followed(&items, &comma), &items)
        }
        Type::Literals(texts) if texts.is_empty() => one("", false),
        Type::Literals(texts) => texts.iter().map(|text| Alternative::of(text.clone(), false)).collect(),
    }
}

/// Characters of the GSM alphabet in place of an unknown value.
fn filler(length: u32) -> String {
    "x".repeat(usize::try_from(length).unwrap_or(0).min(10_000))
}

fn is_text(expr: &Expr) -> bool {
    kind(expr).is_some_and(|ty| ty.is_textual())
}

/// The type of an expression, as far as it determines the length of its value.
fn kind(expr: &Expr) -> Option<Type> {
    match expr {
        Expr::Field(read) => Some(read.ty.of_values()),
        Expr::Text(_) | Expr::Value(Value::Text(_)) => Some(Type::Text),
        Expr::Value(Value::Number(_)) => Some(Type::Number),
        Expr::Value(Value::Money(_)) => Some(Type::Money),
        Expr::Value(Value::Duration(_)) => Some(Type::Duration),
        Expr::Now => Some(Type::DateTime),
        Expr::Day { at: Some(_), .. } | Expr::AtTime(..) => Some(Type::DateTime),
        Expr::Day { at: None, .. } | Expr::Yearly(..) | Expr::DateOf(..) => Some(Type::Date),
        Expr::Negate(of) => kind(of),
        Expr::Arithmetic(op, left, right) => sum(*op, kind(left), kind(right)),
        Expr::History(history) => match (history.function, &history.query.field) {
            (Function::Any | Function::None, _) => Some(Type::Bool),
            (Function::Count, _) => Some(Type::Number),
            (_, Some(picked)) => Some(picked.ty().clone()),
            (_, None) => None,
        },
        Expr::Not(_)
        | Expr::And(..)
        | Expr::Or(..)
        | Expr::Compare(..)
        | Expr::In(..)
        | Expr::Contains(..)
        | Expr::StartsWith(..)
        | Expr::Matches(..)
        | Expr::IsKnown(_)
        | Expr::InFunnel(_) => Some(Type::Bool),
        Expr::Value(_) | Expr::List(_) | Expr::Range(..) => None,
    }
}

/// The type of a sum, difference, product or quotient.
fn sum(op: Arithmetic, left: Option<Type>, right: Option<Type>) -> Option<Type> {
    let (left, right) = (left?, right?);
    Some(match (op, left, right) {
        (Arithmetic::Divide, Type::Money, Type::Money) => Type::Number,
        (Arithmetic::Subtract, Type::DateTime, Type::DateTime) => Type::Duration,
        (_, Type::Duration, other) | (_, other, Type::Duration) if other != Type::Number => other,
        (_, Type::Money, _) | (_, _, Type::Money) => Type::Money,
        (_, left, _) => left,
    })
}
