//! What the new project should say. In: flags, the machine's settings, and answers on a terminal. Out: valid values.

use super::{Args, Channel};
use crate::cli::{Failure, Terminal};
use crate::diagnostic::Phrase;
use crate::project;
use crate::say;
use crate::source::Sources;
use clap::ValueEnum;
use std::io::{self, BufRead, IsTerminal};
use std::path::{Path, PathBuf};

/// The time zone if the machine does not say one.
const DEFAULT_ZONE: &str = "UTC";

/// The settings of a new project.
#[derive(Debug, Clone)]
pub(super) struct Answers {
    pub(super) name: String,
    pub(super) timezone: String,
    /// The country of phone numbers; `None` if nobody said one.
    pub(super) country: Option<String>,
    pub(super) language: String,
    pub(super) channel: Channel,
}

/// Takes what the flags say, and asks for the rest on a terminal.
pub(super) fn collect(args: &Args, terminal: &Terminal) -> Result<Answers, Failure> {
    let locale = Locale::of_environment();
    let asks = !args.defaults && io::stdin().is_terminal() && io::stderr().is_terminal();
    let mut form = Form { asks, terminal };
    let zone = iana_time_zone::get_timezone().ok().filter(|zone| problem("timezone", zone).is_none());
    let language = locale.language.filter(|language| problem("language", language).is_none());
    let country = locale.country.filter(|country| problem("country", country).is_none());
    Ok(Answers {
        name: form.setting("name", args.name.as_deref(), &say!("name of the business"), &folder_name(&args.folder))?,
        timezone: form.setting(
            "timezone",
            args.timezone.as_deref(),
            &say!("time zone, such as Europe/Berlin"),
            &zone.unwrap_or_else(|| DEFAULT_ZONE.to_owned()),
        )?,
        country: form
            .setting(
                "country",
                args.country.as_deref(),
                &say!("country of phone numbers without a country code, such as DE"),
                &country.unwrap_or_default(),
            )
            .map(|country| Some(country).filter(|country| !country.is_empty()))?,
        language: form.setting(
            "language",
            args.language.as_deref(),
            &say!("language of dates and amounts in messages, such as de"),
            &language.unwrap_or_else(|| "en".to_owned()),
        )?,
        channel: form.channel(args.channel)?,
    })
}

/// The name of the folder.
fn folder_name(folder: &Path) -> String {
    let whole: PathBuf = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let name = whole.components().next_back().map(|last| last.as_os_str().to_string_lossy().into_owned());
    name.filter(|name| name != "/").unwrap_or_else(|| "Salon".to_owned())
}

/// Asks questions, or takes the defaults.
struct Form<'t> {
    asks: bool,
    terminal: &'t Terminal,
}

impl Form<'_> {
    /// A setting of the project file, checked as that file is.
    fn setting(&mut self, key: &str, flag: Option<&str>, question: &Phrase, default: &str) -> Result<String, Failure> {
        if let Some(flag) = flag {
            return problem(key, flag).map_or_else(|| Ok(flag.to_owned()), Err);
        }
        if !self.asks {
            return Ok(default.to_owned());
        }
        loop {
            let answer = self.ask(question, default)?;
            match problem(key, &answer).filter(|_| !answer.is_empty()) {
                None => return Ok(answer),
                Some(Failure::Error(fault)) => self.terminal.fail(&fault),
                Some(other) => return Err(other),
            }
        }
    }

    fn channel(&mut self, flag: Option<Channel>) -> Result<Channel, Failure> {
        let default = Channel::Sms;
        if flag.is_some() || !self.asks {
            return Ok(flag.unwrap_or(default));
        }
        let question = say!("channel of the first funnel: sms, email, telegram or whatsapp");
        loop {
            let answer = self.ask(&question, default.name())?;
            if let Ok(channel) = Channel::from_str(&answer, true) {
                return Ok(channel);
            }
        }
    }

    /// One line from the terminal; an empty line means the default.
    fn ask(&mut self, question: &Phrase, default: &str) -> Result<String, Failure> {
        let hint = if default.is_empty() { String::new() } else { format!(" [{default}]") };
        self.terminal.err(&format!("{}{hint}: ", question.in_language(self.terminal.language())));
        let mut line = String::new();
        let read = io::stdin().lock().read_line(&mut line).map_err(|fault| Failure::read(Path::new("-"), &fault))?;
        if read == 0 {
            return Err(Failure::new(say!("no answer, so nothing was written")));
        }
        let answer = line.trim();
        Ok(if answer.is_empty() { default } else { answer }.to_owned())
    }
}

/// What the project file would report about a setting.
fn problem(key: &str, value: &str) -> Option<Failure> {
    let text = format!("{key} = {}\n", quoted(value));
    let mut sources = Sources::default();
    let file = sources.add("funnel.toml", text.as_str());
    let (_, found) = project::parse(&text, file, PathBuf::new());
    let first = found.into_iter().next()?;
    Some(first.help.into_iter().fold(Failure::new(first.message), Failure::help))
}

/// A value as a TOML string. JSON's escapes are valid in TOML.
pub(super) fn quoted(value: &str) -> String {
    serde_json::Value::from(value).to_string()
}

/// The language and the country of the machine's locale: `de_DE.UTF-8`.
struct Locale {
    language: Option<String>,
    country: Option<String>,
}

impl Locale {
    fn of_environment() -> Self {
        let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        let locale = value("LC_ALL").or_else(|| value("LC_MESSAGES")).or_else(|| value("LANG")).unwrap_or_default();
        let name = locale.split(['.', '@']).next().unwrap_or_default();
        let (language, country) = name.split_once('_').unwrap_or((name, ""));
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        Self { language: some(language), country: some(country) }
    }
}
