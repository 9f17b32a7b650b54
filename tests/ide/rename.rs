//! Renaming, in every file that uses the name.

use super::project::Project;
use funnelc::diagnostic::Edit;
use funnelc::source::FileId;
use std::collections::BTreeMap;

/// The texts after some edits.
pub(crate) fn edited(project: &Project, edits: &[Edit]) -> BTreeMap<FileId, String> {
    let mut texts: BTreeMap<FileId, String> = BTreeMap::new();
    let mut edits: Vec<&Edit> = edits.iter().collect();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    for edit in edits {
        let file = edit.span.file;
        let text = texts.entry(file).or_insert_with(|| project.sources.get(file).expect("is there").text.clone());
        text.replace_range(edit.span.range(), &edit.text);
    }
    texts
}

#[track_caller]
fn renamed(files: &[(&str, &str)], to: &str) -> Result<Vec<String>, String> {
    let project = Project::of(files);
    assert!(!project.compiled.diagnostics.iter().any(|found| found.is_error()), "{:?}", project.compiled.diagnostics);
    let edits = project.view().rename(project.place(), to).map_err(|why| why.to_string())?;
    Ok(edited(&project, &edits).into_values().collect())
}

#[test]
fn a_constant_is_renamed_everywhere() {
    let files = [
        ("a.funnel", "const bi$0g = 50 EUR\nconst twice = big * 2\n"),
        ("b.funnel", "on purchase where amount > big -> send sms \"{{ big | money }}\" -> send sms file \"c.txt\"\n"),
        ("c.txt", "More than {{ if client.spent is known and client.spent > big }}{{ big | money }}{{ end }}\n"),
    ];
    let expected = [
        "const large = 50 EUR\nconst twice = large * 2\n",
        "on purchase where amount > large -> send sms \"{{ large | money }}\" -> send sms file \"c.txt\"\n",
        "More than {{ if client.spent is known and client.spent > large }}{{ large | money }}{{ end }}\n",
    ];
    assert_eq!(renamed(&files, "large").expect("it can"), expected);
    assert_eq!(renamed(&files, "twice").expect_err("taken"), "renaming to `twice` would change what a name refers to");
    assert_eq!(
        renamed(&files, "amount").expect_err("captured"),
        "renaming to `amount` would change what a name refers to"
    );
    assert_eq!(renamed(&files, "a b").expect_err("no name"), "`a b` is not a valid name");
}

#[test]
fn events_fields_and_actions_are_renamed_in_tests_and_settings_too() {
    let files = [
        ("funnel.toml", "[actions.sync]\nurl = \"https://crm.example/\"\n\n[channels.sms]\ntemplate = \"hello\"\n"),
        (
            "a.funnel",
            "event lesson { key id: text  done: bool later }\naction sync(id: text)\ntemplate sms hello(lesson) = \"{{ lesson.id }}\"\n\
             on les$0son as l -> if l.done { do sync(id: l.id) } else { send sms hello }\non lesson -> if done -> emit lesson { id: lesson.id }\n\
             test \"x\" {\n  at 2026-03-01 10:00 lesson { id: \"1\", done: true }\n  expect do sync\n  expect emit lesson\n}\n",
        ),
    ];
    let lesson = renamed(&files, "course").expect("it can");
    assert_eq!(lesson.len(), 1);
    assert!(!lesson[0].contains("lesson"), "{}", lesson[0]);
    let at = |what: &str| {
        let text = files[1].1.replace("$0", "").replacen(what, &format!("{}$0{}", &what[..1], &what[1..]), 1);
        [files[0], ("a.funnel", &*text.leak())]
    };
    let sync = renamed(&at("sync"), "tell_crm").expect("it can");
    assert!(sync.iter().all(|text| !text.contains("sync")), "{sync:?}");
    assert_eq!(sync.len(), 2);
    let hello = renamed(&at("hello"), "welcome").expect("it can");
    assert!(hello.iter().all(|text| !text.contains("hello")), "{hello:?}");
    let done = renamed(&at("done"), "finished").expect("it can");
    assert!(!done[0].contains("done"), "{done:?}");
    assert!(renamed(&at("done"), "id").is_err());
}

#[test]
fn labels_and_aliases_are_renamed_in_their_funnel_only() {
    let text = "funnel one { on booking as b -> ask: send sms \"{{ b.id }}\" -> if b.cancelled { stop } else { wait 1h } -> goto as$0k }\n\
                funnel two { on booking as b -> ask: wait 1h -> if b.cancelled { goto ask } else { stop } }\n";
    let label = renamed(&[("a.funnel", text)], "again").expect("it can");
    assert_eq!(label[0].matches("again").count(), 2);
    assert_eq!(label[0].matches("ask").count(), 2);
    let text = text.replace("as$0k", "ask").replacen("{{ b.", "{{ b$0.", 1);
    let alias = renamed(&[("a.funnel", &text)], "first").expect("it can");
    assert_eq!(alias[0].matches("first").count(), 3, "{}", alias[0]);
    assert!(renamed(&[("a.funnel", &text)], "client").is_err());
}

#[test]
fn names_of_the_language_cannot_be_renamed() {
    let refused = |text: &str| renamed(&[("a.funnel", text)], "other").expect_err("refused");
    assert_eq!(refused("on boo$0king -> stop"), "`booking` is built in and cannot be renamed");
    assert_eq!(refused("on booking -> send s$0ms"), "`sms` is a reserved name");
    assert_eq!(refused("on booking -> if cli$0ent.city is known -> stop"), "`client` is a reserved name");
    assert_eq!(refused("on booking -> wa$0it 1h -> stop"), "this cannot be renamed");
}

#[test]
fn a_rename_cannot_change_the_default_template() {
    let renamed = |text: &str, to: &str| renamed(&[("a.funnel", text)], to);
    let own = "template sms hel$0lo = \"Hi\"\nfunnel f { on booking -> send sms -> send sms hello }\n";
    assert_eq!(
        renamed(own, "default").expect_err("refused"),
        "`default` is the template that `send` uses when none is named"
    );
    let usual = "template sms def$0ault = \"Hi\"\nfunnel f { on booking -> send sms }\n";
    assert!(renamed(usual, "hello").is_err());
    assert!(renamed(own, "to").is_err() && renamed(own, "else").is_err() && renamed(own, "greeting").is_ok());
}

#[test]
fn a_name_that_is_taken_is_refused() {
    let events = "event less$0on { key id: text }\nevent course { key id: text }\n\
                  on lesson -> stop\non course -> stop\n";
    for taken in ["course", "booking", "visit"] {
        let refused = renamed(&[("a.funnel", events)], taken).expect_err("taken");
        assert_eq!(refused, format!("renaming to `{taken}` would change what a name refers to"));
    }
    assert!(renamed(&[("a.funnel", events)], "class").is_ok());
    let other =
        [("a.funnel", "event les$0son { key id: text }\non lesson -> stop\n"), ("b.funnel", "event course {}\n")];
    assert!(renamed(&other, "course").is_err(), "declared in another file");
    let unused = "event les$0son { key id: text }\non visit -> stop\n";
    assert!(renamed(&[("a.funnel", unused)], "booking").is_err(), "nothing uses it");
    let field = "client { lev$0el: text? }\non visit -> stop\n";
    assert!(renamed(&[("a.funnel", field)], "city").is_err(), "a field of the client");
    let field = "event booking { room$0: text? }\non booking -> stop\n";
    assert!(renamed(&[("a.funnel", field)], "service").is_err(), "a field of a built-in event");
    assert!(renamed(&[("a.funnel", field)], "place").is_ok());
}
