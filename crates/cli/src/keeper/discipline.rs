//! From a comparison to a step or a slew, and how far off the clock is told to be.

use std::time::{Duration, Instant};

use instanter_clock::Leap;
use instanter_clock::page::Timespec;
use instanter_clock::shared::Status;
use instanter_keeper::{Error, Timekeeper, Timex, adj, sta};

use super::source::Comparison;

/// How a clock is made to follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    /// What is further off is stepped.
    pub(super) step_above_ns: u64,
    /// How fast the two may part between comparisons.
    pub(super) drift_ppb: u32,
    /// Seconds between comparisons.
    pub(super) poll: Duration,
}

/// What is to be done about a comparison.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Change {
    Step(Timespec),
    Slew(Timex),
}

impl Rules {
    /// Chooses; the `first` comparison of a clock that nobody has read yet is stepped to,
    /// however near it is.
    pub(super) fn choose(&self, found: &Comparison, first: bool) -> Change {
        if first || found.ahead_ns.unsigned_abs() > u128::from(self.step_above_ns) {
            return Change::Step(Timespec::from_nanos(found.ahead_ns));
        }
        let mut request = Timex {
            modes: adj::OFFSET | adj::STATUS | adj::NANO | adj::TIMECONST,
            // Less than a step, which the loop may refuse to take whole: it clamps.
            offset: found.ahead_ns as i64,
            status: status(found.leap, found.synchronized),
            // The loop's time constant is a power of two of seconds, as the interval of
            // its offsets ought to be.
            constant: i64::from(self.poll.as_secs().max(1).ilog2()),
            ..Timex::default()
        };
        if let Some(frequency) = found.frequency {
            // Nothing is to be learnt from offsets where the rate itself can be seen.
            request.modes |= adj::FREQUENCY;
            request.status |= sta::FREQHOLD;
            request.freq = frequency;
        }
        Change::Slew(request)
    }
}

/// The status bits of the loop, switched on.
pub(super) fn status(leap: Leap, synchronized: bool) -> u32 {
    let leap = match leap {
        Leap::Insert => sta::INS,
        Leap::Delete => sta::DEL,
        // One that is going on was announced before, and is over soon.
        Leap::InProgress | Leap::Occurred | Leap::None => 0,
    };
    sta::PLL | leap | if synchronized { 0 } else { sta::UNSYNC }
}

impl Change {
    /// Makes the change, at a value of the counter.
    pub(super) fn make(self, keeper: &mut Timekeeper, counter: u64) -> Result<(), Error> {
        match self {
            Change::Step(by) => keeper.step_realtime(counter, by),
            Change::Slew(mut request) => keeper.adjust(counter, &mut request).map(drop),
        }
    }
}

/// What is known of how far the clock is off, since the last comparison.
#[derive(Clone, Copy, Debug)]
pub(super) struct Known {
    at: Instant,
    /// How far it is off by that comparison, and how far that may be wrong.
    bound_ns: u64,
    ahead_ns: i64,
    source_bound_ns: u64,
    synchronized: bool,
}

impl Known {
    pub(super) fn by(found: &Comparison, change: Change, at: Instant) -> Known {
        // A step leaves nothing of it.
        let ahead_ns = match change {
            Change::Step(_) => 0,
            Change::Slew(_) => -found.ahead_ns,
        };
        let ahead_ns = i64::try_from(ahead_ns).unwrap_or(i64::MAX);
        Known {
            at,
            bound_ns: ahead_ns.unsigned_abs().saturating_add(found.uncertainty_ns),
            ahead_ns,
            source_bound_ns: found.bound_ns,
            synchronized: found.synchronized,
        }
    }

    /// Writes it into a status that is published `now`.
    pub(super) fn tell(&self, status: &mut Status, rules: &Rules, now: Instant) {
        let since_ns = now.saturating_duration_since(self.at).as_nanos();
        let drift_ns = since_ns * u128::from(rules.drift_ppb) / 1_000_000_000;
        let grown =
            |bound_ns: u64| bound_ns.saturating_add(u64::try_from(drift_ns).unwrap_or(u64::MAX));
        status.bound_ns = grown(self.bound_ns).min(u64::MAX - 1);
        status.drift_ppb = rules.drift_ppb;
        status.ahead_ns = self.ahead_ns;
        status.source_bound_ns = self.source_bound_ns;
        status.synchronized = self.synchronized;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: Rules =
        Rules { step_above_ns: 1_000, drift_ppb: 50_000, poll: Duration::from_secs(4) };

    fn found(ahead_ns: i128) -> Comparison {
        Comparison {
            ahead_ns,
            uncertainty_ns: 7,
            frequency: None,
            bound_ns: 9,
            synchronized: true,
            leap: Leap::Insert,
            tai_s: None,
        }
    }

    #[test]
    fn far_off_is_stepped_and_near_is_slewed() {
        for (ahead_ns, first, steps) in
            [(1_001, false, true), (-1_001, false, true), (1_000, false, false), (3, true, true)]
        {
            let change = RULES.choose(&found(ahead_ns), first);
            assert_eq!(matches!(change, Change::Step(_)), steps, "{ahead_ns}: {change:?}");
        }
        let Change::Slew(slew) = RULES.choose(&found(-500), false) else { panic!("a step") };
        assert_eq!((slew.offset, slew.constant), (-500, 2));
        assert_eq!(slew.status, sta::PLL | sta::INS);
        let with_rate = Comparison { frequency: Some(-65_536), ..found(1) };
        let Change::Slew(slew) = RULES.choose(&with_rate, false) else { panic!("a step") };
        assert_eq!((slew.freq, slew.status & sta::FREQHOLD), (-65_536, sta::FREQHOLD));
    }

    #[test]
    fn the_bound_grows() {
        let at = Instant::now();
        let mut status = Status::default();
        let known = Known::by(&found(-500), RULES.choose(&found(-500), false), at);
        known.tell(&mut status, &RULES, at);
        assert_eq!((status.bound_ns, status.ahead_ns), (507, 500));
        known.tell(&mut status, &RULES, at + Duration::from_secs(2));
        assert_eq!(status.bound_ns, 507 + 100_000);
        let stepped = Known::by(&found(5_000), RULES.choose(&found(5_000), false), at);
        stepped.tell(&mut status, &RULES, at);
        assert_eq!((status.bound_ns, status.ahead_ns), (7, 0));
    }
}
