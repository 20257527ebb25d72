//! The clocks' rate, changed by `adjtimex` in all its ways.

use crate::agreement;
use crate::console::Report;
use crate::library::{self, CLOCKS, Clock};
use core::fmt;
use instanter_clock::Adjustment;

/// `STA_PLL`: an offset is slewed by the phase-locked loop.
const PLL: u32 = 0x0001;
/// How long each rate is looked at.
const LOOK: i128 = 400_000_000;
/// And how often, until it is what it must be.
const LOOKS: u32 = 5;
/// How long it may take to be in force: until the next tick, or, where the loop
/// has to begin with it, until the next second.
const NEXT_TICK: i128 = 60_000_000;
const NEXT_SECOND: i128 = 1_060_000_000;
/// Parts per million of 2^-16.
const PPM: i64 = 1 << 16;

/// How a rate is changed, and to what, in parts per million of the raw clock's.
struct Slew {
    name: &'static str,
    change: Adjustment,
    in_force: i128,
    rate_ppm: i128,
}

/// As close as clock sources of a few milliseconds let us see.
const WITHIN_PPM: i128 = 20_000;

const SLEWS: [Slew; 5] = [
    Slew {
        name: "tick 11000",
        change: Adjustment::new().tick_us(11_000),
        in_force: NEXT_TICK,
        rate_ppm: 100_000,
    },
    Slew {
        name: "tick 9000",
        change: Adjustment::new().tick_us(9_000),
        in_force: NEXT_TICK,
        rate_ppm: -100_000,
    },
    Slew {
        name: "frequency +500 ppm",
        change: Adjustment::new().tick_us(10_000).frequency(500 * PPM),
        in_force: NEXT_TICK,
        rate_ppm: 500,
    },
    Slew {
        name: "frequency -500 ppm",
        change: Adjustment::new().frequency(-500 * PPM),
        in_force: NEXT_TICK,
        rate_ppm: -500,
    },
    Slew {
        name: "offset +400 ms",
        change: Adjustment::new().frequency(0).status(PLL).slew_ns(400_000_000),
        in_force: NEXT_SECOND,
        // The loop's time constant is 2: each second a 2^(2+2)th of what is left.
        rate_ppm: 25_000,
    },
];

/// Every rate, then the kernel's own again.
pub fn all(report: &mut Report) {
    for slew in &SLEWS {
        match under(slew) {
            Ok(ppm) => report.ok(format_args!("slew by {}: {ppm} ppm", slew.name)),
            Err(wrong) => report.not_ok(format_args!("slew by {}: {wrong}", slew.name)),
        }
    }
    // An offset is forgotten only while the loop is on.
    let still = Adjustment::new().tick_us(10_000).frequency(0).slew_ns(0);
    for rest in [still, Adjustment::new().status(0)] {
        if let Err(error) = Clock::REALTIME.adjust(rest) {
            report.not_ok(format_args!("slew ended: {error}"));
        }
    }
}

enum Wrong {
    Library(instanter_clock::Error),
    Clock(&'static str, agreement::Disagreement),
    Back(i128, i128),
    Rate(i128),
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Wrong::Library(error) => write!(f, "{error}"),
            Wrong::Clock(name, error) => write!(f, "{name}: {error}"),
            Wrong::Back(now, last) => write!(f, "monotonic {now} after {last}"),
            Wrong::Rate(ppm) => write!(f, "monotonic runs {ppm} ppm faster than raw"),
        }
    }
}

/// Raw and monotonic at one moment, as far as a machine allows that has more to do:
/// of several tries the one that took least.
fn both() -> Result<(i128, i128), Wrong> {
    let now = |clock| library::now(clock).map_err(Wrong::Library);
    let mut closest: Option<(i128, i128, i128)> = None;
    for _ in 0..10 {
        let before = now(Clock::MONOTONIC)?;
        let raw = now(Clock::MONOTONIC_RAW)?;
        let after = now(Clock::MONOTONIC)?;
        if closest.is_none_or(|(took, ..)| after - before < took) {
            closest = Some((after - before, raw, after));
        }
    }
    Ok(closest.map_or((0, 0), |(_, raw, after)| (raw, after)))
}

/// All clocks agree meanwhile, monotonic never goes back, and it runs as it was
/// told to. Returns by how many parts per million it was faster than raw.
fn under(slew: &Slew) -> Result<i128, Wrong> {
    Clock::REALTIME.adjust(slew.change).map_err(Wrong::Library)?;
    let (set, _) = both()?;
    let mut last = 0;
    let mut settled = None;
    let mut looks = 0;
    loop {
        for clock in CLOCKS {
            agreement::once(clock).map_err(|error| Wrong::Clock(library::name(clock), error))?;
        }
        let now = library::now(Clock::MONOTONIC).map_err(Wrong::Library)?;
        if now < last {
            return Err(Wrong::Back(now, last));
        }
        last = now;
        let (raw, monotonic) = both()?;
        if raw - set < slew.in_force {
            continue;
        }
        let (from_raw, from) = *settled.get_or_insert((raw, monotonic));
        if raw - from_raw >= LOOK {
            let ppm = (monotonic - from) * 1_000_000 / (raw - from_raw) - 1_000_000;
            if (ppm - slew.rate_ppm).abs() <= WITHIN_PPM {
                return Ok(ppm);
            }
            // The kernel changes the rate at a tick, which may be late in an emulator.
            looks += 1;
            if looks == LOOKS {
                return Err(Wrong::Rate(ppm));
            }
            settled = None;
        }
    }
}
