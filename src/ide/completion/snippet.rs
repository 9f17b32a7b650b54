//! Snippets, by syntactic context: label, description, text.

use crate::diagnostic::Phrase;
use crate::say;

/// A snippet.
pub(super) type Snippet = (&'static str, Phrase, &'static str);

/// Returns the items of a file.
pub(super) fn items() -> Vec<Snippet> {
    vec![
        ("on", say!("a funnel that has its file's name"), "on ${1:booking} -> $0"),
        ("every", say!("a funnel that comes round"), "every ${1:monday} ${2:10:00} -> $0"),
        (
            "funnel",
            say!("a funnel with settings"),
            "funnel ${1:name} \"${2:Title}\" {\n  on ${3:booking}\n    -> $0\n}",
        ),
        ("event", say!("something that happens"), "event ${1:name} {\n  key id: text\n  $0\n}"),
        ("client", say!("fields of the client"), "client {\n  ${1:name}: ${2:text?}\n}"),
        ("segment", say!("a named condition over clients"), "segment ${1:name} = $0"),
        ("template sms", say!("words of a message"), "template sms ${1:name} = \"$0\""),
        (
            "template email",
            say!("words of a letter"),
            "template email ${1:name} = {\n  subject: \"$2\"\n  text: \"\"\"\n    $0\n    \"\"\"\n}",
        ),
        ("const", say!("a value with a name"), "const ${1:name} = $0"),
        ("action", say!("what another system does"), "action ${1:name}(${2:id}: ${3:text})"),
        ("use", say!("declarations of another file"), "use \"$1.funnel\""),
        (
            "test",
            say!("what should happen"),
            "test \"${1:what}\" {\n  client { phone: \"+${2:79990000000}\" }\n  at ${3:2026-03-01 10:00} ${4:visit} { id: \"1\" }\n  expect $0\n}",
        ),
    ]
}

/// Returns the settings of a funnel.
pub(super) fn settings() -> Vec<Snippet> {
    vec![
        ("purpose", say!("why messages are sent"), "purpose ${1:marketing} ${2:newsletter}"),
        ("timezone", say!("where days begin"), "timezone client.timezone else \"${1:Europe/Berlin}\""),
        ("hours", say!("when messages may leave"), "hours ${1:09:00}..${2:21:00}"),
        ("enter", say!("who may enter, and again when"), "enter ${1:once}"),
        ("limit", say!("the most messages"), "limit ${1:2} ${2:sms} per ${3:7d} else skip"),
        ("exit", say!("what ends a run"), "exit on ${1:booking.cancelled}"),
        ("goal", say!("what it is for"), "goal on ${1:purchase} within ${2:14d}"),
        ("upgrade", say!("what becomes of people inside"), "upgrade ${1:migrate}"),
    ]
}

/// Returns the triggers of a funnel.
pub(super) fn triggers() -> Vec<Snippet> {
    vec![
        ("on", say!("what starts it"), "on ${1:booking}\n  -> $0"),
        ("every", say!("what comes round"), "every ${1:monday} ${2:10:00} -> $0"),
    ]
}

/// Returns the elements of a chain.
pub(super) fn elements() -> Vec<Snippet> {
    vec![
        ("send", say!("a message"), "send ${1:sms} \"$0\""),
        ("wait", say!("time to pass"), "wait ${1:1d}"),
        ("wait until", say!("a moment to come"), "wait until ${1:10:00}"),
        ("wait for", say!("an event to come"), "wait for ${1:booking} up to ${2:3d} {\n  ${3:stop}\n} else {\n  $0\n}"),
        ("if", say!("a gate over what follows"), "if ${1:condition} -> $0"),
        ("if else", say!("two paths"), "if ${1:condition} {\n  $2\n} else {\n  $0\n}"),
        ("match", say!("a path by value"), "match ${1:value} {\n  case ${2:\"a\"} -> $3\n  otherwise -> $0\n}"),
        ("split", say!("paths by chance"), "split \"${1:name}\" {\n  case 50% -> $2\n  case 50% -> $0\n}"),
        ("parallel", say!("paths at the same time"), "parallel {\n  path -> $1\n  path -> $0\n}"),
        ("repeat", say!("a block so many times"), "repeat ${1:3} times {\n  $0\n}"),
        ("set", say!("a field of the client"), "set client.${1:city} = $0"),
        ("tag", say!("a tag on the client"), "tag \"$0\""),
        ("untag", say!("a tag off the client"), "untag \"$0\""),
        ("task", say!("a job for a person"), "task \"${1:what}\" for \"${2:manager}\" due ${3:4h}"),
        ("call", say!("another system"), "call \"https://${1:host}/\" { $0 }"),
        ("do", say!("an action"), "do ${1:action}($0)"),
        ("emit", say!("an event"), "emit ${1:event} { $0 }"),
        ("start", say!("another funnel"), "start ${1:funnel}"),
        ("goto", say!("a label"), "goto ${1:next}"),
        ("stop", say!("the end"), "stop"),
    ]
}

/// Returns the lines of a test.
pub(super) fn test() -> Vec<Snippet> {
    vec![
        ("client", say!("who it is about"), "client { phone: \"+${1:79990000000}\" }"),
        ("at", say!("what happens"), "at ${1:2026-03-01 10:00} ${2:visit} { id: \"1\"$0 }"),
        ("expect", say!("what should come of it"), "expect ${1:send sms}"),
        ("expect at", say!("what should come of it then"), "expect at ${1:2026-03-02 10:00} ${2:send sms}"),
        ("expect nothing else", say!("no more than that"), "expect nothing else"),
        ("until", say!("when it ends"), "until ${1:2026-04-01}"),
    ]
}
