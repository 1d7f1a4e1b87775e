//! One axis cut into the parts that the coordinates of a process grid own.
//!
//! # Rationale
//! A cut is a formula, not a table: the regular case, a view of it and its rounding to a grain need no vector, so that
//! a rank among 65,536 plans its share at the cost of its own neighbours. Only irregular cuts carry their points.
//!
//! # Limitations
//! Each coordinate owns one run of indices of its axis. Cyclic distributions can not be written down.

use std::fmt;
use std::ops::Range;
use std::rc::Rc;

/// Parts up to which [`AxisCuts::max_interval`] looks at every part of a view.
const EXACT_PARTS: usize = 4096;

/// How one axis is cut into `parts()` intervals, one for each coordinate of a grid dimension.
///
/// The intervals are disjoint and cover `0..len()`; each may be empty. In a view of negative step they descend while
/// the coordinates ascend.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AxisCuts {
    /// Even cuts at multiples of `grain`: with `units = ceil(len / grain)` part `p` begins at
    /// `min(len, grain * floor(units * p / parts))`.
    Regular {
        /// Length of the axis.
        len: usize,
        /// Number of parts.
        parts: usize,
        /// Indices that stay together.
        grain: usize,
    },
    /// `parts + 1` ascending cut points; the first is 0, the last is the length.
    Irregular(Rc<[usize]>),
    /// Index `i` of this axis is index `start + step * i` of `of`. Made by [`AxisCuts::view`].
    View {
        /// The axis seen; never itself a view.
        of: Rc<AxisCuts>,
        /// Index of `of` that index 0 sees.
        start: usize,
        /// Distance in `of` between neighbours; may be negative, never 0.
        step: isize,
        /// Length of this axis.
        len: usize,
    },
    /// The cuts of `of`, each moved down to a multiple of `grain` (the end stays). Made by [`AxisCuts::rounded`].
    Rounded {
        /// The axis whose cuts are moved.
        of: Rc<AxisCuts>,
        /// Indices that stay together.
        grain: usize,
    },
}

impl AxisCuts {
    /// An axis that one coordinate owns whole. Local.
    #[must_use]
    pub fn whole(len: usize) -> Self {
        AxisCuts::Regular {
            len,
            parts: 1,
            grain: 1,
        }
    }

    /// The cuts of an axis that sees `len` indices of `of`, from `start` by `step`. Local.
    ///
    /// Views of views are flattened, and the identity is `of`'s own cuts.
    ///
    /// # Panics
    /// If `step` is 0 or an index seen lies outside `of`.
    #[must_use]
    pub fn view(of: Rc<AxisCuts>, start: usize, step: isize, len: usize) -> Self {
        assert!(step != 0, "the step of a view is not 0");
        if len == 0 {
            // All empty views of an axis are one, so that they compare equal.
            return AxisCuts::Regular {
                len: 0,
                parts: of.parts(),
                grain: 1,
            };
        }
        let last = start as isize + step * (len as isize - 1);
        assert!(
            start < of.len() && (0..of.len() as isize).contains(&last),
            "a view stays inside its axis"
        );
        let step = if len == 1 { 1 } else { step };
        if start == 0 && step == 1 && len == of.len() {
            return of.as_ref().clone();
        }
        if let AxisCuts::View {
            of: base,
            start: base_start,
            step: base_step,
            ..
        } = of.as_ref()
        {
            let start = (*base_start as isize + base_step * start as isize) as usize;
            return AxisCuts::view(Rc::clone(base), start, base_step * step, len);
        }
        AxisCuts::View {
            of,
            start,
            step,
            len,
        }
    }

    /// These cuts moved down to multiples of `grain`; the end of the axis stays. Local.
    ///
    /// # Panics
    /// If `grain` is 0.
    #[must_use]
    pub fn rounded(&self, grain: usize) -> Self {
        assert!(grain > 0, "a grain holds at least one index");
        match self {
            AxisCuts::Regular { grain: own, .. } if own % grain == 0 => self.clone(),
            AxisCuts::Rounded { grain: own, .. } if own % grain == 0 => self.clone(),
            _ if grain == 1 || self.parts() == 1 => self.clone(),
            _ => AxisCuts::Rounded {
                of: Rc::new(self.clone()),
                grain,
            },
        }
    }

    /// Length of the axis. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            AxisCuts::Regular { len, .. } | AxisCuts::View { len, .. } => *len,
            AxisCuts::Irregular(cuts) => cuts.last().copied().unwrap_or(0),
            AxisCuts::Rounded { of, .. } => of.len(),
        }
    }

    /// Whether the axis has no index. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of parts: the extent of the grid dimension that cuts this axis. Local.
    #[must_use]
    pub fn parts(&self) -> usize {
        match self {
            AxisCuts::Regular { parts, .. } => *parts,
            AxisCuts::Irregular(cuts) => cuts.len() - 1,
            AxisCuts::View { of, .. } | AxisCuts::Rounded { of, .. } => of.parts(),
        }
    }

    /// The half-open interval that a coordinate owns; `lo == hi` when it owns nothing. Local.
    ///
    /// # Panics
    /// If `coord >= parts()`.
    #[must_use]
    pub fn interval(&self, coord: usize) -> (usize, usize) {
        assert!(
            coord < self.parts(),
            "coordinate {coord} of an axis in {} parts",
            self.parts()
        );
        match self {
            AxisCuts::Regular { len, parts, grain } => (
                regular_cut(*len, *parts, *grain, coord),
                regular_cut(*len, *parts, *grain, coord + 1),
            ),
            AxisCuts::Irregular(cuts) => (cuts[coord], cuts[coord + 1]),
            AxisCuts::View {
                of,
                start,
                step,
                len,
            } => view_interval(of.interval(coord), *start, *step, *len),
            AxisCuts::Rounded { of, grain } => {
                let len = of.len();
                let down = |cut: usize| if cut == len { len } else { cut - cut % grain };
                let (lo, hi) = of.interval(coord);
                (down(lo), down(hi))
            }
        }
    }

    /// The coordinate that owns an index. Local.
    ///
    /// # Panics
    /// If the index lies outside the axis.
    #[must_use]
    pub fn coord_of(&self, index: usize) -> usize {
        assert!(
            index < self.len(),
            "index {index} of an axis of length {}",
            self.len()
        );
        match self {
            AxisCuts::Regular { len, parts, grain } => {
                let units = len.div_ceil(*grain) as u128;
                let unit = (index / grain) as u128;
                // The last part p whose first unit floor(units * p / parts) is not past `unit`.
                (((unit + 1) * *parts as u128 - 1) / units) as usize
            }
            // The last cut not past the index; behind equal cuts, that of the part that is not empty.
            AxisCuts::Irregular(cuts) => cuts.partition_point(|&cut| cut <= index) - 1,
            AxisCuts::View {
                of, start, step, ..
            } => of.coord_of((*start as isize + step * index as isize) as usize),
            AxisCuts::Rounded { of, grain } => {
                // A grain goes, whole, to the owner of its last index: only a cut behind that one rounds to behind it.
                let last = (index - index % grain + grain).min(of.len()) - 1;
                of.coord_of(last)
            }
        }
    }

    /// The coordinates whose intervals meet `lo..hi`, as one range; some in between may own nothing. Local.
    ///
    /// # Panics
    /// If the interval reaches outside the axis.
    #[must_use]
    pub fn coords_of(&self, lo: usize, hi: usize) -> Range<usize> {
        if lo >= hi {
            return 0..0;
        }
        let (first, last) = (self.coord_of(lo), self.coord_of(hi - 1));
        first.min(last)..first.max(last) + 1
    }

    /// Length of the longest interval. Local.
    ///
    /// For a view in more than 4096 parts this is an upper bound, at most one too large, so that its cost stays small.
    #[must_use]
    pub fn max_interval(&self) -> usize {
        let longest = |coords: Range<usize>| {
            coords
                .map(|c| {
                    let (lo, hi) = self.interval(c);
                    hi - lo
                })
                .max()
                .unwrap_or(0)
        };
        let len = self.len();
        if len == 0 {
            return 0;
        }
        match self {
            AxisCuts::Regular { parts, grain, .. } => {
                let units = len.div_ceil(*grain);
                let (fewest, rest) = (units / parts, units % parts);
                // The last part always takes the larger number of units, but its last unit may be cut short.
                match rest {
                    0 if *parts > 1 => (fewest * grain).min(len),
                    0 | 1 => {
                        longest(parts - 1..*parts).max(if *parts > 1 { fewest * grain } else { 0 })
                    }
                    _ => (fewest + 1) * grain,
                }
            }
            AxisCuts::Irregular(cuts) => cuts.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0),
            AxisCuts::View { of, step, .. } => {
                let coords = self.coords_of(0, len);
                if coords.len() <= EXACT_PARTS {
                    longest(coords)
                } else {
                    of.max_interval().div_ceil(step.unsigned_abs()).min(len)
                }
            }
            AxisCuts::Rounded { of, grain } => {
                let coords = self.coords_of(0, len);
                if coords.len() <= EXACT_PARTS {
                    longest(coords)
                } else {
                    (of.max_interval() + grain - 1).min(len)
                }
            }
        }
    }

    /// The intervals that meet `lo..hi`, cut to it, with their coordinates, in the order of the indices. Local.
    ///
    /// Empty intervals are stepped over, not visited: the cost is that of the answer.
    pub fn intervals(
        &self,
        lo: usize,
        hi: usize,
    ) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let mut at = lo;
        std::iter::from_fn(move || {
            if at >= hi {
                return None;
            }
            let coord = self.coord_of(at);
            let end = self.interval(coord).1.min(hi);
            let found = (coord, at, end);
            at = end;
            Some(found)
        })
    }
}

/// Where part `part` of a regular axis begins.
fn regular_cut(len: usize, parts: usize, grain: usize, part: usize) -> usize {
    let units = len.div_ceil(grain) as u128;
    let unit = units * part as u128 / parts as u128;
    (unit * grain as u128).min(len as u128) as usize
}

/// The indices `i` of `0..len` for which `start + step * i` lies in `base`.
fn view_interval(base: (usize, usize), start: usize, step: isize, len: usize) -> (usize, usize) {
    let (lo, hi, start) = (base.0 as isize, base.1 as isize, start as isize);
    let (first, end) = if step > 0 {
        (ceil_div(lo - start, step), ceil_div(hi - start, step))
    } else {
        (
            ceil_div(start - hi + 1, -step),
            ceil_div(start - lo + 1, -step),
        )
    };
    let clamp = |i: isize| i.clamp(0, len as isize) as usize;
    (clamp(first), clamp(end))
}

/// `a / b` rounded up, for `b > 0`.
fn ceil_div(a: isize, b: isize) -> isize {
    -((-a).div_euclid(b))
}

/// `100/4`, `100/4 by 8`, `{0, 3, 9}`, `(100/4)[98:..:-2]x50`.
impl fmt::Display for AxisCuts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AxisCuts::Regular { len, parts: 1, .. } => write!(f, "{len}"),
            AxisCuts::Regular {
                len,
                parts,
                grain: 1,
            } => write!(f, "{len}/{parts}"),
            AxisCuts::Regular { len, parts, grain } => write!(f, "{len}/{parts} by {grain}"),
            AxisCuts::Irregular(cuts) => {
                let points: Vec<String> = cuts.iter().map(usize::to_string).collect();
                write!(f, "{{{}}}", points.join(", "))
            }
            AxisCuts::View {
                of,
                start,
                step,
                len,
            } => write!(f, "({of})[{start}:..:{step}]x{len}"),
            AxisCuts::Rounded { of, grain } => write!(f, "({of}) down by {grain}"),
        }
    }
}
