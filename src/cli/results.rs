//! Prints the results of a run on a thread of its own, in order. In: lines, and reports about rejected events. A reader that
//! is slow holds up the run, but one that does not read does not keep it from shutting down.

use super::Failure;
use crate::runtime::{Health, Stopper};
use crate::say;
use std::cell::RefCell;
use std::io::{self, BufWriter, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TryRecvError, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

/// Limit: entries that wait to be printed.
const MAX_WAITING: usize = 1024;

/// How long the run waits for a reader once it was asked to stop, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(1);

enum Entry {
    /// For standard output.
    Out(String),
    /// For standard error, after everything before it.
    Err(String),
    /// Everything before it is printed.
    End(SyncSender<()>),
}

/// The results of a run.
pub(super) struct Results {
    sender: SyncSender<Entry>,
    shared: Arc<Mutex<Shared>>,
    state: RefCell<State>,
}

#[derive(Default)]
struct Shared {
    fault: Option<io::Error>,
    stopper: Option<Stopper>,
}

#[derive(Default)]
struct State {
    health: Option<Health>,
    waited: Duration,
    lost: u64,
}

impl Results {
    /// Starts to print.
    ///
    /// # Errors
    /// The system provides no thread.
    pub(super) fn start() -> Result<Self, Failure> {
        let (sender, entries) = sync_channel(MAX_WAITING);
        let shared = Arc::<Mutex<Shared>>::default();
        let thread_shared = Arc::clone(&shared);
        let spawned = thread::Builder::new().name("results".to_owned()).spawn(move || print(&entries, &thread_shared));
        spawned.map_err(|fault| Failure::io(say!("cannot write the output"), &fault))?;
        Ok(Self { sender, shared, state: RefCell::default() })
    }

    /// Sets what is stopped when standard output fails, and what tells whether the run is to stop.
    pub(super) fn follow(&self, stopper: Stopper, health: &Health) {
        lock(&self.shared).stopper = Some(stopper);
        self.state.borrow_mut().health = Some(health.clone());
    }

    /// Prints to standard output.
    pub(super) fn out(&self, text: String) {
        self.push(Entry::Out(text));
    }

    /// Prints to standard error.
    pub(super) fn err(&self, text: String) {
        self.push(Entry::Err(text));
    }

    /// Prints to standard error from other threads, if there is room.
    pub(super) fn printer(&self) -> impl Fn(String) + Send + 'static {
        let sender = self.sender.clone();
        // What does not fit is of no use later.
        move |text| _ = sender.try_send(Entry::Err(text))
    }

    fn push(&self, mut entry: Entry) {
        let mut state = self.state.borrow_mut();
        loop {
            match self.sender.try_send(entry) {
                Ok(()) | Err(TrySendError::Disconnected(_)) => return,
                Err(TrySendError::Full(_)) if state.has_given_up() => return state.lost += 1,
                Err(TrySendError::Full(back)) => entry = back,
            }
            thread::sleep(PAUSE);
        }
    }

    /// Waits until everything is printed.
    ///
    /// # Errors
    /// Standard output failed, or was not read although the run was to stop.
    pub(super) fn close(&self) -> Result<(), Failure> {
        let (done, is_done) = sync_channel(1);
        self.push(Entry::End(done));
        let mut state = self.state.borrow_mut();
        let mut is_read = state.lost == 0;
        while is_read {
            match is_done.recv_timeout(PAUSE) {
                Ok(()) | Err(RecvTimeoutError::Disconnected) => break,
                Err(RecvTimeoutError::Timeout) => is_read = !state.has_given_up(),
            }
        }
        if let Some(fault) = lock(&self.shared).fault.take() {
            return Err(fault.into());
        }
        if is_read {
            return Ok(());
        }
        Err(Failure::new(say!("standard output was not read, so the last results were not written"))
            .help(say!("look at the view `why` of the store, and run the same command to continue")))
    }
}

impl State {
    /// Whether the run is to stop, and has waited for its reader for long enough.
    fn has_given_up(&mut self) -> bool {
        match self.health.as_ref().map_or(0, Health::stops_asked) {
            0 => false,
            1 => {
                self.waited += PAUSE;
                self.waited > PATIENCE
            }
            _ => true,
        }
    }
}

fn lock(shared: &Mutex<Shared>) -> std::sync::MutexGuard<'_, Shared> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Prints entries until there are no more.
fn print(entries: &Receiver<Entry>, shared: &Mutex<Shared>) {
    let mut printer = Printer { out: BufWriter::new(io::stdout()), shared, has_failed: false };
    loop {
        let entry = match entries.try_recv() {
            Ok(entry) => Some(entry),
            Err(TryRecvError::Disconnected) => None,
            Err(TryRecvError::Empty) => {
                // Everything so far is shown before the next thing happens.
                printer.flush();
                entries.recv().ok()
            }
        };
        let Some(entry) = entry else { return printer.flush() };
        printer.print(entry);
    }
}

struct Printer<'s> {
    out: BufWriter<io::Stdout>,
    shared: &'s Mutex<Shared>,
    /// Standard output has failed, so everything is discarded.
    has_failed: bool,
}

impl Printer<'_> {
    fn print(&mut self, entry: Entry) {
        match entry {
            Entry::Out(text) => self.write(|out| out.write_all(text.as_bytes())),
            Entry::Err(text) => {
                self.flush();
                // An error of standard error cannot be reported.
                let _ = io::stderr().write_all(text.as_bytes());
            }
            Entry::End(done) => {
                self.flush();
                let _ = done.send(());
            }
        }
    }

    fn flush(&mut self) {
        self.write(BufWriter::flush);
    }

    fn write(&mut self, write: impl FnOnce(&mut BufWriter<io::Stdout>) -> io::Result<()>) {
        if self.has_failed {
            return;
        }
        if let Err(fault) = write(&mut self.out) {
            self.has_failed = true;
            let mut shared = lock(self.shared);
            shared.fault = Some(fault);
            shared.stopper.iter_mut().for_each(Stopper::stop);
        }
    }
}
