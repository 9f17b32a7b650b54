//! Chains, steps and elements as written.

use super::{DurationLit, Expr, Happening, Name, Record, RecordEntry, Text, TextFile};
use crate::source::{Span, Spanned};
use crate::value::{Decimal, TimeOfDay};

/// Steps joined by arrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// The steps; at least one, except where the text is damaged.
    pub steps: Vec<Step>,
    /// From the first step to the last.
    pub span: Span,
}

/// `{ chain }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The chain.
    pub chain: Chain,
    /// With the braces.
    pub span: Span,
}

/// `label: element`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The label.
    pub label: Option<Name>,
    /// The element.
    pub element: Element,
    /// The head of the element, without its blocks: `if attended`, `send sms thanks to "+7.."`.
    pub head: Span,
    /// The whole step with label and blocks.
    pub span: Span,
}

/// The elements of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// `if expr { .. } else { .. }`, or a gate without blocks
    If(Box<If>),
    /// `match expr { case a -> .. otherwise -> .. }`
    Match { subject: Expr, cases: Vec<MatchCase>, otherwise: Option<Chain> },
    /// `split "name" { case 50% -> .. }`
    Split { name: Option<Text>, cases: Vec<SplitCase>, otherwise: Option<Chain> },
    /// `parallel { path -> .. }`
    Parallel { paths: Vec<Chain> },
    /// `repeat 3 times { .. }`
    Repeat { times: Spanned<Decimal>, body: Block },
    /// `wait 24h`, `wait 1d at 10:00`
    WaitDuration { duration: DurationLit, at: Option<Spanned<TimeOfDay>> },
    /// `wait until expr else ..`
    WaitUntil { moment: Expr, otherwise: Option<WaitElse> },
    /// `wait for booking as b where .. up to 3d { .. } else { .. }`
    WaitEvent(Box<WaitEvent>),
    /// `send sms thanks to .. else { .. }`
    Send(Box<Send>),
    /// `set client.city = "Berlin"`, `set client.bonus += 500`
    Set { target: Path, op: SetOp, value: Expr },
    /// `tag "vip"`
    Tag(Text),
    /// `untag "vip"`
    Untag(Text),
    /// `task "Call" for "manager" due 4h`, `task "Call" due 1d at 10:00`
    Task { text: Text, assignee: Option<Text>, due: Option<Due> },
    /// `call "https://.." { .. } as reply else { .. }`
    Call { url: Text, body: Option<Record>, answer: Option<Name>, otherwise: Option<Block> },
    /// `do sync_crm(id: client.id) as reply else { .. }`
    Do { action: Name, args: Vec<RecordEntry>, answer: Option<Name>, otherwise: Option<Block> },
    /// `emit won_back { .. }`
    Emit { event: Name, data: Option<Record> },
    /// `start other_funnel`
    Start(Name),
    /// `stop other_funnel`
    StopFunnel(Name),
    /// `stop`
    Stop,
    /// `goto label`
    Goto(Name),
    /// Something that could not be read.
    Error,
}

/// `if expr { then } else { otherwise }`; without blocks, a gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct If {
    /// The condition.
    pub condition: Expr,
    /// The block; `None` for a gate.
    pub then: Option<Block>,
    /// The `else` branch.
    pub otherwise: Option<Otherwise>,
}

/// The `else` branch of an `if`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Otherwise {
    /// `else { .. }`
    Block(Block),
    /// `else if ..`
    If(Box<If>, Span),
}

/// `case a, b -> chain`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MatchCase {
    /// The values; at least one.
    pub values: Vec<Expr>,
    /// The path.
    pub chain: Chain,
    /// From `case` to the end.
    pub span: Span,
}

/// `case 50% -> chain`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SplitCase {
    /// The share, in percent.
    pub percent: Spanned<Decimal>,
    /// The path.
    pub chain: Chain,
    /// From `case` to the end.
    pub span: Span,
}

/// What happens if the moment of a wait is past, or its event has not arrived in time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitElse {
    /// `else skip`
    Skip(Span),
    /// `else stop`
    Stop(Span),
    /// `else { .. }`
    Block(Block),
}

impl WaitElse {
    /// What follows `else`.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Skip(span) | Self::Stop(span) => *span,
            Self::Block(block) => block.span,
        }
    }
}

/// `wait for events as x where c up to t { then } else ..`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitEvent {
    /// The events waited for.
    pub events: Vec<Happening>,
    /// `as x`
    pub alias: Option<Name>,
    /// `where c`
    pub filter: Option<Expr>,
    /// `up to t`: a duration or a moment
    pub up_to: Option<Expr>,
    /// The path when the event arrives.
    pub then: Option<Block>,
    /// What happens when the wait times out.
    pub otherwise: Option<WaitElse>,
}

/// `send CHANNEL body to expr else { .. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The channel.
    pub channel: Name,
    /// The body; `None` for the channel's default template.
    pub body: Option<Body>,
    /// The recipient; `None` for the client's address.
    pub to: Option<Expr>,
    /// The moment before which it must be sent, after `before`.
    pub before: Option<Expr>,
    /// The path if the message is not sent.
    pub otherwise: Option<Block>,
}

/// The body of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A template by name.
    Template(Name),
    /// A string.
    Text(Text),
    /// `{ subject: "..", text: ".." }`
    Record(Record),
    /// `file "reminder.txt"`
    File(TextFile),
    /// Something that could not be read.
    Error(Span),
}

/// `due 4h`, `due 1d at 10:00`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    /// The duration.
    pub duration: DurationLit,
    /// The time of day.
    pub at: Option<Spanned<TimeOfDay>>,
}

/// What a `set` does to its field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SetOp {
    /// `=`
    Assign,
    /// `+=`
    Add,
    /// `-=`
    Subtract,
}

impl SetOp {
    /// The operator as it is written.
    #[must_use]
    pub fn sign(self) -> &'static str {
        match self {
            Self::Assign => "=",
            Self::Add => "+=",
            Self::Subtract => "-=",
        }
    }
}

/// `client.city`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The names; at least one.
    pub names: Vec<Name>,
    /// The whole path.
    pub span: Span,
}
