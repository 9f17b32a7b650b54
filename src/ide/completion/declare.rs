//! Completions at the top level, in the settings of a funnel, among fields and in a test.

use super::CompletionKind as Shown;
use super::completer::Completer;
use super::frame::{Frame, key};
use super::snippet::{self, Snippet};
use crate::check::{BuiltinKind, Symbol};
use crate::say;
use crate::syntax::token::{Keyword as K, Kind};

impl Completer<'_, '_> {
    pub(super) fn snippets(&mut self, snippets: Vec<Snippet>, rank: u8) {
        for (label, detail, insert) in snippets {
            self.snippet(label, &detail, insert, rank);
        }
    }

    pub(super) fn in_file(&mut self, frame: &Frame<'_>) {
        if frame.clause.is_empty() || self.begins_line() {
            self.snippets(snippet::items(), 2);
        }
        if frame.clause.is_empty() {
            return;
        }
        match frame.head() {
            Some(K::Const | K::Segment) => {
                if frame.last().map(|last| last.kind) == Some(Kind::Assign) || frame.clause.len() > 3 {
                    self.value_or_operator(frame);
                }
            }
            Some(K::Template) => self.in_template(frame),
            Some(K::Use | K::Client | K::Event | K::Action | K::Funnel | K::Test) => {}
            Some(_) | None => self.in_chain(frame),
        }
    }

    fn in_template(&mut self, frame: &Frame<'_>) {
        if frame.clause.len() == 1 {
            self.words(BuiltinKind::Channel, Shown::Choice, 0);
        } else if frame.last().map(|last| last.kind) == Some(Kind::Assign) {
            self.snippet("file", &say!("text from a file"), "file \"$0\"", 1);
        }
    }

    pub(super) fn in_funnel(&mut self, frame: &Frame<'_>) {
        if frame.clause.is_empty() || self.begins_line() {
            if !frame.entered {
                self.snippets(snippet::settings(), 1);
            }
            self.snippets(snippet::triggers(), 2);
        }
        if !frame.clause.is_empty() {
            self.in_chain(frame);
        }
    }

    /// Offers what follows the first word of a setting; returns `false` if there is no setting.
    pub(super) fn in_setting(&mut self, frame: &Frame<'_>) -> bool {
        let Some(head) = frame.head() else { return false };
        let last = frame.last().and_then(key);
        let first = frame.clause.len() == 1;
        match head {
            K::Purpose if first => {
                ["marketing", "service"].iter().for_each(|w| self.word(BuiltinKind::Choice, w, Shown::Choice, 0))
            }
            K::Upgrade if first => {
                ["migrate", "finish", "restart", "stop"]
                    .iter()
                    .for_each(|w| self.word(BuiltinKind::Choice, w, Shown::Choice, 0));
            }
            K::Enter if first => self.keywords(&["always", "once", "again after"], 0),
            K::Enter if last == Some(K::Once) => self.keyword("per", 0),
            K::Enter if last == Some(K::Per) => self.values(),
            K::Enter if last == Some(K::Again) => self.keyword("after", 0),
            K::Enter if last == Some(K::After) => self.durations(),
            K::Enter if frame.has(K::Per) => self.value_or_operator(frame),
            K::Limit if frame.clause.len() == 2 => {
                self.words(BuiltinKind::Channel, Shown::Choice, 0);
                self.word(BuiltinKind::Choice, "messages", Shown::Choice, 1);
            }
            K::Limit if frame.clause.len() == 3 => self.keyword("per", 0),
            K::Limit if last == Some(K::Per) || last == Some(K::To) => self.durations(),
            K::Limit if last == Some(K::Else) => self.keywords(&["skip", "defer up to"], 0),
            K::Limit if frame.clause.len() > 4 && last.is_none() => self.keyword("else", 0),
            K::Exit | K::Goal if first => self.keyword("on", 0),
            K::Exit | K::Goal => self.in_trigger(frame),
            K::Timezone if first || last == Some(K::Else) => {
                self.values();
                self.value("\"Europe/Berlin\"", &say!("a time zone"), 1);
            }
            K::Timezone => self.keyword("else", 0),
            K::Hours if first => {
                self.days();
                self.value("09:00..21:00", &say!("start and end time"), 0);
            }
            K::Purpose | K::Upgrade | K::Enter | K::Limit | K::Hours => {}
            _ => return false,
        }
        true
    }

    pub(super) fn days(&mut self) {
        self.keywords(
            &["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday", "weekday", "weekend"],
            5,
        );
    }

    pub(super) fn durations(&mut self) {
        for (text, detail) in [
            ("1h", say!("exactly an hour")),
            ("24h", say!("exactly 24 hours")),
            ("1d", say!("a day")),
            ("3d", say!("three days")),
            ("7d", say!("a week")),
        ] {
            self.value(text, &detail, 3);
        }
    }

    pub(super) fn in_fields(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last().filter(|last| last.kind != Kind::Comma) else {
            self.snippet("key", &say!("the key of the record"), "key ${1:id}: ${2:text}", 0);
            return;
        };
        if last.kind == Kind::Colon || last.kind == Kind::Less {
            self.words(BuiltinKind::Type, Shown::Type, 0);
            if last.kind == Kind::Colon {
                self.snippet("list", &say!("a list of values"), "list<${1:text}>", 1);
            }
        } else if frame.has(K::By) {
            self.value_or_operator(frame);
        } else if frame.has(K::From) {
            self.value_or_operator(frame);
            self.keyword("by", 1);
        } else if key(last) == Some(K::Later) {
            self.keyword("from", 0);
            self.keyword("by", 1);
        } else if frame.clause.len() > 2 {
            self.keyword("later", 0);
            self.keyword("later from", 1);
            self.keyword("later by", 2);
            self.keyword("key", 3);
        }
    }

    pub(super) fn in_test(&mut self, frame: &Frame<'_>) {
        if frame.clause.is_empty() || self.begins_line() {
            self.snippets(snippet::test(), 1);
        }
        match frame.head() {
            Some(K::Given) => self.in_given(frame),
            Some(K::Expect) => self.in_expectation(frame),
            Some(K::At) if frame.clause.len() > 1 => {
                self.events(0);
                self.keyword("client", 1);
            }
            Some(_) | None => {}
        }
    }

    fn in_given(&mut self, frame: &Frame<'_>) {
        match frame.last().and_then(key) {
            Some(K::Given) => {
                self.words(BuiltinKind::Channel, Shown::Choice, 0);
                self.keywords(&["call", "do", "at"], 1);
            }
            Some(K::Do) => self.declared(&|named| matches!(named, Symbol::Action(_)), Shown::Function),
            _ if frame.has(K::Fails) || frame.has(K::Answers) => {}
            _ => self.keywords(&["fails", "answers"], 0),
        }
    }

    fn in_expectation(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last() else { return };
        let kind = frame.clause.iter().find(|token| BuiltinKind::Expectation.all().contains(&token.text));
        match (kind, key(last)) {
            (None, Some(K::Expect | K::No)) => {
                self.words(BuiltinKind::Expectation, Shown::Choice, 0);
                if key(last) == Some(K::Expect) {
                    self.keywords(&["no", "at", "nothing else"], 1);
                }
            }
            (None, Some(K::Nothing)) => self.keyword("else", 0),
            (None, Some(K::Else)) => self.keyword("from", 0),
            (None, Some(K::From)) => {
                self.funnels();
                let item = self.item("anything", Shown::Choice, 1);
                self.push(item);
            }
            (None, _) => self.words(BuiltinKind::Expectation, Shown::Choice, 0),
            (Some(kind), _) if kind.span == last.span => self.expected_target(kind.text),
            (Some(kind), _) => {
                let channel = BuiltinKind::Channel.all().contains(&last.text).then_some(last.text);
                if let (true, Some(channel)) = (["send", "not_sent"].contains(&kind.text), channel) {
                    self.templates(channel);
                }
                if kind.text == "task" {
                    self.keywords(&["for", "due"], 2);
                }
                self.keywords(&["to", "containing"], 2);
            }
        }
    }

    fn expected_target(&mut self, kind: &str) {
        match kind {
            "send" | "not_sent" => self.words(BuiltinKind::Channel, Shown::Choice, 0),
            "set" => self.settable(),
            "emit" => self.events(0),
            "do" => self.declared(&|named| matches!(named, Symbol::Action(_)), Shown::Function),
            "start" | "goal" | "enter" | "exit" => self.funnels(),
            _ => {}
        }
        self.keyword("containing", 2);
    }

    pub(super) fn declared(&mut self, fits: &dyn Fn(&Symbol) -> bool, shown: Shown) {
        for named in self.declared_names(fits) {
            self.named(&named, shown, 0);
        }
    }

    pub(super) fn funnels(&mut self) {
        let own = self.view.compiled.program.funnels.iter().map(|funnel| Symbol::Funnel(funnel.name.clone()));
        let own: Vec<Symbol> = own.collect();
        own.iter().for_each(|funnel| self.named(funnel, Shown::Funnel, 0));
        self.declared(&|named| matches!(named, Symbol::Funnel(_)), Shown::Funnel);
    }

    pub(super) fn templates(&mut self, of: &str) {
        let fits = |named: &Symbol| matches!(named, Symbol::Template { channel, .. } if channel == of);
        self.declared(&fits, Shown::Template);
    }
}
