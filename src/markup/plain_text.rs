//! Converts HTML to plain text: the visible words, their lines and their links.
//! Own code, because crates for this build a tree of the whole page and wrap lines, which the text part of an email
//! does not need.

/// Elements whose content is not shown.
const SKIPPED: &[&str] = &["head", "script", "style", "title", "template"];
/// Elements that begin and end a line.
const BLOCK: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "body",
    "div",
    "dd",
    "dt",
    "figure",
    "footer",
    "form",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "nav",
    "ol",
    "pre",
    "section",
    "table",
    "tr",
    "ul",
];
/// Elements with an empty line before and after them.
const PARAGRAPH: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6", "p"];
/// Entities that are common in email; others are kept as written.
const ENTITIES: &[(&str, &str)] = &[
    ("amp", "&"),
    ("lt", "<"),
    ("gt", ">"),
    ("quot", "\""),
    ("apos", "'"),
    ("nbsp", "\u{a0}"),
    ("ndash", "–"),
    ("mdash", "—"),
    ("hellip", "…"),
    ("laquo", "«"),
    ("raquo", "»"),
    ("lsquo", "‘"),
    ("rsquo", "’"),
    ("ldquo", "“"),
    ("rdquo", "”"),
    ("bull", "•"),
    ("middot", "·"),
    ("copy", "©"),
    ("reg", "®"),
    ("trade", "™"),
    ("euro", "€"),
    ("pound", "£"),
    ("times", "×"),
    ("zwnj", ""),
    ("shy", ""),
];

/// Converts an HTML email to plain text.
#[must_use]
pub fn to_text(html: &str) -> String {
    let mut writer = Writer::default();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        writer.push_text(&rest[..open]);
        rest = read_markup(&rest[open..], &mut writer);
    }
    writer.push_text(rest);
    writer.finish()
}

/// Reads the tag or comment at the front of `text`, which begins with `<`, and returns what follows it.
fn read_markup<'t>(text: &'t str, writer: &mut Writer) -> &'t str {
    if let Some(comment) = text.strip_prefix("<!--") {
        return comment.split_once("-->").map_or("", |(_, after)| after);
    }
    let begins = text[1..].starts_with(|c: char| c.is_ascii_alphabetic() || "/!?".contains(c));
    let Some(end) = tag_end(text).filter(|_| begins) else {
        writer.push_text("<");
        return &text[1..];
    };
    let (tag, after) = (&text[1..end], &text[end + 1..]);
    let name = tag_name(tag);
    if SKIPPED.contains(&name.as_str()) && !tag.ends_with('/') {
        return after_closing(after, &name);
    }
    if !tag.starts_with('/') && is_hidden(tag) {
        return after_element(after, &name);
    }
    writer.tag(tag, &name);
    after
}

/// Whether the element is invisible, as the preview line is.
fn is_hidden(tag: &str) -> bool {
    let style = attribute(tag, "style").unwrap_or_default().to_ascii_lowercase();
    style.split(';').any(|rule| {
        rule.split_once(':').is_some_and(|(name, value)| (name.trim(), value.trim()) == ("display", "none"))
    })
}

/// Returns what follows an element, skipping nested elements of the same name.
fn after_element<'t>(text: &'t str, name: &str) -> &'t str {
    let (mut rest, mut depth) = (text, 1);
    while let Some(open) = rest.find('<') {
        rest = &rest[open + 1..];
        let closes = rest.starts_with('/');
        if tag_name(rest) == name {
            depth = if closes { depth - 1 } else { depth + 1 };
        }
        if depth == 0 {
            return rest.split_once('>').map_or("", |(_, after)| after);
        }
    }
    ""
}

/// Where a tag ends: at the first `>` outside quotes.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| match (quote, c) {
        (None, '>') => Some(at),
        (None, '"' | '\'') => {
            quote = Some(c);
            None
        }
        (Some(open), c) if c == open => {
            quote = None;
            None
        }
        _ => None,
    })
}

fn tag_name(tag: &str) -> String {
    let letters = tag.trim_start_matches('/').chars().take_while(char::is_ascii_alphanumeric);
    letters.collect::<String>().to_ascii_lowercase()
}

/// Returns what follows the closing tag of a skipped element; nothing if it is missing.
fn after_closing<'t>(text: &'t str, name: &str) -> &'t str {
    let lower = text.to_ascii_lowercase();
    let Some(close) = lower.find(&format!("</{name}")) else { return "" };
    text[close..].split_once('>').map_or("", |(_, after)| after)
}

/// The decoded value of an attribute.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let lower = tag.to_ascii_lowercase();
    let at = lower.match_indices(wanted).map(|(at, _)| at).find(|at| {
        let before = lower[..*at].ends_with(|c: char| c.is_ascii_whitespace() || c == '"' || c == '\'');
        before && lower[at + wanted.len()..].trim_start().starts_with('=')
    })?;
    let value = tag[at + wanted.len()..].trim_start().strip_prefix('=')?.trim_start();
    let raw = match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next()?,
        _ => value.split(|c: char| c.is_ascii_whitespace()).next()?,
    };
    Some(decode(raw))
}

/// Decodes `&name;`, `&#65;` and `&#x41;`.
fn decode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|b| b == b';');
        match end.and_then(|end| Some((character(&rest[1..end])?, end))) {
            Some((found, end)) => {
                out.push_str(&found);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

fn character(name: &str) -> Option<String> {
    if let Some(number) = name.strip_prefix('#') {
        let hex = number.strip_prefix(['x', 'X']).map(|hex| u32::from_str_radix(hex, 16));
        let code = hex.unwrap_or_else(|| number.parse()).ok()?;
        return char::from_u32(code).filter(|c| !c.is_control()).map(String::from);
    }
    ENTITIES.iter().find(|(known, _)| *known == name).map(|(_, text)| (*text).to_owned())
}

/// Collects words into lines.
#[derive(Default)]
struct Writer {
    out: String,
    /// Line breaks before the next word.
    breaks: usize,
    /// Whether a blank comes before the next word.
    blank: bool,
    /// The URL of the open link, and where its text begins.
    link: Option<(String, usize)>,
}

impl Writer {
    fn push_text(&mut self, text: &str) {
        for (i, word) in text.split(|c: char| c.is_ascii_whitespace()).enumerate() {
            self.blank |= i > 0;
            if !word.is_empty() {
                self.push_word(&decode(word));
            }
        }
    }

    fn push_word(&mut self, word: &str) {
        if self.breaks > 0 && !self.out.is_empty() {
            self.out.push_str(&"\n".repeat(self.breaks));
        } else if self.blank && !self.out.is_empty() {
            self.out.push(' ');
        }
        (self.breaks, self.blank) = (0, false);
        self.out.push_str(word);
    }

    fn tag(&mut self, tag: &str, name: &str) {
        let closes = tag.starts_with('/');
        match name {
            "br" => self.breaks = (self.breaks + 1).min(2),
            "a" if closes => self.close_link(),
            "a" => self.link = attribute(tag, "href").map(|href| (href, self.out.len())),
            "img" => self.push_text(&attribute(tag, "alt").unwrap_or_default()),
            "td" | "th" => self.blank = true,
            _ if PARAGRAPH.contains(&name) => self.breaks = 2,
            _ if BLOCK.contains(&name) => self.breaks = self.breaks.max(1),
            _ => {}
        }
        if name == "li" && !closes {
            self.push_word("-");
            self.blank = true;
        }
    }

    fn close_link(&mut self) {
        let Some((href, start)) = self.link.take() else { return };
        let worth = ["http://", "https://", "mailto:", "tel:"].iter().any(|scheme| href.starts_with(scheme));
        if worth && !self.out.get(start..).is_some_and(|words| words.contains(href.as_str())) {
            self.blank = true;
            self.push_word(&format!("({href})"));
        }
    }

    fn finish(self) -> String {
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lines_and_links_are_kept() {
        let html = "<html><head><title>T</title><style>p > a { color: red }</style></head><body>\n\
            <h1>Hello,&nbsp;Anna&#33;</h1><p>We   expect\nyou <b>to</b>morrow.<br>Come &lt;early&gt;.</p>\
            <ul><li>bring <a href=\"https://x.example/?a=1&amp;b=2\">the card</a></li><li>tea</li></ul>\
            <!-- <p>hidden</p> --><a href='https://y.example'>https://y.example</a></body></html>";
        assert_eq!(
            to_text(html),
            "Hello,\u{a0}Anna!\n\nWe expect you tomorrow.\nCome <early>.\n\n\
             - bring the card (https://x.example/?a=1&b=2)\n- tea\nhttps://y.example"
        );
    }

    #[test]
    fn hidden_elements_are_skipped() {
        let html =
            "<div style=\"display: none;max-height:0\">Soon <div>and</div> near</div><p style='color:red'>Hi</p>";
        assert_eq!(to_text(html), "Hi");
        assert_eq!(to_text("<i style=\"DISPLAY:NONE\">x"), "");
    }

    #[test]
    fn broken_markup_is_kept_as_text() {
        assert_eq!(to_text("a < b & c <p"), "a < b & c <p");
        assert_eq!(to_text("<script>alert(1)"), "");
        assert_eq!(to_text("<a href=\"x>y\">z</a> &unknown; &#xD800; é"), "z &unknown; &#xD800; é");
        assert_eq!(to_text("&#xfé;<"), "&#xfé;<");
    }

    proptest::proptest! {
        #[test]
        fn any_text_terminates(html in "([<>/&;#=\"'! -]|a|p|br|li|href|script|x41|é|\\PC){0,60}") {
            let text = to_text(&html);
            proptest::prop_assert!(text.len() <= html.len() * 3 + 8);
        }
    }
}
