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
    ) -> Option<Filter> {
        let name = filter.name.node.as_str();
        if !FILTERS.contains(&name) {
            *held = None;
            return self.fail(unknown_filter(filter));
        }
        self.record_builtin(BuiltinKind::Filter, &filter.name);
        let checked = match name {
            "default" => return self.default(scope, filter, held),
            "plural" => self.plural(scope, filter, held),
            "join" => self.join(scope, filter, held),
            "round" => self.round(scope, filter, held),
            _ => self.plain_filter(filter, name, held),
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
        let date =
            |style| (Filter::Date(style), matches!(ty, Type::DateTime | Type::Date), say!("`datetime` or `date`"));
        let time = |clock| (clock, matches!(ty, Type::DateTime | Type::Time), say!("`datetime` or `time`"));
        let text = |form| (form, ty.is_textual(), type_name(&Type::Text));
        let (form, takes, wanted) = match name {
            "time" => time(Filter::Time),
            "time12" => time(Filter::Time12),
            "date" => date(DateStyle::Date),
            "short_date" => date(DateStyle::Short),
            "long_date" => date(DateStyle::Long),
            "day" => date(DateStyle::Day),
            "weekday" => date(DateStyle::Weekday),
            "money" => (Filter::Money, *ty == Type::Money, type_name(&Type::Money)),
            "first_name" => text(Filter::FirstName),
            "upper" => text(Filter::Upper),
            "lower" => text(Filter::Lower),
            "urlencode" => text(Filter::UrlEncode),
            _ => text(Filter::Capitalize),
        };
        self.takes(filter, held, takes, wanted)?;
        let now = held.as_mut()?;
        let is_zoned = now.ty == Type::DateTime;
        now.ty = Type::Text;
        if is_zoned {
            self.needs_zone(filter.span, say!("a date and time in text"));
        }
        Some(form)
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
            return self.fail(finding.help(say!("use a value of type `{ty}`, or a string", ty = now_type)));
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
