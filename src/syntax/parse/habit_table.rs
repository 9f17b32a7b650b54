//! The habits in triggers, conditions and elements, by what the grammar expects where they appear.

use super::habit::{Habit, certain, explained, perhaps};
use crate::diagnostic::Phrase;
use crate::say;
use crate::syntax::foreign_syntax;

/// `1d` for `day` and `days`.
pub(super) fn one(unit: &str) -> String {
    format!("1{}", foreign_syntax::unit(unit).unwrap_or("d"))
}

/// A request whose answer is read: `call ".." { .. } as reply`.
fn reading(request: &[&str], name: &str) -> String {
    let [keyword, target, arguments] = request else { return String::new() };
    let gap = if arguments.starts_with('{') { " " } else { "" };
    format!("{keyword} {target}{gap}{arguments} as {name}")
}

/// Where an element is expected.
pub(super) const STEP: &[Habit] = &[
    certain("^let|var|val|save|store|get|read <name> =|:=|as|from call <text> <arguments>", |w| reading(&w[3..], w[1])),
    certain("^let|var|val|save|store|get|read <name> =|:=|as|from do <name> <arguments>", |w| reading(&w[3..], w[1])),
    certain("^<name> = call <text> <arguments>", |w| reading(&w[2..], w[0])),
    certain("^<name> = do <name> <arguments>", |w| reading(&w[2..], w[0])),
    perhaps("call <text> <arguments> -> ^<other> <end>", |w| reading(&w[..3], w[4])),
    perhaps("do <name> <arguments> -> ^<other> <end>", |w| reading(&w[..3], w[4])),
    certain("^in|after <duration> later", |w| format!("wait {}", w[1])),
    certain("^in|after|for|через|спустя <duration>", |w| format!("wait {}", w[1])),
    certain("^in|after a|an|one <unit>", |w| format!("wait {}", one(w[2]))),
    certain("^<duration> later|delay|pause", |w| format!("wait {}", w[0])),
    perhaps("^<duration> before <path>", |w| format!("wait until {} - {} else skip", w[2], w[0])),
    explained("^<duration> after <path>", |w| {
        say!("write `wait until {moment} + {duration}`", moment = w[2], duration = w[0])
    }),
    certain("^<duration>", |w| format!("wait {}", w[0])),
    certain("^at <time>", |w| format!("wait until {}", w[1])),
    certain("^<time>", |w| format!("wait until {}", w[0])),
    certain("^tomorrow|today at <time>", |w| format!("wait until {} {}", w[0], w[2])),
    certain("^tomorrow|today <time>", |w| format!("wait until {} {}", w[0], w[1])),
    certain("^until <time>", |w| format!("wait until {}", w[1])),
    certain("^remove|delete|drop|clear|убрать|снять|удалить tag|тег|метку <text>", |w| {
        format!("untag {}", w[2])
    }),
    certain("task|tag|untag|call : ^<text>", |w| format!("{} {}", w[0], w[2])),
    certain("^go to <name>", |w| format!("goto {}", w[2])),
    certain("^add|apply|assign|give|attach|добавить|поставить tag|тег|метку <text>", |w| {
        format!("tag {}", w[2])
    }),
    certain("^add|create|assign|make|open|создать|поставить task|задачу <text>", |w| {
        format!("task {}", w[2])
    }),
    certain("^update|change|assign <path> =", |w| format!("set {} =", w[1])),
    certain("^client . <path> =", |w| format!("set client.{} =", w[2])),
    explained("^increase|increment|add|decrease|decrement <path> by <value>", |w| {
        say!("write `set {field} = {field} + ..`", field = w[1])
    }),
    explained("^increase|increment <path>", |w| say!("write `set {field} = {field} + ..`", field = w[1])),
    perhaps("^update|change contact|client|customer property|field|attribute <name> =", |w| {
        format!("set client.{} =", w[3])
    }),
    explained("^create|new <name> <text>", |_| {
        say!("for a person, write `task \"..\"`; for another system, `call \"https://..\"`")
    }),
    certain("^написать|отправить в <channel>", |w| format!("send {}", w[2])),
    certain("^send_sms|sendsms", |_| "send sms".to_owned()),
    certain("^send_email|sendemail|send_mail|sendmail", |_| "send email".to_owned()),
    perhaps("^message|text|msg|remind|dm|push|say|reply <text>", |w| format!("send sms {}", w[1])),
    perhaps("^mail <text>", |w| format!("send email {{ subject: \"..\" text: {} }}", w[1])),
    certain("^enroll|enrol in|into <name>", |w| format!("start {}", w[2])),
    certain("^enroll|enrol <name>", |w| format!("start {}", w[1])),
    certain("^add to funnel|workflow|sequence|campaign|automation|journey|flow <name>", |w| format!("start {}", w[3])),
    explained("^add|move|put client|contact|customer|user|subscriber|profile to|into", |_| not_a_list()),
    explained("^add|subscribe|move|put to|into", |_| not_a_list()),
    explained("^remove|unsubscribe from", |_| not_a_list()),
    explained("^unsubscribe", |_| {
        say!("who may receive what is recorded by the events `consented` and `unsubscribed`")
    }),
    certain("^post <text>", |w| format!("call {}", w[1])),
    perhaps("^get|put|request|fetch <text>", |w| format!("call {}", w[1])),
    explained("^ab|a_b|abtest|ab_test|experiment|variant|random", |_| {
        say!("write `split {{ case 50% -> .. otherwise -> .. }}`")
    }),
    explained("^for|foreach|while|loop_while|do_while", |_| {
        say!("a run is about one client; to repeat steps, write `repeat 3 times {{ .. }}`")
    }),
    certain("^check|only if", |_| "if".to_owned()),
    perhaps("^where|filter|only|check|condition|provided|assuming", |_| "if".to_owned()),
    certain("^else|otherwise if", |_| "if".to_owned()),
    explained("^else|otherwise", |_| else_needs_blocks()),
    perhaps("^track|log|record|raise <name>", |w| format!("emit {}", w[1])),
    perhaps("^notify|alert|tell|inform <name> <text>", |w| format!("task {} for \"{}\"", w[2], w[1])),
    perhaps("^notify|alert|inform <text>", |w| format!("task {}", w[1])),
    perhaps("^assign <text> to <name>", |w| format!("task {} for \"{}\"", w[1], w[3])),
    certain("^add <value> to <path>", |w| format!("set {} += {}", w[3], w[1])),
    certain("^subtract|take <value> from <path>", |w| format!("set {} -= {}", w[3], w[1])),
    certain("^client . <name> +=|-=", |w| format!("set client.{} {}", w[2], w[3])),
    explained("^exit|goal on <path>", |w| {
        say!("`{setting} on` is a setting: write it inside `funnel name {{ .. }}`, above the entry", setting = w[0])
    }),
    explained("^hours|limit|enter|purpose|timezone <value>", |w| a_setting(w[0])),
    explained("^limit|enter|purpose|hours", |w| a_setting(w[0])),
    certain("^split_test|splittest", |_| "split".to_owned()),
    certain("^add_tag|addtag", |_| "tag".to_owned()),
    certain("^remove_tag|removetag|delete_tag", |_| "untag".to_owned()),
    certain("^create_task|createtask|add_task|todo", |_| "task".to_owned()),
];

fn a_setting(setting: &str) -> Phrase {
    say!("`{setting}` is a setting: write it inside `funnel name {{ .. }}`, above the entry", setting)
}

fn one_word(first: &str, second: &str) -> Phrase {
    say!(
        "a name is one word: `{first}_{second}`; a field follows its record after a dot: `{first}.{second}`",
        first,
        second
    )
}

fn no_default(field: &str) -> Phrase {
    say!("`default` works inside `{{{{ }}}}`; in a condition, write `{field} is known and ..`", field)
}

/// The sign of a comparison that is written as an assignment or in words.
fn comparison(sign: &str) -> &str {
    if matches!(sign, "=" | "is") { "==" } else { sign }
}

fn not_a_list() -> Phrase {
    say!("a segment follows from its condition; to mark a client, write `tag \"..\"` or set a field")
}

fn else_needs_blocks() -> Phrase {
    say!("write both paths in braces: `if .. {{ .. }} else {{ .. }}`")
}

fn condition_first() -> Phrase {
    say!("write the condition before the element: `if .. -> ..`")
}

/// After an element, where an arrow is expected.
pub(super) const AFTER_STEP: &[Habit] = &[
    certain("call <text> <arguments> ^save|store|saved|stored|and as|to|in|into <name>", |w| reading(&w[..3], w[5])),
    certain("do <name> <arguments> ^save|store|saved|stored|and as|to|in|into <name>", |w| reading(&w[..3], w[5])),
    certain("call <text> <arguments> ^into|to|in|gives|returns|answers|saving|save|store <name>", |w| {
        reading(&w[..3], w[4])
    }),
    certain("do <name> <arguments> ^into|to|in|gives|returns|answers|saving|save|store <name>", |w| {
        reading(&w[..3], w[4])
    }),
    certain("set|let|const <name> = call ^<text> <arguments>", |w| reading(&w[3..], w[1])),
    certain("set|let|const <name> = do ^<name> <arguments>", |w| reading(&w[3..], w[1])),
    perhaps("send <channel> <text> ^after|in <duration>", |w| format!("wait {} -> send {} {}", w[4], w[1], w[2])),
    perhaps("send <channel> <text> ^at <time>", |w| format!("wait until {} -> send {} {}", w[4], w[1], w[2])),
    perhaps("send <channel> <text> ^tomorrow|today at <time>", |w| {
        format!("wait until {} {} -> send {} {}", w[3], w[5], w[1], w[2])
    }),
    perhaps("send <channel> <text> ^tomorrow|today <time>", |w| {
        format!("wait until {} {} -> send {} {}", w[3], w[4], w[1], w[2])
    }),
    explained("^after|in <duration>", |w| say!("write `wait {duration} ->` before the element", duration = w[1])),
    certain("wait <duration> ^later|long|more|then", |w| format!("wait {}", w[1])),
    certain("wait <duration> ^and|, <duration>", |w| format!("wait {} {}", w[1], w[3])),
    certain("wait <duration> ^for <path>", |w| format!("wait for {} up to {}", w[3], w[1])),
    certain("wait for <path> ^for|within|in|max|maximum|until|under|до <duration>", |w| {
        format!("wait for {} up to {}", w[2], w[4])
    }),
    certain("wait for <path> ^up <duration>", |w| format!("wait for {} up to {}", w[2], w[4])),
    certain("wait for <path> ^<duration>", |w| format!("wait for {} up to {}", w[2], w[3])),
    certain("wait for <path> or for|on ^<path>", |w| format!("wait for {} or {}", w[2], w[5])),
    certain("wait for a|an|one ^<unit>", |w| format!("wait {}", one(w[3]))),
    perhaps("send email <text> ^,|and <text>", |w| format!("send email {{ subject: {} text: {} }}", w[2], w[4])),
    perhaps("send email <text> ^<text>", |w| format!("send email {{ subject: {} text: {} }}", w[2], w[3])),
    certain("send email ^subject : <text> ,|and text|body : <text>", |w| {
        format!("send email {{ subject: {} text: {} }}", w[4], w[8])
    }),
    certain("send email subject ^<text> text|body|message|and <text>", |w| {
        format!("send email {{ subject: {} text: {} }}", w[3], w[5])
    }),
    perhaps("task <text> ^to|by|at <name>", |w| format!("task {} for \"{}\"", w[1], w[3])),
    certain("task <text> ^to|by <text>", |w| format!("task {} for {}", w[1], w[3])),
    certain("call <text> ^with|body|data|using|payload|json", |w| format!("call {}", w[1])),
    certain("send email ^subject : <text> text|body : <text>", |w| {
        format!("send email {{ subject: {} text: {} }}", w[4], w[7])
    }),
    certain("send email with ^subject <text> and text|body <text>", |w| {
        format!("send email {{ subject: {} text: {} }}", w[4], w[7])
    }),
    perhaps("send <channel> or ^<channel>", |w| format!("send {} else {{ send {} }}", w[1], w[3])),
    perhaps("send <channel> <text> ^or|else <channel> <text>", |w| {
        format!("send {} {} else {{ send {} {} }}", w[1], w[2], w[4], w[5])
    }),
    perhaps("send <channel> and ^<channel>", |w| format!("send {} -> send {}", w[1], w[3])),
    perhaps("send <channel> ^,|and <channel>", |w| format!("send {} -> send {}", w[1], w[3])),
    certain("send <channel> <text> ^,|and <channel> <text>", |w| {
        format!("send {} {} -> send {} {}", w[1], w[2], w[4], w[5])
    }),
    certain("start|goto funnel|workflow|campaign ^<name>", |w| format!("{} {}", w[0], w[2])),
    explained("wait for email|sms|message ^opened|clicked|delivered|read|replied", |w| {
        say!("give the message a label and wait: `ask: send .. -> wait for ask.{what} up to 2d`", what = w[3])
    }),
    certain("go|goto to ^<name>", |w| format!("goto {}", w[2])),
    certain("tag|untag <text> ^,|and <text>", |w| format!("{} {} -> {} {}", w[0], w[1], w[0], w[3])),
    explained("send <channel> ^if|when|where|unless|only", |_| condition_first()),
    explained("send <channel> <name> ^if|when|where|unless|only", |_| condition_first()),
    explained("send <channel> <text> ^if|when|where|unless", |_| condition_first()),
    explained("send|tag|untag|task|call|start|emit <value> ^if|when|where|unless", |_| condition_first()),
    explained("<same> ^when|unless|provided|assuming", |_| condition_first()),
    explained("<same> ^only|once|always", |_| say!("who may enter how often is a setting of the funnel: `enter once`")),
    explained("^every <value>", |_| say!("to repeat steps, write `repeat 3 times {{ .. }}`")),
    explained("^else ->", |_| else_needs_blocks()),
    perhaps("wait until next ^<weekday> <time>", |w| format!("wait until {} {}", w[3], w[4])),
    perhaps("wait until on|this|the|coming ^<weekday> <time>", |w| format!("wait until {} {}", w[3], w[4])),
    explained("wait until next|this|on ^<weekday>", |w| {
        say!("add a time of day: `wait until {day} 10:00`", day = w[3])
    }),
    certain("set <path> ^, <path> =", |w| format!("set {} -> set {} =", w[1], w[3])),
    certain("^. <end>", |_| String::new()),
    certain("^, <end>", |_| String::new()),
];

/// In a condition, where an operator or its end is expected.
pub(super) const CONDITION: &[Habit] = &[
    certain("client has|have|is tag|tagged ^<text>", |w| format!("{} in client.tags", w[3])),
    certain("client has|have|is ^tag|tagged <text>", |w| format!("{} in client.tags", w[3])),
    certain("client ^tagged|tag <text>", |w| format!("{} in client.tags", w[2])),
    certain("has|have ^tag|tagged <text>", |w| format!("{} in client.tags", w[2])),
    certain("has|have tag|tagged ^<text>", |w| format!("{} in client.tags", w[2])),
    certain("tagged|tag with ^<text>", |w| format!("{} in client.tags", w[2])),
    certain("tagged ^with <text>", |w| format!("{} in client.tags", w[2])),
    certain("tagged|tag ^<text>", |w| format!("{} in client.tags", w[1])),
    perhaps("first|1st ^<name>", |w| format!("count({}) == 1", w[1])),
    perhaps("second|2nd ^<name>", |w| format!("count({}) == 2", w[1])),
    perhaps("no ^<name> in last <duration>", |w| format!("none({} in last {})", w[1], w[4])),
    perhaps("no ^<name> in|within|for <duration>", |w| format!("none({} in last {})", w[1], w[3])),
    perhaps("<name> in last ^<duration>", |w| format!("any({} in last {})", w[0], w[3])),
    explained("email|sms|telegram|whatsapp|message ^opened|clicked|delivered|read|bounced|failed|replied", |w| {
        say!("give the message a label and wait: `ask: send .. -> wait for ask.{what} up to 2d`", what = w[1])
    }),
    explained("opened|clicked|delivered|read ^email|sms|telegram|whatsapp|message|link", |w| {
        say!("give the message a label and wait: `ask: send .. -> wait for ask.{what} up to 2d`", what = w[0])
    }),
    certain("<path> ^known|известно", |w| format!("{} is known", w[0])),
    certain("<path> ^missing|unknown|empty|пусто|неизвестно", |w| format!("{} is missing", w[0])),
    certain("<path> ^exists|exist", |w| format!("{} is known", w[0])),
    perhaps("has|have ^<path>", |w| format!("{} is known", w[1])),
    explained("no ^<name>", |w| {
        say!("for an event, write `none({name})`; for a field, `{name} is missing`", name = w[1])
    }),
    perhaps("no ^<path>", |w| format!("{} is missing", w[1])),
    certain("not ^<path> exists|exist", |w| format!("{} is missing", w[1])),
    explained("<path> is known|missing ^default|fallback (", |w| no_default(w[0])),
    explained("<path> ^default|fallback (", |w| no_default(w[0])),
    perhaps("client|business ^<name> <tested>", |w| format!("{}.{}", w[0], w[1])),
    perhaps("client|business ^<name> <name> <tested>", |w| format!("{}.{}_{}", w[0], w[1], w[2])),
    explained("if|and|or|not|where <name> ^<name> <tested>", |w| one_word(w[1], w[2])),
    explained("in ( <value> ^,", |w| say!("a list is written in brackets: `in [{first}, ..]`", first = w[2])),
];

/// After a trigger, where an arrow is expected.
pub(super) const AFTER_TRIGGER: &[Habit] = &[
    explained("on tagged|tag ^<text>", |w| {
        say!("define `segment tagged = {tag} in client.tags`, then write `on entering tagged`", tag = w[2])
    }),
    explained("on tag ^added|set|removed <text>", |w| {
        say!("define `segment tagged = {tag} in client.tags`, then write `on entering tagged`", tag = w[3])
    }),
    perhaps("on client . <name> ^=|==|!=|>|<|>=|<=|is <value>", |w| {
        format!("on client.{} where client.{} {} {}", w[3], w[3], comparison(w[4]), w[5])
    }),
    perhaps("on <name> . <name> ^=|==|!=|>|<|>=|<=|is <value>", |w| {
        format!("on {}.{} where {} {} {}", w[1], w[3], w[3], comparison(w[4]), w[5])
    }),
    certain("on client ^birthday", |_| "on client.birthday".to_owned()),
    certain("on <path> ^changed|changes|changing|updated|updates", |w| format!("on {}", w[1])),
    perhaps("on <name> ^first", |w| format!("on {} where count({}) == 1", w[1], w[1])),
    perhaps("on <name> ^<name> =|==|!=|>|<|>=|<=|is <value>", |w| {
        format!("on {} where {} {} {}", w[1], w[2], comparison(w[3]), w[4])
    }),
    perhaps("on <name> ^<name> <number>", |w| format!("on {} where {} == {}", w[1], w[2], w[3])),
    certain("<path> or on|when ^<path>", |w| format!("{} or {}", w[0], w[3])),
    certain("<path> ^, on|or|when <path>", |w| format!("{} or {}", w[0], w[3])),
    perhaps("<path> ^, <path>", |w| format!("{} or {}", w[0], w[2])),
    explained("<path> ^and <path>", |w| {
        say!(
            "write `or` for either of them, or wait for the second: `on {one} -> wait for {other}`",
            one = w[0],
            other = w[2]
        )
    }),
    certain("on <path> ^after|in <duration>", |w| format!("on {} -> wait {}", w[1], w[3])),
    certain("on <path> + <duration> ^-> wait", |w| format!("on {} -> wait {} -> wait", w[1], w[3])),
    certain("on <path> + <duration> ^->", |w| format!("on {} -> wait {} ->", w[1], w[3])),
    perhaps("^unless", |_| "where not".to_owned()),
    perhaps("^if|when|with|having|only|and", |_| "where".to_owned()),
    certain("on event ^<path>", |w| format!("on {}", w[2])),
    certain("on <path> ^event|happens|occurs", |w| format!("on {}", w[1])),
    perhaps("on email|sms|message|link ^opened|clicked|delivered|bounced", |w| format!("on {}", w[2])),
    perhaps("on <path> ^created|made|added|placed|received|submitted", |w| format!("on {}", w[1])),
    certain("on client ^in|enters|entering|joins|becomes|is <name>", |w| format!("on entering {}", w[3])),
    certain("on client ^leaves|leaving <name>", |w| format!("on leaving {}", w[3])),
    certain("on entering|leaving <name> ^segment", |w| format!("on {} {}", w[1], w[2])),
    certain("on entering|leaving segment ^<name>", |w| format!("on {} {}", w[1], w[3])),
    certain("on enter|enters|join|joins|entered|joined ^segment <name> ->", |w| format!("on entering {} ->", w[3])),
    certain("on leave|leaves|left ^segment <name> ->", |w| format!("on leaving {} ->", w[3])),
    perhaps("on enter|enters|join|joins|entered|joined ^<name>", |w| format!("on entering {}", w[2])),
    perhaps("on leave|leaves|left ^<name>", |w| format!("on leaving {}", w[2])),
    certain("on monday|tuesday|wednesday|thursday|friday|saturday|sunday|day ^<time>", |w| {
        format!("every {} {}", w[1], w[2])
    }),
];

/// Before the name of an event.
pub(super) const EVENT: &[Habit] = &[
    certain("on ^first|1st|первый|первая|первое <name> ->", |w| {
        format!("on {} where count({}) == 1 ->", w[2], w[2])
    }),
    certain("on ^second|2nd <name> ->", |w| format!("on {} where count({}) == 2 ->", w[2], w[2])),
    certain("on ^third|3rd <name> ->", |w| format!("on {} where count({}) == 3 ->", w[2], w[2])),
    explained("^first|1st|initial|первый|первая|первое <name>", |w| {
        say!("write `{event} where count({event}) == 1`", event = w[1])
    }),
    explained("^second|2nd|third|3rd <name>", |w| say!("write `{event} where count({event}) == 2`", event = w[1])),
    perhaps("^new|next|another <name>", |w| w[1].to_owned()),
    certain("^every|each|any|a|an|the|some <name>", |w| w[1].to_owned()),
];

/// At the beginning of an entry or a declaration.
pub(super) const ITEM: &[Habit] = &[
    certain("^daily at <time>", |w| format!("every day {}", w[2])),
    certain("^daily <time>", |w| format!("every day {}", w[1])),
    certain("^at <time> every day", |w| format!("every day {}", w[1])),
    certain("^<duration> after <path> ->", |w| format!("on {} -> wait {} ->", w[2], w[0])),
    certain("^after <path> ->", |w| format!("on {} ->", w[1])),
    certain("^at|once <date>", |w| format!("on {}", w[1])),
    certain("^once|only on|at <date>", |w| format!("on {}", w[2])),
    perhaps("^<date>", |w| format!("on {}", w[0])),
    explained("^else|elif", |_| else_needs_blocks()),
    certain("^funnel|segment|template|event|const|action : <name>", |w| format!("{} {}", w[0], w[2])),
    explained("^-> <name>", |_| say!("start with a trigger: `on booking -> ..`")),
    perhaps("^<path> ->", |w| format!("on {} ->", w[0])),
];

/// In a placeholder, after a value.
pub(super) const PLACEHOLDER: &[Habit] = &[certain("<same> ^<filter>", |w| format!("| {}", w[1]))];

/// After `every`.
pub(super) const SCHEDULE: &[Habit] = &[
    certain("every ^<date>", |w| format!("on {}", w[1])),
    certain("every ^morning|evening|night at <time>", |w| format!("every day {}", w[3])),
    certain("every ^morning|evening|night <time>", |w| format!("every day {}", w[2])),
    explained("every ^morning|evening|night|hour", |_| say!("write the time of day: `every day 10:00`")),
];

/// Where a duration is expected.
pub(super) const DURATION: &[Habit] =
    &[certain("^a|an|one|each|every|the <unit>", |w| one(w[1])), certain("^<unit>", |w| one(w[0]))];

/// Where `for` is expected in `on no EVENT for DURATION`.
pub(super) const SILENCE: &[Habit] = &[
    certain("no <name> ^in|within|during|since|after|over|last|of <duration>", |w| format!("no {} for {}", w[1], w[3])),
    certain("no <name> in|for ^last|the <duration>", |w| format!("no {} for {}", w[1], w[4])),
    certain("no <name> ^<duration>", |w| format!("no {} for {}", w[1], w[2])),
];

/// Where the number or the word `times` of a `repeat` is expected.
pub(super) const REPEAT: &[Habit] = &[
    certain("repeat <number> ^{", |w| format!("repeat {} times {{", w[1])),
    certain("repeat ^every|each <duration> <number> times {", |w| format!("repeat {} times {{ wait {} ->", w[3], w[2])),
    explained("repeat ^until|while|every|each|forever|always|{", |_| {
        say!("write how many times, with the wait inside: `repeat 3 times {{ wait 1d -> .. }}`")
    }),
];

/// Where a path of a `parallel` is expected.
pub(super) const PARALLEL: &[Habit] = &[explained("^send|wait|task|if|tag|set|call|emit|start", |_| {
    say!("write `path ->` before each path: `parallel {{ path -> .. path -> .. }}`")
})];

/// Where a number is expected.
pub(super) const NUMBER: &[Habit] = &[
    certain("limit ^<channel> <number>", |w| format!("limit {} {}", w[2], w[1])),
    certain("limit ^<channel> to <number>", |w| format!("limit {} {}", w[3], w[1])),
    certain("limit ^to <number>", |w| format!("limit {}", w[2])),
    certain("limit ^max|maximum|: <number>", |w| format!("limit {}", w[2])),
    certain("<same> ^once", |_| "1".to_owned()),
    certain("<same> ^twice", |_| "2".to_owned()),
];

/// After the channel of a `send` is missing.
pub(super) const CHANNEL: &[Habit] = &[
    certain("send ^<text> by|via|through|over|as|using <channel>", |w| format!("send {} {}", w[3], w[1])),
    certain("send ^<text> <channel>", |w| format!("send {} {}", w[2], w[1])),
    perhaps("send ^<text>", |w| format!("send sms {}", w[1])),
    perhaps("template ^<text>", |w| format!("template sms {}", super::foreign_name::slug(w[1]))),
];

/// Where the share of a path is expected.
pub(super) const SHARE: &[Habit] = &[explained("case ^<value>", |_| say!("write its share: `case 50% -> ..`"))];

/// After `wait`.
pub(super) const WAIT: &[Habit] = &[
    certain("wait ^( <duration> )", |w| format!("wait {}", w[2])),
    certain("wait ^at <time>", |w| format!("wait until {}", w[2])),
    certain("wait ^up to <duration> for <path>", |w| format!("wait for {} up to {}", w[5], w[3])),
    perhaps("wait ^about|at_least|another|exactly <duration>", |w| format!("wait {}", w[2])),
    certain("wait ^after|in <duration>", |w| format!("wait {}", w[2])),
    perhaps("wait ^next|this|the|on|until_next <weekday> <time>", |w| format!("wait until {} {}", w[2], w[3])),
    perhaps("wait ^next|this|on <weekday> at <time>", |w| format!("wait until {} {}", w[2], w[4])),
    explained("wait ^next|this|on <weekday>", |w| say!("add a time of day: `wait until {day} 10:00`", day = w[2])),
    explained("wait ^next|tomorrow|tonight|one|overnight", |_| {
        say!("write a time of day, `wait until 10:00`, or a duration, `wait 1d`")
    }),
];

/// Where `=` is expected.
pub(super) const ASSIGN: &[Habit] = &[
    certain("segment <name> ^where|if|when|with|as|are|for", |w| format!("segment {} =", w[1])),
    explained("segment <name> ^{", |w| {
        say!("write the condition after `=`, without braces: `segment {name} = client.city == \"..\"`", name = w[1])
    }),
    certain("set tag ^<text>", |w| format!("tag {}", w[2])),
    perhaps("set contact|client|customer ^property|field|attribute <name> to|=", |w| format!("set client.{} =", w[3])),
];

/// Where an event is expected.
pub(super) const EVENT_NAME: &[Habit] = &[
    certain("on ^<duration> after <path> ->", |w| format!("on {} -> wait {} ->", w[3], w[1])),
    explained("on ^<number> <name>", |_| {
        say!("write a date as year, month and day, with a time: `on 2026-12-25 10:00`")
    }),
    perhaps("on ^<duration> before <path> ->", |w| format!("on {} - {} at 10:00 ->", w[3], w[1])),
];
