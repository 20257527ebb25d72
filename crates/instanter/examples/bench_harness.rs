//! Measures a closure many times, and prints the median, the 99th percentile and the longest.
//!
//! `cargo run --release --example bench_harness`

use std::collections::HashMap;
use std::hint::black_box;

use instanter::{Duration, now};

fn main() {
    let numbers: Vec<u64> = (0..10_000).rev().collect();
    let map: HashMap<u64, u64> = numbers.iter().map(|&number| (number, number * 2)).collect();

    println!("{:<20} {:>12} {:>12} {:>12}", "", "median", "p99", "longest");
    report("nothing", || {});
    report("look up a number", || {
        black_box(map.get(black_box(&7_777)));
    });
    report("sort 10,000 numbers", || {
        let mut numbers = numbers.clone();
        numbers.sort_unstable();
        black_box(numbers);
    });
}

fn report(name: &str, work: impl FnMut()) {
    let costs = measure(1_000, work);
    let [median, p99, longest] = [0.5, 0.99, 1.0].map(|rank| quantile(&costs, rank));
    println!("{name:<20} {median:>12} {p99:>12} {longest:>12}");
}

/// Returns what each run took, the shortest first.
pub(crate) fn measure(runs: usize, mut work: impl FnMut()) -> Vec<Duration> {
    // The first run meets cold caches, and is another question.
    work();
    let once = |_| {
        let start = now();
        work();
        start.elapsed()
    };
    let mut costs: Vec<Duration> = (0..runs).map(once).collect();
    costs.sort_unstable();
    costs
}

/// Returns the cost that so large a part of the runs does not exceed.
pub(crate) fn quantile(costs: &[Duration], part: f64) -> Duration {
    let rank = (costs.len() as f64 * part).ceil() as usize;
    costs[rank.clamp(1, costs.len()) - 1]
}
