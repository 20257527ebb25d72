//! What the kernel put on the stack when it started the program: arguments,
//! environment, auxiliary vector.
//!
//! ```text
//!  low   argc | argv… 0 | envp… 0 | auxv… | padding | 16 random bytes | strings   high
//!                                                     ▲ AT_RANDOM       ▲ AT_EXECFN
//! ```
//!
//! This is what `_start` is handed and what every C library and Go read. There
//! is no other way to it without a C library; but `AT_RANDOM` points just above
//! it, and the vector is recognised by its own entry for `AT_RANDOM`.
//!
//! Two things are taken from it. The environment as it was at the start, which
//! no later `setenv` in another thread can disturb. And `AT_SYSINFO_EHDR` as
//! the program sees it: who gives a program another vDSO (a debugger, a recorder,
//! a fake clock) writes its address here, and the kernel's own copy of the
//! vector still has the old one.

use linux_raw_sys::auxvec;

use super::Auxv;
use super::probe::Probe;

/// Bytes below `AT_RANDOM` in which the vector must be: some twenty entries,
/// and the padding above them.
const REACH: usize = 1024;

/// Most environment variables that are looked at.
const MAX_VARIABLES: usize = 100_000;

/// The start block of this process.
#[derive(Clone, Copy)]
pub(crate) struct StartBlock {
    /// First word of the auxiliary vector.
    auxv: *const usize,
    /// Strings lie between these addresses.
    strings: (usize, usize),
}

impl StartBlock {
    /// Finds the start block by the vector's entry for `AT_RANDOM`.
    pub(crate) fn find(auxv: &Auxv, probe: Probe) -> Option<StartBlock> {
        const WORD: usize = size_of::<usize>();
        if auxv.random < REACH || auxv.program_name < auxv.random {
            return None;
        }
        let top = auxv.random & !(WORD - 1);
        let lowest = top - REACH;
        if !probe.can_read_range(lowest, REACH) {
            return None;
        }
        let mut entry = top - 2 * WORD;
        while entry >= lowest + (2 * auxv.random_index + 1) * WORD {
            let at: *const usize = core::ptr::with_exposed_provenance(entry);
            // SAFETY: within the range that was found readable, and aligned.
            let (kind, value) = unsafe { (at.read_volatile(), at.add(1).read_volatile()) };
            if kind == auxvec::AT_RANDOM as usize && value == auxv.random {
                let start = at.wrapping_sub(2 * auxv.random_index);
                // SAFETY: above `lowest`, as the loop's condition says.
                let before = unsafe { start.sub(1).read_volatile() };
                // The environment's pointers end in a zero.
                return (before == 0).then_some(StartBlock {
                    auxv: start,
                    strings: (auxv.random, auxv.program_name),
                });
            }
            entry -= WORD;
        }
        None
    }

    /// Returns `AT_SYSINFO_EHDR` as it is on the stack: `Some(None)` where
    /// somebody took it away, `None` where the vector has no end in reach.
    pub(crate) fn vdso(&self) -> Option<Option<usize>> {
        for index in 0..REACH / 16 {
            // SAFETY: the vector ends with AT_NULL below the strings, which
            // ends this loop; the bound is for a vector that was overwritten.
            let (kind, value) = unsafe {
                (
                    self.auxv.add(2 * index).read_volatile(),
                    self.auxv.add(2 * index + 1).read_volatile(),
                )
            };
            match kind as u32 {
                auxvec::AT_NULL => return Some(None),
                auxvec::AT_SYSINFO_EHDR => return Some((value != 0).then_some(value)),
                _ => {}
            }
        }
        None
    }

    /// Copies the value of the environment variable `name` into `into`, as far
    /// as it fits. Returns its bytes.
    pub(crate) fn variable<'a>(&self, name: &[u8], into: &'a mut [u8]) -> Option<&'a [u8]> {
        // The word before the vector is the zero that ends the pointers.
        let mut pointer = self.auxv.wrapping_sub(2);
        for _ in 0..MAX_VARIABLES {
            // SAFETY: walks down from the end of the pointers to the zero that
            // ends the arguments' pointers, all of it the start block.
            let string = unsafe { pointer.read_volatile() };
            if string == 0 {
                return None;
            }
            // A pointer elsewhere is one that putenv exchanged: not the start's.
            if (self.strings.0..self.strings.1).contains(&string)
                && let Some(length) = self.value_of(string, name, into)
            {
                return Some(&into[..length]);
            }
            pointer = pointer.wrapping_sub(1);
        }
        None
    }

    /// Copies the value of `NAME=value` at `string`. Returns its length.
    fn value_of(&self, string: usize, name: &[u8], into: &mut [u8]) -> Option<usize> {
        let byte = |offset: usize| {
            let address = string + offset;
            if address >= self.strings.1 {
                return None;
            }
            // SAFETY: below the program's name, which is the highest string, so
            // still on the stack.
            Some(unsafe { core::ptr::with_exposed_provenance::<u8>(address).read_volatile() })
        };
        for (offset, &want) in name.iter().enumerate() {
            if byte(offset) != Some(want) {
                return None;
            }
        }
        if byte(name.len()) != Some(b'=') {
            return None;
        }
        let mut length = 0;
        while length < into.len() {
            match byte(name.len() + 1 + length) {
                None | Some(0) => break,
                Some(value) => into[length] = value,
            }
            length += 1;
        }
        Some(length)
    }
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use std::string::String;

    #[test]
    fn agrees_with_the_c_library() {
        let auxv = Auxv::read();
        let block = StartBlock::find(&auxv, Probe::that_works(auxv.page_size).expect("it works"))
            .expect("a block");
        assert_eq!(block.vdso(), Some(auxv.vdso));
        let mut seen = 0;
        for (name, value) in std::env::vars() {
            let mut buffer = [0; 4096];
            let Some(got) = block.variable(name.as_bytes(), &mut buffer) else {
                panic!("{name} is not in the start block")
            };
            let want = &value.as_bytes()[..value.len().min(4096)];
            assert_eq!(String::from_utf8_lossy(got), String::from_utf8_lossy(want), "{name}");
            seen += 1;
        }
        assert!(seen > 0, "no environment to compare");
        assert_eq!(block.variable(b"INSTANTER_NO_SUCH", &mut [0; 8]), None);
        // Cut to the buffer, not overrun.
        assert_eq!(block.variable(b"PATH", &mut [0; 1]).map(<[u8]>::len), Some(1));
    }
}
