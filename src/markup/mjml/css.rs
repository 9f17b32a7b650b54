//! Style rules, as MJML's own compiler reads them before it inlines them. In: CSS. Out: rules in the order of the text.

use super::selector::Selector;

/// `p, a.link { color: red }`, one for each selector.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Rule {
    /// What it applies to.
    pub(super) selector: Selector,
    /// What it says.
    pub(super) declarations: Vec<Declaration>,
}

/// `color: red !important`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declaration {
    /// The property.
    pub(super) name: String,
    /// The value, without `!important`.
    pub(super) value: String,
    /// Whether it is `!important`.
    pub(super) important: bool,
    /// Where it is in the text.
    pub(super) at: usize,
}

/// Reads a style. Returns its rules, and the selectors that are not supported.
pub(super) fn rules(css: &str) -> (Vec<Rule>, Vec<String>) {
    let css = without_comments(css);
    let (mut rules, mut unknown) = (Vec::new(), Vec::new());
    let mut at = 0;
    while let Some(open) = find(&css, at, &['{', ';']) {
        let head = css.get(at..open).unwrap_or("").trim();
        let is_block = css.get(open..).is_some_and(|rest| rest.starts_with('{'));
        if !is_block {
            at = open + 1;
            continue;
        }
        let end = block_end(&css, open);
        at = end + 1;
        // `@media` and the like cannot be in an attribute.
        if head.starts_with('@') {
            unknown.push(head.to_owned());
            continue;
        }
        let declarations = declarations(css.get(open + 1..end).unwrap_or(""), open + 1);
        for written in split(head, ',').map(|(_, selector)| selector.trim()).filter(|selector| !selector.is_empty()) {
            match Selector::parse(written) {
                Some(selector) => rules.push(Rule { selector, declarations: declarations.clone() }),
                None => unknown.push(written.to_owned()),
            }
        }
    }
    (rules, unknown)
}

/// Reads declarations, as in a block or in a `style` attribute, that begin at a place.
pub(super) fn declarations(text: &str, start: usize) -> Vec<Declaration> {
    let parts = split(text, ';');
    let declared = parts.filter_map(|(at, part)| {
        let (name, value) = part.split_once(':')?;
        let (name, value) = (name.trim(), value.trim());
        let plain = value.strip_suffix("!important").map(str::trim_end);
        let is_said = !name.is_empty() && !value.is_empty();
        is_said.then(|| Declaration {
            name: name.to_owned(),
            value: plain.unwrap_or(value).to_owned(),
            important: plain.is_some(),
            at: start + at,
        })
    });
    declared.collect()
}

/// Blanks out comments, so that everything stays in its place.
fn without_comments(css: &str) -> String {
    let mut out = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, after)) = rest.split_once("/*") {
        let comment = after.find("*/").map_or(after.len(), |end| end + 2);
        out.push_str(before);
        out.push_str(&" ".repeat(comment + 2));
        rest = after.get(comment..).unwrap_or("");
    }
    out + rest
}

/// The parts of a text between separators that are not in quotes, parentheses or brackets, with where they begin.
pub(super) fn split(text: &str, separator: char) -> impl Iterator<Item = (usize, &str)> {
    let mut at = Some(0);
    std::iter::from_fn(move || {
        let start = at?;
        let end = find(text, start, &[separator]);
        at = end.map(|end| end + separator.len_utf8());
        Some((start, text.get(start..end.unwrap_or(text.len())).unwrap_or("")))
    })
}

/// Where the first of some characters is that is not in quotes, parentheses or brackets.
fn find(text: &str, from: usize, wanted: &[char]) -> Option<usize> {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, c) in text.get(from..)?.char_indices() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, c) if depth == 0 && wanted.contains(&c) => return Some(from + at),
            (None, _) => {}
        }
    }
    None
}

/// Where the block that begins at a place ends; blocks may be nested.
fn block_end(text: &str, open: usize) -> usize {
    let (mut at, mut depth) = (open, 0_usize);
    while let Some(brace) = find(text, at, &['{', '}']) {
        let opens = text.get(brace..).is_some_and(|rest| rest.starts_with('{'));
        depth = if opens { depth + 1 } else { depth.saturating_sub(1) };
        if depth == 0 {
            return brace;
        }
        at = brace + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read_with_what_may_be_in_them() {
        let css = "/* a { b: c } */ p,a.x{color:red !important;background:url(a;b.png)}; @media (x) { i { y: z } } \
                   b { font-family: \"A; B\"; color : blue } q:nth-child(2) { a: b } u {";
        let (rules, unknown) = rules(css);
        let said = |rule: &Rule| {
            let said = rule
                .declarations
                .iter()
                .map(|d| format!("{}={}{}", d.name, d.value, if d.important { "!" } else { "" }));
            said.collect::<Vec<_>>().join(" ")
        };
        let first = "color=red! background=url(a;b.png)";
        let expected = [first, first, "font-family=\"A; B\" color=blue", ""];
        assert_eq!(rules.iter().map(said).collect::<Vec<_>>(), expected);
        assert_eq!(unknown, ["@media (x)", "q:nth-child(2)"]);
    }
}
