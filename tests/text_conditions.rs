//! Conditions in texts: which part is shown, in every kind of text, by every host; and what is derived from such texts.

use super::support::played::BERLIN;
use super::support::program::{package, run_funnelc};
use super::support::story::Story;
use funnelc::analysis::{Coding, sms_size};
use funnelc::check::program::{Content, Element};
use funnelc::check::{Context, MessageSettings};
use funnelc::graph::{self, export, write_expr};
use funnelc::source::Sources;
use std::fs;

const DECLARED: &str = "client { city: text?, points: number?, vip: bool? }\n";

/// What an SMS with a text says to a client with these fields.
fn shown(text: &str, client: &str) -> String {
    let funnel = format!("{DECLARED}on visit -> send sms {text}");
    let client = format!(
        r#"{{"type":"client","id":"e1","client":"c1","at":"2026-03-01T10:00:00Z","data":{{"phone":"+4930901820"{client}}}}}"#
    );
    let visit = r#"{"type":"visit","id":"v1","client":"c1","at":"2026-03-02T10:00:00Z","data":{"id":"v1"}}"#;
    let results = Story::new("UTC", &funnel).results(&[&client, visit]);
    let sent = results.iter().find_map(|line| line.split_once("send sms +4930901820: "));
    sent.unwrap_or_else(|| panic!("{results:?}")).1.to_owned()
}

#[test]
fn the_first_branch_whose_condition_is_true_is_shown() {
    let one = r#""{{ if client.points is known and client.points > 9 }}many{{ else if client.vip }}vip{{ else if client.city is known }}{{ client.city }}{{ else }}none{{ end }}""#;
    for (client, text) in [
        (r#","points":10,"vip":true"#, "many"),
        (r#","points":9,"vip":true"#, "vip"),
        (r#","vip":false,"city":"Bonn""#, "Bonn"),
        ("", "none"),
    ] {
        assert_eq!(shown(one, client), text, "{client}");
    }
    let nested = r#""a{{ if client.vip }}b{{ if client.city is known }}c{{ else }}d{{ end }}e{{ end }}f""#;
    assert_eq!(shown(nested, ""), "af");
    assert_eq!(shown(nested, r#","vip":true"#), "abdef");
    assert_eq!(shown(nested, r#","vip":true,"city":"x""#), "abcef");
    // The past, what the client is in, and strings with filters are conditions, too.
    let past = r#""{{ if count(visit) > 1 }}again{{ else if not (client is in other) }}first{{ end }}""#;
    let funnel = |text: &str| format!("{text}\nfunnel other {{ on form -> wait 1d }}");
    assert_eq!(shown(&funnel(past), ""), "first");
    let lower = r#""{{ if "{{ client.city | default("") | lower }}" == "bonn" }}Rhine{{ else }}sea{{ end }}""#;
    assert_eq!(shown(lower, r#","city":"BONN""#), "Rhine");
    assert_eq!(shown(lower, ""), "sea");
}

#[test]
fn a_line_that_holds_only_tags_is_not_in_the_text() {
    let text = r#""""
      Hello
      {{ if client.vip }}
      dear VIP,
      {{ else }}
      dear guest,
      {{ end }}

      you have {{ if client.points is known }}{{ client.points }}{{ else }}no{{ end }} points.
      {{ if client.city is known }}
      Bye, {{ client.city }}
      {{ end }}
      """"#;
    assert_eq!(shown(text, ""), "Hello\ndear guest,\n\nyou have no points.");
    assert_eq!(
        shown(text, r#","vip":true,"points":3,"city":"Bonn""#),
        "Hello\ndear VIP,\n\nyou have 3 points.\nBye, Bonn"
    );
    let indented = r#""""
      Hello
      {{ if client.vip }}
        dear VIP,
          {{ client.city | default("you") }}
        {{ if client.points is known }}
          {{ client.points }} points
        {{ else }}
          no points
        {{ end }}
      {{ else }}
        dear guest,
      {{ end }}
        bye
      """"#;
    assert_eq!(shown(indented, ""), "Hello\ndear guest,\n  bye");
    assert_eq!(shown(indented, r#","vip":true"#), "Hello\ndear VIP,\n  you\nno points\n  bye");
    assert_eq!(shown(indented, r#","vip":true,"points":2"#), "Hello\ndear VIP,\n  you\n2 points\n  bye");
    let paragraphs = r#""""
      {{ if client.city is known }}
      {{ client.city }}
      {{ end }}

      Hello

      {{ if client.vip }}
      VIP
      {{ else if client.points is known }}
      {{ client.points }}
      {{ end }}

      {{ if client.vip }}
      yes
      {{ else }}
      no
      {{ end }}

      Bye
      """"#;
    assert_eq!(shown(paragraphs, ""), "Hello\n\nno\n\nBye");
    assert_eq!(shown(paragraphs, r#","points":2,"city":"Bonn""#), "Bonn\n\nHello\n\n2\n\nno\n\nBye");
    assert_eq!(shown(paragraphs, r#","vip":true"#), "Hello\n\nVIP\n\nyes\n\nBye");
    // On one line, every blank stays, except for those at the end.
    assert_eq!(shown(r#""a {{ if client.vip }} b {{ end }} c""#, ""), "a  c");
    assert_eq!(shown(r#""a\n{{ if client.vip }}\nb{{ end }}\nc""#, ""), "a\n\nc");
    assert_eq!(shown(r#""a {{ if client.vip }} b {{ end }}""#, ""), "a");
}

#[test]
fn simulate_and_run_show_the_same_in_every_kind_of_text() {
    let folder = tempfile::tempdir().unwrap();
    let case = package("tests/zoo/right/conditions-in-every-text");
    for file in ["main.funnel", "letter.mjml", "letter.txt"] {
        fs::copy(case.join(file), folder.path().join(file)).unwrap();
    }
    fs::write(folder.path().join("funnel.toml"), BERLIN).unwrap();
    let events = [
        r#"{"type":"client","id":"e1","client":"anna","at":"2026-03-01T10:00:00Z","data":{"phone":"+4930901820","email":"a@lumen.example","name":"<Anna>","city":"Bonn","points":5,"vip":true}}"#,
        r#"{"type":"client","id":"e2","client":"ben","at":"2026-03-01T10:00:00Z","data":{"phone":"+4930901821","email":"b@lumen.example"}}"#,
        r#"{"type":"booking","client":"anna","at":"2026-03-02T10:00:00Z","data":{"id":"b1","starts_at":"2026-03-10T18:00:00Z"}}"#,
        r#"{"type":"booking","client":"ben","at":"2026-03-02T11:00:00Z","data":{"id":"b2","starts_at":"2026-03-10T18:00:00Z"}}"#,
    ];
    fs::write(folder.path().join("e.ndjson"), events.join("\n")).unwrap();
    // Without a text of its own, the email is that of the MJML.
    let funnel = fs::read_to_string(folder.path().join("main.funnel")).unwrap();
    let funnel = funnel.replace("         text: file \"letter.txt\"\n", "");
    let (funnel, _) = funnel.split_once("\ntest ").unwrap();
    fs::write(folder.path().join("mjml.funnel"), funnel.replace("every_text", "mjml")).unwrap();
    for (file, [anna, ben]) in [
        (
            "main.funnel",
            [
                vec![
                    "Dear <Anna>,\\nwe expect you.\\nYour lounge is open.",
                    "\"subject\":\"<Anna>, see you soon\",\"text\":\"<Anna> has 5 points.\\nBye!\"",
                    "\"text\":\"A < B\"",
                    "\"assignee\":\"manager\",\"text\":\"Call <Anna>\"",
                    "\"to\":\"https://crm.example/vip\",\"body\":{\"note\":\"from Bonn\"}",
                    "\"value\":\"Berlin\"",
                    "\"tag\":\"gold\"",
                    "https://lumen.example/map?name=%3CAnna%3E&x=1\"",
                ],
                vec![
                    "\"text\":\"we expect you.\"",
                    "\"subject\":\"see you soon\",\"text\":\"You have no card.\\nBye!\"",
                    "\"text\":\"you\"",
                    "\"assignee\":\"desk\",\"text\":\"Call the client\"",
                    "\"to\":\"https://crm.example/all\",\"body\":{\"note\":\"\"}",
                    "\"value\":\"Hamburg\"",
                    "\"tag\":\"silver\"",
                    "https://lumen.example/map?x=1\"",
                ],
            ],
        ),
        (
            "mjml.funnel",
            [
                vec!["Lounge\\nDear <Anna>\\n5 points\\na\\nBonn\\nVIP Bonn (https://lumen.example/Bonn)"],
                vec!["Hall\\nNo points\\na\""],
            ],
        ),
    ] {
        let path = |name: &str| folder.path().join(name).display().to_string();
        let log = path("e.ndjson");
        let simulated = run_funnelc(["simulate", &path(file), "--events", &log, "--format", "json"]);
        let run = ["run", &path(file), "--events", &log, "--fast-forward", "--dry-run", "--format", "json"];
        let run = run_funnelc(run);
        assert_eq!(simulated.out, run.out, "{}\n{}", simulated.err, run.err);
        for (client, texts) in [("\"anna\"", anna), ("\"ben\"", ben)] {
            let own: Vec<&str> = run.out.lines().filter(|line| line.contains(client)).collect();
            for text in texts {
                assert!(own.iter().any(|line| line.contains(text)), "{file}: `{text}` is not in\n{}", own.join("\n"));
            }
        }
    }
}

/// The text of the only SMS of a funnel.
fn compiled(text: &str) -> (Vec<std::sync::Arc<graph::Graph>>, funnelc::check::program::Expr) {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", format!("{DECLARED}on visit -> send sms {text}"));
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    assert!(compiled.diagnostics.iter().all(|d| !d.is_error()), "{:?}", compiled.diagnostics);
    let funnel = compiled.program.funnels.first().unwrap();
    let Some(Element::Send { send, .. }) = funnel.entries[0].chain.first().map(|step| &step.element) else {
        panic!("a send")
    };
    let Content::Text(text) = &send.content else { panic!("a text") };
    (compiled.graphs, text.clone())
}

#[test]
fn an_sms_counts_with_its_longest_branch() {
    let size = |text: &str| {
        let size = sms_size(&MessageSettings::default(), &compiled(text).1);
        (size.characters, size.segments, size.coding)
    };
    assert_eq!(size(r#""ab{{ if client.vip }}cde{{ else }}f{{ end }}""#), (5, 1, Coding::Gsm));
    assert_eq!(size(r#""ab{{ if client.vip }}c{{ end }}""#), (3, 1, Coding::Gsm));
    // One branch with a character outside of the alphabet is enough.
    assert_eq!(
        size(r#""ab{{ if client.vip }}я{{ else if client.city is known }}c{{ else }}d{{ end }}""#),
        (3, 1, Coding::Ucs2)
    );
    let long = "x".repeat(100);
    let text = format!(r#""{long}{{{{ if client.vip }}}}{long}{{{{ else }}}}я{{{{ end }}}}""#);
    assert_eq!(size(&text), (101, 2, Coding::Ucs2), "it fills more of its segments");
    let text = format!(r#""{long}{{{{ if client.vip }}}}{long}{long}{{{{ else }}}}я{{{{ end }}}}""#);
    assert_eq!(size(&text), (300, 2, Coding::Gsm));
    let nested = r#""{{ if client.vip }}{{ if client.city is known }}{{ client.city }}{{ end }}!{{ end }}""#;
    assert_eq!(size(nested), (21, 1, Coding::Gsm));
    // So many branches are not all combined.
    let branch = r#"{{ if client.vip }}abc{{ else if client.city is known }}ab{{ else }}a{{ end }}"#;
    assert_eq!(size(&format!("\"{}\"", branch.repeat(12))), (36, 1, Coding::Gsm));
}

#[test]
fn a_graph_holds_the_branches_and_becomes_the_same_text() {
    let text = r#""Hi{{ if client.city is known }} {{ client.city | upper }}{{ else if client.vip and not (client.points is missing) }}\n{{ client.points }}{{ else }} \{{x}}{{ end }}!""#;
    let (graphs, expr) = compiled(text);
    let written = write_expr(&expr);
    assert_eq!(
        written,
        r#""Hi{{ if client.city is known }} {{ client.city | upper }}{{ else if client.vip and not client.points is missing }}\n{{ client.points }}{{ else }} \{{x}}{{ end }}!""#
    );
    let (again, same) = compiled(&written);
    assert_eq!(same, expr);
    let json =
        |graphs: &[std::sync::Arc<graph::Graph>]| serde_json::to_string(&export(graphs, &[], &Sources::new())).unwrap();
    assert_eq!(json(&graphs).replace("not (client.points is missing)", "not client.points is missing"), json(&again));
    assert!(json(&graphs).contains(r#"{"if":{"branches":[{"condition":"#), "{}", json(&graphs));
}

#[test]
fn a_drawing_shows_the_alternatives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.funnel");
    fs::write(
        &path,
        format!("{DECLARED}on visit -> send sms \"{{{{ if client.vip }}}}A{{{{ else }}}}B{{{{ end }}}}\""),
    )
    .unwrap();
    let drawn = run_funnelc(["graph", &path.display().to_string(), "--format", "svg"]);
    assert!(drawn.out.contains("(A / B)"), "{}\n{}", drawn.out, drawn.err);
}
