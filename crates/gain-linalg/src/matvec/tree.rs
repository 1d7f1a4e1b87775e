//! The dyadic tree over the leaves of a contracted axis: which of its nodes a rank's leaves make, and its value from the nodes of all.

/// A node: its level, its number there, and its leaves `lo..hi`, fewer than `2^level` only at the end of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Node {
    pub(super) level: u32,
    pub(super) lo: usize,
    pub(super) hi: usize,
}

/// The nodes of at most `most` leaves that make up the leaves `lo..hi` of `n_leaves`.
pub(super) fn nodes(lo: usize, hi: usize, n_leaves: usize, most: usize) -> Vec<Node> {
    let mut found = Vec::new();
    let mut at = lo;
    while at < hi {
        let mut level = 0;
        loop {
            let next = 1usize << (level + 1);
            // A node at the end of the axis may lack leaves, if it has more than its left half.
            let fits = at + next <= hi || (hi == n_leaves && at + next / 2 < hi);
            if !at.is_multiple_of(next) || next > most || !fits {
                break;
            }
            level += 1;
        }
        let end = (at + (1 << level)).min(hi);
        found.push(Node {
            level,
            lo: at,
            hi: end,
        });
        at = end;
    }
    found
}

/// The sum over all `n_leaves` leaves; `of` gives a node's vector where there is one, `add` adds the second vector to the first.
pub(super) fn root<V>(
    n_leaves: usize,
    of: &mut dyn FnMut(u32, usize) -> Option<V>,
    add: &dyn Fn(V, V) -> V,
) -> V {
    fn value<V>(
        level: u32,
        lo: usize,
        n_leaves: usize,
        of: &mut dyn FnMut(u32, usize) -> Option<V>,
        add: &dyn Fn(V, V) -> V,
    ) -> V {
        if let Some(found) = of(level, lo) {
            return found;
        }
        assert!(level > 0, "every leaf is in some rank's node");
        let middle = lo + (1 << (level - 1));
        let left = value(level - 1, lo, n_leaves, of, add);
        if middle >= n_leaves {
            return left;
        }
        let right = value(level - 1, middle, n_leaves, of, add);
        add(left, right)
    }
    value(n_leaves.next_power_of_two().ilog2(), 0, n_leaves, of, add)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The order of additions as text.
    fn text(n_leaves: usize, cuts: &[usize], most: usize) -> String {
        let mut all = Vec::new();
        for pair in cuts.windows(2) {
            all.extend(nodes(pair[0], pair[1], n_leaves, most));
        }
        fn within(lo: usize, hi: usize) -> String {
            if hi - lo == 1 {
                return lo.to_string();
            }
            let middle = lo + (hi - lo).next_power_of_two() / 2;
            format!("({}+{})", within(lo, middle), within(middle, hi))
        }
        let mut of = |level: u32, lo: usize| {
            let node = all
                .iter()
                .find(|node| (node.level, node.lo) == (level, lo))?;
            Some(within(node.lo, node.hi))
        };
        root(n_leaves, &mut of, &|a, b| format!("({a}+{b})"))
    }

    #[test]
    fn the_order_of_additions_does_not_depend_on_the_cuts() {
        assert_eq!(text(5, &[0, 5], 8), "(((0+1)+(2+3))+4)");
        for n in 1..70 {
            let wanted = text(n, &[0, n], usize::MAX);
            for first in 0..=n {
                for second in [first, n.min(first + 3), n] {
                    for most in [1, 4, usize::MAX] {
                        assert_eq!(
                            text(n, &[0, first, second, n], most),
                            wanted,
                            "{n}: {first}, {second}"
                        );
                    }
                }
            }
        }
    }
}
