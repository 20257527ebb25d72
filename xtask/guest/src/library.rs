//! Our library, as the rest of the program asks it.

use crate::console::Report;
use instanter_clock::{Error, explain_source, survey};

pub use instanter_clock::Clock;

/// The clocks that are compared.
pub const CLOCKS: [Clock; 7] = Clock::ON_PAGE;

/// A clock's name without the `CLOCK_` before it.
pub fn name(clock: Clock) -> &'static str {
    let name = clock.name().unwrap_or("unnamed");
    name.strip_prefix("CLOCK_").unwrap_or(name)
}

/// Returns the clock in nanoseconds.
pub fn now(clock: Clock) -> Result<i128, Error> {
    let time = clock.now()?;
    Ok(i128::from(time.sec) * 1_000_000_000 + i128::from(time.nsec))
}

/// Says which page was found, who serves each clock, and why not the page.
pub fn describe(report: &mut Report) {
    match survey().page {
        Ok(proof) => report.say(format_args!("layout {}", proof.layout.kernels)),
        Err(why) => report.say(format_args!("layout none\nreason {why}")),
    }
    for clock in CLOCKS {
        let (source, not_page, not_vdso) = explain_source(clock);
        let name = name(clock);
        report.say(format_args!("source {name} {source}"));
        for (link, why) in [("page", not_page), ("vdso", not_vdso)] {
            if let Some(why) = why {
                report.say(format_args!("reason {name} not from {link}: {why}"));
            }
        }
    }
}
