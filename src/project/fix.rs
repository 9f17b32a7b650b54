//! Automatic fixes. In: texts with findings that have fixes. Out: the fixed texts and the remaining findings. A fix that
//! causes new errors is not applied.

use super::Workspace;
use crate::diagnostic::{Code, Diagnostic, Edit, Fix};
use crate::source::{FileId, line_end, with_line_ends};
use std::collections::{BTreeMap, BTreeSet};

/// Limit: how many times a text is checked again after fixes, each time for the findings that the last ones revealed.
const ROUNDS: usize = 20;

/// Texts that fixes can be applied to.
pub trait FixTarget {
    /// The texts.
    fn workspace(&self) -> &Workspace;

    /// The texts, to be changed.
    fn workspace_mut(&mut self) -> &mut Workspace;

    /// Keeps the findings that are reported for these texts.
    fn relevant(&mut self, found: Vec<Diagnostic>) -> Vec<Diagnostic>;

    /// Whether a file may be changed.
    fn is_writable(&self, file: FileId) -> bool;
}

/// The result of applying fixes.
#[derive(Debug, Clone)]
pub struct FixReport {
    /// The remaining findings.
    pub findings: Vec<Diagnostic>,
    /// The files that changed, with their old texts.
    pub changed: BTreeMap<FileId, String>,
    /// The number of fixes applied.
    pub fixes: u64,
}

/// How bad a state is: the number of syntax errors, then of all errors. Fixing a syntax error can reveal errors that were
/// hidden by it; these do not count against the fix.
type ErrorCounts = (usize, usize);

/// Identifies a fix that made things worse: its code, its title, its file and the text of its line.
type FixKey = (Code, String, FileId, String);

/// Applies the fixes of all findings, unsafe ones only if `include_unsafe`.
pub fn apply_fixes(texts: &mut impl FixTarget, include_unsafe: bool) -> FixReport {
    let mut report = FixReport { findings: findings(texts), changed: BTreeMap::new(), fixes: 0 };
    let mut harmful: BTreeSet<FixKey> = BTreeSet::new();
    for _ in 0..ROUNDS {
        let chosen = choose(texts, &report.findings, include_unsafe, &harmful);
        if chosen.is_empty() {
            break;
        }
        let fixes: Vec<Fix> = chosen.iter().map(|(_, fix)| fix.clone()).collect();
        if !report.try_all(texts, &fixes) {
            // One of them does harm, so they are tried one by one; after the first success the others wait for later rounds.
            for (key, fix) in chosen {
                if report.try_all(texts, std::slice::from_ref(&fix)) {
                    break;
                }
                harmful.insert(key);
            }
        }
    }
    report
}

/// Returns the findings that are reported for texts as they are.
pub fn findings(texts: &mut impl FixTarget) -> Vec<Diagnostic> {
    let found = texts.workspace_mut().compile().diagnostics;
    texts.relevant(found)
}

impl FixReport {
    /// Applies fixes that do not overlap. Reverts them and returns `false` if they make things worse.
    fn try_all(&mut self, texts: &mut impl FixTarget, fixes: &[Fix]) -> bool {
        let old = apply(texts.workspace_mut(), fixes);
        let findings = findings(texts);
        if count_errors(&findings) > count_errors(&self.findings) || old.is_empty() {
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

fn count_errors(findings: &[Diagnostic]) -> ErrorCounts {
    let errors = || findings.iter().filter(|finding| finding.is_error());
    (errors().filter(|finding| finding.code.number() < "F0200").count(), errors().count())
}

/// Returns the first fix of each finding, without those that overlap an earlier one.
fn choose(
    texts: &impl FixTarget,
    findings: &[Diagnostic],
    include_unsafe: bool,
    harmful: &BTreeSet<FixKey>,
) -> Vec<(FixKey, Fix)> {
    let mut chosen: Vec<(FixKey, Fix)> = Vec::new();
    for finding in findings {
        let Some(fix) = finding.fixes.first().filter(|fix| include_unsafe || !fix.guess) else { continue };
        let is_writable = fix.edits.iter().all(|edit| texts.is_writable(edit.span.file));
        let overlaps = |(_, other): &(FixKey, Fix)| other.edits.iter().any(|a| fix.edits.iter().any(|b| touch(a, b)));
        let key = key(texts.workspace(), finding, fix);
        if is_writable && !harmful.contains(&key) && !chosen.iter().any(overlaps) {
            chosen.push((key, fix.clone()));
        }
    }
    chosen
}

fn key(workspace: &Workspace, finding: &Diagnostic, fix: &Fix) -> FixKey {
    let file = workspace.sources.get(finding.span.file);
    let line = file.map_or("", |file| file.lines.text(&file.text, finding.span.start as usize));
    (finding.code, fix.title.to_string(), finding.span.file, line.to_owned())
}

/// Whether two edits overlap or are adjacent, so that their order would matter.
fn touch(a: &Edit, b: &Edit) -> bool {
    a.span.file == b.span.file && a.span.start <= b.span.end && b.span.start <= a.span.end
}

/// Changes the texts and returns the old ones of those that changed.
fn apply(workspace: &mut Workspace, fixes: &[Fix]) -> BTreeMap<FileId, String> {
    let mut edits: Vec<&Edit> = fixes.iter().flat_map(|fix| &fix.edits).collect();
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let mut texts: BTreeMap<FileId, String> = BTreeMap::new();
    // From the end, so that earlier offsets stay valid.
    for edit in edits.into_iter().rev() {
        let Some(source) = workspace.sources.get(edit.span.file) else { continue };
        let text = texts.entry(edit.span.file).or_insert_with(|| source.text.clone());
        let inserted = with_line_ends(&edit.text, line_end(&source.text));
        if text.get(edit.span.range()).is_some() {
            text.replace_range(edit.span.range(), &inserted);
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
