//! Errors about names: unknown ones, with the nearest known name, and duplicates.

use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

/// A diagnostic about an unknown name. Suggests the nearest known one.
pub(in crate::check) fn unknown<'n>(
    code: Code,
    span: Span,
    wanted: &str,
    message: Phrase,
    known: impl IntoIterator<Item = &'n str>,
) -> Diagnostic {
    let finding = Diagnostic::new(code, span, message, say!("not found"));
    let known: Vec<&str> = known.into_iter().collect();
    let Some(near) = suggest::nearest(wanted, known.iter().copied()) else { return finding };
    let finding = finding.help(say!("did you mean `{near}`?", near));
    let title = say!("change `{wanted}` to `{near}`", wanted, near);
    // If several names are equally near, the fix is only a guess.
    let others = known.into_iter().filter(|name| *name != near);
    if suggest::nearest(wanted, others).is_some() {
        finding.guess(title, span, near)
    } else {
        finding.respell(title, (wanted, near), span, near)
    }
}

/// The first names of a list: "`a`, `b`, `c` and 4 more".
pub(in crate::check) fn listed<'n>(names: impl IntoIterator<Item = &'n str>) -> Phrase {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.as_slice() {
        [] => Phrase::default(),
        [one] => Phrase::verbatim(one),
        [head @ .., last] if names.len() <= 4 => say!("{names} and {last}", names = head.join(", "), last),
        many => say!("{names} and {count} more", names = many[..4].join(", "), count = many.len() - 4),
    }
}

/// A diagnostic about a name that is declared twice.
pub(in crate::check) fn duplicate(kind: Phrase, name: &ast::Name, first: Span) -> Diagnostic {
    Diagnostic::new(
        Code::Duplicate,
        name.span,
        say!("duplicate {kind} `{name}`", kind, name = name.node),
        say!("repeated here"),
    )
    .related(first, say!("first declared here"))
    .help(say!("rename or remove one of them"))
}
