//! Random funnels that make sense: bytes in, the text of a file that passes `check` out.
//!
//! Each byte picks one of several alternatives, and the simplest one when all bytes are used; a property test that
//! shrinks its bytes shrinks its funnels. Events of a higher rank are emitted only in funnels of a lower one, so that
//! funnels never start each other endlessly.

use super::choices::Choices;
use super::kinds::{KINDS, Kind};
use std::fmt::Write;

/// The declarations that the funnels add to the prelude.
pub(crate) const DECLARED: &str = r#"
event order { key id: text  made_at: datetime  amount: money  status: "new" | "paid" | "void" later by made_at + 1d }
event note { text: text  score: number? }
event echo { key id: text  word: text? }
event last_echo { key id: text  word: text? }
action inform(id: text, note: text?)
segment busy = count(visit in last 3d) >= 2
segment payer = sum(purchase.amount) >= 100 RUB
segment fresh = client.created_at is known and client.created_at > now - 5d
segment quiet = none(booking in last 36h)
template sms hello = "Hello {{ if client.name is known }}{{ client.name }}{{ else }}you{{ end }} in {{ client.city | default("town") }}"
"#;

/// A file of one to three funnels.
pub(crate) fn funnels(bytes: &[u8]) -> String {
    let mut maker = Maker { choices: Choices::new(bytes), text: DECLARED.to_owned(), names: 0, kinds: Vec::new() };
    let count = 1 + maker.choices.pick(3);
    let first = KINDS[maker.choices.pick(KINDS.len())];
    for _ in 0..count {
        // Most files have funnels about the same kind of record, so that one event starts several of them.
        let kind = if maker.choices.pick(3) == 2 { KINDS[maker.choices.pick(KINDS.len())] } else { first };
        maker.kinds.push(kind);
    }
    for number in 0..count {
        maker.funnel(number);
    }
    maker.text
}

/// What is in scope at a point of a chain.
#[derive(Debug, Clone)]
struct Scope {
    known: Vec<(String, Kind)>,
    depth: usize,
    /// A later label in the same chain that may be the target of a `goto`.
    ahead: Option<String>,
    rank: Kind,
    funnel: usize,
}

struct Maker<'a> {
    choices: Choices<'a>,
    text: String,
    names: usize,
    /// The kind of record that each funnel is about.
    kinds: Vec<Kind>,
}

/// The maximum nesting of blocks.
const MAX_DEPTH: usize = 3;

impl Maker<'_> {
    fn put(&mut self, words: &str) {
        self.text += words;
        self.text.push(' ');
    }

    fn one_of(&mut self, phrases: &[&str]) {
        let phrase = phrases[self.choices.pick(phrases.len())];
        self.put(phrase);
    }

    fn fresh(&mut self, prefix: char) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }

    fn funnel(&mut self, number: usize) {
        let kind = self.kinds[number];
        let _ = write!(self.text, "\nfunnel f{number} {{\n  ");
        self.settings(kind);
        let entries = if self.choices.pick(4) == 3 { 2 } else { 1 };
        for _ in 0..entries {
            self.entry(kind, number);
        }
        self.put("}");
    }

    fn settings(&mut self, kind: Kind) {
        self.one_of(&["", "", "", "purpose marketing news\n  "]);
        self.one_of(&["", "timezone client.timezone else \"Asia/Kathmandu\"\n  "]);
        self.one_of(&[
            "",
            "",
            "hours 09:00..21:00\n  ",
            "hours monday..friday 22:00..06:00, saturday 10:00..14:00\n  ",
        ]);
        self.one_of(&["", "", "enter always\n  ", "enter once\n  ", "enter again after 1d\n  "]);
        self.one_of(&[
            "",
            "",
            "limit 1 sms per 1d else skip\n  ",
            "limit 2 messages per 12h else defer up to 2d\n  ",
            "limit 1 sms per 2d else defer up to 1d\n  ",
        ]);
        self.one_of(&["", "", "goal on purchase within 2d worth purchase.amount\n  ", "goal on visit\n  "]);
        let exits = kind.exits();
        self.one_of(exits);
    }

    fn entry(&mut self, kind: Kind, funnel: usize) {
        let triggers = kind.triggers();
        let begins = self.text.len();
        match triggers {
            [] => self.put(&format!("\n  on {}", kind.event())),
            some => {
                self.put("\n ");
                self.one_of(some);
            }
        }
        let of_created = kind == Kind::Booking && self.text[begins..].trim() == "on booking";
        let mut name = kind.event().to_owned();
        if kind == Kind::Either || (kind != Kind::Client && self.choices.pick(3) == 2) {
            name = self.fresh('x');
            self.put(&format!("as {name}"));
        }
        if self.choices.pick(4) == 3 {
            self.filter(&name, kind);
        }
        if of_created && self.choices.pick(3) == 2 {
            let states = ["not N.cancelled", "N.service == \"spa\"", "N.starts_at > now", "none(visit in last 2d)"];
            let state = states[self.choices.pick(states.len())].replace('N', &name);
            self.put(&format!("while {state}"));
        }
        self.put("->");
        let scope = Scope { known: vec![(name, kind)], depth: 0, ahead: None, rank: kind, funnel };
        self.chain(scope);
    }

    fn filter(&mut self, name: &str, kind: Kind) {
        let filters = kind.filters();
        let filter = filters[self.choices.pick(filters.len())].replace("N", name);
        self.put(&format!("where {filter}"));
    }

    /// Writes steps, the last of which is an action.
    fn chain(&mut self, mut scope: Scope) {
        let steps = if scope.depth == 0 { 1 + self.choices.pick(5) } else { self.choices.pick(3) };
        let label = (scope.depth < MAX_DEPTH && self.choices.pick(6) == 5).then(|| self.fresh('l'));
        let outer = scope.ahead.clone();
        scope.ahead = label.clone().or(scope.ahead);
        let known = scope.known.clone();
        for _ in 0..steps {
            if self.choices.pick(12) == 11 && scope.depth < MAX_DEPTH {
                self.wait_loop(&scope);
            } else {
                self.step(&mut scope);
            }
            self.put("->");
        }
        if let Some(label) = label {
            // The jump is conditional, so that the steps before the label are reachable.
            let condition = self.condition_text(&scope);
            self.put(&format!("if {condition} {{ goto {label} }} -> wait 1h -> {label}:"));
            // The jump may have skipped the steps that define other names.
            return self.action(&Scope { known, ..scope });
        }
        match (self.choices.pick(8), outer.filter(|_| scope.depth > 0)) {
            (6, Some(label)) => self.put(&format!("goto {label}")),
            (7, _) if scope.depth > 0 => self.put("stop"),
            _ => self.action(&scope),
        }
    }

    fn block(&mut self, scope: &Scope) {
        self.put("{");
        self.chain(Scope { depth: scope.depth + 1, ..scope.clone() });
        self.put("}");
    }

    /// Writes a block without jumps out of it.
    fn closed(&mut self, scope: &Scope) {
        self.block(&Scope { ahead: None, ..scope.clone() });
    }

    /// Writes a loop that waits, and ends at the time of its record.
    fn wait_loop(&mut self, scope: &Scope) {
        let Some((name, _)) = scope.known.iter().find(|(_, kind)| *kind == Kind::Booking).cloned() else {
            return self.action(scope);
        };
        let label = self.fresh('r');
        self.put(&format!("{label}:"));
        self.one_of(&["wait 12h ->", "wait until 10:00 ->", "wait 1d at 09:00 ->"]);
        self.action(scope);
        self.put(&format!("-> if {name}.starts_at > now {{ goto {label} }}"));
    }

    fn step(&mut self, scope: &mut Scope) {
        let deep = scope.depth < MAX_DEPTH;
        match self.choices.pick(if deep { 18 } else { 6 }) {
            0 | 1 => self.action(scope),
            2 => self.wait(),
            3 => self.wait_until(scope),
            4 => {
                let condition = self.condition_text(scope);
                self.put(&format!("if {condition}"));
            }
            5 => self.wait_event(scope, false),
            6 | 7 => {
                let condition = self.condition_text(scope);
                self.put(&format!("if {condition}"));
                self.block(scope);
                if self.choices.pick(2) == 1 {
                    self.put("else");
                    self.block(scope);
                }
            }
            8 => self.choose(scope),
            9 => self.split(scope),
            10 | 11 => {
                self.put("parallel {");
                for _ in 0..2 + self.choices.pick(2) {
                    self.put("path ->");
                    self.chain(Scope { depth: scope.depth + 1, ahead: None, ..scope.clone() });
                }
                self.put("}");
            }
            12 => {
                self.one_of(&["repeat 2 times", "repeat 3 times"]);
                self.closed(scope);
            }
            13 | 14 => self.wait_event(scope, true),
            15 => {
                // Two messages at one moment, both with an awaited outcome.
                self.put("parallel { path -> send sms \"one\" else");
                self.closed(scope);
                self.put("-> send whatsapp \"two\" else");
                self.closed(scope);
                self.put("path -> send sms \"three\" else");
                self.closed(scope);
                self.put("}");
            }
            _ => {
                match self.choices.pick(3) {
                    0 => self.send(scope),
                    1 => self.put("call \"https://example.org\""),
                    _ => self.put("do inform(id: \"1\", note: client.name)"),
                }
                self.put("else");
                self.block(scope);
            }
        }
    }

    fn condition_text(&mut self, scope: &Scope) -> String {
        let client = Kind::Client.conditions();
        let simple = |maker: &mut Self| {
            let (name, kind) = maker.subject(scope);
            let conditions = kind.conditions();
            match maker.choices.pick(4) {
                3 => client[maker.choices.pick(client.len())].replace("N", "client"),
                _ => conditions[maker.choices.pick(conditions.len())].replace("N", &name),
            }
        };
        let first = simple(self);
        match self.choices.pick(6) {
            4 => format!("({first}) and ({})", simple(self)),
            5 => format!("({first}) or ({})", simple(self)),
            _ => first,
        }
    }

    fn subject(&mut self, scope: &Scope) -> (String, Kind) {
        scope.known[self.choices.pick(scope.known.len())].clone()
    }

    fn wait(&mut self) {
        self.one_of(&[
            "wait 1h",
            "wait 1d",
            "wait 24h",
            "wait 2h30m",
            "wait 1d at 10:00",
            "wait 1mo",
            "wait 3h at 02:30",
        ]);
    }

    fn wait_until(&mut self, scope: &Scope) {
        let (name, kind) = self.subject(scope);
        let moments = kind.moments();
        if moments.is_empty() || self.choices.pick(3) == 2 {
            return self.one_of(&[
                "wait until 10:00",
                "wait until monday 09:00",
                "wait until weekday 09:00",
                "wait until weekend or tuesday 09:00",
                "wait until tomorrow 02:30",
                "wait until 2026-03-29 02:30 else stop",
            ]);
        }
        let moment = moments[self.choices.pick(moments.len())].replace("N", &name);
        self.put(&format!("wait until {moment}"));
        if self.choices.pick(3) == 2 {
            self.one_of(&["at 18:00", "at 02:30"]);
        }
        match self.choices.pick(4) {
            0 => {
                self.put("else skip ->");
                self.action(scope);
            }
            1 => self.put("else stop"),
            2 if scope.depth < MAX_DEPTH => {
                self.put("else");
                self.block(scope);
            }
            _ => {}
        }
    }

    fn wait_event(&mut self, scope: &mut Scope, blocks: bool) {
        const AWAITED: [Kind; 7] =
            [Kind::Visit, Kind::Purchase, Kind::Booking, Kind::Order, Kind::Note, Kind::Either, Kind::Echo];
        if !blocks && self.choices.pick(8) == 7 {
            return self
                .one_of(&["wait for leaving busy up to 3d", "wait for entering busy or leaving fresh up to 24h"]);
        }
        let kind = AWAITED[self.choices.pick(AWAITED.len())];
        let name = self.fresh('w');
        let event = if kind == Kind::Booking && self.choices.pick(2) == 1 { "booking.cancelled" } else { kind.event() };
        self.put(&format!("wait for {event} as {name}"));
        if self.choices.pick(3) == 2 {
            self.filter(&name, kind);
        }
        let arrived = Scope { known: [scope.known.clone(), vec![(name.clone(), kind)]].concat(), ..scope.clone() };
        if !blocks && self.choices.pick(2) == 1 {
            // Without a timeout, the event is in scope for the next steps.
            *scope = arrived;
            return;
        }
        let moments = scope.known.iter().find(|(_, kind)| *kind == Kind::Booking).map(|(name, _)| name.clone());
        match (moments, self.choices.pick(3)) {
            (Some(booking), 2) => self.put(&format!("up to {booking}.starts_at")),
            _ => self.one_of(&["up to 2h", "up to 1d", "up to 24h", "up to 3d"]),
        }
        if !blocks && self.choices.pick(3) == 2 {
            return self.one_of(&["else stop", "else skip"]);
        }
        if blocks {
            self.block(&arrived);
            if self.choices.pick(3) > 0 {
                self.put("else");
                self.block(scope);
            }
        }
    }

    fn choose(&mut self, scope: &Scope) {
        let (name, kind) = self.subject(scope);
        let (field, cases): (&str, &[&str]) = match kind {
            Kind::Booking if self.choices.pick(2) == 1 => ("attended", &["true", "false"]),
            Kind::Booking | Kind::Visit => ("service", &["\"spa\", \"nails\"", "\"massage\""]),
            Kind::Order => ("status", &["\"paid\"", "\"void\", \"new\""]),
            Kind::Client => ("city", &["\"Oslo\"", "\"Bergen\""]),
            Kind::Note => ("text", &["\"a\"", "\"b\""]),
            Kind::Purchase | Kind::Either => ("branch", &["\"north\"", "\"south\""]),
            Kind::Echo | Kind::LastEcho => ("word", &["\"b\""]),
        };
        self.put(&format!("match {name}.{field} {{"));
        for case in cases {
            self.put(&format!("case {case} ->"));
            self.chain(Scope { depth: scope.depth + 1, ..scope.clone() });
        }
        self.put("otherwise ->");
        self.chain(Scope { depth: scope.depth + 1, ..scope.clone() });
        self.put("}");
    }

    fn split(&mut self, scope: &Scope) {
        let name = self.fresh('s');
        self.put(&format!("split \"{name}\" {{"));
        self.one_of(&["case 50% ->", "case 0.5% ->", "case 80% ->"]);
        self.chain(Scope { depth: scope.depth + 1, ..scope.clone() });
        self.put("otherwise ->");
        self.chain(Scope { depth: scope.depth + 1, ..scope.clone() });
        self.put("}");
    }

    /// Writes a step with a visible effect.
    fn action(&mut self, scope: &Scope) {
        match self.choices.pick(11) {
            0 | 1 => {
                let tag = self.fresh('t');
                self.put(&format!("tag \"{tag}\""));
            }
            2 | 3 => self.send(scope),
            4 => self.one_of(&["set client.city = \"Oslo\"", "set client.city = \"Bergen\""]),
            5 => self.one_of(&["tag \"vip\"", "untag \"vip\""]),
            6 => {
                let text = self.words(scope);
                self.put(&format!("task \"{text}\""));
                self.one_of(&["", "for \"desk\"", "for \"desk\" due 4h"]);
            }
            7 => self.emit(scope),
            8 => self.start(scope),
            9 => {
                let number = self.fresh('c');
                self.put(&format!("call \"https://example.org/{number}\" {{ id: \"{number}\" city: client.city }}"));
            }
            _ => {
                let number = self.fresh('d');
                self.put(&format!("do inform(id: \"{number}\")"));
            }
        }
    }

    fn words(&mut self, scope: &Scope) -> String {
        let (name, kind) = self.subject(scope);
        let words = kind.words();
        let number = self.fresh('m');
        format!("{number} {}", words[self.choices.pick(words.len())].replace("N", &name))
    }

    fn send(&mut self, scope: &Scope) {
        match self.choices.pick(5) {
            0 | 1 => {
                let text = self.words(scope);
                self.put(&format!("send sms \"{text}\""));
            }
            2 => self.put("send sms hello"),
            3 => self.put("send whatsapp"),
            _ => {
                let text = self.words(scope);
                self.put(&format!("send email {{ subject: \"News\" text: \"{text}\" }}"));
            }
        }
    }

    fn emit(&mut self, scope: &Scope) {
        let (echo, prefix) = if scope.rank < Kind::Echo { ("echo", 'e') } else { ("last_echo", 'z') };
        if scope.rank == Kind::LastEcho {
            return self.put("tag \"silent\"");
        }
        let id = self.fresh(prefix);
        let word = ["a", "b"][self.choices.pick(2)];
        self.put(&format!("emit {echo} {{ id: \"{id}\"  word: \"{word}\" }}"));
    }

    /// Starts a later funnel about a record that is in scope here.
    fn start(&mut self, scope: &Scope) {
        let about = |kind: &Kind| *kind != Kind::Client && scope.known.iter().any(|(_, known)| known == kind);
        let later = scope.funnel + 1;
        match self.kinds.iter().skip(later).position(about) {
            Some(place) if scope.rank < Kind::Echo => {
                let funnel = later + place;
                self.put(&format!("start f{funnel}"));
            }
            Some(_) | None => self.put("tag \"nowhere\""),
        }
    }
}
