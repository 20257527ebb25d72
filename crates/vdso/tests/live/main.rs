//! The image at work: mapped into this very process, in front of its own vDSO.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

mod cost;
mod mapped;
mod pages;
mod wrappers;

use std::sync::atomic::Ordering::{Relaxed, SeqCst};

use instanter_vdso::layout::{BUCKETS, CLOCKS, COUNT, Function, READY, SITES};
use instanter_vdso::line::{RATE_ONE, SECOND, SHIFTED, SLOPED, STEPPED};
use mapped::{Mapped, read};

/// By the kernel's function, and from its page, where that can be proved.
fn both_ways(test: impl Fn(Mapped)) {
    let Some(mapped) = Mapped::new() else { return };
    test(mapped);
    if let Some(mapped) = Mapped::new()
        && mapped.look_at_the_kernels()
    {
        test(mapped);
    }
}

/// Clock ids with a line, that every kernel has.
const IDS: [i32; 8] = [0, 1, 4, 5, 6, 7, 11, 2];

#[test]
fn without_a_line_it_is_the_kernels_answer() {
    both_ways(|mapped| is_the_kernels_answer(&mapped));
}

fn is_the_kernels_answer(mapped: &Mapped) {
    for clock in IDS {
        let before = read(mapped.kernel, clock);
        let between = mapped.read(clock);
        let after = read(mapped.kernel, clock);
        assert!(before <= between && between <= after, "{clock}: {before} {between} {after}");
    }
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: as in `read`.
    let bad = unsafe { (mapped.clock_gettime)(77, &raw mut now) };
    // SAFETY: as in `read`.
    assert_eq!(bad, unsafe { (mapped.kernel)(77, &raw mut now) });
    assert_eq!(bad, -libc::EINVAL);
}

#[test]
fn lines_are_applied() {
    both_ways(|mapped| applies_lines(&mapped));
}

fn applies_lines(mapped: &Mapped) {
    let lines = &mapped.control().view(3);
    mapped.private().lines.store(3 * CLOCKS as u32, Relaxed);

    // Shifted by 12.9 s, so that there is a carry nine times of ten.
    lines[0].seconds.store(12, Relaxed);
    lines[0].nanoseconds.store(900_000_000, Relaxed);
    lines[0].kind.store(SHIFTED, SeqCst);
    for _ in 0..1000 {
        let before = read(mapped.kernel, 0);
        let shown = mapped.read(0) - 12_900_000_000;
        assert!(before <= shown && shown <= read(mapped.kernel, 0));
    }
    let mut day = libc::timeval { tv_sec: 0, tv_usec: -1 };
    // SAFETY: memory for the answer; null where none is wanted.
    assert_eq!(unsafe { (mapped.gettimeofday)(&raw mut day, std::ptr::null_mut()) }, 0);
    let (us, now) = (i128::from(day.tv_sec) * 1_000_000 + i128::from(day.tv_usec), mapped.read(0));
    assert!((0..1_000_000).contains(&day.tv_usec) && us <= now / 1000);
    let mut seconds = 0;
    // SAFETY: memory for the answer.
    let returned = unsafe { (mapped.time)(&raw mut seconds) };
    assert!(returned == seconds && i128::from(seconds) >= us / 1_000_000);

    // A thousandfold from a moment on, in the year 2038.
    let origin = read(mapped.kernel, 1);
    lines[1].origin.store(i64::try_from(origin).unwrap(), Relaxed);
    lines[1].rate.store(RATE_ONE * 1000, Relaxed);
    lines[1].seconds.store(2_147_483_647, Relaxed);
    lines[1].source.store(1, Relaxed);
    lines[1].kind.store(SLOPED, SeqCst);
    for _ in 0..1000 {
        let before = (read(mapped.kernel, 1) - origin) * 1000;
        let shown = mapped.read(1) - 2_147_483_647 * 1_000_000_000;
        assert!(before <= shown && shown <= (read(mapped.kernel, 1) - origin) * 1000);
    }

    // A second a read.
    lines[7].step.store(SECOND as u64, Relaxed);
    lines[7].counter.store(1, Relaxed);
    lines[7].source.store(7, Relaxed);
    lines[7].kind.store(STEPPED, SeqCst);
    assert_eq!([mapped.read(7), mapped.read(7)], [0, 1_000_000_000]);
    assert_eq!(mapped.shared().reads[3][1].load(Relaxed), 2);
}

#[test]
fn a_change_is_seen_whole() {
    both_ways(|mapped| shows_a_change_whole(&mapped));
}

fn shows_a_change_whole(mapped: &Mapped) {
    let control = mapped.control();
    let line = &control.view(0)[1];
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..20_000_i64 {
                control.sequence.fetch_add(1, SeqCst);
                // Seconds and nanoseconds that belong together.
                line.seconds.store(round % 1000, Relaxed);
                // Long enough for a whole read.
                for _ in 0..round % 100 {
                    std::hint::spin_loop();
                }
                line.nanoseconds.store(round % 1000, Relaxed);
                line.rate.store(0, Relaxed);
                line.source.store(1, Relaxed);
                line.kind.store(SLOPED, Relaxed);
                control.sequence.fetch_add(1, SeqCst);
            }
            stop.store(true, SeqCst);
        });
        let mut seen = 0;
        while !stop.load(Relaxed) {
            // Before the reading: what it shows may be older than what is seen afterwards.
            let sloped = line.kind.load(SeqCst) == SLOPED;
            let shown = mapped.read(1);
            if sloped {
                assert_eq!(shown / 1_000_000_000, shown % 1_000_000_000, "after {seen}");
                seen += 1;
            }
        }
    });
}

#[test]
fn reads_are_counted_by_call_site() {
    both_ways(|mapped| counts_by_call_site(&mapped));
}

fn counts_by_call_site(mapped: &Mapped) {
    mapped.control().flags.store(COUNT, SeqCst);
    // A system call: no vDSO knows a process's CPU time.
    const CPU_TIME: i32 = 2;
    for round in 0..1000 {
        mapped.read(1);
        if round % 10 == 0 {
            mapped.read(CPU_TIME);
        }
    }
    mapped.control().flags.store(0, SeqCst);
    let mut by_clock = [(0, 0, 0); 12];
    for site in &mapped.table().sites[..SITES] {
        if site.state.load(SeqCst) != READY {
            continue;
        }
        assert_eq!(site.process.load(Relaxed), 7);
        assert_eq!(site.function.load(Relaxed), Function::ClockGettime as u32);
        let sum: u32 = (0..BUCKETS).map(|bucket| site.buckets[bucket].load(Relaxed)).sum();
        let count = site.count.load(Relaxed);
        assert_eq!(u64::from(sum), site.timed.load(Relaxed));
        assert!(site.ticks.load(Relaxed) >= site.longest.load(Relaxed));
        let all = &mut by_clock[site.clock.load(Relaxed) as usize];
        let near = read as *const () as u64;
        let from_here = site.address.load(Relaxed).abs_diff(near) < 4096;
        all.0 += count;
        all.1 += site.timed.load(Relaxed);
        all.2 += u32::from(from_here);
    }
    assert!(by_clock[1].0 == 1000 && by_clock[1].1 == 1000, "{by_clock:?}");
    assert!(by_clock[2].0 == 100 && by_clock[2].1 == 100, "{by_clock:?}");
    assert!(by_clock[1].2 > 0, "called from `read`: {by_clock:?}");
    assert_eq!(mapped.table().lost.load(Relaxed), 0);
}

#[test]
fn after_one_that_is_timed_some_are_only_counted() {
    both_ways(|mapped| {
        mapped.control().flags.store(COUNT, SeqCst);
        mapped.control().untimed.store(63, SeqCst);
        let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
        let out = &raw mut now;
        // Two callers in turn.
        for _ in 0..1000 {
            // SAFETY: a function of this type, and memory for its answer.
            unsafe {
                (mapped.clock_gettime)(1, out);
                (mapped.clock_gettime)(1, out);
            }
        }
        mapped.control().flags.store(0, SeqCst);
        let sites = mapped.table().sites.iter().filter(|site| site.state.load(SeqCst) == READY);
        let counts: Vec<_> =
            sites.map(|site| (site.count.load(Relaxed), site.timed.load(Relaxed))).collect();
        // The first, and each that follows 63 others.
        assert_eq!(counts, [(1000, 16), (1000, 16)]);
    });
}
