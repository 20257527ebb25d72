//! Clocks that a program brings: for systems that this crate does not know, and programs
//! without an operating system.
//!
//! A kernel, a unikernel, firmware, or a WebAssembly module whose host offers functions of
//! its own calls [`bring`] once, before the first reading. Until then every reading is an
//! [`Error`](crate::Error) that says that the clock is not on this system. In a browser the
//! feature `js` brings `Date.now()` and `performance.now()`, and nothing is to be done.
//!
//! ```no_run
//! # fn main() {
//! # #[cfg(target_os = "none")] {
//! use instanter_clock::Timespec;
//! use instanter_clock::embedder::{Clocks, bring};
//!
//! fn since_reset() -> Option<Timespec> {
//!     # const TICKS: u64 = 0;
//!     Some(Timespec::from_nanos(i128::from(TICKS) * 20))
//! }
//!
//! static CLOCKS: Clocks = Clocks {
//!     realtime: || None, // nobody told this machine the date
//!     monotonic: since_reset,
//!     realtime_resolution: Timespec { sec: 0, nsec: 20 },
//!     monotonic_resolution: Timespec { sec: 0, nsec: 20 },
//!     sleep: None,
//! };
//! bring(&CLOCKS);
//! # }
//! # }
//! ```

use instanter_page::Timespec;

/// Functions that tell the time.
#[derive(Clone, Copy, Debug)]
pub struct Clocks {
    /// The wall clock: since 1970-01-01 00:00:00 UTC. `None` where it is not known now.
    pub realtime: fn() -> Option<Timespec>,
    /// A clock that never goes back, since any moment. `None` where there is none now.
    pub monotonic: fn() -> Option<Timespec>,
    /// The smallest step of the wall clock.
    pub realtime_resolution: Timespec,
    /// The smallest step of the monotonic clock.
    pub monotonic_resolution: Timespec,
    /// Waits for about a length of time: it may return early, and is called again with what
    /// is left. `None` where nobody may wait.
    pub sleep: Option<fn(Timespec)>,
}

/// `bring(clocks)` — Makes these the clocks of the program, for all its threads. The last
/// ones brought are in force.
pub fn bring(clocks: &'static Clocks) {
    crate::sys::bring(clocks);
}
