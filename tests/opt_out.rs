//! What comes back from recipients without their going through the business: who blocked a bot, or followed the link of an
//! email, gets no more marketing.

use crate::support::event::event;
use crate::support::http_server::serve;
use crate::support::service::{Service, holds_within};
use axum::http::StatusCode;
use funnelc::channel::{Secret, sign};
use serde_json::{Value, json};
use std::time::Duration;

const NEWS: &str = r#"
funnel news {
  purpose marketing offers
  on visit -> send telegram "news" to client.telegram else { tag "none" }
}
"#;

fn client(service: &Service) -> Value {
    serde_json::from_str(&service.request("GET /v1/clients/c1", "").1).unwrap()
}

fn states(service: &Service) -> Vec<String> {
    let store = rusqlite::Connection::open(service.store_path()).unwrap();
    let mut rows = store.prepare("SELECT state || ': ' || coalesce(reason, '') FROM messages ORDER BY no").unwrap();
    rows.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_blocked_a_bot_gets_no_more_marketing_from_it() {
    let body = r#"{"ok": false, "description": "Forbidden: bot was blocked by the user"}"#;
    let (url, requests) = serve((StatusCode::FORBIDDEN, body)).await;
    let settings = format!(
        "timezone = \"UTC\"\n[channels.telegram]\nprovider = \"telegram\"\ntoken = {{ env = \"BOT\" }}\nbase_url = \"{url}\"\nallow_private = true\n"
    );
    let environment = [("BOT".to_owned(), "1:abc".to_owned())];
    let service = Service::start_in(&[("funnel.toml", &settings), ("main.funnel", NEWS)], &environment);
    service.accepted(&event("client").client("c1").data(json!({"telegram": "4711", "consent": ["telegram", "sms"]})));
    service.accepted(&event("visit").client("c1").id("v1").data(json!({"id": "v1"})));
    let ended = || states(&service) == ["not_sent: Forbidden: bot was blocked by the user (telegram answered 403)"];
    assert!(holds_within(Duration::from_secs(20), ended), "{:?}", states(&service));
    assert!(holds_within(Duration::from_secs(20), || client(&service)["fields"]["consent"] == json!(["sms"])));
    assert_eq!(client(&service)["fields"]["tags"], json!(["none"]));
    service.accepted(&event("visit").client("c1").id("v2").data(json!({"id": "v2"})));
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(requests.lock().unwrap().len(), 1);
    let store = rusqlite::Connection::open(service.store_path()).unwrap();
    let said: i64 =
        store.query_row("SELECT count(*) FROM history WHERE type = 'unsubscribed'", [], |row| row.get(0)).unwrap();
    assert_eq!(said, 1);
}

#[test]
fn the_link_of_an_email_withdraws_consent() {
    let settings = "timezone = \"UTC\"\nlanguage = \"de\"\n[channels.email]\nprovider = \"smtp\"\nhost = \"127.0.0.1\"\nport = 9\n\
                    tls = \"none\"\nfrom = \"a@smile.example\"\nunsubscribe_secret = { env = \"LINKS\" }\n\
                    unsubscribe_url = \"https://smile.example/v1/unsubscribe?c={client}&m={message}&t={topic}&s={signature}\"\n";
    let funnels = "funnel news { purpose marketing offers on visit -> stop }\nfunnel tips { purpose marketing tips on visit -> stop }\n";
    let environment = [("LINKS".to_owned(), "key-of-links".to_owned())];
    let service = Service::start_in(&[("funnel.toml", settings), ("main.funnel", funnels)], &environment);
    service.accepted(&event("client").client("c1").data(json!({"email": "anna@example.org", "consent": ["email"]})));
    let signature = sign(&Secret::new("key-of-links"), "c1", "m1", "offers");
    let link = format!("/v1/unsubscribe?c=c1&m=m1&t=offers&s={signature}");
    let (status, page) = service.request(&format!("GET {link}"), "");
    assert!(status == 200 && page.contains("lang=\"de\"") && page.contains("Abmelden"), "{page}");
    assert_eq!(client(&service)["fields"]["consent"], json!(["email"]), "a scanner has followed the link");
    for wrong in
        [link.replace("m1", "m2"), link.replace("c1", "c2"), link.replace("offers", ""), "/v1/unsubscribe".to_owned()]
    {
        assert_eq!(service.request(&format!("POST {wrong}"), "").0, 403, "{wrong}");
    }
    for _ in 0..2 {
        let (status, page) = service.request(&format!("POST {link}"), "List-Unsubscribe=One-Click");
        assert!(status == 200 && page.contains("nicht mehr"), "{page}");
    }
    let store = rusqlite::Connection::open(service.store_path()).unwrap();
    let said = |sql: &str| store.query_row(sql, [], |row| row.get::<_, String>(0)).unwrap();
    assert_eq!(
        said("SELECT group_concat(data) FROM history WHERE type = 'unsubscribed'"),
        r#"{"channel":"email","source":"unsubscribe link","topic":"offers"}"#
    );
}
