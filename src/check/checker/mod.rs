//! What the passes share: the tables that declarations fill, and the findings so far.

mod name_errors;
mod record;
mod source_text;

pub(super) use name_errors::{duplicate, listed, unknown};
pub(super) use source_text::one_line;

use crate::check::context::Context;
use crate::check::declarations::Declarations;
use crate::check::program::{Asked, FieldType, Words};
use crate::check::scope::Fact;
use crate::check::symbol::SymbolIndex;
use crate::check::types::ZoneUse;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::source::{Sources, Span, Spanned};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The tables and findings of one check. What declarations say is read as if it were its own.
pub(super) struct Checker<'a> {
    /// The texts, for names and heads as written.
    pub(super) sources: &'a Sources,
    /// The project around the text.
    pub(super) context: &'a Context,
    /// What the declarations say, of every file; it is filled first and then only read.
    pub(super) decl: Arc<Declarations<'a>>,
    /// What events have in common that are waited for together, by their names with `or` between.
    pub(super) joined_events: BTreeMap<String, BTreeMap<String, FieldType>>,
    /// The last wait that took away what was known, by what that was.
    pub(super) invalidated: BTreeMap<Fact, Span>,
    /// What each condition, each part of one and each moment that is waited for says.
    pub(super) asked: Asked,
    /// The words of messages by SMS, by their place.
    pub(super) words: BTreeMap<Span, Words>,
    /// The names of declarations that something uses, by where they are declared.
    pub(super) used: BTreeSet<Span>,
    /// Where calls go, as far as the text says it.
    pub(super) addresses: Vec<Spanned<String>>,
    /// What names stand for, for whoever asks.
    pub(super) index: Option<SymbolIndex>,
    /// What was found.
    pub(super) findings: Vec<Diagnostic>,
    /// The places and codes of what was found: what is checked in several scopes is reported once.
    seen: BTreeSet<(Span, Code)>,
    /// Whether what is checked now cannot run, for a fault reported here or elsewhere.
    pub(super) broken: bool,
    /// The first thing in what is checked now whose meaning depends on a time zone.
    pub(super) zone_use: Option<ZoneUse>,
    /// How many `if` are open around what is checked now.
    pub(super) depth: usize,
}

/// What was found in a part of the files; the fields are those of [`Checker`].
pub(super) struct CheckOutput {
    pub(super) asked: Asked,
    pub(super) words: BTreeMap<Span, Words>,
    pub(super) used: BTreeSet<Span>,
    pub(super) addresses: Vec<Spanned<String>>,
    pub(super) findings: Vec<Diagnostic>,
}

impl<'a> Checker<'a> {
    pub(super) fn new(sources: &'a Sources, context: &'a Context, decl: Arc<Declarations<'a>>) -> Self {
        Self {
            sources,
            context,
            decl,
            joined_events: BTreeMap::new(),
            invalidated: BTreeMap::new(),
            asked: Asked::default(),
            words: BTreeMap::new(),
            used: BTreeSet::new(),
            addresses: Vec::new(),
            index: None,
            findings: Vec::new(),
            seen: BTreeSet::new(),
            broken: false,
            zone_use: None,
            depth: 0,
        }
    }

    /// The declarations, to be filled by the first pass.
    pub(super) fn decl_mut(&mut self) -> &mut Declarations<'a> {
        // The first pass is their only owner, so nothing is copied.
        Arc::make_mut(&mut self.decl)
    }

    /// Adds a finding. An error keeps what is checked now out of the program.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.broken |= finding.is_error();
        // A place where nothing stands is one the parser has reported already.
        if !finding.span.is_empty() && self.seen.insert((finding.span, finding.code)) {
            self.findings.push(finding);
        }
    }

    /// Takes back the findings after the first so many: what was judged is judged again.
    pub(super) fn withdraw(&mut self, told: usize) {
        for finding in self.findings.drain(told.min(self.findings.len())..) {
            self.seen.remove(&(finding.span, finding.code));
        }
    }

    /// What this check found, for another to take in.
    pub(super) fn into_output(self) -> CheckOutput {
        let Checker { asked, words, used, addresses, findings, .. } = self;
        CheckOutput { asked, words, used, addresses, findings }
    }

    /// Takes in what another check found beside this one.
    pub(super) fn merge(&mut self, beside: CheckOutput) {
        self.asked.extend(beside.asked);
        self.words.extend(beside.words);
        self.used.extend(beside.used);
        self.addresses.extend(beside.addresses);
        self.isolated(|checker| beside.findings.into_iter().for_each(|finding| checker.report(finding)));
    }

    /// Reports and gives nothing, where a value was wanted.
    pub(super) fn fail<T>(&mut self, finding: Diagnostic) -> Option<T> {
        self.report(finding);
        None
    }

    /// Notes that a fault reported elsewhere reaches this place.
    pub(super) fn poison<T>(&mut self) -> Option<T> {
        self.broken = true;
        None
    }

    /// Notes the use of a time zone.
    pub(super) fn needs_zone(&mut self, span: Span, what: Phrase) {
        self.zone_use.get_or_insert(ZoneUse { span, what });
    }

    /// Runs a check by itself and says whether it passed, and what in it needs a zone.
    pub(super) fn isolated<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> (T, bool, Option<ZoneUse>) {
        let (broken, zone_use) = (std::mem::take(&mut self.broken), self.zone_use.take());
        let result = check(self);
        let passed = !std::mem::replace(&mut self.broken, broken);
        (result, passed, std::mem::replace(&mut self.zone_use, zone_use))
    }

    /// The text of a place.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.sources.slice(span)
    }

    /// The text of a step's head on one line.
    pub(super) fn head(&self, span: Span) -> String {
        one_line(self.slice(span))
    }

    /// The fields of an event, of `client` or of `business`.
    pub(super) fn fields(&self, of: &str) -> Option<&BTreeMap<String, FieldType>> {
        match of {
            "client" => Some(&self.decl.catalog.client),
            "business" => Some(&self.decl.catalog.business),
            event => {
                self.decl.catalog.events.get(event).map(|event| &event.fields).or_else(|| self.joined_events.get(event))
            }
        }
    }

    pub(super) fn has_field(&self, of: &str, name: &str) -> bool {
        self.fields(of).is_some_and(|fields| fields.contains_key(name))
            || self.decl.broken_fields.contains(&(of.to_owned(), name.to_owned()))
    }
}
