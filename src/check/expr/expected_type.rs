//! Expected types. In: a typed expression and the type that its place requires. Out: the expression, or an error.

use super::compare::impossible;
use crate::check::checker::Checker;
use crate::check::types::{Typed, fits, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::value::{Decimal, Type, json};

impl Checker<'_> {
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

/// Whether a string would be a literal of a type without its quotes.
fn is_form_of(text: &str, ty: &Type) -> bool {
    match ty {
        Type::Date | Type::Time | Type::Duration | Type::Money => {
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
