//! The environment, where a variable of it may switch the page off.
//!
//! As with everybody who reads the environment of these systems, no other thread may be
//! changing it just then: it is looked at once, at the first reading of a clock.

use core::ffi::{CStr, c_char, c_int};

unsafe extern "C" {
    fn issetugid() -> c_int;
}

/// Copies the value of the environment variable `name`, as far as it fits, and returns its
/// length. A program that runs with more privilege than its caller finds none.
pub(crate) fn variable(name: &CStr, into: &mut [u8]) -> Option<usize> {
    // SAFETY: only asks.
    if unsafe { issetugid() } != 0 {
        return None;
    }
    let value = value_of(name)?.to_bytes();
    let length = value.len().min(into.len());
    into[..length].copy_from_slice(&value[..length]);
    Some(length)
}

#[cfg(not(target_vendor = "apple"))]
fn value_of(name: &CStr) -> Option<&'static CStr> {
    unsafe extern "C" {
        fn getenv(name: *const c_char) -> *const c_char;
    }
    // SAFETY: a name that ends in a zero. The answer is null, or a string that stays where it
    // is until somebody changes the variable.
    unsafe {
        let value = getenv(name.as_ptr());
        (!value.is_null()).then(|| CStr::from_ptr(value))
    }
}

/// The C library's function takes a lock there, which a signal handler must not.
#[cfg(target_vendor = "apple")]
fn value_of(name: &CStr) -> Option<&'static CStr> {
    unsafe extern "C" {
        fn _NSGetEnviron() -> *const *const *const c_char;
    }
    // SAFETY: pointers to strings `NAME=value`, of which the last is null.
    unsafe {
        let mut entry = *_NSGetEnviron();
        while !entry.is_null() && !(*entry).is_null() {
            let text = CStr::from_ptr(*entry);
            if let Some([b'=', ..]) = text.to_bytes().strip_prefix(name.to_bytes()) {
                return Some(CStr::from_ptr((*entry).add(name.count_bytes() + 1)));
            }
            entry = entry.add(1);
        }
    }
    None
}
