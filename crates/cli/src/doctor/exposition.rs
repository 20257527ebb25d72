//! A verdict as metrics, in the text format of Prometheus.
//!
//! # References
//! [Exposition formats](https://prometheus.io/docs/instrumenting/exposition_formats/),
//! [metric and label naming](https://prometheus.io/docs/practices/naming/).

use std::fmt::Write;

use super::metrics::METRICS;
use super::verdict::{Check, Figure, Level, Verdict};

/// Writes it, each metric with what it means and its type.
pub(super) fn write(verdict: &Verdict, unix_s: f64) -> String {
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, values: &[(Vec<(&str, &str)>, f64)]| {
        if values.is_empty() {
            return;
        }
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge");
        for (labels, value) in values {
            let _ = writeln!(text, "{name}{} {value}", written(labels));
        }
    };
    let alone = |value: f64| vec![(Vec::new(), value)];
    gauge(
        "instanter_doctor_info",
        "The program that made these metrics; always 1.",
        &[(vec![("version", verdict.version.as_str())], 1.0)],
    );
    gauge(
        "instanter_doctor_level",
        "Verdict on this machine's clock: 0 good, 1 degraded, 2 bad.",
        &alone(f64::from(verdict.level.number())),
    );
    let each = |value: fn(&Check) -> Option<f64>| -> Vec<_> {
        let of = |check| Some((vec![("check", Check::name(check))], value(check)?));
        verdict.checks.iter().filter_map(of).collect()
    };
    gauge(
        "instanter_doctor_check_level",
        "One check: 0 good, 1 degraded, 2 bad; absent where it could not be made.",
        &each(|check| (check.level > Level::Skipped).then(|| f64::from(check.level.number()))),
    );
    gauge(
        "instanter_doctor_check_skipped",
        "Whether a check could not be made.",
        &each(|check| Some(f64::from(u8::from(check.level == Level::Skipped)))),
    );
    gauge("instanter_doctor_duration_seconds", "How long the checks took.", &alone(verdict.took_s));
    gauge(
        "instanter_doctor_last_run_timestamp_seconds",
        "When the checks were made, in Unix time by the clock that is judged.",
        &alone(unix_s),
    );
    let figures = || verdict.checks.iter().flat_map(|check| &check.figures);
    for metric in METRICS {
        let values: Vec<_> = figures()
            .filter(|figure| figure.metric == metric.name)
            .map(|figure| (Figure::labels(figure), figure.value))
            .collect();
        gauge(metric.name, metric.help, &values);
    }
    text
}

impl Check {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Figure {
    fn labels(&self) -> Vec<(&str, &str)> {
        self.labels.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// `{name="value",…}`, or nothing.
fn written(labels: &[(&str, &str)]) -> String {
    if labels.is_empty() {
        return String::new();
    }
    let each: Vec<_> =
        labels.iter().map(|(name, value)| format!("{name}=\"{}\"", escaped(value))).collect();
    format!("{{{}}}", each.join(","))
}

fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::finding::Finding;
    use super::super::metrics;
    use super::*;

    fn verdict() -> Verdict {
        let checks = vec![
            Finding::new(Level::Bad, "slow")
                .labelled(metrics::CLOCKSOURCE, &[("name", "a\"b\\c\nd")], 1.0)
                .figure(metrics::PROGRAM_READ, 1.85e-6)
                .figure(metrics::SYSCALL_READ, f64::NAN)
                .into_check("clock-source", "Clock source", "because"),
            Finding::skipped("not allowed").into_check("coherence", "Counters", "because"),
        ];
        Verdict::of(checks, "2026-01-01T00:00:00Z".to_owned(), 1.5)
    }

    #[test]
    fn each_metric_has_its_meaning_and_its_type() {
        let text = write(&verdict(), 1_780_000_000.25);
        let wanted = [
            "# TYPE instanter_doctor_level gauge\ninstanter_doctor_level 2\n",
            "instanter_doctor_check_level{check=\"clock-source\"} 2\n",
            "instanter_doctor_check_skipped{check=\"coherence\"} 1\n",
            "instanter_clocksource_info{name=\"a\\\"b\\\\c\\nd\"} 1\n",
            "instanter_program_read_seconds 0.00000185\n",
            "instanter_doctor_last_run_timestamp_seconds 1780000000.25\n",
        ];
        for want in wanted {
            assert!(text.contains(want), "{want:?} in {text}");
        }
        assert!(!text.contains("check_level{check=\"coherence\"}"), "{text}");
        assert!(!text.contains("syscall_read"), "not measured: {text}");
    }

    #[test]
    fn names_are_by_the_conventions() {
        for metric in METRICS {
            let good = metric.name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
            let unit =
                ["_seconds", "_hertz", "_ratio", "_info", "_steps", "_synchronized", "_running"];
            assert!(good && unit.iter().any(|unit| metric.name.ends_with(unit)), "{}", metric.name);
            assert!(metric.help.ends_with('.') && !metric.help.contains('\\'), "{}", metric.help);
        }
        let document = include_str!("../../JSON.md");
        for metric in METRICS {
            assert!(document.contains(&format!("| `{}` |", metric.name)), "{}", metric.name);
        }
        let mut names: Vec<_> = METRICS.iter().map(|metric| metric.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), METRICS.len());
    }
}
