//! A leap second, inserted at the end of a day.

use crate::agreement::{self, Disagreement};
use crate::console::Report;
use crate::kernel;
use crate::library::{self, CLOCKS, Clock};
use core::fmt;
use instanter_clock::{Adjustment, Leap};

/// `STA_INS`: insert one at the end of the UTC day.
const INSERT: u32 = 0x0010;
/// `STA_PLL`.
const PLL: u32 = 0x0001;
/// Midnight after 2026-12-31, in seconds since 1970.
const MIDNIGHT: i128 = 1_798_761_600;
const SECOND: i128 = 1_000_000_000;
/// The longest that a tick may be late, in an emulator on a busy machine.
const TICK: i128 = 900_000_000;
/// TAI minus UTC before.
const TAI: i32 = 37;
/// No longer than this, from two seconds before midnight to one after it.
const LONGEST: i128 = 10 * SECOND;

enum Wrong {
    Library(instanter_clock::Error),
    Kernel(syscalls::Errno),
    Clock(&'static str, Disagreement),
    /// What was seen, and what was expected.
    Differs(&'static str, i128, i128),
    Never(&'static str, Leap),
}

impl From<instanter_clock::Error> for Wrong {
    fn from(error: instanter_clock::Error) -> Wrong {
        Wrong::Library(error)
    }
}

impl From<syscalls::Errno> for Wrong {
    fn from(error: syscalls::Errno) -> Wrong {
        Wrong::Kernel(error)
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Library(error) => write!(f, "{error}"),
            Wrong::Kernel(error) => write!(f, "the kernel: {error}"),
            Wrong::Clock(name, error) => write!(f, "{name}: {error}"),
            Wrong::Differs(what, got, want) => write!(f, "{what} {got}, expected {want}"),
            Wrong::Never(what, state) => write!(f, "{what} never came, {state}"),
        }
    }
}

/// Inserts one, and sets the clock back to where it was.
pub fn second(report: &mut Report) {
    let wall = Clock::REALTIME.id();
    let before =
        kernel::clock(wall).and_then(|wall| Ok((wall, kernel::clock(Clock::MONOTONIC.id())?)));
    // A machine that has more to do may let the emulator sleep through the second.
    let mut outcome = inserted();
    for _ in 0..2 {
        if let Err(Wrong::Never(..)) = outcome {
            outcome = inserted();
        }
    }
    match outcome {
        Ok((readings, during)) => {
            report.ok(format_args!("leap second: {readings} readings, {during} during 23:59:60"))
        }
        Err(wrong) => report.not_ok(format_args!("leap second: {wrong}")),
    }
    let calm = Clock::REALTIME.adjust(Adjustment::new().status(0));
    let back = before.and_then(|(wall_then, then)| {
        kernel::set_clock(wall, wall_then + kernel::clock(Clock::MONOTONIC.id())? - then)
    });
    if calm.is_err() || back.is_err() {
        report.not_ok(format_args!("leap second ended: {calm:?}, {back:?}"));
    }
}

/// `later` minus `earlier` by the library, once, where the kernel's tick does
/// not fall between the two.
fn apart(later: Clock, earlier: Clock) -> Result<i128, Wrong> {
    let mut closest = None;
    for _ in 0..20 {
        let before = library::now(earlier)?;
        let between = library::now(later)?;
        let took = library::now(earlier)? - before;
        if closest.is_none_or(|(shortest, _)| took < shortest) {
            closest = Some((took, between - before));
        }
    }
    Ok(closest.map_or(0, |(_, apart)| apart))
}

/// The length of one reading in an emulator, generously: what two clocks that are
/// a fixed time apart may seem to be.
const BLURRED: i128 = 50_000_000;

fn ensure(what: &'static str, got: i128, want: i128, within: i128) -> Result<(), Wrong> {
    if (got - want).abs() <= within { Ok(()) } else { Err(Wrong::Differs(what, got, want)) }
}

/// Returns the comparisons, and how many of them were in the second itself.
fn inserted() -> Result<(u64, u64), Wrong> {
    // Switching the loop off forgets an earlier leap second.
    Clock::REALTIME.adjust(Adjustment::new().status(PLL))?;
    Clock::REALTIME.adjust(Adjustment::new().status(0).tai_s(TAI))?;
    kernel::set_clock(Clock::REALTIME.id(), (MIDNIGHT - 2) * SECOND)?;
    // A clock that was set is uncertain, and the state of an uncertain clock is
    // that alone.
    Clock::REALTIME.adjust(Adjustment::new().status(INSERT).max_error_us(0))?;
    let start = library::now(Clock::MONOTONIC)?;
    let wall_before = apart(Clock::REALTIME, Clock::MONOTONIC)?;
    let tai_before = apart(Clock::TAI, Clock::MONOTONIC)?;
    ensure("TAI minus UTC before", tai_before - wall_before, i128::from(TAI) * SECOND, BLURRED)?;
    let (mut readings, mut during) = (0, 0);
    let mut last_tai = 0;
    loop {
        let earlier = Clock::REALTIME.discipline()?;
        for clock in CLOCKS {
            agreement::once(clock).map_err(|error| Wrong::Clock(library::name(clock), error))?;
            readings += 1;
        }
        let tai = library::now(Clock::TAI)?;
        if tai < last_tai {
            return Err(Wrong::Differs("TAI goes back to", tai, last_tai));
        }
        last_tai = tai;
        let state = Clock::REALTIME.discipline()?.leap;
        let within = earlier.leap == Leap::InProgress && state == Leap::InProgress;
        if within {
            during += CLOCKS.len() as u64;
            // The day's last second, again. The kernel inserts it at a tick, until
            // which the next day seems to have begun.
            let wall = library::now(Clock::REALTIME)?;
            let still = Clock::REALTIME.discipline()?.leap == Leap::InProgress;
            let last_second = (MIDNIGHT - 1) * SECOND..MIDNIGHT * SECOND + TICK;
            if still && !last_second.contains(&wall) {
                return Err(Wrong::Differs("wall", wall, last_second.start));
            }
        }
        if state == Leap::Occurred {
            break;
        }
        if library::now(Clock::MONOTONIC)? - start > LONGEST {
            return Err(Wrong::Never("the next day", state));
        }
    }
    if during == 0 {
        return Err(Wrong::Never("a reading in the leap second", Leap::Occurred));
    }
    let wall_after = apart(Clock::REALTIME, Clock::MONOTONIC)?;
    let tai_after = apart(Clock::TAI, Clock::MONOTONIC)?;
    ensure("wall moved by", wall_after - wall_before, -SECOND, BLURRED)?;
    ensure("TAI moved by", tai_after - tai_before, 0, BLURRED)?;
    let told = Clock::REALTIME.discipline()?.tai_s;
    ensure("TAI minus UTC told", told.into(), (TAI + 1).into(), 0)?;
    Ok((readings, during))
}
