//! Tasks that leave: `[tasks]` hands them to another system, as signed webhooks.

use crate::support::event::event;
use crate::support::http_server::serve;
use crate::support::service::{Service, holds_within};
use axum::http::StatusCode;
use serde_json::{Value, json};
use std::time::Duration;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

const FUNNEL: &str = r#"
on visit -> task "Call {{ client.name | default("the client") }}" for "manager" due 4h -> task "Note it"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn tasks_reach_another_system() {
    let (url, requests) = serve(StatusCode::ACCEPTED).await;
    let settings = format!(
        "timezone = \"UTC\"\n[webhook]\nallow = [\"127.0.0.1\"]\n[tasks]\nurl = \"{url}/tasks\"\nsecret = {{ env = \"TASKS\" }}\n"
    );
    let environment = [("TASKS".to_owned(), SECRET.to_owned())];
    let service = Service::start_in(&[("funnel.toml", &settings), ("main.funnel", FUNNEL)], &environment);
    service.accepted(&event("client").client("c1").data(json!({"name": "Anna"})));
    service.accepted(&event("visit").client("c1").data(json!({"id": "v1"})));
    assert!(holds_within(Duration::from_secs(20), || requests.lock().unwrap().len() == 2));
    let requests = requests.lock().unwrap();
    let mut bodies = Vec::new();
    for request in requests.iter() {
        assert_eq!(request.uri.path(), "/tasks");
        let library = standardwebhooks::Webhook::new(SECRET).unwrap();
        library.verify(request.body.as_bytes(), &request.headers).unwrap();
        bodies.push(serde_json::from_str::<Value>(&request.body).unwrap());
    }
    bodies.sort_by_key(|body| body["data"]["text"].to_string());
    assert_eq!((&bodies[0]["type"], &bodies[0]["data"]["text"]), (&json!("task"), &json!("Call Anna")));
    assert_eq!((&bodies[0]["data"]["assignee"], &bodies[0]["data"]["client"]), (&json!("manager"), &json!("c1")));
    assert!(bodies[0]["data"]["due"].as_str().unwrap().starts_with("20"));
    assert_eq!(bodies[1]["data"], json!({"client": "c1", "text": "Note it"}));
}
