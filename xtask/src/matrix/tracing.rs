//! `instanter fake` and `instanter trace` on kernels of a CPU that this machine has not: both
//! follow programs instruction by instruction, so that nothing but such a kernel shows it.

use super::kernels::kernel;
use super::library::Library;
use super::limited;
use super::qemu::{AARCH64, AARCH64_MAX, AARCH64_PAGES, Machine, Parts};
use super::report::{How, Outcome, Row};
use super::running::Run;
use super::tracees::{self, Guest};
use super::verdict::Said;
use anyhow::Result;
use std::time::Instant;

/// A kernel in which both are tried.
struct Boot {
    name: &'static str,
    machine: &'static Machine,
    series: &'static str,
    /// The kernel's flavour.
    flavour: &'static str,
    suite: &'static str,
    /// Whether it can trap reads of the counter: since 6.12.
    traps: bool,
}

const BOOTS: &[Boot] = &[
    Boot {
        name: "arm64 5.10.x fake and trace",
        machine: &AARCH64,
        series: "5.10.",
        flavour: "arm64",
        suite: "bullseye",
        traps: false,
    },
    // Its pages are of 16 KiB.
    Boot {
        name: "arm64 6.12.x-16k fake and trace",
        machine: &AARCH64_PAGES,
        series: "6.12.",
        flavour: "arm64-16k",
        suite: "trixie",
        traps: true,
    },
    Boot {
        name: "arm64 7.x fake and trace",
        machine: &AARCH64,
        series: "7.",
        flavour: "arm64",
        suite: "trixie-backports",
        traps: true,
    },
    // It signs return addresses, in the C library's functions and in the programs in C.
    Boot {
        name: "arm64 max 7.x fake and trace",
        machine: &AARCH64_MAX,
        series: "7.",
        flavour: "arm64",
        suite: "trixie-backports",
        traps: true,
    },
];

/// The program and who traces it run at once, as on most machines.
const PROCESSORS: u32 = 2;

/// What `--brief` leaves out: the newest CPU shows most of what this one does.
const LEFT_OUT: &str = "arm64 7.x fake and trace";

/// The rows' names.
pub(super) fn names() -> Vec<String> {
    BOOTS.iter().map(|boot| boot.name.to_owned()).collect()
}

/// Boots every row that is wanted.
pub(super) fn run(run: &mut Run) -> Result<()> {
    let library = Library::find(&run.cache);
    let mut guest = None;
    for boot in BOOTS {
        if !run.begins(boot.name) {
            continue;
        }
        let start = Instant::now();
        let (subject, outcome) = match &library {
            _ if run.brief && boot.name == LEFT_OUT => skipped("left out by --brief".to_owned()),
            _ if !boot.machine.is_here() => {
                skipped(format!("{} is not installed", boot.machine.emulator))
            }
            Err(reason) => skipped(format!("{reason:#}")),
            Ok(library) => {
                let guest = guest.get_or_insert_with(|| tracees::guest(&run.cache, library));
                booted(run, boot, guest)?
            }
        };
        let row = Row { name: boot.name.to_owned(), took: start.elapsed(), subject, outcome };
        run.ended(boot.name, How::Ran, vec![row])?;
    }
    Ok(())
}

fn skipped(reason: String) -> (String, Outcome) {
    (String::new(), Outcome::Skipped(reason))
}

fn booted(
    run: &Run,
    boot: &Boot,
    guest: &Result<Guest, tracees::Lack>,
) -> Result<(String, Outcome)> {
    let guest = match guest {
        Ok(guest) => guest,
        Err(tracees::Lack::Machine(reason)) => return Ok(skipped(format!("{reason:#}"))),
        Err(tracees::Lack::Program(reason)) => {
            return Ok((String::new(), Outcome::Failed(format!("{reason:#}"))));
        }
    };
    let kernel = match kernel(&run.cache, boot.machine, (boot.series, boot.flavour), boot.suite) {
        Ok(kernel) => kernel,
        Err(reason) => return Ok(skipped(format!("{reason:#}"))),
    };
    let log = limited::log(&run.cache, &format!("tracing {}", boot.name))?;
    let parts = Parts {
        firmware: None,
        kernel: &kernel,
        initramfs: &guest.initramfs,
        parameters: "",
        processors: PROCESSORS,
    };
    let console = match boot.machine.boot(&parts, &log) {
        Ok(console) => console,
        Err(reason) => return Ok((String::new(), Outcome::Failed(format!("{reason:#}")))),
    };
    let said = Said::read(&console);
    for line in &said.lines {
        run.progress.say(&format!("  {line}"));
    }
    for missing in &guest.missing {
        run.progress.say(&format!("  skipped {missing}"));
    }
    let languages = [("rust", "Rust"), ("c", "C"), ("go", "Go")].into_iter();
    let there = |id: &str| guest.programs.iter().any(|program| language(program) == id);
    let languages: Vec<&str> =
        languages.filter(|(id, _)| there(id)).map(|(_, name)| name).collect();
    let mut subject = format!("programs in {}: {} ok", languages.join(", "), said.ok.len());
    if !guest.missing.is_empty() {
        subject.push_str(&format!(", {} skipped", guest.missing.len()));
    }
    Ok((subject, said.judge_names(&expected(&guest.programs, boot.traps))))
}

/// What a program's name says after how it is linked.
fn language(program: &str) -> &str {
    program.split_once('-').map_or("", |(_, language)| language)
}

/// Everything that the guest must have tried, by the programs that it has, and by whether its
/// kernel can trap reads of the counter.
fn expected(programs: &[&str], traps: bool) -> Vec<String> {
    let mut names = vec!["fake verify at a rate".to_owned(), "fake verify of a shift".to_owned()];
    names.push(format!("fake trap-tsc {}", if traps { "verify" } else { "refused" }));
    for program in programs {
        let tried: &[&str] = match language(program) {
            "rust" => &[
                "fake shift",
                "fake pace",
                "fake sleep",
                "fake page",
                "fake signals",
                "trace reads",
                "trace signals",
            ],
            "go" => &["fake shift", "fake pace", "fake sleep", "trace reads"],
            "counts" => &["trace reads"],
            "tsc" => &["fake counter"],
            "arrivals" => &["fake arrivals"],
            _ => &["fake shift", "fake pace", "fake sleep"],
        };
        let reads_it = !matches!(language(program), "counts" | "arrivals");
        names.extend((traps && reads_it).then(|| format!("fake trap-tsc of {program}")));
        names.extend(tried.iter().map(|tried| format!("{tried} of {program}")));
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_there() {
        assert!(names().iter().any(|name| name == LEFT_OUT));
    }

    #[test]
    fn what_must_be_tried_depends_on_what_is_there() {
        let names = expected(&["dynamic-rust", "static-go"], true);
        let has = |name: &str| names.iter().any(|other| other == name);
        for name in
            ["fake trap-tsc verify", "trace signals of dynamic-rust", "fake pace of static-go"]
        {
            assert!(has(name), "{name}");
        }
        assert!(!has("trace signals of static-go") && !has("fake pace of dynamic-c"), "{names:?}");
    }

    #[test]
    fn only_newer_kernels_trap_the_counter() {
        let programs = ["dynamic-rust", "static-counts", "static-tsc", "dynamic-arrivals"];
        let of = |traps| {
            let names = expected(&programs, traps).into_iter();
            names.filter(|name| name.starts_with("fake trap-tsc")).collect::<Vec<_>>()
        };
        assert_eq!(of(false), ["fake trap-tsc refused"]);
        let all = [
            "fake trap-tsc verify",
            "fake trap-tsc of dynamic-rust",
            "fake trap-tsc of static-tsc",
        ];
        assert_eq!(of(true), all);
    }
}
