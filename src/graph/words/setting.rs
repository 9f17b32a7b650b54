//! Settings in words.

use super::{Voice, Words, capitalized, plain};
use crate::check::program::{Enter, Exit, Goal, Limit, Over, Purpose, Source, Upgrade};
use crate::check::program::{Expr, Settings};
use crate::diagnostic::Phrase;
use crate::say;
use crate::value::time::Window;

/// A setting: what it is about, and what it says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingWords {
    /// What it is about: `Goal`.
    pub about: String,
    /// What it says: `purchase, within 7 days`.
    pub says: String,
}

impl Words<'_> {
    /// The settings that a funnel has, in the order in which people ask for them.
    #[must_use]
    pub fn settings(&self) -> Vec<SettingWords> {
        let Settings { purpose, zones, hours, project_hours: _, enter, exits, limits, goals, upgrade } =
            &self.graph.settings;
        let voice = self.about(None);
        let mut rows = Vec::new();
        let mut row = |about: Phrase, says: String| {
            rows.push(SettingWords { about: capitalized(&self.said(&about)), says });
        };
        for goal in goals {
            row(say!("goal"), voice.goal(goal));
        }
        for exit in voice.exits(exits) {
            row(say!("exit on"), exit);
        }
        if !hours.is_empty() {
            let hours: Vec<String> = hours.iter().map(|window| voice.window(window)).collect();
            row(say!("sending hours"), hours.join("; "));
        }
        match enter {
            Enter::OncePerRecord => {}
            Enter::Always => row(say!("enters"), self.said(&say!("every time"))),
            Enter::Once => row(say!("enters"), self.said(&say!("once per client"))),
            Enter::OncePer(key) => row(say!("enters"), self.said(&say!("once per {what}", what = voice.expr(key)))),
            Enter::Again(after) => {
                row(say!("enters"), self.said(&say!("again after {length}", length = voice.duration(*after))));
            }
        }
        for limit in limits {
            row(say!("limit"), voice.limit(limit));
        }
        if let Purpose::Marketing { topic } = purpose {
            let says = match topic {
                Some(topic) => self.said(&say!("marketing, {topic}", topic = plain(topic))),
                None => self.said(&say!("marketing")),
            };
            row(say!("purpose"), says);
        }
        if !zones.iter().all(is_client_zone) {
            let zones: Vec<String> = zones.iter().map(|zone| voice.zone(zone)).collect();
            let zones = zones.into_iter().reduce(|zone, other| self.said(&say!("{zone}, else {other}", zone, other)));
            row(say!("time zone"), zones.unwrap_or_default());
        }
        match upgrade {
            Upgrade::Migrate => {}
            Upgrade::Finish => row(say!("after a change"), self.said(&say!("active runs finish as they began"))),
            Upgrade::Restart => row(say!("after a change"), self.said(&say!("active runs restart"))),
            Upgrade::Stop => row(say!("after a change"), self.said(&say!("active runs end"))),
        }
        rows
    }
}

impl Voice<'_> {
    fn goal(&self, goal: &Goal) -> String {
        let Goal { patterns, binding, filter, within, worth, span: _ } = goal;
        let voice = Voice { language: self.language, own: Some(binding.as_str()) };
        let mut out = self.patterns(patterns);
        if let Some(filter) = filter {
            out = self.said(&say!("{what}, if {condition}", what = out, condition = voice.expr(filter)));
        }
        if let Some(within) = within {
            out = self.said(&say!("{what}, within {length}", what = out, length = self.duration(*within)));
        }
        match worth {
            Some(worth) => self.said(&say!("{what}, worth {worth}", what = out, worth = voice.expr(worth))),
            None => out,
        }
    }

    /// The exits; those that were written together are said together.
    fn exits(&self, exits: &[Exit]) -> Vec<String> {
        let chunks = exits.chunk_by(|a, b| a.text == b.text && a.filter == b.filter);
        let said = chunks.map(|chunk| {
            let patterns: Vec<_> = chunk.iter().map(|exit| exit.pattern.clone()).collect();
            let out = self.patterns(&patterns);
            let event = chunk.first().map(|exit| exit.pattern.event.as_str());
            match chunk.first().and_then(|exit| exit.filter.as_ref()) {
                Some(filter) => self.said(&say!(
                    "{what}, if {condition}",
                    what = out,
                    condition = Voice { language: self.language, own: event }.expr(filter)
                )),
                None => out,
            }
        });
        said.collect()
    }

    fn window(&self, window: &Window) -> String {
        let hours = format!("{}–{}", window.from, window.to);
        if window.days.is_empty() { hours } else { format!("{} {hours}", self.weekdays(&window.days)) }
    }

    fn limit(&self, limit: &Limit) -> String {
        let channel = match &limit.channel {
            Some(channel) => super::channel(channel, self.language),
            None => self.said(&say!("messages")),
        };
        let (count, per) = (limit.count, self.duration(limit.per));
        let most = self.said(&say!("{channel}: at most {count} in {length}", channel, count, length = per));
        match limit.over {
            Over::Skip => most,
            Over::Defer(up_to) => {
                self.said(&say!("{what}, more wait up to {length}", what = most, length = self.duration(up_to)))
            }
        }
    }

    fn zone(&self, zone: &Expr) -> String {
        if is_client_zone(zone) { self.said(&say!("the client's")) } else { self.expr(zone) }
    }
}

fn is_client_zone(zone: &Expr) -> bool {
    matches!(zone, Expr::Field(read) if read.source == Source::Client && read.name == "timezone")
}
