//! Numbers looked up in a sorted table that this rank has whole: their places in it, and interpolation between its points. Local.
//!
//! # Rationale
//! A search by halving waits for memory at each step. Several searches that know nothing of one another go side by side, so that the machine
//! waits for all of them at once, and none of them has a branch, as nobody can guess where a number lies (P.-V. Khuong and P. Morin, "Array
//! layouts for comparison-based searching", ACM J. Exp. Algorithmics 22, 2017).

use std::hint::select_unpredictable;

use gain_ufunc::pool::Pool;

/// Searches that go side by side.
const LANES: usize = 16;

/// Numbers that one thread looks up at a time.
const CHUNK: usize = 1 << 13;

/// An element of a table. NaN stands behind all numbers.
pub trait Sortable: Copy + PartialOrd + Send + Sync {}

impl<T: Copy + PartialOrd + Send + Sync> Sortable for T {}

/// How many elements of the ascending `table` stand before each value, or with `after_equals` before or at it, into `places`. Local.
///
/// In a table that does not ascend the places are within its bounds.
///
/// # Panics
/// If there are not as many places as values.
///
/// # Examples
/// ```
/// use gain_core::{Pool, lookup::places};
///
/// let mut found = [0; 4];
/// places(&Pool::new(1), &[1.0, 2.0, 2.0, 5.0], &[2.0, 0.0, 9.0, f64::NAN], false, &mut found);
/// assert_eq!(found, [1, 0, 4, 4]);
/// ```
pub fn places<T: Sortable>(
    pool: &Pool,
    table: &[T],
    values: &[T],
    after_equals: bool,
    places: &mut [i64],
) {
    assert_eq!(values.len(), places.len(), "a place for each value");
    let table = Table::new(table);
    let pieces = values.chunks(CHUNK).zip(places.chunks_mut(CHUNK));
    pool.for_pieces(pieces.collect(), &|_, (values, places)| {
        for (values, places) in values.chunks(LANES).zip(places.chunks_mut(LANES)) {
            for (to, place) in places.iter_mut().zip(table.places(values, after_equals)) {
                *to = place as i64;
            }
        }
    });
}

/// What [`interpolate`] gives outside of the points.
#[derive(Clone, Copy, Debug)]
pub struct Ends {
    /// Before the first point.
    pub left: f64,
    /// Behind the last.
    pub right: f64,
}

/// The linear interpolation at `x` between points at `at`, ascending, of the given `values`, into `found`; NaN stays, but for a single
/// point, whose value is everywhere between the ends. Local.
///
/// From the left point by the slope; where that is not a number, from the right one; where two neighbours have one value, that value.
///
/// # Panics
/// If there is no point, or as many values, or the lengths of `x` and `found` differ.
pub fn interpolate(
    pool: &Pool,
    at: &[f64],
    values: &[f64],
    ends: Ends,
    x: &[f64],
    found: &mut [f64],
) {
    assert!(!at.is_empty(), "there is a point");
    assert_eq!(at.len(), values.len(), "a value for each point");
    assert_eq!(x.len(), found.len(), "a result for each number");
    let table = Table::new(at);
    let last = at.len() - 1;
    let between = |x: f64, place: usize| {
        if x.is_nan() {
            // Where there is no line, there is the one point's value.
            return if last == 0 { values[0] } else { x };
        }
        if x > at[last] {
            return ends.right;
        }
        let Some(left) = place.checked_sub(1) else {
            return ends.left;
        };
        if left == last || at[left] == x {
            return values[left];
        }
        let slope = (values[left + 1] - values[left]) / (at[left + 1] - at[left]);
        let from_left = slope * (x - at[left]) + values[left];
        if !from_left.is_nan() {
            return from_left;
        }
        let from_right = slope * (x - at[left + 1]) + values[left + 1];
        if from_right.is_nan() && values[left] == values[left + 1] {
            return values[left];
        }
        from_right
    };
    let pieces = x.chunks(CHUNK).zip(found.chunks_mut(CHUNK));
    pool.for_pieces(pieces.collect(), &|_, (x, found)| {
        for (x, found) in x.chunks(LANES).zip(found.chunks_mut(LANES)) {
            let places = table.places(x, true);
            for ((to, &x), place) in found.iter_mut().zip(x).zip(places) {
                *to = between(x, place);
            }
        }
    });
}

/// A table, and how much of it is numbers.
struct Table<'a, T> {
    all: &'a [T],
    n_numbers: usize,
}

impl<T: Sortable> Table<'_, T> {
    fn new(all: &[T]) -> Table<'_, T> {
        Table {
            all,
            n_numbers: all.partition_point(|element| !is_nan(element)),
        }
    }

    /// The places of at most [`LANES`] values; of the lanes behind them anything.
    #[inline]
    fn places(&self, values: &[T], after_equals: bool) -> [usize; LANES] {
        let mut lanes = [values[0]; LANES];
        lanes[..values.len()].copy_from_slice(values);
        let mut places = match after_equals {
            false => side_by_side(self.all, &lanes, |element, value| element < value),
            true => side_by_side(self.all, &lanes, |element, value| element <= value),
        };
        for (place, value) in places.iter_mut().zip(values) {
            if is_nan(value) {
                *place = if after_equals {
                    self.all.len()
                } else {
                    self.n_numbers
                };
            }
        }
        places
    }
}

#[expect(clippy::eq_op, reason = "NaN alone differs from itself")]
fn is_nan<T: PartialOrd>(value: &T) -> bool {
    value != value
}

/// How many elements of the table are `before` each value.
#[inline(always)]
fn side_by_side<T: Sortable>(
    table: &[T],
    values: &[T; LANES],
    before: impl Fn(T, T) -> bool,
) -> [usize; LANES] {
    // The place of each value is among the `len + 1` from here on.
    let mut from = [0; LANES];
    let mut len = table.len();
    while len > 1 {
        let half = len / 2;
        for (from, &value) in from.iter_mut().zip(values) {
            let behind = before(table[*from + half - 1], value);
            *from = select_unpredictable(behind, *from + half, *from);
        }
        len -= half;
    }
    if len == 1 {
        for (from, &value) in from.iter_mut().zip(values) {
            *from += usize::from(before(table[*from], value));
        }
    }
    from
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_a_search_one_by_one() {
        let pool = Pool::new(2);
        for n in [0, 1, 2, 3, 17, 100, 1000] {
            let mut table: Vec<i64> = (0..n).map(|i| i * i % 7 + i).collect();
            table.sort_unstable();
            let values: Vec<i64> = (0..20_000).map(|i| i * 37 % (n + 9) - 3).collect();
            let mut found = vec![0; values.len()];
            for after_equals in [false, true] {
                places(&pool, &table, &values, after_equals, &mut found);
                for (&value, &place) in values.iter().zip(&found) {
                    let before = |element: &i64| match after_equals {
                        false => *element < value,
                        true => *element <= value,
                    };
                    assert_eq!(place as usize, table.partition_point(before));
                }
            }
        }
    }

    #[test]
    fn nan_stands_behind_all_numbers() {
        let pool = Pool::new(1);
        let table = [-1.0, 0.0, f64::NAN, f64::NAN];
        let values = [f64::NAN, -0.0, f64::INFINITY, -2.0];
        let mut found = [9; 4];
        places(&pool, &table, &values, false, &mut found);
        assert_eq!(found, [2, 1, 2, 0]);
        places(&pool, &table, &values, true, &mut found);
        assert_eq!(found, [4, 2, 2, 0]);
    }

    #[test]
    fn interpolation_keeps_to_the_points() {
        let (at, values) = ([0.0, 1.0, 1.0, 3.0], [5.0, f64::INFINITY, 2.0, 2.0]);
        let ends = Ends {
            left: -1.0,
            right: -2.0,
        };
        let x = [-0.5, 0.0, 1.0, 2.0, 3.0, 3.5, 0.5];
        let mut found = [0.0; 7];
        interpolate(&Pool::new(1), &at, &values, ends, &x, &mut found);
        assert_eq!(found, [-1.0, 5.0, 2.0, 2.0, 2.0, -2.0, f64::INFINITY]);
    }
}
