//! The habits in settings, in the heads of blocks, and in tests, by what the grammar expects where they appear.

use super::habit::{Habit, certain, explained, perhaps};
use super::habit_table::one;
use crate::diagnostic::Phrase;
use crate::say;

/// Inside a funnel, where a setting or an entry is expected.
pub(super) const INSIDE: &[Habit] = &[
    certain("^marketing|promo|promotional", |_| "purpose marketing".to_owned()),
    certain("^service|transactional", |_| "purpose service".to_owned()),
    explained("^name|title|description|note|comment <text>", |w| {
        say!("a title follows the name, `funnel name {title} {{ .. }}`, and a comment begins with `#`", title = w[1])
    }),
    explained("hours <time> .. <time> ^except|excluding|without|not|but", |_| name_the_days()),
    explained("hours <time> - <time> ^except|excluding|without|not|but", |_| name_the_days()),
    explained("^quiet hours", |_| say!("write the hours in which messages may leave: `hours 09:00..21:00`")),
    explained("^send between|only|from", |_| say!("write the hours in which messages may leave: `hours 09:00..21:00`")),
    certain("^enrollment|entry|start trigger|when <path>", |w| format!("on {}", w[2])),
    certain("^max|maximum <number>", |w| format!("limit {}", w[1])),
    certain("^type|kind|category marketing|service", |w| format!("purpose {}", w[1])),
    certain("^re - enter after <duration>", |w| format!("enter again after {}", w[4])),
    explained("^exclude|suppress|except <name>", |w| {
        say!("write a condition after the trigger: `where not client in {segment}`", segment = w[1])
    }),
    certain("^stop|end|leave|finish|unenroll|cancel on|when|if <path>", |w| format!("exit on {}", w[2])),
    perhaps("^trigger|start|when|on : <path>", |w| format!("on {} ->", w[2])),
    certain("^once", |_| "enter once".to_owned()),
    certain("^reentry|reenroll|re_enter|allow_reentry", |_| "enter always".to_owned()),
    explained("^<step>", |_| say!("start with a trigger: `on booking -> ..`")),
    explained("^-> <name>", |_| say!("start with a trigger: `on booking -> ..`")),
];

/// After `exit` or `goal`, where `on` is expected.
pub(super) const ON: &[Habit] = &[
    certain("exit|goal ^if|after|at|upon <path>", |w| format!("{} on {}", w[0], w[2])),
    certain("exit|goal ^: <path>", |w| format!("{} on {}", w[0], w[2])),
];

/// After `enter once`.
pub(super) const ONCE: &[Habit] = &[
    certain("enter once ^every|each <duration>", |w| format!("enter again after {}", w[3])),
    certain("enter once ^per|every|each|a <unit>", |w| format!("enter again after {}", one(w[3]))),
];

/// Where `per` is expected in a limit.
pub(super) const PER: &[Habit] = &[
    certain("^daily", |_| "per 1d".to_owned()),
    certain("^weekly", |_| "per 1w".to_owned()),
    certain("^monthly", |_| "per 1mo".to_owned()),
    certain("^hourly", |_| "per 1h".to_owned()),
    certain("^a|an|every|each|in|within|in_a <unit>", |w| format!("per {}", one(w[1]))),
    certain("^every|each|in|within|в|за <duration>", |w| format!("per {}", w[1])),
    certain("^в <unit>", |w| format!("per {}", one(w[1]))),
    certain("^/ <unit>", |w| format!(" per {}", one(w[1]))),
    certain("^/ <duration>", |w| format!(" per {}", w[1])),
];

/// After `enter`.
pub(super) const ENTER: &[Habit] = &[
    certain("enter ^only once", |_| "enter once".to_owned()),
    certain("enter ^every|after <duration>", |w| format!("enter again after {}", w[2])),
    certain("enter again ^every|in|within <duration>", |w| format!("enter again after {}", w[3])),
];

/// Where the name of a funnel is expected.
pub(super) const FUNNEL_NAME: &[Habit] =
    &[explained("funnel ^{", |_| say!("give it a name: `funnel welcome {{ .. }}`"))];

/// Where the times of `hours` are expected.
pub(super) const HOURS: &[Habit] =
    &[certain("hours ^from|between <time> to|and|till|until|- <time>", |w| format!("hours {}..{}", w[2], w[4]))];

/// Where a block is expected.
pub(super) const OPEN: &[Habit] = &[
    certain("funnel|event <name> ^. <name>", |w| format!("{} {}_{}", w[0], w[1], w[3])),
    explained("funnel <name> ^for|on|with|where|when|if|( <name>", |_| {
        say!("who may enter is a condition of the trigger: `funnel name {{ on booking where client in vip -> .. }}`")
    }),
    explained("funnel <name> ^:|=|-> <name>", |w| {
        say!("write braces: `funnel {name} {{ on booking -> .. }}`", name = w[1])
    }),
    perhaps("funnel <name> <name> ^<name> {", |w| format!("funnel {}_{}_{} {{", w[1], w[2], w[3])),
    perhaps("funnel <name> ^<name> <name> {", |w| format!("funnel {}_{}_{} {{", w[1], w[2], w[3])),
    perhaps("funnel <name> ^<name> {", |w| format!("funnel {}_{} {{", w[1], w[2])),
    perhaps("event <name> ^<name> {", |w| format!("event {}_{} {{", w[1], w[2])),
    explained("event <path> ^->", |w| say!("an entry starts with `on`: `on {event} -> ..`", event = w[1])),
];

/// Where a line of a test is expected.
pub(super) const TEST_LINE: &[Habit] = &[
    explained("^on|when|after|event|and <name> <tested>", |w| begin_with_moment(w[1])),
    certain("^<date> <name> <tested>", |w| format!("at {} {}", w[0], w[1])),
    explained("^<name> <tested>", |w| begin_with_moment(w[0])),
    explained("^wait|after|in <duration>", |w| {
        say!("instead of `{wait}`, write the moment of the expectation, `expect at 2026-03-02 10:00 ..`", wait = w[0])
    }),
    explained("expect <name> <name> after|in ^<duration>", |_| expect_at()),
    explained("^then|should|assert|verify|check <step>", |_| {
        say!("an expectation begins with `expect`: `expect send sms`")
    }),
];

/// After `given`.
pub(super) const GIVEN: &[Habit] = &[certain("given ^client <tested>", |_| "client".to_owned())];

fn name_the_days() -> Phrase {
    say!("name the days: `hours monday..saturday 09:00..21:00`")
}

fn begin_with_moment(event: &str) -> Phrase {
    say!("begin with the moment: `at 2026-03-01 10:00 {event} {{ .. }}`", event)
}

fn expect_at() -> Phrase {
    say!("write the moment before the message: `expect at 2026-03-01 10:00 send sms`")
}
