//! On the same counter value, our answer is the kernel's to the nanosecond.
//!
//! The kernel's own vDSO is made to read a counter of our choice: PR_SET_TSC lets
//! `rdtsc` raise a signal, whose handler answers in the counter's place. So the
//! kernel's code and ours evaluate one page at one counter value: now, long after
//! the last tick (where 64 bits overflow), and before it.
#![cfg(all(target_arch = "x86_64", target_os = "linux"))]

use std::io::Write;
use std::sync::atomic::{AtomicU64, Ordering};

use instanter_clock::{Clock, PAGE, Source, Timespec, source, survey};
use instanter_page::linux::Frame;

static COUNTER: AtomicU64 = AtomicU64::new(0);
static ANSWERED: AtomicU64 = AtomicU64::new(0);

/// Answers a trapped `rdtsc` or `rdtscp` with [`COUNTER`].
extern "C" fn on_trap(_: i32, _: *mut libc::siginfo_t, context: *mut libc::c_void) {
    // SAFETY: the kernel passes a ucontext, and the instruction pointer is at
    // code that was just about to run, so it can be read.
    unsafe {
        let registers = &mut (*context.cast::<libc::ucontext_t>()).uc_mcontext.gregs;
        let at = registers[libc::REG_RIP as usize];
        let code =
            std::slice::from_raw_parts(std::ptr::with_exposed_provenance::<u8>(at as usize), 3);
        let length = match code {
            [0x0f, 0x31, _] => 2,
            [0x0f, 0x01, 0xf9] => {
                registers[libc::REG_RCX as usize] = 0;
                3
            }
            _ => libc::abort(),
        };
        let counter = COUNTER.load(Ordering::Relaxed);
        registers[libc::REG_RAX as usize] = (counter & 0xffff_ffff) as i64;
        registers[libc::REG_RDX as usize] = (counter >> 32) as i64;
        registers[libc::REG_RIP as usize] = at + length;
        ANSWERED.fetch_add(1, Ordering::Relaxed);
    }
}

fn set_trap(mode: i32) -> bool {
    // SAFETY: changes how this thread's rdtsc behaves, for which there is a handler.
    unsafe { libc::prctl(libc::PR_SET_TSC, mode, 0, 0, 0) == 0 }
}

fn through_vdso(function: usize, id: i32) -> Timespec {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the address of clock_gettime in the vDSO, as the survey found it.
    let status = unsafe {
        let function: extern "C" fn(i32, *mut libc::timespec) -> i32 =
            std::mem::transmute(std::ptr::with_exposed_provenance::<()>(function));
        function(id, &mut time)
    };
    assert_eq!(status, 0);
    Timespec::new(time.tv_sec, time.tv_nsec as u32)
}

#[test]
fn the_kernel_answers_the_same() {
    let skip = |why: &str| {
        let _ = writeln!(std::io::stderr(), "skipped the_kernel_answers_the_same: {why}");
    };
    if source(Clock::REALTIME) != Source::Page {
        return skip("the page is not used on this machine");
    }
    let function = survey().functions.expect("a page has a vDSO").clock_gettime;
    let place = PAGE.place().expect("the page is used");
    // SAFETY: a handler that touches registers and atomics only.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = (on_trap as extern "C" fn(_, _, _)) as usize;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_NODEFER;
        assert_eq!(libc::sigaction(libc::SIGSEGV, &action, std::ptr::null_mut()), 0);
    }
    if !set_trap(libc::PR_TSC_SIGSEGV) {
        return skip("PR_SET_TSC is refused");
    }
    let origin = PAGE.coarse_frame(|| 0).expect("a frame").disciplined.line.origin;
    let mut offsets: Vec<i64> = vec![0, 1, 2, 3, -1, -2, -1_000, -1_000_000_000];
    offsets.extend((0..46).flat_map(|bit| [(1i64 << bit) - 1, 1 << bit, (1 << bit) + 1]));
    // A spread in between, from a linear congruential generator (Knuth's MMIX).
    let mut state = 1u64;
    offsets.extend((0..2_000).map(|_| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 19) as i64 >> (state % 45)
    }));
    let clocks =
        [Clock::REALTIME, Clock::MONOTONIC, Clock::MONOTONIC_RAW, Clock::BOOTTIME, Clock::TAI];
    let mut compared = 0;
    for offset in &offsets {
        let counter = origin.wrapping_add_signed(*offset);
        COUNTER.store(counter, Ordering::Relaxed);
        for clock in clocks {
            let index = clock.id() as usize;
            // Until the kernel did not update the page in between.
            let (frame, kernel, hot) = loop {
                // SAFETY: the place that the reader uses.
                let frame = unsafe { Frame::read(place, || counter) }.expect("a frame");
                let kernel = through_vdso(function, clock.id());
                let hot = if clock == Clock::MONOTONIC_RAW {
                    PAGE.raw(|| counter)
                } else {
                    PAGE.clock(index, || counter)
                };
                // SAFETY: as above.
                let again = unsafe { Frame::read(place, || counter) }.expect("a frame");
                if again == frame {
                    break (frame, kernel, hot);
                }
            };
            let ours = frame.clock(index);
            assert_eq!(ours, kernel, "{clock} at origin {offset:+}");
            assert!(hot.is_none() || hot == Some(kernel), "{clock} at origin {offset:+}: {hot:?}");
            compared += 1;
        }
    }
    assert!(set_trap(libc::PR_TSC_ENABLE));
    assert!(ANSWERED.load(Ordering::Relaxed) >= compared, "the vDSO did not read our counter");
}
