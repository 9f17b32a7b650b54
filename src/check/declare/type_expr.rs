//! Type expressions. In: a type as written. Out: the type, and whether it is optional.

use crate::check::checker::{Checker, unknown};
use crate::check::symbol::BuiltinKind;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Type;

impl Checker<'_> {
    /// Resolves a type, and returns whether it ends in `?`.
    pub(in crate::check) fn type_of(&mut self, written: &ast::TypeExpr) -> Option<(Type, bool)> {
        let ty = match written.atoms.as_slice() {
            [ast::TypeAtom::Name(name)] => self.named_type(name)?,
            [ast::TypeAtom::List(of, span)] => self.list_type(of, *span)?,
            [ast::TypeAtom::Error(_)] | [] => return self.poison(),
            atoms => self.union_type(atoms)?,
        };
        Some((ty, written.optional))
    }

    fn named_type(&mut self, name: &ast::Name) -> Option<Type> {
        if let Some((_, ty)) = Type::NAMES.iter().find(|(known, _)| *known == name.node) {
            self.record_builtin(BuiltinKind::Type, name);
            return Some(ty.clone());
        }
        let message = say!("unknown type `{name}`", name = name.node);
        let known = Type::NAMES.iter().map(|(known, _)| *known).chain(["list"]);
        let finding = unknown(Code::UnknownType, name.span, &name.node, message, known);
        let finding = if finding.help.is_empty() {
            let names: Vec<&str> = Type::NAMES.iter().map(|(known, _)| *known).collect();
            finding.help(say!("available types: {names} and list<..>", names = names.join(", ")))
        } else {
            finding
        };
        self.fail(finding)
    }

    fn list_type(&mut self, of: &ast::TypeExpr, span: Span) -> Option<Type> {
        let (inner, optional) = self.type_of(of)?;
        if optional {
            let message = say!("list items cannot be optional");
            let finding = Diagnostic::new(Code::UnknownType, of.span, message, say!("`?` inside a list"));
            return self.fail(
                finding.help(say!(
                    "write `list<{inner}>?` when the list itself may be missing",
                    inner = inner.to_string()
                )),
            );
        }
        self.reject_anniversary(&inner, of.span)?;
        if matches!(inner, Type::List(_)) {
            let finding =
                Diagnostic::new(Code::UnknownType, span, say!("a list cannot contain lists"), say!("a list of lists"));
            return self.fail(finding);
        }
        Some(Type::List(Box::new(inner)))
    }

    /// Reports an anniversary that is not a field of the client.
    pub(super) fn reject_anniversary(&mut self, ty: &Type, span: Span) -> Option<()> {
        if *ty != Type::Anniversary {
            return Some(());
        }
        let message = say!("only a field of the client can be an anniversary");
        let finding = Diagnostic::new(Code::UnknownType, span, message, say!("not a field of the client"));
        self.fail(finding.help(say!("write `date`, or declare the field in `client {{ .. }}`")))
    }

    fn union_type(&mut self, atoms: &[ast::TypeAtom]) -> Option<Type> {
        let mut texts: Vec<String> = Vec::new();
        for atom in atoms {
            match atom {
                ast::TypeAtom::Literal(text) => texts.push(self.literal(text)?),
                ast::TypeAtom::Error(_) => return self.poison(),
                ast::TypeAtom::Name(ast::Name { span, .. }) | ast::TypeAtom::List(_, span) => {
                    let message = say!("only strings can be combined with `|` in a type");
                    let finding = Diagnostic::new(Code::UnknownType, *span, message, say!("not a text"));
                    return self.fail(finding.help(say!("use strings, `\"new\" | \"paid\"`, or a single type")));
                }
            }
        }
        Some(Type::Literals(texts))
    }
}
