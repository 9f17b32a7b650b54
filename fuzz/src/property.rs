//! What holds for any bytes. In: bytes. Out: nothing, or what does not hold; that nothing panics and nothing hangs is for
//! whoever calls. Used by the fuzz targets beside it and by `tests/fuzz.rs`.

use funnelc::check::Context;
use funnelc::diagnostic::{Diagnostic, render::render};
use funnelc::graph::{Graph, dot, export, mermaid, read, svg_document, write};
use funnelc::source::{FileId, Sources};
use funnelc::{Compiled, compile, format, syntax};
use std::sync::Arc;

/// Limit: graphs of more elements are not drawn and not turned, as that takes its time.
const DRAWN: usize = 150;

/// Any bytes are refused or have a tree, and what is found lies in the text and can be shown.
pub fn any_bytes_give_a_tree(bytes: &[u8]) -> Result<(), String> {
    let mut sources = Sources::new();
    match syntax::read(&mut sources, "a.funnel", bytes) {
        Err(refused) => shown(&sources, &[*refused]),
        Ok(file) => shown(&sources, &syntax::parse(&sources, file).diagnostics),
    }
}

/// What parses is laid out, the layout is its own layout, and its tree is that of the text.
pub fn layout_is_stable_and_keeps_the_tree(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let Some((once, tree)) = laid_out(&text) else { return Ok(()) };
    let Some((twice, again)) = laid_out(&once) else { return Err(format!("the layout does not parse:\n{once}")) };
    if once != twice {
        return Err(format!("the second time differs:\n{once}\n--- then\n{twice}"));
    }
    if tree != again { Err(format!("the tree differs:\n{once}")) } else { Ok(()) }
}

/// Any text is checked, alone and in a project, and what passes can be drawn.
pub fn any_text_is_checked_and_drawn(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let project =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() };
    for context in [Context::default(), project] {
        let (sources, _, compiled) = compiled("a.funnel", &text, &context);
        shown(&sources, &compiled.diagnostics)?;
        for graph in compiled.graphs.iter().filter(|graph| graph.nodes.len() <= DRAWN) {
            let drawn = [mermaid(graph), dot(graph), svg_document(std::slice::from_ref(graph))];
            if drawn.iter().any(String::is_empty) {
                return Err("nothing is drawn".to_owned());
            }
        }
    }
    Ok(())
}

/// A text that passes is a graph, the graph is a text, and that text is the same graph.
pub fn a_graph_is_the_same_after_it_was_text(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let (sources, file, before) = compiled("a.funnel", &text, &Context::default());
    let few = before.graphs.iter().map(|graph| graph.nodes.len()).sum::<usize>() <= DRAWN;
    if before.diagnostics.iter().any(Diagnostic::is_error) || !few {
        return Ok(());
    }
    let tree = syntax::parse(&sources, file).file;
    let json = serde_json::to_string(&export(&before.graphs, &[&tree], &sources)).map_err(|fault| fault.to_string())?;
    let Some(again) = text_of(&json)? else { return Err("the graph is no text".to_owned()) };
    let (sources, _, after) = compiled("a.funnel", &again, &Context::default());
    let errors: Vec<_> = after.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    if !errors.is_empty() {
        return Err(format!("the text has errors:\n{again}\n{}", render(&sources, &errors, false)));
    }
    // What nothing leads to is left out, so only what is there is compared.
    let ids = |graphs: &[Arc<Graph>]| -> Vec<String> {
        let nodes =
            graphs.iter().flat_map(|graph| graph.nodes.iter().map(|node| format!("{} {}", graph.funnel, node.id)));
        nodes.collect()
    };
    let known = ids(&before.graphs);
    match ids(&after.graphs).iter().find(|id| !known.contains(id)) {
        Some(other) => Err(format!("`{other}` was not there:\n{again}")),
        None => Ok(()),
    }
}

/// Any JSON becomes text that passes, or is told what is wrong with it.
pub fn any_json_is_text_or_has_a_finding(bytes: &[u8]) -> Result<(), String> {
    let json = String::from_utf8_lossy(bytes);
    let Some(text) = text_of(&json)? else { return Ok(()) };
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text.as_str());
    let findings = syntax::parse(&sources, file).diagnostics;
    if findings.iter().any(Diagnostic::is_error) {
        return Err(format!("{text}\n{}", render(&sources, &findings, false)));
    }
    Ok(())
}

/// The text of graphs; `None` where there is none, for a reason that is told.
fn text_of(json: &str) -> Result<Option<String>, String> {
    let mut sources = Sources::new();
    let file = sources.add("graph.json", json);
    let read = read(json, file);
    shown(&sources, &read.findings)?;
    let wrong = read.findings.iter().any(Diagnostic::is_error);
    if wrong || read.graphs.iter().map(|graph| graph.nodes.len()).sum::<usize>() > DRAWN {
        return Ok(None);
    }
    let written = write(&read.graphs, &read.declarations);
    shown(&sources, &written.findings)?;
    if written.text.is_none() && !written.findings.iter().any(Diagnostic::is_error) {
        return Err(format!("there is no text, and no reason is told for\n{json}"));
    }
    Ok(written.text)
}

fn compiled(name: &str, text: &str, context: &Context) -> (Sources, FileId, Compiled) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let compiled = compile(&mut sources, &[file], context);
    (sources, file, compiled)
}

/// The layout of a text that parses, and its tree without places.
fn laid_out(text: &str) -> Option<(String, String)> {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let parsed = syntax::parse(&sources, file);
    let layout = format::format(text, &parsed)?;
    let tree = format!("{:?}", parsed.file);
    let mut plain = String::with_capacity(tree.len());
    let mut rest = tree.as_str();
    while let Some(at) = rest.find("Span {") {
        plain.push_str(&rest[..at]);
        // A span holds the id of a file, in parentheses, and two numbers.
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    plain.push_str(rest);
    Some((layout, plain))
}

/// Whether every finding has its place in a text and can be drawn there.
fn shown(sources: &Sources, findings: &[Diagnostic]) -> Result<(), String> {
    for finding in findings {
        let Some(file) = sources.get(finding.span.file) else { continue };
        if file.text.get(finding.span.range()).is_none() {
            return Err(format!("a finding is not in the text: {finding:?}"));
        }
    }
    let drawn = render(sources, findings, false);
    if drawn.is_empty() && !findings.is_empty() { Err("a finding is not shown".to_owned()) } else { Ok(()) }
}
