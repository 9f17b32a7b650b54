//! Completions in a chain: elements, and what follows their first word.

use super::completer::Completer;
use super::frame::{Frame, Opened, key};
use super::{Completion, CompletionKind as Shown, snippet};
use crate::check::{ANY_MESSAGE, BuiltinKind, Symbol};
use crate::ide::navigate::Symbol as Label;
use crate::say;
use crate::syntax::ast::ItemKind;
use crate::syntax::token::{Keyword as K, Kind};

impl Completer<'_, '_> {
    pub(super) fn in_chain(&mut self, frame: &Frame<'_>) {
        let last = frame.last();
        let open = last.is_none_or(|last| matches!(last.kind, Kind::Arrow | Kind::Colon));
        if open {
            return self.element_or_path(frame);
        }
        if let Some(last) = last.filter(|last| last.kind == Kind::Dot) {
            return self.members(frame, last.span.start);
        }
        if self.unit_after_number() || self.in_setting(frame) {
            return;
        }
        match frame.head() {
            Some(K::On | K::Every) => self.in_trigger(frame),
            Some(K::If | K::Match) => self.in_condition(frame),
            Some(K::Case) => self.in_case(frame),
            Some(head) => self.in_element(frame, head),
            None => {}
        }
        if self.begins_line() && frame.opened == Opened::Cases || frame.opened == Opened::Shares {
            self.keywords(&["case", "otherwise"], 4);
        }
    }

    fn element_or_path(&mut self, frame: &Frame<'_>) {
        if frame.last().is_none() {
            match frame.opened {
                Opened::Cases => return self.cases("case ${1:\"a\"} -> $0"),
                Opened::Shares => return self.cases("case ${1:50%} -> $0"),
                Opened::Paths => return self.snippet("path", &say!("a branch"), "path -> $0", 0),
                _ => {}
            }
        }
        self.snippets(snippet::elements(), 0);
        let split = matches!(frame.opened, Opened::Cases | Opened::Shares);
        if split && frame.last().is_none() {
            self.keywords(&["case", "otherwise"], 2);
        }
    }

    fn cases(&mut self, case: &str) {
        self.snippet("case", &say!("a branch"), case, 0);
        self.snippet("otherwise", &say!("branch for everything else"), "otherwise -> $0", 1);
    }

    /// Offers units after a number; returns `false` if there is no number.
    pub(super) fn unit_after_number(&mut self) -> bool {
        let text = self.view.text(self.place.file).get(self.word.start as usize..self.word.end as usize).unwrap_or("");
        let digits: &str =
            text.get(..text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len()).unwrap_or("");
        if digits.is_empty() {
            return false;
        }
        for (unit, detail) in [
            ("m", say!("minutes")),
            ("h", say!("hours")),
            ("d", say!("days")),
            ("w", say!("weeks")),
            ("mo", say!("months")),
            ("y", say!("years")),
            ("s", say!("seconds")),
        ] {
            let item = self.item(&format!("{digits}{unit}"), Shown::Unit, 0);
            let detail = self.view.localized(&detail);
            self.push(Completion { detail, ..item });
        }
        if let Some(currency) = self.view.context.currency.clone() {
            self.value(&format!("{digits} {currency}"), &say!("an amount"), 1);
        }
        true
    }

    /// Events and what may follow them in `on`, `exit on`, `goal on` and `wait for`.
    pub(super) fn in_trigger(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last() else { return };
        if frame.has(K::Where) || frame.has(K::While) || frame.has(K::Worth) {
            return self.in_condition(frame);
        }
        match key(last) {
            Some(K::On) => {
                self.events(0);
                self.keyword("client", 1);
                self.crossings();
                if frame.head() == Some(K::On) {
                    self.keyword("start", 2);
                    self.snippet("no", &say!("no event for some time"), "no ${1:visit} for ${2:60d}", 1);
                }
            }
            Some(K::For | K::Or) if frame.head() == Some(K::Wait) => {
                self.events(0);
                self.messages();
                self.crossings();
            }
            Some(K::Or) if matches!(frame.head(), Some(K::Exit | K::Goal)) => {
                self.events(0);
                self.crossings();
            }
            Some(K::Or | K::No) => self.events(0),
            Some(K::For) if frame.head() == Some(K::On) => self.durations(),
            Some(K::Entering | K::Leaving | K::For) => self.segments(),
            Some(K::Every) => {
                self.keyword("day", 0);
                self.days();
                self.durations();
            }
            Some(K::Within) => self.durations(),
            Some(K::Start) if frame.head() == Some(K::On) => self.keywords(&["with", "where"], 0),
            Some(K::With) if frame.head() == Some(K::On) => self.events(0),
            Some(K::As) => {}
            Some(_) | None => self.after_event(frame),
        }
    }

    /// Entering and leaving a segment.
    fn crossings(&mut self) {
        self.snippet("entering", &say!("a segment"), "entering ${1:segment}", 1);
        self.snippet("leaving", &say!("a segment"), "leaving ${1:segment}", 1);
    }

    fn after_event(&mut self, frame: &Frame<'_>) {
        match frame.head() {
            Some(K::Goal) => self.keywords(&["or", "where", "within", "worth"], 0),
            Some(K::Exit) => self.keywords(&["or", "where"], 0),
            Some(K::Wait) if frame.has(K::Up) => self.keywords(&["else"], 0),
            Some(K::Wait) => self.keywords(&["as", "where", "up to", "or"], 0),
            Some(K::Every) => self.keywords(&["for", "at"], 0),
            Some(_) | None => self.keywords(&["as", "where", "or", "at", "for"], 0),
        }
    }

    pub(super) fn segments(&mut self) {
        self.declared(&|named| matches!(named, Symbol::Segment(_)), Shown::Segment);
    }

    fn in_case(&mut self, frame: &Frame<'_>) {
        if frame.opened == Opened::Shares {
            self.value("50%", &say!("percentage"), 0);
            return;
        }
        let of = self.outside(1).and_then(Frame::last).map(|last| last.span.start);
        // The subject of the match ends right before its brace.
        let subject = of.and_then(|brace| self.before.iter().rev().find(|token| token.span.end <= brace));
        if let Some(end) = subject.map(|token| token.span.end) {
            self.literals(end);
        }
        self.values();
    }

    fn in_element(&mut self, frame: &Frame<'_>, head: K) {
        let Some(last) = frame.last() else { return };
        let (word, first) = (key(last), frame.clause.iter().filter(|token| token.kind != Kind::Arrow).count() == 1);
        match head {
            K::Send => self.in_send(frame),
            K::Wait if word == Some(K::Wait) => {
                self.snippet("until", &say!("a future moment"), "until $0", 1);
                self.snippet("for", &say!("a future event"), "for ${1:booking} up to ${2:3d}", 1);
                self.durations();
            }
            K::Wait if frame.has(K::Up) && word == Some(K::Up) => self.keyword("to", 0),
            K::Wait if word == Some(K::To) => {
                self.durations();
                self.values();
            }
            K::Wait if word == Some(K::Else) => self.keywords(&["skip", "stop"], 0),
            K::Wait if frame.has(K::For) => self.in_trigger(frame),
            K::Wait if word == Some(K::Until) => {
                self.values();
                self.days();
                self.value("10:00", &say!("a time of day"), 2);
            }
            K::Wait if frame.has(K::Until) => {
                self.value_or_operator(frame);
                self.keywords(&["at", "else"], 0);
            }
            K::Wait => self.keyword("at", 0),
            K::Goto if first => self.labels(),
            K::Start | K::Stop if first => self.funnels(),
            K::Emit if first => self.events(0),
            K::Do if first => self.actions(),
            K::Set if first => {
                let item = self.item("client", Shown::Variable, 0);
                self.push(Completion { insert: "client.".to_owned(), ..item });
            }
            K::Set => self.value_or_operator(frame),
            K::Repeat => self.keyword("times", 0),
            K::Task if frame.has(K::Due) => self.keyword("at", 0),
            K::Task => self.keywords(&["for", "due"], 0),
            K::Do | K::Call if word == Some(K::As) => self.events(0),
            K::Do | K::Call if frame.has(K::As) => self.keyword("else", 0),
            K::Do | K::Call => self.keywords(&["as", "else"], 0),
            _ => {}
        }
    }

    fn in_send(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last() else { return };
        if key(last) == Some(K::Send) {
            return self.words(BuiltinKind::Channel, Shown::Choice, 0);
        }
        if frame.has(K::Before) {
            return self.value_or_operator(frame);
        }
        if frame.has(K::To) {
            self.value_or_operator(frame);
            return self.keyword("before", 7);
        }
        if frame.back(1).and_then(key) == Some(K::Send) {
            let channel = last.text.to_owned();
            self.templates(&channel);
            if channel == "email" {
                self.snippet(
                    "subject and text",
                    &say!("an inline email"),
                    "{\n  subject: \"$1\"\n  text: \"$0\"\n}",
                    1,
                );
            } else {
                self.snippet("text", &say!("inline text"), "\"$0\"", 1);
            }
            self.snippet("file", &say!("text from a file"), "file \"$0\"", 2);
        }
        self.keyword("to", 3);
        self.keyword("before", 3);
        self.snippet("else", &say!("if it was not sent"), "else { $0 }", 3);
    }

    /// The labels of the enclosing funnel, for a `goto`.
    fn labels(&mut self) {
        self.own_labels(|_| true, "");
        self.word(BuiltinKind::Special, "next", Shown::Keyword, 1);
        self.word(BuiltinKind::Special, "end", Shown::Keyword, 1);
    }

    /// The labels of messages, for `wait for ask.replied`.
    fn messages(&mut self) {
        self.own_labels(|symbol| symbol.detail.starts_with("send"), ".");
        self.word(BuiltinKind::Special, ANY_MESSAGE, Shown::Label, 1);
    }

    /// Whether a word is the label of a message, or stands for any message.
    pub(super) fn is_message(&self, word: &str) -> bool {
        word == ANY_MESSAGE
            || self.labels_here().iter().any(|label| label.name == word && label.detail.starts_with("send"))
    }

    fn own_labels(&mut self, wanted: impl Fn(&Label) -> bool, then: &str) {
        for symbol in self.labels_here().into_iter().filter(wanted) {
            let item = self.item(&symbol.name, Shown::Label, 0);
            let insert = format!("{}{then}", symbol.name);
            self.push(Completion { insert, detail: symbol.detail, ..item });
        }
    }

    fn labels_here(&self) -> Vec<Label> {
        let offset = self.place.offset;
        let items = self.view.tree(self.place.file).map(|parsed| parsed.file.items.as_slice()).unwrap_or_default();
        let around = |span: crate::source::Span| (span.start as usize..=span.end as usize).contains(&offset);
        let is_named = |kind: &ItemKind| matches!(kind, ItemKind::Funnel(_));
        let own = items.iter().find(|item| is_named(&item.kind) && around(item.span));
        let concerned: Vec<_> = match own {
            Some(item) => vec![item],
            None => items.iter().filter(|item| !is_named(&item.kind)).collect(),
        };
        concerned.into_iter().flat_map(|item| self.view.labels_of(item)).collect()
    }

    /// The declared actions, with their required parameters.
    fn actions(&mut self) {
        let actions: Vec<(Symbol, Vec<String>)> = self
            .view
            .items()
            .filter_map(|(_, _, item)| match &item.kind {
                ItemKind::Action { name, params } => {
                    let params = params.iter().filter(|param| !param.ty.optional).map(|param| param.name.node.clone());
                    Some((Symbol::Action(name.node.clone()), params.collect()))
                }
                _ => None,
            })
            .collect();
        for (named, params) in actions {
            let Symbol::Action(name) = &named else { continue };
            let args: Vec<String> =
                params.iter().enumerate().map(|(n, param)| format!("{param}: ${{{}:client.{param}}}", n + 1)).collect();
            let item = self.item(name, Shown::Function, 0);
            let insert = format!("{name}({})$0", args.join(", "));
            let detail = self.view.signature(&named).unwrap_or_default();
            let docs = self.view.about(&named).unwrap_or_default();
            self.push(Completion { insert, is_snippet: true, detail, docs, ..item });
        }
    }
}
