//! A thread under a storm of signals.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static HANDLED: AtomicU64 = AtomicU64::new(0);

extern "C" fn handle(_: libc::c_int) {
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

/// Signals that were handled so far.
pub fn handled() -> u64 {
    HANDLED.load(Ordering::Relaxed)
}

/// Runs `work` while another thread sends signals to this one, whose handler
/// restarts no call.
pub fn storm<T>(work: impl FnOnce() -> T) -> T {
    // SAFETY: all zero is a valid sigaction without flags: no SA_RESTART.
    let mut action: libc::sigaction = unsafe { std::mem::zeroed() };
    action.sa_sigaction = handle as *const () as usize;
    // SAFETY: reads one sigaction; the handler touches an atomic only.
    assert_eq!(unsafe { libc::sigaction(libc::SIGUSR1, &action, std::ptr::null_mut()) }, 0);
    // SAFETY: no arguments, no memory.
    let target = unsafe { libc::pthread_self() };
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Also where `work` panics: else the scope would wait for ever.
        let _calm = Calm(&over);
        scope.spawn(|| {
            while !over.load(Ordering::Relaxed) {
                // SAFETY: the thread runs this scope, so it is there.
                unsafe { libc::pthread_kill(target, libc::SIGUSR1) };
                std::thread::sleep(std::time::Duration::from_micros(50));
            }
        });
        work()
    })
}

/// Ends the storm when dropped.
struct Calm<'a>(&'a AtomicBool);

impl Drop for Calm<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
