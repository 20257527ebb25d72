//! Lines of a tree, without a tree.

use super::*;

fn clocks() -> Clocks {
    Clocks::new(Arc::new(Memory::new(false).unwrap()), 1)
}

/// How far a clock is from the true one of its kind, in seconds.
fn apart(clocks: &Clocks, clock: i32) -> i128 {
    let apart = clocks.now(0, clock).unwrap() - real(clock);
    (apart + SECOND / 2).div_euclid(SECOND)
}

#[test]
fn a_leap_second_is_the_dates() {
    let mut clocks = clocks();
    let leap = Change::leap_second(-1);
    assert!(!leap.sets_the_date());
    clocks.change(&leap, None);
    let all = [libc::CLOCK_REALTIME, libc::CLOCK_REALTIME_COARSE, libc::CLOCK_TAI, 1, 7];
    assert_eq!(all.map(|clock| apart(&clocks, clock)), [-1, -1, 0, 0, 0]);
    assert_eq!(clocks.tai_s(), 1);
    let jump = Change { jump: Some(-1_000_000_000), ..Change::default() };
    assert!(jump.sets_the_date());
    clocks.change(&jump, None);
    assert_eq!(all.map(|clock| apart(&clocks, clock)), [-2, -2, -1, 0, 0]);
}

#[test]
fn a_pace_is_of_all_clocks_but_the_raw_one_and_on_top_of_rates() {
    let mut clocks = clocks();
    let rates = |clocks: &Clocks| {
        [0, 1, 4, 7].map(|clock| {
            let line = &clocks.memory.control().view(0)[clock];
            let is_sloped = line.kind.load(Relaxed) == line::SLOPED;
            if is_sloped { line.rate.load(Relaxed) } else { RATE_ONE }
        })
    };
    let pace = Pace { length: 1001, of: 1000 };
    let faster = RATE_ONE / 1000 * 1001;
    let near = |rates: [i64; 4], want: [i64; 4]| {
        let fine = rates.iter().zip(want).all(|(rate, want)| rate.abs_diff(want) < 2_000);
        assert!(fine, "{rates:?}, not {want:?}");
    };
    assert!(clocks.set_pace(pace) && !clocks.set_pace(pace));
    near(rates(&clocks), [faster, faster, RATE_ONE, faster]);
    let double = Change { rate: Some(Rate(RATE_ONE * 2)), ..Change::default() };
    clocks.change(&double, None);
    near(rates(&clocks), [faster * 2, faster * 2, RATE_ONE * 2, faster * 2]);
    assert!(clocks.set_pace(Pace::ONE));
    near(rates(&clocks), [RATE_ONE * 2; 4]);
    // A frozen clock stays so, and the fastest still fits.
    clocks.change(&Change { rate: Some(Rate::FROZEN), ..Change::default() }, None);
    clocks.set_pace(pace);
    near(rates(&clocks), [0; 4]);
    clocks.change(&Change { rate: Some(Rate(RATE_ONE * 1000)), ..Change::default() }, None);
    clocks.set_pace(Pace { length: 11, of: 10 });
    assert!(rates(&clocks)[0].checked_mul(2).is_some());
}

#[test]
fn a_step_of_the_machines_clock_is_not_multiplied() {
    let table = [(RATE_ONE, 0), (RATE_ONE * 10, -45), (RATE_ONE / 2, 2), (0, 0)];
    for (rate, want_s) in table {
        let mut clocks = clocks();
        clocks.change(&Change { rate: Some(Rate(rate)), ..Change::default() }, None);
        // As if the machine's clock had been five seconds behind until now.
        clocks.apart = clocks.apart.map(|apart| apart - 5 * SECOND);
        let before = clocks.peek(0, Group::Realtime);
        clocks.change(&Change { beneath: true, ..Change::default() }, None);
        let moved = clocks.peek(0, Group::Realtime) - before;
        // What has passed meanwhile is little, even ten times.
        let moved_s = moved.div_euclid(SECOND);
        assert_eq!(moved_s, want_s, "{rate}: {moved} ns");
        let monotonic = clocks.views[0][index(Group::Monotonic)];
        assert_eq!(monotonic.rate, rate);
        clocks.change(&Change { beneath: true, ..Change::default() }, None);
        let again = clocks.peek(0, Group::Realtime) - before - moved;
        assert!(again < SECOND, "{again} ns: it was told once");
    }
}

#[test]
fn what_is_for_a_while_ends_where_it_began() {
    let mut clocks = clocks();
    let rate = |clocks: &Clocks| {
        let shown = clocks.views[0][index(Group::Realtime)];
        (shown.rate, shown.step)
    };
    let bent = |bend| Change { bend: Some(bend), ..Change::default() };
    clocks.change(&Change { rate: Some(Rate(RATE_ONE * 10)), ..Change::default() }, None);
    for bend in [Bend::Still, Bend::By(RATE_ONE / 2000), Bend::By(-RATE_ONE * 20)] {
        clocks.change(&bent(bend), None);
        let want = match bend {
            Bend::By(faster) => (RATE_ONE * 10 + faster).max(0),
            _ => 0,
        };
        assert_eq!(rate(&clocks), (want, None), "{bend:?}");
        clocks.change(&bent(Bend::Back), None);
        assert_eq!(rate(&clocks), (RATE_ONE * 10, None), "{bend:?}");
    }
    clocks.change(&Change { step: Some(5), ..Change::default() }, None);
    clocks.change(&bent(Bend::Still), None);
    assert_eq!(rate(&clocks), (0, None));
    clocks.change(&bent(Bend::Back), None);
    assert_eq!(rate(&clocks).1, Some(5));
}

/// A coarse clock is behind the fine one by up to a tick: it must not fall back there
/// when the fine one no longer stands in for it.
#[test]
fn coarse_clocks_never_go_back() {
    let mut clocks = clocks();
    let mut last = 0;
    for round in 0..200 {
        let length = if round % 2 == 0 { 1001 } else { 1000 };
        clocks.set_pace(Pace { length, of: 1000 });
        let now = clocks.now(0, libc::CLOCK_MONOTONIC_COARSE).unwrap();
        assert!(now >= last, "{} ns back", last - now);
        last = now;
    }
}
