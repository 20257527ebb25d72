//! What a process has mapped: our image, the kernel's vDSO, scratch memory.

use std::collections::HashSet;
use std::path::PathBuf;

use super::watch::Watch;

/// Bytes of scratch memory that one call gets: what it takes and what it returns.
pub(super) const SCRATCH_EACH: u64 = 256;
/// Scratch memory of a process; only what is used takes room.
pub(super) const SCRATCH_BYTES: u64 = 1 << 20;

/// An address space: shared by the threads of a process, and by who has come out of
/// `vfork` and has not yet executed anything.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    /// The program file.
    pub(crate) program: PathBuf,
    /// What [`Private::process`](instanter_vdso::layout::Private) holds.
    pub(crate) process: u32,
    /// Which view of time it has.
    pub(crate) view: u32,
    /// Where the image begins; `None` where none is mapped, because this process is
    /// not to be touched.
    pub(crate) image: Option<u64>,
    /// The kernel's vDSO: address of its first byte and of the one after its last.
    pub(crate) vdso: (u64, u64),
    /// A system call instruction.
    pub(super) gate: u64,
    /// Where scratch memory begins.
    pub(super) scratch: u64,
    pub(super) used: HashSet<u64>,
    /// What its threads stop at.
    pub(super) watch: Watch,
    /// What it has asked to be done with `SIGTRAP`: `struct sigaction` as the kernel has it.
    pub(super) action: Option<[u8; 32]>,
}

impl Space {
    /// Scratch memory for one call: [`SCRATCH_EACH`] bytes.
    pub(super) fn borrow_scratch(&mut self) -> Option<u64> {
        self.image?;
        let place = (0..SCRATCH_BYTES / SCRATCH_EACH).find(|place| !self.used.contains(place))?;
        self.used.insert(place);
        Some(self.scratch + place * SCRATCH_EACH)
    }

    pub(super) fn return_scratch(&mut self, address: u64) {
        self.used.remove(&(address.wrapping_sub(self.scratch) / SCRATCH_EACH));
    }

    /// Whether an instruction is the kernel's vDSO's.
    pub(crate) fn is_vdso(&self, address: u64) -> bool {
        address >= self.vdso.0 && address < self.vdso.1
    }
}
