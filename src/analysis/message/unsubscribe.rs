//! Marketing emails without an unsubscribe link. In: checked funnels. Out: a diagnostic for each email that has none.

use super::{sends, with_template};
use crate::check::program::{Content, Declared, Expr, Funnel, Part, Purpose, UNSUBSCRIBE_MARK};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use crate::value::Value;

/// Words that announce an unsubscribe link of the sender's own.
const WORDS: &[&str] = &["unsubscribe", "opt out", "opt-out", "отпис", "abmelden", "abbestellen", "désabonner"];

/// Checks the emails of a marketing funnel; `declared` is what all files declare.
pub(super) fn no_unsubscribe_link(funnel: &Funnel, declared: &[Declared]) -> Vec<Diagnostic> {
    if funnel.settings.purpose == Purpose::Service {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for (step, send) in sends(funnel) {
        let Content::Email { text, html, .. } = &send.content else { continue };
        // A missing text part is generated from the HTML, and few people see it.
        if html.as_ref().or(text.as_ref()).is_none_or(has_link) {
            continue;
        }
        let message = say!("recipients cannot unsubscribe from this marketing email");
        let mut found = Diagnostic::new(Code::NoUnsubscribeLink, step.span, message, say!("no unsubscribe link"));
        found.severity = Severity::Warning;
        let help = if html.is_some() {
            say!("add to the email: `<a href='{{{{ unsubscribe_url }}}}'>Unsubscribe</a>`")
        } else {
            say!("add to the text: `Unsubscribe: {{{{ unsubscribe_url }}}}`")
        };
        findings.push(with_template(found, declared, send).help(help));
    }
    findings
}

/// Whether a text has an unsubscribe link.
fn has_link(text: &Expr) -> bool {
    let says = |words: &str| {
        let words = words.to_lowercase();
        words.contains(UNSUBSCRIBE_MARK) || WORDS.iter().any(|word| words.contains(word))
    };
    if let Expr::Value(Value::Text(words)) = text {
        return says(words);
    }
    let Expr::Text(parts) = text else { return true };
    has_link_part(parts, &says)
}

/// Whether some parts have an unsubscribe link; of a conditional part, each branch must have one.
fn has_link_part(parts: &[Part], says: &impl Fn(&str) -> bool) -> bool {
    parts.iter().any(|part| match part {
        Part::Text(words) => says(words),
        Part::If { branches, otherwise } => {
            Part::alternatives(branches, otherwise).all(|parts| has_link_part(parts, says))
        }
        Part::Placeholder(expr, _) => {
            matches!(expr, Expr::Value(Value::Text(words)) if says(words))
                || expr.reads().iter().any(|read| read.name.contains("unsubscribe"))
        }
    })
}
