//! The help of every command in Russian. In: the command as clap builds it. Out: the same command with its texts, value
//! names and headings replaced by those of `help_ru.txt`. It is for rendering only; arguments are parsed by the original.

use super::pairs;
use clap::{Arg, Command};
use std::collections::HashMap;
use std::sync::OnceLock;

/// The translations, one pair for each line of help. Only the descriptions of example lines are translated.
const RUSSIAN: &str = include_str!("help_ru.txt");

/// Clap's default template with the word for "Usage:" left out.
const TEMPLATE: &str = "{before-help}{about-with-newline}\nUSAGE {usage}\n\n{all-args}{after-help}";

/// Bold and underlined, as clap writes its own headings.
const HEADING: &str = "\u{1b}[1m\u{1b}[4m";
const PLAIN: &str = "\u{1b}[0m";

/// Looks up the translation of a line of help.
type Lookup<'l> = &'l mut dyn FnMut(&str) -> Option<&'static str>;

/// Translates a command and its subcommands.
pub(super) fn translate(command: Command) -> Command {
    static LINES: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let lines = LINES.get_or_init(|| pairs(RUSSIAN).collect());
    translate_by(command, &mut |line| lines.get(line).copied())
}

fn translate_by(mut command: Command, line: Lookup<'_>) -> Command {
    command.build();
    translate_built(command, line)
}

fn translate_built(command: Command, line: Lookup<'_>) -> Command {
    let mut command = command
        .mut_args(|arg| translate_arg(arg, line))
        .mut_subcommands(|command| translate_built(command, line))
        .subcommand_help_heading(word("Commands", line))
        .subcommand_value_name(word("COMMAND", line));
    if let Some(about) = command.get_about().map(ToString::to_string) {
        command = command.about(translate_text(&about, line));
    }
    if let Some(about) = command.get_long_about().map(ToString::to_string) {
        command = command.long_about(translate_text(&about, line));
    }
    if let Some(after) = command.get_after_help().map(ToString::to_string) {
        command = command.after_help(translate_text(&after, line));
    }
    let usage = command.render_usage().to_string();
    let usage = usage.trim_start_matches("Usage: ").replace("[OPTIONS]", &format!("[{}]", word("OPTIONS", line)));
    let template = TEMPLATE.replace("USAGE", &format!("{HEADING}{}{PLAIN}", word("Usage:", line)));
    command.override_usage(usage).help_template(template)
}

fn translate_arg(arg: Arg, line: Lookup<'_>) -> Arg {
    let takes_value = arg.get_action().takes_values();
    let names = arg.get_value_names().filter(|_| takes_value).unwrap_or_default();
    let names: Option<Vec<_>> = names.iter().map(|name| line(name)).collect();
    let heading = word(if arg.is_positional() { "Arguments" } else { "Options" }, line);
    let short = arg.get_help().map(ToString::to_string).unwrap_or_default();
    let long = arg.get_long_help().map_or_else(|| short.clone(), ToString::to_string);
    let (short, long) = (translate_text(&short, line), translate_text(&long, line));
    let values = Values::of(&arg, line);
    let arg = arg
        .help(short + &values.short())
        .long_help(long + &values.long())
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true);
    match names {
        Some(names) if !names.is_empty() => arg.value_names(names),
        Some(_) | None => arg,
    }
}

/// Translates a word of clap's own.
fn word(english: &'static str, line: Lookup<'_>) -> &'static str {
    line(english).unwrap_or(english)
}

/// The default and the possible values of an argument, which clap would print in English.
struct Values {
    default: Option<String>,
    possible: Option<String>,
    /// The possible values with their descriptions, for the long help.
    described: Option<String>,
}

impl Values {
    fn of(arg: &Arg, line: Lookup<'_>) -> Self {
        let default: Vec<_> = arg.get_default_values().iter().map(|value| value.to_string_lossy()).collect();
        let takes_value = arg.get_action().takes_values();
        let default =
            (takes_value && !default.is_empty()).then(|| format!("[{}: {}]", word("default", line), default.join(" ")));
        let values = arg.get_possible_values();
        let names: Vec<&str> = values.iter().map(|value| value.get_name()).collect();
        let possible =
            (!names.is_empty()).then(|| format!("[{}: {}]", word("possible values", line), names.join(", ")));
        let width = names.iter().map(|name| name.len() + 1).max().unwrap_or_default();
        let rows = values.iter().filter_map(|value| {
            let help = translate_text(&value.get_help()?.to_string(), line);
            Some(format!("\n- {:<width$} {help}", format!("{}:", value.get_name())))
        });
        let rows: String = rows.collect();
        let described = (!rows.is_empty()).then(|| format!("{}:{rows}", word("Possible values", line)));
        Self { default, possible, described }
    }

    fn short(&self) -> String {
        [&self.default, &self.possible].into_iter().flatten().map(|part| format!(" {part}")).collect()
    }

    fn long(&self) -> String {
        let described = self.described.iter().map(|part| format!("\n\n{part}"));
        let brief = if self.described.is_some() { &None } else { &self.possible };
        let specs: Vec<&str> = [&self.default, brief].into_iter().flatten().map(String::as_str).collect();
        let specs = (!specs.is_empty()).then(|| format!("\n\n{}", specs.join("\n")));
        described.chain(specs).collect()
    }
}

/// Translates prose, and in indented lines only what follows the example after two or more spaces.
fn translate_text(english: &str, line: Lookup<'_>) -> String {
    let mut translate = |english: &str| {
        let Some(example) = english.strip_prefix("  ") else {
            let russian = if english.is_empty() { None } else { line(english) };
            return russian.unwrap_or(english).to_owned();
        };
        match example.split_once("  ") {
            Some((code, rest)) if !code.is_empty() && !rest.trim().is_empty() => {
                let description = rest.trim_start();
                let spaces = " ".repeat(rest.len() - description.len());
                format!("  {code}  {spaces}{}", line(description).unwrap_or(description))
            }
            Some(_) | None => english.to_owned(),
        }
    };
    english.lines().map(&mut translate).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::Cli;
    use clap::CommandFactory;
    use std::collections::BTreeSet;

    #[test]
    fn every_line_of_help_has_its_translation_and_every_translation_its_line() {
        let mut lines = BTreeSet::new();
        translate_by(Cli::command(), &mut |line| {
            lines.insert(line.to_owned());
            None
        });
        let pairs: Vec<_> = pairs(RUSSIAN).collect();
        assert!(
            pairs.is_sorted_by(|(one, _), (other, _)| one < other),
            "help_ru.txt is not sorted by its English lines"
        );
        let translated: BTreeSet<String> = pairs.iter().map(|(english, _)| (*english).to_owned()).collect();
        let missing: Vec<_> = lines.difference(&translated).collect();
        let unused: Vec<_> = translated.difference(&lines).collect();
        assert!(missing.is_empty() && unused.is_empty(), "missing: {missing:#?}\nunused: {unused:#?}");
        for command in [Cli::command(), translate(Cli::command())].iter().flat_map(|root| root.get_subcommands()) {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            for example in help.lines().filter(|line| line.starts_with("  ")) {
                assert!(example.chars().count() <= 100, "an example that would be wrapped: {example}");
            }
        }
        for (english, russian) in pairs {
            assert!(russian.contains(|c: char| ('А'..='я').contains(&c)), "not translated: {english}");
            let code = |text: &'static str| text.split('`').skip(1).step_by(2).collect::<BTreeSet<_>>();
            assert_eq!(code(english), code(russian), "{english}");
        }
    }
}
