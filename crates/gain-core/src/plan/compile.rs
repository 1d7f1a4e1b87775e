//! The program of a group: its statements as one loop body.

use gain_ufunc::program::{ProgramBuilder, Value};
use gain_ufunc::{DType, Error, Program};

use crate::plan::group::Group;
use crate::plan::problem::{Operand, Problem, Statement, Work};

/// A compiled group.
pub struct Compiled {
    /// The loop body. Its loads are the group's reads in order; its stores the writes for which `stored` holds, in order.
    pub program: Program,
    /// The problem's constants that it takes.
    pub constants: Vec<usize>,
}

/// Compiles a group, storing the writes for which `stored` says so.
///
/// # Errors
/// What the program builder refuses.
pub fn compile(problem: &Problem, group: &Group, stored: &[bool]) -> Result<Compiled, Error> {
    let mut compiler = Compiler {
        problem,
        group,
        builder: ProgramBuilder::new(),
        loaded: vec![None; group.reads.len()],
        written: vec![None; group.writes.len()],
        constants: Vec::new(),
    };
    for &number in &group.statements {
        compiler.statement(&problem.statements[number]);
    }
    let mut slot = 0;
    for (write, (target, _)) in group.writes.iter().enumerate() {
        if stored[write] {
            let value = compiler.written[write].expect("each write of a group has a statement");
            compiler
                .builder
                .store(slot, value, problem.slots[*target].dtype);
            slot += 1;
        }
    }
    Ok(Compiled {
        program: compiler.builder.finish(),
        constants: compiler.constants,
    })
}

struct Compiler<'a> {
    problem: &'a Problem,
    group: &'a Group,
    builder: ProgramBuilder,
    loaded: Vec<Option<Value>>,
    written: Vec<Option<Value>>,
    constants: Vec<usize>,
}

impl Compiler<'_> {
    fn statement(&mut self, statement: &Statement) {
        let operands: Vec<Value> = statement
            .operands
            .iter()
            .map(|operand| self.operand(operand))
            .collect();
        let value = match &statement.work {
            Work::Map { ufunc, signature } => self.builder.call(ufunc, signature, &operands),
            Work::Copy => operands[0],
            Work::Index { axis } => self.builder.index(*axis),
            Work::Reduce {
                reduction,
                input,
                axes,
            } => {
                let value = self.builder.cast(operands[0], *input);
                let mask = axes.iter().fold(0, |mask, axis| mask | (1 << axis));
                self.builder.reduce(*reduction, value, mask);
                return;
            }
        };
        let dtype = self.problem.slots[statement.target].dtype;
        let value = self.builder.cast(value, dtype);
        let write =
            self.group.writes.iter().position(|(slot, layout)| {
                *slot == statement.target && *layout == statement.layout
            });
        self.written[write.expect("a statement of the group is one of its writes")] = Some(value);
    }

    fn operand(&mut self, operand: &Operand) -> Value {
        match operand {
            Operand::Constant { number, dtype } => {
                self.constants.push(*number);
                self.builder.constant(self.constants.len() - 1, *dtype)
            }
            Operand::View { slot, layout } => {
                let same =
                    |(have, at): &(usize, crate::layout::Layout)| have == slot && at == layout;
                if let Some(value) = self
                    .group
                    .writes
                    .iter()
                    .position(same)
                    .and_then(|write| self.written[write])
                {
                    return value;
                }
                let read = self
                    .group
                    .reads
                    .iter()
                    .position(same)
                    .expect("a view that is not forwarded is one of the group's reads");
                let dtype: DType = self.problem.slots[*slot].dtype;
                *self.loaded[read].get_or_insert_with(|| self.builder.load(read, dtype))
            }
        }
    }
}
