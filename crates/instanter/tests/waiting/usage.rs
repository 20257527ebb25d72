//! CPU time against the C library's.

use instanter::cpu::{self, Whose};
use instanter::{Duration, Stopwatch};

use super::libc_now;

#[test]
fn cpu_time_lies_between_two_answers_of_the_c_library() {
    type Read = fn() -> Result<Duration, instanter::clock::Error>;
    let table: [(libc::clockid_t, Read); 2] = [
        (libc::CLOCK_PROCESS_CPUTIME_ID, cpu::process),
        (libc::CLOCK_THREAD_CPUTIME_ID, cpu::thread),
    ];
    for (clock, read) in table {
        for _ in 0..500 {
            let before = libc_now(clock);
            let ours = i128::from(read().expect("it answers").as_nanos());
            assert!((before..=libc_now(clock)).contains(&ours), "clock {clock}");
        }
    }
}

#[test]
fn children_count_once_they_were_waited_for() {
    let before = cpu::children().expect("it answers");
    let script = "i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done";
    let status = std::process::Command::new("/bin/sh").args(["-c", script]).status();
    assert!(status.is_ok_and(|status| status.success()));
    assert!(cpu::children().expect("it answers") > before);
}

#[test]
fn usage_and_times_agree() {
    for _ in 0..100 {
        let before = cpu::rusage(Whose::Process).expect("it answers");
        let times = cpu::times().expect("it answers");
        let after = cpu::rusage(Whose::Process).expect("it answers");
        let tick = Duration::from_millis(10);
        for (low, ticks, high) in
            [(before.user, times.user, after.user), (before.system, times.system, after.system)]
        {
            assert!(ticks + tick > low && ticks <= high, "{low} {ticks} {high}");
        }
    }
}

#[test]
fn a_process_watch_counts_all_its_threads() {
    let watch = Stopwatch::process().expect("it answers");
    let work = Duration::from_millis(10);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let start = cpu::thread().expect("it answers");
                while cpu::thread().expect("it answers") - start < work {}
            });
        }
    });
    let lap = watch.lap().expect("it answers");
    assert!(lap.cpu >= work + work, "{lap}");
}
