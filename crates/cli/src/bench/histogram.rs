//! How often a call took how long: buckets, and a line of them in the terminal.

use hdrhistogram::Histogram;
use instanter_measure::Distribution;
use serde::{Deserialize, Serialize};

use super::paths::Row;
use crate::quantity::nanos;
use crate::sheet::Sheet;

/// Calls that took up to so long, and longer than the bucket before.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    pub(crate) up_to_ns: f64,
    pub(crate) calls: u64,
}

impl Bucket {
    /// Where it begins.
    pub(crate) fn start_ns(self) -> f64 {
        (self.up_to_ns / (1.0 / BUCKETS_AN_OCTAVE).exp2()).min(self.up_to_ns - NARROWEST_NS)
    }
}

/// Buckets of a power of two each are divided into so many.
const BUCKETS_AN_OCTAVE: f64 = 8.0;

/// The counter's ticks are about half a nanosecond: less is not told apart.
const NARROWEST_NS: f64 = 0.5;

/// Picoseconds, so that what is recorded is whole.
const PICOS: f64 = 1e3;

/// A minute: nobody waits longer for one call.
const LONGEST_PICOS: u64 = 60_000_000_000_000;

/// Sorts single calls into buckets: eight an octave, those below 4 ns half a
/// nanosecond wide. Buckets that nothing fell into are left out.
pub(crate) fn buckets(calls: &Distribution) -> Vec<Bucket> {
    let Ok(mut histogram) = Histogram::<u64>::new_with_max(LONGEST_PICOS, 3) else {
        return Vec::new();
    };
    for value in calls.sorted() {
        histogram.saturating_record((value * PICOS) as u64);
    }
    let mut buckets: Vec<Bucket> = Vec::new();
    for value in histogram.iter_recorded() {
        let least = histogram.lowest_equivalent(value.value_iterated_to());
        let up_to_ns = edge(least as f64 / PICOS);
        let calls = value.count_at_value();
        match buckets.last_mut() {
            Some(last) if last.up_to_ns == up_to_ns => last.calls += calls,
            _ => buckets.push(Bucket { up_to_ns, calls }),
        }
    }
    buckets
}

/// The upper edge of the bucket that a value falls into.
fn edge(nanos: f64) -> f64 {
    let octaves = (nanos.max(NARROWEST_NS).log2() * BUCKETS_AN_OCTAVE).ceil() / BUCKETS_AN_OCTAVE;
    let halves = (nanos / NARROWEST_NS).ceil().max(1.0) * NARROWEST_NS;
    let edge = octaves.exp2();
    let is_narrow = edge - edge / (1.0 / BUCKETS_AN_OCTAVE).exp2() < NARROWEST_NS;
    // Three digits after the point, so that the same edge is the same text.
    (if is_narrow { halves } else { edge } * 1e3).round() / 1e3
}

/// From nothing to all.
const LEVELS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// Where the axis ends: the slowest thousandth would squeeze the rest.
const SHOWN: f64 = 0.999;

/// Writes a line a row, all on one axis, whose heights are logarithms of counts:
/// else one call in a thousand could not be seen.
pub(crate) fn write(rows: &[&Row], sheet: &mut Sheet) {
    let (Some(from), Some(to)) = (
        rows.iter().filter_map(|row| Some(row.histogram.first()?.up_to_ns)).reduce(f64::min),
        rows.iter().map(|row| quantile(&row.histogram, SHOWN)).reduce(f64::max),
    ) else {
        return;
    };
    let width = sheet.room().saturating_sub(2).clamp(16, 72);
    let axis = Axis { from: from.max(NARROWEST_NS), to: to.max(from * 2.0), width };
    sheet.strong("How long single calls take");
    sheet.note(0, "A column's height is the logarithm of the number of calls.");
    for row in rows {
        sheet.prose(0, &format!("{}: half within {}", row.name, nanos(row.latency_p50_ns)));
        sheet.line(2, &axis.line(&row.histogram));
    }
    sheet.line(2, &axis.scale());
}

fn quantile(buckets: &[Bucket], share: f64) -> f64 {
    let all: u64 = buckets.iter().map(|bucket| bucket.calls).sum();
    let mut seen = 0;
    for bucket in buckets {
        seen += bucket.calls;
        if seen as f64 >= share * all as f64 {
            return bucket.up_to_ns;
        }
    }
    f64::NAN
}

/// A logarithmic axis of so many characters.
struct Axis {
    from: f64,
    to: f64,
    width: usize,
}

impl Axis {
    fn column(&self, nanos: f64) -> Option<usize> {
        let place = (nanos / self.from).ln() / (self.to / self.from).ln();
        let column = (place * (self.width - 1) as f64).round();
        (0.0..self.width as f64).contains(&column).then_some(column as usize)
    }

    fn line(&self, buckets: &[Bucket]) -> String {
        let mut counts = vec![0_u64; self.width];
        for bucket in buckets {
            let Some(last) = self.column(bucket.up_to_ns) else { continue };
            // A bucket that is wider than a column fills all that it covers.
            let first = self.column(bucket.start_ns()).map_or(0, |column| column + 1).min(last);
            for count in &mut counts[first..=last] {
                *count += bucket.calls;
            }
        }
        let most = counts.iter().copied().max().unwrap_or(0);
        let level = |count: u64| match count {
            0 => LEVELS[0],
            _ => {
                let height = (count as f64).ln_1p() / (most as f64).ln_1p();
                LEVELS[((height * 8.0).round() as usize).clamp(1, 8)]
            }
        };
        counts.into_iter().map(level).collect()
    }

    /// Ticks at 1, 10, 100 ns and so on, and at both ends' decades' halves where
    /// there is room.
    fn scale(&self) -> String {
        let mut text = vec![' '; self.width];
        let mut free = 0;
        let decades = (-1..=9).flat_map(|power| [1.0, 2.0, 5.0].map(|d| d * 10_f64.powi(power)));
        for value in decades {
            let Some(column) = self.column(value) else { continue };
            let label: Vec<char> = format!("╵{}", short(value)).chars().collect();
            if column < free || column + label.len() > self.width {
                continue;
            }
            free = column + label.len() + 1;
            text[column..column + label.len()].copy_from_slice(&label);
        }
        text.into_iter().collect()
    }
}

/// A round number of nanoseconds.
pub(super) fn short(nanos: f64) -> String {
    match nanos {
        _ if nanos < 1e3 => format!("{nanos} ns"),
        _ if nanos < 1e6 => format!("{} µs", nanos / 1e3),
        _ => format!("{} ms", nanos / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_is_in_one_bucket() {
        let values: Vec<f64> = (0..5_000).map(|n| f64::from(n * n % 7_919) / 10.0).collect();
        let buckets = buckets(&Distribution::new(values.clone()));
        assert_eq!(buckets.iter().map(|bucket| bucket.calls).sum::<u64>(), 5_000);
        assert!(buckets.is_sorted_by(|one, next| one.up_to_ns < next.up_to_ns), "{buckets:?}");
        // The histogram keeps three digits, so an edge may take a value from beyond it.
        for bucket in &buckets {
            let within = |factor: f64| {
                values.iter().filter(|&&value| value <= bucket.up_to_ns * factor).count() as u64
            };
            let up_to: u64 = buckets
                .iter()
                .take_while(|other| other.up_to_ns <= bucket.up_to_ns)
                .map(|other| other.calls)
                .sum();
            assert!((within(1.0)..=within(1.002)).contains(&up_to), "{bucket:?}: {up_to}");
        }
    }

    #[test]
    fn edges() {
        let table = [(0.0, 0.5), (0.5, 0.5), (0.7, 1.0), (3.3, 3.5), (64.0, 64.0), (65.0, 69.792)];
        for (value, want) in table {
            assert_eq!(edge(value), want, "edge({value})");
        }
        for index in 1..2_000 {
            let value = f64::from(index) * 0.7;
            assert!(edge(value) >= value - 1e-3 && edge(value) <= (value * 1.1).max(value + 0.5));
        }
    }

    #[test]
    fn a_line_of_columns() {
        let axis = Axis { from: 1.0, to: 1_000.0, width: 31 };
        let bucket = |up_to_ns, calls| Bucket { up_to_ns, calls };
        let line = axis.line(&[bucket(1.0, 1_000), bucket(10.0, 30), bucket(1_000.0, 1)]);
        assert_eq!(line, "█         ▄                   ▁");
        // Wider than a column.
        let axis = Axis { from: 1.0, to: 10.0, width: 41 };
        assert_eq!(axis.line(&[bucket(2.0, 1)]).trim(), "█████");
        let axis = Axis { from: 1.0, to: 1_000.0, width: 31 };
        assert_eq!(axis.scale(), "╵1 ns  ╵5 ns ╵20 ns ╵100 ns    ");
        // What lies beyond the axis is not drawn at its end.
        assert_eq!(axis.line(&[bucket(5_000.0, 1)]).trim(), "");
    }
}
