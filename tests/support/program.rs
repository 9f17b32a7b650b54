//! Runs the real program as a user would, and finds files of the package and optional test data.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The program with arguments, run in the package folder, without the settings of the machine.
pub(crate) fn funnelc<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_funnelc"));
    command.args(args).current_dir(env!("CARGO_MANIFEST_DIR")).env_remove("NO_COLOR").env_remove("RUST_LOG");
    // The locale of the machine would change the language.
    command.env_remove("LC_ALL").env_remove("LC_MESSAGES").env_remove("LANG");
    command
}

/// The result of a finished program.
#[derive(Debug)]
pub(crate) struct Finished {
    /// The exit code; `None` when a signal ended it.
    pub(crate) code: Option<i32>,
    /// Standard output.
    pub(crate) out: String,
    /// Standard error.
    pub(crate) err: String,
}

impl From<Output> for Finished {
    fn from(output: Output) -> Self {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        Self { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// Runs the program to its end with empty standard input.
pub(crate) fn run_funnelc<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>) -> Finished {
    funnelc(args).stdin(Stdio::null()).output().expect("the program starts").into()
}

/// Runs the program to its end with this standard input.
pub(crate) fn run_with_stdin<S: AsRef<std::ffi::OsStr>>(args: impl IntoIterator<Item = S>, input: &[u8]) -> Finished {
    let mut child = spawn(funnelc(args).stdin(Stdio::piped()));
    // The program may end before it has read everything, which the caller can see.
    let _ = child.stdin.take().expect("standard input is a pipe").write_all(input);
    child.wait_with_output().expect("the program ends").into()
}

/// Starts a program with standard output and standard error piped.
pub(crate) fn spawn(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts")
}

/// A file or folder of the package.
pub(crate) fn package(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// A file of the test data beside the package; `None` with a note on standard error when it is missing.
/// `FUNNELC_SHARED` names another folder.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let folder = std::env::var_os("FUNNELC_SHARED").map_or_else(|| package("../shared"), PathBuf::from);
    let file = folder.join(path);
    if !file.exists() {
        eprintln!("skipped: {} does not exist (FUNNELC_SHARED names its folder)", file.display());
        return None;
    }
    Some(file)
}
