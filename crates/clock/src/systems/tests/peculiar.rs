//! What one system alone has.

use super::*;
use crate::systems::openbsd::timekeep_behind;
use instanter_page::windows::{ADDRESS, bypass};

/// Where programs may not read the counter, the last interrupt's clocks are what there is.
#[test]
fn windows_without_a_counter_for_programs() {
    let cases = [
        (0, Unreadable::Disabled),
        (bypass::ENABLED | bypass::HYPERVISOR_PAGE | bypass::RDTSCP, Unreadable::Missing),
        (
            bypass::ENABLED | bypass::MFENCE,
            Unreadable::Device { number: u32::from(bypass::ENABLED | bypass::MFENCE) },
        ),
        (bypass::ENABLED | bypass::A73_ERRATUM, Unreadable::Device { number: 0x40 }),
    ];
    for (flags, why) in cases {
        let mut world = World::<Windows>::new();
        world.machine.bypass = flags;
        world.publish(|_| {});
        let known = Known::new();
        let findings = world.prove(&known);
        assert_eq!(findings.clocks[..4], [Err(Disagreement::Page(why)); 4], "{flags:#x}");
        assert_eq!(world.served(&known), [Clock::REALTIME_COARSE, Clock::MONOTONIC_COARSE]);
        let coarse = known.coarse_pair().unwrap();
        assert_eq!(Some(coarse.realtime), world.system(Clock::REALTIME_COARSE));
        assert_eq!(Some(coarse.monotonic), world.system(Clock::MONOTONIC_COARSE));
        assert!(known.pair(|| world.counter()).is_none());
    }
    // Beside another fence, or another flag, it is read.
    for flags in [bypass::MFENCE | bypass::LFENCE, bypass::NOT_IN_32_BIT, bypass::RDTSCP] {
        let mut world = World::<Windows>::new();
        world.machine.bypass = bypass::ENABLED | flags;
        world.publish(|_| {});
        let known = Known::new();
        world.prove(&known);
        assert_eq!(world.served(&known), all::<Windows>(), "{flags:#x}");
    }
}

#[test]
fn windows_of_another_version() {
    for version in [0, 6, 11] {
        let world = World::<Windows>::new();
        world.machine.set_major_version(version);
        let known = Known::new();
        let findings = world.prove(&known);
        let why = Err(Disagreement::Page(Unreadable::Version { found: version }));
        assert_eq!(findings.clocks[..6], [why; 6]);
        assert_eq!(world.served(&known), []);
    }
    assert_eq!(ADDRESS, 0x7ffe_0000);
}

/// The coarse clocks leave out what was slept through, as the fine ones do.
#[test]
fn windows_after_a_sleep() {
    let mut world = World::<Windows>::new();
    let known = Known::new();
    world.prove(&known);
    let before = world.clock(&known, Clock::MONOTONIC_COARSE).unwrap();
    world.publish(|truth| truth.slept_ns += 3_600_000_000_000);
    for clock in [Clock::MONOTONIC, Clock::MONOTONIC_COARSE] {
        let apart = world.clock(&known, clock).unwrap().as_nanos() - before.as_nanos();
        assert!((0..1_000_000_000).contains(&apart), "{clock} went on by {apart} ns");
    }
    let boot = world.clock(&known, Clock::BOOTTIME).unwrap();
    assert!(boot.as_nanos() - before.as_nanos() >= 3_600_000_000_000);
}

/// The wall clock of the commpage has its nanoseconds, and can be missing alone.
#[test]
fn darwin_without_the_wall_clocks_line() {
    let mut world = World::<X86Darwin>::new();
    let known = Known::new();
    world.prove(&known);
    let fractions = (0..100).filter_map(|_| world.clock(&known, Clock::REALTIME));
    assert!(fractions.into_iter().any(|time| time.nsec % 1_000 != 0), "cut down to microseconds");
    world.publish(|truth| truth.off = true);
    let left = [Clock::MONOTONIC, Clock::BOOTTIME, Clock::MONOTONIC_COARSE];
    assert_eq!(world.served(&known), left);
}

/// The function cuts the wall clock down to microseconds. When no time passes between two of its
/// answers the page is still not ahead of it, and a nanosecond too much still is.
#[test]
fn darwin_by_microseconds() {
    let world = World::<Aarch64Darwin>::new();
    let now = world.counter.get() + 24_001; // 1.000041 ms
    let answer = |clock| Aarch64Darwin::answer(&world.truth, clock, now);
    assert_ne!(world.truth.monotonic_ns % 1_000, 0);
    for (ns, agrees) in [(0, true), (1_000, false), (-1_000, false)] {
        // The wall clock alone answers.
        let system = |clock| {
            let wall = (clock == Clock::REALTIME).then(|| answer(clock))?;
            wall.map(|wall| Timespec::from_nanos(wall + ns))
        };
        let found = compare(page_of(&world), || now, system).clocks[0];
        assert_eq!(found.is_ok(), agrees, "{ns} ns: {found:?}");
    }
}

fn page_of<M: Machine>(world: &World<M>) -> M::Page {
    // SAFETY: the machine's page lives as long as the world.
    unsafe { M::Page::at(world.machine.place()) }
}

/// Clocks without a counterpart are the nearest that there is.
#[test]
fn openbsd_in_a_snapshot() {
    let mut world = World::<OpenBsd>::new();
    world.publish(|truth| truth.slept_ns = 5_000_000_000);
    let known = Known::new();
    world.prove(&known);
    let now = known.snapshot(|| world.counter()).unwrap();
    assert_eq!((now.tai, now.realtime_coarse), (now.realtime, now.realtime));
    assert_eq!((now.monotonic_raw, now.monotonic_coarse), (now.monotonic, now.monotonic));
    assert_eq!(now.boottime, now.monotonic);
    let booted = now.realtime.as_nanos() - now.boottime.as_nanos();
    assert!((booted - world.truth.wall_minus_boot_ns).abs() <= 1, "{booted}");
}

#[test]
fn openbsds_auxiliary_vector() {
    let (page, other) = (0x7000usize, 0x1234);
    // What lies behind two pointers to variables, and what is found.
    let table: &[(&[usize], Option<usize>)] = &[
        (&[0, 6, 4096, 4000, page, 0, 0], Some(page)),
        (&[0, 4000, page, 4000, other, 0, 0], Some(page)),
        (&[0, 6, 4096, 0, 0, 4000, page], None),
        // None was given, or one that cannot be.
        (&[0, 4000, 0, 0, 0], None),
        (&[0, 4000, page + 4, 0, 0], None),
        // The environment is longer than was said.
        (&[0x4000, 0, 4000, page, 0, 0], None),
    ];
    for (behind, want) in table {
        let mut words: Vec<usize> = [0x5000, 0x6000].into();
        words.extend_from_slice(behind);
        // SAFETY: each row ends the vector, or is given up before.
        let found = unsafe { timekeep_behind(words.as_ptr(), 2) };
        assert_eq!(found.map(|found| found.addr()), *want, "{behind:x?}");
    }
    // No end within reach.
    let mut words: Vec<usize> = [0].into();
    words.extend([7usize; 200]);
    // SAFETY: longer than is looked at.
    assert_eq!(unsafe { timekeep_behind(words.as_ptr(), 0) }, None);
}
