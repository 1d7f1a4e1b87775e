//! The loop that all factorisations by panels share, and how panels travel.
//!
//! # Rationale
//! One panel ahead (lookahead, as in HPL and ScaLAPACK's successors): the owner of the next panel updates and factorises it before its
//! other panels, and it travels while all update theirs, so that nobody waits for a factorised panel.

use gain_core::{Exchange, Incoming, Outgoing, Result, Runtime, StridedBytes};

use super::columns::{Columns, Number, Panel};
use super::deal::Travel;

/// What the owner of a panel tells the others: elements, and numbers of a fixed count.
pub(crate) struct Message<T> {
    pub panel: Panel<T>,
    pub numbers: Vec<u64>,
}

/// A message on its way.
struct Coming<T> {
    own: Option<Message<T>>,
    exchange: Option<Exchange>,
    travel: Travel,
}

/// The parts of a factorisation.
pub(crate) trait Method<T: Number>: Sync {
    /// Rows of the message of panel `k`, which has as many columns as the panel, and its numbers.
    fn size(&self, k: usize) -> (usize, usize);
    /// Factorises a panel that all panels before it have updated. On its owner.
    fn factorise(&self, k: usize, panel: &mut Panel<T>) -> Message<T>;
    /// Updates panel `j` of the matrix or of what it carries along by panel `k`.
    fn update(&self, k: usize, message: &Message<T>, j: usize, target: &mut Panel<T>);
}

/// Factorises the first `count` panels of `a`; `carried` is updated by all of them. `look` sees every message in order, on every rank,
/// and ends the work by `false`. Collective.
pub(crate) fn run<T: Number>(
    a: &Columns<T>,
    count: usize,
    carried: Option<&Columns<T>>,
    method: &dyn Method<T>,
    look: &mut dyn FnMut(usize, &Message<T>) -> bool,
) -> Result<()> {
    if count == 0 {
        return Ok(());
    }
    let begin = |k: usize| {
        let own = a.is_own(k).then(|| method.factorise(k, &mut a.own(k)));
        let (rows, numbers) = method.size(k);
        start(&a.rt, own, a.deal.travel(k, rows, numbers))
    };
    let mut message = finish(begin(0)?)?;
    for k in 0..count {
        if !look(k, &message) {
            return Ok(());
        }
        let mut coming = None;
        if k + 1 < count {
            if a.is_own(k + 1) {
                method.update(k, &message, k + 1, &mut a.own(k + 1));
            }
            coming = Some(begin(k + 1)?);
        }
        let next = if k + 1 < count { k + 2 } else { k + 1 };
        a.each(next, &|j, target| method.update(k, &message, j, target));
        if let Some(carried) = carried {
            carried.each(0, &|j, target| method.update(k, &message, j, target));
        }
        if let Some(coming) = coming {
            message = finish(coming)?;
        }
    }
    Ok(())
}

/// Hands messages that their owners have kept to all ranks in the given order, one ahead. Collective.
pub(crate) fn replay<T: Number>(
    rt: &Runtime,
    order: &[usize],
    travel: &dyn Fn(usize) -> Travel,
    message: &dyn Fn(usize) -> Message<T>,
    work: &mut dyn FnMut(usize, &Message<T>),
) -> Result<()> {
    let begin = |k: usize| {
        let travel = travel(k);
        let own = (travel.owner == rt.rank()).then(|| message(k));
        start(rt, own, travel)
    };
    let Some(&first) = order.first() else {
        return Ok(());
    };
    let mut coming = Some(begin(first)?);
    for (place, &k) in order.iter().enumerate() {
        let here = finish(coming.take().expect("the message was started"))?;
        if let Some(&next) = order.get(place + 1) {
            coming = Some(begin(next)?);
        }
        work(k, &here);
    }
    Ok(())
}

/// Starts a message from its owner to all others. Collective.
fn start<T: Number>(rt: &Runtime, own: Option<Message<T>>, travel: Travel) -> Result<Coming<T>> {
    let mut exchange = None;
    if rt.n_ranks() > 1 {
        let (mut sends, mut receives) = (Vec::new(), Vec::new());
        if let Some(own) = &own {
            debug_assert_eq!(own.numbers.len(), travel.numbers);
            debug_assert_eq!(own.panel.elements.len(), travel.elements());
            for to in (0..rt.n_ranks()).filter(|&to| to != travel.owner) {
                for bytes in [
                    bytemuck::cast_slice(&own.panel.elements),
                    bytemuck::cast_slice(&own.numbers),
                ] {
                    let source = StridedBytes::contiguous(bytes);
                    sends.push(Outgoing { to, source });
                }
            }
        } else {
            let from = travel.owner;
            for bytes in [travel.elements() * size_of::<T>(), travel.numbers * 8] {
                receives.push(Incoming { from, bytes });
            }
        }
        exchange = Some(rt.team().start(&sends, &receives)?);
    }
    Ok(Coming {
        own,
        exchange,
        travel,
    })
}

fn finish<T: Number>(coming: Coming<T>) -> Result<Message<T>> {
    let received = coming.exchange.map(Exchange::finish).transpose()?;
    if let Some(own) = coming.own {
        return Ok(own);
    }
    let received = received.expect("what is not own comes from somebody");
    let mut numbers = vec![0u64; coming.travel.numbers];
    bytemuck::cast_slice_mut(&mut numbers).copy_from_slice(received.piece(1));
    let mut panel = Panel::zeros(coming.travel.rows, coming.travel.columns);
    bytemuck::cast_slice_mut(&mut panel.elements).copy_from_slice(received.piece(0));
    Ok(Message { panel, numbers })
}
