//! The content of string literals: resolves escapes, and removes the indentation of block strings and the lines that
//! hold only tags.

mod tag_lines;

use super::ast::{Expr, Placeholder};
use crate::source::{Span, Spanned};

/// A piece of a string literal as it is read.
#[derive(Debug)]
pub(super) enum Piece {
    /// Characters.
    Text(Spanned<String>),
    /// `{{ expr | filter }}`
    Placeholder(Placeholder),
    /// A tag of a conditional part, with its braces.
    Tag(Tag, Span),
}

/// A tag of a conditional part.
#[derive(Debug)]
pub(super) enum Tag {
    /// `{{ if c }}`
    If(Expr),
    /// `{{ else if c }}`
    ElseIf(Expr),
    /// `{{ else }}`
    Else,
    /// `{{ end }}`
    End,
}

/// Resolves the text between the placeholders of a string literal; empty pieces are dropped.
pub(super) fn resolve(mut pieces: Vec<Piece>, block: bool) -> Vec<Piece> {
    if block {
        let indent = common_indent(&pieces);
        let count = pieces.len();
        for (i, text) in texts(&mut pieces) {
            text.node = unindent(&text.node, indent, i == 0, i + 1 == count);
        }
        tag_lines::lay_out(&mut pieces);
    }
    texts(&mut pieces).for_each(|(_, text)| text.node = unescape(&text.node));
    without_empty(pieces)
}

/// Resolves the text of a file that is one string: only `\{{` is an escape, and the final line break is not part of
/// it.
pub(super) fn resolve_file(mut pieces: Vec<Piece>) -> Vec<Piece> {
    let count = pieces.len();
    for (i, text) in texts(&mut pieces) {
        text.node = text.node.replace('\r', "").replace("\\{{", "{{");
        if i + 1 == count {
            text.node.truncate(text.node.trim_end().len());
        }
    }
    tag_lines::lay_out(&mut pieces);
    without_empty(pieces)
}

fn texts(pieces: &mut [Piece]) -> impl Iterator<Item = (usize, &mut Spanned<String>)> {
    pieces.iter_mut().enumerate().filter_map(|(at, piece)| match piece {
        Piece::Text(text) => Some((at, text)),
        Piece::Placeholder(_) | Piece::Tag(..) => None,
    })
}

fn without_empty(mut pieces: Vec<Piece>) -> Vec<Piece> {
    pieces.retain(|piece| !matches!(piece, Piece::Text(text) if text.node.is_empty()));
    pieces
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
fn common_indent(pieces: &[Piece]) -> usize {
    let mut least: Option<usize> = None;
    for (i, piece) in pieces.iter().enumerate() {
        let Piece::Text(text) = piece else { continue };
        let mut lines = text.node.split('\n').skip(1).peekable();
        while let Some(line) = lines.next() {
            let blanks = line.len() - line.trim_start_matches([' ', '\t']).len();
            // A placeholder or tag follows the last line of every text but the last, so that line is not blank.
            let filled = !line.trim().is_empty() || (lines.peek().is_none() && i + 1 < pieces.len());
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

    fn read(raw: &str, block: bool) -> String {
        // `@` is an `{{ end }}`, `$` a placeholder.
        let mut pieces = Vec::new();
        for part in raw.split_inclusive(['@', '$']) {
            let text = part.trim_end_matches(['@', '$']);
            if !text.is_empty() {
                pieces.push(Piece::Text(Spanned::new(text.to_owned(), Span::default())));
            }
            if part.ends_with('@') {
                pieces.push(Piece::Tag(Tag::End, Span::default()));
            } else if part.ends_with('$') {
                let expr = Expr { kind: crate::syntax::ast::ExprKind::Now, span: Span::default() };
                let placeholder = Placeholder { expr, filters: Vec::new(), span: Span::default() };
                pieces.push(Piece::Placeholder(placeholder));
            }
        }
        let shown = |piece: Piece| match piece {
            Piece::Text(text) => text.node,
            Piece::Placeholder(_) => "$".to_owned(),
            Piece::Tag(..) => "@".to_owned(),
        };
        resolve(pieces, block).into_iter().map(shown).collect()
    }

    fn block(raw: &str) -> String {
        read(raw, true)
    }

    #[test]
    fn a_block_loses_its_outer_lines_and_indentation() {
        assert_eq!(block("\n    Hello,\n      Anna\n\n    Bye\n  "), "Hello,\n  Anna\n\nBye");
        assert_eq!(block("one line"), "one line");
        assert_eq!(block("\n\n  x\n"), "\nx");
        assert_eq!(block("\n"), "");
        assert_eq!(block("a\\n\\{{b}}"), "a\n{{b}}");
    }

    #[test]
    fn a_line_that_holds_only_tags_is_left_out() {
        assert_eq!(block("\n  @\n  Hello\n  @\n  Bye\n  "), "@Hello\n@Bye");
        assert_eq!(block("\n  Hello\n  @ @\r\n  Bye\n  @\n  "), "Hello\n@@Bye\n@");
        assert_eq!(block("\n  Hello @\n  @$\n  $\n  "), "Hello @\n@$\n$");
        assert_eq!(block("@ @"), "@ @");
        assert_eq!(read("@\\n@ ", false), "@\n@ ");
    }
}
