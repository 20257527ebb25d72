//! What `Follow::Notified` leaves behind in a process, and what becomes of it where
//! the system refuses. One test, as it counts all threads and files of the process.
#![cfg(unix)]

use instanter_zone::{Follow, Local};

const BEFORE: Follow = Follow::Interval { ns: 5_000_000_000 };

#[cfg(not(all(feature = "notified", target_os = "linux")))]
#[test]
fn refused_where_it_is_not_there() {
    Local::follow(BEFORE).unwrap();
    let error = Local::follow(Follow::Notified).unwrap_err();
    assert!(error.is_not_notified(), "{error}");
    assert_eq!(Local::how().follow, BEFORE, "what was in force stays so");
}

#[cfg(all(feature = "notified", target_os = "linux"))]
#[test]
fn a_thread_that_comes_and_goes() {
    Local::follow(BEFORE).unwrap();
    let _ = Local::zone();
    let before = (threads(), files());
    for _ in 0..100 {
        Local::follow(Follow::Notified).unwrap();
        Local::follow(Follow::Notified).unwrap();
        assert_eq!((threads(), files()), (before.0 + 1, before.1 + 2), "one thread, two files");
        Local::follow(Follow::Frozen).unwrap();
        // The kernel has a thread in its list for a moment after it was joined.
        let start = std::time::Instant::now();
        while (threads(), files()) != before {
            assert!(start.elapsed().as_secs() < 120, "{before:?}, {:?}", (threads(), files()));
            std::thread::yield_now();
        }
    }
    refused_at_the_limit();
    a_child_looks_by_itself();
}

#[cfg(all(feature = "notified", target_os = "linux"))]
fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

#[cfg(all(feature = "notified", target_os = "linux"))]
fn files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}

#[cfg(all(feature = "notified", target_os = "linux"))]
fn refused_at_the_limit() {
    Local::follow(BEFORE).unwrap();
    let mut limit = libc::rlimit { rlim_cur: 0, rlim_max: 0 };
    // SAFETY: a place for the limit that the call fills.
    assert_eq!(unsafe { libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) }, 0);
    let set = |most| {
        let limit = libc::rlimit { rlim_cur: most, ..limit };
        // SAFETY: a limit that the call reads.
        assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_NOFILE, &raw const limit) }, 0);
    };
    set(0);
    let answer = Local::follow(Follow::Notified);
    set(limit.rlim_cur);
    let error = answer.unwrap_err();
    assert!(error.is_not_notified() && error.to_string().contains("open files"), "{error}");
    assert_eq!(Local::how().follow, BEFORE, "what was in force stays so");
}

#[cfg(all(feature = "notified", target_os = "linux"))]
fn a_child_looks_by_itself() {
    Local::follow(Follow::Notified).unwrap();
    let zone = Local::zone();
    // SAFETY: the child calls what is under test, and leaves.
    let child = unsafe { libc::fork() };
    if child == 0 {
        let same = Local::zone_at(1) == zone && Local::zone() == zone;
        let looks = Local::how().follow == Follow::default();
        let again = Local::follow(Follow::Notified).is_ok();
        let stops = Local::follow(Follow::Frozen).is_ok();
        let code = [same, looks, again, stops].iter().position(|fine| !fine);
        // SAFETY: ends the process, and returns not.
        unsafe { libc::_exit(code.map_or(0, |place| place as i32 + 1)) };
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a place for its status.
    assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
    assert_eq!(status, 0, "the child came to an end that says which step failed");
    assert_eq!(Local::how().follow, Follow::Notified, "the parent is told as before");
    Local::follow(Follow::Frozen).unwrap();
}
