//! Programs that read the CPU's counter themselves.

use std::time::{Duration, Instant};

use crate::{compiled, fake, possible, skipped, text};

/// Ticks a nanosecond, at least: the counter is read within the clock's readings.
fn frequency() -> f64 {
    // SAFETY: reads the counter.
    let ticks = || unsafe { std::arch::x86_64::_rdtsc() };
    let rounds = (0..3).map(|_| {
        let start = Instant::now();
        let first = ticks();
        std::thread::sleep(Duration::from_millis(50));
        let passed = ticks().wrapping_sub(first) as f64;
        passed / start.elapsed().as_nanos() as f64
    });
    rounds.fold(0.0, f64::max)
}

/// The counter of each line, and the clock beside it.
fn ticks(shown: &str) -> Vec<(u64, u64)> {
    let numbers = |line: &str| {
        let rest = line.strip_prefix("ticks ")?;
        let (ticks, passed) = rest.split_once(' ')?;
        Some((ticks.parse().ok()?, passed.parse().ok()?))
    };
    shown.lines().filter_map(numbers).collect()
}

#[test]
fn the_counter_goes_as_monotonic_time_does() {
    let test = "the_counter_goes_as_monotonic_time_does";
    if !possible(test) {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let least = frequency();
    for compiler in [&["cc", "-O1", "-pthread"][..], &["cc", "-O1", "-pthread", "-static"]] {
        let Some(program) = compiled(compiler, "tsc.c", folder.path()) else { continue };
        // The same where children see the true time: they go by the true counter.
        for (options, seconds, lines) in
            [(&["--rate", "100"][..], 50, 4), (&["--offset", "1h", "--children", "not"], 1, 4)]
        {
            let mut command = fake(options);
            let words = ["--trap-tsc", "--"];
            let shown = text(command.args(words).arg(&program).arg(seconds.to_string()));
            let said: Vec<_> = shown.lines().filter(|line| !line.starts_with("ticks")).collect();
            assert_eq!(said, ["fault 1 1", "raised 1 1"], "{shown}");
            let ticks = ticks(&shown);
            assert_eq!(ticks.len(), lines, "{shown}");
            for (ticks, passed) in ticks {
                // The counter was read before the clock and after the wait.
                let want = f64::from(seconds) * 1e9 * least * 0.99;
                assert!(ticks as f64 >= want, "{ticks} {passed}, at least {want}: {shown}");
            }
        }
        let mut command = fake(&["--freeze", "--clock", "monotonic", "--trap-tsc", "--"]);
        let shown = text(command.arg(&program).args(["0", "once"]));
        assert_eq!(shown, "ticks 0 0\n", "a clock that stands");
    }
}

#[test]
fn clocks_are_the_same_with_a_trapped_counter() {
    let test = "clocks_are_the_same_with_a_trapped_counter";
    if !possible(test) {
        return;
    }
    for options in [&["--offset", "-30d"][..], &["--at", crate::THEN_TEXT, "--rate", "1000"]] {
        let shown = text(fake(&["--verify", "--trap-tsc"]).args(options));
        assert_eq!(shown.lines().count(), 18, "{shown}");
        assert!(shown.lines().all(|line| line.ends_with("as asked for")), "{shown}");
    }
    // It reads the counter, and Python's start does a lot besides.
    let code = "import time; a = time.monotonic(); time.sleep(50); print(time.monotonic() - a)";
    if std::process::Command::new("python3").arg("--version").output().is_err() {
        return skipped(test, "no python3");
    }
    let mut command = fake(&["--rate", "100", "--trap-tsc", "--", "python3", "-c", code]);
    let shown: f64 = text(&mut command).trim().parse().unwrap();
    assert!(shown >= 50.0, "{shown}");
}
