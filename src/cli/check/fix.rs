//! `check --fix`: in, files with findings that a machine can mend; out, texts in which they are mended, and what is
//! left. A fix that brings other errors is left out.

use crate::cli::Failure;
use crate::cli::change::replace;
use crate::cli::load::Unit;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::source::FileId;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

/// Limit: how often a text is looked at again after fixes; each time what they laid bare is mended too.
const ROUNDS: usize = 20;

/// What mending came to.
pub(super) struct Mended {
    /// What is left to be told.
    pub(super) findings: Vec<Diagnostic>,
    /// The files that changed, with their old texts.
    pub(super) changed: BTreeMap<FileId, String>,
    /// How many fixes were applied.
    pub(super) fixes: u64,
}

/// How bad a state is: errors of the text itself, then all errors. What is hidden by a damaged text comes to light when
/// that is mended, and is no fault of the fix.
type Harm = (usize, usize);

/// What names a fix that did harm: its code, its title, its file and the line that it is on.
type Name = (Code, String, FileId, String);

/// Mends a unit's texts among its sources; guesses too where `all` is wanted.
pub(super) fn mend(unit: &mut Unit, all: bool) -> Mended {
    let mut mended = Mended { findings: unit.findings(), changed: BTreeMap::new(), fixes: 0 };
    let mut harmful: BTreeSet<Name> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let chosen = chosen(unit, &mended.findings, all, &harmful);
        if chosen.is_empty() {
            break;
        }
        let whole: Vec<Fix> = chosen.iter().map(|(_, fix)| fix.clone()).collect();
        if !mended.try_all(unit, &whole) {
            // Something in it does harm, so the first is tried by itself; the others have their turn in later rounds.
            for (name, fix) in chosen {
                if mended.try_all(unit, std::slice::from_ref(&fix)) {
                    break;
                }
                harmful.insert(name);
            }
        }
    }
    mended
}

impl Mended {
    /// Applies fixes that do not meet; takes them back and says no when that makes things worse.
    fn try_all(&mut self, unit: &mut Unit, fixes: &[Fix]) -> bool {
        let old = apply(unit, fixes);
        let findings = unit.findings();
        if harm(&findings) > harm(&self.findings) || old.is_empty() {
            old.iter().for_each(|(file, text)| _ = unit.workspace.replace(*file, text));
            return false;
        }
        for (file, text) in old {
            self.changed.entry(file).or_insert(text);
        }
        self.findings = findings;
        self.fixes += fixes.len() as u64;
        true
    }

    /// Writes what changed; what has no file is left to the caller.
    pub(super) fn write(&self, unit: &Unit) -> Result<(), Failure> {
        for file in self.changed.keys() {
            let (Some(Some(path)), Some(source)) = (unit.path(*file), unit.workspace.sources.get(*file)) else {
                continue;
            };
            let fault = |fault| Failure::write(&path, &fault);
            // The mark at the beginning is not part of the text, and stays.
            let marked = fs::read(&path).map_err(fault)?.starts_with(b"\xef\xbb\xbf");
            let mark = if marked { "\u{feff}" } else { "" };
            replace(&path, &format!("{mark}{}", source.text)).map_err(fault)?;
        }
        Ok(())
    }
}

fn harm(findings: &[Diagnostic]) -> Harm {
    let errors = || findings.iter().filter(|finding| finding.is_error());
    (errors().filter(|finding| finding.code.number() < "F0200").count(), errors().count())
}

/// The first fix of each finding, as far as they do not meet.
fn chosen(unit: &Unit, findings: &[Diagnostic], all: bool, harmful: &BTreeSet<Name>) -> Vec<(Name, Fix)> {
    let mut chosen: Vec<(Name, Fix)> = Vec::new();
    for finding in findings {
        let Some(fix) = finding.fixes.first().filter(|fix| all || !fix.guess) else { continue };
        let writable = fix.edits.iter().all(|edit| unit.path(edit.span.file).is_some());
        let meets = |(_, other): &(Name, Fix)| other.edits.iter().any(|a| fix.edits.iter().any(|b| touch(a, b)));
        let name = name(unit, finding, fix);
        if writable && !harmful.contains(&name) && !chosen.iter().any(meets) {
            chosen.push((name, fix.clone()));
        }
    }
    chosen
}

fn name(unit: &Unit, finding: &Diagnostic, fix: &Fix) -> Name {
    let file = unit.workspace.sources.get(finding.span.file);
    let line = file.map_or("", |file| file.lines.text(&file.text, finding.span.start as usize));
    (finding.code, fix.title.to_string(), finding.span.file, line.to_owned())
}

/// Whether two edits overlap or stand side by side, where their order would matter.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// Changes the texts and gives the old ones of those that are others now.
fn apply(unit: &mut Unit, fixes: &[Fix]) -> BTreeMap<FileId, String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let mut texts: BTreeMap<FileId, String> = BTreeMap::new();
    // From the end, so that places before stay as they are.
    for edit in edits.into_iter().rev() {
        let Some(source) = unit.workspace.sources.get(edit.span.file) else { continue };
        let text = texts.entry(edit.span.file).or_insert_with(|| source.text.clone());
        let crlf = source.text.contains("\r\n") && !edit.text.contains('\r');
        let put = if crlf { edit.text.replace('\n', "\r\n") } else { edit.text.clone() };
        if text.get(edit.span.range()).is_some() {
            text.replace_range(edit.span.range(), &put);
        }
    }
    let mut old = BTreeMap::new();
    for (file, text) in texts {
        let before = unit.workspace.sources.get(file).map(|source| source.text.clone()).unwrap_or_default();
        if unit.workspace.replace(file, &text) {
            old.insert(file, before);
        }
    }
    old
}
