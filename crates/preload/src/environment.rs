//! `TZ`, read as C reads it.
//!
//! To ask for `TZ` is to compare the name of each variable. Nearly always nothing has
//! changed since the last call, and that is cheaper to see: the array that `environ`
//! points at has the same pointers in it. Only the value of `TZ` itself is compared as
//! a text, since a program may change that where it lies (`putenv`).
//!
//! Reading `environ` while another thread changes it is as unsafe as it is in C; here no
//! text but that of `TZ` is looked at.

use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

use crate::zone::Zone;

/// Variables of an environment that is remembered, at most. A larger one is asked each
/// time.
const ROOM: usize = 256;

unsafe extern "C" {
    static mut environ: *mut *mut c_char;
}

/// What the environment was when [`Seen::zone`] was found to be the one of `TZ`.
///
/// Written under a sequence number, odd meanwhile. One that a fork has caught half-way
/// stays odd, and then nothing is taken from here any more.
struct Seen {
    sequence: AtomicU32,
    array: AtomicPtr<*mut c_char>,
    /// How many pointers are compared: up to that of `TZ`, or to the null at the end.
    count: AtomicUsize,
    pointers: [AtomicPtr<c_char>; ROOM],
    zone: AtomicPtr<Zone>,
}

static SEEN: Seen = Seen {
    sequence: AtomicU32::new(0),
    array: AtomicPtr::new(core::ptr::null_mut()),
    count: AtomicUsize::new(0),
    pointers: [const { AtomicPtr::new(core::ptr::null_mut()) }; ROOM],
    zone: AtomicPtr::new(core::ptr::null_mut()),
};

fn array() -> *mut *mut c_char {
    // SAFETY: the C library's variable, aligned and there for good.
    unsafe { AtomicPtr::from_ptr(&raw mut environ) }.load(Ordering::Relaxed)
}

/// # Safety
/// The array must have an element of this number.
#[inline(always)]
unsafe fn element(array: *mut *mut c_char, index: usize) -> *mut c_char {
    // SAFETY: as the caller says; whole words, as in `variables`.
    unsafe { AtomicPtr::from_ptr(array.add(index)) }.load(Ordering::Relaxed)
}

/// Whether it is certain that `TZ` still leads to this zone. `false` is no certainty.
#[inline(always)]
pub(crate) fn is_unchanged(zone: &Zone) -> bool {
    let sequence = SEEN.sequence.load(Ordering::Acquire);
    let array = array();
    let count = SEEN.count.load(Ordering::Relaxed);
    if sequence & 1 != 0
        || count == 0
        || array != SEEN.array.load(Ordering::Relaxed)
        || !core::ptr::eq(SEEN.zone.load(Ordering::Relaxed), zone)
    {
        return false;
    }
    // SAFETY: an environment's array ends with a null, and what is remembered does with
    // the pointer to `TZ` or that null.
    let Some(last) = (unsafe { same(array, count) }) else { return false };
    fence(Ordering::Acquire);
    if SEEN.sequence.load(Ordering::Relaxed) != sequence {
        return false;
    }
    if last.is_null() {
        return zone.key.is_none();
    }
    // SAFETY: the variable that began with "TZ=" when it was remembered, and ends with a
    // zero.
    unsafe { still_tz(last) && zone.is_of(Some(CStr::from_ptr(last.add(3)))) }
}

/// Compares the pointers of an array with those that are remembered, up to that of `TZ`
/// or to the null at the end. Returns the last of them if all are the same.
///
/// All, and in order, also where `TZ` is set: a shell that rewrites its array in place
/// leaves old pointers behind the new end.
///
/// # Safety
/// The array must be one that a null ends.
#[inline(always)]
unsafe fn same(array: *mut *mut c_char, count: usize) -> Option<*mut c_char> {
    let seen = SEEN.pointers.get(..count)?;
    let (groups, rest) = seen.as_chunks::<8>();
    let mut at = array;
    let differs = |at: *mut *mut c_char, index: usize, seen: &AtomicPtr<c_char>| {
        // SAFETY: all before are the same as they were, and none of those was the null
        // that ends the array.
        unsafe { element(at, index) != seen.load(Ordering::Relaxed) }
    };
    for [a, b, c, d, e, f, g, h] in groups {
        // Written out, as the compiler would not: it is most of what `localtime` does.
        if differs(at, 0, a)
            || differs(at, 1, b)
            || differs(at, 2, c)
            || differs(at, 3, d)
            || differs(at, 4, e)
            || differs(at, 5, f)
            || differs(at, 6, g)
            || differs(at, 7, h)
        {
            return None;
        }
        at = at.wrapping_add(8);
    }
    for (index, seen) in rest.iter().enumerate() {
        if differs(at, index, seen) {
            return None;
        }
    }
    seen.last().map(|last| last.load(Ordering::Relaxed))
}

/// # Safety
/// A text that ends with a zero.
#[inline(always)]
unsafe fn still_tz(variable: *const c_char) -> bool {
    // SAFETY: as the caller says: no byte behind the zero is read.
    unsafe { libc::strncmp(variable, c"TZ=".as_ptr(), 3) == 0 }
}

/// Whether `TZ` leads to this zone, with certainty; if so, that is remembered.
#[cold]
pub(crate) fn is_of(zone: &Zone) -> bool {
    let same = value(|value| zone.is_of(value));
    if same {
        remember(zone);
    }
    same
}

/// Calls a function with the value of `TZ`.
pub(crate) fn value<T>(use_it: impl FnOnce(Option<&CStr>) -> T) -> T {
    // SAFETY: as if the C library did it: null, or a text that ends with a zero.
    unsafe {
        let value = libc::getenv(c"TZ".as_ptr());
        use_it((!value.is_null()).then(|| CStr::from_ptr(value)))
    }
}

/// Remembers the environment as one in which `TZ` leads to this zone.
pub(crate) fn remember(zone: &Zone) {
    let sequence = SEEN.sequence.load(Ordering::Relaxed);
    let mine = sequence & 1 == 0
        && SEEN
            .sequence
            .compare_exchange(sequence, sequence + 1, Ordering::Acquire, Ordering::Relaxed)
            .is_ok();
    if !mine {
        return;
    }
    fence(Ordering::Release);
    let array = array();
    SEEN.array.store(array, Ordering::Relaxed);
    SEEN.zone.store(core::ptr::from_ref(zone).cast_mut(), Ordering::Relaxed);
    SEEN.count.store(copy(array), Ordering::Relaxed);
    SEEN.sequence.store(sequence.wrapping_add(2), Ordering::Release);
}

/// Copies the pointers up to that of `TZ`. Returns how many; 0 if there is no room.
fn copy(array: *mut *mut c_char) -> usize {
    if array.is_null() {
        return 0;
    }
    for (index, seen) in SEEN.pointers.iter().enumerate() {
        // SAFETY: no element before was the null that ends the array.
        let variable = unsafe { element(array, index) };
        seen.store(variable, Ordering::Relaxed);
        // SAFETY: a variable of the environment ends with a zero.
        if variable.is_null() || unsafe { still_tz(variable) } {
            return index + 1;
        }
    }
    0
}
