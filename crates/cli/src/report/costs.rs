//! What readings cost: histograms on one axis, and the table behind them.

use maud::{Markup, html};

use super::page::scrolling;
use super::svg::{Axis, at, image};
use crate::bench::{Report, Row};
use crate::quantity::{nanos, ratio};

const WIDTH: f64 = 460.0;
/// The height of one histogram, its name above it.
const RIDGE: f64 = 66.0;
const BARS: f64 = 40.0;

pub(super) fn section(report: &Report) -> Markup {
    let drawn = report.drawn();
    super::page::section(
        "costs",
        html! {
            figure {
                (histograms(&drawn))
                figcaption {
                    "Single calls, each timed on its own, the counter's own cost taken off. A bar's height is the "
                    "logarithm of the number of calls, so that one in a thousand can be seen; the slowest "
                    "thousandth is left out of the drawing."
                }
            }
            (scrolling("What readings cost", table(&report.rows)))
            p.quiet {
                "p50 is throughput: the median of calls one after the other. The quantiles on its right are of single "
                "calls. The longest of them say as much about the machine's other work as about the reading."
            }
        },
    )
}

fn table(rows: &[Row]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { "Reading" }
                @for name in ["p50", "p90", "p99", "p99.9", "max", "ratio"] { th.number scope="col" { (name) } }
                th scope="col" { "to" }
            } }
            tbody {
                @for row in rows {
                    @let is_reference = row.name == row.against;
                    tr {
                        th scope="row" { (row.name) }
                        @for value in [row.p50_ns, row.p90_ns, row.p99_ns, row.p999_ns, row.max_ns] {
                            td.number { (nanos(value)) }
                        }
                        td.number { @if !is_reference { (ratio(row.ratio)) } }
                        td { @if !is_reference { (row.against) } }
                    }
                }
            }
        }
    }
}

fn histograms(rows: &[&Row]) -> Markup {
    let ends = rows.iter().filter_map(|row| Some((row.histogram.first()?.up_to_ns, row.p999_ns)));
    let (from, to) =
        ends.reduce(|one, next| (one.0.min(next.0), one.1.max(next.1))).unwrap_or((1.0, 1_000.0));
    let from = from.max(0.5);
    let axis = Axis { from, to: to.max(from * 2.0), start: 6.0, end: WIDTH - 6.0, is_log: true };
    let height = RIDGE * rows.len() as f64 + 30.0;
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{}: median {}, p99.9 {}",
                row.name,
                nanos(row.latency_p50_ns),
                nanos(row.p999_ns)
            )
        })
        .collect();
    let ticks = axis.ticks(7);
    let content = html! {
        @for tick in &ticks {
            line.rule x1=(at(axis.place(*tick))) x2=(at(axis.place(*tick))) y1="0" y2=(at(height - 26.0)) {}
        }
        @for (index, row) in rows.iter().enumerate() {
            @let base = RIDGE * (index + 1) as f64 - 4.0;
            path.area d=(bars(row, &axis, base)) {}
            line.axis x1="0" x2=(at(WIDTH)) y1=(at(base)) y2=(at(base)) {}
            text x="6" y=(at(base - BARS - 6.0)) { (row.name) }
            text class="quiet end" x=(at(WIDTH - 6.0)) y=(at(base - BARS - 6.0)) { "half within " (nanos(row.latency_p50_ns)) }
        }
        @for tick in &ticks {
            text class="quiet middle" x=(at(axis.place(*tick).clamp(24.0, WIDTH - 24.0))) y=(at(height - 8.0)) { (short(*tick)) }
        }
    };
    image("costs-drawing", (WIDTH, height), "How long single calls take", &told.join("; "), content)
}

/// The bars of a row as one path.
fn bars(row: &Row, axis: &Axis, base: f64) -> String {
    let most = row.histogram.iter().map(|bucket| bucket.calls).max().unwrap_or(1) as f64;
    let mut path = String::new();
    for bucket in &row.histogram {
        if bucket.up_to_ns > axis.to {
            break;
        }
        let (left, right) = (axis.place(bucket.start_ns()), axis.place(bucket.up_to_ns));
        let tall = (bucket.calls as f64).ln_1p() / most.ln_1p() * BARS;
        path += &format!(
            "M{} {}V{}H{}V{}z",
            at(left),
            at(base),
            at(base - tall),
            at(right.max(left + 1.0)),
            at(base)
        );
    }
    path
}

/// A round number of nanoseconds.
fn short(nanos: f64) -> String {
    match nanos {
        _ if nanos < 1e3 => format!("{nanos} ns"),
        _ if nanos < 1e6 => format!("{} µs", nanos / 1e3),
        _ => format!("{} ms", nanos / 1e6),
    }
}
