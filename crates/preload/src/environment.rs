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

/// Pointers in a cache line.
const LINE: usize = 8;

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
    pointers: Pointers,
    zone: AtomicPtr<Zone>,
}

/// Pointers that lie in cache lines as the environment's do: the first has the number
/// [`place_in_line`] of the array.
#[repr(align(64))]
struct Pointers([AtomicPtr<c_char>; ROOM + LINE]);

static SEEN: Seen = Seen {
    sequence: AtomicU32::new(0),
    array: AtomicPtr::new(core::ptr::null_mut()),
    count: AtomicUsize::new(0),
    pointers: Pointers([const { AtomicPtr::new(core::ptr::null_mut()) }; ROOM + LINE]),
    zone: AtomicPtr::new(core::ptr::null_mut()),
};

fn array() -> *mut *mut c_char {
    // SAFETY: the C library's variable, aligned and there for good.
    unsafe { AtomicPtr::from_ptr(&raw mut environ) }.load(Ordering::Relaxed)
}

/// Returns the number that the first element of an array has in its cache line.
fn place_in_line(array: *mut *mut c_char) -> usize {
    array.addr() / size_of::<*mut c_char>() % LINE
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
/// The array must be one that a null ends, and the same place as the remembered one.
#[inline(always)]
unsafe fn same(array: *mut *mut c_char, count: usize) -> Option<*mut c_char> {
    let place = place_in_line(array);
    let seen = SEEN.pointers.0.get(place..place + count)?;
    let before = (LINE - place) % LINE;
    let (first, others) = seen.split_at_checked(before).unwrap_or((seen, &[]));
    let (lines, rest) = others.as_chunks::<LINE>();
    let mut at = array;
    // SAFETY: all before are the same as they were, and none of those was the null that
    // ends the array; and a whole line begins with a remembered pointer.
    unsafe {
        for seen in first {
            if element(at, 0) != seen.load(Ordering::Relaxed) {
                return None;
            }
            at = at.wrapping_add(1);
        }
        for line in lines {
            if !is_same_line(at, line) {
                return None;
            }
            at = at.wrapping_add(LINE);
        }
        for seen in rest {
            if element(at, 0) != seen.load(Ordering::Relaxed) {
                return None;
            }
            at = at.wrapping_add(1);
        }
    }
    seen.last().map(|last| last.load(Ordering::Relaxed))
}

/// Compares a cache line of pointers at once: it is most of what `localtime` does.
///
/// # Safety
/// There must be an array's element at the beginning of the line. The array may end
/// within it: what follows is in the same page, so that it can be read, and is compared
/// with a null that is not there.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn is_same_line(at: *mut *mut c_char, seen: &[AtomicPtr<c_char>; LINE]) -> bool {
    let equal: u32;
    // SAFETY: both are aligned to 64 bytes, and can be read as the caller says. In
    // assembly since Rust knows no reading beyond the end of an array; it stores nothing.
    unsafe {
        core::arch::asm!(
            "movdqa {a}, [{at}]",
            "movdqa {b}, [{at} + 16]",
            "movdqa {c}, [{at} + 32]",
            "movdqa {d}, [{at} + 48]",
            "pcmpeqd {a}, [{seen}]",
            "pcmpeqd {b}, [{seen} + 16]",
            "pcmpeqd {c}, [{seen} + 32]",
            "pcmpeqd {d}, [{seen} + 48]",
            "pand {a}, {b}",
            "pand {c}, {d}",
            "pand {a}, {c}",
            "pmovmskb {equal:e}, {a}",
            at = in(reg) at,
            seen = in(reg) seen,
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            c = out(xmm_reg) _,
            d = out(xmm_reg) _,
            equal = lateout(reg) equal,
            options(nostack, readonly, preserves_flags),
        );
    }
    equal == 0xFFFF
}

/// Compares a cache line of pointers, one by one.
///
/// # Safety
/// There must be an array's element at the beginning of the line.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
unsafe fn is_same_line(at: *mut *mut c_char, seen: &[AtomicPtr<c_char>; LINE]) -> bool {
    // SAFETY: those before are the same as remembered ones that are not the null which
    // ends the array.
    seen.iter().enumerate().all(|(index, seen)| unsafe {
        element(at, index) == seen.load(Ordering::Relaxed)
    })
}

/// # Safety
/// A text that ends with a zero.
#[inline(always)]
unsafe fn still_tz(variable: *const c_char) -> bool {
    let byte = |index| {
        // SAFETY: as the caller says: no byte behind the zero is read.
        unsafe { *variable.add(index) as u8 }
    };
    byte(0) == b'T' && byte(1) == b'Z' && byte(2) == b'='
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
    let seen = SEEN.pointers.0.iter().skip(place_in_line(array));
    for (index, seen) in seen.take(ROOM).enumerate() {
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
