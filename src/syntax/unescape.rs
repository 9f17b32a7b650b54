//! The content of string literals: resolves escapes and removes the indentation of block strings.

use super::ast::TextPart;

/// Resolves the text between the placeholders of a string literal; empty parts are dropped.
pub(super) fn resolve(parts: Vec<TextPart>, block: bool) -> Vec<TextPart> {
    let indent = if block { common_indent(&parts) } else { 0 };
    let count = parts.len();
    let resolved = parts.into_iter().enumerate().map(|(i, part)| match part {
        TextPart::Text(mut text) => {
            if block {
                text.node = unindent(&text.node, indent, i == 0, i + 1 == count);
            }
            text.node = unescape(&text.node);
            TextPart::Text(text)
        }
        TextPart::Placeholder(placeholder) => TextPart::Placeholder(placeholder),
    });
    resolved.filter(|part| !matches!(part, TextPart::Text(text) if text.node.is_empty())).collect()
}

/// Resolves the text of a file that is one string: only `\{{` is an escape, and the final line break is not part of
/// it.
pub(super) fn resolve_file(parts: Vec<TextPart>) -> Vec<TextPart> {
    let count = parts.len();
    let resolved = parts.into_iter().enumerate().map(|(i, part)| match part {
        TextPart::Text(mut text) => {
            text.node = text.node.replace('\r', "").replace("\\{{", "{{");
            if i + 1 == count {
                text.node.truncate(text.node.trim_end().len());
            }
            TextPart::Text(text)
        }
        TextPart::Placeholder(placeholder) => TextPart::Placeholder(placeholder),
    });
    resolved.filter(|part| !matches!(part, TextPart::Text(text) if text.node.is_empty())).collect()
}

fn unescape(raw: &str) -> String {
    let mut out = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        match c {
            '\r' => {}
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some(other @ ('"' | '\\' | '{')) => out.push(other),
                // The lexer has reported it; keep the characters as written.
                Some(other) => out.extend(['\\', other]),
                None => out.push('\\'),
            },
            _ => out.push(c),
        }
    }
    out
}

/// The indentation that all nonblank lines share. The first line follows the quotes, so it does not count.
fn common_indent(parts: &[TextPart]) -> usize {
    let mut least: Option<usize> = None;
    for (i, part) in parts.iter().enumerate() {
        let TextPart::Text(text) = part else { continue };
        let mut lines = text.node.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            // A placeholder follows the last line of every part but the last, so that line is not blank.
            let filled = !line.trim().is_empty() || (lines.peek().is_none() && i + 1 < parts.len());
            if filled {
                least = Some(least.map_or(blanks, |n| n.min(blanks)));
            }
        }
    }
    least.unwrap_or(0)
}

fn unindent(raw: &str, indent: usize, first: bool, last: bool) -> String {
    let mut raw = raw;
    if last
        && let Some((before, line)) = raw.rsplit_once('\n')
        && line.trim().is_empty()
    {
        raw = before;
    }
    let mut out = String::with_capacity(raw.len());
    for (i, line) in raw.split('\n').enumerate() {
        if i == 0 {
            // The line break after the opening quotes belongs to them.
            let opening = first && line.trim().is_empty() && raw.contains('\n');
            out.push_str(if opening { "" } else { line });
            continue;
        }
        if i > 1 || !(first && raw.split('\n').next().is_some_and(|l| l.trim().is_empty())) {
            out.push('\n');
        }
        let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
        out.push_str(line.get(indent.min(blanks)..).unwrap_or(""));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Span, Spanned};

    fn block(raw: &str) -> String {
        let part = TextPart::Text(Spanned::new(raw.to_owned(), Span::default()));
        match resolve(vec![part], true).pop() {
            Some(TextPart::Text(text)) => text.node,
            _ => String::new(),
        }
    }

    #[test]
    fn a_block_loses_its_outer_lines_and_indentation() {
        assert_eq!(block("\n    Hello,\n      Anna\n\n    Bye\n  "), "Hello,\n  Anna\n\nBye");
        assert_eq!(block("one line"), "one line");
        assert_eq!(block("\n\n  x\n"), "\nx");
        assert_eq!(block("\n"), "");
        assert_eq!(block("a\\n\\{{b}}"), "a\n{{b}}");
    }
}
