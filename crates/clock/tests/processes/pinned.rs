//! `INSTANTER_SOURCE`.

use instanter_clock::{Clock, Pin, Source, pin, source, survey};

use crate::{Outcome, Role, Test, all_clocks_agree, always, ensure, play};

pub(crate) const TESTS: &[Test] = &[
    Test { name: "the_environment_pins_the_source", why_not: always, run: environment },
    Test { name: "a_call_pins_the_source", why_not: always, run: || play("repinned", &[]) },
];

pub(crate) const ROLES: &[Role] =
    &[Role { name: "pinned", run: in_pinned }, Role { name: "repinned", run: in_repinned }];

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
