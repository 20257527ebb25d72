//! While somebody disturbs the machine's time: steps the wall clock, exchanges
//! the clock source.
//!
//! These change the machine's clock for a moment, so they run where the
//! environment says `INSTANTER_TEST_DISTURB=1`, by whoever
//! may set clocks.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use instanter_clock::{
    Adjustment, Clock, PAGE, Pair, Source, Timespec, epoch, pair, snapshot, source,
};

use crate::namespace::{make_namespace, no_namespaces};
use crate::{
    Outcome, Role, Test, all_clocks_agree, ask_kernel, ensure, play, unless_it_may_set_clocks,
};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_wall_clock_is_stepped", why_not: not_allowed, run: || play("stepped", &[]) },
    Test {
        name: "the_wall_clock_is_stepped_without_a_page",
        why_not: not_allowed,
        run: || play("stepped", &[("INSTANTER_SOURCE", "vdso")]),
    },
    Test { name: "the_rate_is_bent_far", why_not: not_allowed, run: || play("bent", &[]) },
    Test {
        name: "the_clock_source_is_exchanged",
        why_not: no_other_clock_source,
        run: || play("exchanged", &[]),
    },
    Test {
        name: "the_clock_source_is_exchanged_outside_of_a_namespace",
        why_not: || no_other_clock_source().or_else(no_namespaces),
        run: || play("exchanged outside", &[]),
    },
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "stepped", run: in_stepped },
    Role { name: "bent", run: in_bent },
    Role { name: "exchanged", run: in_exchanged },
    Role {
        name: "exchanged outside",
        run: || make_namespace().and_then(|()| play("exchanged", &[])),
    },
];

const FOLDER: &str = "/sys/devices/system/clocksource/clocksource0";

pub(crate) fn is_allowed() -> bool {
    std::env::var_os("INSTANTER_TEST_DISTURB").is_some()
}

fn not_allowed() -> Option<String> {
    if !is_allowed() {
        return Some("changes this machine's clock; INSTANTER_TEST_DISTURB=1 allows it".to_owned());
    }
    unless_it_may_set_clocks()
}

fn clock_source(file: &str) -> String {
    std::fs::read_to_string(format!("{FOLDER}/{file}")).unwrap_or_default().trim().to_owned()
}

fn no_other_clock_source() -> Option<String> {
    let available = clock_source("available_clocksource");
    if available.split(' ').count() < 2 {
        return Some(format!("the machine has one clock source ({available:?})"));
    }
    // Even root may not, where sysfs is mounted to be read only.
    let again = || std::fs::write(format!("{FOLDER}/current_clocksource"), current()).err();
    not_allowed().or_else(|| again().map(|error| format!("it cannot be chosen here: {error}")))
}

fn current() -> String {
    clock_source("current_clocksource")
}

/// Threads that read, and how far they are.
#[derive(Default)]
struct Readers {
    reads: AtomicU64,
    /// Set when there is nothing more to read, or somebody read something wrong.
    done: AtomicBool,
}

impl Readers {
    const COUNT: u64 = 2;

    /// Waits until the threads have read some more.
    fn let_read(&self) {
        let enough = self.reads.load(Ordering::Relaxed) + 100 * Readers::COUNT;
        while self.reads.load(Ordering::Relaxed) < enough && !self.done.load(Ordering::Relaxed) {
            std::thread::yield_now();
        }
    }

    /// Reads all the time, and checks that monotonic clocks go forward.
    fn read(&self) -> Outcome {
        let mut last = [Timespec::default(); 4];
        while !self.done.load(Ordering::Relaxed) {
            let all = snapshot().map_err(|error| error.to_string())?;
            let pair = pair().map_err(|error| error.to_string())?;
            let now = [all.monotonic, pair.monotonic, all.monotonic_raw, all.boottime];
            ensure(pair.monotonic >= all.monotonic, || format!("{pair:?} {all:?}"))?;
            for (now, last) in now.iter().zip(last) {
                ensure(*now >= last, || format!("{now} after {last}"))?;
            }
            last = now;
            self.reads.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Runs `disturb` while threads read.
fn while_read(disturb: impl FnOnce(&Readers) -> Outcome) -> Outcome {
    let readers = Readers::default();
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..Readers::COUNT)
            .map(|_| {
                scope.spawn(|| {
                    let outcome = readers.read();
                    readers.done.store(true, Ordering::Relaxed);
                    outcome
                })
            })
            .collect();
        readers.let_read();
        let outcome = disturb(&readers);
        readers.done.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.join().map_err(|_| "a reader panicked".to_owned())?)
            .chain([outcome])
            .collect()
    })
}

/// Steps forward and back by as much: monotonic time does not notice, the wall
/// clock follows at once, the epoch changes.
fn in_stepped() -> Outcome {
    const STEP: i64 = 1_000;
    let step = |seconds| {
        let by = Adjustment::new().step(Timespec::new(seconds, 0));
        Clock::REALTIME.adjust(by).map(|_| ()).map_err(|error| error.to_string())
    };
    // And how long it took: without a page the two readings are not of one moment.
    let read = || -> Result<(Pair, i128), String> {
        let start = ask_kernel(Clock::MONOTONIC)?.as_nanos();
        let pair = pair().map_err(|error| error.to_string())?;
        Ok((pair, ask_kernel(Clock::MONOTONIC)?.as_nanos() - start))
    };
    while_read(|readers| {
        for round in 0..20 {
            for seconds in [STEP, -STEP] {
                let ((before, took_before), before_epoch) = (read()?, epoch());
                step(seconds)?;
                let ((after, took_after), after_epoch) = (read()?, epoch());
                let wall = after.realtime.as_nanos() - before.realtime.as_nanos();
                let monotonic = after.monotonic.as_nanos() - before.monotonic.as_nanos();
                let stepped = wall - monotonic;
                let want = i128::from(seconds) * 1_000_000_000;
                let paged = source(Clock::REALTIME) == Source::Page;
                let slack = if paged { 0 } else { took_before + took_after };
                ensure((stepped - want).abs() <= slack, || {
                    format!("round {round}: stepped by {stepped}, not {want}")
                })?;
                ensure(before_epoch != after_epoch, || "the epoch did not change".to_owned())?;
                readers.let_read();
            }
        }
        Ok(())
    })?;
    all_clocks_agree()
}

/// Who serves the monotonic clock, once that is who it was, or after ten seconds.
fn back_to(before: Source) -> Source {
    let deadline = Instant::now() + Duration::from_secs(10);
    while source(Clock::MONOTONIC) != before && Instant::now() < deadline {
        std::thread::sleep(Duration::from_millis(10));
        let _ = pair();
    }
    source(Clock::MONOTONIC)
}

/// Bends the clock by more than the reader's window, with adjtimex's tick: the
/// page is left, proved again at the new rate, and used again.
fn in_bent() -> Outcome {
    let bend = |tick_us| {
        let change = Adjustment::new().tick_us(tick_us);
        Clock::REALTIME.adjust(change).map_err(|error| error.to_string())
    };
    let usual = Clock::REALTIME.discipline().map_err(|error| error.to_string())?.tick_us;
    let served = source(Clock::MONOTONIC);
    let generation = PAGE.generation();
    let outcome = while_read(|readers| {
        for tick_us in [usual + usual / 40, usual - usual / 40] {
            bend(tick_us)?;
            // The kernel bends the line at one of its next ticks.
            for _ in 0..20 {
                std::thread::sleep(Duration::from_millis(5));
                all_clocks_agree()?;
            }
            readers.let_read();
            let now = back_to(served);
            ensure(now == served, || format!("served by {served} before, by {now} when bent"))?;
        }
        Ok(())
    });
    bend(usual)?;
    outcome?;
    let proofs = PAGE.generation() - generation;
    ensure(served != Source::Page || proofs >= 2, || format!("proved again {proofs} times"))
}

/// Puts the clock source back however the test ends.
struct Restore(String);

impl Drop for Restore {
    fn drop(&mut self) {
        let _ = std::fs::write(format!("{FOLDER}/current_clocksource"), &self.0);
    }
}

/// Exchanges the clock source and puts it back: every clock stays right, and the
/// page is used again in the end.
fn in_exchanged() -> Outcome {
    let file = format!("{FOLDER}/current_clocksource");
    let original = current();
    let restore = Restore(original.clone());
    let set = |name: &str| std::fs::write(&file, name).map_err(|error| format!("{file}: {error}"));
    let before = source(Clock::MONOTONIC);
    let available = clock_source("available_clocksource");
    let before_epoch = epoch();
    while_read(|readers| {
        for other in available.split(' ').filter(|name| *name != original) {
            set(other)?;
            all_clocks_agree()?;
            ensure(epoch() != before_epoch, || format!("{other}: the epoch did not change"))?;
            readers.let_read();
            set(&original)?;
            all_clocks_agree()?;
            readers.let_read();
        }
        Ok(())
    })?;
    drop(restore);
    // The kernel exchanges clock sources when it gets to it.
    let after = back_to(before);
    ensure(after == before, || format!("served by {before} before, by {after} after"))
}
