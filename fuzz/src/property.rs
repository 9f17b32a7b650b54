//! Properties that hold for any input; each returns the violation. That nothing panics or hangs is up to the caller.
//! Used by the fuzz targets and by `tests/fuzz.rs`.

use funnelc::check::Context;
use funnelc::diagnostic::{Diagnostic, Language, render::render};
use funnelc::graph::{Graph, dot, export, mermaid, read, svg_document, write};
use funnelc::source::{FileId, Sources};
use funnelc::{Compiled, compile, format, syntax};
use std::sync::Arc;

/// Limit: larger graphs are neither drawn nor printed, because that is slow.
const MAX_NODES: usize = 150;

/// Any bytes are either rejected or have a tree, and all diagnostics are inside the text and can be rendered.
pub fn parse_any_bytes(bytes: &[u8]) -> Result<(), String> {
    let mut sources = Sources::new();
    match syntax::read(&mut sources, "a.funnel", bytes) {
        Err(rejection) => check_rendering(&sources, &[*rejection]),
        Ok(file) => check_rendering(&sources, &syntax::parse(&sources, file).diagnostics),
    }
}

/// Formatting is idempotent and preserves the tree.
pub fn format_is_idempotent(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let Some((once, tree)) = formatted(&text) else { return Ok(()) };
    let Some((twice, again)) = formatted(&once) else {
        return Err(format!("the formatted text does not parse:\n{once}"));
    };
    if once != twice {
        return Err(format!("the second time differs:\n{once}\n--- then\n{twice}"));
    }
    if tree != again { Err(format!("the tree differs:\n{once}")) } else { Ok(()) }
}

/// Any text can be checked, on its own and in a project, and its graphs can be drawn.
pub fn check_and_draw_any_text(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let project =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() };
    for context in [Context::default(), project] {
        let (sources, _, compiled) = compiled("a.funnel", &text, &context);
        check_rendering(&sources, &compiled.diagnostics)?;
        for graph in compiled.graphs.iter().filter(|graph| graph.nodes.len() <= MAX_NODES) {
            let drawn = [mermaid(graph), dot(graph), svg_document(std::slice::from_ref(graph), Language::Russian)];
            if drawn.iter().any(String::is_empty) {
                return Err("the drawing is empty".to_owned());
            }
        }
    }
    Ok(())
}

/// A graph is the same after it was printed and compiled again.
pub fn graph_round_trip(bytes: &[u8]) -> Result<(), String> {
    let text = String::from_utf8_lossy(bytes);
    let (sources, file, before) = compiled("a.funnel", &text, &Context::default());
    let few = before.graphs.iter().map(|graph| graph.nodes.len()).sum::<usize>() <= MAX_NODES;
    if before.diagnostics.iter().any(Diagnostic::is_error) || !few {
        return Ok(());
    }
    let tree = syntax::parse(&sources, file).file;
    let json = serde_json::to_string(&export(&before.graphs, &[&tree], &sources)).map_err(|fault| fault.to_string())?;
    let Some(again) = text_of(&json)? else { return Err("the graph has no text".to_owned()) };
    let (sources, _, after) = compiled("a.funnel", &again, &Context::default());
    let errors: Vec<_> = after.diagnostics.into_iter().filter(Diagnostic::is_error).collect();
    if !errors.is_empty() {
        return Err(format!("the text has errors:\n{again}\n{}", render(&sources, &errors, false)));
    }
    // Unreachable nodes are omitted, so only the nodes that are present are compared.
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

/// Any JSON either becomes source without errors or is rejected with a reason.
pub fn read_any_graph_json(bytes: &[u8]) -> Result<(), String> {
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

/// Prints graphs from JSON; `None` if they are rejected with a reason.
fn text_of(json: &str) -> Result<Option<String>, String> {
    let mut sources = Sources::new();
    let file = sources.add("graph.json", json);
    let read = read(json, file);
    check_rendering(&sources, &read.findings)?;
    let wrong = read.findings.iter().any(Diagnostic::is_error);
    if wrong || read.graphs.iter().map(|graph| graph.nodes.len()).sum::<usize>() > MAX_NODES {
        return Ok(None);
    }
    let written = write(&read.graphs, &read.declarations);
    check_rendering(&sources, &written.findings)?;
    if written.text.is_none() && !written.findings.iter().any(Diagnostic::is_error) {
        return Err(format!("rejected without a reason:\n{json}"));
    }
    Ok(written.text)
}

fn compiled(name: &str, text: &str, context: &Context) -> (Sources, FileId, Compiled) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let compiled = compile(&mut sources, &[file], context);
    (sources, file, compiled)
}

/// The formatted text, and its tree without spans.
fn formatted(text: &str) -> Option<(String, String)> {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let parsed = syntax::parse(&sources, file);
    let layout = format::format(text, &parsed)?;
    let tree = format!("{:?}", parsed.file);
    let mut plain = String::with_capacity(tree.len());
    let mut rest = tree.as_str();
    while let Some(at) = rest.find("Span {") {
        plain.push_str(&rest[..at]);
        // A span consists of a file id, in parentheses, and two numbers.
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    plain.push_str(rest);
    Some((layout, plain))
}

/// Whether all findings are inside their texts and can be rendered.
fn check_rendering(sources: &Sources, findings: &[Diagnostic]) -> Result<(), String> {
    for finding in findings {
        let Some(file) = sources.get(finding.span.file) else { continue };
        if file.text.get(finding.span.range()).is_none() {
            return Err(format!("a finding is not in the text: {finding:?}"));
        }
    }
    let drawn = render(sources, findings, false);
    if drawn.is_empty() && !findings.is_empty() { Err("a finding is not rendered".to_owned()) } else { Ok(()) }
}
