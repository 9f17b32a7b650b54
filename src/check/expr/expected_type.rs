//! Expected types. In: a typed expression and the type that its place requires. Out: the expression, or an error.

use super::compare::impossible;
use crate::check::checker::Checker;
use crate::check::types::{Typed, fits, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::value::{Decimal, Type, json};

impl Checker<'_> {
    /// Like [`expect_type`](Self::expect_type), for a value that is stored or passed on: a string literal must then be a
    /// phone number, an email or a web address if that is the type.
    pub(in crate::check) fn expect_value(
        &mut self,
        typed: Typed,
        span: Span,
        wanted: &Type,
        place: &Phrase,
    ) -> Option<Typed> {
        let typed = self.expect_type(typed, span, wanted, place)?;
        let is_address = matches!(wanted, Type::Phone | Type::Email | Type::Url);
        if let Some(text) = typed.literal_text().filter(|_| is_address)
            && json::read(&text.into(), wanted, self.decl.catalog.local()).is_err()
        {
            let finding = wrong_address(wanted, text, span);
            return self.fail(finding);
        }
        Some(typed)
    }

    /// Checks that a value has the type that `place` requires; a string literal fits every kind of text.
    pub(in crate::check) fn expect_type(
        &mut self,
        typed: Typed,
        span: Span,
        wanted: &Type,
        place: &Phrase,
    ) -> Option<Typed> {
        if let (Type::Literals(known), Some(text)) = (wanted, typed.literal_text())
            && !known.iter().any(|one| one == text)
        {
            let finding = impossible(place, span, text, known);
            return self.fail(finding);
        }
        if fits(&typed.ty, wanted) || (wanted.is_textual() && typed.literal_text().is_some()) {
            return Some(typed);
        }
        let message = say!(
            "{place} must be {what}, found {other}",
            place,
            what = type_name(wanted),
            other = type_name(&typed.ty)
        );
        let finding =
            Diagnostic::new(Code::TypeMismatch, span, message, say!("is {what}", what = type_name(&typed.ty)));
        let finding = self.suggest_form(&typed, span, wanted, finding);
        self.fail(finding)
    }

    /// Suggests how to write the value as the wanted type.
    fn suggest_form(&self, typed: &Typed, span: Span, wanted: &Type, finding: Diagnostic) -> Diagnostic {
        let written = self.slice(span);
        match (&typed.ty, wanted) {
            (Type::List(_), _) => finding,
            (_, wanted) if wanted.is_textual() && typed.constant => {
                finding.help(say!("write it in quotes: `\"{written}\"`", written))
            }
            (_, Type::Text) => finding.help(say!("put it into a string: `\"{{{{ {written} }}}}\"`", written)),
            (Type::Number, Type::Money) if typed.constant => {
                let currency = self.context.currency.clone().unwrap_or_else(|| "EUR".to_owned());
                finding.help(say!("add a currency: `{written} {currency}`", written, currency))
            }
            (Type::Number, Type::Duration) if typed.constant => {
                finding.help(say!("add a unit: `{number}h` or `{number}d`", number = written))
            }
            (Type::Money, Type::Number) if typed.constant => {
                let number = written.split_whitespace().next().unwrap_or(written);
                finding.help(say!("write the number: `{plain}`", plain = number))
            }
            _ => match typed.literal_text().filter(|text| is_form_of(text, wanted)) {
                Some(text) => finding.help(say!("write it without quotes: `{text}`", text)).fix(
                    say!("use `{word}` instead", word = text),
                    span,
                    text,
                ),
                None => finding,
            },
        }
    }
}

/// A diagnostic about a string that is not an address of this type.
pub(in crate::check) fn wrong_address(wanted: &Type, text: &str, span: Span) -> Diagnostic {
    let (what, help) = match wanted {
        Type::Email => (say!("an email address"), say!("use an address such as `\"anna@example.com\"`")),
        Type::Url => (say!("a web address"), say!("use an address such as `\"https://crm.example/new\"`")),
        _ => (say!("a phone number"), say!("include `+` and the country code: `\"+79990000001\"`")),
    };
    let message = say!("`{text}` is not {what}", text, what);
    Diagnostic::new(Code::TypeMismatch, span, message, say!("not {what}", what)).help(help)
}

/// Whether a string would be a literal of a type without its quotes.
fn is_form_of(text: &str, ty: &Type) -> bool {
    match ty {
        Type::Date | Type::Anniversary | Type::Time | Type::Duration | Type::Money => {
            let local = json::Locale::default();
            json::read(&serde_json::Value::from(text), ty, local).is_ok()
        }
        Type::Number => text.parse::<Decimal>().is_ok(),
        Type::Bool => ["true", "false"].contains(&text),
        Type::Text | Type::DateTime | Type::Phone | Type::Email | Type::Url | Type::Literals(_) | Type::List(_) => {
            false
        }
    }
}
