//! Holes where no value is safe, and markup that is broken. In: faults of a letter. Out: findings in the words of the
//! language.

use super::letter::Hole;
use super::program::{Expr, Filter, Part};
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity};
use crate::markup::{Fault, UnsafeReason};
use crate::say;
use crate::source::Span;
use crate::value::{Type, Value, json};

/// What in a hole may be no address of the web.
pub(super) enum Loose {
    /// The value itself.
    Value,
    /// What stands for it when it is missing.
    Default,
    /// What a filter makes of it.
    Form,
}

/// Whether all that a hole can show is an address of the web.
pub(super) fn leads_to_web(part: &Part) -> Result<(), Loose> {
    let is_url = |text: &str| json::read(&text.into(), &Type::Url, json::Locale::default()).is_ok();
    let web = |expr: &Expr| {
        matches!(expr, Expr::Field(read) if read.ty == Type::Url)
            || matches!(expr, Expr::Value(Value::Text(text)) if is_url(text))
    };
    let Part::Hole(expr, filters) = part else { return Ok(()) };
    if !web(expr) {
        return Err(Loose::Value);
    }
    let loose = filters.iter().find_map(|filter| match filter {
        Filter::Default(other) => (!web(other)).then_some(Loose::Default),
        Filter::Time
        | Filter::Date
        | Filter::Money
        | Filter::Upper
        | Filter::Lower
        | Filter::Capitalize
        | Filter::Safe(_) => Some(Loose::Form),
    });
    loose.map_or(Ok(()), Err)
}

pub(super) fn loose_link(name: &str, span: Span, loose: Loose) -> Diagnostic {
    let finding = |message: Phrase| Diagnostic::new(Code::UnsafeHole, span, message, say!("could lead anywhere"));
    match loose {
        Loose::Value => finding(say!("a link begins with `{name}`, which is not sure to be a web address", name))
            .help(say!("give the field the type `url`"))
            .help(say!("or write where the link leads: `https://example.com/{{{{ {name} }}}}`", name)),
        Loose::Default => {
            finding(say!("the `default` of this link is no web address")).help(say!("begin it with `https://`"))
        }
        Loose::Form => finding(say!("a filter changes where this link leads")).help(say!("leave the filter out")),
    }
}

/// A fault of a letter as a finding.
pub(super) fn told(fault: Fault, whole: Span, holes: &[Hole<'_>]) -> Diagnostic {
    match fault {
        Fault::Markup { place, fatal, message, label, help } => {
            // A fault at the very end is shown on the last character, for a place must show something.
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
        Fault::Hole(number, misplaced) => {
            misplaced_hole(misplaced, holes.get(number).map_or(whole, |(hole, _)| hole.span))
        }
    }
}

fn misplaced_hole(misplaced: UnsafeReason, span: Span) -> Diagnostic {
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
