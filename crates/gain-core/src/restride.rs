//! Views of another shape of arrays whose elements do not follow one another, as NumPy finds strides for them.
//!
//! # Rationale
//! Axes of the two shapes that hold the same elements belong together. Where the old ones of a group lie like one axis, the new ones are a
//! division of it; so the base gets that axis in place of those that it had, divided where the new shape divides it, and the view walks
//! along its parts.

use std::rc::Rc;

use gain_ga::Indices;
use smallvec::{SmallVec, smallvec};

use crate::array::Array;
use crate::error::Result;
use crate::layout::{Layout, Walk};

/// A run of base axes that is replaced.
struct Replaced {
    /// First base axis, and the one behind the last.
    axes: (usize, usize),
    /// What stands in its place: lengths, the view's index 0 and its step on each.
    lens: Indices,
    origin: Indices,
    steps: SmallVec<[isize; 4]>,
}

impl Array {
    /// The view of another shape by other walks through the base; `None` where NumPy copies too, and where the base can not be divided so.
    /// Collective.
    pub(crate) fn restrided(&self, shape: &[usize]) -> Result<Option<Array>> {
        if self.size() == 0 || self.base.shape.contains(&0) {
            return Ok(None);
        }
        let Some((layout, base)) = restrided(&self.layout, &self.base.shape, shape) else {
            return Ok(None);
        };
        if base[..] == self.base.shape[..] {
            return Ok(Some(self.with_layout(layout)));
        }
        let whole = Array::whole(&self.runtime, Rc::clone(&self.base));
        let Some(whole) = whole.reshape(&base)? else {
            return Ok(None);
        };
        // Where only axes of length 1 differ, the base has not become another.
        let layout = whole.layout.compose(&layout);
        let mut view = self.with_layout(layout);
        view.base = Rc::clone(&whole.base);
        Ok(Some(view))
    }
}

/// The layout of a view with another shape, and the shape of the base that it walks through.
fn restrided(layout: &Layout, base: &[usize], shape: &[usize]) -> Option<(Layout, Indices)> {
    let mut replaced: Vec<Replaced> = Vec::new();
    // For each new axis the replaced run and the part of it that it follows.
    let mut follows: SmallVec<[Option<(usize, usize)>; 4]> = SmallVec::new();
    let olds: SmallVec<[usize; 4]> = (0..layout.ndim())
        .filter(|&v| layout.shape[v] != 1)
        .collect();
    let (mut old, mut new) = (0, 0);
    while new < shape.len() {
        if shape[new] == 1 {
            follows.push(None);
            new += 1;
            continue;
        }
        let (first_old, first_new) = (old, new);
        let (mut have, mut want) = (1, 1);
        while have != want || have == 1 {
            if have <= want {
                have *= layout.shape[*olds.get(old)?];
                old += 1;
            } else {
                want *= *shape.get(new)?;
                new += 1;
            }
        }
        let run = replaced.len();
        let group = along(layout, base, &olds[first_old..old], &shape[first_new..new])?;
        let mut part = 0;
        for &len in &shape[first_new..new] {
            follows.push((len > 1).then(|| {
                part += 1;
                (run, part)
            }));
        }
        replaced.push(group);
    }
    assemble(layout, base, shape, &replaced, &follows)
}

/// The old axes of a group as one run of the base, divided as the new ones want it.
fn along(layout: &Layout, base: &[usize], olds: &[usize], news: &[usize]) -> Option<Replaced> {
    let walks: SmallVec<[Walk; 4]> = olds
        .iter()
        .map(|&v| layout.walks[v])
        .collect::<Option<_>>()?;
    let (first, last) = (walks.first()?.axis, walks.last()?.axis);
    if walks.windows(2).any(|pair| pair[0].axis >= pair[1].axis) {
        return None;
    }
    let within = |axis: usize| base[axis + 1..=last].iter().product::<usize>() as isize;
    let strides: SmallVec<[isize; 4]> = walks
        .iter()
        .map(|walk| walk.step * within(walk.axis))
        .collect();
    let joins =
        (1..olds.len()).all(|n| strides[n - 1] == strides[n] * layout.shape[olds[n]] as isize);
    if !joins {
        return None;
    }
    let step = *strides.last()?;
    let len: usize = base[first..=last].iter().product();
    let start: usize = (first..=last)
        .map(|axis| layout.origin[axis] * within(axis) as usize)
        .sum();
    let inner: SmallVec<[usize; 4]> = news.iter().copied().filter(|&n| n > 1).collect();
    let axes = (first, last + 1);
    let [_, middle @ .., end] = &inner[..] else {
        return Some(Replaced {
            axes,
            lens: smallvec![len],
            origin: smallvec![start],
            steps: smallvec![step],
        });
    };
    let size = step.unsigned_abs();
    // Base elements in one index of the first new axis.
    let row = middle.iter().product::<usize>() * end * size;
    // Rows of the base begin, seen the way that the view walks, with rows of the view.
    let before = if step > 0 {
        start % row
    } else {
        row - 1 - start % row
    };
    if !len.is_multiple_of(row) || before >= size {
        return None;
    }
    let mut lens: Indices = smallvec![len / row];
    lens.extend_from_slice(middle);
    lens.push(end * size);
    let mut origin: Indices = smallvec![start / row];
    origin.extend(middle.iter().map(|n| if step > 0 { 0 } else { n - 1 }));
    origin.push(start % (end * size));
    let mut steps: SmallVec<[isize; 4]> = smallvec![step.signum(); lens.len() - 1];
    steps.push(step);
    Some(Replaced {
        axes,
        lens,
        origin,
        steps,
    })
}

fn assemble(
    layout: &Layout,
    base: &[usize],
    shape: &[usize],
    replaced: &[Replaced],
    follows: &[Option<(usize, usize)>],
) -> Option<(Layout, Indices)> {
    let (mut lens, mut origin): (Indices, Indices) = (SmallVec::new(), SmallVec::new());
    let mut begins: SmallVec<[usize; 4]> = smallvec![0; replaced.len()];
    let mut axis = 0;
    while axis < base.len() {
        if let Some(run) = replaced.iter().position(|run| run.axes.0 == axis) {
            begins[run] = lens.len();
            lens.extend_from_slice(&replaced[run].lens);
            origin.extend_from_slice(&replaced[run].origin);
            axis = replaced[run].axes.1;
        } else if replaced
            .iter()
            .any(|run| run.axes.0 < axis && axis < run.axes.1)
        {
            // Two groups want the same base axes.
            return None;
        } else {
            lens.push(base[axis]);
            origin.push(layout.origin[axis]);
            axis += 1;
        }
    }
    let distinct = |run: &Replaced| {
        replaced
            .iter()
            .filter(|other| other.axes.0 < run.axes.1 && run.axes.0 < other.axes.1)
            .count()
            == 1
    };
    if !replaced.iter().all(distinct) {
        return None;
    }
    let walks = follows
        .iter()
        .map(|follows| {
            follows.map(|(run, part)| Walk {
                axis: begins[run] + part - 1,
                step: replaced[run].steps[part - 1],
            })
        })
        .collect();
    let layout = Layout {
        shape: SmallVec::from_slice(shape),
        origin,
        walks,
    };
    Some((layout, lens))
}
