//! What was measured on a machine, before anybody judges it.

use instanter_clock::Source;

/// What readings of the clocks cost, from one run.
#[derive(Clone, Debug)]
pub(crate) struct Costs {
    /// The bare counter, ordered, in nanoseconds.
    pub(crate) counter_ns: f64,
    /// The wall clock by system call.
    pub(crate) syscall_ns: f64,
    /// The wall clock as programs read it: the C library's function.
    pub(crate) program_ns: f64,
    /// Each clock as this program reads it.
    pub(crate) clocks: Vec<ClockCost>,
}

/// One clock.
#[derive(Clone, Debug)]
pub(crate) struct ClockCost {
    /// The kernel's name.
    pub(crate) name: String,
    /// Who serves it.
    pub(crate) source: Source,
    /// Why nobody faster does.
    pub(crate) why_not: Option<String>,
    /// Nanoseconds a read.
    pub(crate) ns: f64,
}

impl Costs {
    /// How many times the bare counter a program pays for the time.
    pub(crate) fn ratio(&self) -> f64 {
        self.program_ns / self.counter_ns
    }

    /// Whether the function in user space enters the kernel: then it costs what the
    /// system call costs, and a little more.
    pub(crate) fn enters_the_kernel(&self) -> bool {
        self.program_ns > 0.75 * self.syscall_ns
    }
}

/// What the CPU says of its counter.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counter {
    /// What it is called: TSC, CNTVCT, …
    pub(crate) name: String,
    /// Whether it goes at one rate in all states of the CPU, as the CPU says; `None`
    /// where the architecture leaves no choice.
    pub(crate) invariant: Option<bool>,
    /// Its frequency as the CPU or the hypervisor says, in hertz.
    pub(crate) stated_hz: Option<f64>,
    /// Its frequency by the kernel's clock, in hertz.
    pub(crate) kernel_hz: Option<f64>,
    /// Who runs this machine, if it is virtual.
    pub(crate) hypervisor: Option<String>,
}

/// The vDSO of this process.
#[derive(Clone, Debug, Default)]
pub(crate) struct Image {
    /// Where the auxiliary vector says it is.
    pub(crate) told: Option<usize>,
    /// Where the kernel mapped it.
    pub(crate) mapped: Option<usize>,
    /// Why its functions cannot be used.
    pub(crate) problem: Option<String>,
    /// The source to which this process is pinned, if it is.
    pub(crate) pinned: Option<Source>,
}

/// What all CPUs saw while they read the time at once.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Stress {
    /// CPUs that took part.
    pub(crate) cpus: usize,
    /// Readings.
    pub(crate) reads: u64,
    /// How long it took, in seconds.
    pub(crate) seconds: f64,
    /// Readings of the wall clock below one that was published before.
    pub(crate) wall: Backward,
    /// The same of the monotonic clock.
    pub(crate) monotonic: Backward,
    /// Whether somebody stepped the clock meanwhile.
    pub(crate) stepped: bool,
}

/// Backward steps of a clock.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Backward {
    pub(crate) steps: u64,
    /// The longest, in nanoseconds.
    pub(crate) worst_ns: u64,
}

/// The steps in which clocks go, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Granularity {
    /// What `clock_getres` says of the monotonic clock.
    pub(crate) resolution_ns: u64,
    /// What it says of the coarse one: the tick.
    pub(crate) tick_ns: u64,
    /// The smallest difference seen between two readings.
    pub(crate) step_ns: u64,
    /// The differences that are zero: readings at which the clock stood, of all.
    pub(crate) standing: (u32, u32),
}

/// How fast clocks went beside each other for a while.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rates {
    /// How long, in seconds.
    pub(crate) seconds: f64,
    /// The monotonic clock against the raw one, in parts per million: how it is
    /// steered.
    pub(crate) monotonic_ppm: f64,
    /// How much the wall clock gained on the monotonic one, in nanoseconds: it was
    /// stepped.
    pub(crate) stepped_ns: i64,
}
