//! Windows' shared data beside the functions of the system, on Windows or under Wine.
#![cfg(windows)]

use std::io::Write;
use std::thread::sleep;
use std::time::{Duration, Instant};

use instanter_clock::page::windows::{ADDRESS, Reader};
use instanter_clock::{Clock, Source, Timespec, explain_source, via};

/// Who updates the page may be kept from it for long on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

fn shared_data() -> Reader {
    // SAFETY: every process has the page there, for good.
    unsafe { Reader::new(core::ptr::with_exposed_provenance(ADDRESS), None) }
}

fn asked(clock: Clock) -> Timespec {
    via(Source::System, clock).expect("Windows has the clock")
}

/// The page is never ahead of the function, never goes back, and comes to pass whatever the
/// function said before.
fn follows(name: &str, page: impl Fn() -> Timespec, clock: Clock) {
    let (start, begin) = (Instant::now(), asked(clock));
    let mut last = page();
    loop {
        let (now, after) = (page(), asked(clock));
        assert!(now >= last, "{name} went back from {last} to {now}");
        assert!(now <= after, "{name} is {now}, and {clock} is {after} only");
        if now > begin {
            break;
        }
        assert!(start.elapsed() < PATIENCE, "{name} stands at {now} since {begin}");
        last = now;
        sleep(Duration::from_millis(1));
    }
}

#[test]
fn the_shared_data_follows_the_functions() {
    let page = shared_data();
    assert_eq!(page.major_version(), 10);
    follows("SystemTime", || page.coarse().unwrap().system_time, Clock::REALTIME);
    follows("InterruptTime", || page.coarse().unwrap().interrupt_time, Clock::BOOTTIME);
    follows("unbiased time", || page.unbiased_coarse().unwrap(), Clock::MONOTONIC);
}

/// What the chain serves from the page lies between two answers of the function, and for what
/// it does not there is a reason.
#[test]
fn what_is_served_is_the_systems() {
    for clock in Clock::ON_PAGE {
        let (source, why_not, _) = explain_source(clock);
        let reason = why_not.map_or_else(|| "the page serves".to_owned(), |why| why.to_string());
        let _ = writeln!(std::io::stderr(), "{clock}: {source}: {reason}");
        match source {
            Source::Page => {
                for _ in 0..100 {
                    let before = asked(clock);
                    // The line may be in an update just then.
                    let Some(now) = via(Source::Page, clock) else { continue };
                    let after = asked(clock);
                    assert!(before <= now && now <= after, "{clock}: {before} {now} {after}");
                }
            }
            source => {
                assert_eq!(source, Source::System);
                assert!(why_not.is_some(), "{clock} has no reason");
            }
        }
        let (before, now, after) = (asked(clock), clock.now().unwrap(), asked(clock));
        assert!(before <= now && now <= after, "{clock}: {before} {now} {after}");
    }
}
