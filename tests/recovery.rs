//! Error recovery: one token dropped or doubled, anywhere in any example, counts as one mistake. The parser never panics,
//! always returns a tree, and at most three findings are reported, one of which touches the damage.
//!
//! A damaged text without parser findings is another program, which may even be valid: then it is formatted, the result
//! parses to the same tree, and only the number of findings is checked.

mod token;

use crate::fuzz::property::format_is_idempotent;
use crate::support::findings;
use crate::support::program::{package, shared};
use funnelc::check::Context;
use funnelc::diagnostic::Diagnostic;
use funnelc::project::{self, Includes, load_includes};
use funnelc::source::Sources;
use funnelc::syntax::ParseCache;
use funnelc::{compile, syntax};
use std::fmt::Write;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// The maximum number of findings for one damaged token.
const MOST: usize = 3;

/// A text to damage, and the context in which it is checked.
struct Subject {
    name: String,
    text: String,
    /// The folder of the files it includes; the other funnels there are checked with it.
    folder: Option<PathBuf>,
    others: Vec<(String, String)>,
    context: Context,
    /// Whether the undamaged text has no findings; otherwise only the findings of the parser count.
    clean: bool,
}

#[test]
fn a_damaged_token_in_an_example_gives_few_findings_near_it() {
    let subjects = examples();
    assert!(subjects.len() >= 8, "only {} examples were found", subjects.len());
    check_recovery(&subjects);
}

#[test]
fn a_damaged_token_in_the_reference_gives_few_findings_near_it() {
    let mut subjects = Vec::new();
    let pages = std::fs::read_dir(package("grammar/reference")).unwrap();
    let mut pages: Vec<PathBuf> = pages.map(|entry| entry.unwrap().path()).collect();
    // The number of an example chooses the tokens that are damaged.
    pages.sort();
    for path in pages {
        // Examples that have findings or include files are not damaged.
        let page = blocks(&path, &std::fs::read_to_string(&path).unwrap());
        subjects.extend(page.into_iter().filter(|subject| subject.clean));
    }
    assert!(subjects.len() > 20, "only {} examples were found in the reference", subjects.len());
    check_recovery(&subjects);
}

#[test]
fn a_damaged_token_in_the_tour_gives_few_findings_near_it() {
    let Some(design) = shared("design/language.md") else { return };
    let mut tour = blocks(&design, &std::fs::read_to_string(&design).unwrap());
    tour.truncate(1);
    assert!(tour[0].text.contains("no_show"), "the tour has moved");
    check_recovery(&tour);
}

/// One of this many tokens is damaged. `FUNNELC_EVERY_TOKEN=1` damages every token, which takes minutes in an unoptimized
/// build.
const SAMPLE: usize = 6;

/// Damages the tokens of every subject, on two threads.
fn check_recovery(subjects: &[Subject]) {
    let sample = if std::env::var_os("FUNNELC_EVERY_TOKEN").is_some() { 1 } else { SAMPLE };
    let half = |from: usize| {
        move || {
            let mut faults = Vec::new();
            let mut count = 0;
            for (number, subject) in subjects.iter().enumerate() {
                let tokens = token::tokens(&subject.text);
                let first = (from * sample + number) % (2 * sample);
                for at in (first..tokens.len()).step_by(2 * sample) {
                    for doubled in [false, true] {
                        count += 1;
                        faults.extend(subject.fault(&tokens, at, doubled));
                    }
                }
            }
            (count, faults)
        }
    };
    let (count, faults) = std::thread::scope(|scope| {
        let (even, odd) = (scope.spawn(half(0)), scope.spawn(half(1)));
        let (mut count, mut faults) = even.join().expect("a damaged text does not panic");
        let (other, more) = odd.join().expect("a damaged text does not panic");
        count += other;
        faults.extend(more);
        (count, faults)
    });
    assert!(count > 20, "only {count} texts were damaged");
    let shown: String = faults.iter().take(40).map(String::as_str).collect();
    assert!(faults.is_empty(), "\n{shown}\n{} of {count} damaged texts", faults.len());
}

impl Subject {
    /// What is wrong with the findings for one damaged token.
    fn fault(&self, tokens: &[Range<usize>], number: usize, doubled: bool) -> Option<String> {
        let (text, place) = self.damaged(tokens, number, doubled);
        let range = tokens[number].clone();
        let (parsed, found) = self.findings(&text);
        let token = &self.text[range.clone()];
        let what = if doubled { "doubled" } else { "dropped" };
        let line = self.text[..range.start].matches('\n').count() + 1;
        let report = |why: &str| {
            let mut out = format!("{}:{line}: `{token}` (token {number}) {what}: {why}\n", self.name);
            let _ = writeln!(out, "  | {}", text[place.start.min(text.len())..].lines().next().unwrap_or(""));
            for found in &found {
                let at = text.get(found.span.range()).unwrap_or("?").lines().next().unwrap_or("");
                let line = text[..(found.span.start as usize).min(text.len())].matches('\n').count() + 1;
                let _ = writeln!(out, "  {line}: {} `{at}`: {}", found.code.number(), &*found.message);
            }
            Some(out)
        };
        if found.len() > MOST {
            return report("too many findings");
        }
        if parsed == 0 {
            return format_is_idempotent(text.as_bytes()).err().and_then(|why| report(&why));
        }
        let touching = found.iter().any(|found| touches(found, &place));
        if touching { None } else { report("no finding touches the damage") }
    }

    /// The damaged text, and the range of the damage: from the token before to the token after.
    fn damaged(&self, tokens: &[Range<usize>], number: usize, doubled: bool) -> (String, Range<usize>) {
        let range = &tokens[number];
        let (before, after) = (&self.text[..range.start], &self.text[range.end..]);
        let token = &self.text[range.clone()];
        let word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let apart = word(before.chars().next_back()) && word(after.chars().next());
        let middle = match (doubled, apart) {
            (true, _) => format!("{token} {token}"),
            (false, true) => " ".to_owned(),
            (false, false) => String::new(),
        };
        let start = number.checked_sub(1).map_or(0, |before| tokens[before].start);
        let end = tokens.get(number + 1).map_or(self.text.len(), |next| next.end);
        // A finding that only whitespace separates from the damage still touches it.
        let end = end + self.text[end..].len() - self.text[end..].trim_start().len();
        (format!("{before}{middle}{after}"), start..range.start + middle.len() + (end - range.end))
    }

    /// The number of findings of the parser, and all findings.
    fn findings(&self, text: &str) -> (usize, Vec<Diagnostic>) {
        let mut sources = Sources::new();
        let file = sources.add(self.name.as_str(), text);
        let mut files = vec![file];
        files.extend(self.others.iter().map(|(name, text)| sources.add(name.as_str(), text.as_str())));
        if let Some(folder) = &self.folder {
            let place = |name: &str| folder.join(name);
            let mut places = vec![(file, place(&self.name))];
            places.extend(files.iter().skip(1).zip(&self.others).map(|(file, (name, _))| (*file, place(name))));
            let used =
                load_includes(&mut sources, &mut ParseCache::default(), &places, Some(folder), &Includes::default())
                    .used;
            files.extend(used);
        }
        let parsed = syntax::parse(&sources, file);
        assert_eq!(parsed.file.span.len(), text.len(), "there is always a tree");
        if !self.clean {
            return (parsed.diagnostics.len(), parsed.diagnostics.clone());
        }
        (parsed.diagnostics.len(), compile(&mut sources, &files, &self.context).diagnostics)
    }
}

/// Whether a finding, one of its labels or one of its fixes touches a range.
fn touches(found: &Diagnostic, place: &Range<usize>) -> bool {
    let places = std::iter::once(found.span).chain(found.related.iter().map(|label| label.span));
    let edits = found.fixes.iter().flat_map(|fix| fix.edits.iter().map(|edit| edit.span));
    places.chain(edits).any(|span| span.start as usize <= place.end && place.start <= span.end as usize)
}

/// Every funnel of `examples/`, with the other funnels of its folder.
fn examples() -> Vec<Subject> {
    let root = package("examples");
    let mut subjects = Vec::new();
    for path in project::files(&[root]).expect("there are examples") {
        let folder = path.parent().expect("a folder").to_owned();
        let context = project::find(&path)
            .map(|file| project::load(&file, &mut Sources::new()).expect("the project file can be read").0.context);
        let name = |path: &Path| path.file_name().and_then(|name| name.to_str()).expect("a name").to_owned();
        let beside = project::files(std::slice::from_ref(&folder)).expect("there are funnels");
        let others = beside.iter().filter(|other| **other != path);
        let others = others.map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect();
        let text = std::fs::read_to_string(&path).unwrap();
        let context = context.unwrap_or_default();
        subjects.push(Subject { name: name(&path), text, folder: Some(folder), others, context, clean: true });
    }
    subjects
}

/// The funnel examples of a page.
fn blocks(path: &Path, page: &str) -> Vec<Subject> {
    let name = path.file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
    let mut blocks = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        if line != "```funnel" {
            continue;
        }
        let body: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let text = body.join("\n") + "\n";
        let context = if text.starts_with("# a lone file\n") { Context::default() } else { findings::project() };
        let name = format!("{name}:{}", number + 1);
        let mut subject = Subject { name, text, folder: None, others: Vec::new(), context, clean: true };
        subject.clean = subject.findings(&subject.text).1.is_empty();
        blocks.push(subject);
    }
    blocks
}
