//! A made-up machine, for tests of everything behind the feed.

use super::record::{Clocks, FORMAT, Head, Sample};
use crate::doctor::coherence::{Matrix, Pair};

pub(crate) fn head() -> Head {
    Head {
        instanter_watch: FORMAT,
        version: "0.1.0".into(),
        utc: "2026-11-22T05:00:00.000000000Z".into(),
        counter: "TSC".into(),
        interval_s: 0.5,
        device: None,
    }
}

/// The `index`th look at a machine whose clock is steered by 12 parts per million.
pub(crate) fn sample(index: i64) -> Sample {
    let raw = 1_000_000_000_000 + index * 500_000_000;
    // Steered by 12 ppm: 6 µs in half a second.
    let monotonic = raw + index * 6_000;
    let realtime = 1_795_323_600_000_000_000 + monotonic;
    Sample {
        clocks: Clocks {
            realtime,
            monotonic,
            monotonic_raw: raw,
            boottime: monotonic,
            tai: realtime + 37_000_000_000,
            device: None,
        },
        width_ns: 0,
        epoch: 7,
        source: "page".into(),
        clock_source: Some("tsc".into()),
        cost_ns: 34.0 + (index % 3) as f64,
        steered_ppm: Some(12.0),
        synchronized: Some(true),
        coherence: (index % 10 == 1).then(|| matrix(4)),
    }
}

pub(crate) fn matrix(cpus: usize) -> Matrix {
    let mut pairs = Vec::new();
    for a in 0..cpus {
        for b in a + 1..cpus {
            let bound = 40.0 * (b - a) as f64;
            pairs.push(Pair {
                a,
                b,
                low_ns: -bound,
                high_ns: bound * 0.9,
                round_trip_ns: bound * 2.0,
                rounds: 2_000,
            });
        }
    }
    Matrix { cpus: (0..cpus).collect(), every_pair: true, pairs, missed: Vec::new() }
}

/// Half a minute in which the wall clock is stepped, the machine suspended, and the
/// clock source exchanged for a slow one and back.
pub(crate) fn samples() -> Vec<Sample> {
    let story = |index: i64| {
        let mut sample = sample(index);
        let clocks = &mut sample.clocks;
        if index >= 12 {
            clocks.realtime += 1_500_000_000;
            clocks.tai += 1_500_000_000;
            sample.epoch += 1;
        }
        if index >= 24 {
            clocks.realtime += 60_000_000_000;
            clocks.tai += 60_000_000_000;
            clocks.boottime += 60_000_000_000;
            sample.epoch += 1;
        }
        if (36..48).contains(&index) {
            sample.epoch += 1;
            sample.source = "syscall".into();
            sample.clock_source = Some("hpet".into());
            sample.cost_ns *= 40.0;
            sample.width_ns = 4_000;
        }
        sample
    };
    (0..60).map(story).collect()
}

pub(crate) fn recording(samples: &[Sample]) -> String {
    let mut text = serde_json::to_string(&head()).expect("a line") + "\n";
    for sample in samples {
        text += &serde_json::to_string(sample).expect("a line");
        text.push('\n');
    }
    text
}
