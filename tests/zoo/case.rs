//! A case of the zoo. In: a `.funnel` file, or a folder with `main.funnel`. Out: what its head expects, and its
//! findings.

use crate::support::findings;
use funnelc::diagnostic::{Code, Diagnostic, render::render};
use funnelc::source::Sources;
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// A wrong or right funnel with its other files.
#[derive(Clone)]
pub(super) struct Case {
    /// Its file or folder, such as `wrong/name.funnel`.
    pub(super) name: String,
    /// Its files by path; the one with the head is `main`.
    pub(super) files: BTreeMap<String, String>,
    /// The path of the file with the head.
    pub(super) main: String,
}

/// What a head expects.
pub(super) struct Expectation {
    /// The findings, all of them.
    pub(super) finds: Vec<Finding>,
    /// The fixes, in order.
    pub(super) fixes: Vec<Fix>,
}

/// One finding and its exact place.
#[derive(PartialEq, Eq)]
pub(super) struct Finding {
    code: &'static str,
    file: String,
    start: usize,
    end: usize,
    text: String,
    line: usize,
}

/// A line `# fix: ..`.
pub(super) enum Fix {
    /// The first fix of each finding.
    Suggested,
    /// A replacement of a text in a file.
    Replace { file: String, old: String, new: String },
}

/// A case with its findings.
pub(super) struct Checked {
    sources: Sources,
    /// All findings.
    pub(super) findings: Vec<Diagnostic>,
}

/// The cases of a folder, by name.
pub(super) fn cases(folder: &Path) -> Vec<Case> {
    let kind = folder.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder).expect("the zoo can be read") {
        let path = entry.expect("the zoo can be read").path();
        let own = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8").to_owned();
        let mut files = BTreeMap::new();
        if path.is_dir() {
            read(&path, &path, &mut files);
        } else {
            files.insert(own.clone(), std::fs::read_to_string(&path).expect("a case is text"));
        }
        let main = if path.is_dir() { "main.funnel".to_owned() } else { own.clone() };
        assert!(files.contains_key(&main), "{kind}/{own} has no main.funnel");
        cases.push(Case { name: format!("{kind}/{own}"), files, main });
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

fn read(root: &Path, folder: &Path, files: &mut BTreeMap<String, String>) {
    for entry in std::fs::read_dir(folder).expect("a case can be read") {
        let path = entry.expect("a case can be read").path();
        if path.is_dir() {
            read(root, &path, files);
            continue;
        }
        let inside = path.strip_prefix(root).expect("it is inside").to_str().expect("a path in UTF-8");
        files.insert(inside.replace('\\', "/"), std::fs::read_to_string(&path).expect("a case is text"));
    }
}

impl Case {
    /// Checks the case: a single file in memory, and one with other files in a temporary folder.
    pub(super) fn check(&self) -> Checked {
        let (sources, findings) = if self.files.len() == 1 {
            findings::of_bytes(&self.main, self.files[&self.main].as_bytes())
        } else {
            let folder = tempfile::tempdir().expect("a folder can be made");
            for (path, text) in &self.files {
                let path = folder.path().join(path);
                std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
                std::fs::write(path, text).expect("a file can be written");
            }
            if self.files.contains_key("funnel.toml") {
                findings::of_project(folder.path())
            } else {
                findings::of_file(&folder.path().join(&self.main))
            }
        };
        Checked { sources, findings }
    }

    /// The end of the head of a file: before the first line that is not a comment.
    fn head(&self, file: &str) -> usize {
        let lines = self.files[file].split_inclusive('\n');
        if file == self.main { lines.take_while(|line| line.starts_with("# ")).map(str::len).sum() } else { 0 }
    }

    /// Parses the head.
    pub(super) fn expectation(&self) -> Result<Expectation, String> {
        let head = &self.files[&self.main][..self.head(&self.main)];
        let (mut finds, mut fixes) = (Vec::new(), Vec::new());
        for line in head.lines() {
            if let Some(rest) = line.strip_prefix("# finds: ") {
                finds.push(self.expected_finding(rest).ok_or_else(|| format!("cannot find the place of `{rest}`"))?);
            } else if let Some(rest) = line.strip_prefix("# fix: ") {
                fixes.push(self.fix(rest).ok_or_else(|| format!("invalid fix `{rest}`"))?);
            }
        }
        if finds.is_empty() || fixes.is_empty() {
            return Err("the head needs `# finds: F0000 at \"..\"` and `# fix: ..`".to_owned());
        }
        Ok(Expectation { finds, fixes })
    }

    /// `F0403 at "text"`, `F0403 in funnel.toml at "text" #2`, `F0101 after "text"`
    fn expected_finding(&self, rest: &str) -> Option<Finding> {
        let (code, rest) = rest.split_once(' ')?;
        let code = Code::from_number(code)?.number();
        let (file, rest) = self.file_of(rest)?;
        let (after, rest) = match rest.strip_prefix("after ") {
            Some(rest) => (true, rest),
            None => (false, rest.strip_prefix("at ")?),
        };
        let (quoted, nth) = match rest.rsplit_once(" #") {
            Some((quoted, nth)) if quoted.ends_with('"') && quoted.len() > 1 => (quoted, nth.parse().ok()?),
            _ => (rest, 1_usize),
        };
        let text = quoted.strip_prefix('"')?.strip_suffix('"')?.replace("\\n", "\n");
        let body = self.head(&file);
        let at = self.files[&file][body..].match_indices(&text).nth(nth.checked_sub(1)?)?.0 + body;
        let start = if after { at + text.len() } else { at };
        Some(self.finding(code, file, start, at + text.len()))
    }

    fn finding(&self, code: &'static str, file: String, start: usize, end: usize) -> Finding {
        let whole = self.files.get(&file).map_or("", String::as_str);
        let text = whole.get(start..end).unwrap_or("").to_owned();
        let line = whole.get(..start).unwrap_or("").matches('\n').count() + 1;
        Finding { code, file, start, end, text, line }
    }

    fn fix(&self, rest: &str) -> Option<Fix> {
        if rest == "suggested" {
            return Some(Fix::Suggested);
        }
        let (file, rest) = self.file_of(rest)?;
        let (old, new) = rest.strip_prefix('"')?.strip_suffix('"')?.split_once("\" -> \"")?;
        let line_breaks = |text: &str| text.replace("\\n", "\n");
        Some(Fix::Replace { file, old: line_breaks(old), new: line_breaks(new) })
    }

    /// Replaces a text that occurs once below the head of a file.
    pub(super) fn replace(&mut self, file: &str, old: &str, new: &str) -> Result<(), String> {
        let body = self.head(file);
        let text = self.files.get_mut(file).expect("the file exists");
        let count = text[body..].matches(old).count();
        if count != 1 {
            return Err(format!("`{old}` occurs {count} times in {file}, expected once"));
        }
        let at = body + text[body..].find(old).unwrap_or_default();
        text.replace_range(at..at + old.len(), new);
        Ok(())
    }

    /// `in funnel.toml ..`; without it, the file with the head.
    fn file_of<'a>(&self, rest: &'a str) -> Option<(String, &'a str)> {
        let Some(named) = rest.strip_prefix("in ") else { return Some((self.main.clone(), rest)) };
        let (file, rest) = named.split_once(' ')?;
        self.files.contains_key(file).then(|| (file.to_owned(), rest))
    }
}

impl Checked {
    /// The findings as a user sees them.
    pub(super) fn rendered(&self) -> String {
        match render(&self.sources, &self.findings, false) {
            nothing if nothing.is_empty() => "no findings\n".to_owned(),
            rendered => rendered,
        }
    }

    /// A finding in the form of a head.
    pub(super) fn place(&self, case: &Case, found: &Diagnostic) -> Finding {
        let (start, end) = (found.span.start as usize, found.span.end as usize);
        case.finding(found.code.number(), self.path(case, found.span), start, end)
    }

    /// The path in the case of the file of a span.
    pub(super) fn path(&self, case: &Case, span: funnelc::source::Span) -> String {
        let name = self.sources.get(span.file).map_or("", |file| file.name.as_str());
        let inside = |path: &&String| name == path.as_str() || name.ends_with(&format!("/{path}"));
        case.files.keys().filter(inside).max_by_key(|path| path.len()).map_or(name, |path| path.as_str()).to_owned()
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at `{}` ({}, line {})", self.code, self.text, self.file, self.line)
    }
}
