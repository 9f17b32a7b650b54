//! Reads files from git. In: files of one folder. Out: their committed texts, before the change that is being checked.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;

/// The variable in which pre-commit and prek pass the base commit when they compare two commits.
const FROM: &str = "PRE_COMMIT_FROM_REF";

/// Returns the texts of files in the last commit, or in the one that a hook compares with. Files that are not in it are
/// left out; the result is empty without git, a repository or a commit.
pub(super) fn read_committed(folder: &Path, files: &[PathBuf]) -> BTreeMap<PathBuf, String> {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let commit = env::var(FROM).ok().filter(|commit| !commit.is_empty()).unwrap_or_else(|| "HEAD".to_owned());
    let asked: Vec<(&PathBuf, String)> =
        files.iter().filter_map(|file| Some((file, format!("{commit}:./{}", below(folder, file)?)))).collect();
    ask_git(folder, &asked).unwrap_or_default()
}

/// Returns the path of a file relative to a folder, as git writes it; `None` for a path with a line break, which the
/// protocol of `cat-file` does not allow.
fn below(folder: &Path, file: &Path) -> Option<String> {
    let (folder, file) = (folder.canonicalize().ok()?, file.canonicalize().ok()?);
    let parts = file.strip_prefix(&folder).ok()?.iter().map(OsStr::to_str).collect::<Option<Vec<_>>>()?;
    Some(parts.join("/")).filter(|path| !path.contains('\n'))
}

fn ask_git(folder: &Path, asked: &[(&PathBuf, String)]) -> Option<BTreeMap<PathBuf, String>> {
    let mut git = Command::new("git");
    git.args(["cat-file", "--batch"]).current_dir(folder);
    // In a hook these variables refer to the folder that git started it from.
    ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"].iter().for_each(|name| _ = git.env_remove(name));
    let mut git = git.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().ok()?;
    let texts = exchange(&mut git, asked);
    // The texts that it returned before it failed are still valid.
    let _ = git.wait();
    texts
}

/// Writes the requests from another thread while reading the answers, since the pipes hold little.
fn exchange(git: &mut Child, asked: &[(&PathBuf, String)]) -> Option<BTreeMap<PathBuf, String>> {
    let (mut to, mut from) = (git.stdin.take()?, BufReader::new(git.stdout.take()?));
    let lines: String = asked.iter().map(|(_, object)| format!("{object}\n")).collect();
    let writer = thread::spawn(move || to.write_all(lines.as_bytes()));
    let mut texts = BTreeMap::new();
    for (file, _) in asked {
        let Some(answer) = read_answer(&mut from) else { break };
        if let Some(text) = answer {
            texts.insert((*file).clone(), text);
        }
    }
    // Git may exit without reading all requests.
    let _ = writer.join();
    Some(texts)
}

/// Reads one answer: a text, or `Some(None)` if there is no such file; `None` at the end of the output.
fn read_answer(from: &mut impl BufRead) -> Option<Option<String>> {
    let mut head = String::new();
    if from.read_line(&mut head).ok()? == 0 {
        return None;
    }
    let Some(size) = head.trim_end().split_once(" blob ").and_then(|(_, size)| size.parse::<u64>().ok()) else {
        return Some(None);
    };
    let mut bytes = Vec::new();
    from.take(size + 1).read_to_end(&mut bytes).ok()?;
    bytes.pop();
    let text = String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes)).into_owned();
    Some(Some(text))
}
