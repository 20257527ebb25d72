//! The C library's own functions, which come after this library's in the order of
//! search: what is not done here is handed on to them.
//!
//! Each is looked up when it is first needed, never at load and never by the clocks: an
//! allocator may ask for the time before it can allocate. Two threads may look up the
//! same one; both find the same address.

use core::ffi::{CStr, c_char, c_int, c_void};
use core::sync::atomic::{AtomicPtr, Ordering};

use libc::{clock_t, clockid_t, locale_t, size_t, timespec, timeval, tm, tms};

/// Returns the address of the next definition of a function after this library's.
fn look_up(name: &CStr, known: &AtomicPtr<c_void>) -> *mut c_void {
    let address = known.load(Ordering::Relaxed);
    if !address.is_null() {
        return address;
    }
    // SAFETY: a name that ends with a zero, and a handle that dlsym knows.
    let address = unsafe { libc::dlsym(libc::RTLD_NEXT, name.as_ptr()) };
    known.store(address, Ordering::Relaxed);
    address
}

macro_rules! next {
    ($($(#[$about:meta])* fn $name:ident = $symbol:literal ($($arg:ident: $type:ty),*) $(-> $result:ty)?,
        else $missing:block;)*) => {$(
        $(#[$about])*
        ///
        /// # Safety
        /// As the C library's.
        pub unsafe fn $name($($arg: $type),*) $(-> $result)? {
            static KNOWN: AtomicPtr<c_void> = AtomicPtr::new(core::ptr::null_mut());
            let address = look_up($symbol, &KNOWN);
            if address.is_null() {
                return $missing;
            }
            type Function = unsafe extern "C" fn($($type),*) $(-> $result)?;
            // SAFETY: the C library's function of this name has this type.
            let function = unsafe { core::mem::transmute::<*mut c_void, Function>(address) };
            // SAFETY: the caller passes what the C library's function demands.
            unsafe { function($($arg),*) }
        }
    )*};
}

next! {
    /// The C library's `tzset`.
    fn tzset = c"tzset" (), else {};
    /// The C library's `localtime_r`.
    fn localtime_r = c"localtime_r" (at: *const i64, to: *mut tm) -> *mut tm,
        else { core::ptr::null_mut() };
    /// The C library's `gmtime_r`.
    fn gmtime_r = c"gmtime_r" (at: *const i64, to: *mut tm) -> *mut tm,
        else { core::ptr::null_mut() };
    /// The C library's `localtime`.
    fn localtime = c"localtime" (at: *const i64) -> *mut tm, else { core::ptr::null_mut() };
    /// The C library's `gmtime`.
    fn gmtime = c"gmtime" (at: *const i64) -> *mut tm, else { core::ptr::null_mut() };
    /// The C library's `mktime`.
    fn mktime = c"mktime" (fields: *mut tm) -> i64, else { -1 };
    /// The C library's `timegm`.
    fn timegm = c"timegm" (fields: *mut tm) -> i64, else { -1 };
    /// The C library's `asctime`.
    fn asctime = c"asctime" (fields: *const tm) -> *mut c_char, else { core::ptr::null_mut() };
    /// The C library's `asctime_r`.
    fn asctime_r = c"asctime_r" (fields: *const tm, to: *mut c_char) -> *mut c_char,
        else { core::ptr::null_mut() };
    /// The C library's `ctime`.
    fn ctime = c"ctime" (at: *const i64) -> *mut c_char, else { core::ptr::null_mut() };
    /// The C library's `ctime_r`.
    fn ctime_r = c"ctime_r" (at: *const i64, to: *mut c_char) -> *mut c_char,
        else { core::ptr::null_mut() };
    /// The C library's `strftime`.
    fn strftime = c"strftime"
        (to: *mut c_char, room: size_t, format: *const c_char, fields: *const tm) -> size_t,
        else { 0 };
    /// The C library's `strftime_l`.
    fn strftime_l = c"strftime_l"
        (to: *mut c_char, room: size_t, format: *const c_char, fields: *const tm, locale: locale_t)
        -> size_t,
        else { 0 };
    /// The C library's `time`.
    fn time = c"time" (to: *mut i64) -> i64, else { -1 };
    /// The C library's `gettimeofday`.
    fn gettimeofday = c"gettimeofday" (to: *mut timeval, zone: *mut c_void) -> c_int, else { -1 };
    /// The C library's `clock_gettime`.
    fn clock_gettime = c"clock_gettime" (id: clockid_t, to: *mut timespec) -> c_int, else { -1 };
    /// The C library's `clock_getres`.
    fn clock_getres = c"clock_getres" (id: clockid_t, to: *mut timespec) -> c_int, else { -1 };
    /// The C library's `timespec_get`.
    fn timespec_get = c"timespec_get" (to: *mut timespec, base: c_int) -> c_int, else { 0 };
    /// The C library's `times`.
    fn times = c"times" (to: *mut tms) -> clock_t, else { -1 };
    /// The C library's `clock`.
    fn clock = c"clock" () -> clock_t, else { -1 };
}
