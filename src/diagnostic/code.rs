//! The table of all codes: number, slug, default level and page.
//!
//! Numbers are never reused.

use super::language::Language;
use super::phrase::Phrase;
use crate::say;
use serde::{Deserialize, Serialize};

/// How severe a diagnostic is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Note,
    /// Probably a mistake, but the funnel runs.
    Warning,
    /// The funnel does not run.
    Error,
}

/// The level of a code unless a project sets another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum DefaultLevel {
    /// Always an error.
    Error,
    /// An error in some places and a warning in others.
    Either,
    /// Always a warning.
    Warning,
    /// Not reported.
    #[allow(dead_code, reason = "the table below may do without it")]
    Off,
}

impl Severity {
    /// The severity as a word.
    #[must_use]
    pub fn phrase(self) -> Phrase {
        match self {
            Self::Note => say!("note"),
            Self::Warning => say!("warning"),
            Self::Error => say!("error"),
        }
    }
}

macro_rules! codes {
    ($($name:ident $number:literal $slug:literal $default_level:ident;)*) => {
        /// The rule that a diagnostic is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[allow(missing_docs, reason = "the slug beside each name in the table below says it")]
        pub enum Code { $($name,)* }

        impl Code {
            /// Every code, by number.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The number to look up: `F0203`.
            #[must_use]
            pub const fn number(self) -> &'static str {
                match self { $(Self::$name => $number,)* }
            }

            /// The slug: `unknown-event`.
            #[must_use]
            pub const fn slug(self) -> &'static str {
                match self { $(Self::$name => $slug,)* }
            }

            const fn default_level(self) -> DefaultLevel {
                match self { $(Self::$name => DefaultLevel::$default_level,)* }
            }

            /// The Markdown page that `funnelc explain` shows.
            #[must_use]
            pub const fn page(self, language: Language) -> &'static str {
                match language {
                    Language::English => match self {
                        $(Self::$name => include_str!(concat!("explain/", $number, ".md")),)*
                    },
                    Language::Russian => match self {
                        $(Self::$name => include_str!(concat!("explain/ru/", $number, ".md")),)*
                    },
                }
            }
        }
    };
}

codes! {
    // 00: Lexer.
    UnknownCharacter     "F0001" "unknown-character" Error;
    UnterminatedString   "F0002" "unterminated-string" Error;
    BadUnit              "F0003" "bad-unit" Error;
    BadMoment            "F0004" "bad-moment" Error;
    NotUtf8              "F0005" "not-utf8" Error;
    FileTooLarge         "F0006" "file-too-large" Error;
    ForeignFile          "F0007" "foreign-file" Error;
    BadEscape            "F0008" "bad-escape" Error;
    BadNumber            "F0009" "bad-number" Error;

    // 01: Parser.
    Expected             "F0101" "expected" Error;
    MissingElement       "F0102" "missing-element" Error;
    Unclosed             "F0103" "unclosed" Error;
    NestedTooDeep        "F0104" "nested-too-deep" Error;
    MisplacedSetting     "F0105" "misplaced-setting" Error;
    MisspelledKeyword      "F0106" "misspelled-keyword" Error;
    InvalidPlaceholder              "F0107" "invalid-placeholder" Error;
    UnexpectedToken      "F0108" "unexpected-token" Error;

    // 02: Names.
    UnknownName          "F0201" "unknown-name" Error;
    UnknownField         "F0202" "unknown-field" Error;
    UnknownEvent         "F0203" "unknown-event" Error;
    UnknownTemplate      "F0204" "unknown-template" Error;
    UnknownChannel       "F0205" "unknown-channel" Either;
    Duplicate            "F0206" "duplicate" Error;
    UnknownFilter        "F0207" "unknown-filter" Error;
    UnknownType          "F0208" "unknown-type" Error;
    UnknownTimeZone      "F0209" "unknown-time-zone" Error;
    ReadOnly             "F0210" "read-only" Error;
    UnknownLabel         "F0211" "unknown-label" Error;
    UnknownAction        "F0212" "unknown-action" Either;
    MissingFile          "F0213" "missing-file" Error;
    UnknownExpectation   "F0214" "unknown-expectation" Error;
    UnknownSegment       "F0215" "unknown-segment" Error;
    Unused               "F0216" "unused" Warning;
    UnusedLabel          "F0217" "unused-label" Off;

    // 03: Types and operands.
    TypeMismatch         "F0301" "type-mismatch" Error;
    MaybeMissing         "F0302" "maybe-missing" Error;
    WrongOperands        "F0303" "wrong-operands" Error;
    CurrencyMismatch     "F0304" "currency-mismatch" Error;
    ImpossibleLiteral    "F0305" "impossible-literal" Error;
    NotACondition        "F0306" "not-a-condition" Error;
    WrongFilterInput     "F0307" "wrong-filter-input" Error;
    WrongTemplate        "F0308" "wrong-template" Error;
    NotConstant          "F0309" "not-constant" Error;
    WrongArguments       "F0310" "wrong-arguments" Error;
    BadAddress           "F0311" "bad-address" Error;
    WrongFile            "F0312" "wrong-file" Error;
    BrokenMarkup         "F0313" "broken-markup" Either;
    UnsafePlaceholder           "F0314" "unsafe-placeholder" Error;
    TestOrder            "F0315" "test-order" Error;
    OutsideTest        "F0316" "outside-test" Error;
    EmptyTest            "F0317" "empty-test" Error;

    // 04: Control flow, triggers and messages.
    Unreachable          "F0402" "unreachable" Warning;
    PastMoment           "F0403" "past-moment" Warning;
    NoTimeZone           "F0404" "no-time-zone" Error;
    NoSubject            "F0405" "no-subject" Error;
    NothingToDo          "F0406" "nothing-to-do" Error;
    NotExhaustive        "F0407" "not-exhaustive" Error;
    SharesNot100         "F0408" "shares-not-100" Error;
    LoopWithoutWait      "F0409" "loop-without-wait" Error;
    AskedTooEarly        "F0410" "asked-too-early" Warning;
    EmptyMessage         "F0411" "empty-message" Either;
    WrongTrigger         "F0412" "wrong-trigger" Error;
    BadSchedule          "F0413" "bad-schedule" Error;
    ConstantCondition     "F0414" "constant-condition" Warning;
    OutsideHours         "F0415" "outside-hours" Warning;
    EndlessWait          "F0416" "endless-wait" Warning;
    AlwaysPast           "F0417" "always-past" Warning;
    DoesNothing          "F0418" "does-nothing" Warning;
    EndlessFunnelCycle        "F0419" "endless-funnel-cycle" Either;
    ConflictingWrites             "F0420" "conflicting-writes" Warning;
    SameMessageTwice     "F0421" "same-message-twice" Warning;
    EmptySegment         "F0422" "empty-segment" Warning;
    ImpossibleTest       "F0423" "impossible-test" Warning;
    PromoInService       "F0424" "promo-in-service" Warning;
    NoUnsubscribeLink    "F0425" "no-unsubscribe-link" Either;
    ForeignAddress       "F0426" "foreign-address" Warning;
    UnfinishedText       "F0427" "unfinished-text" Either;
    HoursWithTimeOfDay             "F0430" "hours-with-time-of-day" Warning;
    WhoseClock           "F0432" "whose-clock" Warning;
    AtNight              "F0433" "at-night" Warning;

    // 05: Limits of messages.
    LongSms              "F0501" "long-sms" Warning;
    TooManyMessages      "F0502" "too-many-messages" Error;

    // 06: Project files and imported graphs.
    BadProject           "F0601" "bad-project" Error;
    UnknownKey           "F0602" "unknown-key" Error;
    BadSetting           "F0603" "bad-setting" Error;
    MissingSecret        "F0604" "missing-secret" Error;
    RefusedAddress       "F0605" "refused-address" Error;
    BadSecret            "F0606" "bad-secret" Error;
    UnknownCode          "F0607" "unknown-code" Error;
    NotAGraph            "F0620" "not-a-graph" Error;
    DanglingArrow        "F0621" "dangling-arrow" Error;
    DuplicateElement     "F0622" "duplicate-element" Error;
    CrossedPaths         "F0623" "crossed-paths" Error;
    UnreachableElement     "F0624" "unreachable-element" Warning;
    NotExpressible            "F0625" "not-expressible" Warning;

    // 07: Events, stores and test runs.
    BadEvent             "F0701" "bad-event" Error;
    UnknownEventType     "F0702" "unknown-event-type" Error;
    WrongFieldType       "F0703" "wrong-field-type" Error;
    MissingClient        "F0704" "missing-client" Error;
    MissingKey           "F0705" "missing-key" Error;
    DuplicateId          "F0706" "duplicate-id" Error;
    StoreVersion         "F0707" "store-version" Error;
    StoreInUse           "F0708" "store-in-use" Error;
    StoreDamaged         "F0709" "store-damaged" Error;
    TestFailed           "F0710" "test-failed" Error;
    FutureEvent          "F0711" "future-event" Error;
}

impl Code {
    /// The default severity.
    #[must_use]
    pub const fn severity(self) -> Severity {
        match self.default_level() {
            DefaultLevel::Error | DefaultLevel::Either => Severity::Error,
            DefaultLevel::Warning | DefaultLevel::Off => Severity::Warning,
        }
    }

    /// Whether it is always an error, so that no project can change its level.
    #[must_use]
    pub const fn is_fixed(self) -> bool {
        matches!(self.default_level(), DefaultLevel::Error)
    }

    /// Whether it is reported only if a project asks for it.
    #[must_use]
    pub const fn is_off(self) -> bool {
        matches!(self.default_level(), DefaultLevel::Off)
    }

    /// Finds a code by a number such as `F0203`, in either case, or by its slug.
    #[must_use]
    pub fn from_number(number: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.number().eq_ignore_ascii_case(number) || code.slug() == number)
    }
}
