//! Strided regions as MPI datatypes.
#![expect(unsafe_code, reason = "calls of MPI's C interface")]

use std::ffi::c_int;

use mpi::ffi;

use super::mpi_calls::call;
use crate::element::NumberKind;
use crate::error::Error;

/// The longest vector that one datatype takes; longer axes are nested, since MPI counts in 32 bits.
const LONGEST: usize = 1 << 30;

/// The datatype of a number.
pub(super) fn number(kind: NumberKind) -> ffi::MPI_Datatype {
    // SAFETY: the constants are the library's own.
    unsafe {
        match kind {
            NumberKind::I8 => ffi::RSMPI_INT8_T,
            NumberKind::I16 => ffi::RSMPI_INT16_T,
            NumberKind::I32 => ffi::RSMPI_INT32_T,
            NumberKind::I64 => ffi::RSMPI_INT64_T,
            NumberKind::U8 => ffi::RSMPI_UINT8_T,
            NumberKind::U16 => ffi::RSMPI_UINT16_T,
            NumberKind::U32 => ffi::RSMPI_UINT32_T,
            NumberKind::U64 => ffi::RSMPI_UINT64_T,
            NumberKind::F32 => ffi::RSMPI_FLOAT,
            NumberKind::F64 => ffi::RSMPI_DOUBLE,
        }
    }
}

/// Bytes of a number.
pub(super) fn number_bytes(kind: NumberKind) -> usize {
    match kind {
        NumberKind::I8 | NumberKind::U8 => 1,
        NumberKind::I16 | NumberKind::U16 => 2,
        NumberKind::I32 | NumberKind::U32 | NumberKind::F32 => 4,
        NumberKind::I64 | NumberKind::U64 | NumberKind::F64 => 8,
    }
}

/// A datatype that is freed when dropped, which does not communicate.
pub(super) struct Datatype {
    pub raw: ffi::MPI_Datatype,
    /// Built in, and not ours to free.
    predefined: bool,
}

impl Datatype {
    /// Elements of `parts` numbers each in the given shape and strides (bytes), committed.
    pub(super) fn strided(
        item: (NumberKind, usize),
        shape: &[usize],
        strides: &[isize],
    ) -> Result<Datatype, Error> {
        let (kind, parts) = item;
        let mut datatype = Datatype {
            raw: number(kind),
            predefined: true,
        };
        let mut packed = number_bytes(kind) as isize;
        datatype = datatype.repeated(parts, packed, packed)?;
        packed *= parts as isize;
        for (&len, &stride) in shape.iter().zip(strides).rev() {
            datatype = datatype.repeated(len, stride, packed)?;
            packed = stride * len as isize;
        }
        if !datatype.predefined {
            // SAFETY: the datatype is ours and live.
            call("MPI_Type_commit", || unsafe {
                ffi::MPI_Type_commit(&mut datatype.raw)
            })?;
        }
        Ok(datatype)
    }

    /// `len` of these, `stride` bytes apart; `packed` is the stride at which they touch.
    fn repeated(self, len: usize, stride: isize, packed: isize) -> Result<Datatype, Error> {
        if len == 1 {
            return Ok(self);
        }
        let mut made = self.raw;
        if len > LONGEST {
            let inner = self.clone_type()?.repeated(LONGEST, stride, packed)?;
            let (whole, rest) = (len / LONGEST, len % LONGEST);
            let blocks = inner.repeated(whole, stride * LONGEST as isize, 0)?;
            if rest == 0 {
                return Ok(blocks);
            }
            let tail = self.repeated(rest, stride, packed)?;
            let displacements = [0, (stride * (whole * LONGEST) as isize) as ffi::MPI_Aint];
            // SAFETY: two live datatypes, one of each, at two displacements.
            call("MPI_Type_create_struct", || unsafe {
                ffi::MPI_Type_create_struct(
                    2,
                    [1, 1].as_ptr(),
                    displacements.as_ptr(),
                    [blocks.raw, tail.raw].as_ptr(),
                    &mut made,
                )
            })?;
        } else if stride == packed {
            // SAFETY: `self.raw` is a live datatype.
            call("MPI_Type_contiguous", || unsafe {
                ffi::MPI_Type_contiguous(len as c_int, self.raw, &mut made)
            })?;
        } else {
            // SAFETY: as above; a vector of single elements at a stride in bytes.
            call("MPI_Type_create_hvector", || unsafe {
                ffi::MPI_Type_create_hvector(
                    len as c_int,
                    1,
                    stride as ffi::MPI_Aint,
                    self.raw,
                    &mut made,
                )
            })?;
        }
        Ok(Datatype {
            raw: made,
            predefined: false,
        })
    }

    fn clone_type(&self) -> Result<Datatype, Error> {
        let mut raw = self.raw;
        // SAFETY: `self.raw` is a live datatype.
        call("MPI_Type_dup", || unsafe {
            ffi::MPI_Type_dup(self.raw, &mut raw)
        })?;
        Ok(Datatype {
            raw,
            predefined: false,
        })
    }
}

impl Drop for Datatype {
    fn drop(&mut self) {
        if !self.predefined {
            // SAFETY: the datatype is ours; transfers that use it keep what they need. A failure leaves nothing to be done.
            unsafe { ffi::MPI_Type_free(&mut self.raw) };
        }
    }
}
