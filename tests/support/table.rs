//! Tables in tests, one row a case: in, text with a line a row and `|` between the cells; out, the cells.

/// The rows of a table. Empty lines and those that begin with `#` say something to the reader only.
pub(crate) fn rows<const N: usize>(table: &str) -> Vec<[&str; N]> {
    let lines = table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines
        .map(|line| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            cells.try_into().unwrap_or_else(|_| panic!("a row needs {N} cells: {line}"))
        })
        .collect()
}
