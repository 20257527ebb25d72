//! Holding still while the process is copied.

use std::fmt;
use std::sync::{Mutex, MutexGuard, TryLockError};
use std::time::{Duration, Instant};

use crate::{local, register, search};

/// How long to sleep after finding a lock taken, and how often to find that at least.
const BETWEEN: Duration = Duration::from_micros(50);
const ATTEMPTS: u32 = 200;

/// All locks of this crate, held: no other thread is in the middle of a change.
///
/// A process that `fork` makes has one thread. What others held at that moment stays held
/// there for ever, and whoever asks for it waits for ever: so a program that forks while
/// other threads use zones, and goes on in the child without `exec`, takes this before and
/// drops it after, on both sides (`pthread_atfork`).
///
/// ```
/// use std::time::Duration;
/// use instanter_zone::{Still, Zone};
///
/// let still = Still::hold(Duration::from_secs(1)).expect("no thread holds on for a second");
/// // … fork() …
/// drop(still);
/// assert!(Zone::posix("EST5EDT").is_ok());
/// ```
#[must_use = "what is dropped at once holds nothing"]
pub struct Still {
    _local: local::Held,
    _search: search::Held,
    _register: register::Held,
}

impl fmt::Debug for Still {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Still")
    }
}

impl Still {
    /// Waits until no thread is in the middle of a change, and holds all.
    ///
    /// `None` if that took longer than `patience`: a thread is reading a file from
    /// somewhere slow; or the caller itself, a signal handler, has interrupted one.
    #[must_use]
    pub fn hold(patience: Duration) -> Option<Still> {
        let start = Instant::now();
        // Before the locks are held, as nothing would get them afterwards.
        search::folders();
        let mut attempts = 0;
        loop {
            if let Some(still) = Still::try_hold() {
                return Some(still);
            }
            // On a machine that is too busy to run this thread, time alone says little.
            attempts += 1;
            if attempts >= ATTEMPTS && start.elapsed() >= patience {
                return None;
            }
            std::thread::sleep(BETWEEN);
        }
    }

    /// All or none: so it does not matter in which order others take them.
    fn try_hold() -> Option<Still> {
        Some(Still {
            _local: local::hold()?,
            _search: search::hold()?,
            _register: register::hold()?,
        })
    }
}

/// Takes a lock if it is free.
pub(crate) fn take<T>(lock: &Mutex<T>) -> Option<MutexGuard<'_, T>> {
    match lock.try_lock() {
        Ok(guard) => Some(guard),
        Err(TryLockError::Poisoned(guard)) => Some(guard.into_inner()),
        Err(TryLockError::WouldBlock) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Local, Zone};

    /// What every function that waits would wait for is held, and let go of.
    #[test]
    fn others_wait_until_it_is_dropped() {
        let still = Still::hold(Duration::from_secs(60)).unwrap();
        assert!(Still::hold(Duration::ZERO).is_none(), "held already");
        let names = ["by name", "names", "posix", "how"];
        let calls: [fn(); 4] = [
            || drop(Zone::get("Asia/Tokyo")),
            || assert!(!Zone::names().is_empty()),
            || drop(Zone::posix("ABC-1:23")),
            || drop(Local::how()),
        ];
        let waiting = calls.map(std::thread::spawn);
        std::thread::sleep(Duration::from_millis(20));
        for (thread, name) in waiting.iter().zip(names) {
            assert!(!thread.is_finished(), "{name} did not wait");
        }
        drop(still);
        waiting.into_iter().for_each(|thread| thread.join().unwrap());
        drop(Still::hold(Duration::from_secs(60)).unwrap());
    }
}
