//! A machine for tests: everything is as it should be, until a test changes it.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use instanter_clock::{Discipline, Leap, Source};

use super::coherence::{Matrix, Pair};
use super::measured::{ClockCost, Costs, Counter, Granularity, Image, Rates, Stress};
use super::system::{Machine, System};
use super::tool::Answer;

/// A machine whose answers are fields.
pub(crate) struct Pretended {
    pub(crate) variables: BTreeMap<&'static str, String>,
    pub(crate) cpus: Result<Vec<usize>, String>,
    pub(crate) counter: Counter,
    pub(crate) image: Image,
    pub(crate) costs: Result<Costs, String>,
    pub(crate) coherence: Result<Matrix, String>,
    pub(crate) stress: Result<Stress, String>,
    pub(crate) granularity: Result<Granularity, String>,
    pub(crate) rates: Result<Rates, String>,
    /// One for each look, the last one for all after it.
    pub(crate) disciplines: Mutex<Vec<Result<Discipline, String>>>,
    pub(crate) unix_s: i64,
    pub(crate) answers: BTreeMap<&'static str, Answer>,
}

pub(crate) const STEERED: Discipline = Discipline {
    offset_ns: 1_200,
    frequency: -3 << 16,
    max_error_us: 9_000,
    estimated_error_us: 40,
    status: 0x2001,
    constant: 7,
    tick_us: 10_000,
    tai_s: 37,
    leap: Leap::None,
    synchronized: true,
};

impl Default for Pretended {
    fn default() -> Pretended {
        let clock =
            |name: &str, source, ns| ClockCost { name: name.to_owned(), source, why_not: None, ns };
        let moved = Discipline { max_error_us: STEERED.max_error_us + 500, ..STEERED };
        Pretended {
            variables: BTreeMap::from([("TZ", ":/etc/localtime".to_owned())]),
            cpus: Ok(vec![0, 1]),
            counter: Counter {
                name: "TSC".to_owned(),
                invariant: Some(true),
                stated_hz: Some(2.1e9),
                kernel_hz: Some(2.1e9),
                hypervisor: None,
            },
            image: Image {
                told: Some(0x7fff_0000),
                mapped: Some(0x7fff_0000),
                problem: None,
                pinned: None,
            },
            costs: Ok(Costs {
                counter_ns: 25.0,
                syscall_ns: 150.0,
                program_ns: 35.0,
                clocks: vec![
                    clock("CLOCK_REALTIME", Source::Page, 29.0),
                    clock("CLOCK_MONOTONIC", Source::Page, 29.0),
                    clock("CLOCK_PROCESS_CPUTIME_ID", Source::Syscall, 250.0),
                ],
            }),
            coherence: Ok(Matrix {
                cpus: vec![0, 1],
                every_pair: true,
                pairs: vec![Pair {
                    a: 0,
                    b: 1,
                    low_ns: -60.0,
                    high_ns: 70.0,
                    round_trip_ns: 130.0,
                    rounds: 2_000,
                }],
                missed: vec![],
            }),
            stress: Ok(Stress { cpus: 2, reads: 1_000_000, seconds: 0.2, ..Stress::default() }),
            granularity: Ok(Granularity {
                resolution_ns: 1,
                tick_ns: 4_000_000,
                step_ns: 20,
                standing: (0, 20_000),
            }),
            rates: Ok(Rates { seconds: 0.3, monotonic_ppm: -3.0, stepped_ns: 0 }),
            disciplines: Mutex::new(vec![Ok(STEERED), Ok(moved)]),
            unix_s: 1_780_000_000,
            answers: BTreeMap::new(),
        }
    }
}

impl Pretended {
    /// The machine with files below `root`.
    pub(crate) fn system(self, root: &Path) -> System {
        System::new(root, Box::new(self))
    }

    /// The machine without any file.
    pub(crate) fn bare(self) -> System {
        System::new("/no/such/root", Box::new(self))
    }
}

impl Machine for Pretended {
    fn variable(&self, name: &str) -> Option<String> {
        self.variables.get(name).cloned()
    }

    fn cpus(&self) -> Result<Vec<usize>, String> {
        self.cpus.clone()
    }

    fn counter(&self) -> Counter {
        self.counter.clone()
    }

    fn image(&self) -> Image {
        self.image.clone()
    }

    fn costs(&self) -> Result<Costs, String> {
        self.costs.clone()
    }

    fn coherence(&self, _: &[usize]) -> Result<Matrix, String> {
        self.coherence.clone()
    }

    fn stress(&self, _: &[usize]) -> Result<Stress, String> {
        self.stress.clone()
    }

    fn granularity(&self) -> Result<Granularity, String> {
        self.granularity.clone()
    }

    fn rates(&self) -> Result<Rates, String> {
        self.rates.clone()
    }

    fn discipline(&self) -> Result<Discipline, String> {
        let mut left = self.disciplines.lock().expect("nobody panics with it");
        if left.len() > 1 { left.remove(0) } else { left[0].clone() }
    }

    fn unix_s(&self) -> i64 {
        self.unix_s
    }

    fn pause(&self, _: Duration) {}

    fn ask(&self, program: &str, _: &[&str]) -> Answer {
        self.answers.get(program).cloned().unwrap_or(Answer::Absent)
    }

    fn stat_ns(&self, _: &Path) -> Result<f64, String> {
        Ok(600.0)
    }
}

/// Puts a file below a root, with its folders.
pub(crate) fn put(root: &Path, path: &str, bytes: impl AsRef<[u8]>) {
    let path = root.join(path.trim_start_matches('/'));
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("folders");
    std::fs::write(path, bytes).expect("a file");
}

/// Says why a test did not run, past the harness.
pub(crate) fn skipped(name: &str, reason: &dyn Display) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped {name}: {reason}");
}

/// A TZif file of UTC: version 2, both headers, one type, a footer.
pub(crate) fn utc_file() -> Vec<u8> {
    let mut header = b"TZif2".to_vec();
    header.extend([0; 15]);
    for count in [0u32, 0, 0, 0, 1, 4] {
        header.extend(count.to_be_bytes());
    }
    let body = [&[0, 0, 0, 0, 0, 0][..], b"UTC\0"].concat();
    [&header[..], &body, &header, &body, b"\nUTC0\n"].concat()
}
