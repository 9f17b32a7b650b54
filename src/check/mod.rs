//! From tree to program: names, types and flow are checked; what is left has no error in it.

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
pub use context::{BusinessIdentity, Ceiling, Context, IdentityMarker, Reach, SmsForm};
pub use funnel::nearest_zone;
pub use prelude::{PRELUDE, PRELUDE_NAME, address_of};
pub use program::Program;
pub use step::can_be_set;
pub use symbol::{BuiltinKind, Reference, Role, ScopeAt, ScopeEvent, Symbol, SymbolIndex, TypedAt};
pub use types::written_form;

use crate::diagnostic::{Code, Diagnostic, Label};
use crate::say;
use crate::source::{FileId, Sources, Span};
use crate::syntax::Parsed;
use crate::syntax::ast::File;
use declare::{declarations, named_declarations};
use program::Words;
use std::collections::BTreeSet;
use std::sync::Arc;

/// What a check gives: a program without errors, and the findings about what was left out of it.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// What the files declare together; the funnels and tests are in the parts.
    pub program: Program,
    /// The words of declared messages by SMS.
    pub words: Vec<Arc<Words>>,
    /// What each file holds, in their order.
    pub files: Vec<Arc<CheckedFile>>,
    /// What was found, in the order of files and places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Checks files that belong together. The prelude is a file like the others, except that declarations may replace its
/// own. What `memory` holds is not checked again.
#[must_use]
pub fn check(
    memory: &mut CheckCache,
    sources: &Sources,
    prelude: Option<&Arc<Parsed>>,
    files: &[(FileId, Arc<Parsed>)],
    context: &Context,
) -> Checked {
    let (known, declared) = declarations(sources, prelude.map(|prelude| &prelude.file), files, context);
    let known = Arc::new(known);
    let parts = memory.check_files(sources, &known, files, context);
    // What several files show, such as a text that they name, is told once.
    let mut seen: BTreeSet<(Span, Code)> = BTreeSet::new();
    let all = declared.findings.iter().chain(parts.iter().flat_map(|part| &part.findings));
    let mut diagnostics: Vec<Diagnostic> =
        all.filter(|finding| seen.insert((finding.span, finding.code))).cloned().collect();
    diagnostics.sort_by_key(|finding| (finding.span.file, finding.span.start, finding.code));
    let diagnostics = merge_repeats(diagnostics);
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
        declared: named_declarations(&trees, &used),
        complete: !diagnostics.iter().any(Diagnostic::is_error),
        ..Program::default()
    };
    Checked { program, files: parts, words, diagnostics }
}

/// What several records lack is told once, at the first of them: it is one field that is declared so.
fn merge_repeats(findings: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let lacks = say!("not given here");
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(findings.len());
    for finding in findings {
        let same = |first: &&mut Diagnostic| {
            finding.label == lacks && first.message == finding.message && first.help == finding.help
        };
        match kept.iter_mut().find(same) {
            Some(first) => first.related.push(Label { span: finding.span, text: say!("nor here") }),
            None => kept.push(finding),
        }
    }
    kept
}
