//! Warnings and help for well-formed funnels that do not do what their author meant.

use crate::check::{helps, yields};
use funnelc::diagnostic::Severity;

#[test]
fn a_trigger_filter_on_a_later_field_is_a_warning() {
    for filter in ["attended", "not attended", "service == \"cut\" and booking.attended"] {
        let found = yields(&format!("on booking where {filter} -> send sms"), &["F0410"]);
        assert!(found[0].severity == Severity::Warning && helps(&found, &format!("`on booking -> if {filter}`")));
    }
    yields("on booking as b where b.attended -> send sms", &["F0410"]);
    yields("on booking where service == \"cut\" -> send sms", &[]);
    yields("on booking.updated where attended -> send sms", &[]);
    yields("on booking.attended -> send sms", &[]);
}

#[test]
fn empty_messages_are_found() {
    for body in [
        "sms \"\"",
        "sms \" \\n\"",
        "telegram { text: \"\" }",
        "email { subject: \"\" text: \"a\" }",
        "email { subject: \"a\" text: \"\" }",
        "email { subject: \"a\" text: \"\" html: \"\" }",
    ] {
        yields(&format!("on booking -> send {body}"), &["F0411"]);
    }
    yields("on booking -> send email { subject: \"a\" text: \"\" html: \"<p>a</p>\" }", &[]);
    yields("template sms t = \"\"", &["F0411"]);
    yields("on booking -> send sms \"{{ service | default(\\\"\\\") }}\"".replace('\\', "").as_str(), &[]);
}

#[test]
fn constant_addresses_are_validated() {
    for send in ["sms to \"abc\"", "whatsapp to \"89990000001\"", "email to \"anna\"", "sms \"hi\" to \"a@b.example\""]
    {
        yields(&format!("on booking -> send {send}"), &["F0301"]);
    }
    for send in ["sms to \"+7 999 000-00-01\"", "email to \"anna@example.com\"", "telegram to \"@anna\""] {
        yields(&format!("on booking -> send {send}"), &[]);
    }
}

#[test]
fn help_names_the_correct_form() {
    let found = yields("on visit -> wait for booking as b where b.attended up to 9d", &["F0410"]);
    assert!(helps(&found, "wait for booking as b -> if b.attended"));
    assert!(helps(
        &yields("funnel f { enter once per client on booking -> send sms }", &["F0301"]),
        "write `enter once`"
    ));
    let found = yields("template sms t(vist) = \"{{ vist.rating }} {{ rating }}\"", &["F0203"]);
    assert!(helps(&found, "visit"));
    let found = yields("on visit -> set client.birthday = \"1990-01-01\"", &["F0301"]);
    assert!(helps(&found, "without quotes: `1990-01-01`") && !found[0].fixes[0].guess);
    assert!(helps(&yields("on booking -> if starts_at - now > 24 -> send sms", &["F0303"]), "`24h` or `24d`"));
    assert!(helps(&yields("on purchase -> if amount * amount > 5 EUR -> send sms", &["F0303"]), "`amount * 2`"));
    let found = yields("on booking or visit as it -> send sms \"{{ it.starts_at }}\"", &["F0202"]);
    assert!(helps(&found, "`on booking -> ..`"));
}

#[test]
fn an_invalid_condition_hides_only_findings_about_the_same_value() {
    yields(r#"on visit -> if rating >= 4 { send sms "How is {{ client.city }}?" }"#, &["F0302", "F0302"]);
    yields(r#"on visit -> if client.nme == "x" { send sms "How is {{ client.city }}?" }"#, &["F0202", "F0302"]);
    yields(r#"on visit where client.nme == "x" -> send sms "How is {{ client.city }}?""#, &["F0202", "F0302"]);
    // The value of an invalid condition, even a misspelled one, is not reported as missing again.
    yields(r#"on visit -> if client.city > 5 { send sms "How is {{ client.city }}?" }"#, &["F0303"]);
    yields(r#"on visit -> if client.ciity is known { send sms "How is {{ client.city }}?" }"#, &["F0202"]);
}

#[test]
fn entering_once_per_duration_means_a_period() {
    let found = |per: &str| yields(&format!("funnel f {{ enter once per {per}  on booking -> stop }}"), &["F0301"]);
    let fixed = found("30d");
    assert!(helps(&fixed, "did you mean `enter again after 30d`?"));
    assert_eq!(fixed[0].fixes[0].edits[0].text, "enter again after 30d");
    assert!(!fixed[0].fixes[0].guess);
    assert_eq!(found("24h")[0].fixes[0].edits[0].text, "enter again after 24h");
    assert!(found("1d + 1h")[0].fixes.is_empty());
    let named = "const pause = 2w\nfunnel f { enter once per pause  on booking -> stop }";
    assert_eq!(yields(named, &["F0301"])[0].fixes[0].edits[0].text, "enter again after 14d");
    for same in ["\"spring\"", "5"] {
        let found = yields(&format!("funnel f {{ enter once per {same}  on booking -> stop }}"), &["F0406"]);
        assert!(helps(&found, "write `enter once`"));
    }
    for differs in ["booking.id", "today", "starts_at"] {
        yields(&format!("funnel f {{ enter once per {differs}  on booking -> stop }}"), &[]);
    }
}

#[test]
fn a_text_is_not_an_address() {
    for (channel, to) in [
        ("sms", "booking.specialist"),
        ("email", "booking.specialist"),
        ("whatsapp", "client.name"),
        ("sms", "\"{{ booking.id }}\""),
        ("email", "business.name"),
    ] {
        yields(&format!("on booking -> send {channel} to {to}"), &["F0301"]);
    }
    let found = yields("on booking -> send sms to specialist", &["F0301"]);
    assert!(helps(&found, "declare the field as `phone`"));
    for send in ["sms to client.phone", "email to client.email", "telegram to specialist", "sms to business.phone"] {
        yields(&format!("on booking -> send {send}"), &[]);
    }
    let declared =
        "event lesson { key id: text  teacher: phone  parent: email?  desk: \"+4930901820\" | \"+4930901821\" }\n";
    for to in ["sms to lesson.teacher", "email to parent", "sms to desk"] {
        yields(&format!("{declared}on lesson -> send {to}"), &[]);
    }
    yields(&format!("{declared}on lesson -> send email to teacher"), &["F0301"]);
    yields(&format!("{declared}on lesson -> send sms to parent"), &["F0301"]);
    yields(&format!("{declared}on lesson -> send email to desk"), &["F0301"]);
}

#[test]
fn a_moment_soon_after_birth_is_not_this_year() {
    for wrong in [
        "if client.birthday is known -> wait until client.birthday + 7d -> stop",
        "if client.birthday is known -> wait until client.birthday -> stop",
        "if client.birthday is known -> send sms \"Until {{ client.birthday + 7d | date }}\"",
        "if client.birthday is known -> if 2w + client.birthday > now -> stop",
        "if client.birthday is known -> if client.birthday - today < 7d -> stop",
        "if client.birthday is known -> if today > client.birthday - 1mo -> stop",
    ] {
        yields(&format!("on visit -> {wrong}"), &["F0303"]);
    }
    let found =
        yields("on visit -> if client.birthday is known -> wait until client.birthday - 7d -> stop", &["F0303"]);
    assert!(helps(&found, "`next(client.birthday) - 7d` or `last(client.birthday) - 7d`"));
    for right in [
        "on client.birthday + 7d at 10:00 -> stop",
        "on visit -> if client.birthday is known -> if client.birthday + 18y <= today -> untag \"child\"",
        "on visit -> if client.birthday is known -> if today - client.birthday > 6570d -> untag \"child\"",
        "on visit -> if client.birthday is known -> send sms \"Born {{ client.birthday | date }}\"",
        "client { contract: date? }\non visit -> if client.contract is known -> wait until client.contract + 7d else skip -> stop",
    ] {
        yields(right, &[]);
    }
}

#[test]
fn what_to_do_about_a_past_moment_names_what_is_skipped() {
    let offers = |rest: &str| {
        let text = format!("on booking -> wait until starts_at - 2h -> {rest}");
        let found = yields(&text, &["F0403"]);
        let fixes = found[0].fixes.iter().map(|fix| (fix.title.to_string(), fix.edits[0].text.clone()));
        let fixes: Vec<_> = fixes.collect();
        for fix in &found[0].fixes {
            let edit = &fix.edits[0];
            let mut fixed = text.clone();
            fixed.insert_str(edit.span.start as usize, &edit.text);
            yields(&fixed, &[]);
        }
        fixes
    };
    let skip = |step: &str| vec![(format!("skip `{step}` if the moment is past"), " else skip".to_owned())];
    let stop = vec![("end the run if the moment is past".to_owned(), " else stop".to_owned())];
    assert_eq!(offers("send sms"), skip("send sms"));
    assert_eq!(offers("send sms -> wait until starts_at - 1h else stop -> send sms \"now\""), skip("send sms"));
    // The task, the answer and the second message belong to the first one.
    assert_eq!(offers("send sms -> task \"Call\""), stop);
    assert_eq!(offers("send sms -> wait for replied up to 1h { stop } else { task \"Call\" }"), stop);
    assert_eq!(offers("send sms -> send email { subject: \"a\" text: \"b\" }"), stop);
    assert_eq!(offers("send sms -> wait 3h -> tag \"x\""), stop);
    // What follows the next wait does not, so the run goes on there.
    let two = "send sms -> task \"Call\" -> soon: wait until starts_at - 1h else stop -> send sms \"now\"";
    assert_eq!(offers(two), [("go on at `soon` if the moment is past".to_owned(), " else { goto soon }".to_owned())]);
    assert_eq!(offers(&two.replace("soon: ", "")), []);
}

#[test]
fn help_about_counting_a_field_says_what_was_meant() {
    let help = |field: &str, function: &str| {
        let text = format!(
            "event referral {{ key id: text  converted: bool  sent: bool?  came: bool later  note: text?  code: text
               kind: \"a\" | \"b\"  names: list<text>? }}
             on visit -> if {function}(referral.{field}) > 3 -> stop"
        );
        let text = if function == "any" { text.replace(" > 3", "") } else { text };
        yields(&text, &["F0303"])[0].help[0].to_string()
    };
    assert_eq!(help("converted", "count"), "write `count(referral where converted)`");
    assert_eq!(help("sent", "any"), "write `any(referral where sent)`");
    assert_eq!(help("came", "count"), "write `count(referral where came)`");
    assert_eq!(help("note", "count"), "write `count(referral where note is known)`");
    assert_eq!(help("code", "count"), "write `count(referral)`");
    assert_eq!(help("kind", "count"), "write `count(referral where kind == \"a\")`");
    assert_eq!(help("names", "count"), "write `count(referral where names contains \"..\")`");
    assert_eq!(help("converted", "sum"), "use a count instead: `count(referral where converted)`");
    assert_eq!(help("code", "sum"), "use a count instead: `count(referral where code == ..)`");
}

#[test]
fn a_name_is_no_address_wherever_an_address_is_stored_or_passed_on() {
    let declared = |step: &str| {
        let action = if step.starts_with("do") { "action sync(phone: phone?, mail: email?)\n" } else { "" };
        format!(
            "client {{ site: url? }}\nevent lead {{ key id: text  phone: phone?  site: url? }}\n{action}on visit -> {step}"
        )
    };
    for step in [
        "set client.phone = \"Anna\"",
        "set client.email = \"Anna\"",
        "set client.site = \"our site\"",
        "do sync(phone: \"Anna\")",
        "do sync(mail: \"anna at example.org\")",
        "emit lead { id: client.id, phone: \"Anna\" }",
        "emit lead { id: client.id, site: \"lumen\" }",
    ] {
        yields(&declared(step), &["F0301"]);
    }
    for step in [
        "set client.phone = \"+4930901820\"",
        "set client.email = \"anna@example.org\"",
        "set client.site = \"https://lumen.example\"",
        "do sync(phone: \"+4930901820\", mail: \"anna@example.org\")",
        "do sync(phone: client.phone)",
        "emit lead { id: client.id, phone: \"+4930901820\", site: \"https://lumen.example\" }",
    ] {
        yields(&declared(step), &[]);
    }
}

#[test]
fn a_filter_outside_a_placeholder_has_a_help() {
    let city = "client.city | default(\"x\")";
    let in_string = "for a text, write `\"{{ client.city | default(\"x\") }}\"`";
    for condition in [
        format!("on booking where {city} == \"y\" -> stop"),
        format!("on booking -> wait 1h -> if {city} == \"y\" -> send sms"),
        format!("on booking -> wait 1h -> if ({city} | upper) == \"y\" -> send sms"),
        format!("on booking while {city} == \"y\" -> send sms"),
        format!("segment a = {city} == \"y\""),
        format!("on booking -> wait for visit where {city} == \"y\" up to 1d -> send sms"),
    ] {
        let found = yields(&condition, &["F0108"]);
        assert!(helps(&found, "test for a missing value: `client.city is known and ..`"), "{condition}");
        assert!(helps(&found, "for a text, write `\"{{ client.city | default(\"x\")"), "{condition}");
    }
    for value in [
        format!("on booking -> set client.city = {city}"),
        format!("on booking -> call \"https://a.example\" {{ city: {city} }}"),
        format!("on booking -> send sms \"x\" to {city}"),
        format!("on booking -> match {city} {{ case \"y\" -> stop otherwise -> send sms \"x\" }}"),
    ] {
        let found = yields(&value, &["F0108"]);
        assert!(helps(&found, in_string), "{value}");
        assert!(helps(&found, "test for a missing value: `if client.city is known { .. }`"), "{value}");
        assert!(found[0].fixes[0].guess);
    }
    let moment = "on booking -> wait until starts_at | default(now) else skip -> send sms";
    let found = yields(moment, &["F0108"]);
    assert!(helps(&found, "`if starts_at is known { .. }`") && found[0].fixes.is_empty());
    let upper = yields("on booking -> if client.city | upper == \"Y\" -> send sms", &["F0108"]);
    assert!(!helps(&upper, "missing value") && helps(&upper, "`\"{{ client.city | upper }}\"`"));
    yields("on booking -> send sms \"{{ client.city | default(\"x\") | upper }}\"", &[]);
}

#[test]
fn a_boolean_that_may_be_missing_is_negated() {
    for unequal in ["client.vip != true", "true != client.vip"] {
        let found = yields(&format!("client {{ vip: bool? }}\non visit where {unequal} -> send sms"), &["F0302"]);
        assert!(helps(&found, "write `not client.vip`, which is also true if the value is missing"));
        assert!(helps(&found, "to exclude missing values: `client.vip == false`") && !found[0].fixes[0].guess);
    }
    let found = yields("client { vip: bool? }\non visit where client.vip != false -> send sms", &["F0302"]);
    assert!(helps(&found, "to exclude missing values: `client.vip`") && found[0].fixes.is_empty());
    assert!(helps(&found, "to include missing values: `not (client.vip == false)`"));
    for test in ["vip", "not vip", "vip == true", "vip == false", "vip != true", "vip != false", "true == vip"] {
        let optional = if test.contains('!') { "bool" } else { "bool?" };
        yields(&format!("event e {{ vip: {optional} }}\non e where {test} -> send sms"), &[]);
    }
    for (test, right) in [
        ("vip is true", "vip"),
        ("vip is not true", "not vip"),
        ("vip is false", "vip == false"),
        ("vip is not false", "vip != false"),
        ("(vip or vip) is false", "not (vip or vip)"),
    ] {
        let found = yields(&format!("event e {{ vip: bool }}\non e where {test} -> send sms"), &["F0108"]);
        assert!(helps(&found, &format!("write `{right}`")), "{test}");
        assert!(found[0].fixes[0].title.contains(&format!("`{right}`")) && !found[0].fixes[0].guess);
    }
    let found = yields("on booking -> if client.city != \"Berlin\" -> send sms", &["F0302"]);
    assert!(helps(&found, "to include missing values: `not (client.city == \"Berlin\")`"));
}
