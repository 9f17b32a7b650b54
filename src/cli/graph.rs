//! `funnelc graph`: the picture of a funnel, and from a graph back to text.

use super::{Failure, Outcome, Terminal, load};
use crate::diagnostic::{Diagnostic, render};
use crate::graph;
use crate::source::Sources;
use crate::syntax;
use clap::{Parser, ValueEnum};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  funnelc graph welcome.funnel                  Mermaid, which GitHub, GitLab and Notion draw
  funnelc graph welcome.funnel --format dot | dot -Tpng > welcome.png
  funnelc graph welcome.funnel --format svg > welcome.svg
  funnelc graph welcome.funnel --format json    the graph that the engine runs
  funnelc graph --from-json welcome.json        the text that compiles to that graph";

/// Draw funnels as graphs of events, conditions, waits and actions, or write a graph as text
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A file or a project folder [default: the project around the current folder]; with `--from-json` a file of graphs, `-` or
    /// nothing for standard input
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// The form of the picture
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Picture,

    /// Take graphs as `--format json` prints them, or as an editor made them, and write the funnel that they are
    #[arg(long, conflicts_with = "format")]
    from_json: bool,
}

/// The forms of a graph.
#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Picture {
    /// Text that many wikis and code hosts draw
    #[default]
    Mermaid,
    /// Graphviz
    Dot,
    /// A picture that stands by itself
    Svg,
    /// The whole graph as data
    Json,
}

/// Draws.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.from_json {
        return write(args.path.as_deref(), terminal);
    }
    let mut unit = load::unit(args.path.as_ref())?;
    let Some(compiled) = unit.sound(terminal) else { return Ok(Outcome::Findings) };
    let drawings: Vec<_> = match args.format {
        Picture::Mermaid => compiled.graphs.iter().map(|graph| graph::mermaid(graph)).collect(),
        Picture::Dot => compiled.graphs.iter().map(|graph| graph::dot(graph)).collect(),
        Picture::Svg => vec![graph::svg_document(&compiled.graphs)],
        Picture::Json => {
            let parsed: Vec<_> =
                unit.workspace.files().map(|file| syntax::parse(&unit.workspace.sources, file)).collect();
            let trees: Vec<_> = parsed.iter().map(|parsed| &parsed.file).collect();
            let exported = graph::export(&compiled.graphs, &trees, &unit.workspace.sources);
            // A graph is plain data with text keys, so it always has a JSON form.
            vec![serde_json::to_string_pretty(&exported).unwrap_or_default() + "\n"]
        }
    };
    terminal.out(&drawings.join("\n"))?;
    Ok(Outcome::Fine)
}

/// Writes graphs as text.
fn write(path: Option<&Path>, terminal: &Terminal) -> Result<Outcome, Failure> {
    let (name, bytes) = load::bytes(path)?;
    let mut sources = Sources::new();
    let file = match syntax::read(&mut sources, &name, &bytes) {
        Ok(file) => file,
        Err(unreadable) => {
            terminal.aside(&render::render_in(&sources, &[*unreadable], terminal.colored_aside(), terminal.language()));
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
    terminal.aside(&render::render_in(&sources, &findings, terminal.colored_aside(), terminal.language()));
    match text {
        Some(text) => {
            terminal.out(&text)?;
            Ok(Outcome::Fine)
        }
        None => Ok(Outcome::Findings),
    }
}
