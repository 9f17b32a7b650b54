//! SMS gateways over real HTTP on this machine: the requests they receive, and what their responses mean for a message.

use crate::support::http_server::{opted_out, permanent, retry, serve, serve_raw, unknown};
use axum::http::StatusCode;
use funnelc::channel::{
    Channel, Expected, Failure, GatewaySettings, Limits, OnUnknown, Receipt, ResponseRules, Secret, SmsGateway,
    TELEGRAM_URL, Telegram, TelegramSettings, Twilio, TwilioSender, TwilioSettings,
};
use funnelc::engine::{ClientId, Message, MessageId, Rendered, RunId};
use funnelc::graph::ElementId;
use funnelc::value::Timestamp;
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::net::TcpListener;

/// A text with every character that could break out of its context.
const NASTY: &str = "Привет, \"Anna\" \\ & <b>\r\nX-Evil: 1 {to} 100%";

/// A message as the engine creates it.
pub(crate) fn message(channel: &str, to: &str, content: Rendered) -> Message {
    Message {
        id: MessageId("msg-1".to_owned()),
        run: RunId("run-1".to_owned()),
        zone: "Europe/Moscow".to_owned(),
        client: ClientId("c1".to_owned()),
        funnel: "f".to_owned(),
        element: ElementId("e".to_owned()),
        channel: channel.to_owned(),
        to: to.to_owned(),
        content,
        marketing: false,
        topic: None,
        evidence: None,
        at: Timestamp::parse("2026-03-01T10:00:00+03:00").unwrap(),
        latest: None,
        outcome_expected: false,
        answer_expected: false,
    }
}

fn sms(text: &str) -> Message {
    message("sms", "+79990000000", Rendered::Text(text.to_owned()))
}

fn settings(url: &str) -> GatewaySettings {
    GatewaySettings {
        method: "POST".to_owned(),
        url: format!("{url}/send"),
        headers: vec![("Authorization".to_owned(), "Bearer {key}".to_owned())],
        content_type: "application/json".to_owned(),
        body: Some(r#"{"to": "{to}", "text": "{text}", "from": "{from}", "id": "{id}"}"#.to_owned()),
        from: Some("Smile".to_owned()),
        secrets: BTreeMap::from([("key".to_owned(), Secret::new("s3cret-key"))]),
        idempotency_header: None,
        allow_private: true,
        insecure: false,
        timeout: Duration::from_secs(20),
        response_rules: ResponseRules {
            accepted: Some(Expected { pointer: "/status".to_owned(), values: vec!["ok".to_owned()] }),
            retry: Some(Expected { pointer: "/code".to_owned(), values: vec!["9".to_owned()] }),
            provider_id: Some("/message/id".to_owned()),
            ..ResponseRules::default()
        },
        on_unknown: OnUnknown::Skip,
        limits: Limits::default(),
    }
}

async fn deliver(settings: GatewaySettings) -> Result<Receipt, Failure> {
    SmsGateway::new(settings).unwrap().deliver(&sms(NASTY)).await
}

#[tokio::test]
async fn message_text_reaches_the_gateway_unchanged() {
    let (url, requests) = serve(r#"{"status": "ok", "message": {"id": 42}}"#).await;
    let gateway =
        SmsGateway::new(GatewaySettings { idempotency_header: Some("Idempotency-Key".to_owned()), ..settings(&url) });
    let receipt = gateway.unwrap().deliver(&sms(NASTY)).await.unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some("42"));
    let requests = requests.lock().unwrap();
    let [request] = &requests[..] else { panic!("one request") };
    assert_eq!((request.method.as_str(), request.uri.path()), ("POST", "/send"));
    assert_eq!(request.headers["authorization"], "Bearer s3cret-key");
    assert_eq!(request.headers["idempotency-key"], "msg-1");
    assert_eq!(request.headers["content-type"], "application/json");
    assert!(!request.headers.contains_key("x-evil"));
    let body: serde_json::Value = serde_json::from_str(&request.body).unwrap();
    let expected = serde_json::json!({"to": "+79990000000", "text": NASTY, "from": "Smile", "id": "msg-1"});
    assert_eq!(body, expected);
}

#[tokio::test]
async fn values_in_a_url_are_percent_encoded() {
    let (url, requests) = serve("").await;
    let custom = GatewaySettings {
        method: "GET".to_owned(),
        url: format!("{url}/send?key={{key}}&to={{to}}&text={{text}}"),
        body: None,
        response_rules: ResponseRules::default(),
        ..settings(&url)
    };
    deliver(custom).await.unwrap();
    let requests = requests.lock().unwrap();
    let query = requests[0].uri.query().unwrap();
    assert!(query.starts_with("key=s3cret-key&to=%2B79990000000&text=%D0%9F"), "{query}");
    assert!(query.ends_with("%0D%0AX-Evil%3A%201%20%7Bto%7D%20100%25"), "{query}");
}

#[tokio::test]
async fn a_rejection_is_permanent_and_its_reason_hides_secrets() {
    let (url, _) = serve((StatusCode::BAD_REQUEST, "bad number for Bearer s3cret-key\r\nsorry")).await;
    let reason = permanent(deliver(settings(&url)).await);
    assert_eq!(reason, "the gateway answered 400: bad number for Bearer *** sorry");
}

#[tokio::test]
async fn an_error_in_a_200_response_is_a_failure() {
    let (url, _) = serve(r#"{"status": "error", "code": 2}"#).await;
    assert!(permanent(deliver(settings(&url)).await).contains(r#""code": 2"#));
    let (url, _) = serve(r#"{"status": "error", "code": 9}"#).await;
    retry(deliver(settings(&url)).await);
    let (url, _) = serve("<html>Welcome!</html>").await;
    unknown(deliver(settings(&url)).await);
    let (url, _) = serve("x".repeat(100_000)).await;
    unknown(deliver(settings(&url)).await);
}

#[tokio::test]
async fn temporary_failures_are_retried() {
    let (url, _) = serve((StatusCode::TOO_MANY_REQUESTS, [("retry-after", "7")], "")).await;
    assert_eq!(retry(deliver(settings(&url)).await).1, Some(Duration::from_secs(7)));
    for status in [StatusCode::UNAUTHORIZED, StatusCode::INTERNAL_SERVER_ERROR, StatusCode::BAD_GATEWAY] {
        let (url, _) = serve(status).await;
        assert_eq!(retry(deliver(settings(&url)).await).1, None, "{status}");
    }
    let (url, _) = serve(StatusCode::GATEWAY_TIMEOUT).await;
    unknown(deliver(settings(&url)).await);
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let (elsewhere, requests) = serve(r#"{"status": "ok"}"#).await;
    let (url, _) = serve((StatusCode::TEMPORARY_REDIRECT, [("location", elsewhere)], "")).await;
    assert_eq!(permanent(deliver(settings(&url)).await), "the gateway answered 307");
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn no_response_to_a_request_is_an_unknown_outcome() {
    let url = serve_raw(None).await;
    let custom = GatewaySettings { timeout: Duration::from_secs(1), ..settings(&url) };
    assert_eq!(unknown(deliver(custom).await), "timed out waiting for a response");
    let url = serve_raw(Some("")).await;
    unknown(deliver(settings(&url)).await);
    let cut = "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"status\": \"o";
    let url = serve_raw(Some(cut)).await;
    unknown(deliver(settings(&url)).await);
    // The body is not needed when the status alone decides.
    let url = serve_raw(Some(cut)).await;
    deliver(GatewaySettings { response_rules: ResponseRules::default(), ..settings(&url) }).await.unwrap();
}

#[tokio::test]
async fn an_unreachable_gateway_is_retried() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (reason, after) = retry(deliver(settings(&url)).await);
    assert!(reason.starts_with("cannot reach the server: "), "{reason}");
    assert_eq!(after, None);
}

#[tokio::test]
async fn private_addresses_must_be_allowed() {
    let (url, _) = serve("").await;
    let custom = GatewaySettings { allow_private: false, insecure: true, ..settings(&url) };
    let refused = SmsGateway::new(custom).map(|_| ()).unwrap_err();
    assert_eq!(&*refused, "`url` is a private network address");
}

fn twilio(url: &str) -> Twilio {
    Twilio::new(TwilioSettings {
        account: "AC123".to_owned(),
        token: Secret::new("t0ken-of-twilio"),
        sender: TwilioSender::From("+15005550006".to_owned()),
        base_url: url.to_owned(),
        allow_private: true,
        timeout: Duration::from_secs(20),
        on_unknown: OnUnknown::Skip,
        limits: Limits::default(),
    })
    .unwrap()
}

#[tokio::test]
async fn twilio_requests_have_the_documented_form() {
    let (url, requests) = serve((StatusCode::CREATED, r#"{"sid": "SM1", "status": "queued"}"#)).await;
    let receipt = twilio(&url).deliver(&sms("Hi & bye")).await.unwrap();
    assert_eq!((receipt.provider_id.as_deref(), receipt.detail.as_str()), (Some("SM1"), "queued"));
    let requests = requests.lock().unwrap();
    let request = &requests[0];
    assert_eq!(request.uri.path(), "/2010-04-01/Accounts/AC123/Messages.json");
    // The base64 of `AC123:t0ken-of-twilio`.
    assert_eq!(request.headers["authorization"], "Basic QUMxMjM6dDBrZW4tb2YtdHdpbGlv");
    assert_eq!(request.body, "To=%2B79990000000&From=%2B15005550006&Body=Hi%20%26%20bye");
}

#[tokio::test]
async fn twilio_errors_are_classified() {
    let answer = |status: u16, body: &'static str| {
        let status = StatusCode::from_u16(status).unwrap();
        async move { twilio(&serve((status, [("retry-after", "3")], body)).await.0).deliver(&sms("Hi")).await }
    };
    let reason = opted_out(answer(400, r#"{"code": 21610, "message": "unsubscribed"}"#).await);
    assert_eq!(reason, "the recipient has opted out at the provider (twilio 21610)");
    permanent(answer(400, r#"{"code": 21211, "message": "invalid"}"#).await);
    let reason = permanent(answer(404, r#"{"code": 20404, "message": "not found: t0ken-of-twilio"}"#).await);
    assert_eq!(reason, "not found: *** (twilio 20404)");
    for (status, body) in [(429, r#"{"code": 20429}"#), (500, ""), (503, ""), (400, r#"{"code": 21611}"#)] {
        assert_eq!(retry(answer(status, body).await).1, Some(Duration::from_secs(3)), "{status}");
    }
    unknown(answer(504, "").await);
    unknown(twilio(&serve_raw(Some("")).await).deliver(&sms("Hi")).await);
}

fn telegram(url: &str) -> Telegram {
    let settings = settings_of_a_bot();
    let token = Secret::new("123:abc-DEF_9");
    Telegram::new(TelegramSettings { token, base_url: url.to_owned(), allow_private: true, ..settings }).unwrap()
}

fn chat(text: &str) -> Message {
    message("telegram", "4711", Rendered::Text(text.to_owned()))
}

#[tokio::test]
async fn telegram_requests_have_the_documented_form() {
    let (url, requests) = serve(r#"{"ok": true, "result": {"message_id": 77, "chat": {"id": 4711}}}"#).await;
    let receipt = telegram(&url).deliver(&chat(NASTY)).await.unwrap();
    assert_eq!(receipt.provider_id.as_deref(), Some("77"));
    let requests = requests.lock().unwrap();
    assert_eq!(requests[0].uri.path(), "/bot123:abc-DEF_9/sendMessage");
    let body: serde_json::Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!(body, serde_json::json!({"chat_id": "4711", "text": NASTY}));
}

#[tokio::test]
async fn telegram_errors_are_classified() {
    let answer = |status: u16, body: &'static str| {
        let status = StatusCode::from_u16(status).unwrap();
        async move { telegram(&serve((status, body)).await.0).deliver(&chat("Hi")).await }
    };
    let blocked = r#"{"ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user"}"#;
    let reason = opted_out(answer(403, blocked).await);
    assert_eq!(reason, "Forbidden: bot was blocked by the user (telegram answered 403)");
    permanent(answer(400, r#"{"ok": false, "description": "Bad Request: chat not found"}"#).await);
    let busy = r#"{"ok": false, "description": "Too Many Requests", "parameters": {"retry_after": 7}}"#;
    assert_eq!(retry(answer(429, busy).await).1, Some(Duration::from_secs(7)));
    let wrong = r#"{"ok": false, "description": "Unauthorized 123:abc-DEF_9"}"#;
    assert_eq!(retry(answer(401, wrong).await).0, "Unauthorized *** (telegram answered 401)");
    retry(answer(500, "").await);
    unknown(answer(504, "").await);
    unknown(answer(200, "<html>").await);
    permanent(telegram("http://127.0.0.1:9").deliver(&chat(&"x".repeat(4097))).await);
    for token in ["", "abc", "1:a/../b", "1:a b"] {
        let settings = TelegramSettings { token: Secret::new(token), ..settings_of_a_bot() };
        assert!(Telegram::new(settings).is_err(), "{token}");
    }
}

fn settings_of_a_bot() -> TelegramSettings {
    TelegramSettings {
        token: Secret::new("1:a"),
        base_url: TELEGRAM_URL.to_owned(),
        allow_private: false,
        timeout: Duration::from_secs(20),
        on_unknown: OnUnknown::Skip,
        limits: Limits::default(),
    }
}

#[tokio::test]
async fn a_recipient_cannot_climb_in_the_path_of_a_gateway() {
    let (url, requests) = serve(r#"{"status": "ok"}"#).await;
    let custom = || GatewaySettings { url: format!("{url}/send/{{to}}/{{text}}"), ..settings(&url) };
    for (to, text) in [("..", "x"), (".", "x"), ("+1", "..")] {
        let message = message("sms", to, Rendered::Text(text.to_owned()));
        let failure = SmsGateway::new(custom()).unwrap().deliver(&message).await.unwrap_err();
        assert!(matches!(&failure, Failure::Permanent { reason } if reason.contains("path segment")), "{failure:?}");
    }
    assert!(requests.lock().unwrap().is_empty());
    let message = message("sms", "+1..", Rendered::Text("a/../b".to_owned()));
    SmsGateway::new(custom()).unwrap().deliver(&message).await.unwrap();
    assert_eq!(requests.lock().unwrap()[0].uri.path(), "/send/%2B1../a%2F..%2Fb");
}

#[tokio::test]
async fn a_secret_that_a_gateway_repeats_is_hidden_however_it_is_escaped() {
    for echoed in
        ["s3cret-key", r#"{"error": "s\u0033cret\u002Dkey"}"#, "s3cret%2dkey", "s3cret&#45;key", "czNjcmV0LWtleQ=="]
    {
        let response = format!("HTTP/1.1 400 Bad\r\ncontent-length: {}\r\n\r\n{echoed}", echoed.len());
        let url = serve_raw(Some(Box::leak(response.into_boxed_str()))).await;
        let failure = deliver(settings(&url)).await.unwrap_err();
        let reason = failure.reason();
        assert!(reason.contains("***") && !reason.contains("cret") && !reason.contains("czNj"), "{echoed}: {reason}");
    }
}
