//! Clients who are imported from another system start nothing.

use super::{event_at, json, results};

fn import(time: &str, data: serde_json::Value) -> String {
    let mut fields = json!({"phone": "+491700000001", "created_at": "2024-01-01T00:00:00Z"});
    for (name, value) in data.as_object().unwrap() {
        fields[name] = value.clone();
    }
    event_at("client", time).client("old").data(fields)
}

fn of_old(kind: &str, time: &str, data: serde_json::Value) -> String {
    event_at(kind, time).client("old").data(data)
}

#[test]
fn importing_a_client_sets_off_no_change_of_a_field() {
    let funnels = r#"
        client { member: bool? }
        segment berliners = client.city == "Berlin"
        funnel city { enter always  on client.city -> send sms "So you moved to {{ client.city | default("?") }}!" }
        funnel any { enter always  on client.updated -> send sms "updated" }
        funnel member { on client.member -> send sms "member" }
        funnel new { on client -> send sms "new" }
        funnel segment { on entering berliners -> send sms "in Berlin" }
        funnel gone { on leaving berliners -> send sms "left Berlin" }"#;
    let fresh = event_at("client", "01T09:00").client("new").data(json!({"phone": "+491700000001", "city": "Berlin"}));
    let old = || import("01T09:00", json!({"city": "Berlin", "member": true}));
    let lines = results(funnels, &[fresh, old()]);
    let sent = |text: &str| lines.iter().filter(|line| line.ends_with(text)).count();
    assert_eq!((sent("moved to Berlin!"), sent("in Berlin"), sent("member")), (0, 1, 0), "{lines:?}");
    assert_eq!(sent("new"), 2, "Anna and the new client: {lines:?}");

    let moved = of_old("client", "02T10:00", json!({"city": "Bonn", "created_at": "2024-01-01T00:00:00Z"}));
    let later: Vec<String> =
        results(funnels, &[old(), moved]).into_iter().filter(|line| line.contains("03-02")).collect();
    assert_eq!(
        later,
        [
            "2026-03-02 10:00 send sms: left Berlin",
            "2026-03-02 10:00 send sms: So you moved to Bonn!",
            "2026-03-02 10:00 send sms: updated"
        ],
        "what follows is a change"
    );
}

#[test]
fn dates_that_are_past_do_not_fire_for_imported_clients() {
    let funnels = r#"
        client { contract_ends: datetime? }
        funnel contract { on client.contract_ends - 30d at 09:00 -> send sms "contract" }
        funnel birthday { on client.birthday at 10:00 -> send sms "birthday" }"#;
    let dates = |ends: &str, birthday: &str| {
        let old = import("01T12:00", json!({"contract_ends": ends, "birthday": birthday}));
        let last = of_old("visit", "31T12:00", json!({"id": "v1"}));
        results(funnels, &[old, last])
    };
    assert!(dates("2026-03-20T12:00:00+01:00", "1990-03-01").is_empty());
    assert_eq!(
        dates("2026-04-10T12:00:00+02:00", "1990-03-02"),
        ["2026-03-02 10:00 send sms: birthday", "2026-03-11 09:00 send sms: contract"],
        "what is ahead fires"
    );
}

#[test]
fn active_runs_follow_the_values_of_an_import() {
    let funnels = r#"
        client { left: bool? }
        funnel a { exit on client.left  goal on client.left  on visit -> wait 5d -> send sms "a" }
        funnel b { on visit -> wait for client.city up to 5d { send sms "moved" } else { send sms "b" } }"#;
    let visit = of_old("visit", "01T10:00", json!({"id": "v1"}));
    let events = [visit, import("02T10:00", json!({"left": true, "city": "Bonn"}))];
    assert_eq!(
        results(funnels, &events),
        ["2026-03-02 10:00 exit exit on client.left", "2026-03-06 10:00 send sms: b"],
        "an exit ends the run; a goal, and a change that is waited for, do not happen"
    );
}
