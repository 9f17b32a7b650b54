//! Layers of a drawing. In: vertices with arrows between them, loops allowed. Out: a layer and a place in it for each
//! vertex and for each bend of an arrow that passes layers.
//!
//! The way is Sugiyama's: turn arrows that lead back, put every vertex below all that lead to it, let long arrows pass
//! each layer at a bend of their own, and order layers so that few arrows cross.

use std::collections::BTreeMap;

/// How often the order is improved, from top to bottom and back.
const SWEEPS: usize = 8;

/// The most links between layers, squared and times the arrows that lead back, for which both sides of these are tried.
const MAX_SIDE_TRIALS: usize = 2_000_000;

/// Vertices in layers, bends included: those after the given ones.
pub(super) struct Layers {
    /// The vertices of each layer, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Each arrow as the vertices it passes, from its upper end to its lower one.
    pub(super) chains: Vec<Chain>,
    /// How many vertices there are, bends included.
    pub(super) count: usize,
    /// The bends right beside an end of their arrow.
    pub(super) anchors: BTreeMap<usize, Anchor>,
}

/// The way of an arrow.
pub(super) struct Chain {
    /// The bends from top to bottom: those between its ends, one in each layer; where it leads back, also one in the
    /// layer of each end, right beside it.
    pub(super) bends: Vec<usize>,
    /// Whether it leads back up.
    pub(super) back: bool,
}

/// Where a bend is that stands right beside an end of its arrow, which leaves or enters there from the side.
#[derive(Clone, Copy)]
pub(super) struct Anchor {
    /// The end.
    pub(super) vertex: usize,
    /// Whether the bend is on its left.
    pub(super) left: bool,
}

/// Puts vertices into layers; `arrows` are pairs of vertices below `count`.
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

/// Numbers vertices as they are met, and finds the arrows that lead back to where the walk came from.
fn depth_first_order(count: usize, arrows: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
    let (mut seen, mut open) = (vec![usize::MAX; count], vec![false; count]);
    let mut back = vec![false; arrows.len()];
    let mut next = 0;
    for root in 0..count {
        // Each entry of the stack is a vertex and the first of its arrows that was not looked at.
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
            // The vertex stays open; what was looked at starts at one, so that it is not met anew.
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

/// How far down each vertex is: below all that lead to it.
fn ranks(count: usize, arrows: &[(usize, usize)], back: &[bool]) -> Vec<usize> {
    let mut rank = vec![0; count];
    // Without the arrows that lead back there is no loop, so the ranks settle after as many rounds as there are layers.
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
    /// Lets an arrow bend in each layer between its ends; one that leads back also in the layers of its ends.
    fn chain(&mut self, rank: &[usize], (from, to): (usize, usize), back: bool, seen: &[usize]) {
        let bend_layers = if back { at(rank, to)..at(rank, from) + 1 } else { at(rank, from) + 1..at(rank, to) };
        // At first it stays beside what was met before its lower end, or on the right of that where it leads back.
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

    /// The layer of a vertex.
    pub(super) fn layer(&self, vertex: usize) -> Option<usize> {
        self.rows.iter().position(|row| row.contains(&vertex))
    }

    /// The pairs of vertices in neighbouring layers that arrows join.
    pub(super) fn links(&self, arrows: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut links = Vec::new();
        for ((from, to), chain) in arrows.iter().zip(&self.chains) {
            let (first, last) = if chain.back { (None, None) } else { (Some(*from), Some(*to)) };
            let path: Vec<usize> = first.into_iter().chain(chain.bends.iter().copied()).chain(last).collect();
            links.extend(path.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
        }
        links
    }

    /// Orders the layers, and lets arrows that lead back pass on the side on which they cross fewer others.
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

    /// Puts the ends of an arrow that leads back on sides.
    fn set_sides(&mut self, top: usize, bottom: usize, (left_above, left_below): (bool, bool)) {
        for (bend, left) in [(top, left_above), (bottom, left_below)] {
            if let Some(anchor) = self.anchors.get_mut(&bend) {
                anchor.left = left;
            }
        }
    }

    /// Orders each layer by where its neighbours are, and keeps the order in which the fewest arrows cross: how many.
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
                    // In thousandths, so that it can be an exact key.
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

    /// Orders a layer; a bend beside an end of its arrow stays there.
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
    /// Its first bend and its last one.
    pub(super) fn ends(&self) -> Option<(usize, usize)> {
        self.bends.first().copied().zip(self.bends.last().copied())
    }
}

/// Where each vertex is in its layer.
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
    // The row is there: it was made above.
    #[allow(clippy::indexing_slicing, reason = "the line above makes it long enough")]
    &mut rows[n]
}

#[cfg(test)]
mod tests {
    use super::{crossings, layers};

    #[test]
    fn what_leads_to_a_vertex_is_above_it_and_long_arrows_bend_in_each_layer() {
        let arrows = [(0, 1), (1, 2), (2, 3), (0, 3)];
        let layers = layers(4, &arrows);
        assert_eq!(layers.rows.iter().map(Vec::len).collect::<Vec<_>>(), [1, 2, 2, 1]);
        assert_eq!(layers.chains[3].bends.len(), 2);
        assert_eq!(crossings(&layers.rows, &layers.links(&arrows)), 0);
    }

    #[test]
    fn a_loop_does_not_turn_the_layers_around() {
        let arrows = [(0, 1), (1, 2), (2, 1), (1, 3)];
        let layers = layers(4, &arrows);
        assert!(layers.chains[2].back);
        // Each end of it has a bend right beside it, on either side.
        let (top, bottom) = layers.chains[2].ends().unwrap();
        assert_eq!(layers.rows[0], [0]);
        for (vertex, bend) in [(1, top), (2, bottom)] {
            let row = layers.rows.iter().find(|row| row.contains(&vertex)).unwrap();
            let place = |of: usize| row.iter().position(|other| *other == of).unwrap();
            assert_eq!(place(vertex).abs_diff(place(bend)), 1, "{row:?}");
        }
    }

    #[test]
    fn two_paths_that_are_written_crosswise_do_not_cross() {
        let arrows = [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)];
        let layers = layers(6, &arrows);
        assert_eq!(crossings(&layers.rows, &layers.links(&arrows)), 0);
    }
}
