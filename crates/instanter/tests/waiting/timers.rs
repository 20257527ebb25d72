//! Timers as descriptors: in `poll`, in `epoll`, in tokio's reactor.

use std::io::ErrorKind;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use instanter::{Deadline, Duration, Expiry, Schedule, Time, Timer, now};
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};

use super::shows;

#[test]
fn on_each_clock_and_not_early() {
    let length = Duration::from_millis(5);
    for deadline in [
        Deadline::after(length),
        Deadline::after_also_suspended(length),
        Deadline::wall(now()) + length,
    ] {
        let timer = Timer::at(deadline).expect("a timer");
        assert_eq!(timer.clock(), deadline.clock());
        assert_eq!(timer.wait().expect("it waits"), Expiry::Times(1));
        assert!(shows(deadline) >= deadline.at().as_nanos(), "{deadline:?}");
        assert_eq!(timer.try_wait().expect("it answers"), None);
        assert_eq!(timer.left().expect("it answers"), None, "for good");
    }
}

#[test]
fn moments_that_have_passed_and_that_never_come() {
    for past in [
        Deadline::monotonic(0),
        Deadline::monotonic(i64::MIN),
        Deadline::boot(1),
        Deadline::wall(Time::UNIX_EPOCH),
        Deadline::wall(Time::from_unix(i64::MIN, 0)),
    ] {
        let timer = Timer::at(past).expect("a timer");
        assert_eq!(timer.try_wait().expect("it answers"), Some(Expiry::Times(1)), "{past:?}");
    }
    for length in [Duration::ZERO, Duration::from_nanos(-5), Duration::MIN] {
        let timer = Timer::after(length).expect("a timer");
        assert_eq!(timer.try_wait().expect("it answers"), Some(Expiry::Times(1)), "{length}");
    }
    for end in [
        Deadline::after(Duration::MAX),
        Deadline::monotonic(i64::MAX),
        Deadline::wall(Time::from_unix(i64::MAX, 999_999_999)),
    ] {
        let timer = Timer::new(Schedule::at(end).every(Duration::MAX)).expect("a timer");
        assert_eq!(timer.try_wait().expect("it answers"), None, "{end:?}");
        assert!(timer.left().expect("it answers").is_some());
    }
}

#[test]
fn a_period_counts_what_nobody_read() {
    let start = Deadline::after(Duration::ZERO);
    let beat = Schedule::at(start + Duration::from_millis(1)).every(Duration::from_millis(2));
    let timer = Timer::new(beat).expect("a timer");
    instanter::sleep_until(start + Duration::from_millis(20));
    let got = timer.try_wait().expect("it answers");
    assert!(matches!(got, Some(Expiry::Times(10..))), "{got:?}");
    // No period, or none that is one: once.
    for period in [Duration::ZERO, Duration::MIN] {
        let timer = Timer::new(Schedule::after(period).every(period)).expect("a timer");
        assert_eq!(timer.wait().expect("it waits"), Expiry::Times(1));
        assert_eq!(timer.left().expect("it answers"), None);
    }
}

#[test]
fn a_timer_stays_on_its_clock() {
    let timer = Timer::after(Duration::from_seconds(3_600)).expect("a timer");
    let error = timer.set(Schedule::at(Time::UNIX_EPOCH)).expect_err("another clock");
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let text = "the timer counts CLOCK_MONOTONIC, the schedule CLOCK_REALTIME";
    assert_eq!(error.to_string(), text);
}

#[test]
fn in_epoll_beside_others() {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).expect("an epoll");
    let soon = Deadline::after(Duration::from_millis(5));
    let (first, never) = (Timer::at(soon), Timer::after(Duration::from_seconds(3_600)));
    let (first, never) = (first.expect("a timer"), never.expect("a timer"));
    for (data, timer) in [(1, &first), (2, &never)] {
        let event = EpollEvent::new(EpollFlags::EPOLLIN, data);
        epoll.add(timer, event).expect("it is a descriptor");
    }
    let mut events = [EpollEvent::empty(); 4];
    let ready = epoll.wait(&mut events, EpollTimeout::NONE).expect("it waits");
    assert_eq!(events[..ready].iter().map(EpollEvent::data).collect::<Vec<_>>(), [1]);
    assert!(shows(soon) >= soon.at().as_nanos());
    assert_eq!(first.try_wait().expect("it answers"), Some(Expiry::Times(1)));
    // Read, it is not ready any more.
    assert_eq!(epoll.wait(&mut events, EpollTimeout::ZERO), Ok(0));
    let mut polled = [PollFd::new(never.as_fd(), PollFlags::POLLIN)];
    assert_eq!(poll(&mut polled, PollTimeout::ZERO), Ok(0));
    let number = never.as_raw_fd();
    assert_eq!(OwnedFd::from(never).as_raw_fd(), number);
}

#[cfg(feature = "tokio")]
mod in_tokio {
    use super::*;
    use instanter::AsyncTimer;

    fn run<T>(future: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build();
        runtime.expect("a runtime").block_on(future)
    }

    #[test]
    fn ticks_are_awaited() {
        run(async {
            let start = Deadline::after(Duration::ZERO);
            let period = Duration::from_millis(2);
            let timer = Timer::new(Schedule::at(start + period).every(period)).expect("a timer");
            let mut timer = AsyncTimer::new(timer).expect("registered");
            let mut times = 0;
            while times < 5 {
                let Expiry::Times(more) = timer.tick().await.expect("a tick") else {
                    panic!("nobody steps this clock")
                };
                times += more;
                let due = start + Duration::from_millis(2 * times as i64);
                assert!(shows(due) >= due.at().as_nanos(), "{times} ticks");
            }
        });
    }

    #[test]
    fn a_dropped_tick_is_not_lost() {
        run(async {
            let timer = Timer::after(Duration::from_millis(5)).expect("a timer");
            let mut timer = AsyncTimer::new(timer).expect("registered");
            // Polled once, and dropped before it is ready.
            let mut tick = Box::pin(timer.tick());
            std::future::poll_fn(|context| {
                let _ = tick.as_mut().poll(context);
                std::task::Poll::Ready(())
            })
            .await;
            drop(tick);
            timer.get_ref().set(Schedule::after(Duration::from_millis(1))).expect("set");
            assert_eq!(timer.tick().await.expect("a tick"), Expiry::Times(1));
        });
    }
}
