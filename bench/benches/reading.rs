//! What a reading costs, beside the counter instruction that bounds it, the
//! kernel's vDSO, and the crates that calibrate a counter.
//!
//! All in one run and in alternation; the figure is the ratio of medians.

use std::process::Command;

use instanter_clock::{Clock, Pair, Timespec, kernel_clock_source};
use instanter_measure::{Cost, Settings, Subject, compare, keep, subject};

/// One call of the C library's `clock_gettime`, which is the vDSO's.
#[inline(always)]
fn vdso(id: i32) -> Timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    unsafe { libc::clock_gettime(id, &mut time) };
    Timespec { sec: time.tv_sec, nsec: time.tv_nsec as u32 }
}

/// Takes values out of registers at no cost: what follows a read in real code is
/// the caller's business, and folding two times into one number would put more
/// steps behind the counter than some reads take themselves.
#[inline(always)]
fn sink<const N: usize>(values: [u64; N]) -> u64 {
    for value in values {
        // SAFETY: no instruction.
        unsafe {
            std::arch::asm!("/* {0} */", in(reg) value, options(nomem, nostack, preserves_flags));
        }
    }
    0
}

#[inline(always)]
fn sink_timespec(time: Timespec) -> u64 {
    sink([time.sec as u64, u64::from(time.nsec)])
}

#[inline(always)]
fn sink_pair(pair: Result<Pair, instanter_clock::Error>) -> u64 {
    let pair = pair.unwrap_or_else(|error| panic!("{error}"));
    sink_timespec(pair.realtime) + sink_timespec(pair.monotonic)
}

/// The sixteen bytes as they are.
#[inline(always)]
fn sink_time(time: instanter::Time) -> u64 {
    // SAFETY: two words, any bits.
    sink(unsafe { std::mem::transmute::<instanter::Time, [u64; 2]>(time) })
}

const FIRST_CALL: &str = "--print-first-call-ns";

fn main() {
    if std::env::args().any(|argument| argument == FIRST_CALL) {
        return print_first_call();
    }
    let first_call = first_call_ns();
    let mut subjects: Vec<Subject<'_>> = vec![
        subject!("counter relaxed", sink([instanter_counter::relaxed()])),
        subject!("counter ordered", sink([instanter_counter::ordered()])),
        subject!("pair ordered", sink_pair(instanter_clock::pair())),
        subject!("pair relaxed", sink_pair(instanter_clock::pair_relaxed())),
        subject!("now()", sink_time(instanter::now())),
        subject!("now_relaxed()", sink_time(instanter::now_relaxed())),
        subject!("vDSO pair", sink_timespec(vdso(0)) + sink_timespec(vdso(1))),
        subject!("vDSO monotonic", sink_timespec(vdso(1))),
        subject!("monotonic relaxed", keep(instanter_clock::monotonic_nanos_relaxed())),
        subject!("quanta", keep(quanta::Instant::now())),
        subject!("fastant", keep(fastant::Instant::now())),
        subject!("minstant", keep(minstant::Instant::now())),
        subject!(
            "stopwatch",
            keep({
                let start = instanter_clock::monotonic_nanos_relaxed();
                instanter_clock::monotonic_nanos_relaxed() - start
            })
        ),
        subject!("quanta stopwatch", keep(quanta::Instant::now().elapsed())),
        subject!("fastant stopwatch", keep(fastant::Instant::now().elapsed())),
        subject!("minstant stopwatch", keep(minstant::Instant::now().elapsed())),
        subject!("coarse pair", sink_pair(instanter_clock::coarse_pair())),
        subject!("vDSO coarse", sink_timespec(vdso(Clock::MONOTONIC_COARSE.id()))),
        subject!("snapshot", keep(instanter_clock::snapshot())),
        subject!("epoch", sink([instanter_clock::epoch()])),
    ];
    let costs = compare(&mut subjects, Settings::thorough());
    let find = |name: &str| costs.iter().find(|cost| cost.name == name).expect("measured");
    print_costs(&costs);
    let median = |name: &str| find(name).batches.median();

    println!("\n{:<58} {:>8} {:>9}", "figure (ratio of medians, one run)", "measured", "goal");
    let row = |what: &str, value: f64, sign: &str, goal: f64| {
        let met = if sign == "<=" { value <= goal } else { value >= goal };
        let verdict = if met { "" } else { "  not met" };
        println!("{what:<58} {value:>7.2}× {sign:>3} {goal:>4.2}×{verdict}");
    };
    let ratio = |a: &str, b: &str| median(a) / median(b);
    row(
        "wall + monotonic, ordered / lfence; rdtsc",
        ratio("pair ordered", "counter ordered"),
        "<=",
        1.15,
    );
    row("wall + monotonic, relaxed / rdtsc", ratio("pair relaxed", "counter relaxed"), "<=", 1.20);
    row(
        "the same as instanter::now() / lfence; rdtsc",
        ratio("now()", "counter ordered"),
        "<=",
        1.15,
    );
    row(
        "the same as instanter::now_relaxed() / rdtsc",
        ratio("now_relaxed()", "counter relaxed"),
        "<=",
        1.20,
    );
    row("the same pair through the vDSO / ordered", ratio("vDSO pair", "pair ordered"), ">=", 2.0);
    row("the same pair through the vDSO / relaxed", ratio("vDSO pair", "pair relaxed"), ">=", 2.9);
    for peer in ["quanta", "fastant", "minstant"] {
        row(
            &format!("{peer} / monotonic alone, relaxed"),
            ratio(peer, "monotonic relaxed"),
            ">=",
            1.0,
        );
    }
    row(
        "both coarse clocks / one coarse vDSO call",
        ratio("coarse pair", "vDSO coarse"),
        "<=",
        0.5,
    );
    for share in [0.999, 1.0] {
        let name = if share == 1.0 { "max" } else { "p99.9" };
        let ours = find("pair ordered").calls.quantile(share);
        let theirs = find("vDSO pair").calls.quantile(share);
        row(&format!("{name} of the pair, ordered / through the vDSO"), ours / theirs, "<=", 1.0);
    }
    let met = if first_call <= 50_000.0 { "" } else { "  not met" };
    println!(
        "{:<58} {:>6.1}µs  <= 50µs{met}",
        "first call in a process, proof included (median of 41)",
        first_call / 1_000.0
    );
    println!("disagreement on the same counter value: 0 ns, by the test `same_counter`");
}

fn print_costs(costs: &[Cost]) {
    let name = kernel_clock_source();
    let source = name.as_ref().map_or("an unknown clock source", |name| name.as_str());
    println!("nanoseconds a call; the kernel counts {source}\n");
    println!(
        "{:<20} {:>8} {:>8} │ {:>8} {:>8} {:>8} {:>9}",
        "", "batch", "best", "one: p50", "p99", "p99.9", "max"
    );
    for Cost { name, batches, calls, .. } in costs {
        println!(
            "{name:<20} {:>8.2} {:>8.2} │ {:>8.1} {:>8.1} {:>8.1} {:>9.1}",
            batches.median(),
            batches.min(),
            calls.median(),
            calls.quantile(0.99),
            calls.quantile(0.999),
            calls.max()
        );
    }
}

/// Runs fresh processes, each of which times its own first call.
fn first_call_ns() -> f64 {
    let program = std::env::current_exe().expect("this program has a name");
    let mut nanos: Vec<f64> = (0..41)
        .map(|_| {
            let output = Command::new(&program).arg(FIRST_CALL).output().expect("it starts");
            String::from_utf8_lossy(&output.stdout).trim().parse().expect("a number")
        })
        .collect();
    nanos.sort_by(f64::total_cmp);
    nanos[nanos.len() / 2]
}

fn print_first_call() {
    let before = vdso(1);
    let first = instanter_clock::pair();
    let after = vdso(1);
    assert!(first.is_ok());
    println!("{}", after.as_nanos() - before.as_nanos());
}
