//! Copies between strided memory of any number of axes: gathering operands into tiles and scattering results.

#![expect(unsafe_code, reason = "both sides are raw strided memory")]

use crate::isa::{self, versions};
use crate::loops::Unaligned;
use smallvec::SmallVec;

/// One axis of a copy: how many elements, and the bytes between them on both sides.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CopyAxis {
    pub(crate) len: usize,
    pub(crate) from: isize,
    pub(crate) to: isize,
}

/// Copies elements of `size` bytes over `axes` (in any order).
///
/// # Safety
///
/// All elements are valid to read on one side and to write on the other, and the sides do not overlap.
pub(crate) unsafe fn copy(axes: &[CopyAxis], from: *const u8, to: *mut u8, size: usize) {
    let mut axes: SmallVec<[CopyAxis; 6]> =
        axes.iter().copied().filter(|axis| axis.len != 1).collect();
    if axes.iter().any(|axis| axis.len == 0) {
        return;
    }
    // The innermost loop runs along the side that is dearer to jump on: the source, except where it is broadcast.
    axes.sort_by_key(|axis| {
        std::cmp::Reverse((axis.from.unsigned_abs().max(1), axis.to.unsigned_abs()))
    });
    merge(&mut axes);
    // Short runs that lie one behind the other on both sides are elements of their own.
    let mut size = size;
    let run = axes.iter().position(|axis| {
        axis.from == size as isize
            && axis.to == axis.from
            && matches!(axis.len * size, 16 | 32 | 64)
    });
    if let Some(run) = run.filter(|_| axes.len() > 1) {
        size *= axes.remove(run).len;
    }
    // SAFETY: the caller's contract, whatever the order of axes.
    unsafe { nest(&axes, from, to, size) }
}

/// Makes one axis of neighbours that both sides step through evenly.
fn merge(axes: &mut SmallVec<[CopyAxis; 6]>) {
    let mut inner = axes.len();
    while inner > 1 {
        inner -= 1;
        let (a, b) = (axes[inner - 1], axes[inner]);
        let len = b.len as isize;
        if a.from == b.from * len && a.to == b.to * len {
            axes[inner - 1] = CopyAxis {
                len: a.len * b.len,
                ..b
            };
            axes.remove(inner);
        }
    }
}

/// Whether neighbours of an operand that steps so are found by vector loads and shuffles: every second element of memory, or all backwards.
pub(super) fn is_shuffled(stride: isize, size: usize) -> bool {
    matches!(size, 4 | 8) && (stride == 2 * size as isize || stride == -(size as isize))
}

unsafe fn nest(axes: &[CopyAxis], from: *const u8, to: *mut u8, size: usize) {
    // SAFETY: offsets stay inside the boxes that the caller of `copy` vouches for.
    unsafe {
        match axes {
            [] => std::ptr::copy_nonoverlapping(from, to, size),
            [inner] => plane(
                &CopyAxis {
                    len: 1,
                    from: 0,
                    to: 0,
                },
                inner,
                from,
                to,
                size,
            ),
            [outer, inner] => plane(outer, inner, from, to, size),
            [first, rest @ ..] => {
                for i in 0..first.len as isize {
                    nest(
                        rest,
                        from.offset(i * first.from),
                        to.offset(i * first.to),
                        size,
                    );
                }
            }
        }
    }
}

unsafe fn plane(outer: &CopyAxis, inner: &CopyAxis, from: *const u8, to: *mut u8, size: usize) {
    // SAFETY: as in `nest`.
    unsafe {
        if inner.from == size as isize && inner.to == size as isize && inner.len * size >= 64 {
            for i in 0..outer.len as isize {
                copy_run(
                    from.offset(i * outer.from),
                    to.offset(i * outer.to),
                    inner.len * size,
                );
            }
            return;
        }
        jumping::all()[isa::active() as usize](outer, inner, from, to, size);
    }
}

/// Elements that do not lie one behind the other, or few that do.
#[inline(always)]
unsafe fn jumps(outer: &CopyAxis, inner: &CopyAxis, from: *const u8, to: *mut u8, size: usize) {
    let alternate = inner.to == size as isize && inner.from == 2 * size as isize && inner.len > 8;
    // SAFETY: as in `nest`.
    unsafe {
        match size {
            4 if alternate => every_second::<u32>(outer, inner, from, to),
            8 if alternate => every_second::<u64>(outer, inner, from, to),
            1 => elements::<u8>(outer, inner, from, to),
            2 => elements::<u16>(outer, inner, from, to),
            4 => elements::<u32>(outer, inner, from, to),
            8 => elements::<u64>(outer, inner, from, to),
            16 => elements::<u128>(outer, inner, from, to),
            32 => elements::<[u128; 2]>(outer, inner, from, to),
            _ => elements::<[u128; 4]>(outer, inner, from, to),
        }
    }
}

versions!(mod jumping = jumps(outer: &CopyAxis, inner: &CopyAxis, from: *const u8, to: *mut u8, size: usize));

/// As [`elements`], of which every second one is copied to neighbouring places: pairs, so that the compiler may load vectors.
#[inline(always)]
unsafe fn every_second<T: Copy>(outer: &CopyAxis, inner: &CopyAxis, from: *const u8, to: *mut u8) {
    for i in 0..outer.len as isize {
        // SAFETY: as in `nest`; the last element has no second half that is sure to be there, so it is copied alone.
        unsafe {
            let (source, target) = (from.offset(i * outer.from), to.offset(i * outer.to));
            let last = inner.len - 1;
            let pairs = std::slice::from_raw_parts(source.cast::<Unaligned<[T; 2]>>(), last);
            let places = std::slice::from_raw_parts_mut(target.cast::<Unaligned<T>>(), last);
            for (place, pair) in places.iter_mut().zip(pairs) {
                let [first, _] = pair.0;
                *place = Unaligned(first);
            }
            let element = source.cast::<T>().add(2 * last).read_unaligned();
            target.cast::<T>().add(last).write_unaligned(element);
        }
    }
}

/// Bytes up to which the C library copies by vector loads and stores. Longer runs it may leave to `rep movsb`, which on AMD's Zen 3 and 4
/// falls from 50 to 3.5 GB/s where the two sides are aligned differently, as the rows of `u[1:-1, 1:-1]` and of packed memory are.
const LIBRARY_BYTES: usize = 2048;

/// Copies bytes that lie one behind the other.
///
/// # Safety
///
/// As [`copy`], for `n_bytes` bytes.
#[inline]
pub(crate) unsafe fn copy_run(from: *const u8, to: *mut u8, n_bytes: usize) {
    for at in (0..n_bytes).step_by(LIBRARY_BYTES) {
        // SAFETY: the caller's contract; the part ends with the run.
        unsafe {
            std::ptr::copy_nonoverlapping(
                from.add(at),
                to.add(at),
                LIBRARY_BYTES.min(n_bytes - at),
            );
        }
    }
}

#[inline(always)]
unsafe fn elements<T: Copy>(outer: &CopyAxis, inner: &CopyAxis, from: *const u8, to: *mut u8) {
    for i in 0..outer.len as isize {
        // SAFETY: as in `nest`.
        unsafe {
            let (mut source, mut target) = (from.offset(i * outer.from), to.offset(i * outer.to));
            let size = size_of::<T>() as isize;
            if inner.from == -size && inner.to == size {
                // Reversed: known steps become shuffles of vectors.
                let (source, target) = (source.cast::<T>(), target.cast::<T>());
                for at in 0..inner.len {
                    target
                        .add(at)
                        .write_unaligned(source.sub(at).read_unaligned());
                }
                continue;
            }
            for _ in 0..inner.len {
                target
                    .cast::<T>()
                    .write_unaligned(source.cast::<T>().read_unaligned());
                source = source.wrapping_offset(inner.from);
                target = target.wrapping_offset(inner.to);
            }
        }
    }
}

/// Repeats one element of `size` bytes over `n` elements.
///
/// # Safety
///
/// `from` has `size` readable bytes, `to` has `n * size` writable ones.
pub(crate) unsafe fn fill(n: usize, from: *const u8, to: *mut u8, size: usize) {
    // SAFETY: the caller's contract.
    unsafe {
        match size {
            1 => fill_with::<u8>(n, from, to),
            2 => fill_with::<u16>(n, from, to),
            4 => fill_with::<u32>(n, from, to),
            8 => fill_with::<u64>(n, from, to),
            _ => fill_with::<u128>(n, from, to),
        }
    }
}

unsafe fn fill_with<T: Copy>(n: usize, from: *const u8, to: *mut u8) {
    // SAFETY: as in `fill`.
    unsafe {
        let element = from.cast::<T>().read_unaligned();
        (0..n).for_each(|i| to.cast::<T>().add(i).write_unaligned(element));
    }
}
