//! The first program of a guest in which `instanter fake` and `instanter trace` are tried.
//!
//! It runs as `/init` of a kernel that exists for it alone, starts `/bin/instanter` with each
//! program that is in `/programs`, and says on the console whether what that saw is right.
//! `cargo xtask matrix programs` reads that, and knows what must have been tried.
#![forbid(unsafe_code)]

mod counter;
mod fake;
mod readings;
mod report;
mod run;
mod trace;
mod truth;

use nix::mount::{MsFlags, mount};
use nix::sys::reboot::{RebootMode, reboot};
use report::Report;
use std::path::Path;

/// The programs that may be there, by their files' names.
pub const CLOCKS: &[&str] = &["dynamic-rust", "static-rust", "dynamic-c", "static-c", "static-go"];

fn main() {
    let mut report = Report::new();
    for (kind, folder) in [("proc", "/proc"), ("sysfs", "/sys"), ("devtmpfs", "/dev")] {
        let none = None::<&str>;
        if let Err(error) = mount(Some(kind), folder, Some(kind), MsFlags::empty(), none) {
            report.say(&format!("not ok mount {folder}: {error}"));
        }
    }
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    report.say(&format!("kernel {}", release.trim()));
    all(&mut report);
    trapped(&mut report, release.trim());
    report.close();
    let Err(error) = reboot(RebootMode::RB_AUTOBOOT);
    report.say(&format!("no restart: {error}"));
}

fn all(report: &mut Report) {
    for program in CLOCKS.iter().filter(|program| path(program).exists()) {
        report.tried(&format!("fake shift of {program}"), fake::shift(program));
        report.tried(&format!("fake pace of {program}"), fake::pace(program));
        report.tried(&format!("fake sleep of {program}"), fake::sleep(program));
    }
    for program in ["dynamic-rust", "static-rust"] {
        report.tried(&format!("fake page of {program}"), fake::page(program));
        report.tried(&format!("fake signals of {program}"), fake::signals(program));
        report.tried(&format!("trace reads of {program}"), trace::reads(program));
        report.tried(&format!("trace signals of {program}"), trace::signals(program));
    }
    if path("static-go").exists() {
        report.tried("trace reads of static-go", trace::go("static-go"));
    }
    for program in ["dynamic-counts", "static-counts"] {
        if path(program).exists() {
            report.tried(&format!("trace reads of {program}"), trace::counts(program));
        }
    }
    for program in ["dynamic-tsc", "static-tsc"] {
        if path(program).exists() {
            report.tried(&format!("fake counter of {program}"), counter::told(program));
        }
    }
    if path("dynamic-arrivals").exists() {
        report.tried("fake arrivals of dynamic-arrivals", fake::arrivals("dynamic-arrivals"));
    }
    report.tried("fake verify at a rate", fake::verify(&["--at", fake::AT, "--rate", "10"]));
    report.tried("fake verify of a shift", fake::verify(&["--offset", "-30d"]));
}

/// Programs that read the CPU's counter themselves, where the kernel can trap that.
fn trapped(report: &mut Report, release: &str) {
    if !counter::can_be_trapped(release) {
        report.tried("fake trap-tsc refused", counter::refused(release));
        return;
    }
    for program in CLOCKS.iter().filter(|program| path(program).exists()) {
        report.tried(&format!("fake trap-tsc of {program}"), counter::pace(program));
    }
    for program in ["dynamic-tsc", "static-tsc"] {
        if path(program).exists() {
            report.tried(&format!("fake trap-tsc of {program}"), counter::trees(program));
        }
    }
    let change = ["--trap-tsc", "--at", fake::AT, "--rate", "10"];
    report.tried("fake trap-tsc verify", fake::verify(&change));
}

/// Where a program is.
pub fn path(program: &str) -> std::path::PathBuf {
    Path::new("/programs").join(program)
}
