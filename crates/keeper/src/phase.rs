//! A point in time, finer than a nanosecond.

use instanter_page::Timespec;

/// Nanoseconds in a second.
pub(crate) const NANOS: u64 = 1_000_000_000;

/// Fraction bits of a nanosecond: `shift` is at most this, so that a line of any
/// shift moves a phase by whole units.
pub(crate) const FRACTION_BITS: u32 = 32;

/// Units in a second, below 2^62.
pub(crate) const SECOND: u64 = NANOS << FRACTION_BITS;

/// Where a clock stands: seconds, and units of 2^-32 ns within the second.
///
/// Finer than any `shift`, so that neither accumulating nor changing to a source
/// with another `shift` loses anything.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Phase {
    pub(crate) sec: i64,
    /// Below [`SECOND`].
    pub(crate) units: u64,
}

impl Phase {
    /// Takes a page's base: nanoseconds shifted left by `shift`, perhaps more
    /// than a second of them. `shift` is at most [`FRACTION_BITS`].
    pub(crate) const fn of_base(sec: i64, nsec: u64, shift: u32) -> Phase {
        let mut phase = Phase { sec, units: 0 };
        phase.advance((nsec as u128) << (FRACTION_BITS - shift));
        phase
    }

    /// Moves forward by so many units.
    pub(crate) const fn advance(&mut self, units: u128) {
        let units = units + self.units as u128;
        // Nearly always less than a second passes.
        if units < SECOND as u128 {
            self.units = units as u64;
            return;
        }
        self.sec = self.sec.saturating_add((units / SECOND as u128) as i64);
        self.units = (units % SECOND as u128) as u64;
    }

    /// So many units earlier, fewer than a second has.
    pub(crate) const fn before(self, units: u64) -> Phase {
        if self.units >= units {
            return Phase { units: self.units - units, ..self };
        }
        Phase { sec: self.sec.saturating_sub(1), units: self.units + SECOND - units }
    }

    /// The whole nanoseconds of it.
    pub(crate) const fn floor(self) -> Timespec {
        Timespec { sec: self.sec, nsec: (self.units >> FRACTION_BITS) as u32 }
    }

    /// What a page holds of it, under a line of this `shift`: the units that the
    /// line does not resolve are left out, which changes no nanosecond, for the
    /// line adds whole units of its own to it.
    pub(crate) const fn base(self, shift: u32) -> (i64, u64) {
        (self.sec, self.units >> (FRACTION_BITS - shift))
    }

    /// This phase moved by whole nanoseconds.
    pub(crate) const fn shifted_by(self, offset: Timespec) -> Phase {
        let fraction = self.units & ((1 << FRACTION_BITS) - 1);
        let whole = self.floor().shifted_by(offset);
        Phase { sec: whole.sec, units: (whole.nsec as u64) << FRACTION_BITS | fraction }
    }
}
