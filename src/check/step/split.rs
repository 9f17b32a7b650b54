//! `split`. In: the shares and paths as written. Out: checked paths whose shares add up.

use super::goto::Labels;
use super::{At, CheckedElement, Flow};
use crate::check::checker::Checker;
use crate::check::program::{Element, Share};
use crate::check::scope::join;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Decimal;

impl Checker<'_> {
    /// `split "name" { case 50% -> .. otherwise -> .. }`
    pub(super) fn split(
        &mut self,
        at: At<'_>,
        name: Option<&ast::Text>,
        cases: &[ast::SplitCase],
        otherwise: Option<&ast::Chain>,
    ) -> CheckedElement {
        let name = name.map(|text| self.split_name(at.labels, text));
        self.check_shares(cases, otherwise, at.head);
        let mut end = None;
        let mut path = |checker: &mut Self, chain: &ast::Chain| {
            let path = checker.chain(at.scope, at.labels, &chain.steps);
            end = join(end.take(), path.end);
            path.steps
        };
        let shares =
            cases.iter().map(|case| Share { percent: case.percent.node, chain: path(self, &case.chain) }).collect();
        let otherwise = otherwise.map_or_else(Vec::new, |chain| path(self, chain));
        let name_is_wrong = matches!(name, Some(None));
        let element = (!name_is_wrong).then(|| Element::Split { name: name.flatten(), shares, otherwise });
        (element, Flow::to(end))
    }

    fn split_name(&mut self, labels: &mut Labels, text: &ast::Text) -> Option<String> {
        let name = self.literal(text)?;
        if let Some(first) = labels.splits.get(&name) {
            let message = say!("duplicate `split` named `{name}`: both would select the same clients", name);
            let finding = Diagnostic::new(Code::Duplicate, text.span, message, say!("repeated here"));
            return self.fail(finding.related(*first, say!("first used here")).help(say!("rename one of them")));
        }
        labels.splits.insert(name.clone(), text.span);
        Some(name)
    }

    /// Reports shares that do not add up to all clients.
    fn check_shares(&mut self, cases: &[ast::SplitCase], otherwise: Option<&ast::Chain>, head: Span) {
        if cases.is_empty() {
            let finding =
                Diagnostic::new(Code::NothingToDo, head, say!("this `split` has no `case`"), say!("has no effect"));
            return self.report(finding.help(say!("add cases: `split {{ case 50% -> .. case 50% -> .. }}`")));
        }
        for case in cases.iter().filter(|case| case.percent.node.is_zero()) {
            let finding =
                Diagnostic::new(Code::Unreachable, case.percent.span, say!("this is unreachable"), say!("zero share"));
            self.report(finding.help(say!("remove the case, or give it a share")));
        }
        let total = cases.iter().fold(Decimal::ZERO, |sum, case| sum + case.percent.node);
        let message = say!("the shares of this `split` add up to {total}%", total = total.normalize());
        let finding = |label| Diagnostic::new(Code::SharesNot100, head, message.clone(), label);
        if total > Decimal::ONE_HUNDRED {
            let over = (total - Decimal::ONE_HUNDRED).normalize();
            self.report(finding(say!("more than 100%")).help(say!("reduce the total by {over}%", over)));
        } else if total < Decimal::ONE_HUNDRED && otherwise.is_none() {
            let rest = (Decimal::ONE_HUNDRED - total).normalize();
            let help =
                say!("add a branch for the other {rest}%: `otherwise -> ..`, or make the shares add up to 100%", rest);
            self.report(finding(say!("less than 100%")).help(help));
        } else if let (true, Some(chain)) = (total == Decimal::ONE_HUNDRED, otherwise) {
            let finding = Diagnostic::new(
                Code::Unreachable,
                chain.span,
                say!("this is unreachable"),
                say!("the shares already add up to 100%"),
            );
            self.report(finding.help(say!("remove `otherwise`, or make a share smaller")));
        }
    }
}
