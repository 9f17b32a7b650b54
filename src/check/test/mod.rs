//! Tests. In: the lines of a test, and the funnels of its file. Out: tests whose moments are instants and whose data
//! have the types of the catalog.
//!
//! A line belongs to the client above it. The fields of a `client` line are known from the client's next `at` on.

mod data;
mod expect;
mod given;

use crate::check::checker::{Checker, duplicate};
use crate::check::prelude::CHANNELS;
use crate::check::program::{Expected, Expr, Funnel, Given, NothingElse, Test, TestEvent, When};
use crate::check::symbol::Symbol;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, Expectation, TestStepKind};
use crate::value::{Timestamp, Value, Zone};
use data::midnight;
use serde_json::{Map, Value as Json, json};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// A test that is being read.
struct OpenTest {
    zone: Zone,
    /// The funnels of the file.
    own: BTreeSet<String>,
    /// The current client; `None` before the first one.
    client: Option<String>,
    /// The number of clients without an id.
    unnamed: usize,
    /// The `client` lines that wait for the next event of their client.
    waiting: Vec<(String, Map<String, Json>, Span)>,
    events: Vec<TestEvent>,
    /// Whether an event has an error, and so is not among the events.
    lacks_event: bool,
    expected: Vec<Expected>,
    nothing_else: Vec<NothingElse>,
    given: Vec<Given>,
    until: Option<(Timestamp, Span)>,
    /// The last moment of each client in each list, and its span.
    last: BTreeMap<(String, Side), (Timestamp, Span)>,
    /// The records so far.
    records: BTreeSet<(String, String, String)>,
}

/// The two lists of a test: events and expectations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Side {
    Happens,
    Expected,
}

impl<'a> Checker<'a> {
    /// Checks every test of a file, in order; `funnels` are those of the same file.
    pub(super) fn check_tests(&mut self, file: &'a ast::File, funnels: &[Funnel]) -> Vec<Test> {
        let zone = self.zone_of_tests(funnels);
        let own: BTreeSet<String> = funnels.iter().map(|funnel| funnel.name.clone()).collect();
        let mut tests = Vec::new();
        for item in &file.items {
            let ast::ItemKind::Test { title, steps } = &item.kind else { continue };
            let (test, passed, _) =
                self.isolated(|checker| checker.test(title, steps, OpenTest::new(zone, own.clone())));
            tests.extend(test.filter(|_| passed));
        }
        tests
    }

    /// The time zone of the tests of a file: the one that its funnels agree on, else the project's, else UTC.
    fn zone_of_tests(&self, funnels: &[Funnel]) -> Zone {
        let named = |zone: &Expr| {
            let Expr::Value(Value::Text(name)) = zone else { return None };
            Zone::named(name)
        };
        let mut zones = funnels.iter().filter_map(|funnel| funnel.settings.zones.iter().find_map(named));
        let agreed = zones.next().filter(|first| zones.all(|zone| zone == *first));
        agreed.or_else(|| Zone::named(self.context.zone.as_deref()?)).unwrap_or(Zone::UTC)
    }

    fn test(&mut self, title: &ast::Text, steps: &'a [ast::TestStep], mut open: OpenTest) -> Option<Test> {
        let name = self.literal(title);
        if let Some(name) = &name
            && let Some(first) = self.decl.test_titles.get(name).copied().filter(|first| *first != title.span)
        {
            self.report(duplicate(say!("test"), &ast::Name::new(name.clone(), title.span), first));
        }
        for step in steps {
            self.test_line(&mut open, step);
        }
        self.check_completeness(&open, title.span, steps);
        let title = (name?, title.span);
        (!self.broken).then(|| open.closed_path(title))
    }

    fn test_line(&mut self, open: &mut OpenTest, step: &'a ast::TestStep) {
        match &step.kind {
            TestStepKind::Client(record) => {
                let data = self.client_line(open, record, None);
                open.waiting.extend(data.map(|(client, data)| (client, data, step.span)));
            }
            TestStepKind::At { when, event, data } => self.at_line(open, when, event, data, step.span),
            TestStepKind::Expect { when, what } => self.expectation(open, when.as_ref(), what, step.span),
            TestStepKind::Given(given) => {
                let line = self.given(open.zone, given, open.client.clone(), step.span);
                open.given.extend(line);
            }
            TestStepKind::Until(when) => {
                if let Some((_, first)) = open.until {
                    let finding = Diagnostic::new(
                        Code::Duplicate,
                        step.span,
                        say!("a test can have only one end"),
                        say!("repeated here"),
                    );
                    self.report(finding.related(first, say!("ends here")).help(say!("remove one of them")));
                } else if let Some(at) = self.test_moment(open.zone, when) {
                    open.until = Some((at.to.plus_ms(-1), when.span));
                }
            }
            TestStepKind::Error => _ = self.poison::<()>(),
        }
    }

    /// Makes the client of a record the current one, and returns its data. A record without an `id` is about `same`, or
    /// else about a new client.
    fn client_line(
        &mut self,
        open: &mut OpenTest,
        record: &ast::Record,
        same: Option<String>,
    ) -> Option<(String, Map<String, Json>)> {
        let data = self.record_data(open.zone, "client", record);
        let named = data.as_ref().and_then(|data| data.get("id")).and_then(Json::as_str).map(str::to_owned);
        let client = named.or(same).unwrap_or_else(|| open.unnamed_client());
        open.client = Some(client.clone());
        let mut data = data?;
        let is_new = !open.is_known(&client);
        if is_new {
            let given: BTreeMap<&str, Span> = std::iter::once(("id", record.span))
                .chain(record.entries.iter().map(|entry| (entry.name.node.as_str(), entry.name.span)))
                .collect();
            self.require_fields("client", &given, record.span)?;
            // A test about messages implies that the client may receive them.
            if self.decl.catalog.client.contains_key("consent") {
                let all: Vec<&str> = CHANNELS.iter().map(|(channel, _)| *channel).collect();
                data.entry("consent").or_insert_with(|| json!(all));
            }
        }
        data.insert("id".to_owned(), Json::String(client.clone()));
        Some((client, data))
    }

    /// `at 2026-03-01 10:00 booking { id: "b1" }`
    fn at_line(&mut self, open: &mut OpenTest, when: &ast::Expr, event: &ast::Name, record: &ast::Record, span: Span) {
        let at = self.test_moment(open.zone, when);
        let data = if event.node == "client" {
            self.record_use(event.span, || Symbol::Client);
            let same = open.client.clone();
            self.client_line(open, record, same).map(|(_, data)| data)
        } else {
            open.current();
            self.event_line(open, event, record)
        };
        let client = open.current();
        let (Some(at), Some(data)) = (at, data) else {
            open.lacks_event = true;
            return;
        };
        self.check_order(open, &client, Side::Happens, at.from, when.span);
        let event = event.node.clone();
        open.flush_client_lines(&client, at.from);
        open.events.push(TestEvent { at: at.from, client, event, data, span });
    }

    /// The data of an event; the first event of a record must be complete.
    fn event_line(
        &mut self,
        open: &mut OpenTest,
        event: &ast::Name,
        record: &ast::Record,
    ) -> Option<Map<String, Json>> {
        let known = self.event(event)?;
        let data = self.record_data(open.zone, &known, record);
        if known != event.node {
            return self.poison();
        }
        let data = data?;
        let key_field = self.decl.catalog.events.get(&known).and_then(|declared| declared.key.clone());
        let key = key_field.as_ref().and_then(|field| data.get(field)).map(ToString::to_string);
        let is_new = key.as_ref().is_none_or(|key| {
            open.records.insert((open.client.clone().unwrap_or_default(), known.clone(), key.clone()))
        });
        if is_new {
            let given = record.entries.iter().map(|entry| (entry.name.node.as_str(), entry.name.span)).collect();
            self.require_fields(&known, &given, event.span)?;
        }
        Some(data)
    }

    fn expectation(&mut self, open: &mut OpenTest, when: Option<&ast::Expr>, what: &'a Expectation, span: Span) {
        let at = when.map(|when| (self.test_moment(open.zone, when), when.span));
        let line = match what {
            Expectation::NothingElse { from } => {
                open.nothing_else.extend(self.nothing_else(from.as_ref(), &open.own, span));
                return;
            }
            Expectation::Line { .. } => self.expected(what, span, open.zone),
            Expectation::Error => self.poison(),
        };
        let client = open.current();
        let when = match at {
            Some((Some(at), place)) => {
                self.check_order(open, &client, Side::Expected, at.from, place);
                Some(at)
            }
            Some((None, _)) => return,
            None => None,
        };
        open.expected.extend(line.map(|line| Expected { client, when, ..line }));
    }

    /// Reports a moment before the one above it in the same list.
    fn check_order(&mut self, open: &mut OpenTest, client: &str, side: Side, at: Timestamp, span: Span) {
        let place = (client.to_owned(), side);
        match open.last.get(&place) {
            Some((last, above)) if at < *last => {
                let message = say!("`{written}` is earlier than the moment above it", written = self.slice(span));
                let finding = Diagnostic::new(Code::TestOrder, span, message, say!("goes back in time"));
                let list = if side == Side::Happens { "`at`" } else { "`expect at`" };
                self.report(
                    finding
                        .related(*above, say!("the moment above"))
                        .help(say!("put the {list} lines of a client in chronological order", list)),
                );
            }
            Some(_) | None => _ = open.last.insert(place, (at, span)),
        }
    }

    /// Reports a test without events or expectations, and lines outside of its time.
    fn check_completeness(&mut self, open: &OpenTest, title: Span, steps: &[ast::TestStep]) {
        let damaged = |step: &ast::TestStep| matches!(step.kind, TestStepKind::Error);
        let happens = steps.iter().any(|step| damaged(step) || matches!(step.kind, TestStepKind::At { .. }));
        let expects = steps.iter().any(|step| damaged(step) || matches!(step.kind, TestStepKind::Expect { .. }));
        if !happens {
            let finding = Diagnostic::new(Code::EmptyTest, title, say!("this test has no events"), say!("has no `at`"));
            self.report(finding.help(say!("add an event: `at 2026-03-01 10:00 booking {{ id: \"b1\" .. }}`")));
        } else if !expects {
            let finding =
                Diagnostic::new(Code::EmptyTest, title, say!("this test has no expectations"), say!("has no `expect`"));
            self.report(finding.help(say!("add an expectation: `expect send sms` or `expect nothing else`")));
        }
        let Some((first, begins)) = open.begins() else { return };
        // An event with an error may be the first one.
        let is_whole = !open.lacks_event && !steps.iter().any(damaged);
        for expected in &open.expected {
            if is_whole && expected.when.is_some_and(|when| when.to <= first) {
                let message = say!("no events have happened yet at the time of this expectation");
                let finding =
                    Diagnostic::new(Code::OutsideTest, expected.span, message, say!("before the first event"));
                self.report(finding.related(begins, say!("the test begins here")));
            }
        }
        let Some((until, ends)) = open.until else { return };
        let events = open.events.iter().filter(|event| event.at > until).map(|event| event.span);
        let late = |expected: &&Expected| expected.when.is_some_and(|when| when.from > until);
        for span in events.chain(open.expected.iter().filter(late).map(|expected| expected.span)) {
            let finding = Diagnostic::new(
                Code::OutsideTest,
                span,
                say!("this is after the end of the test"),
                say!("after the end of the test"),
            );
            self.report(finding.related(ends, say!("the test ends here")).help(say!("move the end or remove `until`")));
        }
    }

    /// A moment of a test, with the precision in which it is written.
    pub(super) fn test_moment(&mut self, zone: Zone, written: &ast::Expr) -> Option<When> {
        let value = self.constant_value(zone, written)?;
        let (from, to, timed) = match value {
            Value::Date(date) => (midnight(date, zone), midnight(date.plus(0, 1), zone), false),
            Value::DateTime(at) => (at, at.plus_ms(if at.0 % 60_000 == 0 { 60_000 } else { 1000 }), true),
            Value::Bool(_)
            | Value::Number(_)
            | Value::Text(_)
            | Value::Money(_)
            | Value::Time(_)
            | Value::Civil(_)
            | Value::Duration(_)
            | Value::List(_) => {
                let message = say!("`{written}` is not a moment", written = self.slice(written.span));
                let finding = Diagnostic::new(Code::TypeMismatch, written.span, message, say!("not a moment"));
                return self.fail(finding.help(say!("write a day and a time: `2026-03-01 10:00`")));
            }
        };
        Some(When { from, to, timed })
    }
}

impl OpenTest {
    fn new(zone: Zone, own: BTreeSet<String>) -> Self {
        Self {
            zone,
            own,
            client: None,
            unnamed: 0,
            waiting: Vec::new(),
            events: Vec::new(),
            lacks_event: false,
            expected: Vec::new(),
            nothing_else: Vec::new(),
            given: Vec::new(),
            until: None,
            last: BTreeMap::new(),
            records: BTreeSet::new(),
        }
    }

    /// The current client; the first one needs no `client` line.
    fn current(&mut self) -> String {
        match &self.client {
            Some(client) => client.clone(),
            None => {
                let client = self.unnamed_client();
                self.client = Some(client.clone());
                client
            }
        }
    }

    fn unnamed_client(&mut self) -> String {
        self.unnamed += 1;
        format!("client-{}", self.unnamed)
    }

    fn is_known(&self, client: &str) -> bool {
        self.waiting.iter().any(|(known, _, _)| known == client)
            || self.events.iter().any(|event| event.client == client && event.event == "client")
    }

    /// Turns the waiting lines of a client into an event at a moment.
    fn flush_client_lines(&mut self, client: &str, at: Timestamp) {
        for (known, data, span) in std::mem::take(&mut self.waiting) {
            if known == client {
                self.events.push(TestEvent { at, client: known, event: "client".to_owned(), data, span });
            } else {
                self.waiting.push((known, data, span));
            }
        }
    }

    /// The first moment, and the line of its event; events of `client` lines above it have the same moment.
    fn begins(&self) -> Option<(Timestamp, Span)> {
        self.events.iter().map(|event| (event.at, event.span)).min_by_key(|(at, span)| (*at, Reverse(span.start)))
    }

    fn closed_path(mut self, (title, span): (String, Span)) -> Test {
        if let Some((first, _)) = self.begins() {
            for (client, data, span) in std::mem::take(&mut self.waiting) {
                self.events.push(TestEvent { at: first, client, event: "client".to_owned(), data, span });
            }
        }
        self.events.sort_by_key(|event| event.at);
        let (zone, until) = (self.zone.name().to_owned(), self.until.map(|(until, _)| until));
        let Self { events, given, expected, nothing_else, .. } = self;
        Test { title, span, zone, events, given, expected, nothing_else, until }
    }
}
