//! Notices that the files of a running project changed on disk. In: what was loaded, and from where. Out: one message for
//! each change; what runs stays as it was loaded.

use super::Failure;
use super::files::Selection;
use super::load::{self, Unit};
use crate::diagnostic::{Diagnostic, Phrase};
use crate::say;
use crate::source::Sources;
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

/// How often to look. A look asks the system for the times of the files and their folders, and reads nothing; unlike the
/// notifications of the system, it does not see what the store writes, and it sees what changes on a network drive.
const PAUSE: Duration = Duration::from_secs(2);

/// How long files must stay as they are, because editors save in several steps.
const SETTLED: Duration = Duration::from_millis(300);

/// After how many looks to search for new files in folders that had none.
const SEARCH_AFTER: u32 = 30;

/// Files that were written this recently may have changed while they were loaded.
const RECENT: Duration = Duration::from_secs(10);

/// Limit: the number of files that a message names.
const MOST_NAMES: usize = 3;

/// What became of the files.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// They differ from what runs, and can be used.
    Ready {
        /// The names of the files.
        files: Phrase,
    },
    /// They differ, and an error keeps them from being used.
    Broken {
        /// The names of the files.
        files: Phrase,
        /// The first error.
        fault: Phrase,
    },
    /// They are again what runs.
    Undone,
}

/// The files that were read: the name of each in messages, and a hash of its text.
type Texts = BTreeMap<PathBuf, (String, u64)>;

/// A hash of when each file or folder was last changed, and of its size; `None` if it is not there.
type Stamps = BTreeMap<PathBuf, Option<u64>>;

/// What is watched.
struct Watch {
    /// What the command line selects.
    path: Option<PathBuf>,
    /// What runs.
    loaded: Texts,
    /// What was there at the last change.
    current: Texts,
    /// Why that could not be used.
    fault: Option<Phrase>,
    /// The funnels that were there at the last change.
    funnels: BTreeSet<PathBuf>,
}

/// Calls `tell` once for each change of the files that a unit was loaded from. Returns at once.
pub(super) fn follow(
    path: Option<&PathBuf>,
    unit: &Unit,
    tell: impl Fn(&Change) + Send + 'static,
) -> Result<(), Failure> {
    if path.is_some_and(|path| path == Path::new("-")) {
        return Ok(());
    }
    let loaded = texts(unit);
    let funnels = funnels(path);
    let watch = Watch { path: path.cloned(), current: loaded.clone(), loaded, fault: None, funnels };
    let spawned = thread::Builder::new().name("stale".to_owned()).spawn(move || watch.run(&tell));
    spawned.map(drop).map_err(|fault| Failure::io(say!("cannot watch for changes"), &fault))
}

impl Watch {
    fn run(mut self, tell: &dyn Fn(&Change)) {
        let mut seen = self.stamps();
        for (path, stamp) in seen.iter_mut().filter(|(path, _)| self.loaded.contains_key(*path)) {
            *stamp = stamp.filter(|_| !is_recent(path));
        }
        for look in 1_u32.. {
            thread::sleep(PAUSE);
            let mut now = self.stamps();
            if now == seen && !look.is_multiple_of(SEARCH_AFTER) {
                continue;
            }
            loop {
                thread::sleep(SETTLED);
                let later = self.stamps();
                if std::mem::replace(&mut now, later.clone()) == later {
                    break;
                }
            }
            let is_file = |path: &PathBuf| self.loaded.contains_key(path) || self.current.contains_key(path);
            let is_changed = |path: &PathBuf| is_file(path) && seen.get(path) != now.get(path);
            if now.keys().any(is_changed) || funnels(self.path.as_ref()) != self.funnels {
                self.look().iter().for_each(tell);
            }
            // What changed during the look is seen by the next one.
            seen = now;
        }
    }

    /// When the files and their folders were last changed.
    fn stamps(&self) -> Stamps {
        let files = || self.loaded.keys().chain(self.current.keys());
        let folders = files().filter_map(|file| file.parent());
        files().map(PathBuf::as_path).chain(folders).map(|path| (path.to_owned(), stamp(path))).collect()
    }

    /// Loads the files, and says what became of them if that is news.
    fn look(&mut self) -> Option<Change> {
        self.funnels = funnels(self.path.as_ref());
        let (current, fault) = match load::load_again(self.path.as_ref()) {
            Ok(mut unit) => {
                let compiled = unit.workspace.compile();
                let errors = unit.obstacles(&compiled);
                (texts(&unit), errors.first().map(|error| in_one_line(error, &unit.workspace.sources)))
            }
            // Files that cannot be read are those that are missing.
            Err(Failure::Error(fault)) => {
                let is_there = |(path, _): &(&PathBuf, &(String, u64))| path.exists();
                let rest = self.loaded.iter().filter(is_there).map(|(path, text)| (path.clone(), text.clone()));
                (rest.collect(), Some(fault.message))
            }
            Err(Failure::Closed | Failure::Reported) => return None,
        };
        if (&current, &fault) == (&self.current, &self.fault) {
            return None;
        }
        (self.current, self.fault) = (current, fault);
        let files = self.changed();
        Some(match (&self.fault, files) {
            (Some(fault), files) => {
                let files = files.unwrap_or_else(|| say!("the files"));
                Change::Broken { files, fault: fault.clone() }
            }
            (None, Some(files)) => Change::Ready { files },
            (None, None) => Change::Undone,
        })
    }

    /// The files that differ from what runs; `None` if none does.
    fn changed(&self) -> Option<Phrase> {
        let all: BTreeSet<&PathBuf> = self.loaded.keys().chain(self.current.keys()).collect();
        let differs = |path: &&&PathBuf| self.loaded.get(**path) != self.current.get(**path);
        let name = |path: &PathBuf| self.current.get(path).or_else(|| self.loaded.get(path)).map(|(name, _)| name);
        let names: Vec<String> =
            all.iter().filter(differs).filter_map(|path| Some(format!("`{}`", name(path)?))).collect();
        let shown = Phrase::verbatim(names.iter().take(MOST_NAMES).cloned().collect::<Vec<_>>().join(", "));
        match names.len() {
            0 => None,
            count if count > MOST_NAMES => Some(say!("{shown} and {count} more", shown, count = count - MOST_NAMES)),
            _ => Some(shown),
        }
    }
}

/// `thanks.funnel:3:5: ..` and the code of the error.
fn in_one_line(error: &Diagnostic, sources: &Sources) -> Phrase {
    let code = error.code.number();
    let message = error.message.clone();
    let Some(file) = sources.get(error.span.file) else { return say!("{message} ({code})", message, code) };
    let at = file.lines.position(&file.text, error.span.start as usize);
    let place = format!("{}:{}:{}", file.name, at.line, at.column);
    say!("{place}: {message} ({code})", place, message, code)
}

/// The texts of a unit that was compiled.
fn texts(unit: &Unit) -> Texts {
    let workspace = &unit.workspace;
    let text = |(path, id): (&Path, crate::source::FileId)| {
        let file = workspace.sources.get(id)?;
        Some((path.to_owned(), (file.name.clone(), hash_of(&file.text))))
    };
    workspace.read_files().filter_map(text).collect()
}

/// The funnels that a path selects now.
fn funnels(path: Option<&PathBuf>) -> BTreeSet<PathBuf> {
    let groups = Selection::of(path.cloned()).resolve().map(|resolved| resolved.groups).unwrap_or_default();
    groups
        .into_iter()
        .flat_map(|group| group.named.into_iter().chain(group.others))
        .map(|file| file.canonical)
        .collect()
}

/// When a file or folder was last changed, and how large a file is; `None` if it is not there.
fn stamp(path: &Path) -> Option<u64> {
    let data = path.metadata().ok()?;
    let size = if data.is_dir() { 0 } else { data.len() };
    Some(hash_of(&(data.modified().ok()?, size)))
}

/// Whether a file may have changed since it was loaded.
fn is_recent(path: &Path) -> bool {
    let age = path.metadata().and_then(|data| data.modified()).map(|at| at.elapsed());
    // A time in the future is that of another clock.
    !matches!(age, Ok(Ok(age)) if age > RECENT)
}

fn hash_of(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}
