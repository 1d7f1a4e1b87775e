//! The values that are the same for every element, computed once per run and repeated over a chunk of vector registers.

#![expect(unsafe_code, reason = "loops take raw memory")]

use super::machine::CHUNK_BYTES;
use super::strided;
use crate::program::{Program, UniformSource};
use crate::scalar::Scalar;
use smallvec::SmallVec;

/// One uniform's memory.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Repeated([u8; CHUNK_BYTES]);

/// All uniforms of a program, by place.
pub(super) struct Uniforms(SmallVec<[Repeated; 4]>);

impl Uniforms {
    pub(super) fn new(program: &Program, constants: &[Scalar]) -> Uniforms {
        let mut all = Uniforms(SmallVec::with_capacity(program.uniforms.len()));
        for uniform in &program.uniforms {
            let size = uniform.dtype.size();
            let mut repeated = Repeated([0; CHUNK_BYTES]);
            match &uniform.source {
                UniformSource::Constant(slot) => {
                    let scalar = constants[*slot].cast(uniform.dtype);
                    // SAFETY: a chunk holds a whole number of elements of any dtype.
                    unsafe {
                        strided::fill(
                            CHUNK_BYTES / size,
                            scalar.bytes().as_ptr(),
                            repeated.0.as_mut_ptr(),
                            size,
                        )
                    };
                }
                UniformSource::Call(call) => {
                    let mut element = [0u128; 1];
                    let mut ptrs = [std::ptr::null_mut(); 4];
                    for (ptr, &input) in ptrs.iter_mut().zip(&call.inputs) {
                        *ptr = all.ptr(input as usize);
                    }
                    ptrs[call.inputs.len()] = element.as_mut_ptr().cast();
                    // SAFETY: one element of each input and of the output; inputs are earlier uniforms.
                    unsafe {
                        (call.function)(1, &ptrs, &[0; 4]);
                        strided::fill(
                            CHUNK_BYTES / size,
                            element.as_ptr().cast(),
                            repeated.0.as_mut_ptr(),
                            size,
                        );
                    }
                }
            }
            all.0.push(repeated);
        }
        all
    }

    /// Where a uniform lies; only to be read.
    pub(super) fn ptr(&self, place: usize) -> *mut u8 {
        self.0[place].0.as_ptr().cast_mut()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }
}
