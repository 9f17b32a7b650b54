//! Features of a whole file: symbols, folds, selections, links, lenses, hints, formatting and semantic tokens.

use super::project::Project;
use funnelc::ide::{CodeLensAction, LinkTarget, SemanticKind, Symbol};

const TEXT: &str = "use \"more.funnel\"\n\n# About lessons,\n# and more.\nevent lesson {\n  key id: text\n  done: bool later\n}\n\
funnel after \"After a lesson\" {\n  on lesson\n    -> first: wait 1d\n    -> wait 2d\n    -> send sms \"\"\"\n      Hello\n      there\n      \"\"\"\n\
    -> call \"https://crm.example/new\" { id: lesson.id }\n}\n\ntest \"a lesson\" {\n  at 2026-03-01 10:00 lesson { id: \"1\" }\n  expect send sms\n}\n";

fn project() -> Project {
    Project::of(&[("main.funnel", TEXT), ("more.funnel", "const big = 1\nsegment vip = client.city == \"Berlin\"\n")])
}

fn outline(symbols: &[Symbol], depth: usize) -> String {
    let line = |symbol: &Symbol| {
        let own = format!("{}{:?} {} ({})\n", "  ".repeat(depth), symbol.kind, symbol.name, symbol.detail);
        own + &outline(&symbol.children, depth + 1)
    };
    symbols.iter().map(line).collect()
}

#[test]
fn symbols_are_nested() {
    let project = project();
    let found = outline(&project.view().symbols(project.files[0]), 0);
    let expected = "File more.funnel ()\nEvent lesson ()\n  Field id (text)\n  Field done (bool)\nFunnel after (After a lesson)\n  \
                    Trigger on lesson ()\n    Label first (wait 1d)\nTest a lesson ()\n";
    assert_eq!(found, expected);
}

#[test]
fn workspace_symbols_are_found_by_some_of_their_letters() {
    let project = project();
    let names = |query: &str| -> Vec<String> {
        project.view().workspace_symbols(query).into_iter().map(|symbol| symbol.name).collect()
    };
    assert_eq!(names("les"), ["lesson", "a lesson"]);
    assert_eq!(names("vp"), ["vip"]);
    assert_eq!(names("zzz"), [""; 0]);
    assert!(names("").len() >= 7);
}

#[test]
fn constructs_of_several_lines_fold() {
    let project = project();
    let lines = |offset: u32| TEXT[..offset as usize].matches('\n').count() + 1;
    let folds: Vec<(usize, usize, bool)> = project
        .view()
        .folding_ranges(project.files[0])
        .iter()
        .map(|fold| (lines(fold.span.start), lines(fold.span.end), fold.comment))
        .collect();
    assert_eq!(folds, [(3, 4, true), (5, 8, false), (9, 18, false), (10, 17, false), (13, 16, false), (20, 23, false)]);
}

#[test]
fn a_condition_in_a_text_folds_and_its_end_is_a_keyword() {
    let text = "on visit -> send sms \"\"\"\n  Hello\n  {{ if client.name is known }}\n  {{ client.name }}\n  {{ else }}\n  you\n  {{ end }}\n  \"\"\"\n";
    let project = Project::of(&[("main.funnel", text)]);
    let lines = |offset: u32| text[..offset as usize].matches('\n').count() + 1;
    let folds = project.view().folding_ranges(project.files[0]);
    let folds: Vec<_> = folds.iter().map(|fold| (lines(fold.span.start), lines(fold.span.end))).collect();
    assert_eq!(folds, [(1, 8), (3, 7)]);
    let tokens = project.view().semantic_tokens(project.files[0]);
    let keywords = tokens.iter().filter(|token| token.kind == SemanticKind::Keyword);
    let keywords: Vec<&str> = keywords.map(|token| project.sources.slice(token.span)).collect();
    assert_eq!(keywords, ["on", "send", "if", "is", "known", "else", "end"]);
}

#[test]
fn selections_grow() {
    let project = Project::marked("on booking -> if att$0ended and cancelled { stop }\n");
    let around: Vec<&str> =
        project.view().selection(project.place()).iter().map(|span| project.sources.slice(*span)).collect();
    assert_eq!(around[0], "attended");
    assert_eq!(around[1], "attended and cancelled");
    assert!(around.windows(2).all(|pair| pair[1].contains(pair[0])), "{around:?}");
    assert_eq!(around.last().map(|text| text.len()), Some("on booking -> if attended and cancelled { stop }\n".len()));
}

#[test]
fn links_lead_to_files_and_addresses() {
    let project = project();
    let links = project.view().links(project.files[0]);
    let found: Vec<(&str, bool)> = links
        .iter()
        .map(|link| (project.sources.slice(link.span), matches!(link.target, LinkTarget::File(_))))
        .collect();
    assert_eq!(found, [("more.funnel", true), ("https://crm.example/new", false)]);
}

#[test]
fn funnels_and_tests_have_lenses() {
    let project = project();
    let lenses = project.view().code_lenses(project.files[0]);
    let actions: Vec<&CodeLensAction> = lenses.iter().map(|lens| &lens.action).collect();
    assert_eq!(
        actions,
        [&CodeLensAction::OpenFunnel("after".to_owned()), &CodeLensAction::RunTest("a lesson".to_owned())]
    );
    let single = Project::marked("on booking -> stop$0");
    let lenses = single.view().code_lenses(single.files[0]);
    assert_eq!(lenses[0].action, CodeLensAction::OpenFunnel("main".to_owned()));
}

#[test]
fn hints_show_elapsed_time_and_message_counts() {
    let project = Project::marked(
        "funnel x {\n  on booking -> wait 1d at 10:00 -> wait 2d -> send sms \"Привет\" -> wait 1h -> stop\n}\n\
         funnel y { on booking -> wait 1h -> wait 2h -> if client.city is known { wait 1h } -> wait 1h }$0\n",
    );
    let found: Vec<String> = project
        .view()
        .inlay_hints(project.files[0])
        .iter()
        .map(|hint| {
            let before = &project.sources.get(hint.span.file).expect("is there").text[..hint.span.start as usize];
            format!("{}<{}>", before.rsplit(['>', '{', '"']).next().unwrap_or("").trim(), hint.label)
        })
        .collect();
    let waits: Vec<&String> = found.iter().filter(|hint| hint.contains("after the start")).collect();
    assert_eq!(
        waits,
        ["wait 2d<3d after the start, 10:00>", "wait 2h<3h after the start>", "wait 1h<4h after the start>"]
    );
    assert!(found.iter().any(|hint| hint.contains("<SMS: 1 part (UCS-2)>")), "{found:?}");
    assert!(found.iter().any(|hint| hint.contains("<at most 1 message>")), "{found:?}");
}

#[test]
fn range_formatting_changes_only_the_touched_items() {
    let text = "const   a=1\n# Two.\nconst   b=2 # two\n\non booking->wait   3 days->stop\n";
    let project = Project::marked(text);
    let at = |what: &str| text.find(what).expect("is there");
    let format = |from: usize, to: usize| project.view().format_range(project.files[0], from..to);
    let found = |edit: Option<funnelc::diagnostic::Edit>| edit.map(|edit| (project.show(edit.span), edit.text));
    let two = ("main.funnel:3:1 const   b=2".to_owned(), "const b = 2".to_owned());
    assert_eq!(found(format(at("b=2"), at("b=2"))), Some(two));
    let both = format(at("b=2"), at("wait")).expect("both items are valid");
    assert_eq!(both.text, "const b = 2 # two\n\non booking -> wait 3d -> stop");
    let damaged = Project::marked("const   a=1\n\nconst = \n");
    assert_eq!(damaged.view().format_range(damaged.files[0], 14..18), None);
    let formatted =
        damaged.view().format_range(damaged.files[0], 0..3).expect("errors elsewhere do not prevent formatting");
    assert_eq!(formatted.text, "const a = 1");
    let again = Project::marked("const b = 2\n");
    assert_eq!(again.view().format_range(again.files[0], 0..5), None);
}

#[test]
fn semantic_tokens_have_their_kinds() {
    let project = Project::marked(
        "const big = 50 EUR$0\n# Hi\non purchase as p where amount > big\n  -> ask: if client.city is known { send sms \"Hi {{ p.id | upper }}\" }\n",
    );
    let tokens = project.view().semantic_tokens(project.files[0]);
    let kind = |text: &str| {
        let found = tokens.iter().find(|token| project.sources.slice(token.span) == text);
        found.map(|token| token.kind)
    };
    let expected = [
        ("const", SemanticKind::Keyword),
        ("big", SemanticKind::Variable),
        ("50 EUR", SemanticKind::Number),
        ("# Hi", SemanticKind::Comment),
        ("purchase", SemanticKind::Event),
        ("p", SemanticKind::Variable),
        ("amount", SemanticKind::Property),
        (">", SemanticKind::Operator),
        ("ask", SemanticKind::Label),
        ("client", SemanticKind::Variable),
        ("is", SemanticKind::Keyword),
        ("sms", SemanticKind::EnumMember),
        ("Hi ", SemanticKind::String),
        ("upper", SemanticKind::Function),
    ];
    for (text, wanted) in expected {
        assert_eq!(kind(text), Some(wanted), "{text}");
    }
    let big: Vec<bool> = tokens
        .iter()
        .filter(|token| project.sources.slice(token.span) == "big")
        .map(|token| token.declaration)
        .collect();
    assert_eq!(big, [true, false]);
    let purchase = tokens.iter().find(|token| project.sources.slice(token.span) == "purchase").expect("it is there");
    assert!(purchase.default_library);
}
