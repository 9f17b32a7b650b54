//! The project file `funnel.toml`: the context of the checker, the values of `business`, and the channels. Reports
//! every mistake in the file.
#![allow(clippy::disallowed_methods, reason = "the project file and its secrets are read here")]

mod business;
mod business_identity;
mod channel_options;
mod channels;
mod exclude;
mod find;
pub mod fix;
mod gateway;
mod header;
mod import;
mod includes;
mod levels;
mod limits;
mod message_settings;
mod obstacles;
mod overlay;
mod secret;
mod server;
mod smtp;
mod source_value;
mod sources;
mod table;
mod webhook;
mod workspace;

pub use find::{FilePath, FilesError, Finder, PROJECT_FILE, files, find};
pub use includes::{Includes, load_includes};
pub use levels::nearest as nearest_code;
pub use overlay::canonical_path;
pub use secret::Environment;
pub use workspace::{ReadError, Workspace};

use crate::channel::{Channels, Secret};
use crate::check::{Context, Program, hours_of, nearest_zone, zone_words};
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity, suggest};
use crate::engine::Fields;
use crate::import::ColumnMap;
use crate::inbound::Source;
use crate::say;
use crate::source::{FileId, Sources, Span, Spanned};
use crate::syntax;
use crate::value::{Wording, Zone, phone::is_country, time::Window};
use business::Business;
use channels::ChannelConfig;
use server::Server;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use table::{Table, TableFindings};
use toml::de::DeTable;
use webhook::Webhooks;

/// Limit: the maximum size of the project file, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What a token of the HTTP server may open.
const SCOPES: &[&str] = &["ingest", "read", "operate"];

/// The contents of a project file.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder of the project file, which relative paths start from.
    pub root: PathBuf,
    /// The name of the project, for people.
    pub name: Option<String>,
    /// The language of dates and amounts: `ru`, `en-GB`.
    pub language: Option<String>,
    /// The context of the checker.
    pub context: Context,
    /// The values of `business`, as JSON.
    pub business: Fields,
    /// The path of the state database.
    pub store: Option<PathBuf>,
    server: Server,
    /// What the columns of tables mean.
    pub column_maps: Vec<ColumnMap>,
    columns: Vec<import::NamedField>,
    sources: Vec<sources::SourceSettings>,
    channels: BTreeMap<String, ChannelConfig>,
    webhooks: Webhooks,
}

impl Project {
    /// Creates the default project of a standalone file.
    #[must_use]
    pub fn lone(root: impl Into<PathBuf>) -> Self {
        let context = Context { business: Business::standard().fields, ..Context::default() };
        Self {
            root: root.into(),
            name: None,
            language: None,
            context,
            business: Fields::new(),
            store: None,
            server: Server::default(),
            column_maps: Vec::new(),
            columns: Vec::new(),
            sources: Vec::new(),
            channels: BTreeMap::new(),
            webhooks: Webhooks::default(),
        }
    }

    /// The project of an unreadable file. It may well set a time zone, so funnels are not blamed for lacking one.
    fn unreadable(root: PathBuf) -> Self {
        let mut project = Self::lone(root);
        project.context.zone = Some(Zone::UTC.name().to_owned());
        project
    }

    /// Creates the channels and reads their secrets. `env` looks up an environment variable.
    ///
    /// # Errors
    /// A finding for each missing secret and each invalid channel.
    pub fn channels(&self, env: Environment<'_>) -> Result<Channels, Vec<Diagnostic>> {
        let (mut channels, mut found) = (Channels::new(), Vec::new());
        for (name, config) in &self.channels {
            match config.channel(&self.root, env) {
                Ok(channel) => channels.insert(name, channel),
                Err(diagnostics) => found.extend(diagnostics),
            }
        }
        found.extend(self.webhooks.channels(&self.root, env, &mut channels));
        if found.is_empty() { Ok(channels) } else { Err(found) }
    }

    /// The sources of webhooks.
    pub fn sources(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().map(|settings| &settings.source)
    }

    /// The secret that the unsubscribe addresses of emails are signed with, if they are.
    ///
    /// # Errors
    /// A finding if the secret is missing.
    pub fn unsubscribe_secret(&self, env: Environment<'_>) -> Result<Option<Secret>, Vec<Diagnostic>> {
        let reference = self.channels.values().find_map(ChannelConfig::unsubscribe_secret);
        let secret = reference.map(|reference| secret::read(reference, &self.root, env)).transpose();
        secret.map_err(|missing| vec![*missing])
    }

    /// The sources of webhooks, with their secrets.
    ///
    /// # Errors
    /// A finding for each missing secret.
    pub fn sources_with_secrets(&self, env: Environment<'_>) -> Result<Vec<(Source, Vec<Secret>)>, Vec<Diagnostic>> {
        let (mut sources, mut found) = (Vec::new(), Vec::new());
        for settings in &self.sources {
            match settings.with_secrets(&self.root, env) {
                Ok(source) => sources.push(source),
                Err(missing) => found.extend(missing),
            }
        }
        if found.is_empty() { Ok(sources) } else { Err(found) }
    }

    /// Checks a program against the project: calls to addresses that are not allowed and, if `whole` (no funnel was
    /// omitted), settings for undeclared actions.
    #[must_use]
    pub fn check_program(&self, program: &Program, whole: bool) -> Vec<Diagnostic> {
        let undeclared = |(name, _): &(&String, &Span)| whole && !program.actions.contains(*name);
        let unknown = self.webhooks.action_spans.iter().filter(undeclared).map(|(name, span)| {
            let message = say!("action `{name}` is not declared in any funnel file", name);
            let mut found = Diagnostic::new(Code::UnknownAction, *span, message, say!("never runs"));
            found.severity = Severity::Warning;
            match suggest::nearest(name, program.actions.iter().map(String::as_str)) {
                Some(near) => found.help(say!("did you mean `{near}`?", near)),
                None => found.help(say!("declare it: `action {name}(phone: phone)`", name)),
            }
        });
        let fields = self.columns.iter().filter(|_| whole).filter_map(|field| field.check(&program.catalog));
        let sources = self.sources.iter().filter(|_| whole).flat_map(|source| source.check(&program.catalog));
        unknown.chain(self.webhooks.check_addresses(&program.addresses)).chain(fields).chain(sources).collect()
    }

    /// The address of the HTTP server: `127.0.0.1:8080`.
    #[must_use]
    pub fn listen(&self) -> Option<&str> {
        self.server.listen.as_deref()
    }

    /// The files of the certificate of the HTTP server, and of its key, if it encrypts connections.
    #[must_use]
    pub fn certificate(&self) -> Option<(PathBuf, PathBuf)> {
        let (cert, key) = self.server.tls.as_ref()?;
        Some((self.root.join(cert), self.root.join(key)))
    }

    /// Reads the tokens that HTTP requests must present, each with the scope that it opens.
    ///
    /// # Errors
    /// A finding for each missing secret.
    pub fn server_tokens(&self, env: Environment<'_>) -> Result<Vec<(&'static str, Secret)>, Vec<Diagnostic>> {
        self.server.tokens(&self.root, env)
    }
}

/// Reads the project file at a path and adds it to the sources.
///
/// # Errors
/// The file cannot be read.
pub fn load(path: &Path, sources: &mut Sources) -> Result<(Project, Vec<Diagnostic>), Phrase> {
    let cannot = |fault: Phrase| say!("cannot read `{path}`: {fault}", path = path.display().to_string(), fault);
    let unread = |fault: std::io::Error| cannot(Phrase::verbatim(fault.to_string()));
    let size = path.metadata().map_err(unread)?.len();
    if size > MAX_BYTES {
        return Err(cannot(say!("it is larger than 1 MiB")));
    }
    let bytes = std::fs::read(path).map_err(unread)?;
    let file = sources.add(display_path(path), "");
    Ok(parse_bytes(sources, file, bytes, path.parent().unwrap_or(Path::new("")).to_owned()))
}

/// Replaces the text of the project file and parses it.
fn parse_bytes(sources: &mut Sources, file: FileId, bytes: Vec<u8>, root: PathBuf) -> (Project, Vec<Diagnostic>) {
    match String::from_utf8(bytes) {
        Ok(text) => {
            sources.replace(file, text.as_str());
            parse(&text, file, root)
        }
        Err(e) => {
            let at = e.utf8_error().valid_up_to();
            sources.replace(file, String::from_utf8_lossy(e.as_bytes()));
            let span = Span::new(file, at, at);
            let found = Diagnostic::new(
                Code::BadProject,
                span,
                say!("the project file is not valid UTF-8"),
                say!("invalid byte"),
            );
            (Project::unreadable(root), vec![found.help(say!("save the file as UTF-8"))])
        }
    }
}

/// The path relative to the current folder, if it is below it.
fn display_path(path: &Path) -> String {
    let here = std::env::current_dir().ok();
    let short = here.as_deref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(path);
    short.display().to_string()
}

/// Parses a project file. The project contains all valid settings, the findings all mistakes.
#[must_use]
pub fn parse(text: &str, file: FileId, root: PathBuf) -> (Project, Vec<Diagnostic>) {
    let (table, errors) = DeTable::parse_recoverable(text);
    let findings = TableFindings::new(file);
    if !errors.is_empty() {
        if let Some(conflict) = syntax::merge_conflict(text, file) {
            return (Project::unreadable(root), vec![conflict]);
        }
        // After a syntax error the rest is unreliable, so nothing else is reported.
        for error in &errors {
            let span = findings.span(error.span().unwrap_or(text.len()..text.len()));
            let message = say!("invalid TOML: {fault}", fault = error.message().lines().next().unwrap_or(""));
            findings.push(Diagnostic::new(Code::BadProject, span, message, say!("cannot be read")));
        }
        return (Project::unreadable(root), findings.into_sorted());
    }
    let mut project = Project::lone(root);
    let top = Table::new(&findings, "the project file".to_owned(), Span::new(file, 0, 0), table.get_ref());
    read(&mut project, &top);
    top.report_unknown_keys();
    (project, findings.into_sorted())
}

fn read(project: &mut Project, top: &Table<'_>) {
    project.name = top.text("name").map(|text| text.node);
    project.context.zone = top.text("timezone").and_then(|text| zone(top, &text));
    if project.context.zone.is_none() && top.has("timezone") {
        // The invalid zone is one mistake; funnels without a zone are not another.
        project.context.zone = Some(Zone::UTC.name().to_owned());
    }
    project.context.currency = code_setting(top, "currency", say!("a code such as \"EUR\""), is_currency);
    project.context.country = code_setting(top, "country", say!("a code such as \"DE\" (ISO 3166-1)"), is_country);
    project.language = code_setting(top, "language", say!("a language such as \"en\" or \"en-GB\""), is_language);
    if let Some(table) = top.table("business") {
        let business = Business::read(&table);
        project.context.business = business.fields;
        project.business = business.values;
    }
    let mut configured_channels: BTreeSet<String> = top.has("webhook").then(|| "call".to_owned()).into_iter().collect();
    if let Some(table) = top.table("channels") {
        project.channels = channels::read(&table, &mut project.context.default_templates);
        project.context.unsubscribe_missing = project.channels.values().any(ChannelConfig::lacks_unsubscribe);
        configured_channels.extend(table.entries().map(|(key, _)| key.node.to_owned()));
    }
    project.webhooks = Webhooks::read(top);
    // Without any channel settings everything is printed, as for a standalone file.
    if top.has("channels") || top.has("webhook") || top.has("actions") {
        project.context.channels = Some(configured_channels);
        project.context.actions = Some(project.webhooks.action_spans.keys().cloned().collect());
    }
    if let Some(table) = top.table("limits") {
        project.context.limits = limits::read(&table);
    }
    project.context.hours = hours(top);
    if let Some(table) = top.table("check") {
        project.context.levels = levels::read(&table);
    }
    if let Some(table) = top.table("import") {
        (project.column_maps, project.columns) = import::read(&table);
    }
    if let Some(table) = top.table("sources") {
        project.sources = sources::read(&table);
    }
    exclude::read(top);
    project.context.messages = message_settings::read(top, project.language.as_deref(), &project.business);
    project.context.messages.currency = project.context.currency.clone();
    project.context.messages.identity = business_identity::read(top, project);
    if let Some(store) = top.table("store") {
        project.store = store.text("path").map(|path| project.root.join(path.node));
        store.report_unknown_keys();
    }
    if let Some(server) = top.table("server") {
        project.server = Server::read(&server, SCOPES);
    }
}

fn zone(top: &Table<'_>, text: &Spanned<String>) -> Option<String> {
    let found = Zone::named(&text.node).map(|zone| zone.name().to_owned());
    if found.is_none() {
        let message = say!("`{name}` is not a time zone", name = text.node);
        let mut diagnostic = Diagnostic::new(Code::BadSetting, text.span, message, say!("not an IANA time zone"));
        diagnostic = match nearest_zone(&text.node) {
            Some(near) => diagnostic.help(say!("did you mean `\"{near}\"`?", near)).respell(
                say!("change it to `\"{near}\"`", near),
                zone_words(&text.node, near),
                text.span,
                format!("\"{near}\""),
            ),
            None => diagnostic.help(say!("use an IANA name such as `\"Europe/Moscow\"`")),
        };
        top.findings.push(diagnostic);
    }
    found
}

/// Reads `hours`: `"monday..friday 09:00..21:00, saturday 10:00..16:00"`.
fn hours(top: &Table<'_>) -> Vec<Window> {
    let Some(text) = top.text("hours") else { return Vec::new() };
    let Some(windows) = hours_of(&text.node) else {
        let message = say!("`hours` must be hours such as \"09:00..21:00\"");
        let finding = Diagnostic::new(Code::BadSetting, text.span, message, say!("not hours"));
        let help = say!("with days: \"monday..friday 09:00..21:00, saturday 10:00..16:00\"");
        top.findings.push(finding.help(help));
        return Vec::new();
    };
    if !top.has("timezone") {
        let message = say!("`hours` needs `timezone`");
        let finding = Diagnostic::new(Code::BadSetting, text.span, message, say!("of no time zone"));
        top.findings.push(finding.help(say!("add `timezone = \"Europe/Moscow\"`, with the IANA name of yours")));
    }
    windows
}

fn code_setting(table: &Table<'_>, key: &'static str, expected: Phrase, fits: fn(&str) -> bool) -> Option<String> {
    let text = table.text(key)?;
    if !fits(&text.node) {
        table.findings.bad_setting(
            text.span,
            say!("`{key}` must be {expected}", key, expected),
            say!("not a valid code"),
        );
        return None;
    }
    Some(text.node)
}

/// Three uppercase letters (ISO 4217).
fn is_currency(text: &str) -> bool {
    text.len() == 3 && text.bytes().all(|b| b.is_ascii_uppercase())
}

/// A language with an optional country (BCP 47) whose dates can be written.
fn is_language(text: &str) -> bool {
    let (language, country) = text.split_once('-').unwrap_or((text, "XX"));
    (2..=3).contains(&language.len())
        && language.bytes().all(|b| b.is_ascii_lowercase())
        && country.len() == 2
        && country.bytes().all(|b| b.is_ascii_uppercase())
        && Wording::knows(text)
}
