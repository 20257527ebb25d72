//! What enters the kernel: fallbacks, proved with strace, and waits.

use std::process::Command;

use super::{compile, output, report, site, skipped, wait};

/// How many system calls of a name strace counts; nothing where there is no strace.
fn by_strace(test: &str, name: &str, program: &std::path::Path, words: &[&str]) -> Option<u64> {
    let filter = format!("trace={name}");
    let mut command = Command::new("strace");
    command.args(["-f", "-c", "-e", &filter]).arg(program).args(words);
    if Command::new("strace").arg("-V").output().is_err() {
        skipped(test, "no strace");
        return None;
    }
    let output = output(&mut command);
    let table = String::from_utf8_lossy(&output.stderr).into_owned();
    // % time, seconds, usecs/call, calls, errors where there are any, name
    let row = table.lines().find(|line| line.split_whitespace().last() == Some(name));
    let calls = row.and_then(|row| row.split_whitespace().nth(3)?.parse().ok());
    // Where it counted nothing it prints no table.
    if calls.is_none() && !output.status.success() {
        skipped(test, &format!("strace fails here: {table}"));
        return None;
    }
    Some(calls.unwrap_or(0))
}

#[test]
fn a_clock_that_the_vdso_lacks_is_all_system_calls() {
    let test = "a_clock_that_the_vdso_lacks_is_all_system_calls";
    for flags in [&[][..], &["-static"]] {
        let Some(program) = compile(test, "counts.c", flags) else { continue };
        let words = ["c", "300", "D", "45", "m", "1000"];
        let Some((report, _)) = report(test, &[], &program.path, &words) else { return };
        assert_eq!(site(&report, "cpu_time", "CLOCK_PROCESS_CPUTIME_ID"), (300, 300), "{report:#}");
        assert_eq!(site(&report, "direct", "CLOCK_MONOTONIC"), (45, 45), "{report:#}");
        assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (1000, 0), "{report:#}");
        let Some(want) = by_strace(test, "clock_gettime", &program.path, &words) else { return };
        let got = report["reads"]["system_calls"].as_u64().unwrap();
        assert_eq!(got, want, "strace counts as many: {report:#}");
    }
}

#[test]
fn waits_are_counted_and_timed() {
    let test = "waits_are_counted_and_timed";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    let words = ["n", "5", "p", "4", "w", "3"];
    let Some((report, _)) = report(test, &[], &program.path, &words) else { return };
    // How long at least: nobody sleeps shorter than was asked for.
    let table: [(&[&str], u64, u64); 3] = [
        (&["clock_nanosleep", "nanosleep"], 5, 10_000_000),
        (&["poll", "ppoll"], 4, 12_000_000),
        (&["futex"], 3, 0),
    ];
    for (names, want, least) in table {
        let (calls, ns) = names.iter().fold((0, 0), |(calls, ns), name| {
            let (more, longer) = wait(&report, name);
            (calls + more, ns + longer)
        });
        assert_eq!(calls, want, "{names:?}: {report:#}");
        assert!(ns >= least, "{names:?}: {ns} ns: {report:#}");
        let strace = names.iter().map(|name| by_strace(test, name, &program.path, &words));
        // Of futexes strace sees those without a timeout, too.
        if !names.contains(&"futex")
            && let Some(strace) = strace.sum::<Option<u64>>()
        {
            assert_eq!(calls, strace, "{names:?}: strace counts as many");
        }
    }
    let sites = report["wait_sites"].as_array().unwrap();
    for function in ["naps", "polls", "timed_wait"] {
        let found = sites.iter().find(|site| site["function"] == function);
        assert!(found.is_some(), "{function}: {report:#}");
    }
}
