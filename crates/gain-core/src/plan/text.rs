//! A plan as people read it: one line a step, then its moves and pieces.

use std::fmt;

use crate::plan::{Combination, Place, Plan, Step};

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.steps
            .iter()
            .enumerate()
            .try_for_each(|(number, step)| write!(f, "step {number}: {step}"))
    }
}

impl Step {
    /// Bytes that this rank sends to others for the operands of the step.
    pub fn bytes_sent(&self) -> usize {
        self.sends.iter().map(|send| send.bytes).sum()
    }

    /// Bytes that this rank receives for the operands of the step.
    pub fn bytes_received(&self) -> usize {
        self.receives.iter().map(|receive| receive.bytes).sum()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{} over {}", self.label, self.iteration)?;
        for line in self.program.to_string().lines() {
            writeln!(f, "    {line}")?;
        }
        for made in &self.makes {
            writeln!(
                f,
                "  make slot {}: {}, {} bytes here",
                made.slot, made.distribution, made.bytes
            )?;
        }
        for send in &self.sends {
            writeln!(
                f,
                "  send slot {} {:?}, {} bytes, to rank {}",
                send.slot, send.shape, send.bytes, send.to
            )?;
        }
        for receive in &self.receives {
            writeln!(
                f,
                "  receive {} bytes from rank {}",
                receive.bytes, receive.from
            )?;
        }
        for save in &self.saves {
            writeln!(f, "  save slot {} {:?}", save.slot, save.shape)?;
        }
        for assembly in &self.assemblies {
            writeln!(
                f,
                "  assemble {} bytes from {} places",
                assembly.bytes,
                assembly.fragments.len()
            )?;
        }
        for (name, pieces) in [("interior", &self.interior), ("border", &self.border)] {
            for piece in pieces {
                write!(f, "  {name} {:?} at {:?}:", piece.shape, piece.origin)?;
                piece
                    .loads
                    .iter()
                    .try_for_each(|load| write!(f, " {}", load.place))?;
                write!(f, " ->")?;
                piece
                    .stores
                    .iter()
                    .try_for_each(|store| write!(f, " {}", store.place))?;
                if let Some(rows) = piece.lag {
                    write!(f, " lagging {rows} rows")?;
                }
                writeln!(f)?;
            }
        }
        if let Some(scratch) = &self.scratch {
            writeln!(
                f,
                "  copy scratch {:?} to slot {}",
                scratch.shape, scratch.slot
            )?;
        }
        if let Some(reducing) = &self.reducing {
            let how = match &reducing.combination {
                Combination::Alone => "alone".to_string(),
                Combination::Everyone => "all ranks tell all".to_string(),
                Combination::Owners { sends, receives } => {
                    format!("to {} owners, from {} ranks", sends.len(), receives.len())
                }
            };
            writeln!(
                f,
                "  reduce {} into slot {}: {how}",
                reducing.reduction.name(),
                reducing.slot
            )?;
        }
        if !self.release.is_empty() {
            writeln!(f, "  release slots {:?}", self.release)?;
        }
        Ok(())
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Slot(slot) => write!(f, "slot{slot}"),
            Place::Received(piece) => write!(f, "received{piece}"),
            Place::Saved(copy) => write!(f, "saved{copy}"),
            Place::Assembled(number) => write!(f, "assembled{number}"),
            Place::Scratch => write!(f, "scratch"),
        }
    }
}
