//! The project file: its findings as golden files, the values it passes to the compiler, and how files are found.

use funnelc::channel::{OnUnknown, Secret};
use funnelc::diagnostic::{Code, Diagnostic, Language, render::render};
use funnelc::project::{self, FilesError, Project};
use funnelc::source::Sources;
use funnelc::value::{Timestamp, Type};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn no_environment(_: &str) -> Option<String> {
    None
}

fn parse(text: &str) -> (Sources, Project, Vec<Diagnostic>) {
    let mut sources = Sources::new();
    let file = sources.add("funnel.toml", text);
    let (project, found) = project::parse(text, file, PathBuf::new());
    (sources, project, found)
}

/// An environment with one variable, which is not a valid signing secret.
fn old_password(name: &str) -> Option<String> {
    (name == "OLD_PASSWORD").then(|| "hunter2".to_owned())
}

/// The findings of a project file: those of parsing, or else those of setting up the channels with hardly any secrets.
fn findings(text: &str) -> (Sources, Vec<Diagnostic>) {
    let (sources, project, mut found) = parse(text);
    if found.is_empty() {
        found = project.channels(&old_password).err().unwrap_or_default();
    }
    (sources, found)
}

fn codes(found: &[Diagnostic]) -> BTreeSet<Code> {
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

/// The text of a file of this repository.
fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// The TOML blocks of a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect()
}

const CODES: [Code; 7] = [
    Code::BadProject,
    Code::UnknownKey,
    Code::BadSetting,
    Code::MissingSecret,
    Code::RefusedAddress,
    Code::BadSecret,
    Code::UnknownCode,
];

#[test]
fn project_files_match_their_golden_files() {
    let mut faults = String::new();
    for code in CODES {
        let stem = format!("tests/errors/{}", code.number());
        let (sources, found) = findings(&read(&format!("{stem}.toml")));
        let rendered = render(&sources, &found, false);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("{stem}.txt"));
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&golden, &rendered).unwrap();
        }
        if codes(&found) != BTreeSet::from([code]) || std::fs::read_to_string(&golden).unwrap_or_default() != rendered {
            faults += &format!("{stem}.toml is rendered as\n{rendered}\n");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn examples_of_explain_pages_give_their_code() {
    for code in CODES {
        let [example, fix] = blocks(code.page(Language::English))[..] else {
            panic!("{}: expected two blocks of TOML", code.number())
        };
        assert_eq!(codes(&findings(example).1), BTreeSet::from([code]), "{}", code.number());
        assert!(!codes(&findings(fix).1).contains(&code), "{}", code.number());
    }
}

#[test]
fn the_examples_of_the_reference_are_valid() {
    let page = read("grammar/reference/project.md");
    let blocks = blocks(&page);
    assert!(blocks.len() >= 3);
    for block in blocks {
        let (sources, project, found) = parse(block);
        assert!(found.is_empty(), "{}", render(&sources, &found, false));
        let secrets = |_: &str| Some("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw".to_owned());
        assert!(project.channels(&secrets).is_ok(), "{block}");
    }
}

#[test]
fn the_project_files_of_the_examples_are_valid() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut checked = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path().join(project::PROJECT_FILE);
        if file.is_file() {
            let mut sources = Sources::new();
            let (_, found) = project::load(&file, &mut sources).unwrap();
            assert!(found.is_empty(), "{}", render(&sources, &found, false));
            checked += 1;
        }
    }
    assert!(checked > 0);
}

#[test]
fn a_secret_in_the_file_is_never_shown() {
    let (sources, found) = findings(
        "[channels.email]\nprovider = \"smtp\"\nhost = \"h.example\"\nuser = \"u\"\nfrom = \"a@b.example\"\npassword = \"hunter2\"\n",
    );
    assert_eq!(codes(&found), BTreeSet::from([Code::BadSetting]));
    assert!(found.iter().all(|d| !format!("{d:?}").contains("hunter2")));
    assert!(render(&sources, &found, false).contains("password = { env = \"PASSWORD\" }"));
}

#[test]
fn one_mistake_gives_one_finding() {
    let gate = "[channels.sms]\nprovider = \"http\"\nurl = \"https://gate.example/?k={key}&to={to}&t={text}\"\n";
    for text in [
        format!("{gate}[channels.sms.secrets]\nkey = \"plain\"\n"),
        format!("{gate}[channels.sms.secrets]\nkey = {{ env = \"K\" }}\n[channels.sms.accepted]\nstatus = 200\n"),
        "[channels.email]\nprovider = \"smtp\"\nhost = \"h.example\"\nfrom = 7\n".to_owned(),
        "[channels.sms]\nprovider = \"twilio\"\naccount = \"AC1\"\ntoken = { env = \"T\" }\nfrom = 7\n".to_owned(),
        "business = 3\n".to_owned(),
        "[channels]\nsms = true\n".to_owned(),
        "[server]\nlisten = \"nowhere\"\n".to_owned(),
    ] {
        let (sources, _, found) = parse(&text);
        assert_eq!(found.len(), 1, "{text}\n{}", render(&sources, &found, false));
    }
}

#[test]
fn the_project_file_configures_the_checker() {
    let (_, project, found) = parse(
        "timezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\n[business]\nphone = \"+7 999 000-00-00\"\nparking = \"yes\"\n\
         [channels.sms]\nprovider = \"console\"\ntemplate = \"reminder\"\n",
    );
    assert_eq!(found, []);
    let context = project.context;
    assert_eq!((context.zone.as_deref(), context.currency.as_deref()), (Some("Europe/Berlin"), Some("EUR")));
    assert_eq!(context.channels, Some(BTreeSet::from(["sms".to_owned()])));
    assert_eq!(context.default_templates.get("sms").map(String::as_str), Some("reminder"));
    let field = |name: &str| context.business.get(name).map(|field| (field.ty.clone(), field.optional));
    assert_eq!(field("phone"), Some((Type::Phone, false)));
    assert_eq!(field("parking"), Some((Type::Text, false)));
    assert_eq!(field("email"), Some((Type::Email, true)));
    assert_eq!(project.business.get("parking").and_then(|v| v.as_str()), Some("yes"));
    assert_eq!(project.business.get("phone").and_then(|v| v.as_str()), Some("+79990000000"));
}

#[test]
fn without_channels_messages_go_to_the_console() {
    let (_, project, _) = parse("name = \"x\"\n");
    assert_eq!(project.context.channels, None);
    let channels = project.channels(&no_environment).unwrap_or_default();
    assert_eq!(channels.get("sms").name(), "console");
}

#[test]
fn the_policy_for_unknown_outcomes_depends_on_provider_and_settings() {
    let gate = "provider = \"http\"\nurl = \"https://gate.example/\"\nbody = '{\"to\": \"{to}\", \"t\": \"{text}\"}'\n";
    let cases = [
        (format!("[channels.sms]\n{gate}"), "sms", OnUnknown::Skip),
        (format!("[channels.sms]\n{gate}on_unknown = \"resend\"\n"), "sms", OnUnknown::Resend),
        (format!("[channels.sms]\n{gate}idempotency_header = \"Idempotency-Key\"\n"), "sms", OnUnknown::Retry),
        (
            "[channels.email]\nprovider = \"smtp\"\nhost = \"h.example\"\nfrom = \"a@b.example\"\n".to_owned(),
            "email",
            OnUnknown::Resend,
        ),
    ];
    for (text, name, expected) in cases {
        let (sources, project, found) = parse(&text);
        assert!(found.is_empty(), "{}", render(&sources, &found, false));
        let channels = project.channels(&no_environment).unwrap_or_else(|found| panic!("{found:?}"));
        assert_eq!(channels.get(name).on_unknown(), expected, "{text}");
    }
}

#[test]
fn secrets_come_from_the_environment_and_from_files() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("secret"), "s3cret\nrest\n").unwrap();
    let text = "[server]\nlisten = \"0.0.0.0:80\"\ntokens.ingest = { file = \"secret\" }\n";
    std::fs::write(folder.path().join("funnel.toml"), text).unwrap();
    let (project, found) = project::load(&folder.path().join("funnel.toml"), &mut Sources::new()).unwrap();
    assert_eq!(found, []);
    let tokens = project.server_tokens(&no_environment).unwrap();
    assert_eq!(tokens, [("ingest", Secret::new("s3cret"))]);

    let (_, project, _) =
        parse("[server.tokens]\ningest = [{ env = \"NEW\" }, { env = \"OLD\" }]\noperate = { env = \"NEW\" }\n");
    let tokens = project.server_tokens(&|name| Some(name.to_lowercase())).unwrap();
    let expected = [("ingest", "new"), ("ingest", "old"), ("operate", "new")];
    assert_eq!(tokens, expected.map(|(scope, token)| (scope, Secret::new(token))));
    let missing = project.server_tokens(&|name| (name == "NEW").then(|| "n".to_owned())).unwrap_err();
    assert_eq!((missing.len(), missing[0].code), (1, Code::MissingSecret));
}

#[test]
fn the_nearest_project_file_above_a_path_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("a/b");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::write(folder.path().join("funnel.toml"), "").unwrap();
    std::fs::write(inner.join("x.funnel"), "").unwrap();
    assert_eq!(project::find(&inner.join("x.funnel")), Some(folder.path().join("funnel.toml")));
    std::fs::write(folder.path().join("a/funnel.toml"), "").unwrap();
    assert_eq!(project::find(&inner), Some(folder.path().join("a/funnel.toml")));
}

#[test]
fn the_funnels_of_a_folder_are_sorted_and_exclude_ignored_files() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    std::fs::create_dir_all(root.join("sub/.hidden")).unwrap();
    for name in ["b.funnel", "a.funnel", "sub/c.funnel", "draft.funnel", "sub/.hidden/h.funnel", "notes.txt"] {
        std::fs::write(root.join(name), "").unwrap();
    }
    std::fs::write(root.join(".gitignore"), "draft.funnel\n").unwrap();
    let expected: Vec<_> = ["a.funnel", "b.funnel", "sub/c.funnel"].map(|name| root.join(name)).into();
    assert_eq!(project::files(&[root.to_owned()]), Ok(expected));

    let twice = [root.join("a.funnel"), root.join("sub/../a.funnel"), root.join("notes.txt")];
    let expected = vec![root.join("a.funnel"), root.join("notes.txt")];
    assert_eq!(project::files(&twice), Ok(expected));

    let (none, empty) = (root.join("none.funnel"), root.join("sub/.hidden/empty"));
    std::fs::create_dir_all(&empty).unwrap();
    let faults = project::files(&[none.clone(), root.join("a.funnel"), empty.clone()]).unwrap_err();
    assert_eq!(faults, [FilesError::Missing(none.clone()), FilesError::Empty(empty)]);
    assert_eq!(faults[0].to_string(), format!("no such file or folder: `{}`", none.display()));
}

#[test]
fn a_project_file_that_cannot_be_read_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("funnel.toml");
    std::fs::write(&file, b"name = \"\xff\"\n").unwrap();
    let mut sources = Sources::new();
    let (_, found) = project::load(&file, &mut sources).unwrap();
    assert_eq!(codes(&found), BTreeSet::from([Code::BadProject]));
    assert!(project::load(&folder.path().join("none.toml"), &mut sources).is_err());
}

/// A project file with every table and most keys.
fn whole() -> String {
    let page = read("grammar/reference/project.md");
    let blocks = blocks(&page);
    format!("{}\n{}", blocks[0], blocks[2].replace("channels.sms", "channels.telegram"))
}

#[test]
fn the_input_of_the_damage_test_is_valid() {
    let (sources, _, found) = parse(&whole());
    assert!(found.is_empty(), "{}", render(&sources, &found, false));
}

proptest! {
    /// Whatever the file contains, parsing ends, and every finding points into the text and can be rendered.
    #[test]
    fn a_damaged_project_file_never_breaks_parsing(at in 0.0..1.0_f64, length in 0..40_usize, inserted in "[\\PC\n\"'{}\\[\\]=]{0,6}") {
        let whole: Vec<char> = whole().chars().collect();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "an offset in a short text")]
        let start = (at * whole.len() as f64) as usize;
        let end = (start + length).min(whole.len());
        let text: String = whole[..start].iter().copied().chain(inserted.chars()).chain(whole[end..].iter().copied()).collect();
        let (sources, found) = findings(&text);
        for diagnostic in &found {
            prop_assert!(text.get(diagnostic.span.range()).is_some(), "{diagnostic:?}");
            prop_assert!(diagnostic.label.split(' ').count() <= 8 && !diagnostic.message.contains('\n'), "{diagnostic:?}");
        }
        let _ = render(&sources, &found, false);
    }
}

#[test]
fn an_invalid_zone_gives_one_finding_and_is_not_guessed_from_an_offset() {
    for (zone, help) in [("UTC+3", "\"Europe/Moscow\""), ("Moscow", "did you mean `\"Europe/Moscow\"`?")] {
        let (_, project, found) = parse(&format!("timezone = \"{zone}\"\n"));
        let [finding] = &found[..] else { panic!("{found:?}") };
        assert!(finding.help.iter().any(|text| text.contains(help)), "{finding:?}");
        assert_eq!(finding.fixes.is_empty(), zone == "UTC+3");
        assert!(project.context.zone.is_some());
    }
    assert!(parse("timezone = 3\n").1.context.zone.is_some());
    assert!(parse("timezone = \n").1.context.zone.is_some());
}

#[test]
fn a_gateway_request_needs_the_recipient_and_the_text() {
    let gate = |rest: &str| format!("[channels.sms]\nprovider = \"http\"\nurl = \"https://gate.example/{rest}");
    for (rest, expected) in [
        ("\"\n", "no `{to}`, no `{text}`"),
        ("?t={text}\"\n", "recipient: no `{to}`"),
        ("?t={to}\"\nbody = '{\"id\": \"{id}\"}'\n", "text: no `{text}`"),
    ] {
        let found = parse(&gate(rest)).2;
        let [finding] = &found[..] else { panic!("{found:?}") };
        assert!(finding.code == Code::BadSetting && finding.message.ends_with(expected), "{finding:?}");
    }
    for rest in ["?to={to}&t={text}\"\n", "\"\nbody = '{\"t\": \"{text}\"}'\n[channels.sms.headers]\nTo = \"{to}\"\n"] {
        assert_eq!(parse(&gate(rest)).2, []);
    }
}

#[test]
fn project_wide_limits_are_parsed() {
    let (_, project, found) =
        parse("[limits]\nsms = \"2 per 7d\"\nmessages = [\"1 per 1d else defer up to 3d\", \"8 per 1mo else skip\"]\n");
    assert_eq!(found, []);
    let shown: Vec<_> = project
        .context
        .limits
        .iter()
        .map(|limit| format!("{} {:?} per {}, {:?}", limit.count, limit.channel, limit.per, limit.whole_project))
        .collect();
    assert_eq!(shown, ["2 Some(\"sms\") per 7d, true", "1 None per 1d, true", "8 None per 1mo, true"]);
    for wrong in ["\"2\"", "\"two per 7d\"", "\"0 per 7d\"", "\"2 per 0d\"", "\"2 per 7d else later\"", "[2]", "{}"] {
        let (_, _, found) = parse(&format!("[limits]\nsms = {wrong}\n"));
        assert_eq!(found.len(), 1, "{wrong}: {found:?}");
    }
    let (_, _, found) = parse("[limits]\nemial = \"2 per 7d\"\n");
    assert_eq!(found[0].fixes.len(), 1, "a similar key is suggested");
}

#[test]
fn local_phone_numbers_get_the_country_code() {
    let (_, project, found) = parse("country = \"RU\"\n");
    assert_eq!((project.context.country.as_deref(), found.len()), (Some("RU"), 0));
    assert_eq!(parse("country = \"Russia\"\n").2.len(), 1);

    let mut sources = Sources::new();
    let compiled = funnelc::compile(&mut sources, &[], &project.context);
    let event = |phone: &str| serde_json::json!({"type": "client", "client": "c1", "data": {"phone": phone}});
    let read = |phone: &str| funnelc::engine::decode(&compiled.program.catalog, &event(phone), Timestamp(0));
    assert_eq!(read("8 (999) 000-00-00").unwrap().data["phone"], "+79990000000");
    assert_eq!(read("+49 30 901820").unwrap().data["phone"], "+4930901820");
    let left_out =
        funnelc::engine::receive(&compiled.program.catalog, &event("999-00"), Timestamp(0)).unwrap().left_out;
    assert_eq!(left_out.iter().map(|part| part.code).collect::<Vec<_>>(), [Code::WrongFieldType]);
}

#[test]
fn a_gateway_escapes_every_value_or_is_refused() {
    let gate = |content_type: &str, body: &str, header: &str| {
        let text = format!(
            "[channels.sms]\nprovider = \"http\"\nurl = \"https://gate.example/{{to}}\"\ncontent_type = \"{content_type}\"\n\
             body = '''{body}'''\n[channels.sms.headers]\nX-To = \"{header}\"\n"
        );
        parse(&text).2.into_iter().map(|found| found.message.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(gate("text/plain; charset=utf-8", "{text}", "{to}"), [""; 0]);
    assert_eq!(gate("application/vnd.api+json", r#"{"t": "{text}"}"#, "{to}"), [""; 0]);
    for (content_type, body) in [
        ("text/plain", "to: {to}\ntext: {text}"),
        ("multipart/form-data; boundary=x", "--x\n\n{text}\n--x--"),
        ("application/octet-stream", "{text}"),
    ] {
        let found = gate(content_type, body, "{to}");
        assert!(found.len() == 1 && found[0].contains("not known how to escape"), "{found:?}");
    }
    let found = gate("application/json", r#"{"t": "{text}"}"#, "to={to}; x=1");
    assert_eq!(found, ["`{to}` must be the whole value of a header"]);
}

#[test]
fn blank_secrets_and_tokens_that_no_request_can_send_are_refused() {
    let (_, project, _) = parse("[server.tokens]\ningest = { env = \"T\" }\n");
    for (value, message) in [
        (" ", "environment variable `T` contains only blanks"),
        (" \t\n", "environment variable `T` contains only blanks"),
        ("", "environment variable `T` is not set"),
        ("two words", "a token must not contain blanks, or characters other than ASCII"),
        ("токен", "a token must not contain blanks, or characters other than ASCII"),
        ("ends\n", "a token must not contain blanks, or characters other than ASCII"),
    ] {
        let found = project.server_tokens(&|_| Some(value.to_owned())).unwrap_err();
        assert_eq!(found[0].message.to_string(), message, "{value:?}");
        assert!(value.trim().is_empty() || !format!("{found:?}").contains(value), "it is shown");
    }
    let (_, project, _) = parse(
        "[channels.sms]\nprovider = \"twilio\"\naccount = \"AC1\"\nfrom = \"+15005550006\"\ntoken = { env = \"T\" }\n",
    );
    let Err(found) = project.channels(&|_| Some("  ".to_owned())) else { panic!("it is refused") };
    assert_eq!(found[0].message.to_string(), "environment variable `T` contains only blanks");
}
