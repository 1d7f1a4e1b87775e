//! Programs as text, one instruction a line.

use super::{Call, Instruction, Micro, MicroOp, Place, Program, SCRATCH, UniformSource};
use std::fmt;

struct Named<'a>(&'a Program, Place);

impl fmt::Display for Named<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Named(program, place) = *self;
        let at = place as usize;
        if place >= SCRATCH {
            write!(f, "t{}", place - SCRATCH)
        } else if at < program.first_load() {
            match program.uniforms[at].source {
                UniformSource::Constant(slot) => write!(f, "constant{slot}"),
                UniformSource::Call(_) => write!(f, "uniform{at}"),
            }
        } else if at < program.first_store() {
            write!(f, "load{}", program.loads[at - program.first_load()].slot)
        } else if at < program.first_register() {
            write!(
                f,
                "store{}",
                program.stores[at - program.first_store()].slot
            )
        } else {
            write!(f, "r{}", at - program.first_register())
        }
    }
}

fn write_call(f: &mut fmt::Formatter<'_>, program: &Program, call: &Call) -> fmt::Result {
    write!(f, "{} = {}(", Named(program, call.output), call.name)?;
    for (index, &input) in call.inputs.iter().enumerate() {
        write!(
            f,
            "{}{}",
            if index == 0 { "" } else { ", " },
            Named(program, input)
        )?;
    }
    writeln!(f, ") {}", call.dtype)
}

fn write_micro(f: &mut fmt::Formatter<'_>, program: &Program, micro: &Micro) -> fmt::Result {
    let (a, b) = (Named(program, micro.a), Named(program, micro.b));
    match micro.op {
        MicroOp::Load => write!(f, "{a}"),
        MicroOp::Add => write!(f, "+ {a}"),
        MicroOp::Sub => write!(f, "- {a}"),
        MicroOp::SubFrom => write!(f, "from {a}"),
        MicroOp::Mul => write!(f, "* {a}"),
        MicroOp::Div => write!(f, "/ {a}"),
        MicroOp::DivInto => write!(f, "into {a}"),
        MicroOp::AddPair => write!(f, "{a} + {b}"),
        MicroOp::SubPair => write!(f, "{a} - {b}"),
        MicroOp::MulPair => write!(f, "{a} * {b}"),
        MicroOp::DivPair => write!(f, "{a} / {b}"),
        MicroOp::Neg => write!(f, "negated"),
        MicroOp::Abs => write!(f, "absolute"),
        MicroOp::Sqrt => write!(f, "root"),
        MicroOp::Store => write!(f, "-> {a}"),
    }
}

impl fmt::Display for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for uniform in &self.uniforms {
            if let UniformSource::Call(call) = &uniform.source {
                write_call(f, self, call)?;
            }
        }
        for instruction in &self.instructions {
            match instruction {
                Instruction::Call(call) => write_call(f, self, call)?,
                Instruction::Index { axis, output } => {
                    writeln!(f, "{} = index({axis})", Named(self, *output))?
                }
                Instruction::Fused(fused) => {
                    write!(
                        f,
                        "fused {}: ",
                        if fused.double { "float64" } else { "float32" }
                    )?;
                    for (index, pass) in fused.passes.iter().enumerate() {
                        f.write_str(if index == 0 { "" } else { "; " })?;
                        for (index, micro) in pass.micros.iter().enumerate() {
                            f.write_str(if index == 0 { "" } else { " " })?;
                            write_micro(f, self, micro)?;
                        }
                    }
                    writeln!(f)?;
                }
            }
        }
        if let Some(reduce) = &self.reduction {
            write!(
                f,
                "reduce {} of {} {} over axes",
                reduce.op,
                Named(self, reduce.value),
                reduce.dtype
            )?;
            (0..32)
                .filter(|axis| reduce.axes >> axis & 1 == 1)
                .try_for_each(|axis| write!(f, " {axis}"))?;
            writeln!(f)?;
        }
        Ok(())
    }
}
