//! Results of splits. In: the graphs, and every line of a simulation. Out: for each path of each split, how many runs took
//! it, how many of them reached the goal afterwards, and what that was worth.

use crate::diagnostic::Language;
use crate::engine::{Line, LineKind, RunId};
use crate::graph::{Element, ElementId, Graph, Node, NodeIx, Words};
use crate::say;
use crate::value::{Decimal, Type, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The quantile of the normal distribution for an interval that covers 95%.
const Z: f64 = 1.959_963_984_540_054;

/// The length of the name of a path, unless a longer one is needed to tell paths apart.
const NAME_CHARS: usize = 40;

/// The results of all splits, in the order of the funnels.
#[derive(Debug, Clone, Default)]
pub struct Variants {
    splits: Vec<SplitResult>,
    /// The paths that each run took, as indexes of a split and of a path in it.
    taken: BTreeMap<RunId, BTreeSet<(usize, usize)>>,
}

/// The results of a split.
#[derive(Debug, Clone, PartialEq)]
pub struct SplitResult {
    /// The funnel.
    pub funnel: String,
    /// The element.
    pub element: ElementId,
    /// Its name; that of the element if it has none.
    pub name: String,
    /// Whether the funnel has a goal.
    pub has_goal: bool,
    /// Its paths in order; `otherwise` is the last one.
    pub paths: Vec<PathResult>,
}

/// The results of a path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathResult {
    /// Its share in percent; `None` for `otherwise`.
    pub percent: Option<Decimal>,
    /// What tells it from the other paths: its label, its first message, or else its first step.
    pub name: String,
    /// How many runs took it.
    pub entered: u64,
    /// How many of them reached the goal after that.
    pub goals: u64,
    /// The sum of what these goals were worth, by currency; plain numbers have none.
    pub worth: BTreeMap<String, Decimal>,
}

impl Variants {
    /// Starts with no results for the splits of some graphs; the names of paths are in a language.
    #[must_use]
    pub fn new<'g>(graphs: impl IntoIterator<Item = &'g Graph>, language: Language) -> Self {
        let mut splits = Vec::new();
        for graph in graphs {
            let words = Words::new(graph, language);
            for node in &graph.nodes {
                let Element::Split { name, shares, otherwise } = &node.element else { continue };
                let all: Decimal = shares.iter().map(|share| share.percent).sum();
                let rest = (all < Decimal::ONE_HUNDRED).then_some((None, *otherwise));
                let paths = shares.iter().map(|share| (Some(share.percent), share.to)).chain(rest);
                let (percents, starts): (Vec<_>, Vec<_>) = paths.unzip();
                let paths = percents.into_iter().zip(names(graph, &words, &starts)).map(|(percent, name)| PathResult {
                    percent,
                    name,
                    entered: 0,
                    goals: 0,
                    worth: BTreeMap::new(),
                });
                splits.push(SplitResult {
                    funnel: graph.funnel.clone(),
                    element: node.id.clone(),
                    name: name.clone(),
                    has_goal: !graph.settings.goals.is_empty(),
                    paths: paths.collect(),
                });
            }
        }
        Self { splits, taken: BTreeMap::new() }
    }

    /// Adds a line.
    pub fn add(&mut self, line: &Line) {
        match &line.kind {
            LineKind::Decide { reason: Some(reason), .. } => {
                let is_here = |split: &SplitResult| split.element == line.element && split.funnel == line.funnel;
                let Some(split) = self.splits.iter().position(is_here) else { return };
                let Some(of) = self.splits.get_mut(split) else { return };
                let Some(path) = path_named(reason, &of.paths) else { return };
                // A split in a loop sends a run the same way each time.
                if self.taken.entry(line.run.clone()).or_default().insert((split, path))
                    && let Some(path) = of.paths.get_mut(path)
                {
                    path.entered += 1;
                }
            }
            LineKind::Goal { worth, .. } => {
                for (split, path) in self.taken.get(&line.run).into_iter().flatten() {
                    let path = self.splits.get_mut(*split).and_then(|split| split.paths.get_mut(*path));
                    if let Some(path) = path {
                        path.goals += 1;
                        add_worth(&mut path.worth, worth.as_ref());
                    }
                }
            }
            _ => {}
        }
    }

    /// The results.
    #[must_use]
    pub fn results(&self) -> &[SplitResult] {
        &self.splits
    }
}

impl PathResult {
    /// The path as it is written: `case 50%`, `otherwise`.
    #[must_use]
    pub fn text(&self) -> String {
        self.percent.map_or_else(|| "otherwise".to_owned(), |percent| format!("case {}%", percent.normalize()))
    }

    /// The share of runs that reached the goal, and the 95% interval around it by Wilson's method; `None` if no run took the
    /// path.
    #[must_use]
    pub fn rate(&self) -> Option<(f64, f64, f64)> {
        let (n, k) = (real(self.entered), real(self.goals));
        if self.entered == 0 {
            return None;
        }
        let center = (k + Z * Z / 2.0) / (n + Z * Z);
        let half = Z / (n + Z * Z) * (k * (n - k) / n + Z * Z / 4.0).sqrt();
        Some((k / n, (center - half).max(0.0), (center + half).min(1.0)))
    }

    /// The worth as text for programs, one amount for each currency.
    #[must_use]
    pub fn worth_text(&self) -> Vec<String> {
        let text = |(currency, amount): (&String, &Decimal)| {
            format!("{} {currency}", amount.normalize()).trim_end().to_owned()
        };
        self.worth.iter().map(text).collect()
    }
}

/// A count as a real number.
fn real(count: u64) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The index of the path that the engine names in its line.
fn path_named(reason: &str, paths: &[PathResult]) -> Option<usize> {
    match reason.strip_prefix("path ") {
        Some(number) => number.parse::<usize>().ok()?.checked_sub(1).filter(|path| *path < paths.len()),
        None if reason == "otherwise" => paths.iter().position(|path| path.percent.is_none()),
        None => None,
    }
}

/// The names of the paths that begin at some nodes; no two are the same.
fn names(graph: &Graph, words: &Words<'_>, starts: &[Option<NodeIx>]) -> Vec<String> {
    let steps: Vec<Vec<NodeIx>> = starts.iter().map(|start| steps_from(graph, *start)).collect();
    let long: Vec<String> = (0..steps.len()).map(|path| name(graph, words, &steps, path)).collect();
    let short: Vec<String> = long.iter().map(|name| shortened(name)).collect();
    let is_alone = |names: &[String], name: &str| names.iter().filter(|other| *other == name).count() == 1;
    let told = long.iter().zip(&short).enumerate().map(|(n, (long_name, name))| {
        if is_alone(&short, name) {
            name.clone()
        } else if is_alone(&long, long_name) {
            long_name.clone()
        } else {
            format!("{}. {name}", n + 1)
        }
    });
    told.collect()
}

/// The label of a path, its first message, or else its first step.
fn name(graph: &Graph, words: &Words<'_>, paths: &[Vec<NodeIx>], path: usize) -> String {
    let others: BTreeSet<NodeIx> =
        paths.iter().enumerate().filter(|(n, _)| *n != path).flat_map(|(_, steps)| steps).copied().collect();
    let own = paths.get(path).into_iter().flatten().filter(|step| !others.contains(step));
    let own: Vec<(NodeIx, &Node)> = own.filter_map(|step| Some((*step, graph.node(*step)?))).collect();
    let message = own.iter().find(|(_, node)| matches!(node.element, Element::Send { .. }));
    match (own.first(), message) {
        // A generated id has a hyphen, a label has none.
        (Some((_, first)), _) if !first.id.0.contains('-') => first.id.0.clone(),
        (_, Some((ix, _))) | (Some((ix, _)), None) => words.node(*ix).lines().next().unwrap_or_default().to_owned(),
        (None, None) => say!("no step of its own").in_language(words.language()).into_owned(),
    }
}

/// The steps of a path in their order, as far as its regular continuations lead.
fn steps_from(graph: &Graph, start: Option<NodeIx>) -> Vec<NodeIx> {
    let mut seen = BTreeSet::new();
    let next = |step: &NodeIx| graph.node(*step).and_then(|node| node.element.next());
    std::iter::successors(start, next).take_while(|step| seen.insert(*step)).collect()
}

fn shortened(name: &str) -> String {
    match name.chars().count() > NAME_CHARS {
        true => name.chars().take(NAME_CHARS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}

fn add_worth(worth: &mut BTreeMap<String, Decimal>, of_goal: Option<&serde_json::Value>) {
    let Some(json) = of_goal else { return };
    let read = |ty: &Type| json::read(json, ty, json::Locale::default()).ok();
    let (amount, currency) = match (read(&Type::Money), read(&Type::Number)) {
        (Some(Value::Money(money)), _) => (money.amount, money.currency),
        (_, Some(Value::Number(number))) => (number, String::new()),
        (_, _) => return,
    };
    let sum = worth.entry(currency).or_insert(Decimal::ZERO);
    *sum = sum.saturating_add(amount);
}
