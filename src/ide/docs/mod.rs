//! Documentation of names, keywords and values. The texts are in `builtin.md` and `keyword/`, their translations in `ru/`.

pub(super) mod builtin_docs;
mod describe;
mod hover;
mod keyword_docs;
mod prelude_docs;

pub(super) use describe::declared_by;
pub use hover::Hover;
pub(super) use hover::{sms_parts, sms_room};
pub use keyword_docs::keyword_docs;
pub use prelude_docs::prelude;

/// Finds the text of an item "- `name`: text" in a section of a page.
fn item(page: &'static str, section: &str, name: &str) -> Option<&'static str> {
    let lines = lines_of(page, section);
    lines.filter_map(item_of).find(|(known, _)| *known == name).map(|(_, text)| text)
}

/// Splits a line "- `name`: text".
fn item_of(line: &'static str) -> Option<(&'static str, &'static str)> {
    line.strip_prefix("- `")?.split_once("`: ")
}

/// The lines between the heading of a section and the next one.
fn lines_of(page: &'static str, section: &str) -> impl Iterator<Item = &'static str> {
    let is_heading = move |line: &&str| line.strip_prefix("## ") == Some(section);
    let lines = page.lines().skip_while(move |line| !is_heading(line)).skip(1);
    lines.take_while(|line| !line.starts_with("## ")).filter(|line| !line.is_empty())
}

/// The code in backticks, sorted.
#[cfg(test)]
fn code_in(text: &'static str) -> Vec<&'static str> {
    let mut code: Vec<&str> = text.split('`').skip(1).step_by(2).collect();
    code.sort_unstable();
    code
}
