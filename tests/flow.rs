//! What the checker finds in paths, waits for events and loops, and in `task`, `emit`, `start` and `goto`.

use super::check::{yields, yields_in};
use funnelc::check::Context;

#[test]
fn match_covers_every_value_exactly_once() {
    let order = r#"event order { key id: text  status: "new" | "paid"  note: "a" | "b"?  made: datetime  told: bool later by made + 1d  sum: money }"#;
    let big = |text: &str| if text.contains("big") { "const big = 100 EUR" } else { "" };
    let on = |text: &str, codes: &[&str]| yields(&format!("{order} {} on order -> match {text}", big(text)), codes);
    on(r#"order.status { case "new", "paid" -> stop }"#, &[]);
    on(r#"order.status { case "new" -> stop otherwise -> stop }"#, &[]);
    on(r#"order.status { case "nwe" -> stop otherwise -> stop }"#, &["F0305"]);
    on(r#"order.status { case "new", "new" -> stop otherwise -> stop }"#, &["F0206"]);
    on("order.status { case 5 -> stop otherwise -> stop }", &["F0301"]);
    on("order.sum { case big -> stop otherwise -> stop }", &[]);
    on("order.sum { case client.spent -> stop otherwise -> stop }", &["F0302"]);
    on("order.status { case order.note -> stop otherwise -> stop }", &["F0302"]);
    on("order.id { case order.id -> stop otherwise -> stop }", &["F0309"]);
    on(r#"order.note { case "a" -> stop case "b" -> stop }"#, &["F0302"]);
    on(r#"order.note { case "a" -> stop }"#, &["F0407"]);
    on(r#"order.note { case "a" -> send sms "{{ order.note }}" otherwise -> stop }"#, &[]);
    on(r#"order.note { case "a" -> stop otherwise -> send sms "{{ order.note }}" }"#, &["F0302"]);
    on(r#"order.note { case "a" -> tag "a" otherwise -> stop } -> send sms "{{ order.note }}""#, &[]);
    on("order.told { case true -> stop case false -> stop } -> tag \"untold\"", &[]);
    on(r#"order.status { case "new", "paid" -> stop } -> stop"#, &["F0402"]);
    let finding = on(r#"order.status { case "new" -> stop }"#, &["F0407"]).remove(0);
    assert_eq!(finding.fixes[0].edits[0].text, r#" case "paid" -> stop"#);
}

#[test]
fn a_case_may_be_a_range() {
    let fields = "event sale { key id: text  count: number  sum: money  day: date  at_time: time  length: duration  start: datetime  note: text }";
    let on = |text: &str, codes: &[&str]| {
        let few = if text.contains("few") { "const few = 3" } else { "" };
        yields(&format!("{few} {fields} funnel f {{ timezone \"Europe/Berlin\" on sale -> match {text} }}"), codes)
    };
    on(
        "sale.count { case 9..10, 12 -> tag \"a\" case few..8 -> tag \"b\" case -5..-1 -> tag \"c\" otherwise -> stop }",
        &[],
    );
    on("sale.sum { case 0 EUR..99.99 EUR -> tag \"a\" case 100 EUR..500 EUR -> tag \"b\" otherwise -> stop }", &[]);
    on("sale.day { case 2026-03-01..2026-03-31 -> tag \"a\" case 2026-04-01 -> tag \"b\" otherwise -> stop }", &[]);
    on("sale.at_time { case 06:00..11:59 -> tag \"a\" case 12:00..18:00 -> tag \"b\" otherwise -> stop }", &[]);
    on("sale.length { case 0h..1h -> tag \"a\" case 1d..2w -> tag \"b\" otherwise -> stop }", &[]);
    on("sale.start { case 2026-03-01 10:00..2026-03-01 12:00 -> tag \"a\" otherwise -> stop }", &[]);
    // A number always needs `otherwise`.
    on("sale.count { case 0..6 -> stop case 7..10 -> tag \"a\" }", &["F0407"]);
    for overlapping in
        ["0..6, 6..8", "6..8, 0..6", "0..10, 5", "5, 0..10", "0..10, 2..3", "2..3, 0..10", "-3..1, 0", "1..few, 3"]
    {
        let case = overlapping.split(", ").map(|value| format!("case {value} -> tag \"{value}\"")).collect::<String>();
        let found = on(&format!("sale.count {{ {case} otherwise -> stop }}"), &["F0206"]).remove(0);
        let (first, second) = overlapping.split_once(", ").unwrap();
        assert_eq!(found.message.to_string(), format!("`{second}` overlaps `{first}`"));
    }
    on("sale.count { case 1..2 -> tag \"a\" case 1..2 -> tag \"b\" otherwise -> stop }", &["F0206"]);
    on("sale.length { case 0h..24h -> tag \"a\" case 1d -> tag \"b\" otherwise -> stop }", &["F0206"]);
    let found = on("sale.count { case 10..9 -> tag \"a\" otherwise -> stop }", &["F0303"]).remove(0);
    assert_eq!(found.fixes[0].edits[0].text, "9..10");
    on("sale.note { case \"a\"..\"c\" -> tag \"a\" otherwise -> stop }", &["F0303"]);
    on("sale.sum { case 1 EUR..5 USD -> tag \"a\" otherwise -> stop }", &["F0304"]);
    on("sale.count { case 1..5 EUR -> tag \"a\" otherwise -> stop }", &["F0301"]);
    on("sale.count { case 1..sale.count -> tag \"a\" otherwise -> stop }", &["F0309"]);
    // What is known before decides a range, too.
    yields(
        &format!("{fields} on sale where count > 5 -> match count {{ case 0..5 -> tag \"a\" otherwise -> stop }}"),
        &["F0414"],
    );
    yields(
        &format!("{fields} on sale -> match count {{ case 0..5 -> if count > 5 -> tag \"a\" otherwise -> stop }}"),
        &["F0414"],
    );
}

#[test]
fn split_parallel_and_repeat_are_checked() {
    let on = |text: &str, codes: &[&str]| yields(&format!("on booking -> {text}"), codes);
    on(r#"split "a" { case 50% -> stop case 50% -> stop } -> stop"#, &["F0402"]);
    on(r#"split "a" { case 50% -> tag "b" otherwise -> stop } -> split "a" { case 100% -> stop }"#, &["F0206"]);
    on("split { case 0% -> stop case 100% -> stop }", &["F0402"]);
    on("split { case 100% -> stop otherwise -> stop }", &["F0402"]);
    on("split { case 99.9% -> stop }", &["F0408"]);
    on(r#"split "{{ booking.id }}" { case 100% -> stop }"#, &["F0309"]);
    on("parallel { path -> stop }", &["F0406"]);
    on(r#"parallel { path -> stop path -> tag "a" } -> stop"#, &["F0402"]);
    on(
        r#"parallel { path -> if client.city is missing { stop } path -> tag "a" } -> send sms "{{ client.city }}""#,
        &[],
    );
    on("repeat 0 times { wait 1d }", &["F0301"]);
    on("repeat 1.5 times { wait 1d }", &["F0301"]);
    on("repeat 1001 times { wait 1d }", &["F0301"]);
    on("repeat 2 times { send smss }", &["F0205"]);
}

#[test]
fn task_emit_and_start_are_checked() {
    on_booking(r#"task "{{ nope }}" for "{{ neither }}" due 2d"#, &["F0201", "F0201"]);
    yields_in(&Context::default(), r#"on booking -> task "a" due 2d"#, &["F0404"]);
    yields_in(&Context::default(), r#"on booking -> task "a" due 2h at 10:00"#, &["F0404"]);
    on_booking(r#"task "a" for "b" due 1d at 10:00"#, &[]);
    on_booking(r#"task "a" due 24h at 10:00"#, &["F0430"]);
    on_booking(r#"task "a" due at 10:00"#, &["F0101"]);
    on_booking("emit purchas { id: booking.id }", &["F0203"]);
    on_booking(r#"emit purchase { id: "1" amount: 5 EUR amount: 6 EUR }"#, &["F0206"]);
    on_booking(r#"emit purchase { id: 1 amount: 5 EUR nope: 1 }"#, &["F0301", "F0202"]);
    on_booking(r#"emit purchase { id: booking.service amount: 5 EUR }"#, &["F0302"]);
    on_booking(r#"emit visit { id: booking.id service: booking.service }"#, &[]);
    on_booking(r#"emit booking { id: "b2" starts_at: booking.starts_at + 7d attended: booking.attended }"#, &[]);
    yields("funnel one { on booking -> start tow } funnel two { on booking -> stop }", &["F0201"]);
    yields("funnel one { on booking -> start two } funnel two { on visit -> stop }", &["F0201"]);
    yields("funnel one { on booking -> start two } funnel two { on visit -> stop on booking.updated -> stop }", &[]);
}

#[test]
fn an_awaited_event_is_in_scope_where_it_arrived() {
    on_booking("wait for visit", &[]);
    on_booking("wait for visits", &["F0203"]);
    on_booking("wait for visit.nope up to 1d", &["F0202"]);
    on_booking(
        "wait for visit as v up to 1d { send sms \"{{ v.id }}\" } else { stop } -> send sms \"{{ v.id }}\"",
        &[],
    );
    on_booking("wait for visit as v up to 1d { send sms \"{{ v.id }}\" } -> send sms \"{{ v.id }}\"", &["F0201"]);
    on_booking("wait for visit as v up to 1d -> send sms \"{{ v.id }}\"", &["F0201"]);
    on_booking("wait for visit as v -> send sms \"{{ v.id }} {{ id }}\"", &[]);
    on_booking("wait until booking.starts_at else skip -> wait for visit as v -> send sms \"{{ v.id }}\"", &["F0201"]);
    on_booking("wait for visit up to 1d { send sms \"{{ visit.id }}\" }", &["F0201"]);
    on_booking("wait for visit as v up to 1d { stop } else { send sms \"{{ v.id }}\" }", &["F0201"]);
    on_booking("wait for visit as booking", &["F0206"]);
    on_booking("wait for visit as client", &["F0206"]);
    on_booking("wait for visit { tag \"a\" } else { tag \"b\" }", &["F0402"]);
    on_booking("wait for visit { stop } -> tag \"b\"", &["F0402"]);
    // What the filter checks is known of the awaited event, not of another one with the same name.
    on_booking("wait for visit as v where v.service is known -> send sms \"{{ v.service }}\"", &[]);
    on_booking("wait for booking where booking.service is known -> send sms \"{{ booking.service }}\"", &["F0302"]);
    on_booking("wait for visit where client.city is known up to 1d { send sms \"{{ client.city }}\" }", &[]);
    // The change may have removed the value.
    on_booking("wait for booking.service as b -> send sms \"{{ b.service }}\"", &["F0302"]);
    on_booking("wait for visit where service == booking.service", &[]);
    on_booking("wait for visit where starts_at < now", &["F0201"]);
    // With several events, only the fields that all of them have.
    on_booking("wait for visit or purchase as x where branch == \"a\" -> send sms \"{{ x.id }}\"", &[]);
    on_booking("wait for visit or purchase as x -> send sms \"{{ x.amount }}\"", &["F0202"]);
    on_booking("wait for visit or purchase where id == booking.id", &[]);
    on_booking("wait for visit up to 10:00", &["F0301"]);
    on_booking("wait for visit up to booking.starts_at - 1h", &[]);
    on_booking("wait for visit up to booking.ends_at", &["F0302"]);
    yields_in(&Context::default(), "on booking -> wait for visit up to 3d", &["F0404"]);
}

#[test]
fn goto_leads_to_a_label_of_its_own_path() {
    on_booking("a: wait 1d -> goto a", &[]);
    on_booking("ask: wait 1d -> goto ak", &["F0211"]);
    // The label may belong to another trigger; then only names that both define are in scope.
    yields("funnel f { on booking -> a: wait 1d on visit -> goto a }", &[]);
    yields("funnel f { on booking -> a: wait 1d -> tag \"{{ booking.id }}\" on visit -> goto a }", &["F0201"]);
    yields("funnel f { on booking -> a: tag \"x\" on visit -> b: tag \"y\" -> goto a }", &[]);
    yields("funnel f { on booking -> a: tag \"x\" -> goto b on visit -> b: tag \"y\" -> goto a }", &["F0409"]);
    on_booking("a: wait 1d -> parallel { path -> goto a path -> tag \"b\" }", &["F0211"]);
    on_booking("if cancelled { goto a } -> repeat 2 times { a: wait 1d }", &["F0211"]);
    on_booking("repeat 2 times { a: tag \"x\" -> wait 1d -> if not cancelled { goto a } }", &[]);
    on_booking("a: wait 1d -> b: goto a", &["F0406"]);
    on_booking("a: wait 1d -> a: tag \"x\"", &["F0206"]);
    on_booking("a: wait 1d -> goto a -> tag \"x\"", &["F0402"]);
    on_booking("if cancelled { goto b } -> tag \"a\" -> stop -> b: tag \"x\"", &[]);
    on_booking("if cancelled { goto b } -> stop -> tag \"a\" -> b: tag \"x\"", &["F0402"]);
}

#[test]
fn unreachable_steps_make_no_label_reachable() {
    on_booking("stop -> if cancelled { goto b } -> wait 1d -> b: tag \"x\"", &["F0402"]);
    on_booking("stop -> a: wait 1d -> goto a", &["F0402"]);
    on_booking(
        "if cancelled { goto end } else { stop } -> b: wait 1d -> if cancelled { goto end } else { goto b }",
        &["F0402"],
    );
    // Two unreachable chains that only lead to each other.
    yields(
        "funnel f { on booking -> stop -> a: wait 1d -> goto b on visit -> stop -> b: wait 1d -> goto a }",
        &["F0402", "F0402"],
    );
    // Unreachable steps are not checked for missing values.
    on_booking("stop -> send sms \"{{ client.city }}\"", &["F0402"]);
    // Steps that a later `goto` reaches are checked like the rest.
    on_booking(
        "if cancelled { goto b } -> stop -> a: send sms \"{{ client.city }}\" -> stop -> b: tag \"x\" -> goto a",
        &["F0302"],
    );
    yields("funnel f { on booking -> stop -> a: tag \"{{ client.city }}\" on visit -> goto a }", &["F0302"]);
}

#[test]
fn at_a_label_only_what_every_path_to_it_checks_is_known() {
    let text = "{{ client.city }}";
    on_booking(&format!("if cancelled {{ goto a }} -> if client.city is known -> a: send sms \"{text}\""), &["F0302"]);
    let to = "if client.city is known { goto a } -> stop -> a: send sms";
    on_booking(&format!("{to} \"{text}\""), &[]);
    on_booking(&format!("{to} \"{text}\" -> if cancelled {{ goto a }}"), &["F0409"]);
    on_booking(&format!("if cancelled {{ goto a }} -> {to} \"{text}\""), &["F0302"]);
    // A jump from after the wait keeps its name; a jump past the wait does not define it.
    on_booking("wait for visit as v -> a: send sms \"{{ v.id }}\" -> wait 1d -> goto a", &[]);
    on_booking("if cancelled { goto a } -> wait for visit as v -> a: send sms \"{{ v.id }}\"", &["F0201"]);
}

#[test]
fn every_path_of_a_loop_must_wait() {
    for waits in [
        "wait 1s",
        "wait until 10:00",
        "wait until monday",
        "wait until tomorrow 10:00",
        "wait until now + 1h",
        "wait for visit",
        "wait for visit up to 1d",
        "parallel { path -> wait 1d path -> tag \"a\" }",
        "repeat 2 times { wait 1d }",
    ] {
        on_booking(&format!("a: {waits} -> goto a"), &[]);
    }
    for rushes in [
        "tag \"a\"",
        "wait 0s",
        "wait until booking.starts_at else stop",
        "if cancelled { wait 1d }",
        "wait for visit up to booking.starts_at",
        "send sms else { wait 1d }",
        "repeat 2 times { tag \"a\" }",
        "split { case 50% -> wait 1d case 50% -> tag \"a\" }",
    ] {
        on_booking(&format!("a: {rushes} -> goto a"), &["F0409"]);
    }
    on_booking("a: tag \"a\" -> if cancelled { goto b } -> stop -> b: tag \"b\" -> goto a", &["F0409"]);
    on_booking("wait for visit up to 1d { a: tag \"a\" -> goto a }", &["F0409"]);
}

#[track_caller]
fn on_booking(text: &str, codes: &[&str]) {
    yields(&format!("on booking -> {text}"), codes);
}

#[test]
fn goto_may_lead_to_the_next_step_or_to_the_end() {
    on_booking("if cancelled { goto next } else { tag \"a\" } -> tag \"b\"", &[]);
    on_booking("if cancelled { goto end } -> tag \"b\"", &[]);
    on_booking("if client.city is missing { goto end } -> tag \"{{ client.city }}\"", &[]);
    on_booking("if client.city is missing { goto next } -> tag \"{{ client.city }}\"", &["F0302"]);
    on_booking("parallel { path -> if cancelled { goto end } -> wait 1d path -> tag \"a\" } -> tag \"b\"", &[]);
    on_booking("repeat 2 times { if cancelled { goto end } -> wait 1d }", &[]);
    on_booking("tag \"a\" -> goto end -> tag \"b\"", &["F0402"]);
    on_booking("next: tag \"a\"", &["F0206"]);
    on_booking("a: tag \"a\" -> if cancelled { goto next } else { wait 1h } -> goto a", &["F0409"]);
}

#[test]
fn nothing_continues_behind_a_split_or_a_match_whose_paths_all_end() {
    let leads_back = |inner: &str| format!("if cancelled {{ {inner} }} -> if client.city is known {{ goto b }}");
    on_booking(&leads_back("b: split { case 50% -> stop case 50% -> wait 1h -> goto b }"), &[]);
    on_booking(
        &leads_back("b: split { case 50% -> stop case 20% -> wait 1h -> goto b otherwise -> tag \"x\" }"),
        &["F0409"],
    );
    let order = |status: &str| {
        let inner = "b: match order.status { case \"a\" -> stop case \"b\" -> wait 1h -> goto b }";
        let steps = leads_back(inner).replace("cancelled", "order.id == \"x\"");
        format!("event order {{ key id: text  made: datetime  status: \"a\" | \"b\" {status} }} on order -> {steps}")
    };
    yields(&order(""), &[]);
    yields(&order("later by made + 1d"), &["F0409"]);
}

#[test]
fn an_awaited_event_without_a_name_is_offered_one() {
    let of = |text: &str| yields(text, &["F0201"]).remove(0);
    let certain = of("on visit -> wait for review -> if review.rating >= 4 -> tag \"a\"");
    assert_eq!(certain.help[0].to_string(), "give the event a name: `wait for review as review`");
    assert_eq!(certain.fixes[0].edits[0].text, " as review");
    let text =
        "on visit -> wait for review where rating is known up to 7d else stop -> if review.rating >= 4 -> tag \"a\"";
    let edit = of(text).fixes.remove(0).edits.remove(0);
    let fixed = format!("{}{}{}", &text[..edit.span.start as usize], edit.text, &text[edit.span.end as usize..]);
    yields(&fixed, &[]);
    let inside = of("on visit -> wait for review up to 7d { tag \"{{ review.id }}\" }");
    assert_eq!(inside.fixes.len(), 1);
    let perhaps = of("on visit -> wait for review up to 7d -> if review.rating >= 4 -> tag \"a\"");
    assert!(perhaps.fixes.is_empty() && perhaps.help[0].to_string().contains("else stop"), "{perhaps:?}");
    let outside = of("on visit -> wait for review as r up to 7d { tag \"came\" } -> if r.rating >= 4 -> tag \"a\"");
    assert!(outside.help[0].to_string().starts_with("use `r` in the block"), "{outside:?}");
    // The name of the trigger keeps its meaning.
    yields("on booking -> wait for booking -> send sms \"{{ booking.starts_at | time }}\"", &[]);
    // An event that has not arrived has no name in the `else`.
    let missed = of("on visit -> wait for review up to 7d { tag \"came\" } else { tag \"{{ review.id }}\" }");
    assert!(missed.fixes.is_empty(), "{missed:?}");
}

#[test]
fn a_condition_that_compares_the_run_s_own_record_with_itself_is_reported() {
    let event = "event payment { key id: text  for_id: text  paid: bool?  amount: money }\n";
    let of = |text: &str, codes: &[&str]| yields(&format!("{event}{text}"), codes);
    let found = of("on payment as p -> wait for payment.paid as q where q.for_id == p.for_id -> tag \"a\"", &["F0414"])
        .remove(0);
    assert!(found.help[0].to_string().contains("`wait for payment as q where ..`"), "{found:?}");
    let part = "on payment as p -> wait for payment.paid where client.city == \"Berlin\" and payment.amount >= p.amount -> tag \"a\"";
    of(part, &["F0414"]);
    of(
        "funnel f { exit on payment.paid where payment.for_id == p.for_id  on payment as p -> wait 2h -> tag \"a\" }",
        &["F0414"],
    );
    of(
        "funnel f { goal on payment.paid where payment.for_id == p.for_id  on payment as p -> wait 2h -> tag \"a\" }",
        &["F0414"],
    );
    // Another payment, another field, another record that the run knows.
    of("on payment as p -> wait for payment as q where q.for_id == p.for_id -> tag \"a\"", &[]);
    of("on payment as p -> wait for payment.updated as q where q.for_id == p.id -> tag \"a\"", &[]);
    of("on booking as p -> wait for payment.paid as q where q.for_id == p.id -> tag \"a\"", &[]);
    of(
        "on payment as p -> wait for payment as other -> wait for payment.paid as q where q.for_id == p.for_id -> tag \"a\"",
        &[],
    );
}

#[test]
fn a_wait_for_an_event_may_end_in_stop_or_skip() {
    let of = |text: &str, codes: &[&str]| yields(text, codes);
    of("on visit -> wait for review as r up to 7d else stop -> if r.rating == 5 -> tag \"{{ r.id }}\"", &[]);
    of("on visit -> wait for review as r up to 7d { tag \"came\" } else stop -> tag \"{{ r.id }}\"", &[]);
    of("on visit -> wait for purchase as p up to 7d else { task \"Call\" } -> tag \"done\"", &[]);
    // The event is certain in the skipped element, and no longer.
    of("on visit -> wait for purchase as p up to 7d else skip -> tag \"{{ p.id }}\" -> tag \"done\"", &[]);
    of("on visit -> wait for purchase as p up to 7d else skip -> tag \"done\" -> tag \"{{ p.id }}\"", &["F0201"]);
    of("on visit -> wait for purchase else stop -> tag \"a\"", &["F0402"]);
    of("on visit -> wait for purchase up to 1d else stop -> wait for purchase up to 1d else skip -> stop", &[]);
    let exit = "funnel f { exit on purchase  on visit -> wait for purchase ";
    let never = of(&format!("{exit}-> tag \"a\" }}"), &["F0416"]).remove(0);
    assert_eq!(never.message.to_string(), "this wait never ends: `exit on purchase` ends the run first");
    let limited = of(&format!("{exit}up to 3d -> tag \"a\" }}"), &["F0416"]).remove(0);
    assert!(limited.message.to_string().starts_with("the event of this wait never arrives"), "{limited:?}");
}

#[test]
fn as_and_where_after_up_to_are_moved_before_it() {
    let cases = [
        (
            "on visit -> wait for purchase up to 5d where amount > 10 EUR -> tag \"a\"",
            "on visit -> wait for purchase where amount > 10 EUR up to 5d -> tag \"a\"",
        ),
        (
            "on visit -> wait for purchase up to 5d as p else stop -> tag \"{{ p.id }}\"",
            "on visit -> wait for purchase as p up to 5d else stop -> tag \"{{ p.id }}\"",
        ),
    ];
    for (text, right) in cases {
        let found = yields(text, &["F0108"]).remove(0);
        assert!(found.message.to_string().ends_with("must come before `up to`"), "{found:?}");
        let edit = &found.fixes[0].edits[0];
        assert_eq!(
            format!("{}{}{}", &text[..edit.span.start as usize], edit.text, &text[edit.span.end as usize..]),
            right
        );
        yields(right, &[]);
    }
}
