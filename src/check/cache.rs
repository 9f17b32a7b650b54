//! Incremental checking. In: trees, and the results of the last check. Out: the same results as a check from scratch;
//! only files that changed, or that name something that changed elsewhere, are checked again.

use crate::check::checker::{CheckOutput, Checker};
use crate::check::context::Context;
use crate::check::declarations::{Changed, Declarations};
use crate::check::funnel::file_stem;
use crate::check::index::index_file;
use crate::check::program::{self, Asked, Funnel, Test};
use crate::check::symbol::SymbolIndex;
use crate::diagnostic::Diagnostic;
use crate::parallel;
use crate::source::{FileId, IncludeTarget, Sources, Span, Spanned};
use crate::syntax::Parsed;
use crate::syntax::ast::ItemKind;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

/// The checked contents of one file, apart from its declarations.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckedFile {
    /// Its funnels without errors.
    pub funnels: Vec<Arc<Funnel>>,
    /// Its tests without errors.
    pub tests: Vec<Arc<Test>>,
    /// The constant addresses of its calls.
    pub(super) addresses: Vec<Spanned<String>>,
    /// The meaning of its conditions, their parts and its awaited moments, by span.
    pub asked: Asked,
    /// Its SMS texts, in source order.
    pub words: Vec<Arc<program::Words>>,
    /// The files with conditions that it sends.
    pub conditional: Vec<Arc<program::ConditionalText>>,
    /// The declarations that it uses, by the span of their name.
    pub(super) used: BTreeSet<Span>,
    /// Its diagnostics.
    pub(super) findings: Vec<Diagnostic>,
}

/// The results of the last check.
#[derive(Debug, Clone, Default)]
pub struct CheckCache {
    last: Option<(Arc<Declarations<'static>>, Context)>,
    files: BTreeMap<FileId, CachedFile>,
}

/// A file with the result of its last check.
#[derive(Debug, Clone)]
struct CachedFile {
    tree: Arc<Parsed>,
    texts: Vec<AttachedText>,
    checked: Arc<CheckedFile>,
    /// Its symbol index, created on first use.
    index: OnceLock<Arc<SymbolIndex>>,
    /// The words in it and in its attached texts, collected on first use.
    words: OnceLock<FileWords>,
}

/// A text that a file attaches, and its state.
type AttachedText = (Span, IncludeTarget, u64);

/// The words of a file.
#[derive(Debug, Clone)]
struct FileWords {
    /// Never iterated, so its order does not matter.
    words: HashSet<Box<str>>,
    /// The names of its funnels and tests.
    names: BTreeSet<String>,
}

impl CheckCache {
    /// Checks every file against the declarations of all.
    pub(super) fn check_files(
        &mut self,
        sources: &Sources,
        decl: &Arc<Declarations<'static>>,
        files: &[(FileId, Arc<Parsed>)],
        context: &Context,
    ) -> Vec<Arc<CheckedFile>> {
        let changed = self.changed(decl, context);
        let stale: Vec<_> = files.iter().filter(|(id, tree)| self.is_stale(sources, *id, tree, &changed)).collect();
        let bytes = stale.iter().map(|(_, tree)| tree.file.span.len()).sum();
        let checked = parallel::map(&stale, bytes, |(id, tree)| check_file(sources, decl, *id, tree, context));
        for ((id, tree), checked) in stale.into_iter().zip(checked) {
            let (tree, texts) = (Arc::clone(tree), texts(sources, *id));
            self.files.insert(
                *id,
                CachedFile { tree, texts, checked: Arc::new(checked), index: OnceLock::new(), words: OnceLock::new() },
            );
        }
        self.last = Some((Arc::clone(decl), context.clone()));
        let listed: BTreeSet<FileId> = files.iter().map(|(id, _)| *id).collect();
        self.files.retain(|id, _| listed.contains(id));
        files.iter().filter_map(|(id, _)| self.files.get(id)).map(|file| Arc::clone(&file.checked)).collect()
    }

    /// The symbol index of a file, with the declarations of the last check.
    pub fn symbols(&self, sources: &Sources, id: FileId) -> Option<Arc<SymbolIndex>> {
        let (decl, context) = self.last.as_ref()?;
        let file = self.files.get(&id)?;
        Some(Arc::clone(file.index.get_or_init(|| Arc::new(index_file(sources, decl, id, &file.tree, context)))))
    }

    /// The symbol index of a file that was not checked: the prelude, or text that is only tried out.
    pub fn symbols_of(&self, sources: &Sources, id: FileId, tree: &Parsed) -> Option<SymbolIndex> {
        let (decl, context) = self.last.as_ref()?;
        Some(index_file(sources, decl, id, tree, context))
    }

    /// What changed outside the files themselves since the last check.
    fn changed(&self, decl: &Declarations<'static>, context: &Context) -> Changed {
        let Some((last, around)) = &self.last else { return Changed::Everything };
        match last.changed(decl) {
            Changed::Names(names) if around == context => {
                let unnamed =
                    |name: &String| name == "default" || context.default_templates.values().any(|n| n == name);
                if names.iter().any(unnamed) { Changed::Everything } else { Changed::Names(names) }
            }
            Changed::Names(_) | Changed::Everything => Changed::Everything,
        }
    }

    fn is_stale(&self, sources: &Sources, id: FileId, tree: &Arc<Parsed>, changed: &Changed) -> bool {
        let Some(file) = self.files.get(&id) else { return true };
        if !Arc::ptr_eq(&file.tree, tree) || file.texts != texts(sources, id) {
            return true;
        }
        match changed {
            Changed::Everything => true,
            Changed::Names(names) if names.is_empty() => false,
            // A diagnostic may mention any known name.
            Changed::Names(_) if !file.checked.findings.is_empty() => true,
            Changed::Names(names) => {
                let words = file.words.get_or_init(|| FileWords::of(sources, id, file));
                names.iter().any(|name| words.may_name(name))
            }
        }
    }
}

impl FileWords {
    fn of(sources: &Sources, id: FileId, file: &CachedFile) -> Self {
        let texts = file.texts.iter().filter_map(|(_, attached, _)| {
            let IncludeTarget::Text(text) = attached else { return None };
            Some(*text)
        });
        let texts = texts.chain([id]).filter_map(|id| sources.get(id));
        let words = texts.flat_map(|file| words_of(&file.text)).map(Box::from).collect();
        let names = file.tree.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Funnel(funnel) => Some(funnel.name.node.clone()),
            ItemKind::Test { title, .. } => title.plain(),
            ItemKind::Entry(_) => Some(file_stem(sources, id)),
            ItemKind::Use(_)
            | ItemKind::Const { .. }
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Segment { .. }
            | ItemKind::Template { .. }
            | ItemKind::Action { .. }
            | ItemKind::Error => None,
        });
        Self { words, names: names.collect() }
    }

    /// Whether a name may occur in the file.
    fn may_name(&self, name: &str) -> bool {
        self.names.contains(name) || words_of(name).all(|word| self.words.contains(word))
    }
}

fn words_of(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The texts that a file attaches.
fn texts(sources: &Sources, id: FileId) -> Vec<AttachedText> {
    let named = sources.includes(id).map(|(place, attached)| {
        let text = if let IncludeTarget::Text(text) = attached { sources.get(*text) } else { None };
        let revision = text.map_or(0, |text| text.revision);
        (place, attached.clone(), revision)
    });
    named.collect()
}

fn check_file(
    sources: &Sources,
    decl: &Arc<Declarations<'static>>,
    id: FileId,
    tree: &Parsed,
    context: &Context,
) -> CheckedFile {
    let mut checker = Checker::new(sources, context, Arc::<Declarations<'static>>::clone(decl));
    let funnels = checker.check_funnels(id, &tree.file);
    let tests = checker.check_tests(&tree.file, &funnels);
    let CheckOutput { addresses, asked, words, conditional, used, findings } = checker.into_output();
    let funnels = funnels.into_iter().map(Arc::new).collect();
    let tests = tests.into_iter().map(Arc::new).collect();
    let words = words.into_values().map(Arc::new).collect();
    let conditional = conditional.into_values().map(Arc::new).collect();
    CheckedFile { funnels, tests, addresses, asked, words, conditional, used, findings: findings.into_vec() }
}
