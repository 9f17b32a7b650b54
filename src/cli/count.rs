//! Numbers in words, for summaries.

/// `no events`, `1 event`, `2 events`.
pub(super) fn count(number: u64, noun: &str) -> String {
    match number {
        0 => format!("no {noun}s"),
        1 => format!("1 {noun}"),
        _ => format!("{number} {noun}s"),
    }
}

/// The same, or nothing for none: the parts of a summary that are worth a word only when they happened.
pub(super) fn some(number: u64, noun: &str) -> Option<String> {
    (number > 0).then(|| count(number, noun))
}
