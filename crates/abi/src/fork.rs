//! A child of `fork`, in which no lock is to be left that another thread had.
//!
//! Only functions that take locks call [`expect`]: those that are async-signal-safe have
//! none, and `pthread_atfork` is not.

use std::cell::RefCell;
use std::ffi::c_int;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use instanter::zone::Still;

/// How long `fork` waits for a thread that reads a zone. After that the child is one that
/// must not use zones, as it is without all this.
const PATIENCE: Duration = Duration::from_secs(1);

unsafe extern "C" {
    fn pthread_atfork(
        prepare: unsafe extern "C" fn(),
        parent: unsafe extern "C" fn(),
        child: unsafe extern "C" fn(),
    ) -> c_int;
}

thread_local! {
    /// What the thread that forks holds meanwhile.
    static HELD: RefCell<Option<Still>> = const { RefCell::new(None) };
}

/// Has the locks held whenever the process is copied.
#[inline]
pub(crate) fn expect() {
    static EXPECTED: AtomicBool = AtomicBool::new(false);
    if !EXPECTED.load(Ordering::Acquire) {
        register(&EXPECTED);
    }
}

/// Two threads may come here at once: to be told of a fork twice does no harm.
#[cold]
fn register(expected: &AtomicBool) {
    // SAFETY: functions that are there as long as the library is. What is short of memory
    // for a registration is not told, and tries again at the next call.
    let registered = unsafe { pthread_atfork(prepare, release, release) } == 0;
    expected.store(registered, Ordering::Release);
}

unsafe extern "C" fn prepare() {
    let _ = HELD.try_with(|held| {
        if let Ok(mut held) = held.try_borrow_mut()
            && held.is_none()
        {
            *held = Still::hold(PATIENCE);
        }
    });
}

/// In the parent and in the child.
unsafe extern "C" fn release() {
    let _ = HELD.try_with(|held| held.try_borrow_mut().map(|mut held| held.take()));
}
