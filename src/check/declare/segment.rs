//! Segments. In: `segment` declarations. Out: named conditions on a client, each checked once.

use crate::check::checker::{Checker, duplicate, listed, unknown};
use crate::check::declarations::{CheckedSegment, Lazy, State};
use crate::check::prelude::RESERVED;
use crate::check::program::{self};
use crate::check::scope::{ExprContext, Scope};
use crate::check::symbol::Symbol;
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;

impl<'a> Checker<'a> {
    /// Declares a segment; its condition is checked once all are declared.
    pub(super) fn declare_segment(&mut self, name: &'a ast::Name, condition: &'a ast::Expr) {
        if RESERVED.contains(&name.node.as_str()) {
            let message = say!("`{name}` is a reserved name", name = name.node);
            let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("reserved"));
            self.report(finding.help(say!("rename the segment")));
        } else if let Some(first) = self.decl.segments.get(&name.node) {
            let finding = duplicate(say!("segment"), name, first.span);
            self.report(finding);
        } else {
            self.decl_mut().segments.insert(name.node.clone(), Lazy::new(name, condition));
        }
    }

    /// Checks every segment, used or not.
    pub(super) fn check_segments(&mut self) {
        let names: Vec<(String, Span)> = self.decl.segments.iter().map(|(n, s)| (n.clone(), s.span)).collect();
        for (name, span) in names {
            self.segment(&name, span);
        }
    }

    /// `client in vip`
    pub(in crate::check) fn member_of(&mut self, left: &ast::Expr, segment: &ast::Name) -> Option<Typed> {
        let name = &segment.node;
        if !matches!(&left.kind, ast::ExprKind::Name(name) if name == "client") {
            let message = say!("only the client can be in the segment `{name}`", name);
            let finding = Diagnostic::new(Code::WrongOperands, left.span, message, say!("not the client"));
            return self.fail(finding.help(say!("write `client in {name}`", name)));
        }
        self.record_use(left.span, || Symbol::Client);
        if self.decl.funnels.contains_key(name) && !self.decl.segments.contains_key(name) {
            let message = say!("`{name}` is a funnel, not a segment", name);
            let finding = Diagnostic::new(Code::UnknownSegment, segment.span, message, say!("not a segment"));
            let right = format!("client is in {name}");
            let title = say!("change it to `{right}`", right = &right);
            let finding = finding.help(say!("write `{right}`", right = &right));
            return self.fail(finding.fix(title, left.span.to(segment.span), right));
        }
        let segment = self.named_segment(segment)?;
        Some(Typed { expr: segment.condition, ty: Type::Bool, missing: Missing::Never, constant: false })
    }

    /// The segment that a name refers to; `None` if it is unknown or has an error.
    pub(in crate::check) fn named_segment(&mut self, name: &ast::Name) -> Option<program::Segment> {
        if self.decl.segments.contains_key(&name.node) {
            self.record_use(name.span, || Symbol::Segment(name.node.clone()));
            return self.segment(&name.node, name.span);
        }
        let message = say!("unknown segment `{name}`", name = name.node);
        let known: Vec<String> = self.decl.segments.keys().cloned().collect();
        let known = || known.iter().map(String::as_str);
        let finding = unknown(Code::UnknownSegment, name.span, &name.node, message, known());
        let finding = if ["all", "everyone", "everybody", "clients", "all_clients"].contains(&name.node.as_str()) {
            finding.help(say!("for every client, leave out `for {name}`", name = name.node))
        } else if self.decl.catalog.events.contains_key(&name.node) {
            finding.help(say!(
                "`{name}` is an event, not a segment: declare `segment had_{name} = any({name})`",
                name = name.node
            ))
        } else if self.decl.funnels.contains_key(&name.node) {
            finding.help(say!(
                "`{name}` is a funnel, not a segment: declare `segment in_{name} = client is in {name}`",
                name = name.node
            ))
        } else {
            finding
        };
        let finding = match (finding.help.is_empty(), known().next()) {
            (true, Some(_)) => finding.help(say!("available segments: {names}", names = listed(known()))),
            (true, None) => {
                finding.help(say!("declare it: `segment {name} = client.city == \"..\"`", name = name.node))
            }
            (false, _) => finding,
        };
        self.fail(finding)
    }

    fn segment(&mut self, name: &str, span: Span) -> Option<program::Segment> {
        let declared = self.decl.segments.get(name)?;
        let (own, result) = (declared.span, declared.result().cloned());
        if own != span {
            self.used.insert(own);
        }
        let state = match result {
            Some(checked) => State::Done(checked),
            None => self.decl_mut().segments.get_mut(name)?.start(),
        };
        let checked = match state {
            State::Done(checked) => checked,
            State::InProgress => {
                let message = say!("segment `{name}` is defined in terms of itself", name);
                return self.fail(Diagnostic::new(Code::NotConstant, span, message, say!("circular reference")));
            }
            State::Unchecked(condition) => {
                let scope = Scope::empty(ExprContext::Segment);
                let (result, passed, zone_use) = self.isolated(|checker| {
                    checker.limit_open_names(own)?;
                    let condition = checker.condition(&scope, condition)?;
                    checker.limit_depth(&condition, own)?;
                    Some(condition)
                });
                let checked = result.filter(|_| passed).map(|condition| CheckedSegment { condition, zone_use });
                if let Some(declared) = self.decl_mut().segments.get_mut(name) {
                    declared.state = State::Done(checked.clone());
                }
                checked
            }
        };
        let Some(CheckedSegment { condition, zone_use }) = checked else { return self.poison() };
        if let Some(zone_use) = zone_use {
            self.needs_zone(span, zone_use.what.clone());
        }
        Some(program::Segment { name: name.to_owned(), condition })
    }
}
