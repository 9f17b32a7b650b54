//! From tree to program: names, types and flow are checked; what is left has no error in it.

mod action;
mod arithmetic;
mod awaited;
mod call;
mod case;
mod catalog;
mod checker;
mod compare;
mod constant;
mod context;
mod cycle;
mod declared;
mod elapse;
mod entry;
mod expected;
mod expr;
mod file;
mod flow;
mod foreign;
mod funnel;
mod goal;
mod history;
mod hours;
mod jump;
mod known;
mod letter;
mod limit;
mod memory;
mod mentioned;
mod misplaced;
mod moment;
mod names;
mod narrow;
mod note;
mod outward;
mod own;
mod part;
mod paths;
mod prelude;
pub mod program;
mod rule;
mod segment;
mod send;
mod settings;
mod step;
mod template;
mod test;
mod text;
mod told;
mod trigger;
mod types;
mod unfinished;
mod walk;
mod written;
mod zone;

pub use context::{Ceiling, Context, Reach, SmsForm};
pub use memory::{Memory, Part};
pub use note::{Mention, Named, Notes, Role, TypedAt, Visible, VisibleEvent, Word};
pub use own::{Mark, Own};
pub use prelude::{PRELUDE, PRELUDE_NAME, address_of};
pub use program::Program;
pub use step::can_be_set;
pub use types::written_form;
pub use zone::nearest_zone;

use crate::diagnostic::{Code, Diagnostic};
use crate::source::{FileId, Sources, Span};
use crate::syntax::Parsed;
use crate::syntax::ast::{File, ItemKind};
use checker::Checker;
use known::Known;
use program::{Asked, Words};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use template::Declaration;

/// What a check gives: a program without errors, and the findings about what was left out of it.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What the files declare together; the funnels and tests are in the parts.
    pub program: Program,
    /// The words of declared messages by SMS.
    pub words: Vec<Arc<Words>>,
    /// What each file holds, in their order.
    pub parts: Vec<Arc<Part>>,
    /// What was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks files that belong together. The prelude is a file like the others, except that declarations may replace its
/// own. What `memory` holds is not checked again.
#[must_use]
pub fn check(
    memory: &mut Memory,
    sources: &Sources,
    prelude: Option<&Arc<Parsed>>,
    files: &[(FileId, Arc<Parsed>)],
    context: &Context,
) -> Checked {
    let (known, declared) = declarations(sources, prelude.map(|prelude| &prelude.file), files, context);
    let known = Arc::new(known);
    let parts = memory.parts(sources, &known, files, context);
    // What several files show, such as a text that they name, is told once.
    let mut seen: BTreeSet<(Span, Code)> = BTreeSet::new();
    let all = declared.findings.iter().chain(parts.iter().flat_map(|part| &part.findings));
    let mut diagnostics: Vec<Diagnostic> =
        all.filter(|finding| seen.insert((finding.span, finding.code))).cloned().collect();
    diagnostics.sort_by_key(|finding| (finding.span.file, finding.span.start, finding.code));
    let diagnostics = told::told_once(diagnostics);
    let words: Vec<_> = declared.words.into_values().map(Arc::new).collect();
    let used = declared.used.iter().chain(parts.iter().flat_map(|part| &part.used)).copied().collect();
    let trees: Vec<&File> = files.iter().map(|(_, parsed)| &parsed.file).collect();
    let program = Program {
        catalog: known.catalog.clone(),
        actions: known.actions.keys().cloned().collect(),
        addresses: parts.iter().flat_map(|part| part.addresses.clone()).collect(),
        segments: known.checked_segments(),
        asked: declared.asked,
        words: words.iter().chain(parts.iter().flat_map(|part| &part.words)).map(Arc::clone).collect(),
        declared: declared::all(&trees, &used),
        complete: !diagnostics.iter().any(Diagnostic::is_error),
        ..Program::default()
    };
    Checked { program, parts, words, diagnostics }
}

/// What was found in declarations.
struct Declarations {
    findings: Vec<Diagnostic>,
    asked: Asked,
    words: BTreeMap<Span, Words>,
    used: BTreeSet<Span>,
}

/// What the files declare together, and what was found in it.
fn declarations(
    sources: &Sources,
    prelude: Option<&File>,
    files: &[(FileId, Arc<Parsed>)],
    context: &Context,
) -> (Known<'static>, Declarations) {
    let trees: Vec<&File> = files.iter().map(|(_, parsed)| &parsed.file).collect();
    let mut checker = Checker::new(sources, context, Arc::default());
    constants(&mut checker, &trees);
    checker.declare_fields(prelude, &trees);
    checker.check_constants();
    checker.check_segments();
    templates(&mut checker, prelude, &trees);
    checker.uses(&trees);
    actions(&mut checker, &trees);
    for (id, parsed) in files {
        checker.declare_names(*id, &parsed.file);
    }
    let Checker { findings, asked, words, used, known, .. } = checker;
    (Arc::unwrap_or_clone(known).settled(), Declarations { findings, asked, words, used })
}

fn constants<'a>(checker: &mut Checker<'a>, files: &[&'a File]) {
    for item in files.iter().flat_map(|file| &file.items) {
        if let ItemKind::Const { name, value } = &item.kind {
            checker.declare_constant(name, value);
        } else if let ItemKind::Segment { name, condition } = &item.kind {
            checker.declare_segment(name, condition);
        }
    }
}

fn templates<'a>(checker: &mut Checker<'a>, prelude: Option<&'a File>, files: &[&'a File]) {
    let shipped = prelude.into_iter().map(|prelude| (prelude, true));
    let all = shipped.chain(files.iter().map(|file| (*file, false)));
    let of_file = |(file, prelude): (&'a File, bool)| {
        file.items.iter().filter_map(move |item| match &item.kind {
            ItemKind::Template { channel, name, params, body } => {
                Some(Declaration { channel, name, params, body, whole: item.span, prelude })
            }
            ItemKind::Use(_)
            | ItemKind::Const { .. }
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Segment { .. }
            | ItemKind::Action { .. }
            | ItemKind::Funnel(_)
            | ItemKind::Test { .. }
            | ItemKind::Entry(_)
            | ItemKind::Error => None,
        })
    };
    checker.declare_templates(&all.flat_map(of_file).collect::<Vec<_>>());
}

fn actions(checker: &mut Checker<'_>, files: &[&File]) {
    for item in files.iter().flat_map(|file| &file.items) {
        if let ItemKind::Action { name, params } = &item.kind {
            checker.declare_action(name, params);
        }
    }
}
