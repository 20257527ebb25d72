//! From a timestamp to a date on the wall and to text, and back: beside jiff,
//! chrono, time, humantime and the C library.
//!
//! Inputs vary as they do in use: stamps of consecutive log lines, stamps spread
//! over recent years, and stamps anywhere from 1900 to 2500.

use std::fmt::Write;
use std::hint::black_box;

use instanter_bench::{over, whole};
use instanter_civil::bulk::{self, Columns};
use instanter_civil::text::rfc3339::{self, Rfc3339};
use instanter_civil::{Date, DateTime, Offset, Stamp, TimeOfDay};
use instanter_measure::{Settings, Subject};
use instanter_zone::{Policy, Zone};

/// Inputs of a set, a power of two.
const INPUTS: usize = 4_096;

type Moment = (i64, u32);

/// Folds the fields of a date and time into one number, to keep them all.
#[inline(always)]
fn fold(year: i64, others: [u8; 5]) -> u64 {
    others.into_iter().fold(year as u64, |sum, field| sum.wrapping_add(u64::from(field)))
}

fn section(title: &str, subjects: Vec<Subject<'_>>) {
    let settings = Settings { rounds: 201, batch: INPUTS as u32, singles: 0 };
    instanter_bench::section(title, settings, &[], subjects);
}

/// Numbers without a pattern that a predictor could learn: SplitMix64.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}

fn moments(from: i64, until: i64) -> Vec<Moment> {
    let mut state = 7;
    let span = (until - from) as u64;
    (0..INPUTS)
        .map(|_| {
            let second = from + (random(&mut state) % span) as i64;
            (second, (random(&mut state) % 1_000_000_000) as u32)
        })
        .collect()
}

/// Log lines: a few milliseconds apart.
fn log_lines() -> Vec<Moment> {
    let mut state = 7;
    let mut nanos = 1_795_295_730_000_000_000i64;
    (0..INPUTS)
        .map(|_| {
            nanos += (random(&mut state) % 20_000_000) as i64;
            (nanos / 1_000_000_000, (nanos % 1_000_000_000) as u32)
        })
        .collect()
}

fn utc(moment: &Moment) -> DateTime {
    DateTime::from_unix(moment.0, moment.1, Offset::UTC)
}

fn jiff_stamp(moment: &Moment) -> jiff::Timestamp {
    jiff::Timestamp::new(moment.0, moment.1 as i32).expect("in range")
}

fn chrono_utc(moment: &Moment) -> chrono::DateTime<chrono::Utc> {
    chrono::DateTime::from_timestamp(moment.0, moment.1).expect("in range")
}

fn time_utc(moment: &Moment) -> time::OffsetDateTime {
    let nanos = i128::from(moment.0) * 1_000_000_000 + i128::from(moment.1);
    time::OffsetDateTime::from_unix_timestamp_nanos(nanos).expect("in range")
}

fn main() {
    // From 2015 to 2026, and from 1900 to 2500.
    let recent = moments(1_420_070_400, 1_795_295_730);
    let spread = moments(-2_208_988_800, 16_725_225_600);
    for (kind, set) in [("recent", &recent), ("1900 to 2500", &spread)] {
        fields(kind, set);
        new_york(kind, set);
    }
    columns(&recent);
    let lines = log_lines();
    text_out(&lines);
    text_in(&lines);
    patterns(&lines);
}

fn fields(kind: &str, set: &[Moment]) {
    use chrono::{Datelike, Timelike};
    section(
        &format!("timestamp → UTC date and time, {kind}"),
        vec![
            over("instanter", set, |moment| {
                let at = DateTime::from_unix(moment.0, moment.1, Offset::UTC);
                let (date, time) = (at.date(), at.time());
                let rest = [date.month(), date.day(), time.hour(), time.minute(), time.second()];
                black_box(fold(date.year(), rest));
            }),
            over("jiff", set, |moment| {
                let at = jiff::tz::Offset::UTC.to_datetime(jiff_stamp(moment));
                black_box(fold_jiff(at));
            }),
            over("time", set, |moment| {
                let at = time::OffsetDateTime::from_unix_timestamp(moment.0).expect("in range");
                let (year, month, day) = at.to_calendar_date();
                let (hour, minute, second) = at.to_hms();
                black_box(fold(year.into(), [month.into(), day, hour, minute, second]));
            }),
            over("chrono", set, |moment| {
                let at = chrono_utc(moment);
                let date = [at.month() as u8, at.day() as u8];
                let time = [at.hour() as u8, at.minute() as u8, at.second() as u8];
                black_box(fold(at.year().into(), [date[0], date[1], time[0], time[1], time[2]]));
            }),
        ],
    );
}

fn fold_jiff(at: jiff::civil::DateTime) -> u64 {
    let rest = [at.month(), at.day(), at.hour(), at.minute(), at.second()];
    fold(at.year().into(), rest.map(|field| field as u8))
}

/// Local time through the C library, which is told the zone by `TZ`.
fn libc_local(second: i64) -> libc::tm {
    // SAFETY: a tm of zeros is valid; localtime_r reads one time and writes one tm.
    unsafe {
        let mut fields = std::mem::zeroed();
        libc::localtime_r(&second, &mut fields);
        fields
    }
}

fn new_york(kind: &str, set: &[Moment]) {
    // SAFETY: there is one thread.
    unsafe { std::env::set_var("TZ", "America/New_York") };
    let zone = Zone::get("America/New_York").expect("the system or the embedded copy has it");
    let jiff_zone = jiff::tz::TimeZone::get("America/New_York").expect("jiff finds it");
    section(
        &format!("timestamp → New York date and time, {kind}"),
        vec![
            over("instanter", set, |moment| {
                let offset = Offset::from_seconds(zone.offset_at(moment.0)).expect("in range");
                let at = DateTime::from_unix(moment.0, moment.1, offset);
                let (date, time) = (at.date(), at.time());
                let rest = [date.month(), date.day(), time.hour(), time.minute(), time.second()];
                black_box(fold(date.year(), rest));
            }),
            over("jiff", set, |moment| {
                let at = jiff_zone.to_datetime(jiff_stamp(moment));
                black_box(fold_jiff(at));
            }),
            over("libc localtime_r, TZ set", set, |moment| {
                black_box(libc_local(moment.0));
            }),
        ],
    );
    let walls: Vec<DateTime> = set
        .iter()
        .map(|moment| {
            let offset = Offset::from_seconds(zone.offset_at(moment.0)).expect("in range");
            DateTime::from_unix(moment.0, moment.1, offset)
        })
        .collect();
    let jiff_walls: Vec<_> =
        set.iter().map(|moment| jiff_zone.to_datetime(jiff_stamp(moment))).collect();
    let libc_walls: Vec<libc::tm> = set.iter().map(|moment| libc_local(moment.0)).collect();
    section(
        &format!("New York date and time → timestamp, {kind}"),
        vec![
            over("instanter", &walls, |at| {
                let local = at.to_unix(Offset::UTC).expect("in range").0;
                black_box(zone.to_unix(local, Policy::Compatible).expect("in range"));
            }),
            over("jiff", &jiff_walls, |at| {
                black_box(jiff_zone.to_timestamp(*at).expect("in range"));
            }),
            over("libc mktime, TZ set", &libc_walls, |at| {
                let mut at = *at;
                // SAFETY: reads and writes one tm.
                black_box(unsafe { libc::mktime(&mut at) });
            }),
        ],
    );
}

/// A slice at once, against one value at a time into the same columns.
fn columns(set: &[Moment]) {
    let seconds: Vec<i64> = set.iter().map(|moment| moment.0).collect();
    let mut columns = [Owned::new(), Owned::new()];
    let [first, second] = &mut columns;
    let (mut first, second) = (first.columns(), second.columns());
    section(
        "seconds → columns of year to second, UTC",
        vec![
            whole("instanter, bulk", INPUTS, || {
                bulk::split(&seconds, Offset::UTC, &mut first).expect("as long");
                black_box(&first);
            }),
            whole("instanter, one by one", INPUTS, || {
                for (index, &moment) in seconds.iter().enumerate() {
                    let at = DateTime::from_unix(moment, 0, Offset::UTC);
                    let (date, time) = (at.date(), at.time());
                    second.year[index] = date.year();
                    (second.month[index], second.day[index]) = (date.month(), date.day());
                    (second.hour[index], second.minute[index]) = (time.hour(), time.minute());
                    second.second[index] = time.second();
                }
                black_box(&second);
            }),
        ],
    );
    let (mut joined, mut one_by_one) = (vec![0; INPUTS], vec![0; INPUTS]);
    section(
        "columns of year to second → seconds, UTC",
        vec![
            whole("instanter, bulk", INPUTS, || {
                bulk::join(&first, Offset::UTC, &mut joined).expect("dates");
                black_box(&joined);
            }),
            whole("instanter, one by one", INPUTS, || {
                for (index, out) in one_by_one.iter_mut().enumerate() {
                    let (month, day) = (second.month[index], second.day[index]);
                    let date = Date::new(second.year[index], month, day).expect("a date");
                    let (hour, minute) = (second.hour[index], second.minute[index]);
                    let time = TimeOfDay::new(hour, minute, second.second[index], 0);
                    let at = DateTime::new(date, time.expect("a time"));
                    *out = at.to_unix(Offset::UTC).expect("in range").0;
                }
                black_box(&one_by_one);
            }),
        ],
    );
}

/// Columns that own their memory.
struct Owned {
    year: Vec<i64>,
    others: [Vec<u8>; 5],
}

impl Owned {
    fn new() -> Owned {
        Owned { year: vec![0; INPUTS], others: std::array::from_fn(|_| vec![0; INPUTS]) }
    }

    fn columns(&mut self) -> Columns<'_> {
        let [month, day, hour, minute, second] = &mut self.others;
        Columns { year: &mut self.year, month, day, hour, minute, second }
    }
}

fn text_out(set: &[Moment]) {
    let nine = Rfc3339::new().digits(9);
    let jiffs: Vec<_> = set.iter().map(jiff_stamp).collect();
    let chronos: Vec<_> = set.iter().map(chrono_utc).collect();
    let times: Vec<_> = set.iter().map(time_utc).collect();
    let dates: Vec<_> = set.iter().map(utc).collect();
    let mut stamp = Stamp::utc(9);
    let mut buffers = [[0u8; 64]; 3];
    let [first, second, third] = &mut buffers;
    let (mut fourth, mut fifth) = (String::with_capacity(64), String::with_capacity(64));
    let printer = jiff::fmt::temporal::DateTimePrinter::new().precision(Some(9));
    let format = &time::format_description::well_known::Rfc3339;
    section(
        "RFC 3339 with nanoseconds, out, log lines",
        vec![
            over("instanter, from a timestamp", set, |moment| {
                let length =
                    nine.write_unix(first, moment.0, moment.1, Offset::UTC).expect("it fits");
                black_box(&first[..length]);
            }),
            over("instanter, from a date and time", &dates, |at| {
                let length = nine.write(second, *at, Offset::UTC).expect("it fits");
                black_box(&second[..length]);
            }),
            over("instanter Stamp, from a timestamp", set, |moment| {
                black_box(stamp.write(moment.0, moment.1));
            }),
            over("time, from a date and time", &times, |at| {
                black_box(at.format_into(&mut &mut third[..], format).expect("it fits"));
            }),
            over("jiff, from a timestamp", &jiffs, |at| {
                fourth.clear();
                printer.print_timestamp(at, &mut fourth).expect("it fits");
                black_box(&fourth);
            }),
            over("chrono, from a date and time", &chronos, |at| {
                fifth.clear();
                fifth.push_str(&at.to_rfc3339_opts(chrono::SecondsFormat::Nanos, true));
                black_box(&fifth);
            }),
        ],
    );
}

fn text_in(set: &[Moment]) {
    let nine = Rfc3339::new().digits(9);
    let texts: Vec<String> =
        set.iter().map(|moment| nine.text(utc(moment), Offset::UTC).to_string()).collect();
    let format = &time::format_description::well_known::Rfc3339;
    section(
        "RFC 3339 with nanoseconds, in, log lines",
        vec![
            over("instanter, to a timestamp", &texts, |text| {
                black_box(rfc3339::parse_unix(text).expect("well formed"));
            }),
            over("instanter, to a date and time", &texts, |text| {
                black_box(rfc3339::parse(text).expect("well formed"));
            }),
            over("humantime", &texts, |text| {
                black_box(humantime::parse_rfc3339(text).expect("well formed"));
            }),
            over("time", &texts, |text| {
                black_box(time::OffsetDateTime::parse(text, format).expect("well formed"));
            }),
            over("chrono", &texts, |text| {
                black_box(chrono::DateTime::parse_from_rfc3339(text).expect("well formed"));
            }),
            over("jiff", &texts, |text| {
                black_box(text.parse::<jiff::Timestamp>().expect("well formed"));
            }),
        ],
    );
}

fn patterns(set: &[Moment]) {
    const TEXT: &str = "%Y-%m-%d %H:%M:%S";
    let pattern = instanter_civil::pattern!("%Y-%m-%d %H:%M:%S");
    let items: Vec<_> = chrono::format::StrftimeItems::new(TEXT).collect();
    let dates: Vec<_> = set.iter().map(utc).collect();
    let chronos: Vec<_> = set.iter().map(chrono_utc).collect();
    let tms: Vec<libc::tm> = set.iter().map(|moment| libc_local(moment.0)).collect();
    let mut buffers = [[0u8; 64]; 2];
    let [first, second] = &mut buffers;
    let mut third = String::with_capacity(64);
    section(
        &format!("strftime {TEXT}, out, log lines"),
        vec![
            over("instanter, compiled", &dates, |at| {
                let length = pattern.write(first, *at, Offset::UTC, None).expect("it fits");
                black_box(&first[..length]);
            }),
            over("libc", &tms, |at| {
                let to = second.as_mut_ptr().cast();
                // SAFETY: writes at most 64 bytes, from a pattern that ends in zero.
                black_box(unsafe { libc::strftime(to, 64, c"%Y-%m-%d %H:%M:%S".as_ptr(), at) });
            }),
            over("chrono, items made before", &chronos, |at| {
                third.clear();
                write!(third, "{}", at.format_with_items(items.iter())).expect("it fits");
                black_box(&third);
            }),
        ],
    );
}
