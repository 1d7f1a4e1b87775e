//! Diagonals as views: on a base whose two axes are seen as one, a diagonal is every so-and-so-many-th element.

use std::rc::Rc;

use gain_ga::Indices;
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::index;
use crate::layout::{Layout, Walk};

impl Array {
    /// The view of the diagonal `offset` to the right of the main one in the plane of two axes; it becomes the last axis. `None` where only
    /// a copy would do: another axis that the view follows lies between the two in memory, or the
    /// memory is empty or can not be cut in rows. Collective.
    ///
    /// # Errors
    /// `AxisError` for axes that are not there; as [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Panics
    /// When the axes are one.
    ///
    /// # Examples
    /// ```
    /// use gain_core::{DType, Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::zeros(&rt, &[2, 3], DType::F64)?;
    /// a.diagonal(1, 0, 1)?.expect("a matrix has views of its diagonals").assign(1.0.into())?;
    /// assert_eq!(a.to_vec::<f64>()?, [0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn diagonal(&self, offset: isize, one: isize, other: isize) -> Result<Option<Array>> {
        let one = index::axis(one, self.ndim())?;
        let other = index::axis(other, self.ndim())?;
        assert!(one != other, "a diagonal lies in the plane of two axes");
        let (down, right) = ((-offset).max(0) as usize, offset.max(0) as usize);
        let left = |axis: usize, skipped: usize| self.shape()[axis].saturating_sub(skipped);
        let n = left(one, down).min(left(other, right));
        if self.base.shape.contains(&0) {
            return Ok(None);
        }
        let mut order: Indices = (0..self.ndim())
            .filter(|v| *v != one && *v != other)
            .collect();
        order.extend([one, other]);
        let mut layout = self.layout.transpose(&order);
        let (v, w) = (order.len() - 2, order.len() - 1);
        if n > 0 {
            layout.narrow(v, down, 1, n);
            layout.narrow(w, right, 1, n);
        }
        layout.shape[v] = n;
        let (mine, theirs) = (layout.walks[v], layout.walks[w]);
        layout.shape.pop();
        layout.walks.pop();
        let (Some(mine), Some(theirs)) = (mine, theirs) else {
            layout.walks[v] = mine.or(theirs);
            return Ok(Some(self.with_layout(layout)));
        };
        if n < 2 || self.size() == 0 {
            layout.walks[v] = (n > 0).then_some(mine);
            return Ok(Some(self.with_layout(layout)));
        }
        let Some((merged, shape)) = merged(&layout, &self.base.shape, mine, theirs) else {
            return Ok(None);
        };
        let whole = Array::whole(&self.runtime, Rc::clone(&self.base));
        Ok(whole.reshape(&shape)?.map(|whole| {
            let mut view = self.with_layout(merged);
            view.base = Rc::clone(&whole.base);
            view
        }))
    }
}

/// The layout whose last axis walks along `mine` and `theirs` at once, over the base with their axes and those between them made one; and
/// the shape of that base. `None` when the layout follows an axis between them.
fn merged(layout: &Layout, base: &[usize], mine: Walk, theirs: Walk) -> Option<(Layout, Indices)> {
    let (first, last) = (mine.axis.min(theirs.axis), mine.axis.max(theirs.axis));
    let v = layout.ndim() - 1;
    // Elements per index of an axis, within the merged one.
    let within = |axis: usize| base[axis + 1..=last].iter().product::<usize>();
    let mut walks: SmallVec<[Option<Walk>; 4]> = SmallVec::new();
    for walk in &layout.walks[..v] {
        walks.push(match *walk {
            Some(walk) if walk.axis > last => Some(Walk {
                axis: walk.axis - (last - first),
                step: walk.step,
            }),
            Some(walk) if walk.axis > first => return None,
            walk => walk,
        });
    }
    let step = |walk: Walk| walk.step * within(walk.axis) as isize;
    walks.push(Some(Walk {
        axis: first,
        step: step(mine) + step(theirs),
    }));
    let replaced = |of: &[usize], by: usize| -> Indices {
        let around = of[..first]
            .iter()
            .chain(std::iter::once(&by))
            .chain(&of[last + 1..]);
        around.copied().collect()
    };
    let origin = (first..=last)
        .map(|axis| layout.origin[axis] * within(axis))
        .sum();
    let layout = Layout {
        shape: layout.shape.clone(),
        origin: replaced(&layout.origin, origin),
        walks,
    };
    Some((layout, replaced(base, base[first..=last].iter().product())))
}
