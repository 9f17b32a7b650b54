//! What the declarations of all files say together. In: declarations, checked in their order. Out: tables that every
//! funnel is checked with, and which names differ between two states of them.

mod lazy;

pub(super) use lazy::{Declared, State};

use crate::check::program::{self, Catalog, Content, Expr};
use crate::check::types::{Typed, ZoneUse};
use crate::source::{FileId, Span, Spanned};
use crate::value::Type;
use std::collections::{BTreeMap, BTreeSet};

/// The tables that declarations fill.
#[derive(Debug, Clone, Default)]
pub(super) struct Declarations<'a> {
    /// The file of the prelude, whose declarations a project may replace.
    pub(super) prelude: Option<FileId>,
    /// The declared client fields and events.
    pub(super) catalog: Catalog,
    /// Fields whose declaration is wrong, by event: reading them is no second fault.
    pub(super) broken_fields: BTreeSet<(String, String)>,
    /// The constants by name.
    pub(super) constants: BTreeMap<String, Declared<'a, Typed>>,
    /// The segments by name.
    pub(super) segments: BTreeMap<String, Declared<'a, CheckedSegment>>,
    /// The templates by channel and name; `None` where the declaration is wrong.
    pub(super) templates: BTreeMap<(String, String), Option<Template>>,
    /// The actions by name.
    pub(super) actions: BTreeMap<String, Action>,
    /// The funnels by name, with what they are about and where they are first.
    pub(super) funnels: BTreeMap<String, (FunnelSubject, Span)>,
    /// Where tests are first, by their titles.
    pub(super) test_titles: BTreeMap<String, Span>,
}

/// What the runs of a funnel are about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum FunnelSubject {
    /// One of these events.
    About(Vec<String>),
    /// The client alone, or sometimes so: any run can start it.
    Anyone,
    /// That is not known, as a trigger is wrong.
    Unknown,
}

/// Which declarations differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Changed {
    /// None, or those of these names only.
    Names(BTreeSet<String>),
    /// Some that anything may depend on.
    Everything,
}

impl Declarations<'_> {
    /// The same without the trees it was made of: everything in it is checked.
    pub(super) fn settled(self) -> Declarations<'static> {
        let Self { prelude, catalog, broken_fields, templates, actions, funnels, test_titles, .. } = self;
        let constants = self.constants.into_iter().map(|(name, declared)| (name, declared.settled())).collect();
        let segments = self.segments.into_iter().map(|(name, declared)| (name, declared.settled())).collect();
        Declarations { prelude, catalog, broken_fields, constants, segments, templates, actions, funnels, test_titles }
    }

    /// The names whose declarations are not the same in `other`. The client's fields, what goes without saying and
    /// templates that are used without a name are everything's business.
    pub(super) fn changed(&self, other: &Self) -> Changed {
        let (a, b) = (&self.catalog, &other.catalog);
        let common = a.client == b.client
            && (&a.business, &a.currency, &a.country) == (&b.business, &b.currency, &b.country)
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
    /// The segments that have no fault, with the places of their names.
    pub(super) fn checked_segments(&self) -> Vec<Spanned<program::Segment>> {
        let whole = |(name, declared): (&String, &Declared<'_, CheckedSegment>)| {
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
    /// Who belongs to it.
    pub(super) condition: Expr,
    /// What in it needs a zone.
    pub(super) zone_use: Option<ZoneUse>,
}

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    /// Where its name stands.
    pub(super) span: Span,
    /// Whether the prelude gives it, so that a project may put its own in its place.
    pub(super) prelude: bool,
    /// The events it speaks of.
    pub(super) params: Vec<String>,
    /// What it says.
    pub(super) content: Content,
    /// What in it needs a time zone.
    pub(super) zone_use: Option<ZoneUse>,
}

/// A declared action.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Action {
    /// Where its name stands.
    pub(super) span: Span,
    /// What it is told, in order; `None` where the declaration has a fault.
    pub(super) params: Option<Vec<Param>>,
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Param {
    pub(super) name: String,
    pub(super) ty: Type,
    pub(super) optional: bool,
}

/// Calls `found` with each key whose value is in one of two tables only, or another in each.
fn differing<K: Ord, V: PartialEq>(a: &BTreeMap<K, V>, b: &BTreeMap<K, V>, mut found: impl FnMut(&K)) {
    if a == b {
        return;
    }
    a.iter().filter(|(key, value)| b.get(key) != Some(value)).for_each(|(key, _)| found(key));
    b.keys().filter(|key| !a.contains_key(key)).for_each(found);
}
