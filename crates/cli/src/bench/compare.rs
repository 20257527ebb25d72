//! This run beside an earlier one, and which differences are noise.
//!
//! An absolute time says as much about the machine's mood as about the reading, so
//! what is compared is the ratio to the bare counter (or whatever the row is measured
//! against) of the same run. Each run also has the medians of its five fifths: how
//! far these lie apart is what the machine does to a median while nothing changes.
//! A difference that is no larger than these spreads, of both runs and of both rows
//! that the ratio is made of, is called noise.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::Report;
use super::paths::Row;
use crate::failure::Failure;
use crate::quantity::nanos;
use crate::sheet::Sheet;
use crate::table::{Column, Table};

/// What a run says when it is read again.
#[derive(Debug, Deserialize)]
pub(super) struct Old {
    source: String,
    counter: String,
    rows: Vec<OldRow>,
}

/// A row as far as it is compared; runs of earlier versions have no fifths.
#[derive(Debug, Deserialize)]
struct OldRow {
    name: String,
    p50_ns: Option<f64>,
    ratio: Option<f64>,
    #[serde(default)]
    fifths_ns: Vec<f64>,
}

#[derive(Debug, Serialize)]
pub(super) struct Comparison {
    file: String,
    /// What makes the runs hard to compare.
    remarks: Vec<String>,
    rows: Vec<Compared>,
}

#[derive(Debug, Serialize)]
struct Compared {
    name: String,
    old_p50_ns: f64,
    new_p50_ns: f64,
    /// New ratio / old ratio − 1; of what is measured against itself, of times.
    change: f64,
    /// A change that is no larger says nothing.
    noise: f64,
    /// `noise`, `faster` or `slower`.
    verdict: &'static str,
}

/// Nobody who measures on a machine with other work believes less.
const SMALLEST: f64 = 0.02;

impl Old {
    pub(super) fn read(path: &Path) -> Result<Old, Failure> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|error| Failure::new(format!("cannot read {name:?}: {error}")))?;
        serde_json::from_str(&text).map_err(|error| {
            Failure::new(format!("{name:?} is not what `instanter bench --json` prints: {error}"))
        })
    }

    pub(super) fn against(&self, path: &Path, report: &Report) -> Comparison {
        let mut remarks = Vec::new();
        for (what, old, new) in [
            ("the clock was served by", self.source.as_str(), report.origin.source),
            ("the counter was", &self.counter, report.counter),
        ] {
            if old != new {
                remarks.push(format!("then {what} {old:?}, now {new:?}"));
            }
        }
        let mut rows = Vec::new();
        for new in &report.rows {
            match self.rows.iter().find(|old| old.name == new.name) {
                Some(old) => rows.extend(self.compared(old, new, &report.rows)),
                None => remarks.push(format!("{:?} was not measured then", new.name)),
            }
        }
        Comparison { file: path.display().to_string(), remarks, rows }
    }

    fn compared(&self, old: &OldRow, new: &Row, rows: &[Row]) -> Option<Compared> {
        let (old_p50, old_ratio) = (old.p50_ns?, old.ratio?);
        let is_reference = new.name == new.against;
        let (was, is) = if is_reference { (old_p50, new.p50_ns) } else { (old_ratio, new.ratio) };
        let mut noise = spread(&old.fifths_ns) + spread(&new.fifths_ns);
        if !is_reference {
            let old = self.rows.iter().find(|row| row.name == new.against);
            let new = rows.iter().find(|row| row.name == new.against);
            noise += old.map_or(0.0, |row| spread(&row.fifths_ns));
            noise += new.map_or(0.0, |row| spread(&row.fifths_ns));
        }
        let (change, noise) = (is / was - 1.0, noise.max(SMALLEST));
        let verdict = match change {
            _ if change.abs() <= noise => "noise",
            _ if change < 0.0 => "faster",
            _ if change > 0.0 => "slower",
            // Not a number: nothing can be said.
            _ => "noise",
        };
        Some(Compared {
            name: new.name.clone(),
            old_p50_ns: old_p50,
            new_p50_ns: new.p50_ns,
            change,
            noise,
            verdict,
        })
    }
}

/// How far the fifths lie to either side of their middle, as a share of it.
fn spread(fifths: &[f64]) -> f64 {
    let least = fifths.iter().copied().fold(f64::INFINITY, f64::min);
    let most = fifths.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if least > 0.0 && most.is_finite() { (most - least) / (most + least) } else { 0.0 }
}

pub(super) fn write(comparison: &Comparison, sheet: &mut Sheet) {
    sheet.strong(&format!("Compared with {:?}", comparison.file));
    let mut table = Table::new([
        Column::text("reading"),
        Column::number("then").expendable(1),
        Column::number("now").expendable(2),
        Column::number("change"),
        Column::number("noise").expendable(3),
        Column::text("so"),
    ]);
    for row in &comparison.rows {
        table.row([
            row.name.clone(),
            nanos(row.old_p50_ns),
            nanos(row.new_p50_ns),
            format!("{:+.1} %", row.change * 100.0),
            format!("±{:.1} %", row.noise * 100.0),
            row.verdict.to_owned(),
        ]);
    }
    let left_out = sheet.table(0, &table);
    sheet.left_out(&left_out);
    for remark in &comparison.remarks {
        sheet.prose(0, &format!("Note: {remark}."));
    }
    sheet.note(
        0,
        "The change is that of the ratio to what the row is measured against in the same run, so \
         that a machine that is slower today changes nothing; of the references themselves it is \
         that of their times. Noise is how far the fifths of both runs lay apart, at least 2 %. \
         Tails are not compared: one run's slowest thousandth is the machine's other work.",
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(name: &str, p50_ns: f64, against: &str, ratio: f64, fifths_ns: &[f64]) -> Row {
        Row {
            name: name.into(),
            p50_ns,
            calls_a_second: 0.0,
            latency_p50_ns: 0.0,
            p90_ns: 0.0,
            p99_ns: 0.0,
            p999_ns: 0.0,
            max_ns: 0.0,
            against: against.into(),
            ratio,
            fifths_ns: fifths_ns.to_vec(),
            histogram: Vec::new(),
        }
    }

    fn old(name: &str, p50_ns: f64, ratio: f64, fifths_ns: &[f64]) -> OldRow {
        let fifths_ns = fifths_ns.to_vec();
        OldRow { name: name.into(), p50_ns: Some(p50_ns), ratio: Some(ratio), fifths_ns }
    }

    #[test]
    fn spreads() {
        assert_eq!(spread(&[90.0, 100.0, 110.0]), 0.1);
        assert_eq!(spread(&[]), 0.0);
        assert_eq!(spread(&[0.0, 0.0]), 0.0);
    }

    #[test]
    fn a_slower_machine_changes_nothing() {
        let then = Old {
            source: "page".into(),
            counter: "TSC".into(),
            rows: vec![
                old("bare", 20.0, 1.0, &[20.0, 20.2]),
                old("same", 30.0, 1.5, &[30.0, 30.3]),
                old("worse", 30.0, 1.5, &[30.0, 30.3]),
                old("better", 30.0, 1.5, &[30.0, 30.3]),
                old("restless", 30.0, 1.5, &[20.0, 40.0]),
            ],
        };
        // Everything takes twice as long, and two rows have changed beside that.
        let now = [
            row("bare", 40.0, "bare", 1.0, &[40.0, 40.4]),
            row("same", 60.0, "bare", 1.5, &[60.0, 60.6]),
            row("worse", 80.0, "bare", 2.0, &[80.0, 80.8]),
            row("better", 40.0, "bare", 1.0, &[40.0, 40.4]),
            row("restless", 72.0, "bare", 1.8, &[60.0, 72.0]),
        ];
        let verdict = |index: usize| {
            then.compared(&then.rows[index], &now[index], &now).expect("comparable").verdict
        };
        let verdicts: Vec<_> = (0..5).map(verdict).collect();
        assert_eq!(verdicts, ["slower", "noise", "slower", "faster", "noise"]);
    }

    #[test]
    fn files_that_are_no_runs() {
        let folder = tempfile::tempdir().expect("a folder");
        for (content, says) in [
            ("", "EOF while parsing"),
            ("[]", "invalid"),
            ("{\"source\": \"page\"}", "missing field `counter`"),
            ("{\"source\": \"page\", \"counter\": \"TSC\", \"rows\": 1}", "line 1 column"),
        ] {
            let path = folder.path().join("old \"run\".json");
            std::fs::write(&path, content).expect("written");
            let message = Old::read(&path).expect_err("refused").to_string();
            assert!(
                message.contains(says) && message.contains("old \\\"run\\\".json"),
                "{message}"
            );
        }
    }
}
