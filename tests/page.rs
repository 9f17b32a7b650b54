//! `simulate --format html` and the pictures of funnels: the page loads nothing from outside, and data of clients cannot
//! become markup.

use crate::errors::differs;
use crate::support::event::event;
use crate::support::program::{package, run_funnelc};
use funnelc::check::Context;
use funnelc::diagnostic::Language;
use funnelc::graph::{Graph, svg_document};
use funnelc::simulate::{PathResult, Variants};
use funnelc::source::Sources;
use serde_json::json;
use sha2::{Digest, Sha256};
use std::sync::Arc;

fn page_of(funnel: &str, events: &str) -> String {
    let shown = run_funnelc(["simulate", funnel, "--events", events, "--format", "html"]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    shown.out
}

fn forty() -> String {
    page_of("tests/page/forty.funnel", "tests/page/forty.ndjson")
}

fn graphs(path: &str) -> Vec<Arc<Graph>> {
    let mut sources = Sources::new();
    let text = std::fs::read_to_string(package(path)).unwrap();
    let file = sources.add(path, text);
    let context = Context { zone: Some("Europe/Moscow".to_owned()), ..Context::default() };
    funnelc::compile(&mut sources, &[file], &context).graphs
}

#[test]
fn client_data_cannot_become_markup() {
    let page = forty();
    // The client is called `<script>alert(1)</script>`, the subject of the email is `<b>So long</b>`.
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("&lt;b&gt;So long&lt;/b&gt;"));
    assert!(!page.contains("<script>alert") && !page.contains("<b>So long"), "{page}");
    assert_eq!(page.matches("<script").count(), 1, "the page has only its own script");
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    let hostile = r#""'><img src=x onerror=alert(1)><script>"#;
    let client = event("client").client(hostile).at("2026-03-01T09:00:00Z");
    let booking = event("booking").client(hostile).at("2026-03-01T10:00:00Z");
    let lines = [
        client.data(json!({"name": hostile, "phone": "+79990000001"})),
        booking.data(json!({"id": hostile, "starts_at": "2026-03-03T12:00:00Z", "attended": true})),
    ];
    std::fs::write(&events, lines.join("\n") + "\n").unwrap();
    let page = page_of("examples/one-liner", events.to_str().unwrap());
    assert!(!page.contains("<img") && page.matches("<script").count() == 1, "{page}");
    assert!(page.contains("&quot;&#39;&gt;&lt;img"), "{page}");
}

#[test]
fn the_page_loads_nothing_and_runs_only_its_own_script() {
    let page = forty();
    let email = page.split_once("srcdoc=\"").unwrap().1;
    for tag in page.split('<').skip(1).map(|part| part.split_once('>').unwrap().0) {
        // Requests of an email stay in its frame, where the policy of the page applies too.
        let tag = tag.split(" srcdoc=").next().unwrap();
        // The index links to places on the page.
        let tag = tag.replace(" href=\"#", " to=\"#");
        let loads = [" src=", " href=", " style=", " on"].iter().any(|attribute| tag.contains(attribute));
        assert!(!loads && !tag.starts_with("link") && !tag.starts_with("base"), "`{tag}` loads something");
    }
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    assert!(!style.contains("@import") && !style.contains("url("), "{style}");
    let (_, script) = page.split_once("<script>").unwrap();
    let (script, _) = script.split_once("</script>").unwrap();
    let hash = format!("script-src 'sha256-{}'", base64(&Sha256::digest(script)));
    assert!(page.contains(&hash), "the page does not allow its script: {hash}");
    assert!(page.contains("default-src 'none'"));
    // An email is shown in a frame without any permissions.
    let frames: Vec<&str> = page.split("<iframe").skip(1).collect();
    assert_eq!(frames.len(), 1);
    assert!(frames[0].starts_with(" sandbox loading=\"lazy\"") && email.starts_with("&lt;html&gt;"), "{email}");
}

/// Base64 with padding, as in RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let three = chunk.iter().chain(&[0, 0]).take(3).fold(0_u32, |n, byte| (n << 8) | u32::from(*byte));
        for place in 0..4 {
            let digit = DIGITS[(three >> (18 - 6 * place)) as usize & 63];
            out.push(if place <= chunk.len() { char::from(digit) } else { '=' });
        }
    }
    out
}

#[test]
fn every_tag_of_the_page_is_closed() {
    let page = forty();
    let mut open: Vec<&str> = Vec::new();
    for part in page.split('<').skip(1).filter(|part| !part.starts_with('!')) {
        let tag = part.split_once('>').unwrap().0;
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap().trim_end_matches('/');
        match (tag.starts_with('/'), tag.ends_with('/') || ["meta", "input", "br"].contains(&name)) {
            (true, _) => assert_eq!(open.pop(), Some(name), "closes another tag: {tag}"),
            (false, false) => open.push(name),
            (false, true) => {}
        }
    }
    assert!(open.is_empty(), "{open:?} are not closed");
}

#[test]
fn only_the_first_clients_are_listed_but_all_are_counted() {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    let booking = |n: usize| {
        let at = format!("2026-03-01T{:02}:{:02}:00Z", 8 + n / 60, n % 60);
        let data = json!({"id": format!("b{n}"), "starts_at": "2026-03-03T12:00:00Z", "attended": n.is_multiple_of(3)});
        event("booking").client(&format!("c{n}")).at(&at).data(data) + "\n"
    };
    std::fs::write(&events, (0..150).map(booking).collect::<String>()).unwrap();
    let page = page_of("examples/one-liner", events.to_str().unwrap());
    assert!(page.contains("The first 100 of 150 are shown"), "{page}");
    assert_eq!(page.matches("<details class=\"client\"").count(), 100);
    for count in [
        "yes · 50<",
        "no · 100<",
        ">150<",
        "<dt>not sent</dt><dd>50</dd>",
        "<td>no address</td><td class=\"number\">50</td>",
    ] {
        assert!(page.contains(count), "`{count}` is not in the page");
    }
}

#[test]
fn a_page_is_written_to_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("report.html");
    let args = ["simulate", "examples/one-liner", "--events", "examples/one-liner/events.ndjson", "--format", "html"];
    let finished = run_funnelc(args.into_iter().chain(["--out", out.to_str().unwrap()]));
    assert_eq!((finished.code, finished.out.as_str()), (Some(0), ""), "{finished:?}");
    let page = std::fs::read_to_string(out).unwrap();
    assert!(page.starts_with("<!DOCTYPE html>") && page.contains("Hello") && page.ends_with("</html>\n"));
}

#[test]
fn each_kind_of_element_has_its_own_shape() {
    let picture = svg_document(&graphs("tests/page/forty.funnel"), Language::English);
    let shape = |kind: &str| {
        let (_, element) = picture.split_once(&format!("<g class=\"{kind}\">")).unwrap();
        let (_, shape) = element.split_once("</title>").unwrap();
        shape.split_once("/>").unwrap().0.to_owned()
    };
    assert!(shape("event").contains("<rect") && !shape("event").contains("rx=\"3\""));
    assert!(shape("action").contains("<rect") && shape("action").contains("rx=\"3\""));
    assert_eq!(shape("condition").matches(',').count(), 4);
    assert_eq!(shape("wait").matches(',').count(), 6);
    assert!(picture.starts_with("<?xml") && picture.contains("<style>"), "a standalone picture has its own style");
}

#[test]
fn a_standalone_picture_has_every_funnel_and_a_legend() {
    let rendered = run_funnelc(["graph", "examples/no-show-rescue", "--format", "svg"]);
    assert_eq!(rendered.code, Some(0), "{rendered:?}");
    let picture = rendered.out;
    assert_eq!((picture.matches("<?xml").count(), picture.matches("<style>").count()), (1, 1));
    assert!(picture.contains("<title id=\"title\">") && picture.contains("<desc id=\"desc\">"), "{picture}");
    assert!(picture.contains("prefers-color-scheme: dark"));
    let legend = picture.split_once("<g class=\"legend\">").unwrap().1;
    for kind in ["event", "condition", "wait", "action"] {
        assert!(legend.contains(&format!(">{kind}</text>")), "the legend lacks `{kind}`: {legend}");
        assert!(picture.contains(&format!("<title>{kind}: ")), "no {kind} has a title");
    }
    // Screen readers get every element in order.
    let desc = picture.split_once("<desc id=\"desc\">").unwrap().1.split_once("</desc>").unwrap().0;
    assert!(
        desc.contains("1. event: Booking, if service = massage or peeling") && desc.contains("goes to 2"),
        "{desc}"
    );
    let all = run_funnelc(["graph", "examples/salon-start", "--format", "svg"]);
    let funnels =
        run_funnelc(["graph", "examples/salon-start", "--format", "json"]).out.matches("\"funnel\": ").count();
    assert!(all.out.matches("class=\"funnel\"").count() > 1 && funnels > 1, "{}", all.out);
}

/// The text in the boxes and labels of a picture.
fn shown_in(picture: &str) -> String {
    let drawn = picture.split_once("</style>").unwrap().1;
    let texts =
        drawn.split("<text").skip(1).map(|text| text.split_once('>').unwrap().1.split_once("</text>").unwrap().0);
    texts.collect::<Vec<_>>().join("\n").replace("<tspan class=\"about\">", "").replace("</tspan>", "")
}

#[test]
fn pictures_match_their_golden_files() {
    let all = graphs("tests/page/words.funnel");
    for (language, name) in [(Language::English, "words.svg"), (Language::Russian, "words.ru.svg")] {
        let picture = svg_document(&all, language);
        assert!(!differs(&package("tests/page").join(name), &picture), "{name} has changed: look at it");
    }
}

#[test]
fn boxes_speak_the_words_of_a_marketer_and_have_the_source_as_tooltip() {
    let all = graphs("tests/page/words.funnel");
    let picture = svg_document(&all, Language::English);
    let shown = shown_in(&picture);
    for words in [
        "Wait 1 day, 10:00",
        "Email to a@b.example:\nWelcome!",
        "SMS: We miss you [name]",
        "Wait until a weekday, 10:00",
        "Task for manager: Call\ndue in 1 day, 10:00",
        "Bonus: +500",
        "Every week: Monday, 10:00,\nfor vip",
        "25 December 2026, 10:00",
        "Goal: purchase, if amount > €10, within 14 days, worth\namount",
        "Exit on: booking cancelled",
        "Sending hours: Monday–Friday 09:00–21:00; Saturday\n10:00–16:00",
        "Enters: again after 30 days",
        "Limit: SMS: at most 2 in 7 days, more wait up to 1 day",
        "Purpose: marketing, news",
        "After a change: active runs finish as they began",
    ] {
        assert!(shown.contains(&words.replace('>', "&gt;")), "`{words}` is not shown:\n{shown}");
    }
    for code in ["{", "send ", "client.", "==", "_", "1d", "&quot;"] {
        assert!(!shown.contains(code), "`{code}` is shown:\n{shown}");
    }
    for source in ["<title>wait: wait 1d at 10:00</title>", "<title>action: send telegram &quot;See you&quot;</title>"]
    {
        assert!(picture.contains(source), "{source}: {picture}");
    }
    let shown = shown_in(&svg_document(&all, Language::Russian));
    for words in [
        "Подождать 1 день, 10:00",
        "Подождать 7 дней",
        "Подождать 1 час 30 минут",
        "Повторить 3 раза",
        "Письмо на a@b.example:\nWelcome!",
        "Ждать: будний день, 10:00",
        "Цель: purchase, если amount &gt; 10 €, за 14 дней, сумма\namount",
        "Часы отправки: понедельник–пятница 09:00–21:00; суббота\n10:00–16:00",
        "дождались",
        "иначе",
        "ожидание",
    ] {
        assert!(shown.contains(words), "`{words}` is not shown:\n{shown}");
    }
    for word in ["Wait", "until", "yes", "otherwise", "Exit"] {
        assert!(!shown.contains(word), "`{word}` is English:\n{shown}");
    }
}

#[test]
fn every_label_has_a_plate_that_covers_its_arrow() {
    let picture = svg_document(&graphs("tests/page/words.funnel"), Language::Russian);
    let labels: Vec<&str> = picture.split("<text class=\"label").collect();
    assert!(labels.len() > 10);
    for before in &labels[..labels.len() - 1] {
        let (_, plate) = before.rsplit_once('<').unwrap();
        let width = plate.split_once("width=\"").and_then(|(_, rest)| rest.split_once('"')).map(|(width, _)| width);
        let is_plate = plate.starts_with("rect class=\"plate\"") && plate.ends_with("/>");
        assert!(is_plate && width.unwrap().parse::<f64>().unwrap() > 10.0, "{plate}");
    }
    assert!(picture.contains(".graph .plate { fill: var(--paper); stroke: none; }"));
    // The plates are above the arrows.
    assert!(
        picture.rfind("class=\"head\"").unwrap() > 0 && picture.find("class=\"plate\"") > picture.find("class=\"way\"")
    );
}

#[test]
fn each_funnel_becomes_a_picture_of_its_own_with_an_index() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("new/pictures");
    let draw = |args: &[&str]| {
        run_funnelc([&["graph", "examples/salon-start", "--out", out.to_str().unwrap()], args].concat())
    };
    let drawn = draw(&["--format", "svg"]);
    assert_eq!((drawn.code, drawn.out.as_str()), (Some(0), ""), "{drawn:?}");
    let json = run_funnelc(["graph", "examples/salon-start", "--format", "json"]).out;
    let all: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let index = std::fs::read_to_string(out.join("index.html")).unwrap();
    assert!(all.len() > 2 && drawn.err.contains(&format!("{} files written; open `", all.len())), "{drawn:?}");
    for graph in &all {
        let name = graph["funnel"].as_str().unwrap();
        let picture = std::fs::read_to_string(out.join(format!("{name}.svg"))).unwrap();
        assert_eq!(picture.matches("class=\"funnel\"").count(), 1, "{name}");
        assert!(index.contains(&format!("<a href=\"{name}.svg\">")), "{index}");
    }
    let russian = draw(&["--format", "svg", "--lang", "ru"]);
    assert!(russian.err.starts_with("записано: "), "{russian:?}");
    assert!(std::fs::read_to_string(out.join("index.html")).unwrap().contains("<html lang=\"ru\">"));
    // The other formats have no index; each file of JSON becomes the text of its funnel.
    assert_eq!(draw(&["--format", "json"]).code, Some(0));
    assert_eq!(draw(&[]).code, Some(0));
    let name = all[0]["funnel"].as_str().unwrap();
    let text = run_funnelc(["graph", "--from-json", out.join(format!("{name}.json")).to_str().unwrap()]);
    assert!(text.code == Some(0) && text.out.contains("on "), "{text:?}");
    assert!(std::fs::read_to_string(out.join(format!("{name}.mmd"))).unwrap().starts_with("---\ntitle"));
    let file = folder.path().join("file.svg");
    std::fs::write(&file, "").unwrap();
    let refused = run_funnelc(["graph", "examples/salon-start", "--format", "svg", "--out", file.to_str().unwrap()]);
    assert!(refused.code == Some(2) && refused.err.contains("is a file"), "{refused:?}");
}

#[test]
fn one_picture_of_many_funnels_has_columns() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("many.funnel");
    let funnel = |n: usize| {
        format!("funnel f{n} {{ on visit -> wait 1h -> tag \"a\" -> wait 1h -> tag \"b\" -> wait 1h -> tag \"c\" }}\n")
    };
    std::fs::write(&file, (0..24).map(funnel).collect::<String>()).unwrap();
    let picture = run_funnelc(["graph", file.to_str().unwrap(), "--format", "svg"]).out;
    let size = |side: &str| {
        let (_, rest) = picture.split_once(&format!(" {side}=\"")).unwrap();
        rest.split_once('"').unwrap().0.parse::<f64>().unwrap()
    };
    assert_eq!(picture.matches("class=\"funnel\"").count(), 24);
    assert!(size("height") < 3000.0 && size("width") < 3000.0, "{} x {}", size("width"), size("height"));
    let places: std::collections::BTreeSet<&str> =
        picture.split("class=\"funnel\" transform=\"").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
    assert_eq!(places.len(), 24, "funnels are drawn over each other");
}

#[test]
fn a_page_of_several_funnels_has_an_index_and_says_their_settings() {
    let page = page_of("tests/page/words.funnel", "tests/page/forty.ndjson");
    let nav = page.split_once("<nav aria-label=\"Funnels\">").unwrap().1.split_once("</nav>").unwrap().0;
    for (n, name) in ["Everything in one picture", "other", "third"].iter().enumerate() {
        assert!(nav.contains(&format!("<a href=\"#funnel-{n}\">{name}</a>")), "{nav}");
        assert!(page.contains(&format!("<section id=\"funnel-{n}\">")));
    }
    assert!(page.contains("<dt>Exit on</dt><dd>booking cancelled</dd>"), "{page}");
    // A drawing that is wider than the screen is scrolled to where its funnel begins.
    assert!(page.contains("drawing.querySelector(\".event\")") && page.contains("drawing.scrollLeft +="));
    assert!(!forty().contains("<nav"), "one funnel needs no index");
}

#[test]
fn what_was_rejected_or_left_out_is_listed() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(place("a.funnel"), "on visit -> send sms \"Hi\"").unwrap();
    let client =
        event("client").id("k1").at("2026-03-01T09:00:00Z").data(json!({"phone": "<b>none</b>", "name": "Anna"}));
    let visit = event("visit").id("v1").at("2026-03-02T09:00:00Z").data(json!({"id": "v1"}));
    let unknown = event("vist").id("v2").at("2026-03-02T09:00:00Z").data(json!({"id": "v2"}));
    std::fs::write(place("e.ndjson"), [client, visit, unknown].join("\n")).unwrap();
    let shown = run_funnelc(["simulate", &place("a.funnel"), "--events", &place("e.ndjson"), "--format", "html"]);
    for text in [
        "<dt>values left out</dt><dd>1</dd>",
        "<h2>Rejected or left out</h2>",
        "<td class=\"number\">1</td><td>value left out</td><td>`client.phone` must be",
        "&lt;b&gt;none",
        "<td class=\"number\">3</td><td>event rejected</td><td>unknown event `vist`</td>",
    ] {
        assert!(shown.out.contains(text), "{text}: {}", shown.out);
    }
}

/// A funnel with a split, simulated on clients, some of which buy; returns the output in a format.
fn split_of(clients: usize, format: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let funnel = folder.path().join("words.funnel");
    let text = "funnel words {\n  timezone \"Europe/Berlin\"\n  goal on purchase within 7d worth amount\n\n  \
                on visit -> split \"words\" {\n    case 50% -> send sms \"Thank you!\"\n    case 20% -> task \"Call\"\n    \
                otherwise -> tag \"quiet\"\n  }\n}\n\nfunnel no_goal {\n  timezone \"Europe/Berlin\"\n  \
                on visit -> split { case 50% -> tag \"a\" case 50% -> tag \"b\" }\n}\n";
    std::fs::write(&funnel, text).unwrap();
    let mut log = String::new();
    for n in 0..clients {
        let client = format!("client-{n}");
        let one = |name: &str| event(name).client(&client);
        log += &(one("client").at("2026-03-01T00:00:00Z").data(json!({"phone": "+79990000001"})) + "\n");
        log += &(one("visit").at("2026-03-01T10:00:00Z").data(json!({"id": format!("v{n}")})) + "\n");
    }
    for n in (0..clients).step_by(4) {
        let client = format!("client-{n}");
        let bought = json!({"id": format!("p{n}"), "amount": "12.50 EUR"});
        log += &(event("purchase").client(&client).at("2026-03-02T10:00:00Z").data(bought) + "\n");
    }
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, log).unwrap();
    let (funnel, events) = (funnel.to_str().unwrap(), events.to_str().unwrap());
    let shown = run_funnelc(["simulate", funnel, "--events", events, "--format", format]);
    assert_eq!(shown.code, Some(0), "{shown:?}");
    shown.out
}

#[test]
fn a_split_shows_what_became_of_each_path() {
    let lines = split_of(200, "json");
    let all: Vec<serde_json::Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let of = |funnel: &str| -> Vec<&serde_json::Value> {
        all.iter().filter(|line| line["kind"] == "variant" && line["funnel"] == funnel).collect()
    };
    let paths = of("words");
    let names: Vec<&str> = paths.iter().map(|path| path["path"].as_str().unwrap()).collect();
    assert_eq!(names, ["case 50%", "case 20%", "otherwise"]);
    let names: Vec<&str> = paths.iter().map(|path| path["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["SMS: Thank you!", "Task: Call", "Tag: quiet"]);
    let sum = |key: &str| paths.iter().map(|path| path[key].as_u64().unwrap()).sum::<u64>();
    assert_eq!((sum("entered"), sum("goals")), (200, 50));
    // Counted again from the lines themselves.
    for (n, path) in paths.iter().enumerate() {
        let reason = if n == 2 { "otherwise".to_owned() } else { format!("path {}", n + 1) };
        let took = |line: &&serde_json::Value| line["funnel"] == "words" && line["reason"] == reason.as_str();
        let runs: Vec<&str> = all.iter().filter(took).map(|line| line["run"].as_str().unwrap()).collect();
        let goal = |run: &&&str| all.iter().any(|line| line["kind"] == "goal" && line["run"] == **run);
        let goals = runs.iter().filter(goal).count();
        assert_eq!((path["entered"].as_u64(), path["goals"].as_u64()), (Some(runs.len() as u64), Some(goals as u64)));
        assert_eq!(path["split"], "words");
        let (rate, interval) = (path["rate"].as_f64().unwrap(), path["interval"].as_array().unwrap());
        assert!((rate - goals as f64 / runs.len() as f64).abs() < 0.0001, "{path}");
        assert!(interval[0].as_f64() < Some(rate) && Some(rate) < interval[1].as_f64(), "{path}");
        let cents = goals * 1250;
        let amount = format!("{}.{:02}", cents / 100, cents % 100);
        let amount = amount.trim_end_matches('0').trim_end_matches('.');
        assert_eq!(path["worth"], json!([format!("{amount} EUR")]), "{path}");
    }
    let without = of("no_goal");
    assert_eq!(without.len(), 2);
    assert!(without.iter().all(|path| path["goals"].is_null() && path["rate"].is_null()), "{without:?}");
}

#[test]
fn the_results_of_a_split_are_in_the_text_and_on_the_page() {
    let text = split_of(200, "text");
    let (_, table) = text.split_once("\nsplit `words` in words\n").unwrap();
    let rows: Vec<&str> = table.lines().take(4).collect();
    assert!(rows[0].starts_with("  path       begins with      runs  goals"), "{table}");
    assert!(rows[0].contains("rate  95% interval (Wilson)") && rows[0].ends_with("worth"), "{table}");
    assert!(
        rows[1].starts_with("  case 50%   SMS: Thank you!") && rows[3].starts_with("  otherwise  Tag: quiet"),
        "{table}"
    );
    // Numbers end below the end of their heading.
    for column in ["runs", "goals", "rate", "(Wilson)", "worth"] {
        let end = rows[0].find(column).unwrap() + column.len();
        let cells: Vec<Vec<char>> = rows[1..].iter().map(|row| row.chars().collect()).collect();
        for cell in &cells {
            let is_end = cell.get(end - 1).is_some_and(|c| *c != ' ') && cell.get(end).is_none_or(|c| *c == ' ');
            // The sign of the euro has three bytes, but it is before the end of its own column only.
            assert!(is_end, "{column}: {table}");
        }
    }
    assert!(text.contains("in no_goal: the funnel has no `goal` to compare"), "{text}");
    // A split whose shares are 100% has no `otherwise`.
    let (_, table) = text.split_once("to compare\n").unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert_eq!(rows.len(), 3, "{table}");
    assert!(rows[1].starts_with("  case 50%  Tag: a") && rows[2].starts_with("  case 50%  Tag: b"), "{table}");
    let page = split_of(200, "html");
    assert!(page.contains("<h3>Split `words` in words</h3>") && page.contains("<div class=\"wide\"><table>"), "{page}");
    for cell in ["<th>95% interval (Wilson)</th>", "<td>SMS: Thank you!</td>", "<td class=\"number\">"] {
        assert!(page.contains(cell), "{cell}: {page}");
    }
    // A run that is not there has no rate.
    assert!(!split_of(0, "json").contains("variant"));
}

/// The names of the paths of the only split of a funnel.
fn names_of(text: &str, language: Language) -> Vec<String> {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let compiled = funnelc::compile(&mut sources, &[file], &Context::default());
    let variants = Variants::new(compiled.graphs.iter().map(|graph| &**graph), language);
    let [split] = variants.results() else { panic!("{text} has no split, or several") };
    split.paths.iter().map(|path| path.name.clone()).collect()
}

#[test]
fn paths_of_equal_shares_have_different_names() {
    let split = |paths: &str| format!("on visit -> split {{ {paths} }} -> send sms \"Bye\"");
    let names = |paths: &str| names_of(&split(paths), Language::English);
    let halves = r#"case 50% -> wait 1h -> send sms "One {{ client.name | default("x") }}" case 50% -> tag "t""#;
    assert_eq!(names(halves), ["SMS: One [name]", "Tag: t"]);
    // The author's label comes first; what follows the split belongs to no path.
    assert_eq!(names(r#"case 50% -> short: send sms "Hi" case 50% -> goto next"#), ["short", "no step of its own"]);
    let same = "a beginning that is the same in both of these messages";
    let long = names(&format!("case 50% -> send sms \"{same} 1\" case 50% -> send sms \"{same} 2\""));
    assert_eq!(long, [format!("SMS: {same} 1"), format!("SMS: {same} 2")]);
    let cut = names(&format!("case 50% -> send sms \"{same}\" otherwise -> send sms \"Hi\""));
    assert_eq!(cut, ["SMS: a beginning that is the same in bo…", "SMS: Hi"]);
    assert_eq!(names(r#"case 50% -> send sms "Hi" case 50% -> send sms "Hi""#), ["1. SMS: Hi", "2. SMS: Hi"]);
    let russian = names_of(&split(r#"case 50% -> wait 1h -> tag "a" case 50% -> tag "b""#), Language::Russian);
    assert_eq!(russian, ["Подождать 1 час", "Тег: b"]);
}

#[test]
fn results_of_a_split_are_in_russian_too() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name).display().to_string();
    let text = "funnel f { goal on purchase worth amount on visit -> split \"s\" { case 99% -> tag \"a\" otherwise -> tag \"b\" } -> wait 1h }";
    std::fs::write(place("a.funnel"), text).unwrap();
    let visit = |n: usize| {
        event("visit").client(&format!("c{n}")).at("2026-03-01T10:00:00Z").data(json!({"id": format!("v{n}")}))
    };
    std::fs::write(place("e.ndjson"), (0..3).map(visit).collect::<Vec<_>>().join("\n")).unwrap();
    let shown = run_funnelc(["simulate", &place("a.funnel"), "--events", &place("e.ndjson"), "--lang", "ru"]);
    let (_, table) = shown.out.split_once("\nsplit `s` в воронке f\n").unwrap();
    let rows: Vec<&str> = table.lines().collect();
    assert!(rows[0].contains("95% интервал (Уилсон)") && rows[2].starts_with("  иначе     Тег: b"), "{table}");
}

#[test]
fn the_interval_is_that_of_wilson() {
    let path =
        |entered, goals| PathResult { percent: None, name: String::new(), entered, goals, worth: Default::default() };
    let near = |found: Option<(f64, f64, f64)>, wanted: (f64, f64, f64)| {
        let found = found.unwrap();
        assert!((found.0 - wanted.0).abs() < 0.0005, "{found:?}");
        assert!((found.1 - wanted.1).abs() < 0.0005 && (found.2 - wanted.2).abs() < 0.0005, "{found:?}");
    };
    // Values from R: prop.test(10, 100, correct = FALSE) and the like.
    near(path(100, 10).rate(), (0.1, 0.0552, 0.1744));
    near(path(10, 0).rate(), (0.0, 0.0, 0.2775));
    near(path(10, 10).rate(), (1.0, 0.7225, 1.0));
    assert_eq!(path(0, 0).rate(), None);
}
