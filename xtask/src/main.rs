//! What a contributor or CI runs beside `cargo test`.
//!
//! ```text
//! cargo xtask matrix setup     install the emulators (as root)
//! cargo xtask matrix check     cross-check the libraries for other CPUs
//! cargo xtask matrix kernels   boot real kernels and compare their time with ours
//! ```
#![forbid(unsafe_code)]

mod matrix;

use clap::Parser;
use std::process::ExitCode;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "What a contributor or CI runs beside `cargo test`")]
enum Task {
    /// Other kernels and other CPUs
    #[command(subcommand)]
    Matrix(matrix::Command),
}

fn main() -> ExitCode {
    let Task::Matrix(command) = Task::parse();
    match matrix::run(&command) {
        Ok(tally) if tally.failed == 0 => ExitCode::SUCCESS,
        Ok(_) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}
