//! Mending. In: texts with findings that a machine can mend. Out: texts in which they are mended, and what is left. A fix
//! that brings other errors is left out.

use super::Workspace;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::source::{FileId, line_end, with_line_ends};
use std::collections::{BTreeMap, BTreeSet};

/// Limit: how often a text is looked at again after fixes; each time what they laid bare is mended too.
const ROUNDS: usize = 20;

/// Texts that can be mended.
pub trait Mendable {
    /// The texts.
    fn workspace(&self) -> &Workspace;

    /// The same, to be changed.
    fn workspace_mut(&mut self) -> &mut Workspace;

    /// Those of all findings that are told.
    fn told(&mut self, found: Vec<Diagnostic>) -> Vec<Diagnostic>;

    /// Whether a file may be changed.
    fn is_writable(&self, file: FileId) -> bool;
}

/// What mending came to.
#[derive(Debug, Clone)]
pub struct Mended {
    /// What is left to be told.
    pub findings: Vec<Diagnostic>,
    /// The files that changed, with their old texts.
    pub changed: BTreeMap<FileId, String>,
    /// How many fixes were applied.
    pub fixes: u64,
}

/// How bad a state is: errors of the text itself, then all errors. What is hidden by a damaged text comes to light when
/// that is mended, and is no fault of the fix.
type Harm = (usize, usize);

/// What names a fix that did harm: its code, its title, its file and the line that it is on.
type Name = (Code, String, FileId, String);

/// Mends texts among the sources; guesses too where these are wanted.
pub fn mend(texts: &mut impl Mendable, guesses: bool) -> Mended {
    let mut mended = Mended { findings: findings(texts), changed: BTreeMap::new(), fixes: 0 };
    let mut harmful: BTreeSet<Name> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let chosen = chosen(texts, &mended.findings, guesses, &harmful);
        if chosen.is_empty() {
            break;
        }
        let whole: Vec<Fix> = chosen.iter().map(|(_, fix)| fix.clone()).collect();
        if !mended.try_all(texts, &whole) {
            // Something in it does harm, so the first is tried by itself; the others have their turn in later rounds.
            for (name, fix) in chosen {
                if mended.try_all(texts, std::slice::from_ref(&fix)) {
                    break;
                }
                harmful.insert(name);
            }
        }
    }
    mended
}

/// What is told of texts as they are.
pub fn findings(texts: &mut impl Mendable) -> Vec<Diagnostic> {
    let found = texts.workspace_mut().compile().diagnostics;
    texts.told(found)
}

impl Mended {
    /// Applies fixes that do not meet; takes them back and says no when that makes things worse.
    fn try_all(&mut self, texts: &mut impl Mendable, fixes: &[Fix]) -> bool {
        let old = apply(texts.workspace_mut(), fixes);
        let findings = findings(texts);
        if harm(&findings) > harm(&self.findings) || old.is_empty() {
            old.iter().for_each(|(file, text)| _ = texts.workspace_mut().replace(*file, text));
            return false;
        }
        for (file, text) in old {
            self.changed.entry(file).or_insert(text);
        }
        self.findings = findings;
        self.fixes += fixes.len() as u64;
        true
    }
}

fn harm(findings: &[Diagnostic]) -> Harm {
    let errors = || findings.iter().filter(|finding| finding.is_error());
    (errors().filter(|finding| finding.code.number() < "F0200").count(), errors().count())
}

/// The first fix of each finding, as far as they do not meet.
fn chosen(texts: &impl Mendable, findings: &[Diagnostic], guesses: bool, harmful: &BTreeSet<Name>) -> Vec<(Name, Fix)> {
    let mut chosen: Vec<(Name, Fix)> = Vec::new();
    for finding in findings {
        let Some(fix) = finding.fixes.first().filter(|fix| guesses || !fix.guess) else { continue };
        let writable = fix.edits.iter().all(|edit| texts.is_writable(edit.span.file));
        let meets = |(_, other): &(Name, Fix)| other.edits.iter().any(|a| fix.edits.iter().any(|b| touch(a, b)));
        let name = name(texts.workspace(), finding, fix);
        if writable && !harmful.contains(&name) && !chosen.iter().any(meets) {
            chosen.push((name, fix.clone()));
        }
    }
    chosen
}

fn name(workspace: &Workspace, finding: &Diagnostic, fix: &Fix) -> Name {
    let file = workspace.sources.get(finding.span.file);
    let line = file.map_or("", |file| file.lines.text(&file.text, finding.span.start as usize));
    (finding.code, fix.title.to_string(), finding.span.file, line.to_owned())
}

/// Whether two edits overlap or stand side by side, where their order would matter.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// Changes the texts and gives the old ones of those that are others now.
fn apply(workspace: &mut Workspace, fixes: &[Fix]) -> BTreeMap<FileId, String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let mut texts: BTreeMap<FileId, String> = BTreeMap::new();
    // From the end, so that places before stay as they are.
    for edit in edits.into_iter().rev() {
        let Some(source) = workspace.sources.get(edit.span.file) else { continue };
        let text = texts.entry(edit.span.file).or_insert_with(|| source.text.clone());
        let put = with_line_ends(&edit.text, line_end(&source.text));
        if text.get(edit.span.range()).is_some() {
            text.replace_range(edit.span.range(), &put);
        }
    }
    let mut old = BTreeMap::new();
    for (file, text) in texts {
        let before = workspace.sources.get(file).map(|source| source.text.clone()).unwrap_or_default();
        if workspace.replace(file, &text) {
            old.insert(file, before);
        }
    }
    old
}
