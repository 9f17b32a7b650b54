//! Files of other programs: compressed, in other encodings, tables. In: bytes. Out: text, and from a table the events in
//! the format of [`crate::engine::receive`].

mod cell;
mod encoding;
mod guess;
mod row;
mod table;
mod words;

pub use encoding::{Decoded, Form, Unreadable, decode, gunzip};
pub use guess::{Guess, guess};
pub use row::{BadCell, ColumnMap, Mapping, Target, Unmapped};
pub use table::{MAX_ROW_BYTES, Place, Row, Table};
