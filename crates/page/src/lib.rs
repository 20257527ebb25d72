//! The time page: a straight line that a kernel keeps and every process reads.
//!
//! A kernel does not hand out time; it publishes, in memory that every process
//! can see, the line from which time is computed, under a sequence number:
//!
//! ```text
//! ns = (base + ((counter − origin) × mult)) >> shift
//! ```
//!
//! and moves the line's origin forward a few hundred times a second, bending
//! `mult` by a few parts in a million as NTP asks for. A reader takes the
//! counter once, evaluates the line, and checks that the sequence number has
//! not moved meanwhile. Nothing is calibrated, so nothing drifts: on the same
//! counter value the answer is the kernel's own, to the nanosecond.
//!
//! This crate holds that arithmetic ([`Line`], and [`BinaryLine`] for the systems that
//! count binary fractions of a second) and, a module a system, the places where the
//! numbers of the line lie, a reader, and a writer for those who keep such a page: a
//! kernel, an emulator, a hypervisor, a test.
//!
//! | module | where its page is | what it yields | an update shows by |
//! |---|---|---|---|
//! | [`linux`] | before the vDSO (`AT_SYSINFO_EHDR`) | seven clocks, in ns | an odd sequence number |
//! | [`freebsd`] | `AT_TIMEKEEP` of the auxiliary vector | wall and monotonic clock, in 2^-64 s | a generation of zero, and which of four copies is current |
//! | [`openbsd`] | `AUX_openbsd_timekeep` of the auxiliary vector | wall clock, time since boot, time awake, in 2^-64 s | a generation of zero |
//! | [`darwin`] | the commpage, at a fixed address on each CPU | absolute and continuous time, in ns or ticks; the wall clock, in 2^-64 s | a generation or a tick of zero |
//! | [`windows`] | `KUSER_SHARED_DATA`, at 0x7ffe0000 | system and interrupt time, in 100 ns; the performance counter | an odd lock; high parts that differ |
//! | [`vmclock`] | an ACPI device of the virtual machine | UTC or TAI with bounds of the error, in 2^-64 s | an odd sequence number |
//!
//! # What was verified, and where
//!
//! [`linux`] runs on kernels of the layouts in its table, and [proves](linux::prove) a
//! page before it believes it. **None of the other systems has run this code**: their
//! readers were tested with synthetic pages, kept by the writers here and spoilt by
//! the tests. Wine's page has been read, and followed Wine's functions; it has the clocks of
//! [`windows::Reader::coarse`] and nothing to interpolate them with. What the pages look like
//! was taken from:
//!
//! | module | offsets and widths | the arithmetic and the order of loads and stores |
//! |---|---|---|
//! | [`freebsd`] | `sys/vdso.h`, `machine/vdso.h` of both CPUs | the C library's `__vdso_gettimeofday.c` and `__vdso_gettc.c`; the kernel's `kern_sharedpage.c` |
//! | [`openbsd`] | `sys/timetc.h` | the C library's `microtime.c` and `usertc.c` of both CPUs |
//! | [`darwin`] | `cpu_capabilities.h` of both CPUs, `sys/commpage.h` | `mach_absolute_time.s`, `mach_continuous_time.c`, `__commpage_gettimeofday.c`; `commpage.c` |
//! | [`windows`] | `KUSER_SHARED_DATA` of `ntddk.h`, and printed dumps of it | no header says; it agrees with a dumped page of Windows 10 (a test has its numbers). That precise time leaves out a tick, and the reference TSC page in front of the performance counter, are known from disassembly alone |
//! | [`vmclock`] | `linux/vmclock-abi.h` | the header's comments, and Linux's `ptp_vmclock.c` |
//!
//! So a program that means to use one of them should do as Linux's reader does, and
//! compare it with the system's own answers first: [`proof`] has the comparison, and the
//! crate `instanter-clock` does that.
//!
//! A reader never trusts its page. A wild number, a page in an update, one that was
//! switched off, one that counts by a device: each is an [`Unreadable`] that says so, and
//! none is a panic or an endless loop. The counter is an argument
//! ([`Counter`](instanter_counter::Counter)), so every layout compiles and is tested on
//! every CPU.
//!
//! It does **not** find the page: that takes system calls, and is the clock
//! crate's work. Here a page is plain memory, so that each rule can be tested on
//! bytes that a test made.
#![no_std]

mod binary;
pub mod darwin;
pub mod freebsd;
mod line;
pub mod linux;
mod memory;
pub mod openbsd;
pub mod proof;
mod sequence;
mod timespec;
mod unreadable;
pub mod vmclock;
pub mod windows;

pub use binary::{BinaryLine, BinaryTime};
pub use line::Line;
pub use linux::{Cpu, Pair};
pub use timespec::Timespec;
pub use unreadable::Unreadable;
