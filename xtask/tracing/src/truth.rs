//! What the clocks truly show, by the CPU's counter: nobody sets, slews or suspends this
//! kernel, so each clock is a straight line through one reading of it.

use crate::readings::Reading;
use instanter_counter::{frequency, ordered};
use nix::time::{ClockId, clock_gettime};

/// Clocks as programs name them, and as the kernel numbers them.
const CLOCKS: &[(&str, ClockId)] = &[
    ("REALTIME", ClockId::CLOCK_REALTIME),
    ("MONOTONIC", ClockId::CLOCK_MONOTONIC),
    ("BOOTTIME", ClockId::CLOCK_BOOTTIME),
    ("TAI", ClockId::CLOCK_TAI),
];

/// Nanoseconds by which a right reading may lie outside: kernel, image and program each round
/// to whole ones, and the rate of the kernel's line is a binary fraction.
const ROUNDING: i128 = 500;
/// One more for so many that have passed: what its clock's rate may be off, and more than that.
const ROUNDED_EACH: i128 = 10_000_000;

/// One reading of each clock, by the kernel's own function.
pub struct Truth {
    readings: Vec<Reading>,
    /// Ticks a second.
    frequency: i128,
    /// When this was made.
    ticks: u64,
}

/// A change of the clocks.
#[derive(Clone, Copy)]
pub struct Change {
    /// How many nanoseconds the wall clock is ahead.
    pub ahead: i128,
    /// What it shows at first instead, in nanoseconds.
    pub at: Option<i128>,
    /// How fast all go.
    pub rate: i128,
}

impl Truth {
    pub fn now() -> Result<Truth, String> {
        let frequency = frequency().ok_or("the counter's frequency is not known")?.into();
        let mut readings = Vec::new();
        for (name, id) in CLOCKS {
            // The narrowest of a few: an emulator may be stopped in the middle of one.
            let mut narrowest: Option<Reading> = None;
            for _ in 0..20 {
                let before = ordered();
                let time = clock_gettime(*id).map_err(|error| format!("{name}: {error}"))?;
                let after = ordered();
                let shown = i128::from(time.tv_sec()) * 1_000_000_000 + i128::from(time.tv_nsec());
                let reading = Reading { clock: (*name).to_owned(), before, after, shown };
                if narrowest.as_ref().is_none_or(|other| reading.width() < other.width()) {
                    narrowest = Some(reading);
                }
            }
            readings.extend(narrowest);
        }
        Ok(Truth { readings, frequency, ticks: ordered() })
    }

    /// Nanoseconds from one value of the counter to another one.
    pub fn between(&self, from: u64, to: u64) -> i128 {
        (i128::from(to) - i128::from(from)) * 1_000_000_000 / self.frequency
    }

    /// Compares readings of a program that was started after this, in their order, with what
    /// they must show.
    pub fn compare(&self, readings: &[Reading], change: Change) -> Result<(), String> {
        let Some(start) = readings.first().map(|first| first.before) else { return Ok(()) };
        for reading in readings {
            if reading.before < self.ticks || reading.after < reading.before {
                return Err(format!("{reading}: the counter is not the one of {}", self.ticks));
            }
            if let Some((least, most)) = self.bounds(reading, start, change) {
                within(reading, least, most)?;
            }
            // How far two of the same clock are apart is known best.
            let same = readings.iter().find(|other| other.clock == reading.clock);
            let Some(first) = same.filter(|first| first.before < reading.before) else { continue };
            let passed = self.between(first.before, reading.after);
            let least = first.shown + change.rate * self.between(first.after, reading.before);
            let most = first.shown + change.rate * passed;
            let rounding = rounding(change.rate, passed);
            within(reading, least - rounding, most + rounding)?;
        }
        Ok(())
    }

    /// Nanoseconds from when this was made to a value of the counter.
    pub fn passed(&self, to: u64) -> i128 {
        self.between(self.ticks, to)
    }

    /// Compares readings of a program whose counter is trapped with each other: all clocks go
    /// by its counter. That goes as much faster than the true one, which was `end` afterwards.
    pub fn compare_by_trapped(
        &self,
        readings: &[Reading],
        rate: i128,
        end: u64,
    ) -> Result<(), String> {
        for reading in readings {
            let most = rate * self.passed(end);
            let counted = self.passed(reading.after);
            if reading.before < self.ticks || reading.after < reading.before || counted > most {
                return Err(format!(
                    "{reading}: {counted} ns are counted since {}, and {most} have passed",
                    self.ticks
                ));
            }
            let same = readings.iter().find(|other| other.clock == reading.clock);
            let Some(first) = same.filter(|first| first.before < reading.before) else { continue };
            let least = first.shown + self.between(first.after, reading.before);
            let passed = self.between(first.before, reading.after);
            let rounding = rounding(rate, passed);
            within(reading, least - rounding, first.shown + passed + rounding)?;
        }
        Ok(())
    }

    /// The least and the most that a reading may show; none for a clock whose zero is the
    /// program's own. The clocks were changed after this truth and before the counter's `start`.
    fn bounds(&self, reading: &Reading, start: u64, change: Change) -> Option<(i128, i128)> {
        let truth = self.readings.iter().find(|truth| truth.clock == reading.clock)?;
        let is_wall = matches!(reading.clock.as_str(), "REALTIME" | "TAI");
        let rate = change.rate;
        let fast = rate * self.between(start, reading.before);
        let passed = self.between(truth.before, reading.after);
        let (least, most) = match change.at.filter(|_| is_wall) {
            Some(at) => (at + fast, at + rate * self.between(self.ticks, reading.after)),
            None => {
                let shown = truth.shown + if is_wall { change.ahead } else { 0 };
                (shown + self.between(truth.after, start) + fast, shown + rate * passed)
            }
        };
        let rounding = rounding(rate, passed);
        Some((least - rounding, most + rounding))
    }
}

fn rounding(rate: i128, passed: i128) -> i128 {
    rate * (ROUNDING + passed / ROUNDED_EACH)
}

fn within(reading: &Reading, least: i128, most: i128) -> Result<(), String> {
    let off = if reading.shown < least { reading.shown - least } else { reading.shown - most };
    if reading.shown < least || reading.shown > most {
        return Err(format!("{reading}: off by {off} ns, from {least} to {most} is right"));
    }
    Ok(())
}
