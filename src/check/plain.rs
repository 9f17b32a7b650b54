//! What looks like a hole and is none: in, the characters of a text and what is in scope; out, a warning at each
//! `{client.name}` and its like, which would be sent as it stands.

use super::checker::Checker;
use super::names::Scope;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;

/// How other systems write a hole.
const FORMS: [(&str, &str); 5] = [("{", "}"), ("%", "%"), ("[", "]"), ("<", ">"), ("*|", "|*")];

impl Checker<'_> {
    /// Warns of every value in the characters at a place that stands in the marks of another system.
    pub(super) fn plain_holes(&mut self, scope: &Scope, place: Span) {
        let text = self.slice(place).to_owned();
        let mut from = 0;
        while let Some((at, length, name)) = next(text.get(from..).unwrap_or("")) {
            let start = from + at;
            from = start + length;
            if !self.is_value(scope, name) {
                continue;
            }
            let begin = place.start as usize + start;
            let span = Span::new(place.file, begin, begin + length);
            let wrong = text.get(start..start + length).unwrap_or("");
            let message = say!("`{wrong}` is no hole and is sent as it stands", wrong);
            let right = format!("{{{{ {name} }}}}");
            let finding = Diagnostic::new(Code::LooksLikeAHole, span, message, say!("not filled in"));
            self.report(finding.help(say!("write `{right}`", right)).fix(
                say!("change it to `{right}`", right),
                span,
                right,
            ));
        }
    }

    /// Whether a path leads to a field of the client or of an event in scope.
    fn is_value(&self, scope: &Scope, path: &str) -> bool {
        let Some((of, field)) = path.split_once('.') else { return false };
        let event = scope.bound.iter().find(|bound| bound.name == of).map(|bound| bound.event.as_str());
        let fields =
            if of == "client" { Some(&self.catalog.client) } else { event.and_then(|event| self.fields(event)) };
        fields.is_some_and(|fields| fields.contains_key(field))
    }
}

/// The first path in the marks of another system: where it begins, how long it is with its marks, and the path.
fn next(text: &str) -> Option<(usize, usize, &str)> {
    let found = FORMS.iter().filter_map(|(open, close)| {
        text.match_indices(open).find_map(|(at, _)| {
            let inside = text.get(at + open.len()..)?;
            let length = inside.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | ' ')))?;
            let path = inside.get(..length)?;
            let whole = open.len() + length + close.len();
            let named = path.trim().contains('.') && !path.trim().contains(' ');
            let before = usize::from(*open == "{" && text.get(..at).is_some_and(|before| before.ends_with('$')));
            let closed = inside.get(length..).is_some_and(|rest| rest.starts_with(close));
            (named && closed).then(|| (at - before, whole + before, path.trim()))
        })
    });
    found.min_by_key(|(at, ..)| *at)
}
