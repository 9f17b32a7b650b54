//! The git repository of the grammar, which Zed requires. In: a folder with the source of the parser. Out: a repository in
//! it, and extension files that refer to it.

use super::Failure;
use super::catalog::Part;
use crate::diagnostic::Phrase;
use crate::say;
use std::path::Path;
use std::process::Command;

/// Returns the extension files with the path and the commit of the repository filled in.
pub(super) fn parts(files: &[Part], folder: &Path, grammar: &Path) -> Result<Vec<Part>, Failure> {
    let commit = commit(grammar)?;
    let folder = folder.display().to_string().replace('\\', "/");
    let filled = |part: &Part| match part.to.as_ref() {
        "extension.toml" => {
            let text = String::from_utf8_lossy(&part.bytes).replace("FOLDER", &folder).replace("COMMIT", &commit);
            Part { to: part.to.clone(), bytes: text.into_bytes().into() }
        }
        _ => part.clone(),
    };
    Ok(files.iter().map(filled).collect())
}

/// Commits the contents of the folder, creating a repository if needed, and returns the hash of the commit.
fn commit(folder: &Path) -> Result<String, Failure> {
    git(folder, &["init", "--quiet"])?;
    git(folder, &["add", "--all"])?;
    if !git(folder, &["status", "--porcelain"])?.is_empty() {
        let author = ["-c", "user.name=funnelc", "-c", "user.email=funnelc@localhost", "-c", "commit.gpgsign=false"];
        git(folder, &[&author[..], &["commit", "--quiet", "--message", "The grammar of funnels"]].concat())?;
    }
    Ok(git(folder, &["rev-parse", "HEAD"])?.trim().to_owned())
}

fn git(folder: &Path, words: &[&str]) -> Result<String, Failure> {
    let output = Command::new("git").arg("-C").arg(folder).args(words).output();
    let output = output.map_err(|fault| Failure::io(say!("cannot start `git`, which Zed needs"), &fault))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = Phrase::verbatim(String::from_utf8_lossy(&output.stderr).trim());
    Err(Failure::new(say!("`git {words}` failed: {said}", words = words.join(" "), said)))
}
