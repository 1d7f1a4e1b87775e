//! Random arrays and programs, and a plain interpreter that knows nothing of tiles.

#![allow(dead_code, reason = "each test file uses its part")]
#![expect(unsafe_code, reason = "the interface under test takes raw memory")]

use gain_ufunc::{
    DType, OperandType, ProgramBuilder, Scalar, Signature, Ufunc, Value, View, ViewMut, resolve,
};
use smallvec::SmallVec;

/// A small generator, so that one number names a whole case.
pub struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n as u64) as usize
    }

    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    pub fn value(&mut self, dtype: DType) -> Scalar {
        let small = self.below(200) as i64 - 60;
        let x = match self.below(24) {
            0 => f64::NAN,
            1 => f64::INFINITY,
            2 => -0.0,
            _ => small as f64 * 0.37 + self.below(1000) as f64 * 1e-5,
        };
        match dtype {
            DType::F16 | DType::F32 | DType::F64 => Scalar::from(x).cast(dtype),
            DType::C64 | DType::C128 => {
                Scalar::from(num_complex::Complex::new(x, small as f64)).cast(dtype)
            }
            DType::Bool => Scalar::from(small > 10),
            _ => Scalar::from(small).cast(dtype),
        }
    }
}

/// Strided memory with an owner.
#[derive(Clone)]
pub struct Array {
    pub dtype: DType,
    pub shape: Vec<usize>,
    pub memory: Vec<u128>,
    pub offset: isize,
    pub strides: Vec<isize>,
}

impl Array {
    /// Random elements with random strides: permuted axes, steps, negative steps, and broadcast axes if `broadcast`.
    pub fn random(random: &mut Random, dtype: DType, shape: &[usize], broadcast: bool) -> Array {
        let mut order: Vec<usize> = (0..shape.len()).collect();
        if random.below(3) == 0 {
            for i in (1..order.len()).rev() {
                order.swap(i, random.below(i + 1));
            }
        }
        let mut strides = vec![0isize; shape.len()];
        let (mut step, mut offset) = (dtype.size() as isize, 0isize);
        for &axis in order.iter().rev() {
            if broadcast && random.below(6) == 0 {
                continue;
            }
            let gap = if random.below(5) == 0 { 2 } else { 1 };
            strides[axis] = step * gap;
            let len = shape[axis].max(1) as isize;
            step *= gap * len + if random.below(4) == 0 { 1 } else { 0 };
            if random.below(6) == 0 {
                offset += strides[axis] * (len - 1);
                strides[axis] = -strides[axis];
            }
        }
        let bytes = step as usize + 32;
        let mut array = Array {
            dtype,
            shape: shape.to_vec(),
            memory: vec![0; bytes.div_ceil(16)],
            offset,
            strides,
        };
        let all: Vec<u8> = (0..bytes.div_ceil(dtype.size()))
            .flat_map(|_| random.value(dtype).bytes().to_vec())
            .collect();
        let n = all.len().min(array.memory.len() * 16);
        // SAFETY: `n` bytes fit both.
        unsafe {
            std::ptr::copy_nonoverlapping(all.as_ptr(), array.memory.as_mut_ptr().cast::<u8>(), n)
        };
        array
    }

    pub fn ptr(&self) -> *mut u8 {
        self.memory
            .as_ptr()
            .cast::<u8>()
            .cast_mut()
            .wrapping_offset(self.offset)
    }

    pub fn address(&self, index: &[usize]) -> *mut u8 {
        let offset: isize = index
            .iter()
            .zip(&self.strides)
            .map(|(&i, &s)| i as isize * s)
            .sum();
        self.ptr().wrapping_offset(offset)
    }

    pub fn get(&self, index: &[usize]) -> Scalar {
        // SAFETY: the index lies in the shape.
        let bytes = unsafe { std::slice::from_raw_parts(self.address(index), self.dtype.size()) };
        Scalar::from_bytes(self.dtype, bytes)
    }

    pub fn set(&mut self, index: &[usize], value: Scalar) {
        assert_eq!(value.dtype(), self.dtype);
        // SAFETY: the index lies in the shape.
        unsafe {
            std::ptr::copy_nonoverlapping(
                value.bytes().as_ptr(),
                self.address(index),
                self.dtype.size(),
            )
        };
    }

    pub fn elements(&self) -> Vec<Scalar> {
        indices(&self.shape)
            .iter()
            .map(|index| self.get(index))
            .collect()
    }

    /// The part that begins at `lo`.
    pub fn view(&self, lo: &[usize]) -> View {
        View {
            ptr: self.address(lo),
            strides: SmallVec::from_slice(&self.strides),
        }
    }

    pub fn view_mut(&mut self, lo: &[usize]) -> ViewMut {
        ViewMut {
            ptr: self.address(lo),
            strides: SmallVec::from_slice(&self.strides),
        }
    }
}

/// All indices of a shape in C order.
pub fn indices(shape: &[usize]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![]];
    for &len in shape {
        all = all
            .into_iter()
            .flat_map(|index| (0..len).map(move |i| [index.clone(), vec![i]].concat()))
            .collect();
    }
    all
}

/// Equal bits, except that one NaN is as good as another.
pub fn same(a: Scalar, b: Scalar) -> bool {
    if a.dtype() != b.dtype() {
        return false;
    }
    if a == b {
        return true;
    }
    match a.dtype() {
        DType::F16 | DType::F32 | DType::F64 => a.as_f64().is_nan() && b.as_f64().is_nan(),
        DType::C64 | DType::C128 => {
            let (a, b) = (a.as_complex(), b.as_complex());
            let part = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
            part(a.re, b.re) && part(a.im, b.im)
        }
        _ => false,
    }
}

/// A ufunc of scalars.
pub fn apply(ufunc: &'static Ufunc, signature: &Signature, inputs: &[Scalar]) -> Scalar {
    let cast: Vec<Scalar> = inputs
        .iter()
        .zip(&signature.inputs)
        .map(|(x, &dtype)| x.cast(dtype))
        .collect();
    let mut result = [0u128; 1];
    let mut ptrs = [std::ptr::null_mut(); 4];
    for (ptr, x) in ptrs.iter_mut().zip(&cast) {
        *ptr = x.as_ptr().cast_mut();
    }
    ptrs[cast.len()] = result.as_mut_ptr().cast();
    // SAFETY: one element each.
    unsafe { ufunc.loop_for(signature)(1, &ptrs, &[0; 4]) };
    // SAFETY: the result has an element of the output's dtype.
    let bytes = unsafe {
        std::slice::from_raw_parts(result.as_ptr().cast::<u8>(), signature.output.size())
    };
    Scalar::from_bytes(signature.output, bytes)
}

/// A program under construction together with the values it must have.
pub struct Twin {
    pub builder: ProgramBuilder,
    pub values: Vec<(Value, Vec<Scalar>)>,
}

impl Twin {
    pub fn new() -> Twin {
        Twin {
            builder: ProgramBuilder::new(),
            values: Vec::new(),
        }
    }

    pub fn load(&mut self, slot: usize, array: &Array) {
        let value = self.builder.load(slot, array.dtype);
        self.values.push((value, array.elements()));
    }

    pub fn constant(&mut self, slot: usize, scalar: Scalar, n: usize) {
        let value = self.builder.constant(slot, scalar.dtype());
        self.values.push((value, vec![scalar; n]));
    }

    pub fn index(&mut self, axis: usize, shape: &[usize]) {
        let value = self.builder.index(axis);
        self.values.push((
            value,
            indices(shape)
                .iter()
                .map(|index| Scalar::from(index[axis] as i64))
                .collect(),
        ));
    }

    /// A ufunc of earlier values, if NumPy has it for their dtypes.
    pub fn call(&mut self, ufunc: &'static Ufunc, inputs: &[usize]) -> bool {
        let types: Vec<OperandType> = inputs
            .iter()
            .map(|&i| OperandType::Array(self.builder.dtype(self.values[i].0)))
            .collect();
        let Ok(signature) = resolve(ufunc, &types) else {
            return false;
        };
        let operands: Vec<Value> = inputs.iter().map(|&i| self.values[i].0).collect();
        let value = self.builder.call(ufunc, &signature, &operands);
        let n = self.values[inputs[0]].1.len();
        let elements = (0..n)
            .map(|e| {
                let scalars: Vec<Scalar> = inputs.iter().map(|&i| self.values[i].1[e]).collect();
                apply(ufunc, &signature, &scalars)
            })
            .collect();
        self.values.push((value, elements));
        true
    }

    pub fn cast(&mut self, of: usize, dtype: DType) {
        let value = self.builder.cast(self.values[of].0, dtype);
        let elements = self.values[of].1.iter().map(|x| x.cast(dtype)).collect();
        self.values.push((value, elements));
    }
}
