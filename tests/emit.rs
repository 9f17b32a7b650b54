//! `funnelc emit`: one event from a shell to the real service, and a clear answer whatever becomes of it.

use crate::support::program::{Finished, funnelc};
use crate::support::service::Service;
use serde_json::Value;

const FUNNEL: &str = "event order { key id: text, amount: money?, paid: bool?, tags: list<text>? }\non order -> stop\n";

fn emit(server: &str, token: &str, args: &[&str]) -> Finished {
    let mut command = funnelc(["emit", "--server", server]);
    command.args(args).env("FUNNELC_TOKEN", token).env_remove("FUNNELC_SERVER");
    command.output().unwrap().into()
}

fn address(service: &Service) -> String {
    format!("http://{}", service.address())
}

#[test]
fn an_event_is_stored_as_it_was_typed() {
    let service = Service::start(FUNNEL);
    let order = ["order", "client=c1", "id=007", "amount=12.50 EUR", "paid:=true", "tags:=[\"a\"]", "--at"];
    let order = [&order[..], &["2026-03-01T10:00:00Z", "--event-id", "e1"]].concat();
    let sent = emit(&address(&service), "", &order);
    assert_eq!((sent.code, sent.out.as_str(), sent.err.as_str()), (Some(0), "accepted: order e1\n", ""));
    let again = emit(&address(&service), "", &order);
    assert_eq!((again.code, again.out.starts_with("duplicate: e1 ")), (Some(0), true), "{}", again.out);
    let (mut store, _folder) = service.store();
    let event = funnelc::store::Store::event(&mut store, "events", "e1").unwrap().unwrap();
    assert_eq!((event.client.0.as_str(), event.key.as_deref()), ("c1", Some("007")));
    assert_eq!((&event.data["paid"], &event.data["tags"][0]), (&Value::from(true), &Value::from("a")));
    assert_eq!(funnelc::value::Zone::UTC.rfc3339(event.at), "2026-03-01T10:00:00Z");
}

#[test]
fn without_an_id_every_event_is_new() {
    let service = Service::start(FUNNEL);
    let sent: Vec<_> = (0..2).map(|_| emit(&address(&service), "", &["order", "client=c1", "id=o1"])).collect();
    assert!(sent.iter().all(|sent| sent.out.starts_with("accepted: order emit-")), "{sent:?}");
    assert_ne!(sent[0].out, sent[1].out);
    let json = emit(&address(&service), "", &["order", "client=c1", "id=o1", "--format", "json"]);
    let answer: Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!(answer["accepted"], 1);
}

#[test]
fn what_is_wrong_with_an_event_is_said() {
    let service = Service::start(FUNNEL);
    for (args, expected) in [
        (
            &["ordr", "client=c1", "id=o1"][..],
            &["error[F0702]: unknown event `ordr`", "help: did you mean `order`?"][..],
        ),
        (&["order", "client=c1"], &["error[F0705]", "needs its key `id`"]),
        (&["order", "client=c1", "id=o1", "--at", "soon"], &["error[F0701]", "must be a date and time"]),
    ] {
        let refused = emit(&address(&service), "", args);
        assert_eq!((refused.code, refused.out.as_str()), (Some(1), ""), "{args:?}: {}", refused.err);
        assert!(expected.iter().all(|text| refused.err.contains(text)), "{args:?}: {}", refused.err);
    }
    let partly = emit(&address(&service), "", &["order", "client=c1", "id=o1", "paid=5"]);
    assert_eq!(partly.code, Some(0), "{}", partly.err);
    assert!(partly.err.contains("warning[F0703]") && partly.err.contains("write `name:=value` for"), "{}", partly.err);
    for (args, expected) in [
        (&["order", "id=o1"][..], "the client is missing"),
        (&["order", "client=c1", "paid"], "`paid` has no name and value"),
        (&["order", "client=c1", "paid:=maybe"], "the value of `paid` is not JSON"),
        (&["order", "client=c1", "id=1", "id=2"], "`id` is given twice"),
    ] {
        let refused = emit(&address(&service), "", args);
        assert_eq!(refused.code, Some(2), "{args:?}: {}", refused.err);
        assert!(refused.err.contains(expected), "{args:?}: {}", refused.err);
    }
}

#[test]
fn a_service_that_cannot_be_asked_is_said() {
    let project = "timezone = \"Europe/Berlin\"\n[server.tokens]\ningest = { env = \"T\" }\n";
    let environment = [("T".to_owned(), "s3cret".to_owned())];
    let service = Service::start_in(&[("main.funnel", FUNNEL), ("funnel.toml", project)], &environment);
    let order = ["order", "client=c1", "id=o1"];
    assert_eq!(emit(&address(&service), "s3cret", &order).code, Some(0));
    for token in ["", "other"] {
        let refused = emit(&address(&service), token, &order);
        assert_eq!(refused.code, Some(2));
        assert!(refused.err.contains("answers 401") && refused.err.contains("FUNNELC_TOKEN"), "{}", refused.err);
    }
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (server, expected) in [
        (format!("http://{free}"), "cannot reach the server"),
        ("localhost:8080".to_owned(), "expected an address such as http://127.0.0.1:8080"),
    ] {
        let refused = emit(&server, "", &order);
        assert_eq!(refused.code, Some(2));
        assert!(refused.err.contains(expected) && refused.err.contains("funnelc serve"), "{}", refused.err);
    }
}
