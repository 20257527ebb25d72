//! Comparisons with peers, side by side in one run: see `benches/`.
//!
//! | bench | what it prints |
//! |---|---|
//! | `reading` | the table of ratios that the README quotes, with tails |
//! | `calendar` | timestamps to dates and text and back, beside the peers |
//! | `zoned` | the local date and time now, beside jiff and chrono, and what that adds to `now()` |
//! | `local` | the local zone beside the C library: `TZ` unset, two threads, the first call |
//! | `abi` | the preloaded library's functions beside the C library's own |
//! | `peers` | Criterion's statistics of every peer's "now" |

use instanter_measure::{Settings, Subject, compare};

/// Makes a subject that is given one input after the other; a batch is once through them,
/// so that nothing is counted but the calls.
pub fn over<'a, T>(name: &str, inputs: &'a [T], mut call: impl FnMut(&T) + 'a) -> Subject<'a> {
    whole(name, inputs.len(), move || inputs.iter().for_each(&mut call))
}

/// Makes a subject that takes all inputs, so many, at once.
pub fn whole<'a>(name: &str, inputs: usize, mut call: impl FnMut() + 'a) -> Subject<'a> {
    Subject {
        name: name.to_owned(),
        batch: Box::new(move |calls| {
            assert_eq!(calls as usize, inputs);
            call();
            0
        }),
        single: Box::new(|| 0),
    }
}

/// Prints the medians, how many times the first's each is, and the goal for that, if there is
/// one.
pub fn section(title: &str, settings: Settings, goals: &[&str], mut subjects: Vec<Subject<'_>>) {
    let costs = compare(&mut subjects, settings);
    println!("\n{title}");
    let first = costs[0].batches.median();
    let goals = goals.iter().chain(std::iter::repeat(&""));
    for (cost, goal) in costs.iter().zip(goals) {
        let median = cost.batches.median();
        let line =
            format!("  {:<40} {median:>8.2} ns {:>7.2} ×  {goal}", cost.name, median / first);
        println!("{}", line.trim_end());
    }
}
