//! What a read costs.

use std::hint::black_box;
use std::io::Write;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Instant;

use instanter_vdso::layout::{COUNT, THREADS};
use instanter_vdso::line::{RATE_ONE, SHIFTED, SLOPED};

use super::mapped::Mapped;

/// Not a test of speed: it prints what it measures, in alternation.
#[test]
fn what_a_read_costs() {
    const READS: u32 = 1000;
    let Some(mapped) = Mapped::new() else { return };
    let control = mapped.control();
    let line = &control.view(0)[1];
    line.seconds.store(3, Relaxed);
    line.source.store(1, Relaxed);
    line.rate.store(RATE_ONE * 3 / 2, Relaxed);
    // SAFETY: asks for a word of the auxiliary vector; bit 1 is `HWCAP2_FSGSBASE`.
    let threads = if unsafe { libc::getauxval(libc::AT_HWCAP2) } & 2 != 0 { THREADS } else { 0 };
    mapped.look_at_the_kernels();
    let kinds: [(&str, u32, u32, u64); 7] = [
        ("the kernel's", 0, 0, 0),
        ("true", 0, 0, 0),
        ("shifted", SHIFTED, 0, 0),
        ("at another rate", SLOPED, 0, 0),
        ("counted, all timed", 0, COUNT | threads, 0),
        ("counted, 1 of 16 timed", 0, COUNT | threads, 15),
        ("counted, 1 of 64 timed", 0, COUNT | threads, 63),
    ];
    // What is compared is measured within a fraction of a millisecond, at one frequency.
    let mut rounds = Vec::new();
    for _ in 0..400 {
        rounds.push(kinds.map(|(name, kind, flags, untimed)| {
            line.kind.store(kind, SeqCst);
            control.flags.store(flags, SeqCst);
            control.untimed.store(untimed, SeqCst);
            let is_kernel = name == kinds[0].0;
            let function = if is_kernel { mapped.kernel } else { mapped.clock_gettime };
            let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            let start = Instant::now();
            for _ in 0..READS {
                // SAFETY: as in `read`.
                unsafe { function(1, &raw mut now) };
                black_box(&now);
            }
            start.elapsed().as_nanos() as f64 / f64::from(READS)
        }));
    }
    let middle = |mut numbers: Vec<f64>| {
        numbers.sort_by(f64::total_cmp);
        numbers[numbers.len() / 2]
    };
    let mut out = std::io::stderr();
    for (index, (name, ..)) in kinds.iter().enumerate() {
        let all = middle(rounds.iter().map(|round| round[index]).collect());
        let more = middle(rounds.iter().map(|round| round[index] - round[0]).collect());
        let _ = writeln!(out, "clock_gettime {name}: {all:.1} ns, {more:+.1} ns");
    }
}
