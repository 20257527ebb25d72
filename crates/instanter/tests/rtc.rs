//! Hardware clocks that the tests make themselves. The kernel's are driven in
//! emulated machines, by `cargo xtask matrix kernels`.
//!
//! Waiting for whole seconds takes them. With the feature `testing` they pass at once, on a
//! test's clock. Without it the clocks are made so that what is awaited is near, and what
//! cannot be had so is left to `INSTANTER_TEST_ALL=1`.
#![cfg(feature = "std")]

use std::process::Command;

use instanter::clock::Clock;
use instanter::rtc::{Adjtime, Error, Hardware, Reckoning, Rtc, RtcTime, Sysfs};
use instanter::{Duration, Time, now};

const SECOND_NS: i64 = 1_000_000_000;

/// How far away the next second of a clock is that is made to be read soon.
const SOON_NS: i64 = 15_000_000;

/// Runs a test on a clock on which waiting takes no time, where there is one; with the
/// machine's as well where somebody has the time. Returns whether the test had one of these.
fn at_leisure(test: impl Fn()) -> bool {
    #[cfg(feature = "testing")]
    {
        let start = Time::from_unix(1_720_000_000, 123_456_789);
        let _scope = instanter::testing::TestClock::auto(start).for_this_thread();
        test();
    }
    let real = std::env::var_os("INSTANTER_TEST_ALL").is_some_and(|all| all == "1");
    if real {
        test();
    }
    real || cfg!(feature = "testing")
}

fn monotonic_nanos() -> i64 {
    now().monotonic_nanos().expect("a reading")
}

/// Nanoseconds since the wall clock's second began.
fn into_the_second() -> i64 {
    (now().unix_nanos() % i128::from(SECOND_NS)) as i64
}

/// A clock that runs as a PC's does, or as others do.
struct Fake {
    /// A second that it showed, and when that began on the monotonic clock.
    second: i64,
    began_ns: i64,
    /// How long after it is set its next second begins.
    first_ns: i64,
    /// When it was read, on the monotonic clock.
    read_ns: i64,
    /// When it was set, on the wall clock.
    set_at: Option<Time>,
    privileged: bool,
}

impl Fake {
    /// Ahead of the system clock by so much.
    fn ahead(by: Duration) -> Fake {
        let now = now();
        let shows_ns = now.unix_nanos() + i128::from(by.as_nanos());
        let began_ns =
            now.monotonic_nanos().expect("a reading") - (shows_ns % 1_000_000_000) as i64;
        let second = (shows_ns / 1_000_000_000) as i64;
        Fake { second, began_ns, first_ns: SECOND_NS, read_ns: 0, set_at: None, privileged: true }
    }
}

impl Hardware for Fake {
    fn read(&mut self) -> Result<RtcTime, Error> {
        self.read_ns = monotonic_nanos();
        let passed = (self.read_ns - self.began_ns).div_euclid(SECOND_NS);
        Reckoning::Utc.shows(self.second + passed)
    }

    fn set(&mut self, time: RtcTime) -> Result<(), Error> {
        if !self.privileged {
            return Err(Error::Kernel(Clock::MONOTONIC.set(Default::default()).unwrap_err()));
        }
        let now = now();
        self.set_at = Some(now);
        self.second = Reckoning::Utc.unix_seconds(time)?;
        self.began_ns = now.monotonic_nanos().expect("a reading") + self.first_ns - SECOND_NS;
        Ok(())
    }

    fn set_delay(&self) -> Duration {
        Duration::from_nanos(SECOND_NS - self.first_ns)
    }
}

fn drift_of_a_clock_ahead_by(by: Duration) {
    let mut clock = Rtc::with(Fake::ahead(by), Reckoning::Utc);
    let drift = clock.drift().expect("it ticks");
    // Who looks at the edge looks at it late, if anything: then the clock seems less ahead
    // than it is. But for an edge between the system's clock and this one, which is read next.
    let between = clock.hardware().read_ns - drift.at.monotonic_nanos().expect("a reading");
    assert!(between >= 0 && drift.ahead <= by + Duration::from_nanos(between), "{by}: {drift:?}");
    assert_eq!(drift.means, Time::from_unix(drift.means.unix_seconds(), 0));
    assert_eq!(drift.ahead, drift.means.since(drift.at.strip_monotonic()));
}

#[test]
fn drift_is_measured_on_the_edge() {
    for by_s in [0, 1, 3_600, -1, -86_401] {
        // Its next second begins soon.
        let by = Duration::from_nanos(-into_the_second() - SOON_NS) + Duration::from_seconds(by_s);
        drift_of_a_clock_ahead_by(by);
    }
    at_leisure(|| {
        for by_ms in [0, 1, 250, 999, 3_600_123, -250, -86_400_777] {
            drift_of_a_clock_ahead_by(Duration::from_millis(by_ms));
        }
    });
}

/// Sets a clock whose next second begins `first_ns` after it was set. Returns it, and the
/// second that it was set to.
fn set_by_the_system(first_ns: i64) -> (Rtc<Fake>, Time) {
    let wrong = Fake::ahead(Duration::from_seconds(-5_000_000));
    let mut clock = Rtc::with(Fake { first_ns, ..wrong }, Reckoning::Utc);
    let set = clock.systohc().expect("it takes the time");
    let to = Time::from_unix(Reckoning::Utc.unix_seconds(set.to).expect("a date"), 0);
    let set_at = clock.hardware().set_at.expect("it was set");
    // After the right moment, and no later than was told.
    let late = set_at.since(to) - Duration::from_nanos(SECOND_NS - first_ns);
    assert!(Duration::ZERO <= late && late <= set.late, "{late} {set:?}");
    (clock, to)
}

#[test]
fn systohc_sets_at_the_right_moment() {
    // One that is to be set soon, wherever in its second the system's clock is.
    let delay_ns = (into_the_second() + SOON_NS) % SECOND_NS;
    set_by_the_system(SECOND_NS - delay_ns);
    at_leisure(|| {
        // That of PCs, and the others.
        for first_ns in [SECOND_NS / 2, SECOND_NS] {
            let (mut clock, to) = set_by_the_system(first_ns);
            // Its seconds begin with the system's, or later by as much.
            let drift = clock.drift().expect("it ticks");
            assert!(drift.ahead <= Duration::ZERO, "{drift:?}");
            let next = drift.means.since(to) - Duration::from_seconds(1);
            assert!(next >= Duration::ZERO, "{drift:?}");
        }
    });
}

#[test]
fn errors_pass_through() {
    let delay_ns = (into_the_second() + SOON_NS) % SECOND_NS;
    let lowly = Fake { privileged: false, ..Fake::ahead(Duration::ZERO) };
    let mut clock = Rtc::with(Fake { first_ns: SECOND_NS - delay_ns, ..lowly }, Reckoning::Utc);
    let error = clock.systohc().expect_err("not privileged");
    assert!(matches!(error, Error::Kernel(_)), "{error}");
    assert!(!error.is_absent());

    struct Broken;
    impl Hardware for Broken {
        fn read(&mut self) -> Result<RtcTime, Error> {
            Ok(RtcTime { year: 1900, month: 0, day: 0, hour: 0, minute: 0, second: 0 })
        }
        fn set(&mut self, _: RtcTime) -> Result<(), Error> {
            Ok(())
        }
    }
    let mut clock = Rtc::with(Broken, Reckoning::Utc);
    let error = clock.read().expect_err("no date");
    assert!(error.to_string().contains("1900-00-00 00:00:00, which is no date"), "{error}");
    let waited = at_leisure(|| {
        let mut clock = Rtc::with(Broken, Reckoning::Utc);
        assert_eq!(clock.drift(), Err(Error::Stopped));
        assert_eq!(clock.hctosys(), Err(Error::Stopped));
    });
    if !waited {
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "skipped a part of errors_pass_through: it takes 6 s; the feature testing or \
             INSTANTER_TEST_ALL=1 has it done"
        );
    }
}

#[test]
fn sysfs_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let write =
        |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect(name);
    let sysfs = Sysfs::new(folder.path());
    assert_eq!((sysfs.name(), sysfs.set_the_system()), (None, None));
    let error = Rtc::with(sysfs.clone(), Reckoning::Utc).read().expect_err("no file");
    assert!(error.to_string().contains("since_epoch"), "{error}");
    write("since_epoch", "1720008005\n");
    write("name", "rtc_cmos 00:00\n");
    write("hctosys", "1\n");
    assert_eq!(sysfs.name().as_deref(), Some("rtc_cmos 00:00"));
    assert_eq!(sysfs.set_the_system(), Some(true));
    let mut clock = Rtc::open_at(folder.path()).expect("a folder").reckoned(Reckoning::Utc);
    assert_eq!(clock.read(), Ok(Time::from_unix(1_720_008_005, 0)));
    assert_eq!(clock.systohc(), Err(Error::ReadOnly));
    write("since_epoch", "yesterday\n");
    let error = clock.read().expect_err("no number");
    assert!(error.to_string().ends_with("\"yesterday\" is no number of seconds"), "{error}");
}

#[test]
fn paths_that_are_no_clocks() {
    for path in ["/dev/no-such-clock", "/dev/nul\0l", "/no/such/folder/rtc"] {
        let error = Rtc::open_at(path).expect_err(path);
        assert!(error.is_absent(), "{path:?}: {error}");
    }
    let mut clock = Rtc::open_at("/dev/null").expect("it opens");
    let error = clock.read().expect_err("no clock");
    assert!(error.to_string().contains("ENOTTY, the device cannot do this"), "{error}");
    assert!(clock.systohc().is_err());
}

#[test]
fn adjtime_is_stored() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("adjtime");
    assert_eq!(Adjtime::load(&path), Ok(Adjtime::default()));
    std::fs::write(&path, "-0.25 1720000000 0.125\n1720000000\nUTC\n").expect("written");
    let adjtime = Adjtime::load(&path).expect("it reads");
    adjtime.with_reckoning(Reckoning::Local).store(&path).expect("it writes");
    let text = std::fs::read_to_string(&path).expect("it reads");
    assert_eq!(text, "-0.25 1720000000 0.125\n1720000000\nLOCAL\n");
    let error = Adjtime::load(folder.path()).expect_err("a folder");
    assert!(matches!(error, Error::File { .. }), "{error}");
}

/// What the C library makes of a local time.
fn mktime(shows: RtcTime) -> i64 {
    // SAFETY: all zero is a valid tm.
    let mut tm: libc::tm = unsafe { std::mem::zeroed() };
    tm.tm_year = shows.year - 1900;
    tm.tm_mon = i32::from(shows.month) - 1;
    tm.tm_mday = shows.day.into();
    tm.tm_hour = shows.hour.into();
    tm.tm_min = shows.minute.into();
    tm.tm_sec = shows.second.into();
    tm.tm_isdst = -1;
    // SAFETY: reads and writes one tm.
    unsafe { libc::mktime(&mut tm) }
}

/// The zone is a matter of the whole process, so this starts one for each.
#[test]
fn local_time_is_the_c_librarys() {
    const ROLE: &str = "INSTANTER_TEST_ROLE";
    if std::env::var_os(ROLE).is_some() {
        // Every 5 h 17 min 13 s from 2020 to 2026; a clock shows one of the two
        // hours of a fold twice, and those are left out.
        for unix_s in (1_577_836_800..1_767_225_600).step_by(19_033) {
            let shows = Reckoning::Local.shows(unix_s).expect("a year");
            let ours = Reckoning::Local.unix_seconds(shows).expect("a date");
            if ours == unix_s {
                assert_eq!(mktime(shows), unix_s, "{shows:?}");
            } else {
                assert!((ours - unix_s).abs() <= 7_200, "{shows:?}: {ours}, not {unix_s}");
            }
        }
        return;
    }
    let program = std::env::current_exe().expect("this program has a name");
    for zone in
        ["UTC", "EST5EDT,M3.2.0,M11.1.0", "<+0530>-5:30", "<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"]
    {
        let output = Command::new(&program)
            .args(["--exact", "local_time_is_the_c_librarys"])
            .env(ROLE, "local")
            .env("TZ", zone)
            .output()
            .expect("it starts");
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "TZ={zone}: {text}");
    }
}
