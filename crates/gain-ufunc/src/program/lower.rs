//! From recorded values to instructions: dead values, uniforms, the order of execution, registers.
//!
//! # Rationale
//!
//! Values are put on levels: float arithmetic on even ones, everything else on odd ones, each as early as its operands allow and
//! then as late as its readers allow. All arithmetic of one level and dtype is one super-instruction, so an expression has as few
//! of them as the other operations in it permit.

use super::builder::{Node, Origin, ProgramBuilder};
use super::fuse::{self, Source, Step, arguments, fusable};
use super::{
    Call, Fused, Instruction, Load, Micro, Pass, Place, Program, Reduce, Store, Uniform,
    UniformSource, passes,
};
use crate::dtype::DType;
use crate::loops::cast_loop;
use smallvec::SmallVec;

/// What becomes of a value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Dead,
    Uniform(u16),
    Load(u16),
    Varying,
}

/// An instruction whose operands are still values.
enum Draft {
    Call {
        node: u32,
    },
    Copy {
        node: u32,
        store: usize,
    },
    Index {
        axis: usize,
        node: u32,
    },
    Fused {
        dtype: DType,
        steps: Vec<Step>,
        alone: Option<u32>,
    },
}

pub(super) fn lower(builder: ProgramBuilder) -> Program {
    assert!(
        builder.nodes.len() < 30_000,
        "a program has at most 30,000 values"
    );
    let nodes = &builder.nodes;
    let live = live_nodes(&builder);
    let (roles, uniforms, mut loads) = assign_roles(nodes, &live);
    let homes = home_stores(&builder, &roles);
    let levels = assign_levels(nodes, &roles);
    let drafts = schedule(&builder, &roles, &homes, &levels, &mut loads);
    let registers = allocate(&builder, &roles, &homes, &drafts);
    let places = Places {
        roles: &roles,
        homes: &homes,
        registers: &registers.of_node,
        first: first_places(&uniforms, &loads, &builder),
    };
    let instructions: Vec<Instruction> = drafts
        .iter()
        .map(|draft| finish_draft(draft, &builder, &places))
        .collect();
    let mut stores: Vec<Store> = builder
        .stores
        .iter()
        .map(|&(slot, node)| Store {
            slot,
            dtype: nodes[node as usize].dtype,
            early: false,
        })
        .collect();
    mark_early(&mut stores, &instructions, places.first);
    let reduction = builder.reduction.map(|(op, node, axes)| Reduce {
        op,
        dtype: nodes[node as usize].dtype,
        value: places.of(node),
        axes,
    });
    Program {
        n_constants: slots(nodes, |o| {
            if let Origin::Constant(s) = o {
                Some(*s)
            } else {
                None
            }
        }),
        n_loads: slots(nodes, |o| {
            if let Origin::Load(s) = o {
                Some(*s)
            } else {
                None
            }
        }),
        n_stores: builder.stores.iter().map(|s| s.0 + 1).max().unwrap_or(0),
        uniforms,
        loads,
        stores,
        registers: registers.sizes,
        instructions,
        reduction,
    }
}

fn slots(nodes: &[Node], slot: impl Fn(&Origin) -> Option<usize>) -> usize {
    nodes
        .iter()
        .filter_map(|n| slot(&n.origin))
        .map(|s| s + 1)
        .max()
        .unwrap_or(0)
}

fn live_nodes(builder: &ProgramBuilder) -> Vec<bool> {
    let mut live = vec![false; builder.nodes.len()];
    for &(_, node) in &builder.stores {
        live[node as usize] = true;
    }
    if let Some((_, node, _)) = builder.reduction {
        live[node as usize] = true;
    }
    for id in (0..builder.nodes.len()).rev() {
        if live[id] {
            for a in arguments(&builder.nodes[id]) {
                live[a as usize] = true;
            }
        }
    }
    live
}

fn assign_roles(nodes: &[Node], live: &[bool]) -> (Vec<Role>, Vec<Uniform>, Vec<Load>) {
    let mut roles: Vec<Role> = Vec::with_capacity(nodes.len());
    let (mut uniforms, mut loads) = (Vec::new(), Vec::new());
    for (id, node) in nodes.iter().enumerate() {
        let arguments = arguments(node);
        let role = if !live[id] {
            Role::Dead
        } else if let Origin::Load(slot) = node.origin {
            loads.push(Load {
                slot,
                dtype: node.dtype,
                fused: false,
            });
            Role::Load(loads.len() as u16 - 1)
        } else if let Origin::Constant(slot) = node.origin {
            uniforms.push(Uniform {
                dtype: node.dtype,
                source: UniformSource::Constant(slot),
            });
            Role::Uniform(uniforms.len() as u16 - 1)
        } else if !arguments.is_empty()
            && arguments
                .iter()
                .all(|&a| matches!(roles[a as usize], Role::Uniform(_)))
        {
            let output = uniforms.len() as u16;
            let inputs = arguments
                .iter()
                .map(|&a| {
                    if let Role::Uniform(place) = roles[a as usize] {
                        place
                    } else {
                        output
                    }
                })
                .collect();
            let call = Call {
                name: name(node),
                function: function(node),
                inputs,
                output,
                dtype: node.dtype,
            };
            uniforms.push(Uniform {
                dtype: node.dtype,
                source: UniformSource::Call(call),
            });
            Role::Uniform(output)
        } else {
            Role::Varying
        };
        roles.push(role);
    }
    (roles, uniforms, loads)
}

fn name(node: &Node) -> &'static str {
    match &node.origin {
        Origin::Call(ufunc, _) => ufunc.name,
        _ => "cast",
    }
}

fn function(node: &Node) -> crate::loops::LoopFn {
    node.function.expect("calls and casts have a loop")
}

/// Per node: the store whose memory the value is computed into.
fn home_stores(builder: &ProgramBuilder, roles: &[Role]) -> Vec<Option<u16>> {
    let mut homes = vec![None; builder.nodes.len()];
    for (index, &(_, node)) in builder.stores.iter().enumerate() {
        if roles[node as usize] == Role::Varying && homes[node as usize].is_none() {
            homes[node as usize] = Some(index as u16);
        }
    }
    homes
}

/// Even levels hold arithmetic, odd ones the rest.
fn assign_levels(nodes: &[Node], roles: &[Role]) -> Vec<u32> {
    let mut levels = vec![0u32; nodes.len()];
    let varying = |id: usize| roles[id] == Role::Varying;
    for id in 0..nodes.len() {
        if !varying(id) {
            continue;
        }
        let parity = u32::from(!fusable(nodes, id as u32));
        let earliest = arguments(&nodes[id])
            .iter()
            .map(|&a| levels[a as usize])
            .max()
            .unwrap_or(0);
        levels[id] = earliest + (earliest + parity) % 2;
    }
    let mut latest = vec![u32::MAX; nodes.len()];
    for id in (0..nodes.len()).rev() {
        if !varying(id) {
            continue;
        }
        let arguments = arguments(&nodes[id]);
        let from_registers = arguments.iter().filter(|&&a| varying(a as usize)).count();
        if latest[id] != u32::MAX && from_registers <= 1 && latest[id] > levels[id] {
            let parity = levels[id] % 2;
            levels[id] = latest[id] - (latest[id] + parity) % 2;
        }
        for a in arguments {
            latest[a as usize] = latest[a as usize].min(levels[id]);
        }
    }
    levels
}

fn schedule(
    builder: &ProgramBuilder,
    roles: &[Role],
    homes: &[Option<u16>],
    levels: &[u32],
    loads: &mut [Load],
) -> Vec<Draft> {
    let nodes = &builder.nodes;
    let mut order: Vec<u32> = (0..nodes.len() as u32)
        .filter(|&id| roles[id as usize] == Role::Varying)
        .collect();
    order.sort_by_key(|&id| (levels[id as usize], id));
    let readers = readers(builder, roles);
    let mut member = vec![0u32; nodes.len()];
    let mut drafts = Vec::new();
    for level in order.chunk_by(|&a, &b| levels[a as usize] == levels[b as usize]) {
        if levels[level[0] as usize] % 2 == 1 {
            drafts.extend(level.iter().map(|&id| match nodes[id as usize].origin {
                Origin::Index(axis) => Draft::Index { axis, node: id },
                _ => Draft::Call { node: id },
            }));
            continue;
        }
        for dtype in [DType::F64, DType::F32] {
            let of_dtype: Vec<u32> = level
                .iter()
                .copied()
                .filter(|&id| nodes[id as usize].dtype == dtype)
                .collect();
            for group in of_dtype.chunks(fuse::MAX_VALUES) {
                // One function of one operand alone: its loop needs no accumulator.
                if let &[node] = group
                    && arguments(&nodes[node as usize]).len() == 1
                {
                    drafts.push(Draft::Call { node });
                    continue;
                }
                for (position, &id) in group.iter().enumerate() {
                    member[id as usize] = position as u32 + 1;
                }
                let inside = |reader: u32| member[reader as usize] > 0;
                let steps = fuse::emit(nodes, group, &member, |id| {
                    homes[id as usize].is_some()
                        || readers[id as usize].iter().any(|&r| r == END || !inside(r))
                });
                for step in &steps {
                    for source in [step.a, step.b] {
                        if let Source::Node(id) = source
                            && let Role::Load(load) = roles[id as usize]
                        {
                            loads[load as usize].fused = true;
                        }
                    }
                }
                let alone = match *group {
                    [node] => Some(node),
                    _ => None,
                };
                drafts.push(Draft::Fused {
                    dtype,
                    steps,
                    alone,
                });
                group.iter().for_each(|&id| member[id as usize] = 0);
            }
        }
    }
    for (store, &(_, node)) in builder.stores.iter().enumerate() {
        if homes[node as usize] != Some(store as u16) {
            drafts.push(Draft::Copy { node, store });
        }
    }
    drafts
}

/// A reader that comes after all instructions: a further store or the reduction.
const END: u32 = u32::MAX;

fn readers(builder: &ProgramBuilder, roles: &[Role]) -> Vec<SmallVec<[u32; 4]>> {
    let mut readers = vec![SmallVec::new(); builder.nodes.len()];
    let live = |id: usize| roles[id] != Role::Dead;
    for (id, node) in builder.nodes.iter().enumerate().filter(|&(id, _)| live(id)) {
        for a in arguments(node) {
            readers[a as usize].push(id as u32);
        }
    }
    let stored = builder.stores.iter().map(|s| s.1);
    for node in stored.chain(builder.reduction.map(|r| r.1)) {
        readers[node as usize].push(END);
    }
    readers
}

#[derive(Default)]
struct Registers {
    of_node: Vec<u16>,
    sizes: Vec<usize>,
}

/// Registers by a linear scan: one is free again after the instruction that reads its value last.
fn allocate(
    builder: &ProgramBuilder,
    roles: &[Role],
    homes: &[Option<u16>],
    drafts: &[Draft],
) -> Registers {
    let nodes = &builder.nodes;
    let wants = |id: u32| roles[id as usize] == Role::Varying && homes[id as usize].is_none();
    let mut last = vec![0usize; nodes.len()];
    for (time, draft) in drafts.iter().enumerate() {
        reads(draft, nodes, |id| last[id as usize] = time);
    }
    if let Some((_, node, _)) = builder.reduction {
        last[node as usize] = usize::MAX;
    }
    let mut result = Registers {
        of_node: vec![u16::MAX; nodes.len()],
        sizes: Vec::new(),
    };
    let mut free: Vec<u16> = Vec::new();
    for (time, draft) in drafts.iter().enumerate() {
        writes(draft, |id| {
            if wants(id) && result.of_node[id as usize] == u16::MAX {
                let register = free.pop().unwrap_or_else(|| {
                    result.sizes.push(0);
                    result.sizes.len() as u16 - 1
                });
                let size = &mut result.sizes[register as usize];
                *size = (*size).max(nodes[id as usize].dtype.size());
                result.of_node[id as usize] = register;
            }
        });
        let mut done: SmallVec<[u32; 8]> = SmallVec::new();
        reads(draft, nodes, |id| {
            if wants(id) && last[id as usize] == time && !done.contains(&id) {
                done.push(id);
            }
        });
        free.extend(done.iter().map(|&id| result.of_node[id as usize]));
    }
    result
}

fn reads(draft: &Draft, nodes: &[Node], mut read: impl FnMut(u32)) {
    match draft {
        Draft::Call { node } => arguments(&nodes[*node as usize])
            .iter()
            .for_each(|&a| read(a)),
        Draft::Copy { node, .. } => read(*node),
        Draft::Index { .. } => {}
        Draft::Fused { steps, .. } => {
            for step in steps {
                let operands = if step.op == super::MicroOp::Store {
                    [Source::None; 2]
                } else {
                    [step.a, step.b]
                };
                for operand in operands {
                    if let Source::Node(id) = operand {
                        read(id);
                    }
                }
            }
        }
    }
}

fn writes(draft: &Draft, mut write: impl FnMut(u32)) {
    match draft {
        Draft::Call { node } | Draft::Index { node, .. } => write(*node),
        Draft::Copy { .. } => {}
        Draft::Fused { steps, .. } => {
            for step in steps {
                if let (super::MicroOp::Store, Source::Node(id)) = (step.op, step.a) {
                    write(id);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct FirstPlaces {
    load: usize,
    store: usize,
    register: usize,
}

fn first_places(uniforms: &[Uniform], loads: &[Load], builder: &ProgramBuilder) -> FirstPlaces {
    let (load, store) = (uniforms.len(), uniforms.len() + loads.len());
    FirstPlaces {
        load,
        store,
        register: store + builder.stores.len(),
    }
}

struct Places<'a> {
    roles: &'a [Role],
    homes: &'a [Option<u16>],
    registers: &'a [u16],
    first: FirstPlaces,
}

impl Places<'_> {
    fn of(&self, id: u32) -> Place {
        let place = match (self.roles[id as usize], self.homes[id as usize]) {
            (Role::Uniform(index), _) => index as usize,
            (Role::Load(index), _) => self.first.load + index as usize,
            (_, Some(store)) => self.first.store + store as usize,
            _ => self.first.register + self.registers[id as usize] as usize,
        };
        place as Place
    }

    fn of_source(&self, source: Source) -> Place {
        match source {
            Source::Node(id) => self.of(id),
            Source::Scratch(slot) => fuse::scratch(slot),
            Source::None => 0,
        }
    }
}

fn finish_draft(draft: &Draft, builder: &ProgramBuilder, places: &Places<'_>) -> Instruction {
    match draft {
        Draft::Call { node } => Instruction::Call(finish_call(*node, builder, places)),
        Draft::Copy { node, store } => {
            let dtype = builder.nodes[*node as usize].dtype;
            Instruction::Call(Call {
                name: "copy",
                function: cast_loop(dtype, dtype),
                inputs: SmallVec::from_slice(&[places.of(*node)]),
                output: (places.first.store + store) as Place,
                dtype,
            })
        }
        Draft::Index { axis, node } => Instruction::Index {
            axis: *axis,
            output: places.of(*node),
        },
        Draft::Fused {
            dtype,
            steps,
            alone,
        } => {
            let (passes, n_slots) = passes::cut(steps);
            let micro = |step: &Step| Micro {
                op: step.op,
                a: places.of_source(step.a),
                b: places.of_source(step.b),
            };
            let pass = |draft: &passes::Draft| Pass {
                micros: draft.steps.iter().map(micro).collect(),
                chain: draft.chain,
            };
            Instruction::Fused(Fused {
                double: *dtype == DType::F64,
                passes: passes.iter().map(pass).collect(),
                n_slots,
                alone: alone.map(|node| finish_call(node, builder, places)),
            })
        }
    }
}

fn finish_call(node: u32, builder: &ProgramBuilder, places: &Places<'_>) -> Call {
    let value = &builder.nodes[node as usize];
    Call {
        name: name(value),
        function: function(value),
        inputs: arguments(value).iter().map(|&a| places.of(a)).collect(),
        output: places.of(node),
        dtype: value.dtype,
    }
}

/// Marks the stores after whose writing some load is still read.
fn mark_early(stores: &mut [Store], instructions: &[Instruction], first: FirstPlaces) {
    let is_load = |place: Place| (first.load..first.store).contains(&(place as usize));
    let mut read_later = false;
    let mut write = |place: Place, read_later: bool| {
        if let Some(store) = (place as usize)
            .checked_sub(first.store)
            .and_then(|s| stores.get_mut(s))
        {
            store.early |= read_later;
        }
    };
    for instruction in instructions.iter().rev() {
        match instruction {
            Instruction::Call(call) => {
                write(call.output, read_later);
                read_later |= call.inputs.iter().any(|&p| is_load(p));
            }
            Instruction::Index { output, .. } => write(*output, read_later),
            Instruction::Fused(fused) => {
                for micro in fused
                    .passes
                    .iter()
                    .rev()
                    .flat_map(|pass| pass.micros.iter().rev())
                {
                    if micro.op == super::MicroOp::Store {
                        write(micro.a, read_later);
                    } else {
                        read_later |= is_load(micro.a) || is_load(micro.b);
                    }
                }
            }
        }
    }
}
