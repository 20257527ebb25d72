//! The line, evaluated once more by itself, one step after the other.
//!
//! On purpose this shares no code with the page crate: everything is done in 128
//! bits, where nothing can overflow, and the result is compared with the crate's.

use instanter_clock::page::linux::{Frame, base};
use instanter_clock::{Clock, Timespec};
use serde::{Serialize, Serializer};

const NANOS: u128 = 1_000_000_000;

/// Each number on the way from the counter to one clock.
#[derive(Debug, Serialize)]
pub(crate) struct Sum {
    pub(crate) clock: &'static str,
    #[serde(serialize_with = "as_string")]
    pub(crate) counter: u128,
    #[serde(serialize_with = "as_string")]
    pub(crate) origin: u128,
    #[serde(serialize_with = "as_string")]
    pub(crate) delta: u128,
    pub(crate) mult: u32,
    #[serde(serialize_with = "as_string")]
    pub(crate) product: u128,
    /// Nanoseconds at the origin, shifted left.
    #[serde(serialize_with = "as_string")]
    pub(crate) base_nsec: u128,
    #[serde(serialize_with = "as_string")]
    pub(crate) sum: u128,
    pub(crate) shift: u32,
    #[serde(serialize_with = "as_string")]
    pub(crate) nanoseconds: u128,
    /// Whole seconds among them.
    #[serde(serialize_with = "as_string")]
    pub(crate) carry: u128,
    pub(crate) base_sec: i64,
    /// What the process's time namespace adds.
    pub(crate) namespace: Option<String>,
    /// Seconds with nine digits.
    pub(crate) result: String,
    /// Whether the library's own evaluation came to the same.
    pub(crate) equal: bool,
}

/// JSON numbers past 2^53 are not safe in every reader.
fn as_string<S: Serializer>(number: &u128, to: S) -> Result<S::Ok, S::Error> {
    to.collect_str(number)
}

impl Sum {
    /// Evaluates one of the disciplined clocks in a frame.
    pub(crate) fn of(frame: &Frame, clock: Clock) -> Sum {
        let index = usize::try_from(clock.id()).unwrap_or(base::MONOTONIC);
        let line = frame.disciplined.line;
        let (base_sec, base_nsec) = frame.disciplined.bases[index];
        let delta = delta(frame.counter, line.origin, line.mask);
        let product = delta * u128::from(line.mult);
        let sum = product + u128::from(base_nsec);
        let nanoseconds = sum >> line.shift;
        let carry = nanoseconds / NANOS;
        let mut result = Timespec::new(
            base_sec.saturating_add(i64::try_from(carry).unwrap_or(i64::MAX)),
            (nanoseconds % NANOS) as u32,
        );
        let namespace = frame.namespace.map(|offsets| offsets[index]);
        if let Some(offset) = namespace {
            result = Timespec::from_nanos(result.as_nanos() + offset.as_nanos());
        }
        Sum {
            clock: clock.name().unwrap_or("?"),
            counter: frame.counter.into(),
            origin: line.origin.into(),
            delta,
            mult: line.mult,
            product,
            base_nsec: base_nsec.into(),
            sum,
            shift: line.shift,
            nanoseconds,
            carry,
            base_sec,
            namespace: namespace.map(|offset| offset.to_string()),
            result: result.to_string(),
            equal: result == frame.clock(index),
        }
    }
}

/// Ticks since the origin. The counter may lag a little behind it, on another
/// CPU say: the clock stands still then.
fn delta(counter: u64, origin: u64, mask: u64) -> u128 {
    let ticks = counter.wrapping_sub(origin) & mask;
    if ticks > mask / 2 { 0 } else { ticks.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deltas() {
        let table = [
            (10, 3, u64::MAX, 7),
            (3, 10, u64::MAX, 0),
            (5, u64::MAX - 4, u64::MAX, 10),
            (0x0010, 0xfff0, 0xffff, 0x20),
            (0xfff0, 0x0010, 0xffff, 0),
        ];
        for (counter, origin, mask, want) in table {
            assert_eq!(delta(counter, origin, mask), want, "delta({counter}, {origin}, {mask:#x})");
        }
    }

    #[test]
    fn both_evaluations_agree() {
        instanter_clock::prepare();
        let Ok(frame) = instanter_clock::PAGE.frame(instanter_counter::ordered) else { return };
        for clock in [Clock::REALTIME, Clock::MONOTONIC, Clock::BOOTTIME, Clock::TAI] {
            let sum = Sum::of(&frame, clock);
            assert!(sum.equal, "{sum:?}");
        }
    }
}
