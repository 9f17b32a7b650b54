//! What is taken of events that people and other systems write: understood where it has one meaning, and reported where it
//! has none.

use super::support::event::event;
use super::support::played::{BERLIN, Played};
use super::support::service::Service;
use serde_json::{Value, json};

#[test]
fn an_unusable_optional_field_does_not_refuse_the_rest() {
    let played = Played::case("desk");
    assert_eq!(
        played.results(),
        [
            "2026-03-01 10:00 +01:00 c1 not sent sms: no address",
            "2026-03-01 10:00 +01:00 c1 send email Anna@mail.ru \"Hi Anna!\"",
        ]
    );
    for text in
        ["`client.phone` must be", "`client.timezone` must be", "`booking.ends_at` must be", "the field is left out"]
    {
        played.report(text);
    }
    assert!(!played.simulated.err.contains("birthday"), "{}", played.simulated.err);
    played.report("3 values left out");
    assert_eq!((played.simulated.code, played.run.code), (Some(0), Some(0)));
}

/// What is stored of an event, and what was left out.
fn stored(declarations: &str, event: &Value) -> Result<(Value, Vec<String>), String> {
    let mut sources = funnelc::source::Sources::new();
    let file = sources.add("main.funnel", declarations);
    let context = funnelc::check::Context {
        zone: Some("Europe/Berlin".to_owned()),
        currency: Some("EUR".to_owned()),
        country: Some("DE".to_owned()),
        ..Default::default()
    };
    let catalog = funnelc::compile(&mut sources, &[file], &context).program.catalog;
    let received = funnelc::engine::receive(&catalog, event, funnelc::value::Timestamp(0));
    let received = received.map_err(|refusal| refusal.message.to_string())?;
    let left_out = received.left_out.iter().map(|part| part.message.to_string()).collect();
    Ok((received.event.data.into(), left_out))
}

#[test]
fn what_cannot_be_used_is_left_out_of_every_type_of_optional_field() {
    let declarations = r#"
        client {
          site: url?  score: number?  vip: bool?  balance: money?  joined: datetime?  opens: time?  lasts: duration?
          visits: list<date>?  plan: "basic" | "pro" | "unknown"?
          agreed: bool later
        }"#;
    let cases = [
        ("phone", json!("0000")),
        ("email", json!("anna at example.com")),
        ("birthday", json!("03/04/1990")),
        ("timezone", json!("MSK+1")),
        ("name", json!(["Anna"])),
        ("site", json!("example")),
        ("score", json!("many")),
        ("score", json!("1.234")),
        ("vip", json!("perhaps")),
        ("vip", json!(2)),
        ("balance", json!("10 or 12")),
        ("balance", json!("1.234 EUR")),
        ("balance", json!("$10")),
        ("joined", json!("2026-03-04")),
        ("opens", json!("25:00")),
        ("lasts", json!("long")),
        ("visits", json!(["2026-03-04", "soon"])),
        ("agreed", json!("asked")),
        ("tags", json!({"a": 1})),
    ];
    for (field, value) in cases {
        let data = json!({"city": "Berlin", field: value});
        let event = json!({"type": "client", "client": "c1", "data": data});
        let (data, left_out) = stored(declarations, &event).unwrap();
        assert_eq!(data, json!({"city": "Berlin"}), "{field}");
        assert!(left_out.len() == 1 && left_out[0].contains(&format!("`client.{field}`")), "{left_out:?}");
    }
}

#[test]
fn a_bad_key_a_bad_at_or_a_bad_required_field_refuses() {
    let booking = |data: Value| json!({"type": "booking", "client": "c1", "data": data});
    for (data, message) in [
        (json!({"id": "b1", "starts_at": "2026-03-04"}), "`booking.starts_at` must be"),
        (json!({"id": "b1", "starts_at": null}), "`booking.starts_at` must not be null"),
        (json!({"id": ["b1"], "starts_at": "2026-03-04 12:00"}), "`booking` needs its key `id`"),
        (json!({"starts_at": "2026-03-04 12:00"}), "`booking` needs its key `id`"),
    ] {
        let refusal = stored("", &booking(data.clone())).unwrap_err();
        assert!(refusal.starts_with(message), "{data}: {refusal}");
    }
    let mut dated = booking(json!({"id": "b1", "starts_at": "2026-03-04 12:00"}));
    for at in [json!("03/04/2026 12:00"), json!("2026-03-04"), json!(1), json!("")] {
        dated["at"] = at.clone();
        assert!(stored("", &dated).unwrap_err().starts_with("`at` must be"), "{at}");
    }
    dated["at"] = json!("01.03.2026, 10:00");
    assert!(stored("", &dated).is_ok());
    let named = json!({"type": "client", "client": "c1", "data": {"name": 5}});
    assert!(stored("client { name: text }", &named).unwrap_err().starts_with("`client.name` must be"));
}

#[test]
fn values_are_stored_in_one_form() {
    let declarations = "client { joined: datetime?  opens: time?  visits: list<date>?  vip: bool?  score: number?
      balance: money?  agreed: bool later  scores: list<number>? }";
    let cases = [
        ("joined", json!("2026-03-04 12:00"), json!("2026-03-04T12:00:00+01:00")),
        ("joined", json!("04.07.2026, 12:00"), json!("2026-07-04T12:00:00+02:00")),
        ("joined", json!("2026-03-04T12:00:00+0300"), json!("2026-03-04T10:00:00+01:00")),
        ("joined", json!(" 2026-03-04T12:00:00+03:00"), json!("2026-03-04T10:00:00+01:00")),
        ("joined", json!("2026-03-04T12:00:00+03:00"), json!("2026-03-04T12:00:00+03:00")),
        ("birthday", json!("20/03/1990"), json!("1990-03-20")),
        ("opens", json!("9:30 pm"), json!("21:30")),
        ("visits", json!(["20.03.2026", "2026-03-21 00:00:00"]), json!(["2026-03-20", "2026-03-21"])),
        ("email", json!("mailto:Anna@Mail.Ru\n"), json!("Anna@mail.ru")),
        ("timezone", json!(" europe/berlin "), json!("Europe/Berlin")),
        ("timezone", json!("America/New York"), json!("America/New_York")),
        ("phone", json!(" "), Value::Null),
        ("vip", json!("true"), json!(true)),
        ("vip", json!("YES"), json!(true)),
        ("vip", json!("да"), json!(true)),
        ("vip", json!(0), json!(false)),
        ("vip", json!("нет"), json!(false)),
        ("vip", json!(""), Value::Null),
        ("agreed", json!("1"), json!(true)),
        ("score", json!("12,50"), json!(12.5)),
        ("score", json!("1 234,50"), json!(1234.5)),
        ("scores", json!(["1", 2]), json!([1, 2])),
        ("balance", json!("12.50"), json!("12.5 EUR")),
        ("balance", json!("€12,50"), json!("12.5 EUR")),
        ("balance", json!("1\u{a0}234,50 zł"), json!("1234.5 PLN")),
        ("balance", json!({"amount": "12,50", "currency": "USD"}), json!("12.5 USD")),
    ];
    for (field, given, kept) in cases {
        let event = json!({"type": "client", "client": "c1", "data": {field: given}});
        assert_eq!(stored(declarations, &event), Ok((json!({field: kept}), vec![])), "{field}: {given}");
    }
}

#[test]
fn a_cancellation_counts_however_it_is_written() {
    let funnel = r#"
        funnel reminder { on booking while not cancelled -> wait until starts_at - 2h else stop -> send sms "Soon" }
        funnel no_show { on booking while not cancelled -> if not attended -> send sms "We missed you" }"#;
    let client = event("client").id("k1").at("2026-03-01T09:00:00Z").data(json!({"phone": "+491700000001"}));
    let made = json!({"id": "b1", "starts_at": "2026-03-10 12:00"});
    let made = event("booking").id("b-1").at("2026-03-01T10:00:00Z").data(made);
    let told = |at: &str, data: Value| event("booking").id(at).at(at).data(data);
    let sends =
        |played: &Played| played.results().into_iter().filter(|line| line.contains(" send ")).collect::<Vec<_>>();
    let messages = |events: &[String]| sends(&Played::new(funnel, BERLIN, events));
    for value in [json!("true"), json!("Yes"), json!("1"), json!(1), json!("да"), json!(true)] {
        let cancelled = told("2026-03-02T10:00:00Z", json!({"id": "b1", "cancelled": value}));
        let came = told("2026-03-10T12:00:00Z", json!({"id": "b1", "attended": value}));
        let results = messages(&[client.clone(), made.clone(), cancelled, came]);
        assert_eq!(results, [""; 0], "{value}");
    }
    let reminder = "2026-03-10 10:00 +01:00 c1 send sms +491700000001 \"Soon\"";
    for value in [json!("no"), json!(0), json!("нет"), json!(false)] {
        let not = told("2026-03-10T12:00:00Z", json!({"id": "b1", "cancelled": value, "attended": value}));
        let results = messages(&[client.clone(), made.clone(), not]);
        let missed = "2026-03-10 13:00 +01:00 c1 send sms +491700000001 \"We missed you\"";
        assert_eq!(results, [reminder, missed], "{value}");
    }
    // What cannot be understood is reported, and cancels nothing in silence.
    let unclear = told("2026-03-02T10:00:00Z", json!({"id": "b1", "cancelled": "perhaps"}));
    let played = Played::new(funnel, BERLIN, &[client, made, unclear]);
    assert_eq!(sends(&played), [reminder]);
    played.report("`booking.cancelled` must be true or false");
}

#[test]
fn a_field_that_is_left_out_keeps_its_value() {
    let funnel = "on visit -> send sms \"Hi\"";
    let client =
        |id: &str, phone: &str| event("client").id(id).at("2026-03-01T09:00:00Z").data(json!({"phone": phone}));
    let visit = event("visit").id("v1").at("2026-03-03T09:00:00Z").data(json!({"id": "v1"}));
    let played = Played::new(funnel, BERLIN, &[client("k1", "+491700000001"), client("k2", "none"), visit]);
    assert_eq!(played.results(), ["2026-03-03 10:00 +01:00 c1 send sms +491700000001 \"Hi\""]);
    played.report("`client.phone` must be");
}

#[test]
fn what_is_left_out_is_answered_and_kept_among_the_dead_letters() {
    let service = Service::start("on visit -> stop");
    let said = event("client").id("k1").data(json!({"name": "Anna", "phone": "none", "birthday": "soon"}));
    let (status, response) = service.post(&said);
    let left_out = &response["results"][0]["left_out"];
    assert_eq!((status, left_out.as_array().map(Vec::len)), (202, Some(2)), "{response}");
    assert!(left_out[0]["message"].as_str().unwrap().starts_with("`client.birthday` must be"), "{response}");
    assert_eq!(service.post(&said).1["duplicates"], 1);
    let (mut store, _folder) = service.store();
    let letters = funnelc::store::Store::dead_letters(&mut store).unwrap();
    assert_eq!(letters.len(), 1);
    assert!(letters[0].message.contains("`client.phone`") && letters[0].message.contains("`client.birthday`"));
    assert_eq!(letters[0].body, said);
}

#[test]
fn fields_that_no_declaration_knows_are_listed_once_with_what_they_probably_mean() {
    let funnel = "client { loyalty_card: text? }\non booking -> if attended -> send sms \"Hi\"";
    let at = "2026-03-01T09:00:00Z";
    let booking = |id: &str, data: Value| event("booking").id(id).at(at).data(data);
    let events = [
        event("client")
            .id("k1")
            .at(at)
            .data(json!({"Name": "Anna", "phone_number": "+491700000001", "loyaltyCard": "7"})),
        event("client").id("k2").at(at).data(json!({"name": "Anna", "phone": "+491700000001", "phone_number": "1"})),
        booking("e1", json!({"id": "b1", "starts_at": "2026-03-04 12:00", "utm": "x"})),
        booking("e2", json!({"id": "b1", "attend": true, "utm": "x"})),
        booking("e3", json!({"id": "b1", "attend": true, "utm": "x", "attended": null})),
        // The same again is not counted.
        booking("e1", json!({"id": "b1", "starts_at": "2026-03-04 12:00", "utm": "x"})),
    ];
    let played = Played::new(funnel, BERLIN, &events);
    let expected = "undeclared field `booking.attend` in 2 events: did you mean `attended`?
undeclared field `client.phone_number` in 2 events: did you mean `phone`?
undeclared field `client.Name` in 1 event: did you mean `name`?
undeclared field `client.loyaltyCard` in 1 event: did you mean `loyalty_card`?
undeclared field `booking.utm` in 3 events
";
    for finished in [&played.simulated, &played.run] {
        assert!(finished.err.ends_with(expected), "{}", finished.err);
        assert_eq!(finished.code, Some(0));
    }
}

#[test]
fn a_log_with_values_in_the_names_of_its_fields_is_summed_up() {
    let visit = |n: usize| {
        let name = format!("field{n}");
        event("visit").id(&format!("v{n}")).at("2026-03-01T09:00:00Z").data(json!({"id": "v1", name: 1, "k": 1}))
    };
    let played = Played::new("on visit -> stop", BERLIN, &(0..30).map(visit).collect::<Vec<_>>());
    played.report("undeclared field `visit.k` in 30 events\n");
    played.report("\n11 more undeclared fields\n");
    assert_eq!(played.run.err.matches("undeclared field `").count(), 20);
}

#[test]
fn a_field_that_no_declaration_knows_is_logged_once_by_a_service() {
    let service = Service::start_in(&[("main.funnel", "on visit -> stop"), ("funnel.toml", BERLIN)], &[]);
    let visit = |id: &str| event("visit").id(id).data(json!({"id": id, "servise": "massage"}));
    service.accepted(&(visit("v1") + "\n" + &visit("v2")));
    service.log_until("did you mean");
    service.accepted(&visit("v3"));
    let said = service.stop();
    let expected = "undeclared field `visit.servise` in 1 event: did you mean `service`?";
    assert_eq!(said.matches(expected).count(), 1, "{said}");
}

#[test]
fn a_value_that_needs_a_setting_of_the_project_names_it() {
    let funnel = "on purchase as it -> send sms \"Thanks\"";
    let events = [
        event("client")
            .at("2026-03-01T09:00:00Z")
            .data(json!({"phone": "8 (999) 000-00-01", "created_at": "2026-03-01 09:00", "spent": 25})),
        event("client").at("2026-03-01T09:00:01Z").data(json!({"phone": "ask", "created_at": "soon", "spent": "much"})),
    ];
    let without = Played::new(funnel, "name = \"Salon\"\n", &events);
    for help in [
        "help: set `country = \"RU\"` in funnel.toml, or write the country code: `+7..`",
        "help: set `timezone = \"Europe/Berlin\"` in funnel.toml, or write the UTC offset: `+01:00`",
        "help: set `currency = \"EUR\"` in funnel.toml, or write the currency: `\"25 EUR\"`",
        "help: the field is declared as `phone: phone`",
        "help: the field is declared as `created_at: datetime`",
        "help: the field is declared as `spent: money`",
    ] {
        without.report(help);
    }
    let with =
        Played::new(funnel, "timezone = \"Europe/Moscow\"\ncountry = \"RU\"\ncurrency = \"RUB\"\n", &events[..1]);
    for finished in [&with.simulated, &with.run] {
        assert!(!finished.err.contains("help:"), "{}", finished.err);
    }
}
