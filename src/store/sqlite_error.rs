//! Translates the errors of SQLite into those of a store.

use super::Error;
use rusqlite::ErrorCode;
use std::path::Path;

/// Whether an error is about the row to write, and not about the file or the system.
pub(super) fn is_about_a_row(error: &rusqlite::Error) -> bool {
    let is_conversion = matches!(error, rusqlite::Error::ToSqlConversionFailure(_));
    let of_row = [ErrorCode::ConstraintViolation, ErrorCode::TooBig, ErrorCode::TypeMismatch];
    is_conversion || error.sqlite_error_code().is_some_and(|code| of_row.contains(&code))
}

/// Translates an error of SQLite.
pub(super) fn explain(path: &Path, error: rusqlite::Error) -> Error {
    let path = path.to_owned();
    let code = error.sqlite_error_code();
    let detail = error.to_string();
    match (&error, code) {
        (_, Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)) => Error::Damaged { path, detail },
        (rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..), _) => {
            Error::Damaged { path, detail }
        }
        (_, Some(ErrorCode::DiskFull)) => Error::Full { path },
        (_, Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)) => Error::Locked { path },
        (_, Some(_) | None) => Error::Io { path, detail },
    }
}
