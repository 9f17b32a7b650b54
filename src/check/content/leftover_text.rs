//! Text that was not meant to be sent. In: the text of a message. Out: diagnostics about filler text, placeholders of
//! other systems, and unreachable addresses.

use crate::check::checker::Checker;
use crate::check::context::PHONE_DIGITS;
use crate::diagnostic::{Code, Diagnostic, Phrase, Severity};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Text, TextPiece};
use std::ops::Range;

/// Filler for text that is still to be written.
const PLACEHOLDERS: &[&str] = &["TODO", "FIXME", "TBD", "Lorem ipsum", "lorem ipsum", "LOREM IPSUM"];

/// Example hosts, and hosts that only one machine can reach.
const HOSTS: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "0.0.0.0",
    "example.com",
    "example.org",
    "example.net",
    "yourdomain.com",
    "your-domain.com",
    "yoursite.com",
    "your-site.com",
    "mysite.com",
];

/// XML namespaces and the like: they look like links, but are never opened.
const NAMESPACES: &[&str] = &["www.w3.org", "schemas.", "ogp.me"];

/// The delimiters that other systems put around placeholders.
const BRACKETS: &[(&str, &str)] =
    &[("*|", "|*"), ("[[", "]]"), ("<%=", "%>"), ("${", "}"), ("#{", "}"), ("%", "%"), ("{", "}"), ("[", "]")];

/// Words that stand for a value if they are in brackets.
const BRACKETED: &[&str] =
    &["name", "first_name", "firstname", "client_name", "phone", "date", "time", "имя", "дата", "время"];

/// Text that was not meant to be sent.
struct Leftover {
    place: Range<usize>,
    message: Phrase,
    label: Phrase,
    help: Phrase,
    instead: Option<String>,
    /// Whether it is an error: nobody means it as text.
    is_error: bool,
}

impl Checker<'_> {
    /// Reports text that was not meant to be sent.
    pub(super) fn leftover_text(&mut self, text: &Text) {
        for piece in text.pieces() {
            let TextPiece::Text(words) = piece else { continue };
            let (span, raw) = (words.span, self.slice(words.span));
            let leftovers = leftovers(raw);
            let reported: Vec<Range<usize>> = leftovers.iter().map(|leftover| leftover.place.clone()).collect();
            for leftover in leftovers {
                let at = |offset| span.start + u32::try_from(offset).unwrap_or(0);
                let place = Span { start: at(leftover.place.start), end: at(leftover.place.end), ..span };
                let mut finding =
                    Diagnostic::new(Code::UnfinishedText, place, leftover.message, leftover.label).help(leftover.help);
                finding.severity = if leftover.is_error { Severity::Error } else { Severity::Warning };
                if let Some(instead) = leftover.instead {
                    finding = finding.guess(say!("change it to `{instead}`", instead), place, instead);
                }
                self.report(finding);
            }
            self.foreign_addresses(span, &reported);
        }
    }
}

/// All leftovers in a text; of overlapping ones, the first.
fn leftovers(text: &str) -> Vec<Leftover> {
    let mut found: Vec<Leftover> = Vec::new();
    found.extend(placeholders(text));
    found.extend(foreign_placeholders(text));
    found.extend(tags(text));
    found.extend(links(text));
    found.extend(phones(text));
    found.sort_by_key(|leftover| (leftover.place.start, std::cmp::Reverse(leftover.place.end)));
    let mut end = 0;
    found.retain(|leftover| {
        let first = leftover.place.start >= end;
        end = if first { leftover.place.end } else { end };
        first
    });
    found
}

/// The places where a text contains one of some words as a whole word.
fn whole_words<'t>(text: &'t str, words: &'static [&str]) -> impl Iterator<Item = (&'static str, Range<usize>)> + 't {
    let joins = |c: char| c.is_alphanumeric() || c == '_';
    let mut inside = false;
    let begins = move |(_, c): &(usize, char)| !std::mem::replace(&mut inside, joins(*c)) && joins(*c);
    text.char_indices().filter(begins).flat_map(move |(at, _)| {
        // Comparing the first byte rejects most words cheaply.
        let first = text.as_bytes().get(at);
        words.iter().filter(move |word| word.as_bytes().first() == first).filter_map(move |word| {
            let after = text.get(at..)?.strip_prefix(word)?;
            (!after.starts_with(joins)).then(|| (*word, at..at + word.len()))
        })
    })
}

fn placeholders(text: &str) -> impl Iterator<Item = Leftover> + '_ {
    whole_words(text, PLACEHOLDERS).map(|(word, place)| Leftover {
        place,
        message: say!("`{word}` would be sent to the client", word),
        label: say!("unfinished text"),
        help: say!("replace `{word}` with the text that the client should read", word),
        instead: None,
        is_error: false,
    })
}

/// `*|FNAME|*`, `%NAME%`, `{name}`: placeholders of other systems.
fn foreign_placeholders(text: &str) -> Vec<Leftover> {
    let mut found = Vec::new();
    let begins_one = |byte: u8| BRACKETS.iter().any(|(open, _)| open.as_bytes().first() == Some(&byte));
    if !text.bytes().any(begins_one) {
        return found;
    }
    for (open, close) in BRACKETS {
        for (at, _) in text.match_indices(open) {
            let inside = at + open.len();
            let Some((name, _)) = text.get(inside..).and_then(|rest| rest.split_once(close)) else { continue };
            let place = at..inside + name.len() + close.len();
            let words = name.trim();
            let named = words.len() >= 3
                && words.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.')
                && words.starts_with(char::is_alphabetic);
            // Words between two percent signs are plain text, as is one word between two braces with spaces.
            let value = *open != "[" || BRACKETED.contains(&words.to_lowercase().as_str());
            let tight = name == words || open.len() > 1 || (*open == "{" && words.contains('.'));
            if named && tight && value && !text.get(..at).unwrap_or("").ends_with(['{', '\\']) {
                let written = text.get(place.clone()).unwrap_or("").to_owned();
                let field = words.rsplit('.').next().unwrap_or(words).to_lowercase();
                let field = if field.ends_with("name") { "name".to_owned() } else { field };
                found.push(Leftover {
                    place,
                    message: say!("`{written}` is not a placeholder here and would be sent as is", written),
                    label: say!("sent as is"),
                    help: say!("write a placeholder as `{{{{ client.{field} | default(\"..\") }}}}`", field),
                    instead: None,
                    is_error: false,
                });
            }
        }
    }
    found
}

/// `{% if client.name %}`: tags of template languages.
fn tags(text: &str) -> impl Iterator<Item = Leftover> + '_ {
    text.match_indices("{%").filter_map(|(at, open)| {
        let (inside, _) = text.get(at + open.len()..)?.split_once("%}")?;
        let place = at..at + inside.len() + 4;
        let written = text.get(place.clone())?.to_owned();
        let instead = if_tag(inside.trim_matches(['-', '+']).trim());
        Some(Leftover {
            place,
            message: say!("`{written}` is not a placeholder here and would be sent as is", written),
            label: say!("sent as is"),
            help: match &instead {
                Some(right) => say!("write `{right}`", right),
                None => say!("values and conditions are written in `{{{{ .. }}}}`"),
            },
            is_error: instead.is_some(),
            instead,
        })
    })
}

/// The same tag in this language: `if client.name is known`.
fn if_tag(inside: &str) -> Option<String> {
    let (word, condition) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    match word {
        "if" => Some(format!("{{{{ if {} }}}}", condition.trim())),
        "elif" | "elsif" | "elseif" => Some(format!("{{{{ else if {} }}}}", condition.trim())),
        "unless" => Some(format!("{{{{ if not {} }}}}", condition.trim())),
        "else" => Some("{{ else }}".to_owned()),
        "endif" | "endunless" => Some("{{ end }}".to_owned()),
        _ => None,
    }
}

/// Unencrypted links and example hosts.
fn links(text: &str) -> Vec<Leftover> {
    let mut found = Vec::new();
    for (host, place) in whole_words(text, HOSTS) {
        let before = text.get(..place.start).unwrap_or("");
        // A longer name that ends the same way is a different host.
        if before.ends_with(['.', '-']) && !before.ends_with("www.") {
            continue;
        }
        found.push(Leftover {
            place,
            message: say!("clients cannot reach `{host}`", host),
            label: say!("no valid target"),
            help: say!(
                "write the address of your own site instead of `{host}`, or `{{{{ business.url | default(\"..\") }}}}`",
                host
            ),
            instead: None,
            is_error: false,
        });
    }
    for (at, plain) in text.match_indices("http://") {
        let place = at..at + plain.len();
        let rest = text.get(place.end..).unwrap_or("");
        if NAMESPACES.iter().chain(HOSTS).any(|host| rest.starts_with(host)) {
            continue;
        }
        found.push(Leftover {
            place,
            message: say!("browsers and mail clients mark `http://` links as unsafe"),
            label: say!("not encrypted"),
            help: say!("write `https://`"),
            instead: Some("https://".to_owned()),
            is_error: false,
        });
    }
    found
}

/// Made-up phone numbers: `+7 999 000-00-00`, `+1 555 1234567`.
fn phones(text: &str) -> Vec<Leftover> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('+') {
        let rest = text.get(at + 1..).unwrap_or("");
        let end = rest.find(|c: char| !(c.is_ascii_digit() || " -()".contains(c))).unwrap_or(rest.len());
        let written = rest.get(..end).unwrap_or("").trim_end();
        let digits: String = written.chars().filter(char::is_ascii_digit).collect();
        let made_up = digits.ends_with("0000000") || digits.ends_with("1234567") || digits.contains("23456789");
        if (PHONE_DIGITS..=15).contains(&digits.len()) && made_up {
            let place = at..at + 1 + written.len();
            let number = format!("+{written}");
            found.push(Leftover {
                place,
                message: say!("`{number}` looks like a made-up number", number),
                label: say!("not a real number"),
                help: say!(
                    "write your own number instead of `{number}`, or `{{{{ business.phone | default(\"..\") }}}}`",
                    number
                ),
                instead: None,
                is_error: false,
            });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::leftovers;

    fn found(text: &str) -> Vec<&str> {
        leftovers(text).into_iter().map(|leftover| &text[leftover.place]).collect()
    }

    #[test]
    fn leftovers_are_found_at_their_place() {
        for (text, leftover) in [
            ("TODO: write this", "TODO"),
            ("Hello *|FNAME|*!", "*|FNAME|*"),
            ("Hello %FIRSTNAME%!", "%FIRSTNAME%"),
            ("Hello {name}, hi", "{name}"),
            ("Hello ${client.name}, hi", "${client.name}"),
            ("Hello [[name]]", "[[name]]"),
            ("Hello [Name]", "[Name]"),
            ("Hello { client.name }, hi", "{ client.name }"),
            ("Hello {% include \"footer\" %}", "{% include \"footer\" %}"),
            ("See http://salon.example/a", "http://"),
            ("See http://localhost:8080/a", "localhost"),
            ("See https://www.example.com", "example.com"),
            ("Call +7 (999) 000-00-00 now", "+7 (999) 000-00-00"),
        ] {
            assert_eq!(found(text), [leftover], "{text}");
        }
    }

    #[test]
    fn words_that_only_look_alike_are_left_alone() {
        for text in [
            "50% off and 20% more",
            "{ color } {50%} and 20%}",
            "<html xmlns=\"http://www.w3.org/1999/xhtml\"><style>p{color:red}</style>",
            "https://myexample.com and https://salon.example",
            "[spam] today [link]",
            "todo list, methodology",
            "Call +7 495 120-45-67",
            "a%20b%D0%BF",
            "\\{{ name }}",
        ] {
            assert_eq!(found(text), [""; 0], "{text}");
        }
    }
}
