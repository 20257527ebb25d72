//! The result: what was counted, added up by clock, function, call site, thread and
//! process. It does not depend on how it was counted.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::Serialize;

use super::calls::clock_name;
use super::tally::{Place, Read, Reads, Tally, Ticks, Waits};
use crate::tracer::symbols::{Frame, is_on_behalf};

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ending {
    Exited(i32),
    /// With the signal's number.
    Signaled(i32),
}

/// A report of everything that was counted.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    pub(super) command: Vec<String>,
    /// Whether it still runs.
    pub(super) running: bool,
    pub(super) exit_status: Option<i32>,
    /// The signal that ended it.
    pub(super) signal: Option<i32>,
    pub(super) elapsed_ns: u64,
    pub(super) children: bool,
    pub(super) reads: Count,
    pub(super) clocks: Vec<Row>,
    pub(super) functions: Vec<Row>,
    pub(super) sites: Vec<Site>,
    pub(super) waits: Vec<WaitRow>,
    pub(super) wait_sites: Vec<WaitSite>,
    pub(super) threads: Vec<Thread>,
    pub(super) programs: Vec<ProgramRow>,
    pub(super) remarks: Vec<String>,
}

/// How many reads.
#[derive(Clone, Copy, Debug, Default, Serialize, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) calls: u64,
    /// Of these, those that ended in a real system call.
    pub(super) system_calls: u64,
}

/// How long they took.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Spread {
    pub(super) timed: u64,
    pub(super) p50_ns: f64,
    pub(super) p99_ns: f64,
    pub(super) max_ns: f64,
    /// Of all calls: the mean of the timed ones for each.
    pub(super) total_ns: u64,
}

/// Reads of a clock, or by a function.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) count: Count,
    pub(super) per_second: f64,
    pub(super) time: Option<Spread>,
}

/// Where in a program it was.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Location {
    pub(super) function: String,
    pub(super) file: Option<String>,
    pub(super) line: Option<u32>,
    /// The library's function that it called, where it called one.
    pub(super) through: Option<String>,
    pub(super) module: String,
    /// In the module's file.
    pub(super) address: String,
}

/// A call site that reads a clock.
#[derive(Debug, Serialize)]
pub(super) struct Site {
    #[serde(flatten)]
    pub(super) location: Location,
    pub(super) reads: String,
    #[serde(flatten)]
    pub(super) count: Count,
    pub(super) per_second: f64,
    pub(super) time: Option<Spread>,
}

/// A system call that has to do with time, and how long it took.
#[derive(Debug, Serialize)]
pub(super) struct WaitRow {
    pub(super) name: String,
    pub(super) calls: u64,
    pub(super) failed: u64,
    pub(super) total_ns: u64,
    pub(super) p50_ns: u64,
    pub(super) p99_ns: u64,
    pub(super) max_ns: u64,
}

/// A call site that waits.
#[derive(Debug, Serialize)]
pub(super) struct WaitSite {
    #[serde(flatten)]
    pub(super) location: Location,
    #[serde(flatten)]
    pub(super) wait: WaitRow,
}

#[derive(Debug, Serialize)]
pub(super) struct Thread {
    pub(super) process: i32,
    pub(super) thread: i32,
    pub(super) name: String,
    #[serde(flatten)]
    pub(super) reads: Count,
    pub(super) waits: u64,
    pub(super) wait_ns: u64,
}

/// A program: a process runs one after another.
#[derive(Debug, Serialize)]
pub(super) struct ProgramRow {
    pub(super) process: i32,
    pub(super) parent: Option<i32>,
    pub(super) command: String,
    pub(super) elapsed_ns: u64,
    #[serde(flatten)]
    pub(super) reads: Count,
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// What counts are divided by, and ticks multiplied with.
struct Scale {
    seconds: f64,
    ns_a_tick: f64,
}

/// Counts of several places together.
#[derive(Default)]
struct Sum {
    count: Count,
    ticks: Ticks,
}

impl Sum {
    fn add(&mut self, reads: &Reads) {
        self.count.calls += reads.calls;
        self.count.system_calls += reads.system_calls;
        self.ticks.add(&reads.ticks);
    }

    /// Nothing where none was timed, or where system calls were, stops and all.
    fn spread(&self, ns_a_tick: f64) -> Option<Spread> {
        let ticks = &self.ticks;
        if ticks.timed == 0 || self.count.system_calls > 0 {
            return None;
        }
        let mean = ticks.total as f64 / ticks.timed as f64;
        Some(Spread {
            timed: ticks.timed,
            p50_ns: ticks.quantile(0.5) * ns_a_tick,
            p99_ns: ticks.quantile(0.99) * ns_a_tick,
            max_ns: ticks.longest as f64 * ns_a_tick,
            total_ns: (mean * ns_a_tick * self.count.calls as f64) as u64,
        })
    }

    fn row(&self, name: String, scale: &Scale) -> Row {
        Row {
            name,
            count: self.count,
            per_second: self.count.calls as f64 / scale.seconds,
            time: self.spread(scale.ns_a_tick),
        }
    }
}

/// The call site in a stack: the first function that did not act for another one.
pub(super) fn site(stack: &[Frame]) -> Location {
    let concerned = stack.iter().position(|frame| !is_on_behalf(frame));
    let index = concerned.or_else(|| {
        // A library's own doing, such as its helper threads.
        stack.iter().position(|frame| !frame.module.starts_with('['))
    });
    let Some(frame) = index.and_then(|index| stack.get(index)) else {
        return Location {
            function: "?".to_owned(),
            file: None,
            line: None,
            through: None,
            module: String::new(),
            address: "0x0".to_owned(),
        };
    };
    let before = index.and_then(|index| stack.get(index.checked_sub(1)?));
    let through = before.filter(|before| before.function.is_some());
    Location {
        function: frame.name(),
        file: frame.file.clone(),
        line: frame.line,
        // Libraries' own names for what they export begin so.
        through: through.map(|frame| frame.name().trim_start_matches('_').to_owned()),
        module: frame.module.clone(),
        address: format!("{:#x}", frame.address),
    }
}

pub(super) fn read_name(read: Read) -> String {
    match read.clock {
        Some(clock) if read.function == "clock_gettime" => clock_name(clock),
        Some(clock) => format!("{}({})", read.function, clock_name(clock)),
        None => read.function.to_owned(),
    }
}

impl Report {
    /// Adds up what was counted until now.
    pub(super) fn new(
        tally: &Tally,
        command: Vec<String>,
        children: bool,
        ending: Option<Ending>,
        elapsed: Duration,
        ns_a_tick: f64,
    ) -> Report {
        let scale = Scale { seconds: elapsed.as_secs_f64().max(1e-9), ns_a_tick };
        let locations: Vec<Location> = tally.stacks.iter().map(|stack| site(stack)).collect();
        let mut all = Sum::default();
        all.count.calls = tally.lost;
        let mut clocks: BTreeMap<String, Sum> = BTreeMap::new();
        let mut functions: BTreeMap<&str, Sum> = BTreeMap::new();
        let mut sites: BTreeMap<(Location, String), Sum> = BTreeMap::new();
        for ((place, read), reads) in &tally.reads {
            let name = read_name(*read);
            all.add(reads);
            clocks.entry(name.clone()).or_default().add(reads);
            functions.entry(read.function).or_default().add(reads);
            if let Some(location) = locations.get(place.stack) {
                sites.entry((location.clone(), name)).or_default().add(reads);
            }
        }
        let mut sites: Vec<Site> = sites
            .into_iter()
            .map(|((location, reads), sum)| Site {
                location,
                reads,
                count: sum.count,
                per_second: sum.count.calls as f64 / scale.seconds,
                time: sum.spread(ns_a_tick),
            })
            .collect();
        sites.sort_by_key(|row| std::cmp::Reverse(row.count.calls));
        let (waits, wait_sites) = waits(tally, &locations);
        Report {
            command,
            running: ending.is_none(),
            exit_status: match ending {
                Some(Ending::Exited(status)) => Some(status),
                _ => None,
            },
            signal: match ending {
                Some(Ending::Signaled(signal)) => Some(signal),
                _ => None,
            },
            elapsed_ns: nanos(elapsed),
            children,
            reads: all.count,
            clocks: rows(clocks, &scale),
            functions: rows(functions, &scale),
            sites,
            waits,
            wait_sites,
            threads: threads(tally),
            programs: programs(tally),
            remarks: tally.remarks.clone(),
        }
    }
}

/// The most frequent first.
fn rows<K: Into<String>>(sums: BTreeMap<K, Sum>, scale: &Scale) -> Vec<Row> {
    let mut rows: Vec<Row> =
        sums.into_iter().map(|(name, sum)| sum.row(name.into(), scale)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.count.calls));
    rows
}

fn waits(tally: &Tally, locations: &[Location]) -> (Vec<WaitRow>, Vec<WaitSite>) {
    type Sums<K> = BTreeMap<K, Waits>;
    fn add<K: Ord>(sums: &mut Sums<K>, key: K, waits: &Waits) {
        match sums.get_mut(&key) {
            Some(sum) => {
                sum.calls += waits.calls;
                sum.failed += waits.failed;
                sum.total += waits.total;
                // Both have the same bounds.
                let _ = sum.ns.add(&waits.ns);
            }
            None => {
                sums.insert(key, waits.clone());
            }
        }
    }
    fn row(name: &str, waits: &Waits) -> WaitRow {
        WaitRow {
            name: name.to_owned(),
            calls: waits.calls,
            failed: waits.failed,
            total_ns: nanos(waits.total),
            p50_ns: waits.ns.value_at_quantile(0.5),
            p99_ns: waits.ns.value_at_quantile(0.99),
            max_ns: waits.ns.max(),
        }
    }
    let mut by_name: Sums<&str> = BTreeMap::new();
    let mut by_site: Sums<(&Location, &str)> = BTreeMap::new();
    for ((place, name), waits) in &tally.waits {
        add(&mut by_name, *name, waits);
        if let Some(location) = locations.get(place.stack) {
            add(&mut by_site, (location, *name), waits);
        }
    }
    let mut names: Vec<WaitRow> = by_name.iter().map(|(name, waits)| row(name, waits)).collect();
    names.sort_by_key(|row| std::cmp::Reverse(row.total_ns));
    let mut sites: Vec<WaitSite> = by_site
        .iter()
        .map(|((location, name), waits)| WaitSite {
            location: (*location).clone(),
            wait: row(name, waits),
        })
        .collect();
    sites.sort_by_key(|row| std::cmp::Reverse(row.wait.total_ns));
    (names, sites)
}

fn threads(tally: &Tally) -> Vec<Thread> {
    let mut threads: BTreeMap<(usize, i32), Thread> = BTreeMap::new();
    let of = |threads: &mut BTreeMap<_, Thread>, place: &Place, add: &dyn Fn(&mut Thread)| {
        let process = tally.programs.get(place.program).map_or(0, |about| about.process.as_raw());
        let thread = threads.entry((place.program, place.thread.as_raw())).or_insert_with(|| {
            let name = tally.threads.get(&(place.program, place.thread));
            Thread {
                process,
                thread: place.thread.as_raw(),
                name: name.cloned().unwrap_or_default(),
                reads: Count::default(),
                waits: 0,
                wait_ns: 0,
            }
        });
        add(thread);
    };
    for ((place, _), reads) in &tally.reads {
        of(&mut threads, place, &|thread| {
            thread.reads.calls += reads.calls;
            thread.reads.system_calls += reads.system_calls;
        });
    }
    for ((place, _), waits) in &tally.waits {
        of(&mut threads, place, &|thread| {
            thread.waits += waits.calls;
            thread.wait_ns += nanos(waits.total);
        });
    }
    threads.into_values().collect()
}

fn programs(tally: &Tally) -> Vec<ProgramRow> {
    let mut rows: Vec<Option<ProgramRow>> = tally
        .programs
        .iter()
        .map(|about| {
            let until = about.ended.unwrap_or_else(std::time::Instant::now);
            about.counted.then(|| ProgramRow {
                process: about.process.as_raw(),
                parent: about.parent.map(nix::unistd::Pid::as_raw),
                command: about.command.clone(),
                elapsed_ns: nanos(until.saturating_duration_since(about.started)),
                reads: Count::default(),
            })
        })
        .collect();
    for ((place, _), reads) in &tally.reads {
        if let Some(Some(row)) = rows.get_mut(place.program) {
            row.reads.calls += reads.calls;
            row.reads.system_calls += reads.system_calls;
        }
    }
    rows.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::unistd::Pid;

    fn frame(function: &str, module: &str, line: u32) -> Frame {
        Frame {
            function: Some(function.to_owned()),
            file: Some("a.c".to_owned()),
            line: Some(line),
            module: module.to_owned(),
            address: 0x1000,
        }
    }

    #[test]
    fn the_site_is_who_asked() {
        let stack = [
            frame("__vdso_clock_gettime", "[vdso]", 0),
            frame("clock_gettime", "/lib/libc.so.6", 0),
            frame("work", "/bin/a", 7),
            frame("main", "/bin/a", 9),
        ];
        let found = site(&stack);
        assert_eq!((found.function.as_str(), found.line), ("work", Some(7)));
        assert_eq!(found.through.as_deref(), Some("clock_gettime"));
        let found = site(&stack[2..]);
        assert_eq!((found.function.as_str(), found.through), ("work", None));
        assert_eq!(site(&stack[..2]).function, "clock_gettime");
        assert_eq!(site(&[]).function, "?");
    }

    #[test]
    fn counts_add_up() {
        let mut tally = Tally::default();
        let stack = tally.stack(vec![frame("work", "/bin/a", 7)]);
        let other = tally.stack(vec![frame("rest", "/bin/a", 8)]);
        let real = Read { function: "clock_gettime", clock: Some(0) };
        let cpu = Read { function: "clock_gettime", clock: Some(2) };
        for (thread, stack, read, calls) in
            [(1, stack, real, 5), (2, stack, real, 7), (1, other, cpu, 3)]
        {
            let place = Place { program: 0, thread: Pid::from_raw(thread), stack };
            for _ in 0..calls {
                tally.read_by_system_call(place, read, true);
            }
            tally.waited(place, "nanosleep", Duration::from_millis(calls), calls != 3);
        }
        let report = Report::new(&tally, vec![], false, None, Duration::from_secs(2), 1.0);
        assert_eq!(report.reads, Count { calls: 15, system_calls: 15 });
        let sites: Vec<_> = report
            .sites
            .iter()
            .map(|site| (site.location.function.as_str(), site.reads.as_str(), site.count.calls))
            .collect();
        assert_eq!(
            sites,
            [("work", "CLOCK_REALTIME", 12), ("rest", "CLOCK_PROCESS_CPUTIME_ID", 3)]
        );
        assert_eq!(report.clocks[0].per_second, 6.0);
        assert_eq!((report.waits[0].calls, report.waits[0].failed), (3, 1));
        assert_eq!(report.waits[0].total_ns, 15_000_000);
        let threads: Vec<_> =
            report.threads.iter().map(|row| (row.thread, row.reads.calls, row.waits)).collect();
        assert_eq!(threads, [(1, 8, 2), (2, 7, 1)]);
    }
}
