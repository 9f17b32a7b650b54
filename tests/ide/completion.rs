//! Completion, mostly in incomplete text.

use super::project::Project;
use funnelc::ide::Completion;

fn complete(text: &str) -> Vec<Completion> {
    let project = Project::marked(text);
    project.view().complete(project.place())
}

fn labels(found: &[Completion]) -> Vec<&str> {
    found.iter().map(|one| one.label.as_str()).collect()
}

/// Asserts which labels are offered at the marked place, and which are not.
#[track_caller]
fn offers(text: &str, wanted: &[&str], unwanted: &[&str]) {
    let found = complete(text);
    let labels = labels(&found);
    for label in wanted {
        assert!(labels.contains(label), "{text}\nlacks `{label}`: {labels:?}");
    }
    for label in unwanted {
        assert!(!labels.contains(label), "{text}\nhas `{label}`: {labels:?}");
    }
}

#[test]
fn an_unterminated_placeholder_offers_the_names_in_scope() {
    offers("on booking -> send sms \"{{ client.$0", &["name", "phone", "city"], &["starts_at", "client"]);
    offers("on booking -> send sms \"{{ client.$0 }}\"\n", &["name"], &["starts_at"]);
    offers("on booking -> send sms \"Hello {{ $0", &["client", "booking", "starts_at", "business"], &["send", "visit"]);
    offers("on booking -> send sms \"{{ booking.st$0", &["starts_at", "rebook_url"], &["phone"]);
    // In an unterminated placeholder, only filters can follow a value.
    offers(
        "template sms more(booking) = \"Dear {{ client $0",
        &["| default", "| upper"],
        &["send", "funnel", "template sms"],
    );
    offers("template sms more(booking) = \"Dear {{ client$0", &["client"], &["send", "funnel", "on"]);
    offers("on booking -> send sms \"{{ client.name $0\n-> stop", &["| default"], &["send", "to", "else", "wait"]);
    offers("on booking -> send sms \"{{ client.name | $0\n-> stop", &["default", "upper"], &["send", "to", "else"]);
    offers("on booking -> send sms \"Dear $0\n-> stop", &[], &["send", "to", "else"]);
    offers("on booking as b -> send sms \"{{ b.$0 }}\" -> stop", &["starts_at"], &["phone"]);
    offers("on booking -> send sms \"{{ starts_at | $0 }}\"", &["time", "date", "default"], &["client"]);
}

#[test]
fn conditions_in_texts_offer_their_tags() {
    offers("on booking -> send sms \"{{ $0", &["if", "client"], &["else", "end", "else if"]);
    offers(
        "on booking -> send sms \"{{ if client.name is known }}a{{ $0",
        &["if", "else", "else if", "end"],
        &["send"],
    );
    offers("on booking -> send sms \"{{ if attended is known }}a{{ end }}{{ $0 }}\"", &["if"], &["else", "end"]);
    offers("on booking -> send sms \"{{ if a }}b\"\non visit -> send sms \"{{ $0 }}\"", &["if"], &["else", "end"]);
    offers("on booking -> send sms \"{{ if $0 }}\"", &["client", "booking", "not", "count"], &["| default", "end"]);
    offers("on booking -> send sms \"{{ if client.name $0 }}\"", &["is known", "and"], &["| default", "send"]);
    offers("on booking -> send sms \"{{ if a }}{{ else $0 }}\"", &["if"], &["client", "end"]);
    offers("on booking -> send sms \"{{ if a }}{{ else if client.$0 }}\"", &["name"], &["end"]);
}

#[test]
fn conditions_offer_fields_constants_and_segments() {
    let declared = "const big = 50 EUR\nsegment vip = client.city == \"Berlin\"\n";
    let with = |text: &str| format!("{declared}{text}");
    offers(&with("on booking -> if $0"), &["attended", "big", "client", "count", "not"], &["vip", "send", "sms"]);
    offers(&with("on booking where at$0"), &["attended", "service"], &["send"]);
    offers(&with("on booking -> if client in $0"), &["vip"], &["big", "attended"]);
    offers(&with("on booking -> if attended $0"), &["and", "or", "is known"], &["client"]);
    offers(&with("on booking -> if client.city is $0"), &["known", "missing"], &["client", "in"]);
    offers(&with("funnel other { on visit -> stop }\non booking -> stop $0"), &["other"], &["vip"]);
    offers(&with("on booking -> if client is $0"), &["in", "not in"], &[]);
    offers(&with("funnel other { on visit -> stop }\non booking -> if client is not in $0"), &["other"], &["vip"]);
    offers(&with("on booking -> if count($0"), &["visit", "booking"], &["client"]);
    offers(&with("on booking -> if count(visit $0"), &["in last", "where"], &[]);
    offers(&with("on booking -> if sum(purchase.$0"), &["amount", "at"], &["city"]);
    offers(&with("on booking -> if last(visit).$0"), &["at", "rating"], &["starts_at"]);
    offers(&with("on entering $0"), &["vip"], &["big"]);
    offers(&with("funnel f {\n  exit on $0"), &["booking", "entering", "leaving"], &["no"]);
    offers(&with("funnel f {\n  exit on booking or leaving $0"), &["vip"], &["big", "booking"]);
    offers(&with("on booking -> wait for $0"), &["visit", "entering", "leaving"], &["no"]);
    offers(&with("on booking -> wait for visit up to 3d $0"), &["else"], &["where"]);
    offers(&with("on booking -> wait for visit up to 3d else $0"), &["skip", "stop"], &["visit"]);
    offers(&with("on booking -> wait for entering $0"), &["vip"], &["big", "booking"]);
}

#[test]
fn a_binding_is_offered_where_it_is_known() {
    let text = "on booking -> wait for visit as came up to 3h { send sms \"{{ $0 }}\" } else { stop }";
    offers(text, &["came", "booking"], &["visit"]);
    let text = "on booking -> wait for visit as came -> send sms \"{{ came.$0\"";
    offers(text, &["rating", "service"], &["starts_at"]);
    let text = "on booking -> wait for visit as came up to 3h { stop } else { send sms \"{{ $0 }}\" }";
    offers(text, &["booking"], &["came"]);
}

#[test]
fn the_values_of_an_enumerated_field_are_offered() {
    let text = "event deal { key id: text  status: \"new\" | \"paid\" }\non deal -> if status == $0";
    offers(text, &["\"new\"", "\"paid\""], &[]);
    let text = "event deal { key id: text  status: \"new\" | \"paid\" }\non deal -> match status { case $0 }";
    offers(text, &["\"new\"", "\"paid\""], &[]);
}

#[test]
fn elements_are_offered_after_an_arrow() {
    offers("on booking -> $0", &["send", "wait", "if", "if else", "split", "stop"], &["funnel", "client"]);
    offers("on booking -> wait 1d -> se$0", &["send", "set"], &["segment"]);
    offers("on booking -> if attended { $0 }", &["send", "wait"], &["limit"]);
    offers("on booking -> parallel { $0 }", &["path"], &["send"]);
    offers("on booking -> match service { $0 }", &["case", "otherwise"], &["send"]);
    offers("on booking -> split \"x\" { case 50% -> $0 }", &["send"], &["funnel"]);
}

#[test]
fn the_arguments_of_elements_are_offered() {
    let declared = "template sms hello = \"Hi\"\ntemplate email letter = { subject: \"a\" text: \"b\" }\n\
                    action sync(id: text, note: text?)\nevent reply { note: text? }\nfunnel other { on booking -> stop }\n";
    let with = |text: &str| format!("{declared}{text}");
    offers(&with("on booking -> send $0"), &["sms", "email", "telegram", "whatsapp"], &["hello"]);
    offers(&with("on booking -> send sms $0"), &["hello", "file", "to"], &["letter", "sms"]);
    offers(&with("on booking -> send email $0"), &["letter"], &["hello"]);
    offers(&with("on booking -> send email { $0 }"), &["subject", "text", "html"], &["client"]);
    offers(&with("on booking -> do $0"), &["sync"], &["other"]);
    offers(&with("on booking -> do sync($0)"), &["id", "note"], &["booking"]);
    offers(&with("on booking -> start $0"), &["other"], &["sync"]);
    offers(&with("on booking -> ask: wait 1h -> goto $0"), &["ask", "next", "end"], &["sync"]);
    offers(&with("on booking -> set client.$0"), &["city"], &["starts_at", "id", "tags", "consent"]);
    offers(&with("on booking -> set client.city = client.$0"), &["city", "id"], &["starts_at"]);
    offers(&with("on booking -> wait $0"), &["until", "for", "1d"], &[]);
    offers(&with("on booking -> wait for $0"), &["visit", "purchase"], &["until"]);
    offers(&with("on booking -> wait until $0"), &["starts_at", "monday", "tomorrow"], &[]);
    offers(&with("on booking -> wait 2$0"), &["2h", "2d", "2mo"], &["until"]);
    offers(&with("on booking -> emit visit { $0 }"), &["id", "rating"], &["client"]);
    offers(&with("on booking -> call \"https://a.example\" $0"), &["as", "else"], &["reply"]);
    offers(&with("on booking -> do sync(id: id) as $0"), &["reply"], &["else", "sync"]);
    offers(&with("on booking -> do sync(id: id) as reply $0"), &["else"], &["as"]);
    let read = "on booking -> do sync(id: id) as reply -> if reply.$0";
    offers(&with(read), &["note"], &["starts_at"]);
    offers(&with("test \"t\" { given call $0 }"), &["fails", "answers"], &[]);
    let sync =
        complete(&with("on booking -> do $0")).into_iter().find(|one| one.label == "sync").expect("it is offered");
    assert_eq!(sync.insert, "sync(id: ${1:client.id})$0");
    assert!(sync.docs.contains("action sync(id: text, note: text?)"), "{}", sync.docs);
}

#[test]
fn triggers_offer_events_and_their_changes() {
    offers("on $0", &["booking", "visit", "entering", "no", "client"], &["send"]);
    offers("on booking.$0", &["cancelled", "attended", "updated"], &["phone"]);
    offers("on booking $0", &["as", "where", "or"], &["send"]);
    offers("on booking or $0", &["visit"], &[]);
    offers("every $0", &["day", "monday"], &["booking"]);
    offers("on no $0", &["visit"], &["entering"]);
}

#[test]
fn items_settings_fields_and_tests_are_completed() {
    offers("$0", &["on", "funnel", "event", "segment", "test"], &["send", "limit"]);
    offers("on booking -> stop\n\nfun$0", &["funnel"], &[]);
    offers("funnel x {\n  $0\n}", &["purpose", "limit", "enter", "exit", "on"], &["funnel", "send"]);
    offers("funnel x {\n  purpose $0\n}", &["marketing", "service"], &["sms"]);
    offers("funnel x {\n  enter $0\n}", &["once", "always", "again after"], &[]);
    offers("funnel x {\n  enter once per $0\n  on booking -> stop\n}", &["booking", "client"], &["send"]);
    offers("funnel x {\n  limit 2 $0\n}", &["sms", "messages"], &[]);
    offers("funnel x {\n  exit on $0\n}", &["booking"], &[]);
    offers("funnel x {\n  exit on booking.$0\n}", &["cancelled"], &[]);
    offers("event x {\n  $0\n}", &["key"], &["send"]);
    offers("event x { id: $0 }", &["text", "money", "list"], &["client"]);
    offers("template $0", &["sms", "email"], &["booking"]);
    offers("template sms x($0", &["booking"], &["sms"]);
    offers("test \"x\" {\n  $0\n}", &["client", "at", "expect", "until"], &["send"]);
    offers("test \"x\" {\n  client { $0 }\n}", &["phone", "name"], &["starts_at"]);
    offers("test \"x\" {\n  at 2026-03-01 10:00 $0\n}", &["booking"], &["send"]);
    offers("test \"x\" {\n  at 2026-03-01 10:00 booking { $0 }\n}", &["id", "starts_at"], &["phone"]);
    offers("test \"x\" {\n  expect $0\n}", &["send", "task", "nothing else", "no"], &["sms"]);
    offers("test \"x\" {\n  expect send $0\n}", &["sms"], &["booking"]);
}

#[test]
fn nothing_is_offered_in_comments_and_strings() {
    assert_eq!(labels(&complete("on booking -> stop # se$0")), [""; 0]);
    assert_eq!(labels(&complete("on booking -> stop # $0")), [""; 0]);
    assert_ne!(labels(&complete("on booking -> stop # a\n  -> $0")), [""; 0]);
    assert_eq!(labels(&complete("on booking -> send sms \"cli$0ent\"")), [""; 0]);
}

#[test]
fn text_files_and_paths_are_completed() {
    let funnel = "template sms long(booking) = file \"long.txt\"\n";
    let project = Project::of(&[("a.funnel", funnel), ("long.txt", "Dear {{ booking.$0")]);
    let found = project.view().complete(project.place());
    assert!(labels(&found).contains(&"starts_at"), "{:?}", labels(&found));
    let project = Project::of(&[("a.funnel", "template sms long = file \"$0\""), ("long.txt", ""), ("b.funnel", "")]);
    assert_eq!(labels(&project.view().complete(project.place())), ["long.txt"]);
    let project = Project::of(&[("a.funnel", "use \"$0"), ("long.txt", ""), ("b.funnel", "")]);
    assert_eq!(labels(&project.view().complete(project.place())), ["b.funnel"]);
}

#[test]
fn the_word_before_the_cursor_is_replaced() {
    let project = Project::marked("on booking -> if atte$0nded -> stop");
    let found = project.view().complete(project.place());
    let attended = found.iter().find(|one| one.label == "attended").expect("it is offered");
    assert_eq!(project.show(attended.replace), "main.funnel:1:18 atte");
    assert_eq!(attended.detail, "attended: bool later from starts_at by starts_at + 1d");
}

#[test]
fn a_wait_offers_the_messages_of_the_funnel_and_their_events() {
    let chain = "on booking -> ask: send sms \"Will you come?\" -> pause: wait 1h -> wait for ";
    offers(&format!("{chain}$0"), &["ask", "any", "visit"], &["pause", "next"]);
    offers(&format!("{chain}ask.$0"), &["replied", "opened", "bounced"], &["updated", "visit"]);
    offers(&format!("{chain}any.$0"), &["replied", "clicked"], &["updated"]);
    offers(&format!("{chain}booking.$0"), &["cancelled", "updated"], &["replied"]);
}
