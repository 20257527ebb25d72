//! `tzname`, `timezone` and `daylight`: the C library's variables, which every
//! conversion to local time sets, in glibc by `localtime_r` too.
//!
//! They are the C library's own. A program that uses them has copies in its own
//! memory, to which the dynamic linker directs the C library and this library alike.

use core::ffi::{c_char, c_int, c_long};
use core::sync::atomic::{AtomicI32, AtomicI64, AtomicPtr, Ordering};

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

    /// Sets them. What is right already is not written, so that threads that convert
    /// do not pass the cache line to and fro.
    #[inline(always)]
    pub(crate) fn set(&self) {
        let places = places();
        let same = places.names[0].load(Ordering::Relaxed).cast_const() == self.names[0]
            && places.names[1].load(Ordering::Relaxed).cast_const() == self.names[1]
            && places.west_s.load(Ordering::Relaxed) == self.west_s
            && places.daylight.load(Ordering::Relaxed) == self.daylight;
        if !same {
            self.write();
        }
    }

    #[cold]
    fn write(&self) {
        let places = places();
        for (place, name) in places.names.iter().zip(self.names) {
            place.store(name.cast_mut(), Ordering::Relaxed);
        }
        places.west_s.store(self.west_s, Ordering::Relaxed);
        places.daylight.store(self.daylight, Ordering::Relaxed);
    }
}
