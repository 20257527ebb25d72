//! `INSTANTER_SOURCE`.

use std::io::ErrorKind;

use instanter_clock::{Clock, Pin, Source, pin, source, survey};

use crate::{Outcome, Role, Test, all_clocks_agree, always, ensure, play, unless_root};

const NAME: &str = "a_privileged_program_ignores_the_environment";

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_environment_pins_the_source", why_not: always, run: environment },
    Test { name: NAME, why_not: unless_root, run: privileged },
    Test { name: "a_call_pins_the_source", why_not: always, run: || play("repinned", &[]) },
];

pub(crate) const ROLES: &[Role] = &[
    Role { name: "pinned", run: in_pinned },
    Role { name: "privileged", run: in_privileged },
    Role { name: "repinned", run: in_repinned },
];

const VARIABLE: &str = "INSTANTER_SOURCE";
const UNPINNED: &str = "INSTANTER_TEST_UNPINNED";

fn environment() -> Outcome {
    for value in ["page", "vdso", "syscall", "", "nonsense", "VDSO"] {
        play("pinned", &[(VARIABLE, value)])?;
        // A variable that only starts alike must not count.
        play("pinned", &[(VARIABLE, value), ("INSTANTER_SOURCE_X", "syscall")])?;
    }
    play("pinned", &[(UNPINNED, "1"), ("XINSTANTER_SOURCE", "syscall")])
}

fn in_pinned() -> Outcome {
    let value = std::env::var(VARIABLE).unwrap_or_default();
    let first = match value.as_str() {
        "vdso" => Source::Vdso,
        "syscall" => Source::Syscall,
        _ => Source::Page,
    };
    let known = ["", "page", "vdso", "syscall"].contains(&value.as_str());
    let pin = survey().pin;
    ensure(matches!(pin, Pin::Unknown(_)) != known, || format!("{value:?} gave {pin:?}"))?;
    for clock in Clock::ON_PAGE {
        ensure(source(clock) >= first, || format!("{value:?}: {clock} by {}", source(clock)))?;
    }
    all_clocks_agree()
}

/// A copy of this program that runs as its owner, root, whoever starts it: nobody
/// starts it, so the kernel sets AT_SECURE.
fn privileged() -> Outcome {
    use std::os::unix::fs::PermissionsExt;
    use std::os::unix::process::CommandExt;

    const NOBODY: u32 = 65_534;
    let told = |error: std::io::Error| error.to_string();
    let copy = std::env::temp_dir().join(format!("instanter-setuid-{}", std::process::id()));
    std::fs::copy(std::env::current_exe().map_err(told)?, &copy).map_err(told)?;
    std::fs::set_permissions(&copy, PermissionsExt::from_mode(0o4755)).map_err(told)?;
    let mut command = std::process::Command::new(&copy);
    command.env_clear().env(crate::ROLE, "privileged").env(VARIABLE, "syscall");
    command.current_dir("/").gid(NOBODY).uid(NOBODY);
    let started = loop {
        match command.output() {
            // A child of another test has the file open for writing, until it becomes a program.
            Err(error) if error.kind() == ErrorKind::ExecutableFileBusy => {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
            started => break started,
        }
    };
    std::fs::remove_file(&copy).map_err(told)?;
    let output = match started {
        Err(error) if error.kind() == ErrorKind::PermissionDenied => {
            // A folder where nothing is run, or one that is closed to others; or no right to
            // become another user.
            eprintln!("skipped {NAME}: {}: {error}", copy.display());
            return Ok(());
        }
        started => started.map_err(told)?,
    };
    let told = String::from_utf8_lossy(&output.stderr);
    eprint!("{told}");
    ensure(output.status.success(), || told.into_owned())
}

fn in_privileged() -> Outcome {
    let survey = survey();
    if !survey.auxv.secure {
        // Where the folder is mounted nosuid there is nothing to see.
        eprintln!("skipped {NAME}: set-user-ID has no effect");
        return Ok(());
    }
    ensure(survey.pin == Pin::Free, || format!("AT_SECURE, and yet {:?}", survey.pin))
}

fn in_repinned() -> Outcome {
    let unpinned = source(Clock::REALTIME);
    for first in [Source::Syscall, Source::Page, Source::Vdso, Source::Page] {
        pin(first);
        let now = source(Clock::REALTIME);
        ensure(now == first.max(unpinned), || format!("pinned to {first}, got {now}"))?;
        all_clocks_agree()?;
    }
    Ok(())
}
