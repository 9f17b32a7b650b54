//! Compares pages as mail programs read them.

use std::collections::{BTreeMap, BTreeSet};

/// A page as a list of tags, texts and rules, without what makes no difference to a reader: blanks, the order of
/// attributes and of rules, names of generated ids, and the ends of conditions that begin again at once.
pub(crate) fn normal_form(html: &str) -> Vec<String> {
    let mut items: Vec<String> = Vec::new();
    let mut rest = html;
    while !rest.is_empty() {
        let (item, after) = if let Some(comment) = rest.strip_prefix("<!--[if ") {
            let (condition, after) = comment.split_once(']').unwrap();
            let after = after.strip_prefix("><!-->").or_else(|| after.strip_prefix('>')).unwrap();
            (format!("[if {condition}]"), after)
        } else if let Some(after) = rest.strip_prefix("<![endif]-->").or_else(|| rest.strip_prefix("<!--<![endif]-->"))
        {
            ("[end]".to_owned(), after)
        } else if rest.starts_with("<!--") {
            (String::new(), rest.split_once("-->").unwrap().1)
        } else if rest.starts_with('<') && !rest.starts_with("< ") {
            let end = tag_end(rest);
            (tag(&rest[1..end - 1]), &rest[end..])
        } else {
            let end = rest.char_indices().skip(1).find(|(_, c)| *c == '<').map_or(rest.len(), |(at, _)| at);
            let text = rest[..end].split_whitespace().collect::<Vec<_>>().join(" ");
            (text, &rest[end..])
        };
        rest = after;
        let style = item.starts_with("<style");
        match item.strip_prefix("[if ") {
            _ if item.is_empty() => {}
            // A condition around nothing.
            None if item == "[end]" && items.last().is_some_and(|last| last.starts_with("[if ")) => _ = items.pop(),
            Some(_) if items.last().is_some_and(|last| last == "[end]") && reopens(&items, &item) => _ = items.pop(),
            Some(_) | None => items.push(item),
        }
        if style {
            let (css, after) = rest.split_once("</style>").unwrap();
            items.extend(rules(css));
            items.push("</style>".to_owned());
            rest = after;
        }
    }
    items
}

/// Whether a condition is the one that was left last.
fn reopens(items: &[String], condition: &str) -> bool {
    items.iter().rev().find(|item| item.starts_with("[if ")).is_some_and(|last| last == condition)
}

/// Where a tag ends: at a `>` that is not in quotes.
fn tag_end(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '>' => return at + 1,
            None if c == '"' || c == '\'' => quote = Some(c),
            Some(_) | None => {}
        }
    }
    panic!("a tag does not end: {text}")
}

fn tag(inside: &str) -> String {
    let inside = inside.trim_end_matches('/').trim();
    let name = inside.split_whitespace().next().unwrap_or("").to_lowercase();
    let mut attributes = BTreeMap::new();
    let mut rest = inside[name.len()..].trim_start();
    while !rest.is_empty() {
        let end = rest.find(|c: char| c.is_whitespace() || c == '=').unwrap_or(rest.len());
        let key = rest[..end].to_lowercase();
        rest = rest[end..].trim_start();
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            let after = after.trim_start();
            let quote = after.chars().next().unwrap();
            assert!(quote == '"' || quote == '\'', "{inside}");
            (value, rest) = after[1..].split_once(quote).unwrap();
            rest = rest.trim_start();
        }
        let value = value.replace("&quot;", "\"");
        let value = match key.as_str() {
            "style" => declarations(&value),
            "id" | "for" | "name" => class(&value),
            "class" => {
                value.split_whitespace().map(class).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
            }
            _ => value.split_whitespace().collect::<Vec<_>>().join(" "),
        };
        // An attribute that no mail program reads.
        let ignored = (name == "td" && key == "vertical-align")
            || (value.is_empty() && ["class", "style"].contains(&key.as_str()));
        if !ignored {
            attributes.entry(key).or_insert(value);
        }
    }
    let attributes = attributes.iter().map(|(key, value)| format!(" {key}={value:?}"));
    format!("<{name}{}>", attributes.collect::<String>())
}

/// A class without the digits of a width that a number of 32 bits does not have.
fn class(name: &str) -> String {
    let mut parts: Vec<String> = name.split('-').map(str::to_owned).collect();
    if name.starts_with("mj-column-per-") && parts.len() == 5 {
        parts[4].truncate(3);
    }
    if let Some(id) = parts.iter_mut().find(|part| part.len() >= 8 && part.bytes().all(|b| b.is_ascii_hexdigit())) {
        *id = "ID".to_owned();
    }
    parts.join("-")
}

fn declarations(style: &str) -> String {
    let mut list: Vec<String> = Vec::new();
    let (mut start, mut depth) = (0, 0);
    for (at, c) in style.char_indices().chain([(style.len(), ';')]) {
        match c {
            '(' => depth += 1,
            ')' => depth -= 1,
            ';' if depth == 0 => {
                list.push(declaration(css(&style[start..at])));
                start = at + 1;
            }
            _ => {}
        }
    }
    // The default, and what every page says of all its images.
    list.retain(|one| !one.is_empty() && one != "word-spacing:normal" && one != "border:0");
    list.sort_by(|a, b| a.split(':').next().cmp(&b.split(':').next()));
    list.join(";")
}

/// A declaration with the words of a border in one order.
fn declaration(css: String) -> String {
    match css.split_once(':') {
        Some((name, value)) if name.starts_with("border") && !name.contains("radius") => {
            let words: BTreeSet<&str> = value.split(' ').collect();
            format!("{name}:{}", words.into_iter().collect::<Vec<_>>().join(" "))
        }
        Some(_) | None => css,
    }
}

fn css(text: &str) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let dense = ["{", "}", ":", ";", ",", "+", ">", "!"]
        .iter()
        .fold(words, |text, sign| text.replace(&format!(" {sign}"), sign).replace(&format!("{sign} "), sign));
    dense.replace(":0px", ":0").replace(" 0px", " 0")
}

/// The rules of a style, sorted.
fn rules(style: &str) -> Vec<String> {
    let text = without_ids(&css(style).replace(";}", "}"));
    let mut rules: Vec<String> = Vec::new();
    for rule in text.split_inclusive('}') {
        let name = |rule: &str| rule.split_inclusive(['.', '{']).map(class_in_rule).collect::<String>();
        if rule != "}" {
            rules.push(name(rule));
        }
    }
    // What wraps the rules comes with whichever is first.
    let wrapped = rules.iter().position(|rule| rule.starts_with("@media"));
    if let Some((media, rule)) =
        wrapped.and_then(|at| rules[at].clone().split_once('{').map(|(m, r)| (m.to_owned(), r.to_owned())))
    {
        rules[wrapped.unwrap()] = rule;
        rules.push(media);
    }
    rules.sort();
    rules
}

/// A text without the numbers that a compiler gives its carousels.
fn without_ids(text: &str) -> String {
    let mut parts = text.split("mj-carousel-");
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |text, part| {
        let digits = part.find(|c: char| !c.is_ascii_hexdigit()).unwrap_or(part.len());
        let rest = if digits >= 8 { format!("ID{}", &part[digits..]) } else { part.to_owned() };
        format!("{text}mj-carousel-{rest}")
    })
}

fn class_in_rule(part: &str) -> String {
    part.strip_suffix('{').map_or_else(|| part.to_owned(), |name| class(name) + "{")
}

/// An item without its numbers, and its numbers.
struct Parts {
    words: String,
    numbers: Vec<f64>,
}

impl Parts {
    fn of(item: &str) -> Self {
        let digits = |c: char| c.is_ascii_digit() || c == '.';
        let words = item.split(digits).filter(|part| !part.is_empty()).collect::<Vec<_>>().join("0");
        Self { words, numbers: item.split(|c| !digits(c)).filter_map(|number| number.parse().ok()).collect() }
    }

    /// Whether the items say the same: numbers may differ by less than one, because some compilers round pixels.
    fn same(&self, other: &Self) -> bool {
        let mut both = self.numbers.iter().zip(&other.numbers);
        self.words == other.words && self.numbers.len() == other.numbers.len() && both.all(|(a, b)| (a - b).abs() < 1.0)
    }
}

/// The items that only one page has.
pub(crate) fn differences(theirs: &[String], ours: &[String]) -> Vec<String> {
    let parts = |items: &[String]| items.iter().map(|item| Parts::of(item)).collect::<Vec<_>>();
    let (a, b) = (parts(theirs), parts(ours));
    if a.len() == b.len() && a.iter().zip(&b).all(|(a, b)| a.same(b)) {
        return Vec::new();
    }
    let mut best = vec![vec![0_u32; ours.len() + 1]; theirs.len() + 1];
    for i in (0..theirs.len()).rev() {
        for j in (0..ours.len()).rev() {
            best[i][j] = if a[i].same(&b[j]) { best[i + 1][j + 1] + 1 } else { best[i + 1][j].max(best[i][j + 1]) };
        }
    }
    let (mut i, mut j, mut found) = (0, 0, Vec::new());
    while i < theirs.len() || j < ours.len() {
        if i < theirs.len() && j < ours.len() && a[i].same(&b[j]) {
            (i, j) = (i + 1, j + 1);
        } else if j == ours.len() || (i < theirs.len() && best[i + 1][j] >= best[i][j + 1]) {
            found.push(format!("mjml {}", theirs[i]));
            i += 1;
        } else {
            found.push(format!("ours {}", ours[j]));
            j += 1;
        }
    }
    found
}

#[test]
fn what_mail_programs_read_alike_is_equal() {
    let equal = |a: &str, b: &str| assert_eq!(differences(&normal_form(a), &normal_form(b)), [""; 0], "{a}\n{b}");
    let differ = |a: &str, b: &str| assert_ne!(differences(&normal_form(a), &normal_form(b)), [""; 0], "{a}\n{b}");
    equal("<p a=\"1\"  style='b: c;d:e'>x  y</p>", "<P style=\"d:e;b:c;\" a='1' class=\"\">x\ny</p>");
    equal("<p style='width:85.7px'>", "<p style='width:86px'>");
    equal("<!--[if mso]><i><![endif]--> <!--[if mso]><b><![endif]-->", "<!--[if mso]><i><b><![endif]-->");
    equal("<style>.a{x:y}.b{z:1}</style>", "<style>.b { z: 1; } .a { x: y }</style>");
    differ("<p style='width:85px'>", "<p style='width:86px'>");
    differ("<p title='a'>", "<p title='a\\n'>");
    differ("<p>x</p>", "<p>x y</p>");
    differ("<i></i><b></b>", "<b></b><i></i>");
    differ("<style>.a{x:y}</style>", "<style>.a{x:z}</style>");
    differ("<!--[if mso]><i><![endif]-->", "<i>");
}
