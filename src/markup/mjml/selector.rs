//! Selectors of style rules. In: the text of a selector. Out: whether an element is meant, and how specific that is.

use super::css::split;

/// An element as selectors see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Element {
    /// The name, in lower case.
    pub(super) name: String,
    /// The attributes.
    pub(super) attributes: Vec<(String, String)>,
    /// The element around it, by its place in the list of elements.
    pub(super) parent: Option<usize>,
    /// The element before it in the same parent.
    pub(super) previous: Option<usize>,
    /// Whether no element follows it in its parent.
    pub(super) last: bool,
}

impl Element {
    fn attribute(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }
}

/// `table.box > td a`
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Selector {
    /// What the element itself must be.
    own: Compound,
    /// What must be around it or before it, from near to far.
    context: Vec<(Relation, Compound)>,
}

/// How an element is placed to the next one in a selector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Relation {
    Inside,
    Child,
    After,
    DirectlyAfter,
}

/// `td.wide[align]:first-child`
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Compound {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Any,
    Name(String),
    Id(String),
    Class(String),
    Attribute(String, Test),
    First,
    Last,
    Not(Compound),
    /// A state, or a part that is not an element: an attribute cannot say it.
    Never,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Test {
    Has,
    Is(String),
    Word(String),
    Language(String),
    Starts(String),
    Ends(String),
    Contains(String),
}

impl Selector {
    /// Reads a selector; `None` if it is not supported.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let mut compounds: Vec<(Relation, Compound)> = Vec::new();
        let mut relation = Relation::Inside;
        for word in words(text) {
            match word {
                ">" => relation = Relation::Child,
                "~" => relation = Relation::After,
                "+" => relation = Relation::DirectlyAfter,
                word => compounds.push((std::mem::replace(&mut relation, Relation::Inside), Compound::parse(word)?)),
            }
        }
        compounds.reverse();
        let mut relations = compounds.iter().map(|(relation, _)| *relation).collect::<Vec<_>>().into_iter();
        let mut compounds = compounds.into_iter().map(|(_, compound)| compound);
        let own = compounds.next()?;
        let context = compounds.map(|compound| (relations.next().unwrap_or(Relation::Inside), compound)).collect();
        (relation == Relation::Inside).then_some(Self { own, context })
    }

    /// Whether an element is meant, by its place in the list of elements.
    pub(super) fn matches(&self, elements: &[Element], at: usize) -> bool {
        self.own.matches(elements, at) && follows(&self.context, elements, at)
    }

    /// How specific it is: ids, then classes and attributes, then names and states.
    pub(super) fn specificity(&self) -> [usize; 3] {
        let compounds = std::iter::once(&self.own).chain(self.context.iter().map(|(_, compound)| compound));
        compounds.fold([0; 3], |sum, compound| add(sum, compound.specificity()))
    }
}

fn add(a: [usize; 3], b: [usize; 3]) -> [usize; 3] {
    let ([a0, a1, a2], [b0, b1, b2]) = (a, b);
    [a0 + b0, a1 + b1, a2 + b2]
}

/// Whether what must be around an element is there.
fn follows(context: &[(Relation, Compound)], elements: &[Element], at: usize) -> bool {
    let Some(((relation, compound), rest)) = context.split_first() else { return true };
    let (upwards, nearest) = match relation {
        Relation::Inside => (true, false),
        Relation::Child => (true, true),
        Relation::After => (false, false),
        Relation::DirectlyAfter => (false, true),
    };
    let step = |at: usize| elements.get(at).and_then(|element| if upwards { element.parent } else { element.previous });
    let mut candidates = std::iter::successors(step(at), |at| step(*at)).take(if nearest { 1 } else { usize::MAX });
    candidates.any(|at| compound.matches(elements, at) && follows(rest, elements, at))
}

/// The words of a selector: compounds and the signs between them.
fn words(text: &str) -> Vec<&str> {
    let (mut words, mut start, mut depth) = (Vec::new(), 0, 0_usize);
    let mut add = |from: usize, to: usize| words.extend(text.get(from..to).filter(|word| !word.is_empty()));
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' => depth += 1,
            ')' | ']' => depth = depth.saturating_sub(1),
            c if depth == 0 && (c.is_whitespace() || ['>', '+', '~'].contains(&c)) => {
                add(start, at);
                start = at + c.len_utf8();
                if !c.is_whitespace() {
                    add(at, start);
                }
            }
            _ => {}
        }
    }
    add(start, text.len());
    words
}

impl Compound {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(sign) = rest.chars().next() {
            let body = if [':', '.', '#', '['].contains(&sign) { rest.get(1..)? } else { rest };
            let end = match sign {
                '[' => body.find(']')? + 1,
                _ => {
                    let name = body.strip_prefix(':').unwrap_or(body);
                    let end = name.find(['.', '#', '[', ':', '(']).unwrap_or(name.len()) + (body.len() - name.len());
                    if body.get(end..)?.starts_with('(') { end + body.get(end..)?.find(')')? + 1 } else { end }
                }
            };
            let word = body.get(..end)?;
            rest = body.get(end..)?;
            parts.push(match sign {
                '[' => attribute(word.strip_suffix(']')?)?,
                '.' => Part::Class(name(word)?),
                '#' => Part::Id(name(word)?),
                ':' => state(word)?,
                '*' if word == "*" => Part::Any,
                _ => Part::Name(name(word)?.to_ascii_lowercase()),
            });
        }
        (!parts.is_empty()).then_some(Self { parts })
    }

    fn matches(&self, elements: &[Element], at: usize) -> bool {
        let Some(element) = elements.get(at) else { return false };
        self.parts.iter().all(|part| match part {
            Part::Any => true,
            Part::Name(name) => element.name == *name,
            Part::Id(id) => element.attribute("id") == Some(id),
            Part::Class(class) => has_word(element.attribute("class"), class),
            Part::Attribute(name, test) => element.attribute(name).is_some_and(|value| test.holds(value)),
            Part::First => element.previous.is_none(),
            Part::Last => element.last,
            Part::Not(other) => !other.matches(elements, at),
            Part::Never => false,
        })
    }

    fn specificity(&self) -> [usize; 3] {
        self.parts.iter().fold([0; 3], |sum, part| {
            let own = match part {
                Part::Any => [0, 0, 0],
                Part::Id(_) => [1, 0, 0],
                Part::Class(_) | Part::Attribute(..) => [0, 1, 0],
                Part::Name(_) | Part::First | Part::Last | Part::Never => [0, 0, 1],
                Part::Not(other) => other.specificity(),
            };
            add(sum, own)
        })
    }
}

impl Test {
    fn holds(&self, value: &str) -> bool {
        match self {
            Self::Has => true,
            Self::Is(wanted) => value == wanted,
            Self::Word(wanted) => has_word(Some(value), wanted),
            Self::Language(wanted) => {
                value.strip_prefix(wanted.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
            }
            Self::Starts(wanted) => !wanted.is_empty() && value.starts_with(wanted),
            Self::Ends(wanted) => !wanted.is_empty() && value.ends_with(wanted),
            Self::Contains(wanted) => !wanted.is_empty() && value.contains(wanted),
        }
    }
}

fn has_word(value: Option<&str>, wanted: &str) -> bool {
    value.is_some_and(|value| value.split_ascii_whitespace().any(|word| word == wanted))
}

/// A name without escapes.
fn name(word: &str) -> Option<String> {
    let fits = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    (!word.is_empty() && word.chars().all(fits)).then(|| word.to_owned())
}

/// `href^="https:"`
fn attribute(text: &str) -> Option<Part> {
    let Some((left, value)) = text.split_once('=') else {
        return Some(Part::Attribute(name(text.trim())?.to_ascii_lowercase(), Test::Has));
    };
    let value = value.trim();
    let quoted = ['"', '\''].iter().find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    let value = quoted.unwrap_or(value).to_owned();
    let sign = left.chars().last().filter(|sign| ['~', '|', '^', '$', '*'].contains(sign));
    let left = left.strip_suffix(['~', '|', '^', '$', '*']).unwrap_or(left);
    let test = match sign {
        Some('~') => Test::Word(value),
        Some('|') => Test::Language(value),
        Some('^') => Test::Starts(value),
        Some('$') => Test::Ends(value),
        Some('*') => Test::Contains(value),
        Some(_) | None => Test::Is(value),
    };
    Some(Part::Attribute(name(left.trim())?.to_ascii_lowercase(), test))
}

/// `:first-child`
fn state(word: &str) -> Option<Part> {
    if let Some(inner) = word.strip_prefix("not(").and_then(|rest| rest.strip_suffix(')')) {
        let is_one = split(inner, ',').count() == 1;
        return Some(Part::Not(Compound::parse(inner.trim()).filter(|_| is_one)?));
    }
    match word.trim_start_matches(':') {
        "first-child" => Some(Part::First),
        "last-child" => Some(Part::Last),
        "hover" | "active" | "focus" | "visited" | "link" | "before" | "after" => Some(Part::Never),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<div id="top" class="a b"><p lang="en-US"></p><a href="https://x"></a></div>`
    fn page() -> Vec<Element> {
        let element = |name: &str, attributes: &[(&str, &str)], parent, previous, last| Element {
            name: name.to_owned(),
            attributes: attributes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect(),
            parent,
            previous,
            last,
        };
        vec![
            element("div", &[("id", "top"), ("class", "a b")], None, None, true),
            element("p", &[("lang", "en-US")], Some(0), None, false),
            element("a", &[("href", "https://x")], Some(0), Some(1), true),
        ]
    }

    #[test]
    fn selectors_mean_what_css_says() {
        let page = page();
        let table: [(&str, &[usize], [usize; 3]); 21] = [
            ("*", &[0, 1, 2], [0, 0, 0]),
            ("P", &[1], [0, 0, 1]),
            (".a.b", &[0], [0, 2, 0]),
            ("#top", &[0], [1, 0, 0]),
            ("div a", &[2], [0, 0, 2]),
            ("div > a", &[2], [0, 0, 2]),
            ("div>p+a", &[2], [0, 0, 3]),
            ("p ~ a", &[2], [0, 0, 2]),
            ("a + p", &[], [0, 0, 2]),
            ("a a", &[], [0, 0, 2]),
            ("[lang]", &[1], [0, 1, 0]),
            ("p[lang|=en]", &[1], [0, 1, 1]),
            ("a[href^=\"https:\"]", &[2], [0, 1, 1]),
            ("a[href$='x']", &[2], [0, 1, 1]),
            ("a[href*=tps]", &[2], [0, 1, 1]),
            ("[class~=b]", &[0], [0, 1, 0]),
            ("[class=\"b\"]", &[], [0, 1, 0]),
            (":first-child", &[0, 1], [0, 0, 1]),
            ("a:last-child", &[2], [0, 0, 2]),
            ("div :not(a)", &[1], [0, 0, 2]),
            ("a:hover", &[], [0, 0, 2]),
        ];
        for (text, expected, specificity) in table {
            let selector = Selector::parse(text).unwrap();
            let found: Vec<usize> = (0..page.len()).filter(|at| selector.matches(&page, *at)).collect();
            assert_eq!((found.as_slice(), selector.specificity()), (expected, specificity), "{text}");
        }
        for text in ["", "p:nth-child(2)", "a >", "p::first-line", ".", "a[", "a\\:b", ":not(a, b)"] {
            assert_eq!(Selector::parse(text), None, "{text}");
        }
    }
}
