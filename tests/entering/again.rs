//! `enter again after`: the time counts over all records, and only the same record keeps itself out.

use super::{event_at, json, results};

fn booking(id: &str, time: &str) -> String {
    event_at("booking", time).data(json!({"id": id, "starts_at": "2026-03-20T11:00:00+01:00"}))
}

#[test]
fn another_record_enters_when_the_time_has_passed() {
    let funnel = r#"funnel f {
        enter again after 8h
        on booking -> wait 3d -> send sms "{{ id }}"
    }"#;
    let events = [
        booking("b1", "02T08:00"),
        booking("b2", "02T12:00"),
        booking("b3", "02T16:00"),
        booking("b4", "02T23:59"),
        booking("b5", "03T00:00"),
    ];
    assert_eq!(
        results(funnel, &events),
        ["2026-03-05 08:00 send sms: b1", "2026-03-05 16:00 send sms: b3", "2026-03-06 00:00 send sms: b5"],
        "eight hours count from the last entry, not from a booking that did not enter"
    );
}

#[test]
fn the_same_record_waits_for_its_own_run() {
    let funnel = |wait: &str| {
        format!(
            r#"funnel f {{
                enter again after 8h
                on booking.specialist -> wait {wait} -> send sms "{{{{ specialist | default("-") }}}}"
            }}"#
        )
    };
    let change =
        |specialist: &str, time: &str| event_at("booking", time).data(json!({"id": "b1", "specialist": specialist}));
    let events =
        [booking("b1", "02T08:00"), change("Eva", "02T09:00"), change("Ida", "02T20:00"), change("Ute", "03T10:00")];
    assert_eq!(results(&funnel("1d"), &events), ["2026-03-03 09:00 send sms: Ida", "2026-03-04 10:00 send sms: Ute"]);
    assert_eq!(
        results(&funnel("1h"), &events),
        ["2026-03-02 10:00 send sms: Eva", "2026-03-02 21:00 send sms: Ida", "2026-03-03 11:00 send sms: Ute"]
    );
}

#[test]
fn without_a_record_a_client_enters_only_after_leaving() {
    let funnel = r#"funnel f {
        enter again after 1h
        on client.city -> wait 1d -> send sms "{{ client.city | default("-") }}"
    }"#;
    let moves = |city: &str, time: &str| event_at("client", time).data(json!({"city": city}));
    let events = [moves("Bonn", "02T10:00"), moves("Kiel", "02T14:00"), moves("Ulm", "04T10:00")];
    assert_eq!(results(funnel, &events), ["2026-03-03 10:00 send sms: Kiel", "2026-03-05 10:00 send sms: Ulm"]);
    let keyless = r#"funnel f { enter again after 1h  on form -> wait 1d -> send sms "{{ form.name }}" }"#;
    let form = |name: &str, time: &str| event_at("form", time).data(json!({"name": name}));
    let events = [form("a", "02T10:00"), form("b", "02T10:30"), form("c", "02T11:00")];
    assert_eq!(results(keyless, &events), ["2026-03-03 10:00 send sms: a", "2026-03-03 11:00 send sms: c"]);
}
