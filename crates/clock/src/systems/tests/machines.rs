//! Machines of each system: a page, and the answers of the system's function.

extern crate std;

use std::sync::atomic::AtomicU64;
use std::vec::Vec;

use instanter_page::{BinaryTime, Cpu, Timespec, darwin, freebsd, openbsd, windows};

use super::super::Place;
use crate::Clock;

/// What a machine's kernel knows. Time awake runs with the counter; the time since boot is
/// that and the time slept through.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub(super) origin: u64,
    pub(super) hertz: u64,
    /// Time awake at the origin.
    pub(super) monotonic_ns: i128,
    pub(super) slept_ns: i128,
    pub(super) wall_minus_boot_ns: i128,
    /// How far a discipline has bent the line. The tests' time does not follow, so that the
    /// page errs by that between two updates: by less than anybody sees here.
    pub(super) steered_ppm: i64,
    pub(super) off: bool,
}

impl Truth {
    const fn of(hertz: u64) -> Truth {
        Truth {
            origin: 1 << 40,
            hertz,
            monotonic_ns: 86_400_123_456_789,
            slept_ns: 0,
            wall_minus_boot_ns: 1_700_000_000_000_000_000,
            steered_ppm: 0,
            off: false,
        }
    }

    pub(super) fn monotonic_at(&self, counter: u64) -> i128 {
        let ticks = i128::from(counter) - i128::from(self.origin);
        self.monotonic_ns + ticks * 1_000_000_000 / i128::from(self.hertz)
    }

    fn boot_at(&self, counter: u64) -> i128 {
        self.monotonic_at(counter) + self.slept_ns
    }

    fn wall_at(&self, counter: u64) -> i128 {
        self.boot_at(counter) + self.wall_minus_boot_ns
    }

    /// What a unit lasts of which there are so many in a second, as the line is bent.
    fn steered(&self, fraction: u128, units_a_second: u64) -> u64 {
        let exact = fraction / u128::from(units_a_second);
        (exact as i128 + exact as i128 * i128::from(self.steered_ppm) / 1_000_000) as u64
    }
}

pub(super) trait Machine {
    type Page: super::super::Page;
    const TRUTH: Truth;
    /// Whether the page says how the clocks stand to each other, and how long it slept.
    const HAS_RELATION: bool = true;
    const HAS_SLEPT: bool = true;
    fn new() -> Self;
    fn place(&self) -> Place;
    fn publish(&mut self, truth: &Truth);
    /// In nanoseconds; `None` for a clock that there is not.
    fn answer(truth: &Truth, clock: Clock, counter: u64) -> Option<i128>;
}

fn memory(length: usize) -> Vec<AtomicU64> {
    (0..length.div_ceil(8)).map(|_| AtomicU64::new(0)).collect()
}

fn start(memory: &[AtomicU64]) -> *mut u8 {
    memory.as_ptr().cast_mut().cast()
}

fn place_of(memory: &[AtomicU64], cpu: Cpu) -> Place {
    Place { start: start(memory), behind: core::ptr::null(), cpu }
}

fn binary(ns: i128) -> BinaryTime {
    BinaryTime::from_timespec(Timespec::from_nanos(ns))
}

pub(super) struct FreeBsd {
    memory: Vec<AtomicU64>,
    writer: freebsd::Writer,
}

impl Machine for FreeBsd {
    type Page = super::super::freebsd::Page;
    const TRUTH: Truth = Truth::of(2_100_000_000);
    const HAS_SLEPT: bool = false;

    fn new() -> FreeBsd {
        let memory = memory(freebsd::LENGTH);
        // SAFETY: the memory lives as long as the writer, which alone writes it.
        let writer = unsafe { freebsd::Writer::new(start(&memory)) };
        FreeBsd { memory, writer }
    }

    fn place(&self) -> Place {
        place_of(&self.memory, Cpu::X86_64)
    }

    fn publish(&mut self, truth: &Truth) {
        let timehands = freebsd::Timehands {
            algorithm: freebsd::COUNTER,
            scale: truth.steered(1 << 64, truth.hertz),
            offset_count: truth.origin as u32,
            counter_mask: u32::MAX,
            offset: binary(truth.monotonic_ns),
            boottime: binary(truth.wall_minus_boot_ns),
            machine: 0,
        };
        self.writer.update(|| freebsd::Contents { enabled: !truth.off, timehands });
    }

    fn answer(truth: &Truth, clock: Clock, counter: u64) -> Option<i128> {
        match clock {
            Clock::REALTIME | Clock::REALTIME_COARSE => Some(truth.wall_at(counter)),
            Clock::MONOTONIC | Clock::MONOTONIC_COARSE | Clock::BOOTTIME => {
                Some(truth.monotonic_at(counter))
            }
            _ => None,
        }
    }
}

pub(super) struct OpenBsd {
    memory: Vec<AtomicU64>,
    writer: openbsd::Writer,
}

impl Machine for OpenBsd {
    type Page = super::super::openbsd::Page;
    const TRUTH: Truth = Truth::of(1_900_000_000);

    fn new() -> OpenBsd {
        let memory = memory(openbsd::LENGTH);
        // SAFETY: as above.
        let writer = unsafe { openbsd::Writer::new(start(&memory)) };
        OpenBsd { memory, writer }
    }

    fn place(&self) -> Place {
        place_of(&self.memory, Cpu::X86_64)
    }

    fn publish(&mut self, truth: &Truth) {
        let timekeep = openbsd::Timekeep {
            scale: truth.steered(1 << 64, truth.hertz),
            offset_count: truth.origin as u32,
            offset: binary(truth.boot_at(truth.origin)),
            naptime: binary(truth.slept_ns),
            boottime: binary(truth.wall_minus_boot_ns),
            user: i32::from(!truth.off),
            counter_mask: u32::MAX,
        };
        self.writer.update(|| timekeep);
    }

    fn answer(truth: &Truth, clock: Clock, counter: u64) -> Option<i128> {
        match clock {
            Clock::REALTIME => Some(truth.wall_at(counter)),
            Clock::MONOTONIC | Clock::BOOTTIME => Some(truth.boot_at(counter)),
            _ => None,
        }
    }
}

pub(super) struct Darwin<const X86: bool> {
    memory: Vec<AtomicU64>,
    writer: darwin::Writer,
}

pub(super) type X86Darwin = Darwin<true>;
pub(super) type Aarch64Darwin = Darwin<false>;

impl<const X86: bool> Darwin<X86> {
    const CPU: Cpu = if X86 { Cpu::X86_64 } else { Cpu::Aarch64 };
}

impl<const X86: bool> Machine for Darwin<X86> {
    type Page = super::super::darwin::Page;
    const TRUTH: Truth = Truth::of(if X86 { 2_400_000_000 } else { 24_000_000 });

    fn new() -> Self {
        let memory = memory(darwin::LENGTH);
        // SAFETY: as above.
        let writer = unsafe { darwin::Writer::new(start(&memory), Self::CPU) };
        Darwin { memory, writer }
    }

    fn place(&self) -> Place {
        place_of(&self.memory, Self::CPU)
    }

    fn publish(&mut self, truth: &Truth) {
        let units = |ns: i128, a_second: u64| (ns * i128::from(a_second) / 1_000_000_000) as u64;
        let a_second = if X86 { 1_000_000_000 } else { truth.hertz };
        let awake = units(truth.monotonic_ns, a_second);
        let absolute = if X86 {
            darwin::Absolute::X86_64 {
                tsc_base: truth.origin,
                scale: ((1_000_000_000u128 << 32) / u128::from(truth.hertz)) as u32,
                shift: 0,
                ns_base: awake,
            }
        } else {
            darwin::Absolute::Aarch64 {
                offset: awake.wrapping_sub(truth.origin),
                user_timebase: u8::from(!truth.off),
                always_on: None,
            }
        };
        let wall = darwin::TimeOfDay {
            tick: awake,
            time: binary(truth.wall_at(truth.origin)),
            scale: truth.steered(1 << 64, a_second),
            ticks_per_sec: a_second,
        };
        self.writer.update(|| darwin::Contents {
            absolute,
            continuous: units(truth.slept_ns, a_second),
            boottime_us: (truth.wall_minus_boot_ns / 1_000) as u64,
            approximate: Some(awake),
            wall: (!truth.off).then_some(wall),
        });
    }

    fn answer(truth: &Truth, clock: Clock, counter: u64) -> Option<i128> {
        match clock {
            Clock::REALTIME => Some(truth.wall_at(counter) / 1_000 * 1_000),
            Clock::MONOTONIC => Some(truth.monotonic_at(counter)),
            Clock::BOOTTIME => Some(truth.boot_at(counter)),
            // As the machine keeps it: in whole units.
            Clock::MONOTONIC_COARSE if X86 => Some(truth.monotonic_ns),
            Clock::MONOTONIC_COARSE => {
                let hertz = i128::from(truth.hertz);
                Some(truth.monotonic_ns * hertz / 1_000_000_000 * 1_000_000_000 / hertz)
            }
            _ => None,
        }
    }
}

pub(super) struct Windows {
    pub(super) memory: Vec<AtomicU64>,
    writer: windows::Writer,
    /// How programs read the counter, where they may.
    pub(super) bypass: u8,
}

impl Windows {
    pub(super) fn set_major_version(&self, version: u32) {
        // The upper half of the word at 0x268.
        self.memory[0x268 / 8]
            .store(u64::from(version) << 32, core::sync::atomic::Ordering::Relaxed);
    }
}

impl Machine for Windows {
    type Page = super::super::windows::Page;
    const TRUTH: Truth = Truth::of(2_000_000_000);
    const HAS_RELATION: bool = false;

    fn new() -> Windows {
        let memory = memory(windows::LENGTH);
        // SAFETY: as above.
        let writer = unsafe { windows::Writer::new(start(&memory)) };
        let bypass = windows::bypass::ENABLED | windows::bypass::RDTSCP;
        let machine = Windows { memory, writer, bypass };
        machine.set_major_version(10);
        machine
    }

    fn place(&self) -> Place {
        place_of(&self.memory, Cpu::X86_64)
    }

    fn publish(&mut self, truth: &Truth) {
        let hundreds = |ns: i128| (ns / 100) as i64;
        // 100 ns a tick of the counter, times 2^64.
        let increment = 10_000_000 << 64;
        let bypass = if truth.off { 0 } else { self.bypass };
        self.writer.update(|| windows::Contents {
            interrupt_time: hundreds(truth.boot_at(truth.origin)),
            system_time: hundreds(truth.wall_at(truth.origin)) + windows::UNIX_EPOCH,
            qpc_frequency: truth.hertz,
            baseline_system_qpc: truth.origin,
            baseline_interrupt_qpc: truth.origin,
            system_increment: truth.steered(increment, truth.hertz),
            interrupt_increment: (increment / u128::from(truth.hertz)) as u64,
            system_shift: 0,
            interrupt_shift: 0,
            interrupt_bias: hundreds(truth.slept_ns) as u64,
            qpc_bias: 0,
            bypass,
            qpc_shift: 0,
        });
    }

    // On Darwin the raw clock is the monotonic one.
    #[allow(unreachable_patterns)]
    fn answer(truth: &Truth, clock: Clock, counter: u64) -> Option<i128> {
        let cut = |ns: i128| ns / 100 * 100;
        match clock {
            Clock::REALTIME => Some(cut(truth.wall_at(counter))),
            Clock::MONOTONIC => Some(cut(truth.boot_at(counter)) - truth.slept_ns),
            Clock::BOOTTIME => Some(cut(truth.boot_at(counter))),
            Clock::MONOTONIC_RAW => {
                Some(i128::from(counter) * 1_000_000_000 / i128::from(truth.hertz))
            }
            Clock::REALTIME_COARSE => Some(cut(truth.wall_at(truth.origin))),
            Clock::MONOTONIC_COARSE => Some(cut(truth.boot_at(truth.origin)) - truth.slept_ns),
            _ => None,
        }
    }
}
