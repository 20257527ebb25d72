//! The line that turns a counter into nanoseconds, exactly.

use crate::timespec::{NANOS, Timespec};

/// The straight line that turns a counter value into nanoseconds.
///
/// `ns = (base + ((counter − origin) × mult)) >> shift`, where `base` is a
/// clock's nanoseconds at `origin`, already shifted left by `shift`. This form
/// is exact for every input: nothing overflows, and a counter behind the origin
/// gives the base. The readers on the hot path use the same formula in 64 bits
/// and come here when a bound is not met.
///
/// # References
/// Linux `lib/vdso/gettimeofday.c`, `vdso_calc_ns`; `kernel/time/timekeeping.c`.
///
/// ```
/// use instanter_page::{Line, Timespec};
/// // A 1 MHz counter: a thousand nanoseconds a tick, with 8 fraction bits.
/// let line = Line { origin: 500, mult: 1000 << 8, shift: 8, mask: u64::MAX };
/// assert_eq!(line.at(507, 40, 0), Timespec::new(40, 7_000));
/// // Behind the origin: the clock stands still rather than run backwards.
/// assert_eq!(line.at(499, 40, 0), Timespec::new(40, 0));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Counter value at which the line starts (the kernel's `cycle_last`).
    pub origin: u64,
    /// Nanoseconds a tick, times 2^`shift`.
    pub mult: u32,
    /// Fraction bits of `mult` and of a base.
    pub shift: u32,
    /// Which bits of the counter count: all of them, or fewer for a narrow one.
    pub mask: u64,
}

/// The ticks from `origin` to `counter` on a ring of `mask + 1` values; zero where the
/// counter lies in the half behind the origin.
#[inline]
pub(crate) const fn ticks_since(origin: u64, counter: u64, mask: u64) -> u64 {
    let ticks = counter.wrapping_sub(origin) & mask;
    if ticks > mask >> 1 { 0 } else { ticks }
}

impl Line {
    /// Returns the ticks from the origin to `counter`: zero where the counter
    /// is behind the origin.
    ///
    /// The counter is a ring of `mask + 1` values; the half of it that lies
    /// ahead of the origin is the future, the other half the past. Reading a
    /// counter just before the keeper moves the origin, or on a CPU whose counter
    /// lags by a few ticks, gives a value of the past.
    #[inline]
    #[must_use]
    pub const fn ticks_since_origin(&self, counter: u64) -> u64 {
        ticks_since(self.origin, counter, self.mask)
    }

    /// Returns the time at `counter` of the clock that stood at `base_sec`
    /// seconds and `base_nsec` (shifted) nanoseconds at the origin.
    #[inline]
    #[must_use]
    pub const fn at(&self, counter: u64, base_sec: i64, base_nsec: u64) -> Timespec {
        let shift = self.shift & 63;
        let ticks = self.ticks_since_origin(counter);
        // Both terms are below 2^96, so the sum is far from the end of u128.
        let elapsed = ticks as u128 * self.mult as u128 + base_nsec as u128;
        // Nearly always 64 bits are enough, and their division is far cheaper.
        let (carried, nsec) = if elapsed >> 64 == 0 {
            let nanos = elapsed as u64 >> shift;
            if nanos < NANOS { (0, nanos) } else { (nanos / NANOS, nanos % NANOS) }
        } else {
            let nanos = elapsed >> shift;
            let carried = nanos / NANOS as u128;
            let most = i64::MAX as u128;
            ((if carried > most { most } else { carried }) as u64, (nanos % NANOS as u128) as u64)
        };
        Timespec { sec: base_sec.saturating_add(carried as i64), nsec: nsec as u32 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 2.1 GHz counter as Linux describes it.
    const TSC: Line = Line { origin: 1_000_000, mult: 7_988_915, shift: 24, mask: u64::MAX };

    #[test]
    fn table() {
        let second = 2_100_000_000;
        let narrow = Line { origin: 0xfff0, mult: 1 << 8, shift: 8, mask: 0xffff };
        #[rustfmt::skip]
        let table = [
            ("at the origin", TSC, TSC.origin, (7, 5 << 24), (7, 5)),
            ("one tick is less than a nanosecond", TSC, TSC.origin + 1, (7, 0), (7, 0)),
            ("three ticks are more", TSC, TSC.origin + 3, (7, 0), (7, 1)),
            ("fractions add up before the shift", TSC, TSC.origin + 1, (7, (1 << 24) - 1), (7, 1)),
            ("a carry into the second", TSC, TSC.origin + 3, (7, 999_999_999 << 24), (8, 0)),
            ("one tick behind", TSC, TSC.origin - 1, (7, 0), (7, 0)),
            ("far behind", TSC, TSC.origin + (1 << 63) + 1, (7, 0), (7, 0)),
            ("ten minutes without a tick", TSC, TSC.origin + 600 * second, (7, 0), (606, 982_315_301)),
            ("past 64 bits", TSC, TSC.origin + 86_400 * second, (0, 0), (86_397, 453_403_472)),
            ("a narrow counter wraps", narrow, 0x0010, (1, 0), (1, 0x20)),
            ("a narrow counter behind", narrow, 0xffe0, (1, 0), (1, 0)),
        ];
        for (name, line, counter, (base_sec, base_nsec), (sec, nsec)) in table {
            let got = line.at(counter, base_sec, base_nsec);
            assert_eq!(got, Timespec { sec, nsec }, "{name}: at({counter})");
        }
    }

    #[test]
    fn hostile_numbers_do_not_panic() {
        for origin in [0, 1, u64::MAX] {
            for mult in [0, 1, u32::MAX] {
                for shift in [0, 31, 32, 63, 64, u32::MAX] {
                    for mask in [0, 1, 0xffff, u64::MAX] {
                        for counter in [0, 1, 1 << 62, 1 << 63, u64::MAX] {
                            let line = Line { origin, mult, shift, mask };
                            for base in [i64::MIN, -1, i64::MAX] {
                                let got = line.at(counter, base, u64::MAX);
                                assert!(u64::from(got.nsec) < NANOS);
                            }
                        }
                    }
                }
            }
        }
    }
}
