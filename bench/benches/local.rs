//! The local zone: beside the C library's functions, which take a lock for each call and
//! look at `/etc/localtime` for each where `TZ` is not set.
//!
//! It prints the costs with `TZ` unset, the throughput of one thread and of two at once,
//! and what the first local time of a process takes.

use std::hint::black_box;
use std::process::Command;
use std::sync::Barrier;
use std::time::{Duration, Instant};

use instanter_bench::over;
use instanter_civil::{DateTime, Offset};
use instanter_measure::{Distribution, Settings, Subject};
use instanter_zone::{Local, Policy, Zone};

const INPUTS: usize = 4_096;

/// Tells a process that it shall print what its first local time takes.
const FIRST: &str = "INSTANTER_BENCH_FIRST";

fn main() {
    if let Ok(whose) = std::env::var(FIRST) {
        println!("{}", first(&whose).as_nanos());
        return;
    }
    // SAFETY: there is one thread.
    unsafe { std::env::remove_var("TZ") };
    unset();
    threads();
    first_of_a_process();
}

/// Seconds of the last years, in an order without a pattern.
fn moments() -> Vec<i64> {
    (0..INPUTS as i64).map(|index| 1_420_070_400 + index * 97_003_751 % 375_225_330).collect()
}

fn section(title: &str, subjects: Vec<Subject<'_>>) {
    let settings = Settings { rounds: 101, batch: INPUTS as u32, singles: 0 };
    instanter_bench::section(title, settings, &[], subjects);
}

fn local(zone: Zone, second: i64) -> DateTime {
    let offset = Offset::from_seconds(zone.offset_at(second)).expect("in range");
    DateTime::from_unix(second, 0, offset)
}

fn libc_local(second: i64) -> libc::tm {
    // SAFETY: a tm of zeros is valid; localtime_r reads one time and writes one tm.
    unsafe {
        let mut fields = std::mem::zeroed();
        libc::localtime_r(&second, &mut fields);
        fields
    }
}

fn unset() {
    let moments = moments();
    section(
        "timestamp → local date and time, TZ unset",
        vec![
            over("instanter", &moments, |&second| {
                black_box(local(Local::zone(), second));
            }),
            over("libc localtime", &moments, |&second| {
                // SAFETY: localtime reads one time; what it returns is not looked at.
                black_box(unsafe { libc::localtime(&second) });
            }),
            over("libc localtime_r", &moments, |&second| {
                black_box(libc_local(second));
            }),
        ],
    );
    section(
        "local date and time → timestamp, TZ unset",
        vec![
            over("instanter", &moments, |&second| {
                let zone = Local::zone();
                let at = DateTime::from_unix(second, 0, Offset::UTC);
                let local = at.to_unix(Offset::UTC).expect("in range").0;
                black_box(zone.to_unix(local, Policy::Compatible).expect("in range"));
            }),
            over("libc mktime", &moments, |&second| {
                let mut fields = libc_local(second);
                // SAFETY: reads and writes one tm.
                black_box(unsafe { libc::mktime(&mut fields) });
            }),
            over("libc localtime_r, in the above", &moments, |&second| {
                black_box(libc_local(second));
            }),
        ],
    );
}

/// Calls a second of so many threads that each do `call` for a while, all at once.
fn calls_a_second(threads: usize, call: impl Fn(i64) + Sync) -> f64 {
    let (moments, barrier) = (moments(), Barrier::new(threads));
    std::thread::scope(|scope| {
        let work = || {
            barrier.wait();
            let (start, mut rounds) = (Instant::now(), 0);
            while start.elapsed() < Duration::from_millis(40) {
                moments.iter().for_each(|&moment| call(moment));
                rounds += 1;
            }
            f64::from(rounds) * INPUTS as f64 / start.elapsed().as_secs_f64()
        };
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        running.into_iter().map(|thread| thread.join().expect("no panic")).sum()
    })
}

fn threads() {
    let ours = |second| {
        black_box(local(Local::zone(), second));
    };
    let theirs = |second| {
        black_box(libc_local(second));
    };
    // What two threads of this machine can do at all: arithmetic without any memory.
    let bare = |second: i64| {
        black_box((0..16).fold(second, |sum, step| black_box(sum.wrapping_mul(3) ^ step)));
    };
    let mut rates = [const { Vec::new() }; 6];
    for _ in 0..15 {
        for (index, rates) in rates.iter_mut().enumerate() {
            let threads = 1 + index % 2;
            rates.push(match index / 2 {
                0 => calls_a_second(threads, bare),
                1 => calls_a_second(threads, ours),
                _ => calls_a_second(threads, theirs),
            });
        }
    }
    println!("\nlocal date and time, millions of calls a second, by one thread and by two");
    let medians = rates.map(|rates| Distribution::new(rates).median() / 1e6);
    let names = ["arithmetic, no memory", "instanter", "libc localtime_r"];
    for (name, pair) in names.iter().zip(medians.chunks(2)) {
        println!("  {name:<40} {:>8.2} {:>8.2} {:>7.2} ×", pair[0], pair[1], pair[1] / pair[0]);
    }
}

fn first(whose: &str) -> Duration {
    let start = Instant::now();
    match whose {
        "instanter" => black_box(local(Local::zone(), 1_795_295_730)).date().day().into(),
        _ => black_box(libc_local(1_795_295_730)).tm_mday,
    };
    start.elapsed()
}

fn first_of_a_process() {
    println!("\nfirst local time of a process, median and largest of 50");
    for (whose, zone) in [
        ("instanter", None),
        ("instanter", Some("America/New_York")),
        ("libc", None),
        ("libc", Some("America/New_York")),
    ] {
        let took = (0..50).map(|_| {
            let mut command = Command::new(std::env::current_exe().expect("a program has a path"));
            command.env(FIRST, whose);
            if let Some(zone) = zone {
                command.env("TZ", zone);
            }
            let output = command.output().expect("it runs").stdout;
            String::from_utf8_lossy(&output).trim().parse::<f64>().expect("a number") / 1e3
        });
        let took = Distribution::new(took.collect());
        let zone = zone.map_or("TZ unset".to_owned(), |zone| format!("TZ={zone}"));
        println!(
            "  {:<40} {:>8.1} µs {:>8.1} µs",
            format!("{whose}, {zone}"),
            took.median(),
            took.max()
        );
    }
}
