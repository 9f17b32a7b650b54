//! Generates event logs from bytes: a few clients in the weeks around a clock change, with bookings made, moved, cancelled,
//! kept and answered late, visits, purchases, orders, and duplicate and late events.

use super::choices::Choices;
use funnelc::value::{Timestamp, Zone};

/// The lines of an event log, including some that an engine rejects.
pub(crate) fn life(bytes: &[u8]) -> Vec<String> {
    let mut generator = Generator { choices: Choices::new(bytes), minute: 0, events: Vec::new() };
    for client in 0..CLIENTS {
        generator.add_client(client);
    }
    while generator.choices.more() {
        generator.add_event();
    }
    generator.events
}

/// The number of clients.
const CLIENTS: usize = 2;

/// 2026-03-26 08:00 UTC, three days before Berlin's clocks go forward.
const START_MS: i64 = 1_774_512_000_000;

struct Generator<'a> {
    choices: Choices<'a>,
    /// Minutes since the start.
    minute: i64,
    events: Vec<String>,
}

impl Generator<'_> {
    fn at(minute: i64) -> String {
        Zone::UTC.rfc3339(Timestamp(START_MS + minute * 60_000))
    }

    fn add(&mut self, kind: &str, client: usize, data: &str) {
        // Some events arrive late.
        let minute = if self.choices.pick(8) == 7 { self.minute - 120 } else { self.minute };
        let (id, at) = (self.events.len(), Self::at(minute));
        self.events
            .push(format!(r#"{{"type":"{kind}","id":"e{id}","client":"c{client}","at":"{at}","data":{{{data}}}}}"#));
    }

    fn add_client(&mut self, client: usize) {
        const ZONES: [&str; 4] = [
            "",
            r#","timezone":"Asia/Vladivostok""#,
            r#","timezone":"Europe/Berlin""#,
            r#","timezone":"Australia/Lord_Howe""#,
        ];
        const CONSENTS: [&str; 3] = [r#","consent":["sms","email"]"#, "", r#","consent":["sms news"]"#];
        const BIRTHDAYS: [&str; 3] = ["", r#","birthday":"1990-03-29""#, r#","birthday":"1996-02-29""#];
        const ADDRESSES: [&str; 3] =
            [r#""phone":"+79990000000""#, r#""phone":"+79990000000","email":"anna@example.org""#, r#""name":"Boris""#];
        let address = ADDRESSES[self.choices.pick(3)];
        let (zone, consent) = (ZONES[self.choices.pick(4)], CONSENTS[self.choices.pick(3)]);
        let birthday = BIRTHDAYS[self.choices.pick(3)];
        self.add("client", client, &format!("{address}{zone}{consent}{birthday}"));
    }

    fn add_event(&mut self) {
        // Whole hours, so that events and the ends of waits often fall together.
        const STEPS: [i64; 10] = [60, 0, 0, 60, 120, 0, 30, 720, 1440, 4320];
        self.minute += STEPS[self.choices.pick(STEPS.len())];
        let client = self.choices.pick(CLIENTS);
        let no = self.choices.pick(2);
        match self.choices.pick(17) {
            0 | 1 => self.add_booking(client, no),
            2 => self.add("booking", client, &format!(r#"{},"attended":true"#, self.required_fields(client, no))),
            3 => self.add("booking", client, &format!(r#"{},"attended":false"#, self.required_fields(client, no))),
            4 => self.add("booking", client, &format!(r#"{},"cancelled":true"#, self.required_fields(client, no))),
            5 => {
                let more = ["", r#","service":"spa""#, r#","rating":5,"branch":"north""#][self.choices.pick(3)];
                self.add("visit", client, &format!(r#""id":"v{client}{no}"{more}"#));
            }
            6 => {
                let more = [r#""100 RUB""#, r#""20 RUB","status":"paid""#, r#""60 RUB","branch":"south""#];
                let more = more[self.choices.pick(3)];
                self.add("purchase", client, &format!(r#""id":"p{client}{no}","amount":{more}"#));
            }
            7 => {
                let status = ["", r#","status":"paid""#, r#","status":"void""#][self.choices.pick(3)];
                let made = Self::at(0);
                let data = format!(r#""id":"o{client}{no}","amount":"70 RUB","made_at":"{made}"{status}"#);
                self.add("order", client, &data);
            }
            8 => {
                let words = [r#""text":"a""#, r#""text":"b","score":1"#][self.choices.pick(2)];
                self.add("note", client, words);
            }
            9 => {
                let data = [
                    r#""city":"Oslo""#,
                    r#""name":"Anna""#,
                    r#""timezone":"Asia/Kathmandu""#,
                    r#""birthday":"1990-04-02""#,
                ][self.choices.pick(4)];
                self.add("client", client, data);
            }
            10 => self.add("subscription", client, r#""channel":"sms","topic":"news","source":"site""#),
            11 => {
                let target = ["", r#""channel":"sms""#, r#""channel":"email","topic":"news""#][self.choices.pick(3)];
                self.add("unsubscribed", client, target);
            }
            13 => {
                // The booking of the other client becomes this one's.
                let of = CLIENTS - 1 - client;
                self.add("booking", client, &self.required_fields(of, no));
            }
            14 => self.add("booking", client, &format!(r#""id":"p{client}{no}","service":"spa""#)),
            15 => self.add(
                "booking",
                client,
                &format!(r#""id":"p{client}{no}","starts_at":"{}""#, Self::at(self.minute + 1440)),
            ),
            16 if self.choices.pick(3) == 0 => {
                self.add("merge", client, &format!(r#""into":"c{}""#, CLIENTS - 1 - client));
            }
            12 => {
                // The same event again, perhaps long after.
                let again = self.events[self.choices.pick(self.events.len())].clone();
                self.events.push(again);
            }
            _ => {
                // Another event with a used id, which is rejected.
                let id = self.choices.pick(self.events.len());
                let at = Self::at(self.minute);
                self.events.push(format!(
                    r#"{{"type":"visit","id":"e{id}","client":"c{client}","at":"{at}","data":{{"id":"other"}}}}"#
                ));
            }
        }
    }

    /// The fields that every booking needs, in case this is its first event.
    fn required_fields(&self, client: usize, no: usize) -> String {
        format!(r#""id":"b{client}{no}","starts_at":"{}""#, Self::at(4320 + 1440 * no as i64))
    }

    fn add_booking(&mut self, client: usize, no: usize) {
        const MINUTES_AHEAD: [i64; 6] = [2880, 1440, 120, 60, -60, 11_520];
        let starts_at = Self::at(self.minute + MINUTES_AHEAD[self.choices.pick(MINUTES_AHEAD.len())]);
        let more = ["", r#","service":"spa""#, r#","service":"massage","attended":true"#][self.choices.pick(3)];
        self.add("booking", client, &format!(r#""id":"b{client}{no}","starts_at":"{starts_at}"{more}"#));
    }
}
