//! In a time namespace, where monotonic and boot clock are moved.

use std::fs::File;
use std::os::fd::AsRawFd;

use instanter_clock::{Clock, PAGE, Source, epoch, pair, source};

use crate::{Outcome, Role, Test, all_clocks_agree, ask_kernel, ensure, play};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "a_time_namespace_from_the_start", why_not: no_namespaces, run: from_start },
    Test {
        name: "a_time_namespace_entered_by_fork",
        why_not: no_namespaces,
        run: || play("forks into namespace", &[]),
    },
    Test {
        name: "a_time_namespace_entered_by_setns",
        why_not: no_namespaces,
        run: || play("enters namespace", &[]),
    },
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "makes a namespace", run: make_namespace },
    Role { name: "starts in namespace", run: in_starter },
    Role { name: "inside namespace", run: in_namespace },
    Role { name: "forks into namespace", run: in_forker },
    Role { name: "enters namespace", run: in_entering },
];

const CLONE_NEWTIME: i32 = 0x80;
const OFFSETS: &str = "/proc/self/timens_offsets";

pub(crate) fn no_namespaces() -> Option<String> {
    if !std::path::Path::new(OFFSETS).exists() {
        return Some("the kernel has no time namespaces".to_owned());
    }
    // Root in a container may not make any, or not as many as it likes.
    const DENIED: [i32; 4] = [libc::EPERM, libc::EACCES, libc::ENOSPC, libc::ENOSYS];
    let why = play("makes a namespace", &[]).err()?;
    let line = why.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
    let is_denied = |errno: &i32| line.contains(&format!("(os error {errno})"));
    DENIED.iter().any(is_denied).then(|| line.to_owned())
}

fn from_start() -> Outcome {
    play("starts in namespace", &[])?;
    play("starts in namespace", &[("INSTANTER_SOURCE", "vdso")])
}

/// Makes a time namespace for the children of this process.
pub(crate) fn make_namespace() -> Outcome {
    // SAFETY: concerns the children only.
    let status = unsafe { libc::unshare(CLONE_NEWTIME) };
    ensure(status == 0, || format!("unshare: {}", std::io::Error::last_os_error()))?;
    std::fs::write(OFFSETS, "monotonic 5000 7\nboottime 900000 999999999\n")
        .map_err(|error| format!("{OFFSETS}: {error}"))
}

fn in_starter() -> Outcome {
    // What the namespace in which this runs, if it does, adds: the new one's takes its place.
    let added = std::fs::read_to_string(OFFSETS).map_err(|error| error.to_string())?;
    let added = added.lines().find_map(|line| line.strip_prefix("monotonic")).unwrap_or("0 0");
    let numbers: Vec<i128> =
        added.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    let [seconds, nanos] = numbers[..] else { return Err(format!("{OFFSETS}: {added:?}")) };
    make_namespace()?;
    let here = ask_kernel(Clock::MONOTONIC)?.as_nanos();
    let outside = (here - seconds * 1_000_000_000 - nanos).to_string();
    play("inside namespace", &[("INSTANTER_TEST_OUTSIDE", &outside)])
}

/// Every clock is the namespace's, and the page still serves where it may.
fn in_namespace() -> Outcome {
    if let Ok(outside) = std::env::var("INSTANTER_TEST_OUTSIDE") {
        let outside: i128 = outside.parse().map_err(|_| "a number".to_owned())?;
        let moved = pair().map_err(|error| error.to_string())?.monotonic.as_nanos() - outside;
        ensure((5_000_000_000_007..6_000_000_000_000).contains(&moved), || moved.to_string())?;
    }
    all_clocks_agree()?;
    let still = epoch();
    ensure((0..1_000).all(|_| epoch() == still), || "the epoch moves".to_owned())?;
    if PAGE.has_page() && PAGE.is_proved() {
        ensure(source(Clock::MONOTONIC) == Source::Page, || source(Clock::MONOTONIC).to_string())?;
        let frame = PAGE.frame(|| 0).map_err(|error| error.to_string())?;
        let offsets = frame.namespace.ok_or("the page does not know of the namespace")?;
        ensure(offsets[1].as_nanos() == 5_000_000_000_007, || format!("{offsets:?}"))?;
    }
    Ok(())
}

/// Proved outside, read inside: the child's page changes under the reader.
fn in_forker() -> Outcome {
    all_clocks_agree()?;
    make_namespace()?;
    // SAFETY: there is one thread; the child reads clocks, prints and ends.
    unsafe {
        let child = libc::fork();
        if child == 0 {
            let outcome = in_namespace();
            if let Err(why) = &outcome {
                eprintln!("{why}");
            }
            libc::_exit(i32::from(outcome.is_err()));
        }
        let mut status = 0;
        libc::waitpid(child, &mut status, 0);
        ensure(status == 0, || format!("the child ended with {status:#x}"))?;
    }
    // Outside nothing has changed.
    all_clocks_agree()
}

/// The process itself enters, and leaves again.
fn in_entering() -> Outcome {
    all_clocks_agree()?;
    let open = |path| File::open(path).map_err(|error| format!("{path}: {error}"));
    let outside = open("/proc/self/ns/time")?;
    make_namespace()?;
    let inside = open("/proc/self/ns/time_for_children")?;
    let enter = |namespace: &File| {
        // SAFETY: there is one thread, as entering a time namespace demands.
        let status = unsafe { libc::setns(namespace.as_raw_fd(), CLONE_NEWTIME) };
        ensure(status == 0, || format!("setns: {}", std::io::Error::last_os_error()))
    };
    for _ in 0..3 {
        enter(&inside)?;
        in_namespace()?;
        enter(&outside)?;
        all_clocks_agree()?;
    }
    Ok(())
}
