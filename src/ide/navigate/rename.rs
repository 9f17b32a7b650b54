//! Rename. In: a position on a name, and the new name. Out: the edits in every file, or why it cannot be renamed. The
//! new sources are compiled first: every name in them must still refer to the same symbol.

use super::edit_map::EditMap;
use super::project_file;
use crate::check::{Reference, Role, Symbol};
use crate::diagnostic::{Diagnostic, Edit, Phrase};
use crate::ide::view::{Place, View};
use crate::say;
use crate::source::{FileId, Span};
use crate::syntax;
use std::collections::{BTreeMap, BTreeSet};

/// What is renamed.
struct Subject {
    /// The symbols, including those that can only be renamed together.
    named: Vec<Symbol>,
    mentions: Vec<Reference>,
    /// The name at the position.
    span: Span,
    /// The old name.
    old: String,
}

impl View<'_> {
    /// Returns the name at a position if it can be renamed.
    ///
    /// # Errors
    /// Says why it cannot.
    pub fn prepare_rename(&self, place: Place) -> Result<Span, Phrase> {
        self.subject(place).map(|subject| subject.span)
    }

    /// Returns the edits that rename the symbol at a position.
    ///
    /// # Errors
    /// Says why it cannot have this name.
    pub fn rename(&self, place: Place, to: &str) -> Result<Vec<Edit>, Phrase> {
        let subject = self.subject(place)?;
        if !syntax::is_name(to) {
            return Err(say!("`{to}` is not a valid name", to));
        }
        if to != subject.old
            && let Some(usual) = subject.named.iter().find_map(|named| self.default_template(named, to))
        {
            return Err(say!("`{name}` is the template that `send` uses when none is named", name = usual));
        }
        let spans: BTreeSet<Span> = subject.mentions.iter().map(|mention| mention.span).collect();
        let settings = self.in_project_file(&subject);
        let edits: Vec<Edit> =
            spans.into_iter().chain(settings).map(|span| Edit { span, text: to.to_owned() }).collect();
        if to != subject.old {
            self.reject_taken(&subject, to)?;
            self.verify(&subject, to, &edits)?;
        }
        Ok(edits)
    }

    /// The name of the channel's default template, if that is the new name.
    fn default_template(&self, named: &Symbol, to: &str) -> Option<&str> {
        let Symbol::Template { channel, .. } = named else { return None };
        let given = self.context.default_templates.get(channel);
        Some(given.map_or("default", String::as_str)).filter(|usual| *usual == to)
    }

    fn subject(&self, place: Place) -> Result<Subject, Phrase> {
        let Some((span, named)) = self.named_at(place) else { return Err(say!("this cannot be renamed")) };
        let old = self.sources.slice(span).to_owned();
        let (named, mentions) = self.linked_names(named);
        let given = |named: &Symbol| matches!(named, Symbol::Client | Symbol::Business | Symbol::Builtin(..));
        if named.iter().any(given) {
            return Err(say!("`{name}` is a reserved name", name = old));
        }
        for one in &named {
            let places = self.declarations(std::slice::from_ref(one));
            if places.is_empty() || places.iter().any(|place| self.is_prelude(place.file)) {
                return Err(say!("`{name}` is built in and cannot be renamed", name = old));
            }
            if places.iter().any(|place| self.sources.slice(*place) != old) {
                return Err(say!("funnel `{name}` is named after its file", name = old));
            }
        }
        Ok(Subject { named, mentions, span, old })
    }

    /// The occurrences in the project file.
    fn in_project_file(&self, subject: &Subject) -> Vec<Span> {
        let Some(file) = self.project_file else { return Vec::new() };
        let mut spans = BTreeSet::new();
        for named in &subject.named {
            if let Symbol::Field { of, .. } = named
                && of == "business"
            {
                let places = self.declarations(std::slice::from_ref(named));
                spans.extend(places.into_iter().filter(|span| self.sources.slice(*span) == subject.old));
            }
            let places = project_file::named(self.text(file), named);
            spans.extend(places.into_iter().map(|(start, end)| Span::new(file, start, end)));
        }
        spans.into_iter().collect()
    }

    /// Rejects a name that something else of the same kind has. Two declarations of one event or of the client's fields
    /// are no error, so without this they would silently become one.
    fn reject_taken(&self, subject: &Subject, to: &str) -> Result<(), Phrase> {
        let map = EditMap::new(&[]);
        let taken = |named: &Symbol| {
            let other = self.renamed(named.clone(), std::slice::from_ref(named), to, &map);
            other != *named && !self.declarations(&[other]).is_empty()
        };
        if subject.named.iter().any(taken) {
            return Err(say!("renaming to `{to}` would change what a name refers to", to));
        }
        Ok(())
    }

    /// Compiles the new sources and compares what their names refer to.
    fn verify(&self, subject: &Subject, to: &str, edits: &[Edit]) -> Result<(), Phrase> {
        let map = EditMap::new(edits);
        let conflict = || say!("renaming to `{to}` would change what a name refers to", to);
        let (mut sources, mut incremental) = (self.sources.clone(), self.incremental.clone());
        let touched: BTreeSet<FileId> = edits.iter().map(|edit| edit.span.file).collect();
        for file in touched {
            let attached: Vec<_> =
                self.sources.includes(file).map(|(span, attached)| (map.span(span), attached.clone())).collect();
            sources.replace(file, map.text(file, self.text(file)));
            attached.into_iter().for_each(|(span, attached)| sources.set_include(span, attached));
        }
        let mut context = self.context.clone();
        for named in &subject.named {
            renamed_in(&mut context, named, to);
        }
        let compiled = incremental.compile(&mut sources, self.files, &context);
        if errors(&compiled.diagnostics) != errors(&self.compiled.diagnostics) {
            return Err(conflict());
        }
        let after = View::new(&sources, &incremental, self.files, &compiled, &context);
        let moved = |mention: Reference| Reference {
            span: map.span(mention.span),
            symbol: self.renamed(mention.symbol, &subject.named, to, &map),
            role: mention.role,
        };
        let expected: BTreeSet<Reference> = self.all_mentions().into_iter().map(moved).collect();
        let found: BTreeSet<Reference> = after.all_mentions().into_iter().collect();
        if expected == found { Ok(()) } else { Err(conflict()) }
    }

    fn all_mentions(&self) -> Vec<Reference> {
        let is_in_text = |mention: &Reference| mention.role != Role::Declares || self.is_word(mention);
        self.all_notes().flat_map(|notes| notes.references.clone()).filter(is_in_text).collect()
    }

    /// Renames a symbol if it is one of those being renamed.
    fn renamed(&self, named: Symbol, subject: &[Symbol], to: &str, map: &EditMap<'_>) -> Symbol {
        let other = |name: &str, is: Symbol| if subject.contains(&is) { to.to_owned() } else { name.to_owned() };
        match named {
            Symbol::Field { of, name } => {
                let field = Symbol::Field { of: of.clone(), name: name.clone() };
                let name = other(&name, field);
                Symbol::Field { of: other(&of, Symbol::Event(of.clone())), name }
            }
            Symbol::Param { action, name } => {
                let param = Symbol::Param { action: action.clone(), name: name.clone() };
                let name = other(&name, param);
                Symbol::Param { action: other(&action, Symbol::Action(action.clone())), name }
            }
            Symbol::Event(name) => Symbol::Event(other(&name, Symbol::Event(name.clone()))),
            Symbol::Constant(name) => Symbol::Constant(other(&name, Symbol::Constant(name.clone()))),
            Symbol::Segment(name) => Symbol::Segment(other(&name, Symbol::Segment(name.clone()))),
            Symbol::Action(name) => Symbol::Action(other(&name, Symbol::Action(name.clone()))),
            Symbol::Funnel(name) => Symbol::Funnel(other(&name, Symbol::Funnel(name.clone()))),
            Symbol::Template { channel, name } => {
                let template = Symbol::Template { channel: channel.clone(), name: name.clone() };
                Symbol::Template { name: other(&name, template), channel }
            }
            Symbol::Label { funnel, name } => {
                let label = Symbol::Label { funnel, name: name.clone() };
                Symbol::Label { funnel: map.span(funnel), name: other(&name, label) }
            }
            Symbol::Alias(span) => Symbol::Alias(map.span(span)),
            Symbol::Client | Symbol::Business | Symbol::Builtin(..) => named,
        }
    }
}

/// The number of errors by code.
fn errors(found: &[Diagnostic]) -> BTreeMap<crate::diagnostic::Code, usize> {
    let mut errors = BTreeMap::new();
    for finding in found.iter().filter(|finding| finding.is_error()) {
        *errors.entry(finding.code).or_insert(0) += 1;
    }
    errors
}

/// Renames a symbol in the project context.
fn renamed_in(context: &mut crate::check::Context, named: &Symbol, to: &str) {
    match named {
        Symbol::Action(name) => {
            if let Some(actions) = &mut context.actions
                && actions.remove(name)
            {
                actions.insert(to.to_owned());
            }
        }
        Symbol::Template { channel, name } => {
            let default = context.default_templates.get_mut(channel).filter(|default| *default == name);
            default.into_iter().for_each(|default| to.clone_into(default));
        }
        Symbol::Field { of, name } if of == "business" => {
            if let Some(field) = context.business.remove(name) {
                context.business.insert(to.to_owned(), field);
            }
            if let Some(value) = context.messages.business.remove(name) {
                context.messages.business.insert(to.to_owned(), value);
            }
        }
        _ => {}
    }
}
