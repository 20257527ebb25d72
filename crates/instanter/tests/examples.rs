//! The examples: what they compute, and the programs themselves as they were built.

#[allow(dead_code)]
#[path = "../examples/bench_harness.rs"]
mod bench_harness;
#[allow(dead_code)]
#[path = "../examples/deadline_worker.rs"]
mod deadline_worker;
#[allow(dead_code)]
#[path = "../examples/log_writer.rs"]
mod log_writer;
#[allow(dead_code)]
#[path = "../examples/meeting_planner.rs"]
mod meeting_planner;

use std::process::{Command, Output};

use instanter::civil::{Date, DateTime};
use instanter::zone::Zone;
use instanter::{Duration, Time, now};

#[test]
fn log_lines_have_moments_in_order() {
    let before = now();
    let mut log = Vec::new();
    log_writer::write_log(&mut log, 1_000).unwrap();
    let log = String::from_utf8(log).unwrap();
    assert_eq!(log.lines().count(), 1_000);
    // Six digits are cut off.
    let mut last = before - Duration::from_micros(1);
    for (number, line) in log.lines().enumerate() {
        let (stamp, rest) = line.split_once(' ').unwrap();
        let time: Time = stamp.parse().unwrap();
        assert!(last <= time && time <= now(), "{line}");
        assert_eq!(rest, format!("request {number} served"));
        last = time;
    }
}

#[test]
fn quantiles_are_ranks() {
    let costs: Vec<Duration> = (1..=200).map(Duration::from_nanos).collect();
    let table = [(0.0, 1), (0.5, 100), (0.99, 198), (1.0, 200)];
    for (part, want) in table {
        assert_eq!(bench_harness::quantile(&costs, part), Duration::from_nanos(want), "{part}");
    }
    let costs = bench_harness::measure(10, || instanter::sleep(Duration::from_millis(2)));
    assert!(costs.is_sorted() && costs[0] >= Duration::from_millis(2), "{costs:?}");
}

#[test]
fn the_hours_that_are_shared_change_with_the_clocks() {
    let zones = ["America/New_York", "Europe/Berlin"].map(|name| Zone::get(name).unwrap());
    let plan = meeting_planner::plan(Date::new(2024, 3, 4).unwrap(), &zones).unwrap();
    let want = [
        "                  America/New_York    Europe/Berlin       ",
        "Mon 4 Mar 2024    09:00 – 11:00 EST   15:00 – 17:00 CET   2h0m0s",
        "Mon 11 Mar 2024   09:00 – 12:00 EDT   14:00 – 17:00 CET   3h0m0s",
        "Mon 18 Mar 2024   09:00 – 12:00 EDT   14:00 – 17:00 CET   3h0m0s",
        "Mon 25 Mar 2024   09:00 – 12:00 EDT   14:00 – 17:00 CET   3h0m0s",
        "Mon 1 Apr 2024    09:00 – 11:00 EDT   15:00 – 17:00 CEST  2h0m0s",
    ];
    assert_eq!(plan.lines().collect::<Vec<_>>(), want);
    let far = ["Asia/Tokyo", "America/New_York"].map(|name| Zone::get(name).unwrap());
    let plan = meeting_planner::plan(DateTime::UNIX_EPOCH.date(), &far).unwrap();
    assert_eq!(plan.matches("nobody's hours meet").count(), 5, "{plan}");
}

#[test]
fn the_worker_stops_at_its_deadline_and_not_before() {
    let deadline = now() + Duration::from_millis(20);
    let done = deadline_worker::work_until(deadline);
    assert!(done.slices > 0 && done.late >= Duration::ZERO, "{}", done.late);
    assert!(!now().before(deadline));
}

/// Runs an example that stands beside this test: `cargo test` builds them all, a run of this
/// test alone none.
fn run(name: &str, words: &[&str]) -> Option<Output> {
    let test = std::env::current_exe().unwrap();
    let program = test.parent()?.parent()?.join("examples").join(name);
    if !program.exists() {
        println!("skipped the program {name}: it is not built");
        return None;
    }
    let output = Command::new(program).args(words).env("TZ", "Asia/Kolkata").output().unwrap();
    assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
    Some(output)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_programs_run() {
    if let Some(output) = run("log_writer", &["100"]) {
        let log = text(&output.stdout);
        assert_eq!(log.lines().count(), 100);
        assert!(log.lines().all(|line| line[26..].starts_with("+05:30 request ")), "{log}");
        assert!(text(&output.stderr).starts_with("100 lines in "));
    }
    if let Some(output) = run("bench_harness", &[]) {
        let lines = text(&output.stdout);
        assert_eq!(lines.lines().count(), 4);
        assert!(lines.contains("median") && lines.contains("sort 10,000 numbers"), "{lines}");
    }
    if let Some(output) = run("meeting_planner", &["2025-10-20", "Europe/Paris", "America/Chicago"])
    {
        let lines = text(&output.stdout);
        assert!(
            lines.contains("Mon 27 Oct 2025   15:00 – 17:00 CET   09:00 – 11:00 CDT"),
            "{lines}"
        );
    }
    if let Some(output) = run("deadline_worker", &["20ms"]) {
        let lines = text(&output.stdout);
        assert!(lines.contains("+05:30") && lines.contains("after the deadline"), "{lines}");
    }
}
