//! The image at work: mapped into this very process, in front of its own vDSO.
#![cfg(all(target_os = "linux", target_arch = "x86_64"))]

use std::hint::black_box;
use std::io::Write;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::time::Instant;

use instanter_clock::vdso::Image;
use instanter_vdso::layout::{
    BUCKETS, CONTROL_BEFORE, COUNT, Control, Function, PRIVATE_BEFORE, Private, READY,
    SHARED_BEFORE, SITES, SLOT, Shared, TABLE_BEFORE, THREADS, Table,
};
use instanter_vdso::line::{RATE_ONE, SECOND, SHIFTED, SLOPED, STEPPED};

type ClockGettime = unsafe extern "C" fn(i32, *mut libc::timespec) -> i32;
type Gettimeofday = unsafe extern "C" fn(*mut libc::timeval, *mut libc::timezone) -> i32;
type Time = unsafe extern "C" fn(*mut i64) -> i64;

struct Mapped {
    base: *mut u8,
    kernel: ClockGettime,
    clock_gettime: ClockGettime,
    gettimeofday: Gettimeofday,
    time: Time,
}

// SAFETY: the memory stays mapped, and what lies there are atomics and code.
unsafe impl Sync for Mapped {}
// SAFETY: as above.
unsafe impl Send for Mapped {}

impl Mapped {
    fn new() -> Option<Mapped> {
        let bytes = instanter_vdso::IMAGE?;
        // SAFETY: asks for a word of the auxiliary vector.
        let kernel = unsafe { libc::getauxval(libc::AT_SYSINFO_EHDR) } as usize;
        if kernel == 0 {
            let _ = writeln!(std::io::stderr(), "skipped live: this process has no vDSO");
            return None;
        }
        // SAFETY: the first page of a vDSO is readable.
        let head = unsafe { std::slice::from_raw_parts(kernel as *const u8, 4096) };
        let length = Image::extent(head).unwrap();
        // SAFETY: its length says its header.
        let vdso = unsafe { std::slice::from_raw_parts(kernel as *const u8, length) };
        let vdso = Image::parse(vdso).unwrap();
        let size = TABLE_BEFORE + bytes.len();
        // SAFETY: fresh memory, filled in before it is made executable.
        let base = unsafe {
            let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
            let memory = libc::mmap(
                std::ptr::null_mut(),
                size + SLOT,
                libc::PROT_READ | libc::PROT_WRITE,
                flags,
                -1,
                0,
            );
            assert_ne!(memory, libc::MAP_FAILED);
            let base = (memory as usize).next_multiple_of(SLOT) as *mut u8;
            let base = base.add(TABLE_BEFORE.next_multiple_of(SLOT));
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), base, bytes.len());
            let read_exec = libc::PROT_READ | libc::PROT_EXEC;
            assert_eq!(libc::mprotect(base.cast(), bytes.len(), read_exec), 0);
            base
        };
        let own = Image::parse_file(bytes).unwrap();
        let at = |name: &str| {
            base as usize
                + own.function(&format!("__vdso_{name}"), Some("LINUX_2.6")).unwrap().offset
        };
        let kernels = |function: Function| {
            let name = format!("__vdso_{}", function.name());
            vdso.function(&name, None).map_or(0, |found| kernel + found.offset)
        };
        // SAFETY: these are functions of these types.
        let mapped = unsafe {
            Mapped {
                base,
                kernel: std::mem::transmute::<usize, ClockGettime>(kernels(Function::ClockGettime)),
                clock_gettime: std::mem::transmute::<usize, ClockGettime>(at("clock_gettime")),
                gettimeofday: std::mem::transmute::<usize, Gettimeofday>(at("gettimeofday")),
                time: std::mem::transmute::<usize, Time>(at("time")),
            }
        };
        for function in Function::ALL {
            let address = kernels(function) as u64;
            mapped.private().kernel[function as usize].store(address, Relaxed);
        }
        mapped.private().vdso[0].store(kernel as u64, Relaxed);
        mapped.private().vdso[1].store((kernel + length) as u64, Relaxed);
        mapped.private().process.store(7, Relaxed);
        Some(mapped)
    }

    fn part<T>(&self, before: usize) -> &T {
        // SAFETY: mapped by `new`, all zero at first, which every part may be.
        unsafe { &*self.base.wrapping_sub(before).cast() }
    }

    fn private(&self) -> &Private {
        self.part(PRIVATE_BEFORE)
    }

    fn control(&self) -> &Control {
        self.part(CONTROL_BEFORE)
    }

    fn shared(&self) -> &Shared {
        self.part(SHARED_BEFORE)
    }

    fn table(&self) -> &Table {
        self.part(TABLE_BEFORE)
    }

    fn read(&self, clock: i32) -> i128 {
        read(self.clock_gettime, clock)
    }
}

// A call site of its own.
#[inline(never)]
fn read(function: ClockGettime, clock: i32) -> i128 {
    let mut now = libc::timespec { tv_sec: -1, tv_nsec: -1 };
    // SAFETY: a function of this type, and memory for its answer.
    assert_eq!(unsafe { function(clock, &raw mut now) }, 0, "clock {clock}");
    i128::from(now.tv_sec) * 1_000_000_000 + i128::from(now.tv_nsec)
}

/// Clock ids with a line, that every kernel has.
const IDS: [i32; 8] = [0, 1, 4, 5, 6, 7, 11, 2];

#[test]
fn without_a_line_it_is_the_kernels_answer() {
    let Some(mapped) = Mapped::new() else { return };
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
    let Some(mapped) = Mapped::new() else { return };
    let lines = &mapped.control().views[3].lines;
    mapped.private().view.store(3, Relaxed);

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
    let Some(mapped) = Mapped::new() else { return };
    let control = mapped.control();
    let line = &control.views[0].lines[1];
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for round in 0..20_000_i64 {
                control.sequence.fetch_add(1, SeqCst);
                // Seconds and nanoseconds that belong together.
                line.seconds.store(round % 1000, Relaxed);
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
    let Some(mapped) = Mapped::new() else { return };
    mapped.control().flags.store(COUNT, SeqCst);
    mapped.control().served[Function::ClockGettime as usize].store(1 << 1, SeqCst);
    // A system call: no vDSO knows a process's CPU time.
    const CPU_TIME: i32 = 2;
    for round in 0..1000 {
        mapped.read(1);
        if round % 10 == 0 {
            mapped.read(CPU_TIME);
        }
    }
    mapped.control().flags.store(0, SeqCst);
    let mut by_clock = [(0, 0, 0, 0); 12];
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
        all.1 += site.fallbacks.load(Relaxed);
        all.2 += site.timed.load(Relaxed);
        all.3 += u32::from(from_here);
    }
    assert!(by_clock[1].0 == 1000 && by_clock[1].2 == 1000, "{by_clock:?}");
    assert!(by_clock[2].0 == 100 && by_clock[2].1 == 100, "{by_clock:?}");
    assert!(by_clock[1].3 > 0, "called from `read`: {by_clock:?}");
    assert_eq!(by_clock[1].1, 0, "{by_clock:?}");
    assert_eq!(mapped.table().lost.load(Relaxed), 0);
}

/// Not a test of speed: it prints what it measures, in alternation.
#[test]
fn what_a_read_costs() {
    let Some(mapped) = Mapped::new() else { return };
    let control = mapped.control();
    let line = &control.views[0].lines[1];
    line.seconds.store(3, Relaxed);
    line.source.store(1, Relaxed);
    line.rate.store(RATE_ONE * 3 / 2, Relaxed);
    control.served[Function::ClockGettime as usize].store(1 << 1, SeqCst);
    // SAFETY: asks for a word of the auxiliary vector; bit 1 is `HWCAP2_FSGSBASE`.
    let threads = if unsafe { libc::getauxval(libc::AT_HWCAP2) } & 2 != 0 { THREADS } else { 0 };
    let kinds: [(&str, u32, u32, u64); 7] = [
        ("the kernel's", 0, 0, 0),
        ("true", 0, 0, 0),
        ("shifted", SHIFTED, 0, 0),
        ("at another rate", SLOPED, 0, 0),
        ("counted, all timed", 0, COUNT | threads, 0),
        ("counted, 1 of 16 timed", 0, COUNT | threads, 15),
        ("counted, 1 of 64 timed", 0, COUNT | threads, 63),
    ];
    let mut batches = [const { Vec::new() }; 7];
    for _ in 0..60 {
        for (index, (_, kind, flags, mask)) in kinds.iter().enumerate() {
            line.kind.store(*kind, SeqCst);
            control.flags.store(*flags, SeqCst);
            control.time_mask.store(*mask, SeqCst);
            let function = if index == 0 { mapped.kernel } else { mapped.clock_gettime };
            let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
            let start = Instant::now();
            for _ in 0..10_000 {
                // SAFETY: as in `read`.
                unsafe { function(1, &raw mut now) };
                black_box(&now);
            }
            batches[index].push(start.elapsed().as_nanos() as f64 / 10_000.0);
        }
    }
    let mut out = std::io::stderr();
    for ((name, ..), batch) in kinds.iter().zip(&mut batches) {
        batch.sort_by(f64::total_cmp);
        let _ = writeln!(
            out,
            "clock_gettime {name}: {:.1} ns (least {:.1})",
            batch[batch.len() / 2],
            batch[0]
        );
    }
}
