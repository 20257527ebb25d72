//! Every function beside the C library's own, in one process: the same inputs, and then
//! the result, every field, `errno`, `tzname`, `timezone` and `daylight` compared.
//!
//! By default some hundred thousand inputs; `INSTANTER_TEST_ALL=1` takes all zones and
//! many more. Each difference is printed, and one is enough to fail: what is accepted to
//! be different (see the crate's documentation) is not of the kind that shows here.
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]

mod clocks;
mod inputs;
mod local;
mod making;
mod sides;
mod texts;

use std::process::ExitCode;

/// Compares, and describes each difference.
type Test = fn() -> Vec<String>;

fn main() -> ExitCode {
    // One after the other: TZ is the process's.
    let tests: [(&str, Test); 8] = [
        ("first call", local::first_call),
        ("to local time", local::to_local),
        ("to UTC", local::to_utc),
        ("to Unix time", making::to_unix),
        ("from UTC to Unix time", making::utc_to_unix),
        ("asctime", texts::asctime),
        ("strftime", texts::strftime),
        ("clocks", clocks::clocks),
    ];
    let filter: Vec<String> =
        std::env::args().skip(1).filter(|arg| !arg.starts_with('-')).collect();
    let mut failed = false;
    for (name, test) in tests {
        if !filter.is_empty() && !filter.iter().any(|word| name.contains(word.as_str())) {
            continue;
        }
        let start = std::time::Instant::now();
        let differences = test();
        println!("{name}: {} differences, {:?}", differences.len(), start.elapsed());
        for difference in differences.iter().take(40) {
            println!("  {difference}");
        }
        failed |= !differences.is_empty();
    }
    if failed { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
