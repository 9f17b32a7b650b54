//! Unsafe placeholders and broken markup. In: faults in an email body. Out: diagnostics.

use crate::check::program::{Expr, Filter, Part};
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity};
use crate::markup::{Fault, UnsafeReason};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value, json};

/// A placeholder as written and as checked.
pub(in crate::check) type CheckedPlaceholder<'t> = (&'t ast::Hole, Option<Part>);

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
        | Filter::Date
        | Filter::Money
        | Filter::Upper
        | Filter::Lower
        | Filter::Capitalize
        | Filter::Safe(_) => Some(UnsafeLink::Form),
    });
    risk.map_or(Ok(()), Err)
}

pub(super) fn unsafe_link(name: &str, span: Span, risk: UnsafeLink) -> Diagnostic {
    let finding = |message: Phrase| Diagnostic::new(Code::UnsafeHole, span, message, say!("could lead anywhere"));
    match risk {
        UnsafeLink::Value => finding(say!("a link begins with `{name}`, which is not sure to be a web address", name))
            .help(say!("give the field the type `url`"))
            .help(say!("or write where the link leads: `https://example.com/{{{{ {name} }}}}`", name)),
        UnsafeLink::Default => {
            finding(say!("the `default` of this link is no web address")).help(say!("begin it with `https://`"))
        }
        UnsafeLink::Form => finding(say!("a filter changes where this link leads")).help(say!("leave the filter out")),
    }
}

/// A diagnostic about a fault in an email body.
pub(super) fn markup_finding(fault: Fault, whole: Span, placeholders: &[CheckedPlaceholder<'_>]) -> Diagnostic {
    match fault {
        Fault::Markup { place, fatal, message, label, help } => {
            // A fault at the very end is shown at the last character: an empty span shows nothing.
            let end = (place.end).max(place.start + 1).min(whole.len());
            let place = place.start.min(end.saturating_sub(1))..end;
            let start = whole.start as usize;
            let span = Span::new(whole.file, start + place.start, start + place.end);
            let mut finding = Diagnostic::new(Code::BrokenMarkup, span, message, label).help(help);
            if !fatal {
                finding.severity = Severity::Warning;
            }
            finding
        }
        Fault::Hole(number, misplaced) => misplaced_placeholder(
            misplaced,
            placeholders.get(number).map_or(whole, |(placeholder, _)| placeholder.span),
        ),
    }
}

fn misplaced_placeholder(misplaced: UnsafeReason, span: Span) -> Diagnostic {
    let (message, label, help) = match misplaced {
        UnsafeReason::Tag => (
            say!("a value cannot be part of a tag"),
            say!("inside a tag"),
            say!("put the hole between tags, or into a value in quotes"),
        ),
        UnsafeReason::Unquoted => (
            say!("a value stands in an attribute without quotes"),
            say!("needs quotes"),
            say!("put the value of the attribute into quotes"),
        ),
        UnsafeReason::Script => (
            say!("a value cannot be part of a program"),
            say!("run as a program"),
            say!("leave it out: mail programs run no scripts"),
        ),
        UnsafeReason::MultipleUrls => (
            say!("a value cannot stand in a list of addresses"),
            say!("several addresses"),
            say!("give one address in `src` or `href`"),
        ),
        UnsafeReason::Comment => (
            say!("a value cannot stand in a condition or declaration"),
            say!("not shown to anyone"),
            say!("put the hole into the words of the letter"),
        ),
        UnsafeReason::StyleLink => (
            say!("a value cannot be a link of a style sheet"),
            say!("a link in a style sheet"),
            say!("put it into the `style` of the element"),
        ),
        UnsafeReason::Host => (
            say!("a value cannot be part of a link's host"),
            say!("could lead anywhere"),
            say!("put `/` or `?` before the hole, or begin the link with a value of type `url`"),
        ),
        UnsafeReason::Scheme => (
            say!("a value cannot say what kind of link this is"),
            say!("could lead anywhere"),
            say!("write where the link leads: `https://example.com/{{{{ .. }}}}`"),
        ),
        UnsafeReason::Dropped => {
            let finding = Diagnostic::new(
                Code::BrokenMarkup,
                span,
                say!("this value is left out of the letter"),
                say!("comes to nobody"),
            );
            return finding.help(say!("put the hole into words, or into an attribute that the element has"));
        }
    };
    Diagnostic::new(Code::UnsafeHole, span, message, label).help(help)
}
