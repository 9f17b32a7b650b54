//! `check --watch`: in, paths; out, the findings now and after each change, until Ctrl-C. Texts that did not change are
//! neither parsed nor checked again.

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

/// How long changes are gathered: editors write a file in several steps.
const DEBOUNCE: Duration = Duration::from_millis(60);

/// How often files are looked at where the system does not tell of changes.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Checks now and after every change.
pub(super) fn run(args: &Args, levels: &Levels, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.selection.reads_stdin() {
        return Err(Failure::new(say!("standard input cannot be watched")).help(say!("name a file or a folder")));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|fault| Failure::io(say!("cannot watch"), &fault))?;
    runtime.block_on(watch(args, levels, terminal))
}

async fn watch(args: &Args, levels: &Levels, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (changes, mut changed) = unbounded_channel();
    let mut session = Session::default();
    session.check(args, levels, terminal)?;
    let (mut known, mut watched) = (Roots::new(), Roots::new());
    let mut _watcher: Option<Box<dyn Watcher>> = None;
    loop {
        // A text that went may come back where it was.
        known = merge_roots(known, session.roots(&args.selection.paths));
        let there: Roots = known.clone().into_iter().filter(|(root, _)| root.is_dir()).collect();
        if there != watched {
            _watcher = Some(watcher(&there, &changes)?);
            watched = there;
            // What changed before it was watched is looked at once, and may name other texts.
            session.check(args, levels, terminal)?;
            continue;
        }
        tokio::select! {
            ended = tokio::signal::ctrl_c() => {
                ended.map_err(|fault| Failure::io(say!("cannot watch"), &fault))?;
                return Ok(Outcome::Interrupted);
            }
            true = settled(&mut changed) => session.check(args, levels, terminal)?,
        }
    }
}

/// Waits for changes, and until no more come for a moment.
async fn settled(changes: &mut UnboundedReceiver<()>) -> bool {
    if changes.recv().await.is_none() {
        return false;
    }
    while let Ok(Some(())) = tokio::time::timeout(DEBOUNCE, changes.recv()).await {}
    true
}

/// Has changes below some folders told; by looking again and again where the system cannot tell.
fn watcher(roots: &Roots, changes: &UnboundedSender<()>) -> Result<Box<dyn Watcher>, Failure> {
    let fault = |fault: notify::Error| Failure::new(say!("cannot watch: {fault}", fault = fault.to_string()));
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
        // Reading a file is no change of it.
        if !matches!(event, Ok(Event { kind: EventKind::Access(_), .. })) {
            // Nobody listens any more when the command ends.
            let _ = changes.send(());
        }
    }
}

/// The folders that are watched, with or without those in them.
type Roots = BTreeMap<PathBuf, RecursiveMode>;

/// The folders of both; what is in one is watched where either says so.
fn merge_roots(mut one: Roots, other: Roots) -> Roots {
    for (root, mode) in other {
        let known = one.entry(root).or_insert(mode);
        if mode == RecursiveMode::Recursive {
            *known = mode;
        }
    }
    one
}

/// The state between two checks.
#[derive(Default)]
struct Session {
    groups: Vec<Group>,
    checked: Vec<Checked>,
    /// The texts that were checked, by their names.
    texts: BTreeMap<String, String>,
    /// What was shown last.
    shown: Option<String>,
}

impl Session {
    /// The folders that hold what is checked, and those of texts outside of them.
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

    /// Checks again, and shows the findings when they or the files are others.
    fn check(&mut self, args: &Args, levels: &Levels, terminal: &Terminal) -> Result<(), Failure> {
        match self.refresh(args, levels) {
            Ok(()) => {}
            // What cannot be read now may be there again in a moment.
            Err(Failure::Error(fault)) => {
                terminal.fail(&fault);
                return Ok(());
            }
            Err(failure) => return Err(failure),
        }
        let mut tally = Tally::default();
        for checked in &mut self.checked {
            // A file that nothing could be read from may be there now, so this looks at everything that is named.
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

    /// Reads everything again, or anew where files came or went.
    fn refresh(&mut self, args: &Args, levels: &Levels) -> Result<(), Failure> {
        let (_, groups) = args.selection.resolve()?;
        if groups == self.groups {
            return self.checked.iter_mut().try_for_each(|checked| checked.unit.reload());
        }
        let units = load::load(&args.selection)?.units;
        let checked = units.into_iter().map(|mut unit| {
            unit.workspace.override_levels(levels);
            Checked { unit, findings: Vec::new(), bounds: None }
        });
        self.checked = checked.collect();
        self.groups = groups;
        Ok(())
    }
}

/// What was read, by its name.
fn texts(checked: &Checked) -> Vec<(String, String)> {
    let workspace = &checked.unit.workspace;
    let funnels = workspace.funnels().map(|(file, _)| file);
    let attached = workspace.includes.files().map(|(_, file)| file);
    let files = funnels.chain(attached).chain(workspace.project_file());
    let read = files.filter_map(|file| workspace.sources.get(file));
    read.map(|file| (file.name.clone(), file.text.clone())).collect()
}

/// The names of what came, went or is another text now.
fn differing(before: &BTreeMap<String, String>, now: &BTreeMap<String, String>) -> Vec<String> {
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    names.into_iter().filter(|name| before.get(*name) != now.get(*name)).cloned().collect()
}

fn parent(path: &Path) -> PathBuf {
    let parent = path.parent().unwrap_or(Path::new("."));
    if parent.as_os_str().is_empty() { PathBuf::from(".") } else { parent.to_owned() }
}
