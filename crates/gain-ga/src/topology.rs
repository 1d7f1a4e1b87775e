//! Which ranks share a node.

/// The nodes of a team: a node's ranks share memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Topology {
    node_of: Vec<usize>,
    n_nodes: usize,
    mine: Vec<usize>,
    largest: usize,
}

impl Topology {
    /// From any number per rank that is equal for the ranks of one node; nodes are numbered by their first ranks.
    pub(crate) fn new(marks: &[usize], rank: usize) -> Topology {
        let mut seen = std::collections::HashMap::new();
        let node_of: Vec<usize> = marks
            .iter()
            .map(|mark| {
                let next = seen.len();
                *seen.entry(*mark).or_insert(next)
            })
            .collect();
        let n_nodes = seen.len();
        let mut sizes = vec![0; n_nodes];
        for &node in &node_of {
            sizes[node] += 1;
        }
        let mine = (0..marks.len())
            .filter(|&other| node_of[other] == node_of[rank])
            .collect();
        Topology {
            n_nodes,
            mine,
            largest: sizes.into_iter().max().unwrap_or(1),
            node_of,
        }
    }

    /// Number of the node of a rank.
    pub(crate) fn node_of(&self, rank: usize) -> usize {
        self.node_of[rank]
    }

    /// Number of nodes.
    pub(crate) fn n_nodes(&self) -> usize {
        self.n_nodes
    }

    /// The ranks of this rank's node, ascending.
    pub(crate) fn mine(&self) -> &[usize] {
        &self.mine
    }

    /// Ranks of the fullest node.
    pub(crate) fn largest(&self) -> usize {
        self.largest
    }
}

/// Ranks per node that the environment pretends (`GAIN_RANKS_PER_NODE`), so that one machine can test the ways between nodes.
pub(crate) fn pretended_ranks_per_node() -> Option<usize> {
    std::env::var("GAIN_RANKS_PER_NODE")
        .ok()?
        .parse()
        .ok()
        .filter(|&ranks| ranks > 0)
}
