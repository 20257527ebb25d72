//! The whole page, copied under one sequence number and evaluated exactly.

use core::fmt;
use core::sync::atomic::{Ordering, fence};

use super::reader::{MODE_NAMESPACE, load, mix_epoch};
use super::{Place, base};
use crate::{Line, Timespec};

/// How often a frame is tried before the page counts as stuck. The kernel writes
/// for well under a microsecond, but the CPU that writes may be a virtual one
/// that its host has put aside; a system call is the better wait then.
const TRIES: u32 = 100_000;

/// The clock mode: what the fine clocks count.
///
/// ```
/// use instanter_page::linux::{Cpu, Mode};
/// assert_eq!(Mode::of(0, Cpu::X86_64), Mode::Unreadable);
/// assert_eq!(Mode::of(1, Cpu::X86_64), Mode::Counter);
/// assert_eq!(Mode::of(2, Cpu::X86_64).to_string(), "a clock of the hypervisor (mode 2)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// The kernel's clock source cannot be read from user space.
    Unreadable,
    /// The CPU's own counter.
    Counter,
    /// A counter that a hypervisor's page corrects.
    Hypervisor(u32),
    /// A time namespace's offsets, not a clock at all.
    Namespace,
}

impl Mode {
    /// Returns the meaning of a clock mode on a CPU.
    #[must_use]
    pub fn of(mode: u32, cpu: super::Cpu) -> Mode {
        match mode {
            0 => Mode::Unreadable,
            MODE_NAMESPACE => Mode::Namespace,
            _ if cpu.counter_modes().contains(&mode) => Mode::Counter,
            _ => Mode::Hypervisor(mode),
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mode::Unreadable => f.write_str("a clock source that user space cannot read (mode 0)"),
            Mode::Counter => f.write_str("the CPU's counter"),
            Mode::Hypervisor(mode) => write!(f, "a clock of the hypervisor (mode {mode})"),
            Mode::Namespace => f.write_str("the offsets of a time namespace"),
        }
    }
}

/// Why a read of the page gave no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// No page has been proved.
    NotProved,
    /// The sequence number stayed odd, or moved during every try.
    Busy {
        /// The number last seen.
        sequence: u32,
    },
    /// The clock mode is not the proved one.
    Mode(u32),
    /// `mult` or `shift` is too far from the proved one.
    Rate {
        /// The `mult` found.
        mult: u32,
        /// The `shift` found.
        shift: u32,
    },
    /// The page says that the process is in a time namespace, and the layout
    /// has no page for that.
    Namespace,
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Trouble::NotProved => f.write_str("no page has been proved"),
            Trouble::Busy { sequence } => {
                write!(f, "the page kept changing (sequence number {sequence})")
            }
            Trouble::Mode(0) => {
                f.write_str("the kernel's clock source cannot be read from user space")
            }
            Trouble::Mode(mode) => write!(f, "the page counts something else (clock mode {mode})"),
            Trouble::Rate { mult, shift } => {
                write!(f, "the rate is not the proved one (mult {mult}, shift {shift})")
            }
            Trouble::Namespace => f.write_str("a time namespace hides the page"),
        }
    }
}

impl core::error::Error for Trouble {}

/// One record of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record {
    /// The line.
    pub line: Line,
    /// Seconds, and nanoseconds shifted left by the line's `shift` (the coarse
    /// clocks' are not), of each clock at the line's origin.
    pub bases: [(i64, u64); base::COUNT],
}

/// The page at one moment, and the counter's value then.
///
/// ```no_run
/// # let reader = instanter_page::linux::Reader::new();
/// use instanter_page::linux::base;
/// let frame = reader.frame(instanter_counter::ordered)?;
/// let wall = frame.clock(base::REALTIME);
/// let uptime = frame.clock(base::BOOTTIME);
/// println!("{wall} is {uptime} after boot, at counter value {}", frame.counter);
/// # Ok::<(), instanter_page::linux::Trouble>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Frame {
    /// The counter, read while the sequence number stood still.
    pub counter: u64,
    /// The sequence number.
    pub sequence: u32,
    /// The clock mode: see [`Mode`].
    pub mode: u32,
    /// The clocks that NTP disciplines.
    pub disciplined: Record,
    /// The raw clock, which nothing disciplines.
    pub raw: Record,
    /// What the process's time namespace adds to each clock, if it is in one.
    pub namespace: Option<[Timespec; base::COUNT]>,
    /// The kernel's timer resolution in nanoseconds.
    pub hrtimer_res: u32,
}

impl Frame {
    /// Copies the page at `place` while its sequence number stands still.
    ///
    /// # Errors
    /// [`Trouble::Busy`] where it never does, [`Trouble::Namespace`].
    ///
    /// # Safety
    /// The first [`Layout::length`](super::Layout::length) bytes at
    /// `place.start` must be readable, and as many on the layout's namespace
    /// page where the first page is one of a time namespace.
    pub unsafe fn read(place: Place, counter: impl Fn() -> u64) -> Result<Frame, Trouble> {
        // SAFETY: the caller's.
        unsafe {
            let (own, _) = place.record();
            if (load(own) >> 32) as u32 != MODE_NAMESPACE {
                return read_page(place, counter);
            }
            let real = place.behind_namespace().ok_or(Trouble::Namespace)?;
            let mut frame = read_page(real, counter)?;
            let offsets = bases_at(place, 0);
            frame.namespace = Some(offsets.map(|(sec, nsec)| Timespec::new(sec, nsec as u32)));
            Ok(frame)
        }
    }

    /// Returns what [`Reader::epoch`](super::Reader::epoch) returns while the
    /// clocks stand to each other as they do in this frame.
    #[must_use]
    pub fn epoch(&self, generation: u64) -> u64 {
        let Record { line, bases } = &self.disciplined;
        mix_epoch(|index| bases[index], line.shift, generation)
    }

    /// Returns a clock of this moment, by its index among the [`base`]s.
    ///
    /// Zero for an index that is no clock of the page.
    #[must_use]
    pub fn clock(&self, index: usize) -> Timespec {
        let record = if index == base::MONOTONIC_RAW { &self.raw } else { &self.disciplined };
        let Some(&(sec, nsec)) = record.bases.get(index) else { return Timespec::default() };
        let here = match index {
            base::REALTIME_COARSE | base::MONOTONIC_COARSE => Timespec::new(sec, nsec as u32),
            _ => record.line.at(self.counter, sec, nsec),
        };
        match self.namespace {
            Some(offsets) => here.shifted_by(offsets[index]),
            None => here,
        }
    }
}

/// # Safety
/// As for `Frame::read`, without the namespace.
unsafe fn read_page(place: Place, counter: impl Fn() -> u64) -> Result<Frame, Trouble> {
    let (head, _) = place.record();
    let mut before = 0;
    for _ in 0..TRIES {
        // SAFETY: the caller's.
        unsafe {
            before = load(head);
            if before & 1 == 0 {
                fence(Ordering::Acquire);
                let frame = Frame {
                    counter: counter(),
                    sequence: before as u32,
                    mode: (before >> 32) as u32,
                    disciplined: record_at(place, 0),
                    raw: record_at(place, place.layout.stride),
                    namespace: None,
                    hrtimer_res: place.hrtimer_res(),
                };
                fence(Ordering::Acquire);
                if load(head) == before {
                    return Ok(frame);
                }
            }
        }
        core::hint::spin_loop();
    }
    Err(Trouble::Busy { sequence: before as u32 })
}

/// # Safety
/// As for `read_page`.
unsafe fn record_at(place: Place, offset: usize) -> Record {
    let shape = place.layout.shape;
    // SAFETY: the caller's.
    unsafe {
        let rate = load(place.word(offset + shape.mult()));
        Record {
            line: Line {
                origin: load(place.word(offset + 8)),
                mult: rate as u32,
                shift: (rate >> 32) as u32,
                mask: load(place.word(offset + shape.mask())),
            },
            bases: bases_at(place, offset),
        }
    }
}

/// # Safety
/// As for `read_page`.
unsafe fn bases_at(place: Place, offset: usize) -> [(i64, u64); base::COUNT] {
    let first = offset + place.layout.shape.bases();
    core::array::from_fn(|index| {
        // SAFETY: the caller's; a record has COUNT bases.
        unsafe {
            (load(place.word(first + 16 * index)) as i64, load(place.word(first + 16 * index + 8)))
        }
    })
}
