//! The pages of `funnelc explain`: each example yields its code, and its fix yields nothing.

use crate::support::findings;
use funnelc::diagnostic::{Code, Language};

/// The language and the text of the first fenced block under a heading.
fn block<'a>(page: &'a str, heading: &str) -> Option<(&'a str, &'a str)> {
    let section = page.split_once(&format!("\n{heading}\n"))?.1;
    let section = section.split("\n## ").next()?;
    let (kind, rest) = section.split_once("```")?.1.split_once('\n')?;
    Some((kind, rest.split_once("\n```")?.0))
}

/// The codes that a block yields.
fn raised(code: Code, text: &str, files: &[(&str, String)]) -> Vec<Code> {
    let found = findings::with_files(&format!("{}.funnel", code.number()), text, files).1;
    found.iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn examples_yield_their_code_and_fixes_yield_nothing() {
    let mut faults = String::new();
    for code in Code::ALL.iter().copied() {
        for (heading, wanted) in [("## Example", true), ("## Fix", false)] {
            // Findings about project files, events and stores are tested where those are read.
            let Some(("funnel", text)) = block(code.page(Language::English), heading) else { continue };
            let section =
                code.page(Language::English).split_once(heading).and_then(|(_, rest)| rest.split("\n## ").next());
            let raised = raised(code, text, &findings::files_in(section.unwrap_or("")));
            if if wanted { !raised.contains(&code) } else { !raised.is_empty() } {
                faults += &format!("{}: the block under `{heading}` yields {raised:?}\n", code.number());
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn pages_about_funnels_show_funnels() {
    for code in
        Code::ALL.iter().copied().filter(|code| code.number() < "F0600" && code.page(Language::English).contains("## "))
    {
        for heading in ["## Example", "## Fix"] {
            let kind = block(code.page(Language::English), heading).map(|(kind, _)| kind);
            let other = matches!(code, Code::NotUtf8 | Code::FileTooLarge | Code::ForeignFile);
            assert!(kind == Some("funnel") || other, "{}: `{heading}` shows {kind:?}", code.number());
        }
    }
}
