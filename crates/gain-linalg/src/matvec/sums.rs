//! One rank's part of a matrix times a vector: nodes of the tree over the leaves of the contracted axis.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use bytemuck::Pod;
use gain_core::{Held, Pool};
use std::borrow::Cow;
use std::ops::Sub;

use super::kernel::{ROWS, Real, SHORT, combine, dots, short_rows};
use super::tree::Node;
use crate::matmul::kernel::Matrix;
use crate::set::Set;

/// Elements of the result that are worked on at once across rows: all partial sums of a tree stay in the second cache.
const ACROSS: usize = 512;

/// Work (products of elements) of a task.
const TASK: usize = 1 << 16;

/// How the elements of a matrix follow one another, which decides the order of additions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Along the rows: each sum runs along one.
    Rows,
    /// Along the columns: many sums are added to at once.
    Columns,
}

impl Order {
    /// Indices of the contracted axis in a leaf. Where columns are long, a leaf that lies on two ranks has to move: it is short.
    pub const fn leaf(self) -> usize {
        match self {
            Order::Rows => 512,
            Order::Columns => 16,
        }
    }
}

/// The vector as real numbers.
pub(super) enum Vector<'a, T: Real> {
    /// The elements.
    Real(Cow<'a, [T]>),
    /// Complex elements by their parts: along rows each part twice.
    Parts { real: Vec<T>, imaginary: Vec<T> },
    /// Complex elements that so few rows read that their parts are taken leaf by leaf.
    Pairs(&'a [[T; 2]]),
}

impl<'a, T: Real + Pod> Vector<'a, T> {
    /// The `n` elements of an operand, as the order takes them for so many rows: where they lie, if they follow one another.
    pub(super) fn of(
        held: &'a Held<'_>,
        n: usize,
        complex: bool,
        order: Order,
        rows: usize,
    ) -> Vector<'a, T> {
        let (bytes, step) = (held.bytes(), held.strides[0]);
        let first = held.offset().min(bytes.len());
        let width = 1 + usize::from(complex);
        if step == (width * size_of::<T>()) as isize {
            let bytes = &bytes[first..first + n * width * size_of::<T>()];
            if !complex {
                return Vector::Real(Cow::Borrowed(bytemuck::cast_slice(bytes)));
            }
            if order == Order::Rows && rows <= ROWS {
                return Vector::Pairs(bytemuck::cast_slice(bytes));
            }
        }
        let part = |which: usize, times: usize| {
            let mut part = Vec::with_capacity(n * times);
            // SAFETY: the elements of the box that is held, whose distances are whole numbers of parts.
            unsafe {
                let element = bytes.as_ptr().add(first).cast::<T>().add(which);
                gather(element, step / size_of::<T>() as isize, n, &mut part);
            }
            if times == 2 {
                part = part.iter().flat_map(|&value| [value; 2]).collect();
            }
            part
        };
        if !complex {
            return Vector::Real(Cow::Owned(part(0, 1)));
        }
        let times = if order == Order::Rows { 2 } else { 1 };
        Vector::Parts {
            real: part(0, times),
            imaginary: part(1, times),
        }
    }

    /// Real numbers in an element.
    fn width(&self) -> usize {
        match self {
            Vector::Real(_) => 1,
            Vector::Parts { .. } | Vector::Pairs(_) => 2,
        }
    }
}

/// Room for a leaf of complex numbers, each part twice.
type Twice<T> = [T; 2 * Order::Rows.leaf()];

/// A part of a matrix, and the part of the vector that it is multiplied by; leaf `first` of the contracted axis begins at column 0.
pub(super) struct Part<'a, T: Real> {
    pub(super) matrix: Matrix,
    pub(super) vector: &'a Vector<'a, T>,
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) first: usize,
    pub(super) order: Order,
    pub(super) set: Set,
}

struct Target<T>(*mut T);

// SAFETY: tasks write disjoint rows of disjoint nodes.
unsafe impl<T> Sync for Target<T> {}

impl<T: Real + Sub<Output = T> + Pod> Part<'_, T> {
    /// Real numbers in an element.
    fn width(&self) -> usize {
        self.vector.width()
    }

    /// The sums over the nodes' leaves: for each node a vector of as many elements as there are rows, behind one another in `to`.
    pub(super) fn nodes(&self, nodes: &[Node], to: &mut [T], pool: &Pool) {
        let stride = self.rows * self.width();
        assert_eq!(to.len(), nodes.len() * stride, "a vector for each node");
        if self.rows == 0 || nodes.is_empty() {
            return;
        }
        let grain = if self.order == Order::Rows {
            ROWS
        } else {
            ACROSS
        };
        let per_row = (self.columns / nodes.len()).max(1);
        let share = self.rows.div_ceil(4 * pool.n_threads());
        let step = share.max(TASK / per_row).max(1).next_multiple_of(grain);
        let blocks = self.rows.div_ceil(step);
        let target = Target(to.as_mut_ptr());
        let task = |number: usize| {
            let target = &target;
            let (node, block) = (number / blocks, number % blocks);
            let (lo, hi) = (block * step, ((block + 1) * step).min(self.rows));
            // SAFETY: rows `lo..hi` of the node's vector, which no other task writes.
            let to = unsafe {
                let at = target.0.add(node * stride + lo * self.width());
                std::slice::from_raw_parts_mut(at, (hi - lo) * self.width())
            };
            let leaves = (nodes[node].lo - self.first, nodes[node].hi - self.first);
            match self.order {
                Order::Rows => self.along(leaves, lo, to),
                Order::Columns => self.across(leaves, lo, to),
            }
        };
        match nodes.len() * blocks {
            1 => task(0),
            tasks => pool.for_each(tasks, &task),
        }
    }

    fn element(&self, row: usize, column: usize) -> *const T {
        let at = self.matrix.rows * row as isize + self.matrix.columns * column as isize;
        self.matrix
            .ptr
            .cast::<T>()
            .wrapping_offset(at * self.width() as isize)
    }

    /// Copies `n` elements of the matrix, `step` elements apart, behind what is packed.
    fn pack(&self, row: usize, column: usize, step: isize, n: usize, packed: &mut Vec<T>) {
        let first = self.element(row, column);
        // SAFETY: elements of the matrix; a complex one is two numbers.
        unsafe {
            match self.width() {
                1 => gather(first, step, n, packed),
                _ => {
                    for i in 0..n as isize {
                        packed.extend(first.cast::<[T; 2]>().offset(i * step).read());
                    }
                }
            }
        }
    }

    /// The sums over some leaves of the rows from `lo`, as many as there is room for.
    pub(super) fn along(&self, leaves: (usize, usize), lo: usize, to: &mut [T]) {
        if let (Vector::Real(vector), 1) = (self.vector, self.matrix.columns)
            && self.columns <= SHORT
        {
            // SAFETY: the rows lie in the matrix, at even distances; the set was detected.
            return unsafe {
                short_rows(self.set, self.element(lo, 0), self.matrix.rows, vector, to)
            };
        }
        let mut packed = Vec::new();
        let width = self.width();
        for (number, out) in to.chunks_mut(ROWS * width).enumerate() {
            let count = out.len() / width;
            let rows = (lo + number * ROWS, count);
            let sums = self.along_rows(leaves, rows, &mut packed);
            for (out, sum) in out.chunks_exact_mut(width).zip(sums) {
                out.copy_from_slice(&sum[..width]);
            }
        }
    }

    fn along_rows(
        &self,
        (lo, hi): (usize, usize),
        rows: (usize, usize),
        packed: &mut Vec<T>,
    ) -> [[T; 2]; ROWS] {
        if hi - lo > 1 {
            let middle = lo + half(hi - lo);
            let mut left = self.along_rows((lo, middle), rows, packed);
            let right = self.along_rows((middle, hi), rows, packed);
            for (left, right) in left.iter_mut().zip(right) {
                *left = [left[0] + right[0], left[1] + right[1]];
            }
            return left;
        }
        let leaf = self.order.leaf();
        let (from, to) = (lo * leaf, ((lo + 1) * leaf).min(self.columns));
        let width = self.width();
        let (top, count) = rows;
        let pointers: [*const T; ROWS] = if self.matrix.columns == 1 {
            std::array::from_fn(|r| self.element(top + r.min(count - 1), from))
        } else {
            packed.clear();
            for row in top..top + count {
                self.pack(row, from, self.matrix.columns, to - from, packed);
            }
            std::array::from_fn(|r| packed[r.min(count - 1) * (to - from) * width..].as_ptr())
        };
        let pointers = &pointers[..count];
        // SAFETY: the rows hold the leaf; the set was detected.
        let sums = |vector: &[T]| unsafe {
            let mut sums = [[T::default(); 2]; ROWS];
            dots(self.set, pointers, vector, &mut sums);
            sums
        };
        let range = from * width..to * width;
        let (sums, turned) = match self.vector {
            Vector::Real(vector) => {
                return sums(&vector[range]).map(|[even, odd]| [even + odd, T::default()]);
            }
            Vector::Parts { real, imaginary } => {
                (sums(&real[range.clone()]), sums(&imaginary[range]))
            }
            Vector::Pairs(pairs) => {
                let mut twice: Twice<T> = [T::default(); 2 * Order::Rows.leaf()];
                let mut part = |which: usize| {
                    let places = twice.as_chunks_mut::<2>().0;
                    for (place, pair) in places.iter_mut().zip(&pairs[from..to]) {
                        *place = [pair[which]; 2];
                    }
                    sums(&twice[..range.len()])
                };
                (part(0), part(1))
            }
        };
        std::array::from_fn(|r| [sums[r][0] - turned[r][1], sums[r][1] + turned[r][0]])
    }

    fn across(&self, leaves: (usize, usize), lo: usize, to: &mut [T]) {
        let width = self.width();
        let block = ACROSS / width;
        let depth = (leaves.1 - leaves.0).next_power_of_two().ilog2() as usize + 2;
        let mut scratch = vec![T::default(); depth * ACROSS];
        for (number, out) in to.chunks_mut(block * width).enumerate() {
            self.across_rows(leaves, lo + number * block, out, &mut scratch);
        }
    }

    fn across_rows(&self, (lo, hi): (usize, usize), row: usize, out: &mut [T], scratch: &mut [T]) {
        let (mine, rest) = scratch.split_at_mut(ACROSS);
        let mine = &mut mine[..out.len()];
        if hi - lo > 1 {
            let middle = lo + half(hi - lo);
            self.across_rows((lo, middle), row, out, rest);
            self.across_rows((middle, hi), row, mine, rest);
            for (out, &mine) in out.iter_mut().zip(&*mine) {
                *out = *out + mine;
            }
            return;
        }
        let leaf = self.order.leaf();
        let (from, to) = (lo * leaf, ((lo + 1) * leaf).min(self.columns));
        let width = self.width();
        let mut packed: Vec<T> = Vec::new();
        let mut columns = [std::ptr::null::<T>(); Order::Columns.leaf()];
        if self.matrix.rows == 1 {
            for column in from..to {
                columns[column - from] = self.element(row, column);
            }
        } else {
            for column in from..to {
                self.pack(
                    row,
                    column,
                    self.matrix.rows,
                    out.len() / width,
                    &mut packed,
                );
            }
            for column in 0..to - from {
                columns[column] = packed[column * out.len()..].as_ptr();
            }
        }
        let columns = &columns[..to - from];
        let (real, imaginary) = match self.vector {
            Vector::Real(vector) => (&vector[..], None),
            Vector::Parts { real, imaginary } => (&real[..], Some(imaginary)),
            Vector::Pairs(_) => unreachable!("pairs are for rows"),
        };
        // SAFETY: the columns hold as many elements as `out`; the set was detected.
        unsafe { combine(self.set, columns, &real[from..to], out) };
        if let Some(imaginary) = imaginary {
            // SAFETY: as above.
            unsafe { combine(self.set, columns, &imaginary[from..to], mine) };
            for (out, turned) in out.chunks_exact_mut(2).zip(mine.chunks_exact(2)) {
                (out[0], out[1]) = (out[0] - turned[1], out[1] + turned[0]);
            }
        }
    }
}

/// Copies `n` numbers, `step` numbers apart, behind those of `to`.
///
/// # Safety
/// All of them can be read.
#[inline]
unsafe fn gather<T: Copy>(first: *const T, step: isize, n: usize, to: &mut Vec<T>) {
    // Room is made once: a range knows its length.
    // SAFETY: the caller's contract.
    to.extend((0..n as isize).map(|i| unsafe { first.offset(i * step).read() }));
}

/// The largest power of two below `n`, for `n` above 1.
fn half(n: usize) -> usize {
    n.next_power_of_two() / 2
}
