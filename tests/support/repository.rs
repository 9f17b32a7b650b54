//! A temporary git repository, with the built program on the path and without the settings of the machine.

use crate::support::program::Finished;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

/// A repository, with a home folder beside it.
pub(crate) struct Repository(TempDir);

impl Repository {
    /// Creates an empty repository.
    pub(crate) fn new() -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        std::fs::create_dir_all(folder.path()).unwrap();
        std::fs::create_dir_all(folder.home()).unwrap();
        let created = folder.git(&["init", "--quiet", "--initial-branch", "main"]);
        assert_eq!(created.code, Some(0), "{created:?}");
        folder
    }

    /// The folder of the repository.
    pub(crate) fn path(&self) -> PathBuf {
        self.0.path().join("repository")
    }

    fn home(&self) -> PathBuf {
        self.0.path().join("home")
    }

    /// Writes a file.
    pub(crate) fn put(&self, name: &str, text: &str) {
        let path = self.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    /// Reads a file.
    pub(crate) fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path().join(name)).unwrap()
    }

    /// Commits everything without hooks.
    pub(crate) fn commit_all(&self) {
        self.git(&["add", "."]);
        let committed = self.git(&["commit", "--quiet", "--no-verify", "-m", "All"]);
        assert_eq!(committed.code, Some(0), "{committed:?}");
    }

    /// Runs git in the repository.
    pub(crate) fn git(&self, args: &[&str]) -> Finished {
        self.command("git").args(args).output().expect("git starts").into()
    }

    /// A program to run in the repository.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path()).stdin(Stdio::null());
        // When a git hook runs the tests, these variables name another repository.
        for name in
            ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE", "GIT_PREFIX", "LC_ALL", "LC_MESSAGES", "LANG", "SKIP"]
        {
            command.env_remove(name);
        }
        let own = Path::new(env!("CARGO_BIN_EXE_funnelc")).parent().unwrap().to_owned();
        let others = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(std::iter::once(own).chain(std::env::split_paths(&others))).unwrap();
        command
            .env("PATH", path)
            .env("GIT_CONFIG_GLOBAL", self.home().join("gitconfig"))
            .env("GIT_CONFIG_NOSYSTEM", "1");
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Anna").env(format!("GIT_{role}_EMAIL"), "anna@salon.example");
        }
        command.env("PRE_COMMIT_HOME", self.home().join("pre-commit")).env("PREK_HOME", self.home().join("prek"));
        command
    }
}
