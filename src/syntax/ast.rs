//! The abstract syntax tree: what the text says, with spans, nothing checked.
//!
//! Comments are not here; they stand in the trivia beside the tree. Damaged places hold `Error` nodes, so a file
//! always has a tree.

use crate::source::{Span, Spanned};
use crate::value::{CivilDate, Decimal, TimeOfDay, Weekday};

/// A name as written.
pub type Name = Spanned<String>;

/// A whole file, its items in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// What stands at the top level.
    pub items: Vec<Item>,
    /// The whole text.
    pub span: Span,
}

/// Something at the top level of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What it is.
    pub kind: ItemKind,
    /// From its first keyword to its last token.
    pub span: Span,
}

/// The kinds of top-level item.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum ItemKind {
    /// `use "common.funnel"`
    Use(Text),
    /// `const limit = 5000 RUB`
    Const { name: Name, value: Expr },
    /// `client { field.. }`
    Client(Vec<Field>),
    /// `event NAME { field.. }`
    Event { name: Name, fields: Vec<Field> },
    /// `segment NAME = expr`
    Segment { name: Name, condition: Expr },
    /// `template CHANNEL NAME (params) = body`
    Template { channel: Name, name: Name, params: Vec<Name>, body: Body },
    /// `action NAME (param: type, ..)`
    Action { name: Name, params: Vec<Param> },
    /// `funnel NAME "title" { .. }`
    Funnel(Funnel),
    /// `test "what" { .. }`
    Test { title: Text, steps: Vec<TestStep> },
    /// `on booking -> ..`, the file's own funnel
    Entry(Entry),
    /// Something that could not be read.
    Error,
}

/// A field of an event or of the client: `key id: text`, `attended: bool later by starts_at + 1d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Whether `key` stands before it.
    pub key: bool,
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
    /// `later`, with its deadline.
    pub later: Option<Later>,
    /// The whole field.
    pub span: Span,
}

/// `later` or `later by expr`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Later {
    /// The deadline, when one is said.
    pub by: Option<Expr>,
    /// From `later` to its end.
    pub span: Span,
}

/// A type as written: `text?`, `"new" | "paid"`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeExpr {
    /// What stands between the bars; at least one.
    pub atoms: Vec<TypeAtom>,
    /// Whether `?` ends it.
    pub optional: bool,
    /// The whole type.
    pub span: Span,
}

/// One alternative of a type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TypeAtom {
    /// `text`
    Name(Name),
    /// `"paid"`
    Literal(Text),
    /// `list<text>`
    List(Box<TypeExpr>, Span),
    /// Something that could not be read.
    Error(Span),
}

/// `name: type` of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// Its type.
    pub ty: TypeExpr,
}

/// `{ name: expr, .. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// Its entries in order.
    pub entries: Vec<RecordEntry>,
    /// With the braces.
    pub span: Span,
}

/// `name: expr`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordEntry {
    /// The name.
    pub name: Name,
    /// The value.
    pub value: Expr,
}

/// `funnel NAME "title" { setting.. entry.. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// Its name.
    pub name: Name,
    /// What people call it.
    pub title: Option<Text>,
    /// The settings, in order.
    pub settings: Vec<Setting>,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

/// A setting of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// What it is.
    pub kind: SettingKind,
    /// The whole setting.
    pub span: Span,
}

/// The kinds of setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum SettingKind {
    /// `purpose marketing newsletter`
    Purpose { kind: Name, topic: Option<Name> },
    /// `timezone client.timezone else "Europe/Moscow"`
    Timezone { zone: Expr, otherwise: Option<Expr> },
    /// `hours 09:00..21:00`, `hours monday..friday 09:00..21:00, saturday 10:00..16:00`
    Hours(Vec<HoursWindow>),
    /// `enter once per booking.id`
    Enter(Enter),
    /// `limit 2 sms per 7d else skip`
    Limit { count: Spanned<Decimal>, channel: Name, per: DurationLit, otherwise: LimitElse },
    /// `exit on booking.cancelled where ..`
    Exit { events: Vec<EventPath>, filter: Option<Expr> },
    /// `goal on purchase where .. within 14d worth purchase.amount`
    Goal { events: Vec<EventPath>, filter: Option<Expr>, within: Option<DurationLit>, worth: Option<Expr> },
    /// `upgrade migrate`
    Upgrade(Name),
    /// Something that could not be read.
    Error,
}

/// `monday..friday 09:00..21:00`; no day means every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursWindow {
    /// Single days and ranges of days.
    pub days: Vec<DayRange>,
    /// When it opens.
    pub from: Spanned<TimeOfDay>,
    /// When it closes.
    pub to: Spanned<TimeOfDay>,
    /// The whole window.
    pub span: Span,
}

/// `monday` or `monday..friday`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayRange {
    /// The first day.
    pub from: Spanned<Weekday>,
    /// The last day, when it is a range.
    pub to: Option<Spanned<Weekday>>,
}

/// Who may enter, and again when.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Enter {
    /// `enter always`
    Always,
    /// `enter once`, `enter once per booking.id`
    Once { per: Option<Expr> },
    /// `enter again after 30d`
    Again { after: DurationLit },
    /// Something that could not be read.
    Error,
}

/// What a reached limit does.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum LimitElse {
    /// `else skip`, also when nothing is said
    Skip,
    /// `else defer up to 2d`
    Defer { up_to: DurationLit },
}

/// `trigger -> chain`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What starts it.
    pub trigger: Trigger,
    /// What follows.
    pub chain: Chain,
    /// The whole entry.
    pub span: Span,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What happens.
    pub kind: TriggerKind,
    /// `as b`
    pub alias: Option<Name>,
    /// `where expr`
    pub filter: Option<Expr>,
    /// From `on` or `every` to its end.
    pub span: Span,
}

/// The kinds of trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum TriggerKind {
    /// `on booking or visit`, `on booking.cancelled`
    Events(Vec<EventPath>),
    /// `on entering vip`, `on leaving vip`
    Segment { entering: bool, name: Name },
    /// `on no visit for 60d`
    Silence { event: Name, duration: DurationLit },
    /// `on client.birthday - 7d at 10:00`
    Date { moment: Expr, at: Spanned<TimeOfDay> },
    /// `every monday 10:00 for vip`
    Every { schedule: Schedule, segment: Option<Name> },
    /// Something that could not be read.
    Error,
}

/// `booking`, `booking.updated`, `booking.status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPath {
    /// The event.
    pub event: Name,
    /// `updated`, or a field.
    pub member: Option<Name>,
}

impl EventPath {
    /// The whole path.
    #[must_use]
    pub fn span(&self) -> Span {
        self.member.as_ref().map_or(self.event.span, |m| self.event.span.to(m.span))
    }
}

/// When a scheduled trigger fires.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Schedule {
    /// `every day 10:00`
    Day { at: Spanned<TimeOfDay> },
    /// `every monday, thursday 10:00`
    Weekdays { days: Vec<DayRange>, at: Spanned<TimeOfDay> },
    /// `every 2w`: every so often from the funnel's start
    Interval { every: DurationLit, at: Option<Spanned<TimeOfDay>> },
    /// `every "RRULE:FREQ=MONTHLY;BYDAY=1MO"`
    Rule(Text),
    /// Something that could not be read.
    Error(Span),
}

/// Steps joined by arrows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chain {
    /// At least one, except where the text is damaged.
    pub steps: Vec<Step>,
    /// From the first step to the last.
    pub span: Span,
}

/// `{ chain }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What is inside.
    pub chain: Chain,
    /// With the braces.
    pub span: Span,
}

/// `label: element`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The name given to it.
    pub label: Option<Name>,
    /// The element.
    pub element: Element,
    /// The head of the element, without its blocks: `if attended`, `send sms thanks to "+7.."`.
    pub head: Span,
    /// The whole step with label and blocks.
    pub span: Span,
}

/// The elements that flow.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Element {
    /// `if expr { .. } else { .. }`, or a gate without blocks
    If(If),
    /// `match expr { case a -> .. otherwise -> .. }`
    Match { subject: Expr, cases: Vec<MatchCase>, otherwise: Option<Chain> },
    /// `split "name" { case 50% -> .. }`
    Split { name: Option<Text>, cases: Vec<SplitCase>, otherwise: Option<Chain> },
    /// `parallel { path -> .. }`
    Parallel { paths: Vec<Chain> },
    /// `repeat 3 times { .. }`
    Repeat { times: Spanned<Decimal>, body: Block },
    /// `wait 24h`, `wait 1d at 10:00`
    Wait { duration: DurationLit, at: Option<Spanned<TimeOfDay>> },
    /// `wait until expr else ..`
    WaitUntil { moment: Expr, otherwise: Option<PastElse> },
    /// `wait for booking as b where .. up to 3d { .. } else { .. }`
    WaitFor(WaitFor),
    /// `send sms thanks to .. else { .. }`
    Send(Send),
    /// `set client.city = "Berlin"`
    Set { target: Path, value: Expr },
    /// `tag "vip"`
    Tag(Text),
    /// `untag "vip"`
    Untag(Text),
    /// `task "Call" for "manager" due 4h`
    Task { text: Text, assignee: Option<Text>, due: Option<DurationLit> },
    /// `call "https://.." { .. } else { .. }`
    Call { url: Text, body: Option<Record>, otherwise: Option<Block> },
    /// `do sync_crm(id: client.id) else { .. }`
    Do { action: Name, args: Vec<RecordEntry>, otherwise: Option<Block> },
    /// `emit won_back { .. }`
    Emit { event: Name, data: Option<Record> },
    /// `start other_funnel`
    Start(Name),
    /// `stop`
    Stop,
    /// `goto label`
    Goto(Name),
    /// Something that could not be read.
    Error,
}

/// `if expr { then } else { otherwise }`; a gate when there is no block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct If {
    /// The condition.
    pub condition: Expr,
    /// The block; `None` for a gate.
    pub then: Option<Block>,
    /// What `else` says.
    pub otherwise: Option<Otherwise>,
}

/// What stands after the `else` of an `if`.
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

/// What to do when a moment is past.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PastElse {
    /// `else skip`
    Skip(Span),
    /// `else stop`
    Stop(Span),
    /// `else { .. }`
    Block(Block),
}

/// `wait for events as x where c up to t { then } else { otherwise }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaitFor {
    /// What is awaited.
    pub events: Vec<EventPath>,
    /// `as x`
    pub alias: Option<Name>,
    /// `where c`
    pub filter: Option<Expr>,
    /// `up to t`: a duration or a moment
    pub up_to: Option<Expr>,
    /// Taken when it came.
    pub then: Option<Block>,
    /// Taken when it did not.
    pub otherwise: Option<Block>,
}

/// `send CHANNEL body to expr else { .. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Send {
    /// The channel.
    pub channel: Name,
    /// What is sent; `None` for the channel's default template.
    pub body: Option<Body>,
    /// To whom; `None` for the client's address.
    pub to: Option<Expr>,
    /// Taken when it was not sent.
    pub otherwise: Option<Block>,
}

/// What a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// A template by name.
    Template(Name),
    /// The text itself.
    Text(Text),
    /// `{ subject: "..", text: ".." }`
    Record(Record),
    /// Something that could not be read.
    Error(Span),
}

/// `client.city`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The names; at least one.
    pub names: Vec<Name>,
    /// The whole path.
    pub span: Span,
}

/// A line of a `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStep {
    /// What it says.
    pub kind: TestStepKind,
    /// The whole line.
    pub span: Span,
}

/// The kinds of test line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum TestStepKind {
    /// `client { id: "c1" }`
    Client(Record),
    /// `at 2026-03-01 10:00 booking { .. }`
    At { when: Expr, event: Name, data: Record },
    /// `expect at 2026-03-02 10:00 send sms containing "Anna"`
    Expect { when: Option<Expr>, what: Expectation },
    /// Something that could not be read.
    Error,
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Expectation {
    /// `nothing else`
    NothingElse,
    /// `no send sms`, `send sms thanks to "+7.." containing "Anna"`, `task containing "Call"`, `exit`
    Line {
        /// Whether `no` stands before it.
        negated: bool,
        /// `send`, `task`, `set`, `exit`, ..
        kind: Name,
        /// The channel, funnel, event or label it names.
        target: Option<Name>,
        /// The template of a send.
        template: Option<Name>,
        /// `to expr`
        to: Option<Expr>,
        /// Each `containing "text"`.
        containing: Vec<Text>,
    },
    /// Something that could not be read.
    Error,
}

/// A text literal: a template with holes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its parts in order; none for `""`.
    pub parts: Vec<TextPart>,
    /// Whether it was written between `"""`.
    pub block: bool,
    /// With the quotes.
    pub span: Span,
}

impl Text {
    /// The text when it has no holes.
    #[must_use]
    pub fn plain(&self) -> Option<String> {
        self.parts
            .iter()
            .map(|part| match part {
                TextPart::Text(text) => Some(text.node.as_str()),
                TextPart::Hole(_) => None,
            })
            .collect()
    }
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TextPart {
    /// Characters, escapes resolved.
    Text(Spanned<String>),
    /// `{{ expr | filter }}`
    Hole(Hole),
}

/// `{{ expr | filter | filter(arg) }}`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// The value.
    pub expr: Expr,
    /// What is done to it, in order.
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

/// A duration literal as written: `1h30m`, `3 days`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DurationLit {
    /// Its parts in order; at least one, except where the text is damaged.
    pub parts: Vec<(u32, Unit)>,
    /// The whole literal.
    pub span: Span,
}

/// A unit of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Year,
}

/// An expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// The whole expression; with the parentheses when it has its own.
    pub span: Span,
}

/// The kinds of expression.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum ExprKind {
    /// `true`, `false`
    Bool(bool),
    /// `50_000`, `1.5`
    Number(Decimal),
    /// `50%`
    Percent(Decimal),
    /// `5000 RUB`
    Money { amount: Decimal, currency: Name },
    /// `24h`
    Duration(DurationLit),
    /// `10:00`
    Time(TimeOfDay),
    /// `2026-03-08`
    Date(CivilDate),
    /// `2026-03-08 10:00`
    DateTime(CivilDate, TimeOfDay),
    /// `now`
    Now,
    /// `today`, `tomorrow 10:00`, `monday 10:00`
    Day { day: Day, at: Option<Spanned<TimeOfDay>> },
    /// `"text with {{ holes }}"`
    Text(Text),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `attended`
    Name(String),
    /// `booking.starts_at`
    Field { of: Box<Expr>, name: Name },
    /// `count(booking in last 90d where attended)`
    History(Box<History>),
    /// `not a`, `-a`
    Unary { op: UnaryOp, expr: Box<Expr> },
    /// `a and b`
    Binary { op: Spanned<BinaryOp>, left: Box<Expr>, right: Box<Expr> },
    /// `a is known`, `a is missing`
    Is { expr: Box<Expr>, known: bool },
    /// `( a )`
    Paren(Box<Expr>),
    /// Something that could not be read.
    Error,
}

/// A day said by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub enum Day {
    Today,
    Tomorrow,
    Weekday(Weekday),
}

/// `sum(purchase.amount in last 1y where ..)`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// `count`, `sum`, ..; any name, checked later.
    pub function: Name,
    /// The event.
    pub event: Name,
    /// The field after the dot.
    pub field: Option<Name>,
    /// `in last 90d`
    pub last: Option<DurationLit>,
    /// `where expr`
    pub filter: Option<Expr>,
}

/// An operator before its operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum UnaryOp {
    Not,
    Minus,
}

/// An operator between its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names say it")]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    In,
    Contains,
    StartsWith,
    Matches,
    Add,
    Subtract,
    Multiply,
    Divide,
}

impl BinaryOp {
    /// Every operator, loosest binding first.
    pub const ALL: [Self; 16] = [
        Self::Or,
        Self::And,
        Self::Equal,
        Self::NotEqual,
        Self::Less,
        Self::LessEqual,
        Self::Greater,
        Self::GreaterEqual,
        Self::In,
        Self::Contains,
        Self::StartsWith,
        Self::Matches,
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
    ];

    /// How it is written.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessEqual => "<=",
            Self::Greater => ">",
            Self::GreaterEqual => ">=",
            Self::In => "in",
            Self::Contains => "contains",
            Self::StartsWith => "starts with",
            Self::Matches => "matches",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
        }
    }
}

impl Unit {
    /// Every unit, shortest first.
    pub const ALL: [Self; 7] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week, Self::Month, Self::Year];

    /// The short form: `h`.
    #[must_use]
    pub fn text(self) -> &'static str {
        ["s", "m", "h", "d", "w", "mo", "y"][self as usize]
    }

    /// Reads a short or a long form: `h`, `hour`, `hours`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        const LONG: [&str; 7] = ["second", "minute", "hour", "day", "week", "month", "year"];
        let singular = text.strip_suffix('s').filter(|s| s.len() > 2).unwrap_or(text);
        Self::ALL.into_iter().find(|unit| unit.text() == text || LONG[*unit as usize] == singular)
    }

    /// So many of this unit, saturating.
    #[must_use]
    pub fn times(self, count: u32) -> crate::value::Duration {
        let n = i64::from(count);
        let whole = i32::try_from(count).unwrap_or(i32::MAX);
        let calendar = |months: i32, days: i32| crate::value::Duration { months, days, ms: 0 };
        match self {
            Self::Second => crate::value::Duration::exact(n * 1000),
            Self::Minute => crate::value::Duration::exact(n * 60_000),
            Self::Hour => crate::value::Duration::exact(n * 3_600_000),
            Self::Day => calendar(0, whole),
            Self::Week => calendar(0, whole.saturating_mul(7)),
            Self::Month => calendar(whole, 0),
            Self::Year => calendar(whole.saturating_mul(12), 0),
        }
    }
}

impl DurationLit {
    /// The length it stands for.
    #[must_use]
    pub fn value(&self) -> crate::value::Duration {
        self.parts.iter().fold(crate::value::Duration::default(), |sum, (n, unit)| sum.plus(unit.times(*n)))
    }
}
