//! What the counter of any CPU does, on the one that this is.

use std::io::Write;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use instanter_counter::{Counter, IS_THERE, NAME, Ordered, Relaxed, frequency, ordered, relaxed};

/// Far longer than any counter stands still, and no test waits it out.
const LONGEST: Duration = Duration::from_secs(60);

/// Whether the counters of all CPUs are one: of x86's the kernel says so by using them.
fn are_synchronised() -> bool {
    if !cfg!(any(target_arch = "x86", target_arch = "x86_64")) {
        return true;
    }
    let source = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    std::fs::read_to_string(source).is_ok_and(|name| name.trim() == "tsc")
}

#[test]
fn it_moves() {
    const { assert!(IS_THERE) };
    for read in [relaxed, ordered, || Relaxed.read()] {
        let (start, since) = (read(), Instant::now());
        while read() == start {
            assert!(since.elapsed() < LONGEST, "{NAME} stays at {start}");
        }
    }
}

#[test]
fn it_never_goes_back() {
    if !are_synchronised() {
        let _ = writeln!(std::io::stderr(), "skipped it_never_goes_back: the kernel counts not it");
        return;
    }
    let mut last = ordered();
    for _ in 0..100_000 {
        let next = ordered();
        assert!(next >= last, "{NAME}: {next} after {last}");
        last = next;
    }
}

/// A value that was published is never smaller than what whoever sees it reads next.
#[test]
fn what_is_published_is_past() {
    if !are_synchronised() {
        let _ = writeln!(
            std::io::stderr(),
            "skipped what_is_published_is_past: the kernel counts not it"
        );
        return;
    }
    let published = AtomicU64::new(0);
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..50_000 {
                Ordered.order();
                published.store(Ordered.read(), Ordering::Release);
            }
            ended.store(true, Ordering::Release);
        });
        while !ended.load(Ordering::Acquire) {
            let seen = published.load(Ordering::Acquire);
            let next = ordered();
            assert!(next >= seen, "{NAME}: {next} after {seen}");
        }
    });
    assert_ne!(published.into_inner(), 0);
}

/// The rate that the CPU states is the rate at which it counts.
#[test]
fn its_frequency() {
    let Some(hz) = frequency() else {
        let _ = writeln!(std::io::stderr(), "skipped its_frequency: {NAME} does not state it");
        return;
    };
    // There the CPU states it in a register, which an emulator need not keep.
    let source = "/sys/devices/system/clocksource/clocksource0/available_clocksource";
    let counts_it = || std::fs::read_to_string(source).is_ok_and(|all| all.contains("Constant"));
    if cfg!(target_arch = "loongarch64") && !counts_it() {
        let _ = writeln!(std::io::stderr(), "skipped its_frequency: the kernel counts not it");
        return;
    }
    // Between two instants each, so that a pause of this thread makes the bounds wide and
    // not the counter wrong.
    let look = || (Instant::now(), ordered(), Instant::now());
    let (before_first, first, after_first) = look();
    std::thread::sleep(Duration::from_millis(200));
    let (before_last, last, after_last) = look();
    let ticks = last.wrapping_sub(first) as f64;
    let (shortest, longest) = (before_last - after_first, after_last - before_first);
    let bounds = ticks / longest.as_secs_f64() * 0.98..=ticks / shortest.as_secs_f64() * 1.02;
    assert!(bounds.contains(&(hz as f64)), "{NAME} states {hz} Hz, seen {bounds:?}");
}
