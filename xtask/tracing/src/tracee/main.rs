//! A program that is faked and traced: it does what its words say, and prints what it saw.
//!
//! ```text
//! tracee pace 10000000000     reads all clocks, twice, so many shown nanoseconds apart
//! tracee sleep 100000000000   the same, with a sleep between
//! tracee reads 1000           that many reads from one function, half as many from another
//! tracee signals 10           reads on and on, until so many signals have come in the image
//! tracee page 0               whether the image knows where the kernel's data page is
//! ```
//!
//! Words may follow one another. The CPU's counter, which nothing fakes here, stands beside
//! each reading.

mod image;
mod readings;
mod reads;
mod signals;

use std::env;
use std::process::ExitCode;

fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    for pair in words.chunks(2) {
        let [word, number] = pair else { return wrong(&words) };
        let Ok(number) = number.parse::<u64>() else { return wrong(&words) };
        match word.as_str() {
            "pace" => readings::pace(number),
            "sleep" => readings::sleep(number),
            "reads" => reads::all(number),
            "signals" => signals::until(number),
            "page" => image::page(),
            _ => return wrong(&words),
        }
    }
    ExitCode::SUCCESS
}

fn wrong(words: &[String]) -> ExitCode {
    eprintln!("tracee: expected words, each with a number, not {words:?}");
    ExitCode::FAILURE
}
