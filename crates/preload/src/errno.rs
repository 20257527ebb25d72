//! The calling thread's `errno`.

use core::ffi::c_int;

/// Returns it.
pub(crate) fn get() -> c_int {
    // SAFETY: the C library answers with the address of this thread's variable.
    unsafe { *libc::__errno_location() }
}

/// Sets it.
pub(crate) fn set(errno: c_int) {
    // SAFETY: as above.
    unsafe { *libc::__errno_location() = errno }
}
