//! The declarations of all files. The first pass fills these tables; funnels and tests are checked against them, and
//! two versions can be compared to find out which names changed.

mod lazy;

pub(super) use lazy::{Lazy, MAX_DEPTH, State};

use crate::check::program::{self, Catalog, Content, Expr};
use crate::check::types::{Typed, ZoneUse};
use crate::source::{FileId, Span, Spanned};
use crate::value::Type;
use std::collections::{BTreeMap, BTreeSet};

/// The declarations of all files, as tables.
#[derive(Debug, Clone, Default)]
pub(super) struct Declarations<'a> {
    /// The file of the prelude; a project may replace its declarations.
    pub(super) prelude: Option<FileId>,
    /// The declared client fields and events.
    pub(super) catalog: Catalog,
    /// Fields with a wrong declaration, by event: reading them is not reported again.
    pub(super) broken_fields: BTreeSet<(String, String)>,
    /// The constants by name.
    pub(super) constants: BTreeMap<String, Lazy<'a, Typed>>,
    /// The segments by name.
    pub(super) segments: BTreeMap<String, Lazy<'a, CheckedSegment>>,
    /// The templates by channel and name; `None` if the declaration has an error.
    pub(super) templates: BTreeMap<(String, String), Option<Template>>,
    /// The actions by name.
    pub(super) actions: BTreeMap<String, Action>,
    /// The funnels by name, with their subject and the span of the first one.
    pub(super) funnels: BTreeMap<String, (FunnelSubject, Span)>,
    /// The span of the first test with each title.
    pub(super) test_titles: BTreeMap<String, Span>,
}

/// The subject of the runs of a funnel: it decides which runs may start the funnel.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FunnelSubject {
    /// One of these events.
    About(Vec<String>),
    /// The client, always or for some triggers: any run may start it.
    Anyone,
    /// Unknown, because a trigger has an error.
    Unknown,
}

/// The difference between two versions of the declarations.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Changed {
    /// Only the declarations of these names, if any.
    Names(BTreeSet<String>),
    /// Declarations that everything may depend on.
    Everything,
}

impl Declarations<'_> {
    /// The finished tables, without the trees that they were made from.
    pub(super) fn finished(self) -> Declarations<'static> {
        let Self { prelude, catalog, broken_fields, templates, actions, funnels, test_titles, .. } = self;
        let constants = self.constants.into_iter().map(|(name, declared)| (name, declared.finished())).collect();
        let segments = self.segments.into_iter().map(|(name, declared)| (name, declared.finished())).collect();
        Declarations { prelude, catalog, broken_fields, constants, segments, templates, actions, funnels, test_titles }
    }

    /// The names whose declarations differ from `other`. Everything depends on client fields, project defaults, and
    /// templates that are used without being named.
    pub(super) fn changed(&self, other: &Self) -> Changed {
        let (a, b) = (&self.catalog, &other.catalog);
        let common = a.client == b.client
            && (&a.business, &a.currency, &a.country, &a.zone) == (&b.business, &b.currency, &b.country, &b.zone)
            && self.prelude == other.prelude;
        if !common {
            return Changed::Everything;
        }
        let mut names = BTreeSet::new();
        differing(&a.events, &b.events, |name| _ = names.insert(name.clone()));
        differing(&self.constants, &other.constants, |name| _ = names.insert(name.clone()));
        differing(&self.segments, &other.segments, |name| _ = names.insert(name.clone()));
        differing(&self.templates, &other.templates, |(_, name)| _ = names.insert(name.clone()));
        differing(&self.actions, &other.actions, |name| _ = names.insert(name.clone()));
        differing(&self.funnels, &other.funnels, |name| _ = names.insert(name.clone()));
        differing(&self.test_titles, &other.test_titles, |name| _ = names.insert(name.clone()));
        let broken = self.broken_fields.symmetric_difference(&other.broken_fields);
        names.extend(broken.flat_map(|(event, field)| [event.clone(), field.clone()]));
        if names.contains("client") { Changed::Everything } else { Changed::Names(names) }
    }
}

impl Declarations<'_> {
    /// The segments without errors, with the spans of their names.
    pub(super) fn checked_segments(&self) -> Vec<Spanned<program::Segment>> {
        let whole = |(name, declared): (&String, &Lazy<'_, CheckedSegment>)| {
            let checked = declared.result()?.as_ref()?;
            let segment = program::Segment { name: name.clone(), condition: checked.condition.clone() };
            Some(Spanned::new(segment, declared.span))
        };
        self.segments.iter().filter_map(whole).collect()
    }
}

/// A checked segment.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct CheckedSegment {
    /// The condition of membership.
    pub(super) condition: Expr,
    /// The first part that needs a time zone.
    pub(super) zone_use: Option<ZoneUse>,
}

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    /// The span of its name.
    pub(super) span: Span,
    /// Whether the prelude declares it, so that a project may replace it.
    pub(super) prelude: bool,
    /// The events that it takes as parameters.
    pub(super) params: Vec<String>,
    /// Its content.
    pub(super) content: Content,
    /// The first part that needs a time zone.
    pub(super) zone_use: Option<ZoneUse>,
}

/// A declared action.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Action {
    /// The span of its name.
    pub(super) span: Span,
    /// Its parameters, in order; `None` if the declaration has an error.
    pub(super) params: Option<Vec<Param>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) optional: bool,
}

/// Calls `found` with each key whose value differs between two tables.
fn differing<K: Ord, V: PartialEq>(a: &BTreeMap<K, V>, b: &BTreeMap<K, V>, mut found: impl FnMut(&K)) {
    if a == b {
        return;
    }
    a.iter().filter(|(key, value)| b.get(key) != Some(value)).for_each(|(key, _)| found(key));
    b.keys().filter(|key| !a.contains_key(key)).for_each(found);
}
