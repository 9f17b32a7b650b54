//! A case with the fixes of its head applied. In: a case, its fixes and its findings. Out: the fixed case, or the fix
//! that no help suggests.

use super::case::{Case, Checked, Fix};
use funnelc::diagnostic::Diagnostic;

/// Applies the fixes in order.
pub(super) fn fixed(case: &Case, fixes: &[Fix], checked: &Checked) -> Result<Case, String> {
    let mut fixed = case.clone();
    for fix in fixes {
        match fix {
            Fix::Suggested => apply_suggested(case, &mut fixed, checked)?,
            Fix::Replace { file, old, new } => {
                let helps: Vec<_> = checked.findings.iter().flat_map(helps).collect();
                if !helps.iter().any(|help| suggests(help, old, new)) {
                    return Err(format!("no help suggests to replace `{old}` with `{new}`"));
                }
                fixed.replace(file, old, new)?;
            }
        }
    }
    Ok(fixed)
}

fn helps(found: &Diagnostic) -> impl Iterator<Item = &str> {
    found.help.iter().map(|help| &**help)
}

/// Applies the first fix of each finding, from the last edit to the first.
fn apply_suggested(case: &Case, fixed: &mut Case, checked: &Checked) -> Result<(), String> {
    let mut edits = Vec::new();
    for found in &checked.findings {
        let fix = found.fixes.first().ok_or_else(|| format!("{} has no fix", found.code.number()))?;
        edits.extend(&fix.edits);
    }
    edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
    for edit in edits.iter().rev() {
        let path = checked.path(case, edit.span);
        let text = fixed.files.get_mut(&path).ok_or_else(|| format!("a fix changes `{path}`, which does not exist"))?;
        text.replace_range(edit.span.range(), &edit.text);
    }
    Ok(())
}

/// Whether a help suggests to replace `old` with `new`: the help, or a piece of it in backticks, is in `new` and not in
/// `old`. A text that is only removed must be in the help, too.
fn suggests(help: &str, old: &str, new: &str) -> bool {
    let pieces: Vec<_> = help.split('`').skip(1).step_by(2).chain([help]).collect();
    let deletes = new.len() < old.len() && is_cut(old, new);
    pieces.iter().any(|piece| {
        let inserted = matches(new, piece) && !matches(old, piece);
        inserted || (deletes && matches(old, piece) && !matches(new, piece))
    })
}

/// Whether `new` is `old` without one part.
fn is_cut(old: &str, new: &str) -> bool {
    let same = |(a, b): &(u8, u8)| a == b;
    let front = old.bytes().zip(new.bytes()).take_while(same).count();
    let back = old.bytes().rev().zip(new.bytes().rev()).take_while(same).count();
    front + back >= new.len()
}

/// Whether a text contains a pattern, in which `..` matches anything.
fn matches(text: &str, pattern: &str) -> bool {
    let mut rest = text;
    pattern.split("..").map(str::trim).filter(|piece| !piece.is_empty()).all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = &rest[at + piece.len()..];
            true
        }
        None => false,
    })
}

#[test]
fn only_text_that_a_help_suggests_may_be_inserted() {
    let help = "write `else skip` or `{{ x | default(\"..\") }}`";
    assert!(suggests(help, "until x", "until x else skip"));
    assert!(suggests(help, "{{ x }}", "{{ x | default(\"friend\") }}"));
    assert!(!suggests(help, "until x else skip", "until y else skip"));
    assert!(!suggests(help, "until x", "until x else stop"));
    assert!(suggests("remove `for`", "wait for 2h", "wait 2h"));
    assert!(!suggests("remove `for`", "wait for 2h up", "wait for 2h"));
}
