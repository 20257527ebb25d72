//! Values that go over to another crate's types and come back, each beside that crate's own
//! arithmetic.

mod chrono;
mod jiff;
#[path = "../random/mod.rs"]
mod random;
mod time;

use ::std::ops::RangeInclusive;

use instanter::zone::Zone;
use instanter::{Duration, Error, Time, Zoned};
use random::Random;

/// Moments over a range of seconds: its ends, what is around zero, and any others.
fn moments(seconds: RangeInclusive<i64>) -> Vec<Time> {
    let mut random = Random(11);
    let (low, high) = seconds.into_inner();
    let edges = [low, low + 1, -1, 0, 1, high - 1, high];
    let edges = edges.into_iter().flat_map(|second| [(second, 0), (second, 999_999_999)]);
    let mut all: Vec<_> = edges.map(|(second, nanos)| Time::from_unix(second, nanos)).collect();
    for _ in 0..5_000 {
        let (second, nanos) = (random.within(low, high), random.within(0, 999_999_999));
        all.push(Time::from_unix(second, nanos as u32));
    }
    all
}

fn lengths() -> Vec<Duration> {
    let mut random = Random(12);
    let edges = [i64::MIN, i64::MIN + 1, -1_000_000_000, -1, 0, 1, 999_999_999, i64::MAX];
    let any = (0..5_000).map(|step| (random.next() as i64) >> (step % 60));
    edges.into_iter().chain(any).map(Duration::from_nanos).collect()
}

/// Zones of all kinds, and their offsets' signs.
fn zones() -> Vec<Zone> {
    let names = ["America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "Africa/Monrovia"];
    let fixed = [0, 1, -1, 19_800, -12_600, 86_399, -86_399];
    let named = names.map(|name| Zone::get(name).expect(name));
    let fixed = fixed.map(|offset_s| Zone::fixed(offset_s).expect("within a week"));
    [Zone::UTC].into_iter().chain(named).chain(fixed).collect()
}

/// An error that says what did not fit, and into what.
fn assert_beyond<T: std::fmt::Debug>(got: Result<T, Error>, value: &str, holder: &str) {
    let error = got.expect_err(value);
    assert!(error.is_out_of_range(), "{error}");
    assert_eq!(error.to_string(), format!("{value} does not fit into a {holder}"));
}

fn offset_s(zoned: Zoned) -> i32 {
    zoned.offset().seconds()
}
