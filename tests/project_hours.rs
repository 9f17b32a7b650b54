//! `hours` in the project file: those of every funnel that has none of its own.

use crate::support::event::event;
use crate::support::program::run_funnelc;
use serde_json::json;

const FUNNELS: &str = r#"
on visit -> send sms "without hours"

funnel own {
  hours 08:00..12:00
  on visit -> send sms "own hours"
}

funnel urgent {
  hours 00:00..24:00
  on visit -> send sms "urgent"
}
"#;

/// A project with these settings, and what a command says about it.
fn said(settings: &str, args: &[&str]) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(place("funnel.toml"), settings).unwrap();
    std::fs::write(place("a.funnel"), FUNNELS).unwrap();
    let client = event("client").client("c").at("2026-03-01T10:00:00Z").data(json!({"phone": "+4930901820"}));
    let visit = event("visit").client("c").at("2026-03-01T23:30:00Z").data(json!({"id": "v"}));
    std::fs::write(place("e.ndjson"), format!("{client}\n{visit}\n")).unwrap();
    let args = args.iter().map(|arg| arg.replace("DIR", &place("")).replace("LOG", &place("e.ndjson")));
    let ran = run_funnelc(args.collect::<Vec<_>>());
    (ran.code, format!("{}{}", ran.out, ran.err))
}

fn sent(settings: &str) -> Vec<String> {
    let (code, out) = said(settings, &["simulate", "DIR", "--events", "LOG"]);
    assert_eq!(code, Some(0), "{out}");
    let sends = out.lines().filter(|line| line.contains("send sms"));
    let when = |line: &str| format!("{} {}", &line[..16], line.rsplit('"').nth(1).unwrap());
    sends.map(when).collect()
}

#[test]
fn hours_of_the_project_are_those_of_funnels_without_hours() {
    let zone = "timezone = \"UTC\"\n";
    let night = ["2026-03-01 23:30 urgent", "2026-03-01 23:30 without hours", "2026-03-02 08:00 own hours"];
    let mut all = sent(zone);
    all.sort();
    assert_eq!(all, night);
    let mut all = sent(&format!("{zone}hours = \"monday..friday 09:00..21:00\"\n"));
    all.sort();
    assert_eq!(all, ["2026-03-01 23:30 urgent", "2026-03-02 08:00 own hours", "2026-03-02 09:00 without hours"]);
}

#[test]
fn mistakes_in_the_hours_of_the_project_are_reported() {
    for (settings, expected) in [
        ("timezone = \"UTC\"\nhours = \"9 to 5\"\n", "`hours` must be hours such as"),
        ("timezone = \"UTC\"\nhours = \"09:00..09:00\"\n", "`hours` must be hours such as"),
        ("timezone = \"UTC\"\nhours = \"09:00..10:00\\non visit -> stop\"\n", "`hours` must be hours such as"),
        ("timezone = \"UTC\"\nhours = [\"09:00..21:00\"]\n", "`hours` must be a quoted string"),
        ("hours = \"09:00..21:00\"\n", "`hours` needs `timezone`"),
    ] {
        let (code, out) = said(settings, &["check", "DIR"]);
        assert!(code == Some(1) && out.contains(expected), "{settings}\n{out}");
    }
}

#[test]
fn a_graph_with_the_hours_of_the_project_becomes_text_without_them() {
    let folder = tempfile::tempdir().unwrap();
    let settings = "timezone = \"UTC\"\nhours = \"09:00..21:00\"\n";
    let (code, graph) = said(settings, &["graph", "DIR", "--format", "json"]);
    assert_eq!(code, Some(0), "{graph}");
    assert!(graph.contains("\"project_hours\":true") || graph.contains("\"project_hours\": true"), "{graph}");
    let file = folder.path().join("g.json");
    std::fs::write(&file, graph).unwrap();
    let text = run_funnelc(["graph".to_owned(), "--from-json".into(), file.display().to_string()]);
    assert_eq!(text.code, Some(0), "{}", text.err);
    assert!(text.out.contains("08:00..12:00") && !text.out.contains("09:00..21:00"), "{}", text.out);
}
