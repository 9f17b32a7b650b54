//! String literals with placeholders, filters and conditional parts.

use super::{Expr, Name};
use crate::source::{Span, Spanned};

/// A string literal; with placeholders it is a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// The parts, in order; none for `""`.
    pub parts: Vec<TextPart>,
    /// Whether it is a block string, between `"""`.
    pub block: bool,
    /// With the quotes.
    pub span: Span,
}

impl Text {
    /// The content, if there are no placeholders.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Some(text.node.as_str()),
                TextPart::Placeholder(_) | TextPart::If(_) => None,
            })
            .collect()
    }

    /// Everything in it in the order of the source, with the tags of its conditional parts.
    #[must_use]
    pub fn pieces(&self) -> Vec<TextPiece<'_>> {
        let mut found = Vec::new();
        add_pieces(&self.parts, &mut found);
        found
    }
}

fn add_pieces<'t>(parts: &'t [TextPart], found: &mut Vec<TextPiece<'t>>) {
    for part in parts {
        match part {
            TextPart::Text(text) => found.push(TextPiece::Text(text)),
            TextPart::Placeholder(placeholder) => found.push(TextPiece::Placeholder(placeholder)),
            TextPart::If(choice) => {
                for (at, branch) in choice.branches.iter().enumerate() {
                    let condition = &branch.condition;
                    let tag = if at == 0 { TextTag::If(condition) } else { TextTag::ElseIf(condition) };
                    found.push(TextPiece::Tag(tag, branch.tag));
                    add_pieces(&branch.parts, found);
                }
                found.extend(choice.else_tag.map(|span| TextPiece::Tag(TextTag::Else, span)));
                add_pieces(&choice.otherwise, found);
                found.extend(choice.end_tag.map(|span| TextPiece::Tag(TextTag::End, span)));
            }
        }
    }
}

/// `file "emails/welcome.mjml"`: a string in a file of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextFile {
    /// The path, relative to the file that contains it.
    pub path: Text,
    /// With the keyword.
    pub span: Span,
}

/// A part of a string.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Text(Spanned<String>),
    /// `{{ expr | filter }}`
    Placeholder(Placeholder),
    /// `{{ if a }} .. {{ else if b }} .. {{ else }} .. {{ end }}`
    If(TextIf),
}

impl TextPart {
    /// Its place in the source.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Text(text) => text.span,
            Self::Placeholder(placeholder) => placeholder.span,
            Self::If(choice) => choice.span,
        }
    }
}

/// A conditional part of a string: the first branch whose condition is true.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextIf {
    /// The branches, at least one.
    pub branches: Vec<TextBranch>,
    /// The `{{ else }}`, with its braces.
    pub else_tag: Option<Span>,
    /// What follows the `{{ else }}`.
    pub otherwise: Vec<TextPart>,
    /// The `{{ end }}`, with its braces; `None` where it is missing.
    pub end_tag: Option<Span>,
    /// From the first tag to the last.
    pub span: Span,
}

/// `{{ if c }} ..` or `{{ else if c }} ..`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TextBranch {
    /// The condition.
    pub condition: Expr,
    /// The tag, with its braces.
    pub tag: Span,
    /// What follows the tag.
    pub parts: Vec<TextPart>,
}

/// A piece of a string in the order of the source.
#[derive(Debug, Clone, Copy)]
pub enum TextPiece<'t> {
    /// Characters, escapes resolved.
    Text(&'t Spanned<String>),
    /// `{{ expr | filter }}`
    Placeholder(&'t Placeholder),
    /// A tag of a conditional part, with its braces.
    Tag(TextTag<'t>, Span),
}

/// A tag of a conditional part.
#[derive(Debug, Clone, Copy)]
pub enum TextTag<'t> {
    /// `{{ if c }}`
    If(&'t Expr),
    /// `{{ else if c }}`
    ElseIf(&'t Expr),
    /// `{{ else }}`
    Else,
    /// `{{ end }}`
    End,
}

/// `{{ expr | filter | filter(arg) }}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placeholder {
    /// The value.
    pub expr: Expr,
    /// The filters, in order.
    pub filters: Vec<Filter>,
    /// With the braces.
    pub span: Span,
}

/// `default("friend")`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// Its name.
    pub name: Name,
    /// Its arguments.
    pub args: Vec<Expr>,
    /// With the arguments.
    pub span: Span,
}
