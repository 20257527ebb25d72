//! [`Time`], [`Duration`] and [`Zoned`] in the formats of serde.
//!
//! # As text
//!
//! Without further ado they are text, which people can read and every language parses:
//!
//! | type | text | reads |
//! |---|---|---|
//! | [`Time`] | RFC 3339 in UTC, `2023-11-14T22:13:20.5Z` | RFC 3339 with any offset |
//! | [`Duration`] | Go's, `1h15m30.5s` | the same |
//! | [`Zoned`] | RFC 9557, `2024-07-01T12:00:00+02:00[Europe/Berlin]` | RFC 9557 with a zone in its brackets |
//!
//! What is read is what [`FromStr`](core::str::FromStr) reads, and an error is that
//! function's: it quotes the text and the place in it. A monotonic reading stays behind, as
//! it means nothing outside of this boot of this machine. A `Zoned` in a zone that has no name
//! is refused, because what would be written could not be read again.
//!
//! ```
//! use instanter::{Duration, Time};
//!
//! #[derive(serde::Serialize, serde::Deserialize)]
//! struct Job {
//!     due: Time,
//!     timeout: Duration,
//! }
//!
//! let text = r#"{"due":"2023-11-14T23:13:20+01:00","timeout":"1m30s"}"#;
//! let job: Job = serde_json::from_str(text)?;
//! assert_eq!(job.due, Time::from_unix_seconds(1_700_000_000));
//! assert_eq!(job.timeout, Duration::from_seconds(90));
//! let again = serde_json::to_string(&job)?;
//! assert_eq!(again, r#"{"due":"2023-11-14T22:13:20Z","timeout":"1m30s"}"#);
//! # Ok::<(), serde_json::Error>(())
//! ```
//!
//! # As numbers
//!
//! The modules are for `#[serde(with = "…")]`: moments as numbers since 1970, lengths as
//! seconds or nanoseconds. Each has a module `option` inside, for a field that may be empty;
//! one that may be missing also needs `#[serde(default)]`.
//!
//! Numbers are `i64`, which every format has. What does not fit is an error, in both
//! directions. Only [`seconds_f64`] is floating point: whole seconds and nanoseconds in one
//! number is more than it holds exactly.
//!
//! The calendar's types (`civil::Date` and its relatives) and zones by themselves are not
//! here: fields of those are better kept as the texts they have.
//!
//! [`Time`]: crate::Time
//! [`Duration`]: crate::Duration
//! [`Zoned`]: crate::Zoned

mod number;
mod text;

pub use number::{nanos, seconds_f64, unix_micros, unix_millis, unix_nanos, unix_seconds};
