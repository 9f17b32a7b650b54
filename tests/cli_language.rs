//! The language of the command line: help, errors in the arguments and results in Russian, with nothing left in English.

use crate::support::program::{funnelc, run_funnelc};
use crate::tidy::tree::{read, sources};

/// Every command that has help, by its words.
const COMMANDS: [&str; 17] = [
    "",
    "import",
    "init",
    "check",
    "fmt",
    "test",
    "simulate",
    "run",
    "graph",
    "explain",
    "lsp",
    "prelude",
    "editors",
    "editors list",
    "editors install",
    "completions",
    "man",
];

/// What clap says in English.
const ENGLISH: [&str; 9] =
    ["Usage:", "Options:", "Commands:", "Arguments:", "Examples:", "[default", "[possible", "Possible", "Print "];

fn help(command: &str, language: &str, flag: &str) -> String {
    let words = command.split(' ').filter(|word| !word.is_empty());
    let shown = run_funnelc(["--lang", language].into_iter().chain(words).chain([flag]));
    assert_eq!((shown.code, shown.err.as_str()), (Some(0), ""), "{command} {flag}");
    shown.out
}

/// Whether a line of the Russian help may be the same as in the English one: an option, a list of values or example code.
fn is_code(line: &str) -> bool {
    let code = line.trim_start();
    code.is_empty()
        || code.starts_with('-')
        || code.ends_with(']')
        || ["funnelc ", "->", "{", "}", "expect "].iter().any(|sign| code.contains(sign))
}

#[test]
fn help_in_russian_has_no_english_sentence_left() {
    for command in COMMANDS {
        for flag in ["-h", "--help"] {
            let (english, russian) = (help(command, "en", flag), help(command, "ru", flag));
            let left: Vec<_> = russian.lines().filter(|line| !is_code(line)).collect();
            let left: Vec<_> = left.into_iter().filter(|line| english.lines().any(|other| other == *line)).collect();
            assert!(left.is_empty(), "{command} {flag}: {left:#?}\n{russian}");
            for word in ENGLISH {
                assert!(!russian.contains(word), "{command} {flag}: `{word}` is left in\n{russian}");
            }
            for flag in english.split_whitespace().filter(|word| word.starts_with("--")) {
                assert!(russian.contains(flag.trim_matches([',', ';', '.', ')', ':'])), "{command}: {flag} is missing");
            }
        }
    }
}

#[test]
fn help_follows_the_environment_and_every_way_to_ask_for_it() {
    let russian = help("check", "ru", "--help");
    assert!(russian.contains("Использование: funnelc check [ПАРАМЕТРЫ] [ПУТЬ]"), "{russian}");
    assert!(russian.contains("[по умолчанию: text]") && russian.contains("Возможные значения:"), "{russian}");
    let output = funnelc(["check", "--help"]).env("LANG", "ru_RU.UTF-8").output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), russian);
    assert_eq!(run_funnelc(["check", "--help", "--lang=ru"]).out, russian);
    assert_eq!(run_funnelc(["--lang", "ru", "help", "check"]).out, russian);
    let none: [&str; 0] = [];
    let bare = funnelc(none).env("LANG", "ru_RU.UTF-8").output().unwrap();
    assert_eq!((bare.status.code(), bare.stdout.len()), (Some(2), 0));
    assert!(String::from_utf8(bare.stderr).unwrap().contains("Команды:"));
    assert!(run_funnelc(["--lang", "en", "check", "--help"]).out.contains("Usage: funnelc check [OPTIONS] [PATH]"));
}

#[test]
fn errors_in_the_arguments_are_told_in_russian() {
    for (args, expected) in [
        (&["frobnicate"][..], "неизвестная команда `frobnicate`"),
        (&["check", "--fxi"], "неизвестный аргумент `--fxi`"),
        (&["check", "--format", "yaml"], "неверное значение `yaml` для `--format"),
        (&["check", "--format"], "нужно значение"),
        (&["check", "--watch", "--fix"], "нельзя сочетать"),
        (&["simulate"], "не указан обязательный аргумент `--events"),
        (&["serve", "--listen", "nowhere"], "нужны хост и порт"),
    ] {
        let refused = run_funnelc(args.iter().chain(&["--lang", "ru"]));
        assert_eq!((refused.code, refused.out.as_str()), (Some(2), ""), "{args:?}");
        assert!(refused.err.starts_with("ошибка: ") && refused.err.contains(expected), "{args:?}: {}", refused.err);
        assert!(refused.err.contains("--help`"), "{args:?}: {}", refused.err);
    }
}

#[test]
fn results_are_shown_in_russian_and_json_is_the_same_in_every_language() {
    let args = ["simulate", "tests/page/forty.funnel", "--events", "tests/page/forty.ndjson"];
    let shown = |format: &str, language: &str| {
        run_funnelc(args.iter().chain(&["--format", format, "--lang", language]).copied()).out
    };
    assert_eq!(shown("json", "ru"), shown("json", "en"));
    let page = shown("html", "ru");
    assert!(page.contains("<html lang=\"ru\">") && page.contains("Что произошло бы с"), "{page}");
    for english in [">Clients<", ">events<", ">element<", "Show ", "Nothing was sent", " to +", "monday", "line<"] {
        assert!(!page.contains(english), "`{english}` is left in the page");
    }
    let refused = run_funnelc(["test", "tests/test_blocks/fails.funnel", "--lang", "ru"]).out;
    for english in ["expected", "happened", "FAIL", "day  ", "monday"] {
        assert!(!refused.contains(english), "`{english}` is left in\n{refused}");
    }
    let prelude = run_funnelc(["prelude", "--lang", "ru"]).out;
    let comments: Vec<_> = prelude.lines().filter_map(|line| Some(line.split_once('#')?.1)).collect();
    let cyrillic = comments.iter().filter(|comment| comment.contains(|c: char| ('а'..='я').contains(&c))).count();
    assert!(cyrillic + 3 > comments.len(), "{comments:#?}");
    assert!(run_funnelc(["editors", "list", "--lang", "ru"]).out.contains("Vim 8.2 и новее"));
}

#[test]
fn strings_that_are_translated_when_they_are_shown_exist_in_the_source() {
    let source: String = sources().into_iter().map(|file| file.text).collect();
    for pair in read("src/cli/translate/output_ru.txt").trim_end().split("\n\n") {
        let english = pair.split_once('\n').unwrap().0;
        assert!(source.contains(&format!("\"{english}\"")), "no code makes the string: {english}");
    }
}
