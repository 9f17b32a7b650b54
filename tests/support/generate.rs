//! Random programs: bytes in, the tokens of a file that parses and uses any part of the grammar out.
//!
//! Each byte picks one of several alternatives, and the simplest one when all bytes are used; a property test that
//! shrinks its bytes shrinks its program. A token that must be the first on its line begins with a line break.

/// The tokens of a file, which parse when joined by spaces, line breaks or comments.
pub(crate) fn program(bytes: &[u8]) -> Vec<String> {
    let mut maker = Maker { bytes, at: 0, tokens: Vec::new() };
    maker.item();
    while maker.more() {
        maker.item();
    }
    maker.tokens
}

/// The maximum nesting of blocks, parentheses and types.
const MAX_DEPTH: usize = 4;

struct Maker<'a> {
    bytes: &'a [u8],
    at: usize,
    tokens: Vec<String>,
}

impl Maker<'_> {
    /// A number below `n`; 0 when all bytes are used.
    fn pick(&mut self, n: usize) -> usize {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        usize::from(byte) % n
    }

    fn more(&mut self) -> bool {
        self.at < self.bytes.len() && self.pick(3) > 0
    }

    fn yes(&mut self) -> bool {
        self.pick(2) == 1
    }

    fn put(&mut self, words: &str) {
        self.tokens.extend(words.split(' ').map(str::to_owned));
    }

    /// Writes a keyword at the start of a line, and a name on the same line.
    fn head(&mut self, keyword: &str) {
        const NAMES: [&str; 5] = ["booking", "visit", "vip", "клиент", "naïve_1"];
        let name = NAMES[self.pick(NAMES.len())];
        self.whole(&format!("\n{keyword} {name}"));
    }

    /// Writes a token that may contain spaces.
    fn whole(&mut self, token: &str) {
        self.tokens.push(token.to_owned());
    }

    fn one_of(&mut self, tokens: &[&str]) {
        let token = tokens[self.pick(tokens.len())];
        self.whole(token);
    }

    /// Writes one or more, with a separator in between.
    fn several(&mut self, separator: &str, one: impl Fn(&mut Self)) {
        one(self);
        while self.more() {
            self.put(separator);
            one(self);
        }
    }

    fn maybe(&mut self, part: impl FnOnce(&mut Self)) {
        if self.yes() {
            part(self);
        }
    }

    fn name(&mut self) {
        self.one_of(&["booking", "visit", "x", "vip", "thanks", "клиент", "naïve_1"]);
    }

    fn text(&mut self) {
        self.one_of(&[
            r#""plain""#,
            r#""""#,
            r##""# is no comment, \"quoted\", \\ \n \t \{{""##,
            r#""{{client.name|upper|default("friend")}}, {{ booking . starts_at | time }}!""#,
            "\"\"\"\n    Two\n      lines, {{ client.name }}\n    \"\"\"",
            r#""{{if client.name is known}}a{{else   if vip}}{{ end.at | time }}{{else}}{{if x in [1]}}b{{end}}{{ end }}""#,
            "\"\"\"\n    Hello\n    {{ if \"{{ x }}\" == \"a\" and not vip }}\n    b\n    {{ end }}\n    \"\"\"",
        ]);
    }

    fn duration(&mut self) {
        self.one_of(&["1d", "24h", "1h30m", "3 days", "90 minutes", "2w", "1mo", "1 year"]);
    }

    fn time(&mut self) {
        self.one_of(&["10:00", "9:05", "23:59:30"]);
    }

    fn item(&mut self) {
        match self.pick(10) {
            0 => self.entry(),
            1 => self.funnel(),
            2 => {
                self.whole("\nuse \"common.funnel\"");
            }
            3 => {
                self.head("const");
                self.put("=");
                self.expr(0);
            }
            4 => {
                self.whole("\nclient {");
                self.fields();
            }
            5 => {
                self.head("event");
                self.put("{");
                self.fields();
            }
            6 => {
                self.head("segment");
                self.put("=");
                self.expr(0);
            }
            7 => self.template(),
            8 => self.action(),
            _ => self.test(),
        }
    }

    fn fields(&mut self) {
        while self.more() {
            self.maybe(|m| m.put("key"));
            self.one_of(&["id:", "at:", "status:", "if:"]);
            self.ty(0);
            self.maybe(|m| {
                m.put("later");
                m.maybe(|m| {
                    m.put("by");
                    m.expr(1);
                });
            });
        }
        self.put("}");
    }

    fn ty(&mut self, depth: usize) {
        self.several("|", |m| match m.pick(if depth < MAX_DEPTH { 3 } else { 2 }) {
            0 => m.one_of(&["text", "datetime", "money"]),
            1 => m.one_of(&[r#""new""#, r#""paid""#]),
            _ => {
                m.put("list <");
                m.ty(depth + 1);
                m.put(">");
            }
        });
        self.maybe(|m| m.put("?"));
    }

    fn template(&mut self) {
        self.one_of(&["\ntemplate sms", "\ntemplate email"]);
        self.name();
        self.maybe(|m| {
            m.put("(");
            m.several(",", Self::name);
            m.put(")");
        });
        self.put("=");
        if self.yes() { self.record() } else { self.text() }
    }

    fn action(&mut self) {
        self.head("action");
        self.put("(");
        self.maybe(|m| {
            m.several(",", |m| {
                m.one_of(&["id:", "if:"]);
                m.ty(1);
            });
        });
        self.put(")");
    }

    fn record(&mut self) {
        self.put("{");
        while self.more() {
            self.one_of(&["id:", "name:", "a_rather_long_name_of_an_entry:", "to:", "expect:"]);
            self.expr(1);
            self.put(",");
        }
        self.put("}");
    }

    fn channel(&mut self) {
        self.one_of(&["sms", "email", "telegram"]);
    }

    fn funnel(&mut self) {
        self.head("funnel");
        self.maybe(Self::text_of_a_line);
        self.put("{");
        while self.more() {
            self.setting();
        }
        while self.more() {
            self.entry();
        }
        self.put("}");
    }

    fn text_of_a_line(&mut self) {
        self.one_of(&[r#""No-show rescue""#, r#""""#, r#""a # b""#]);
    }

    fn setting(&mut self) {
        match self.pick(8) {
            0 => {
                self.one_of(&["\npurpose service", "\npurpose marketing newsletter", "\nenter always", "\nenter once"])
            }
            1 => {
                self.whole("\ntimezone");
                self.one_of_words(&["client . timezone", "\"Europe/Moscow\""]);
                self.maybe(|m| m.put("else \"Asia/Tokyo\""));
            }
            2 => {
                self.whole("\nhours");
                self.several(",", |m| {
                    m.maybe(|m| {
                        m.one_of_words(&["monday", "monday .. friday", "monday , wednesday .. friday"]);
                    });
                    m.time();
                    m.put("..");
                    m.time();
                });
            }
            3 => {
                self.whole("\nenter once");
                self.put("per");
                self.expr(1);
            }
            4 => {
                self.whole("\nenter again");
                self.put("after");
                self.duration();
            }
            5 => {
                self.whole("\nlimit 2");
                self.channel();
                self.put("per");
                self.duration();
                self.maybe(|m| m.put("else skip"));
                self.maybe_defer();
            }
            6 => {
                self.one_of(&["\nexit on", "\nupgrade migrate\nexit on"]);
                self.happenings();
                self.filter();
            }
            _ => {
                self.whole("\ngoal on");
                self.happenings();
                self.filter();
                self.maybe(|m| {
                    m.put("within");
                    m.duration();
                });
                self.maybe(|m| {
                    m.put("worth");
                    m.expr(1);
                });
            }
        }
    }

    fn maybe_defer(&mut self) {
        if self.tokens.last().is_some_and(|last| last != "skip") {
            self.maybe(|m| {
                m.put("else defer up to");
                m.duration();
            });
        }
    }

    fn one_of_words(&mut self, phrases: &[&str]) {
        let phrase = phrases[self.pick(phrases.len())];
        self.put(phrase);
    }

    fn events(&mut self) {
        self.several("or", Self::event);
    }

    fn event(&mut self) {
        self.name();
        self.maybe(|m| m.one_of_words(&[". updated", ". status", ". on"]));
    }

    fn happenings(&mut self) {
        self.several("or", |m| {
            if m.pick(4) > 0 {
                return m.event();
            }
            m.one_of_words(&["entering", "leaving"]);
            m.name();
        });
    }

    /// Writes the rest of a list of events after the first name.
    fn or_events(&mut self) {
        self.maybe(|m| m.put(". updated"));
        self.maybe(|m| {
            m.put("or");
            m.events();
        });
    }

    fn filter(&mut self) {
        self.maybe(|m| {
            m.put("where");
            m.expr(1);
        });
    }

    fn alias(&mut self) {
        self.maybe(|m| {
            m.put("as");
            m.name();
        });
    }

    fn entry(&mut self) {
        match self.pick(6) {
            0 => {
                self.head("on");
                self.or_events();
                self.alias();
                self.filter();
                self.maybe(|m| {
                    m.put("while");
                    m.expr(1);
                });
            }
            1 => {
                self.one_of(&["\non entering", "\non leaving"]);
                self.name();
            }
            2 => {
                self.whole("\non no");
                self.name();
                self.put("for");
                self.duration();
            }
            3 => {
                self.whole("\non client");
                self.put(". birthday");
                self.maybe(|m| {
                    m.put("-");
                    m.duration();
                });
                self.put("at");
                self.time();
            }
            4 => {
                self.one_of(&["\nevery day", "\nevery monday", "\nevery monday, thursday"]);
                self.time();
                self.maybe(|m| m.put("for vip"));
            }
            _ => {
                self.one_of(&["\nevery \"RRULE:FREQ=MONTHLY;BYDAY=1MO\"", "\nevery 2w", "\nevery 3 days"]);
            }
        }
        self.put("->");
        self.chain(0);
    }

    fn chain(&mut self, depth: usize) {
        self.several("->", |m| m.step(depth));
    }

    fn block(&mut self, depth: usize) {
        self.put("{");
        self.chain(depth + 1);
        self.put("}");
    }

    fn or_else(&mut self, depth: usize) {
        if depth < MAX_DEPTH {
            self.maybe(|m| {
                m.put("else");
                m.block(depth);
            });
        }
    }

    #[allow(clippy::too_many_lines, reason = "one short arm an element")]
    fn step(&mut self, depth: usize) {
        self.maybe(|m| m.one_of_words(&["rebook:", "wait:"]));
        let kinds = if depth < MAX_DEPTH { 19 } else { 12 };
        match self.pick(kinds) {
            0 => self.put("stop"),
            1 => {
                self.put("wait");
                self.duration();
                self.maybe(|m| {
                    m.put("at");
                    m.time();
                });
            }
            2 => {
                self.put("wait until");
                self.expr(1);
                self.maybe(|m| {
                    m.put("at");
                    m.time();
                });
                self.maybe(|m| m.one_of_words(&["else skip", "else stop"]));
            }
            3 => {
                self.put("set client . city");
                self.one_of(&["=", "+=", "-="]);
                self.expr(0);
            }
            4 => {
                self.one_of(&["tag", "untag"]);
                self.text_of_a_line();
            }
            5 => {
                self.put("task");
                self.text();
                self.maybe(|m| m.put("for \"manager\""));
                self.maybe(|m| {
                    m.put("due");
                    m.duration();
                });
            }
            6 => {
                self.put("emit");
                self.name();
                self.maybe(Self::record);
            }
            7 => {
                self.one_of(&["start", "goto", "stop"]);
                self.name();
            }
            8 => {
                self.put("if");
                self.expr(0);
            }
            9 => {
                self.put("wait for");
                self.happenings();
                self.alias();
                self.filter();
                self.maybe(|m| {
                    m.put("up to");
                    m.expr(2);
                });
            }
            10 => self.send(depth),
            11 => self.call(depth),
            12 => self.condition(depth),
            13 => {
                self.put("wait until");
                self.expr(1);
                self.put("else");
                self.block(depth);
            }
            14 => {
                self.put("wait for");
                self.happenings();
                self.put("up to 3d");
                if self.pick(3) == 0 {
                    return self.one_of_words(&["else stop", "else skip"]);
                }
                self.block(depth);
                self.or_else(depth);
            }
            15 => {
                self.put("match");
                self.expr(1);
                self.cases(depth, |m| m.several(",", |m| m.expr(2)));
            }
            16 => {
                self.put("split");
                self.maybe(Self::text_of_a_line);
                self.cases(depth, |m| m.one_of(&["50%", "33.3%"]));
            }
            17 => {
                self.put("parallel {");
                self.put("path ->");
                self.chain(depth + 1);
                while self.more() {
                    self.put("path ->");
                    self.chain(depth + 1);
                }
                self.put("}");
            }
            _ => {
                self.put("repeat 3 times");
                self.block(depth);
            }
        }
    }

    fn send(&mut self, depth: usize) {
        self.put("send");
        self.channel();
        match self.pick(4) {
            0 => {}
            1 => self.name(),
            2 => self.text(),
            _ => self.record(),
        }
        self.maybe(|m| {
            m.put("to");
            m.expr(2);
        });
        self.or_else(depth);
    }

    fn call(&mut self, depth: usize) {
        if self.yes() {
            self.put("call \"https://example.org\"");
            self.maybe(Self::record);
        } else {
            self.put("do");
            self.name();
            self.put("(");
            self.maybe(|m| {
                m.several(",", |m| {
                    m.one_of(&["id:", "name:"]);
                    m.expr(2);
                });
            });
            self.put(")");
        }
        self.or_else(depth);
    }

    fn condition(&mut self, depth: usize) {
        self.put("if");
        self.expr(0);
        self.block(depth);
        while self.more() {
            self.put("else if");
            self.expr(1);
            self.block(depth);
        }
        self.or_else(depth);
    }

    fn cases(&mut self, depth: usize, head: impl Fn(&mut Self)) {
        self.put("{");
        loop {
            self.put("case");
            head(self);
            self.put("->");
            self.chain(depth + 1);
            if !self.more() {
                break;
            }
        }
        self.maybe(|m| {
            m.put("otherwise ->");
            m.chain(depth + 1);
        });
        self.put("}");
    }

    fn test(&mut self) {
        self.whole("\ntest \"a no-show is called\"");
        self.put("{");
        while self.more() {
            match self.pick(5) {
                0 => {
                    self.put("client");
                    self.record();
                }
                1 => {
                    self.put("at");
                    self.one_of(&["2026-03-01 10:00", "2026-03-01 9:30"]);
                    self.name();
                    self.record();
                }
                2 => self.put("expect nothing else"),
                3 => self.put("until 2026-04-01"),
                _ => {
                    self.put("expect");
                    self.maybe(|m| {
                        m.put("at");
                        m.whole("2026-03-02 10:00");
                    });
                    self.one_of_words(&["send sms", "no send email", "task", "exit", "send sms thanks"]);
                    self.maybe(|m| m.put("containing \"Anna\""));
                }
            }
        }
        self.put("}");
    }

    fn expr(&mut self, depth: usize) {
        self.operand(depth);
        while self.at < self.bytes.len() && self.pick(4) == 1 {
            self.operator();
            self.operand(depth);
        }
        if self.pick(6) == 1 {
            self.one_of_words(&["is known", "is missing"]);
        }
    }

    fn operator(&mut self) {
        self.one_of_words(&["and", "or", "+", "-", "*", "/"]);
    }

    fn operand(&mut self, depth: usize) {
        match self.pick(if depth < MAX_DEPTH { 16 } else { 10 }) {
            0 => self.name(),
            1 => self.one_of(&["1", "50_000", "1.5", "50%"]),
            2 => self.one_of(&["5000 RUB", "1_000 EUR"]),
            3 => self.duration(),
            4 => self.one_of(&["10:00", "2026-03-08", "2026-03-08 9:00", "now", "today"]),
            5 => self.one_of(&["true", "false"]),
            6 => self.text(),
            7 => self.put("booking . starts_at"),
            8 => self.one_of_words(&["tomorrow 10:00", "monday 9:00", "sunday"]),
            9 => self.put("[ ]"),
            10 => {
                self.put("(");
                self.expr(depth + 1);
                self.put(")");
            }
            11 => {
                self.put("not");
                self.operand(depth + 1);
            }
            12 => {
                self.put("-");
                self.operand(depth + 1);
            }
            13 => self.history(depth),
            14 => {
                self.put("[");
                self.several(",", |m| m.expr(depth + 1));
                self.put("]");
            }
            _ => {
                self.put("(");
                self.operand(depth + 1);
                self.one_of_words(&["==", "!=", "<", "<=", ">", ">=", "in", "contains", "starts with", "matches"]);
                self.operand(depth + 1);
                self.put(")");
            }
        }
    }

    fn history(&mut self, depth: usize) {
        self.one_of(&["count", "sum", "last"]);
        self.put("(");
        self.name();
        self.maybe(|m| m.put(". amount"));
        self.maybe(|m| {
            m.put("in last");
            m.duration();
        });
        self.maybe(|m| {
            m.put("where");
            m.expr(depth + 1);
        });
        self.put(")");
    }
}
