//! Results of splits. In: the graphs, and every line of a simulation. Out: for each path of each split, how many runs took
//! it, how many of them reached the goal afterwards, and what that was worth.

use crate::engine::{Line, LineKind, RunId};
use crate::graph::{Element, ElementId, Graph, Share};
use crate::value::{Decimal, Type, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The quantile of the normal distribution for an interval that covers 95%.
const Z: f64 = 1.959_963_984_540_054;

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
    /// How many runs took it.
    pub entered: u64,
    /// How many of them reached the goal after that.
    pub goals: u64,
    /// The sum of what these goals were worth, by currency; plain numbers have none.
    pub worth: BTreeMap<String, Decimal>,
}

impl Variants {
    /// Starts with no results for the splits of some graphs.
    #[must_use]
    pub fn new<'g>(graphs: impl IntoIterator<Item = &'g Graph>) -> Self {
        let mut splits = Vec::new();
        for graph in graphs {
            for node in &graph.nodes {
                let Element::Split { name, shares, otherwise } = &node.element else { continue };
                let all: Decimal = shares.iter().map(|share| share.percent).sum();
                let rest = (otherwise.is_some() || all < Decimal::ONE_HUNDRED).then_some(None);
                let percents = shares.iter().map(|share: &Share| Some(share.percent)).chain(rest);
                let empty = |percent| PathResult { percent, entered: 0, goals: 0, worth: BTreeMap::new() };
                splits.push(SplitResult {
                    funnel: graph.funnel.clone(),
                    element: node.id.clone(),
                    name: name.clone(),
                    has_goal: !graph.settings.goals.is_empty(),
                    paths: percents.map(empty).collect(),
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
                let Some(path) = path_named(reason, of.paths.len()) else { return };
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

    /// The worth as text, one amount for each currency.
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
fn path_named(reason: &str, paths: usize) -> Option<usize> {
    match reason.strip_prefix("path ") {
        Some(number) => number.parse::<usize>().ok()?.checked_sub(1).filter(|path| *path < paths),
        None if reason == "otherwise" => paths.checked_sub(1),
        None => None,
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
