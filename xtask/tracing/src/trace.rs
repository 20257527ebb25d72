//! `instanter trace`, whose counts are known.

use crate::path;
use crate::report::Seen;
use crate::run::{Ended, instanter};
use serde_json::Value;
use std::fs;

const REPORT: &str = "/report.json";

/// A function of a program, what it reads, how often, and how often by a system call.
type Site<'a> = (&'a str, &'a str, u64, u64);

/// Reads from two functions, counted one by one.
pub fn reads(program: &str) -> Seen {
    let (report, _) = traced(program, &["reads", "1000"])?;
    let wanted =
        [("monotonic", "CLOCK_MONOTONIC", 1000, 0), ("realtime", "CLOCK_REALTIME", 500, 0)];
    compare(&report, &wanted)?;
    if report["reads"]["system_calls"] != 0 {
        return Err(format!("system calls: {report}"));
    }
    Ok("1500 reads, no system call".to_owned())
}

/// The same, of a program in C, which makes system calls, too.
pub fn counts(program: &str) -> Seen {
    let words = ["m", "1000", "r", "77", "d", "500", "b", "30", "c", "40", "D", "21"];
    let (report, _) = traced(program, &words)?;
    compare(
        &report,
        &[
            ("monotonic", "CLOCK_MONOTONIC", 1030, 0),
            ("realtime", "CLOCK_REALTIME", 107, 0),
            ("day", "gettimeofday", 500, 0),
            ("cpu_time", "CLOCK_PROCESS_CPUTIME_ID", 40, 40),
            ("direct", "CLOCK_MONOTONIC", 21, 21),
        ],
    )?;
    Ok("1698 reads, of which 61 by system calls".to_owned())
}

/// Reads of Go's, which asks the vDSO itself. Go 1.19 and others do not find the function by
/// GNU hashes: where the kernel's vDSO has those, they make system calls, with us and without.
pub fn go(program: &str) -> Seen {
    let (report, _) = traced(program, &["sleep", "1000000"])?;
    // Twice as many as the program tries for one reading.
    let (calls, by_kernel) = site(&report, "main.readings", "CLOCK_REALTIME");
    let may_fail = has_gnu_hash()?;
    if calls != 40 || !(by_kernel == 0 || by_kernel == calls && may_fail) {
        return Err(format!(
            "main.readings: {calls} counted, {by_kernel} of them system calls, expected 40: {}",
            brief(sites(&report)),
        ));
    }
    let seen = if by_kernel == 0 { "no system call" } else { "system calls, as without us" };
    Ok(format!("{calls} reads, {seen}"))
}

/// Whether the kernel's vDSO has GNU hashes.
fn has_gnu_hash() -> Result<bool, String> {
    use std::io::{Read, Seek, SeekFrom};
    /// A tag of the dynamic section (`elf.h`), of which each entry is of two words; nothing
    /// else of so small an image is this number.
    const DT_GNU_HASH: u64 = 0x6fff_fef5;
    let maps = fs::read_to_string("/proc/self/maps").map_err(|error| error.to_string())?;
    let line = maps.lines().find(|line| line.ends_with("[vdso]")).ok_or("no vDSO")?;
    let range = line.split_once(' ').and_then(|(range, _)| range.split_once('-'));
    let number = |text| u64::from_str_radix(text, 16).ok();
    let (start, end) = range
        .and_then(|(start, end)| Some((number(start)?, number(end)?)))
        .ok_or_else(|| format!("no addresses: {line:?}"))?;
    let mut bytes = vec![0; (end - start) as usize];
    let mut memory = fs::File::open("/proc/self/mem").map_err(|error| error.to_string())?;
    let read = memory.seek(SeekFrom::Start(start)).and_then(|_| memory.read_exact(&mut bytes));
    read.map_err(|error| format!("the vDSO cannot be read: {error}"))?;
    Ok(bytes.chunks_exact(8).any(|word| word == DT_GNU_HASH.to_ne_bytes()))
}

/// Reads that signals interrupt, whose handler reads, too.
pub fn signals(program: &str) -> Seen {
    let (report, ended) = traced(program, &["signals", "20"])?;
    let signals = Signals::of(&ended)?;
    compare(
        &report,
        &[
            ("interrupted", "CLOCK_MONOTONIC", signals.reads, 0),
            ("on_signal", "CLOCK_BOOTTIME", signals.handled, 0),
        ],
    )?;
    Ok(signals.described())
}

/// What the program says of its signals.
pub struct Signals {
    reads: u64,
    handled: u64,
    /// Of these, how many came while the image was at work.
    pub inside: u64,
    /// And how many while the kernel's vDSO was.
    pub kernels: u64,
}

impl Signals {
    /// An error, if a stack did not lead from the image to its caller, or if none came there.
    pub fn of(ended: &Ended) -> Result<Signals, String> {
        let wrong = |what: &str| ended.described(what);
        let line = ended.output.trim().strip_prefix("signals ");
        let words: Vec<&str> = line.unwrap_or_default().split(' ').collect();
        let number = |name: &str| {
            let at = words.iter().position(|word| *word == name)?;
            words.get(at + 1)?.parse::<u64>().ok()
        };
        let all = ["reads", "handled", "inside", "led", "kernels"].map(number);
        let [Some(reads), Some(handled), Some(inside), Some(led), Some(kernels)] = all else {
            return Err(wrong("it does not say what came"));
        };
        if inside == 0 {
            return Err(wrong("no signal came in the image"));
        }
        if led != inside {
            return Err(wrong("stacks that do not lead to the image's caller"));
        }
        Ok(Signals { reads, handled, inside, kernels })
    }

    pub fn described(&self) -> String {
        let Signals { reads, handled, inside, kernels } = self;
        format!(
            "{reads} reads, {handled} signals, {inside} in the image, all unwound, {kernels} in \
             the kernel's"
        )
    }
}

/// The report of a program that ends well, and what it said.
fn traced(program: &str, words: &[&str]) -> Result<(Value, Ended), String> {
    let program = path(program);
    let program = program.to_string_lossy();
    let start = ["trace", "--json", "--output", REPORT, "--", &program];
    let words: Vec<&str> = start.iter().chain(words).copied().collect();
    // What an earlier run said must not pass for this one's.
    let _ = fs::remove_file(REPORT);
    let ended = instanter(&words)?.well()?;
    let text = fs::read_to_string(REPORT).map_err(|error| ended.described(&error.to_string()))?;
    let report: Value =
        serde_json::from_str(&text).map_err(|error| format!("{error} in {text:?}"))?;
    if report["exit_status"] != 0 {
        return Err(format!("the program did not end well: {report}"));
    }
    Ok((report, ended))
}

/// Compares the reads of each function, and that there are no others.
fn compare(report: &Value, wanted: &[Site<'_>]) -> Result<(), String> {
    for (function, reads, calls, system_calls) in wanted {
        let (got, by_kernel) = site(report, function, reads);
        if (got, by_kernel) != (*calls, *system_calls) {
            return Err(format!(
                "{function} reads {reads}: {got} counted, {by_kernel} of them system calls, \
                 expected {calls} and {system_calls}: {}",
                brief(sites(report)),
            ));
        }
    }
    let all: u64 = wanted.iter().map(|(_, _, calls, _)| calls).sum();
    if report["reads"]["calls"] != all {
        return Err(format!(
            "{} reads are counted, expected {all}: {}",
            report["reads"]["calls"],
            brief(sites(report))
        ));
    }
    Ok(())
}

fn sites(report: &Value) -> &[Value] {
    report["sites"].as_array().map_or(&[], Vec::as_slice)
}

/// Calls and system calls of a function of the program, by what it reads.
fn site(report: &Value, function: &str, reads: &str) -> (u64, u64) {
    let of = |site: &&Value| site["function"] == function && site["reads"] == reads;
    let sum = |field: &str| {
        sites(report).iter().filter(of).filter_map(|site| site[field].as_u64()).sum::<u64>()
    };
    (sum("calls"), sum("system_calls"))
}

/// The call sites in a few words each.
fn brief(sites: &[Value]) -> String {
    let site = |site: &Value| {
        let part = |name: &str| site[name].to_string();
        [part("function"), part("module"), part("reads"), part("calls")].join(" ")
    };
    sites.iter().map(site).collect::<Vec<_>>().join(", ")
}
