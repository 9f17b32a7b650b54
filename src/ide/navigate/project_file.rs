//! Symbols in the project file. In: its text and a symbol. Out: where the project file names it.

use crate::check::Symbol;

/// A part of a key, with its position.
struct Part<'t> {
    text: &'t str,
    start: usize,
}

/// Returns where the project file names a symbol: the settings of an action, or a default template.
pub(super) fn named(text: &str, named: &Symbol) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut table: Vec<Part<'_>> = Vec::new();
    let mut from = 0;
    for line in text.split_inclusive('\n') {
        let start = from;
        from += line.len();
        let blank = line.len() - line.trim_start().len();
        let rest = line.trim_start();
        if let Some(header) = rest.strip_prefix('[') {
            let head = header.trim_start_matches('[');
            let skipped = header.len() - head.len();
            table = keys(head, start + blank + 1 + skipped, ']');
            matched(&table, None, named, &mut found);
        } else if !rest.starts_with('#') && rest.contains('=') {
            let own = keys(rest, start + blank, '=');
            let value = value(rest, start + blank);
            let path: Vec<Part<'_>> =
                table.iter().map(|part| Part { text: part.text, start: part.start }).chain(own).collect();
            matched(&path, value, named, &mut found);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

fn matched(path: &[Part<'_>], value: Option<Part<'_>>, named: &Symbol, found: &mut Vec<(usize, usize)>) {
    let at = |n: usize| path.get(n).map(|part| part.text);
    match named {
        Symbol::Action(name) if at(0) == Some("actions") && at(1) == Some(name) => {
            found.extend(path.get(1).map(|part| (part.start, part.start + part.text.len())));
        }
        Symbol::Template { channel, name }
            if at(0) == Some("channels") && at(1) == Some(channel) && at(2) == Some("template") =>
        {
            let value = value.filter(|value| value.text == name);
            found.extend(value.map(|value| (value.start, value.start + value.text.len())));
        }
        _ => {}
    }
}

/// The parts of a dotted key, up to the character that ends it.
fn keys(text: &str, start: usize, end: char) -> Vec<Part<'_>> {
    let text = text.split(end).next().unwrap_or("");
    let mut from = start;
    let mut parts = Vec::new();
    for part in text.split('.') {
        let bare = part.trim().trim_matches(['"', '\'']);
        let offset = part.find(bare).unwrap_or(0);
        parts.push(Part { text: bare, start: from + offset });
        from += part.len() + 1;
    }
    parts
}

/// The string after `=`.
fn value(line: &str, start: usize) -> Option<Part<'_>> {
    let equals = line.find('=')?;
    let rest = line.get(equals + 1..)?;
    let open = rest.find(['"', '\''])?;
    let quote = rest.get(open..)?.chars().next()?;
    let inner = rest.get(open + 1..)?;
    let text = inner.get(..inner.find(quote)?)?;
    Some(Part { text, start: start + equals + 1 + open + 1 })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str, named: &Symbol) -> Vec<(usize, String)> {
        super::named(text, named).into_iter().map(|(start, end)| (start, text[start..end].to_owned())).collect()
    }

    #[test]
    fn actions_and_usual_templates_are_found() {
        let text = "[actions.sync]\nurl = \"https://sync\"\n[actions.\"sync\".headers]\n[actions]\nsync.secret = { env = \"X\" }\n\
                    [channels.sms]\ntemplate = \"hello\" # hello\nprovider = \"console\"\n";
        let action = Symbol::Action("sync".to_owned());
        assert_eq!(found(text, &action).len(), 3, "{:?}", found(text, &action));
        let template = |channel: &str| Symbol::Template { channel: channel.to_owned(), name: "hello".to_owned() };
        assert_eq!(found(text, &template("sms")), [(text.find("hello").expect("is there"), "hello".to_owned())]);
        assert_eq!(found(text, &template("email")), []);
    }
}
