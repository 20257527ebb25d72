//! The machine that this program runs on.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use instanter_clock::page::linux::Mode;
use instanter_clock::{Clock, Discipline, PAGE, Source, Timespec, explain_source, via};
use instanter_measure::{Cost, Settings, compare, subject};
use nix::time::ClockId;

use super::coherence::{self, Matrix};
use super::measured::{ClockCost, Costs, Counter, Granularity, Image, Rates, Stress};
use super::system::Machine;
use super::tool::{self, Answer};
use super::{cpuid, stress};
use crate::cost::{counter_ordered, keep_one, vdso_call};

/// How long all CPUs read the time.
const STRESS: Duration = Duration::from_millis(200);

/// How long clocks are watched beside each other. A nanosecond in this is three
/// parts in a thousand million.
const WINDOW: Duration = Duration::from_millis(300);

/// Readings among which the smallest step is looked for.
const READINGS: u32 = 20_000;

/// System calls, and not much quicker than that.
const SLOW: Settings = Settings { rounds: 21, batch: 60, singles: 0 };

/// This machine.
pub(crate) struct ThisMachine;

impl Machine for ThisMachine {
    fn variable(&self, name: &str) -> Option<String> {
        Some(std::env::var_os(name)?.to_string_lossy().into_owned())
    }

    fn cpus(&self) -> Result<Vec<usize>, String> {
        coherence::allowed_cpus()
    }

    fn counter(&self) -> Counter {
        Counter {
            name: instanter_counter::NAME.to_owned(),
            invariant: cpuid::invariant(),
            stated_hz: cpuid::stated_hz(),
            kernel_hz: kernel_hz(),
            hypervisor: cpuid::hypervisor(),
        }
    }

    fn image(&self) -> Image {
        let survey = instanter_clock::survey();
        Image {
            told: survey.vdso,
            mapped: mapped(&std::fs::read_to_string("/proc/self/maps").unwrap_or_default()),
            problem: survey.functions.err().map(|why| why.to_string()),
            pinned: (survey.first != Source::Page).then_some(survey.first),
        }
    }

    fn costs(&self) -> Result<Costs, String> {
        Clock::REALTIME.now().map_err(|error| error.to_string())?;
        let median = |cost: &Cost| cost.batches.median();
        let fast = compare(
            &mut [counter_ordered(), subject!("program", vdso_call(ClockId::CLOCK_REALTIME))],
            Settings::quick(),
        );
        let asked = |clock| keep_one(via(Source::Syscall, clock).ok_or(()));
        let slow = compare(&mut [subject!("system call", asked(Clock::REALTIME))], SLOW);
        let clocks: Vec<Clock> =
            Clock::ALL.into_iter().filter(|clock| clock.now().is_ok()).collect();
        let mut subjects: Vec<_> = clocks
            .iter()
            .map(|&clock| subject!(clock.to_string(), keep_one(clock.now())))
            .collect();
        let each = compare(&mut subjects, SLOW);
        Ok(Costs {
            counter_ns: median(&fast[0]),
            program_ns: median(&fast[1]),
            syscall_ns: median(&slow[0]),
            clocks: clocks
                .into_iter()
                .zip(&each)
                .map(|(clock, cost)| {
                    let (source, not_page, not_vdso) = explain_source(clock);
                    let why_not = if source == Source::Syscall { not_vdso } else { not_page };
                    ClockCost {
                        name: clock.to_string(),
                        source,
                        why_not: why_not.map(|why| why.to_string()),
                        ns: median(cost),
                    }
                })
                .collect(),
        })
    }

    fn coherence(&self, cpus: &[usize]) -> Result<Matrix, String> {
        coherence::measure(cpus).map_err(|why| why.to_string())
    }

    fn stress(&self, cpus: &[usize]) -> Result<Stress, String> {
        stress::measure(cpus, STRESS)
    }

    fn granularity(&self) -> Result<Granularity, String> {
        let nanos = |time: Timespec| u64::try_from(time.as_nanos()).unwrap_or(0);
        let read = || Clock::MONOTONIC.now().map(nanos).map_err(|error| error.to_string());
        let resolution = |clock: Clock| clock.resolution().map(nanos).map_err(|e| e.to_string());
        let (mut last, mut step, mut zero) = (read()?, u64::MAX, 0);
        for _ in 0..READINGS {
            let now = read()?;
            match now.saturating_sub(last) {
                0 => zero += 1,
                difference => step = step.min(difference),
            }
            last = now;
        }
        if step == u64::MAX {
            // A clock that goes in ticks: wait for two of them.
            let wait = |from: u64| {
                let start = Instant::now();
                loop {
                    let now = read()?;
                    if now != from || start.elapsed() > Duration::from_millis(100) {
                        return Ok::<u64, String>(now);
                    }
                }
            };
            let first = wait(last)?;
            step = wait(first)?.saturating_sub(first);
        }
        Ok(Granularity {
            resolution_ns: resolution(Clock::MONOTONIC)?,
            tick_ns: resolution(Clock::MONOTONIC_COARSE)?,
            step_ns: step,
            standing: (zero, READINGS),
        })
    }

    fn rates(&self) -> Result<Rates, String> {
        let look = || -> Result<[i128; 3], String> {
            let all = instanter_clock::snapshot().map_err(|error| error.to_string())?;
            let [raw, monotonic, wall] = [all.monotonic_raw, all.monotonic, all.realtime];
            Ok([raw, monotonic, wall].map(|time| time.as_nanos()))
        };
        let first = look()?;
        std::thread::sleep(WINDOW);
        let second = look()?;
        let [raw, monotonic, wall] = [0, 1, 2].map(|clock| (second[clock] - first[clock]) as f64);
        if raw <= 0.0 {
            return Err("the raw monotonic clock stands still".to_owned());
        }
        Ok(Rates {
            seconds: raw / 1e9,
            monotonic_ppm: (monotonic - raw) / raw * 1e6,
            stepped_ns: (wall - monotonic) as i64,
        })
    }

    fn discipline(&self) -> Result<Discipline, String> {
        Clock::REALTIME.discipline().map_err(|error| error.to_string())
    }

    fn unix_s(&self) -> i64 {
        Clock::REALTIME.now().map_or(0, |now| now.sec)
    }

    fn pause(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn ask(&self, program: &str, args: &[&str]) -> Answer {
        tool::ask(program, args, tool::LIMIT)
    }

    fn stat_ns(&self, path: &Path) -> Result<f64, String> {
        std::fs::metadata(path).map_err(|error| error.to_string())?;
        let stat = || u64::from(black_box(std::fs::metadata(path)).is_ok());
        let costs = compare(&mut [subject!("stat", stat())], SLOW);
        Ok(costs[0].batches.median())
    }
}

/// The counter's frequency as the kernel's line has it.
fn kernel_hz() -> Option<f64> {
    let frame = PAGE.frame(instanter_counter::ordered).ok()?;
    let place = PAGE.place()?;
    let mode = Mode::of(PAGE.fingerprint().map_or(0, |kind| (kind >> 32) as u32), place.layout.cpu);
    let line = frame.raw.line;
    (mode == Mode::Counter && line.mult > 0)
        .then(|| 1e9 * f64::from(line.shift).exp2() / f64::from(line.mult))
}

/// Where `/proc/self/maps` has the vDSO.
fn mapped(maps: &str) -> Option<usize> {
    let line = maps.lines().find(|line| line.ends_with("[vdso]"))?;
    usize::from_str_radix(line.split_once('-')?.0, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vdso_is_found_among_mappings() {
        let maps = "7ffc0-7ffd0 rw-p 00000000 00:00 0 [stack]\n\
                    7ffe1000-7ffe3000 r-xp 00000000 00:00 0                          [vdso]\n";
        assert_eq!(mapped(maps), Some(0x7ffe_1000));
        assert_eq!(mapped(""), None);
    }

    #[test]
    fn this_machine_answers() {
        let costs = ThisMachine.costs().expect("clocks answer");
        assert!(costs.counter_ns > 0.0 && costs.syscall_ns > 0.0 && costs.program_ns > 0.0);
        assert!(costs.clocks.iter().any(|clock| clock.name == "CLOCK_MONOTONIC"));
        let steps = ThisMachine.granularity().expect("clocks answer");
        assert!(steps.resolution_ns > 0 && steps.tick_ns >= steps.resolution_ns, "{steps:?}");
        let rates = ThisMachine.rates().expect("clocks answer");
        assert!(rates.seconds >= 0.29, "{rates:?}");
    }
}
