//! Threads, signals and forks at the wrong moment. What threads may do at once is what
//! they may with the C library: one sets `TZ` and calls `tzset`, others `localtime_r`.
#![cfg(all(target_os = "linux", target_env = "gnu", target_pointer_width = "64"))]

use std::ffi::CStr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use instanter_preload as ours;
use libc::tm;

/// No machine is so busy.
const LIMIT: Duration = Duration::from_secs(60);

/// TZ is the process's: one test at a time.
static ONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    let turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
    // First of all, as only so many are kept, and one of the tests has more: the rest are the
    // C library's, whose lock a child may find taken.
    static KEPT: std::sync::Once = std::sync::Once::new();
    KEPT.call_once(|| ZONES.iter().for_each(|zone| enter(zone.0)));
    turn
}

/// Ends the other threads, also where a test fails: else it would wait for them for ever.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

fn empty() -> tm {
    // SAFETY: numbers, and a pointer that may be null.
    unsafe { std::mem::zeroed() }
}

fn enter(zone: &CStr) {
    // SAFETY: texts that end with a zero; no other thread reads the environment.
    unsafe {
        libc::setenv(c"TZ".as_ptr(), zone.as_ptr(), 1);
        ours::tzset();
    }
}

/// What may be in force, and the offset and the name at the moment that is asked for.
const ZONES: [(&CStr, i64, &str); 6] = [
    (c"Asia/Tokyo", 32_400, "JST"),
    (c"America/New_York", -14_400, "EDT"),
    (c"EST5EDT,M3.2.0,M11.1.0", -14_400, "EDT"),
    (c"Mars/Phobos", 0, "Mars"),
    (c"Europe/Berlin", 7_200, "CEST"),
    (c"right/Europe/Berlin", 7_200, "CEST"),
];

fn is_there(zone: &str) -> bool {
    std::path::Path::new("/usr/share/zoneinfo").join(zone).exists()
}

fn skipped(test: &str, why: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "skipped {test}: {why}");
}

/// Says so where this machine has no zones.
fn has_no_zones(test: &str) -> bool {
    let none = !is_there("Asia/Tokyo");
    if none {
        skipped(test, "no tz database is installed");
    }
    none
}

const JULY: i64 = 1_720_000_000;

/// Whether fields are those of one of the zones, and not a mixture.
fn is_whole(fields: &tm) -> bool {
    // SAFETY: a name that lives as long as the program.
    let name = unsafe { CStr::from_ptr(fields.tm_zone) }.to_str().unwrap_or("?");
    let known =
        ZONES.iter().any(|&(_, offset_s, known)| fields.tm_gmtoff == offset_s && name == known);
    let local = JULY + fields.tm_gmtoff;
    // With leap seconds 27 s less are shown.
    let minutes = [local, local - 27].map(|local| (local / 60 % 60) as i32);
    known && minutes.contains(&fields.tm_min)
}

#[test]
fn threads_convert_while_the_zone_changes() {
    let _alone = alone();
    let test = "threads_convert_while_the_zone_changes";
    if has_no_zones(test) {
        return;
    }
    // Not every system installs the last ones, with leap seconds.
    let zones = if is_there("right/Europe/Berlin") {
        &ZONES[..]
    } else {
        skipped(&format!("a part of {test}"), "no zones with leap seconds are installed");
        &ZONES[..5]
    };
    let done = AtomicBool::new(false);
    let count = AtomicU64::new(0);
    enter(zones[0].0);
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let mut fields = empty();
                while !done.load(Ordering::Relaxed) {
                    // SAFETY: reads one time and fills one tm.
                    let answer = unsafe { ours::localtime_r(&JULY, &mut fields) };
                    assert!(!answer.is_null());
                    assert!(is_whole(&fields), "{fields:?}");
                    count.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        let start = Instant::now();
        let mut turn = 0;
        // And until a busy machine has let the others in.
        let enough = || count.load(Ordering::Relaxed) > 1_000 || start.elapsed() > LIMIT;
        while start.elapsed() < Duration::from_millis(700) || !enough() {
            enter(zones[turn % zones.len()].0);
            turn += 1;
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(count.load(Ordering::Relaxed) > 1_000);
    enter(c"Asia/Tokyo");
    let mut fields = empty();
    // SAFETY: reads one time and fills one tm.
    unsafe { ours::localtime_r(&JULY, &mut fields) };
    assert_eq!(fields.tm_gmtoff, 32_400, "the last change counts");
}

#[test]
fn a_child_forked_meanwhile_is_not_stuck() {
    let _alone = alone();
    // Zones that the C library serves would take its lock, which a child may find taken
    // for ever: so it is without this library.
    if has_no_zones("a_child_forked_meanwhile_is_not_stuck") {
        return;
    }
    let ours_only = &ZONES[..3];
    enter(ours_only[0].0);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                let mut fields = empty();
                while !done.load(Ordering::Relaxed) {
                    // SAFETY: as above.
                    unsafe { ours::localtime_r(&JULY, &mut fields) };
                    // SAFETY: reads and writes one tm.
                    unsafe { ours::mktime(&mut fields) };
                }
            });
        }
        let _end = End(&done);
        for _ in 0..100 {
            // SAFETY: the child calls only functions of this library and ends.
            let child = unsafe { libc::fork() };
            if child == 0 {
                let mut fields = empty();
                let mut text = [0; 64];
                // SAFETY: as above; so much room.
                unsafe {
                    libc::alarm(120);
                    let converted = !ours::localtime_r(&JULY, &mut fields).is_null();
                    let made = ours::mktime(&mut fields) == JULY;
                    let format = c"%Y-%m-%d %Z".as_ptr();
                    let written = ours::strftime(text.as_mut_ptr(), 64, format, &fields) > 0;
                    libc::_exit(i32::from(!(converted && made && written)));
                }
            }
            let mut status = -1;
            // SAFETY: waits for the child.
            unsafe { libc::waitpid(child, &mut status, 0) };
            assert_eq!(status, 0, "the child's status");
        }
    });
}

static HANDLED: AtomicU64 = AtomicU64::new(0);
static BROKEN: AtomicU64 = AtomicU64::new(0);

extern "C" fn handler(_: i32) {
    let mut fields = empty();
    // SAFETY: reads one time and fills one tm.
    let answer = unsafe { ours::localtime_r(&JULY, &mut fields) };
    let mut now = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec.
    let status = unsafe { ours::clock_gettime(libc::CLOCK_REALTIME, &mut now) };
    if answer.is_null() || !is_whole(&fields) || status != 0 {
        BROKEN.fetch_add(1, Ordering::Relaxed);
    }
    HANDLED.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_signal_handler_converts_while_the_zone_changes() {
    let _alone = alone();
    if has_no_zones("a_signal_handler_converts_while_the_zone_changes") {
        return;
    }
    enter(ZONES[0].0);
    // SAFETY: a handler that needs nothing, and a timer of this process.
    unsafe {
        libc::signal(libc::SIGALRM, handler as *const () as libc::sighandler_t);
        let often = libc::timeval { tv_sec: 0, tv_usec: 50 };
        let timer = libc::itimerval { it_interval: often, it_value: often };
        libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut());
    }
    let start = Instant::now();
    let mut turn = 0;
    let enough = || HANDLED.load(Ordering::Relaxed) > 10 || start.elapsed() > LIMIT;
    while start.elapsed() < Duration::from_millis(500) || !enough() {
        // All but the one that the C library serves: its lock may be this thread's.
        enter(ZONES[turn % 5].0);
        turn += 1;
    }
    // SAFETY: as above.
    unsafe {
        let never = libc::timeval { tv_sec: 0, tv_usec: 0 };
        let timer = libc::itimerval { it_interval: never, it_value: never };
        libc::setitimer(libc::ITIMER_REAL, &timer, std::ptr::null_mut());
    }
    assert!(HANDLED.load(Ordering::Relaxed) > 10);
    assert_eq!(BROKEN.load(Ordering::Relaxed), 0);
}

/// A program may change the text of `TZ` where it lies, move its environment, or take it
/// away: `localtime` sees it.
#[test]
fn changes_of_the_environment_are_seen() {
    let _alone = alone();
    if has_no_zones("changes_of_the_environment_are_seen") {
        return;
    }
    let shown = || {
        // SAFETY: reads one time; the answer is looked at before the next call.
        unsafe { (*ours::localtime(&JULY)).tm_gmtoff }
    };
    let mut tokyo = *b"TZ=Asia/Tokyo\0\0\0\0\0\0\0";
    // SAFETY: a variable that stays as long as it is in the environment; one thread reads
    // it, since the other tests wait.
    unsafe {
        libc::putenv(tokyo.as_mut_ptr().cast());
        assert_eq!(shown(), 32_400);
        assert_eq!(shown(), 32_400);
        libc::strcpy(tokyo.as_mut_ptr().add(3).cast(), c"Asia/Kolkata".as_ptr());
        assert_eq!(shown(), 19_800, "changed where it lies");
        libc::setenv(c"TZ".as_ptr(), c"EST5".as_ptr(), 1);
        assert_eq!(shown(), -18_000, "setenv");
        for index in 0..300 {
            let name = std::ffi::CString::new(format!("INSTANTER_FILLER_{index}")).unwrap();
            libc::setenv(name.as_ptr(), c"x".as_ptr(), 1);
            assert_eq!(shown(), -18_000);
        }
        libc::unsetenv(c"TZ".as_ptr());
        libc::setenv(c"TZ".as_ptr(), c"<+07>-7".as_ptr(), 1);
        assert_eq!(shown(), 25_200, "at the end of more variables than are remembered");
        for index in 0..300 {
            let name = std::ffi::CString::new(format!("INSTANTER_FILLER_{index}")).unwrap();
            libc::unsetenv(name.as_ptr());
            assert_eq!(shown(), 25_200);
        }
        libc::unsetenv(c"TZ".as_ptr());
        let without = shown();
        libc::setenv(c"TZ".as_ptr(), c"".as_ptr(), 1);
        assert_eq!(shown(), 0, "empty");
        libc::unsetenv(c"TZ".as_ptr());
        assert_eq!(shown(), without);
        // As shells do it: an array of the program's own, which is rewritten in place, and
        // shorter, with what was there before behind its end.
        let all = environ;
        let null = std::ptr::null_mut();
        let [one, tz] = [c"A=1", c"TZ=Asia/Tokyo"].map(|text| text.as_ptr().cast_mut());
        let mut own = [one, one, tz, null];
        environ = own.as_mut_ptr();
        assert_eq!((shown(), shown()), (32_400, 32_400), "an array of its own");
        *environ.add(1) = null;
        assert_eq!(shown(), without, "shorter");
        *environ.add(1) = tz;
        assert_eq!(shown(), 32_400, "longer");
        environ = all;
        assert_eq!(shown(), without);
    }
}

/// Each variable of arrays of each length, which end where the memory ends, is taken away
/// or becomes `TZ`, in place.
#[test]
fn every_place_of_the_environment_is_looked_at() {
    let _alone = alone();
    if has_no_zones("every_place_of_the_environment_is_looked_at") {
        return;
    }
    let shown = || {
        // SAFETY: reads one time; the answer is looked at before the next call.
        unsafe { (*ours::localtime(&JULY)).tm_gmtoff }
    };
    const PAGE: usize = 4_096;
    let [other, tokyo, new_york] =
        [c"A=1", c"TZ=Asia/Tokyo", c"TZ=EST5"].map(|text| text.as_ptr().cast_mut());
    // SAFETY: two pages of the test's own, of which the second cannot be read; arrays that
    // a null ends, within the first. One thread reads them, since the other tests wait.
    unsafe {
        let (readable, private) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE);
        let flags = private | libc::MAP_ANONYMOUS;
        let pages = libc::mmap(std::ptr::null_mut(), 2 * PAGE, readable, flags, -1, 0);
        assert_ne!(pages, libc::MAP_FAILED);
        assert_eq!(libc::mprotect(pages.byte_add(PAGE), PAGE, libc::PROT_NONE), 0);
        let end = pages.byte_add(PAGE).cast::<*mut libc::c_char>();
        let all = environ;
        libc::unsetenv(c"TZ".as_ptr());
        let without = shown();
        for count in 1..=20 {
            let array = end.sub(count + 1);
            for tz in 0..count {
                for index in 0..count {
                    *array.add(index) = if index == tz { tokyo } else { other };
                }
                *array.add(count) = std::ptr::null_mut();
                environ = array;
                assert_eq!((shown(), shown()), (32_400, 32_400), "{tz} of {count}");
                for index in 0..count {
                    let place = array.add(index);
                    let before = place.replace(std::ptr::null_mut());
                    let want = if index <= tz { without } else { 32_400 };
                    assert_eq!(shown(), want, "{tz} of {count}, ends at {index}");
                    *place = new_york;
                    let want = if index <= tz { -18_000 } else { 32_400 };
                    assert_eq!(shown(), want, "{tz} of {count}, another at {index}");
                    *place = before;
                    assert_eq!(shown(), 32_400, "{tz} of {count}, {index} as before");
                }
                environ = all;
                assert_eq!(shown(), without);
            }
        }
        libc::munmap(pages, 2 * PAGE);
    }
}

unsafe extern "C" {
    static mut environ: *mut *mut libc::c_char;
}

/// More zones than are kept: the rest are the C library's.
#[test]
fn ever_new_zones_do_no_harm() {
    let _alone = alone();
    for index in 0..900_i64 {
        let zone = std::ffi::CString::new(format!("AA{}-{}", letters(index), index % 24)).unwrap();
        enter(&zone);
        let mut fields = empty();
        // SAFETY: reads one time and fills one tm.
        unsafe { ours::localtime_r(&JULY, &mut fields) };
        assert_eq!(fields.tm_gmtoff, index % 24 * 3_600, "{zone:?}");
    }
}

fn letters(number: i64) -> String {
    let letter = |digit: i64| char::from(b'A' + (digit % 26) as u8);
    [number / 26, number].map(letter).iter().collect()
}
