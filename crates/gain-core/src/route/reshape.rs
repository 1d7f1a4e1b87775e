//! Copies of arrays under another shape, whatever the distributions.

use gain_ga::{Buffer, Distribution, Incoming, Outgoing, StridedBytes};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result, shape_text};
use crate::route::runs::{Reshaping, Stretch, reshaping};

impl Array {
    /// A new array of these elements in C order under another shape; no rank holds the whole of a large one. Collective.
    ///
    /// # Errors
    /// `ValueError` when the sizes differ; as [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings { threshold: 0, ..Settings::default() });
    /// let a = create::from_slice(&rt, &[2, 3], &[1i64, 2, 3, 4, 5, 6])?;
    /// assert_eq!(a.transpose(&[1, 0])?.reshaped_copy(&[6])?.to_vec::<i64>()?, [1, 4, 2, 5, 3, 6]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn reshaped_copy(&self, shape: &[usize]) -> Result<Array> {
        if shape.iter().product::<usize>() != self.size() {
            return Err(Error::Reshape {
                size: self.size(),
                shape: shape_text(shape).replace(", ", ","),
            });
        }
        let rt = &self.runtime;
        if rt.is_small(self.size()) || shape.is_empty() {
            let copy = self.copy()?;
            copy.flush()?;
            let shaped = copy
                .base
                .reshaped(SmallVec::from_slice(shape), Distribution::replicated(shape));
            return Ok(Array::whole(rt, shaped));
        }
        self.reshaped_into(rt.default_distribution(shape))
    }

    /// As [`Array::reshaped_copy`], to a distribution of the new shape. Collective.
    pub(crate) fn reshaped_into(&self, target: Distribution) -> Result<Array> {
        let rt = &self.runtime;
        let source = self.distribution()?;
        let plan = reshaping(&source, &target, rt.rank());
        let mut block = Buffer::new(target.box_of(rt.rank()).len() * self.itemsize())?;
        self.carry(&plan, &mut block)?;
        Array::from_local(rt, self.dtype(), target, block)
    }

    /// Brings the elements to their new places: one message between two ranks that have some for one another.
    pub(crate) fn carry(&self, plan: &Reshaping, block: &mut Buffer) -> Result<()> {
        let rt = &self.runtime;
        let itemsize = self.itemsize();
        let own = rt.rank();
        let part = self.local_part()?;
        let packed = plan
            .sends
            .iter()
            .map(|(_, stretches)| pack(part.bytes(), itemsize, stretches))
            .collect::<Result<Vec<Buffer>>>()?;
        let sends: Vec<Outgoing<'_>> = plan
            .sends
            .iter()
            .zip(&packed)
            .map(|((to, _), buffer)| Outgoing {
                to: *to,
                source: StridedBytes::contiguous(buffer.as_slice()),
            })
            .collect();
        let foreign = || plan.receives.iter().filter(|(from, _)| *from != own);
        let receives: Vec<Incoming> = foreign()
            .map(|(from, stretches)| Incoming {
                from: *from,
                bytes: length(stretches) * itemsize,
            })
            .collect();
        rt.stand_at("reshape");
        let travelling = rt.team().start(&sends, &receives)?;
        for (_, stretches) in plan.receives.iter().filter(|(from, _)| *from == own) {
            for stretch in stretches {
                let from = &part.bytes()[stretch.source * itemsize..][..stretch.len * itemsize];
                block.as_mut_slice()[stretch.target * itemsize..][..from.len()]
                    .copy_from_slice(from);
            }
        }
        let received = travelling.finish()?;
        for (number, (_, stretches)) in foreign().enumerate() {
            let mut rest = received.piece(number);
            for stretch in stretches {
                let (from, behind) = rest.split_at(stretch.len * itemsize);
                block.as_mut_slice()[stretch.target * itemsize..][..from.len()]
                    .copy_from_slice(from);
                rest = behind;
            }
        }
        Ok(())
    }
}

fn length(stretches: &[Stretch]) -> usize {
    stretches.iter().map(|stretch| stretch.len).sum()
}

fn pack(bytes: &[u8], itemsize: usize, stretches: &[Stretch]) -> Result<Buffer> {
    let mut buffer = Buffer::new(length(stretches) * itemsize)?;
    let mut rest = buffer.as_mut_slice();
    for stretch in stretches {
        let (to, behind) = rest.split_at_mut(stretch.len * itemsize);
        to.copy_from_slice(&bytes[stretch.source * itemsize..][..to.len()]);
        rest = behind;
    }
    Ok(buffer)
}
