//! Global Arrays' one-sided calls for any dtype: memory that every rank reaches without the help of its owner.
//!
//! # Rationale
//! An [`Array`]'s memory is private to its rank, and what happens to it is planned on all ranks. Here a rank acts alone, so the memory is
//! another kind, gain-ga's [`GlobalArray`]; [`Global::of`] and [`Global::to_array`] are the ways in and out.

use gain_ga::{AccumulateOp, Buffer, Distribution, GlobalArray, IndexBox, Indices};
use gain_ufunc::DType;
use num_complex::Complex;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::runtime::Runtime;

/// A global array of one of the dtypes that networks know: all but `bool` and `float16`.
pub struct Global {
    runtime: Runtime,
    dtype: DType,
    typed: Typed,
}

/// One variant a dtype, and a macro that runs code on whichever it is.
macro_rules! typed {
    ($($variant:ident: $element:ty;)*) => {
        enum Typed {
            $($variant(GlobalArray<$element>),)*
        }

        impl Typed {
            fn create(rt: &Runtime, dtype: DType, distribution: &Distribution) -> Result<Typed> {
                match dtype {
                    $(DType::$variant => Ok(Typed::$variant(GlobalArray::create(rt.team(), distribution)?)),)*
                    DType::Bool | DType::F16 => Err(Error::Type(format!("a global array can not hold {dtype}"))),
                }
            }
        }

        macro_rules! on {
            ($typed:expr, $array:ident => $run:expr) => {
                match $typed {
                    $(Typed::$variant($array) => $run,)*
                }
            };
        }
    };
}

typed! {
    I8: i8; I16: i16; I32: i32; I64: i64; U8: u8; U16: u16; U32: u32; U64: u64;
    F32: f32; F64: f64; C64: Complex<f32>; C128: Complex<f64>;
}

/// Elements of a value's bytes, which need not be aligned.
fn elements<T: gain_ga::Element>(_of: &GlobalArray<T>, bytes: &[u8]) -> Vec<T> {
    bytes
        .chunks_exact(size_of::<T>())
        .map(bytemuck::pod_read_unaligned)
        .collect()
}

fn bytes<T: bytemuck::Pod>(values: &[T]) -> Vec<u8> {
    bytemuck::cast_slice(values).to_vec()
}

impl Global {
    /// An array of zeros. Collective.
    ///
    /// # Errors
    /// `TypeError` for `bool` and `float16`; memory; those of a collective call.
    pub fn create(rt: &Runtime, dtype: DType, distribution: &Distribution) -> Result<Global> {
        Ok(Global {
            runtime: rt.clone(),
            dtype,
            typed: Typed::create(rt, dtype, distribution)?,
        })
    }

    /// The elements of an array, each on its owner; of a replicated one, spread as a large array would be. Collective.
    ///
    /// # Errors
    /// As [`Global::create`].
    pub fn of(array: &Array) -> Result<Global> {
        let rt = array.runtime();
        let spread = match array.distribution()? {
            whole if whole.is_replicated() => rt.default_distribution(array.shape()),
            blocks => blocks,
        };
        let mut made = Global::create(rt, array.dtype(), &spread)?;
        let part = array.local_part_of(match array.is_replicated() {
            true => spread.box_of(rt.rank()),
            false => array.local_box()?,
        })?;
        on!(&mut made.typed, global => {
            let own = elements(global, part.bytes());
            global.local_mut()?.copy_from_slice(&own);
        });
        made.sync()?;
        Ok(made)
    }

    /// An array of these elements, in the same distribution; includes a [`Global::sync`]. Collective.
    ///
    /// # Errors
    /// Memory; those of a collective call.
    pub fn to_array(&self) -> Result<Array> {
        self.sync()?;
        let own = on!(&self.typed, global => bytes(&global.local()?));
        let mut block = Buffer::new(own.len())?;
        block.as_mut_slice().copy_from_slice(&own);
        let distribution = self.distribution().clone();
        // Whoever writes next waits until all have read.
        self.sync()?;
        Array::from_local(&self.runtime, self.dtype, distribution, block)
    }

    /// The dtype. Local.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// Which rank owns which box. Local.
    pub fn distribution(&self) -> &Distribution {
        on!(&self.typed, global => global.distribution())
    }

    /// The elements of a box, every `step`-th on each axis, in C order. Local, one-sided.
    ///
    /// # Errors
    /// When the box reaches outside the array; MPI's.
    pub fn get(&self, part: &IndexBox, step: &[usize]) -> Result<Vec<u8>> {
        let taken = part.shape();
        let size = taken
            .iter()
            .zip(step)
            .map(|(n, step)| n.div_ceil(*step))
            .product();
        on!(&self.typed, global => {
            let mut values = vec![bytemuck::Zeroable::zeroed(); size];
            global.get_strided(part, step, &mut values)?;
            Ok(bytes(&values))
        })
    }

    /// Writes a box, every `step`-th index on each axis; when it returns, the values are in place. Local, one-sided.
    ///
    /// # Errors
    /// As [`Global::get`], and for values of another length.
    pub fn put(&self, part: &IndexBox, step: &[usize], values: &[u8]) -> Result<()> {
        on!(&self.typed, global => Ok(global.put_strided(part, step, &elements(global, values))?))
    }

    /// Adds to a box, every `step`-th index on each axis, each element atomically among accumulations. Local, one-sided.
    ///
    /// # Errors
    /// As [`Global::put`].
    pub fn accumulate(&self, part: &IndexBox, step: &[usize], values: &[u8]) -> Result<()> {
        let op = AccumulateOp::Sum;
        on!(&self.typed, global => Ok(global.accumulate_strided(part, step, &elements(global, values), op)?))
    }

    /// The elements at some indices, in their order. Local, one-sided.
    ///
    /// # Errors
    /// When an index lies outside the array; MPI's.
    pub fn gather(&self, indices: &[Indices]) -> Result<Vec<u8>> {
        on!(&self.typed, global => Ok(bytes(&global.gather(indices)?)))
    }

    /// Writes a value to the element at each index. Local, one-sided.
    ///
    /// # Errors
    /// As [`Global::gather`], and when the lengths differ.
    pub fn scatter(&self, indices: &[Indices], values: &[u8]) -> Result<()> {
        on!(&self.typed, global => Ok(global.scatter(indices, &elements(global, values))?))
    }

    /// Adds a value to the element at each index, atomically; an index may be named often. Local, one-sided.
    ///
    /// # Errors
    /// As [`Global::scatter`].
    pub fn scatter_accumulate(&self, indices: &[Indices], values: &[u8]) -> Result<()> {
        let op = AccumulateOp::Sum;
        on!(&self.typed, global => Ok(global.scatter_accumulate(indices, &elements(global, values), op)?))
    }

    /// Adds to an element and gives what was there before, atomically. Local, one-sided.
    ///
    /// # Errors
    /// `TypeError` for dtypes other than `int64` and `uint64`; as [`Global::gather`].
    pub fn read_inc(&self, index: &[usize], increment: i64) -> Result<i128> {
        match &self.typed {
            Typed::I64(global) => Ok(global.read_inc(index, increment)?.into()),
            Typed::U64(global) => Ok(global.read_inc(index, increment.cast_unsigned())?.into()),
            _ => Err(Error::Type(
                "a counter is an element of int64 or uint64".into(),
            )),
        }
    }

    /// Waits until what this rank has written is in place. Local.
    ///
    /// # Errors
    /// MPI's.
    pub fn fence(&self) -> Result<()> {
        on!(&self.typed, global => Ok(global.fence()?))
    }

    /// What any rank did to the array before, every rank sees after. Collective.
    ///
    /// # Errors
    /// Those of a collective call.
    pub fn sync(&self) -> Result<()> {
        on!(&self.typed, global => Ok(global.sync()?))
    }

    /// Gives the memory back. Collective.
    ///
    /// # Errors
    /// Those of a collective call.
    pub fn destroy(self) -> Result<()> {
        on!(self.typed, global => Ok(global.destroy()?))
    }
}
