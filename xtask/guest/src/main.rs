//! The one program of a guest.
//!
//! It runs as `/init` of a kernel that exists for it alone, asks that kernel for
//! the time in two ways, through our library and by a bare system call, and says
//! on the console whether they agree. `cargo xtask matrix kernels` reads that.
//! It may do to its kernel what a test elsewhere must not: switch the clock
//! source, step and slew the clock, insert a leap second, and set the hardware
//! clock.
//!
//! There is no C library, no startup code and no std below it.
#![no_std]
#![no_main]

mod agreement;
mod console;
mod hardware;
mod kernel;
mod leap;
mod library;
mod memory;
mod readers;
mod slew;
mod start;
mod step;
mod switch;

use console::Report;
use core::panic::PanicInfo;

/// Everything that is tried, in the order of the console.
fn run() {
    let mut report = Report::new();
    // The library reads /proc/self/auxv where the kernel is older than
    // PR_GET_AUXV; the clock source is set below /sys, and the kernel makes the
    // hardware clock's device in /dev.
    for (kind, folder) in [(c"proc", c"/proc"), (c"sysfs", c"/sys"), (c"devtmpfs", c"/dev")] {
        if let Err(error) = kernel::mount(kind, folder) {
            report.not_ok(format_args!("mount {folder:?}: {error}"));
        }
    }
    let mut release = [0; kernel::NAME_LENGTH];
    report.say(format_args!("kernel {}", kernel::release(&mut release)));
    library::describe(&mut report);
    agreement::all(&mut report);
    // What another process sees of all this counts as much. It stops before the
    // hardware clock, whose edges are to be met.
    let reader = readers::start(&mut report);
    switch::all(&mut report);
    step::wall(&mut report);
    slew::all(&mut report);
    leap::second(&mut report);
    readers::stop(&mut report, reader);
    hardware::all(&mut report);
    report.close();
}

#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    let mut report = Report::new();
    report.not_ok(format_args!("panic: {}", info.message()));
    report.close();
    kernel::restart()
}
