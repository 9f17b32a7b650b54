//! The pages about keywords: short, and their examples are sound.

use super::project::Project;
use funnelc::diagnostic::{Diagnostic, render::render};
use funnelc::ide::page;
use funnelc::syntax::token::Keyword;

#[test]
fn the_example_of_every_keyword_compiles() {
    for keyword in Keyword::ALL {
        let page = page(*keyword);
        let example = page.split("```funnel\n").nth(1).and_then(|rest| rest.split("```").next());
        let example = example.unwrap_or_else(|| panic!("{}: no example", keyword.text()));
        let says = example.split(|c: char| !c.is_alphanumeric()).any(|word| word == keyword.text());
        assert!(says, "{}: its example is about something else", keyword.text());
        assert!(page.lines().count() < 20, "{}: not short", keyword.text());
        let names_a_file = ["use", "file"].contains(&keyword.text());
        let files = [("main.funnel", example), ("common.funnel", "const big = 1"), ("hello.txt", "Hello")];
        let project = if names_a_file { Project::of(&files) } else { Project::marked(example) };
        let errors: Vec<Diagnostic> =
            project.compiled.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
        assert!(errors.is_empty(), "{}:\n{}", keyword.text(), render(&project.sources, &errors, false));
    }
}
