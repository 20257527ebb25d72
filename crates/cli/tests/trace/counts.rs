//! Reads in user space, counted exactly.

use super::{compile, report, site, skipped};

/// What the program is told to do, and what must be counted for it: the function, what it
/// reads, calls, system calls.
const WORDS: [&str; 14] =
    ["m", "1000", "r", "77", "d", "500", "s", "33", "R", "9", "c", "40", "D", "21"];
const WANT: [(&str, &str, u64, u64); 7] = [
    ("monotonic", "CLOCK_MONOTONIC", 1000, 0),
    ("realtime", "CLOCK_REALTIME", 77, 0),
    ("day", "gettimeofday", 500, 0),
    ("seconds", "time", 33, 0),
    ("resolution", "clock_getres(CLOCK_BOOTTIME)", 9, 0),
    ("cpu_time", "CLOCK_PROCESS_CPUTIME_ID", 40, 40),
    ("direct", "CLOCK_MONOTONIC", 21, 21),
];

fn counts_are_exact(test: &str, flags: &[&str]) {
    let Some(program) = compile(test, "counts.c", flags) else { return };
    let Some((report, output)) = report(test, &[], &program.path, &WORDS) else { return };
    assert_eq!(output.status.code(), Some(0));
    for (function, reads, calls, system_calls) in WANT {
        // glibc has shortcuts: `time` may be the vDSO's own, or `clock_gettime`'s coarse
        // clock; on AArch64 there is no such function.
        let reads = match reads {
            "time" if site(&report, function, reads).0 == 0 => "CLOCK_REALTIME_COARSE",
            _ => reads,
        };
        let want = (calls, system_calls);
        let got = site(&report, function, reads);
        // A resolution is asked of the vDSO or of the kernel, as the C library has it.
        if function == "resolution" {
            assert_eq!(got.0, calls, "{test}: {function} reads {reads}: {report:#}");
            continue;
        }
        assert_eq!(got, want, "{test}: {function} reads {reads}: {report:#}");
    }
    let sites = report["sites"].as_array().unwrap();
    let busiest = &sites[0];
    assert!(busiest["file"].as_str().unwrap().ends_with("counts.c"), "{busiest:#}");
    assert!(busiest["line"].as_u64().unwrap() > 10, "{busiest:#}");
    assert!(busiest["time"]["p50_ns"].as_f64().unwrap() > 0.0, "{busiest:#}");
    assert!(
        busiest["time"]["p50_ns"].as_f64() <= busiest["time"]["max_ns"].as_f64(),
        "{busiest:#}"
    );
}

#[test]
fn of_a_dynamic_program() {
    counts_are_exact("of_a_dynamic_program", &[]);
}

#[test]
fn of_a_static_program() {
    counts_are_exact("of_a_static_program", &["-static"]);
}

#[test]
fn of_an_optimised_program_without_frame_pointers() {
    let test = "of_an_optimised_program_without_frame_pointers";
    counts_are_exact(test, &["-O3", "-fomit-frame-pointer", "-no-pie"]);
}

#[test]
fn ways_to_one_call_site_are_added_up() {
    let test = "ways_to_one_call_site_are_added_up";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    let Some((report, _)) = report(test, &[], &program.path, &["b", "50", "m", "8"]) else {
        return;
    };
    assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (58, 0));
    assert_eq!(site(&report, "realtime", "CLOCK_REALTIME"), (50, 0));
    assert_eq!(report["reads"]["calls"].as_u64(), Some(108), "{report:#}");
}

#[test]
fn many_call_sites_in_turn_are_told_apart() {
    let test = "many_call_sites_in_turn_are_told_apart";
    for flags in [&["-O1"][..], &["-O1", "-static"]] {
        let Some(program) = compile(test, "counts.c", flags) else { return };
        let Some((report, _)) = report(test, &["--top", "50"], &program.path, &["1", "400"]) else {
            return;
        };
        let sites = report["sites"].as_array().unwrap().iter();
        let own = sites.filter(|at| at["function"] == "twelve");
        let mut lines: Vec<_> =
            own.map(|at| (at["line"].as_u64().unwrap(), at["calls"].as_u64().unwrap())).collect();
        lines.sort_unstable();
        let first = lines.first().map_or(0, |line| line.0);
        let want: Vec<_> = (0..12).map(|line| (first + line, 400)).collect();
        assert_eq!(lines, want, "{flags:?}: {report:#}");
    }
}

#[test]
fn threads_are_told_apart() {
    let test = "threads_are_told_apart";
    let Some(program) = compile(test, "counts.c", &[]) else { return };
    // Twice, so that threads come that have the memory of earlier ones.
    let words = ["t", "100", "t", "1000"];
    let Some((report, _)) = report(test, &[], &program.path, &words) else { return };
    let want = 36 * 100 + 36 * 1000;
    assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (want, 0), "{report:#}");
    let threads = report["threads"].as_array().unwrap();
    let mut counts: Vec<u64> =
        threads.iter().map(|thread| thread["calls"].as_u64().unwrap()).collect();
    counts.sort_unstable();
    counts.retain(|count| *count > 0);
    let mut want: Vec<u64> = (1..=8).flat_map(|k| [k * 100, k * 1000]).collect();
    want.sort_unstable();
    assert_eq!(counts, want, "{report:#}");
}

#[test]
fn a_stack_that_goes_from_thread_to_thread_is_no_thread() {
    let test = "a_stack_that_goes_from_thread_to_thread_is_no_thread";
    let Some(program) = compile(test, "counts.c", &["-pthread"]) else { return };
    let Some((report, _)) = report(test, &[], &program.path, &["W", "500"]) else { return };
    assert_eq!(site(&report, "monotonic", "CLOCK_MONOTONIC"), (2000, 0), "{report:#}");
    let threads = report["threads"].as_array().unwrap().iter();
    let mut counts: Vec<u64> = threads
        .map(|thread| thread["calls"].as_u64().unwrap())
        .filter(|count| *count > 0)
        .collect();
    counts.sort_unstable();
    assert_eq!(counts, [500, 500, 1000], "{report:#}");
}

#[test]
fn a_library_that_is_gone_at_the_end_has_its_name() {
    let test = "a_library_that_is_gone_at_the_end_has_its_name";
    let Some(host) = compile(test, "host.c", &["-ldl"]) else { return };
    let Some(plugin) = compile(test, "plugin.c", &["-shared", "-fPIC"]) else { return };
    let path = plugin.path.to_str().unwrap();
    let Some((report, output)) = report(test, &[], &host.path, &[path]) else { return };
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
    assert_eq!(site(&report, "plugged", "CLOCK_MONOTONIC"), (300, 0), "{report:#}");
}

#[test]
fn code_made_at_run_time_has_its_name() {
    let test = "code_made_at_run_time_has_its_name";
    if cfg!(not(target_arch = "x86_64")) {
        return skipped(test, "the code in it is x86-64's");
    }
    let Some(program) = compile(test, "jit.c", &[]) else { return };
    let Some((report, _)) = report(test, &[], &program.path, &[]) else { return };
    assert_eq!(site(&report, "made_at_run_time", "CLOCK_MONOTONIC"), (123, 0), "{report:#}");
}
