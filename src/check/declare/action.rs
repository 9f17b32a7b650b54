//! Action declarations. In: `action` items. Out: each action with its parameters.

use crate::check::checker::{Checker, duplicate};
use crate::check::declarations::{Action, Param};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// Declares an action: `action sync_crm(phone: phone, stage: text?)`.
    pub(super) fn declare_action(&mut self, name: &ast::Name, params: &[ast::Param]) {
        let (params, passed, _) = self.isolated(|checker| checker.params(params));
        if let Some(first) = self.decl.actions.get(&name.node) {
            let finding = duplicate(say!("action"), name, first.span);
            return self.report(finding);
        }
        self.decl_mut()
            .actions
            .insert(name.node.clone(), Action { span: name.span, params: Some(params).filter(|_| passed) });
    }

    fn params(&mut self, written: &[ast::Param]) -> Vec<Param> {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        let mut params = Vec::new();
        for param in written {
            if let Some(first) = seen.insert(&param.name.node, param.name.span) {
                self.report(duplicate(say!("parameter"), &param.name, first));
            }
            let declared = self.type_of(&param.ty);
            if let Some((ty, _)) = &declared
                && self.reject_anniversary(ty, param.ty.span).is_none()
            {
                continue;
            }
            params.extend(declared.map(|(ty, optional)| Param { name: param.name.node.clone(), ty, optional }));
        }
        params
    }
}
