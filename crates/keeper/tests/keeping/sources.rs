//! A machine with two counters, of which the better one goes wrong.

use crate::simulated::{START, cases};
use instanter_keeper::{
    Clock, ClockSource, Comparison, Frequency, Registry, Sample, SourceId, Timekeeper, Timespec,
    Watchdog,
};
use proptest::prelude::*;

fn hertz(hertz: u64) -> Frequency {
    Frequency::hertz(hertz).expect("a frequency")
}

/// Two counters of one machine, by the true time in nanoseconds.
struct Machine {
    sources: Registry<2>,
    tsc: SourceId,
    hpet: SourceId,
    now_ns: u64,
    /// What the better counter has gained or lost, in its cycles.
    tsc_off: i64,
}

impl Machine {
    fn new() -> Machine {
        let mut sources = Registry::new();
        let hpet = ClockSource::new("hpet", hertz(14_318_180), 32).rated(250).continuous();
        let hpet = sources.register(hpet.high_resolution()).expect("room");
        let tsc = ClockSource::new("tsc", hertz(2_100_000_000), 64).rated(300).continuous();
        let tsc = sources.register(tsc.must_verify()).expect("room");
        Machine { sources, tsc, hpet, now_ns: 1_000_000_000, tsc_off: 0 }
    }

    fn source(&self, id: SourceId) -> ClockSource {
        *self.sources.get(id).expect("registered")
    }

    fn read(&self, id: SourceId) -> u64 {
        let source = self.source(id);
        let cycles = u128::from(self.now_ns) * u128::from(source.frequency().cycles())
            / (u128::from(source.frequency().seconds()) * 1_000_000_000);
        let off = if id == self.tsc { self.tsc_off } else { 0 };
        (cycles as u64).wrapping_add_signed(off) & source.mask()
    }

    fn sample(&mut self, took_ns: u64) -> Sample {
        let reference_before = self.read(self.hpet);
        let watched = self.read(self.tsc);
        self.now_ns += took_ns;
        Sample { reference_before, watched, reference_after: self.read(self.hpet) }
    }
}

#[test]
fn a_counter_that_stops_is_left() {
    let mut machine = Machine::new();
    assert_eq!(machine.sources.reference_for(machine.tsc), Some(machine.hpet));
    let mut in_use = machine.sources.best().expect("a source");
    assert_eq!(in_use, machine.tsc);
    let tsc = machine.source(machine.tsc);
    let mut keeper = Timekeeper::new(tsc, machine.read(machine.tsc), START);
    let mut watchdog = Watchdog::new(tsc, machine.source(machine.hpet));
    let (mut verdicts, start_ns) = (Vec::new(), machine.now_ns);
    let mut last = Timespec::default();
    for tick in 0..2_500u32 {
        machine.now_ns += 4_000_000;
        if tick == 1_500 {
            // A deep sleep state stops the counter for 200 ms of true time.
            machine.now_ns += 200_000_000;
            machine.tsc_off -= 420_000_000;
        }
        keeper.tick(machine.read(in_use));
        if u64::from(tick) % (Watchdog::INTERVAL_NS / 4_000_000) == 0 {
            let sample = machine.sample(700);
            match watchdog.compare(sample) {
                Comparison::Agrees { .. } => {
                    machine.sources.verified(machine.tsc);
                }
                Comparison::Unstable { skew_ns, .. } => {
                    verdicts.push(skew_ns);
                    machine.sources.demote(machine.tsc);
                }
                _ => {}
            }
        }
        if tick == 1_000 {
            assert!(machine.source(machine.tsc).flags().high_resolution, "verified");
            machine.sources.require_high_resolution();
        }
        let best = machine.sources.best().expect("a source");
        if best != in_use {
            let (old, new) = (machine.read(in_use), machine.read(best));
            keeper.change_source(old, machine.source(best), new).expect("awake");
            in_use = best;
        }
        let now = keeper.clocks().time(Clock::Monotonic, machine.read(in_use));
        assert!(now > last, "{now} after {last}");
        last = now;
    }
    assert_eq!(in_use, machine.hpet, "the other one keeps the time");
    assert_eq!(machine.sources.choose("tsc").ok(), None, "and this one is not fit");
    // It had lost 200 ms when it was found out, in the first comparison after that,
    // and nothing since: the next comparisons agree with what it counts.
    assert_eq!(verdicts.len(), 1, "{verdicts:?}");
    assert!((verdicts[0] + 200_000_000).abs() < 1_000, "{verdicts:?}");
    let lost = i128::from(machine.now_ns - start_ns) - last.as_nanos();
    assert!((lost - 200_000_000).abs() < 10_000, "{lost} ns lost in all");
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(300, 100_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Drift that is tolerated is never called unstable, and drift that is not
    /// always is, however the samples fall.
    #[test]
    fn a_watchdog_judges_by_drift(
        drift_ppm in prop_oneof![-150i64..150, 700i64..100_000, -100_000i64..-700],
        intervals in prop::collection::vec((450_000_000u64..900_000_000, 0u64..100_000), 1..40),
    ) {
        let mut machine = Machine::new();
        let mut watchdog =
            Watchdog::new(machine.source(machine.tsc), machine.source(machine.hpet));
        let sample = machine.sample(0);
        prop_assert_eq!(watchdog.compare(sample), Comparison::First);
        for (interval_ns, took_ns) in intervals {
            machine.now_ns += interval_ns;
            machine.tsc_off += (interval_ns / 1_000_000 * 2_100) as i64 * drift_ppm / 1_000;
            let sample = machine.sample(took_ns);
            let verdict = watchdog.compare(sample);
            if drift_ppm.abs() <= 150 {
                let agrees = matches!(verdict, Comparison::Agrees { .. });
                prop_assert!(agrees, "{} ppm: {:?}", drift_ppm, verdict);
            } else {
                let unstable = matches!(verdict, Comparison::Unstable { .. });
                prop_assert!(unstable, "{} ppm: {:?}", drift_ppm, verdict);
            }
        }
    }
}
