//! Completions in expressions, placeholders, arguments and records.

use super::completer::Completer;
use super::frame::{Frame, Opened, key};
use super::{Completion, CompletionKind as Shown};
use crate::check::{BuiltinKind, MESSAGE_EVENTS, Symbol};
use crate::say;
use crate::source::IncludeTarget;
use crate::syntax::IncludeKind;
use crate::syntax::ast::ItemKind;
use crate::syntax::token::{Class, Keyword as K, Kind, Token};
use crate::value::Type;

impl Completer<'_, '_> {
    /// `{{ .. }}`
    pub(super) fn in_placeholder(&mut self, frame: &Frame<'_>) {
        match frame.last().map(|last| last.kind) {
            Some(Kind::Bar) => self.filters(""),
            _ if frame.has_bar() => {}
            Some(Kind::Key(K::Else)) if frame.clause.len() == 1 => self.keyword("if", 0),
            Some(_) if frame.has(K::If) => self.in_condition(frame),
            last => {
                if last.is_none() {
                    self.tags();
                }
                self.value_or_operator(frame);
                // A unit or a field is still being typed.
                if frame.last().is_some_and(ends_value) && self.word.is_empty() {
                    self.filters("| ");
                }
            }
        }
    }

    /// `if`, and what belongs to the `if` that is open in the same text.
    fn tags(&mut self) {
        self.keyword("if", 1);
        let (mut texts, mut open) = (0_usize, 0_usize);
        let mut last = None;
        for token in self.before {
            let begins = last == Some(Kind::PlaceholderOpen);
            match token.kind {
                Kind::TextOpen => {
                    // A string in a placeholder is a part of the text around it.
                    open = if texts == 0 { 0 } else { open };
                    texts += 1;
                }
                Kind::TextClose => texts = texts.saturating_sub(1),
                Kind::Key(K::If) if begins => open += 1,
                Kind::Name if begins && token.text == "end" => open = open.saturating_sub(1),
                _ => {}
            }
            last = Some(token.kind);
        }
        if open > 0 {
            self.keywords(&["else", "else if", "end"], 0);
        }
    }

    /// The filters after a value, each with a prefix.
    fn filters(&mut self, before: &str) {
        for name in BuiltinKind::Filter.all() {
            let label = format!("{before}{name}");
            let item = self.item(&label, Shown::Function, 0);
            let (docs, detail) = (self.meaning(BuiltinKind::Filter, name), self.view.localized(&say!("filter")));
            let arguments = match name {
                "default" => "(\"${1}\")",
                "plural" => "(\"${1}\", \"${2}\")",
                _ => "",
            };
            let (is_snippet, insert) = (!arguments.is_empty(), format!("{label}{arguments}"));
            self.push(Completion { docs, insert, is_snippet, detail, ..item });
        }
    }

    /// Offers values where one is expected, and operators after a value.
    pub(super) fn value_or_operator(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last() else { return self.values() };
        if last.kind == Kind::Dot {
            return self.members(frame, last.span.start);
        }
        if self.unit_after_number() {
            return;
        }
        if ends_value(last) {
            if matches!(frame.opened, Opened::Group | Opened::List) || frame.opened == Opened::Placeholder {
                self.keywords(&["and", "or"], 6);
            }
            return;
        }
        self.after_operator(frame, last);
    }

    fn after_operator(&mut self, frame: &Frame<'_>, last: Token<'_>) {
        if let Some(left) = frame.back(1).filter(|_| matches!(last.kind, Kind::Equal | Kind::NotEqual)) {
            self.literals(left.span.end);
        }
        if key(last) == Some(K::In) {
            let asks_is = |at| frame.back(at).is_some_and(|token| key(token) == Some(K::Is));
            if asks_is(1) || (asks_is(2) && frame.back(1).is_some_and(|token| key(token) == Some(K::Not))) {
                return self.funnels();
            }
            if frame.back(1).is_some_and(|left| left.text == "client") {
                return self.segments();
            }
            self.snippet("list", &say!("a list of values"), "[$0]", 0);
        }
        if key(last) == Some(K::Is) {
            self.keywords(&["known", "missing"], 0);
            if frame.back(1).is_some_and(|left| left.text == "client") {
                self.keywords(&["in", "not in"], 0);
            }
            return;
        }
        if key(last) == Some(K::Starts) {
            return self.keyword("with", 0);
        }
        self.values();
        if matches!(key(last), Some(K::If | K::Where | K::While | K::And | K::Or)) {
            self.keyword("not", 5);
        }
    }

    /// `if ..`, `where ..` and `match ..`: values and operators.
    pub(super) fn in_condition(&mut self, frame: &Frame<'_>) {
        let Some(last) = frame.last() else { return };
        if !ends_value(last) {
            return self.value_or_operator(frame);
        }
        let words = ["and", "or", "is known", "is missing", "in", "contains", "starts with", "matches"];
        self.keywords(&words, 1);
        if frame.head() == Some(K::Goal) {
            self.keywords(&["within", "worth"], 2);
        }
        if frame.head() == Some(K::Wait) {
            self.keyword("up to", 2);
        }
        if frame.head() == Some(K::On) && !frame.has(K::While) {
            self.keyword("while", 2);
        }
        if let Some(left) = frame.last().filter(|_| frame.has(K::If)) {
            self.known_first(left);
        }
    }

    /// `client.name` as a condition usually means `client.name is known`.
    fn known_first(&mut self, left: Token<'_>) {
        let is_condition = self.trial().type_before(left.span.end).is_none_or(|ty| *ty == Type::Bool);
        for known in self.found.iter_mut().filter(|found| found.label == "is known" && !is_condition) {
            known.rank = 0;
        }
    }

    /// The possible values of a text with a literal type.
    pub(super) fn literals(&mut self, end: u32) {
        let Some(Type::Literals(texts)) = self.trial().type_before(end).cloned() else { return };
        for text in texts {
            self.value(&format!("\"{text}\""), &say!("possible value"), 0);
        }
    }

    /// Offers what follows a dot.
    pub(super) fn members(&mut self, frame: &Frame<'_>, dot: u32) {
        let Some(owner) = frame.back(1) else { return };
        if owner.kind == Kind::ParenClose {
            return self.members_of_question(frame);
        }
        if !owner.kind.is_word() || owner.span.end != dot {
            return;
        }
        let awaits = frame.head() == Some(K::Wait) && frame.has(K::For);
        let happens = matches!(frame.head(), Some(K::On | K::Exit | K::Goal)) || awaits;
        if happens && !frame.has(K::Where) && !frame.has(K::While) && !frame.has(K::Worth) && !frame.has(K::Up) {
            if awaits && self.is_message(owner.text) {
                for event in MESSAGE_EVENTS {
                    let item = self.item(event, Shown::Event, 0);
                    self.push(item);
                }
                return;
            }
            self.fields(owner.text, 1);
            return self.word(BuiltinKind::Special, "updated", Shown::Choice, 2);
        }
        let is_set_target =
            frame.head() == Some(K::Set) && !frame.clause.iter().any(|token| token.kind == Kind::Assign);
        if is_set_target && owner.text == "client" {
            return self.settable();
        }
        if self.is_in_history() {
            self.fields(owner.text, 0);
            return self.word(BuiltinKind::Special, "at", Shown::Field, 1);
        }
        let named = self.events_in_scope().into_iter().find(|event| event.name == owner.text);
        match (named, owner.text) {
            (Some(event), _) => self.fields(&event.event, 0),
            (None, "client" | "business") => self.fields(owner.text, 0),
            (None, other) => {
                // After a syntax error, the event may not be in scope.
                let event = other.to_owned();
                self.fields(&event, 2);
            }
        }
    }

    /// `last(visit).`
    fn members_of_question(&mut self, frame: &Frame<'_>) {
        let open = frame.clause.iter().rposition(|token| token.kind == Kind::ParenOpen);
        let open = open.and_then(|at| frame.clause.get(at));
        let event = open.and_then(|open| self.before.iter().find(|token| token.span.start >= open.span.end));
        if let Some(event) = event {
            self.fields(event.text, 0);
            self.word(BuiltinKind::Special, "at", Shown::Field, 1);
        }
    }

    /// The word before the enclosing arguments.
    fn asked(&self) -> Option<String> {
        let around = self.outside(1)?;
        (self.outside(0)?.opened == Opened::Arguments).then(|| around.back(1).map(|word| word.text.to_owned()))?
    }

    fn is_in_history(&self) -> bool {
        let is_first = self.outside(0).is_some_and(|frame| !frame.has(K::Where));
        is_first && self.asked().is_some_and(|word| BuiltinKind::Function.all().contains(&word.as_str()))
    }

    /// `count(..)`, `do sync(..)`, `default(..)`, and the parameters of a template.
    pub(super) fn in_arguments(&mut self, frame: &Frame<'_>) {
        let (word, head) = (self.asked(), self.outside(1).and_then(Frame::head));
        match head {
            Some(K::Template) => return self.events(0),
            Some(K::Action) => {
                if frame.last().is_some_and(|last| last.kind == Kind::Colon) {
                    self.words(BuiltinKind::Type, Shown::Type, 0);
                }
                return;
            }
            Some(K::Do) => return self.in_action_arguments(frame, word),
            Some(_) | None => {}
        }
        if !word.is_some_and(|word| BuiltinKind::Function.all().contains(&word.as_str())) {
            return self.value_or_operator(frame);
        }
        match frame.last() {
            None => self.events(0),
            Some(last) if last.kind == Kind::Dot => self.members(frame, last.span.start),
            Some(last) if key(last) == Some(K::In) => self.keyword("last", 0),
            Some(last) if key(last) == Some(K::Last) => self.durations(),
            Some(_) if frame.has(K::Where) => self.in_condition(frame),
            Some(_) => self.keywords(&["in last", "where"], 0),
        }
    }

    /// `do sync(id: ..)`
    fn in_action_arguments(&mut self, frame: &Frame<'_>, action: Option<String>) {
        let begins = frame.last().is_none_or(|last| last.kind == Kind::Comma);
        if !begins {
            return self.value_or_record(frame);
        }
        let Some(action) = action else { return };
        let params: Vec<String> = self
            .view
            .item_of(&Symbol::Action(action))
            .and_then(|(_, _, item)| {
                let ItemKind::Action { params, .. } = &item.kind else { return None };
                Some(params)
            })
            .into_iter()
            .flatten()
            .map(|param| param.name.node.clone())
            .collect();
        for param in params {
            let item = self.item(&param, Shown::Field, 0);
            self.push(Completion { insert: format!("{param}: "), ..item });
        }
    }

    fn value_or_record(&mut self, frame: &Frame<'_>) {
        if frame.last().is_some_and(|last| last.kind == Kind::Colon) {
            self.values();
        } else {
            self.value_or_operator(frame);
        }
    }

    /// The parts of a message, or the fields of an event or the client.
    pub(super) fn in_record(&mut self, frame: &Frame<'_>) {
        if frame.last().is_some_and(|last| last.kind == Kind::Colon) {
            self.values();
            let is_body = frame.back(1).is_some_and(|name| ["body", "text", "html"].contains(&name.text));
            if is_body {
                self.snippet("file", &say!("text from a file"), "file \"$0\"", 0);
            }
            return;
        }
        if frame.last().is_some_and(|last| !ends_value(last) && last.kind != Kind::Comma) {
            return self.value_or_operator(frame);
        }
        let Some(around) = self.outside(1).cloned() else { return };
        let owner = around.back(1).map(|token| token.text.to_owned()).unwrap_or_default();
        match around.head() {
            Some(K::Send | K::Template) => {
                let email = around.clause.iter().any(|token| token.text == "email");
                let parts: &[&str] =
                    if email { &["subject", "text", "html", "body", "preheader"] } else { &["text", "body"] };
                for part in parts {
                    let item = self.item(part, Shown::Field, 0);
                    let docs = self.meaning(BuiltinKind::Part, part);
                    let quoted = format!("{part}: {}", if *part == "body" { "file \"$0\"" } else { "\"$0\"" });
                    self.push(Completion { docs, insert: quoted, is_snippet: true, ..item });
                }
            }
            Some(K::Call) => {}
            Some(_) | None => self.record_fields(&owner),
        }
    }

    /// The fields of the record's event.
    fn record_fields(&mut self, of: &str) {
        for (name, field) in self.view.fields_of(of) {
            let detail = self.view.field_line(of, name).unwrap_or_default();
            let rank = if field.optional || field.later.is_some() { 1 } else { 0 };
            let item = self.item(name, Shown::Field, rank);
            self.push(Completion { detail, insert: format!("{name}: "), ..item });
        }
    }

    /// Paths of files, in the quotes after `use` and `file`.
    pub(super) fn path_in_text(&mut self) {
        let Some(frame) = self.outside(1) else { return };
        let of = match frame.back(1).and_then(key) {
            Some(K::Use) => IncludeKind::Declarations,
            Some(K::File) => IncludeKind::Text,
            Some(_) | None => return,
        };
        let own = self.view.sources.get(self.place.file).map_or("", |file| file.name.as_str());
        let folder = own.rfind('/').and_then(|at| own.get(..=at)).unwrap_or("");
        let known: Vec<String> = self
            .view
            .sources
            .iter()
            .filter(|(file, _)| *file != self.place.file && !self.view.is_prelude(*file))
            .filter_map(|(_, file)| file.name.strip_prefix(folder).map(str::to_owned))
            .filter(|path| of.accepts(path))
            .collect();
        let open = self.before.iter().rev().find(|token| token.kind == Kind::TextOpen).map(|token| token.span.end);
        let replace = crate::source::Span { start: open.unwrap_or(self.word.start).min(self.word.end), ..self.word };
        let named = |path: &str| {
            let paths = self.view.sources.includes(self.place.file);
            paths
                .filter(|(_, attached)| matches!(attached, IncludeTarget::Text(_)))
                .any(|(span, _)| self.view.sources.slice(span).trim_matches('"') == path)
        };
        let items: Vec<Completion> = known
            .iter()
            .map(|path| Completion { replace, ..self.item(path, Shown::Value, u8::from(named(path))) })
            .collect();
        items.into_iter().for_each(|item| self.push(item));
    }
}

impl Frame<'_> {
    fn has_bar(&self) -> bool {
        self.clause.iter().any(|token| token.kind == Kind::Bar)
    }
}

/// Whether a value can end with this token, so that an operator follows.
fn ends_value(token: Token<'_>) -> bool {
    use K::{Client, False, Known, Missing, Now, Today, Tomorrow, True};
    use K::{Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};
    match token.kind {
        Kind::TextClose | Kind::BraceClose | Kind::ParenClose | Kind::BracketClose => true,
        Kind::Key(Client | True | False | Now | Today | Tomorrow | Known | Missing) => true,
        Kind::Key(K::Weekday | K::Weekend) => true,
        Kind::Key(Monday | Tuesday | Wednesday | Thursday | Friday | Saturday | Sunday) => true,
        kind => matches!(kind.class(), Class::Name | Class::Literal),
    }
}
