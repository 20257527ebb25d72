//! Works in slices until a deadline, is told to stop at it, and says how late it was.
//!
//! The deadline is a reading of both clocks, moved. What waits and what compares uses the
//! monotonic one: somebody who sets the wall clock meanwhile makes the work neither longer
//! nor shorter.
//!
//! `cargo run --release --example deadline_worker -- 250ms`

use std::error::Error;
use std::hint::black_box;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use instanter::{Duration, Time, now, sleep_until};

fn main() -> Result<(), Box<dyn Error>> {
    let budget: Duration = std::env::args().nth(1).unwrap_or("50ms".to_owned()).parse()?;
    let deadline = now() + budget;
    println!("working until {}", deadline.local().rfc3339());
    let Done { slices, late } = work_until(deadline);
    println!("{slices} slices, stopped {late} after the deadline");
    Ok(())
}

/// What became of the work.
pub(crate) struct Done {
    /// How much of it was done.
    pub(crate) slices: u64,
    /// How long after the deadline the worker had stopped.
    pub(crate) late: Duration,
}

/// Works on a thread of its own, which is told to stop at the deadline.
pub(crate) fn work_until(deadline: Time) -> Done {
    let cancelled = AtomicBool::new(false);
    let slices = thread::scope(|scope| {
        let worker = scope.spawn(|| {
            let mut slices = 0;
            while !cancelled.load(Ordering::Relaxed) {
                work();
                slices += 1;
            }
            slices
        });
        sleep_until(deadline);
        cancelled.store(true, Ordering::Relaxed);
        worker.join().expect("the work does not panic")
    });
    Done { slices, late: now().since(deadline) }
}

/// A slice: short enough that whoever cancels does not wait for long.
fn work() {
    black_box((0..10_000u64).fold(0, |sum, number| black_box(sum ^ number.wrapping_mul(sum | 1))));
}
