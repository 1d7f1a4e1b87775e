//! Which rank owns which box: the pure algebra that plans are made with.
//!
//! # Rationale
//! Ownership is a formula over the process grid, so asking for one rank's box, or for the owners of a box, costs what
//! the answer holds and nothing per rank of the team. It never communicates: every rank computes the same answers.
//!
//! # Limitations
//! Blocks are products of one interval per axis; each array axis is cut by at most one grid dimension.

use std::fmt;
use std::rc::Rc;

use smallvec::SmallVec;

use crate::axis_cuts::AxisCuts;
use crate::error::Error;
use crate::index_box::{IndexBox, Indices};

/// Which rank owns which box of an array.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::large_enum_variant,
    reason = "nearly all are blocks, and a box would cost each an allocation"
)]
pub enum Distribution {
    /// Every rank holds the whole array.
    Replicated {
        /// Shape of the array.
        shape: Indices,
    },
    /// A process grid cuts the axes.
    Blocks(Blocks),
}

/// A process grid over the array's axes.
///
/// The ranks are the grid's coordinates in row-major order; ranks beyond the grid's product own nothing.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Blocks {
    /// Ranks of the team.
    pub n_ranks: usize,
    /// Extents of the process grid; their product is at most `n_ranks`.
    pub grid: SmallVec<[usize; 4]>,
    /// The cuts of each array axis.
    pub axes: SmallVec<[AxisCuts; 4]>,
    /// The grid dimension that cuts each array axis; `None`: the axis is whole on every coordinate.
    pub axis_dim: SmallVec<[Option<usize>; 4]>,
    /// For each grid dimension that cuts no axis, the one coordinate that owns; `None` for those that cut one.
    pub fixed: SmallVec<[Option<usize>; 4]>,
}

/// How one axis of a view comes from its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ViewAxis {
    /// Index `i` sees index `start + step * i` of the base's axis.
    Base {
        /// Axis of the base.
        axis: usize,
        /// Index of the base that index 0 sees.
        start: usize,
        /// Distance in the base between neighbours; not 0.
        step: isize,
        /// Length of the view's axis.
        len: usize,
    },
    /// An axis that the base does not have (`None`, or a broadcast one): whole on every owner.
    New {
        /// Length of the view's axis.
        len: usize,
    },
    /// An axis of the base that an integer index removed.
    Fixed {
        /// Axis of the base.
        axis: usize,
        /// The index taken.
        index: usize,
    },
}

impl Distribution {
    /// Every rank holds the whole array. Local.
    #[must_use]
    pub fn replicated(shape: &[usize]) -> Self {
        Distribution::Replicated {
            shape: SmallVec::from_slice(shape),
        }
    }

    /// Even blocks: dimension `d` of the grid cuts axis `d`; axes beyond the grid stay whole. Local.
    ///
    /// # Errors
    /// [`Error::Distribution`] when the grid has more dimensions than the array, a zero extent, or more places than there are ranks.
    pub fn regular(shape: &[usize], grid: &[usize], n_ranks: usize) -> Result<Self, Error> {
        let axes = shape
            .iter()
            .enumerate()
            .map(|(axis, &len)| AxisCuts::Regular {
                len,
                parts: grid.get(axis).copied().unwrap_or(1),
                grain: 1,
            });
        Self::from_cuts(axes.collect(), grid.len(), n_ranks)
    }

    /// Blocks between given cut points, a list per axis: ascending, from 0 to the axis's length. Local.
    ///
    /// An axis with two points stays whole. The grid has a dimension per axis, in order.
    ///
    /// # Errors
    /// [`Error::Distribution`] when a list is not ascending from 0, has fewer than two points, or the blocks outnumber the ranks.
    pub fn irregular<C: AsRef<[usize]>>(cuts: &[C], n_ranks: usize) -> Result<Self, Error> {
        let mut axes: SmallVec<[AxisCuts; 4]> = SmallVec::new();
        for (axis, points) in cuts.iter().enumerate() {
            let points = points.as_ref();
            if points.len() < 2 || points[0] != 0 || points.windows(2).any(|w| w[0] > w[1]) {
                return Err(Error::Distribution {
                    reason: format!(
                        "the cut points of axis {axis} do not ascend from 0: {points:?}"
                    ),
                });
            }
            axes.push(if points.len() == 2 {
                AxisCuts::whole(points[1])
            } else {
                AxisCuts::Irregular(Rc::from(points))
            });
        }
        let dims = axes.len();
        Self::from_cuts(axes, dims, n_ranks)
    }

    /// Blocks whose grid has one dimension for each of the first `dims` axes.
    pub(crate) fn from_cuts(
        axes: SmallVec<[AxisCuts; 4]>,
        dims: usize,
        n_ranks: usize,
    ) -> Result<Self, Error> {
        let wrong = |reason: String| Err(Error::Distribution { reason });
        if dims > axes.len() {
            return wrong(format!(
                "a grid of {dims} dimensions over an array of {} axes",
                axes.len()
            ));
        }
        let grid: SmallVec<[usize; 4]> = axes[..dims].iter().map(AxisCuts::parts).collect();
        let places = grid
            .iter()
            .try_fold(1usize, |product, &extent| product.checked_mul(extent));
        match places {
            Some(places) if (1..=n_ranks).contains(&places) => {}
            _ => return wrong(format!("a grid of {grid:?} does not fit {n_ranks} ranks")),
        }
        let mut fixed = SmallVec::from_elem(None, dims);
        let mut axis_dim: SmallVec<[Option<usize>; 4]> = SmallVec::from_elem(None, axes.len());
        for dim in 0..dims {
            if grid[dim] == 1 {
                fixed[dim] = Some(0);
            } else {
                axis_dim[dim] = Some(dim);
            }
        }
        Ok(Distribution::Blocks(Blocks {
            n_ranks,
            grid,
            axes,
            axis_dim,
            fixed,
        }))
    }

    /// Shape of the array. Local.
    #[must_use]
    pub fn shape(&self) -> Indices {
        match self {
            Distribution::Replicated { shape } => shape.clone(),
            Distribution::Blocks(blocks) => blocks.axes.iter().map(AxisCuts::len).collect(),
        }
    }

    /// Number of axes. Local.
    #[must_use]
    pub fn ndim(&self) -> usize {
        match self {
            Distribution::Replicated { shape } => shape.len(),
            Distribution::Blocks(blocks) => blocks.axes.len(),
        }
    }

    /// Number of elements of the array. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.shape().iter().product()
    }

    /// Whether the array has no element. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Ranks of the team over which the blocks lie; 1 for a replicated array, which knows no team. Local.
    #[must_use]
    pub fn n_ranks(&self) -> usize {
        match self {
            Distribution::Replicated { .. } => 1,
            Distribution::Blocks(blocks) => blocks.n_ranks,
        }
    }

    /// Whether every rank holds the whole array. Local.
    #[must_use]
    pub fn is_replicated(&self) -> bool {
        matches!(self, Distribution::Replicated { .. })
    }

    /// The box that a rank owns: the full box when replicated, an empty one for a rank that owns nothing. Local.
    #[must_use]
    pub fn box_of(&self, rank: usize) -> IndexBox {
        match self {
            Distribution::Replicated { shape } => IndexBox::full(shape),
            Distribution::Blocks(blocks) => blocks.box_of(rank),
        }
    }

    /// The rank that owns an element. Local.
    ///
    /// Of a replicated array every rank holds it, and rank 0 is named.
    ///
    /// # Panics
    /// If the index lies outside the array.
    #[must_use]
    pub fn owner_of(&self, index: &[usize]) -> usize {
        match self {
            Distribution::Replicated { shape } => {
                assert!(
                    IndexBox::full(shape).contains(index),
                    "index {index:?} lies outside shape {shape:?}"
                );
                0
            }
            Distribution::Blocks(blocks) => blocks.owner_of(index),
        }
    }

    /// The ranks that own a part of `wanted`, each with its part, which is not empty. Local.
    ///
    /// The parts are disjoint, cover `wanted`, and come in C order of their places; the cost is that of the answer. Of
    /// a replicated array rank 0 is named for the whole.
    ///
    /// # Panics
    /// If `wanted` reaches outside the array.
    pub fn owners(&self, wanted: &IndexBox) -> Owners {
        let full = IndexBox::full(&self.shape());
        assert!(
            full.contains_box(wanted),
            "box {wanted} reaches outside {full}"
        );
        match self {
            _ if wanted.is_empty() => Owners::none(),
            Distribution::Replicated { .. } => Owners::one(0, wanted.clone()),
            Distribution::Blocks(blocks) => blocks.owners(wanted),
        }
    }

    /// Number of elements of the largest block (see [`AxisCuts::max_interval`] for its one approximation). Local.
    #[must_use]
    pub fn max_block_len(&self) -> usize {
        match self {
            Distribution::Replicated { shape } => shape.iter().product(),
            Distribution::Blocks(blocks) => {
                blocks.axes.iter().map(AxisCuts::max_interval).product()
            }
        }
    }

    /// Largest block over the mean block: 1 is perfect, `n_ranks` when one rank owns all; 1 for an empty or replicated array. Local.
    #[must_use]
    pub fn imbalance(&self) -> f64 {
        let total = self.len();
        if total == 0 || self.is_replicated() {
            return 1.0;
        }
        self.max_block_len() as f64 * self.n_ranks() as f64 / total as f64
    }

    /// The distribution of a view's index space: each element of the view lies where its base's element lies. Local.
    ///
    /// Replicated stays replicated. Every axis of a distributed base that a grid dimension cuts must be named by exactly
    /// one [`ViewAxis`].
    ///
    /// # Panics
    /// If an index seen lies outside the base, or an axis that is cut is named twice or never.
    #[must_use]
    pub fn view(&self, axes: &[ViewAxis]) -> Distribution {
        match self {
            Distribution::Replicated { .. } => Distribution::Replicated {
                shape: view_shape(axes),
            },
            Distribution::Blocks(blocks) => Distribution::Blocks(blocks.view(axes)),
        }
    }

    /// The same grid with the cuts of one axis moved down to multiples of `grain`. Local.
    ///
    /// # Panics
    /// If there is no such axis or `grain` is 0.
    #[must_use]
    pub fn with_grain(&self, axis: usize, grain: usize) -> Distribution {
        assert!(
            axis < self.ndim(),
            "axis {axis} of a distribution of {} axes",
            self.ndim()
        );
        match self {
            Distribution::Replicated { .. } => self.clone(),
            Distribution::Blocks(blocks) => {
                let mut blocks = blocks.clone();
                blocks.axes[axis] = blocks.axes[axis].rounded(grain);
                Distribution::Blocks(blocks)
            }
        }
    }
}

impl Blocks {
    /// Number of places of the grid. Local.
    #[must_use]
    pub fn n_places(&self) -> usize {
        self.grid.iter().product()
    }

    /// Coordinates of a rank in the grid; `None` beyond it. Local.
    #[must_use]
    pub fn coords_of(&self, rank: usize) -> Option<SmallVec<[usize; 4]>> {
        if rank >= self.n_places() {
            return None;
        }
        let mut coords = SmallVec::from_elem(0, self.grid.len());
        let mut rest = rank;
        for (dim, &extent) in self.grid.iter().enumerate().rev() {
            coords[dim] = rest % extent;
            rest /= extent;
        }
        Some(coords)
    }

    /// The rank at the grid's coordinates. Local.
    #[must_use]
    pub fn rank_at(&self, coords: &[usize]) -> usize {
        coords
            .iter()
            .zip(&self.grid)
            .fold(0, |rank, (&coord, &extent)| rank * extent + coord)
    }

    fn box_of(&self, rank: usize) -> IndexBox {
        let nothing = IndexBox::nothing(self.axes.len());
        let Some(coords) = self.coords_of(rank) else {
            return nothing;
        };
        if self
            .fixed
            .iter()
            .zip(&coords)
            .any(|(fixed, &coord)| fixed.is_some_and(|owner| owner != coord))
        {
            return nothing;
        }
        let (mut lo, mut hi) = (Indices::new(), Indices::new());
        for (cuts, dim) in self.axes.iter().zip(&self.axis_dim) {
            let (first, end) = cuts.interval(dim.map_or(0, |dim| coords[dim]));
            lo.push(first);
            hi.push(end);
        }
        let block = IndexBox { lo, hi };
        if block.is_empty() { nothing } else { block }
    }

    /// The coordinates that own by `fixed`, 0 in the dimensions that cut an axis.
    fn base_coords(&self) -> SmallVec<[usize; 4]> {
        self.fixed.iter().map(|fixed| fixed.unwrap_or(0)).collect()
    }

    fn owner_of(&self, index: &[usize]) -> usize {
        assert_eq!(index.len(), self.axes.len(), "one index per axis");
        let mut coords = self.base_coords();
        for ((cuts, dim), &i) in self.axes.iter().zip(&self.axis_dim).zip(index) {
            assert!(
                i < cuts.len(),
                "index {i} of an axis of length {}",
                cuts.len()
            );
            if let Some(dim) = dim {
                coords[*dim] = cuts.coord_of(i);
            }
        }
        self.rank_at(&coords)
    }

    fn owners(&self, wanted: &IndexBox) -> Owners {
        let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, self.grid.len());
        for dim in (1..self.grid.len()).rev() {
            strides[dim - 1] = strides[dim] * self.grid[dim];
        }
        let mut parts: SmallVec<[Vec<AxisPart>; 4]> = SmallVec::new();
        for (axis, (cuts, dim)) in self.axes.iter().zip(&self.axis_dim).enumerate() {
            let (lo, hi) = (wanted.lo[axis], wanted.hi[axis]);
            parts.push(match dim {
                None => vec![AxisPart { rank: 0, lo, hi }],
                Some(dim) => cuts
                    .intervals(lo, hi)
                    .map(|(coord, lo, hi)| AxisPart {
                        rank: coord * strides[*dim],
                        lo,
                        hi,
                    })
                    .collect(),
            });
        }
        let first = self.rank_at(&self.base_coords());
        Owners {
            first,
            at: SmallVec::from_elem(0, parts.len()),
            parts,
            done: false,
        }
    }

    fn view(&self, axes: &[ViewAxis]) -> Blocks {
        let mut named: SmallVec<[bool; 8]> = SmallVec::from_elem(false, self.axes.len());
        let mut name = |axis: usize| {
            assert!(
                !std::mem::replace(&mut named[axis], true),
                "axis {axis} of the base is named once"
            );
        };
        let mut view = Blocks {
            n_ranks: self.n_ranks,
            grid: self.grid.clone(),
            axes: SmallVec::new(),
            axis_dim: SmallVec::new(),
            fixed: self.fixed.clone(),
        };
        for axis in axes {
            match *axis {
                ViewAxis::New { len } => {
                    view.axes.push(AxisCuts::whole(len));
                    view.axis_dim.push(None);
                }
                ViewAxis::Base {
                    axis,
                    start,
                    step,
                    len,
                } => {
                    name(axis);
                    let of = &self.axes[axis];
                    view.axes.push(match self.axis_dim[axis] {
                        Some(_) => AxisCuts::view(Rc::new(of.clone()), start, step, len),
                        None => AxisCuts::whole(len),
                    });
                    view.axis_dim.push(self.axis_dim[axis]);
                }
                ViewAxis::Fixed { axis, index } => {
                    name(axis);
                    assert!(
                        index < self.axes[axis].len(),
                        "index {index} of an axis of length {}",
                        self.axes[axis].len()
                    );
                    if let Some(dim) = self.axis_dim[axis] {
                        view.fixed[dim] = Some(self.axes[axis].coord_of(index));
                    }
                }
            }
        }
        for (axis, named) in named.iter().enumerate() {
            assert!(
                *named || self.axis_dim[axis].is_none(),
                "axis {axis} of the base is cut, so that a view must name it"
            );
        }
        view
    }
}

/// Shape of a view.
#[must_use]
pub(crate) fn view_shape(axes: &[ViewAxis]) -> Indices {
    axes.iter()
        .filter_map(|axis| match *axis {
            ViewAxis::Base { len, .. } | ViewAxis::New { len } => Some(len),
            ViewAxis::Fixed { .. } => None,
        })
        .collect()
}

/// A run of one axis that one coordinate owns; `rank` is what the coordinate adds to the rank.
#[derive(Clone, Debug)]
struct AxisPart {
    rank: usize,
    lo: usize,
    hi: usize,
}

/// The owners of a box with their parts; made by [`Distribution::owners`].
#[derive(Clone, Debug)]
pub struct Owners {
    first: usize,
    parts: SmallVec<[Vec<AxisPart>; 4]>,
    at: SmallVec<[usize; 4]>,
    done: bool,
}

impl Owners {
    fn none() -> Self {
        Owners {
            first: 0,
            parts: SmallVec::new(),
            at: SmallVec::new(),
            done: true,
        }
    }

    fn one(rank: usize, part: IndexBox) -> Self {
        let parts: SmallVec<[Vec<AxisPart>; 4]> = part
            .lo
            .iter()
            .zip(&part.hi)
            .map(|(&lo, &hi)| vec![AxisPart { rank: 0, lo, hi }])
            .collect();
        Owners {
            first: rank,
            at: SmallVec::from_elem(0, parts.len()),
            parts,
            done: false,
        }
    }
}

impl Iterator for Owners {
    type Item = (usize, IndexBox);

    fn next(&mut self) -> Option<Self::Item> {
        if self.done {
            return None;
        }
        let (mut rank, mut lo, mut hi) = (self.first, Indices::new(), Indices::new());
        for (parts, &at) in self.parts.iter().zip(&self.at) {
            let part = &parts[at];
            rank += part.rank;
            lo.push(part.lo);
            hi.push(part.hi);
        }
        self.done = true;
        for axis in (0..self.at.len()).rev() {
            self.at[axis] += 1;
            if self.at[axis] < self.parts[axis].len() {
                self.done = false;
                break;
            }
            self.at[axis] = 0;
        }
        Some((rank, IndexBox { lo, hi }))
    }
}

/// `replicated (3, 4)`, `blocks (100/4, 7) of grid 4 over 4 ranks`.
impl fmt::Display for Distribution {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Distribution::Replicated { shape } => {
                let lens: Vec<String> = shape.iter().map(usize::to_string).collect();
                write!(f, "replicated ({})", lens.join(", "))
            }
            Distribution::Blocks(blocks) => {
                let axes: Vec<String> = blocks.axes.iter().map(AxisCuts::to_string).collect();
                let dims: Vec<String> = blocks
                    .grid
                    .iter()
                    .zip(&blocks.fixed)
                    .map(|(extent, fixed)| match fixed {
                        Some(owner) if *extent > 1 => format!("{extent}@{owner}"),
                        _ => extent.to_string(),
                    })
                    .collect();
                write!(
                    f,
                    "blocks ({}) of grid {} over {} ranks",
                    axes.join(", "),
                    dims.join("x"),
                    blocks.n_ranks
                )
            }
        }
    }
}
