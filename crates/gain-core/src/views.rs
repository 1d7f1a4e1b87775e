//! Views: other index spaces over the same memory. Nothing moves.

use std::rc::Rc;

use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result, shape_text};
use crate::index::{self, Index};

impl Array {
    /// The view that NumPy's basic indexing makes: integers drop an axis, slices keep it, `NewAxis` adds one. Local.
    ///
    /// # Errors
    /// `IndexError` as NumPy has it; `ValueError` for a step of 0.
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Index, Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::arange(&rt, 0.0.into(), 1.0.into(), 5, gain_core::DType::F64)?;
    /// let reversed = a.index(&[Index::Slice { start: None, stop: None, step: Some(-1) }])?;
    /// assert_eq!(reversed.to_vec::<f64>()?, [4.0, 3.0, 2.0, 1.0, 0.0]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn index(&self, indices: &[Index]) -> Result<Array> {
        let mut view = self.clone();
        index::apply(Rc::make_mut(&mut view.layout), indices)?;
        view.is_view = true;
        Ok(view)
    }

    /// The view with its axes in the order `order`, a permutation. Local.
    ///
    /// # Errors
    /// `ValueError` when `order` is no permutation of the axes.
    pub fn transpose(&self, order: &[usize]) -> Result<Array> {
        let mut seen: SmallVec<[bool; 8]> = SmallVec::from_elem(false, self.ndim());
        if order.len() != self.ndim() {
            return Err(Error::Value("axes don't match array".into()));
        }
        for &axis in order {
            if axis >= self.ndim() {
                return Err(Error::Axis {
                    axis: axis as isize,
                    ndim: self.ndim(),
                });
            }
            if std::mem::replace(&mut seen[axis], true) {
                return Err(Error::RepeatedAxis("repeated axis in transpose"));
            }
        }
        Ok(self.with_layout(self.layout.transpose(order)))
    }

    /// This array, which nobody else has a handle to, with its axes in the order `order`: an array of its own whose memory lies in another
    /// order than C's. Local.
    ///
    /// # Errors
    /// `ValueError` when `order` is no permutation of the axes.
    pub fn into_order(self, order: &[usize]) -> Result<Array> {
        let mut turned = self.transpose(order)?;
        turned.is_view = self.is_view;
        Ok(turned)
    }

    /// This handle as an array of its own, where nobody else has one of the same memory. Local.
    #[must_use]
    pub fn into_own(mut self) -> Array {
        self.is_view = false;
        self
    }

    /// The read-only view repeated to `shape` by NumPy's rule. Local.
    ///
    /// # Errors
    /// `ValueError` when the shapes do not agree.
    pub fn broadcast_to(&self, shape: &[usize]) -> Result<Array> {
        let layout = self.layout.broadcast(shape).ok_or_else(|| {
            Error::Value(format!(
                "operands could not be broadcast together with remapped shapes [original->remapped]: {} and requested shape {}",
                shape_text(self.shape()).replace(", ", ","),
                shape_text(shape).replace(", ", ",")
            ))
        })?;
        let mut view = self.with_layout(layout);
        view.writeable = false;
        Ok(view)
    }

    /// The view with a new axis of length 1 before axis `axis`. Local.
    ///
    /// # Errors
    /// `AxisError` when `axis` is larger than the number of axes.
    pub fn insert_axis(&self, axis: usize) -> Result<Array> {
        if axis > self.ndim() {
            return Err(Error::Axis {
                axis: axis as isize,
                ndim: self.ndim() + 1,
            });
        }
        Ok(self.with_layout(self.layout.insert(axis, 1)))
    }

    /// The view without axis `axis`, whose length is 1. Local.
    ///
    /// # Errors
    /// `AxisError`; `ValueError` when the axis is longer.
    pub fn drop_axis(&self, axis: usize) -> Result<Array> {
        let axis = index::axis(axis as isize, self.ndim())?;
        if self.shape()[axis] != 1 {
            return Err(Error::Value(
                "cannot select an axis to squeeze out which has size not equal to one".into(),
            ));
        }
        Ok(self.with_layout(self.layout.pick(axis, 0)))
    }
}
