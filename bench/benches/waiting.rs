//! How late a sleeper wakes up: ours, std's, and spin_sleep's.
//!
//! In alternation, so that each has the machine in the same moods. Lateness is
//! taken with the C library's clock around the call, so it has the call in it.

use instanter::Duration;

const ROUNDS: usize = 2_000;

/// One sleeper: its name, and how it sleeps for some nanoseconds.
struct Sleeper {
    name: &'static str,
    sleep: fn(u64),
    late_ns: Vec<f64>,
    /// CPU time that its sleeps took.
    cpu_ns: f64,
}

fn nanos(id: i32) -> i64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    unsafe { libc::clock_gettime(id, &mut time) };
    time.tv_sec * 1_000_000_000 + time.tv_nsec
}

fn sleepers() -> Vec<Sleeper> {
    let sleeper = |name, sleep| Sleeper { name, sleep, late_ns: Vec::new(), cpu_ns: 0.0 };
    vec![
        sleeper("sleep_precise", |ns| {
            instanter::sleep_precise(Duration::from_nanos(ns as i64));
        }),
        sleeper("spin_sleep", |ns| spin_sleep::sleep(std::time::Duration::from_nanos(ns))),
        sleeper("sleep", |ns| instanter::sleep(Duration::from_nanos(ns as i64))),
        sleeper("std::thread::sleep", |ns| {
            std::thread::sleep(std::time::Duration::from_nanos(ns));
        }),
    ]
}

fn measure(length_ns: u64, rounds: usize) -> Vec<Sleeper> {
    let mut sleepers = sleepers();
    for round in 0..rounds + 20 {
        for sleeper in &mut sleepers {
            let cpu = nanos(libc::CLOCK_THREAD_CPUTIME_ID);
            let start = nanos(libc::CLOCK_MONOTONIC);
            (sleeper.sleep)(length_ns);
            let took = nanos(libc::CLOCK_MONOTONIC) - start;
            let cpu = nanos(libc::CLOCK_THREAD_CPUTIME_ID) - cpu;
            // The first few learn.
            if round >= 20 {
                sleeper.late_ns.push((took - length_ns as i64) as f64);
                sleeper.cpu_ns += cpu as f64;
            }
        }
    }
    for sleeper in &mut sleepers {
        sleeper.late_ns.sort_by(f64::total_cmp);
    }
    sleepers
}

fn main() {
    println!("microseconds late; CPU time a sleep beside it\n");
    let mut goal = None;
    for (text, length_ns, rounds) in
        [("100 µs", 100_000, ROUNDS), ("1 ms", 1_000_000, ROUNDS / 2), ("10 ms", 10_000_000, 100)]
    {
        println!(
            "{:<20} {:>8} {:>8} {:>8} {:>9} │ {:>8}",
            text, "p50", "p99", "p99.9", "max", "CPU"
        );
        for Sleeper { name, late_ns, cpu_ns, .. } in measure(length_ns, rounds) {
            let quantile = |share: f64| {
                late_ns[((late_ns.len() - 1) as f64 * share).round() as usize] / 1_000.0
            };
            println!(
                "{name:<20} {:>8.2} {:>8.2} {:>8.2} {:>9.2} │ {:>8.2}",
                quantile(0.5),
                quantile(0.99),
                quantile(0.999),
                quantile(1.0),
                cpu_ns / late_ns.len() as f64 / 1_000.0
            );
            goal = goal.or(Some(quantile(0.5)));
        }
        println!();
    }
    let measured = goal.unwrap_or(f64::NAN);
    println!("{:<58} {:>8} {:>9}", "figure (median)", "measured", "goal");
    let met = if measured <= 2.0 { "" } else { "  not met" };
    println!("{:<58} {measured:>6.2}µs  <= 2µs{met}", "sleep_precise(100 µs) is late by");
}
