//! Filters of placeholders. In: a filter, and the value before it. Out: the filter for its type, and the value after it.

use super::text::PlaceholderValue;
use crate::check::checker::{Checker, unknown};
use crate::check::prelude::FILTERS;
use crate::check::program::{Expr, Filter};
use crate::check::scope::Scope;
use crate::check::symbol::BuiltinKind;
use crate::check::types::{Missing, fits, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::syntax::ast;
use crate::value::{DateStyle, Decimal, Type, Value, Wording};

/// Filters of other template languages, with the filter for the same thing here.
const FOREIGN_FILTERS: [(&str, &str); 18] = [
    ("upcase", "upper"),
    ("uppercase", "upper"),
    ("downcase", "lower"),
    ("lowercase", "lower"),
    ("title", "capitalize"),
    ("titlecase", "capitalize"),
    ("url_encode", "urlencode"),
    ("escape_uri", "urlencode"),
    ("pluralize", "plural"),
    ("strftime", "date"),
    ("format_date", "date"),
    ("day_of_week", "weekday"),
    ("dayname", "weekday"),
    ("ceil", "round"),
    ("floor", "round"),
    ("fallback", "default"),
    ("currency", "money"),
    ("firstname", "first_name"),
];

/// The most digits after the point that a number is rounded to.
const MOST_DIGITS: u32 = 9;

impl Checker<'_> {
    /// One filter. `held` is `None` after an error; the remaining filters are still checked.
    pub(super) fn filter(
        &mut self,
        scope: &Scope,
        filter: &ast::Filter,
        held: &mut Option<PlaceholderValue>,
    ) -> Option<Vec<Filter>> {
        let name = filter.name.node.as_str();
        if !FILTERS.contains(&name) {
            *held = None;
            return self.fail(unknown_filter(filter));
        }
        self.record_builtin(BuiltinKind::Filter, &filter.name);
        let one = |filter: Option<Filter>| filter.map(|filter| vec![filter]);
        let checked = match name {
            "default" => return one(self.default(scope, filter, held)),
            "plural" => one(self.plural(scope, filter, held)),
            "join" => one(self.join(scope, filter, held)),
            "round" => one(self.round(scope, filter, held)),
            "time" | "time12" | "date" | "short_date" | "long_date" | "day" | "weekday" => {
                self.moment_filter(scope, filter, held)
            }
            _ => one(self.plain_filter(filter, name, held)),
        };
        if checked.is_none() {
            *held = None;
        }
        checked
    }

    /// A filter without arguments.
    fn plain_filter(
        &mut self,
        filter: &ast::Filter,
        name: &str,
        held: &mut Option<PlaceholderValue>,
    ) -> Option<Filter> {
        if let Some(arg) = filter.args.first() {
            let message = say!("filter `{name}` has no arguments", name);
            let finding = Diagnostic::new(Code::WrongFilterInput, arg.span, message, say!("unexpected argument"));
            return self.fail(finding.help(say!("write `| {name}`", name)));
        }
        let ty = &held.as_ref()?.ty;
        let (form, takes, wanted) = match name {
            "money" => (Filter::Money, *ty == Type::Money, type_name(&Type::Money)),
            "first_name" => (Filter::FirstName, ty.is_textual(), type_name(&Type::Text)),
            "upper" => (Filter::Upper, ty.is_textual(), type_name(&Type::Text)),
            "lower" => (Filter::Lower, ty.is_textual(), type_name(&Type::Text)),
            "urlencode" => (Filter::UrlEncode, ty.is_textual(), type_name(&Type::Text)),
            _ => (Filter::Capitalize, ty.is_textual(), type_name(&Type::Text)),
        };
        self.takes(filter, held, takes, wanted)?;
        held.as_mut()?.ty = Type::Text;
        Some(form)
    }

    /// `time`, `date(client.timezone)`: a moment, on the clock that is named or that it belongs to.
    fn moment_filter(
        &mut self,
        scope: &Scope,
        filter: &ast::Filter,
        held: &mut Option<PlaceholderValue>,
    ) -> Option<Vec<Filter>> {
        let named = self.named_clock(scope, filter)?;
        let ty = &held.as_ref()?.ty;
        let (is_date, is_time) = (matches!(ty, Type::DateTime | Type::Date), matches!(ty, Type::DateTime | Type::Time));
        let name = filter.name.node.as_str();
        let (form, takes, wanted) = match name {
            "time" => (Filter::Time, is_time, say!("`datetime` or `time`")),
            "time12" => (Filter::Time12, is_time, say!("`datetime` or `time`")),
            "short_date" => (Filter::Date(DateStyle::Short), is_date, say!("`datetime` or `date`")),
            "long_date" => (Filter::Date(DateStyle::Long), is_date, say!("`datetime` or `date`")),
            "day" => (Filter::Date(DateStyle::Day), is_date, say!("`datetime` or `date`")),
            "weekday" => (Filter::Date(DateStyle::Weekday), is_date, say!("`datetime` or `date`")),
            _ => (Filter::Date(DateStyle::Date), is_date, say!("`datetime` or `date`")),
        };
        self.takes(filter, held, takes, wanted)?;
        let now = held.as_mut()?;
        if std::mem::replace(&mut now.ty, Type::Text) != Type::DateTime {
            return Some(vec![form]);
        }
        self.needs_zone(filter.span, say!("a date and time in text"));
        if named.is_none()
            && let Some(clock) = &now.place
            && !matches!(form, Filter::Date(_))
        {
            self.warn_whose_clock(clock, filter.span, &format!("{name}(@)"));
        }
        let clock = named.or_else(|| now.place.take());
        Some(clock.map(Filter::Clock).into_iter().chain([form]).collect())
    }

    /// Reports a value of another type than a filter takes.
    fn takes(
        &mut self,
        filter: &ast::Filter,
        held: &Option<PlaceholderValue>,
        takes: bool,
        wanted: Phrase,
    ) -> Option<()> {
        let now = held.as_ref()?;
        if takes && !now.mixed {
            return Some(());
        }
        let name = filter.name.node.as_str();
        let given = if now.mixed { say!("a value or the text of `default`") } else { type_name(&now.ty) };
        let message = say!("filter `{name}` expects {wanted}, found {given}", name, wanted, given);
        let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, say!("wrong type for this filter"));
        self.fail(if now.mixed { finding.help(say!("put `default` last")) } else { finding })
    }

    /// `round`, `round(1)`
    fn round(&mut self, scope: &Scope, filter: &ast::Filter, held: &Option<PlaceholderValue>) -> Option<Filter> {
        let digits = match filter.args.as_slice() {
            [] => Some(0),
            [digits] => match self.value(scope, digits)?.expr {
                Expr::Value(Value::Number(number)) if number.is_integer() => {
                    (0..=MOST_DIGITS).find(|digits| Decimal::from(*digits) == number)
                }
                _ => None,
            },
            _ => None,
        };
        let Some(digits) = digits else {
            let message =
                say!("filter `round` takes the number of digits after the point, 0 to {most}", most = MOST_DIGITS);
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, say!("not a number of digits"));
            return self.fail(finding.help(say!("write `round`, or `round(1)` for 4.5")));
        };
        let takes = held.as_ref().is_some_and(|now| matches!(now.ty, Type::Number | Type::Money));
        self.takes(filter, held, takes, say!("`number` or `money`"))?;
        Some(Filter::Round(digits))
    }

    /// `plural("day", "days")`: one word for each plural form of the project's language.
    fn plural(&mut self, scope: &Scope, filter: &ast::Filter, held: &mut Option<PlaceholderValue>) -> Option<Filter> {
        let words = self.texts(scope, filter)?;
        let wording = Wording::of(self.context.messages.language.as_deref().unwrap_or("en"));
        let (forms, examples) = (wording.plural_forms(), wording.plural_examples());
        if words.len() != forms.len() {
            let (language, count) = (wording.language(), words.len());
            let message = say!(
                "filter `plural` takes {wanted} in the language `{language}`, found {count}",
                wanted = word_count(forms.len()),
                language,
                count
            );
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, say!("wrong number of words"));
            let numbers = examples.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
            let finding = finding.help(say!("write the words for {numbers}, in this order", numbers));
            return self.fail(finding.help(say!("the language is `language` in funnel.toml")));
        }
        let takes = held.as_ref().is_some_and(|now| now.ty == Type::Number);
        self.takes(filter, held, takes, type_name(&Type::Number))?;
        held.as_mut()?.ty = Type::Text;
        Some(Filter::Plural(wording.code(), words))
    }

    /// `join`, `join(", ")`, `join(", ", " and ")`
    fn join(&mut self, scope: &Scope, filter: &ast::Filter, held: &mut Option<PlaceholderValue>) -> Option<Filter> {
        let separators = self.texts(scope, filter)?;
        if separators.len() > 2 {
            let message = say!("filter `join` takes at most two arguments, found {count}", count = separators.len());
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, say!("too many arguments"));
            return self
                .fail(finding.help(say!("write `join(\", \", \" and \")`: the second one is before the last item")));
        }
        let takes = held.as_ref().is_some_and(|now| matches!(now.ty, Type::List(_)));
        self.takes(filter, held, takes, say!("a list"))?;
        held.as_mut()?.ty = Type::Text;
        Some(Filter::Join(separators))
    }

    /// The arguments of a filter, which must be texts.
    fn texts(&mut self, scope: &Scope, filter: &ast::Filter) -> Option<Vec<Expr>> {
        let place = say!("an argument of `{name}`", name = filter.name.node);
        let texts: Vec<Option<Expr>> =
            filter.args.iter().map(|arg| Some(self.value_of(scope, arg, &Type::Text, &place)?.expr)).collect();
        texts.into_iter().collect()
    }

    fn default(&mut self, scope: &Scope, filter: &ast::Filter, held: &mut Option<PlaceholderValue>) -> Option<Filter> {
        let [arg] = filter.args.as_slice() else {
            let message =
                say!("filter `default` takes one argument, found {count}", count = filter.args.len().to_string());
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, say!("expected one argument"));
            *held = None;
            return self.fail(finding.help(say!("write `default(\"friend\")`")));
        };
        let Some(other) = self.value(scope, arg) else {
            *held = None;
            return None;
        };
        let now = held.as_mut()?;
        if fits(&other.ty, &now.ty) || (other.ty.is_textual() && now.ty.is_textual()) {
            now.missing = Missing::Never;
        } else if other.ty.is_textual() {
            (now.missing, now.mixed) = (Missing::Never, true);
        } else {
            let now_type = now.ty.to_string();
            let message = say!(
                "filter `default` expects {what}, found {other}",
                what = type_name(&now.ty),
                other = type_name(&other.ty)
            );
            let finding = Diagnostic::new(
                Code::WrongFilterInput,
                arg.span,
                message,
                say!("is {what}", what = type_name(&other.ty)),
            );
            *held = None;
            let written = self.slice(arg.span);
            return self.fail(match arg.kind {
                ast::ExprKind::Number(_) | ast::ExprKind::Time(_) | ast::ExprKind::Date(_) => {
                    let quoted = format!("\"{written}\"");
                    finding.help(say!("write `{right}`", right = format!("default({quoted})"))).guess(
                        say!("change it to `{right}`", right = &quoted),
                        arg.span,
                        quoted,
                    )
                }
                _ => finding.help(say!("use a value of type `{ty}`, or a string", ty = now_type)),
            });
        }
        Some(Filter::Default(other.expr))
    }
}

fn word_count(count: usize) -> Phrase {
    if count == 1 { say!("1 word") } else { say!("{count} words", count) }
}

fn unknown_filter(filter: &ast::Filter) -> Diagnostic {
    let (name, span) = (filter.name.node.as_str(), filter.name.span);
    let message = say!("unknown filter `{name}`", name);
    let lower = name.to_lowercase();
    if let Some((_, near)) = FOREIGN_FILTERS.iter().find(|(foreign, _)| *foreign == lower) {
        let finding = Diagnostic::new(Code::UnknownFilter, span, message, say!("not found"));
        let title = say!("change `{wanted}` to `{near}`", wanted = name, near = *near);
        return finding.help(say!("did you mean `{near}`?", near = *near)).guess(title, span, *near);
    }
    let finding = unknown(Code::UnknownFilter, span, name, message, FILTERS);
    if finding.help.is_empty() {
        return finding.help(say!("available filters: {names}", names = FILTERS.join(", ")));
    }
    finding
}
