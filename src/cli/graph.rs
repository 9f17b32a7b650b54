//! `funnelc graph`: draws funnels, and converts graphs back to text.

use super::{Failure, Outcome, Terminal, load};
use crate::diagnostic::{Diagnostic, render};
use crate::graph;
use crate::source::Sources;
use crate::syntax;
use clap::{Parser, ValueEnum};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  funnelc graph welcome.funnel                  Mermaid, rendered by GitHub, GitLab and Notion
  funnelc graph welcome.funnel --format dot | dot -Tpng > welcome.png
  funnelc graph welcome.funnel --format svg > welcome.svg
  funnelc graph welcome.funnel --format json    the graph that the engine runs
  funnelc graph --from-json welcome.json        the funnel as text again";

/// Draw funnels as graphs, or convert a graph back to text
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Funnel file or project folder [default: the project in the current folder]; with `--from-json`, a file of graphs
    /// [default: standard input]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,

    /// Read graphs, as printed by `--format json` or made by an editor, and write them as funnels
    #[arg(long, conflicts_with = "format")]
    from_json: bool,
}

/// The formats of a graph.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum OutputFormat {
    /// Mermaid text, rendered by many wikis and code hosts
    #[default]
    Mermaid,
    /// Graphviz text
    Dot,
    /// Self-contained SVG image
    Svg,
    /// The complete graph as JSON
    Json,
}

/// Prints the graphs of the selected funnels, or converts graphs to text.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.from_json {
        return write_text(args.path.as_deref(), terminal);
    }
    let mut unit = load::load_one(args.path.as_ref(), terminal)?;
    let Some(compiled) = unit.compile(terminal) else { return Ok(Outcome::Findings) };
    let drawings: Vec<_> = match args.format {
        OutputFormat::Mermaid => compiled.graphs.iter().map(|graph| graph::mermaid(graph)).collect(),
        OutputFormat::Dot => compiled.graphs.iter().map(|graph| graph::dot(graph)).collect(),
        OutputFormat::Svg => vec![graph::svg_document(&compiled.graphs)],
        OutputFormat::Json => {
            let parsed: Vec<_> =
                unit.workspace.files().map(|file| syntax::parse(&unit.workspace.sources, file)).collect();
            let trees: Vec<_> = parsed.iter().map(|parsed| &parsed.file).collect();
            let exported = graph::export(&compiled.graphs, &trees, &unit.workspace.sources);
            // A graph is plain data with string keys, so it always serializes.
            vec![serde_json::to_string_pretty(&exported).unwrap_or_default() + "\n"]
        }
    };
    terminal.out(&drawings.join("\n"))?;
    Ok(Outcome::Success)
}

/// Converts graphs to text.
fn write_text(path: Option<&Path>, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (name, bytes) = load::read_bytes(path)?;
    let mut sources = Sources::new();
    let file = match syntax::read(&mut sources, &name, &bytes) {
        Ok(file) => file,
        Err(unreadable) => {
            terminal.err(&render::render_in(&sources, &[*unreadable], terminal.err_colored(), terminal.language()));
            return Ok(Outcome::Findings);
        }
    };
    let read = graph::read(sources.get(file).map_or("", |file| file.text.as_str()), file);
    let mut findings = read.findings;
    let mut text = None;
    if !findings.iter().any(Diagnostic::is_error) {
        let written = graph::write(&read.graphs, &read.declarations);
        findings.extend(written.findings);
        text = written.text;
    }
    terminal.err(&render::render_in(&sources, &findings, terminal.err_colored(), terminal.language()));
    match text {
        Some(text) => {
            terminal.out(&text)?;
            Ok(Outcome::Success)
        }
        None => Ok(Outcome::Findings),
    }
}
