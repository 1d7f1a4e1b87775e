//! The distributed ndarray: a handle to a view of a base.

use std::rc::Rc;

use gain_ga::{Distribution, IndexBox};
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::base::Base;
use crate::error::Result;
use crate::graph::Source;
use crate::layout::{Layout, c_strides};
use crate::runtime::Runtime;

/// An n-dimensional array, whole on every rank when it is small and spread over the ranks otherwise.
///
/// A clone is another handle to the same view. Views share memory with their base and write through to it. Operations on large
/// arrays are recorded; they run when a value is observed.
#[derive(Clone)]
pub struct Array {
    pub(crate) runtime: Runtime,
    pub(crate) base: Rc<Base>,
    /// Shared by the handles of one view, so that they are small.
    pub(crate) layout: Rc<Layout>,
    pub(crate) writeable: bool,
    pub(crate) is_view: bool,
}

impl Array {
    /// The whole of a base.
    pub(crate) fn whole(runtime: &Runtime, base: Rc<Base>) -> Array {
        let layout = Rc::new(Layout::identity(&base.shape));
        Array {
            runtime: runtime.clone(),
            base,
            layout,
            writeable: true,
            is_view: false,
        }
    }

    /// Another view of the same base.
    pub(crate) fn with_layout(&self, layout: Layout) -> Array {
        Array {
            runtime: self.runtime.clone(),
            base: Rc::clone(&self.base),
            layout: Rc::new(layout),
            writeable: self.writeable,
            is_view: true,
        }
    }

    /// The runtime to which the array belongs. Local.
    pub fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    /// The dtype. Local.
    #[inline]
    pub fn dtype(&self) -> DType {
        self.base.dtype
    }

    /// The shape. Local.
    #[inline]
    pub fn shape(&self) -> &[usize] {
        &self.layout.shape
    }

    /// Number of axes. Local.
    #[inline]
    pub fn ndim(&self) -> usize {
        self.layout.shape.len()
    }

    /// Number of elements. Local.
    #[inline]
    pub fn size(&self) -> usize {
        self.layout.size()
    }

    /// Bytes per element. Local.
    pub fn itemsize(&self) -> usize {
        self.base.dtype.size()
    }

    /// Bytes per index along each axis, as NumPy has them for this view of a C-ordered base. Local.
    pub fn strides(&self) -> SmallVec<[isize; 4]> {
        let itemsize = self.itemsize() as isize;
        let mut strides = self.layout.strides(&c_strides(&self.base.shape));
        if self.is_whole() {
            strides = c_strides(self.shape());
        }
        strides.iter_mut().for_each(|stride| *stride *= itemsize);
        strides
    }

    /// Whether every rank holds all of it. Local.
    #[inline]
    pub fn is_replicated(&self) -> bool {
        self.base.replicated
    }

    /// Whether two arrays are views of one memory. Local.
    pub fn same_memory(&self, other: &Array) -> bool {
        Rc::ptr_eq(self.base.memory(), other.base.memory())
    }

    /// Whether the two views may have an element in common: `false` only when they certainly have none. Local.
    pub fn may_share_memory(&self, other: &Array) -> bool {
        self.same_memory(other)
            && !(Rc::ptr_eq(&self.base, &other.base) && self.layout.disjoint(&other.layout))
    }

    /// Whether elements may be assigned. Local.
    pub fn writeable(&self) -> bool {
        self.writeable
    }

    /// Makes this handle read-only or writeable. Local.
    pub fn set_writeable(&mut self, writeable: bool) {
        self.writeable = writeable;
    }

    /// Whether the handle was made as an array of its own, not as a view. Local.
    pub fn owns_data(&self) -> bool {
        !self.is_view
    }

    /// Whether the elements lie in C order without gaps, in NumPy's sense. Local.
    pub fn is_c_contiguous(&self) -> bool {
        is_contiguous(
            self.shape().iter().rev(),
            self.strides().iter().rev(),
            self.itemsize(),
        )
    }

    /// Whether the elements lie in Fortran order without gaps, in NumPy's sense. Local.
    pub fn is_f_contiguous(&self) -> bool {
        is_contiguous(self.shape().iter(), self.strides().iter(), self.itemsize())
    }

    /// Whether the view is its base, whole and in order.
    pub(crate) fn is_whole(&self) -> bool {
        self.layout.is_identity(&self.base.shape)
    }

    /// The array as an operand of an iteration space of this shape.
    pub(crate) fn source(&self, shape: &[usize]) -> Option<Source> {
        let layout = if self.shape() == shape {
            Layout::clone(&self.layout)
        } else {
            self.layout.broadcast(shape)?
        };
        Some(Source::View {
            base: Rc::clone(&self.base),
            layout,
        })
    }

    /// Runs what has been recorded, if this array waits for it. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn flush(&self) -> Result<()> {
        if self.base.is_written() || !self.base.is_placed() {
            self.runtime.sync()
        } else {
            Ok(())
        }
    }

    /// Which rank owns which box of this array's own indices. Collective when the array waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn distribution(&self) -> Result<Distribution> {
        self.flush()?;
        let base = self
            .base
            .distribution()
            .expect("a base that is placed is distributed");
        Ok(crate::plan::placement::view(&base, &self.layout))
    }

    /// This rank's box of the array's own indices. Collective when the array waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn local_box(&self) -> Result<IndexBox> {
        Ok(self.distribution()?.box_of(self.runtime.rank()))
    }
}

impl std::fmt::Debug for Array {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let place = if self.is_replicated() {
            "replicated"
        } else {
            "distributed"
        };
        write!(f, "Array({}, {:?}, {place})", self.dtype(), self.shape())
    }
}

fn is_contiguous<'a>(
    lens: impl Iterator<Item = &'a usize> + Clone,
    strides: impl Iterator<Item = &'a isize>,
    itemsize: usize,
) -> bool {
    if lens.clone().any(|&len| len == 0) {
        return true;
    }
    let mut wanted = itemsize as isize;
    lens.zip(strides).all(|(&len, &stride)| {
        let fits = len == 1 || stride == wanted;
        wanted *= len as isize;
        fits
    })
}
