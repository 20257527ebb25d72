//! Timers: never early, never forgotten, whatever happens to the clocks.

use crate::simulated::{Counter, START, cases};
use instanter_keeper::{
    Clock, Clocks, Deadline, DueOrder, Expiry, Timekeeper, Timer, TimerError, TimerId, TimerQueue,
    Timespec,
};
use proptest::collection::vec;
use proptest::prelude::*;

const SECOND: i64 = 1_000_000_000;
const ONCE: Expiry = Expiry::Expired { missed: 0 };

/// A counter of nanoseconds at 0, so that its value is the monotonic clock.
fn machine() -> (Counter, Timekeeper) {
    let mut counter = Counter::new(1_000_000_000, 64);
    counter.cycles = 0;
    let keeper = counter.keeper();
    (counter, keeper)
}

fn expired<const N: usize>(
    timers: &mut TimerQueue<N>,
    clocks: &Clocks,
    counter: u64,
) -> Vec<(TimerId, Expiry)> {
    let mut all = Vec::new();
    timers.expire(clocks, counter, |id, expiry| all.push((id, expiry)));
    all
}

#[test]
fn each_clock_waits_for_itself() {
    let wall = START.as_nanos() as i64;
    // What happens after two seconds, and which of four timers for the fifth second
    // of their clocks are due then.
    type Happen = fn(&mut Timekeeper, u64);
    let nothing: Happen = |_, _| {};
    let set: Happen = |keeper, now| {
        keeper.set_realtime(now, Timespec::new(START.sec + 100, 0)).expect("a time");
    };
    let set_back: Happen = |keeper, now| {
        keeper.set_realtime(now, Timespec::new(START.sec - 100, 0)).expect("a time");
    };
    let sleep: Happen = |keeper, now| {
        keeper.suspend(now, Some(Timespec::new(0, 0))).expect("awake");
        keeper.resume(now, Some(Timespec::new(60, 0))).expect("asleep");
    };
    let tai: Happen = |keeper, now| keeper.set_tai(now, 37).expect("awake");
    let rows = [
        ("nothing", nothing, [false, false, false, false]),
        ("the wall clock is set", set, [true, false, false, true]),
        ("the wall clock is set back", set_back, [false, false, false, false]),
        ("the machine sleeps", sleep, [true, false, true, true]),
        ("TAI is told", tai, [false, false, false, true]),
    ];
    let clocks = [Clock::Realtime, Clock::Monotonic, Clock::Boottime, Clock::Tai];
    for (name, happen, due) in rows {
        let (mut counter, mut keeper) = machine();
        let mut timers = TimerQueue::<8>::new();
        let starts = [wall, 0, 0, wall];
        let ids = [0, 1, 2, 3].map(|index| {
            let deadline = Deadline::At(starts[index] + 5 * SECOND);
            let timer = Timer::new(clocks[index], deadline);
            timers.arm(timer, &keeper.clocks(), counter.read()).expect("room")
        });
        // A relative one waits for five seconds, whatever the wall clock does.
        let relative = Timer::new(Clock::Realtime, Deadline::After(5 * SECOND));
        let relative = timers.arm(relative, &keeper.clocks(), counter.read()).expect("room");
        assert_eq!(timers.next_event(&keeper.clocks()), Some(5 * SECOND));
        let now = counter.pass_ns(2_000_000_000);
        assert_eq!(expired(&mut timers, &keeper.clocks(), now), []);
        happen(&mut keeper, now);
        let overdue = timers.next_event(&keeper.clocks()).expect("some wait") <= 2 * SECOND;
        assert_eq!(overdue, due.contains(&true), "{name}");
        let got = expired(&mut timers, &keeper.clocks(), now);
        let want: Vec<_> = [1, 0, 2, 3] // in the order in which the clocks are looked at
            .into_iter()
            .filter(|index| due[*index])
            .map(|index| (ids[index], ONCE))
            .collect();
        assert_eq!(got, want, "{name}");
        assert_eq!(timers.remaining_ns(relative, &keeper.clocks(), now), Some(3 * SECOND));
        let now = counter.pass_ns(3_000_000_000);
        let rest = expired(&mut timers, &keeper.clocks(), now);
        assert!(rest.contains(&(relative, ONCE)) && rest.contains(&(ids[1], ONCE)), "{name}");
    }
}

#[test]
fn a_leap_second_delays_the_wall_clocks_timers() {
    use instanter_keeper::{Timex, adj, sta};
    let (mut counter, _) = machine();
    let midnight = 1_483_228_800;
    let eve = Timespec::new(midnight - 3, 0);
    let mut keeper = Timekeeper::new(counter.source, counter.read(), eve);
    let mut leap = Timex { modes: adj::STATUS, status: sta::PLL | sta::INS, ..Timex::default() };
    keeper.adjust(counter.read(), &mut leap).expect("a valid request");
    keeper.tick(counter.pass_ns(1_000_000_000));
    let mut timers = TimerQueue::<2>::new();
    let at = Deadline::At(midnight * SECOND + 500_000_000);
    let id = timers.arm(Timer::new(Clock::Realtime, at), &keeper.clocks(), 0).expect("room");
    // Where it would be due without the leap second, it is not.
    let now = counter.pass_ns(2_600_000_000);
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), [], "before the tick as well");
    keeper.tick(now);
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), []);
    assert_eq!(timers.next_event(&keeper.clocks()), Some(4_500_000_000));
    let now = counter.pass_ns(900_000_000);
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), [(id, ONCE)]);
}

#[test]
fn again_and_again() {
    let (mut counter, keeper) = machine();
    let clocks = keeper.clocks();
    let mut timers = TimerQueue::<2>::new();
    let every = Timer::new(Clock::Monotonic, Deadline::At(SECOND)).every_ns(SECOND as u64);
    let id = timers.arm(every, &clocks, 0).expect("room");
    assert_eq!(expired(&mut timers, &clocks, counter.pass_ns(1_000_000_000)), [(id, ONCE)]);
    // Late by three and a half: three were missed, and the next is on time.
    let now = counter.pass_ns(4_500_000_000);
    let missed = Expiry::Expired { missed: 3 };
    assert_eq!(expired(&mut timers, &clocks, now), [(id, missed)]);
    assert_eq!(timers.next_event(&clocks), Some(6 * SECOND));
    assert!(timers.cancel(id));
    assert!(!timers.cancel(id));
    assert_eq!(timers.next_event(&clocks), None);
}

#[test]
fn slack_lets_one_interrupt_serve_several() {
    let (mut counter, keeper) = machine();
    let clocks = keeper.clocks();
    let mut timers = TimerQueue::<4>::new();
    let mut arm = |at, slack_ns| {
        let timer = Timer::new(Clock::Monotonic, Deadline::At(at)).slack_ns(slack_ns);
        timers.arm(timer, &clocks, 0).expect("room")
    };
    let (patient, strict, later) = (arm(100, 1_000), arm(500, 0), arm(900, 50));
    assert_eq!(timers.next_event(&clocks), Some(500), "the patient one can wait");
    let now = counter.pass_ns(500);
    assert_eq!(expired(&mut timers, &clocks, now), [(strict, ONCE)], "nobody else is pressed");
    assert_eq!(timers.next_event(&clocks), Some(950));
    let now = counter.pass_ns(450);
    assert_eq!(expired(&mut timers, &clocks, now), [(later, ONCE), (patient, ONCE)]);
}

#[test]
fn cancelled_when_the_clock_is_set() {
    let (counter, mut keeper) = machine();
    let now = counter.read();
    let mut timers = TimerQueue::<4>::new();
    let far = Deadline::At(START.as_nanos() as i64 + 3_600 * SECOND);
    let plain = Timer::new(Clock::Realtime, far);
    let told = timers.arm(plain.cancelled_by_set(), &keeper.clocks(), now).expect("room");
    let untold = timers.arm(plain, &keeper.clocks(), now).expect("room");
    let monotonic = Timer::new(Clock::Monotonic, far).cancelled_by_set();
    let unaffected = timers.arm(monotonic, &keeper.clocks(), now).expect("room");
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), []);
    keeper.set_realtime(now, Timespec::new(START.sec + 1, 0)).expect("a time");
    assert_eq!(timers.next_event(&keeper.clocks()), Some(0), "at once");
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), [(told, Expiry::Cancelled)]);
    assert!(timers.is_armed(untold) && timers.is_armed(unaffected));
    // One that is armed after the step is told of the next only.
    let next = timers.arm(plain.cancelled_by_set(), &keeper.clocks(), now).expect("room");
    assert_ne!(next, told, "an id is not used again, the slot is");
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), []);
    keeper.step_realtime(now, Timespec::new(1, 0)).expect("a step");
    assert_eq!(expired(&mut timers, &keeper.clocks(), now), [(next, Expiry::Cancelled)]);
}

#[test]
fn refusals() {
    let (_, keeper) = machine();
    let clocks = keeper.clocks();
    let mut timers = TimerQueue::<1>::new();
    let raw = Timer::new(Clock::Raw, Deadline::After(1));
    assert_eq!(timers.arm(raw, &clocks, 0), Err(TimerError::NoTimers { clock: Clock::Raw }));
    let timer = Timer::new(Clock::Tai, Deadline::After(i64::MAX));
    let id = timers.arm(timer, &clocks, 7).expect("room");
    assert_eq!(timers.arm(timer, &clocks, 7), Err(TimerError::Full { capacity: 1 }));
    assert!(timers.cancel(id));
    let again = timers.arm(timer, &clocks, 7).expect("room again");
    assert!(!timers.is_armed(id) && timers.is_armed(again));
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(200, 100_000),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    /// Against a list that is searched from end to end.
    #[test]
    fn as_a_list_would(
        armed in vec((0usize..4, 0i64..10_000, 0u64..500, any::<bool>()), 0..40),
        cancelled in vec(any::<prop::sample::Index>(), 0..10),
        looks in vec(1u64..900, 1..30),
    ) {
        let (mut counter, keeper) = machine();
        let clocks = keeper.clocks();
        let mut timers = TimerQueue::<32>::new();
        let mut list = Vec::new();
        for (clock, at, slack_ns, set) in armed {
            let (clock, start) = [
                (Clock::Monotonic, 0), (Clock::Realtime, START.as_nanos() as i64),
                (Clock::Boottime, 0), (Clock::Tai, START.as_nanos() as i64),
            ][clock];
            let mut timer = Timer::new(clock, Deadline::At(start + at)).slack_ns(slack_ns);
            timer.cancel_on_set = set;
            match timers.arm(timer, &clocks, 0) {
                Ok(id) => list.push((id, at, at + slack_ns as i64)),
                Err(error) => {
                    prop_assert_eq!(error, TimerError::Full { capacity: 32 });
                    prop_assert_eq!(list.len(), 32);
                }
            }
        }
        for index in cancelled {
            if !list.is_empty() {
                let (id, ..) = list.remove(index.index(list.len()));
                prop_assert!(timers.cancel(id));
            }
        }
        for ns in looks {
            let event = list.iter().map(|(_, _, latest)| *latest).min();
            prop_assert_eq!(timers.next_event(&clocks), event);
            let now = counter.pass_ns(ns);
            let got = expired(&mut timers, &clocks, now);
            for (id, expiry) in got {
                let place = list.iter().position(|(other, ..)| *other == id);
                let (_, at, _) = list.remove(place.expect("it was waiting"));
                prop_assert!(at <= now as i64, "early");
                prop_assert_eq!(expiry, ONCE);
            }
            prop_assert!(list.iter().all(|(_, _, latest)| *latest > now as i64), "late");
        }
    }
}

/// Of timers that are due together the first to be armed is the first to expire, whichever
/// slots they have.
#[test]
fn due_together_is_served_as_it_came() {
    let (_, keeper) = machine();
    let clocks = keeper.clocks();
    let mut timers = TimerQueue::<8>::new();
    let mut arm = |at| {
        let timer = Timer::new(Clock::Monotonic, Deadline::At(at));
        timers.arm(timer, &clocks, 0).expect("room")
    };
    let [other, first, second] = [SECOND - 1, SECOND, SECOND].map(&mut arm);
    assert!(timers.cancel(other));
    // Has the slot of the one that was cancelled, before the others.
    let timer = Timer::new(Clock::Monotonic, Deadline::At(SECOND));
    let third = timers.arm(timer, &clocks, 0).expect("room");
    let order: Vec<TimerId> = expired(&mut timers, &clocks, SECOND.cast_unsigned())
        .into_iter()
        .map(|(id, _)| id)
        .collect();
    assert_eq!(order, [first, second, third]);
}

proptest! {
    /// The order in growing memory, against a list that is searched.
    #[test]
    fn the_order_is_that_of_a_search(
        steps in vec((0usize..3, -5i128..5, any::<bool>(), -3i128..3), 1..200),
    ) {
        let mut order = DueOrder::<3, i128, Vec<_>, Vec<_>>::default();
        // Who waits: clock, time, and the count of those that came before; by slot.
        let mut waiting: Vec<Option<(usize, i128, usize)>> = Vec::new();
        let mut clocks = [0i128; 3];
        for (number, (clock, time, comes, moves)) in steps.into_iter().enumerate() {
            clocks[clock] += moves;
            if comes {
                let slot = waiting.iter().position(Option::is_none).unwrap_or(waiting.len());
                waiting.resize(waiting.len().max(slot + 1), None);
                waiting[slot] = Some((clock, time, number));
                order.make_room(waiting.len(), 0);
                order.insert(clock, time, slot);
            }
            let all = waiting.iter().enumerate().filter_map(|(slot, who)| Some((slot, (*who)?)));
            let first = all.min_by_key(|&(_, (clock, time, number))| (time - clocks[clock], number));
            let want = first.map(|(slot, (clock, time, _))| (time - clocks[clock], clock, slot));
            prop_assert_eq!(order.earliest(|clock| clocks[clock]), want);
            if let (false, Some((_, clock, slot))) = (comes, want) {
                order.remove(clock, slot);
                waiting[slot] = None;
            }
            prop_assert_eq!(order.len(), waiting.iter().flatten().count());
        }
    }
}
