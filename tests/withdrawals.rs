//! Consent, given and withdrawn in any usual spelling: what is not understood withdraws more, never less, and nothing else
//! in an event can make a withdrawal lost.

use super::check::yields;
use super::support::event::event;
use super::support::played::{BERLIN, Played, project_folder};
use super::support::program::run_funnelc;
use super::support::service::Service;
use super::support::story::Story;
use serde_json::{Value, json};

/// One message for each channel and topic.
const NEWS: &str = r#"
funnel news {
  purpose marketing news
  on visit -> send sms "sms news" -> send email { subject: "email news", text: "email news" }
}
funnel offers {
  purpose marketing summer_offers
  on visit -> send sms "sms offers" -> send email { subject: "email offers", text: "email offers" }
}
"#;

const EVERYTHING: [&str; 4] = ["sms news", "email news", "sms offers", "email offers"];

/// Anna, who agrees to everything in `consent`, then says something, then comes.
fn anna(consent: &Value, said: &[Value]) -> Vec<String> {
    let data = json!({"phone": "+491700000001", "email": "anna@example.com", "consent": consent});
    let first = event("client").id("k1").at("2026-03-01T09:00:00+01:00").data(data);
    let said = said.iter().map(Value::to_string);
    let visit = event("visit").id("v1").at("2026-03-03T09:00:00+01:00").data(json!({"id": "v1"}));
    std::iter::once(first).chain(said).chain([visit]).collect()
}

/// What Anna receives after she said something, and what was reported.
fn receives(consent: &Value, said: &[Value]) -> (Vec<&'static str>, Played) {
    let played = Played::new(NEWS, BERLIN, &anna(consent, said));
    let sent = EVERYTHING.into_iter().filter(|text| played.simulated.out.contains(&format!("\"{text}\""))).collect();
    (sent, played)
}

fn unsubscribed(data: Value) -> Value {
    json!({"type": "unsubscribed", "id": "u1", "client": "c1", "at": "2026-03-02T09:00:00+01:00", "data": data})
}

fn subscription(data: Value) -> Value {
    json!({"type": "subscription", "id": "s1", "client": "c1", "at": "2026-03-02T09:00:00+01:00", "data": data})
}

#[test]
fn the_case_of_a_channel_does_not_matter() {
    let played = Played::case("unsubscribed");
    assert_eq!(played.results(), ["2026-03-03 09:00 +01:00 c1 not sent sms to +491700000001: no consent"]);
}

#[test]
fn a_withdrawal_is_understood_in_any_usual_spelling() {
    let both = json!(["sms", "email"]);
    let (sms, email) = (["email news", "email offers"], ["sms news", "sms offers"]);
    for channel in ["SMS", "Sms ", "s.m.s.", "смс"] {
        let (sent, played) = receives(&both, &[unsubscribed(json!({"channel": channel}))]);
        assert_eq!(sent, sms, "{channel}");
        assert_eq!(played.simulated.code, Some(0), "{}", played.simulated.err);
    }
    for channel in ["E-Mail", "e mail", "EMAIL", "\u{a0}e-mail"] {
        assert_eq!(receives(&both, &[unsubscribed(json!({"channel": channel}))]).0, email, "{channel}");
    }
    for topic in ["Summer Offers", "summer-offers", "SUMMER_OFFERS"] {
        let said = unsubscribed(json!({"channel": "sms", "topic": topic}));
        assert_eq!(receives(&both, &[said]).0, ["sms news", "email news", "email offers"], "{topic}");
    }
    for channel in ["all", "*", "Any", ""] {
        let (sent, played) = receives(&both, &[unsubscribed(json!({"channel": channel}))]);
        assert_eq!(sent, [""; 0], "{channel}");
        assert!(!played.simulated.err.contains("warning"), "{}", played.simulated.err);
    }
}

#[test]
fn what_is_not_understood_withdraws_more_and_is_reported() {
    let both = json!(["sms", "email"]);
    let cases = [
        (json!({"channel": "fax"}), vec![], "unknown channel `fax`: consent is withdrawn for every channel"),
        (json!({"channel": "no-sms"}), vec![], "unknown channel `no-sms`: consent is withdrawn for every channel"),
        (json!({"channel": "sms,email"}), vec![], "consent is withdrawn for every channel"),
        (json!({"channel": ["sms"]}), vec![], "`unsubscribed.channel` must be a string"),
        (json!({"channel": 5}), vec![], "`unsubscribed.channel` must be a string"),
        (json!({"channel": "x".repeat(300)}), vec![], "consent is withdrawn for every channel"),
        (
            json!({"channel": "sms", "topic": "newz"}),
            vec!["email news", "email offers"],
            "unknown topic `newz`: consent is withdrawn for every topic",
        ),
        (
            json!({"channel": "sms", "topic": ["news"]}),
            vec!["email news", "email offers"],
            "`unsubscribed.topic` must be a string",
        ),
        (
            json!({"channel": "viber", "topic": "news"}),
            vec!["sms offers", "email offers"],
            "unknown channel `viber`: consent is withdrawn for every channel",
        ),
        (json!({"chanel": "sms"}), vec![], ""),
        (json!("sms"), vec![], "`data` must be a JSON object; only the withdrawal of consent in it is taken"),
    ];
    for (data, expected, report) in cases {
        let (sent, played) = receives(&both, &[unsubscribed(data.clone())]);
        assert_eq!(sent, expected, "{data}");
        played.report(report);
    }
}

#[test]
fn a_withdrawal_is_not_lost_because_of_another_part_of_its_event() {
    let both = json!(["sms", "email"]);
    let good = unsubscribed(json!({"channel": "sms"}));
    let with = |member: &str, value: Value| {
        let mut said = good.clone();
        said[member] = value;
        said
    };
    let deep = (0..60).fold(json!(1), |inner, _| json!([inner]));
    let cases = [
        (with("at", json!("yesterday")), "`at` must be"),
        (with("at", json!(1_772_000_000)), "`at` must be"),
        (with("id", json!(["u1"])), "`id` must be a string"),
        (with("id", json!("x".repeat(300))), "`id` has 300 bytes"),
        (with("source", json!("funnelc:emit")), "are reserved"),
        (with("list", json!(7)), "unknown event member `list`"),
        (with("type", json!("Unsubscribed")), "unknown event `Unsubscribed`"),
        (with("type", json!("unsubscribe")), "unknown event `unsubscribe`"),
        // The id belongs to the client event.
        (with("id", json!("k1")), "event id `k1` is already used by another event"),
        (unsubscribed(json!({"channel": "sms", "text": {"html": "<p>"}})), "`unsubscribed.text` must be a string"),
        (unsubscribed(json!({"channel": "sms", "raw": deep})), "nested more than 32 levels deep"),
    ];
    for (said, report) in cases {
        let shown: String = said.to_string().chars().take(200).collect();
        let (sent, played) = receives(&both, &[said]);
        assert_eq!(sent, ["email news", "email offers"], "{shown}");
        played.report(report);
    }
}

#[test]
fn a_withdrawal_from_a_list_is_not_lost_because_of_another_part_of_its_event() {
    let both = json!(["sms", "email"]);
    let at = "2026-03-02T09:00:00+01:00";
    let client = |data: Value| json!({"type": "client", "id": "k2", "client": "c1", "at": at, "data": data});
    let mut undated = client(json!({"consent": ["email"]}));
    undated["at"] = json!("2 March");
    let mut same_id = client(json!({"consent": ["email"]}));
    same_id["id"] = json!("k1");
    for said in [
        client(json!({"consent": ["email"], "id": "another"})),
        client(json!({"consent": ["email"], "tags": null, "created_at": {}})),
        undated.clone(),
        same_id,
    ] {
        assert_eq!(receives(&both, std::slice::from_ref(&said)).0, ["email news", "email offers"], "{said}");
    }
    // Where something is wrong, a list only withdraws.
    undated["data"] = json!({"consent": ["email", "sms"]});
    assert_eq!(receives(&json!(["email"]), &[undated]).0, ["email news", "email offers"]);
}

#[test]
fn what_is_not_understood_gives_no_consent() {
    let none = json!([]);
    let cases = [
        (json!({"channel": "E-Mail"}), vec!["email news", "email offers"], ""),
        (json!({"channel": "SMS", "topic": "NEWS"}), vec!["sms news"], ""),
        (json!({"channel": "sms", "topic": " "}), vec!["sms news", "sms offers"], ""),
        (json!({"channel": "all"}), vec![], "unknown channel `all`: no consent is given"),
        (json!({"channel": "*"}), vec![], "unknown channel `*`: no consent is given"),
        (json!({"channel": "smss"}), vec![], "did you mean `sms`?"),
        (json!({"topic": "news"}), vec![], "`subscription` names no channel: no consent is given"),
        (json!({"channel": "sms", "topic": "*"}), vec![], "unknown topic `*`: no consent is given"),
        (json!({"channel": "sms", "topic": "newz"}), vec![], "unknown topic `newz`: the consent counts for no funnel"),
        (json!({"channel": "sms", "topic": ["news"]}), vec![], "`subscription.topic` must be a string"),
        (
            json!({"channel": "sms", "topics": "news"}),
            vec![],
            "`subscription` has no field `topics`: no consent is given",
        ),
        (json!({"channel": "sms", "Topic": "news"}), vec![], "did you mean `topic`?"),
        (json!({"channel": "sms", "topic": "n".repeat(300)}), vec![], "no consent is given"),
    ];
    for (data, expected, report) in cases {
        let (sent, played) = receives(&none, &[subscription(data.clone())]);
        assert_eq!(sent, expected, "{data}");
        played.report(report);
    }
}

#[test]
fn a_consent_list_is_read_in_any_usual_spelling_and_gives_only_what_is_understood() {
    let at = "2026-03-02T09:00:00+01:00";
    let cases = [
        (json!(["SMS", "e-mail News"]), vec!["sms news", "email news", "sms offers"], ""),
        (json!("sms; E-Mail"), EVERYTHING.to_vec(), ""),
        (json!(["e mail summer offers"]), vec!["email offers"], ""),
        (json!(["sms", "fax"]), vec!["sms news", "sms offers"], "unknown consent `\"fax\"`: it is not given"),
        (json!(["sms newz"]), vec![], "unknown topic `newz`"),
        (json!(["sms", 5]), vec!["sms news", "sms offers"], "unknown consent `5`: it is not given"),
        (json!("none"), vec![], "unknown consent `\"none\"`: it is not given"),
        (json!(true), vec![], "unknown consent `true`: it is not given"),
        (json!({"sms": true}), vec![], "it is not given"),
        (json!({"only": ["sms"]}), vec![], "it is not given"),
        (Value::Null, vec![], ""),
        (json!(""), vec![], ""),
    ];
    for before in [json!([]), json!(["sms", "email"])] {
        for (list, expected, report) in &cases {
            let said = json!({"type": "client", "id": "k2", "client": "c1", "at": at, "data": {"consent": list}});
            let (sent, played) = receives(&before, &[said]);
            assert_eq!(sent, *expected, "{before} then {list}");
            played.report(report);
        }
    }
}

#[test]
fn only_the_last_list_counts_whatever_the_lists_before_it_said() {
    let lists =
        [json!([]), json!(["sms"]), json!(["sms news"]), json!(["sms", "sms news"]), json!(["sms news", "email"])];
    let received = |said: &[&Value]| {
        let said = said.iter().enumerate().map(|(n, list)| {
            let data = json!({"phone": "+491700000001", "email": "anna@example.com", "consent": list});
            event("client").at(&format!("2026-03-0{}T09:00:00Z", n + 1)).data(data)
        });
        let visit = event("visit").at("2026-03-09T09:00:00Z").data(json!({"id": "v1"}));
        let events: Vec<String> = said.chain([visit]).collect();
        let events: Vec<&str> = events.iter().map(String::as_str).collect();
        let lines = Story::new("UTC", NEWS).results(&events);
        let sent = |text: &&&str| lines.iter().any(|line| line.contains("send") && line.ends_with(**text));
        EVERYTHING.iter().filter(sent).copied().collect::<Vec<_>>()
    };
    for last in &lists {
        let expected = received(&[last]);
        for first in &lists {
            for second in &lists {
                assert_eq!(received(&[first, second, last]), expected, "{first}, {second}, {last}");
                // The same list again changes nothing.
                assert_eq!(received(&[first, second, last, last]), expected, "{first}, {second}, {last} twice");
            }
        }
    }
}

#[test]
fn an_emitted_withdrawal_is_understood_as_well() {
    let funnel = format!("{NEWS}\nfunnel leave {{\n  on form -> emit unsubscribed {{ channel: form.name }}\n}}\n");
    for (channel, expected) in [("SMS", vec!["email news", "email offers"]), ("fax", vec![])] {
        let said = json!({"type": "form", "id": "f1", "client": "c1", "at": "2026-03-02T09:00:00+01:00", "data": {"name": channel}});
        let played = Played::new(&funnel, BERLIN, &anna(&json!(["sms", "email"]), &[said]));
        let sent: Vec<_> =
            EVERYTHING.into_iter().filter(|text| played.simulated.out.contains(&format!("\"{text}\""))).collect();
        assert_eq!(sent, expected, "{channel}");
    }
}

#[test]
fn the_answer_and_the_dead_letters_say_what_was_not_understood() {
    let mut service = Service::start(NEWS);
    service.accepted(&event("client").data(json!({"phone": "+491700000001", "consent": ["sms"]})));
    let said = event("unsubscribed").id("u1").data(json!({"channel": "fax"}));
    let (status, response) = service.post(&said);
    assert_eq!((status, &response["accepted"]), (202, &json!(1)), "{response}");
    let left_out = &response["results"][0]["left_out"][0];
    assert_eq!(left_out["code"], "F0703");
    assert_eq!(left_out["message"], "unknown channel `fax`: consent is withdrawn for every channel");
    assert_eq!(left_out["help"], "the channels are sms, email, telegram, whatsapp");
    let (_, again) = service.post(&said);
    assert_eq!(again["duplicates"], 1, "{again}");
    // The same id with other contents: the withdrawal is taken once.
    let other = event("unsubscribed").id("u1").data(json!({"channel": "sms"}));
    let (status, response) = service.post(&other);
    assert_eq!((status, &response["results"][0]["left_out"][0]["code"]), (202, &json!("F0706")), "{response}");
    assert_eq!(service.post(&other).1["duplicates"], 1);
    let undated = event("unsubscribed").id("u2").at("yesterday").data(json!({"channel": "sms"}));
    service.accepted(&undated);
    assert_eq!(service.post(&undated).1["duplicates"], 1);
    service.accepted(&event("unsubscribed").id("u3").data(json!({"channel": "sms", "raw": "x".repeat(1_050_000)})));
    service.restart();
    service.accepted(&event("visit").data(json!({"id": "v1"})));
    assert_eq!(service.post(&other).1["duplicates"], 1, "also after a restart");
    let (mut store, _folder) = service.store();
    use funnelc::store::Store;
    let letters: Vec<_> = store.dead_letters().unwrap().into_iter().map(|letter| letter.message).collect();
    assert_eq!(
        letters,
        [
            "unknown channel `fax`: consent is withdrawn for every channel",
            "event id `u1` is already used by another event; only the withdrawal of consent in it is taken",
            "`at` must be a date and time with a UTC offset, not `\"yesterday\"`; only the withdrawal of consent in it is taken",
            "the event has more than 1048576 bytes; only the withdrawal of consent in it is taken"
        ]
    );
    let trace = store.trace(0, 100).unwrap();
    assert!(trace.iter().any(|line| format!("{:?}", line.kind).contains("no consent")), "{trace:?}");
}

#[test]
fn a_test_with_a_consent_that_is_not_understood_fails() {
    let test = |line: &str, what: &str| {
        format!(
            "test \"t\" {{\n  client {{ phone: \"+491700000001\" }}\n  at 2026-03-01 10:00 {line}
  at 2026-03-02 10:00 visit {{ id: \"v1\" }}\n  expect {what}\n}}\n"
        )
    };
    let cases = [
        ("unsubscribed { channel: \"SMS\" }", "no send sms", None),
        ("unsubscribed { channel: \"e-mail\" }", "send sms", None),
        ("unsubscribed { channel: \"fax\" }", "no send sms", Some("unknown channel `fax`")),
        ("unsubscribed { channel: \"sms\", topic: \"newz\" }", "no send sms", Some("unknown topic `newz`")),
        ("subscription { channel: \"viber\" }", "send sms", Some("unknown channel `viber`: no consent is given")),
        ("client { consent: [\"sms\", \"fax\"] }", "send sms", Some("unknown consent `\"fax\"`: it is not given")),
    ];
    for (line, what, fault) in cases {
        let folder = project_folder(&format!("{NEWS}\n{}", test(line, what)), BERLIN, &[]);
        let finished = run_funnelc(["test".as_ref(), folder.path()]);
        let said = format!("{}{}", finished.out, finished.err);
        assert_eq!(finished.code, Some(i32::from(fault.is_some())), "{line}: {said}");
        assert!(said.contains(fault.unwrap_or_default()), "{line}: {said}");
    }
}

#[test]
fn a_channel_that_a_funnel_emits_must_exist() {
    for event in ["unsubscribed", "subscription"] {
        let emits = |channel: &str| format!("on visit -> emit {event} {{ channel: \"{channel}\" }}");
        let found = yields(&emits("fax"), &["F0205"]);
        assert_eq!(found[0].message.to_string(), "unknown channel `fax`");
        assert!(found[0].fixes.is_empty());
        yields(&emits("sms"), &[]);
    }
    // The channel of another event is any text.
    yields("event call { key id: text channel: text } on visit -> emit call { id: visit.id, channel: \"fax\" }", &[]);
}

/// A line that is longer than an event may be, with a withdrawal before what makes it so long.
fn long_line(withdrawal: &str) -> String {
    format!("{}\"text\":\"{}\"}}}}", withdrawal.trim_end_matches('}'), "x".repeat(1 << 20))
}

#[test]
fn a_withdrawal_is_not_lost_because_its_line_is_too_long() {
    let consent = json!(["sms", "email"]);
    let begin = r#"{"type":"unsubscribed","id":"u1","client":"c1","at":"2026-03-02T09:00:00+01:00","data":{"#;
    let cases: [(String, &[&str]); 4] = [
        (format!("{begin}\"channel\":\"sms\",\"topic\":\"news\","), &["email news", "sms offers", "email offers"]),
        (format!("{begin}\"channel\":\"sms\","), &["email news", "email offers"]),
        // What cannot be read withdraws more.
        (begin.to_owned(), &[]),
        (format!("{}\"channel\":\"email\",", begin.replace("\"id\":\"u1\",", "")), &["sms news", "sms offers"]),
    ];
    for (said, expected) in cases {
        let mut events = anna(&consent, &[]);
        events.insert(1, long_line(&said));
        let played = Played::new(NEWS, BERLIN, &events);
        let sent = EVERYTHING.into_iter().filter(|text| played.simulated.out.contains(&format!("\"{text}\"")));
        assert_eq!(sent.collect::<Vec<_>>(), expected, "{said}");
        played.report("but at most 1048576 are allowed");
    }
    // Nothing else is taken of such a line.
    let booking = r#"{"type":"visit","id":"v0","client":"c1","at":"2026-03-02T09:00:00+01:00","data":{"id":"v0","#;
    let mut events = anna(&consent, &[]);
    events.insert(1, long_line(booking));
    assert_eq!(Played::new(NEWS, BERLIN, &events).results().len(), 4);
}

#[test]
fn a_withdrawal_that_is_too_long_counts_over_http() {
    let service = Service::start(NEWS);
    service.accepted(&anna(&json!(["sms", "email"]), &[])[0]);
    let begin = r#"{"type":"unsubscribed","id":"u1","client":"c1","data":{"channel":"sms","#;
    // More than an event may have, and more than is read of one at all.
    for (id, channel, mib) in [("u1", "sms", 1), ("u2", "email", 3)] {
        let text = "x".repeat(mib << 20);
        let begin = begin.replace("u1", id).replace("sms", channel);
        let (status, answer) = service.post(&format!("{begin}\"text\":\"{text}\"}}}}"));
        let result = &answer["results"][0];
        assert_eq!((status, &result["status"]), (202, &json!("accepted")), "{answer}");
        assert_eq!(result["left_out"][0]["code"], "F0701", "{answer}");
        service.accepted(&event("visit").client("c1").id(&format!("v-{id}")).data(json!({"id": id})));
        assert_eq!(service.message_count(), 2, "the emails of the first visit");
    }
}

#[test]
fn a_file_with_a_long_withdrawal_is_read_again_without_effect() {
    let said =
        long_line(r#"{"type":"unsubscribed","client":"c1","at":"2026-03-02T09:00:00+01:00","data":{"channel":"sms","#);
    let again = subscription(json!({"channel": "sms"})).to_string().replace("03-02", "03-04");
    let visit = event("visit").id("v2").at("2026-03-05T09:00:00+01:00").data(json!({"id": "v2"}));
    let mut events = anna(&json!(["sms"]), &[]);
    events.insert(1, said);
    events.push(again);
    let folder = project_folder(NEWS, BERLIN, &events);
    let place = |name: &str| folder.path().join(name).display().to_string();
    let (project, log, store) = (folder.path().display().to_string(), place("e.ndjson"), place("s.db"));
    let run = || run_funnelc(["run", &project, "--events", &log, "--fast-forward", "--store", &store]);
    assert!(run().out.contains("no consent"));
    events.push(visit);
    std::fs::write(folder.path().join("e.ndjson"), events.join("\n") + "\n").unwrap();
    let second = run();
    assert!(second.out.contains("\"sms news\"") && !second.out.contains("sms to"), "{}", second.out);
}
