//! The pages about keywords: short, translated, and with examples that compile.

use super::project::Project;
use funnelc::diagnostic::{Diagnostic, Language, render::render};
use funnelc::ide::keyword_docs;
use funnelc::syntax::token::Keyword;

/// The prose of a page, and its example.
fn parts(page: &str) -> (&str, &str) {
    let (prose, rest) = page.split_once("\n\n```funnel\n").unwrap_or_else(|| panic!("no example: {page}"));
    (prose, rest.split("```").next().unwrap())
}

#[test]
fn the_example_of_every_keyword_compiles() {
    for keyword in Keyword::ALL {
        let page = keyword_docs(*keyword, Language::English);
        let (_, example) = parts(page);
        let uses_keyword = example.split(|c: char| !c.is_alphanumeric()).any(|word| word == keyword.text());
        assert!(uses_keyword, "{}: its example does not use it", keyword.text());
        assert!(page.lines().count() < 20, "{}: the page is too long", keyword.text());
        let includes_a_file = ["use", "file"].contains(&keyword.text());
        let files = [("main.funnel", example), ("common.funnel", "const big = 1"), ("hello.txt", "Hello")];
        let project = if includes_a_file { Project::of(&files) } else { Project::marked(example) };
        let errors: Vec<Diagnostic> =
            project.compiled.diagnostics.iter().filter(|found| found.is_error()).cloned().collect();
        assert!(errors.is_empty(), "{}:\n{}", keyword.text(), render(&project.sources, &errors, false));
    }
}

#[test]
fn every_page_is_translated_with_the_same_code() {
    let code = |prose: &'static str| {
        let mut code: Vec<&str> = prose.split('`').skip(1).step_by(2).collect();
        code.sort_unstable();
        code
    };
    for keyword in Keyword::ALL {
        let (english, example) = parts(keyword_docs(*keyword, Language::English));
        let (russian, own) = parts(keyword_docs(*keyword, Language::Russian));
        assert_eq!(example, own, "{}: a different example", keyword.text());
        assert_eq!(code(english), code(russian), "{}: different code", keyword.text());
        let words = russian.split('`').step_by(2).collect::<String>();
        assert!(words.contains(|c| matches!(c, 'а'..='я')), "{}: not translated", keyword.text());
        assert!(
            !words.contains(|c: char| c.is_ascii_alphabetic())
                || ["funnel.toml", "RFC"].iter().any(|own| words.contains(own)),
            "{}: English words in {words}",
            keyword.text()
        );
    }
}
