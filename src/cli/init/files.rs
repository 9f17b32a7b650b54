//! The files of a new project. In: the answers. Out: names and texts.

use super::Channel;
use super::answers::{Answers, quoted};

/// The project file.
pub(super) const PROJECT: &str = "funnel.toml";
/// The first funnel.
pub(super) const FUNNEL: &str = "thanks.funnel";
/// The configuration of pre-commit and prek.
const HOOKS: &str = ".pre-commit-config.yaml";

/// A file to write.
pub(super) struct NewFile {
    pub(super) name: &'static str,
    pub(super) text: String,
}

/// The files of the project.
pub(super) fn of(answers: &Answers) -> [NewFile; 3] {
    [
        NewFile { name: PROJECT, text: project(answers) },
        NewFile { name: FUNNEL, text: funnel(answers) },
        NewFile { name: HOOKS, text: PRE_COMMIT.to_owned() },
    ]
}

fn project(answers: &Answers) -> String {
    let country = match &answers.country {
        Some(country) => format!("country  = {}", quoted(country)),
        None => "# country = \"DE\"    # for phone numbers without a country code".to_owned(),
    };
    format!(
        "name     = {name}\ntimezone = {zone}\n{country}\nlanguage = {language}\n\n[business]\nname = {name}\n\n\
         # Messages are printed until a channel is configured:\n{channel}",
        name = quoted(&answers.name),
        zone = quoted(&answers.timezone),
        language = quoted(&answers.language),
        channel = channel_example(answers.channel),
    )
}

/// The configuration of a channel, to be completed and uncommented.
fn channel_example(channel: Channel) -> &'static str {
    match channel {
        Channel::Sms => {
            "# [channels.sms]\n# provider = \"twilio\"\n# account  = \"AC..\"\n# token    = { env = \"TWILIO_TOKEN\" }\n\
             # from     = \"+15005550006\"\n"
        }
        Channel::Email => {
            "# [channels.email]\n# provider = \"smtp\"\n# host     = \"smtp.example.com\"\n# user     = \"hello\"\n\
             # password = { env = \"SMTP_PASSWORD\" }\n# from     = \"hello@example.com\"\n"
        }
        Channel::Telegram => {
            "# [channels.telegram]\n# provider = \"http\"\n# url      = \"https://gateway.example.com/send\"\n\
             # body     = '{\"to\": \"{to}\", \"text\": \"{text}\"}'\n"
        }
        Channel::Whatsapp => {
            "# [channels.whatsapp]\n# provider = \"http\"\n# url      = \"https://gateway.example.com/send\"\n\
             # body     = '{\"to\": \"{to}\", \"text\": \"{text}\"}'\n"
        }
    }
}

fn funnel(answers: &Answers) -> String {
    let words = Words::of(&answers.language);
    let text = format!("\"{}\"", words.message);
    let (send, client) = match answers.channel {
        Channel::Sms => (format!("send sms {text}"), "phone: \"+4930901820\""),
        Channel::Telegram => (format!("send telegram {text}"), "telegram: \"1000001\""),
        Channel::Whatsapp => (format!("send whatsapp {text}"), "phone: \"+4930901820\""),
        Channel::Email => (
            format!("send email {{\n         subject: \"{}\"\n         text: {text}\n       }}", words.subject),
            "email: \"anna@example.com\"",
        ),
    };
    format!(
        "funnel thanks {{\n  on booking\n    -> if attended\n    -> wait 24h\n    -> {send}\n}}\n\n\
         test \"{title}\" {{\n  client {{ name: \"{name}\", {client} }}\n  \
         at 2026-03-01 10:00 booking {{ id: \"b1\", starts_at: 2026-03-02 12:00 }}\n  \
         at 2026-03-02 13:00 booking {{ id: \"b1\", attended: true }}\n  \
         expect at 2026-03-03 13:00 send {channel} containing \"{name}\"\n  expect nothing else\n}}\n",
        title = words.test,
        name = words.name,
        channel = answers.channel.name(),
    )
}

/// The texts of the first funnel.
struct Words {
    message: &'static str,
    subject: &'static str,
    test: &'static str,
    name: &'static str,
}

impl Words {
    /// The texts in the language of the project, otherwise in English.
    fn of(language: &str) -> Self {
        match language.split('-').next() {
            Some("ru") => Self {
                message: "{{ client.name | default(\"Здравствуйте\") }}, спасибо, что пришли!",
                subject: "Спасибо, что пришли",
                test: "через сутки после визита приходит благодарность",
                name: "Анна",
            },
            _ => Self {
                message: "Thank you for coming, {{ client.name | default(\"friend\") }}!",
                subject: "Thank you for coming",
                test: "a message a day after the visit",
                name: "Anna",
            },
        }
    }
}

const PRE_COMMIT: &str = "\
repos:
  - repo: local
    hooks:
      - id: funnelc-fmt
        name: funnelc fmt
        entry: funnelc fmt --force-exclude
        language: system
        files: \\.funnel$
        require_serial: true
      - id: funnelc-check
        name: funnelc check
        entry: funnelc check --force-exclude
        language: system
        always_run: true
        pass_filenames: false
";
