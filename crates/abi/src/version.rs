//! Which interface this is.

use std::ffi::c_char;

/// The number of the interface that this header describes.
///
/// It changes when a program that was compiled with an older header would not run with
/// the newer library; so does the number in the library's file name. Functions, members
/// at the end of structures with a size, and status codes may be added without.
pub const INSTANTER_ABI_VERSION: u32 = 0;

/// Returns the number of the interface that the library has: INSTANTER_ABI_VERSION of
/// the header that it was built with.
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn instanter_abi_version() -> u32 {
    INSTANTER_ABI_VERSION
}

/// Returns the library's version, as "0.1.0".
///
/// Async-signal-safe.
#[unsafe(no_mangle)]
#[must_use]
pub extern "C" fn instanter_version() -> *const c_char {
    concat!(env!("CARGO_PKG_VERSION"), "\0").as_ptr().cast()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_soname_has_the_number() {
        let script = include_str!("../build.rs");
        assert!(script.contains(&format!("const ABI: u32 = {INSTANTER_ABI_VERSION};")));
    }
}
