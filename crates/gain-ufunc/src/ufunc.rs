//! What a ufunc is: one row of the table with a name, documentation, signatures, an identity and loops.

use crate::dtype::DType;
use crate::isa::{self, Isa};
use crate::loops::LoopFn;
use crate::promote;
use smallvec::SmallVec;
use std::fmt;
use std::hash::{Hash, Hasher};

pub use crate::table::*;

/// A ufunc. There is one of each, in [`UFUNCS`]; two are equal when they are the same row.
pub struct Ufunc {
    /// NumPy's name.
    pub name: &'static str,
    /// NumPy's other names for it.
    pub aliases: &'static [&'static str],
    /// One sentence.
    pub doc: &'static str,
    /// Number of inputs; there is one output.
    pub n_in: usize,
    /// The loops in NumPy's order, in which they are searched.
    pub signatures: &'static [Loop],
    /// The value of a reduction over nothing: 0, 1 or -1 (all bits), if there is one.
    pub identity: Option<i8>,
    /// How operand types lead to a loop.
    pub(crate) rule: Rule,
    /// Position in [`UFUNCS`].
    pub(crate) id: usize,
}

/// How operand types lead to a loop.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rule {
    /// The first loop to which all operands cast safely.
    Search,
    /// As `Search`, but integers divide as `float64`.
    Divide,
    /// As `Search`, but two booleans have an error of their own.
    Subtract,
    /// As `Search`, but a boolean has an error of its own.
    Negative,
    /// As `Search`, but booleans are not taken for integers.
    Exact,
    /// The loop of the operands' one dtype, else that of two booleans.
    Logical,
    /// As `Search`, but the right operand is an integer with a dtype of its own: Python's is an `int32`, and beside one Python's on the left is narrow.
    Scale,
    /// A boolean, then two operands of one dtype.
    Select,
}

/// One signature of a ufunc and its inner functions.
pub struct Loop {
    pub(crate) inputs: [DType; 3],
    pub(crate) n_in: u8,
    /// The dtype of the output.
    pub output: DType,
    pub(crate) functions: [LoopFn; Isa::COUNT],
    /// The running result of two inputs of the output's dtype: `to[i] = f(to[i - 1], from[i])`, with the value before the first behind
    /// the first pointer, `from` behind the second and `to` behind the third, which may stand still.
    pub(crate) scan: Option<LoopFn>,
}

impl Loop {
    /// The dtypes of the inputs.
    #[inline]
    pub fn inputs(&self) -> &[DType] {
        &self.inputs[..self.n_in as usize]
    }

    /// The dtypes as a value.
    #[inline]
    pub fn signature(&self) -> Signature {
        Signature {
            inputs: SmallVec::from_slice(self.inputs()),
            output: self.output,
        }
    }
}

/// The dtypes that a loop takes and gives.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct Signature {
    /// One per input.
    pub inputs: SmallVec<[DType; 3]>,
    /// The output's.
    pub output: DType,
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, dtype) in self.inputs.iter().enumerate() {
            write!(f, "{}{}", if index == 0 { "" } else { "," }, dtype.code())?;
        }
        write!(f, "->{}", self.output.code())
    }
}

impl Ufunc {
    /// The inner function of one of this ufunc's signatures, for the instruction set in use.
    ///
    /// # Panics
    ///
    /// If no row has these inputs: a signature comes from [`resolve`](crate::resolve) or from a row.
    #[inline]
    pub fn loop_for(&'static self, signature: &Signature) -> LoopFn {
        self.loop_for_isa(signature, isa::active())
    }

    /// As [`Ufunc::loop_for`], for one of the [`isa::available`] instruction sets; to call a better one is undefined behaviour.
    ///
    /// # Panics
    ///
    /// If no row has these inputs.
    #[inline]
    pub fn loop_for_isa(&'static self, signature: &Signature, isa: Isa) -> LoopFn {
        let number = promote::exact(self, &signature.inputs)
            .expect("a signature is one of the ufunc's rows");
        self.signatures[number].functions[isa as usize]
    }

    /// Whether it takes operands of any dtype for their truths.
    pub fn takes_truths(&self) -> bool {
        matches!(self.rule, Rule::Logical)
    }

    /// Position in [`UFUNCS`]: a small number that stands for the ufunc in plans.
    #[inline]
    pub const fn id(&self) -> usize {
        self.id
    }
}

/// The ufunc of a NumPy name or alias.
pub fn by_name(name: &str) -> Option<&'static Ufunc> {
    UFUNCS
        .into_iter()
        .find(|ufunc| ufunc.name == name || ufunc.aliases.contains(&name))
}

impl PartialEq for Ufunc {
    fn eq(&self, other: &Ufunc) -> bool {
        self.id == other.id
    }
}

impl Eq for Ufunc {}

impl Hash for Ufunc {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.id.hash(state);
    }
}

impl fmt::Debug for Ufunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<ufunc '{}'>", self.name)
    }
}

impl fmt::Display for Ufunc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}
