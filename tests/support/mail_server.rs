//! A real mail server in a separate process, with options for its behavior; it records the emails that it accepts.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A running server, which stops when this value is dropped.
pub(crate) struct MailServer {
    child: Child,
    out: PathBuf,
    /// Where it listens on 127.0.0.1.
    pub(crate) port: u16,
}

impl MailServer {
    /// Starts a server that stores its emails in `folder`. Returns `None` when Python with aiosmtpd is not installed, which
    /// is a failure when `FUNNELC_REQUIRE_PEERS` is set.
    pub(crate) fn start(folder: &Path, options: &[&str]) -> Option<Self> {
        let Some(python) = python() else {
            assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "python3 with aiosmtpd is not installed");
            eprintln!("skipped: python3 with aiosmtpd is not installed, see CONTRIBUTING.md");
            return None;
        };
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/smtp_server.py");
        let out = folder.join("mails.ndjson");
        let mut command = Command::new(python);
        command.arg(script).arg("--out").arg(&out).args(options);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server prints its port");
        Some(Self { child, out, port })
    }

    /// The accepted emails, in order.
    pub(crate) fn emails(&self) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(&self.out).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A Python with aiosmtpd: the one in `target/`, or the one of the machine.
fn python() -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin/python");
    [own, PathBuf::from("python3")].into_iter().find(|python| {
        let mut command = Command::new(python);
        command.args(["-c", "import aiosmtpd"]).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    })
}
