//! What a contributor or CI runs beside `cargo test`.
//!
//! ```text
//! cargo xtask matrix           all of the following, and the table of README
//! cargo xtask matrix setup     install the emulators (as root)
//! cargo xtask matrix check     cross-check the libraries for other CPUs
//! cargo xtask matrix kernels   boot real kernels and compare their time with ours
//! cargo xtask matrix suites    the libraries' tests on other CPUs
//! cargo xtask matrix programs  the command on other systems
//! cargo xtask matrix table     what earlier runs came to
//! cargo xtask tzdb --check     is the copy of the tz database what is installed?
//! cargo xtask windows-zones --check   is the table of Windows' names what CLDR has?
//! cargo xtask header --check   is the C header what the sources give?
//! cargo xtask install-c        install the C library under --prefix
//! ```
#![forbid(unsafe_code)]

mod header;
mod install;
mod matrix;
mod tzdb;
mod windows_zones;

use clap::Parser;
use std::path::Path;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a contributor or CI runs beside `cargo test`")]
enum Task {
    /// Other kernels, CPUs and systems: all that is known, or one part
    Matrix(matrix::Arguments),
    /// The copy of the tz database in the zone crate
    Tzdb(tzdb::Arguments),
    /// The table of Windows' names of zones in the zone crate
    WindowsZones(windows_zones::Arguments),
    /// The header of the C library
    Header(header::Arguments),
    /// Build and install the C library
    InstallC(install::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Matrix(arguments) => matrix::run(&arguments).map(|tally| tally.failed == 0),
        Task::Tzdb(arguments) => tzdb::run(&arguments).map(|()| true),
        Task::WindowsZones(arguments) => windows_zones::run(&arguments).map(|()| true),
        Task::Header(arguments) => header::run(&arguments).map(|()| true),
        Task::InstallC(arguments) => install::run(&arguments).map(|()| true),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The folder of this repository.
fn repository() -> &'static Path {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask)
}
