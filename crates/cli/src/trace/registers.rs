//! Where a stopped thread stands, as an unwinder sees it.

use gimli::Register;

use crate::tracer::Stop;

#[cfg(target_arch = "x86_64")]
mod numbers {
    use gimli::{Register, X86_64};
    pub(super) const ALL: [Register; 3] = [X86_64::RSP, X86_64::RBP, X86_64::RA];
}
#[cfg(target_arch = "aarch64")]
mod numbers {
    use gimli::{AArch64, Register};
    pub(super) const ALL: [Register; 3] = [AArch64::SP, AArch64::X29, AArch64::X30];
}

/// DWARF's numbers of the stack pointer, the frame pointer and the return address.
pub(super) const SP: Register = numbers::ALL[0];
pub(super) const FP: Register = numbers::ALL[1];
pub(super) const RA: Register = numbers::ALL[2];

/// A return address as it was before it was stored: on AArch64, programs may sign it in the
/// bits above those of an address.
pub(super) fn unsigned(address: u64) -> u64 {
    if cfg!(target_arch = "aarch64") { address & ((1 << 48) - 1) } else { address }
}

/// What is needed to find the callers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Registers {
    /// The next instruction.
    pub(super) pc: u64,
    /// Whether a call returned there, so that the instruction of interest is the one before.
    pub(super) returned: bool,
    pub(super) sp: u64,
    /// The frame pointer, where one is kept.
    pub(super) fp: u64,
    /// The return address, where the CPU keeps it in a register.
    pub(super) link: Option<u64>,
}

impl Registers {
    /// At a system call.
    pub(super) fn at(stop: &Stop<'_>) -> Registers {
        Registers {
            pc: stop.registers.instruction(),
            // The instruction after the system call's is of the same line.
            returned: false,
            sp: stop.registers.stack(),
            fp: stop.registers.frame(),
            link: stop.registers.link(),
        }
    }

    /// In the code to which our vDSO returns, when it tells something: the arguments after
    /// the first, or after the first two where it tells of a [`Site`](instanter_vdso::layout::Site).
    pub(super) fn told([pc, sp, fp]: [u64; 3]) -> Registers {
        Registers { pc, returned: true, sp, fp, link: None }
    }

    /// The address by which its function is found.
    pub(super) fn place(&self) -> u64 {
        if self.returned { self.pc.wrapping_sub(1) } else { self.pc }
    }
}
