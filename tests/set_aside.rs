//! What cannot be written is set aside, and never holds up the rest: the real program, on a store that refuses some rows.

use crate::support::event::event;
use crate::support::service::{Service, holds_within};
use funnelc::diagnostic::Code;
use funnelc::store::Store;
use serde_json::{Value, json};
use std::time::Duration;

const FUNNELS: &str = r#"
event order {
  key id: text
}
funnel f { on visit -> tag "seen {{ visit.id }}" -> wait 2s -> send sms "hello" }
funnel g { on order -> set client.name = "bought" }
"#;

/// Makes the store refuse rows, as an error of the program or of the disk would.
fn refuse(service: &mut Service, table: &str, condition: &str) {
    service.kill();
    let connection = rusqlite::Connection::open(service.store_path()).unwrap();
    let trigger = format!(
        "CREATE TRIGGER refuse_{table} BEFORE INSERT ON {table} WHEN {condition}
         BEGIN SELECT raise(ABORT, 'refused by the test'); END;"
    );
    connection.execute_batch(&trigger).unwrap();
    drop(connection);
    service.restart();
}

fn ready(service: &Service) -> Value {
    let mut last = (0, String::new());
    assert!(
        holds_within(Duration::from_secs(30), || {
            last = service.request("GET /readyz", "");
            last.0 == 200
        }),
        "{last:?}"
    );
    serde_json::from_str(&last.1).unwrap()
}

fn visit(client: &str, id: &str) -> String {
    event("visit").client(client).id(&format!("v-{id}")).data(json!({"id": id}))
}

fn order(client: &str, id: &str) -> String {
    event("order").client(client).id(&format!("o-{id}")).data(json!({"id": id}))
}

#[test]
fn an_event_that_cannot_be_written_is_rejected_and_the_others_are_accepted() {
    let cases = [
        ("records", "new.key = 'bad'", order as fn(&str, &str) -> String),
        ("trace", "new.lines LIKE '%seen bad%'", visit),
        ("events", "new.id IN ('v-bad', 'o-bad')", visit),
    ];
    for (table, condition, make) in cases {
        let mut service = Service::start(FUNNELS);
        refuse(&mut service, table, condition);
        assert_eq!(ready(&service)["status"], "ready");
        // In one request, so in one transaction, also for the same client.
        let body = [make("anna", "1"), make("boris", "bad"), make("boris", "2"), make("clara", "3")];
        let (status, response) = service.post(&body.join("\n"));
        let results = response["results"].as_array().unwrap().iter();
        let results: Vec<_> = results.map(|result| result["status"].as_str().unwrap()).collect();
        assert_eq!((status, results), (207, vec!["accepted", "rejected", "accepted", "accepted"]), "{table}");
        assert_eq!(response["results"][1]["code"], "F0701");
        assert_eq!(
            response["results"][1]["message"], "the event cannot be written: refused by the test",
            "{table}: {response}"
        );
        let report = ready(&service);
        assert_eq!(
            (&report["status"], &report["set_aside"]),
            (&json!("look at the dead letters"), &json!(1)),
            "{table}"
        );
        service.accepted(&make("boris", "4"));
        service.restart();
        service.accepted(&make("boris", "5"));
        let (mut store, _folder) = service.store();
        let letters = store.dead_letters().unwrap();
        assert_eq!(letters.iter().map(|letter| letter.code).collect::<Vec<_>>(), [Code::BadEvent], "{table}");
        assert!(letters[0].body.contains("\"bad\""), "{}", letters[0].body);
        for id in ["1", "2", "3", "4", "5"] {
            let id = format!("{}{id}", if table == "records" { "o-" } else { "v-" });
            assert!(store.event("events", &id).unwrap().is_some(), "{table}: {id} is lost");
        }
    }
}

#[test]
fn a_timer_whose_message_cannot_be_written_does_not_hold_up_the_others() {
    let mut service = Service::start(FUNNELS);
    refuse(&mut service, "messages", "new.client = (SELECT no FROM clients WHERE id = 'boris')");
    for client in ["anna", "boris", "clara"] {
        service.accepted(&event("client").client(client).data(json!({"phone": "+79990000000"})));
        service.accepted(&visit(client, client));
    }
    assert!(holds_within(Duration::from_secs(30), || ready(&service)["set_aside"] == 1), "{}", ready(&service));
    assert!(holds_within(Duration::from_secs(30), || service.message_count() == 2), "{}", service.message_count());
    service.accepted(&visit("dora", "dora"));
    // It is not tried again and again.
    assert_eq!(ready(&service)["set_aside"], 1);
}
