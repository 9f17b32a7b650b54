//! Name resolution. In: a name or a path, and its scope. Out: the field or constant that it refers to.

use crate::check::checker::{Checker, listed, unknown};
use crate::check::prelude::{RESERVED, UNSUBSCRIBE};
use crate::check::program::{Expr, FieldRead, FieldType, Source, UNSUBSCRIBE_MARK};
use crate::check::scope::{Awaited, ExprContext, Scope};
use crate::check::symbol::{BuiltinKind, Role, Symbol};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::{Type, Value};
use std::collections::BTreeMap;

/// What a name refers to.
pub(super) enum Resolved {
    /// The client, the business or an event: where its fields come from, and the name of their owner.
    Record(Source, String),
    /// A single value, or nothing.
    Value,
}

impl Checker<'_> {
    /// A single name: a constant, or a field of an event whose fields need no prefix.
    pub(in crate::check) fn name(&mut self, scope: &Scope, name: &str, span: Span) -> Option<Typed> {
        if let Resolved::Record(source, _) = self.resolve(scope, name) {
            self.record_source(scope, &source, name, span);
            let message = say!("`{name}` is not a single value", name);
            let finding = Diagnostic::new(Code::TypeMismatch, span, message, say!("is a whole record"));
            return self.fail(finding.help(say!(
                "use one of its fields: `{name}.{some_field}`",
                name,
                some_field = self.some_field(scope, name)
            )));
        }
        if self.decl.constants.contains_key(name) {
            self.record_use(span, || Symbol::Constant(name.to_owned()));
            let value = self.constant(name, span)?;
            if has_civil(&value.expr) {
                self.needs_zone(span, say!("a date and time without a time zone"));
            }
            return Some(value);
        }
        if self.decl.segments.contains_key(name) {
            self.record_use(span, || Symbol::Segment(name.to_owned()));
            let finding =
                Diagnostic::new(Code::WrongOperands, span, say!("`{name}` is a segment", name), say!("not a value"));
            return self.fail(finding.help(say!("check membership with `client in {name}`", name)));
        }
        let bare =
            scope.bound.iter().filter(|bound| bound.bare).find(|bound| self.has_field(&bound.event, name)).cloned();
        match bare {
            Some(bound) => self.field_of(scope, &Source::Event(bound.name), &bound.event, name, span),
            None if name == UNSUBSCRIBE => self.unsubscribe(scope, span),
            None => self.unknown_name(scope, name, span),
        }
    }

    /// `{{ unsubscribe_url }}`, which the channel fills in when it sends the email.
    fn unsubscribe(&mut self, scope: &Scope, span: Span) -> Option<Typed> {
        self.record_use(span, || Symbol::Builtin(BuiltinKind::Special, UNSUBSCRIBE.to_owned()));
        if !scope.in_email_body {
            let message = say!("`{name}` is only available in the body of an email", name = UNSUBSCRIBE);
            let finding = Diagnostic::new(Code::UnknownName, span, message, say!("not in an email"));
            return self.fail(
                finding.help(say!(
                    "for other messages, clients opt out with their provider, for example by replying STOP"
                )),
            );
        }
        if self.context.unsubscribe_missing {
            let message = say!("`{name}` is not configured in funnel.toml", name = UNSUBSCRIBE);
            let mut finding = Diagnostic::new(Code::NoUnsubscribeLink, span, message, say!("no valid target"));
            finding.severity = Severity::Error;
            let line = "unsubscribe_url = \"https://salon.example/u?c={client}&m={message}\"";
            return self.fail(finding.help(say!("add it under `[channels.email]`: `{line}`", line)));
        }
        Some(Typed::literal(Value::Text(UNSUBSCRIBE_MARK.to_owned()), Type::Url))
    }

    /// `booking.starts_at`, `client.name`
    pub(in crate::check) fn path(&mut self, scope: &Scope, of: &ast::Expr, field: &ast::Name) -> Option<Typed> {
        if let ast::ExprKind::Name(name) = &of.kind
            && let Resolved::Record(source, event) = self.resolve(scope, name)
        {
            self.record_source(scope, &source, name, of.span);
            return self.field_of(scope, &source, &event, &field.node, field.span);
        }
        if let ast::ExprKind::History(history) = &of.kind {
            return self.history(scope, history, Some(field), of.span.to(field.span));
        }
        let value = self.expr(scope, of)?;
        let message =
            say!("`{written}` is {what} and has no fields", written = self.slice(of.span), what = type_name(&value.ty));
        self.fail(Diagnostic::new(Code::UnknownField, field.span, message, say!("no such field")))
    }

    pub(super) fn resolve(&self, scope: &Scope, name: &str) -> Resolved {
        if let Some(bound) = scope.bound.iter().find(|bound| bound.name == name) {
            return Resolved::Record(Source::Event(bound.name.clone()), bound.event.clone());
        }
        match name {
            "client" => Resolved::Record(Source::Client, name.to_owned()),
            "business" => Resolved::Record(Source::Business, name.to_owned()),
            _ => Resolved::Value,
        }
    }

    fn some_field(&self, scope: &Scope, name: &str) -> String {
        let of = scope.bound.iter().find(|bound| bound.name == name).map_or(name, |bound| bound.event.as_str());
        let fields = self.fields(of);
        let known = |field: &&str| fields.is_some_and(|fields| fields.contains_key(*field));
        ["name", "starts_at", "amount"].iter().find(|field| known(field)).map_or("id", |field| field).to_owned()
    }

    /// A field of something in scope.
    fn field_of(&mut self, scope: &Scope, source: &Source, of: &str, name: &str, span: Span) -> Option<Typed> {
        if self.has_field(of, name) {
            self.record_field(of, name, span, Role::Uses);
        }
        if self.decl.broken_fields.contains(&(of.to_owned(), name.to_owned())) {
            return self.poison();
        }
        let Some(field) = self.fields(of).and_then(|fields| fields.get(name)).cloned() else {
            let finding = self.unknown_field(of, name, span);
            return self.fail(finding);
        };
        if let Some(what) = scope.context.fixed() {
            return self.not_constant(span, what, name);
        }
        if scope.context == ExprContext::History && !matches!(source, Source::Event(_)) {
            let message = say!("a condition on past events cannot depend on `{of}.{name}`, which changes", of, name);
            let finding = Diagnostic::new(Code::NotConstant, span, message, say!("not a field of the event"));
            return self
                .fail(finding.help(say!("use only the event's own fields here, and check everything else outside")));
        }
        Some(read(scope, source, name, &field))
    }

    /// A diagnostic about an unknown field.
    pub(in crate::check) fn unknown_field(&self, of: &str, name: &str, span: Span) -> Diagnostic {
        let fields: Vec<&str> = self.fields(of).map(|f| f.keys().map(String::as_str).collect()).unwrap_or_default();
        let message = say!("`{of}` has no field `{name}`", of, name);
        let finding = unknown(Code::UnknownField, span, name, message, fields.iter().copied());
        if !finding.help.is_empty() {
            return finding;
        }
        let finding = match self.instead_of_field(of, name) {
            Some(help) => finding.help(help),
            None => finding,
        };
        let ty = self.suggested.clone().unwrap_or(Type::Text).to_string();
        match of {
            "business" => finding.help(say!("set `{name}` under `[business]` in funnel.toml", name)),
            "client" => finding.help(say!("declare it: `client {{ {name}: {ty}? }}`", name, ty)),
            several if several.contains(" or ") => finding
                .help(say!("only the fields that they share are available: {names}", names = listed(fields)))
                .help(say!(
                    "add a separate entry for each: `on {first} -> ..`",
                    first = several.split(" or ").next().unwrap_or(several)
                )),
            event => finding
                .help(say!("available fields of `{event}`: {names}", event, names = listed(fields)))
                .help(say!("declare it: `event {event} {{ {name}: {ty}? }}`", event, name, ty)),
        }
    }

    /// What gives the value that an unknown field would hold.
    fn instead_of_field(&self, of: &str, name: &str) -> Option<Phrase> {
        let fields = self.fields(of)?;
        match name {
            "first_name" | "firstname" | "given_name" if fields.contains_key("name") => {
                Some(say!("the first word of a name: `{{{{ {of}.name | first_name | default(\"..\") }}}}`", of))
            }
            "date" | "time" | "datetime" | "when" | "start" | "day" | "weekday" => {
                let is_moment = |name: &&str| fields.get(*name).is_some_and(|field| field.ty == Type::DateTime);
                let names = ["starts_at", "at"].into_iter().chain(fields.keys().map(String::as_str));
                let moment = names.into_iter().find(is_moment)?;
                let filter = if matches!(name, "time" | "weekday") { name } else { "date" };
                Some(say!("the moment is `{of}.{moment}`: `{{{{ {of}.{moment} | {filter} }}}}`", of, moment, filter))
            }
            _ => None,
        }
    }

    fn not_constant<T>(&mut self, span: Span, what: Phrase, name: &str) -> Option<T> {
        let message = say!("{what} cannot depend on `{name}`", what, name);
        let finding = Diagnostic::new(Code::NotConstant, span, message, say!("differs between runs"));
        self.fail(finding.help(say!("write the value where it is used")))
    }

    fn unknown_name(&mut self, scope: &Scope, name: &str, span: Span) -> Option<Typed> {
        if scope.incomplete {
            return self.poison();
        }
        if let Some(bound) = scope.bound.iter().find(|bound| bound.event == name) {
            let alias = &bound.name;
            let message = say!("`{name}` is called `{alias}` here", name, alias);
            let finding = Diagnostic::new(Code::UnknownName, span, message, say!("has another name"));
            return self.fail(finding.help(say!("write `{alias}`", alias)).fix(
                say!("change `{name}` to `{alias}`", name, alias),
                span,
                alias,
            ));
        }
        if let Some(finding) = without_name(scope, name, span) {
            return self.fail(finding);
        }
        if self.decl.catalog.events.contains_key(name) {
            return self.event_out_of_scope(scope, name, span);
        }
        let known = self.names_in(scope);
        let message = say!("unknown name `{name}`", name);
        let mut finding = unknown(Code::UnknownName, span, name, message, known.iter().map(String::as_str));
        if scope.context == ExprContext::Chain && ["reply", "response", "answer", "result"].contains(&name) {
            finding = finding.help(say!(
                "to read the answer of a request: `event {name} {{ .. }}` and `call \"..\" as {name}`",
                name
            ));
        }
        if finding.fixes.is_empty()
            && let Some(path) = self.client_path(name)
        {
            finding = finding.help(say!("did you mean `{path}`?", path)).respell(
                say!("change `{name}` to `{path}`", name, path),
                (name, path.trim_start_matches("client.")),
                span,
                path.as_str(),
            );
        }
        let several = scope.bound.iter().filter(|bound| bound.event.contains(" or "));
        let one = several.flat_map(|bound| bound.event.split(" or ")).find(|event| self.has_field(event, name));
        if let Some(event) = one.filter(|_| finding.help.is_empty()) {
            finding = finding.help(say!(
                "only fields shared by all the events are available; add a separate entry: `on {name} -> ..`",
                name = event
            ));
        }
        if finding.help.is_empty()
            && scope.context == ExprContext::Template
            && let Some(event) = self.decl.catalog.events.keys().find(|event| self.has_field(event, name))
        {
            finding =
                finding.help(say!("it is a field of `{event}`: add a parameter to the template, `({event})`", event));
        }
        if finding.help.is_empty() {
            finding = self.instead_of_name(scope, name, finding);
        }
        self.fail(finding)
    }

    /// Reports an event that no name refers to here.
    fn event_out_of_scope(&mut self, scope: &Scope, name: &str, span: Span) -> Option<Typed> {
        let message = say!("`{name}` is not in scope here", name);
        let declared = self.decl.catalog.events.get(name);
        let is_answer = declared.is_some_and(|it| it.key.is_none() && it.fields.values().all(|field| field.optional));
        if is_answer && scope.context == ExprContext::Chain && !scope.bound.is_empty() {
            if !self.unread_answers.insert(name.to_owned()) {
                return self.poison();
            }
            let finding = Diagnostic::new(Code::UnknownName, span, message, say!("nothing brings it into scope"));
            return self.fail(
                finding.help(say!("read the answer of a request under this name: `call \"..\" as {name}`", name)).help(
                    say!("to test whether it has occurred: `any({name})`; to wait for it: `wait for {name}`", name),
                ),
            );
        }
        let finding = Diagnostic::new(Code::UnknownName, span, message, say!("a different event"));
        let finding = match scope.bound.as_slice() {
            _ if scope.context == ExprContext::Template => {
                finding.help(say!("add a parameter to the template: `({name})`", name))
            }
            [] => finding.help(say!("only `client`, `business` and constants are available here")),
            [several] if several.event.contains(" or ") => finding.help(say!(
                "only fields shared by all the events are available; add a separate entry: `on {name} -> ..`",
                name
            )),
            bound => finding
                .help(say!("in scope: {names}", names = listed(bound.iter().map(|b| b.name.as_str()))))
                .help(say!("to test whether it has occurred: `any({name})`; to wait for it: `wait for {name}`", name)),
        };
        self.fail(finding)
    }

    /// Adds what to write instead of a name that is like no other.
    fn instead_of_name(&self, scope: &Scope, name: &str, finding: Diagnostic) -> Diagnostic {
        match name {
            "morning" | "noon" | "afternoon" | "evening" | "night" | "midnight" | "tonight" => {
                finding.help(say!("write a time of day, such as `09:00`"))
            }
            "today" | "tomorrow" | "yesterday" => {
                finding.help(say!("write a moment, such as `now`, `now - 1d` or `tomorrow 10:00`"))
            }
            _ => match scope.bound.iter().find(|bound| bound.bare) {
                Some(bound) => {
                    let fields = self.fields(&bound.event).into_iter().flat_map(BTreeMap::keys);
                    finding.help(say!(
                        "fields of `{event}`: {names}",
                        event = &bound.name,
                        names = listed(fields.map(String::as_str))
                    ))
                }
                None => finding,
            },
        }
    }

    /// `client.name` for `name`, or for a misspelling of it.
    fn client_path(&self, name: &str) -> Option<String> {
        let fields = || self.decl.catalog.client.keys().map(String::as_str);
        let field = fields().find(|field| *field == name).or_else(|| suggest::nearest(name, fields()))?;
        Some(format!("client.{field}"))
    }

    pub(super) fn names_in(&self, scope: &Scope) -> Vec<String> {
        let mut names: Vec<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
        names.extend(self.decl.constants.keys().cloned());
        for bound in scope.bound.iter() {
            names.push(bound.name.clone());
            let bare = self.fields(&bound.event).filter(|_| bound.bare);
            names.extend(bare.into_iter().flat_map(BTreeMap::keys).cloned());
        }
        names
    }
}

/// A diagnostic about an event that was waited for, where it has no name.
fn without_name(scope: &Scope, name: &str, span: Span) -> Option<Diagnostic> {
    let is_meant = |awaited: &&Awaited| awaited.event == name || awaited.alias.as_deref() == Some(name);
    let Awaited { event, alias, span: awaited, certain } = scope.awaited.iter().rev().find(is_meant)?;
    let finding = |label| {
        let message = say!("`{name}` is not in scope here", name);
        Diagnostic::new(Code::UnknownName, span, message, label).related(*awaited, say!("the run waits for it here"))
    };
    Some(match alias {
        Some(alias) => finding(say!("may not have happened"))
            .help(say!("use `{alias}` in the block of the wait, or end the run without the event: `else stop`", alias)),
        None if *certain => finding(say!("the event has no name"))
            .help(say!("give the event a name: `wait for {event} as {event}`", event))
            .fix(say!("add `as {event}`", event), awaited.after(), format!(" as {event}")),
        None => finding(say!("has no name, and may not have happened")).help(say!(
            "give the event a name, and end the run without it: `wait for {event} as {event} up to 7d else stop`",
            event
        )),
    })
}

/// A read of a field in a scope.
fn read(scope: &Scope, source: &Source, name: &str, field: &FieldType) -> Typed {
    let missing = if scope.is_known(source, name) {
        Missing::Never
    } else if field.later.is_some() {
        if scope.in_condition && !scope.in_text { Missing::Never } else { Missing::NotYet }
    } else if field.optional {
        Missing::Optional
    } else {
        Missing::Never
    };
    let mut later = field.later.clone();
    if let Source::Event(binding) = source {
        later = later.map(|later| later.read_by(binding));
    }
    let expr = Expr::Field(FieldRead { source: source.clone(), name: name.to_owned(), ty: field.ty.clone(), later });
    Typed { expr, ty: field.ty.of_values(), missing, constant: false }
}

/// Whether an expression contains a date and time without a zone.
fn has_civil(expr: &Expr) -> bool {
    matches!(expr, Expr::Value(Value::Civil(_)) | Expr::Day { .. }) || expr.children().into_iter().any(has_civil)
}
