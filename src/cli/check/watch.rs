//! `check --watch`: reports findings now and after each change, until Ctrl-C. Unchanged texts are neither parsed nor checked
//! again.

use super::tally::Tally;
use super::{Args, Checked, render};
use crate::cli::files::Group;
use crate::cli::load;
use crate::cli::{Failure, Outcome, Terminal};
use crate::diagnostic::Levels;
use crate::project::{PROJECT_FILE, fix};
use crate::say;
use notify::{Config, Event, EventKind, PollWatcher, RecommendedWatcher, RecursiveMode, Watcher};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// How long to wait for further changes: editors save a file in several steps.
const DEBOUNCE: Duration = Duration::from_millis(60);

/// How often to poll files on systems without change notifications.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Checks now and after every change, until Ctrl-C.
pub(super) fn run(args: &Args, levels: &Levels, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.selection.reads_stdin() {
        return Err(Failure::new(say!("standard input cannot be watched")).help(say!("specify a file or a folder")));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::io(say!("cannot watch for changes"), &fault))?;
    runtime.block_on(watch(args, levels, terminal))
}

async fn watch(args: &Args, levels: &Levels, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (changes, mut changed) = unbounded_channel();
    let mut interrupt = std::pin::pin!(tokio::signal::ctrl_c());
    // The first poll installs the handler; without it Ctrl-C during the first check would kill the process.
    tokio::select! {
        biased;
        ended = &mut interrupt => return interrupted(ended),
        () = std::future::ready(()) => {}
    }
    let mut session = Session::default();
    session.check(args, levels, terminal)?;
    let (mut known, mut watched) = (Roots::new(), Roots::new());
    let mut _watcher: Option<Box<dyn Watcher>> = None;
    loop {
        // A deleted file may be created again in the same place.
        known = merge_roots(known, session.roots(&args.selection.paths));
        let there: Roots = known.clone().into_iter().filter(|(root, _)| root.is_dir()).collect();
        if there != watched {
            _watcher = Some(watcher(&there, &changes)?);
            watched = there;
            // Files may have changed before the watcher started, and may include other files now.
            session.check(args, levels, terminal)?;
            continue;
        }
        tokio::select! {
            ended = &mut interrupt => return interrupted(ended),
            true = settled(&mut changed) => session.check(args, levels, terminal)?,
        }
    }
}

fn interrupted(ended: std::io::Result<()>) -> Result<Outcome, Failure> {
    ended.map(|()| Outcome::Interrupted).map_err(|fault| Failure::io(say!("cannot watch for changes"), &fault))
}

/// Waits for a change, then until no more follow for a moment.
async fn settled(changes: &mut UnboundedReceiver<()>) -> bool {
    if changes.recv().await.is_none() {
        return false;
    }
    while let Ok(Some(())) = tokio::time::timeout(DEBOUNCE, changes.recv()).await {}
    true
}

/// Starts watching folders; by polling if the system has no change notifications.
fn watcher(roots: &Roots, changes: &UnboundedSender<()>) -> Result<Box<dyn Watcher>, Failure> {
    let fault =
        |fault: notify::Error| Failure::new(say!("cannot watch for changes: {fault}", fault = fault.to_string()));
    let all = |watcher: &mut dyn Watcher| roots.iter().try_for_each(|(root, mode)| watcher.watch(root, *mode));
    let native = RecommendedWatcher::new(event_sender(changes), Config::default()).and_then(|mut watcher| {
        all(&mut watcher)?;
        Ok(watcher)
    });
    if let Ok(watcher) = native {
        return Ok(Box::new(watcher));
    }
    let config = Config::default().with_poll_interval(POLL_INTERVAL).with_compare_contents(true);
    let mut watcher = PollWatcher::new(event_sender(changes), config).map_err(fault)?;
    all(&mut watcher).map_err(fault)?;
    Ok(Box::new(watcher))
}

fn event_sender(changes: &UnboundedSender<()>) -> impl Fn(notify::Result<Event>) + Send + 'static {
    let changes = changes.clone();
    move |event| {
        // Reading a file is not a change.
        if !matches!(event, Ok(Event { kind: EventKind::Access(_), .. })) {
            // The receiver is gone when the command ends.
            let _ = changes.send(());
        }
    }
}

/// The watched folders, recursively or not.
type Roots = BTreeMap<PathBuf, RecursiveMode>;

/// Merges two sets of folders; a folder is watched recursively if either set asks for it.
fn merge_roots(mut one: Roots, other: Roots) -> Roots {
    for (root, mode) in other {
        let known = one.entry(root).or_insert(mode);
        if mode == RecursiveMode::Recursive {
            *known = mode;
        }
    }
    one
}

/// The state kept between checks.
#[derive(Default)]
struct Session {
    groups: Vec<Group>,
    checked: Vec<Checked>,
    /// The texts that were checked, by name.
    texts: BTreeMap<String, String>,
    /// The last report.
    shown: Option<String>,
}

impl Session {
    /// Returns the folders of the checked files, and those of included files outside of them.
    fn roots(&self, paths: &[PathBuf]) -> Roots {
        let folder = |path: &PathBuf| if path.is_dir() { path.clone() } else { parent(path) };
        let named = paths.iter().filter(|path| !path.ends_with(PROJECT_FILE)).map(folder);
        let whole: BTreeSet<PathBuf> = named.chain(self.groups.iter().map(|group| group.root.clone())).collect();
        let real: Vec<PathBuf> = whole.iter().filter_map(|root| root.canonicalize().ok()).collect();
        let attached = self.checked.iter().flat_map(|checked| checked.unit.workspace.includes.files());
        let outside = attached.map(|(path, _)| parent(path)).filter(|folder| {
            let inside = folder.canonicalize().is_ok_and(|folder| real.iter().any(|root| folder.starts_with(root)));
            folder.is_dir() && !inside
        });
        let outside: BTreeSet<PathBuf> = outside.collect();
        let whole = whole.into_iter().map(|root| (root, RecursiveMode::Recursive));
        outside.into_iter().map(|folder| (folder, RecursiveMode::NonRecursive)).chain(whole).collect()
    }

    /// Checks again, and prints the report if it or the files changed.
    fn check(&mut self, args: &Args, levels: &Levels, terminal: &Terminal) -> Result<(), Failure> {
        match self.refresh(args, levels, terminal) {
            Ok(()) => {}
            // The file may be readable again in a moment.
            Err(Failure::Error(fault)) => {
                terminal.fail(&fault);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
        let mut tally = Tally::default();
        for checked in &mut self.checked {
            // Compile all selected files: one that could not be read before may be readable now.
            checked.findings = fix::findings(&mut checked.unit);
            tally.add(checked.unit.named.len(), &checked.findings);
        }
        let texts: BTreeMap<String, String> = self.checked.iter().flat_map(texts).collect();
        let changed = differing(&self.texts, &texts);
        self.texts = texts;
        let text = render(args.format, &self.checked, terminal.colored(), terminal.language());
        if changed.is_empty() && self.shown.as_ref() == Some(&text) {
            return Ok(());
        }
        if self.shown.is_some() {
            terminal.err_line("");
            terminal.say(&say!("changed: {files}", files = changed.join(", ")));
        }
        terminal.out(&text)?;
        terminal.flush()?;
        terminal.say(&tally.summary());
        self.shown = Some(text);
        Ok(())
    }

    /// Reloads all files; loads them from scratch if files were added or removed.
    fn refresh(&mut self, args: &Args, levels: &Levels, terminal: &Terminal) -> Result<(), Failure> {
        let groups = args.selection.resolve()?.groups;
        if groups == self.groups {
            return self.checked.iter_mut().try_for_each(|checked| checked.unit.reload());
        }
        let units = load::load(&args.selection, terminal)?.units;
        let checked = units.into_iter().map(|mut unit| {
            unit.workspace.override_levels(levels);
            Checked { unit, findings: Vec::new(), bounds: None }
        });
        self.checked = checked.collect();
        self.groups = groups;
        Ok(())
    }
}

/// Returns all texts that were read, by name.
fn texts(checked: &Checked) -> Vec<(String, String)> {
    let workspace = &checked.unit.workspace;
    let funnels = workspace.funnels().map(|(file, _)| file);
    let attached = workspace.includes.files().map(|(_, file)| file);
    let files = funnels.chain(attached).chain(workspace.project_file());
    let read = files.filter_map(|file| workspace.sources.get(file));
    read.map(|file| (file.name.clone(), file.text.clone())).collect()
}

/// Returns the names of files that were added, removed or changed.
fn differing(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}

fn parent(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(Path::new("."));
    if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() }
}
