//! The checker. In: syntax trees. Out: a program whose names, types and control flow are valid, and diagnostics about
//! what was left out of it.

mod cache;
mod checker;
mod content;
mod context;
mod declarations;
mod declare;
mod event;
mod expr;
mod funnel;
mod index;
mod prelude;
pub mod program;
mod scope;
mod step;
mod symbol;
mod test;
mod types;

pub use cache::{CheckCache, CheckedFile};
pub use context::{BusinessIdentity, Ceiling, Context, IdentityMarker, MessageSettings, SmsForm};
pub use funnel::{hours_of, nearest_zone, zone_words};
pub(crate) use prelude::{ANY_MESSAGE, MESSAGE_EVENTS};
pub use prelude::{CHANNELS, PRELUDE, PRELUDE_NAME, address_of};
pub use program::Program;
pub use step::can_be_set;
pub use symbol::{BuiltinKind, Reference, Role, ScopeAt, ScopeEvent, Symbol, SymbolIndex, TypedAt};
pub use types::written_form;

use crate::diagnostic::Findings;
use crate::say;
use crate::source::{FileId, Sources};
use crate::syntax::Parsed;
use crate::syntax::ast::File;
use declare::{declarations, named_declarations};
use program::Words;
use std::sync::Arc;

/// The result of a check: a program without errors, and the diagnostics.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// The declarations of all files; the funnels and tests are in `files`.
    pub program: Program,
    /// The SMS texts of templates.
    pub words: Vec<Arc<Words>>,
    /// The contents of each file, in the order of the files.
    pub files: Vec<Arc<CheckedFile>>,
    /// The diagnostics, in source order.
    pub findings: Findings,
}

/// Checks the files of a project. The prelude is a file like the others, except that declarations may replace its own.
/// Files that `memory` knows to be unchanged are not checked again.
#[must_use]
pub fn check(
    memory: &mut CheckCache,
    sources: &Sources,
    prelude: Option<&Arc<Parsed>>,
    files: &[(FileId, Arc<Parsed>)],
    context: &Context,
) -> Checked {
    let (decl, declared) = declarations(sources, prelude.map(|prelude| &prelude.file), files, context);
    let decl = Arc::new(decl);
    let checked = memory.check_files(sources, &decl, files, context);
    // A problem in a text that several files attach is reported once.
    let mut findings = declared.findings;
    findings.extend(checked.iter().flat_map(|file| &file.findings).cloned());
    findings.sort();
    // Where several records lack a field, the declaration of the field is the likely mistake.
    findings.merge(&say!("missing here"), &say!("also missing here"));
    let words: Vec<_> = declared.words.into_values().map(Arc::new).collect();
    let used = declared.used.iter().chain(checked.iter().flat_map(|file| &file.used)).copied().collect();
    let trees: Vec<&File> = files.iter().map(|(_, parsed)| &parsed.file).collect();
    let program = Program {
        catalog: decl.catalog.clone(),
        actions: decl.actions.keys().cloned().collect(),
        addresses: checked.iter().flat_map(|file| file.addresses.clone()).collect(),
        segments: decl.checked_segments(),
        asked: declared.asked,
        words: words.iter().chain(checked.iter().flat_map(|file| &file.words)).map(Arc::clone).collect(),
        conditional: declared.conditional.into_values().map(Arc::new).collect(),
        declared: named_declarations(&trees, &used),
        ..Program::default()
    };
    Checked { program, files: checked, words, findings }
}
