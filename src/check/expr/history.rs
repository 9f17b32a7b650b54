//! History. In: `count(booking in last 90d where attended)`. Out: what to remember of each event as it happens, and how
//! to combine it.

use super::compare::is_anniversary;
use crate::check::checker::{Checker, unknown};
use crate::check::program::{Expr, FieldRead, Function, History, Occurrence, Picked, Query, QueryId, Source};
use crate::check::scope::{ExprContext, Scope, history_fact};
use crate::check::symbol::{BuiltinKind, Role};
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, hex};
use crate::syntax::ast;
use crate::value::Type;
use sha2::{Digest, Sha256};

impl Checker<'_> {
    /// A history expression; `member` is the field after it: `last(visit).at`.
    pub(in crate::check) fn history(
        &mut self,
        scope: &Scope,
        written: &ast::History,
        member: Option<&ast::Name>,
        span: Span,
    ) -> Option<Typed> {
        let yearly = Occurrence::NAMES.iter().find(|(name, _)| *name == written.function.node);
        if let Some((_, which)) = yearly.filter(|_| written.event.node == "client") {
            return self.yearly(scope, *which, written, span);
        }
        self.allow_history(scope, span)?;
        let function = self.function(&written.function);
        let event = self.event(&written.event);
        let filter = match (&event, &written.filter) {
            (Some(event), Some(filter)) => {
                let scope = Scope::of_event(ExprContext::History, event, event);
                Some(self.condition(&scope, filter)?)
            }
            (None, Some(_)) | (_, None) => None,
        };
        let last = match &written.last {
            Some(last) => Some(self.duration_in_zone(last)?),
            None => None,
        };
        let (function, event) = (function?, event?);
        let field = self.picked(function, &event, written, member)?;
        let (ty, missing) = kind(function, field.as_ref());
        let id = id_of(&event, field.as_ref(), filter.as_ref());
        let query = Query { id, event, field, filter: filter.map(Box::new) };
        let currency = self.context.currency.clone().filter(|_| ty == Type::Money);
        let history = History { query, function, last, currency };
        let known = scope.assume_known || history_fact(&history).is_some_and(|fact| scope.facts.contains(&fact));
        let missing = if known { Missing::Never } else { missing };
        Some(Typed { expr: Expr::History(Box::new(history)), ty, missing, constant: false })
    }

    /// `next(client.birthday)`: a date of the client as it recurs every year.
    fn yearly(&mut self, scope: &Scope, which: Occurrence, written: &ast::History, span: Span) -> Option<Typed> {
        self.record_builtin(BuiltinKind::Function, &written.function);
        let name = which.name();
        let (Some(field), None, None) = (&written.field, &written.last, &written.filter) else {
            let message = say!("`{name}` needs a date of the client", name);
            let finding = Diagnostic::new(Code::WrongOperands, span, message, say!("not a date"));
            return self.fail(finding.help(say!("write `{name}(client.birthday)`", name)));
        };
        let client = ast::Expr { kind: ast::ExprKind::Name("client".to_owned()), span: written.event.span };
        let date = self.path(scope, &client, field)?;
        if date.ty == Type::Date && !is_anniversary(&date.expr) {
            let path = format!("client.{}", field.node);
            let message = say!("`{path}` is a date that comes only once", path = &path);
            let finding = Diagnostic::new(Code::WrongOperands, field.span, message, say!("does not return every year"));
            let declare = say!(
                "if it returns every year, declare it so: `client {{ {name}: anniversary? }}`",
                name = &field.node
            );
            let finding = finding.guess(say!("change it to `{path}`", path = &path), span, &path);
            return self.fail(finding.help(declare).help(say!("or write the date itself: `{path}`", path)));
        }
        if date.ty != Type::Date {
            let message =
                say!("`{name}` needs a date that recurs every year, found {what}", name, what = type_name(&date.ty));
            let finding = Diagnostic::new(
                Code::WrongOperands,
                field.span,
                message,
                say!("is {what}", what = type_name(&date.ty)),
            );
            return self.fail(finding);
        }
        self.needs_zone(span, say!("a calendar day"));
        let (missing, expr) = (date.missing, Expr::Yearly(which, Box::new(date.expr)));
        Some(Typed { missing, ..self.moment_of_run(scope, span, expr, Type::Date)? })
    }

    /// Reports history where it is not allowed.
    fn allow_history(&mut self, scope: &Scope, span: Span) -> Option<()> {
        let message = match scope.context {
            ExprContext::Constant => say!("a constant cannot depend on client history"),
            ExprContext::History => say!("a condition on past events cannot depend on other events"),
            ExprContext::Later => say!("a moment of a `later` field cannot depend on client history"),
            ExprContext::Test => say!("a test cannot query client history"),
            ExprContext::Chain | ExprContext::Template | ExprContext::Setting | ExprContext::Segment => return Some(()),
        };
        let finding = Diagnostic::new(Code::NotConstant, span, message, say!("queries client history"));
        self.fail(finding.help(say!("query the history where the result is used")))
    }

    fn function(&mut self, name: &ast::Name) -> Option<Function> {
        if let Some((_, function)) = Function::NAMES.iter().find(|(known, _)| *known == name.node) {
            self.record_builtin(BuiltinKind::Function, name);
            return Some(*function);
        }
        if name.node == Occurrence::Next.name() {
            let message = say!("`next` works on dates of the client, not on events");
            let finding = Diagnostic::new(Code::WrongOperands, name.span, message, say!("only for the client"));
            return self.fail(finding.help(say!("write `{name}(client.birthday)`", name = name.node)));
        }
        let message = say!("unknown history function `{name}`", name = name.node);
        let known = Function::NAMES.map(|(known, _)| known);
        let finding = unknown(Code::UnknownName, name.span, &name.node, message, known);
        let finding = if finding.help.is_empty() {
            finding.help(say!("available functions: {known}", known = known.join(", ")))
        } else {
            finding
        };
        self.fail(finding)
    }

    /// What a function keeps of each event.
    fn picked(
        &mut self,
        function: Function,
        event: &str,
        written: &ast::History,
        member: Option<&ast::Name>,
    ) -> Option<Option<Picked>> {
        let name = function.name();
        let field = match (&written.field, member, function) {
            (None, None, Function::Any | Function::None | Function::Count) => return Some(None),
            (Some(field), None, Function::Any | Function::None | Function::Count) => {
                let message = say!("`{name}` works on whole events, not on a single field", name);
                let finding = Diagnostic::new(Code::WrongOperands, field.span, message, say!("unexpected field"));
                let declared = self.fields(event).and_then(|fields| fields.get(&field.node));
                let condition = declared.and_then(|declared| {
                    let has_value =
                        || (declared.optional || declared.later.is_some()).then(|| format!("{} is known", field.node));
                    meant_by(&field.node, &declared.ty).or_else(has_value)
                });
                return self.fail(match condition {
                    Some(condition) => {
                        finding.help(say!("write `{name}({event} where {condition})`", name, event, condition))
                    }
                    None => finding.help(say!("write `{name}({event})`", name, event)),
                });
            }
            (None, Some(member), Function::First | Function::Last) => member,
            (_, Some(member), _) => {
                let message = say!("the result of `{name}` has no fields", name);
                return self.fail(Diagnostic::new(Code::UnknownField, member.span, message, say!("no such field")));
            }
            (Some(field), None, _) => field,
            (None, None, Function::First | Function::Last) => {
                let message = say!("`{name}({event})` returns a whole event", name, event);
                let finding =
                    Diagnostic::new(Code::TypeMismatch, written.event.span, message, say!("not a single value"));
                return self.fail(finding.help(say!("select a field: `{name}({event}).at`", name, event)));
            }
            (None, None, Function::Sum | Function::Avg | Function::Min | Function::Max) => {
                let message = say!("`{name}` needs a field", name);
                let finding = Diagnostic::new(Code::TypeMismatch, written.event.span, message, say!("which field?"));
                return self.fail(finding.help(say!("specify the field: `{name}({event}.amount)`", name, event)));
            }
        };
        self.picked_field(function, event, field).map(Some)
    }

    fn picked_field(&mut self, function: Function, event: &str, field: &ast::Name) -> Option<Picked> {
        if self.decl.broken_fields.contains(&(event.to_owned(), field.node.clone())) {
            return self.poison();
        }
        let declared = self.fields(event).and_then(|fields| fields.get(&field.node)).cloned();
        let picked = match declared {
            Some(declared) => {
                self.record_field(event, &field.node, field.span, Role::Uses);
                Picked::Field(Box::new(FieldRead {
                    source: Source::Event(event.to_owned()),
                    name: field.node.clone(),
                    ty: declared.ty,
                    later: declared.later.map(|later| later.read_by(event)),
                }))
            }
            None if field.node == "at" => {
                self.record_builtin(BuiltinKind::Special, field);
                Picked::At
            }
            None => {
                let finding = self.unknown_field(event, &field.node, field.span);
                return self.fail(finding);
            }
        };
        let ty = picked.ty().clone();
        let fits = match function {
            Function::Sum | Function::Avg => matches!(ty, Type::Number | Type::Money | Type::Duration),
            Function::Min | Function::Max => {
                matches!(ty, Type::Number | Type::Money | Type::Duration | Type::Date | Type::DateTime | Type::Time)
            }
            Function::First | Function::Last | Function::Any | Function::None | Function::Count => true,
        };
        if fits {
            return Some(picked);
        }
        let message =
            say!("`{function}` cannot be applied to {what}", function = function.name(), what = type_name(&ty));
        let finding =
            Diagnostic::new(Code::WrongOperands, field.span, message, say!("is {what}", what = type_name(&ty)));
        let condition = meant_by(&field.node, &ty).unwrap_or_else(|| format!("{} == ..", field.node));
        self.fail(finding.help(say!("use a count instead: `count({event} where {condition})`", event, condition)))
    }
}

/// The condition that somebody means by the mere name of a field; `None` if any value will do.
fn meant_by(field: &str, ty: &Type) -> Option<String> {
    match ty {
        Type::Bool => Some(field.to_owned()),
        Type::Literals(texts) => Some(format!("{field} == \"{}\"", texts.first().map_or("..", String::as_str))),
        Type::List(_) => Some(format!("{field} contains \"..\"")),
        Type::Text
        | Type::Phone
        | Type::Email
        | Type::Url
        | Type::Number
        | Type::Money
        | Type::Date
        | Type::Anniversary
        | Type::Time
        | Type::DateTime
        | Type::Duration => None,
    }
}

/// Whether the result is an amount.
pub(super) fn returns_money(history: &History) -> bool {
    kind(history.function, history.query.field.as_ref()).0 == Type::Money
}

/// The result type of a function, and whether it may be missing.
fn kind(function: Function, field: Option<&Picked>) -> (Type, Missing) {
    let of_field = field.map_or(Type::Number, |field| field.ty().clone());
    match function {
        Function::Any | Function::None => (Type::Bool, Missing::Never),
        Function::Count => (Type::Number, Missing::Never),
        Function::Sum => (of_field, Missing::Never),
        Function::Avg | Function::Min | Function::Max | Function::First | Function::Last => {
            (of_field, Missing::Optional)
        }
    }
}

/// A hash of the meaning of a query: a different constant in its filter makes it a different query.
fn id_of(event: &str, field: Option<&Picked>, filter: Option<&Expr>) -> QueryId {
    // Plain data with string keys always serializes.
    let text = serde_json::to_string(&(event, field, filter)).unwrap_or_default();
    QueryId(format!("{event}-{}", hex(&Sha256::digest(text), 12)))
}
