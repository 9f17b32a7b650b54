//! Layers of a drawing. In: vertices with arrows between them, loops allowed. Out: a layer and a place in it for each
//! vertex and for each bend of an arrow that passes layers.
//!
//! The way is Sugiyama's: turn arrows that lead back, put every vertex below all that lead to it, let long arrows pass
//! each layer at a bend of their own, and order layers so that few arrows cross.

use std::collections::BTreeMap;

/// How often the order is improved, from top to bottom and back.
const SWEEPS: usize = 8;

/// Vertices in layers, bends included: those after the given ones.
pub(super) struct Layers {
    /// The vertices of each layer, from left to right.
    pub(super) rows: Vec<Vec<usize>>,
    /// Each arrow as the vertices it passes, from its upper end to its lower one.
    pub(super) chains: Vec<Chain>,
    /// How many vertices there are, bends included.
    pub(super) count: usize,
}

/// The way of an arrow.
pub(super) struct Chain {
    /// The bends between its ends, one in each layer; none where it leads back.
    pub(super) bends: Vec<usize>,
    /// Whether it leads back up.
    pub(super) back: bool,
}

/// Puts vertices into layers; `arrows` are pairs of vertices below `count`.
pub(super) fn layers(count: usize, arrows: &[(usize, usize)]) -> Layers {
    let (seen, back) = walk(count, arrows);
    let rank = ranks(count, arrows, &back);
    let mut rows: Vec<Vec<usize>> = vec![Vec::new(); rank.iter().max().map_or(0, |last| last + 1)];
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by_key(|vertex| seen.get(*vertex).copied().unwrap_or(usize::MAX));
    for vertex in order {
        row(&mut rows, of(&rank, vertex)).push(vertex);
    }
    let mut layers = Layers { rows, chains: Vec::new(), count };
    for ((from, to), back) in arrows.iter().zip(&back) {
        layers.chain(&rank, (*from, *to), *back, &seen);
    }
    layers.untangle(arrows);
    layers
}

/// Numbers vertices as they are met, and finds the arrows that lead back to where the walk came from.
fn walk(count: usize, arrows: &[(usize, usize)]) -> (Vec<usize>, Vec<bool>) {
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
                set(&mut seen, vertex, next);
                set(&mut open, vertex, true);
                next += 1;
            }
            let Some((n, (_, to))) = arrows.iter().enumerate().skip(arrow).find(|(_, (from, _))| *from == vertex)
            else {
                set(&mut open, vertex, false);
                continue;
            };
            // The vertex stays open; what was looked at starts at one, so that it is not met anew.
            stack.push((vertex, n + 1));
            if open.get(*to).copied().unwrap_or(false) {
                set(&mut back, n, true);
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
        let mut settled = true;
        for ((from, to), _) in arrows.iter().zip(back).filter(|(_, back)| !**back) {
            let below = of(&rank, *from) + 1;
            if of(&rank, *to) < below {
                set(&mut rank, *to, below);
                settled = false;
            }
        }
        if settled {
            break;
        }
    }
    rank
}

impl Layers {
    /// Lets an arrow bend in each layer between its ends. One that leads back goes round outside of the layers.
    fn chain(&mut self, rank: &[usize], (from, to): (usize, usize), back: bool, seen: &[usize]) {
        let passed = if back { 0..0 } else { of(rank, from) + 1..of(rank, to) };
        let mut bends = Vec::new();
        for layer in passed {
            let row = row(&mut self.rows, layer);
            // At first it stays beside what was met before its end.
            let place = row.partition_point(|vertex| *vertex < seen.len() && of(seen, *vertex) < of(seen, to));
            row.insert(place, self.count);
            bends.push(self.count);
            self.count += 1;
        }
        self.chains.push(Chain { bends, back });
    }

    /// The pairs of vertices in neighbouring layers that arrows join.
    pub(super) fn links(&self, arrows: &[(usize, usize)]) -> Vec<(usize, usize)> {
        let mut links = Vec::new();
        for ((from, to), chain) in arrows.iter().zip(&self.chains).filter(|(_, chain)| !chain.back) {
            let way: Vec<usize> = [*from].into_iter().chain(chain.bends.iter().copied()).chain([*to]).collect();
            links.extend(way.windows(2).filter_map(|pair| Some((*pair.first()?, *pair.get(1)?))));
        }
        links
    }

    /// Orders each layer by where its neighbours are, and keeps the order in which the fewest arrows cross.
    fn untangle(&mut self, arrows: &[(usize, usize)]) {
        let links = self.links(arrows);
        let mut best = (crossings(&self.rows, &links), self.rows.clone());
        for sweep in 0..SWEEPS {
            if best.0 == 0 {
                break;
            }
            let down = sweep % 2 == 0;
            let mut rows: Vec<usize> = (0..self.rows.len()).collect();
            if !down {
                rows.reverse();
            }
            for layer in rows {
                let places = places(&self.rows);
                let middle = |vertex: usize| {
                    let beside = links.iter().filter_map(|(up, low)| match down {
                        true if *low == vertex => places.get(up),
                        false if *up == vertex => places.get(low),
                        true | false => None,
                    });
                    let (sum, count) = beside.fold((0, 0), |(sum, count), place| (sum + place, count + 1));
                    // In thousandths, so that it can be an exact key.
                    (sum * 1000_usize)
                        .checked_div(count)
                        .unwrap_or_else(|| places.get(&vertex).map_or(0, |place| place * 1000))
                };
                row(&mut self.rows, layer).sort_by_cached_key(|vertex| middle(*vertex));
            }
            let now = crossings(&self.rows, &links);
            if now < best.0 {
                best = (now, self.rows.clone());
            }
        }
        self.rows = best.1;
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
    let ends: Vec<(usize, usize, usize)> =
        links.iter().filter_map(|(up, low)| Some((*layer.get(up)?, *places.get(up)?, *places.get(low)?))).collect();
    let crosses = |a: &(usize, usize, usize), b: &(usize, usize, usize)| {
        a.0 == b.0 && ((a.1 < b.1 && a.2 > b.2) || (a.1 > b.1 && a.2 < b.2))
    };
    ends.iter().enumerate().map(|(i, a)| ends.iter().skip(i + 1).filter(|b| crosses(a, b)).count()).sum()
}

fn of(list: &[usize], n: usize) -> usize {
    list.get(n).copied().unwrap_or(0)
}

fn set<T>(list: &mut [T], n: usize, value: T) {
    if let Some(place) = list.get_mut(n) {
        *place = value;
    }
}

fn row(rows: &mut Vec<Vec<usize>>, n: usize) -> &mut Vec<usize> {
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
        assert!(layers.chains[2].back && layers.chains[2].bends.is_empty());
        assert_eq!(layers.rows[..2], [vec![0], vec![1]]);
    }

    #[test]
    fn two_paths_that_are_written_crosswise_do_not_cross() {
        let arrows = [(0, 1), (0, 2), (1, 4), (2, 3), (3, 5), (4, 5)];
        let layers = layers(6, &arrows);
        assert_eq!(crossings(&layers.rows, &layers.links(&arrows)), 0);
    }
}
