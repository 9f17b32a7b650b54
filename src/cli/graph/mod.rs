//! `funnelc graph`: draws funnels, and converts graphs back to text.

mod folder;

use super::{Failure, Outcome, Terminal, count, load};
use crate::diagnostic::{Diagnostic, render};
use crate::graph::{self, Graph};
use crate::say;
use crate::source::Sources;
use crate::syntax;
use clap::{Parser, ValueEnum};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  funnelc graph welcome.funnel                  Mermaid, rendered by GitHub, GitLab and Notion
  funnelc graph welcome.funnel --format dot | dot -Tpng > welcome.png
  funnelc graph welcome.funnel --format svg > welcome.svg
  funnelc graph . --format svg --out pictures   one picture for each funnel, and an index.html
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

    /// Write one file for each funnel into this folder, named after the funnel; for SVG, also an `index.html` that shows
    /// and links the pictures. Without it, everything goes to standard output: SVG as one picture of all funnels, in
    /// columns
    #[arg(long, value_name = "FOLDER")]
    out: Option<PathBuf>,

    /// Read graphs, as printed by `--format json` or made by an editor, and write them as funnels
    #[arg(long, conflicts_with_all = ["format", "out"])]
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

impl OutputFormat {
    /// How the names of its files end.
    fn ending(self) -> &'static str {
        match self {
            Self::Mermaid => "mmd",
            Self::Dot => "dot",
            Self::Svg => "svg",
            Self::Json => "json",
        }
    }
}

/// Prints the graphs of the selected funnels, or converts graphs to text.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    if args.from_json {
        return write_text(args.path.as_deref(), terminal);
    }
    let mut unit = load::load_one(args.path.as_ref(), terminal)?;
    let Some(compiled) = unit.compile(terminal) else { return Ok(Outcome::Findings) };
    let language = terminal.language();
    let draw = |graphs: &[Arc<Graph>]| match args.format {
        OutputFormat::Mermaid => joined(graphs, graph::mermaid),
        OutputFormat::Dot => joined(graphs, graph::dot),
        OutputFormat::Svg => graph::svg_document(graphs, language),
        OutputFormat::Json => {
            let parsed: Vec<_> =
                unit.workspace.files().map(|file| syntax::parse(&unit.workspace.sources, file)).collect();
            let trees: Vec<_> = parsed.iter().map(|parsed| &parsed.file).collect();
            let exported = graph::export(graphs, &trees, &unit.workspace.sources);
            // A graph is plain data with string keys, so it always serializes.
            serde_json::to_string_pretty(&exported).unwrap_or_default() + "\n"
        }
    };
    let Some(out) = &args.out else {
        terminal.out(&draw(&compiled.graphs))?;
        return Ok(Outcome::Success);
    };
    let drawings = compiled.graphs.iter().map(|graph| (Arc::clone(graph), draw(std::slice::from_ref(graph))));
    let written = folder::write_drawings(out, args.format.ending(), drawings)?;
    let files = count::files(written.len() as u64);
    match args.format {
        OutputFormat::Svg => {
            let project = unit.workspace.project.name.as_deref();
            let index = folder::write_index(out, project, &written, language)?;
            terminal.say(&say!("{files} written; open `{index}`", files, index = index.display().to_string()));
        }
        OutputFormat::Mermaid | OutputFormat::Dot | OutputFormat::Json => {
            terminal.say(&say!("{files} written to `{folder}`", files, folder = out.display().to_string()));
        }
    }
    Ok(Outcome::Success)
}

fn joined(graphs: &[Arc<Graph>], draw: fn(&Graph) -> String) -> String {
    graphs.iter().map(|graph| draw(graph)).collect::<Vec<_>>().join("\n")
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
