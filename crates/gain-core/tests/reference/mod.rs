//! A plain interpreter of array programs: every view is a list of positions, every operation a loop over elements.

use std::cell::RefCell;
use std::rc::Rc;

use gain_core::Index;

/// An array as positions in a shared vector of integers.
#[derive(Clone, Debug)]
pub struct Plain {
    pub shape: Vec<usize>,
    pub base: Rc<RefCell<Vec<i64>>>,
    pub positions: Vec<usize>,
}

impl Plain {
    pub fn new(shape: &[usize], values: Vec<i64>) -> Plain {
        Plain {
            shape: shape.to_vec(),
            positions: (0..values.len()).collect(),
            base: Rc::new(RefCell::new(values)),
        }
    }

    pub fn values(&self) -> Vec<i64> {
        let base = self.base.borrow();
        self.positions.iter().map(|&at| base[at]).collect()
    }

    fn at(&self, index: &[usize]) -> usize {
        let flat = index
            .iter()
            .zip(&self.shape)
            .fold(0, |flat, (&i, &len)| flat * len + i);
        self.positions[flat]
    }

    pub fn index(&self, indices: &[Index]) -> Option<Plain> {
        // Per axis of the result: which axis of this array it follows (if any) and through which indices.
        let mut axes: Vec<(Option<usize>, Vec<usize>)> = Vec::new();
        let mut fixed: Vec<(usize, usize)> = Vec::new();
        let named = indices
            .iter()
            .filter(|i| matches!(i, Index::Int(_) | Index::Slice { .. }))
            .count();
        let ellipses = indices.iter().filter(|i| **i == Index::Ellipsis).count();
        if ellipses > 1 || named > self.shape.len() {
            return None;
        }
        let mut axis = 0;
        let rest = |axis: usize| (Some(axis), (0..self.shape[axis]).collect::<Vec<_>>());
        for index in indices {
            match *index {
                Index::Int(i) => {
                    let len = *self.shape.get(axis)? as isize;
                    let at = if i < 0 { i + len } else { i };
                    if !(0..len).contains(&at) {
                        return None;
                    }
                    fixed.push((axis, at as usize));
                    axis += 1;
                }
                Index::Slice { start, stop, step } => {
                    let len = *self.shape.get(axis)? as isize;
                    axes.push((
                        Some(axis),
                        python_slice(start, stop, step.unwrap_or(1), len),
                    ));
                    axis += 1;
                }
                Index::NewAxis => axes.push((None, vec![0])),
                Index::Ellipsis => {
                    for _ in 0..self.shape.len() - named {
                        axes.push(rest(axis));
                        axis += 1;
                    }
                }
            }
        }
        while axis < self.shape.len() {
            axes.push(rest(axis));
            axis += 1;
        }
        let shape: Vec<usize> = axes.iter().map(|(_, picks)| picks.len()).collect();
        let positions = all(&shape)
            .map(|index| {
                let mut own = vec![0; self.shape.len()];
                fixed.iter().for_each(|&(axis, at)| own[axis] = at);
                for ((axis, picks), &i) in axes.iter().zip(&index) {
                    if let Some(axis) = axis {
                        own[*axis] = picks[i];
                    }
                }
                self.at(&own)
            })
            .collect();
        Some(Plain {
            shape,
            base: Rc::clone(&self.base),
            positions,
        })
    }

    pub fn reversed_axes(&self) -> Plain {
        let shape: Vec<usize> = self.shape.iter().rev().copied().collect();
        let positions = all(&shape)
            .map(|index| self.at(&index.into_iter().rev().collect::<Vec<_>>()))
            .collect();
        Plain {
            shape,
            base: Rc::clone(&self.base),
            positions,
        }
    }

    /// The view of rows `indices` of the first axis, where negative ones count from its end; rows may come several times.
    pub fn rows(&self, indices: &[i64]) -> Plain {
        let len = self.shape[0] as i64;
        let row: usize = self.shape[1..].iter().product();
        let starts = indices.iter().map(|i| i.rem_euclid(len) as usize * row);
        let mut shape = self.shape.clone();
        shape[0] = indices.len();
        Plain {
            shape,
            base: Rc::clone(&self.base),
            positions: starts
                .flat_map(|start| self.positions[start..start + row].to_vec())
                .collect(),
        }
    }

    /// The view of the elements that are greater than 0: 1-D.
    pub fn positive(&self) -> Plain {
        let base = self.base.borrow();
        let kept = self.positions.iter().copied().filter(|&at| base[at] > 0);
        let positions: Vec<usize> = kept.collect();
        Plain {
            shape: vec![positions.len()],
            base: Rc::clone(&self.base),
            positions,
        }
    }

    /// The same elements in C order under another shape.
    pub fn reshaped(&self, shape: &[usize]) -> Plain {
        Plain {
            shape: shape.to_vec(),
            ..self.clone()
        }
    }

    /// The same values in memory of their own.
    pub fn copy(&self) -> Plain {
        Plain::new(&self.shape, self.values())
    }

    pub fn broadcast(&self, shape: &[usize]) -> Option<Vec<i64>> {
        let missing = shape.len().checked_sub(self.shape.len())?;
        if self
            .shape
            .iter()
            .zip(&shape[missing..])
            .any(|(&have, &want)| have != want && have != 1)
        {
            return None;
        }
        let base = self.base.borrow();
        let value = |index: Vec<usize>| {
            let own: Vec<usize> = self
                .shape
                .iter()
                .zip(&index[missing..])
                .map(|(&len, &i)| if len == 1 { 0 } else { i })
                .collect();
            base[self.at(&own)]
        };
        Some(all(shape).map(value).collect())
    }

    pub fn binary(&self, other: &Plain, f: impl Fn(i64, i64) -> i64) -> Option<Plain> {
        let shape = common(&self.shape, &other.shape)?;
        let (a, b) = (self.broadcast(&shape)?, other.broadcast(&shape)?);
        Some(Plain::new(
            &shape,
            a.into_iter().zip(b).map(|(a, b)| f(a, b)).collect(),
        ))
    }

    pub fn assign(&self, value: &Plain) -> bool {
        let mut value = value.clone();
        while value.shape.len() > self.shape.len() && value.shape[0] == 1 {
            value.shape.remove(0);
        }
        let Some(values) = value.broadcast(&self.shape) else {
            return false;
        };
        let mut base = self.base.borrow_mut();
        self.positions
            .iter()
            .zip(values)
            .for_each(|(&at, value)| base[at] = value);
        true
    }

    /// Folds axis `axis`; `None` for an axis that is empty or not there.
    pub fn fold(&self, axis: usize, f: impl Fn(i64, i64) -> i64) -> Option<Plain> {
        if *self.shape.get(axis)? == 0 {
            return None;
        }
        let mut shape = self.shape.clone();
        let len = shape.remove(axis);
        let base = self.base.borrow();
        let value = |index: Vec<usize>| {
            (0..len)
                .map(|i| {
                    let mut own = index.clone();
                    own.insert(axis, i);
                    base[self.at(&own)]
                })
                .reduce(&f)
                .expect("not empty")
        };
        let values = all(&shape).map(value).collect();
        Some(Plain::new(&shape, values))
    }
}

fn python_slice(start: Option<isize>, stop: Option<isize>, step: isize, len: isize) -> Vec<usize> {
    let clamp = |i: isize| {
        let i = if i < 0 { i + len } else { i };
        if step > 0 {
            i.clamp(0, len)
        } else {
            i.clamp(-1, len - 1)
        }
    };
    let (mut at, end) = if step > 0 {
        (start.map_or(0, clamp), stop.map_or(len, clamp))
    } else {
        (start.map_or(len - 1, clamp), stop.map_or(-1, clamp))
    };
    let mut picks = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        picks.push(at as usize);
        at += step;
    }
    picks
}

fn common(a: &[usize], b: &[usize]) -> Option<Vec<usize>> {
    let ndim = a.len().max(b.len());
    let len = |shape: &[usize], axis: usize| {
        (axis + shape.len())
            .checked_sub(ndim)
            .map_or(1, |own| shape[own])
    };
    (0..ndim)
        .map(|axis| match (len(a, axis), len(b, axis)) {
            (x, y) if x == y => Some(x),
            (1, y) => Some(y),
            (x, 1) => Some(x),
            _ => None,
        })
        .collect()
}

fn all(shape: &[usize]) -> impl Iterator<Item = Vec<usize>> {
    let shape = shape.to_vec();
    (0..shape.iter().product()).map(move |mut flat| {
        let mut index = vec![0; shape.len()];
        for axis in (0..shape.len()).rev() {
            index[axis] = flat % shape[axis];
            flat /= shape[axis];
        }
        index
    })
}
