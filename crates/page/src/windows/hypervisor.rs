//! The reference TSC page of Hyper-V: a line from the TSC to 10 MHz.

use core::cell::Cell;
use core::sync::atomic::Ordering::{Relaxed, Release};

use super::layout::HYPERVISOR_LENGTH;
use crate::Unreadable;
use crate::memory::{Fields, Kept};
use crate::sequence::{after, publish};

const SEQUENCE: usize = 0;
const SCALE: usize = 8;
const OFFSET: usize = 16;

/// What the hypervisor's page says: reference time is
/// `((TSC × scale) >> 64) + offset`, in units of 100 ns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReferenceTsc {
    /// Units of reference time a tick, times 2^64.
    pub scale: u64,
    /// Reference time when the TSC stood at zero.
    pub offset: i64,
}

impl ReferenceTsc {
    /// `at(tsc)` — Returns reference time, in units of 100 ns.
    ///
    /// ```
    /// use instanter_page::windows::ReferenceTsc;
    /// // A TSC of 2 GHz: 200 ticks a unit.
    /// let page = ReferenceTsc { scale: u64::MAX / 200 + 1, offset: -5 };
    /// assert_eq!(page.at(2_000), 5);
    /// ```
    #[must_use]
    pub const fn at(&self, tsc: u64) -> u64 {
        let scaled = (tsc as u128 * self.scale as u128) >> 64;
        (scaled as u64).wrapping_add_signed(self.offset)
    }
}

/// Where the hypervisor's page is.
///
/// A process gets its address from the system (`NtQuerySystemInformation`, class 197).
#[derive(Clone, Copy, Debug)]
pub struct HypervisorPage {
    fields: Fields,
}

impl HypervisorPage {
    /// Makes one for the page at `start`.
    ///
    /// # Safety
    /// The first [`HYPERVISOR_LENGTH`] bytes at `start` must be readable for as long as
    /// this or a copy of it is used, and aligned to eight bytes.
    #[must_use]
    pub const unsafe fn new(start: *const u8) -> HypervisorPage {
        // SAFETY: the caller's.
        HypervisorPage { fields: unsafe { Fields::new(start, HYPERVISOR_LENGTH) } }
    }

    /// The sequence number; zero means that the system is to be asked.
    pub(super) fn sequence(&self) -> Result<u32, Unreadable> {
        match self.fields.u32(SEQUENCE, Relaxed) {
            0 => Err(Unreadable::Disabled),
            sequence => Ok(sequence),
        }
    }

    /// The line; the caller looks at the sequence number.
    pub(super) fn line(&self) -> ReferenceTsc {
        ReferenceTsc {
            scale: self.fields.u64(SCALE, Relaxed),
            offset: self.fields.u64(OFFSET, Relaxed) as i64,
        }
    }
}

/// Keeps a hypervisor's page.
#[derive(Debug)]
pub struct HypervisorWriter {
    kept: Kept,
    sequence: Cell<u32>,
}

impl HypervisorWriter {
    /// Takes over the page at `start`, whatever it holds.
    ///
    /// # Safety
    /// The first [`HYPERVISOR_LENGTH`] bytes at `start` must be writable and aligned to
    /// eight bytes for as long as this writer lives, and nobody else may write them
    /// meanwhile.
    #[must_use]
    pub unsafe fn new(start: *mut u8) -> HypervisorWriter {
        // SAFETY: the caller's.
        let kept = unsafe { Kept::new(start, HYPERVISOR_LENGTH) };
        let sequence = Cell::new(kept.fields().u32(SEQUENCE, Relaxed));
        HypervisorWriter { kept, sequence }
    }

    /// `update(contents)` — Writes what `contents` returns, as one update. `None`: the
    /// guest is to ask, until the next one.
    ///
    /// Readers ask the system from before `contents` is called. Should it panic, the page
    /// stays as it was.
    pub fn update(&mut self, contents: impl FnOnce() -> Option<ReferenceTsc>) {
        let kept = &self.kept;
        let valid = Cell::new(kept.fields().u32(SEQUENCE, Relaxed) != 0);
        publish(
            || kept.u32(SEQUENCE, 0, Relaxed),
            contents,
            |new| {
                valid.set(new.is_some());
                if let Some(ReferenceTsc { scale, offset }) = new {
                    kept.u64(SCALE, scale, Relaxed);
                    kept.u64(OFFSET, offset as u64, Relaxed);
                }
            },
            || {
                if valid.get() {
                    // 2^32 - 1 means "ask" in old hypervisors.
                    let next = match after(self.sequence.get()) {
                        u32::MAX => 1,
                        next => next,
                    };
                    self.sequence.set(next);
                    kept.u32(SEQUENCE, next, Release);
                }
            },
        );
    }
}
