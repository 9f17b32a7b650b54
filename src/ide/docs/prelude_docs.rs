//! Translations of the prelude's doc comments. They are in `ru/prelude.md`, by the name that each comment documents.

use super::{item, item_of, lines_of};
use crate::check::{PRELUDE, Symbol};
use crate::diagnostic::Language;

/// Returns the doc comment of a name of the prelude in another language; `None` for English.
pub(super) fn translated(named: &Symbol, language: Language) -> Option<&'static str> {
    let page = match language {
        Language::English => return None,
        Language::Russian => include_str!("ru/prelude.md"),
    };
    let text = |section: &str| lines_of(page, section).find(|line| item_of(line).is_none());
    match named {
        Symbol::Client => text("client"),
        Symbol::Event(name) => text(name),
        Symbol::Field { of, name } => item(page, of, name),
        _ => None,
    }
}

/// Returns the source of the prelude with its comments in a language.
#[must_use]
pub fn prelude(language: Language) -> String {
    let page = match language {
        Language::English => return PRELUDE.to_owned(),
        Language::Russian => include_str!("ru/prelude.md"),
    };
    let (_, declarations) = PRELUDE.split_once("\n\n").unwrap_or_default();
    let mut out: String = lines_of(page, "prelude").map(|line| format!("## {line}\n")).collect();
    out += "\n";
    let (mut doc, mut owner) = (false, "");
    for line in declarations.lines() {
        if line.starts_with("## ") {
            doc = true;
            continue;
        }
        let words: Vec<&str> = line.split_whitespace().collect();
        if let ["client", ..] | ["event", ..] = words.as_slice() {
            owner = if words[0] == "client" { "client" } else { words[1] };
            let text = lines_of(page, owner).find(|line| item_of(line).is_none());
            if let Some(text) = text.filter(|_| std::mem::take(&mut doc)) {
                out += &format!("## {text}\n");
            }
        }
        let field = line.split_once("# ").and_then(|(code, _)| {
            let name = code.split(':').next()?.split_whitespace().last()?;
            Some((code, item(page, owner, name)?))
        });
        match field {
            Some((code, text)) => out += &format!("{code}# {text}\n"),
            None => out += &format!("{line}\n"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ide::docs::code_in;

    /// The commented declarations of the prelude.
    fn comments() -> Vec<(Symbol, &'static str)> {
        // The first paragraph is about the file itself.
        let (_, rest) = PRELUDE.split_once("\n\n").expect("a paragraph");
        let (mut found, mut doc, mut owner) = (Vec::new(), None, "");
        for line in rest.lines() {
            let words: Vec<&str> = line.split_whitespace().collect();
            if let Some(text) = line.strip_prefix("## ") {
                doc = Some(text);
            } else if let ["client", ..] | ["event", ..] = words.as_slice() {
                owner = if words[0] == "client" { "client" } else { words[1] };
                let named = if owner == "client" { Symbol::Client } else { Symbol::Event(owner.to_owned()) };
                found.extend(doc.take().map(|text| (named, text)));
            } else if let Some((field, text)) = line.split_once("# ") {
                let name = field.split(':').next().unwrap_or("").split_whitespace().last().unwrap_or("");
                found.push((Symbol::Field { of: owner.to_owned(), name: name.to_owned() }, text.trim()));
            }
        }
        found
    }

    #[test]
    fn every_comment_of_the_prelude_has_its_translation_with_the_same_code() {
        for (named, english) in comments() {
            let russian = translated(&named, Language::Russian);
            let russian = russian.unwrap_or_else(|| panic!("no translation of {named:?}: {english}"));
            assert_eq!(code_in(english), code_in(russian), "{named:?}");
        }
        let page = include_str!("ru/prelude.md");
        let entries = page.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).count();
        let head = lines_of(page, "prelude").count();
        assert_eq!(entries - head, comments().len(), "a translation without a comment");
    }

    #[test]
    fn the_translated_prelude_declares_the_same() {
        let code = |text: &str| -> Vec<String> {
            text.lines().map(|line| line.split('#').next().unwrap_or("").trim_end().to_owned()).collect()
        };
        assert_eq!(code(&prelude(Language::Russian)), code(PRELUDE));
    }
}
