//! A case as its help mends it. In: a case, its mends and its findings. Out: the mended case, or which mend is not one that
//! the help says.

use super::case::{Case, Judged, Mend};
use funnelc::diagnostic::Diagnostic;

/// Applies the mends in order.
pub(super) fn mended(case: &Case, mends: &[Mend], judged: &Judged) -> Result<Case, String> {
    let mut mended = case.clone();
    for mend in mends {
        match mend {
            Mend::Fix => apply_fixes(case, &mut mended, judged)?,
            Mend::Replace { file, old, new } => {
                let helps: Vec<_> = judged.findings.iter().flat_map(helps).collect();
                if !helps.iter().any(|help| says(help, old, new)) {
                    return Err(format!("no help says to write `{new}` for `{old}`"));
                }
                mended.replace(file, old, new)?;
            }
        }
    }
    Ok(mended)
}

fn helps(found: &Diagnostic) -> impl Iterator<Item = &str> {
    found.help.iter().map(|help| &**help)
}

/// Applies the first fix of each finding, from the last place to the first.
fn apply_fixes(case: &Case, mended: &mut Case, judged: &Judged) -> Result<(), String> {
    let mut edits = Vec::new();
    for found in &judged.findings {
        let fix = found.fixes.first().ok_or_else(|| format!("{} offers no fix", found.code.number()))?;
        edits.extend(&fix.edits);
    }
    edits.sort_by_key(|edit| (edit.span.file, edit.span.start));
    for edit in edits.iter().rev() {
        let path = judged.path(case, edit.span);
        let text = mended.files.get_mut(&path).ok_or_else(|| format!("a fix changes `{path}`, which is not there"))?;
        text.replace_range(edit.span.range(), &edit.text);
    }
    Ok(())
}

/// Whether a help says to write `new` for `old`: something to type in it is in the one and not in the other. What is only
/// to be left out is named by the help.
fn says(help: &str, old: &str, new: &str) -> bool {
    let pieces: Vec<_> = help.split('`').skip(1).step_by(2).chain([help]).collect();
    let deletes = new.len() < old.len() && is_cut(old, new);
    pieces.iter().any(|piece| {
        let typed = holds(new, piece) && !holds(old, piece);
        typed || (deletes && holds(old, piece) && !holds(new, piece))
    })
}

/// Whether `new` is `old` with one piece cut out.
fn is_cut(old: &str, new: &str) -> bool {
    let same = |(a, b): &(u8, u8)| a == b;
    let front = old.bytes().zip(new.bytes()).take_while(same).count();
    let back = old.bytes().rev().zip(new.bytes().rev()).take_while(same).count();
    front + back >= new.len()
}

/// Whether a text holds a pattern, in which `..` stands for anything.
fn holds(text: &str, pattern: &str) -> bool {
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
fn only_what_a_help_says_may_be_typed_in() {
    let help = "write `else skip` or `{{ x | default(\"..\") }}`";
    assert!(says(help, "until x", "until x else skip"));
    assert!(says(help, "{{ x }}", "{{ x | default(\"friend\") }}"));
    assert!(!says(help, "until x else skip", "until y else skip"));
    assert!(!says(help, "until x", "until x else stop"));
    assert!(says("leave out `for`", "wait for 2h", "wait 2h"));
    assert!(!says("leave out `for`", "wait for 2h up", "wait for 2h"));
}
