//! `TZ`, read as C reads it.
//!
//! To ask for `TZ` is to compare the name of each variable. Nearly always nothing has
//! changed since the last call, and that is cheaper to see: the array that `environ`
//! points at has the same pointers in it. Only the value of `TZ` itself is compared as
//! a text, since a program may change that where it lies (`putenv`).
//!
//! Reading `environ` while another thread changes it is as unsafe as it is in C; here no
//! text but that of `TZ` is looked at.

mod lines;

use core::ffi::{CStr, c_char};
use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicUsize, Ordering, fence};

use crate::zone::Zone;
use lines::{LINE, Words, element, place_in_line, same_by_words, set_ends, wide};

/// Variables of an environment that is remembered, at most. A larger one is asked each
/// time.
const ROOM: usize = 256;

unsafe extern "C" {
    static mut environ: *mut *mut c_char;
}

/// Bytes of `TZ=` and its value, with the zero at the end, that are compared at once.
const TEXT: usize = 32;

/// What the environment was when [`Seen::zone`] was found to be the one of `TZ`.
///
/// Written under a sequence number, odd meanwhile. One that a fork has caught half-way
/// stays odd, and then nothing is taken from here any more.
struct Seen {
    sequence: AtomicU32,
    array: AtomicPtr<*mut c_char>,
    zone: AtomicPtr<Zone>,
    /// The last of the pointers that are compared: that of `TZ`, or the null at the end.
    last: AtomicPtr<c_char>,
    /// How many lines are compared; 0 for none of it.
    lines: AtomicUsize,
    /// Whether they are compared as [`wide`] does.
    is_wide: AtomicBool,
    /// `TZ` and its value, and what of these bytes does not count; the last line of all.
    text: [Words; 2],
    /// What of the first line does not count, and what of the last one if that is another.
    ends: [Words; 2],
    /// The pointers, in cache lines as the environment's are.
    pointers: [Words; ROOM / LINE + 1],
}

static SEEN: Seen = Seen {
    sequence: AtomicU32::new(0),
    array: AtomicPtr::new(core::ptr::null_mut()),
    zone: AtomicPtr::new(core::ptr::null_mut()),
    last: AtomicPtr::new(core::ptr::null_mut()),
    lines: AtomicUsize::new(0),
    is_wide: AtomicBool::new(false),
    text: [const { Words::zeros() }; 2],
    ends: [const { Words::zeros() }; 2],
    pointers: [const { Words::zeros() }; ROOM / LINE + 1],
};

fn array() -> *mut *mut c_char {
    // SAFETY: the C library's variable, aligned and there for good.
    unsafe { AtomicPtr::from_ptr(&raw mut environ) }.load(Ordering::Relaxed)
}

/// Whether it is certain that `TZ` still leads to this zone, by a few comparisons and
/// without a call. `false` is no certainty.
#[inline(always)]
pub(crate) fn is_surely_unchanged(zone: &Zone) -> bool {
    let sequence = SEEN.sequence.load(Ordering::Acquire);
    let Some(last) = last_if_same(zone) else { return false };
    // SAFETY: the variable that began with "TZ=" when it was remembered, and ends with a
    // zero.
    let same = if last.is_null() { zone.key.is_none() } else { unsafe { is_same_text(last) } };
    fence(Ordering::Acquire);
    same && sequence & 1 == 0 && SEEN.sequence.load(Ordering::Relaxed) == sequence
}

/// The same also for a `TZ` that is long, or lies at the end of a page.
fn is_unchanged(zone: &Zone) -> bool {
    let sequence = SEEN.sequence.load(Ordering::Acquire);
    let Some(last) = last_if_same(zone) else { return false };
    fence(Ordering::Acquire);
    if sequence & 1 != 0 || SEEN.sequence.load(Ordering::Relaxed) != sequence {
        return false;
    }
    if last.is_null() {
        return zone.key.is_none();
    }
    // SAFETY: as above.
    unsafe { still_tz(last) && zone.is_of(Some(CStr::from_ptr(last.add(3)))) }
}

/// Returns the last of the pointers that are compared if all are the same.
#[inline(always)]
fn last_if_same(zone: &Zone) -> Option<*mut c_char> {
    let array = array();
    let known = array == SEEN.array.load(Ordering::Relaxed)
        && core::ptr::eq(SEEN.zone.load(Ordering::Relaxed), zone);
    // SAFETY: an environment's array ends with a null, and what is remembered does with
    // the pointer to `TZ` or that null.
    let same = known && unsafe { same(array, SEEN.lines.load(Ordering::Relaxed)) };
    same.then(|| SEEN.last.load(Ordering::Relaxed))
}

/// Compares the pointers of an array with those that are remembered, up to that of `TZ`
/// or to the null at the end.
///
/// All, and in order, also where `TZ` is set: a shell that rewrites its array in place
/// leaves old pointers behind the new end.
///
/// # Safety
/// The array must be one that a null ends, and the same place as the remembered one.
#[inline(always)]
unsafe fn same(array: *mut *mut c_char, lines: usize) -> bool {
    let begin = array.wrapping_sub(place_in_line(array));
    let Some(lines) = SEEN.pointers.get(..lines).filter(|lines| !lines.is_empty()) else {
        return false;
    };
    // SAFETY: as the caller says.
    unsafe {
        if SEEN.is_wide.load(Ordering::Relaxed) {
            wide::same(begin, lines, &SEEN.ends)
        } else {
            same_by_words(begin, lines, &SEEN.ends)
        }
    }
}

/// Whether a variable is `TZ` with the remembered value. `false` also where it cannot be
/// read as far as it is compared.
///
/// # Safety
/// A text that ends with a zero.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
unsafe fn is_same_text(variable: *const c_char) -> bool {
    /// The smallest page that there is.
    const PAGE: usize = 4_096;
    if variable.addr() % PAGE > PAGE - TEXT {
        return false;
    }
    let equal: u32;
    // SAFETY: the text begins in this page, and no other is read; the others are aligned.
    // In assembly since Rust knows no reading beyond the end of a text.
    unsafe {
        core::arch::asm!(
            "movdqu {a}, [{at}]",
            "movdqu {b}, [{at} + 16]",
            "pcmpeqb {a}, [{seen}]",
            "pcmpeqb {b}, [{seen} + 16]",
            "por {a}, [{ignored}]",
            "por {b}, [{ignored} + 16]",
            "pand {a}, {b}",
            "pmovmskb {equal:e}, {a}",
            at = in(reg) variable,
            seen = in(reg) &SEEN.text[0],
            ignored = in(reg) &SEEN.text[1],
            a = out(xmm_reg) _,
            b = out(xmm_reg) _,
            equal = lateout(reg) equal,
            options(nostack, readonly, preserves_flags),
        );
    }
    equal == 0xFFFF
}

/// Has [`is_unchanged`] compare it.
#[cfg(not(target_arch = "x86_64"))]
unsafe fn is_same_text(_: *const c_char) -> bool {
    false
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
pub(crate) fn is_of(zone: &Zone) -> bool {
    if is_unchanged(zone) {
        return true;
    }
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
    SEEN.lines.store(copy(array), Ordering::Relaxed);
    SEEN.is_wide.store(wide::is_here(), Ordering::Relaxed);
    copy_text(zone);
    SEEN.sequence.store(sequence.wrapping_add(2), Ordering::Release);
}

/// Copies the pointers up to that of `TZ`. Returns how many lines they are in; 0 if there
/// is no room.
fn copy(array: *mut *mut c_char) -> usize {
    if array.is_null() {
        return 0;
    }
    let begin = place_in_line(array);
    let places = SEEN.pointers.iter().flat_map(|line| &line.0).skip(begin).take(ROOM);
    for (index, seen) in places.enumerate() {
        // SAFETY: no element before was the null that ends the array.
        let variable = unsafe { element(array, index) };
        seen.store(variable.expose_provenance() as u64, Ordering::Relaxed);
        // SAFETY: a variable of the environment ends with a zero.
        if variable.is_null() || unsafe { still_tz(variable) } {
            SEEN.last.store(variable, Ordering::Relaxed);
            return set_ends(&SEEN.ends, begin, begin + index);
        }
    }
    0
}

/// Remembers the text that `TZ` has if it leads to this zone; one that none has if that
/// is too long.
fn copy_text(zone: &Zone) {
    let value = zone.key.as_deref().map_or(&[][..], CStr::to_bytes_with_nul);
    let mut text = [[u8::MAX; TEXT], [0; TEXT]];
    if value.len() + 3 <= TEXT {
        let all = b"TZ=".iter().chain(value).map(Some).chain(core::iter::repeat(None));
        let [seen, ignored] = &mut text;
        for ((seen, ignored), byte) in seen.iter_mut().zip(ignored).zip(all) {
            (*seen, *ignored) = byte.map_or((0, u8::MAX), |byte| (*byte, 0));
        }
    }
    for (words, bytes) in SEEN.text.iter().zip(text) {
        let (chunks, _) = bytes.as_chunks::<8>();
        words.set(|index| chunks.get(index).map_or(0, |chunk| u64::from_ne_bytes(*chunk)));
    }
}
