//! Comparing a candidate page with the kernel's answers.

use core::fmt;

use super::reader::load;
use super::{Frame, Layout, Mode, Reader, Trouble, base};
use crate::Timespec;
use crate::proof::{Disagreement, Outside, ROUNDS, undisturbed};

/// Where a page might be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Start of the data, a page boundary.
    pub start: *const u8,
    /// Bytes in a page.
    pub page_size: usize,
    /// How it might be laid out.
    pub layout: &'static Layout,
}

impl Place {
    /// Returns the place that a layout means before a vDSO at address `vdso`, or
    /// `None` where there is no room before it.
    #[must_use]
    pub fn before_vdso(vdso: usize, page_size: usize, layout: &'static Layout) -> Option<Place> {
        let start = vdso.checked_sub(layout.pages_before_vdso.checked_mul(page_size)?)?;
        (start != 0).then_some(Place {
            start: core::ptr::with_exposed_provenance(start),
            page_size,
            layout,
        })
    }

    /// Returns the address of the word at `offset` bytes into the first record.
    pub(super) fn word(&self, offset: usize) -> *const u64 {
        self.start.wrapping_add(self.layout.record + offset).cast()
    }

    /// Returns the addresses of the first record and of its `mult`.
    pub(super) fn record(&self) -> (*const u64, *const u64) {
        (self.word(0), self.word(self.layout.shape.mult()))
    }

    /// # Safety
    /// The place must be readable.
    pub(super) unsafe fn hrtimer_res(&self) -> u32 {
        // Aligned to eight bytes in every layout; the high half is padding.
        // SAFETY: the caller's.
        (unsafe { load(self.word(self.layout.hrtimer_res)) }) as u32
    }

    /// Returns where the real page is when this one holds a time namespace's
    /// offsets: the kernel exchanges the two.
    pub(super) fn behind_namespace(&self) -> Option<Place> {
        let pages = self.layout.namespace_page?;
        Some(Place { start: self.start.wrapping_add(pages * self.page_size), ..*self })
    }
}

/// Why a page was not trusted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The page could not be read.
    Trouble(Trouble),
    /// A field has a value that no kernel writes.
    Nonsense {
        /// The field.
        field: &'static str,
        /// Its value.
        value: u64,
    },
    /// The page's timer resolution is not the one that the kernel tells.
    Resolution {
        /// Nanoseconds on the page.
        page: u32,
        /// Nanoseconds from `clock_getres`.
        kernel: u32,
    },
    /// The page disagrees with the kernel.
    Outside(Outside),
    /// The kernel did not answer for this clock, so nothing can be compared.
    NoAnswer {
        /// Index of the clock among the [`base`]s.
        clock: usize,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Trouble(trouble) => trouble.fmt(f),
            Refusal::Nonsense { field, value } => {
                write!(f, "no kernel writes {value:#x} as {field}")
            }
            Refusal::Resolution { page, kernel } => {
                write!(f, "it says that timers resolve {page} ns, the kernel says {kernel} ns")
            }
            Refusal::Outside(outside) => outside.fmt(f),
            Refusal::NoAnswer { clock } => {
                write!(f, "the kernel gives no answer for clock {clock} to compare with")
            }
        }
    }
}

impl core::error::Error for Refusal {}

impl From<Trouble> for Refusal {
    fn from(trouble: Trouble) -> Refusal {
        Refusal::Trouble(trouble)
    }
}

impl From<Disagreement<Trouble>> for Refusal {
    fn from(disagreement: Disagreement<Trouble>) -> Refusal {
        match disagreement {
            Disagreement::Page(trouble) => Refusal::Trouble(trouble),
            Disagreement::Outside(outside) => Refusal::Outside(outside),
            Disagreement::NoAnswer { clock } => Refusal::NoAnswer { clock },
        }
    }
}

/// What was found out about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The layout.
    pub layout: &'static Layout,
    /// What the fine clocks count.
    pub mode: Mode,
    /// Whether the fine clocks were proved (else the coarse ones only).
    pub fine: bool,
    /// Comparisons made.
    pub comparisons: u32,
    /// The narrowest pair of kernel answers that a fine reading fell between,
    /// in nanoseconds.
    pub narrowest_ns: u64,
}

const FINE: [usize; 5] =
    [base::REALTIME, base::MONOTONIC, base::MONOTONIC_RAW, base::BOOTTIME, base::TAI];
const COARSE: [usize; 2] = [base::REALTIME_COARSE, base::MONOTONIC_COARSE];

/// Compares the page at `place` with the kernel's answers and, where it agrees
/// each time, lets `reader` use it.
///
/// `kernel` answers for a clock id; `resolution` is what `clock_getres` says of
/// the monotonic clock, in nanoseconds, where it is known. The two coarse clocks
/// are compared in every mode, the five fine ones where the page counts the
/// CPU's counter.
///
/// # Errors
/// A [`Refusal`] says which value gave the page away. The reader is unchanged
/// then.
///
/// # Safety
/// As for [`Frame::read`], now and for as long as `reader` is used; and a reader
/// must be given one place only, ever.
pub unsafe fn prove(
    reader: &Reader,
    place: Place,
    counter: impl Fn() -> u64,
    mut kernel: impl FnMut(usize) -> Option<Timespec>,
    resolution: Option<u32>,
) -> Result<Proof, Refusal> {
    let (proof, frame) = undisturbed(
        // SAFETY: the caller's.
        || unsafe { compare_all(place, &counter, &mut kernel, resolution) },
        |refusal| matches!(refusal, Refusal::Outside(_)),
    )?;
    // SAFETY: the caller's.
    unsafe { reader.adopt(place, proof.fine.then_some(&frame)) };
    Ok(proof)
}

/// Lets `reader` use the page at `place`, whose layout is known because its keeper
/// states it, as no kernel does.
///
/// Nothing is compared: a keeper's clocks need not be the kernel's. What it shows must
/// be a line, though, and one that counts the CPU's counter.
///
/// # Errors
/// [`Refusal::Trouble`] with [`Trouble::Mode`] where it does not, [`Trouble::Busy`]
/// where nobody finishes an update; [`Refusal::Nonsense`].
///
/// # Safety
/// As for [`prove`].
pub unsafe fn trust(
    reader: &Reader,
    place: Place,
    counter: impl Fn() -> u64,
) -> Result<Proof, Refusal> {
    // SAFETY: the caller's.
    let frame = unsafe { Frame::read(place, counter) }?;
    let mode = Mode::of(frame.mode, place.layout.cpu);
    if mode != Mode::Counter {
        return Err(Trouble::Mode(frame.mode).into());
    }
    plausible(&frame)?;
    // SAFETY: the caller's.
    unsafe { reader.adopt(place, Some(&frame)) };
    Ok(Proof { layout: place.layout, mode, fine: true, comparisons: 0, narrowest_ns: u64::MAX })
}

/// # Safety
/// As for `Frame::read`.
unsafe fn compare_all(
    place: Place,
    counter: &impl Fn() -> u64,
    kernel: &mut impl FnMut(usize) -> Option<Timespec>,
    resolution: Option<u32>,
) -> Result<(Proof, Frame), Refusal> {
    // SAFETY: the caller's.
    let first = unsafe { Frame::read(place, counter) }?;
    let mode = Mode::of(first.mode, place.layout.cpu);
    if let Some(kernel) = resolution
        && kernel != first.hrtimer_res
    {
        return Err(Refusal::Resolution { page: first.hrtimer_res, kernel });
    }
    let fine = mode == Mode::Counter;
    if fine {
        plausible(&first)?;
    }
    let mut proof =
        Proof { layout: place.layout, mode, fine, comparisons: 0, narrowest_ns: u64::MAX };
    for _ in 0..ROUNDS {
        for clock in COARSE {
            // SAFETY: the caller's.
            unsafe { compare(place, counter, kernel, clock) }?;
            proof.comparisons += 1;
        }
        for clock in FINE.into_iter().filter(|_| fine) {
            // SAFETY: the caller's.
            let width = unsafe { compare(place, counter, kernel, clock) }?;
            proof.comparisons += 1;
            proof.narrowest_ns = proof.narrowest_ns.min(width);
        }
    }
    Ok((proof, first))
}

/// Compares one clock once. Returns how far apart the kernel's answers were.
///
/// # Safety
/// As for `Frame::read`.
unsafe fn compare(
    place: Place,
    counter: &impl Fn() -> u64,
    kernel: &mut impl FnMut(usize) -> Option<Timespec>,
    clock: usize,
) -> Result<u64, Refusal> {
    // SAFETY: the caller's.
    let page = || unsafe { Frame::read(place, counter) }.map(|frame| frame.clock(clock));
    Ok(crate::proof::compare(clock, 1, page, kernel)?)
}

/// Refuses what no kernel writes, so that a comparison is not fed nonsense.
fn plausible(frame: &Frame) -> Result<(), Refusal> {
    let nonsense = |field, value| Err(Refusal::Nonsense { field, value });
    for record in [&frame.disciplined, &frame.raw] {
        let line = record.line;
        if line.mult == 0 {
            return nonsense("mult", 0);
        }
        // `clocks_calc_mult_shift` starts at 32 and counts down.
        if line.shift == 0 || line.shift > 32 {
            return nonsense("shift", u64::from(line.shift));
        }
        // CLOCKSOURCE_MASK: all ones from the bottom up.
        if line.mask == 0 || line.mask & line.mask.wrapping_add(1) != 0 {
            return nonsense("mask", line.mask);
        }
    }
    Ok(())
}
