//! The same message by two funnels: in, two chains that the same thing starts; out, whether both come to it at the same time.

use funnelc::check::Context;
use funnelc::diagnostic::Code;
use funnelc::source::Sources;

/// Whether two funnels of the same trigger are told to send the same, whichever stands first.
fn meet(one: &str, other: &str) -> bool {
    let judged = [(one, other), (other, one)].map(|(first, second)| {
        let text = format!("funnel f {{ on booking -> {first} }}\nfunnel g {{ on booking -> {second} }}\n");
        let mut sources = Sources::new();
        let file = sources.add("a.funnel", text.as_str());
        let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
        let found = funnelc::compile(&mut sources, &[file], &context).diagnostics;
        assert!(!found.iter().any(|found| found.is_error()), "{found:?} in\n{text}");
        found.iter().any(|found| found.code == Code::SameMessageTwice)
    });
    assert_eq!(judged[0], judged[1], "{one}\n{other}");
    judged[0]
}

const M: &str = "send sms \"Hello\"";

#[test]
fn paths_of_the_same_answers_meet() {
    for way in [
        "match branch { case \"a\" -> task \"Look\" case \"b\", \"c\" -> M otherwise -> stop }",
        "match branch { case \"a\" -> task \"Look\" otherwise -> M }",
        "match branch { case \"a\" -> stop otherwise -> task \"Look\" } -> M",
        "split { case 50% -> M case 50% -> task \"Look\" }",
        "split { case 50% -> stop case 50% -> task \"Look\" } -> M",
        "wait for purchase up to 3h { M } else { stop }",
        "wait for purchase up to 3h { stop } else { M }",
        "wait for purchase where amount > 5 EUR -> M",
        "wait for purchase up to 3h -> M",
        "repeat 3 times { wait 3h -> M }",
        "repeat 3 times { wait 3h -> task \"Look\" } -> M",
        "if attended { task \"Look\" } -> M",
        "if attended { stop } -> M",
        "if branch == \"a\" { wait 3h } -> M",
        "parallel { path -> wait 3h path -> task \"Look\" } -> M",
        "wait until starts_at - 2h else { task \"Late\" } -> M",
        "wait until starts_at - 2h else { M -> stop } -> stop",
    ] {
        let way = way.replace('M', M);
        assert!(meet(&way, &way.replace("Look", "Look again").replace("Late", "Too late")), "{way}");
    }
}

#[test]
fn paths_of_other_answers_and_other_times_do_not() {
    let purchase = "wait for purchase up to 3h";
    for (one, other) in [
        ("match branch { case \"a\" -> M otherwise -> stop }", "match branch { case \"b\" -> M otherwise -> stop }"),
        ("match branch { case \"a\" -> stop otherwise -> M }", "match branch { case \"a\" -> M otherwise -> stop }"),
        ("match branch { case \"a\" -> wait 1h case \"b\" -> wait 2h otherwise -> stop } -> M", "wait 2h -> M"),
        (&format!("{purchase} {{ M }} else {{ stop }}"), &format!("{purchase} {{ stop }} else {{ M }}")),
        (&format!("{purchase} {{ stop }} -> M"), &format!("{purchase} {{ M }} else {{ stop }}")),
        ("wait for purchase where amount > 5 EUR -> M", "wait for purchase where amount > 6 EUR -> M"),
        ("wait for purchase up to 3h -> M", "wait for purchase up to 4h -> M"),
        ("wait for purchase up to 3h -> M", "M"),
        ("repeat 3 times { wait 3h -> task \"Look\" } -> M", "repeat 2 times { wait 3h -> task \"Look\" } -> M"),
        ("repeat 3 times { wait 3h -> M }", "repeat 3 times { wait 4h -> M }"),
        ("if attended { stop } -> M", "if attended { M }"),
        ("if attended { if branch == \"a\" { stop } } -> M", "if attended and branch == \"a\" { M }"),
        ("if branch == \"a\" { stop } -> M", "if branch == \"a\" { M }"),
        ("parallel { path -> wait 3h path -> wait 4h } -> M", "wait 3h -> M"),
        ("wait until starts_at - 2h else { M -> stop } -> stop", "wait until starts_at - 2h else skip -> stop -> M"),
    ] {
        let (one, other) = (one.replace('M', M), other.replace('M', M));
        assert!(!meet(&one, &other), "{one}\n{other}");
    }
}

#[test]
fn one_that_asks_more_meets_one_that_asks_less() {
    for (one, other) in [
        ("wait for purchase up to 3h { M }", "wait for purchase up to 3h -> M"),
        ("match branch { case \"a\" -> M otherwise -> stop }", "M"),
        ("split { case 10% -> M otherwise -> stop }", "M"),
        ("if branch == \"a\" { stop } -> M", "M"),
        ("repeat 2 times { wait 1h -> task \"Look\" } -> M", "wait 1h -> task \"Look\" -> wait 1h -> M"),
    ] {
        let (one, other) = (one.replace('M', M), other.replace('M', M));
        assert!(meet(&one, &other), "{one}\n{other}");
    }
}
