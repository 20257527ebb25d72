//! Where a test's clock takes the place of the machine's: every look at the time in this
//! crate, and every wait, first asks here.

use std::cell::RefCell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use instanter_clock::Timespec;

use crate::Time;
use crate::testing::shared::Shared;
use crate::wait::Scale;

/// How many scopes there are, of threads and of the process: where there is none, that is
/// all that is looked at.
static SCOPES: AtomicUsize = AtomicUsize::new(0);

/// The clock of the process.
static PROCESS: Mutex<Option<Arc<Shared>>> = Mutex::new(None);

std::thread_local! {
    /// The clocks of this thread, the innermost last.
    static THREAD: RefCell<Vec<Arc<Shared>>> = const { RefCell::new(Vec::new()) };
    /// That this thread takes part in the process's clock.
    static TAKES_PART: RefCell<Option<TakesPart>> = const { RefCell::new(None) };
}

struct TakesPart(Arc<Shared>);

impl Drop for TakesPart {
    fn drop(&mut self) {
        self.0.leave();
    }
}

pub(crate) fn enter_thread(clock: Arc<Shared>) {
    THREAD.with_borrow_mut(|clocks| clocks.push(clock));
    SCOPES.fetch_add(1, Ordering::Relaxed);
}

pub(crate) fn leave_thread(clock: &Arc<Shared>) {
    SCOPES.fetch_sub(1, Ordering::Relaxed);
    // Scopes may be dropped in any order. In a thread that ends there is nothing left to do.
    let _ = THREAD.try_with(|clocks| {
        let mut clocks = clocks.borrow_mut();
        if let Some(at) = clocks.iter().rposition(|other| Arc::ptr_eq(other, clock)) {
            clocks.remove(at);
        }
    });
}

pub(crate) fn set_process(clock: Option<Arc<Shared>>) {
    match &clock {
        Some(_) => SCOPES.fetch_add(1, Ordering::Relaxed),
        None => SCOPES.fetch_sub(1, Ordering::Relaxed),
    };
    let ends = clock.is_none();
    *PROCESS.lock().unwrap_or_else(PoisonError::into_inner) = clock;
    // Who put it in force takes part at once, and holds the time until it waits.
    if ends {
        TAKES_PART.take();
    } else {
        current();
    }
}

/// The clock of this thread, or else of the process.
fn current() -> Option<Arc<Shared>> {
    if SCOPES.load(Ordering::Relaxed) == 0 {
        return None;
    }
    let own = THREAD.try_with(|clocks| clocks.borrow().last().cloned()).ok().flatten();
    if own.is_some() {
        return own;
    }
    let clock = PROCESS.lock().unwrap_or_else(PoisonError::into_inner).clone()?;
    let _ = TAKES_PART.try_with(|part| {
        let mut part = part.borrow_mut();
        if !part.as_ref().is_some_and(|part| Arc::ptr_eq(&part.0, &clock)) {
            clock.join();
            *part = Some(TakesPart(Arc::clone(&clock)));
        }
    });
    Some(clock)
}

#[inline]
pub(crate) fn now() -> Option<Time> {
    if SCOPES.load(Ordering::Relaxed) == 0 { None } else { now_in_scope() }
}

#[cold]
#[inline(never)]
fn now_in_scope() -> Option<Time> {
    Some(current()?.read())
}

pub(crate) fn now_on(scale: Scale) -> Option<Timespec> {
    Some(current()?.read_on(scale))
}

/// Sleeps on the test's clock, if there is one; tells whether it did.
pub(crate) fn sleep_until(scale: Scale, at: Timespec) -> bool {
    match current() {
        Some(clock) => {
            clock.sleep_until(scale, at);
            true
        }
        None => false,
    }
}

pub(crate) fn is_in_force() -> bool {
    current().is_some()
}

/// Runs what may block on something else than the clock.
pub(crate) fn while_blocked<T>(call: impl FnOnce() -> T) -> T {
    /// Takes part again however `call` ends.
    struct Back(Option<Arc<Shared>>);

    impl Drop for Back {
        fn drop(&mut self) {
            if let Some(clock) = &self.0 {
                clock.join();
            }
        }
    }

    let clock = current();
    if let Some(clock) = &clock {
        clock.leave();
    }
    let _back = Back(clock);
    call()
}
