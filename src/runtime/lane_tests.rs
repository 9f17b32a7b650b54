//! Tests of lanes, with messages that others need, too.

use super::*;
use crate::channel::fake::Fake;
use crate::engine::{ClientId, Message, MessageId, Outcome, Rendered, RunId};
use crate::graph::ElementId;
use std::time::Duration;

/// A message in the outbox.
pub(in crate::runtime) fn queued(no: i64) -> Queued {
    let message = Message {
        id: MessageId(no.to_string()),
        run: RunId("r".into()),
        zone: "UTC".into(),
        client: ClientId("c".into()),
        funnel: "f".into(),
        element: ElementId("e".into()),
        channel: "sms".into(),
        to: "+1".into(),
        content: Rendered::Text(String::new()),
        marketing: false,
        topic: None,
        evidence: None,
        at: Timestamp(0),
        latest: None,
        outcome_expected: false,
        answer_expected: false,
    };
    Queued { no, message, attempts: 0, queued_at: Timestamp(0), retry_at: None }
}

fn lane(limits: Limits, messages: i64) -> Lane {
    let channel = Fake::new([]).on_unknown(OnUnknown::Skip).limits(limits);
    let mut lane = Lane::new(Arc::new(channel), Retry::default(), false);
    (1..=messages).for_each(|no| lane.push(queued(no)));
    lane
}

fn take(lane: &mut Lane, now: i64) -> Vec<i64> {
    lane.take(Timestamp(now), Timestamp(now)).into_iter().map(|queued| queued.no).collect()
}

fn busy(after: Option<Duration>) -> Result<Receipt, Failure> {
    Err(Failure::Retry { reason: "busy".into(), after })
}

#[test]
fn attempts_per_second_stay_within_the_limit_of_the_provider() {
    let mut lane = lane(Limits { concurrency: 2, per_second: Some(3) }, 9);
    assert_eq!(take(&mut lane, 0), [1, 2]);
    assert_eq!(lane.due_at(Timestamp(0), Timestamp(0)), None, "only an answer makes room");
    for no in [1, 2] {
        lane.complete(no, Ok(Receipt::default()), Timestamp(0), Timestamp(0));
    }
    assert_eq!(take(&mut lane, 500), [3]);
    assert_eq!(lane.due_at(Timestamp(0), Timestamp(500)), Some(Timestamp(1_000)));
    assert!(take(&mut lane, 999).is_empty());
    assert_eq!(take(&mut lane, 1_000), [4]);
}

#[test]
fn a_message_waits_for_as_long_as_the_provider_asks_and_others_pass_it() {
    let mut lane = lane(Limits { concurrency: 1, per_second: None }, 2);
    assert_eq!(take(&mut lane, 0), [1]);
    let minute = Some(Duration::from_secs(60));
    let completion = lane.complete(1, busy(minute), Timestamp(0), Timestamp(0)).unwrap();
    let retry_at = Some(Timestamp(60_000));
    assert_eq!(completion.change.state, MessageState::Queued { retry_at, reason: Some("busy".into()) });
    assert!(completion.outcome.is_none());
    assert_eq!(take(&mut lane, 1), [2]);
    lane.complete(2, Ok(Receipt::default()), Timestamp(1), Timestamp(1));
    assert_eq!(lane.due_at(Timestamp(0), Timestamp(1)), retry_at);
    assert!(take(&mut lane, 59_999).is_empty());
    assert_eq!(take(&mut lane, 60_000), [1]);
}

#[test]
fn a_message_is_given_up_when_it_is_too_old() {
    let mut lane = lane(Limits { concurrency: 1, per_second: None }, 1);
    let day = 24 * 3_600_000;
    assert_eq!(take(&mut lane, day - 1), [1]);
    assert!(lane.complete(1, busy(None), Timestamp(0), Timestamp(day - 1)).unwrap().outcome.is_none());
    assert_eq!(take(&mut lane, day + 60_000), [1]);
    let completion = lane.complete(1, busy(None), Timestamp(0), Timestamp(day + 60_000)).unwrap();
    let reason = "given up after 2 attempts: busy".to_owned();
    assert_eq!(completion.outcome.map(|(_, outcome)| outcome), Some(Outcome::NotSent { reason }));
    assert!(lane.is_empty());
}

#[test]
fn a_message_is_given_up_when_its_time_is_up_without_another_attempt() {
    let mut lane = lane(Limits { concurrency: 20, per_second: None }, 20);
    (lane.retry.age, lane.pace) = (Duration::from_secs(10), 20);
    let hour = Some(Duration::from_secs(3600));
    // Ten fail, and the breaker opens; five more were never tried.
    assert_eq!(take(&mut lane, 0).len(), 20);
    (16..=20).for_each(|no| _ = lane.untried(no, Timestamp(0)));
    (1..=15).for_each(|no| _ = lane.complete(no, busy(hour), Timestamp(0), Timestamp(0)));
    assert!(lane.give_up(Timestamp(0), Timestamp(9_999)).is_empty());
    assert!(take(&mut lane, 10).is_empty());
    let given_up = lane.give_up(Timestamp(0), Timestamp(10_000));
    let reasons: Vec<_> =
        given_up.iter().filter_map(|completion| completion.outcome.clone()).map(|(_, outcome)| outcome).collect();
    assert_eq!(reasons.len(), 20);
    assert_eq!(reasons[0], Outcome::NotSent { reason: "given up after 1 attempts: busy".into() });
    assert_eq!(reasons[19], Outcome::NotSent { reason: "skipped: circuit open".into() });
    assert!(lane.is_empty());
}

#[test]
fn concurrency_follows_success() {
    let mut lane = lane(Limits { concurrency: 100, per_second: None }, 100);
    assert_eq!(take(&mut lane, 0).len(), FIRST_PACE);
    (1..=8).for_each(|no| _ = lane.complete(no, Ok(Receipt::default()), Timestamp(0), Timestamp(0)));
    assert_eq!(take(&mut lane, 0).len(), 16);
    lane.complete(9, busy(None), Timestamp(0), Timestamp(0));
    assert_eq!(lane.window(), 8);
    assert!(take(&mut lane, 0).is_empty());
}

#[test]
fn untried_messages_keep_their_order() {
    let mut lane = lane(Limits { concurrency: 3, per_second: None }, 5);
    assert_eq!(take(&mut lane, 0), [1, 2, 3]);
    [2, 1, 3].into_iter().for_each(|no| _ = lane.untried(no, Timestamp(0)));
    assert_eq!(take(&mut lane, 0), [1, 2, 3]);
}

fn before(no: i64, latest: i64) -> Queued {
    let mut queued = queued(no);
    queued.message.latest = Some(Timestamp(latest));
    queued
}

fn ended(completions: Vec<Completion>) -> Vec<(i64, String)> {
    let changes = completions.into_iter().map(|completion| completion.change);
    changes.map(|change| (change.no, change.state.reason().unwrap_or_default().to_owned())).collect()
}

#[test]
fn a_message_that_waits_for_the_rate_is_not_sent_too_late() {
    let mut lane = lane(Limits { concurrency: 9, per_second: Some(1) }, 0);
    [before(1, 1_500), before(2, 1_500), before(3, 1_500), queued(4)].into_iter().for_each(|q| lane.push(q));
    assert_eq!(take(&mut lane, 0), [1]);
    assert_eq!(take(&mut lane, 1_000), [2]);
    assert_eq!(lane.due_at(Timestamp(1_000), Timestamp(1_000)), Some(Timestamp(1_500)));
    assert_eq!(ended(lane.give_up(Timestamp(1_499), Timestamp(1_499))), []);
    assert_eq!(
        ended(lane.give_up(Timestamp(1_500), Timestamp(1_500))),
        [(3, before(3, 1_500).message.too_late().unwrap())]
    );
    assert_eq!(take(&mut lane, 2_000), [4]);
    // The turn of a message comes when nobody has looked at the clock before.
    lane.push(before(5, 2_500));
    assert!(take(&mut lane, 9_000).is_empty());
    assert_eq!(lane.due_at(Timestamp(9_000), Timestamp(9_000)), Some(Timestamp(9_000)));
    assert_eq!(lane.give_up(Timestamp(9_000), Timestamp(9_000)).len(), 1);
}

#[test]
fn a_message_behind_an_open_breaker_is_not_sent_too_late() {
    for is_virtual in [false, true] {
        let mut lane = lane(Limits { concurrency: 20, per_second: None }, 10);
        lane.pace = 20;
        lane.is_virtual = is_virtual;
        assert_eq!(take(&mut lane, 0).len(), 10);
        (1..=10).for_each(|no| _ = lane.complete(no, busy(None), Timestamp(0), Timestamp(0)));
        lane.retrying.clear();
        lane.push(before(11, 500));
        assert_eq!(ended(lane.give_up(Timestamp(499), Timestamp(499))), []);
        let reason = before(11, 500).message.too_late().unwrap();
        assert_eq!(ended(lane.give_up(Timestamp(500), Timestamp(500))), [(11, reason)]);
    }
}

#[test]
fn messages_beyond_memory_stay_on_disk_and_none_is_lost() {
    let many = i64::try_from(MAX_IN_MEMORY).unwrap() * 3;
    let mut lane = lane(Limits { concurrency: 1, per_second: None }, many);
    let mut left = Vec::new();
    while !lane.is_empty() {
        if let Some((after, limit)) = lane.wanted() {
            lane.refill((after + 1..=many).take(limit).map(queued).collect(), limit);
        }
        for no in take(&mut lane, 0) {
            lane.complete(no, Ok(Receipt::default()), Timestamp(0), Timestamp(0));
            left.push(no);
        }
    }
    assert_eq!(left, (1..=many).collect::<Vec<_>>());
}
