//! Observing: the statements that a value waits for run, and the value comes to every rank.

use gain_ufunc::{Element, Scalar};
use smallvec::smallvec;

use crate::array::Array;
use crate::base::Base;
use crate::element;
use crate::error::{Error, Result};
use crate::index::normalised;
use crate::layout::Layout;
use crate::operand::Operand;
use crate::operate::weak_value;
use crate::plan::Work;

impl Array {
    /// The only element of an array of one. Collective.
    ///
    /// # Errors
    /// `ValueError` when there is not exactly one; as [`Runtime::sync`](crate::Runtime::sync).
    pub fn item(&self) -> Result<Scalar> {
        if self.size() != 1 {
            return Err(Error::NotScalar);
        }
        let zeros: gain_ga::Indices = smallvec![0; self.ndim()];
        self.element(&zeros)
    }

    /// The element at an index, on every rank. Collective.
    ///
    /// # Errors
    /// `IndexError`; as [`Runtime::sync`](crate::Runtime::sync).
    pub fn element(&self, index: &[usize]) -> Result<Scalar> {
        if index.len() != self.ndim() {
            return Err(Error::TooManyIndices {
                ndim: self.ndim(),
                given: index.len(),
            });
        }
        for (axis, (&at, &size)) in index.iter().zip(self.shape()).enumerate() {
            normalised(at as isize, size).ok_or(Error::OutOfBounds {
                index: at as isize,
                axis,
                size,
            })?;
        }
        if let Some(value) = element::get(self, index) {
            return Ok(value);
        }
        self.flush()?;
        if self.base.replicated {
            return element::get(self, index).ok_or(Error::NotScalar);
        }
        let (owner, value) = element::get_own(self, index);
        if self.runtime.n_ranks() == 1 {
            return value.ok_or(Error::NotScalar);
        }
        self.runtime.stand_at("element");
        let mut bytes = value.map_or_else(Vec::new, |value| value.bytes().to_vec());
        self.runtime.team().broadcast(owner, &mut bytes)?;
        Ok(Scalar::from_bytes(self.dtype(), &bytes))
    }

    /// Writes a value to the element at an index of the shape, at once, if nothing recorded waits for it; whether that was done. Who holds
    /// the element writes it. A value that would be cast with a word of warning is left to [`Array::assign`]. Local; every rank calls it.
    ///
    /// # Errors
    /// `OverflowError` for a Python integer that does not fit.
    #[inline]
    pub fn set_element(&self, index: &[usize], value: &Operand<'_>) -> Result<bool> {
        let value = match value {
            Operand::Weak(number) => weak_value(*number, self.dtype())?,
            Operand::Scalar(scalar) if scalar.dtype() == self.dtype() => *scalar,
            _ => return Ok(false),
        };
        Ok(self.writeable
            && (element::set(self, index, &value) || element::set_own(self, index, &value)))
    }

    /// All elements in C order, on every rank. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        if self.base.replicated {
            self.flush()?;
        }
        if let Some(bytes) = self.local_bytes() {
            return Ok(bytes);
        }
        self.replicate()?.local_bytes().ok_or(Error::NotScalar)
    }

    /// All elements in C order, on every rank, as values of their type. Collective.
    ///
    /// # Errors
    /// `TypeError` for another type than the array's; as [`Runtime::sync`](crate::Runtime::sync).
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        if T::DTYPE != self.dtype() {
            return Err(Error::Unsupported {
                operation: "to_vec",
                what: format!("{} elements as {}", self.dtype(), T::DTYPE),
            });
        }
        let bytes = self.to_bytes()?;
        let value = |bytes: &[u8]| {
            Scalar::from_bytes(T::DTYPE, bytes)
                .get::<T>()
                .expect("the dtype was compared")
        };
        Ok(bytes.chunks_exact(T::DTYPE.size()).map(value).collect())
    }

    /// A copy that every rank holds whole. Collective.
    pub(crate) fn replicate(&self) -> Result<Array> {
        self.runtime.check_memory(&[], self.dtype())?;
        let base = Base::promised(self.dtype(), self.layout.shape.clone(), true);
        let source = self.source(self.shape()).expect("its own shape");
        self.runtime.record(
            Work::Copy,
            smallvec![source],
            self.shape(),
            &base,
            Layout::identity(self.shape()),
        )?;
        self.runtime.sync()?;
        Ok(Array::whole(&self.runtime, base))
    }
}
