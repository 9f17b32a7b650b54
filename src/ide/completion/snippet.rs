//! Snippets, by syntactic context: label, description, text.

use crate::diagnostic::Phrase;
use crate::say;

/// A snippet.
pub(super) type Snippet = (&'static str, Phrase, &'static str);

/// Returns the items of a file.
pub(super) fn items() -> Vec<Snippet> {
    vec![
        ("on", say!("a funnel named after its file"), "on ${1:booking} -> $0"),
        ("every", say!("a scheduled funnel"), "every ${1:monday} ${2:10:00} -> $0"),
        (
            "funnel",
            say!("a funnel with settings"),
            "funnel ${1:name} \"${2:Title}\" {\n  on ${3:booking}\n    -> $0\n}",
        ),
        ("event", say!("an event with fields"), "event ${1:name} {\n  key id: text\n  $0\n}"),
        ("client", say!("fields of the client"), "client {\n  ${1:name}: ${2:text?}\n}"),
        ("segment", say!("a named client condition"), "segment ${1:name} = $0"),
        ("template sms", say!("a message template"), "template sms ${1:name} = \"$0\""),
        (
            "template email",
            say!("an email template"),
            "template email ${1:name} = {\n  subject: \"$2\"\n  text: \"\"\"\n    $0\n    \"\"\"\n}",
        ),
        ("const", say!("a named value"), "const ${1:name} = $0"),
        ("action", say!("an action of another system"), "action ${1:name}(${2:id}: ${3:text})"),
        ("use", say!("declarations from another file"), "use \"$1.funnel\""),
        (
            "test",
            say!("a test of funnels"),
            "test \"${1:what}\" {\n  client { phone: \"+${2:79990000000}\" }\n  at ${3:2026-03-01 10:00} ${4:visit} { id: \"1\" }\n  expect $0\n}",
        ),
    ]
}

/// Returns the settings of a funnel.
pub(super) fn settings() -> Vec<Snippet> {
    vec![
        ("purpose", say!("purpose of the messages"), "purpose ${1:marketing} ${2:newsletter}"),
        ("timezone", say!("time zone of the funnel"), "timezone client.timezone else \"${1:Europe/Berlin}\""),
        ("hours", say!("hours when messages may be sent"), "hours ${1:09:00}..${2:21:00}"),
        ("enter", say!("how often a client may enter"), "enter ${1:once}"),
        ("limit", say!("limit on messages"), "limit ${1:2} ${2:sms} per ${3:7d} else skip"),
        ("exit", say!("event that ends a run"), "exit on ${1:booking.cancelled}"),
        ("goal", say!("goal of the funnel"), "goal on ${1:purchase} within ${2:14d}"),
        ("upgrade", say!("what happens to active runs on upgrade"), "upgrade ${1:migrate}"),
    ]
}

/// Returns the triggers of a funnel.
pub(super) fn triggers() -> Vec<Snippet> {
    vec![
        ("on", say!("an event trigger"), "on ${1:booking}\n  -> $0"),
        ("every", say!("a schedule trigger"), "every ${1:monday} ${2:10:00} -> $0"),
    ]
}

/// Returns the elements of a chain.
pub(super) fn elements() -> Vec<Snippet> {
    vec![
        ("send", say!("a message"), "send ${1:sms} \"$0\""),
        ("wait", say!("a pause"), "wait ${1:1d}"),
        ("wait until", say!("a future moment"), "wait until ${1:10:00}"),
        ("wait for", say!("a future event"), "wait for ${1:booking} up to ${2:3d} {\n  ${3:stop}\n} else {\n  $0\n}"),
        ("if", say!("continue only if a condition holds"), "if ${1:condition} -> $0"),
        ("if else", say!("two branches"), "if ${1:condition} {\n  $2\n} else {\n  $0\n}"),
        ("match", say!("a branch for each value"), "match ${1:value} {\n  case ${2:\"a\"} -> $3\n  otherwise -> $0\n}"),
        ("split", say!("random branches"), "split \"${1:name}\" {\n  case 50% -> $2\n  case 50% -> $0\n}"),
        ("parallel", say!("parallel branches"), "parallel {\n  path -> $1\n  path -> $0\n}"),
        ("repeat", say!("repeat a block"), "repeat ${1:3} times {\n  $0\n}"),
        ("set", say!("a field of the client"), "set client.${1:city} = $0"),
        ("tag", say!("add a tag to the client"), "tag \"$0\""),
        ("untag", say!("remove a tag from the client"), "untag \"$0\""),
        ("task", say!("a task for a person"), "task \"${1:what}\" for \"${2:manager}\" due ${3:4h}"),
        ("call", say!("another system"), "call \"https://${1:host}/\" { $0 }"),
        ("do", say!("an action"), "do ${1:action}($0)"),
        ("emit", say!("an event"), "emit ${1:event} { $0 }"),
        ("start", say!("another funnel"), "start ${1:funnel}"),
        ("goto", say!("a label"), "goto ${1:next}"),
        ("stop", say!("end of the run"), "stop"),
    ]
}

/// Returns the lines of a test.
pub(super) fn test() -> Vec<Snippet> {
    vec![
        ("client", say!("client of the test"), "client { phone: \"+${1:79990000000}\" }"),
        ("at", say!("an event of the test"), "at ${1:2026-03-01 10:00} ${2:visit} { id: \"1\"$0 }"),
        ("given", say!("a provider that refuses"), "given ${1:sms} fails"),
        ("expect", say!("an expected result"), "expect ${1:send sms}"),
        ("expect at", say!("an expected result at a given time"), "expect at ${1:2026-03-02 10:00} ${2:send sms}"),
        ("expect nothing else", say!("no other results"), "expect nothing else"),
        ("until", say!("end of the test"), "until ${1:2026-04-01}"),
    ]
}
