//! A matrix in panels of columns, as [`Deal`] gives them to the ranks, and the work of one rank on its own.
//!
//! # Rationale
//! Every panel is updated by calls of its
//! own, whoever has it: the bits of a factorisation depend on the matrix and on [`WIDTH`] alone, not on ranks or threads. A rank holds its share of
//! the matrix and, for the time of one step, one panel more.
//!
//! # Limitations
//! One-dimensional: each panel goes to every rank, half a matrix received by each in all. With very many ranks a grid would move less.

use std::sync::{Mutex, MutexGuard};

use bytemuck::Pod;
use faer::{Accum, MatMut, MatRef, Par};
use gain_core::{Array, Buffer, DType, Distribution, Result, Runtime};
use num_complex::{Complex64, ComplexFloat};

use super::deal::{Deal, WIDTH};

/// The two element types in which NumPy factorises.
pub(crate) trait Number:
    faer::traits::ComplexField + ComplexFloat<Real = f64> + Pod + Default
{
    const DTYPE: DType;
    fn real(value: f64) -> Self;
    /// The size by which LAPACK chooses pivots.
    fn magnitude(self) -> f64;
}

impl Number for f64 {
    const DTYPE: DType = DType::F64;
    fn real(value: f64) -> f64 {
        value
    }
    #[inline(always)]
    fn magnitude(self) -> f64 {
        self.abs()
    }
}

impl Number for Complex64 {
    const DTYPE: DType = DType::C128;
    fn real(value: f64) -> Complex64 {
        Complex64::new(value, 0.0)
    }
    #[inline(always)]
    fn magnitude(self) -> f64 {
        self.re.abs() + self.im.abs()
    }
}

/// A panel's elements, column by column.
pub(crate) struct Panel<T> {
    pub elements: Vec<T>,
    pub rows: usize,
    pub columns: usize,
}

impl<T: Number> Panel<T> {
    pub fn zeros(rows: usize, columns: usize) -> Panel<T> {
        Panel {
            elements: vec![T::zero(); rows * columns],
            rows,
            columns,
        }
    }

    /// The rows from `first` on.
    pub fn below(&self, first: usize) -> MatRef<'_, T> {
        self.part(first, self.rows)
    }

    /// The rows from `first` up to `end`.
    pub fn part(&self, first: usize, end: usize) -> MatRef<'_, T> {
        let whole = MatRef::from_column_major_slice(&self.elements, self.rows, self.columns);
        whole.get(first..end, ..)
    }

    /// The rows from `first` on, to be written.
    pub fn below_mut(&mut self, first: usize) -> MatMut<'_, T> {
        let (rows, columns) = (self.rows, self.columns);
        let whole = MatMut::from_column_major_slice_mut(&mut self.elements, rows, columns);
        whole.get_mut(first.., ..)
    }

    /// A copy of the rows from `first` up to `end`.
    pub fn copy_of(&self, first: usize, end: usize) -> Panel<T> {
        let mut copy = Vec::with_capacity((end - first) * self.columns);
        for column in self.elements.chunks_exact(self.rows.max(1)) {
            copy.extend_from_slice(&column[first..end]);
        }
        Panel {
            elements: copy,
            rows: end - first,
            columns: self.columns,
        }
    }
}

/// `target += factor * left @ right` on one thread.
pub(crate) fn add_product<T: Number, L, R>(
    target: MatMut<'_, T>,
    left: MatRef<'_, L>,
    right: MatRef<'_, R>,
    factor: f64,
) where
    L: faer::traits::Conjugate<Canonical = T>,
    R: faer::traits::Conjugate<Canonical = T>,
{
    faer::linalg::matmul::matmul(target, Accum::Add, left, right, T::real(factor), Par::Seq);
}

fn lock<T>(panel: &Mutex<Panel<T>>) -> MutexGuard<'_, Panel<T>> {
    panel.lock().expect("no thread panicked with a panel")
}

/// The panels of a matrix that this rank has.
pub(crate) struct Columns<T> {
    pub rt: Runtime,
    pub rows: usize,
    pub deal: Deal,
    own: Vec<Mutex<Panel<T>>>,
}

impl<T: Number> Columns<T> {
    /// Whether this rank has a panel.
    pub fn is_own(&self, panel: usize) -> bool {
        self.deal.owner(panel) == self.rt.rank()
    }

    /// One of this rank's panels.
    pub fn own(&self, panel: usize) -> MutexGuard<'_, Panel<T>> {
        lock(&self.own[self.deal.place(panel)])
    }

    /// Runs a task on each of this rank's panels from `first` on, on all threads.
    pub fn each(&self, first: usize, task: &(dyn Fn(usize, &mut Panel<T>) + Sync)) {
        let (deal, own) = (self.deal, &self.own);
        let numbers: Vec<usize> = deal
            .panels_of(self.rt.rank())
            .skip_while(|&panel| panel < first)
            .collect();
        self.rt.pool().for_each(numbers.len(), &|place| {
            let number = numbers[place];
            task(number, &mut lock(&own[deal.place(number)]));
        });
    }

    /// Panels whose elements are a formula of row and column. Local.
    pub fn made(
        rt: &Runtime,
        rows: usize,
        columns: usize,
        fill: &dyn Fn(usize, &mut Panel<T>),
    ) -> Self {
        let deal = Deal {
            columns,
            n_ranks: rt.n_ranks(),
        };
        let mut own = Vec::new();
        for number in deal.panels_of(rt.rank()) {
            let mut panel = Panel::zeros(rows, deal.width(number));
            fill(deal.span(number).0, &mut panel);
            own.push(Mutex::new(panel));
        }
        Columns {
            rt: rt.clone(),
            rows,
            deal,
            own,
        }
    }

    /// The identity, perhaps not square. Local.
    pub fn identity(rt: &Runtime, rows: usize, columns: usize) -> Self {
        Columns::made(rt, rows, columns, &|first, panel| {
            for j in 0..panel.columns.min(rows.saturating_sub(first)) {
                panel.elements[j * rows + first + j] = T::one();
            }
        })
    }

    /// The panels of an array of two axes and of this dtype. Collective.
    ///
    /// Moves each element at most once; one message between two ranks for each round of panels.
    pub fn of(array: &Array) -> Result<Self> {
        let rt = array.runtime();
        let (rows, columns) = (array.shape()[0], array.shape()[1]);
        let mut made = Columns::made(rt, rows, columns, &|_, _| ());
        let deal = made.deal;
        let wanted = array.wanted()?;
        for round in 0..deal.rounds() {
            let coming =
                wanted.start("columns of a matrix", &|rank| deal.share(round, rank, rows))?;
            let held = wanted.finish(coming)?;
            let Some(panel) = made.own.get_mut(round) else {
                continue;
            };
            let panel = panel.get_mut().expect("nothing panicked with a panel");
            let size = size_of::<T>() as isize;
            let elements: &[T] = bytemuck::cast_slice(held.bytes());
            let (first, down, across) = (
                held.offset() as isize / size,
                held.strides[0] / size,
                held.strides[1] / size,
            );
            for i in 0..rows {
                let row = first + i as isize * down;
                for j in 0..panel.columns {
                    panel.elements[j * rows + i] = elements[(row + j as isize * across) as usize];
                }
            }
        }
        Ok(made)
    }

    /// The array of these panels' rows up to `rows`, in blocks of rows. Collective.
    pub fn into_array(self, rows: usize) -> Result<Array> {
        let (rt, deal) = (self.rt.clone(), self.deal);
        let (columns, n_ranks) = (deal.columns, deal.n_ranks);
        let (order, cuts) = (deal.gathered(), deal.cuts());
        let mine = cuts[rt.rank() + 1] - cuts[rt.rank()];
        let mut block = Buffer::new(rows * mine * size_of::<T>())?;
        {
            let target: &mut [T] = bytemuck::cast_slice_mut(block.as_mut_slice());
            let mut at = 0;
            for panel in &self.own {
                let panel = lock(panel);
                for i in 0..rows {
                    for j in 0..panel.columns {
                        target[i * mine + at + j] = panel.elements[j * panel.rows + i];
                    }
                }
                at += panel.columns;
            }
        }
        drop(self.own);
        let by_columns = if n_ranks == 1 {
            Distribution::regular(&[rows, columns], &[1], 1)?
        } else {
            Distribution::irregular(&[vec![0, rows], cuts], n_ranks)?
        };
        let shuffled = Array::from_local(&rt, T::DTYPE, by_columns, block)?;
        if n_ranks == 1 {
            return Ok(shuffled);
        }
        let target = Distribution::regular(&[rows, columns], &[n_ranks], n_ranks)?;
        let mut block = Buffer::new(target.box_of(rt.rank()).len() * size_of::<T>())?;
        {
            let wanted = shuffled.wanted()?;
            let coming = wanted.start("rows of a matrix", &|rank| target.box_of(rank))?;
            let held = wanted.finish(coming)?;
            let size = size_of::<T>() as isize;
            let elements: &[T] = bytemuck::cast_slice(held.bytes());
            let places: &mut [T] = bytemuck::cast_slice_mut(block.as_mut_slice());
            let (first, down, across) = (
                held.offset() as isize / size,
                held.strides[0] / size,
                held.strides[1] / size,
            );
            for (i, row) in places.chunks_exact_mut(columns.max(1)).enumerate() {
                let mut from = first + i as isize * down;
                for &panel in &order {
                    for place in &mut row[panel * WIDTH..][..deal.width(panel)] {
                        *place = elements[from as usize];
                        from += across;
                    }
                }
            }
        }
        Array::from_local(&rt, T::DTYPE, target, block)
    }
}

/// One rank's elements and numbers, on all ranks. Collective; only what the root gives counts.
pub(crate) fn broadcast<T: Number>(
    rt: &Runtime,
    root: usize,
    elements: &mut Vec<T>,
    numbers: &mut Vec<u64>,
) -> Result<()> {
    if rt.n_ranks() == 1 {
        return Ok(());
    }
    let mut bytes = Vec::new();
    if rt.rank() == root {
        bytes.reserve(8 + numbers.len() * 8 + size_of_val(&elements[..]));
        bytes.extend_from_slice(&(numbers.len() as u64).to_le_bytes());
        bytes.extend_from_slice(bytemuck::cast_slice(numbers));
        bytes.extend_from_slice(bytemuck::cast_slice(elements));
    }
    rt.team()
        .broadcast(root, &mut bytes)
        .map_err(gain_core::Error::from)?;
    if rt.rank() != root {
        let count: u64 = bytemuck::pod_read_unaligned(&bytes[..8]);
        let end = 8 + count as usize * 8;
        *numbers = vec![0; count as usize];
        bytemuck::cast_slice_mut(numbers).copy_from_slice(&bytes[8..end]);
        *elements = vec![T::zero(); (bytes.len() - end) / size_of::<T>()];
        bytemuck::cast_slice_mut(elements).copy_from_slice(&bytes[end..]);
    }
    Ok(())
}
