//! A kernel that keeps time, in sixty lines: it chooses a counter, ticks, obeys
//! `adjtimex`, sleeps, and keeps a page that a program reads without asking it.
//!
//! ```text
//! cargo run -p instanter-keeper --example kernel
//! ```

use std::sync::atomic::AtomicU64;

use instanter_keeper::{Clock, ClockSource, Frequency, Registry, Timekeeper, Timespec, Timex, adj};
use instanter_page::linux::{LAYOUTS, Place, Reader, Writer, base, prove};

/// Runs it.
///
/// # Errors
/// Whatever refused.
pub fn main() -> Result<(), Box<dyn std::error::Error>> {
    let hertz = |hertz| Frequency::hertz(hertz).ok_or("no frequency");
    let mut sources = Registry::<4>::new();
    sources.register(ClockSource::new("jiffies", hertz(250)?, 32))?;
    let tsc = ClockSource::new("tsc", hertz(2_100_000_000)?, 64).rated(300).continuous();
    sources.register(tsc.readable_as(1))?;
    let best = sources.best().and_then(|id| sources.get(id)).ok_or("no clock source")?;
    println!("keeping time with {} at {}", best.name(), best.frequency());

    // The machine's counter, and the memory that it shares with its programs.
    let mut counter = 5_000_000_000u64;
    let memory = [const { AtomicU64::new(0) }; 512];
    let place = Place { start: memory.as_ptr().cast(), page_size: 4096, layout: &LAYOUTS[0] };
    // SAFETY: the memory is as long as a page, and only this writer writes it.
    let mut page = unsafe { Writer::new(place) };

    let mut keeper = Timekeeper::new(*best, counter, Timespec::new(1_700_000_000, 0));
    page.update(|| keeper.contents());

    // A program finds the page, and trusts it once it agrees with the kernel.
    let program = Reader::new();
    let kernel = |index| {
        let clocks = keeper.clocks();
        Some(match index {
            base::REALTIME => clocks.time(Clock::Realtime, counter),
            base::MONOTONIC => clocks.time(Clock::Monotonic, counter),
            base::MONOTONIC_RAW => clocks.time(Clock::Raw, counter),
            base::BOOTTIME => clocks.time(Clock::Boottime, counter),
            base::TAI => clocks.time(Clock::Tai, counter),
            base::REALTIME_COARSE => clocks.coarse(Clock::Realtime),
            _ => clocks.coarse(Clock::Monotonic),
        })
    };
    // SAFETY: the memory outlives the reader.
    unsafe { prove(&program, place, || counter, kernel, Some(1)) }?;

    // A daemon finds that the counter is 50 ppm slow, and two seconds pass.
    let mut request = Timex { modes: adj::FREQUENCY, freq: 50 << 16, ..Timex::default() };
    keeper.adjust(counter, &mut request)?;
    for _ in 0..500 {
        counter += 8_400_000; // 4 ms
        page.update(|| {
            keeper.tick(counter);
            keeper.contents()
        });
    }
    // The machine sleeps for an hour, by its battery-backed clock.
    keeper.suspend(counter, Some(Timespec::new(0, 0)))?;
    keeper.resume(counter, Some(Timespec::new(3_600, 0)))?;
    page.update(|| keeper.contents());

    let now = program.snapshot(|| counter + 2_100).ok_or("the page is not trusted")?;
    println!("realtime {}, monotonic {}, boottime {}", now.realtime, now.monotonic, now.boottime);
    assert_eq!(now.realtime, keeper.clocks().time(Clock::Realtime, counter + 2_100));
    let off_ns = now.monotonic.as_nanos() - 2_000_101_000; // 2 s, 50 ppm of it, and 1 µs
    assert!(off_ns.abs() <= 1, "{off_ns} ns");
    assert_eq!(now.boottime.sec, 3_602);
    Ok(())
}
