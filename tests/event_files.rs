//! Event files as people have them: JSON in any arrangement, tables of spreadsheets, compressed and in other encodings.

use super::support::played::{BERLIN, project_folder, result_lines};
use super::support::program::{Finished, run_funnelc, run_with_stdin};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::fs;
use std::io::Write;
#[cfg(target_os = "linux")]
use std::path::Path;
use tempfile::TempDir;

const WELCOME: &str = r#"
on visit -> if visit.price is known and visit.price >= 10 EUR -> send sms "{{ client.name | default("") }}: {{ visit.service | default("visit") }}"
"#;

const EVENTS: [&str; 3] = [
    r#"{"type":"client","id":"k1","client":"c1","at":"2026-03-01T09:00:00+01:00","data":{"name":"Änne [}","phone":"+491700000001"}}"#,
    r#"{"type":"visit","id":"e2","client":"c1","at":"2026-03-03T10:00:00+01:00","data":{"id":"v2","service":"cut; \"dry\"","price":"1250.50 EUR"}}"#,
    r#"{"type":"visit","id":"e1","client":"c1","at":"2026-03-02T10:00:00+01:00","data":{"id":"v1","service":"color","price":"12 EUR"}}"#,
];

/// What the funnel does with these events, in order of time.
const RESULTS: [&str; 2] = [
    "2026-03-02 10:00 +01:00 c1 send sms +491700000001 \"Änne [}: color\"",
    "2026-03-03 10:00 +01:00 c1 send sms +491700000001 \"Änne [}: cut; \"dry\"\"",
];

fn folder() -> TempDir {
    project_folder(WELCOME, BERLIN, &[])
}

/// Plays a file with both commands and returns what they say.
fn play(folder: &TempDir, name: &str, bytes: &[u8]) -> (Vec<String>, Finished) {
    let (project, log) = (folder.path().display().to_string(), folder.path().join(name));
    fs::write(&log, bytes).unwrap();
    let log = log.display().to_string();
    let simulated = run_funnelc(["simulate", &project, "--events", &log]);
    let run = run_funnelc(["run", &project, "--events", &log, "--fast-forward", "--dry-run"]);
    assert_eq!(simulated.out, run.out, "{name}: {}\n{}", simulated.err, run.err);
    assert_eq!(simulated.code, run.code, "{name}: {}\n{}", simulated.err, run.err);
    (result_lines(&simulated.out), simulated)
}

fn plays(name: &str, bytes: &[u8]) {
    let (results, finished) = play(&folder(), name, bytes);
    assert_eq!(results, RESULTS, "{name}: {}", finished.err);
    assert!(finished.err.contains("3 events, 2 messages, sorted by time"), "{name}: {}", finished.err);
}

fn zipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

#[test]
fn json_is_read_however_it_is_arranged() {
    let pretty: Vec<String> = EVENTS
        .iter()
        .map(|event| serde_json::to_string_pretty(&serde_json::from_str::<Value>(event).unwrap()).unwrap())
        .collect();
    plays("lines.ndjson", EVENTS.join("\r\n").as_bytes());
    plays("array.json", format!("[{}]", EVENTS.join(",")).as_bytes());
    plays("array.json", format!("\u{feff}[\n  {}\n]\n", pretty.join(",\n  ")).as_bytes());
    plays("values.json", pretty.join("\n").as_bytes());
    plays("one-line.ndjson", EVENTS.join(" ").as_bytes());
    plays("arrays.ndjson", format!("[{},{}]\n[{}]\n", EVENTS[0], EVENTS[1], EVENTS[2]).as_bytes());
    plays("lines.ndjson.gz", &zipped(EVENTS.join("\n").as_bytes()));
    plays("lines.ndjson", &utf16(&EVENTS.join("\n")));
}

#[test]
fn errors_in_json_name_their_line() {
    let broken = [
        (
            "array.json",
            format!("[\n{},\n{{\"type\": visit}},\n{},{}\n]", EVENTS[0], EVENTS[1], EVENTS[2]),
            "array.json:3",
            2,
        ),
        (
            "deep.json",
            format!("{}\n{{\n  \"type\": \"visit\",\n  \"id\": x\n}}\n", EVENTS.join("\n")),
            "deep.json:6",
            2,
        ),
        ("cut.json", format!("[{},\n", EVENTS.join(",\n")), "cut.json:4", 2),
        ("two.ndjson", format!("{} {{\"type\":1}}\n{}\n{}", EVENTS[0], EVENTS[1], EVENTS[2]), "two.ndjson:1", 2),
    ];
    for (name, text, place, messages) in broken {
        let (results, finished) = play(&folder(), name, text.as_bytes());
        assert_eq!((results.len(), finished.code), (messages, Some(1)), "{name}: {}", finished.err);
        assert!(finished.err.contains(place), "{name}: {}", finished.err);
    }
}

/// The same events as a table.
const TABLE: &str = "type,id,client,at,name,phone,data.id,service,price\r\n\
    client,k1,c1,01.03.2026 09:00,Änne [},+49 170 0000001,,,\r\n\
    visit,e2,c1,2026-03-03T10:00:00+01:00,,,v2,\"cut; \"\"dry\"\"\",\"1.250,50 €\"\r\n\
    \r\n\
    visit,e1,c1,2026/03/02 10:00 am,,,v1,color,12 EUR\r\n";

#[test]
fn tables_are_read_as_spreadsheets_write_them() {
    let with = |sign: &str| {
        // The cell with a semicolon is quoted; the one with a comma, too.
        TABLE.split('"').enumerate().fold(String::new(), |text, (number, part)| {
            let quote = if number > 0 { "\"" } else { "" };
            text + quote + &if number % 2 == 0 { part.replace(',', sign) } else { part.to_owned() }
        })
    };
    plays("log.csv", TABLE.as_bytes());
    plays("log.csv", format!("\u{feff}{}", with(";")).as_bytes());
    plays("log.tsv", with("\t").as_bytes());
    plays("log.csv", format!("sep=;\r\n{}", with(";")).as_bytes());
    plays("log.txt", &utf16(&with("\t")));
    plays("log.csv.gz", &zipped(TABLE.as_bytes()));
    plays("log.csv", with(";").replace("\r\n", "\n").as_bytes());
}

#[test]
fn a_table_of_windows_1251_is_read_and_others_are_refused() {
    let folder = folder();
    let cyrillic = |text: &str| -> Vec<u8> {
        let byte = |c: char| if c.is_ascii() { c as u8 } else { u8::try_from(c as u32 - 0x410 + 0xC0).unwrap() };
        text.chars().map(byte).collect()
    };
    let table = "type;id;client;at;name;phone;service;price\n\
        client;k1;c1;2026-03-01 09:00;Анна;+491700000001;;\n\
        visit;v1;c1;2026-03-02 10:00;;;стрижка;12 EUR\n";
    // The key of a visit is its `id`, so it needs the longer name of the column.
    let table = table.replace("type;id;", "type;data.id;").replace("client;k1;", "client;;");
    let (results, finished) = play(&folder, "log.csv", &cyrillic(&table));
    assert_eq!(results, ["2026-03-02 10:00 +01:00 c1 send sms +491700000001 \"Анна: стрижка\""], "{}", finished.err);
    for (bytes, reason) in [
        (&b"type;client;name\nclient;c1;M\xFCller\n"[..], "neither UTF-8 nor UTF-16"),
        (b"PK\x03\x04", "a workbook, not text"),
        (b"name;phone\nAnna;1\n", "nothing says what its columns mean"),
    ] {
        let (results, finished) = play(&folder, "log.csv", bytes);
        assert_eq!((results.len(), finished.code), (0, Some(2)), "{}", finished.err);
        assert!(finished.err.contains(reason) && finished.err.contains("help: "), "{}", finished.err);
    }
    let open = format!("type;client;name\nclient;c1;\"Anna\n{}", "x\n".repeat(3 << 20));
    let (_, finished) = play(&folder, "log.csv", open.as_bytes());
    assert!(finished.code == Some(2) && finished.err.contains("a quote is probably not closed"), "{}", finished.err);
}

#[test]
fn cells_that_cannot_be_read_are_reported_with_their_line() {
    let table = "type,client,at,data.id,price,service,name\n\
        visit,c1,2026-03-02 10:00,v1,a lot,\"two\nlines\",\n\
        visit,c1,03/04/2026 10:00,v2,5 EUR,x,\n\
        client,c1,2026-03-02 10:00,,,,Anna,more\n\
        vist,c1,2026-03-02 10:00,v4,,,\n";
    let (results, finished) = play(&folder(), "log.csv", table.as_bytes());
    assert_eq!((results.len(), finished.code), (0, Some(1)), "{}", finished.err);
    for (place, reason) in [
        ("log.csv:2", "`visit.price` must be an amount"),
        ("log.csv:4", "`at` must be a date and time"),
        ("log.csv:5", "the row has more cells than the header"),
        ("log.csv:6", "unknown event `vist`"),
    ] {
        let at = finished.err.find(reason).unwrap_or_else(|| panic!("`{reason}` is not in\n{}", finished.err));
        assert!(finished.err[at..].lines().nth(1).is_some_and(|line| line.ends_with(place)), "{}", finished.err);
    }
}

#[test]
fn a_file_that_is_read_again_changes_nothing() {
    let folder = folder();
    let store = folder.path().join("again.db").display().to_string();
    let project = folder.path().display().to_string();
    for (name, bytes) in [
        ("log.csv", TABLE.replace("k1", "").replace("e1", "").into_bytes()),
        ("log.json", format!("[{}]", EVENTS.join(",").replace("\"id\":\"e1\",", "")).into_bytes()),
    ] {
        let log = folder.path().join(name);
        fs::write(&log, bytes).unwrap();
        let log = log.display().to_string();
        let play =
            || run_funnelc(["run", &project, "--events", &log, "--fast-forward", "--dry-run", "--store", &store]);
        assert!(play().err.contains("3 events"));
        let again = play();
        assert!(again.out.is_empty() && again.err.contains("3 duplicate events"), "{name}: {}", again.err);
        fs::remove_file(&store).unwrap();
    }
}

#[test]
fn standard_input_may_be_a_table_or_an_array() {
    let folder = folder();
    let project = folder.path().display().to_string();
    let in_order = [EVENTS[0], EVENTS[2], EVENTS[1]];
    let mut rows: Vec<&str> = TABLE.split("\r\n").collect();
    rows.swap(2, 4);
    for bytes in [format!("[{}]", in_order.join(",")).into_bytes(), rows.join("\n").into_bytes()] {
        let finished = run_with_stdin(["simulate", &project, "--events", "-"], &bytes);
        assert_eq!(result_lines(&finished.out), RESULTS, "{}", finished.err);
    }
}

/// A large table must not be read into memory: its size is limited while it is played.
#[test]
#[cfg(target_os = "linux")]
fn a_large_table_is_not_held_in_memory() {
    let folder = folder();
    let log = folder.path().join("log.csv");
    let mut file = std::io::BufWriter::new(fs::File::create(&log).unwrap());
    writeln!(file, "type,client,at,data.id,service").unwrap();
    for number in 0..3000 {
        writeln!(file, "visit,c1,2026-03-02 10:00,v1,{}{number}", "x".repeat(40_000)).unwrap();
    }
    file.flush().unwrap();
    drop(file);
    assert!(fs::metadata(&log).unwrap().len() > 110 << 20);
    assert!(peak_kilobytes(&log, folder.path()) < 100 << 10);
}

#[cfg(target_os = "linux")]
fn peak_kilobytes(log: &Path, project: &Path) -> u64 {
    use super::support::program::{funnelc, spawn};
    let mut child = spawn(funnelc(["simulate", "--events"]).arg(log).arg(project));
    let status = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0).max(peak);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    assert!(peak > 0);
    peak
}
