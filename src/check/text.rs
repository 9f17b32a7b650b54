//! Texts with holes. In: a text and what is in scope. Out: a text expression whose filters fit what they are put on.

use super::checker::{Checker, unknown};
use super::names::Scope;
use super::program::{Expr, Filter, Part};
use super::types::{Missing, Typed, a, fits};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast;
use crate::value::{Type, Value};

/// The filters of the language.
const FILTERS: [&str; 7] = ["default", "time", "date", "money", "upper", "lower", "capitalize"];

/// What is in a hole after some of its filters.
struct Held {
    ty: Type,
    missing: Missing,
    /// Whether a `default` put in a text instead of a value of another type.
    mixed: bool,
}

impl Checker<'_> {
    /// `"Hello {{ client.name | default("friend") }}"`
    pub(super) fn text(&mut self, scope: &Scope, text: &ast::Text) -> Option<Typed> {
        if let Some(plain) = text.plain() {
            return Some(Typed::literal(Value::Text(plain), Type::Text));
        }
        // A hole shows what is there when the text is made; it does not wait for what is told later.
        let scope = scope.asking(false);
        let parts: Vec<Option<Part>> = text
            .parts
            .iter()
            .map(|part| match part {
                ast::TextPart::Text(text) => Some(Part::Text(text.node.clone())),
                ast::TextPart::Hole(hole) => self.hole(&scope, hole),
            })
            .collect();
        let parts: Vec<Part> = parts.into_iter().collect::<Option<_>>()?;
        let constant = parts.iter().all(|part| matches!(part, Part::Text(_)));
        Some(Typed { expr: Expr::Text(parts), ty: Type::Text, missing: Missing::Never, constant })
    }

    /// `{{ client.name | default("friend") }}`
    pub(super) fn hole(&mut self, scope: &Scope, hole: &ast::Hole) -> Option<Part> {
        let value = self.expr(scope, &hole.expr);
        let mut held = value.as_ref().map(|v| Held { ty: v.ty.clone(), missing: v.missing, mixed: false });
        let mut filters = Vec::new();
        for filter in &hole.filters {
            filters.extend(self.filter(scope, filter, &mut held));
        }
        let (value, held) = (value?, held?);
        if filters.len() != hole.filters.len() {
            return None;
        }
        if held.missing != Missing::Never {
            let finding = self.missing_in_text(hole, &held);
            return self.fail(finding);
        }
        if held.ty == Type::DateTime {
            self.needs_zone(hole.span, "a date and time in a text");
        }
        Some(Part::Hole(value.expr, filters))
    }

    fn missing_in_text(&self, hole: &ast::Hole, held: &Held) -> Diagnostic {
        let name = self.slice(hole.expr.span);
        let (message, label) = match held.missing {
            Missing::Untold => (format!("`{name}` may not be told yet"), "is told later"),
            Missing::Optional | Missing::Never => (format!("`{name}` may be missing"), "may be missing"),
        };
        Diagnostic::new(Code::MaybeMissing, hole.expr.span, message, label)
            .help(format!("say what stands there instead: `{{{{ {name} | default(\"..\") }}}}`"))
            .help(format!("or ask first: `if {name} is known {{ .. }}`"))
    }

    /// One filter. `held` is `None` once the hole has a fault; the filters after it are still looked at by themselves.
    fn filter(&mut self, scope: &Scope, filter: &ast::Filter, held: &mut Option<Held>) -> Option<Filter> {
        let name = filter.name.node.as_str();
        if !FILTERS.contains(&name) {
            let message = format!("there is no filter `{name}`");
            let mut finding = unknown(Code::UnknownFilter, filter.name.span, name, message, FILTERS);
            if finding.help.is_empty() {
                finding = finding.help(format!("the filters are {}", FILTERS.join(", ")));
            }
            *held = None;
            return self.fail(finding);
        }
        if name == "default" {
            return self.default(scope, filter, held);
        }
        if let Some(arg) = filter.args.first() {
            let message = format!("the filter `{name}` takes nothing in parentheses");
            let finding = Diagnostic::new(Code::WrongFilterInput, arg.span, message, "not taken");
            *held = None;
            return self.fail(finding.help(format!("write `| {name}`")));
        }
        self.form(filter, name, held)
    }

    /// A filter that writes a value in some form.
    fn form(&mut self, filter: &ast::Filter, name: &str, held: &mut Option<Held>) -> Option<Filter> {
        let now = held.as_mut()?;
        let (form, takes, wanted) = match name {
            "time" => (Filter::Time, matches!(now.ty, Type::DateTime | Type::Time), "a `datetime` or a `time`"),
            "date" => (Filter::Date, matches!(now.ty, Type::DateTime | Type::Date), "a `datetime` or a `date`"),
            "money" => (Filter::Money, now.ty == Type::Money, "a `money`"),
            "upper" => (Filter::Upper, now.ty.is_textual(), "a `text`"),
            "lower" => (Filter::Lower, now.ty.is_textual(), "a `text`"),
            _ => (Filter::Capitalize, now.ty.is_textual(), "a `text`"),
        };
        if now.mixed || !takes {
            let given = if now.mixed { "a value or the text of `default`".to_owned() } else { a(&now.ty) };
            let mixed = now.mixed;
            let message = format!("the filter `{name}` takes {wanted}, and gets {given}");
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, "cannot take this");
            *held = None;
            return self.fail(if mixed { finding.help("put `default` last") } else { finding });
        }
        let zoned = now.ty == Type::DateTime;
        now.ty = Type::Text;
        if zoned {
            self.needs_zone(filter.span, "a date and time in a text");
        }
        Some(form)
    }

    fn default(&mut self, scope: &Scope, filter: &ast::Filter, held: &mut Option<Held>) -> Option<Filter> {
        let [arg] = filter.args.as_slice() else {
            let message = "the filter `default` takes one value";
            let finding = Diagnostic::new(Code::WrongFilterInput, filter.span, message, "one value wanted");
            *held = None;
            return self.fail(finding.help("write `default(\"friend\")`"));
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
            let message = format!("`default` stands for {}, and this is {}", a(&now.ty), a(&other.ty));
            let finding = Diagnostic::new(Code::WrongFilterInput, arg.span, message, format!("is {}", a(&other.ty)));
            *held = None;
            return self.fail(finding.help("give a value of the same type, or a text"));
        }
        Some(Filter::Default(other.expr))
    }
}
