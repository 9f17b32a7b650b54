//! The syntactic context of a cursor. In: the tokens before it. Out: the open constructs, and the unfinished clause in
//! each. It works on tokens because the source may have syntax errors.

use crate::syntax::token::{Keyword, Kind, Token};

/// The kind of an open construct.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opened {
    /// Top level.
    File,
    /// `funnel NAME {`
    Funnel,
    /// `event NAME {`, `client {`
    Fields,
    /// `test ".." {`
    Test,
    /// `{` of a path
    Block,
    /// `match .. {`
    Cases,
    /// `split .. {`
    Shares,
    /// `parallel {`
    Paths,
    /// `{` of a message, of the fields of an event or the client, or of the values of a call
    Record,
    /// `(` after a word: arguments or a history query
    Arguments,
    /// `(` in an expression
    Group,
    /// `[`
    List,
    /// `{{`
    Placeholder,
    /// A quote
    Text,
}

/// An open construct, and the tokens of its unfinished clause.
#[derive(Debug, Clone)]
pub(super) struct Frame<'t> {
    pub(super) opened: Opened,
    /// The last clause begun in it.
    pub(super) clause: Vec<Token<'t>>,
    /// Whether it already contains a trigger.
    pub(super) entered: bool,
}

impl<'t> Frame<'t> {
    fn new(opened: Opened) -> Self {
        Self { opened, clause: Vec::new(), entered: false }
    }

    /// Returns the first keyword of the clause, ignoring labels.
    pub(super) fn head(&self) -> Option<Keyword> {
        let mut tokens =
            self.clause.iter().skip_while(|token| matches!(token.kind, Kind::Arrow | Kind::Label | Kind::Colon));
        tokens.next().and_then(|token| key(*token))
    }

    /// Returns the last token.
    pub(super) fn last(&self) -> Option<Token<'t>> {
        self.clause.last().copied()
    }

    /// Returns the n-th token before the last one.
    pub(super) fn back(&self, n: usize) -> Option<Token<'t>> {
        self.clause.len().checked_sub(n + 1).and_then(|at| self.clause.get(at)).copied()
    }

    /// Whether the clause contains a keyword.
    pub(super) fn has(&self, keyword: Keyword) -> bool {
        self.clause.iter().any(|token| key(*token) == Some(keyword))
    }
}

/// Returns the keyword of a token, if it is one.
pub(super) fn key(token: Token<'_>) -> Option<Keyword> {
    if let Kind::Key(keyword) = token.kind { Some(keyword) } else { None }
}

/// Returns the open constructs after some tokens, outermost first.
pub(super) fn frames<'t>(tokens: &[Token<'t>], text_file: bool) -> Vec<Frame<'t>> {
    let mut frames = vec![Frame::new(if text_file { Opened::Text } else { Opened::File })];
    for token in tokens {
        step(&mut frames, *token);
    }
    frames
}

fn step<'t>(frames: &mut Vec<Frame<'t>>, token: Token<'t>) {
    let Some(frame) = frames.last_mut() else { return };
    if token.kind.opens() {
        let opened = opens(frame, token);
        frame.clause.push(token);
        frames.push(Frame::new(opened));
    } else if token.kind.closes() {
        close(frames, token);
    } else if begins(frame, token) {
        frame.entered |=
            matches!(key(token), Some(Keyword::On | Keyword::Every)) && frame.head() != Some(Keyword::Exit);
        frame.clause.clear();
        // A comma ends a clause; anything else begins one.
        if token.kind != Kind::Comma {
            frame.clause.push(token);
        }
    } else {
        frame.clause.push(token);
    }
}

fn opens(frame: &Frame<'_>, token: Token<'_>) -> Opened {
    if token.kind == Kind::BraceOpen {
        return braces(frame);
    }
    if token.kind == Kind::ParenOpen {
        let asks = frame.last().is_some_and(|last| last.kind.is_word() && !is_operator(last));
        return if asks { Opened::Arguments } else { Opened::Group };
    }
    if token.kind == Kind::BracketOpen {
        Opened::List
    } else if token.kind == Kind::PlaceholderOpen {
        Opened::Placeholder
    } else {
        Opened::Text
    }
}

/// Closes the construct that a token ends, if one is open.
fn close<'t>(frames: &mut Vec<Frame<'t>>, token: Token<'t>) {
    let fits = |frame: &Frame<'_>| match frame.opened {
        Opened::Text => token.kind == Kind::TextClose,
        Opened::Placeholder => token.kind == Kind::PlaceholderClose,
        Opened::Arguments | Opened::Group => token.kind == Kind::ParenClose,
        Opened::List => token.kind == Kind::BracketClose,
        Opened::File => false,
        Opened::Funnel
        | Opened::Fields
        | Opened::Test
        | Opened::Block
        | Opened::Cases
        | Opened::Shares
        | Opened::Paths
        | Opened::Record => token.kind == Kind::BraceClose,
    };
    let at = frames.iter().rposition(fits).filter(|at| *at > 0);
    if let Some(at) = at {
        frames.truncate(at);
        if let Some(frame) = frames.last_mut() {
            frame.clause.push(token);
        }
    }
}

/// Whether a token begins a new clause.
fn begins(frame: &Frame<'_>, token: Token<'_>) -> bool {
    use Keyword as K;
    if token.kind == Kind::Arrow {
        return !matches!(frame.opened, Opened::Placeholder | Opened::Text);
    }
    let Some(keyword) = key(token) else {
        let named = matches!(frame.opened, Opened::Record | Opened::Fields) && token.kind == Kind::Label;
        let listed = matches!(frame.opened, Opened::Record | Opened::Fields | Opened::Arguments | Opened::List);
        return named || (listed && token.kind == Kind::Comma);
    };
    match frame.opened {
        Opened::File => token.first && (ITEMS.contains(&keyword) || matches!(keyword, K::On | K::Every)),
        Opened::Funnel => {
            let named = matches!(frame.last().map(|last| last.kind), Some(Kind::Dot));
            let triggers = matches!(keyword, K::On | K::Every) && !matches!(frame.head(), Some(K::Exit | K::Goal));
            let again = matches!(keyword, K::On | K::Every) && token.first;
            !named && (SETTINGS.contains(&keyword) || triggers || again)
        }
        Opened::Fields => keyword == K::Key,
        Opened::Test => {
            let moment = keyword == K::At && frame.last().and_then(key) != Some(K::Expect);
            moment || matches!(keyword, K::Client | K::Given | K::Expect | K::Until)
        }
        Opened::Cases | Opened::Shares => matches!(keyword, K::Case | K::Otherwise),
        Opened::Paths => keyword == K::Path,
        Opened::Block
        | Opened::Record
        | Opened::Arguments
        | Opened::Group
        | Opened::List
        | Opened::Placeholder
        | Opened::Text => false,
    }
}

/// The keywords that begin an item.
pub(super) const ITEMS: [Keyword; 9] = [
    Keyword::Use,
    Keyword::Const,
    Keyword::Client,
    Keyword::Event,
    Keyword::Segment,
    Keyword::Template,
    Keyword::Action,
    Keyword::Funnel,
    Keyword::Test,
];

/// The keywords that begin a setting.
pub(super) const SETTINGS: [Keyword; 8] = [
    Keyword::Purpose,
    Keyword::Timezone,
    Keyword::Hours,
    Keyword::Enter,
    Keyword::Limit,
    Keyword::Exit,
    Keyword::Goal,
    Keyword::Upgrade,
];

/// What a brace opens, depending on what precedes it.
fn braces(frame: &Frame<'_>) -> Opened {
    use Keyword as K;
    let last = frame.last();
    if last.and_then(key) == Some(K::Else) {
        return Opened::Block;
    }
    if frame.opened == Opened::Test {
        return Opened::Record;
    }
    match frame.head() {
        Some(K::Client | K::Event) if frame.opened == Opened::File => Opened::Fields,
        Some(K::Funnel) => Opened::Funnel,
        Some(K::Test) => Opened::Test,
        Some(K::Match) => Opened::Cases,
        Some(K::Split) => Opened::Shares,
        Some(K::Parallel) => Opened::Paths,
        Some(K::Send | K::Call | K::Emit | K::Template) => Opened::Record,
        Some(_) | None => Opened::Block,
    }
}

fn is_operator(token: Token<'_>) -> bool {
    use Keyword::{And, If, In, Not, Or, Where, While};
    key(token).is_some_and(|keyword| [And, If, In, Not, Or, Where, While].contains(&keyword))
}
