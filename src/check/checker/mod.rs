//! The checker: the state that both passes share, and the contract of its methods.

mod name_errors;
mod record;
mod source_text;

pub(super) use name_errors::{duplicate, listed, unknown};
pub(super) use source_text::one_line;

use crate::check::context::Context;
use crate::check::declarations::Declarations;
use crate::check::program::{Asked, ConditionalText, FieldType, Words};
use crate::check::scope::Fact;
use crate::check::symbol::SymbolIndex;
use crate::check::types::ZoneUse;
use crate::diagnostic::{Diagnostic, Findings, Phrase};
use crate::source::{Sources, Span, Spanned};
use crate::value::Type;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The state of one check.
///
/// There are two passes. The first ([`declare`](super::declare)) fills [`decl`](Self::decl) from all files. The second
/// checks the funnels and tests of each file with a checker of its own and only reads `decl`, so files are checked in
/// parallel.
///
/// The methods that check a construct follow one contract:
///
/// - *Before*: the [`Scope`](super::scope::Scope) says what can be named and what is known. A method never changes it.
/// - *After*: a step returns a flow, which says what is known after it. All other constructs leave the scope as it is.
/// - *`None`* means that the construct has an error **which is already reported**, here or by the parser. The caller
///   passes it on and reports nothing, so one error never causes a second one further out. The other parts of the
///   construct are still checked, so that independent errors are reported together.
/// - *Who reports*: the method that finds the error calls [`report`](Self::report) or [`fail`](Self::fail). A method
///   that depends on something with an error calls [`poison`](Self::poison). All three keep the construct out of the
///   program.
pub(super) struct Checker<'a> {
    /// All sources, for names and step heads as written.
    pub(super) sources: &'a Sources,
    /// The project.
    pub(super) context: &'a Context,
    /// The declarations of all files: filled by the first pass, read by the second.
    pub(super) decl: Arc<Declarations<'a>>,
    /// The common fields of events that are named together, by their names joined with `or`.
    pub(super) joined_events: BTreeMap<String, BTreeMap<String, FieldType>>,
    /// The last wait that invalidated a fact; diagnostics about missing values point at it.
    pub(super) invalidated: BTreeMap<Fact, Span>,
    /// The events that look like answers, are read by the current entry and are not in scope there: each is reported once.
    pub(super) unread_answers: BTreeSet<String>,
    /// The meaning of each condition, its parts and each awaited moment; the analysis looks up their places here.
    pub(super) asked: Asked,
    /// The texts of SMS messages by place; the analysis counts their segments.
    pub(super) words: BTreeMap<Span, Words>,
    /// The texts of templates and files that have conditions, by place; the analysis looks for constant conditions.
    pub(super) conditional: BTreeMap<Span, ConditionalText>,
    /// The declarations in use, by the span of their name; the analysis reports the others.
    pub(super) used: BTreeSet<Span>,
    /// The addresses of calls, as far as they are constant.
    pub(super) addresses: Vec<Spanned<String>>,
    /// What names refer to; recorded only when an editor asks for it.
    pub(super) index: Option<SymbolIndex>,
    /// The diagnostics so far. What is checked in several scopes is reported once.
    pub(super) findings: Findings,
    /// Whether the current construct has an error and stays out of the program; [`isolated`](Self::isolated) checks a
    /// part on its own.
    pub(super) broken: bool,
    /// The first part of the current construct that depends on a time zone; an error if the funnel may have none.
    pub(super) zone_use: Option<ZoneUse>,
    /// The funnel that is being checked.
    pub(super) funnel: String,
    /// Whether the current funnel says that its clock is that of the client.
    pub(super) on_clients_clock: bool,
    /// The number of `if`s around the current step, which is limited.
    pub(super) depth: usize,
    /// How often the current step runs, because of the `repeat`s around it.
    pub(super) rounds: u32,
    /// The type that the place of an undeclared field suggests for it.
    pub(super) suggested: Option<Type>,
    /// The number of expressions around the current one, counted through the names that they use.
    pub(super) expr_depth: usize,
    /// Whether the current expression is a condition in a text, which does not wait.
    pub(super) in_text_condition: bool,
}

/// What one check produces; the fields are those of [`Checker`].
pub(super) struct CheckOutput {
    pub(super) asked: Asked,
    pub(super) words: BTreeMap<Span, Words>,
    pub(super) conditional: BTreeMap<Span, ConditionalText>,
    pub(super) used: BTreeSet<Span>,
    pub(super) addresses: Vec<Spanned<String>>,
    pub(super) findings: Findings,
}

impl<'a> Checker<'a> {
    pub(super) fn new(sources: &'a Sources, context: &'a Context, decl: Arc<Declarations<'a>>) -> Self {
        Self {
            sources,
            context,
            decl,
            joined_events: BTreeMap::new(),
            invalidated: BTreeMap::new(),
            unread_answers: BTreeSet::new(),
            asked: Asked::default(),
            words: BTreeMap::new(),
            conditional: BTreeMap::new(),
            used: BTreeSet::new(),
            addresses: Vec::new(),
            index: None,
            findings: Findings::default(),
            broken: false,
            zone_use: None,
            funnel: String::new(),
            on_clients_clock: false,
            depth: 0,
            rounds: 1,
            suggested: None,
            expr_depth: 0,
            in_text_condition: false,
        }
    }

    /// The declarations, to be filled by the first pass.
    pub(super) fn decl_mut(&mut self) -> &mut Declarations<'a> {
        // The first pass is their only owner, so nothing is copied.
        Arc::make_mut(&mut self.decl)
    }

    /// Adds a diagnostic. An error keeps the current construct out of the program.
    pub(super) fn report(&mut self, finding: Diagnostic) {
        self.broken |= finding.is_error();
        // The parser reported an error at an empty span already.
        if !finding.span.is_empty() {
            self.findings.report(finding);
        }
    }

    /// Ends the check.
    pub(super) fn into_output(self) -> CheckOutput {
        let Checker { asked, words, conditional, used, addresses, findings, .. } = self;
        CheckOutput { asked, words, conditional, used, addresses, findings }
    }

    /// Adds the output of a check that ran beside this one.
    pub(super) fn merge(&mut self, beside: CheckOutput) {
        self.asked.extend(beside.asked);
        self.words.extend(beside.words);
        self.conditional.extend(beside.conditional);
        self.used.extend(beside.used);
        self.addresses.extend(beside.addresses);
        self.isolated(|checker| beside.findings.into_vec().into_iter().for_each(|finding| checker.report(finding)));
    }

    /// Reports a diagnostic and returns `None`.
    pub(super) fn fail<T>(&mut self, finding: Diagnostic) -> Option<T> {
        self.report(finding);
        None
    }

    /// Keeps the current construct out of the program because of an error that is reported elsewhere.
    pub(super) fn poison<T>(&mut self) -> Option<T> {
        self.broken = true;
        None
    }

    /// Records that the current construct depends on a time zone.
    pub(super) fn needs_zone(&mut self, span: Span, what: Phrase) {
        self.zone_use.get_or_insert(ZoneUse { span, what });
    }

    /// Runs a check with its own `broken` and `zone_use`. Returns its result, whether it passed, and its use of a zone.
    pub(super) fn isolated<T>(&mut self, check: impl FnOnce(&mut Self) -> T) -> (T, bool, Option<ZoneUse>) {
        let (broken, zone_use) = (std::mem::take(&mut self.broken), self.zone_use.take());
        let result = check(self);
        let passed = !std::mem::replace(&mut self.broken, broken);
        (result, passed, std::mem::replace(&mut self.zone_use, zone_use))
    }

    /// The source at a span.
    pub(super) fn slice(&self, span: Span) -> &'a str {
        self.sources.slice(span)
    }

    /// The source at a span, on one line and without comments.
    pub(super) fn one_line(&self, span: Span) -> String {
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
