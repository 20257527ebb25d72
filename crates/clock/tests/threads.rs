//! Reading from several threads, and from a signal handler within a read.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use instanter_clock::{Clock, epoch, pair, pair_relaxed, snapshot};

fn monotonic_nanos() -> u64 {
    pair().expect("a pair").monotonic.as_nanos() as u64
}

/// Two threads pass a stamp to and fro. Each reads the clock after it saw the
/// other's stamp, so its own must not be earlier. A million passes each way, or as
/// many as a busy machine manages in some seconds.
#[test]
fn causality_between_two_threads() {
    const PASSES: u64 = 1_000_000;
    const LONG_ENOUGH: Duration = Duration::from_secs(4);
    let start = Instant::now();
    let done = AtomicBool::new(false);
    // The stamp, and in the lowest bit whose turn it is.
    let baton = AtomicU64::new(monotonic_nanos() << 1);
    let play = |mine: u64| {
        let mut passes = 0;
        let mut waited = 0u32;
        while passes < PASSES && !done.load(Ordering::Relaxed) {
            let seen = baton.load(Ordering::Acquire);
            if seen & 1 != mine {
                waited += 1;
                // On one CPU the other needs to be let in.
                if waited.is_multiple_of(256) {
                    std::thread::yield_now();
                }
                std::hint::spin_loop();
                continue;
            }
            let now = monotonic_nanos();
            assert!(now >= seen >> 1, "{now} was read after {} was published", seen >> 1);
            baton.store(now << 1 | (1 - mine), Ordering::Release);
            passes += 1;
            if passes.is_multiple_of(4_096) && start.elapsed() > LONG_ENOUGH {
                done.store(true, Ordering::Relaxed);
            }
        }
        done.store(true, Ordering::Relaxed);
    };
    std::thread::scope(|scope| {
        scope.spawn(|| play(0));
        play(1);
    });
}

/// One publishes as fast as it can, others read: more chances for a reader to be
/// ahead of its counter than when passing in turns.
#[test]
fn causality_from_one_to_many() {
    let published = AtomicU64::new(0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let seen = published.load(Ordering::Acquire);
                    let now = monotonic_nanos();
                    assert!(now >= seen, "{now} was read after {seen} was published");
                }
            });
        }
        for _ in 0..2_000_000 {
            published.store(monotonic_nanos(), Ordering::Release);
        }
        done.store(true, Ordering::Relaxed);
    });
}

static IN_HANDLER: AtomicU64 = AtomicU64::new(0);
static WRONG: AtomicU64 = AtomicU64::new(0);

extern "C" fn read_the_clock(_: i32) {
    let read = || -> Result<bool, instanter_clock::Error> {
        let before = Clock::MONOTONIC.now()?;
        let between = snapshot()?.monotonic;
        let after = pair()?.monotonic;
        let _ = epoch();
        Ok(before <= between && between <= after)
    };
    if read() != Ok(true) {
        WRONG.fetch_add(1, Ordering::Relaxed);
    }
    if IN_HANDLER.fetch_add(1, Ordering::Relaxed) + 1 == WANTED {
        set_timer(0);
    }
}

/// Signals that are wanted. The last stops the timer: where a handler takes longer than the
/// timer, the thread gets to nothing else.
const WANTED: u64 = 2_000;

fn set_timer(every_us: libc::suseconds_t) {
    let every = libc::timeval { tv_sec: 0, tv_usec: every_us };
    let timer = libc::itimerval { it_interval: every, it_value: every };
    // SAFETY: reads one itimerval; the timer is this process's own.
    assert_eq!(unsafe { libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut()) }, 0);
}

/// A timer interrupts a thread that does nothing but read the clock; the handler
/// reads it, too.
#[test]
fn a_signal_handler_within_a_read() {
    // SAFETY: the handler reads clocks, counts in atomics and sets a timer, all of which
    // may be done anywhere.
    unsafe {
        let mut action: libc::sigaction = std::mem::zeroed();
        action.sa_sigaction = (read_the_clock as extern "C" fn(_)) as usize;
        action.sa_flags = libc::SA_RESTART;
        assert_eq!(libc::sigaction(libc::SIGALRM, &action, std::ptr::null_mut()), 0);
    }
    set_timer(50);
    let mut last = pair_relaxed().expect("a pair");
    while IN_HANDLER.load(Ordering::Relaxed) < WANTED {
        for _ in 0..1_000 {
            let now = pair().expect("a pair");
            assert!(now.monotonic >= last.monotonic);
            last = now;
        }
    }
    assert_eq!(WRONG.load(Ordering::Relaxed), 0, "wrong answers in the handler");
}

#[test]
fn after_a_fork() {
    let parent = monotonic_nanos();
    // SAFETY: the child reads clocks, which may be done after a fork, and ends.
    unsafe {
        let child = libc::fork();
        assert!(child >= 0);
        if child == 0 {
            let fine = pair().is_ok_and(|now| now.monotonic.as_nanos() as u64 >= parent)
                && Clock::PROCESS_CPU.now().is_ok()
                && snapshot().is_ok();
            libc::_exit(i32::from(!fine));
        }
        let mut status = 0;
        assert_eq!(libc::waitpid(child, &mut status, 0), child);
        assert_eq!(status, 0, "the child did not read the clocks");
    }
    assert!(monotonic_nanos() >= parent);
}
