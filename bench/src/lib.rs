//! Comparisons with peers, side by side in one run: see `benches/`.
//!
//! | bench | what it prints |
//! |---|---|
//! | `reading` | the table of ratios that the README quotes, with tails |
//! | `calendar` | timestamps to dates and text and back, beside the peers |
//! | `zoned` | the local date and time now, beside jiff and chrono, and what that adds to `now()` |
//! | `local` | the local zone beside the C library: `TZ` unset, two threads, the first call |
//! | `peers` | Criterion's statistics of every peer's "now" |
