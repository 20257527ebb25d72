//! All CPUs read the time at once, and look for one that is behind another.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use super::coherence::pin;
use super::measured::{Backward, Stress};

/// Readings between two looks at the clock that ends it.
const BATCH: u32 = 64;

/// The latest reading that anybody has published, of each clock, in nanoseconds.
#[derive(Default)]
struct Published {
    wall: Latest,
    monotonic: Latest,
}

/// On lines of their own: CPUs take them from each other all the time.
#[repr(align(128))]
#[derive(Default)]
struct Latest(AtomicU64);

impl Latest {
    /// Compares a fresh reading with what was published before it was taken.
    fn compare(&self, read: impl FnOnce() -> Option<u64>, backward: &mut Backward) -> bool {
        let published = self.0.load(Ordering::Acquire);
        let Some(now) = read() else { return false };
        if now < published {
            backward.steps += 1;
            backward.worst_ns = backward.worst_ns.max(published - now);
        }
        self.0.fetch_max(now, Ordering::AcqRel);
        true
    }
}

/// Reads both clocks on all of `cpus` for some time.
///
/// # Errors
/// In words where no thread could be started, or no clock answers.
pub(crate) fn measure(cpus: &[usize], time: Duration) -> Result<Stress, String> {
    let (published, over) = (Published::default(), AtomicBool::new(false));
    let before = instanter_clock::epoch();
    let start = Instant::now();
    let parts = thread::scope(|scope| {
        let threads: Vec<_> = cpus
            .iter()
            .map(|&cpu| {
                let (published, over) = (&published, &over);
                thread::Builder::new().spawn_scoped(scope, move || watch(cpu, published, over))
            })
            .collect();
        thread::sleep(time);
        over.store(true, Ordering::Relaxed);
        threads
            .into_iter()
            .map(|thread| thread.ok().and_then(|thread| thread.join().ok()).flatten())
            .collect::<Vec<_>>()
    });
    let mut all = Stress {
        seconds: start.elapsed().as_secs_f64(),
        stepped: instanter_clock::epoch() != before,
        ..Stress::default()
    };
    for part in parts.into_iter().flatten() {
        all.cpus += 1;
        all.reads += part.reads;
        for (sum, one) in [(&mut all.wall, part.wall), (&mut all.monotonic, part.monotonic)] {
            sum.steps += one.steps;
            sum.worst_ns = sum.worst_ns.max(one.worst_ns);
        }
    }
    if all.reads == 0 {
        return Err("no CPU could read the time".to_owned());
    }
    Ok(all)
}

/// One CPU's part. Nothing where it is not to be had.
fn watch(cpu: usize, published: &Published, over: &AtomicBool) -> Option<Stress> {
    pin(cpu).ok()?;
    let mut seen = Stress::default();
    let nanos = |time: instanter_clock::Timespec| u64::try_from(time.as_nanos()).ok();
    while !over.load(Ordering::Relaxed) {
        for _ in 0..BATCH {
            let wall = || nanos(instanter_clock::Clock::REALTIME.now().ok()?);
            let monotonic = || nanos(instanter_clock::Clock::MONOTONIC.now().ok()?);
            let read = published.wall.compare(wall, &mut seen.wall)
                && published.monotonic.compare(monotonic, &mut seen.monotonic);
            if !read {
                return None;
            }
            seen.reads += 2;
        }
    }
    Some(seen)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_goes_back_is_seen() {
        let (latest, mut backward) = (Latest::default(), Backward::default());
        for now in [10, 20, 20, 15, 21, 1, 30] {
            assert!(latest.compare(|| Some(now), &mut backward));
        }
        assert_eq!(backward, Backward { steps: 2, worst_ns: 20 });
        assert!(!latest.compare(|| None, &mut backward));
    }

    #[test]
    fn every_cpu_reads() {
        let cpus = super::super::coherence::allowed_cpus().expect("the kernel tells");
        let stress = measure(&cpus, Duration::from_millis(20)).expect("clocks answer");
        assert!(stress.cpus >= 1 && stress.cpus <= cpus.len(), "{stress:?}");
        assert!(stress.reads > 0 && stress.seconds >= 0.02, "{stress:?}");
        assert!(measure(&[], Duration::ZERO).is_err());
    }
}
