//! What funnels make has the limits of what comes from outside.

use super::support::event::event;
use super::support::story::Story;
use funnelc::engine::{MAX_EVENT_BYTES, MAX_ID_BYTES};
use serde_json::json;

const DECLARED: &str = "event form { name: text?  text: text? }
event parcel { key id: text  note: text? }
client { note: text? }
";

/// The results of forms with these texts, without when clients enter and leave.
fn results(funnel: &str, texts: &[String]) -> Vec<String> {
    let forms: Vec<String> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| event("form").at(&format!("2026-03-01T10:0{n}:00Z")).data(json!({"name": "x", "text": text})))
        .collect();
    let forms: Vec<&str> = forms.iter().map(String::as_str).collect();
    let all = Story::new("UTC", &format!("{DECLARED}{funnel}")).results(&forms);
    let is_step = |line: &String| !line.ends_with("enter") && !line.contains(" exit ");
    all.into_iter().filter(is_step).map(|line| line.chars().take(120).collect()).collect()
}

#[test]
fn a_value_that_grows_with_each_run_has_a_limit() {
    let funnel = "funnel grow {
  enter always
  on form
    -> if client.note is known { set client.note = \"{{ client.note }}{{ client.note }}\" }
       else if form.text is known { set client.note = form.text }
}";
    // Each run doubles the note.
    let text = "x".repeat(MAX_EVENT_BYTES / 8 - 100);
    let results = results(funnel, &vec![text; 7]);
    let refused = results.iter().filter(|line| line.contains("not sent set: the value has more than 1048576 bytes"));
    assert_eq!((refused.count(), results.len()), (3, 7), "{results:?}");
}

#[test]
fn a_tag_has_the_length_of_an_id() {
    let funnel = "funnel label {\n  enter always\n  on form -> if form.text is known -> tag \"{{ form.text }}\"\n}";
    let results = results(funnel, &["x".repeat(MAX_ID_BYTES), "y".repeat(MAX_ID_BYTES + 1), "vip".to_owned()]);
    assert!(results[0].starts_with("2026-03-01 10:00 tag xxx"), "{results:?}");
    assert_eq!(results[1], "2026-03-01 10:01 not sent tag: the tag has more than 256 bytes");
    assert_eq!(results[2], "2026-03-01 10:02 tag vip");
}

#[test]
fn an_emitted_event_has_the_limits_of_an_incoming_one() {
    let funnel = "funnel forward {
  enter always
  on form -> if form.text is known
    -> emit parcel { id: form.text, note: \"made\" }
    -> tag \"went on\"
}
funnel arrived {
  enter always
  on parcel -> tag \"arrived\"
}";
    let long = "k".repeat(MAX_ID_BYTES + 1);
    let results = results(funnel, &["b1".to_owned(), long]);
    assert_eq!(
        results,
        [
            "2026-03-01 10:00 emit parcel",
            "2026-03-01 10:00 tag went on",
            "2026-03-01 10:00 tag arrived",
            "2026-03-01 10:01 not sent emit: `id` has 257 bytes, but at most 256 are allowed",
            "2026-03-01 10:01 tag went on",
        ]
    );
}

#[test]
fn an_emitted_event_that_is_too_large_is_not_emitted() {
    let twice = "{{ form.text | default(\"\") }}{{ form.text | default(\"\") }}";
    let funnel = format!(
        "funnel forward {{\n  enter always\n  on form -> emit parcel {{ id: \"p1\", note: \"{twice}\" }} -> tag \"went on\"\n}}"
    );
    let results = results(&funnel, &["x".repeat(MAX_EVENT_BYTES / 4), "y".repeat(MAX_EVENT_BYTES / 2 + 1)]);
    assert_eq!(
        results,
        [
            "2026-03-01 10:00 emit parcel",
            "2026-03-01 10:00 tag went on",
            "2026-03-01 10:01 not sent emit: the event has more than 1048576 bytes",
            "2026-03-01 10:01 tag went on",
        ]
    );
}
