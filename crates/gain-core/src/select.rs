//! Indexing by arrays and masks, mixed with slices: NumPy's rules for what stands between the brackets, then rows by index.

use gain_ga::Indices;
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result, shape_text};
use crate::index::{self, Index};
use crate::layout::Layout;
use crate::route::{self, Content};

/// One entry of an index expression that may hold arrays.
#[derive(Clone, Debug)]
pub enum Selector {
    /// An integer, a slice, a new axis or an ellipsis.
    Basic(Index),
    /// Integers: each names an index of one axis.
    Integers(Array),
    /// Booleans: they stand for the places where they are true, on as many axes as the mask has.
    Mask(Array),
}

/// What an index expression with arrays means for an array: rows of a view, and where their axes go in the result.
struct Selection {
    /// The view in which the axes that arrays index come first.
    view: Array,
    indices: SmallVec<[Array; 2]>,
    /// The axes that the arrays index, as users count them.
    axes: SmallVec<[usize; 4]>,
    /// The axis of the result at which the indices' axes stand.
    place: usize,
}

impl Array {
    /// A copy of the elements that an index expression with arrays names, in NumPy's order of axes: where the arrays stand next to one another
    /// their common axes take their place, otherwise they come first. Collective.
    ///
    /// # Errors
    /// `IndexError` as NumPy has it, alike on every rank.
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Index, Runtime, Selector, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::from_slice(&rt, &[2, 3], &[1i64, 2, 3, 4, 5, 6])?;
    /// let columns = Selector::Integers(create::from_slice(&rt, &[2], &[2i64, 0])?);
    /// let row = Selector::Basic(Index::Int(1));
    /// assert_eq!(a.select(&[row, columns])?.to_vec::<i64>()?, [6, 4]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn select(&self, selectors: &[Selector]) -> Result<Array> {
        if let Some(mask) = self.only_mask(selectors) {
            return self.compress(mask);
        }
        let selection = Selection::new(self, selectors)?;
        let indices: SmallVec<[&Array; 2]> = selection.indices.iter().collect();
        let found = route::read(&selection.view, &indices, &selection.axes)?;
        if selection.place == 0 {
            return Ok(found);
        }
        let n_entry_axes = found.ndim() + indices.len() - selection.view.ndim();
        let mut order: SmallVec<[usize; 6]> = (n_entry_axes..found.ndim()).collect();
        order.insert_many(selection.place, 0..n_entry_axes);
        found.transpose(&order)
    }

    /// Writes a value to the elements that an index expression with arrays names; of several values for one element the last stays.
    /// Collective.
    ///
    /// # Errors
    /// `IndexError` as NumPy has it; `ValueError` for a read-only array or a value of another shape.
    pub fn assign_selected(&self, selectors: &[Selector], content: Content<'_>) -> Result<()> {
        if !self.writeable() {
            return Err(Error::ReadOnly("assignment destination"));
        }
        if let Some(mask) = self.only_mask(selectors) {
            return self.assign_masked(mask, content);
        }
        let selection = Selection::new(self, selectors)?;
        let indices: SmallVec<[&Array; 2]> = selection.indices.iter().collect();
        let values = match content {
            Content::Array(values) => Some(selection.arranged(values, &indices)?),
            Content::One(_) => None,
        };
        let content = values.as_ref().map_or(content, Content::Array);
        route::write(&selection.view, &indices, &selection.axes, content)
    }

    /// The mask, if it is all that stands between the brackets and has this array's shape.
    fn only_mask<'a>(&self, selectors: &'a [Selector]) -> Option<&'a Array> {
        match selectors {
            [Selector::Mask(mask)] if mask.shape() == self.shape() && mask.ndim() > 0 => Some(mask),
            _ => None,
        }
    }
}

impl Selection {
    fn new(array: &Array, selectors: &[Selector]) -> Result<Selection> {
        if let Some(selection) = Selection::of_leading(array, selectors)? {
            return Ok(selection);
        }
        let selectors = without_ellipsis(array, selectors)?;
        let mut layout = Layout::clone(&array.layout);
        let mut indices = SmallVec::new();
        let mut axes = SmallVec::new();
        // Axes of the view that arrays index, in their order.
        let mut indexed: SmallVec<[usize; 4]> = SmallVec::new();
        let mut spots: SmallVec<[Spot; 6]> = SmallVec::new();
        // `v` is the axis of the view under construction, `axis` that of the array.
        let (mut v, mut axis) = (0, 0);
        for selector in &selectors {
            match selector {
                Selector::Basic(Index::Int(at)) => {
                    let size = array.shape()[axis];
                    let index = index::normalised(*at, size).ok_or(Error::OutOfBounds {
                        index: *at,
                        axis,
                        size,
                    })?;
                    layout.fix(v, index);
                    spots.push(Spot::Indexed);
                    axis += 1;
                }
                Selector::Basic(Index::NewAxis) => {
                    layout.widen(v, 1);
                    spots.push(Spot::Kept);
                    v += 1;
                }
                Selector::Basic(Index::Ellipsis) => spots.push(Spot::Gap),
                Selector::Basic(slice) => {
                    index::narrow(&mut layout, v, slice)?;
                    spots.push(Spot::Kept);
                    v += 1;
                    axis += 1;
                }
                Selector::Integers(integers) => {
                    indices.push(integers.clone());
                    axes.push(axis);
                    indexed.push(v);
                    spots.push(Spot::Indexed);
                    v += 1;
                    axis += 1;
                }
                Selector::Mask(mask) => {
                    fits(array, mask, axis)?;
                    if mask.ndim() == 0 {
                        layout.widen(v, 1);
                    }
                    for places in mask.truth_places()? {
                        indices.push(places);
                        axes.push(axis.min(array.ndim().saturating_sub(1)));
                        indexed.push(v);
                        spots.push(Spot::Indexed);
                        v += 1;
                        axis += 1;
                    }
                    if mask.ndim() == 0 {
                        axis -= 1;
                    }
                }
            }
        }
        let common = indices.iter().map(Array::ndim).max().unwrap_or(0);
        index::of_allowed_rank(layout.ndim() - indexed.len() + common)?;
        if indexed
            .iter()
            .enumerate()
            .any(|(place, &axis)| axis != place)
        {
            let kept = (0..layout.ndim()).filter(|axis| !indexed.contains(axis));
            let order: SmallVec<[usize; 6]> = indexed.iter().copied().chain(kept).collect();
            layout = layout.transpose(&order);
        }
        Ok(Selection {
            view: array.with_layout(layout),
            indices,
            axes,
            place: place_of(&spots),
        })
    }

    /// Where integers alone index the first axes, the view is the array.
    fn of_leading(array: &Array, selectors: &[Selector]) -> Result<Option<Selection>> {
        let mut indices: SmallVec<[Array; 2]> = SmallVec::new();
        for selector in selectors {
            match selector {
                Selector::Integers(integers) => indices.push(integers.clone()),
                _ => return Ok(None),
            }
        }
        let n_rest = match array.ndim().checked_sub(indices.len()) {
            Some(n_rest) if !indices.is_empty() => n_rest,
            _ => return Ok(None),
        };
        let common = indices.iter().map(Array::ndim).max().unwrap_or(0);
        index::of_allowed_rank(n_rest + common)?;
        Ok(Some(Selection {
            view: array.clone(),
            axes: (0..indices.len()).collect(),
            indices,
            place: 0,
        }))
    }

    /// Values as the indices' and the rows' axes want them.
    fn arranged(&self, values: &Array, indices: &[&Array]) -> Result<Array> {
        let shape = route::common_shape(indices)?;
        let rows = &self.view.shape()[indices.len()..];
        let mut whole: Indices = SmallVec::from_slice(rows);
        whole.insert_many(self.place, shape.iter().copied());
        let mut values = values.clone();
        while values.ndim() > whole.len() && values.shape()[0] == 1 {
            values = values.drop_axis(0)?;
        }
        let Some(layout) = values.layout.broadcast(&whole) else {
            return Err(Error::Value(format!(
                "shape mismatch: value array of shape {} could not be broadcast to indexing result of shape {}",
                shape_text(values.shape()).replace(", ", ","),
                shape_text(&whole).replace(", ", ",")
            )));
        };
        let last = self.place + shape.len();
        let rest = (0..self.place).chain(last..whole.len());
        let order: SmallVec<[usize; 6]> = (self.place..last).chain(rest).collect();
        Ok(values.with_layout(layout.transpose(&order)))
    }
}

/// What an entry leaves in the result.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Spot {
    /// Nothing of its own: it is part of the indices' common axes.
    Indexed,
    /// An axis.
    Kept,
    /// Nothing, but it parts what stands on both sides: an ellipsis for no axis.
    Gap,
}

/// The axis of the result at which the indices' common axes stand: their place if they are next to one another, otherwise the first.
fn place_of(spots: &[Spot]) -> usize {
    let first = spots.iter().position(|&spot| spot == Spot::Indexed);
    let last = spots.iter().rposition(|&spot| spot == Spot::Indexed);
    match (first, last) {
        (Some(first), Some(last)) if spots[first..last].iter().any(|&s| s != Spot::Indexed) => 0,
        (Some(first), _) => spots[..first].iter().filter(|&&s| s == Spot::Kept).count(),
        _ => 0,
    }
}

/// The expression with full slices for its ellipsis and for the axes that it does not name.
fn without_ellipsis(array: &Array, selectors: &[Selector]) -> Result<Vec<Selector>> {
    let named: usize = selectors.iter().map(n_axes).sum();
    let ndim = array.ndim();
    if named > ndim {
        return Err(Error::TooManyIndices { ndim, given: named });
    }
    let full = Selector::Basic(Index::Slice {
        start: None,
        stop: None,
        step: None,
    });
    let is_ellipsis = |selector: &Selector| matches!(selector, Selector::Basic(Index::Ellipsis));
    if selectors.iter().filter(|s| is_ellipsis(s)).count() > 1 {
        return Err(Error::TwoEllipses);
    }
    let rest = vec![full; ndim - named];
    let mut complete: Vec<Selector> = Vec::with_capacity(selectors.len() + rest.len());
    match selectors.iter().position(is_ellipsis) {
        Some(at) => {
            // An ellipsis that stands for no axis stays, since it parts arrays.
            let kept = if rest.is_empty() { at + 1 } else { at };
            complete.extend_from_slice(&selectors[..kept]);
            complete.extend(rest);
            complete.extend_from_slice(&selectors[at + 1..]);
        }
        None => {
            complete.extend_from_slice(selectors);
            complete.extend(rest);
        }
    }
    Ok(complete)
}

/// Axes of the array that an entry names.
fn n_axes(selector: &Selector) -> usize {
    match selector {
        Selector::Basic(Index::NewAxis | Index::Ellipsis) => 0,
        Selector::Basic(_) | Selector::Integers(_) => 1,
        Selector::Mask(mask) => mask.ndim(),
    }
}

fn fits(array: &Array, mask: &Array, axis: usize) -> Result<()> {
    debug_assert_eq!(mask.dtype(), DType::Bool, "a mask is of booleans");
    for (number, &len) in mask.shape().iter().enumerate() {
        let axis = axis + number;
        let size = array.shape()[axis];
        if size != len {
            return Err(Error::Index(format!(
                "boolean index did not match indexed array along axis {axis}; size of axis is {size} but size of corresponding boolean axis is {len}"
            )));
        }
    }
    Ok(())
}
