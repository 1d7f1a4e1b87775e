//! Views that see the same memory as elements of another dtype: the parts of complex numbers, and `view(dtype)`.

use gain_ga::{AxisCuts, Blocks, Distribution, Indices};
use gain_ufunc::DType;

use crate::array::Array;
use crate::error::Result;
use crate::layout::{Layout, Walk, c_strides};

impl Array {
    /// The view of the real parts (`part` 0) or the imaginary parts (1) of complex elements; `None` for other dtypes. Collective when the
    /// array waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Examples
    /// ```
    /// use gain_core::{DType, Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let z = create::zeros(&rt, &[3], DType::C128)?;
    /// z.complex_part(1)?.expect("it is complex").assign(2.0.into())?;
    /// assert_eq!(z.element(&[1])?.as_complex().im, 2.0);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn complex_part(&self, part: usize) -> Result<Option<Array>> {
        let dtype = match self.dtype() {
            DType::C64 => DType::F32,
            DType::C128 => DType::F64,
            _ => return Ok(None),
        };
        self.flush()?;
        let mut shape: Indices = self.base.shape.clone();
        shape.push(2);
        let distribution = match self.base.distribution() {
            Some(Distribution::Blocks(mut blocks)) => {
                blocks.axes.push(AxisCuts::whole(2));
                blocks.axis_dim.push(None);
                Distribution::Blocks(blocks)
            }
            _ => Distribution::replicated(&shape),
        };
        let mut layout = Layout::clone(&self.layout);
        layout.origin.push(part);
        let mut view = self.with_layout(layout);
        view.base = self.base.alias(dtype, shape, distribution, 2);
        Ok(Some(view))
    }

    /// All elements of the memory that this is a view of, in C order, and the place among them of this view's first element, which it has.
    /// Local.
    pub fn underlying(&self) -> (Array, usize) {
        let strides = c_strides(&self.base.shape);
        let places = std::iter::zip(&self.layout.origin, &strides);
        let first = places
            .map(|(&index, &stride)| index * stride as usize)
            .sum();
        (self.with_layout(Layout::identity(&self.base.shape)), first)
    }

    /// The view of the same bytes as elements of another dtype of the same size, or of one that goes `n` times into it, where the last axis
    /// becomes `n` times as long; `None` where only NumPy knows what to do. Collective when the array waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    pub fn reinterpreted(&self, dtype: DType) -> Result<Option<Array>> {
        let factor = self.itemsize() / dtype.size();
        if factor * dtype.size() != self.itemsize() || dtype == DType::Bool {
            return Ok(None);
        }
        self.flush()?;
        let mut shape: Indices = self.base.shape.clone();
        let mut distribution = self.base.distribution().expect("the base is placed");
        let mut layout = Layout::clone(&self.layout);
        if factor > 1 {
            let (Some(v), Some(axis)) = (self.ndim().checked_sub(1), shape.len().checked_sub(1))
            else {
                return Ok(None);
            };
            let along = Some(Walk { axis, step: 1 });
            if layout.shape[v] == 1 && !layout.walks.iter().flatten().any(|walk| walk.axis == axis)
            {
                // An axis of one element walks nowhere, but may as well walk here.
                layout.walks[v] = along;
            }
            if layout.walks[v] != along {
                return Ok(None);
            }
            shape[axis] *= factor;
            layout.shape[v] *= factor;
            layout.origin[axis] *= factor;
            distribution = match stretched(&distribution, axis, factor) {
                Some(distribution) => distribution,
                None => return Ok(None),
            };
        }
        let mut view = self.with_layout(layout);
        view.base = self.base.alias(dtype, shape, distribution, factor);
        Ok(Some(view))
    }
}

/// The distribution with an axis `factor` times as long, each index in the place of so many.
fn stretched(distribution: &Distribution, axis: usize, factor: usize) -> Option<Distribution> {
    let Distribution::Blocks(blocks) = distribution else {
        let mut shape = distribution.shape();
        shape[axis] *= factor;
        return Some(Distribution::replicated(&shape));
    };
    let mut blocks: Blocks = blocks.clone();
    blocks.axes[axis] = match &blocks.axes[axis] {
        AxisCuts::Regular { len, parts, grain } => AxisCuts::Regular {
            len: len * factor,
            parts: *parts,
            grain: grain * factor,
        },
        AxisCuts::Irregular(points) => {
            AxisCuts::Irregular(points.iter().map(|point| point * factor).collect())
        }
        _ => return None,
    };
    Some(Distribution::Blocks(blocks))
}
