//! A check that remembers. In: trees, and what the check before found in them. Out: what this check finds, the same as a
//! check that remembers nothing: only files are checked again that changed, or that name what changed elsewhere.

use super::checker::{Checker, Found};
use super::context::Context;
use super::funnel::stem;
use super::known::{Changed, Known};
use super::note::{self, Notes};
use super::program::{self, Asked, Funnel, Test};
use crate::diagnostic::Diagnostic;
use crate::parallel;
use crate::source::{FileId, IncludeTarget, Sources, Span, Spanned};
use crate::syntax::Parsed;
use crate::syntax::ast::ItemKind;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, OnceLock};

/// What one file holds, besides what it declares.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The funnels that have no fault.
    pub funnels: Vec<Arc<Funnel>>,
    /// The tests that have none.
    pub tests: Vec<Arc<Test>>,
    /// Where calls go.
    pub(super) addresses: Vec<Spanned<String>>,
    /// What each of its conditions, each part of one and each moment that is waited for says, by where it is written.
    pub asked: Asked,
    /// The words of its messages by SMS, in the order of their places.
    pub words: Vec<Arc<program::Words>>,
    /// The names of declarations that it uses, by where they are declared.
    pub(super) used: BTreeSet<Span>,
    /// What was found in it.
    pub(super) findings: Vec<Diagnostic>,
}

/// What the last check found.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    last: Option<(Arc<Known<'static>>, Context)>,
    files: BTreeMap<FileId, Remembered>,
}

/// A file as it was checked.
#[derive(Debug, Clone)]
struct Remembered {
    tree: Arc<Parsed>,
    texts: Vec<Named>,
    part: Arc<Part>,
    /// What its names stand for; found when it is first asked for.
    notes: OnceLock<Arc<Notes>>,
    /// What is named in it and in its texts; found when it is first asked for.
    words: OnceLock<Words>,
}

/// A text that a file names, and the state that it was in.
type Named = (Span, IncludeTarget, u64);

/// What a file names.
#[derive(Debug, Clone)]
struct Words {
    /// Hashing is quick, and nothing is done in the order of these.
    words: HashSet<Box<str>>,
    /// What its funnels and tests are called.
    own: BTreeSet<String>,
}

impl Memory {
    /// Checks every file's own part, with what all declare.
    pub(super) fn parts(
        &mut self,
        sources: &Sources,
        known: &Arc<Known<'static>>,
        files: &[(FileId, Arc<Parsed>)],
        context: &Context,
    ) -> Vec<Arc<Part>> {
        let changed = self.changed(known, context);
        let stale: Vec<_> = files.iter().filter(|(id, tree)| self.is_stale(sources, *id, tree, &changed)).collect();
        let bytes = stale.iter().map(|(_, tree)| tree.file.span.len()).sum();
        let parts = parallel::map(&stale, bytes, |(id, tree)| part(sources, known, *id, tree, context));
        for ((id, tree), part) in stale.into_iter().zip(parts) {
            let (tree, texts) = (Arc::clone(tree), texts(sources, *id));
            self.files.insert(
                *id,
                Remembered { tree, texts, part: Arc::new(part), notes: OnceLock::new(), words: OnceLock::new() },
            );
        }
        self.last = Some((Arc::clone(known), context.clone()));
        let listed: BTreeSet<FileId> = files.iter().map(|(id, _)| *id).collect();
        self.files.retain(|id, _| listed.contains(id));
        files.iter().filter_map(|(id, _)| self.files.get(id)).map(|file| Arc::clone(&file.part)).collect()
    }

    /// What the names in a file stand for, with all that was declared at the last check.
    pub fn notes(&self, sources: &Sources, id: FileId) -> Option<Arc<Notes>> {
        let (known, context) = self.last.as_ref()?;
        let file = self.files.get(&id)?;
        Some(Arc::clone(file.notes.get_or_init(|| Arc::new(note::notes(sources, known, id, &file.tree, context)))))
    }

    /// The same of a file that was not checked: the prelude, or a text that is only tried.
    pub fn notes_of(&self, sources: &Sources, id: FileId, tree: &Parsed) -> Option<Notes> {
        let (known, context) = self.last.as_ref()?;
        Some(note::notes(sources, known, id, tree, context))
    }

    /// What is not as it was at the last check, apart from the files' own parts.
    fn changed(&self, known: &Known<'static>, context: &Context) -> Changed {
        let Some((last, around)) = &self.last else { return Changed::Everything };
        match last.changed(known) {
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
            // What is said of a fault may name anything that is known.
            Changed::Names(_) if !file.part.findings.is_empty() => true,
            Changed::Names(names) => {
                let words = file.words.get_or_init(|| Words::of(sources, id, file));
                names.iter().any(|name| words.name(name))
            }
        }
    }
}

impl Words {
    fn of(sources: &Sources, id: FileId, file: &Remembered) -> Self {
        let texts = file.texts.iter().filter_map(|(_, attached, _)| match attached {
            IncludeTarget::Text(text) => Some(*text),
            IncludeTarget::Refused
            | IncludeTarget::TooLarge
            | IncludeTarget::Missing { .. }
            | IncludeTarget::Folder
            | IncludeTarget::Unreadable(_)
            | IncludeTarget::Outside
            | IncludeTarget::Absolute
            | IncludeTarget::Backslash => None,
        });
        let texts = texts.chain([id]).filter_map(|id| sources.get(id));
        let words = texts.flat_map(|file| words(&file.text)).map(Box::from).collect();
        let names = file.tree.file.items.iter().filter_map(|item| match &item.kind {
            ItemKind::Funnel(funnel) => Some(funnel.name.node.clone()),
            ItemKind::Test { title, .. } => title.plain(),
            ItemKind::Entry(_) => Some(stem(sources, id)),
            ItemKind::Use(_)
            | ItemKind::Const { .. }
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Segment { .. }
            | ItemKind::Template { .. }
            | ItemKind::Action { .. }
            | ItemKind::Error => None,
        });
        Self { words, own: names.collect() }
    }

    /// Whether a name may stand somewhere in the file.
    fn name(&self, name: &str) -> bool {
        self.own.contains(name) || words(name).all(|word| self.words.contains(word))
    }
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty())
}

/// The texts that a file names.
fn texts(sources: &Sources, id: FileId) -> Vec<Named> {
    let named = sources.includes(id).map(|(place, attached)| {
        let revision = match attached {
            IncludeTarget::Text(text) => sources.get(*text).map_or(0, |text| text.revision),
            IncludeTarget::Refused
            | IncludeTarget::TooLarge
            | IncludeTarget::Missing { .. }
            | IncludeTarget::Folder
            | IncludeTarget::Unreadable(_)
            | IncludeTarget::Outside
            | IncludeTarget::Absolute
            | IncludeTarget::Backslash => 0,
        };
        (place, attached.clone(), revision)
    });
    named.collect()
}

fn part(sources: &Sources, known: &Arc<Known<'static>>, id: FileId, tree: &Parsed, context: &Context) -> Part {
    let mut checker = Checker::new(sources, context, Arc::<Known<'static>>::clone(known));
    let funnels = checker.funnels(id, &tree.file);
    let tests = checker.tests(&tree.file, &funnels);
    let Found { addresses, asked, words, used, findings } = checker.found();
    let funnels = funnels.into_iter().map(Arc::new).collect();
    let tests = tests.into_iter().map(Arc::new).collect();
    let words = words.into_values().map(Arc::new).collect();
    Part { funnels, tests, addresses, asked, words, used, findings }
}
