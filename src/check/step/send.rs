//! Sends. In: `send` as written, and its scope. Out: channel, content and recipient.

use crate::check::checker::Checker;
use crate::check::expr::wrong_address;
use crate::check::prelude::CHANNELS;
use crate::check::program::{Expr, FieldRead, Send, Source};
use crate::check::scope::Scope;
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use crate::syntax::ast;
use crate::value::{Type, json};

impl Checker<'_> {
    /// `send sms thanks to client.phone`, without its `else`.
    pub(in crate::check) fn send(&mut self, scope: &Scope, send: &ast::Send) -> Option<Send> {
        let Some(channel) = self.channel(&send.channel) else {
            // Without a channel only the recipient can be checked.
            if let Some(to) = &send.to {
                self.expr(scope, to);
            }
            if let Some(before) = &send.before {
                self.latest(scope, before);
            }
            return None;
        };
        self.warn_channel_not_set_up(&send.channel, channel);
        let content = match &send.body {
            None => {
                let default = self.default_template(scope, channel, send.channel.span);
                default.map(|(name, content)| (Some(name), content))
            }
            Some(ast::Body::Template(name)) => {
                let content = self.template(scope, channel, name);
                if let Some(content) = &content {
                    self.warn_clock_of_template(content, name.span);
                }
                content.map(|content| (Some(name.node.clone()), content))
            }
            Some(body) => self.content(scope, channel, body).map(|content| (None, content)),
        };
        let to = match &send.to {
            Some(to) => self.recipient(scope, channel, to),
            None => self.address(channel),
        };
        let before = send.before.as_ref().map(|before| self.latest(scope, before));
        let (template, content) = content?;
        Some(Send {
            channel: channel.to_owned(),
            template,
            content,
            to: to?,
            before: before.map_or(Some(None), |before| before.map(Some))?,
        })
    }

    /// The moment after `before`.
    fn latest(&mut self, scope: &Scope, written: &ast::Expr) -> Option<Expr> {
        let typed = self.value(scope, written)?;
        if typed.ty == Type::Date {
            self.reject_first_day(&typed.expr, written.span)?;
            self.needs_zone(written.span, say!("the start of a day"));
            return Some(typed.expr);
        }
        if typed.ty == Type::DateTime {
            return Some(typed.expr);
        }
        let message = say!("`before` expects a moment, found {what}", what = type_name(&typed.ty));
        let finding =
            Diagnostic::new(Code::TypeMismatch, written.span, message, say!("is {what}", what = type_name(&typed.ty)));
        self.fail(finding.help(say!("write a date and time, or a field such as `booking.starts_at`")))
    }

    /// Warns about a channel that is not set up in a project that sets up others: messages are only printed.
    fn warn_channel_not_set_up(&mut self, written: &ast::Name, channel: &str) {
        let missed = self.context.channels.as_ref().is_some_and(|set_up| !set_up.contains(channel));
        if missed && written.node == channel {
            let message = say!(
                "channel `{channel}` is not configured in the project, so its messages are printed, not sent",
                channel
            );
            let mut finding = Diagnostic::new(Code::UnknownChannel, written.span, message, say!("printed, not sent"));
            finding.severity = Severity::Warning;
            let table = format!("[channels.{channel}]");
            self.report(
                finding
                    .help(say!("configure it in funnel.toml under `{table}`", table))
                    .help(say!("or write `provider = \"console\"` under `{table}` if this is intended", table)),
            );
        }
    }

    /// The recipient as written. If it is missing at run time, the message is not sent.
    fn recipient(&mut self, scope: &Scope, channel: &str, to: &ast::Expr) -> Option<Expr> {
        let typed = self.expr(scope, to)?;
        let wanted = address_type(channel);
        let fits = match &typed.ty {
            // A literal is read as an address below. Any other text may be anything, such as a name.
            Type::Text => wanted == Type::Text || typed.literal_text().is_some(),
            Type::Literals(texts) => wanted == Type::Text || texts.iter().all(|text| is_address(text, &wanted)),
            ty => *ty == wanted,
        };
        if let Some(text) = typed.literal_text().filter(|_| fits && wanted != Type::Text)
            && !is_address(text, &wanted)
        {
            let finding = wrong_address(&wanted, text, to.span);
            return self.fail(finding);
        }
        if fits {
            return Some(typed.expr);
        }
        let message = say!(
            "the recipient of `{channel}` must be {what}, found {other}",
            channel,
            what = type_name(&wanted),
            other = type_name(&typed.ty)
        );
        let finding =
            Diagnostic::new(Code::TypeMismatch, to.span, message, say!("is {what}", what = type_name(&typed.ty)));
        let is_text_field = matches!(typed.expr, Expr::Field(_)) && matches!(typed.ty, Type::Text | Type::Literals(_));
        let finding = if is_text_field {
            finding.help(say!("declare the field as `{ty}` if it has an address", ty = wanted.to_string()))
        } else {
            finding
        };
        self.fail(finding)
    }

    /// The client's own address for a channel.
    fn address(&self, channel: &str) -> Option<Expr> {
        let (_, field) = CHANNELS.iter().find(|(name, _)| *name == channel)?;
        let declared = self.decl.catalog.client.get(*field)?;
        Some(Expr::Field(FieldRead {
            source: Source::Client,
            name: (*field).to_owned(),
            ty: declared.ty.clone(),
            later: None,
        }))
    }
}

fn address_type(channel: &str) -> Type {
    match channel {
        "email" => Type::Email,
        "telegram" => Type::Text,
        _ => Type::Phone,
    }
}

/// Whether a text is an address of this type.
fn is_address(text: &str, wanted: &Type) -> bool {
    json::read(&text.into(), wanted, json::Locale::default()).is_ok()
}
