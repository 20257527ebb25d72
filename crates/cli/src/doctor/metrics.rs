//! The names under which figures are known to monitoring, with their units.

/// A metric, by the conventions of Prometheus: base units, and the unit in the
/// name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Metric {
    pub(crate) name: &'static str,
    pub(crate) help: &'static str,
}

/// Every metric, but those of the verdict and its levels. All are gauges: each is
/// what one run of the doctor saw.
pub(crate) const METRICS: &[Metric] = &[
    metric(COUNTER_READ, "What one ordered read of the bare counter of the CPU costs."),
    metric(CLOCK_READ, "What one ordered read of a clock costs this program."),
    metric(PROGRAM_READ, "What a program pays for the wall clock through the C library."),
    metric(SYSCALL_READ, "What the wall clock costs as a system call."),
    metric(CLOCKSOURCE, "The clock source that the kernel counts; always 1."),
    metric(COUNTER_HZ, "Frequency of the CPU's counter as the kernel has it."),
    metric(COHERENCE, "No two counters of CPUs differ by more than this."),
    metric(COHERENCE_CERTAIN, "Two counters of CPUs differ by at least this; 0 is right."),
    metric(BACKWARD, "Readings below one published before, seen in a stress of all CPUs."),
    metric(BACKWARD_WORST, "The longest step backward that was seen."),
    metric(RESOLUTION, "Resolution of a clock as the kernel tells it."),
    metric(STEP, "The smallest step of the monotonic clock that was seen."),
    metric(STEERED, "Rate of the monotonic clock beside the raw one, less 1."),
    metric(SYNCHRONIZED, "Whether somebody keeps the bound of the wall clock's error."),
    metric(MAX_ERROR, "The kernel's bound of the wall clock's error."),
    metric(ESTIMATED_ERROR, "The kernel's estimate of the wall clock's error."),
    metric(OFFSET, "What the kernel has yet to slew the wall clock by."),
    metric(FREQUENCY, "Frequency correction of the wall clock, as a ratio."),
    metric(TAI, "TAI minus UTC as the kernel knows it; 0 where nobody told it."),
    metric(DAEMON, "Whether a program that keeps the time runs."),
    metric(DAEMON_OFFSET, "The wall clock's offset from its source, as that program says."),
    metric(TZDATA, "Versions of the tz database; always 1."),
    metric(LOCALTIME, "What glibc's look at /etc/localtime costs where TZ is not set."),
    metric(RTC, "How far the hardware clock is ahead of the system clock, to a second."),
    metric(LEAP_EXPIRY, "When the table of leap seconds expires, in Unix time."),
];

const fn metric(name: &'static str, help: &'static str) -> Metric {
    Metric { name, help }
}

pub(crate) const COUNTER_READ: &str = "instanter_hwcounter_read_seconds";
pub(crate) const CLOCK_READ: &str = "instanter_clock_read_seconds";
pub(crate) const PROGRAM_READ: &str = "instanter_program_read_seconds";
pub(crate) const SYSCALL_READ: &str = "instanter_syscall_read_seconds";
pub(crate) const CLOCKSOURCE: &str = "instanter_clocksource_info";
pub(crate) const COUNTER_HZ: &str = "instanter_hwcounter_frequency_hertz";
pub(crate) const COHERENCE: &str = "instanter_hwcounter_coherence_bound_seconds";
pub(crate) const COHERENCE_CERTAIN: &str = "instanter_hwcounter_difference_seconds";
pub(crate) const BACKWARD: &str = "instanter_clock_backward_steps";
pub(crate) const BACKWARD_WORST: &str = "instanter_clock_backward_worst_seconds";
pub(crate) const RESOLUTION: &str = "instanter_clock_resolution_seconds";
pub(crate) const STEP: &str = "instanter_clock_step_seconds";
pub(crate) const STEERED: &str = "instanter_clock_steered_ratio";
pub(crate) const SYNCHRONIZED: &str = "instanter_clock_synchronized";
pub(crate) const MAX_ERROR: &str = "instanter_clock_max_error_seconds";
pub(crate) const ESTIMATED_ERROR: &str = "instanter_clock_estimated_error_seconds";
pub(crate) const OFFSET: &str = "instanter_clock_offset_seconds";
pub(crate) const FREQUENCY: &str = "instanter_clock_frequency_correction_ratio";
pub(crate) const TAI: &str = "instanter_clock_tai_offset_seconds";
pub(crate) const DAEMON: &str = "instanter_time_daemon_running";
pub(crate) const DAEMON_OFFSET: &str = "instanter_time_daemon_offset_seconds";
pub(crate) const TZDATA: &str = "instanter_tzdata_info";
pub(crate) const LOCALTIME: &str = "instanter_localtime_lookup_seconds";
pub(crate) const RTC: &str = "instanter_rtc_ahead_seconds";
pub(crate) const LEAP_EXPIRY: &str = "instanter_leap_seconds_expiry_timestamp_seconds";
