//! How many deliveries begin at once follows what the provider takes.

use crate::support::event::event;
use crate::support::gateway::Gateway;
use crate::support::service::{Service, holds_within};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_provider_that_is_down_is_not_met_with_all_messages_at_once() {
    let gateway = Gateway::start();
    let funnel = "on visit -> send sms \"Thank you\"";
    let service = Service::start_in(&[("funnel.toml", &gateway.project()), ("main.funnel", funnel)], &[]);
    service.accepted(&event("client").client("c1").data(json!({"phone": "+4930901820"})));
    let visits = (0..400).map(|no| event("visit").client("c1").data(json!({"id": format!("v{no}")})));
    service.accepted(&visits.collect::<Vec<String>>().join("\n"));
    assert!(holds_within(Duration::from_secs(20), || service.message_count() == 400));
    std::thread::sleep(Duration::from_secs(1));
    assert!(gateway.refused() < 40, "{}", gateway.refused());
    gateway.accept();
    assert!(holds_within(Duration::from_secs(120), || gateway.accepted() == 400), "{}", gateway.accepted());
}
