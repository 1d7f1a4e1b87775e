//! Rows in and out of local memory: the inner loops of indexing.

use gain_ufunc::prefetch::fetch;
use smallvec::SmallVec;

/// Elements whose places are worked out together, and asked of memory while those before them are copied.
const BLOCK: usize = 64;

/// Memory up to this many bytes lies in a near cache; asking for its elements ahead would cost more than it saves.
const NEAR: usize = 256 << 10;

/// A block whose last element is up to this many bytes from its first is taken to move evenly, as sorted indices do: the machine foresees that.
const EVEN: usize = 4 << 10;

/// The elements of a row relative to its first one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Number of elements.
    len: usize,
    /// Where the innermost runs begin, in C order.
    runs: SmallVec<[isize; 4]>,
    /// Elements in a run.
    run: usize,
    /// Distance of a run's elements.
    step: isize,
}

impl Row {
    /// A row of this shape whose elements lie so far apart. Local.
    #[must_use]
    pub fn new(shape: &[usize], strides: &[isize]) -> Row {
        let mut axes: SmallVec<[(usize, isize); 4]> = SmallVec::new();
        for (&len, &stride) in shape.iter().zip(strides).filter(|(len, _)| **len != 1) {
            match axes.last_mut() {
                Some(outer) if outer.1 == stride * len as isize => *outer = (outer.0 * len, stride),
                _ => axes.push((len, stride)),
            }
        }
        let (run, step) = axes.pop().unwrap_or((1, 1));
        let mut runs: SmallVec<[isize; 4]> = SmallVec::from_slice(&[0]);
        for (len, stride) in axes {
            runs = runs
                .iter()
                .flat_map(|start| (0..len as isize).map(move |i| start + i * stride))
                .collect();
        }
        let len = shape.iter().product();
        Row {
            len,
            runs,
            run,
            step,
        }
    }

    /// Number of elements. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no element. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }
}

/// Copies the rows that begin at `offsets` (in elements) out of `memory`, one behind the other.
pub(crate) fn take(
    itemsize: usize,
    memory: &[u8],
    offsets: impl Iterator<Item = isize>,
    row: &Row,
    out: &mut [u8],
) {
    match itemsize {
        1 => take_typed(memory, offsets, row, out),
        2 => take_typed::<u16>(bytemuck::cast_slice(memory), offsets, row, cast(out)),
        4 => take_typed::<u32>(bytemuck::cast_slice(memory), offsets, row, cast(out)),
        8 => take_typed::<u64>(bytemuck::cast_slice(memory), offsets, row, cast(out)),
        16 => take_typed::<u128>(bytemuck::cast_slice(memory), offsets, row, cast(out)),
        _ => unreachable!("elements have 1, 2, 4, 8 or 16 bytes"),
    }
}

/// Copies rows that lie one behind the other into `memory`, to begin at `offsets`; or the one value over all of their elements.
pub(crate) fn put(
    itemsize: usize,
    memory: &mut [u8],
    offsets: impl Iterator<Item = isize>,
    row: &Row,
    values: &[u8],
    repeated: bool,
) {
    match itemsize {
        1 => put_typed(memory, offsets, row, values, repeated),
        2 => put_typed::<u16>(
            cast(memory),
            offsets,
            row,
            bytemuck::cast_slice(values),
            repeated,
        ),
        4 => put_typed::<u32>(
            cast(memory),
            offsets,
            row,
            bytemuck::cast_slice(values),
            repeated,
        ),
        8 => put_typed::<u64>(
            cast(memory),
            offsets,
            row,
            bytemuck::cast_slice(values),
            repeated,
        ),
        16 => put_typed::<u128>(
            cast(memory),
            offsets,
            row,
            bytemuck::cast_slice(values),
            repeated,
        ),
        _ => unreachable!("elements have 1, 2, 4, 8 or 16 bytes"),
    }
}

fn cast<T: bytemuck::Pod>(bytes: &mut [u8]) -> &mut [T] {
    bytemuck::cast_slice_mut(bytes)
}

/// Calls `copy` with the places of some elements after the others; those that lie far apart were asked of memory before.
#[inline(always)]
fn in_blocks<T>(
    start: *const T,
    mut offsets: impl Iterator<Item = isize>,
    mut copy: impl FnMut(&[isize]),
) {
    let even = (EVEN / size_of::<T>()) as isize;
    let mut fill = |block: &mut [isize; BLOCK]| {
        let mut filled = 0;
        for (to, at) in block.iter_mut().zip(offsets.by_ref()) {
            *to = at;
            filled += 1;
        }
        let block = &block[..filled];
        if block.len() > 1 && (block[block.len() - 1] - block[0]).abs() > even {
            for &at in block {
                fetch(start.wrapping_offset(at).cast());
            }
        }
        filled
    };
    let mut blocks = [[0; BLOCK]; 2];
    let mut now = 0;
    let mut n_now = fill(&mut blocks[now]);
    while n_now > 0 {
        let n_next = fill(&mut blocks[1 - now]);
        copy(&blocks[now][..n_now]);
        (now, n_now) = (1 - now, n_next);
    }
}

#[inline]
fn take_typed<T: Copy>(
    memory: &[T],
    offsets: impl Iterator<Item = isize>,
    row: &Row,
    out: &mut [T],
) {
    if row.len == 0 {
        return;
    }
    if row.len == 1 && size_of_val(memory) > NEAR {
        let mut done = 0;
        in_blocks(memory.as_ptr(), offsets, |block| {
            for (to, &at) in out[done..done + block.len()].iter_mut().zip(block) {
                *to = memory[at as usize];
            }
            done += block.len();
        });
        return;
    }
    if row.len == 1 {
        for (to, at) in out.iter_mut().zip(offsets) {
            *to = memory[at as usize];
        }
        return;
    }
    for (to, at) in out.chunks_exact_mut(row.len).zip(offsets) {
        for (to, start) in to.chunks_exact_mut(row.run).zip(&row.runs) {
            let at = at + start;
            if row.step == 1 {
                to.copy_from_slice(&memory[at as usize..at as usize + row.run]);
            } else {
                for (i, to) in to.iter_mut().enumerate() {
                    *to = memory[(at + i as isize * row.step) as usize];
                }
            }
        }
    }
}

#[inline]
fn put_typed<T: Copy>(
    memory: &mut [T],
    offsets: impl Iterator<Item = isize>,
    row: &Row,
    values: &[T],
    repeated: bool,
) {
    if row.len == 0 {
        return;
    }
    if repeated {
        fill_typed(memory, offsets, row, values[0]);
        return;
    }
    if row.len == 1 && size_of_val(memory) > NEAR {
        let mut done = 0;
        in_blocks(memory.as_ptr(), offsets, |block| {
            for (&value, &at) in values[done..done + block.len()].iter().zip(block) {
                memory[at as usize] = value;
            }
            done += block.len();
        });
        return;
    }
    if row.len == 1 {
        for (&value, at) in values.iter().zip(offsets) {
            memory[at as usize] = value;
        }
        return;
    }
    for (number, at) in offsets.enumerate() {
        let from = values[number * row.len..][..row.len].chunks_exact(row.run);
        for (from, start) in from.zip(&row.runs) {
            let at = at + start;
            if row.step == 1 {
                memory[at as usize..at as usize + row.run].copy_from_slice(from);
            } else {
                for (i, &value) in from.iter().enumerate() {
                    memory[(at + i as isize * row.step) as usize] = value;
                }
            }
        }
    }
}

#[inline]
fn fill_typed<T: Copy>(
    memory: &mut [T],
    offsets: impl Iterator<Item = isize>,
    row: &Row,
    value: T,
) {
    for at in offsets {
        for start in &row.runs {
            for i in 0..row.run as isize {
                memory[(at + start + i * row.step) as usize] = value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_any_strides_are_taken_and_put() {
        let memory: Vec<u8> = (0..60).collect();
        // Rows of shape (2, 3) out of a 3 x 4 x 5 block, walked backwards along the last axis.
        let row = Row::new(&[2, 3], &[5, -1]);
        let mut out = vec![0; 12];
        take(1, &memory, [24, 43].into_iter(), &row, &mut out);
        assert_eq!(out, [24, 23, 22, 29, 28, 27, 43, 42, 41, 48, 47, 46]);
        let mut back = vec![0; 60];
        put(1, &mut back, [24, 43].into_iter(), &row, &out, false);
        assert!((0..60).all(|i| back[i] == if out.contains(&(i as u8)) { i as u8 } else { 0 }));
    }

    #[test]
    fn rows_without_gaps_are_one_run() {
        let row = Row::new(&[4, 1, 5], &[5, 7, 1]);
        assert_eq!((row.runs.len(), row.run, row.step), (1, 20, 1));
        assert!(Row::new(&[4, 0], &[5, 1]).is_empty());
    }
}
