//! What the operating system allows: open files, and room on the disk. Only asked on Linux.

use std::path::Path;

/// Limit: connections where the system does not say how many files may be open.
#[cfg(not(target_os = "linux"))]
const DEFAULT_CONNECTIONS: usize = 512;

/// Limit: connections, however many files may be open.
const MAX_CONNECTIONS: usize = 4096;

/// Allows as many open files as the system lets a program allow itself, and returns how many connections there may be:
/// fewer, because the store and the requests to providers need files too.
#[cfg(target_os = "linux")]
pub(super) fn connection_limit() -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    if limit.current != limit.maximum && setrlimit(Resource::Nofile, raised).is_ok() {
        limit.current = limit.maximum;
    }
    let files = limit.current.and_then(|files| usize::try_from(files).ok()).unwrap_or(usize::MAX);
    (files / 2).clamp(8, MAX_CONNECTIONS)
}

/// Where the system does not say how many files may be open, a number that is safe everywhere.
#[cfg(not(target_os = "linux"))]
pub(super) fn connection_limit() -> usize {
    DEFAULT_CONNECTIONS.min(MAX_CONNECTIONS)
}

/// Why nothing can be written to the disk of a file; `None` if it can, or if the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn disk_fault(file: &Path, min_free_bytes: u64) -> Option<String> {
    use rustix::fs::{StatVfsMountFlags, statvfs};
    let disk = match statvfs(file) {
        Ok(disk) => disk,
        Err(error) => return Some(format!("the store cannot be reached: {error}")),
    };
    if disk.f_flag.contains(StatVfsMountFlags::RDONLY) {
        return Some("the disk of the store is read-only".to_owned());
    }
    let free = disk.f_bavail.saturating_mul(disk.f_frsize);
    (free < min_free_bytes).then(|| format!("the disk of the store has only {} MiB left", free >> 20))
}

/// The system is not asked.
#[cfg(not(target_os = "linux"))]
pub(super) fn disk_fault(_: &Path, _: u64) -> Option<String> {
    None
}
