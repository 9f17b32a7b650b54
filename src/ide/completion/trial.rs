//! Scope at a cursor. In: a cursor. Out: what the checker records about a name that is inserted there.

use crate::check::{ScopeAt, SymbolIndex};
use crate::ide::view::{Place, View, touches};
use crate::source::{FileId, Span};
use crate::syntax;
use crate::value::Type;
use std::sync::Arc;

/// A name that no declaration uses.
const NAME: &str = "unwritten_";

/// The index of a source with a name inserted at the cursor.
pub(super) struct Trial {
    notes: Vec<SymbolIndex>,
    place: Place,
}

impl Trial {
    /// Inserts a name after the word at the cursor and checks that file alone.
    pub(super) fn of(view: &View<'_>, word: Span) -> Self {
        let mut sources = view.sources.clone();
        let file = word.file;
        let (text, end) = (view.text(file), word.end as usize);
        let (before, after) = (text.get(..end).unwrap_or(text), text.get(end..).unwrap_or(""));
        let attached: Vec<_> = sources.includes(file).map(|(span, attached)| (span, attached.clone())).collect();
        sources.replace(file, format!("{before}{NAME}{after}"));
        let by = u32::try_from(NAME.len()).unwrap_or(0);
        for (span, attached) in attached {
            let moved = Span { start: span.start + by, end: span.end + by, ..span };
            sources.set_include(if span.start < word.end { span } else { moved }, attached);
        }
        let funnels: Vec<FileId> =
            if view.kind_of_text(file).is_some() { view.funnels_naming(file) } else { vec![file] };
        let noted = |funnel: FileId| {
            let tree =
                if funnel == file { Arc::new(syntax::parse(&sources, file)) } else { Arc::clone(view.tree(funnel)?) };
            view.incremental.symbols_of(&sources, funnel, &tree)
        };
        let notes = funnels.into_iter().filter_map(noted).collect();
        Self { notes, place: Place { file, offset: end } }
    }

    /// Returns what is in scope at the cursor: the scope of the narrowest construct around it, or of the one before it.
    pub(super) fn visible(&self) -> Option<&ScopeAt> {
        let all = || self.notes.iter().flat_map(|notes| &notes.scopes).filter(|v| v.span.file == self.place.file);
        let around = all().filter(|visible| touches(visible.span, self.place)).min_by_key(|visible| visible.span.len());
        around.or_else(|| {
            all().filter(|visible| visible.span.end as usize <= self.place.offset).max_by_key(|v| v.span.end)
        })
    }

    /// Returns the type of the expression that ends at an offset.
    pub(super) fn type_before(&self, end: u32) -> Option<&Type> {
        let all = self.notes.iter().flat_map(|notes| &notes.types);
        let ends = all.filter(|typed| typed.span.file == self.place.file && typed.span.end == end);
        ends.max_by_key(|typed| typed.span.len()).map(|typed| &typed.ty)
    }
}
