//! Layer assignment: puts the vertices of a directed graph, cycles allowed, into ordered layers.
//!
//! Sugiyama's method: reverse the back edges, put every vertex below its predecessors, give a long arrow a bend in each
//! layer that it crosses, and order the layers so that few arrows cross.

use std::collections::BTreeMap;

/// How many times the order is improved, alternating downward and upward.
const SWEEPS: usize = 8;

/// The work limit (links squared times back edges) up to which both sides are tried for each back edge.
const MAX_SIDE_TRIALS: usize = 2_000_000;

/// Vertices in layers; bends are numbered after the given vertices.
pub(super) struct Layers {
    /// The vertices of each layer, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// The bends of each arrow, in the order of the arrows.
    pub(super) chains: Vec<Chain>,
    /// The number of vertices, including bends.
    pub(super) count: usize,
    /// The bends that sit directly beside an end of their arrow.
    pub(super) anchors: BTreeMap<usize, Anchor>,
}

/// The bends of an arrow.
pub(super) struct Chain {
    /// The bends from top to bottom, one in each layer between its ends; a back edge also has one beside each end, in
    /// the layer of that end.
    pub(super) bends: Vec<usize>,
    /// Whether it is a back edge.
    pub(super) back: bool,
}

/// The position of a bend beside an end of its arrow, where the arrow enters or leaves from the side.
#[derive(Clone, Copy)]
pub(super) struct Anchor {
    /// The end.
    pub(super) vertex: usize,
    /// Whether the bend is on its left.
    pub(super) left: bool,
}

/// Assigns layers; `arrows` are pairs of vertices below `count`.
pub(super) fn layers(count: usize, arrows: &[(usize, usize)]) -> Layers {
    let (seen, back) = depth_first_order(count, arrows);
    let rank = ranks(count, arrows, &back);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); rank.iter().max().map_or(0, |last| last + 1)];
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|vertex| seen.get(*vertex).copied().unwrap_or(usize::MAX));
    for vertex in order {
        row_mut(&mut rows, at(&rank, vertex)).push(vertex);
    }
    let mut layers = Layers { rows, chains: Vec::new(), count, anchors: BTreeMap::new() };
    for ((from, to), back) in arrows.iter().zip(&back) {
        layers.chain(&rank, (*from, *to), *back, &seen);
    }
    layers.choose_order(arrows);
    layers
}

/// Numbers the vertices in depth-first order and finds the back edges.
fn depth_first_order(count: usize, arrows: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
    let (mut seen, mut open) = (vec![usize::MAX; count], vec![false; count]);
    let mut back = vec![false; arrows.len()];
    let mut next = 0;
    for root in 0..count {
        // Each stack entry is a vertex and the index of the first arrow not yet visited.
        let mut stack = vec![(root, 0)];
        if seen.get(root).is_some_and(|number| *number != usize::MAX) {
            continue;
        }
        while let Some((vertex, arrow)) = stack.pop() {
            if arrow == 0 {
                set_at(&mut seen, vertex, next);
                set_at(&mut open, vertex, true);
                next += 1;
            }
            let Some((n, (_, to))) = arrows.iter().enumerate().skip(arrow).find(|(_, (from, _))| *from == vertex)
            else {
                set_at(&mut open, vertex, false);
                continue;
            };
            // The vertex stays open. Revisited entries have an index of at least 1, so they are not numbered twice.
            stack.push((vertex, n + 1));
            if open.get(*to).copied().unwrap_or(false) {
                set_at(&mut back, n, true);
            } else if seen.get(*to).is_some_and(|number| *number == usize::MAX) {
                stack.push((*to, 0));
            }
        }
    }
    (seen, back)
}

/// The layer of each vertex: below all its predecessors.
fn ranks(count: usize, arrows: &[(usize, usize)], back: &[bool]) -> Vec<usize> {
    let mut rank = vec![0; count];
    // Without back edges there is no cycle, so the ranks are stable after at most one round per layer.
    for _ in 0..count {
        let mut changed = false;
        for ((from, to), _) in arrows.iter().zip(back).filter(|(_, back)| !**back) {
            let below = at(&rank, *from) + 1;
            if at(&rank, *to) < below {
                set_at(&mut rank, *to, below);
                changed = true;
            }
        }
        if !changed {
            break;
        }
    }
    rank
}

impl Layers {
    /// Adds a bend in each layer between the ends of an arrow; a back edge also gets one in the layers of its ends.
    fn chain(&mut self, rank: &[usize], (from, to): (usize, usize), back: bool, seen: &[usize]) {
        let bend_layers = if back { at(rank, to)..at(rank, from) + 1 } else { at(rank, from) + 1..at(rank, to) };
        // Initially a bend goes beside what was visited before its lower end; that of a back edge to the right of it.
        let before = if back { at(seen, from) + 1 } else { at(seen, to) };
        let mut bends = Vec::new();
        for layer in bend_layers {
            let row = row_mut(&mut self.rows, layer);
            let place = row.partition_point(|vertex| *vertex < seen.len() && at(seen, *vertex) < before);
            row.insert(place, self.count);
            bends.push(self.count);
            self.count += 1;
        }
        if let Some((top, bottom)) = bends.first().zip(bends.last()).filter(|_| back) {
            self.anchors.insert(*bottom, Anchor { vertex: from, left: false });
            self.anchors.insert(*top, Anchor { vertex: to, left: false });
        }
        self.chains.push(Chain { bends, back });
    }

    /// Returns the layer of a vertex.
    pub(super) fn layer(&self, vertex: usize) -> Option<usize> {
        self.rows.iter().position(|row| row.contains(&vertex))
    }

    /// Returns the pairs of vertices in adjacent layers that an arrow connects.
    pub(super) fn links(&self, arrows: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut links = Vec::new();
        for ((from, to), chain) in arrows.iter().zip(&self.chains) {
            let (first, last) = if chain.back { (None, None) } else { (Some(*from), Some(*to)) };
            let path: Vec<usize> = first.into_iter().chain(chain.bends.iter().copied()).chain(last).collect();
            links.extend(path.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
        }
        links
    }

    /// Orders the layers, and puts each back edge on the side where it causes fewer crossings.
    fn choose_order(&mut self, arrows: &[(usize, usize)]) {
        let links = self.links(arrows);
        let initial = self.rows.clone();
        let mut fewest = self.reduce_crossings(&links);
        let mut best = self.rows.clone();
        let ends: Vec<(usize, usize)> = self.chains.iter().filter(|chain| chain.back).filter_map(Chain::ends).collect();
        let affordable = links.len().saturating_mul(links.len()).saturating_mul(ends.len()) <= MAX_SIDE_TRIALS;
        for (top, bottom) in ends.into_iter().filter(|_| affordable) {
            let mut best_sides = (false, false);
            for sides in [(true, true), (false, true), (true, false)] {
                if fewest == 0 {
                    break;
                }
                self.rows.clone_from(&initial);
                self.set_sides(top, bottom, sides);
                let crossing_count = self.reduce_crossings(&links);
                if crossing_count < fewest {
                    (fewest, best_sides) = (crossing_count, sides);
                    best.clone_from(&self.rows);
                }
            }
            self.set_sides(top, bottom, best_sides);
        }
        self.rows = best;
    }

    /// Chooses the sides of the two ends of a back edge.
    fn set_sides(&mut self, top: usize, bottom: usize, (left_above, left_below): (bool, bool)) {
        for (bend, left) in [(top, left_above), (bottom, left_below)] {
            if let Some(anchor) = self.anchors.get_mut(&bend) {
                anchor.left = left;
            }
        }
    }

    /// Orders each layer by the positions of its neighbors, keeps the order with the fewest crossings, and returns
    /// their number.
    fn reduce_crossings(&mut self, links: &[(usize, usize)]) -> usize {
        for layer in 0..self.rows.len() {
            let places = places(&self.rows);
            self.order_row(layer, &places, |vertex| places.get(&vertex).map_or(0, |place| place * 1000));
        }
        let mut best = (crossings(&self.rows, links), self.rows.clone());
        for sweep in 0..SWEEPS {
            if best.0 == 0 {
                break;
            }
            let downward = sweep % 2 == 0;
            let mut rows: Vec<usize> = (0..self.rows.len()).collect();
            if !downward {
                rows.reverse();
            }
            for layer in rows {
                let places = places(&self.rows);
                let middle = |vertex: usize| {
                    let beside = links.iter().filter_map(|(up, down)| match downward {
                        true if *down == vertex => places.get(up),
                        false if *up == vertex => places.get(down),
                        true | false => None,
                    });
                    let (sum, count) = beside.fold((0, 0), |(sum, count), place| (sum + place, count + 1));
                    // In thousandths, so that integers can serve as the sort key.
                    (sum * 1000_usize)
                        .checked_div(count)
                        .unwrap_or_else(|| places.get(&vertex).map_or(0, |place| place * 1000))
                };
                self.order_row(layer, &places, middle);
            }
            let now = crossings(&self.rows, links);
            if now < best.0 {
                best = (now, self.rows.clone());
            }
        }
        self.rows = best.1;
        best.0
    }

    /// Sorts a layer; a bend that is anchored to a vertex stays beside it.
    fn order_row(&mut self, layer: usize, places: &BTreeMap<usize, usize>, middle: impl Fn(usize) -> usize) {
        let anchors = &self.anchors;
        row_mut(&mut self.rows, layer).sort_by_cached_key(|vertex| {
            let anchor = anchors.get(vertex);
            let at = anchor.map_or(*vertex, |anchor| anchor.vertex);
            let side = anchor.map_or(1, |anchor| if anchor.left { 0 } else { 2 });
            (middle(at), places.get(&at).copied(), side, middle(*vertex))
        });
    }
}

impl Chain {
    /// Returns its first and its last bend.
    pub(super) fn ends(&self) -> Option<(usize, usize)> {
        self.bends.first().copied().zip(self.bends.last().copied())
    }
}

/// The position of each vertex in its layer.
fn places(rows: &[Vec<usize>]) -> BTreeMap<usize, usize> {
    rows.iter().flat_map(|row| row.iter().enumerate().map(|(place, vertex)| (*vertex, place))).collect()
}

fn crossings(rows: &[Vec<usize>], links: &[(usize, usize)]) -> usize {
    let places = places(rows);
    let layer: BTreeMap<usize, usize> =
        rows.iter().enumerate().flat_map(|(n, row)| row.iter().map(move |vertex| (*vertex, n))).collect();
    let mut gaps: Vec<Vec<(usize, usize)>> = vec![Vec::new(); rows.len()];
    for (up, down) in links {
        let ends = places.get(up).zip(places.get(down));
        if let (Some((up, down)), Some(gap)) = (ends, layer.get(up).and_then(|layer| gaps.get_mut(*layer))) {
            gap.push((*up, *down));
        }
    }
    let cross = |a: &(usize, usize), b: &(usize, usize)| (a.0 < b.0 && a.1 > b.1) || (a.0 > b.0 && a.1 < b.1);
    let within = |gap: &Vec<(usize, usize)>| -> usize {
        gap.iter().enumerate().map(|(i, a)| gap.iter().skip(i + 1).filter(|b| cross(a, b)).count()).sum()
    };
    gaps.iter().map(within).sum()
}

fn at(list: &[usize], n: usize) -> usize {
    list.get(n).copied().unwrap_or(0)
}

fn set_at<T>(list: &mut [T], n: usize, value: T) {
    if let Some(place) = list.get_mut(n) {
        *place = value;
    }
}

fn row_mut(rows: &mut Vec<Vec<usize>>, n: usize) -> &mut Vec<usize> {
    if rows.len() <= n {
        rows.resize(n + 1, Vec::new());
    }
    // The row exists: it was created above.
    #[allow(clippy::indexing_slicing, reason = "the line above makes it long enough")]
    &mut rows[n]
}

#[cfg(test)]
mod tests {
    use super::{crossings, layers};

    #[test]
    fn predecessors_are_above_and_long_arrows_bend_in_each_layer() {
        let arrows = [(0, 1), (1, 2), (2, 3), (0, 3)];
        let layers = layers(4, &arrows);
        assert_eq!(layers.rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2, 1]);
        assert_eq!(layers.chains[3].bends.len(), 2);
        assert_eq!(crossings(&layers.rows, &layers.links(&arrows)), 0);
    }

    #[test]
    fn a_cycle_keeps_its_first_vertex_on_top() {
        let arrows = [(0, 1), (1, 2), (2, 1), (1, 3)];
        let layers = layers(4, &arrows);
        assert!(layers.chains[2].back);
        // Each of its ends has a bend directly beside it, on either side.
        let (top, bottom) = layers.chains[2].ends().unwrap();
        assert_eq!(layers.rows[0], [0]);
        for (vertex, bend) in [(1, top), (2, bottom)] {
            let row = layers.rows.iter().find(|row| row.contains(&vertex)).unwrap();
            let place = |of: usize| row.iter().position(|other| *other == of).unwrap();
            assert_eq!(place(vertex).abs_diff(place(bend)), 1, "{row:?}");
        }
    }

    #[test]
    fn paths_in_the_wrong_order_are_untangled() {
        let arrows = [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)];
        let layers = layers(6, &arrows);
        assert_eq!(crossings(&layers.rows, &layers.links(&arrows)), 0);
    }
}
