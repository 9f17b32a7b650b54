//! Unsafe placeholders and broken markup. In: faults in an email body. Out: diagnostics.

use crate::check::program::{Expr, Filter, Part};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity};
use crate::markup::{Fault, UnsafeReason};
use crate::say;
use crate::source::Span;
use crate::value::{Type, Value, json};

/// A placeholder or a tag as written and as checked; `None` if it has an error.
pub(in crate::check) struct CheckedPiece {
    /// Its place, with the braces.
    pub(super) span: Span,
    pub(super) kind: CheckedKind,
}

/// What is between two texts of an email.
pub(in crate::check) enum CheckedKind {
    /// A placeholder, and the place of its value.
    Placeholder(Span, Option<Part>),
    /// `{{ if c }}`
    If(Option<Expr>),
    /// `{{ else if c }}`
    ElseIf(Option<Expr>),
    /// `{{ else }}`
    Else,
    /// `{{ end }}`
    End,
}

/// The part of a placeholder that may not be a web address.
pub(super) enum UnsafeLink {
    /// The value.
    Value,
    /// The default for a missing value.
    Default,
    /// The result of a filter.
    Form,
}

/// Whether a placeholder always produces a web address.
pub(super) fn require_web_address(part: &Part) -> Result<(), UnsafeLink> {
    let is_url = |text: &str| json::read(&text.into(), &Type::Url, json::Locale::default()).is_ok();
    let web = |expr: &Expr| {
        matches!(expr, Expr::Field(read) if read.ty == Type::Url)
            || matches!(expr, Expr::Value(Value::Text(text)) if is_url(text))
    };
    let Part::Placeholder(expr, filters) = part else { return Ok(()) };
    if !web(expr) {
        return Err(UnsafeLink::Value);
    }
    let risk = filters.iter().find_map(|filter| match filter {
        Filter::Default(other) => (!web(other)).then_some(UnsafeLink::Default),
        Filter::Time
        | Filter::Time12
        | Filter::Date(_)
        | Filter::Money
        | Filter::Round(_)
        | Filter::Plural(..)
        | Filter::Join(_)
        | Filter::FirstName
        | Filter::UrlEncode
        | Filter::Upper
        | Filter::Lower
        | Filter::Capitalize
        | Filter::Clock(_)
        | Filter::Safe(_) => Some(UnsafeLink::Form),
    });
    risk.map_or(Ok(()), Err)
}

pub(super) fn unsafe_link(name: &str, span: Span, risk: UnsafeLink) -> Diagnostic {
    let finding =
        |message: Phrase| Diagnostic::new(Code::UnsafePlaceholder, span, message, say!("could lead anywhere"));
    match risk {
        UnsafeLink::Value => finding(say!("the link starts with `{name}`, which might not be a web address", name))
            .help(say!("declare the field as `url`"))
            .help(say!("or write out the address of the link: `https://example.com/{{{{ {name} }}}}`", name)),
        UnsafeLink::Default => {
            finding(say!("the `default` of this link is not a web address")).help(say!("start it with `https://`"))
        }
        UnsafeLink::Form => finding(say!("filters are not allowed in link targets")).help(say!("remove the filter")),
    }
}

/// The scheme of a link that ends right before a placeholder, and the type of address that it needs: `mailto:`.
pub(super) fn address_scheme(before: &Part) -> Option<(&'static str, Type)> {
    let Part::Text(text) = before else { return None };
    let end = text.trim_end().to_ascii_lowercase();
    let schemes = [("mailto", Type::Email), ("tel", Type::Phone), ("sms", Type::Phone)];
    schemes.into_iter().find(|(scheme, _)| {
        let rest = end.strip_suffix(':').and_then(|end| end.strip_suffix(scheme));
        rest.is_some_and(|rest| rest.ends_with(['"', '\'']))
    })
}

/// Whether a placeholder always produces an address of a type.
pub(super) fn is_address(part: &Part, ty: &Type) -> bool {
    let Part::Placeholder(expr, filters) = part else { return true };
    let fits = |expr: &Expr| match expr {
        Expr::Field(read) => read.ty == *ty,
        Expr::Value(Value::Text(text)) => json::read(&text.as_str().into(), ty, json::Locale::default()).is_ok(),
        _ => false,
    };
    let keeps = |filter: &Filter| match filter {
        Filter::Default(other) => fits(other),
        Filter::Safe(_) | Filter::Lower => true,
        Filter::Clock(_)
        | Filter::Time
        | Filter::Time12
        | Filter::Date(_)
        | Filter::Money
        | Filter::Round(_)
        | Filter::Plural(..)
        | Filter::Join(_)
        | Filter::FirstName
        | Filter::UrlEncode
        | Filter::Upper
        | Filter::Capitalize => false,
    };
    fits(expr) && filters.iter().all(keeps)
}

/// A diagnostic about a link to an address that may not be one.
pub(super) fn not_an_address(name: &str, span: Span, scheme: &str, ty: &Type) -> Diagnostic {
    let message =
        say!("a link with `{scheme}:` needs {what}, which `{name}` may not be", scheme, what = type_name(ty), name);
    let finding = Diagnostic::new(Code::TypeMismatch, span, message, say!("not {what}", what = type_name(ty)));
    finding.help(say!("declare the field as {what}", what = type_name(ty)))
}

/// A diagnostic about a fault in an email body; `located` is where it is, if that is known better than by its offset.
pub(super) fn markup_finding(
    fault: Fault,
    whole: Span,
    located: Option<Span>,
    placeholders: &[CheckedPiece],
) -> Diagnostic {
    match fault {
        Fault::Markup { place, fatal, message, label, help } => {
            // A fault at the very end is shown at the last character: an empty span shows nothing.
            let end = (place.end).max(place.start + 1).min(whole.len());
            let place = place.start.min(end.saturating_sub(1))..end;
            let start = whole.start as usize;
            let span = located.unwrap_or(Span::new(whole.file, start + place.start, start + place.end));
            let mut finding = Diagnostic::new(Code::BrokenMarkup, span, message, label).help(help);
            if !fatal {
                finding.severity = Severity::Warning;
            }
            finding
        }
        Fault::Placeholder(number, misplaced) => {
            misplaced_placeholder(misplaced, placeholders.get(number).map_or(whole, |placeholder| placeholder.span))
        }
    }
}

fn misplaced_placeholder(misplaced: UnsafeReason, span: Span) -> Diagnostic {
    let (message, label, help) = match misplaced {
        UnsafeReason::Tag => (
            say!("a placeholder is not allowed inside a tag"),
            say!("inside a tag"),
            say!("move the placeholder between tags or into a quoted attribute value"),
        ),
        UnsafeReason::Unquoted => (
            say!("a placeholder is not allowed in an unquoted attribute"),
            say!("needs quotes"),
            say!("quote the attribute value"),
        ),
        UnsafeReason::Script => (
            say!("a placeholder is not allowed in a script"),
            say!("runs as code"),
            say!("remove it: email clients do not run scripts"),
        ),
        UnsafeReason::MultipleUrls => (
            say!("a placeholder is not allowed in a list of addresses"),
            say!("several addresses"),
            say!("use a single address in `src` or `href`"),
        ),
        UnsafeReason::Comment => (
            say!("a placeholder is not allowed in a condition or declaration"),
            say!("never displayed"),
            say!("move the placeholder into the text of the email"),
        ),
        UnsafeReason::StyleLink => (
            say!("a placeholder is not allowed in a style sheet link"),
            say!("link in a style sheet"),
            say!("move it to the `style` attribute of the element"),
        ),
        UnsafeReason::Host => (
            say!("a placeholder is not allowed in the host of a link"),
            say!("could lead anywhere"),
            say!("put `/` or `?` before the placeholder, or start the link with a value of type `url`"),
        ),
        UnsafeReason::Scheme => (
            say!("a placeholder cannot set the scheme of a link"),
            say!("could lead anywhere"),
            say!("write out the address of the link: `https://example.com/{{{{ .. }}}}`"),
        ),
        UnsafeReason::Branch => (
            say!("`if` is not allowed inside a tag"),
            say!("inside a tag"),
            say!("write the whole element in each branch, or one value with `default`"),
        ),
        UnsafeReason::Dropped => {
            let finding = Diagnostic::new(
                Code::BrokenMarkup,
                span,
                say!("this value is not included in the email"),
                say!("missing from the output"),
            );
            return finding.help(say!("move the placeholder into text or into a supported attribute"));
        }
    };
    Diagnostic::new(Code::UnsafePlaceholder, span, message, label).help(help)
}
