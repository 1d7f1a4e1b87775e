//! The algebra of ownership, checked against plain loops over every index.

use std::rc::Rc;
use std::time::Instant;

use gain_ga::{
    AxisCuts, Blocks, Distribution, IndexBox, Indices, Move, ViewAxis, base_box, moves_between,
};
use proptest::prelude::*;

/// Cuts of an axis of any kind, views of step down to -3 and rounding included.
fn axis_cuts() -> impl Strategy<Value = AxisCuts> {
    let regular = (0usize..40, 1usize..7, 1usize..9)
        .prop_map(|(len, parts, grain)| AxisCuts::Regular { len, parts, grain });
    let irregular = prop::collection::vec(0usize..9, 1..7).prop_map(|lens| {
        let mut cuts = vec![0];
        for len in lens {
            cuts.push(cuts.last().unwrap() + len);
        }
        AxisCuts::Irregular(Rc::from(cuts))
    });
    prop_oneof![regular, irregular].prop_recursive(3, 4, 1, |inner| {
        prop_oneof![
            (inner.clone(), 1usize..9).prop_map(|(of, grain)| of.rounded(grain)),
            (
                inner,
                any::<prop::sample::Index>(),
                any::<prop::sample::Index>(),
                prop::sample::select(vec![-3isize, -2, -1, 1, 2, 3])
            )
                .prop_map(|(of, start, len, step)| {
                    if of.is_empty() {
                        return AxisCuts::view(Rc::new(of), 0, step, 0);
                    }
                    let start = start.index(of.len());
                    let room = if step > 0 {
                        of.len() - 1 - start
                    } else {
                        start
                    } / step.unsigned_abs()
                        + 1;
                    AxisCuts::view(Rc::new(of), start, step, len.index(room + 1))
                }),
        ]
    })
}

/// Blocks over any axes, some of them whole, on any grid that fits.
fn blocks() -> impl Strategy<Value = Distribution> {
    prop::collection::vec((axis_cuts(), any::<bool>()), 0..4).prop_map(|axes| {
        let mut parts = Blocks {
            n_ranks: 1,
            grid: Default::default(),
            axes: Default::default(),
            axis_dim: Default::default(),
            fixed: Default::default(),
        };
        for (cuts, cut) in axes {
            if cut && cuts.parts() > 1 {
                parts.axis_dim.push(Some(parts.grid.len()));
                parts.grid.push(cuts.parts());
                parts.fixed.push(None);
                parts.axes.push(cuts);
            } else {
                parts.axis_dim.push(None);
                parts.axes.push(AxisCuts::whole(cuts.len() % 7));
            }
        }
        parts.n_ranks = parts.n_places() + 1;
        Distribution::Blocks(parts)
    })
}

/// A way to view an axis of this length.
fn view_axis(axis: usize, len: usize, a: usize, b: usize, step: isize) -> ViewAxis {
    if len == 0 {
        return ViewAxis::Base {
            axis,
            start: 0,
            step: 1,
            len: 0,
        };
    }
    let start = a % len;
    if step == 0 {
        return ViewAxis::Fixed { axis, index: start };
    }
    let room = if step > 0 { len - 1 - start } else { start } / step.unsigned_abs() + 1;
    ViewAxis::Base {
        axis,
        start,
        step,
        len: b % (room + 1),
    }
}

/// The base's index of a view's index.
fn base_index(axes: &[ViewAxis], ndim: usize, index: &[usize]) -> Indices {
    let mut base = Indices::from_elem(0, ndim);
    let mut at = index.iter();
    for axis in axes {
        match *axis {
            ViewAxis::New { .. } => {
                at.next();
            }
            ViewAxis::Fixed { axis, index } => base[axis] = index,
            ViewAxis::Base {
                axis, start, step, ..
            } => base[axis] = (start as isize + step * *at.next().unwrap() as isize) as usize,
        }
    }
    base
}

/// Each element has one owner, and everything that the distribution says agrees with it.
fn check(distribution: &Distribution) {
    let shape = distribution.shape();
    let full = IndexBox::full(&shape);
    let boxes: Vec<IndexBox> = (0..distribution.n_ranks())
        .map(|rank| distribution.box_of(rank))
        .collect();
    let mut largest = 0;
    for index in full.indices() {
        let owner = distribution.owner_of(&index);
        let holders: Vec<usize> = (0..boxes.len())
            .filter(|&rank| boxes[rank].contains(&index))
            .collect();
        assert_eq!(holders, [owner], "{distribution} at {index:?}");
    }
    for (rank, block) in boxes.iter().enumerate() {
        assert!(
            full.contains_box(block) || block.is_empty(),
            "{distribution}: {block}"
        );
        largest = largest.max(block.len());
        let _ = rank;
    }
    assert_eq!(distribution.max_block_len(), largest, "{distribution}");
    let mut covered = 0;
    for (rank, part) in distribution.owners(&full) {
        assert_eq!(part, boxes[rank]);
        covered += part.len();
    }
    assert_eq!(covered, full.len());
}

proptest! {
    #[test]
    fn intervals_partition_the_axis(cuts in axis_cuts()) {
        let len = cuts.len();
        let mut owners = vec![None; len];
        let mut longest = 0;
        for coord in 0..cuts.parts() {
            let (lo, hi) = cuts.interval(coord);
            prop_assert!(lo <= hi && hi <= len);
            longest = longest.max(hi - lo);
            for (i, owner) in owners.iter_mut().enumerate().take(hi).skip(lo) {
                prop_assert_eq!(*owner, None, "index {} is owned twice", i);
                *owner = Some(coord);
            }
        }
        for (i, owner) in owners.iter().enumerate() {
            prop_assert_eq!(*owner, Some(cuts.coord_of(i)));
        }
        prop_assert_eq!(cuts.max_interval(), longest);
        if len > 2 {
            let range = cuts.coords_of(1, len - 1);
            let meets = |c: &usize| { let (lo, hi) = cuts.interval(*c); lo.max(1) < hi.min(len - 1) };
            prop_assert_eq!((0..cuts.parts()).filter(meets).all(|c| range.contains(&c)), true);
            prop_assert!(meets(&range.start) && meets(&(range.end - 1)));
        }
        prop_assert_eq!(cuts.coords_of(len, len).len(), 0);
    }

    #[test]
    fn blocks_partition_the_array(distribution in blocks()) {
        check(&distribution);
    }

    #[test]
    fn a_view_lies_where_its_base_lies(
        distribution in blocks(),
        picks in prop::collection::vec((any::<u16>(), any::<u16>(), -2isize..3, any::<bool>()), 4),
        reversed in any::<bool>(),
    ) {
        let shape = distribution.shape();
        let mut axes: Vec<ViewAxis> = Vec::new();
        for (axis, &len) in shape.iter().enumerate() {
            let (a, b, step, new) = picks[axis];
            axes.push(view_axis(axis, len, a.into(), b.into(), step));
            if new {
                axes.push(ViewAxis::New { len: 2 });
            }
        }
        if reversed {
            axes.reverse();
        }
        let view = distribution.view(&axes);
        check(&view);
        for index in IndexBox::full(&view.shape()).indices() {
            prop_assert_eq!(view.owner_of(&index), distribution.owner_of(&base_index(&axes, shape.len(), &index)));
        }
        for rank in 0..view.n_ranks() {
            let part = view.box_of(rank);
            let read = base_box(&axes, shape.len(), &part);
            prop_assert!(part.is_empty() || distribution.box_of(rank).contains_box(&read));
        }
    }

    #[test]
    fn grains_are_not_cut(distribution in blocks(), axis in 0usize..4, grain in 1usize..9) {
        if axis < distribution.ndim() {
            let rounded = distribution.with_grain(axis, grain);
            check(&rounded);
            prop_assert_eq!(rounded.shape(), distribution.shape());
            let len = rounded.shape()[axis];
            for rank in 0..rounded.n_ranks() {
                let block = rounded.box_of(rank);
                if !block.is_empty() {
                    prop_assert!(block.lo[axis].is_multiple_of(grain) && (block.hi[axis].is_multiple_of(grain) || block.hi[axis] == len));
                }
            }
        }
    }

    #[test]
    fn defaults_partition_and_balance(shape in prop::collection::vec(0usize..30, 0..4), n_ranks in 1usize..17) {
        let distribution = Distribution::default_for(&shape, n_ranks);
        check(&distribution);
        prop_assert_eq!(distribution.shape().to_vec(), shape);
        prop_assert_eq!(distribution.n_ranks(), n_ranks);
    }

    #[test]
    fn moves_take_every_element_to_every_owner(
        shape in prop::collection::vec(0usize..12, 1..3), grid in 1usize..4, grain in 1usize..5, replicated in 0usize..3,
    ) {
        let n_ranks = 4;
        let default = Distribution::default_for(&shape, n_ranks).with_grain(0, grain);
        let regular = Distribution::regular(&shape, &[grid], n_ranks).unwrap();
        let (source, target) = match replicated {
            0 => (default, regular),
            1 => (Distribution::replicated(&shape), regular),
            _ => (default, Distribution::replicated(&shape)),
        };
        let all: Vec<Vec<Move>> = (0..n_ranks).map(|rank| moves_between(&source, &target, rank)).collect();
        for rank in 0..n_ranks {
            for index in target.box_of(rank).indices() {
                let arrivals: Vec<&Move> = all[rank].iter().filter(|m| m.to == rank && m.target.contains(&index)).collect();
                prop_assert_eq!(arrivals.len(), 1);
                prop_assert!(source.box_of(arrivals[0].from).contains_box(&arrivals[0].source));
            }
            for m in &all[rank] {
                prop_assert!(m.from == rank || m.to == rank);
                // What one side sends, the other awaits, in the same order.
                let there = if m.from == rank { m.to } else { m.from };
                let pair = |list: &[Move]| list.iter().filter(|o| (o.from, o.to) == (m.from, m.to)).cloned().collect::<Vec<_>>();
                prop_assert_eq!(pair(&all[rank]), pair(&all[there]));
            }
        }
    }
}

#[test]
fn defaults_are_as_documented() {
    let text = |shape: &[usize], n_ranks| Distribution::default_for(shape, n_ranks).to_string();
    assert_eq!(
        text(&[100_000], 4),
        "blocks (100000/4 by 1024) of grid 4 over 4 ranks"
    );
    assert_eq!(
        text(&[1000], 4),
        "blocks (1000/4 by 8) of grid 4 over 4 ranks"
    );
    assert_eq!(text(&[10], 4), "blocks (10/4) of grid 4 over 4 ranks");
    assert_eq!(
        text(&[4000, 4000], 4),
        "blocks (4000/4, 4000) of grid 4 over 4 ranks"
    );
    assert_eq!(
        text(&[3, 1000], 4),
        "blocks (3, 1000/4) of grid 1x4 over 4 ranks"
    );
    assert_eq!(
        text(&[10, 10], 6),
        "blocks (10/3, 10/2) of grid 3x2 over 6 ranks"
    );
    assert_eq!(text(&[], 4), "blocks () of grid  over 4 ranks");
    assert_eq!(text(&[0, 5], 4), "blocks (0/4, 5) of grid 4 over 4 ranks");
    assert!(Distribution::default_for(&[1000, 1000, 1000], 65_536).imbalance() < 1.1);
}

#[test]
fn a_zero_d_view_has_one_owner() {
    let base = Distribution::default_for(&[10], 4);
    let view = base.view(&[ViewAxis::Fixed { axis: 0, index: 7 }]);
    let owner = base.owner_of(&[7]);
    assert_eq!(view.owner_of(&[]), owner);
    for rank in 0..4 {
        assert_eq!(view.box_of(rank).len(), usize::from(rank == owner));
    }
    assert_eq!(
        view.owners(&IndexBox::full(&[])).collect::<Vec<_>>(),
        [(owner, IndexBox::full(&[]))]
    );
}

#[test]
fn wrong_distributions_are_errors() {
    assert!(Distribution::regular(&[10], &[5], 4).is_err());
    assert!(Distribution::regular(&[10], &[2, 2], 4).is_err());
    assert!(Distribution::regular(&[10], &[0], 4).is_err());
    assert!(Distribution::irregular(&[vec![0, 5, 3]], 4).is_err());
    assert!(Distribution::irregular(&[vec![1, 5]], 4).is_err());
    assert!(Distribution::irregular(&[vec![0, 5, 5, 9], vec![0, 3]], 4).is_ok());
}

/// One rank's share of the moves of a shifted read, a rebalancing and a view, at the scale of a large machine.
#[test]
fn planning_one_ranks_share_is_quick_at_65536_ranks() {
    let n_ranks = 65_536;
    let rank = 40_000;
    let plan = || {
        let rows = Distribution::default_for(&[1_000_000, 4000], n_ranks);
        let inner = rows.view(&[
            ViewAxis::Base {
                axis: 0,
                start: 1,
                step: 1,
                len: 999_998,
            },
            ViewAxis::Base {
                axis: 1,
                start: 1,
                step: 1,
                len: 3998,
            },
        ]);
        let own = inner.box_of(rank);
        let needs = base_box(
            &[
                ViewAxis::Base {
                    axis: 0,
                    start: 2,
                    step: 1,
                    len: 999_998,
                },
                ViewAxis::Base {
                    axis: 1,
                    start: 1,
                    step: 1,
                    len: 3998,
                },
            ],
            2,
            &own,
        );
        let halo = rows.owners(&needs).count();
        let rounded = inner.with_grain(0, 8);
        let moved = moves_between(&inner, &rounded, rank).len();
        let cube = Distribution::default_for(&[3000, 3000, 3000], n_ranks);
        let reversed = cube.view(&[
            ViewAxis::Base {
                axis: 2,
                start: 2999,
                step: -1,
                len: 3000,
            },
            ViewAxis::Base {
                axis: 0,
                start: 0,
                step: 2,
                len: 1500,
            },
            ViewAxis::Fixed { axis: 1, index: 77 },
        ]);
        let balance = reversed.imbalance();
        (halo, moved, reversed.box_of(rank).len(), balance)
    };
    let (halo, moved, ..) = plan();
    assert!(
        (2..=3).contains(&halo) && (1..=6).contains(&moved),
        "{halo} {moved}"
    );
    // The best of a few passes: the machine may be busy.
    let best = (0..20)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(plan());
            start.elapsed()
        })
        .min()
        .unwrap();
    assert!(best.as_micros() < 1000, "planning took {best:?}");
}
