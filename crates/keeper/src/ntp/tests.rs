//! The discipline by itself: what is refused, clamped, and told.

use super::*;

fn request(modes: u32) -> Timex {
    Timex { modes, tick: 10_000, ..Timex::default() }
}

#[test]
fn constants() {
    // 500 ppm in units of 2^-16 ppm, as adjtimex reports it.
    assert_eq!((MOST_FREQUENCY_NS << FRACTION_BITS) / FREQUENCY_UNIT, 500 << 16);
    assert_eq!(FREQUENCY_UNIT << 16, 1_000 << FRACTION_BITS, "a ppm is 1000 ns a second");
    assert_eq!(ERROR_LIMIT_US, 16_000_000);
    assert_eq!((*TICK_US.start(), *TICK_US.end()), (9_000, 11_000));
    // Which flags a program cannot set, by their names in `timex.h`: PPSSIGNAL,
    // PPSJITTER, PPSWANDER, PPSERROR, CLOCKERR, NANO, MODE, CLK.
    assert_eq!(sta::READ_ONLY, 0xff00 & !0x8000);
}

#[test]
fn what_is_refused() {
    let rows = [
        (request(0), Ok(())),
        (request(adj::OFFSET_SINGLESHOT), Ok(())),
        (request(adj::OFFSET_SS_READ), Ok(())),
        (request(0x8000), Err(Error::Modes { modes: 0x8000 })),
        (request(0x8003), Err(Error::Modes { modes: 0x8003 })),
        (Timex { tick: 9_000, ..request(adj::TICK) }, Ok(())),
        (Timex { tick: 11_000, ..request(adj::TICK) }, Ok(())),
        (Timex { tick: 8_999, ..request(adj::TICK) }, Err(Error::Tick { tick_us: 8_999 })),
        (Timex { tick: 11_001, ..request(adj::TICK) }, Err(Error::Tick { tick_us: 11_001 })),
        (Timex { tick: 0, ..request(adj::STATUS) }, Ok(())),
        (
            Timex { freq: 1 << 40, ..request(adj::FREQUENCY) },
            Err(Error::Frequency { freq: 1 << 40 }),
        ),
        (Timex { freq: 1 << 30, ..request(adj::FREQUENCY) }, Ok(())),
    ];
    for (timex, want) in rows {
        assert_eq!(Discipline::validate(&timex), want, "{timex:?}");
    }
    let fractions = [
        (adj::NANO, 999_999_999, true),
        (adj::NANO, 1_000_000_000, false),
        (0, 999_999, true),
        (0, 1_000_000, false),
        (0, 5_000_000, false),
        (0, -1, false),
    ];
    for (mode, fraction, valid) in fractions {
        let time = TimexTime { sec: -1, fraction };
        let timex = Timex { time, ..request(adj::SETOFFSET | mode) };
        assert_eq!(Discipline::validate(&timex).is_ok(), valid, "{mode:#x} {fraction}");
    }
}

#[test]
fn what_is_clamped() {
    let mut ntp = Discipline::new();
    let timex = Timex {
        freq: 600 << 16,
        maxerror: i64::MAX,
        esterror: -1,
        constant: 99,
        status: sta::PLL | sta::NANO | sta::CLOCKERR,
        ..request(adj::FREQUENCY | adj::MAXERROR | adj::ESTERROR | adj::TIMECONST | adj::STATUS)
    };
    assert_eq!(ntp.change(&timex, 0), None);
    let mut told = Timex::default();
    assert_eq!(ntp.report(&mut told), TimeState::Ok);
    assert_eq!((told.freq, told.maxerror, told.esterror), (500 << 16, 16_000_000, 0));
    assert_eq!((told.constant, told.status), (10, sta::PLL), "read-only bits stay");
    // Microsecond programs leave four out of the constant, and get microseconds.
    ntp.change(&Timex { constant: 2, ..request(adj::TIMECONST) }, 0);
    ntp.change(&Timex { offset: -600_000, ..request(adj::OFFSET) }, 0);
    ntp.report(&mut told);
    assert_eq!((told.constant, told.offset), (6, -500_000));
    ntp.change(&Timex { constant: 2, ..request(adj::NANO | adj::TIMECONST) }, 0);
    ntp.report(&mut told);
    assert_eq!((told.constant, told.offset, told.status), (2, -500_000_000, sta::PLL | sta::NANO));
    ntp.change(&request(adj::MICRO), 0);
    assert!(!ntp.is_nano());
    // TAI is told within reason.
    for (constant, want) in [(37, Some(37)), (0, Some(0)), (-1, None), (100_001, None)] {
        assert_eq!(ntp.change(&Timex { constant, ..request(adj::TAI) }, 0), want);
    }
    // Off is off: an offset is not taken, and the state is as at the start.
    ntp.change(&Timex { status: 0, ..request(adj::STATUS) }, 0);
    let before = ntp.offset;
    ntp.change(&Timex { offset: 1_000, ..request(adj::OFFSET) }, 0);
    assert_eq!(ntp.offset, before);
}

/// The gain of the two loops, from the formulas of RFC 1589 in whole numbers.
#[test]
fn what_the_loops_learn() {
    // (status, constant, seconds since the last offset, offset in ns)
    let rows = [
        (sta::PLL, 0, 4, 1_000_000),
        (sta::PLL, 2, 16, -3_000_000),
        (sta::PLL, 2, 100, 3_000_000), // counted as 32
        (sta::PLL, 10, 1_024, 500_000),
        (sta::PLL | sta::FLL, 6, 300, 2_000_000),
        (sta::PLL, 10, 3_000, 2_000_000), // the frequency loop, unasked
        (sta::PLL | sta::FLL, 6, 255, 2_000_000), // too soon for it
        (sta::PLL | sta::FREQHOLD, 2, 16, 3_000_000),
    ];
    for (status, constant, seconds, offset) in rows {
        let mut ntp = Discipline::new();
        let on = Timex { status, constant, ..request(adj::STATUS | adj::NANO | adj::TIMECONST) };
        ntp.change(&on, 1_000);
        ntp.change(&Timex { offset, ..request(adj::OFFSET) }, 1_000 + seconds);
        let hold = status & sta::FREQHOLD != 0;
        let fll = seconds > 2_048 || status & sta::FLL != 0 && seconds >= 256;
        let counted = seconds.min(8 << constant);
        let phase =
            i128::from(offset) * i128::from(counted) * (1 << 32) / (1 << (2 * (4 + constant)));
        let frequency = i128::from(offset) * (1 << 32) / 4 / i128::from(seconds);
        let want = if hold { 0 } else { phase + if fll { frequency } else { 0 } };
        assert!((i128::from(ntp.frequency) - want).abs() <= 1, "{status:#x} {constant} {seconds}");
        assert_eq!(ntp.status & sta::MODE != 0, fll && !hold);
        assert_eq!(ntp.offset, offset << 32);
    }
}

/// Passing seconds in bulk does what passing them one by one does.
#[test]
fn seconds_that_are_alike() {
    let announced = |flags| {
        let mut ntp = Discipline::new();
        let timex = Timex { status: flags, maxerror: 5, ..request(adj::STATUS | adj::MAXERROR) };
        ntp.change(&timex, 0);
        ntp
    };
    let mut shot = announced(0);
    shot.change(&Timex { offset: -777_777, ..request(adj::OFFSET_SINGLESHOT) }, 0);
    let mut offset = announced(sta::PLL);
    offset.change(&Timex { offset: 400, ..request(adj::OFFSET) }, 0);
    for start in [announced(0), announced(sta::INS), announced(sta::DEL), shot, offset] {
        let (mut single, mut bulk) = (start.clone(), start);
        let (mut sec, mut bulk_sec) = (1_000, 1_000);
        for _ in 0..200 {
            bulk_sec += 1;
            let mut step = bulk.begin_second(bulk_sec);
            bulk_sec += step;
            let steady = bulk.steady_for(bulk_sec).min(12_345);
            bulk.pass(steady);
            bulk_sec += steady as i64;
            while sec < bulk_sec || step != 0 {
                sec += 1;
                let also = single.begin_second(sec);
                sec += also;
                step -= also;
            }
            let state = |ntp: &Discipline| {
                (ntp.leap, ntp.status, ntp.max_error_us, ntp.single_shot_us, ntp.extra, ntp.offset)
            };
            assert_eq!(state(&single), state(&bulk), "at {sec}");
        }
    }
}
