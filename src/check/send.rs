//! Sends. In: `send` as written and what is in scope. Out: channel, content and recipient.

use super::checker::Checker;
use super::names::Scope;
use super::prelude::CHANNELS;
use super::program::{Expr, FieldRead, Send, Source};
use super::types::a;
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast;
use crate::value::Type;

impl Checker<'_> {
    /// `send sms thanks to client.phone`, without its `else`.
    pub(super) fn send(&mut self, scope: &Scope, send: &ast::Send) -> Option<Send> {
        let channel = self.channel(&send.channel);
        if channel.is_none() {
            // Without a channel the body cannot be judged, the recipient only as an expression.
            if let Some(to) = &send.to {
                self.expr(scope, to);
            }
            return None;
        }
        self.configured(&send.channel);
        let content = match &send.body {
            None => self.default_template(scope, &send.channel).map(|(name, content)| (Some(name), content)),
            Some(ast::Body::Template(name)) => {
                self.template(scope, &send.channel, name).map(|content| (Some(name.node.clone()), content))
            }
            Some(body) => self.content(scope, &send.channel, body).map(|content| (None, content)),
        };
        let to = match &send.to {
            Some(to) => self.recipient(scope, &send.channel, to),
            None => self.address(&send.channel.node),
        };
        let (template, content) = content?;
        Some(Send { channel: send.channel.node.clone(), template, content, to: to? })
    }

    fn configured(&mut self, channel: &ast::Name) {
        let missed = self.context.channels.as_ref().is_some_and(|set_up| !set_up.contains(&channel.node));
        if missed {
            let message = format!("the project has no channel `{}`", channel.node);
            let finding = Diagnostic::new(Code::UnknownChannel, channel.span, message, "not set up");
            self.report(finding.help(format!("set it up in funnel.toml under `[channels.{}]`", channel.node)));
        }
    }

    /// An address written in the send; it may be missing when the message is sent, which then is not.
    fn recipient(&mut self, scope: &Scope, channel: &ast::Name, to: &ast::Expr) -> Option<Expr> {
        let typed = self.expr(scope, to)?;
        let wanted = address_type(&channel.node);
        let fits = match &typed.ty {
            Type::Text | Type::Literals(_) => true,
            ty => *ty == wanted,
        };
        if fits {
            return Some(typed.expr);
        }
        let message = format!("{} is sent to {}, and this is {}", channel.node, a(&wanted), a(&typed.ty));
        self.fail(Diagnostic::new(Code::TypeMismatch, to.span, message, format!("is {}", a(&typed.ty))))
    }

    /// The client's own address for a channel.
    fn address(&self, channel: &str) -> Option<Expr> {
        let (_, field) = CHANNELS.iter().find(|(name, _)| *name == channel)?;
        let declared = self.catalog.client.get(*field)?;
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
