//! Where the fields of the commpage lie.

use crate::Cpu;

/// Address of the page on x86-64 (`_COMM_PAGE64_BASE_ADDRESS`).
pub const BASE_X86_64: u64 = 0x7fff_ffe0_0000;

/// Address of the page on AArch64 (`_COMM_PAGE64_BASE_ADDRESS`).
pub const BASE_AARCH64: u64 = 0xf_ffff_c000;

/// Bytes at the start of the page that a reader touches.
pub const LENGTH: usize = 0x148;

// x86-64 (`_COMM_PAGE_NT_TSC_BASE` and so on).
pub(super) const NT_TSC_BASE: usize = 0x50;
pub(super) const NT_SCALE: usize = 0x58;
pub(super) const NT_SHIFT: usize = 0x5c;
pub(super) const NT_NS_BASE: usize = 0x60;
pub(super) const NT_GENERATION: usize = 0x68;

// AArch64.
pub(super) const TIMEBASE_OFFSET: usize = 0x88;
pub(super) const USER_TIMEBASE: usize = 0x90;
pub(super) const CONT_HWCLOCK: usize = 0x91;
pub(super) const CONT_HW_TIMEBASE: usize = 0xa8;

/// What both have, each at its own place.
pub(super) struct Places {
    pub(super) approximate: usize,
    pub(super) has_approximate: usize,
    pub(super) continuous: usize,
    pub(super) boottime_us: usize,
    pub(super) tick: usize,
}

impl Places {
    pub(super) const fn of(cpu: Cpu) -> Places {
        match cpu {
            Cpu::X86_64 => Places {
                approximate: 0x80,
                has_approximate: 0x88,
                continuous: 0xc0,
                boottime_us: 0xc8,
                tick: 0xd0,
            },
            Cpu::Aarch64 => Places {
                approximate: 0xc0,
                has_approximate: 0xc8,
                continuous: 0x98,
                boottime_us: 0xa0,
                tick: 0x120,
            },
        }
    }

    // `new_commpage_timeofday_data_t`: five words.
    pub(super) const fn sec(&self) -> usize {
        self.tick + 8
    }
    pub(super) const fn frac(&self) -> usize {
        self.tick + 16
    }
    pub(super) const fn scale(&self) -> usize {
        self.tick + 24
    }
    pub(super) const fn ticks_per_sec(&self) -> usize {
        self.tick + 32
    }
}

// The structures that the header describes beside the numbers: `commpage_time_data`
// starts at 0x50 and is in the order below; 40 bytes of the wall clock's line end where
// the next field begins.
const _: () = {
    let start = 0x50;
    assert!(NT_TSC_BASE == start && NT_SCALE == start + 8 && NT_SHIFT == start + 12);
    assert!(NT_NS_BASE == start + 16 && NT_GENERATION == start + 24);
    assert!(Places::of(Cpu::X86_64).ticks_per_sec() + 8 <= 0x100);
    assert!(Places::of(Cpu::Aarch64).ticks_per_sec() + 8 == 0x148 && LENGTH == 0x148);
};
