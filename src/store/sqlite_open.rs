//! Opens a store file: version, migrations. Out: a connection ready to use, or why it cannot be opened.

use super::Error;
use super::sqlite_error::explain;
use rusqlite::Connection;
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};

/// The version of the first release. Earlier files were written by development versions, and are rejected.
const FIRST_VERSION: i64 = 9;

/// The migrations to the newest version. The first one creates the tables of the first version in an empty file; step n
/// (from 1) leads from one version to the next.
const MIGRATIONS: &[&str] = &[include_str!("schema/0009.sql")];

/// Marks the file as a funnelc store: the bytes `fnlc`.
const APPLICATION_ID: i64 = 0x666e_6c63;

/// Limit: a file up to this size is checked completely when it is opened; a larger one only where it is read.
const CHECKED_BYTES: u64 = 64 << 20;

/// Creates an empty file when there is none, readable by its owner only, because it will hold personal data. Returns
/// its canonical path.
pub(super) fn make(path: &Path) -> Result<PathBuf, Error> {
    private().open(path).and_then(|_| path.canonicalize()).map_err(|error| io(path, &error))
}

/// How to open a file that is created if there is none, readable by its owner only.
pub(super) fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Opens another connection to a store that is open already.
pub(super) fn connect(path: &Path) -> rusqlite::Result<Connection> {
    Connection::open(path)
}

/// Opens the file, migrates it to the newest version, and configures the connection.
pub(super) fn open(path: &Path) -> Result<Connection, Error> {
    let failed = |error| explain(path, error);
    let mut connection = Connection::open(path).map_err(failed)?;
    let version = check(&connection, path)?;
    migrate(&mut connection, path, version, (FIRST_VERSION, MIGRATIONS))?;
    connection
        .execute_batch(
            "PRAGMA journal_mode = WAL;
             PRAGMA synchronous = FULL;
             PRAGMA cache_size = -16384;
             PRAGMA temp_store = MEMORY;",
        )
        .map_err(failed)?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Rejects a file that is not a store, is newer or too old, or is truncated. Returns its version, 0 for an empty file.
fn check(connection: &Connection, path: &Path) -> Result<i64, Error> {
    let failed = |error| explain(path, error);
    let damaged = |detail: String| Error::Damaged { path: path.to_owned(), detail };
    let pragma = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0)).map_err(failed);
    let (version, application) = (pragma("user_version")?, pragma("application_id")?);
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0)).map_err(failed)?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(damaged("it belongs to another program".to_owned()));
    }
    let (oldest, newest) = (FIRST_VERSION, newest((FIRST_VERSION, MIGRATIONS)));
    if version != 0 && !(oldest..=newest).contains(&version) {
        return Err(Error::Version { path: path.to_owned(), found: version, oldest, newest });
    }
    let size = std::fs::metadata(path).map_or(0, |data| data.len());
    if tables > 0 && size <= CHECKED_BYTES {
        let verdict: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)).map_err(failed)?;
        if verdict != "ok" {
            return Err(damaged(verdict.replace('\n', " ")));
        }
    }
    Ok(version)
}

/// The version to which migrations lead.
fn newest((first, steps): (i64, &[&str])) -> i64 {
    i64::try_from(steps.len()).map_or(i64::MAX, |count| first + count - 1)
}

/// Migrates the file to the newest version in one transaction, after making a backup.
fn migrate(connection: &mut Connection, path: &Path, version: i64, to: (i64, &[&str])) -> Result<(), Error> {
    let failed = |error| explain(path, error);
    let done = if version == 0 { 0 } else { usize::try_from(version - to.0 + 1).unwrap_or(0) };
    let steps = to.1.get(done..).unwrap_or_default();
    if steps.is_empty() {
        return Ok(());
    }
    if version > 0 {
        let copy = with_suffix(path, &format!(".v{version}.backup"));
        make_copy(&copy).map_err(|error| io(&copy, &error))?;
        connection.backup("main", &copy, None::<fn(rusqlite::backup::Progress)>).map_err(failed)?;
    }
    let transaction = connection.transaction().map_err(failed)?;
    for step in steps {
        transaction.execute_batch(step).map_err(failed)?;
    }
    transaction.pragma_update(None, "application_id", APPLICATION_ID).map_err(failed)?;
    transaction.pragma_update(None, "user_version", newest(to)).map_err(failed)?;
    transaction.commit().map_err(failed)
}

/// Makes an empty file for a copy of the store, as private as the store itself, whatever was there before.
fn make_copy(path: &Path) -> std::io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        Ok(()) | Err(_) => {}
    }
    private().create_new(true).open(path).map(drop)
}

pub(super) fn io(path: &Path, error: &std::io::Error) -> Error {
    Error::Io { path: path.to_owned(), detail: error.to_string() }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (x INTEGER); INSERT INTO a VALUES (1);";

    fn version(connection: &Connection) -> i64 {
        connection.pragma_query_value(None, "user_version", |row| row.get(0)).unwrap()
    }

    #[test]
    fn an_older_file_is_copied_and_brought_forward() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut connection = Connection::open(&path).unwrap();
        migrate(&mut connection, &path, 0, (3, &[FIRST])).unwrap();
        // An older copy, which everybody may read.
        let older = folder.path().join("s.db.v3.backup");
        OpenOptions::new().create(true).truncate(true).write(true).open(older).unwrap();
        let steps = [FIRST, "ALTER TABLE a ADD COLUMN y TEXT DEFAULT 'new';"];
        migrate(&mut connection, &path, 3, (3, &steps)).unwrap();
        assert_eq!(version(&connection), 4);
        let y: String = connection.query_row("SELECT y FROM a", [], |row| row.get(0)).unwrap();
        assert_eq!(y, "new");
        #[cfg(unix)]
        {
            let copy = std::fs::metadata(folder.path().join("s.db.v3.backup")).unwrap();
            assert_eq!(std::os::unix::fs::PermissionsExt::mode(&copy.permissions()) & 0o777, 0o600);
        }
        let copy = Connection::open(folder.path().join("s.db.v3.backup")).unwrap();
        assert_eq!(version(&copy), 3);
        assert_eq!(copy.query_row("SELECT x FROM a", [], |row| row.get::<_, i64>(0)).unwrap(), 1);
    }

    #[test]
    fn a_step_that_fails_leaves_the_file_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("s.db");
        let mut connection = Connection::open(&path).unwrap();
        migrate(&mut connection, &path, 0, (3, &[FIRST])).unwrap();
        let steps = [FIRST, "CREATE TABLE b (x INTEGER);", "NOT SQL;"];
        assert!(migrate(&mut connection, &path, 3, (3, &steps)).is_err());
        assert_eq!(version(&connection), 3);
        assert!(connection.prepare("SELECT x FROM b").is_err());
    }
}
