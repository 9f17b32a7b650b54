//! Funnels. In: `funnel` items and the entries of a file. Out: checked funnels without errors.

mod goal;
mod hours;
mod limit;
mod record_moment;
mod recurrence;
mod settings;
mod trigger;
mod zone;

pub use hours::hours_of;
pub(super) use zone::unknown_zone;
pub use zone::{nearest_zone, zone_words};

use crate::check::checker::{Checker, duplicate};
use crate::check::declarations::FunnelSubject;
use crate::check::program::{Entry, Funnel, Limit, Over};
use crate::check::step::{Jumps, Labels, Path};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{FileId, Sources, Span};
use crate::syntax::ast;
use trigger::CheckedTrigger;

/// A funnel as written, or the top-level entries of a file.
struct FunnelSource<'a> {
    name: String,
    title: Option<&'a ast::Text>,
    span: Span,
    settings: &'a [ast::Setting],
    entries: Vec<&'a ast::Entry>,
    /// Whether it is the unnamed funnel of a file, which has no settings.
    unnamed: bool,
}

/// The subject of the runs that some entries start.
fn started_by(entries: &[&ast::Entry]) -> FunnelSubject {
    let mut about = Vec::new();
    let mut any_client = false;
    // `start` begins at `on start`, if there is one.
    let is_start = |entry: &&&ast::Entry| matches!(entry.trigger.kind, ast::TriggerKind::Start { .. });
    let only_starts = entries.iter().any(|entry| is_start(&entry));
    for entry in entries.iter().filter(|entry| !only_starts || is_start(entry)) {
        match &entry.trigger.kind {
            ast::TriggerKind::Start { event: Some(event) } => about.push(event.node.clone()),
            ast::TriggerKind::Events(paths) => {
                let events = paths.iter().map(|path| path.event.node.clone());
                let (client, events): (Vec<_>, Vec<_>) = events.partition(|event| event == "client");
                any_client |= !client.is_empty();
                about.extend(events);
            }
            ast::TriggerKind::Silence { event, .. } => about.push(event.node.clone()),
            ast::TriggerKind::Date { path, .. } if path.event.node != "client" => about.push(path.event.node.clone()),
            ast::TriggerKind::Start { event: None }
            | ast::TriggerKind::Segment { .. }
            | ast::TriggerKind::Date { .. }
            | ast::TriggerKind::Every { .. } => {
                any_client = true;
            }
            ast::TriggerKind::Error => return FunnelSubject::Unknown,
        }
    }
    if any_client { FunnelSubject::Anyone } else { FunnelSubject::About(about) }
}

impl<'a> Checker<'a> {
    /// Declares the names of the funnels and tests of a file.
    pub(super) fn declare_names(&mut self, id: FileId, file: &'a ast::File) {
        for written in self.funnel_sources(id, file) {
            let started = started_by(&written.entries);
            self.decl_mut().funnels.entry(written.name).or_insert((started, written.span));
        }
        for item in &file.items {
            if let ast::ItemKind::Test { title, .. } = &item.kind
                && let Some(name) = title.plain()
            {
                self.decl_mut().test_titles.entry(name).or_insert(title.span);
            }
        }
    }

    /// Checks every funnel of a file, in order.
    pub(super) fn check_funnels(&mut self, id: FileId, file: &'a ast::File) -> Vec<Funnel> {
        let mut funnels = Vec::new();
        for written in self.funnel_sources(id, file) {
            let first =
                self.decl.funnels.get(&written.name).map(|(_, span)| *span).filter(|first| *first != written.span);
            let (funnel, passed, _) = self.isolated(|checker| checker.funnel(&written, first));
            funnels.extend(funnel.filter(|_| passed));
        }
        funnels
    }

    fn funnel_sources(&self, id: FileId, file: &'a ast::File) -> Vec<FunnelSource<'a>> {
        let mut found: Vec<FunnelSource<'a>> = Vec::new();
        let mut unnamed: Vec<&ast::Entry> = Vec::new();
        for item in &file.items {
            if let ast::ItemKind::Funnel(funnel) = &item.kind {
                found.push(FunnelSource {
                    name: funnel.name.node.clone(),
                    title: funnel.title.as_ref(),
                    span: funnel.name.span,
                    settings: &funnel.settings,
                    entries: funnel.entries.iter().collect(),
                    unnamed: false,
                });
            } else if let ast::ItemKind::Entry(entry) = &item.kind {
                unnamed.push(entry);
            }
        }
        if let Some(first) = unnamed.first() {
            let span = first.trigger.span;
            found.push(FunnelSource {
                name: file_stem(self.sources, id),
                title: None,
                span,
                settings: &[],
                entries: unnamed,
                unnamed: true,
            });
        }
        found.sort_by_key(|written| written.span.start);
        found
    }

    fn funnel(&mut self, written: &FunnelSource<'a>, first: Option<Span>) -> Option<Funnel> {
        self.record_funnel(&written.name, written.span);
        self.funnel.clone_from(&written.name);
        if let Some(first) = first {
            let name = ast::Name::new(written.name.clone(), written.span);
            self.report(duplicate(say!("funnel"), &name, first));
        }
        let damaged = written.settings.iter().any(|setting| matches!(setting.kind, ast::SettingKind::Error));
        if written.entries.is_empty() && !damaged {
            let message = say!("funnel `{written}` has no trigger", written = written.name);
            let finding = Diagnostic::new(Code::NothingToDo, written.span, message, say!("has no `on`"));
            let finding = finding.help(say!("add a trigger: `on booking -> send sms`"));
            self.report(finding.help(say!("or `on start -> ..`, if only `start` begins it")));
        }
        let mut triggers: Vec<CheckedTrigger> =
            written.entries.iter().map(|entry| self.trigger(&entry.trigger)).collect();
        let checked = self.settings(written.settings, &triggers);
        let defers = |limit: &Limit| matches!(limit.over, Over::Defer(_));
        if !checked.settings.hours.is_empty() || checked.settings.limits.iter().any(defers) {
            triggers.iter_mut().for_each(|trigger| trigger.scope.sends_wait = true);
        }
        self.on_clients_clock = checked.is_on_clients_clock && checked.zone_is_sure;
        let entries = self.entries(&written.entries, &triggers);
        self.on_clients_clock = false;
        if !checked.zone_is_sure {
            self.no_zone(written.unnamed);
        }
        let title = written.title.and_then(|title| self.literal(title));
        Some(Funnel { name: written.name.clone(), title, span: written.span, settings: checked.settings, entries })
    }

    /// Checks the chains after the triggers. With gotos they are checked repeatedly, each pass using what the last one
    /// learned about labels, until what is known at each label no longer changes.
    fn entries(&mut self, written: &[&ast::Entry], triggers: &[CheckedTrigger]) -> Vec<Entry> {
        let jumps = Jumps::of(written.iter().map(|entry| entry.chain.steps.as_slice()));
        let mut labels = Labels::with_jumps(jumps);
        let reported = self.findings.len();
        let paths = loop {
            let before = labels.jumps.clone();
            labels = Labels::with_jumps(labels.jumps);
            self.findings.truncate(reported);
            let chains = written.iter().zip(triggers);
            let paths: Vec<Path> = chains
                .map(|(entry, trigger)| {
                    self.unread_answers.clear();
                    let steps = self.steps_of(entry);
                    self.closed_path(&trigger.scope, &mut labels, &steps)
                })
                .collect();
            if labels.jumps.same_as(&before) {
                break paths;
            }
        };
        if !self.broken {
            self.loops(&paths.iter().map(|path| path.steps.as_slice()).collect::<Vec<_>>());
        }
        let entries = written.iter().zip(triggers).zip(paths).filter_map(|((written, trigger), path)| {
            Some(Entry {
                trigger: trigger.kind.clone()?,
                filter: trigger.filter.clone(),
                chain: path.steps,
                text: self.text_of_trigger(&written.trigger),
                span: written.trigger.span,
            })
        });
        entries.collect()
    }

    /// Reports the first use of a time zone in a funnel that may not have one.
    fn no_zone(&mut self, unnamed: bool) {
        let Some(zone_use) = self.zone_use.take() else { return };
        let message = say!("{what} depends on a time zone, but none may be set", what = zone_use.what);
        let finding = Diagnostic::new(Code::NoTimeZone, zone_use.span, message, say!("in which time zone?"));
        let finding = if unnamed {
            finding.help(say!("add a name and a time zone: `funnel NAME {{ timezone \"Europe/Berlin\" on .. }}`"))
        } else {
            finding.help(say!("write `timezone \"Europe/Berlin\"` in the funnel"))
        };
        self.report(finding.help(say!("or set `timezone = \"Europe/Berlin\"` in the project's funnel.toml")));
    }
}

/// The name of the unnamed funnel of a file: the file name without folders and extension.
pub(super) fn file_stem(sources: &Sources, id: FileId) -> String {
    let name = sources.get(id).map_or("funnel", |file| file.name.as_str());
    let name = name.trim_matches(['<', '>']).rsplit(['/', '\\']).next().unwrap_or(name);
    name.strip_suffix(".funnel").unwrap_or(name).to_owned()
}
