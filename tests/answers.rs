//! Answers to messages: `wait for ask.replied` is about the message of one `send`, `wait for replied` about those of the
//! run, `wait for any.replied` about any.

use super::check::yields;
use super::support::event::event;
use super::support::program::run_funnelc;
use super::support::story::Story;
use funnelc::engine::LineKind;
use serde_json::{Value, json};

const ANNA: &str = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"phone":"+79990000000","email":"anna@example.com"}}"#;

fn visit(id: &str, hour: u32) -> String {
    event("visit").at(&format!("2026-03-02T{hour:02}:00:00Z")).data(json!({"id": id}))
}

fn happens(kind: &str, hour: u32, data: Value) -> String {
    event(kind).at(&format!("2026-03-02T{hour:02}:30:00Z")).data(data)
}

fn with_client(events: &[String]) -> Vec<&str> {
    std::iter::once(ANNA).chain(events.iter().map(String::as_str)).collect()
}

/// The tags that are put on, with the hour.
fn tags(funnels: &str, events: &[String]) -> Vec<String> {
    let lines = Story::new("UTC", funnels).results(&with_client(events));
    let tags = lines.iter().filter(|line| line.contains(" tag "));
    tags.map(|line| line.replace("2026-03-02 ", "").replace(":30 tag", " tag")).collect()
}

/// The ids of the messages that a funnel sends on these events, in order.
fn messages(funnels: &str, funnel: &str, events: &[String]) -> Vec<String> {
    let lines = Story::new("UTC", funnels).lines(&with_client(events));
    let of_funnel = lines.into_iter().filter(|line| line.funnel == funnel);
    let id = |kind| if let LineKind::Send { message, .. } = kind { Some(message.0) } else { None };
    of_funnel.filter_map(|line| id(line.kind)).collect()
}

const TWO: &str = r#"
    funnel confirm {
      on visit where id == "v1"
        -> ask: send sms "Will you come again?"
        -> wait for ask.replied up to 2d { tag "confirmed" } else { tag "silent" }
    }
    funnel rate {
      on visit where id == "v2"
        -> send sms "How was it?"
        -> wait for replied as answer up to 2d { tag "rated {{ answer.text | default("-") }}" }
    }"#;

#[test]
fn a_reply_ends_only_the_wait_for_its_message() {
    let visits = [visit("v1", 9), visit("v2", 10)];
    let of = |funnel: &str| messages(TWO, funnel, &visits).remove(0);
    let reply = |id: &str, hour: u32| happens("replied", hour, json!({"message": id, "text": "5", "channel": "sms"}));
    let played = |replies: &[String]| tags(TWO, &[&visits[..], replies].concat());
    assert_eq!(played(&[reply(&of("rate"), 11)])[..1], ["11 tag rated 5"]);
    assert_eq!(played(&[reply(&of("confirm"), 11)]), ["11 tag confirmed"]);
    assert_eq!(played(&[reply(&of("confirm"), 11), reply(&of("rate"), 12)]), ["11 tag confirmed", "12 tag rated 5"]);
    // A message of nobody here.
    let other = played(&[reply("msg-00000000000000000000", 11)]);
    assert!(!other.iter().any(|tag| tag.contains("confirmed") || tag.contains("rated")), "{other:?}");
}

#[test]
fn a_reply_that_names_no_message_belongs_to_the_last_wait_over_its_channel() {
    let visits = [visit("v1", 9), visit("v2", 10)];
    let played = |replies: &[String]| tags(TWO, &[&visits[..], replies].concat());
    let reply = |hour: u32, data: Value| happens("replied", hour, data);
    assert_eq!(played(&[reply(11, json!({"channel": "sms", "text": "5"}))])[..1], ["11 tag rated 5"]);
    // The next one answers the question that is still open.
    assert_eq!(
        played(&[reply(11, json!({"text": "5"})), reply(12, json!({}))]),
        ["11 tag rated 5", "12 tag confirmed"]
    );
    // An id of the provider's own says nothing; the funnel does.
    let named = json!({"message": "SM0123", "channel": "SMS", "funnel": "confirm"});
    assert_eq!(played(&[reply(11, named)]), ["11 tag confirmed"]);
    let other = played(&[reply(11, json!({"channel": "email"})), reply(12, json!({"funnel": "elsewhere"}))]);
    assert!(!other.iter().any(|tag| tag.contains("confirmed") || tag.contains("rated")), "{other:?}");
}

#[test]
fn each_label_names_its_own_message() {
    let funnel = r#"
        on visit
          -> first: send email { subject: "One", text: "One" }
          -> second: send email { subject: "Two", text: "Two" }
          -> parallel {
               path -> wait for first.opened up to 1d { tag "one" }
               path -> wait for second.opened or second.clicked up to 1d { tag "two" }
               path -> wait for any.opened up to 1d { tag "any" }
               path -> wait for opened up to 1d { tag "own" }
             }"#;
    let made = visit("v1", 9);
    let ids = messages(funnel, "story", std::slice::from_ref(&made));
    let opened = |kind: &str, id: &str, hour| happens(kind, hour, json!({"message": id}));
    assert_eq!(
        tags(funnel, &[made.clone(), opened("opened", "msg-00000000000000000000", 10), opened("opened", &ids[1], 11)]),
        ["10 tag any", "11 tag two", "11 tag own"]
    );
    assert_eq!(
        tags(funnel, &[made, opened("clicked", &ids[1], 10), opened("opened", &ids[0], 11)]),
        ["10 tag two", "11 tag one", "11 tag any", "11 tag own"]
    );
}

#[test]
fn a_message_that_is_sent_again_is_answered_each_time() {
    let funnel = r#"
        on visit -> ask: send sms "Will you come?" -> wait for ask.replied up to 3h { tag "yes"  stop } -> goto ask"#
        .replace("tag \"yes\"  stop", "tag \"yes\" -> stop");
    let made = visit("v1", 9);
    // The run asks every three hours until there is an answer.
    let answered = happens("replied", 15, json!({"channel": "sms"}));
    let ids = messages(&funnel, "story", &[made.clone(), answered]);
    assert_eq!(ids.len(), 3);
    for id in ids {
        let reply = happens("replied", 15, json!({"message": id}));
        assert_eq!(tags(&funnel, &[made.clone(), reply]), ["15 tag yes"]);
    }
}

#[test]
fn a_run_that_has_sent_nothing_waits_for_any_message() {
    let funnel = r#"
        funnel asks { on visit -> send sms "How was it?" }
        funnel waits { on visit -> wait for replied up to 1d { tag "replied" } }"#;
    let made = visit("v1", 9);
    let id = messages(funnel, "asks", std::slice::from_ref(&made)).remove(0);
    assert_eq!(tags(funnel, &[made, happens("replied", 10, json!({"message": id}))]), ["10 tag replied"]);
    // What could not be sent has no answer.
    let unsent = r#"
        funnel waits { on visit -> ask: send telegram "How was it?" -> wait for ask.replied up to 1d { tag "replied" } }"#;
    assert_eq!(tags(unsent, &[visit("v1", 9), happens("replied", 10, json!({}))]), [""; 0]);
}

#[test]
fn a_label_must_name_a_message() {
    yields(r#"on visit -> ask: send sms "a" -> wait for aks.replied up to 1d"#, &["F0211"]);
    yields(r#"on visit -> ask: wait 1h -> wait for ask.replied up to 1d"#, &["F0211"]);
    yields(r#"on visit -> send sms "a" -> wait for ask.replied up to 1d"#, &["F0211"]);
    // An event with such a field is an event.
    let event =
        r#"event ask { key id: text  replied: bool? } on visit -> ask: send sms "a" -> wait for ask.replied up to 1d"#;
    yields(event, &[]);
    // Before a run there is no message of it.
    yields(r#"on ask.replied -> tag "x""#, &["F0203"]);
    yields(r#"on visit -> wait for any.replied up to 1d"#, &[]);
    let unused = r#"on visit -> ask: send sms "a" -> wait for ask.replied up to 1d"#;
    let folder = std::env::temp_dir().join(format!("answers-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.funnel"), unused).unwrap();
    let checked = run_funnelc(["check", "--warn", "unused-label", folder.join("a.funnel").to_str().unwrap()]);
    assert!(!checked.out.contains("F0217") && !checked.err.contains("F0217"), "{}{}", checked.out, checked.err);
    std::fs::remove_dir_all(&folder).unwrap();
}
