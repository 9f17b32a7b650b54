//! Tables in tests: one row per case, with `|` between the cells.

/// The rows of a table. Empty lines and lines that start with `#` are comments.
pub(crate) fn rows<const N: usize>(table: &str) -> Vec<[&str; N]> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("a row needs {N} cells: {line}"))
        })
        .collect()
}
