//! One group becomes one step: its distribution, its moves, its pieces.

use gain_ga::{Distribution, IndexBox};
use gain_ufunc::DType;
use gain_ufunc::reduction::LEAF;
use smallvec::SmallVec;

use crate::layout::{Layout, c_strides};
use crate::plan::align::{Block, Cut, Part, Reader, cells, packed_shape};
use crate::plan::group::Group;
use crate::plan::overlap::{self, Ordering};
use crate::plan::problem::{Problem, Work};
use crate::plan::{
    Access, Assembly, Fragment, Made, PiecePlan, Place, Step, combine, compile, placement,
};

/// Which slots are stored, and by which group each is last used.
pub struct Uses {
    /// Slots whose values must be in memory after the group that makes them.
    pub stored: Vec<bool>,
    /// The last group that reads or writes the slot.
    last: Vec<usize>,
}

impl Uses {
    /// The uses of all slots.
    pub fn of(problem: &Problem, groups: &[Group]) -> Uses {
        let mut stored: Vec<bool> = problem
            .slots
            .iter()
            .map(|slot| slot.placed || slot.keep)
            .collect();
        let mut made: Vec<Option<usize>> = vec![None; problem.slots.len()];
        let mut last = vec![0; problem.slots.len()];
        for (number, group) in groups.iter().enumerate() {
            for (slot, _) in &group.reads {
                stored[*slot] = true;
                last[*slot] = number;
            }
            for (slot, _) in &group.writes {
                // A second group that writes a slot needs the first one's values around its own.
                if made[*slot].is_some() {
                    stored[*slot] = true;
                }
                made[*slot] = Some(number);
                last[*slot] = number;
            }
            if group.reduces {
                let target = problem.statements
                    [*group.statements.last().expect("a group has statements")]
                .target;
                stored[target] = true;
                last[target] = number;
            }
        }
        // Memory that another slot shares lives as long as any of them.
        for slot in 0..problem.slots.len() {
            let memory = problem.memory(slot);
            if memory != slot {
                last[memory] = last[memory].max(last[slot]);
                stored[memory] |= stored[slot];
            }
        }
        Uses { stored, last }
    }
}

/// Plans group `number`; enters the distributions of what it makes into `known`.
///
/// # Errors
/// What the program builder refuses.
pub fn step(
    problem: &Problem,
    groups: &[Group],
    number: usize,
    uses: &Uses,
    known: &mut [Option<Distribution>],
    threshold: usize,
) -> Result<Step, gain_ufunc::Error> {
    let group = &groups[number];
    let iteration = placement::iteration(problem, group, known, threshold);
    let my_box = iteration.box_of(problem.rank);
    let reader = Reader {
        rank: problem.rank,
        n_ranks: problem.n_ranks,
        iteration: &iteration,
        my_box: &my_box,
    };
    let (mut sends, mut receives) = (Vec::new(), Vec::new());
    let reads: Vec<Vec<Part>> = group
        .reads
        .iter()
        .map(|(slot, layout)| {
            let distribution = known[*slot]
                .clone()
                .expect("a slot is read after it is made");
            reader.parts(
                *slot,
                problem.slots[*slot].dtype.size(),
                &distribution,
                layout,
                &mut sends,
                &mut receives,
            )
        })
        .collect();
    let stored: Vec<bool> = group
        .writes
        .iter()
        .map(|(slot, _)| uses.stored[*slot])
        .collect();
    let compiled = compile::compile(problem, group, &stored)?;
    let reducing = combine::reducing(problem, group, &iteration, known);

    let mut makes: Vec<Made> = Vec::new();
    for (write, (slot, _)) in group.writes.iter().enumerate() {
        if known[*slot].is_none() {
            let spec = &problem.slots[*slot];
            let distribution = if spec.replicated {
                Distribution::replicated(&spec.shape)
            } else {
                iteration.clone()
            };
            if stored[write] {
                let bytes = distribution.box_of(problem.rank).len() * spec.dtype.size();
                makes.push(Made {
                    slot: *slot,
                    distribution: distribution.clone(),
                    bytes,
                });
            }
            known[*slot] = Some(distribution);
        }
    }
    if let Some(reducing) = &reducing {
        let bytes = reducing.result_box.len() * reducing.result_dtype.size();
        makes.push(Made {
            slot: reducing.slot,
            distribution: reducing.distribution.clone(),
            bytes,
        });
        known[reducing.slot] = Some(reducing.distribution.clone());
    }

    let block = |slot: usize| {
        Block::of(
            known[slot].as_ref().expect("known by now"),
            problem.rank,
            problem.slots[slot].dtype.size(),
        )
    };
    let pieces = Pieces {
        loads: group
            .reads
            .iter()
            .zip(&reads)
            .map(|((slot, layout), parts)| {
                let dtype = problem.slots[*slot].dtype;
                Load {
                    slot: *slot,
                    layout,
                    block: block(*slot),
                    dtype,
                    itemsize: dtype.size(),
                    parts,
                }
            })
            .collect(),
        stores: group
            .writes
            .iter()
            .zip(&stored)
            .filter(|(_, stored)| **stored)
            .map(|((slot, layout), _)| Store {
                slot: *slot,
                layout,
                block: block(*slot),
            })
            .collect(),
    };
    let uses_index = group
        .statements
        .iter()
        .any(|&s| matches!(problem.statements[s].work, Work::Index { .. }));
    let cells = cells(&my_box, &reads, &allowed_cuts(problem, group));
    let mut assemblies = Vec::new();
    let Ordering {
        saves,
        interior,
        border,
        scratch,
    } = match group.overlap {
        Some(write) if !my_box.is_empty() => {
            let same_memory =
                |slot: usize| problem.memory(slot) == problem.memory(group.writes[write].0);
            overlap::order(
                &pieces,
                &group.writes[write],
                same_memory,
                &my_box,
                &cells,
                problem.n_threads,
                uses_index,
                problem,
            )
        }
        _ => plain(&pieces, &cells, &mut assemblies),
    };
    let label = label(problem, group);
    let release = (0..problem.slots.len())
        .filter(|&slot| {
            uses.last[slot] == number
                && !problem.slots[slot].keep
                && !problem.slots[slot].passing
                && !problem.slots[slot].placed
                && problem.memory(slot) == slot
        })
        .filter(|&slot| uses.stored[slot] && known[slot].is_some())
        .collect();
    Ok(Step {
        label,
        statements: group.statements.clone(),
        program: compiled.program,
        constants: compiled.constants,
        iteration,
        makes,
        sends,
        receives,
        saves,
        assemblies,
        interior,
        border,
        scratch,
        reducing,
        release,
    })
}

/// A reduction's inner axes stay whole in each piece, and its leaves too.
fn allowed_cuts(problem: &Problem, group: &Group) -> SmallVec<[Cut; 4]> {
    let mut allowed: SmallVec<[Cut; 4]> = SmallVec::from_elem(Cut::Anywhere, group.shape.len());
    if let Some(axes) = placement::reduced_axes(problem, group) {
        let (outer, inner) = axes.split_first().expect("a reduction has axes");
        if outer + 1 == group.shape.len() {
            allowed[*outer] = Cut::Multiples(LEAF);
        }
        inner.iter().for_each(|&axis| allowed[axis] = Cut::Nowhere);
    }
    allowed
}

fn label(problem: &Problem, group: &Group) -> String {
    let names: Vec<&str> = group
        .statements
        .iter()
        .map(|&number| match &problem.statements[number].work {
            Work::Map { ufunc, .. } => ufunc.name,
            Work::Copy => "copy",
            Work::Index { .. } => "index",
            Work::Reduce { reduction, .. } => reduction.name(),
        })
        .collect();
    names.join(" ")
}

/// An operand that a loop reads.
pub struct Load<'a> {
    /// Of which slot.
    pub slot: usize,
    /// The iteration space in the slot.
    pub layout: &'a Layout,
    /// The slot's local block.
    pub block: Block,
    /// Its dtype.
    pub dtype: DType,
    /// Bytes per element.
    pub itemsize: usize,
    /// Where its parts are.
    pub parts: &'a [Part],
}

/// An operand that a loop writes.
pub struct Store<'a> {
    /// Of which slot.
    pub slot: usize,
    /// The iteration space in the slot.
    pub layout: &'a Layout,
    /// The slot's local block.
    pub block: Block,
}

/// The operands of a loop, from which pieces are made.
pub struct Pieces<'a> {
    /// In the order of the program's loads.
    pub loads: Vec<Load<'a>>,
    /// In the order of the program's stores.
    pub stores: Vec<Store<'a>>,
}

impl Load<'_> {
    /// The part that holds a cell's first index.
    pub fn part(&self, cell: &IndexBox) -> &Part {
        self.parts
            .iter()
            .find(|part| part.index_box.contains(&cell.lo))
            .expect("the parts cover the box")
    }

    /// How a cell reads this operand; what lies in several places is put together first.
    fn access_or_assemble(&self, cell: &IndexBox, assemblies: &mut Vec<Assembly>) -> Access {
        if self.part(cell).index_box.contains_box(cell) {
            return self.access(cell);
        }
        let shape = packed_shape(self.layout, cell);
        let strides = self.packed_strides(&shape);
        let fragments = self
            .parts
            .iter()
            .map(|part| part.index_box.intersect(cell))
            .filter(|common| !common.is_empty())
            .map(|common| Fragment {
                from: self.access(&common),
                shape: packed_shape(self.layout, &common),
                offset: offset(&strides, &common.lo, &cell.lo),
                strides: strides.clone(),
            })
            .collect();
        assemblies.push(Assembly {
            itemsize: self.itemsize,
            bytes: shape.iter().product::<usize>() * self.itemsize,
            fragments,
        });
        Access {
            place: Place::Assembled(assemblies.len() - 1),
            offset: 0,
            strides,
        }
    }

    /// Strides in bytes of a C-ordered copy of this shape; 0 where the view stands still.
    fn packed_strides(&self, shape: &[usize]) -> SmallVec<[isize; 4]> {
        let mut strides = c_strides(shape);
        for (stride, walk) in strides.iter_mut().zip(&self.layout.walks) {
            *stride = if walk.is_some() {
                *stride * self.itemsize as isize
            } else {
                0
            };
        }
        strides
    }

    /// How a cell that lies in one part reads this operand.
    pub fn access(&self, cell: &IndexBox) -> Access {
        let part = self.part(cell);
        let Some(received) = part.received else {
            return Access {
                place: Place::Slot(self.slot),
                offset: self.block.offset(self.layout, &cell.lo),
                strides: self.layout.strides(&self.block.strides),
            };
        };
        let strides = self.packed_strides(&packed_shape(self.layout, &part.index_box));
        Access {
            place: Place::Received(received),
            offset: offset(&strides, &cell.lo, &part.index_box.lo),
            strides,
        }
    }
}

/// Bytes from index `from` to index `to`.
fn offset(strides: &[isize], to: &[usize], from: &[usize]) -> isize {
    strides
        .iter()
        .zip(to)
        .zip(from)
        .map(|((stride, &to), &from)| stride * (to - from) as isize)
        .sum()
}

impl Store<'_> {
    /// How a cell writes this operand.
    pub fn access(&self, cell: &IndexBox) -> Access {
        Access {
            place: Place::Slot(self.slot),
            offset: self.block.offset(self.layout, &cell.lo),
            strides: self.layout.strides(&self.block.strides),
        }
    }
}

impl Pieces<'_> {
    /// The piece of one cell.
    pub fn piece(&self, cell: &IndexBox) -> PiecePlan {
        PiecePlan {
            loads: self.loads.iter().map(|load| load.access(cell)).collect(),
            ..self.without_loads(cell)
        }
    }

    fn without_loads(&self, cell: &IndexBox) -> PiecePlan {
        PiecePlan {
            shape: cell.shape(),
            origin: cell.lo.clone(),
            loads: SmallVec::new(),
            stores: self.stores.iter().map(|store| store.access(cell)).collect(),
            lag: None,
        }
    }

    /// Whether all operands of a cell are here.
    pub fn is_local(&self, cell: &IndexBox) -> bool {
        self.loads.iter().all(|load| {
            let part = load.part(cell);
            part.received.is_none() && part.index_box.contains_box(cell)
        })
    }
}

/// Each cell a piece: those whose operands are here first.
fn plain(pieces: &Pieces, cells: &[IndexBox], assemblies: &mut Vec<Assembly>) -> Ordering {
    let (local, remote): (Vec<_>, Vec<_>) = cells.iter().partition(|cell| pieces.is_local(cell));
    let mut assembled = |cell: &IndexBox| {
        let loads = pieces
            .loads
            .iter()
            .map(|load| load.access_or_assemble(cell, assemblies))
            .collect();
        PiecePlan {
            loads,
            ..pieces.without_loads(cell)
        }
    };
    Ordering {
        saves: Vec::new(),
        border: remote.into_iter().map(&mut assembled).collect(),
        interior: local.into_iter().map(|cell| pieces.piece(cell)).collect(),
        scratch: None,
    }
}
