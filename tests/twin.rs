//! Duplicate messages of two funnels: whether two chains with the same trigger can send the same message at the same time.

use funnelc::check::Context;
use funnelc::diagnostic::Code;
use funnelc::source::Sources;

/// Whether two funnels with the same trigger are reported as sending the same message, in either order.
fn meet(one: &str, other: &str) -> bool {
    let reported = [(one, other), (other, one)].map(|(first, second)| {
        let text = format!("funnel f {{ on booking -> {first} }}\nfunnel g {{ on booking -> {second} }}\n");
        let mut sources = Sources::new();
        let file = sources.add("a.funnel", text.as_str());
        let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
        let found = funnelc::compile(&mut sources, &[file], &context).diagnostics;
        assert!(!found.iter().any(|found| found.is_error()), "{found:?} in\n{text}");
        found.iter().any(|found| found.code == Code::SameMessageTwice)
    });
    assert_eq!(reported[0], reported[1], "{one}\n{other}");
    reported[0]
}

const M: &str = "send sms \"Hello\"";

#[test]
fn paths_with_the_same_conditions_meet() {
    for path in [
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
        let path = path.replace('M', M);
        assert!(meet(&path, &path.replace("Look", "Look again").replace("Late", "Too late")), "{path}");
    }
}

#[test]
fn paths_with_other_conditions_or_times_do_not_meet() {
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
fn a_path_with_more_conditions_meets_one_with_fewer() {
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
