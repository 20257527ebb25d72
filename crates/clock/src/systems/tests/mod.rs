//! What is asked of every system's page, on pages that the tests keep, beside a system whose
//! functions the tests are.

extern crate std;

mod machines;
mod peculiar;

use std::cell::Cell;
use std::vec::Vec;

use super::*;
use instanter_page::proof::DISTURBANCES;
use machines::{Aarch64Darwin, FreeBsd, Machine, OpenBsd, Truth, Windows, X86Darwin};

/// A machine that runs: each look at its counter finds that time has passed.
struct World<M> {
    machine: M,
    truth: Truth,
    counter: Cell<u64>,
    /// How wrong the system's function is, and for which clock; for all, without one.
    lie: Cell<(i128, Option<Clock>)>,
    asked: Cell<u32>,
    /// Which of its answers is the only one that is wrong.
    only: Cell<Option<u32>>,
}

impl<M: Machine> World<M> {
    fn new() -> World<M> {
        let mut world = World {
            machine: M::new(),
            truth: M::TRUTH,
            counter: Cell::new(M::TRUTH.origin),
            lie: Cell::new((0, None)),
            asked: Cell::new(0),
            only: Cell::new(None),
        };
        world.publish(|_| {});
        world
    }

    /// Five microseconds.
    fn counter(&self) -> u64 {
        let next = self.counter.get() + M::TRUTH.hertz / 200_000;
        self.counter.set(next);
        next
    }

    /// What the system's own function answers.
    fn system(&self, clock: Clock) -> Option<Timespec> {
        let (ns, of) = self.lie.get();
        let asked = self.asked.replace(self.asked.get() + 1);
        let lies = of.is_none_or(|of| of == clock) && self.only.get().is_none_or(|n| n == asked);
        let answer = M::answer(&self.truth, clock, self.counter())?;
        Some(Timespec::from_nanos(answer + if lies { ns } else { 0 }))
    }

    /// Keeps the page: from the present value of the counter on, and as `change` says.
    fn publish(&mut self, change: impl FnOnce(&mut Truth)) {
        let now = self.counter();
        self.truth.monotonic_ns = self.truth.monotonic_at(now);
        self.truth.origin = now;
        change(&mut self.truth);
        self.machine.publish(&self.truth);
    }

    fn prove(&self, known: &Known<M::Page>) -> Findings {
        // SAFETY: the machine's page lives as long as the world, and each test's `known` is
        // used while that is there.
        unsafe { known.prove(self.machine.place(), || self.counter(), |clock| self.system(clock)) }
    }

    fn clock(&self, known: &Known<M::Page>, clock: Clock) -> Option<Timespec> {
        known.clock(clock, || self.counter())
    }

    /// The clocks that are served now.
    fn served(&self, known: &Known<M::Page>) -> Vec<Clock> {
        let all = M::Page::CLOCKS.iter().map(|served| served.clock);
        all.filter(|clock| self.clock(known, *clock).is_some()).collect()
    }
}

fn all<M: Machine>() -> Vec<Clock> {
    M::Page::CLOCKS.iter().map(|served| served.clock).collect()
}

/// Each clock is the system's: between two of its answers, and so is every clock of a pair
/// and of a snapshot.
fn an_honest_page_is_proved_and_read<M: Machine>() {
    let mut world = World::<M>::new();
    let known = Known::<M::Page>::new();
    assert_eq!(world.served(&known), [], "nothing is proved yet");
    assert!(known.pair(|| world.counter()).is_none() && known.epoch().is_none());
    let findings = world.prove(&known);
    for (outcome, served) in findings.clocks.iter().zip(M::Page::CLOCKS) {
        assert_eq!(*outcome, Ok(()), "{}", served.clock);
    }
    for round in 0..50 {
        for served in M::Page::CLOCKS {
            let before = world.system(served.clock).unwrap();
            let page = world.clock(&known, served.clock).unwrap();
            let after = world.system(served.clock).unwrap();
            let cut = Timespec { nsec: page.nsec - page.nsec % served.grain_ns, ..page };
            assert!(before <= cut && cut <= after, "{}: {before} {page} {after}", served.clock);
        }
        let before = [Clock::REALTIME, Clock::MONOTONIC].map(|clock| world.system(clock).unwrap());
        let pair = known.pair(|| world.counter()).unwrap();
        let snapshot = known.snapshot(|| world.counter()).unwrap();
        let after = [Clock::REALTIME, Clock::MONOTONIC].map(|clock| world.system(clock).unwrap());
        assert!(before[0].sec <= pair.realtime.sec && pair.realtime <= snapshot.realtime);
        assert!(before[1] <= pair.monotonic && pair.monotonic <= snapshot.monotonic);
        assert!(snapshot.realtime.as_nanos() <= after[0].as_nanos() + 1_000);
        assert!(snapshot.monotonic <= after[1] && snapshot.boottime >= snapshot.monotonic);
        assert!(snapshot.monotonic_coarse <= snapshot.monotonic);
        assert!(snapshot.realtime_coarse <= snapshot.realtime && snapshot.counter.is_some());
        // An hour, in ticks of uneven length.
        world.counter.set(world.counter.get() + M::TRUTH.hertz / 100 + round);
        world.publish(|_| {});
    }
    known.forget();
    assert_eq!(world.served(&known), []);
}

/// One clock that differs gives the whole page away.
fn a_page_that_differs_is_refused<M: Machine>() {
    for lying in all::<M>() {
        for ns in [-1_000_000_000, -100_000, 100_000, 1_000_000_000] {
            let world = World::<M>::new();
            let known = Known::<M::Page>::new();
            world.lie.set((ns, Some(lying)));
            let findings = world.prove(&known);
            for outcome in findings.clocks {
                let Err(Disagreement::Outside(outside)) = outcome else {
                    panic!("{lying} off by {ns} ns: {outcome:?}");
                };
                assert_eq!(outside.clock, lying.id() as usize);
            }
            assert_eq!(world.served(&known), [], "{lying} off by {ns} ns");
            // When it no longer differs, it is served.
            world.lie.set((0, None));
            world.prove(&known);
            assert_eq!(world.served(&known), all::<M>());
        }
    }
}

/// The clock was stepped between two answers, once or for ever.
fn a_disturbance_is_borne<M: Machine>() {
    let world = World::<M>::new();
    let known = Known::<M::Page>::new();
    world.lie.set((3_600_000_000_000, None));
    for answer in 0..6 {
        world.asked.set(0);
        world.only.set(Some(answer));
        let findings = world.prove(&known);
        assert_eq!(findings.clocks[0], Ok(()), "answer {answer}");
        assert_eq!(world.served(&known), all::<M>());
    }
    world.only.set(None);
    world.asked.set(0);
    world.prove(&known);
    assert_eq!(world.served(&known), []);
    // Two answers a try: it does not go on for ever.
    assert_eq!(world.asked.get(), 2 * (DISTURBANCES + 1));
}

/// Steered by NTP it is read on; at another rate it is not, until it is proved again.
fn another_rate_is_noticed<M: Machine>() {
    let mut world = World::<M>::new();
    let known = Known::<M::Page>::new();
    world.prove(&known);
    for ppm in [500, -500, 0] {
        world.publish(|truth| truth.steered_ppm = ppm);
        assert_eq!(world.served(&known), all::<M>(), "steered by {ppm} ppm");
        assert!(!known.is_in_doubt());
    }
    world.publish(|truth| truth.hertz *= 2);
    let fine = M::Page::CLOCKS.iter().filter(|served| !served.coarse);
    for served in fine {
        assert_eq!(world.clock(&known, served.clock), None, "{}", served.clock);
    }
    assert!(known.pair(|| world.counter()).is_none() && known.is_in_doubt());
    world.prove(&known);
    assert_eq!(world.served(&known), all::<M>());
    assert!(!known.is_in_doubt());
}

/// Switched off, the page sends everybody to the system, and is read again afterwards.
fn a_page_that_is_switched_off<M: Machine>() {
    let mut world = World::<M>::new();
    let known = Known::<M::Page>::new();
    world.prove(&known);
    world.publish(|truth| truth.off = true);
    let left = world.served(&known);
    assert!(!left.contains(&Clock::REALTIME), "{left:?}");
    assert!(known.pair(|| world.counter()).is_none());
    assert!(known.snapshot(|| world.counter()).is_none());
    // Not another rate: there is none to be seen.
    assert!(!known.is_in_doubt());
    world.publish(|truth| truth.off = false);
    assert_eq!(world.served(&known), all::<M>());

    // And one that is off when it is looked at first.
    world.publish(|truth| truth.off = true);
    let late = Known::<M::Page>::new();
    let findings = world.prove(&late);
    assert!(matches!(findings.clocks[0], Err(Disagreement::Page(_))), "{:?}", findings.clocks[0]);
    world.publish(|truth| truth.off = false);
    assert_eq!(late.clock(Clock::REALTIME, || world.counter()), None, "never proved");
    world.prove(&late);
    assert_eq!(world.served(&late), all::<M>());
}

/// What the system does not answer cannot be compared, and is left to it.
fn a_clock_that_the_system_lacks<M: Machine>() {
    for lacking in all::<M>() {
        let world = World::<M>::new();
        let known = Known::<M::Page>::new();
        // SAFETY: as in `World::prove`.
        let findings = unsafe {
            known.prove(
                world.machine.place(),
                || world.counter(),
                |clock| (clock != lacking).then(|| world.system(clock))?,
            )
        };
        let index = index_of::<M::Page>(lacking).unwrap();
        let want = Err(Disagreement::NoAnswer { clock: lacking.id() as usize });
        assert_eq!(findings.clocks[index], want);
        let served = world.served(&known);
        assert!(!served.contains(&lacking) && served.len() + 1 == M::Page::CLOCKS.len());
    }
}

/// Ticks and steering leave the epoch alone; steps, sleeps and proofs do not.
fn the_epoch_tells_of_disturbances<M: Machine>() {
    let mut world = World::<M>::new();
    let known = Known::<M::Page>::new();
    world.prove(&known);
    let Some(mut epoch) = known.epoch() else {
        assert!(!M::HAS_RELATION, "the page tells it");
        return;
    };
    type Change = fn(&mut Truth);
    let disturbances: [(&str, bool, Change); 6] = [
        ("a tick", false, |_| {}),
        ("steering", false, |truth| truth.steered_ppm = 100),
        ("a step", true, |truth| truth.wall_minus_boot_ns += 1_000_000_000),
        ("a small step back", true, |truth| truth.wall_minus_boot_ns -= 1_000_000),
        ("one within the second", true, |truth| truth.wall_minus_boot_ns += 1_000),
        ("a tick", false, |_| {}),
    ];
    for (what, disturbs, change) in disturbances {
        world.publish(change);
        let now = known.epoch().unwrap();
        assert_eq!(now != epoch, disturbs, "{what}");
        epoch = now;
    }
    if M::HAS_SLEPT {
        world.publish(|truth| truth.slept_ns += 1_000_000_000);
        assert_ne!(known.epoch().unwrap(), epoch, "a sleep");
        epoch = known.epoch().unwrap();
    }
    world.prove(&known);
    assert_ne!(known.epoch().unwrap(), epoch, "a proof");
}

/// Asks everything of every system.
macro_rules! systems {
    ($($name:ident: $machine:ty,)*) => {$(
        mod $name {
            type M = $machine;

            systems!(@ an_honest_page_is_proved_and_read a_page_that_differs_is_refused
                a_disturbance_is_borne another_rate_is_noticed a_page_that_is_switched_off
                a_clock_that_the_system_lacks the_epoch_tells_of_disturbances);
        }
    )*};
    (@ $($property:ident)*) => {$(
        #[test]
        fn $property() {
            super::$property::<M>();
        }
    )*};
}

systems! {
    freebsd: super::FreeBsd,
    openbsd: super::OpenBsd,
    darwin_x86_64: super::X86Darwin,
    darwin_aarch64: super::Aarch64Darwin,
    windows: super::Windows,
}
