//! The sequence protocol: many read what one keeps, and none reads half of it.
//!
//! Systems differ in what they count with: a number that is odd during an update
//! (Windows, vmclock), one that is zero then (OpenBSD, Darwin), or several copies
//! that take turns, each with such a number (FreeBSD). The order of loads and stores
//! is the same for all:
//!
//! ```text
//! keeper                          reader
//! number ← busy                   before ← number, not busy or start again
//! ── release fence ──             ── acquire fence ──
//! the fields, relaxed             the fields, relaxed; the counter
//! number ← new, release           ── acquire fence ──
//!                                 number = before, or start again
//! ```
//!
//! A reader that saw a field of an update also sees the busy number, or a later one,
//! at its second look.

use core::sync::atomic::{Ordering, fence};

use crate::Unreadable;

/// How often a page is tried before it counts as stuck. An update takes well under
/// a microsecond, but whoever makes it may be a virtual CPU that its host has put
/// aside; a system call is the better wait then.
const TRIES: u32 = if cfg!(fuzzing) { 100 } else { 100_000 };

/// Fences of this machine, or of a model in which every order of loads and stores that
/// the language allows is tried.
trait Fences {
    fn fence(ordering: Ordering);
}

struct Machine;

impl Fences for Machine {
    #[inline(always)]
    fn fence(ordering: Ordering) {
        fence(ordering);
    }
}

/// Returns what `take` returns while the number stands still.
///
/// `number` returns `None` while the page is being updated, and an error where
/// waiting would be in vain. Its loads may be relaxed.
#[inline]
pub(crate) fn still<N: Copy + PartialEq, T>(
    number: impl Fn() -> Result<Option<N>, Unreadable>,
    take: impl Fn(N) -> Result<T, Unreadable>,
) -> Result<T, Unreadable> {
    for _ in 0..TRIES {
        if let Some(taken) = look::<Machine, N, T>(&number, &take)? {
            return taken;
        }
        core::hint::spin_loop();
    }
    Err(Unreadable::Busy)
}

/// One look; `None` where the number did not stand still.
#[inline(always)]
fn look<F: Fences, N: Copy + PartialEq, T>(
    number: &impl Fn() -> Result<Option<N>, Unreadable>,
    take: &impl Fn(N) -> Result<T, Unreadable>,
) -> Result<Option<Result<T, Unreadable>>, Unreadable> {
    let Some(before) = number()? else { return Ok(None) };
    F::fence(Ordering::Acquire);
    let taken = take(before);
    F::fence(Ordering::Acquire);
    Ok((number()? == Some(before)).then_some(taken))
}

/// Writes what `contents` returns.
///
/// The page is busy *before* `contents` is called, and so before the counter is read
/// for it: see [`linux::Writer::update`](crate::linux::Writer::update) for why. Should
/// `contents` panic, `close` is called with the fields as they were.
pub(crate) fn publish<C>(
    open: impl FnOnce(),
    contents: impl FnOnce() -> C,
    store: impl FnOnce(C),
    close: impl FnMut(),
) {
    publish_with::<Machine, C>(open, contents, store, close);
}

fn publish_with<F: Fences, C>(
    open: impl FnOnce(),
    contents: impl FnOnce() -> C,
    store: impl FnOnce(C),
    close: impl FnMut(),
) {
    struct Close<F: FnMut()>(F);
    impl<F: FnMut()> Drop for Close<F> {
        fn drop(&mut self) {
            self.0();
        }
    }
    open();
    // No store after this is seen by anyone who does not see the busy number.
    F::fence(Ordering::Release);
    let _close = Close(close);
    store(contents());
}

/// The number after one of those that are zero during an update.
pub(crate) const fn after(generation: u32) -> u32 {
    match generation.wrapping_add(1) {
        0 => 1,
        next => next,
    }
}

#[cfg(all(test, target_pointer_width = "64", not(target_arch = "powerpc64")))]
#[path = "sequence_model.rs"]
mod model;
