//! Files that change while `run` and `serve` use them: one line for each change says what to do.

use crate::support::program::{funnelc, spawn};
use crate::support::service::{Service, holds_within};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command};
use std::sync::{Arc, Mutex};
use std::time::Duration;

const FUNNEL: &str = "on visit -> wait 30d -> send sms file \"text.txt\"\n";
const PROJECT: &str = "timezone = \"Europe/Berlin\"\n";
const VISIT: &str = r#"{"type":"visit","id":"v1","client":"c1","data":{"id":"v1"}}"#;

/// Long enough for a change to be noticed, and for nothing more to be said.
const QUIET: Duration = Duration::from_secs(4);

/// A running `run` in a folder of its own.
struct Run {
    folder: tempfile::TempDir,
    child: Child,
    err: Arc<Mutex<String>>,
}

impl Run {
    fn start(args: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.funnel", FUNNEL);
        write("text.txt", "Hello");
        write("funnel.toml", PROJECT);
        write("events.ndjson", VISIT);
        let mut command = funnelc(["run", ".", "--events", "events.ndjson"].iter().chain(args));
        let mut child = spawn(command.current_dir(folder.path()));
        let err = Arc::new(Mutex::new(String::new()));
        let (reader, written) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&err));
        std::thread::spawn(move || {
            for line in reader.lines().map_while(Result::ok) {
                *written.lock().unwrap() += &(line + "\n");
            }
        });
        assert!(holds_within(Duration::from_secs(60), || folder.path().join("funnel.db").exists()));
        Self { folder, child, err }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    fn err(&self) -> String {
        self.err.lock().unwrap().clone()
    }

    /// Waits for something new on standard error, and that nothing follows. Returns it.
    fn says(&self, known: &mut usize) -> String {
        assert!(holds_within(Duration::from_secs(60), || self.err().len() > *known), "nothing is said: {}", self.err());
        std::thread::sleep(QUIET);
        let err = self.err();
        err[std::mem::replace(known, err.len())..].to_owned()
    }

    fn stop(mut self) -> String {
        interrupt(&self.child);
        self.child.wait().unwrap();
        self.err()
    }
}

fn interrupt(child: &Child) {
    assert!(Command::new("kill").arg("-INT").arg(child.id().to_string()).status().unwrap().success());
}

#[test]
fn a_run_says_once_what_to_do_about_each_change() {
    let run = Run::start(&[]);
    let mut known = 0;
    let restart = "changed, but this run uses what it loaded: press Ctrl-C and run the same command again\n";
    // Editors save in several steps, leave copies behind, and replace the file.
    run.write(".a.funnel.swp", "x");
    run.write("a.funnel~", "x");
    run.write("4913", "x");
    run.write("#a.funnel#", "x");
    run.write("a.funnel.tmp", &FUNNEL.replace("30d", "31d"));
    std::fs::rename(run.path("a.funnel.tmp"), run.path("a.funnel")).unwrap();
    assert_eq!(run.says(&mut known), format!("`a.funnel` {restart}"));
    // The text of a message, and a new funnel in a new folder, are files of the project too.
    run.write("text.txt", "Good day");
    std::fs::create_dir(run.path("new")).unwrap();
    run.write("new/b.funnel", "on visit -> tag \"t\"\n");
    assert_eq!(run.says(&mut known), format!("`a.funnel`, `new/b.funnel`, `text.txt` {restart}"));
    // The same text once more is not a change.
    run.write("text.txt", "Good day");
    std::thread::sleep(QUIET);
    assert_eq!(run.err().len(), known, "{}", run.err());
    run.write("a.funnel", "on visit -> send sms \"Hi {{ client.nme }}\"\n");
    let broken = run.says(&mut known);
    assert!(broken.contains("`a.funnel`") && broken.contains("changed, but cannot be used: a.funnel:1:"), "{broken}");
    assert!(
        broken.contains("(F0") && broken.ends_with("; fix it, then stop this run and start it again\n"),
        "{broken}"
    );
    assert_eq!(broken.lines().count(), 1, "{broken}");
    run.write("a.funnel", FUNNEL);
    run.write("text.txt", "Hello");
    std::fs::remove_file(run.path("new/b.funnel")).unwrap();
    assert_eq!(run.says(&mut known), "the files are again what this run loaded, so there is nothing to do\n");
    std::fs::remove_file(run.path("a.funnel")).unwrap();
    let missing = run.says(&mut known);
    assert!(missing.contains("cannot be used") && missing.lines().count() == 1, "{missing}");
    let all = run.stop();
    assert!(all.contains("interrupted; run the same command to continue"), "{all}");
}

#[test]
fn a_change_is_told_in_russian() {
    let run = Run::start(&["--lang", "ru"]);
    run.write("funnel.toml", "timezone = \"Europe/Moscow\"\n");
    let said = run.says(&mut 0);
    assert!(said.starts_with("`funnel.toml`: есть изменения") && said.contains("нажмите Ctrl-C"), "{said}");
    run.stop();
}

#[test]
fn a_service_warns_in_its_log_and_goes_on() {
    let files = [("main.funnel", "on visit -> tag \"a\"\n"), ("funnel.toml", PROJECT)];
    let service = Service::start_in(&files, &[]);
    service.write("on visit -> tag \"b\"\n");
    let log = service.log_until("restart the service");
    let warning = log.lines().find(|line| line.contains("restart the service")).unwrap();
    assert!(warning.contains("WARN") && warning.contains("main.funnel"), "{warning}");
    service.write("on visit -> tg \"b\"\n");
    let log = service.log_until("fix them, then restart the service");
    assert!(log.lines().any(|line| line.contains("cannot be used") && line.contains("main.funnel:1:13")), "{log}");
    service.accepted(VISIT);
    std::thread::sleep(QUIET);
    assert_eq!(service.log().matches("restart the service").count(), 2, "{}", service.log());
    service.stop();
}

#[test]
fn the_files_are_only_asked_for_their_times() {
    let stat = |pid: u32| {
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat")).unwrap();
        let fields: Vec<u64> =
            stat.rsplit(')').next().unwrap().split_whitespace().filter_map(|field| field.parse().ok()).collect();
        // User and system time in ticks of 10 ms, without the leading state.
        fields[10] + fields[11]
    };
    let run = Run::start(&[]);
    std::thread::sleep(Duration::from_secs(2));
    let before = stat(run.child.id());
    std::thread::sleep(Duration::from_secs(10));
    let used = stat(run.child.id()) - before;
    assert!(used <= 5, "{used} ticks in ten seconds of waiting");
    run.stop();
}
