//! `tzname`, `timezone` and `daylight`: the C library's variables, which every
//! conversion to local time sets, in glibc by `localtime_r` too.
//!
//! They are the C library's own. A program that uses them has copies in its own
//! memory, to which the dynamic linker directs the C library and this library alike.

use core::ffi::{c_char, c_int, c_long, c_void};
use core::sync::atomic::{AtomicI32, AtomicI64, AtomicPtr, AtomicU8, Ordering};

use crate::{errno, make, next};

unsafe extern "C" {
    static mut __tzname: [*mut c_char; 2];
    static mut __timezone: c_long;
    static mut __daylight: c_int;
}

/// What the variables say of a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Variables {
    /// `tzname`: texts that live as long as the program.
    pub names: [*const c_char; 2],
    /// `timezone`: seconds **west** of UTC.
    pub west_s: i64,
    /// `daylight`.
    pub daylight: i32,
}

// SAFETY: the texts are never changed or freed.
unsafe impl Send for Variables {}
// SAFETY: as above.
unsafe impl Sync for Variables {}

struct Places {
    names: [&'static AtomicPtr<c_char>; 2],
    west_s: &'static AtomicI64,
    daylight: &'static AtomicI32,
}

#[inline(always)]
fn places() -> Places {
    // SAFETY: they are aligned and live as long as the program. Others write them
    // without a lock, as C programs and the C library do: whole words, which this
    // process's threads and the CPU treat as atomic.
    unsafe {
        let names = (&raw mut __tzname).cast::<*mut c_char>();
        Places {
            names: [AtomicPtr::from_ptr(names), AtomicPtr::from_ptr(names.add(1))],
            west_s: AtomicI64::from_ptr(&raw mut __timezone),
            daylight: AtomicI32::from_ptr(&raw mut __daylight),
        }
    }
}

/// Who converts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Caller {
    /// A function that signal handlers and children of a fork may call, `localtime_r`:
    /// where there are other threads it leaves the variables alone, as POSIX allows,
    /// rather than wait for the C library's lock.
    Reentrant,
    /// Any other.
    Shared,
}

impl Variables {
    /// Reads them.
    pub(crate) fn read() -> Variables {
        let places = places();
        Variables {
            names: places.names.map(|name| name.load(Ordering::Relaxed).cast_const()),
            west_s: places.west_s.load(Ordering::Relaxed),
            daylight: places.daylight.load(Ordering::Relaxed),
        }
    }

    /// Whether they are these. The texts are glibc's own, of which there is one of each.
    #[inline(always)]
    pub(crate) fn are_set(&self) -> bool {
        let places = places();
        places.names[0].load(Ordering::Relaxed).cast_const() == self.names[0]
            && places.names[1].load(Ordering::Relaxed).cast_const() == self.names[1]
            && places.west_s.load(Ordering::Relaxed) == self.west_s
            && places.daylight.load(Ordering::Relaxed) == self.daylight
    }

    /// Sets them as a conversion of this time does. What is right already is not
    /// written, so that threads that convert do not pass the cache line to and fro.
    #[inline(always)]
    pub(crate) fn set_by(&self, unix_s: i64, caller: Caller) {
        if self.are_set() {
            return;
        }
        self.change(|| {
            if caller == Caller::Reentrant {
                return;
            }
            let mut fields = make::empty();
            // SAFETY: reads one time and writes one tm.
            unsafe { next::localtime_r(&raw const unix_s, &raw mut fields) };
        });
    }

    /// Sets them as `tzset` does.
    #[inline(always)]
    pub(crate) fn set_by_tzset(&self) {
        if !self.are_set() {
            // SAFETY: as if the program called it.
            self.change(|| unsafe { next::tzset() });
        }
    }

    /// Where there are other threads only the C library may do it, under its lock: one of
    /// them may be in a function of the C library that reads what it wrote, and ends the
    /// program if that has changed.
    #[cold]
    #[inline(never)]
    fn change(&self, by_c_library: impl Fn()) {
        if !is_single_threaded() {
            let errno = errno::get();
            by_c_library();
            errno::set(errno);
            return;
        }
        let places = places();
        for (place, name) in places.names.iter().zip(self.names) {
            place.store(name.cast_mut(), Ordering::Relaxed);
        }
        places.west_s.store(self.west_s, Ordering::Relaxed);
        places.daylight.store(self.daylight, Ordering::Relaxed);
    }
}

/// Whether this thread is the only one, as far as glibc tells (since 2.32).
fn is_single_threaded() -> bool {
    static PLACE: AtomicPtr<c_void> = AtomicPtr::new(core::ptr::null_mut());
    let mut place = PLACE.load(Ordering::Relaxed);
    if place.is_null() {
        // SAFETY: a name that ends with a zero, and a handle that dlsym knows.
        place = unsafe { libc::dlsym(libc::RTLD_DEFAULT, c"__libc_single_threaded".as_ptr()) };
        PLACE.store(place, Ordering::Relaxed);
    }
    // SAFETY: the C library's variable, a char, which is there for good.
    !place.is_null() && unsafe { AtomicU8::from_ptr(place.cast()) }.load(Ordering::Relaxed) != 0
}
