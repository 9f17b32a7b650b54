//! `funnelc import`: tables of other programs as events that set nothing off.

use super::support::event::event;
use super::support::played::{Played, project_folder};
use super::support::program::{Finished, run_funnelc, run_with_stdin};
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

const MOSCOW: &str = "timezone = \"Europe/Moscow\"\ncountry = \"RU\"\ncurrency = \"RUB\"\n";

const REACTS: &str = r#"
segment regulars = count(booking) >= 2

funnel reminders {
  exit on booking.cancelled
  on booking -> wait until starts_at - 1d else stop -> send sms "Soon: {{ booking.service | default("visit") }}"
}
on client -> send sms "Welcome"
on booking.attended -> send sms "Thanks"
on entering regulars -> send sms "You are a regular"
on purchase -> send sms "Enjoy"
"#;

fn import(folder: &TempDir, name: &str, text: &str, more: &[&str]) -> Finished {
    let (project, file) = (folder.path().display().to_string(), folder.path().join(name).display().to_string());
    fs::write(&file, text).unwrap();
    run_funnelc(["import", &file, "--project", &project].iter().chain(more))
}

fn events(finished: &Finished) -> Vec<Value> {
    finished.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn says(finished: &Finished, text: &str) {
    let squeezed = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(squeezed(&finished.err).contains(&squeezed(text)), "`{text}` is not in\n{}", finished.err);
}

#[test]
fn a_list_of_clients_is_guessed_shown_and_written() {
    let folder = project_folder(REACTS, MOSCOW, &[]);
    let table = "Имя;Фамилия;Телефон;Эл. почта;Дата рождения;Комментарий;Скидка;Дата регистрации\n\
        Анна;Белова;8 (999) 000-00-01;anna@example.com;20.03.1990;любит чай;5;01.02.2024\n\
        Вера;;нет;vera@example.com;20.03.90;;10;\n\
        Глеб;;;;;;;\n";
    let finished = import(&folder, "clients.csv", table, &[]);
    assert_eq!(finished.code, Some(1), "{}", finished.err);
    let written = events(&finished);
    assert_eq!(
        written,
        [
            json!({"type": "client", "client": "+79990000001", "at": "01.02.2024 00:00", "import": true, "data": {
                "name": "Анна Белова", "phone": "8 (999) 000-00-01", "email": "anna@example.com",
                "birthday": "20.03.1990", "created_at": "01.02.2024 00:00"}}),
            json!({"type": "client", "client": "vera@example.com", "import": true, "data": {
                "name": "Вера", "email": "vera@example.com"}}),
        ]
    );
    for line in [
        "clients.csv: columns as guessed",
        "Имя -> client.name Анна | Вера | Глеб",
        "Комментарий -> not read любит чай",
        "[import.clients.columns]",
        "\"Эл. почта\" = \"client.email\"",
        "client { kommentariy: text? skidka: number? }",
        "\"Скидка\" = \"client.skidka\"",
        "clients.csv:3: Телефон `нет`: not a phone number",
        "clients.csv:3: Дата рождения `20.03.90`: not a date",
        "clients.csv:4: no id, phone number or email address says whose row it is",
        "3 rows, 2 events, 3 values or rows not read",
    ] {
        says(&finished, line);
    }
}

#[test]
fn english_and_german_columns_are_guessed_for_bookings_and_purchases() {
    let folder = project_folder(REACTS, "timezone = \"Europe/Berlin\"\ncountry = \"DE\"\ncurrency = \"EUR\"\n", &[]);
    let table = "Termin-ID,Datum,Uhrzeit,Kunde,Handy,Leistung,Mitarbeiter,Preis,Erschienen\n\
        17,02.03.2024,10:00,Anna Beck,0170 0000001,Schnitt,Mia,\"35,50 €\",ja\n";
    let finished = import(&folder, "termine.csv", table, &[]);
    let written = events(&finished);
    assert_eq!(written[0]["data"], json!({"name": "Anna Beck", "phone": "0170 0000001"}), "{}", finished.err);
    assert_eq!(
        written[1],
        json!({"type": "booking", "client": "+491700000001", "import": true, "at": "02.03.2024 10:00", "data": {
            "id": "17", "starts_at": "02.03.2024 10:00", "service": "Schnitt", "specialist": "Mia",
            "price": "35.50 EUR", "attended": true}})
    );
    let table = "Receipt\tDate\tTotal\tItems\tEmail\n900\t2026-03-02\t1 200,00\tsoap, brush\tAnna@Example.com\n";
    let finished = import(&folder, "sales.tsv", table, &[]);
    assert_eq!(
        events(&finished)[1],
        json!({"type": "purchase", "client": "Anna@example.com", "import": true, "at": "2026-03-02 00:00", "data": {
            "id": "900", "amount": serde_json::from_str::<Value>("1200.00").unwrap(), "items": ["soap", "brush"]}}),
        "{}",
        finished.err
    );
}

#[test]
fn the_project_file_says_what_columns_mean_for_import_and_for_events() {
    let map = "[import.visitors.columns]\n\"Who\" = \"client.id\"\n\"Mobile\" = \"client.phone\"\n\
        \"Day\" = \"visit.at\"\n\"Hour\" = \"visit.at\"\n\"No\" = \"visit.id\"\n\"What\" = \"visit.service\"\n";
    let folder =
        project_folder("on visit -> send sms \"{{ visit.service | default(\"\") }}\"", &format!("{MOSCOW}{map}"), &[]);
    let table = "No,Who,Mobile,Day,Hour,What,Else\nv2,c1,+79990000001,03.03.2026,9:00,color,x\nv1,c1,+79990000001,02.03.2026,9:00,cut,x\n";
    let finished = import(&folder, "a.csv", table, &[]);
    says(&finished, "columns as in `[import.visitors]`");
    assert_eq!(events(&finished).len(), 4, "{}", finished.err);
    let (project, file) = (folder.path().display().to_string(), folder.path().join("a.csv").display().to_string());
    let simulated = run_funnelc(["simulate", &project, "--events", &file]);
    let run = run_funnelc(["run", &project, "--events", &file, "--fast-forward", "--dry-run"]);
    assert_eq!(simulated.out, run.out, "{}{}", simulated.err, run.err);
    assert!(simulated.out.contains("\"cut\"") && simulated.out.contains("\"color\""), "{}", simulated.err);
    // The rows are sorted by time.
    assert!(simulated.out.find("cut") < simulated.out.find("color"), "{}", simulated.out);
}

#[test]
fn a_column_map_is_checked() {
    let map = "[import.clients.columns]\n\"Phone\" = \"client.fone\"\n\"Name\" = \"name\"\n[import.empty]\n";
    let folder = project_folder("on visit -> send sms \"x\"", &format!("{MOSCOW}{map}"), &[]);
    let finished = run_funnelc(["check", &folder.path().display().to_string()]);
    for text in
        ["`client.fone` is not declared", "did you mean `client.phone`?", "`Name` must mean a field", "needs `columns`"]
    {
        assert!(finished.out.contains(text), "`{text}` is not in\n{}", finished.out);
    }
}

#[test]
fn what_is_given_on_the_command_line_wins_and_nothing_is_overwritten() {
    let folder = project_folder(&format!("{REACTS}\nclient {{ note: text? }}"), MOSCOW, &[]);
    let table = "Phone,Remarks\n+79990000001,tea\n";
    let finished = import(&folder, "a.csv", table, &["--column", "Remarks=client.note"]);
    assert_eq!(events(&finished)[0]["data"]["note"], "tea", "{}", finished.err);
    let out: PathBuf = folder.path().join("out.ndjson");
    let place = out.display().to_string();
    let written = import(&folder, "a.csv", table, &["--out", &place]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""), "{}", written.err);
    let text = fs::read_to_string(&out).unwrap();
    let again = import(&folder, "a.csv", "Phone\n+79990000009\n", &["--out", &place]);
    assert_eq!(again.code, Some(2));
    says(&again, "already exists, so nothing was written");
    assert_eq!(fs::read_to_string(&out).unwrap(), text);
    for (more, reason) in [
        (&["--as", "vist"][..], "unknown event `vist`"),
        (&["--column", "Nothing=client.name"], "the header has no column `Nothing`"),
        (&["--column", "Phone"], "expected NAME=EVENT.FIELD"),
    ] {
        let refused = import(&folder, "a.csv", table, more);
        assert!(refused.code == Some(2) && refused.err.contains(reason), "{}", refused.err);
    }
    let json = import(&folder, "a.json", "{}", &[]);
    says(&json, "contains events already");
    let piped = run_with_stdin(["import", "-", "--project", &folder.path().display().to_string()], table.as_bytes());
    assert_eq!(events(&piped).len(), 1, "{}", piped.err);
}

/// The clients, bookings and purchases of another system, old and future, in two files; then something happens.
#[test]
fn reading_in_sets_off_nothing_however_often_and_in_however_many_files() {
    let import = |kind: &str, at: &str, data: Value| {
        let mut imported: Value = serde_json::from_str(&event(kind).at(at).data(data)).unwrap();
        imported["import"] = json!(true);
        imported.to_string()
    };
    let phone = "+79990000001";
    let booked = |id: &str, starts: &str| json!({"id": id, "starts_at": starts});
    let log = [
        import("client", "2026-01-01T10:00:00Z", json!({"phone": phone})),
        import("booking", "2026-01-02T10:00:00Z", booked("b1", "2026-01-05T10:00:00Z")),
        import("booking", "2026-01-06T10:00:00Z", json!({"id": "b1", "attended": true})),
        import("booking", "2026-01-07T10:00:00Z", booked("b2", "2026-05-05T10:00:00Z")),
        import("purchase", "2026-01-08T10:00:00Z", json!({"id": "p1", "amount": 5})),
        import("client", "2026-01-09T10:00:00Z", json!({"phone": phone, "city": "Kazan"})),
        import("booking", "2026-01-10T10:00:00Z", booked("b3", "2026-05-06T10:00:00Z")),
    ];
    let nothing = Played::new(REACTS, MOSCOW, &log);
    assert!(nothing.results().is_empty(), "{:?}", nothing.results());
    nothing.report("7 events, no messages");
    // A booking that really comes in is one, and what was read in counts as known.
    let mut later = log.to_vec();
    later.push(event("booking").at("2026-02-01T10:00:00Z").data(booked("b4", "2026-02-10T10:00:00Z")));
    later.push(import("booking", "2026-02-02T10:00:00Z", json!({"id": "b4", "starts_at": "2026-02-20T10:00:00Z"})));
    later.push(
        event("booking")
            .at("2026-02-03T10:00:00Z")
            .data(json!({"id": "b2", "attended": true, "starts_at": "2026-02-03T09:00:00Z"})),
    );
    assert_eq!(
        Played::new(REACTS, MOSCOW, &later).results(),
        [
            "2026-02-03 13:00 +03:00 c1 send sms +79990000001 \"Thanks\"",
            "2026-02-19 13:00 +03:00 c1 send sms +79990000001 \"Soon: visit\"",
        ]
    );
    // A cancellation that is read in keeps the reminder from being sent.
    later.push(import("booking", "2026-02-04T10:00:00Z", json!({"id": "b4", "cancelled": true})));
    assert_eq!(
        Played::new(REACTS, MOSCOW, &later).results(),
        [
            "2026-02-03 13:00 +03:00 c1 send sms +79990000001 \"Thanks\"",
            "2026-02-04 13:00 +03:00 c1 exit on booking.cancelled",
        ]
    );
}

#[test]
fn dates_of_a_table_come_once_or_every_year_by_their_type() {
    let funnel = r#"client { passport_until: date? }
        on client.passport_until - 30d at 10:00 -> send sms "ends {{ client.passport_until | date }}"
        on client.birthday at 10:00 -> send sms "Happy birthday""#;
    let folder = project_folder(funnel, MOSCOW, &[]);
    let table = "Телефон;Дата рождения;Паспорт до\n+79990000001;20.03.1990;10.06.2026\n+79990000002;;10.06.2020\n";
    let columns = ["--column", "Паспорт до=client.passport_until"];
    let imported = import(&folder, "clients.csv", table, &columns);
    let mut log: Vec<String> = imported.out.lines().map(str::to_owned).collect();
    assert_eq!(log.len(), 2, "{}", imported.err);
    // The table has no moments, so its clients become known when they are read in.
    for line in &mut log {
        let mut json: Value = serde_json::from_str(line).unwrap();
        json["at"] = json!("2026-01-01T10:00:00Z");
        *line = json.to_string();
    }
    log.push(event("visit").client("+79990000001").at("2027-12-01T10:00:00Z").data(json!({"id": "v1"})));
    let results = Played::new(funnel, MOSCOW, &log).results();
    let told = |day: &str, text: &str| format!("{day} 10:00 +03:00 +79990000001 send sms +79990000001 \"{text}\"");
    assert_eq!(
        results,
        [
            told("2026-03-20", "Happy birthday"),
            told("2026-05-11", "ends 10 June 2026"),
            told("2027-03-20", "Happy birthday"),
        ]
    );
}
