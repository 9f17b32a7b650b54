//! What the tree of a text looks like: expressions with all their parentheses, the heads of steps, words of texts.

use super::{findings, parsed};
use funnelc::syntax::ast::{Body, Chain, Element, Entry, Expr, ExprKind, ItemKind, Otherwise, Step, TextPart};

fn segment(expr: &str) -> String {
    let text = format!("segment s = {expr}");
    let parsed = parsed(&text);
    match &parsed.file.items[0].kind {
        ItemKind::Segment { condition, .. } => shape(condition, &text),
        other => panic!("{other:?}"),
    }
}

/// An expression with parentheses around each operator's operands; leaves as they are written.
fn shape(expr: &Expr, text: &str) -> String {
    match &expr.kind {
        ExprKind::Binary { op, left, right } => {
            format!("({} {} {})", shape(left, text), op.node.text(), shape(right, text))
        }
        ExprKind::Unary { op, expr } => format!("({op:?} {})", shape(expr, text)),
        ExprKind::Is { expr, known } => format!("({} is {known})", shape(expr, text)),
        ExprKind::Paren(inner) => shape(inner, text),
        ExprKind::Field { of, name } => format!("{}.{}", shape(of, text), name.node),
        _ => text[expr.span.range()].to_owned(),
    }
}

#[test]
fn operators_bind_as_the_grammar_says() {
    let expected = [
        ("a or b and not c == d", "(a or (b and (Not (c == d))))"),
        ("a - b - c * -d.e", "((a - b) - (c * (Minus d.e)))"),
        ("a + b is known and c is missing", "(((a + b) is true) and (c is false))"),
        ("not not a starts with \"x\"", "(Not (Not (a starts with \"x\")))"),
        ("(a or b) and c in [1, 2]", "((a or b) and (c in [1, 2]))"),
        ("count(x in last 3 days) >= 5000 RUB", "(count(x in last 3 days) >= 5000 RUB)"),
        ("last(visit).at < tomorrow 10:00", "(last(visit).at < tomorrow 10:00)"),
    ];
    for (text, shape) in expected {
        assert_eq!(segment(text), shape);
    }
}

fn only_chain(text: &str) -> Chain {
    assert_eq!(findings(text), Vec::<String>::new());
    match parsed(text).file.items.pop().map(|item| item.kind) {
        Some(ItemKind::Entry(Entry { chain, .. })) => chain,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_head_is_an_element_without_its_blocks() {
    let text = "on b -> x: if a is known { stop } else if c { stop } -> wait until b.at else { stop }
        -> send sms t to client.phone else { stop } -> split \"s\" { case 50% -> stop otherwise -> stop }";
    let chain = only_chain(text);
    let heads: Vec<&str> = chain.steps.iter().map(|step| &text[step.head.range()]).collect();
    assert_eq!(heads, ["if a is known", "wait until b.at", "send sms t to client.phone", "split \"s\""]);
    let Element::If(branch) = &chain.steps[0].element else { panic!("{:?}", chain.steps[0]) };
    assert!(matches!(branch.otherwise, Some(Otherwise::If(..))));
    assert_eq!(chain.steps[0].label.as_ref().map(|l| l.node.as_str()), Some("x"));
}

#[test]
fn keywords_are_names_after_a_dot_and_before_a_colon() {
    let text = "on stop.send as wait where wait.if -> goto: set client.else = now.at -> send sms { to: tag, at: 1 }";
    assert_eq!(only_chain(text).steps.len(), 2);
}

#[test]
fn texts_hold_words_and_placeholders() {
    let text =
        "on b -> send sms \"\"\"\n    Hi {{ a | default(\"{{ b }}\") | upper }}\\n\\{{x}}\n      Bye\n    \"\"\"";
    let chain = only_chain(text);
    let [Step { element: Element::Send(send), .. }] = chain.steps.as_slice() else { panic!("{chain:?}") };
    let Some(Body::Text(body)) = &send.body else { panic!("{:?}", send.body) };
    let parts: Vec<String> = body.parts.iter().map(part).collect();
    assert_eq!(parts, ["Hi ", "hole with 2 filters", "\n{{x}}\n  Bye"]);
}

fn part(part: &TextPart) -> String {
    match part {
        TextPart::Text(text) => text.node.clone(),
        TextPart::Placeholder(placeholder) => format!("hole with {} filters", placeholder.filters.len()),
        TextPart::If(choice) => format!("if with {} branches", choice.branches.len()),
    }
}

#[test]
fn words_that_are_misspelt_are_read_as_meant() {
    let text = "on booking wher attended -> wiat 24h -> if vip { snd sms } esle { stop }";
    let codes: Vec<String> = findings(text).iter().map(|f| f[3..8].to_owned()).collect();
    assert_eq!(codes, ["F0106"; 4]);
    let Some(ItemKind::Entry(entry)) = parsed(text).file.items.pop().map(|item| item.kind) else { panic!("no entry") };
    assert!(entry.trigger.filter.is_some());
    assert!(matches!(&entry.chain.steps[1].element, Element::If(branch) if branch.otherwise.is_some()));
}
