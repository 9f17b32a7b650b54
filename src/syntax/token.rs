//! The tokens of the language, and the raw tokens that logos produces.

use crate::source::Span;
use logos::Logos;

macro_rules! keywords {
    ($($name:ident $text:literal)*) => {
        /// A word with a meaning where it can begin or join a construct; a name anywhere else.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the names are the words")]
        pub enum Keyword { $($name,)* }

        impl Keyword {
            /// Every keyword.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The word.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $text,)* }
            }

            /// The keyword that a word is, if it is one.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$name),)* _ => None }
            }
        }
    };
}

keywords! {
    Use "use" Const "const" Client "client" Event "event" Segment "segment" Template "template" Action "action"
    Funnel "funnel" Test "test" File "file"
    Key "key" Later "later" From "from" By "by" List "list"
    Purpose "purpose" Timezone "timezone" Hours "hours" Enter "enter" Limit "limit" Exit "exit" Goal "goal"
    Upgrade "upgrade" Always "always" Once "once" Per "per" Again "again" After "after" Defer "defer"
    Within "within" Worth "worth"
    On "on" Every "every" Entering "entering" Leaving "leaving" No "no" For "for" As "as" Where "where" While "while" At "at"
    Day "day"
    If "if" Else "else" Match "match" Case "case" Otherwise "otherwise" Split "split" Parallel "parallel" Path "path"
    Repeat "repeat" Times "times" Wait "wait" Until "until" Before "before" Up "up" To "to" Skip "skip" Stop "stop" Send "send"
    Set "set" Tag "tag" Untag "untag" Task "task" Due "due" Call "call" Do "do" Emit "emit" Start "start" Goto "goto"
    Expect "expect" Given "given" Fails "fails" Answers "answers" Containing "containing" Nothing "nothing"
    And "and" Or "or" Not "not" In "in" Last "last" Is "is" Known "known" Missing "missing" Contains "contains"
    Starts "starts" With "with" Matches "matches" True "true" False "false"
    Now "now" Today "today" Tomorrow "tomorrow" Monday "monday" Tuesday "tuesday" Wednesday "wednesday"
    Thursday "thursday" Friday "friday" Saturday "saturday" Sunday "sunday" Weekday "weekday" Weekend "weekend"
}

/// The kinds of token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A word that is not a keyword here, such as any word after `.`.
    Name,
    /// A word before `:`: the name of a field, an entry or a step, never a keyword.
    Label,
    /// A word that is a keyword where the grammar asks for it.
    Key(Keyword),
    /// `50_000`
    Number,
    /// `50%`
    Percent,
    /// `5000 RUB`
    Money,
    /// `1h30m`, `3 days`
    Duration,
    /// `10:00`
    Time,
    /// `2026-03-08`
    Date,
    /// `2026-03-08 10:00`
    DateTime,
    /// The quote that opens a string, `"` or `"""`.
    TextOpen,
    /// Characters of a string, with escapes unresolved.
    Chunk,
    /// The quote that closes a string; empty if it is missing.
    TextClose,
    /// `{{` in a string.
    PlaceholderOpen,
    /// `}}` in a string; empty if it is missing.
    PlaceholderClose,
    /// `->`
    Arrow,
    /// `{`
    BraceOpen,
    /// `}`
    BraceClose,
    /// `(`
    ParenOpen,
    /// `)`
    ParenClose,
    /// `[`
    BracketOpen,
    /// `]`
    BracketClose,
    /// `:`
    Colon,
    /// `,`
    Comma,
    /// `.`
    Dot,
    /// `..`
    DotDot,
    /// `=`
    Assign,
    /// `+=`
    PlusAssign,
    /// `-=`
    MinusAssign,
    /// `|`
    Bar,
    /// `?`
    Question,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Star,
    /// `/`
    Slash,
}

/// Keywords that begin an element.
pub(super) const ELEMENTS: &[Keyword] = &[
    Keyword::If,
    Keyword::Match,
    Keyword::Split,
    Keyword::Parallel,
    Keyword::Repeat,
    Keyword::Wait,
    Keyword::Send,
    Keyword::Set,
    Keyword::Tag,
    Keyword::Untag,
    Keyword::Task,
    Keyword::Call,
    Keyword::Do,
    Keyword::Emit,
    Keyword::Start,
    Keyword::Stop,
    Keyword::Goto,
];

/// A class of token kinds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// A name.
    Name,
    /// A name before `:`.
    Label,
    /// A keyword.
    Keyword,
    /// A number, amount, duration, date or time.
    Literal,
    /// A part of a string: its quotes or characters.
    Text,
    /// A sign that joins, compares or leads on.
    Operator,
    /// A bracket, brace, parenthesis or separator.
    Punctuation,
}

impl Kind {
    /// Returns the class of this kind.
    #[must_use]
    pub fn class(self) -> Class {
        match self {
            Self::Name => Class::Name,
            Self::Label => Class::Label,
            Self::Key(_) => Class::Keyword,
            Self::Number | Self::Percent | Self::Money | Self::Duration | Self::Time | Self::Date | Self::DateTime => {
                Class::Literal
            }
            Self::TextOpen | Self::Chunk | Self::TextClose => Class::Text,
            Self::Arrow
            | Self::DotDot
            | Self::Assign
            | Self::PlusAssign
            | Self::MinusAssign
            | Self::Bar
            | Self::Question
            | Self::Equal
            | Self::NotEqual
            | Self::Less
            | Self::LessEqual
            | Self::Greater
            | Self::GreaterEqual
            | Self::Plus
            | Self::Minus
            | Self::Star
            | Self::Slash => Class::Operator,
            Self::PlaceholderOpen
            | Self::PlaceholderClose
            | Self::BraceOpen
            | Self::BraceClose
            | Self::ParenOpen
            | Self::ParenClose
            | Self::BracketOpen
            | Self::BracketClose
            | Self::Colon
            | Self::Comma
            | Self::Dot => Class::Punctuation,
        }
    }

    /// Whether it is a name, a label or a keyword.
    #[must_use]
    pub fn is_word(self) -> bool {
        matches!(self.class(), Class::Name | Class::Label | Class::Keyword)
    }

    /// Whether it opens something that another token closes.
    #[must_use]
    pub fn opens(self) -> bool {
        matches!(self, Self::TextOpen | Self::PlaceholderOpen | Self::BraceOpen | Self::ParenOpen | Self::BracketOpen)
    }

    /// Whether it closes something.
    #[must_use]
    pub fn closes(self) -> bool {
        matches!(
            self,
            Self::TextClose | Self::PlaceholderClose | Self::BraceClose | Self::ParenClose | Self::BracketClose
        )
    }
}

/// A token with its text and span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// The kind.
    pub kind: Kind,
    /// The characters it covers.
    pub text: &'a str,
    /// Where it is in the source.
    pub span: Span,
    /// Whether it is the first on its line.
    pub first: bool,
}

/// The tokens that logos produces; strings and compound literals are assembled by hand.
#[derive(Logos, Debug, Clone, Copy, PartialEq, Eq)]
#[logos(skip r"[ \t\r\u{a0}\u{feff}]+")]
pub(super) enum Raw {
    #[token("\n")]
    Newline,
    #[regex(r"#[^\n]*", allow_greedy = true)]
    Comment,
    #[regex(r"[_\p{XID_Start}]\p{XID_Continue}*")]
    Word,
    #[regex(r"[0-9]\p{XID_Continue}*(\.[0-9]\p{XID_Continue}*)?%?")]
    Number,
    /// `1,000`: one number, except inside a list.
    #[regex(r"[0-9]{1,3}(,[0-9]{3})+(\.[0-9]+)?", priority = 20)]
    Grouped,
    #[regex(r"[0-9]+:[0-9]\p{XID_Continue}*(:[0-9]\p{XID_Continue}*)?")]
    Time,
    /// `08.03.2026`, `2026/03/08`: an everyday date.
    #[regex(r"[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{4}", priority = 20)]
    #[regex(r"[0-9]{4}[./][0-9]{1,2}[./][0-9]{1,2}", priority = 20)]
    EverydayDate,
    /// `// words`, `/* words */`: a comment of another language.
    #[regex(r"//[^\n]*", allow_greedy = true)]
    #[regex(r"/\*[^*]*\*+([^/*][^*]*\*+)*/")]
    ForeignComment,
    #[regex(r"[0-9]{4}-[0-9]+-[0-9]\p{XID_Continue}*(:[0-9]\p{XID_Continue}*)*")]
    Date,
    #[token("\"\"\"")]
    BlockQuote,
    #[token("\"")]
    Quote,
    #[token("->")]
    Arrow,
    #[token("{")]
    BraceOpen,
    #[token("}")]
    BraceClose,
    #[token("(")]
    ParenOpen,
    #[token(")")]
    ParenClose,
    #[token("[")]
    BracketOpen,
    #[token("]")]
    BracketClose,
    #[token(":")]
    Colon,
    #[token(",")]
    Comma,
    #[token(".")]
    Dot,
    #[token("..")]
    DotDot,
    #[token("=")]
    Assign,
    #[token("+=")]
    PlusAssign,
    #[token("-=")]
    MinusAssign,
    #[token("|")]
    Bar,
    #[token("?")]
    Question,
    #[token("==")]
    Equal,
    #[token("!=")]
    NotEqual,
    #[token("<")]
    Less,
    #[token("<=")]
    LessEqual,
    #[token(">")]
    Greater,
    #[token(">=")]
    GreaterEqual,
    #[token("+")]
    Plus,
    #[token("-")]
    Minus,
    #[token("*")]
    Star,
    #[token("/")]
    Slash,
}
