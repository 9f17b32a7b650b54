//! Limits on the size and nesting of sources.
//!
//! The tree is built, walked and dropped recursively, so its depth is bounded before it exists: it fits a thread of 2
//! MiB even in a build without optimization.

use super::token::{Class, Keyword, Kind, Token};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;

/// The largest funnel file, in bytes.
pub const MAX_FILE_BYTES: usize = 8 * 1024 * 1024;
/// The largest file with a message body, in bytes.
pub const MAX_TEXT_BYTES: usize = 1024 * 1024;
/// How many braces, parentheses, brackets and placeholders may be open at once.
pub(super) const MAX_NESTING: usize = 32;
/// The greatest depth of operators and dots, summed over all open expressions.
pub(super) const MAX_OPERATORS: usize = 100;

/// An upper bound on the depth of the expression being read, by precedence level.
#[derive(Debug, Clone, Copy, Default)]
struct Spine {
    or: usize,
    and: usize,
    not: usize,
    sum: usize,
    product: usize,
    minus: usize,
    dots: usize,
}

impl Spine {
    fn depth(self) -> usize {
        self.or + self.and + self.not + self.sum + self.product + self.minus + self.dots
    }

    /// Adds the next token; `after_operand` distinguishes subtraction from a sign.
    fn push(&mut self, kind: Kind, after_operand: bool) {
        use Keyword as K;
        match kind {
            Kind::Key(K::Or) => *self = Self { or: self.or + 1, ..Self::default() },
            Kind::Key(K::And) => *self = Self { or: self.or, and: self.and + 1, ..Self::default() },
            Kind::Key(K::Not) => self.not += 1,
            Kind::Key(K::Is | K::In | K::Contains | K::Starts | K::Matches)
            | Kind::Equal
            | Kind::NotEqual
            | Kind::Less
            | Kind::LessEqual
            | Kind::Greater
            | Kind::GreaterEqual => {
                // Comparisons do not chain, but the parser still builds a tree for a chain.
                *self = Self { or: self.or, and: self.and, not: self.not + 1, ..Self::default() };
            }
            Kind::Minus if !after_operand => self.minus += 1,
            Kind::Plus | Kind::Minus => (self.sum, self.product, self.minus, self.dots) = (self.sum + 1, 0, 0, 0),
            Kind::Star | Kind::Slash => (self.product, self.minus, self.dots) = (self.product + 1, 0, 0),
            Kind::Dot => self.dots += 1,
            Kind::Arrow | Kind::Comma | Kind::Colon | Kind::Assign | Kind::PlusAssign | Kind::MinusAssign => {
                *self = Self::default();
            }
            _ => {}
        }
    }
}

/// An open brace, parenthesis, bracket, string or placeholder.
#[derive(Debug, Clone, Copy, Default)]
struct OpenBracket {
    spine: Spine,
    /// Constructs that nest without a closing token: `else if` and `list<` in a row.
    branches: usize,
}

impl OpenBracket {
    fn push(&mut self, last: Option<Kind>, kind: Kind) {
        let after_operand = last.is_some_and(ends_operand);
        if after_operand && starts_operand(kind) {
            self.spine = Spine::default();
        }
        self.spine.push(kind, after_operand);
        match (last, kind) {
            (Some(Kind::Key(Keyword::Else)), Kind::Key(Keyword::If)) => self.branches += 1,
            (Some(Kind::Key(Keyword::List)), Kind::Less) => self.branches += 1,
            (_, Kind::Arrow | Kind::Colon) => self.branches = 0,
            _ => {}
        }
    }
}

/// Reports the first token that is nested too deep.
pub(super) fn check_nesting(tokens: &[Token<'_>]) -> Option<Diagnostic> {
    let mut open: Vec<OpenBracket> = Vec::new();
    let (mut depth, mut operators) = (0, 0);
    let mut here = OpenBracket::default();
    let mut last: Option<Kind> = None;
    for token in tokens {
        here.push(last, token.kind);
        if token.kind.opens() {
            depth += 1 + here.branches;
            operators += here.spine.depth();
            open.push(here);
            here = OpenBracket::default();
        } else if token.kind.closes()
            && let Some(level) = open.pop()
        {
            depth -= 1 + level.branches;
            operators -= level.spine.depth();
            here = level;
        }
        let too_nested = depth + here.branches > MAX_NESTING;
        if too_nested || operators + here.spine.depth() > MAX_OPERATORS {
            return Some(too_deep(token, too_nested));
        }
        last = Some(token.kind);
    }
    None
}

/// Whether a token can only begin an operand, so that an operand before it has ended.
fn starts_operand(kind: Kind) -> bool {
    use Keyword as K;
    match kind {
        Kind::Key(K::And | K::Or | K::Not | K::In | K::Is | K::Contains | K::Starts | K::With | K::Matches) => false,
        Kind::TextOpen => true,
        _ => matches!(kind.class(), Class::Keyword | Class::Name | Class::Label | Class::Literal),
    }
}

fn ends_operand(kind: Kind) -> bool {
    use Keyword as K;
    matches!(kind.class(), Class::Name | Class::Label | Class::Literal)
        || matches!(
            kind,
            Kind::TextClose
                | Kind::ParenClose
                | Kind::BracketClose
                | Kind::Key(K::Now | K::Today | K::Tomorrow | K::True | K::Known | K::Missing)
        )
}

fn too_deep(token: &Token<'_>, nesting: bool) -> Diagnostic {
    let (message, help) = if nesting {
        (
            say!("nested more than {most} levels deep", most = MAX_NESTING),
            say!("move the inner part to a separate funnel"),
        )
    } else {
        (
            say!("more than {most} chained operators", most = MAX_OPERATORS),
            say!("use `in [..]` instead of a long chain of `or`"),
        )
    };
    Diagnostic::new(Code::NestedTooDeep, token.span, message, say!("nested too deeply")).help(help)
}
