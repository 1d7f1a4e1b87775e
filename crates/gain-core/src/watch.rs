//! What goes wrong with numbers in calls whose arrays are spread, or too large to be computed at once: the questions of
//! [`gain_ufunc::faults`], asked of whole arrays, so that every rank has the same answer.
//!
//! # Rationale
//! Loops of Programs keep no intermediate results that could be looked at afterwards. A call whose faults matter is therefore a flush of
//! its own, which computes the result and whether any of it is infinite or no number in one pass; only if so, and for divisions of
//! integers, are operands looked at. Which faults matter is the program's choice ([`Watch`](crate::Watch)): where they are to raise, every
//! call is watched; where they only warn, those on small arrays, except for sums and products.

use gain_ufunc::faults::{self, Pole};
use gain_ufunc::{
    DType, Reduction, Scalar, Ufunc, WeakNumber, casts_to_integers::castable, status, ufunc,
    weak_scalar,
};

use crate::array::Array;
use crate::eager::divides;
use crate::error::Result;
use crate::operand::Operand;
use crate::operate::ufunc as call;
use crate::reduce::reduce;
use crate::runtime::Runtime;

/// What programs do most, where a fault (an overflow) is rarest: a warning is not worth that sweeps over small arrays are not fused.
const ARITHMETIC: [&Ufunc; 4] = [ufunc::ADD, ufunc::SUBTRACT, ufunc::MULTIPLY, ufunc::SQUARE];

/// A call, and where its result counts.
pub(crate) struct Call<'a> {
    pub(crate) rt: &'a Runtime,
    pub(crate) ufunc: &'static Ufunc,
    pub(crate) operands: &'a [Operand<'a>],
    pub(crate) mask: Option<&'a Array>,
}

impl Call<'_> {
    /// Notes the faults of a call that matter, for [`status::take_faults`]. Collective.
    pub(crate) fn watch(&self, result: &Array) -> Result<()> {
        let dtype = result.dtype();
        let of_integers = dtype.is_integer() && divides(self.ufunc);
        let of_reals = (dtype.is_float() || dtype.is_complex()) && faults::can_fault(self.ufunc);
        if !of_integers && !of_reals {
            return Ok(());
        }
        let watched = self.rt.watched(match ARITHMETIC.contains(&self.ufunc) {
            true => None,
            // A divisor that is one value costs nothing to look at.
            false if of_integers && self.operands[1].shape().is_empty() => {
                Some(result.size().min(1))
            }
            false => Some(result.size()),
        });
        if watched == 0 {
            return Ok(());
        }
        if self.has_huge_number(dtype) {
            return Ok(());
        }
        let mut found = match of_integers {
            true => self.of_division(dtype)?,
            false => self.of_reals(result)?,
        };
        if watched & faults::UNDER != 0 && dtype.is_float() && faults::underflows(self.ufunc) {
            found |= self.of_tiny(result)?;
        }
        if found & watched != 0 {
            status::note_faults(found & watched, self.ufunc.id());
        }
        Ok(())
    }

    /// Whether an operand is a Python number that the dtype makes infinite: that is a fault of its cast, noted already.
    fn has_huge_number(&self, dtype: DType) -> bool {
        self.operands.iter().any(|operand| match operand {
            Operand::Weak(WeakNumber::Float(value)) if value.is_infinite() => false,
            Operand::Weak(number) => {
                weak_scalar(*number, dtype).is_ok_and(|value| value.as_f64().is_infinite())
            }
            _ => false,
        })
    }

    fn of_division(&self, dtype: DType) -> Result<u8> {
        let [dividend, divisor] = [self.operands[0], self.operands[1]];
        let zero = self.call(ufunc::EQUAL, &[divisor, 0.into()])?;
        let mut found = self.flag(&zero, faults::DIVIDE)?;
        if let Some(least) = faults::least(dtype)
            && self.ufunc == ufunc::FLOOR_DIVIDE
        {
            let minus = self.call(ufunc::EQUAL, &[divisor, (-1).into()])?;
            if divisor.shape().is_empty() && !minus.item()?.as_bool() {
                return Ok(found);
            }
            let least = self.call(ufunc::EQUAL, &[dividend, least.into()])?;
            let both = self.call(ufunc::LOGICAL_AND, &[(&least).into(), (&minus).into()])?;
            found |= self.flag(&both, faults::OVER)?;
        }
        Ok(found)
    }

    fn of_reals(&self, result: &Array) -> Result<u8> {
        let finite = self.call(ufunc::ISFINITE, &[result.into()])?;
        let strange = self.call(ufunc::LOGICAL_NOT, &[(&finite).into()])?;
        if !self.is_anywhere(&strange)? {
            return Ok(0);
        }
        let nan = self.call(ufunc::ISNAN, &[result.into()])?;
        let unexplained = self.without_operands(&nan, ufunc::ISNAN)?;
        let mut found = self.flag(&unexplained, faults::INVALID)?;
        let number = self.call(ufunc::LOGICAL_NOT, &[(&nan).into()])?;
        let infinite = self.call(ufunc::LOGICAL_AND, &[(&strange).into(), (&number).into()])?;
        let explained = self.without_operands(&infinite, ufunc::ISNAN)?;
        let infinite = self.without_operands(&explained, ufunc::ISINF)?;
        match faults::pole(self.ufunc) {
            Pole::Never => found |= self.flag(&infinite, faults::overflow(self.ufunc))?,
            Pole::Always => found |= self.flag(&infinite, faults::DIVIDE)?,
            Pole::AtZeroOf(operand) => {
                let zero = self.call(ufunc::EQUAL, &[self.operands[operand], 0.into()])?;
                let pole = self.call(ufunc::LOGICAL_AND, &[(&infinite).into(), (&zero).into()])?;
                found |= self.flag(&pole, faults::DIVIDE)?;
                let rest = self.call(ufunc::GREATER, &[(&infinite).into(), (&zero).into()])?;
                found |= self.flag(&rest, faults::overflow(self.ufunc))?;
            }
        }
        Ok(found)
    }

    fn of_tiny(&self, result: &Array) -> Result<u8> {
        let smallest = faults::smallest_normal(result.dtype());
        let size = self.call(ufunc::ABSOLUTE, &[result.into()])?;
        let mut tiny = self.call(ufunc::LESS, &[(&size).into(), smallest.into()])?;
        for &operand in self.operands {
            if !is_real(operand) {
                let some = self.call(ufunc::NOT_EQUAL, &[operand, 0.into()])?;
                tiny = self.call(ufunc::LOGICAL_AND, &[(&tiny).into(), (&some).into()])?;
                continue;
            }
            let size = self.call(ufunc::ABSOLUTE, &[operand])?;
            for (limit, comparison) in [
                (smallest, ufunc::GREATER_EQUAL),
                (f64::INFINITY, ufunc::LESS),
            ] {
                let normal = self.call(comparison, &[(&size).into(), limit.into()])?;
                tiny = self.call(ufunc::LOGICAL_AND, &[(&tiny).into(), (&normal).into()])?;
            }
        }
        self.flag(&tiny, faults::UNDER)
    }

    /// The places where no operand is what `test` looks for.
    fn without_operands(&self, places: &Array, test: &'static Ufunc) -> Result<Array> {
        let mut left = places.clone();
        for &operand in self.operands.iter().filter(|&&operand| is_real(operand)) {
            let explained = self.call(test, &[operand])?;
            // Of booleans: there, and not explained.
            left = self.call(ufunc::GREATER, &[(&left).into(), (&explained).into()])?;
        }
        Ok(left)
    }

    fn flag(&self, places: &Array, fault: u8) -> Result<u8> {
        Ok(if self.is_anywhere(places)? { fault } else { 0 })
    }

    fn is_anywhere(&self, places: &Array) -> Result<bool> {
        let counted;
        let places = match self.mask {
            None => places,
            Some(mask) => {
                counted = self.call(ufunc::LOGICAL_AND, &[places.into(), mask.into()])?;
                &counted
            }
        };
        let found = reduce(places, Reduction::Any, None, false, None, false)?;
        Ok(found.item()?.as_bool())
    }

    fn call(&self, ufunc: &'static Ufunc, operands: &[Operand<'_>]) -> Result<Array> {
        call(self.rt, ufunc, operands)
    }
}

/// Notes a cast to integers of numbers that they do not hold, and of what is no number, where errstate minds. Collective.
pub(crate) fn watch_cast(array: &Array, dtype: DType) -> Result<()> {
    let rt = array.runtime();
    if !array.dtype().is_float()
        || !dtype.is_integer()
        || rt.watched(Some(array.size())) & faults::INVALID == 0
    {
        return Ok(());
    }
    let (low, high) = castable(dtype);
    let above = call(
        rt,
        ufunc::GREATER,
        &[array.into(), Scalar::from(low).into()],
    )?;
    let below = call(rt, ufunc::LESS, &[array.into(), Scalar::from(high).into()])?;
    let fits = call(rt, ufunc::LOGICAL_AND, &[(&above).into(), (&below).into()])?;
    if !reduce(&fits, Reduction::All, None, false, None, false)?
        .item()?
        .as_bool()
    {
        status::note_faults(faults::INVALID, faults::CAST);
    }
    Ok(())
}

/// Whether an operand may be infinite or no number.
fn is_real(operand: Operand<'_>) -> bool {
    match operand {
        Operand::Array(array) => array.dtype().is_float() || array.dtype().is_complex(),
        Operand::Scalar(scalar) => scalar.dtype().is_float() || scalar.dtype().is_complex(),
        Operand::Weak(number) => !matches!(number, WeakNumber::Int(_)),
    }
}
