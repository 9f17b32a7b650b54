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
mod funnel;
mod goal;
mod history;
mod jump;
mod letter;
mod limit;
mod mentioned;
mod misplaced;
mod moment;
mod names;
mod narrow;
mod outward;
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
mod walk;
mod written;
mod zone;

pub use context::Context;
pub use prelude::{PRELUDE, PRELUDE_NAME};
pub use program::Program;
pub use types::written_form;
pub use zone::nearest_zone;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Sources};
use crate::syntax::ast::{File, ItemKind};
use checker::Checker;

/// What a check gives: a program without errors, and the findings about what was left out of it.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The funnels that have no fault.
    pub program: Program,
    /// What was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks files that belong together. The prelude is a file like the others, except that declarations may replace its
/// own.
#[must_use]
pub fn check(sources: &Sources, prelude: &File, files: &[(FileId, &File)], context: &Context) -> Checked {
    let trees: Vec<&File> = files.iter().map(|(_, file)| *file).collect();
    let mut checker = Checker::new(sources, context);
    constants(&mut checker, &trees);
    checker.declare_fields(prelude, &trees);
    checker.check_constants();
    checker.check_segments();
    templates(&mut checker, prelude, &trees);
    checker.uses(&trees);
    actions(&mut checker, &trees);
    let funnels = checker.funnels(files);
    let tests = checker.tests(files, &funnels);
    let mut diagnostics = std::mem::take(&mut checker.findings);
    diagnostics.sort_by_key(|finding| (finding.span.file, finding.span.start, finding.code));
    let complete = !diagnostics.iter().any(Diagnostic::is_error);
    let declared = declared::all(&trees, &checker.used);
    let segments = checker.checked_segments();
    let actions = checker.actions.into_keys().collect();
    let program = Program {
        catalog: checker.catalog,
        funnels,
        tests,
        actions,
        addresses: checker.addresses,
        segments,
        asked: checker.asked,
        declared,
        complete,
    };
    Checked { program, diagnostics }
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

fn templates<'a>(checker: &mut Checker<'a>, prelude: &'a File, files: &[&'a File]) {
    for (file, shipped) in std::iter::once((prelude, true)).chain(files.iter().map(|file| (*file, false))) {
        for item in &file.items {
            if let ItemKind::Template { channel, name, params, body } = &item.kind {
                checker.declare_template(channel, name, params, body, shipped);
            }
        }
    }
}

fn actions(checker: &mut Checker<'_>, files: &[&File]) {
    for item in files.iter().flat_map(|file| &file.items) {
        if let ItemKind::Action { name, params } = &item.kind {
            checker.declare_action(name, params);
        }
    }
}
