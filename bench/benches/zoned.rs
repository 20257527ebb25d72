//! What time it is on the wall in New York: one reading and its date and time of day, beside
//! jiff and chrono; and what the façade adds to the clock underneath.

use std::hint::black_box;

use instanter::Zoned;
use instanter_measure::{Settings, Subject, keep, subject};

fn section(title: &str, goals: &[&str], subjects: Vec<Subject<'_>>) {
    let settings = Settings { rounds: 401, batch: 2_000, singles: 0 };
    instanter_bench::section(title, settings, goals, subjects);
}

fn main() {
    // SAFETY: there is one thread, and nobody has asked for the local zone.
    unsafe { std::env::set_var("TZ", "America/New_York") };
    let shown = Zoned::now();
    println!("{shown}, by jiff {}, by chrono {}", jiff::Zoned::now(), chrono::Local::now());

    section(
        "now, and the local date and time",
        &["", "goal ≤ 1.4", "", ""],
        vec![
            subject!("instanter::now()", keep(instanter::now())),
            subject!("Zoned::now(), year to nanosecond", keep(fields(Zoned::now()))),
            subject!("Zoned::now(), asked field by field", keep(one_by_one(Zoned::now()))),
            subject!("Zoned::now(), not looked at", keep(Zoned::now())),
        ],
    );
    section(
        "the local date and time, beside the peers",
        &["", "goal ≥ 3", "goal ≥ 3"],
        vec![
            subject!("Zoned::now(), year to nanosecond", keep(fields(Zoned::now()))),
            subject!("jiff::Zoned::now(), the same", keep(jiffs(&jiff::Zoned::now()))),
            subject!("chrono::Local::now(), the same", keep(chronos(chrono::Local::now()))),
        ],
    );
    section(
        "the façade beside the clock underneath",
        &["", ""],
        vec![
            subject!("instanter_clock::pair()", keep(instanter_clock::pair())),
            subject!("instanter::now()", keep(instanter::now())),
        ],
    );
    black_box(shown);
}

type Fields = (i64, [u8; 5], u32);

#[inline(always)]
fn fields(zoned: Zoned) -> Fields {
    let shown = zoned.date_time();
    let (date, time) = (shown.date(), shown.time());
    let rest = [date.month(), date.day(), time.hour(), time.minute(), time.second()];
    (date.year(), rest, time.nanosecond())
}

#[inline(always)]
fn one_by_one(zoned: Zoned) -> Fields {
    let rest = [zoned.month(), zoned.day(), zoned.hour(), zoned.minute(), zoned.second()];
    (zoned.year(), rest, zoned.nanosecond())
}

#[inline(always)]
fn jiffs(zoned: &jiff::Zoned) -> (i16, [i8; 5], i32) {
    let rest = [zoned.month(), zoned.day(), zoned.hour(), zoned.minute(), zoned.second()];
    (zoned.year(), rest, zoned.subsec_nanosecond())
}

#[inline(always)]
fn chronos(time: chrono::DateTime<chrono::Local>) -> (i32, [u32; 5], u32) {
    use chrono::{Datelike, Timelike};
    let rest = [time.month(), time.day(), time.hour(), time.minute(), time.second()];
    (time.year(), rest, time.nanosecond())
}
