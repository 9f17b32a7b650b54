//! Splits HTML and MJML into tags, text and raw content, as mail programs do.

use std::ops::Range;

/// Elements whose content is not markup.
const RAW: [&str; 3] = ["script", "style", "mj-style"];

/// A token of the markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Token {
    /// Text between tags.
    Text(Range<usize>),
    /// The content of a `style` or `script` element, and the name of the element.
    Raw(Range<usize>, String),
    /// A comment, a declaration, or the beginning or end of a conditional comment.
    Declaration(Range<usize>),
    /// A tag.
    Tag(Tag),
}

/// `<a href="x">`, `</a>`, `<br/>`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Tag {
    /// From `<` to `>`.
    pub(super) place: Range<usize>,
    /// The name, in lower case.
    pub(super) name: String,
    /// Where the name is.
    pub(super) name_at: Range<usize>,
    /// Whether it begins with `</`.
    pub(super) closes: bool,
    /// Whether it ends with `/>`.
    pub(super) empty: bool,
    /// The attributes.
    pub(super) attributes: Vec<Attribute>,
}

/// `name="value"`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Attribute {
    /// The name, in lower case.
    pub(super) name: String,
    /// Where the name is.
    pub(super) name_at: Range<usize>,
    /// Where the value is, without quotes.
    pub(super) value: Range<usize>,
    /// Whether the value is quoted.
    pub(super) quoted: bool,
}

/// Splits markup into tokens; an unclosed one extends to the end.
pub(super) fn tokens(text: &str) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (mut at, mut words) = (0, 0);
    while let Some(step) = text.get(at..).and_then(|rest| rest.find('<')) {
        let open = at + step;
        let rest = text.get(open..).unwrap_or("");
        let token = if rest.starts_with("<!") || rest.starts_with("<?") {
            Token::Declaration(open..open + declaration_len(rest))
        } else if rest.get(1..).is_some_and(|name| begins_name(name.strip_prefix('/').unwrap_or(name))) {
            Token::Tag(tag(text, open))
        } else {
            at = open + 1;
            continue;
        };
        if words < open {
            tokens.push(Token::Text(words..open));
        }
        at = match &token {
            Token::Declaration(place) | Token::Text(place) | Token::Raw(place, _) => place.end,
            Token::Tag(tag) => tag.place.end,
        };
        let raw = match &token {
            Token::Tag(tag) if !tag.closes && !tag.empty && RAW.contains(&tag.name.as_str()) => Some(tag.name.clone()),
            Token::Tag(_) | Token::Declaration(_) | Token::Text(_) | Token::Raw(..) => None,
        };
        tokens.push(token);
        if let Some(name) = raw {
            let end = closing(text, at, &name);
            tokens.push(Token::Raw(at..end, name));
            at = end;
        }
        words = at;
    }
    if words < text.len() {
        tokens.push(Token::Text(words..text.len()));
    }
    tokens
}

/// Removes the comments that no mail program shows.
pub(super) fn without_comments(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for token in tokens(text) {
        let Token::Declaration(place) = token else { continue };
        let aside = text.get(place.clone()).unwrap_or("");
        let plain = aside.starts_with("<!--")
            && !aside.starts_with("<!--[")
            && aside != "<!-->"
            && !aside.ends_with("[endif]-->");
        if plain {
            out.push_str(text.get(at..place.start).unwrap_or(""));
            at = place.end;
        }
    }
    out + text.get(at..).unwrap_or("")
}

fn begins_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
}

/// The length of a comment or declaration. Of `<!--[if mso]>` only the condition, so that its content is read.
fn declaration_len(rest: &str) -> usize {
    let upto = |end: &str, from: usize| {
        rest.get(from..).and_then(|t| t.find(end)).map_or(rest.len(), |at| from + at + end.len())
    };
    match rest {
        _ if rest.starts_with("<!-->") => 5,
        _ if rest.starts_with("<!--[if") => upto(">", 0),
        _ if rest.starts_with("<!--") => upto("-->", 4),
        _ => upto(">", 0),
    }
}

/// Where the raw content of an element ends.
fn closing(text: &str, from: usize, name: &str) -> usize {
    let rest = text.get(from..).unwrap_or("");
    let closes = |at: usize| rest.get(at + 2..at + 2 + name.len()).is_some_and(|word| word.eq_ignore_ascii_case(name));
    let end = rest.match_indices("</").map(|(at, _)| at).find(|at| closes(*at));
    end.map_or(text.len(), |at| from + at)
}

fn tag(text: &str, open: usize) -> Tag {
    let closes = text.get(open + 1..).is_some_and(|rest| rest.starts_with('/'));
    let mut cursor = Cursor { text, at: open + if closes { 2 } else { 1 } };
    let name_at = cursor.take(|c| !c.is_ascii_whitespace() && c != '/' && c != '>');
    let mut tag = Tag {
        place: open..open,
        name: text.get(name_at.clone()).unwrap_or("").to_ascii_lowercase(),
        name_at,
        closes,
        empty: false,
        attributes: Vec::new(),
    };
    loop {
        let between = cursor.take(|c| c.is_ascii_whitespace() || c == '/');
        match cursor.peek() {
            None => break,
            Some('>') => {
                tag.empty = text.get(between).is_some_and(|between| between.ends_with('/'));
                cursor.at += 1;
                break;
            }
            Some(_) => tag.attributes.push(cursor.attribute()),
        }
    }
    tag.place = open..cursor.at;
    tag
}

/// A position in the markup.
struct Cursor<'t> {
    text: &'t str,
    at: usize,
}

impl Cursor<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Skips the characters that fit, and returns their range.
    fn take(&mut self, fits: impl Fn(char) -> bool) -> Range<usize> {
        let start = self.at;
        self.at += self.rest().find(|c| !fits(c)).unwrap_or(self.rest().len());
        start..self.at
    }

    fn attribute(&mut self) -> Attribute {
        let start = self.at;
        // A leading `=` is part of the name, as in HTML.
        self.at += usize::from(self.peek() == Some('='));
        self.take(|c| !c.is_ascii_whitespace() && !matches!(c, '/' | '>' | '='));
        let name_at = start..self.at;
        let name = self.text.get(name_at.clone()).unwrap_or("").to_ascii_lowercase();
        let after = self.at;
        self.take(|c| c.is_ascii_whitespace());
        if self.peek() != Some('=') {
            self.at = after;
            return Attribute { name, name_at, value: after..after, quoted: true };
        }
        self.at += 1;
        self.take(|c| c.is_ascii_whitespace());
        match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                self.at += 1;
                let value = self.take(|c| c != quote);
                self.at = (self.at + 1).min(self.text.len());
                Attribute { name, name_at, value, quoted: true }
            }
            _ => {
                let value = self.take(|c| !c.is_ascii_whitespace() && c != '>');
                Attribute { name, name_at, value, quoted: false }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_split_as_mail_programs_do() {
        let text = "a < b <a HREF = 'x>y' title=z disabled>c</A><br/><style>p > a { }</style ><!-- <i> --><!--[if mso]><b><![endif]-->";
        let cut: Vec<String> = tokens(text)
            .into_iter()
            .map(|token| match token {
                Token::Text(place) => format!("words {}", &text[place]),
                Token::Raw(place, name) => format!("{name} {}", &text[place]),
                Token::Declaration(place) => format!("aside {}", &text[place]),
                Token::Tag(tag) => {
                    let values: Vec<_> =
                        tag.attributes.iter().map(|a| format!("{}={}", a.name, &text[a.value.clone()])).collect();
                    format!(
                        "{}{}{} {}",
                        if tag.closes { "/" } else { "" },
                        tag.name,
                        if tag.empty { "/" } else { "" },
                        values.join(" ")
                    )
                }
            })
            .collect();
        let expected = [
            "words a < b ",
            "a href=x>y title=z disabled=",
            "words c",
            "/a ",
            "br/ ",
            "style ",
            "style p > a { }",
            "/style ",
            "aside <!-- <i> -->",
            "aside <!--[if mso]>",
            "b ",
            "aside <![endif]-->",
        ];
        assert_eq!(cut, expected);
        assert_eq!(
            without_comments("a<!-- b -->c<!--[if mso]>d<![endif]--><!--[if !mso]><!-->e<!--<![endif]-->"),
            "ac<!--[if mso]>d<![endif]--><!--[if !mso]><!-->e<!--<![endif]-->"
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_terminates(text in "([<>/&;=\"'! -]|a|style|href|\\[if|é|\\PC){0,60}") {
            let mut at = 0;
            for token in tokens(&text) {
                let place = match token {
                    Token::Text(place) | Token::Raw(place, _) | Token::Declaration(place) => place,
                    Token::Tag(tag) => tag.place,
                };
                proptest::prop_assert!(place.start >= at && place.end <= text.len() && text.get(place.clone()).is_some());
                at = place.end;
            }
        }
    }
}
