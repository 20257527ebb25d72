//! The functions of the preloaded library beside the C library's own, in one process:
//! one thread, then two at once.

use std::hint::black_box;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use instanter_measure::{Settings, Subject, compare};
use instanter_preload as ours;
use instanter_preload::next as theirs;
use libc::{timespec, timeval, tm};

const INPUTS: usize = 4_096;

fn main() {
    clocks();
    for tz in [None, Some(c"Europe/Berlin"), Some(c"EST5EDT,M3.2.0,M11.1.0")] {
        // SAFETY: there is one thread; texts that end with a zero.
        unsafe {
            match tz {
                None => libc::unsetenv(c"TZ".as_ptr()),
                Some(tz) => libc::setenv(c"TZ".as_ptr(), tz.as_ptr(), 1),
            };
            ours::tzset();
            theirs::tzset();
        }
        let title = tz.map_or("TZ unset".to_owned(), |tz| format!("TZ={}", tz.to_string_lossy()));
        dates(&title);
        threads(&title);
    }
}

fn empty() -> tm {
    // SAFETY: numbers, and a pointer that may be null.
    unsafe { std::mem::zeroed() }
}

/// Seconds of the last years, in an order without a pattern.
fn moments() -> Vec<i64> {
    (0..INPUTS as i64).map(|index| 1_420_070_400 + index * 97_003_751 % 375_225_330).collect()
}

fn over<'a, T: Copy>(
    name: &str,
    inputs: &'a [T],
    mut call: impl FnMut(T) -> i64 + 'a,
) -> Subject<'a> {
    Subject {
        name: name.to_owned(),
        batch: Box::new(move |calls| {
            assert_eq!(calls as usize, inputs.len());
            for &input in inputs {
                black_box(call(input));
            }
            0
        }),
        single: Box::new(|| 0),
    }
}

/// Prints what two cost, and the ratio.
fn pair(name: &str, mut subjects: [Subject<'_>; 2]) {
    let settings = Settings { rounds: 61, batch: INPUTS as u32, singles: 0 };
    let costs = compare(&mut subjects, settings);
    let [ours, theirs] = [0, 1].map(|index: usize| costs[index].batches.median());
    println!("  {name:<32} {ours:>8.2} ns {theirs:>9.2} ns {:>7.2} ×", theirs / ours);
}

macro_rules! beside {
    ($name:expr, $inputs:expr, |$input:ident, $side:ident| $call:expr) => {
        pair(
            $name,
            [
                over("ours", $inputs, |$input| {
                    use ours as $side;
                    // SAFETY: the arguments are what the function demands.
                    unsafe { $call }
                }),
                over("theirs", $inputs, |$input| {
                    use theirs as $side;
                    // SAFETY: as above.
                    unsafe { $call }
                }),
            ],
        )
    };
}

fn clocks() {
    println!("the clocks{:>34} {:>12} {:>10}", "ours", "glibc's", "ratio");
    let inputs = vec![(); INPUTS];
    let mut now = timespec { tv_sec: 0, tv_nsec: 0 };
    let to = &raw mut now;
    beside!("clock_gettime(REALTIME)", &inputs, |_input, side| i64::from(side::clock_gettime(
        0, to
    )));
    beside!("clock_gettime(MONOTONIC)", &inputs, |_input, side| i64::from(side::clock_gettime(
        1, to
    )));
    beside!("clock_gettime(MONOTONIC_COARSE)", &inputs, |_input, side| i64::from(
        side::clock_gettime(6, to)
    ));
    beside!("clock_gettime(THREAD_CPUTIME)", &inputs, |_input, side| i64::from(
        side::clock_gettime(3, to)
    ));
    beside!("time", &inputs, |_input, side| side::time(std::ptr::null_mut()));
    let mut micros = timeval { tv_sec: 0, tv_usec: 0 };
    let to = &raw mut micros;
    beside!("gettimeofday", &inputs, |_input, side| i64::from(side::gettimeofday(
        to,
        std::ptr::null_mut()
    )));
}

fn dates(title: &str) {
    println!("{title}");
    let moments = moments();
    let mut fields = empty();
    let to = &raw mut fields;
    beside!("gmtime_r", &moments, |at, side| i64::from(side::gmtime_r(&at, to).is_null()));
    beside!("localtime_r", &moments, |at, side| i64::from(side::localtime_r(&at, to).is_null()));
    beside!("localtime", &moments, |at, side| i64::from(side::localtime(&at).is_null()));
    let all: Vec<tm> = moments
        .iter()
        .map(|at| {
            let mut fields = empty();
            // SAFETY: reads one time and fills one tm.
            unsafe { theirs::localtime_r(at, &mut fields) };
            fields.tm_isdst = -1;
            fields
        })
        .collect();
    beside!("mktime", &all, |fields, side| {
        let mut fields = fields;
        side::mktime(&mut fields)
    });
    beside!("timegm", &all, |fields, side| {
        let mut fields = fields;
        side::timegm(&mut fields)
    });
    let mut text = [0; 100];
    let to = text.as_mut_ptr();
    let formats = [c"%Y-%m-%dT%H:%M:%S%z", c"%a, %d %b %Y %H:%M:%S %Z", c"%c"];
    // What only reads the fields is not to pay for a copy of them.
    let places: Vec<&tm> = all.iter().collect();
    for format in formats {
        let name = format!("strftime {}", format.to_string_lossy());
        beside!(&name, &places, |fields, side| side::strftime(to, 100, format.as_ptr(), fields)
            as i64);
    }
    beside!("asctime_r", &places, |fields, side| i64::from(side::asctime_r(fields, to).is_null()));
    beside!("ctime", &moments, |at, side| i64::from(side::ctime(&at).is_null()));
}

/// Calls a second of two threads that each do `call` for a while, both at once.
fn calls_a_second(moments: &[i64], call: impl Fn(i64) + Sync) -> f64 {
    let barrier = Barrier::new(2);
    std::thread::scope(|scope| {
        let work = || {
            barrier.wait();
            let (start, mut rounds) = (Instant::now(), 0);
            while start.elapsed() < Duration::from_millis(150) {
                moments.iter().for_each(|&at| call(at));
                rounds += 1;
            }
            (rounds * INPUTS) as f64 / start.elapsed().as_secs_f64()
        };
        let threads = [scope.spawn(work), scope.spawn(work)];
        threads.map(|thread| thread.join().expect("no panic")).iter().sum()
    })
}

fn threads(title: &str) {
    let moments = moments();
    let mut ratios: Vec<(f64, f64, f64)> = (0..5)
        .map(|_| {
            // SAFETY: reads one time and fills one tm, in both.
            let ours = calls_a_second(&moments, |at| unsafe {
                black_box(ours::localtime_r(&at, black_box(&mut empty())));
            });
            // SAFETY: as above.
            let theirs = calls_a_second(&moments, |at| unsafe {
                black_box(theirs::localtime_r(&at, black_box(&mut empty())));
            });
            (ours / theirs, ours, theirs)
        })
        .collect();
    ratios.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (ratio, ours, theirs) = ratios[ratios.len() / 2];
    println!(
        "  {:<32} {:>6.0} M/s {:>8.1} M/s {ratio:>7.2} ×   ({title})",
        "localtime_r, two threads",
        ours / 1e6,
        theirs / 1e6
    );
}
