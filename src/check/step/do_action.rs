//! `do`. In: the action and its arguments as written. Out: a call with every argument named and of its type.

use crate::check::checker::{Checker, duplicate, listed, unknown};
use crate::check::declarations::{Action, Param};
use crate::check::program::{Argument, Call, CallTarget};
use crate::check::scope::Scope;
use crate::check::symbol::Symbol;
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// `do sync_crm(phone: client.phone)`, without its `else`.
    pub(super) fn do_action(
        &mut self,
        scope: &Scope,
        name: &ast::Name,
        args: &[ast::RecordEntry],
        head: Span,
    ) -> Option<Call> {
        let values: Vec<Option<Typed>> = args.iter().map(|arg| self.expr(scope, &arg.value)).collect();
        let Some(action) = self.decl.actions.get(&name.node).cloned() else {
            let finding = self.unknown_action(name, args, &values);
            return self.fail(finding);
        };
        self.used.insert(action.span);
        self.record_use(name.span, || Symbol::Action(name.node.clone()));
        self.warn_action_not_bound(name);
        let Some(params) = &action.params else { return self.poison() };
        let mut given: BTreeMap<&str, Span> = BTreeMap::new();
        let mut body = Vec::new();
        let mut guessed = false;
        for (arg, value) in args.iter().zip(values) {
            if let Some(first) = given.insert(&arg.name.node, arg.name.span) {
                self.report(duplicate(say!("argument"), &arg.name, first));
                continue;
            }
            let Some(param) = params.iter().find(|param| param.name == arg.name.node) else {
                self.unknown_argument(&name.node, &action, params, &arg.name);
                guessed = true;
                continue;
            };
            let named = || Symbol::Param { action: name.node.clone(), name: arg.name.node.clone() };
            self.record_use(arg.name.span, named);
            body.extend(value.and_then(|value| self.argument(&name.node, param, value, arg.value.span)));
        }
        // The argument that a misspelled one was meant for is not reported as missing.
        if !guessed {
            self.require_arguments(&name.node, &action, params, &given, head)?;
        }
        Some(Call { target: CallTarget::Action(name.node.clone()), body, answer: None })
    }

    /// One argument. It may be missing if the parameter is optional.
    fn argument(&mut self, action: &str, param: &Param, value: Typed, span: Span) -> Option<Argument> {
        let place = say!("`{param}` of `{action}`", param = param.name, action);
        let value = self.expect_value(value, span, &param.ty, &place)?;
        let value = if param.optional { value } else { self.require_known(value, span)? };
        Some(Argument { name: param.name.clone(), value: value.expr, optional: param.optional })
    }

    fn require_arguments(
        &mut self,
        name: &str,
        action: &Action,
        params: &[Param],
        given: &BTreeMap<&str, Span>,
        head: Span,
    ) -> Option<()> {
        let lacks = |param: &&Param| !param.optional && !given.contains_key(param.name.as_str());
        let missing: Vec<&str> = params.iter().filter(lacks).map(|param| param.name.as_str()).collect();
        if missing.is_empty() {
            return Some(());
        }
        let message = say!("action `{name}` is missing {names}", name, names = listed(missing.iter().copied()));
        let finding = Diagnostic::new(Code::WrongArguments, head, message, say!("missing here"));
        let form: Vec<String> = missing.iter().map(|name| format!("{name}: ..")).collect();
        self.fail(
            finding
                .related(action.span, say!("declared here"))
                .help(say!("add `{form}` between the parentheses", form = form.join(", ")))
                .help(say!("or make it optional: end its type with `?` in the action declaration")),
        )
    }

    fn unknown_argument(&mut self, name: &str, action: &Action, params: &[Param], arg: &ast::Name) {
        let message = say!("`{name}` has no parameter `{arg}`", name, arg = arg.node);
        let known = || params.iter().map(|param| param.name.as_str());
        let mut finding = unknown(Code::WrongArguments, arg.span, &arg.node, message, known());
        if finding.help.is_empty() {
            finding = finding.help(if params.is_empty() {
                say!("remove it: `do {name}()`", name)
            } else {
                say!("available parameters: {names}", names = listed(known()))
            });
        }
        self.report(finding.related(action.span, say!("declared here")));
    }

    fn unknown_action(&self, name: &ast::Name, args: &[ast::RecordEntry], values: &[Option<Typed>]) -> Diagnostic {
        let message = say!("unknown action `{name}`", name = name.node);
        let finding =
            unknown(Code::UnknownAction, name.span, &name.node, message, self.decl.actions.keys().map(String::as_str));
        if !finding.help.is_empty() {
            return finding;
        }
        let param = |(arg, value): (&ast::RecordEntry, &Option<Typed>)| {
            let ty = value.as_ref().map_or(Type::Text, |value| value.ty.clone());
            let mark = if value.as_ref().is_some_and(|value| value.missing != Missing::Never) { "?" } else { "" };
            format!("{}: {ty}{mark}", arg.name.node)
        };
        let params: Vec<String> = args.iter().zip(values).map(param).collect();
        finding.help(say!("declare it: `action {name}({params})`", name = name.node, params = params.join(", ")))
    }

    /// Warns about an unbound action in a project that binds others: it is only printed.
    fn warn_action_not_bound(&mut self, name: &ast::Name) {
        if self.context.actions.as_ref().is_none_or(|bound| bound.contains(&name.node)) {
            return;
        }
        let message =
            say!("action `{name}` is not configured in the project, so it is printed, not run", name = name.node);
        let mut finding = Diagnostic::new(Code::UnknownAction, name.span, message, say!("printed, not run"));
        finding.severity = Severity::Warning;
        let table = format!("[actions.{}]", name.node);
        self.report(
            finding
                .help(say!("configure it in funnel.toml: `{table}` with `url = \"https://..\"`", table))
                .help(say!("or write `provider = \"console\"` under `{table}` if this is intended", table)),
        );
    }
}
