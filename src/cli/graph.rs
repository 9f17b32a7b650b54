//! `funnelc graph`: the picture of a funnel.

use super::{Failure, Outcome, Terminal, load};
use crate::graph;
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  funnelc graph welcome.funnel                  Mermaid, which GitHub, GitLab and Notion draw
  funnelc graph welcome.funnel --format dot | dot -Tpng > welcome.png
  funnelc graph welcome.funnel --format svg > welcome.svg
  funnelc graph welcome.funnel --format json    the graph that the engine runs";

/// Draw funnels as graphs of events, conditions, waits and actions
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A file or a project folder [default: the project around the current folder]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// The form of the picture
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Picture,
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
    let mut unit = load::unit(args.path.as_ref())?;
    let Some(compiled) = unit.sound(terminal) else { return Ok(Outcome::Findings) };
    let drawings: Vec<_> = match args.format {
        Picture::Mermaid => compiled.graphs.iter().map(graph::mermaid).collect(),
        Picture::Dot => compiled.graphs.iter().map(graph::dot).collect(),
        Picture::Svg => vec![graph::sheet(&compiled.graphs)],
        // A graph is plain data with text keys, so it always has a JSON form.
        Picture::Json => vec![serde_json::to_string_pretty(&compiled.graphs).unwrap_or_default() + "\n"],
    };
    terminal.out(&drawings.join("\n"))?;
    Ok(Outcome::Fine)
}
