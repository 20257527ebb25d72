//! What the readings should reach, as ratios of medians from one run.

use instanter_measure::Cost;
use serde::Serialize;

use super::What;
use crate::quantity::{nanos, ratio};

/// A figure and its bound.
#[derive(Debug, Serialize)]
pub(super) struct Target {
    pub(super) figure: &'static str,
    /// `ratio` or `ns`.
    unit: &'static str,
    pub(super) measured: f64,
    pub(super) target: f64,
    /// Whether the target is a lower bound.
    pub(super) at_least: bool,
    pub(super) met: bool,
}

impl Target {
    fn at_most(figure: &'static str, unit: &'static str, measured: f64, target: f64) -> Target {
        let met = measured <= target;
        Target { figure, unit, measured, target, at_least: false, met }
    }

    fn at_least(figure: &'static str, measured: f64, target: f64) -> Target {
        let met = measured >= target;
        Target { figure, unit: "ratio", measured, target, at_least: true, met }
    }

    /// A value of this figure with its unit.
    pub(super) fn shown(&self, value: f64) -> String {
        if self.unit == "ns" { nanos(value) } else { ratio(value) }
    }
}

/// Every target that one run can tell. A figure that was not measured is left
/// out.
pub(super) fn all<'a>(
    cost: impl Fn(What) -> Option<&'a Cost>,
    first_call_ns: Option<f64>,
) -> Vec<Target> {
    let quotient =
        |above: What, below: What, of: fn(&Cost) -> f64| Some(of(cost(above)?) / of(cost(below)?));
    let median = |cost: &Cost| cost.batches.median();
    let p999 = |cost: &Cost| cost.calls.quantile(0.999);
    use What::*;
    let targets = [
        quotient(PairOrdered, CounterOrdered, median)
            .map(|got| Target::at_most("ordered pair / bare counter", "ratio", got, 1.15)),
        quotient(PairRelaxed, CounterRelaxed, median)
            .map(|got| Target::at_most("relaxed pair / bare counter", "ratio", got, 1.20)),
        quotient(PairVdso, PairOrdered, median)
            .map(|got| Target::at_least("two vDSO calls / ordered pair", got, 2.0)),
        quotient(PairVdso, PairRelaxed, median)
            .map(|got| Target::at_least("two vDSO calls / relaxed pair", got, 2.9)),
        quotient(CoarsePair, CoarseVdso, median)
            .map(|got| Target::at_most("coarse pair / one vDSO call", "ratio", got, 0.5)),
        quotient(PairOrdered, PairVdso, p999)
            .map(|got| Target::at_most("p99.9: ordered pair / vDSO calls", "ratio", got, 1.0)),
        first_call_ns.map(|got| Target::at_most("first call in a process", "ns", got, 50_000.0)),
    ];
    targets.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds_are_met_or_not() {
        assert!(Target::at_most("x", "ratio", 1.15, 1.15).met);
        assert!(!Target::at_most("x", "ratio", 1.16, 1.15).met);
        assert!(Target::at_least("x", 2.0, 2.0).met);
        assert!(!Target::at_least("x", f64::NAN, 2.0).met);
        assert_eq!(Target::at_most("x", "ns", 1.0, 50_000.0).shown(50_000.0), "50.0 µs");
    }
}
