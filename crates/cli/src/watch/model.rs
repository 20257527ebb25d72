//! What has been seen: how far clocks went apart, how fast, and what happened.
//!
//! Nothing here knows of a screen or of this machine: samples go in, numbers come
//! out. So a recording shows what the machine showed.

use std::collections::VecDeque;

use super::record::{Clocks, Sample, Which};
use crate::doctor::coherence::Matrix;
use crate::quantity;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// The wall clock was stepped.
    Step,
    /// The machine was suspended.
    Suspend,
    /// TAI's distance from UTC was set.
    Tai,
    /// Another clock source, or another way to it.
    Source,
    /// A reading costs several times more, or less again.
    Cost,
    /// A clock went back that must not.
    Backward,
    /// Time was disturbed in some other way.
    Epoch,
}

impl Kind {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Kind::Step => "step",
            Kind::Suspend => "suspend",
            Kind::Tai => "tai",
            Kind::Source => "source",
            Kind::Cost => "cost",
            Kind::Backward => "BACKWARD",
            Kind::Epoch => "epoch",
        }
    }
}

/// Something that happened, and when.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Mark {
    /// Seconds since the first sample.
    pub(crate) at_s: f64,
    pub(crate) kind: Kind,
    /// In words.
    pub(crate) text: String,
}

/// One look, as far as it is kept.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Point {
    /// Seconds since the first sample, on the raw clock.
    pub(crate) at_s: f64,
    clocks: Clocks,
    /// By how much the wall clock had been stepped until then,
    stepped_ns: i64,
    /// and the machine been suspended.
    suspended_ns: i64,
}

/// Samples that are kept: half an hour at two a second.
const KEPT: usize = 3_600;

/// Marks that are kept.
const MARKS: usize = 500;

/// A frequency is that of the last so many seconds.
const FREQUENCY_S: f64 = 10.0;

/// Two clocks that are read one after the other show a step only where it is larger
/// than this many times the time between.
const WIDTHS: i64 = 2;

/// Less than this is no step, but the kernel's rounding.
const LEAST_STEP_NS: i64 = 1_000;

/// A reading that costs so many times more is worth a mark,
const DEARER: f64 = 3.0;
/// if it does so in as many looks one after the other.
const LOOKS: u32 = 2;

#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) reference: Which,
    pub(crate) points: VecDeque<Point>,
    pub(crate) marks: VecDeque<Mark>,
    pub(crate) last: Option<Sample>,
    pub(crate) coherence: Option<Matrix>,
    first: Option<Clocks>,
    stepped_ns: i64,
    suspended_ns: i64,
    usual_cost_ns: f64,
    unusual: u32,
}

impl Model {
    pub(crate) fn new(reference: Which) -> Model {
        Model {
            reference,
            points: VecDeque::new(),
            marks: VecDeque::new(),
            last: None,
            coherence: None,
            first: None,
            stepped_ns: 0,
            suspended_ns: 0,
            usual_cost_ns: f64::NAN,
            unusual: 0,
        }
    }

    /// Takes a sample in. Returns what has happened since the one before.
    pub(crate) fn push(&mut self, sample: Sample) -> Vec<Mark> {
        let first = *self.first.get_or_insert(sample.clocks);
        let at_s = sample.clocks.monotonic_raw.saturating_sub(first.monotonic_raw) as f64 / 1e9;
        let mut marks = Vec::new();
        let mut mark = |kind, text| marks.push(Mark { at_s, kind, text });
        if let Some(last) = self.last.take() {
            let is_known = self.compare(&last, &sample, &mut mark);
            if last.epoch != sample.epoch && !is_known {
                let text = "time was disturbed: the page was proved again, or its origin moved";
                mark(Kind::Epoch, text.to_owned());
            }
        }
        if let Some(text) = self.cost(sample.cost_ns) {
            mark(Kind::Cost, text);
        }
        self.points.push_back(Point {
            at_s,
            clocks: sample.clocks,
            stepped_ns: self.stepped_ns,
            suspended_ns: self.suspended_ns,
        });
        if self.points.len() > KEPT {
            self.points.pop_front();
        }
        if sample.coherence.is_some() {
            self.coherence.clone_from(&sample.coherence);
        }
        self.last = Some(sample);
        self.marks.extend(marks.iter().cloned());
        while self.marks.len() > MARKS {
            self.marks.pop_front();
        }
        marks
    }

    /// Compares two samples. Returns whether anything was marked.
    fn compare(
        &mut self,
        last: &Sample,
        next: &Sample,
        mark: &mut impl FnMut(Kind, String),
    ) -> bool {
        let mut is_known = false;
        let mut mark = |kind, text| {
            is_known = true;
            mark(kind, text);
        };
        let (was, is) = (&last.clocks, &next.clocks);
        let width = last.width_ns.max(next.width_ns).cast_signed();
        let least = width.saturating_mul(WIDTHS).max(LEAST_STEP_NS);
        // By how much the distance of two clocks has grown.
        let grown = |one: fn(&Clocks) -> i64, other: fn(&Clocks) -> i64| {
            let distance = |clocks| i128::from(one(clocks)) - i128::from(other(clocks));
            let grown = i64::try_from(distance(is) - distance(was)).unwrap_or(i64::MAX);
            if grown.saturating_abs() > least { grown } else { 0 }
        };

        let suspended = grown(|clocks| clocks.boottime, |clocks| clocks.monotonic);
        if suspended != 0 {
            self.suspended_ns = self.suspended_ns.saturating_add(suspended);
            mark(Kind::Suspend, format!("suspended for {}", length(suspended)));
        }
        // Suspended time passes on the wall and is no step of it.
        let stepped = grown(|clocks| clocks.realtime, |clocks| clocks.boottime);
        if stepped != 0 {
            self.stepped_ns = self.stepped_ns.saturating_add(stepped);
            mark(Kind::Step, format!("the wall clock was stepped by {}", signed(stepped)));
        }
        let tai = grown(|clocks| clocks.tai, |clocks| clocks.realtime);
        if tai != 0 {
            mark(Kind::Tai, format!("TAI − UTC was changed by {}", signed(tai)));
        }
        for (name, one, other) in [
            ("monotonic", was.monotonic, is.monotonic),
            ("raw monotonic", was.monotonic_raw, is.monotonic_raw),
            ("boot time", was.boottime, is.boottime),
        ] {
            if other < one {
                let by = signed(other.saturating_sub(one));
                mark(Kind::Backward, format!("the {name} clock went back: {by}"));
            }
        }
        if last.clock_source != next.clock_source || last.source != next.source {
            let name = |sample: &Sample| sample.clock_source.clone().unwrap_or("?".into());
            let mut text = format!("clock source {} → {}", name(last), name(next));
            if last.clock_source == next.clock_source {
                text = format!("clock source {}", name(next));
            }
            if last.source != next.source {
                text += &format!(", read by {} → {}", last.source, next.source);
            }
            mark(Kind::Source, text);
        }
        is_known
    }

    /// Says so where a reading has come to cost several times more, or less.
    fn cost(&mut self, now: f64) -> Option<String> {
        let usual = self.usual_cost_ns;
        let ratio = now / usual;
        if !(DEARER.recip()..=DEARER).contains(&ratio) && ratio.is_finite() {
            self.unusual += 1;
            if self.unusual < LOOKS {
                return None;
            }
            self.unusual = 0;
            self.usual_cost_ns = now;
            let (was, is) = (quantity::nanos(usual), quantity::nanos(now));
            return Some(if ratio > 1.0 {
                format!("a reading costs {ratio:.0} times more: {was} → {is}")
            } else {
                format!("a reading costs {:.0} times less: {was} → {is}", ratio.recip())
            });
        }
        self.unusual = 0;
        // What is usual follows slowly: a machine that warms up is no event.
        self.usual_cost_ns = if usual.is_finite() { usual + (now - usual) / 16.0 } else { now };
        None
    }

    /// How far a clock has gone from the reference since the first sample, in
    /// nanoseconds; steps and suspended time taken out.
    pub(crate) fn offset_ns(&self, clock: Which, point: &Point) -> Option<f64> {
        let first = self.first?;
        let gone = |which: Which| {
            let way = i128::from(which.of(&point.clocks)?) - i128::from(which.of(&first)?);
            Some(way - i128::from(jumps(which, point)))
        };
        Some((gone(clock)? - gone(self.reference)?) as f64)
    }

    /// The same with everything in it.
    pub(crate) fn total_offset_ns(&self, clock: Which) -> Option<f64> {
        let (first, point) = (self.first?, self.points.back()?);
        let gone = |which: Which| {
            Some(i128::from(which.of(&point.clocks)?) - i128::from(which.of(&first)?))
        };
        Some((gone(clock)? - gone(self.reference)?) as f64)
    }

    /// How fast a clock goes against the reference at a point, in parts per million:
    /// over the ten seconds before, or since the beginning.
    pub(crate) fn frequency_ppm(&self, clock: Which, index: usize) -> Option<f64> {
        let point = self.points.get(index)?;
        let start = self.points.partition_point(|other| other.at_s < point.at_s - FREQUENCY_S);
        let before = self.points.get(start).filter(|before| point.at_s - before.at_s > 0.0)?;
        let gone = self.offset_ns(clock, point)? - self.offset_ns(clock, before)?;
        Some(gone / (point.at_s - before.at_s) / 1e3)
    }

    /// The clocks that can be shown.
    pub(crate) fn clocks(&self) -> impl Iterator<Item = Which> {
        let has_device = self.first.is_some_and(|clocks| clocks.device.is_some());
        Which::ALL.into_iter().filter(move |&which| which != Which::Device || has_device)
    }
}

/// By how much a clock had jumped at a point.
fn jumps(which: Which, point: &Point) -> i64 {
    match which {
        Which::Realtime | Which::Tai => point.stepped_ns.saturating_add(point.suspended_ns),
        Which::Boottime => point.suspended_ns,
        Which::Monotonic | Which::Raw | Which::Device => 0,
    }
}

/// Nanoseconds with a sign, in the unit that fits.
pub(crate) fn signed(nanos: i64) -> String {
    let sign = if nanos < 0 { "−" } else { "+" };
    format!("{sign}{}", length(nanos))
}

/// The same without.
fn length(nanos: i64) -> String {
    instanter::Duration::from_nanos(nanos.saturating_abs()).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::pretend;
    use super::*;

    fn told(samples: Vec<Sample>) -> (Model, Vec<Mark>) {
        let mut model = Model::new(Which::Raw);
        let marks = samples.into_iter().flat_map(|sample| model.push(sample)).collect();
        (model, marks)
    }

    #[test]
    fn each_event_is_marked_once() {
        let (_, marks) = told(pretend::samples());
        let got: Vec<(f64, &str, &str)> =
            marks.iter().map(|mark| (mark.at_s, mark.kind.word(), mark.text.as_str())).collect();
        assert_eq!(
            got,
            [
                (6.0, "step", "the wall clock was stepped by +1.5s"),
                (12.0, "suspend", "suspended for 1m0s"),
                (18.0, "source", "clock source tsc → hpet, read by page → syscall"),
                (18.5, "cost", "a reading costs 40 times more: 34.9 ns → 1400 ns"),
                (24.0, "source", "clock source hpet → tsc, read by syscall → page"),
                (24.5, "cost", "a reading costs 40 times less: 1402 ns → 35.0 ns"),
            ]
        );
    }

    #[test]
    fn offsets_and_frequencies_leave_steps_out() {
        let (model, _) = told(pretend::samples());
        let last = model.points.len() - 1;
        for clock in [Which::Realtime, Which::Monotonic, Which::Boottime, Which::Tai] {
            let point = model.points[last];
            assert_eq!(model.offset_ns(clock, &point), Some(59.0 * 6_000.0), "{clock:?}");
            let ppm = model.frequency_ppm(clock, last).expect("a frequency");
            assert!((ppm - 12.0).abs() < 1e-9, "{clock:?}: {ppm}");
        }
        assert_eq!(model.total_offset_ns(Which::Realtime), Some(61.5e9 + 59.0 * 6_000.0));
        assert_eq!(model.frequency_ppm(Which::Realtime, 0), None);
        assert_eq!(model.offset_ns(Which::Device, &model.points[0]), None);
    }

    #[test]
    fn clocks_read_one_after_the_other_are_no_steps() {
        let mut samples: Vec<Sample> = (0..10).map(pretend::sample).collect();
        for (index, sample) in samples.iter_mut().enumerate() {
            sample.width_ns = 50_000;
            sample.clocks.realtime += (index as i64 % 2) * 40_000;
        }
        assert_eq!(told(samples).1, []);
    }

    #[test]
    fn other_disturbances_and_backward_clocks() {
        let (mut one, mut other) = (pretend::sample(1), pretend::sample(2));
        one.epoch += 1;
        other.epoch += 1;
        other.clocks.monotonic = one.clocks.monotonic - 5;
        let (_, marks) = told(vec![pretend::sample(0), one, other]);
        let kinds: Vec<Kind> = marks.iter().map(|mark| mark.kind).collect();
        assert!(kinds.starts_with(&[Kind::Epoch]) && kinds.contains(&Kind::Backward), "{marks:?}");
    }

    #[test]
    fn one_dear_reading_is_no_event() {
        let mut samples: Vec<Sample> = (0..20).map(pretend::sample).collect();
        samples[7].cost_ns = 9_000.0;
        samples[12].cost_ns = f64::NAN;
        assert_eq!(told(samples).1, []);
    }

    #[test]
    fn nonsense_does_no_harm() {
        let mut one = pretend::sample(0);
        let mut other = pretend::sample(1);
        for value in [i64::MIN, i64::MAX] {
            one.clocks.realtime = value;
            other.clocks.realtime = -(value / 2);
            one.clocks.monotonic_raw = -(value / 2);
            other.clocks.boottime = value;
            other.width_ns = u64::MAX;
            let (model, _) = told(vec![one.clone(), other.clone(), one.clone()]);
            for clock in Which::ALL {
                let _ = (model.total_offset_ns(clock), model.frequency_ppm(clock, 2));
            }
        }
    }

    #[test]
    fn only_so_much_is_kept() {
        let (model, _) = told((0..(KEPT as i64 + 50)).map(pretend::sample).collect());
        assert_eq!(model.points.len(), KEPT);
        assert_eq!(model.points[0].at_s, 25.0);
    }
}
