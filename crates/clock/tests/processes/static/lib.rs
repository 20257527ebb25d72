//! The clocks for a C program: what a static program without Rust's `std` links.
#![no_std]

use core::panic::PanicInfo;

use instanter_clock::{Clock, Timespec};

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    unsafe extern "C" {
        safe fn abort() -> !;
    }
    abort()
}

/// The precompiled `core` refers to it; nothing here unwinds.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}

/// Writes the reading of a clock. Returns zero, or the kernel's error number.
#[unsafe(no_mangle)]
extern "C" fn instanter_test_now(id: i32, sec: &mut i64, nsec: &mut i64) -> i32 {
    match Clock::from_id(id).now() {
        Ok(Timespec { sec: s, nsec: n }) => {
            (*sec, *nsec) = (s, i64::from(n));
            0
        }
        Err(error) => error.errno(),
    }
}
