//! Narrowing: which values are known at a point of a funnel, and which of a few values a field can still have there.

use super::check::yields;

const ORDER: &str =
    r#"event order { key id: text  status: "new" | "paid" | "void"  state: "new" | "paid"?  rating: number }"#;

#[track_caller]
fn on_order(text: &str, codes: &[&str]) {
    yields(&format!("{ORDER} on order -> {text}"), codes);
}

#[test]
fn a_misspelled_list_item_is_fixed_in_place() {
    let text = format!("{ORDER} on order -> if status in [\"new\", \"payd\"] -> tag \"x\"");
    let found = yields(&text, &["F0305"]);
    let at = text.find("\"payd\"").unwrap();
    assert_eq!((found[0].span.start as usize, found[0].span.len()), (at, "\"payd\"".len()));
    assert_eq!(found[0].fixes[0].edits[0].span, found[0].span);
    // Every wrong item is reported.
    on_order(r#"if status in ["nwe", "payd"] -> tag "x""#, &["F0305", "F0305"]);
    on_order(r#"if status in (["nwe"]) -> tag "x""#, &["F0305"]);
    on_order(r#"if rating in [5, 50%] -> tag "x""#, &["F0303"]);
    // An item of a named list cannot be fixed where the name is used.
    let named = format!("{ORDER} const open = [\"new\", \"payd\"] on order -> if status in open -> tag \"x\"");
    assert_eq!(yields(&named, &["F0305"])[0].fixes, []);
}

#[test]
fn a_changed_field_may_be_missing() {
    yields(r#"on client.city -> send sms "City {{ client.city }}""#, &["F0302"]);
    yields(r#"on client.city -> if client.city is known { tag "k" } else { tag "gone" }"#, &[]);
    yields(r#"on booking.ends_at -> if ends_at > now + 1h -> tag "x""#, &["F0302"]);
    let found =
        yields("client { points: number? } on client.points -> set client.points = client.points + 1", &["F0302"]);
    assert_eq!(found[0].help[0].to_string(), "write `set client.points += 1`: a missing value counts as 0");
    assert_eq!(found[0].fixes[0].edits[0].text, " += ");
    // A field that triggered the run by becoming true is true.
    yields(r#"on booking.cancelled -> if not cancelled -> tag "x""#, &["F0414"]);
}

#[test]
fn the_condition_of_a_segment_holds_on_entering_it() {
    let city = "segment local = client.city is known";
    yields(&format!("{city} on entering local -> send sms \"{{{{ client.city }}}}\""), &[]);
    yields(&format!("{city} every monday 10:00 for local -> send sms \"{{{{ client.city }}}}\""), &[]);
    yields(&format!("{city} on leaving local -> send sms \"{{{{ client.city }}}}\""), &["F0302"]);
    yields(&format!("{city} on entering local -> wait 1d -> send sms \"{{{{ client.city }}}}\""), &["F0302"]);
}

#[test]
fn excluded_values_need_no_case() {
    let all = r#"match status { case "new" -> tag "a" case "paid" -> tag "b" }"#;
    on_order(all, &["F0407"]);
    for before in [
        r#"if status != "void" ->"#,
        r#"if not (status == "void") ->"#,
        r#"if status in ["new", "paid"] ->"#,
        r#"if status == "new" or status == "paid" ->"#,
        r#"if status == "void" { stop } ->"#,
        r#"match status { case "void" -> stop otherwise -> tag "c" } ->"#,
    ] {
        on_order(&format!("{before} {all}"), &[]);
    }
    yields(&format!("{ORDER} on order where status != \"void\" -> {all}"), &[]);
    yields(&format!("{ORDER} on order where rating > 1 and status != \"void\" -> {all}"), &[]);
    on_order(&format!("if status == \"void\" or rating > 3 {{ stop }} -> {all}"), &[]);
    on_order(&format!("if status != \"void\" or rating > 3 -> {all}"), &["F0407"]);
    // The other path narrows too.
    on_order(
        r#"if status == "new" { tag "a" } else { match status { case "paid" -> tag "b" case "void" -> tag "c" } }"#,
        &[],
    );
    on_order(
        r#"match status { case "new" -> tag "a" otherwise -> match status { case "paid" -> tag "b" case "void" -> tag "c" } }"#,
        &[],
    );
    // A missing value matches no case.
    on_order(r#"if state == "new" { stop } -> match state { case "paid" -> tag "b" otherwise -> tag "c" }"#, &[]);
    on_order(r#"if state is known and state != "new" -> match state { case "paid" -> tag "b" }"#, &[]);
}

#[test]
fn excluded_values_are_possible_again_after_a_wait_or_a_write() {
    let all = r#"match status { case "new" -> tag "a" case "paid" -> tag "b" }"#;
    on_order(&format!("if status != \"void\" -> wait 1h -> {all}"), &["F0407"]);
    on_order(
        &format!("if status != \"void\" -> emit order {{ id: order.id, status: \"void\", rating: 1 }} -> {all}"),
        &["F0407"],
    );
    let tier = |before: &str, codes: &[&str]| {
        let all = r#"match client.tier { case "gold" -> tag "a" otherwise -> tag "b" }"#;
        let declared = r#"client { tier: "gold" | "silver"? }"#;
        yields(&format!("{declared} on visit -> {before} -> {all}"), codes);
    };
    tier(r#"if client.tier == "gold" { stop } -> set client.tier = "gold" -> wait 1d"#, &[]);
}

#[test]
fn a_message_that_can_be_deferred_counts_as_a_wait() {
    let city = "on visit -> if client.city is known -> send sms \"one\" -> send sms \"City {{ client.city }}\"";
    yields(&format!("funnel f {{ {city} }}"), &[]);
    yields(&format!("funnel f {{ hours 09:00..10:00 {city} }}"), &["F0302"]);
    yields(&format!("funnel f {{ limit 1 sms per 1d else defer up to 3d {city} }}"), &["F0302"]);
    yields(&format!("funnel f {{ limit 1 sms per 1d {city} }}"), &[]);
    let first = "on visit -> if client.city is known -> send sms \"City {{ client.city }}\"";
    yields(&format!("funnel f {{ hours 09:00..10:00 {first} }}"), &[]);
}

#[test]
fn the_last_record_may_lack_an_optional_field() {
    let declared = "event review { text: text?  stars: number }";
    let of = |field: &str, codes: &[&str]| {
        let text = format!(
            "on visit -> if last(review.{field}) is known -> wait 6d -> send sms \"x {{{{ last(review.{field}) }}}}\""
        );
        yields(&format!("{declared} {text}"), codes);
    };
    of("stars", &[]);
    of("text", &["F0302"]);
}

#[test]
fn impossible_numbers_and_moments_are_reported() {
    on_order(r#"if rating in [1, 2] and rating > 2 -> tag "x""#, &["F0414"]);
    on_order(r#"if rating in [1, 2] and rating in [3, 4] -> tag "x""#, &["F0414"]);
    on_order(r#"if rating in [1, 2] and rating in [2, 3] -> tag "x""#, &[]);
    on_order(r#"if rating in [1, 2] { stop } -> if rating == 2 -> tag "x""#, &["F0414"]);
    yields("on purchase -> if amount in [1 EUR, 2 EUR] and amount > 5 EUR -> tag \"x\"", &["F0414"]);
    let late = |then: &str, codes: &[&str]| {
        yields(&format!("on booking -> if starts_at > 2026-05-01 10:00 {{ if {then} {{ tag \"x\" }} }}"), codes);
    };
    late("starts_at < 2026-04-01 10:00", &["F0414"]);
    late("starts_at > 2026-04-01 10:00", &["F0414"]);
    // The same local time can be up to a day apart in different time zones.
    late("starts_at < 2026-05-02 10:00", &[]);
    late("starts_at > 2026-05-01 10:00", &["F0414"]);
}

#[test]
fn an_otherwise_after_all_values_is_unreachable() {
    let rest = r#"otherwise -> tag "c""#;
    on_order(&format!(r#"match status {{ case "new", "paid" -> tag "a" case "void" -> tag "b" {rest} }}"#), &["F0414"]);
    on_order(&format!(r#"match status {{ case "new", "paid" -> tag "a" {rest} }}"#), &[]);
    on_order(&format!(r#"match state {{ case "new", "paid" -> tag "a" {rest} }}"#), &[]);
    on_order(&format!(r#"match state {{ case "new", "paid" -> tag "a" {rest} }} -> tag "d""#), &[]);
    on_order(
        &format!(r#"if status != "void" -> match status {{ case "new" -> tag "a" case "paid" -> tag "b" {rest} }}"#),
        &["F0414"],
    );
    yields(
        "on booking -> match attended { case true -> tag \"a\" case false -> tag \"b\" otherwise -> tag \"c\" }",
        &[],
    );
    yields(
        "on booking -> match cancelled { case true -> tag \"a\" case false -> tag \"b\" otherwise -> tag \"c\" }",
        &[],
    );
    on_order(r#"match status { case "new", "paid", "void" -> stop } -> tag "d""#, &["F0402"]);
    on_order(r#"match status { case "new" -> tag "a" case "paid" -> tag "b" case "void" -> tag "e" } -> tag "d""#, &[]);
}

#[test]
fn a_safe_fix_does_not_change_the_meaning() {
    let found = yields("on booking -> wait 24h at 10:00 -> send sms", &["F0430"]);
    assert!(found[0].fixes.iter().all(|fix| fix.guess), "{:?}", found[0].fixes);
    for text in ["wait 2 M", "wait 1M", "wait 3м"] {
        assert_eq!(yields(&format!("on booking -> {text} -> send sms"), &["F0003"])[0].fixes, []);
    }
}

#[test]
fn a_counter_is_known_once_it_has_counted() {
    let counts = |steps: &str, codes: &[&str]| {
        let fields = "client { points: number  bonus: number?  spent: money?  waited: duration?  nick: text? }";
        yields(&format!("{fields} on purchase -> {steps}"), codes);
    };
    counts("set client.bonus += 5 -> send sms \"{{ client.bonus }}\"", &[]);
    counts("set client.bonus -= count(visit) -> set client.spent += amount * 2 -> set client.waited += 1h", &[]);
    counts("set client.points = client.points + 1", &[]);
    counts("if client.bonus is known -> set client.bonus = client.bonus + 1", &[]);
    counts("set client.bonus = client.points + 1 -> set client.bonus = client.bonus + 1", &[]);
    counts("set client.nick += 1", &["F0303"]);
    counts("set client.bonus += 1 EUR", &["F0303"]);
    counts("set client.bonus += 5%", &["F0303"]);
    counts("set client.spent += 1", &["F0303"]);
    counts("set client.bonus += client.nick", &["F0302"]);
    counts("set client.tags += \"vip\"", &["F0210"]);
    // The first sum is not lost, and the client may have had points before.
    counts("set client.bonus = 5 -> set client.bonus += 1", &[]);
    counts("set client.bonus += 1 -> set client.bonus = 5", &["F0418"]);
    counts("set client.bonus += 5 -> if client.bonus > 5 -> tag \"a\"", &[]);
}

#[test]
fn funnels_may_count_in_one_field() {
    let two = |one: &str, other: &str, codes: &[&str]| {
        let text = format!(
            "client {{ bonus: number?  spent: money? }}
             funnel one {{ timezone \"Europe/Berlin\" on purchase -> {one} }}
             funnel other {{ timezone \"Europe/Berlin\" on purchase -> {other} }}"
        );
        yields(&text, codes);
    };
    two("set client.bonus += 5", "set client.bonus += 5", &[]);
    two("set client.bonus += 5", "set client.bonus -= 2", &[]);
    two("set client.bonus += 5", "wait 3d -> set client.bonus -= 5", &[]);
    two("set client.bonus += 5", "set client.bonus = 0", &["F0420"]);
    two("set client.bonus += 5", "wait 3d -> set client.bonus = 0", &["F0420"]);
    // What is added later overwrites nothing.
    two("wait 3d -> set client.bonus += 5", "set client.bonus = 0", &[]);
    yields("client { spent: money? } funnel a { on client.spent -> set client.spent += 5 EUR }", &["F0419"]);
}

#[test]
fn an_undeclared_field_gets_the_type_of_what_it_is_used_with() {
    for (steps, ty) in [
        ("if client.nope + 500 > 600 -> stop", "number"),
        ("if 3 * client.nope > amount -> stop", "number"),
        ("if client.nope + 5 EUR > amount -> stop", "money"),
        ("if client.nope >= amount -> stop", "money"),
        ("if client.nope -> stop", "bool"),
        ("if amount > 5 EUR and not client.nope -> stop", "bool"),
        ("if client.nope < now -> stop", "datetime"),
        ("if client.nope + 3d < now -> stop", "datetime"),
        ("if client.nope == 2026-03-01 -> stop", "date"),
        ("if client.nope in [1, 2] -> stop", "number"),
        ("if client.nope == \"a\" -> stop", "text"),
        ("if client.nope is known -> stop", "text"),
        ("set client.nope = 5", "number"),
        ("set client.nope += 1", "number"),
        ("set client.nope -= amount", "money"),
        ("set client.points = client.nope", "number"),
        ("send sms \"{{ client.nope }}\"", "text"),
    ] {
        let text = format!("client {{ points: number? }} on purchase -> {steps}");
        let found = yields(&text, &["F0202"]);
        assert_eq!(found[0].help[0].to_string(), format!("declare it: `client {{ nope: {ty}? }}`"), "{steps}");
    }
}
