//! Reading the clocks in processes that something is wrong or unusual with.
//!
//! Each test starts this program again in a *role* (named by an environment
//! variable), because a sandbox, a time namespace or a broken start block holds
//! for a whole process. A test that this machine cannot run is skipped, by name
//! and reason.
#![allow(clippy::unnecessary_cast, reason = "C's time has 32 bits on some CPUs")]

mod disturbed;
mod namespace;
mod pinned;
mod sandbox;
mod shared;
mod start_block;
mod static_program;

use std::process::{Command, ExitCode};

use instanter_clock::{Adjustment, Clock, Error, Timespec};
use libtest_mimic::{Arguments, Failed, Trial};

const ROLE: &str = "INSTANTER_TEST_ROLE";

/// What a process in a role comes to.
type Outcome = Result<(), String>;

/// A test: why it cannot run here, if so, and what it does.
struct Test {
    name: &'static str,
    why_not: fn() -> Option<String>,
    run: fn() -> Outcome,
}

/// What a process does in a role.
struct Role {
    name: &'static str,
    run: fn() -> Outcome,
}

fn main() -> ExitCode {
    let roles = [
        sandbox::ROLES,
        pinned::ROLES,
        start_block::ROLES,
        namespace::ROLES,
        disturbed::ROLES,
        shared::ROLES,
    ]
    .concat();
    if let Ok(name) = std::env::var(ROLE) {
        if name == THERE {
            return ExitCode::SUCCESS;
        }
        let role = roles.iter().find(|role| role.name == name).expect("a role that exists");
        return match (role.run)() {
            Ok(()) => ExitCode::SUCCESS,
            Err(why) => {
                eprintln!("in role {name}: {why}");
                ExitCode::FAILURE
            }
        };
    }
    let mut arguments = Arguments::from_args();
    if disturbed::is_allowed() {
        // One steps the clock that all the others compare.
        arguments.test_threads = Some(1);
    }
    let tests = [
        sandbox::TESTS,
        pinned::TESTS,
        start_block::TESTS,
        namespace::TESTS,
        disturbed::TESTS,
        static_program::TESTS,
        shared::TESTS,
    ]
    .concat();
    let itself = unless_it_starts_itself();
    let trials = tests
        .into_iter()
        .map(|test| {
            let why_not = (test.why_not)().or_else(|| itself.clone());
            if let (Some(why), false) = (&why_not, arguments.list) {
                eprintln!("skipped {}: {why}", test.name);
            }
            Trial::test(test.name, move || (test.run)().map_err(Failed::from))
                .with_ignored_flag(why_not.is_some())
        })
        .collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

impl Clone for Test {
    fn clone(&self) -> Test {
        Test { ..*self }
    }
}

impl Clone for Role {
    fn clone(&self) -> Role {
        Role { ..*self }
    }
}

/// No reason not to run.
fn always() -> Option<String> {
    None
}

fn unless_root() -> Option<String> {
    // SAFETY: no arguments, no memory.
    (unsafe { libc::geteuid() } != 0).then(|| "needs root".to_owned())
}

/// Root in a container may lack the right.
fn unless_it_may_set_clocks() -> Option<String> {
    let usual = Clock::REALTIME.discipline().map(|usual| Adjustment::new().tick_us(usual.tick_us));
    usual.and_then(|usual| Clock::REALTIME.adjust(usual)).err().map(|error| error.to_string())
}

/// The role of a program that is there.
const THERE: &str = "there";

/// Under an emulator the kernel may not know how to start this program once more.
fn unless_it_starts_itself() -> Option<String> {
    play(THERE, &[]).err().map(|_| "this program cannot start itself: emulated?".to_owned())
}

/// Starts this program in a role, with more environment, and waits.
fn play(role: &str, environment: &[(&str, &str)]) -> Outcome {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let output = Command::new(program)
        .env(ROLE, role)
        .envs(environment.iter().copied())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(());
    }
    let told = String::from_utf8_lossy(&output.stderr);
    Err(format!("{} with {environment:?}\n{told}", output.status))
}

/// Fails with a text unless something holds.
fn ensure(holds: bool, otherwise: impl FnOnce() -> String) -> Outcome {
    if holds { Ok(()) } else { Err(otherwise()) }
}

/// The kernel's own answer, by system call.
fn ask_kernel(clock: Clock) -> Result<Timespec, String> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    let status = unsafe { libc::syscall(libc::SYS_clock_gettime, clock.id(), &raw mut time) };
    if status == 0 {
        Ok(Timespec::new(time.tv_sec as i64, time.tv_nsec as u32))
    } else {
        Err(format!("{clock}: {}", std::io::Error::last_os_error()))
    }
}

/// Compares a read with the kernel's answers around it, many times.
fn agrees_with_kernel(
    clock: Clock,
    rounds: u32,
    read: impl Fn(Clock) -> Result<Timespec, Error>,
) -> Outcome {
    // Somebody may step the wall clock just then.
    let mut excused = 3;
    for _ in 0..rounds {
        let before = ask_kernel(clock)?;
        let ours = read(clock).map_err(|error| error.to_string())?;
        let after = ask_kernel(clock)?;
        if !(before <= ours && ours <= after) {
            ensure(excused > 0, || format!("{clock}: {before} <= {ours} <= {after}"))?;
            excused -= 1;
        }
    }
    Ok(())
}

/// Compares every clock of the page, however it is served.
fn all_clocks_agree() -> Outcome {
    for clock in Clock::ON_PAGE {
        agrees_with_kernel(clock, 500, Clock::now)?;
        agrees_with_kernel(clock, 500, Clock::now_relaxed)?;
    }
    agrees_with_kernel(Clock::REALTIME, 500, |_| Ok(instanter_clock::pair()?.realtime))?;
    agrees_with_kernel(Clock::MONOTONIC, 500, |_| Ok(instanter_clock::pair()?.monotonic))?;
    agrees_with_kernel(Clock::BOOTTIME, 500, |_| Ok(instanter_clock::snapshot()?.boottime))?;
    agrees_with_kernel(
        Clock::MONOTONIC_RAW,
        500,
        |_| Ok(instanter_clock::snapshot()?.monotonic_raw),
    )
}
