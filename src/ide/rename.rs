//! Other names for things. In: a place on a name, and the new name. Out: the edits in every file, or why there are none. The
//! new texts are compiled before they are offered: every name in them must stand for what it stood for.

use super::shift::Shift;
use super::view::{Place, View};
use crate::check::{Mention, Named, Role};
use crate::diagnostic::{Diagnostic, Edit, Phrase};
use crate::say;
use crate::source::{FileId, Span};
use crate::syntax;
use std::collections::{BTreeMap, BTreeSet};

/// What is to get another name.
struct Subject {
    /// What has the name, with all that cannot have another alone.
    named: Vec<Named>,
    mentions: Vec<Mention>,
    /// The name at the place.
    span: Span,
    /// The name now.
    old: String,
}

impl View<'_> {
    /// The name at a place that can be changed.
    ///
    /// # Errors
    /// Says why it cannot.
    pub fn prepare_rename(&self, place: Place) -> Result<Span, Phrase> {
        self.subject(place).map(|subject| subject.span)
    }

    /// The edits that give the thing at a place another name.
    ///
    /// # Errors
    /// Says why it cannot have this name.
    pub fn rename(&self, place: Place, to: &str) -> Result<Vec<Edit>, Phrase> {
        let subject = self.subject(place)?;
        if !syntax::is_name(to) {
            return Err(say!("`{to}` is not a name", to));
        }
        if to != subject.old
            && let Some(usual) = subject.named.iter().find_map(|named| self.usual(named, to))
        {
            return Err(say!("`{name}` is what a `send` without a name sends", name = usual));
        }
        let spans: BTreeSet<Span> = subject.mentions.iter().map(|mention| mention.span).collect();
        let settings = self.in_project_file(&subject);
        let edits: Vec<Edit> =
            spans.into_iter().chain(settings).map(|span| Edit { span, text: to.to_owned() }).collect();
        if to != subject.old {
            self.tried(&subject, to, &edits)?;
        }
        Ok(edits)
    }

    /// The name of the template that a bare `send` sends, where another template would get it.
    fn usual(&self, named: &Named, to: &str) -> Option<&str> {
        let Named::Template { channel, .. } = named else { return None };
        let given = self.context.default_templates.get(channel);
        Some(given.map_or("default", String::as_str)).filter(|usual| *usual == to)
    }

    fn subject(&self, place: Place) -> Result<Subject, Phrase> {
        let Some((span, named)) = self.named_at(place) else { return Err(say!("nothing here has a name")) };
        let old = self.sources.slice(span).to_owned();
        let (named, mentions) = self.together(named);
        let given = |named: &Named| matches!(named, Named::Client | Named::Business | Named::Word(..));
        if named.iter().any(given) {
            return Err(say!("`{name}` is a name of the language", name = old));
        }
        for one in &named {
            let places = self.declarations(std::slice::from_ref(one));
            if places.is_empty() || places.iter().any(|place| self.is_prelude(place.file)) {
                return Err(say!("`{name}` comes with the language and keeps its name", name = old));
            }
            if places.iter().any(|place| self.sources.slice(*place) != old) {
                return Err(say!("the funnel `{name}` is called like its file", name = old));
            }
        }
        Ok(Subject { named, mentions, span, old })
    }

    /// Where the project file has the name.
    fn in_project_file(&self, subject: &Subject) -> Vec<Span> {
        let Some(file) = self.project_file else { return Vec::new() };
        let mut spans = BTreeSet::new();
        for named in &subject.named {
            if let Named::Field { of, .. } = named
                && of == "business"
            {
                let places = self.declarations(std::slice::from_ref(named));
                spans.extend(places.into_iter().filter(|span| self.sources.slice(*span) == subject.old));
            }
            let places = super::setting::named(self.text(file), named);
            spans.extend(places.into_iter().map(|(start, end)| Span::new(file, start, end)));
        }
        spans.into_iter().collect()
    }

    /// Compiles the new texts and compares what their names stand for.
    fn tried(&self, subject: &Subject, to: &str, edits: &[Edit]) -> Result<(), Phrase> {
        let shift = Shift::new(edits);
        let taken = || say!("`{to}` would stand for something else, or something else for it", to);
        let (mut sources, mut incremental) = (self.sources.clone(), self.incremental.clone());
        let touched: BTreeSet<FileId> = edits.iter().map(|edit| edit.span.file).collect();
        for file in touched {
            let attached: Vec<_> =
                self.sources.includes(file).map(|(span, attached)| (shift.span(span), attached.clone())).collect();
            sources.replace(file, shift.text(file, self.text(file)));
            attached.into_iter().for_each(|(span, attached)| sources.set_include(span, attached));
        }
        let mut context = self.context.clone();
        for named in &subject.named {
            renamed_in(&mut context, named, to);
        }
        let compiled = incremental.compile(&mut sources, self.files, &context);
        if errors(&compiled.diagnostics) != errors(&self.compiled.diagnostics) {
            return Err(taken());
        }
        let after = View::new(&sources, &incremental, self.files, &compiled, &context);
        let moved = |mention: Mention| Mention {
            span: shift.span(mention.span),
            named: self.renamed(mention.named, &subject.named, to, &shift),
            role: mention.role,
        };
        let expected: BTreeSet<Mention> = self.all_mentions().into_iter().map(moved).collect();
        let found: BTreeSet<Mention> = after.all_mentions().into_iter().collect();
        if expected == found { Ok(()) } else { Err(taken()) }
    }

    fn all_mentions(&self) -> Vec<Mention> {
        let spoken = |mention: &Mention| mention.role != Role::Declares || self.is_word(mention);
        self.all_notes().flat_map(|notes| notes.mentions.clone()).filter(spoken).collect()
    }

    /// What something is called when some have another name.
    fn renamed(&self, named: Named, subject: &[Named], to: &str, shift: &Shift<'_>) -> Named {
        let other = |name: &str, is: Named| if subject.contains(&is) { to.to_owned() } else { name.to_owned() };
        match named {
            Named::Field { of, name } => {
                let field = Named::Field { of: of.clone(), name: name.clone() };
                let name = other(&name, field);
                Named::Field { of: other(&of, Named::Event(of.clone())), name }
            }
            Named::Param { action, name } => {
                let param = Named::Param { action: action.clone(), name: name.clone() };
                let name = other(&name, param);
                Named::Param { action: other(&action, Named::Action(action.clone())), name }
            }
            Named::Event(name) => Named::Event(other(&name, Named::Event(name.clone()))),
            Named::Constant(name) => Named::Constant(other(&name, Named::Constant(name.clone()))),
            Named::Segment(name) => Named::Segment(other(&name, Named::Segment(name.clone()))),
            Named::Action(name) => Named::Action(other(&name, Named::Action(name.clone()))),
            Named::Funnel(name) => Named::Funnel(other(&name, Named::Funnel(name.clone()))),
            Named::Template { channel, name } => {
                let template = Named::Template { channel: channel.clone(), name: name.clone() };
                Named::Template { name: other(&name, template), channel }
            }
            Named::Label { funnel, name } => {
                let label = Named::Label { funnel, name: name.clone() };
                Named::Label { funnel: shift.span(funnel), name: other(&name, label) }
            }
            Named::Alias(span) => Named::Alias(shift.span(span)),
            Named::Client | Named::Business | Named::Word(..) => named,
        }
    }
}

/// The errors among findings, by their codes.
fn errors(found: &[Diagnostic]) -> BTreeMap<crate::diagnostic::Code, usize> {
    let mut errors = BTreeMap::new();
    for finding in found.iter().filter(|finding| finding.is_error()) {
        *errors.entry(finding.code).or_insert(0) += 1;
    }
    errors
}

/// Gives something another name in what is known of the project.
fn renamed_in(context: &mut crate::check::Context, named: &Named, to: &str) {
    match named {
        Named::Action(name) => {
            if let Some(actions) = &mut context.actions
                && actions.remove(name)
            {
                actions.insert(to.to_owned());
            }
        }
        Named::Template { channel, name } => {
            let default = context.default_templates.get_mut(channel).filter(|default| *default == name);
            default.into_iter().for_each(|default| to.clone_into(default));
        }
        Named::Field { of, name } if of == "business" => {
            if let Some(field) = context.business.remove(name) {
                context.business.insert(to.to_owned(), field);
            }
            if let Some(value) = context.reach.business.remove(name) {
                context.reach.business.insert(to.to_owned(), value);
            }
        }
        Named::Client
        | Named::Business
        | Named::Event(_)
        | Named::Field { .. }
        | Named::Constant(_)
        | Named::Segment(_)
        | Named::Param { .. }
        | Named::Funnel(_)
        | Named::Label { .. }
        | Named::Alias(_)
        | Named::Word(..) => {}
    }
}
