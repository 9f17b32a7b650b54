//! Webhooks over real HTTP on this machine: the request that another system receives, and what its response means.

use crate::channel::message;
use crate::support::http_server::{Request, permanent, retry, serve, serve_raw, unknown};
use axum::http::StatusCode;
use funnelc::channel::{
    Channel, EgressPolicy, Failure, Limits, OnUnknown, Receipt, Secret, SigningKey, Webhook, WebhookSettings,
    WebhookTarget,
};
use funnelc::engine::{Message, Rendered};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

fn request(channel: &str, to: &str, data: &Value) -> Message {
    message(channel, to, Rendered::Json(data.as_object().unwrap().clone()))
}

fn settings(target: Option<WebhookTarget>) -> WebhookSettings {
    let mut egress = EgressPolicy::default();
    egress.allow("127.0.0.1").unwrap();
    WebhookSettings {
        target,
        keys: vec![SigningKey::parse(&Secret::new(SECRET)).unwrap()],
        egress,
        insecure: false,
        timeout: Duration::from_secs(10),
        give_up: None,
        limits: Limits::default(),
    }
}

fn target(url: &str) -> WebhookTarget {
    WebhookTarget {
        method: "POST".to_owned(),
        url: url.to_owned(),
        headers: vec![("Authorization".to_owned(), "Bearer {key}".to_owned())],
        secrets: BTreeMap::from([("key".to_owned(), Secret::new("s3cret/key"))]),
        bare: false,
    }
}

/// Calls an address with the secret above.
async fn call(url: &str) -> Result<Receipt, Failure> {
    call_with(settings(None), url).await
}

async fn call_with(settings: WebhookSettings, url: &str) -> Result<Receipt, Failure> {
    Webhook::new(settings).unwrap().deliver(&request("call", url, &json!({"id": "b1"}))).await
}

/// Whether the reference library accepts the signature of a request.
fn is_signed(request: &Request) -> bool {
    standardwebhooks::Webhook::new(SECRET).unwrap().verify(request.body.as_bytes(), &request.headers).is_ok()
}

#[tokio::test]
async fn the_receiver_can_verify_a_request() {
    let (url, requests) = serve(StatusCode::ACCEPTED).await;
    let data =
        json!({"id": "b1", "amount": 12.5, "price": "1200 RUB", "note": null, "text": "Привет \"Anna\"\r\nX-Evil: 1"});
    let webhook = Webhook::new(settings(None)).unwrap();
    let receipt = webhook.deliver(&request("call", &format!("{url}/lost?from=f"), &data)).await.unwrap();
    assert_eq!((receipt.provider_id, receipt.detail.as_str()), (None, "accepted with 202"));
    let mut requests = requests.lock().unwrap();
    let request = &mut requests[0];
    assert_eq!((request.method.as_str(), request.uri.to_string().as_str()), ("POST", "/lost?from=f"));
    assert_eq!(request.headers["webhook-id"], "msg-1");
    assert_eq!(request.headers["content-type"], "application/json");
    assert!(!request.headers.contains_key("x-evil"));
    let body: Value = serde_json::from_str(&request.body).unwrap();
    let timestamp = "2026-03-01T07:00:00Z";
    assert_eq!(body, json!({"type": "call.f", "id": "msg-1", "timestamp": timestamp, "funnel": "f", "data": data}));
    assert!(is_signed(request));
    request.body.push(' ');
    assert!(!is_signed(request), "a changed body must not pass");
}

#[tokio::test]
async fn an_action_is_sent_with_its_headers_and_secrets() {
    let (url, requests) = serve("").await;
    let with = |method: &str, bare| {
        let to = WebhookTarget { method: method.to_owned(), bare, ..target(&format!("{url}/in/{{key}}")) };
        Webhook::new(settings(Some(to))).unwrap()
    };
    let data = json!({"stage": "lost"});
    let sync = request("do", "sync_crm", &data);
    with("POST", false).deliver(&sync).await.unwrap();
    with("PUT", true).deliver(&sync).await.unwrap();
    let requests = requests.lock().unwrap();
    assert_eq!(requests[0].uri.path(), "/in/s3cret%2Fkey");
    assert_eq!(requests[0].headers["authorization"], "Bearer s3cret/key");
    let body: Value = serde_json::from_str(&requests[0].body).unwrap();
    assert_eq!((&body["type"], &body["data"]), (&json!("action.sync_crm"), &data));
    assert_eq!((requests[1].method.as_str(), requests[1].body.as_str()), ("PUT", r#"{"stage":"lost"}"#));
    assert!(requests.iter().all(is_signed));
}

#[tokio::test]
async fn without_a_secret_requests_are_unsigned_but_have_an_id() {
    let (url, requests) = serve("").await;
    call_with(WebhookSettings { keys: Vec::new(), ..settings(None) }, &url).await.unwrap();
    let requests = requests.lock().unwrap();
    assert!(!requests[0].headers.contains_key("webhook-signature"));
    assert_eq!(requests[0].headers["webhook-id"], "msg-1");
}

#[tokio::test]
async fn the_status_of_the_response_decides_the_outcome() {
    for status in [200, 201, 204, 299] {
        let (url, _) = serve(StatusCode::from_u16(status).unwrap()).await;
        assert!(call(&url).await.is_ok(), "{status}");
    }
    for status in [408, 425, 429, 500, 501, 502, 503, 504, 599] {
        let (url, _) = serve((StatusCode::from_u16(status).unwrap(), [("retry-after", "7")], "later")).await;
        let (reason, after) = retry(call(&url).await);
        assert_eq!((reason, after), (format!("the server answered {status}: later"), Some(Duration::from_secs(7))));
    }
    for status in [400, 401, 403, 404, 405, 409, 413, 422] {
        let (url, _) = serve((StatusCode::from_u16(status).unwrap(), "no")).await;
        assert_eq!(permanent(call(&url).await), format!("the server answered {status}: no"));
    }
    let (url, _) = serve(StatusCode::GONE).await;
    assert_eq!(permanent(call(&url).await), "the server answered 410: the endpoint is gone");
}

#[tokio::test]
async fn a_redirect_is_a_permanent_failure_that_names_its_target() {
    let (elsewhere, requests) = serve("").await;
    for status in [301, 302, 303, 307, 308] {
        let status = StatusCode::from_u16(status).unwrap();
        let (url, _) = serve((status, [("location", format!("{elsewhere}/new?token=1"))], "")).await;
        let expected = format!(
            "the server answered {} and redirects to `{elsewhere}/new`; redirects are not followed",
            status.as_u16()
        );
        assert_eq!(permanent(call(&url).await), expected);
    }
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn failure_reasons_contain_no_secrets() {
    let (url, _) = serve((StatusCode::FORBIDDEN, "not with Bearer s3cret/key\nnor s3cret%2Fkey")).await;
    let webhook = Webhook::new(settings(Some(target(&format!("{url}/{{key}}"))))).unwrap();
    let sync = request("do", "sync_crm", &json!({}));
    let reason = permanent(webhook.deliver(&sync).await);
    assert_eq!(reason, "the server answered 403: not with Bearer *** nor ***");
    assert!(!format!("{webhook:?}").contains("s3cret"), "{webhook:?}");
    // For an unreachable server, the reason is the error and not the address.
    let gone = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let webhook = Webhook::new(settings(Some(target(&format!("http://{gone}/{{key}}"))))).unwrap();
    let (reason, _) = retry(webhook.deliver(&sync).await);
    assert!(reason.starts_with("cannot reach the server") && !reason.contains("s3cret"), "{reason}");
}

#[tokio::test]
async fn a_slow_server_times_out_and_is_retried() {
    let url = serve_raw(None).await;
    let hasty = WebhookSettings { timeout: Duration::from_secs(1), ..settings(None) };
    let started = Instant::now();
    assert_eq!(unknown(call_with(hasty.clone(), &url).await), "timed out waiting for a response");
    assert!(started.elapsed() < Duration::from_secs(5));
    // The id identifies a duplicate, so a retry neither loses nor repeats anything.
    assert_eq!(Webhook::new(hasty).unwrap().on_unknown(), OnUnknown::Retry);
}

#[tokio::test]
async fn an_endless_response_is_not_read_to_its_end() {
    let (url, sent) = serve_endless().await;
    let started = Instant::now();
    call(&url).await.unwrap();
    assert!(started.elapsed() < Duration::from_secs(5), "the status is enough");
    assert!(sent.await.unwrap() < 32 << 20, "the connection is closed");
    let (url, _) = serve((StatusCode::BAD_REQUEST, "x".repeat(1 << 20))).await;
    assert_eq!(permanent(call(&url).await), "the server answered 400");
    let head: &str = Box::leak(format!("HTTP/1.1 200 OK\r\nx: {}\r\n\r\n", "x".repeat(1 << 20)).into_boxed_str());
    let url = serve_raw(Some(head)).await;
    unknown(call(&url).await);
}

/// A server that responds with success and then sends data until the connection closes; also the number of bytes sent.
async fn serve_endless() -> (String, tokio::task::JoinHandle<usize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let respond = async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut vec![0; 4096]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000000\r\n\r\n").await;
        let mut sent = 0;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {
            sent += 4096;
        }
        sent
    };
    (url, tokio::spawn(respond))
}

#[tokio::test]
async fn a_request_that_is_too_large_is_not_sent() {
    let (url, requests) = serve("").await;
    let large = request("call", &url, &json!({"text": "x".repeat(300 * 1024)}));
    let reason = permanent(Webhook::new(settings(None)).unwrap().deliver(&large).await);
    assert!(reason.ends_with("more than 262144"), "{reason}");
    assert!(requests.lock().unwrap().is_empty());
}

#[tokio::test]
async fn addresses_inside_the_network_are_blocked() {
    let (url, requests) = serve("").await;
    let closed = || WebhookSettings { egress: EgressPolicy::default(), ..settings(None) };
    let port = url.rsplit(':').next().unwrap();
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "2130706433", "0.0.0.0", "169.254.169.254"] {
        let reason = permanent(call_with(closed(), &format!("https://{host}:{port}/")).await);
        assert_eq!(reason, "its address is a private network address", "{host}");
    }
    // A host name is checked by the addresses it resolves to; here it is the name of this machine.
    let named = WebhookSettings { insecure: true, ..closed() };
    if let Some(name) = own_name(port).await {
        let reason = permanent(call_with(named, &format!("http://{name}:{port}/")).await);
        assert_eq!(reason, "the address resolves to a private network, which the project file does not allow");
    }
    let reason = permanent(call_with(settings(None), "http://crm.example/").await);
    assert_eq!(reason, "its address is not encrypted; use `https://`");
    assert!(requests.lock().unwrap().is_empty());
    assert_eq!(
        &*Webhook::new(WebhookSettings { target: Some(target(&url)), ..closed() }).map(|_| ()).unwrap_err(),
        "`url` is a private network address"
    );
}

/// A name of this machine other than `localhost` that resolves to a private address, if there is one.
async fn own_name(port: &str) -> Option<String> {
    let name = std::fs::read_to_string("/etc/hostname").ok()?.trim().to_owned();
    let found: Vec<_> = tokio::net::lookup_host(format!("{name}:{port}")).await.ok()?.collect();
    let private = |ip: std::net::IpAddr| match ip {
        std::net::IpAddr::V4(ip) => ip.is_private() || ip.is_loopback(),
        std::net::IpAddr::V6(ip) => ip.is_loopback(),
    };
    found.iter().any(|address| private(address.ip())).then_some(name)
}

#[tokio::test]
async fn a_value_cannot_escape_its_path_segment() {
    let (url, requests) = serve("").await;
    for segment in ["..", "%2e%2e", ".%2E", "."] {
        let reason = permanent(call(&format!("{url}/clients/{segment}/delete")).await);
        assert_eq!(reason, "its address contains a `.` or `..` path segment");
    }
    assert!(requests.lock().unwrap().is_empty());
}
