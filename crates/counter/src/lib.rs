//! The hardware counter that every clock is computed from.
//!
//! Each CPU has a counter that user space may read and that runs at one
//! constant rate: the TSC on x86-64, the generic timer on AArch64, the time
//! CSR on RISC-V, the time base on POWER, the TOD clock on s390x, the stable
//! counter on LoongArch. A kernel turns it into time with a straight line; this
//! crate reads the counter and nothing else.
//!
//! # Two ways to read, by what they promise
//!
//! A CPU executes instructions out of order, and a counter read is an
//! instruction like any other: unless told otherwise, it may run before a load
//! that stands in front of it. Which is why there are two functions.
//!
//! * [`ordered`] is as ordered as the kernel's own vDSO. If one thread reads
//!   the counter and publishes the value with a release store, and another
//!   sees that value with an acquire load and then reads the counter, the
//!   second value is never smaller than the first (on a machine whose
//!   counters are synchronised between CPUs).
//! * [`relaxed`] promises only that the value was the counter's at some moment
//!   near the call: the read may move a few dozen instructions up or down.
//!   It is the fastest, and right for measuring in one thread or for logging.
//!
//! Neither stops *later* instructions from starting before the counter is read.
//!
//! | CPU | `relaxed` | `ordered` |
//! |---|---|---|
//! | x86-64, and x86 with SSE2 | `rdtsc` | `lfence; rdtsc` |
//! | AArch64 | `mrs cntvct_el0` | `isb; mrs cntvct_el0`, then a dependent load; or `CNTVCTSS_EL0` |
//! | RISC-V | `rdtime` | `fence r, i; rdtime; fence i, r` |
//! | POWER | `mftb` | `sync; isync; mftb` |
//! | s390x | `stckf` | `stck` |
//! | LoongArch | `rdtime.d` | `dbar 0; rdtime.d` |
//! | WebAssembly | none: see [`IS_THERE`] | none |
//!
//! This crate does **not** say whether the counter is fit to keep time
//! (constant, synchronised, trusted by the kernel): that is the kernel's
//! verdict, and the page crate reads it.
//!
//! ```
//! let first = instanter_counter::ordered();
//! let second = instanter_counter::ordered();
//! assert!(second >= first);
//! ```
#![no_std]

#[cfg(target_arch = "aarch64")]
pub mod aarch64;
#[cfg(target_arch = "loongarch64")]
pub mod loongarch64;
#[cfg(target_arch = "powerpc64")]
pub mod powerpc64;
#[cfg(target_arch = "riscv64")]
pub mod riscv64;
#[cfg(target_arch = "s390x")]
pub mod s390x;
#[cfg(target_family = "wasm")]
mod wasm;
// The same instructions in both modes of the processor.
#[cfg(target_arch = "x86")]
#[path = "x86_64.rs"]
pub mod x86;
#[cfg(target_arch = "x86_64")]
pub mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64 as cpu;
#[cfg(target_arch = "loongarch64")]
use loongarch64 as cpu;
#[cfg(target_arch = "powerpc64")]
use powerpc64 as cpu;
#[cfg(target_arch = "riscv64")]
use riscv64 as cpu;
#[cfg(target_arch = "s390x")]
use s390x as cpu;
#[cfg(target_family = "wasm")]
use wasm as cpu;
#[cfg(target_arch = "x86")]
use x86 as cpu;
#[cfg(target_arch = "x86_64")]
use x86_64 as cpu;

#[cfg(not(any(
    target_arch = "aarch64",
    target_arch = "loongarch64",
    target_arch = "powerpc64",
    target_arch = "riscv64",
    target_arch = "s390x",
    target_arch = "x86",
    target_arch = "x86_64",
    target_family = "wasm",
)))]
compile_error!(
    "instanter-counter reads the counters of x86, AArch64, RISC-V 64, POWER 64, s390x and LoongArch 64"
);

/// Whether there is a counter at all. Not on WebAssembly, whose programs see the machine's
/// only through what runs them: there every reading is zero, and means nothing.
///
/// ```
/// if instanter_counter::IS_THERE {
///     assert_ne!(instanter_counter::relaxed(), 0);
/// }
/// ```
pub const IS_THERE: bool = cpu::IS_THERE;

/// Name of the counter in its CPU's manual.
///
/// ```
/// assert!(!instanter_counter::NAME.is_empty());
/// ```
pub const NAME: &str = cpu::NAME;

/// The instructions behind [`relaxed`], for reports.
pub const RELAXED_INSTRUCTIONS: &str = cpu::RELAXED_INSTRUCTIONS;

/// The instructions behind [`ordered`], for reports.
pub const ORDERED_INSTRUCTIONS: &str = cpu::ORDERED_INSTRUCTIONS;

/// `relaxed()` — Returns the counter, unordered with the instructions around it.
///
/// In ticks. See the [crate's table](crate) for the instruction.
///
/// ```
/// let ticks = instanter_counter::relaxed();
/// assert_ne!(ticks, 0);
/// ```
#[inline(always)]
#[must_use]
pub fn relaxed() -> u64 {
    Relaxed.read()
}

/// `ordered()` — Returns the counter, read after every load that precedes it.
///
/// In ticks. A value read after an acquire load is never smaller than one that
/// was read and published before the matching release store.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// static PUBLISHED: AtomicU64 = AtomicU64::new(0);
/// std::thread::spawn(|| PUBLISHED.store(instanter_counter::ordered(), Ordering::Release));
/// let seen = PUBLISHED.load(Ordering::Acquire);
/// assert!(instanter_counter::ordered() >= seen);
/// ```
#[inline(always)]
#[must_use]
pub fn ordered() -> u64 {
    Ordered.order();
    Ordered.read()
}

/// `frequency()` — Returns the counter's frequency where the CPU states it.
///
/// In hertz. `None` where the CPU has no architectural way to tell user space
/// (most x86-64 processors in virtual machines, RISC-V, POWER); the kernel's
/// `mult` and `shift` then say it better than any measurement would.
///
/// ```
/// if let Some(hz) = instanter_counter::frequency() {
///     assert!(hz > 1_000);
/// }
/// ```
#[must_use]
pub fn frequency() -> Option<u64> {
    cpu::frequency()
}

/// A way to take the counter, in two steps, so that a reader can put the loads
/// that it needs anyway between them.
///
/// [`Ordered`] and [`Relaxed`] are the two ways of this crate. A closure is one
/// as well: it has no first step.
pub trait Counter {
    /// Makes [`read`](Counter::read) come after every load before this point.
    #[inline(always)]
    fn order(&self) {}

    /// Returns the counter, in ticks.
    fn read(&self) -> u64;
}

impl<F: Fn() -> u64> Counter for F {
    #[inline(always)]
    fn read(&self) -> u64 {
        self()
    }
}

/// Takes the counter as [`ordered`] does.
///
/// ```
/// use instanter_counter::{Counter, Ordered};
/// Ordered.order();
/// assert_ne!(Ordered.read(), 0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Ordered;

/// Takes the counter as [`relaxed`] does.
#[derive(Clone, Copy, Debug, Default)]
pub struct Relaxed;
