//! The first pass: reads the declarations of all files into the tables that the second pass checks every file with.

mod action;
mod catalog;
mod constant;
mod segment;
mod template;
mod type_expr;

pub(super) use template::template_scope;

use crate::check::checker::{CheckOutput, Checker};
use crate::check::context::Context;
use crate::check::declarations::Declarations;
use crate::check::program::{self, Declares};
use crate::source::{FileId, Sources, Span};
use crate::syntax::Parsed;
use crate::syntax::ast::{self, File, ItemKind};
use std::collections::BTreeSet;
use std::sync::Arc;
use template::Declaration;

/// Declares everything in the files. Returns the tables and the diagnostics.
pub(super) fn declarations(
    sources: &Sources,
    prelude: Option<&File>,
    files: &[(FileId, Arc<Parsed>)],
    context: &Context,
) -> (Declarations<'static>, CheckOutput) {
    let trees: Vec<&File> = files.iter().map(|(_, parsed)| &parsed.file).collect();
    let mut checker = Checker::new(sources, context, Arc::default());
    constants(&mut checker, &trees);
    checker.declare_fields(prelude, &trees);
    for (id, parsed) in files {
        checker.declare_names(*id, &parsed.file);
    }
    checker.check_constants();
    checker.check_segments();
    templates(&mut checker, prelude, &trees);
    checker.check_uses(&trees);
    actions(&mut checker, &trees);
    let declared = std::mem::take(&mut checker.decl);
    (Arc::unwrap_or_clone(declared).finished(), checker.into_output())
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
        file.items.iter().filter_map(move |item| {
            let ItemKind::Template { channel, name, params, body } = &item.kind else { return None };
            Some(Declaration { channel, name, params, body, whole: item.span, prelude })
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

/// All declarations that are used by name. `used` has the spans of the names in use.
pub(super) fn named_declarations(files: &[&ast::File], used: &BTreeSet<Span>) -> Vec<program::Declared> {
    let declared = |item: &ast::Item| {
        let (kind, name) = match &item.kind {
            ItemKind::Const { name, .. } => (Declares::Constant, name),
            ItemKind::Segment { name, .. } => (Declares::Segment, name),
            ItemKind::Template { channel, name, .. } => (Declares::Template(channel.node.clone()), name),
            ItemKind::Action { name, .. } => (Declares::Action, name),
            ItemKind::Use(_)
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Funnel(_)
            | ItemKind::Test { .. }
            | ItemKind::Entry(_)
            | ItemKind::Error => return None,
        };
        let (name, span) = (name.node.clone(), name.span);
        Some(program::Declared { kind, name, span, whole: item.span, used: used.contains(&span) })
    };
    files.iter().flat_map(|file| &file.items).filter_map(declared).collect()
}
