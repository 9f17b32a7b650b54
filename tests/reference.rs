//! Every `funnel` example of the language reference and the README is checked: it has exactly the findings that its fence
//! names, or none, and its tests pass. A block whose fence names a path is that file, for every example of its page.

use crate::support::findings;
use crate::support::program::package;
use funnelc::diagnostic::Diagnostic;
use funnelc::source::Sources;
use std::fmt::Write;
use std::path::PathBuf;

#[test]
fn examples_have_the_findings_that_their_fence_names() {
    let mut faults = String::new();
    let mut count = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        let files = findings::files_in(&text);
        for example in examples(&text) {
            count += 1;
            let (sources, findings) = findings::with_files("example.funnel", &example.source, &files);
            let found: Vec<_> = findings.iter().map(|finding| finding.code.number()).collect();
            if found != example.codes {
                let _ = writeln!(faults, "{}:{}: has {found:?}, not {:?}", page.display(), example.line, example.codes);
                let _ = writeln!(faults, "{}", rendered(&sources, &findings));
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(count > 20, "only {count} examples were found: are the fences still ```funnel?");
}

fn rendered(sources: &Sources, findings: &[Diagnostic]) -> String {
    funnelc::diagnostic::render::render(sources, findings, false)
}

fn pages() -> Vec<PathBuf> {
    let reference = std::fs::read_dir(package("grammar/reference")).unwrap().map(|entry| entry.unwrap().path());
    let mut pages: Vec<_> = reference.filter(|path| path.extension().is_some_and(|ending| ending == "md")).collect();
    pages.push(package("README.md"));
    pages.sort();
    pages
}

struct Example<'a> {
    line: usize,
    codes: Vec<&'a str>,
    source: String,
}

/// The blocks between ` ```funnel CODES ` and ` ``` `.
fn examples(page: &str) -> Vec<Example<'_>> {
    let mut examples = Vec::new();
    let mut lines = page.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some(codes) = line.strip_prefix("```funnel").filter(|codes| !codes.contains('.')) else { continue };
        let body: Vec<_> = lines.by_ref().map(|(_, line)| line).take_while(|line| *line != "```").collect();
        let source = body.join("\n") + "\n";
        examples.push(Example { line: number + 1, codes: codes.split_whitespace().collect(), source });
    }
    examples
}
