//! Translations of text that `say!` does not make: the help that clap prints, its errors, and English strings that the
//! engine and the channels return.

mod help;
mod output;
mod usage;

pub(super) use output::output;
pub(super) use usage::report;

/// Reads the pairs of a data file: an English line and its translation, with a blank line after each pair.
fn pairs(file: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    file.split("\n\n").filter_map(|pair| pair.trim_matches('\n').split_once('\n'))
}
