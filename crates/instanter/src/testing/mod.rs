//! Clocks for tests: time that stands still, goes by hand, or passes at once.
//!
//! Programs that wait and measure are tedious to test by the real clock: slow where they
//! wait, unreliable where they measure, and midnight of a leap year's February comes when
//! it comes. Under a [`TestClock`], this crate's own functions ([`now`](fn@crate::now),
//! [`Zoned::now`](crate::Zoned::now), [`elapsed`](crate::Time::elapsed),
//! [`sleep`](crate::sleep), [`Ticker`](crate::Ticker) and all that is made of them) see and
//! await the test's time instead; the program that is tested does not change.
//!
//! ```toml
//! [dependencies]
//! instanter = "0.1"
//!
//! [dev-dependencies]
//! instanter = { version = "0.1", features = ["testing"] }
//! ```
//!
//! Cargo then turns the feature on for tests and leaves it off for the program, where these
//! hooks are constants: `now()` is the same instructions as without them. With the feature on
//! and no test clock in force, it is one atomic load more.
//!
//! # Three clocks
//!
//! * [`TestClock::manual`] stands still until the test moves it.
//! * [`TestClock::stepping`] goes on by a fixed step at each look: for what measures, which
//!   then sees the same lengths in each run.
//! * [`TestClock::auto`] goes on by itself: when every thread that takes part sleeps, it is at
//!   once the moment at which the next is to wake up. Nothing really waits, sleepers wake
//!   one after the other in the order of their deadlines, and a year passes in microseconds,
//!   as in Go's playground.
//!
//! ```
//! use instanter::testing::TestClock;
//! use instanter::{Duration, Time, Zoned, now, sleep, zone::Zone};
//!
//! let clock = TestClock::auto("2024-02-28T23:59:00Z".parse()?);
//! let _scope = clock.for_this_thread();
//! let start = now();
//! sleep(Duration::from_hours(24)); // at once
//! assert_eq!(start.elapsed(), Duration::from_hours(24));
//! assert_eq!(Zoned::now_in(Zone::UTC).to_string(), "2024-02-29T23:59:00+00:00[UTC]");
//! # Ok::<(), instanter::Error>(())
//! ```
//!
//! # Where a clock is in force
//!
//! [`for_this_thread`](TestClock::for_this_thread) is what most tests want: they run beside
//! each other in threads of one process, each with a clock of its own. A test that starts
//! threads gives them the clock with [`spawn`](TestClock::spawn), or a
//! [`Ticket`]. [`for_process`](TestClock::for_process) is for code that starts threads where the
//! test cannot reach; such tests run one after the other.
//!
//! # Who takes part
//!
//! An automatic clock must know who else may still do something at this moment. It counts
//! the threads that have entered it and do not sleep. A thread that waits for something else (a
//! channel, a lock, a child process) counts as running, and holds the time, unless it waits
//! within [`while_blocked`].
//!
//! # What does not follow
//!
//! The clocks of [`crate::clock`], which are the kernel's; std's; and the kernel's own waits.
//! A [`Timer`](crate::Timer) is one of those: under a test clock it cannot be set, and says so.

pub(crate) mod shared;

use std::fmt;
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};

use crate::{Duration, Time, hook};
use shared::{Kind, Shared};

/// A clock for a test. Clones are handles of the same clock.
///
/// ```
/// use instanter::testing::TestClock;
/// use instanter::{Duration, Time, now};
/// let clock = TestClock::manual(Time::from_unix_seconds(1_700_000_000));
/// let _scope = clock.for_this_thread();
/// let start = now();
/// assert_eq!(start.elapsed(), Duration::ZERO);
/// clock.advance(Duration::from_seconds(5));
/// assert_eq!(start.elapsed(), Duration::from_seconds(5));
///
/// clock.step_wall(Duration::from_hours(-1)); // somebody sets the clock
/// assert_eq!(start.elapsed(), Duration::from_seconds(5));
/// assert_eq!(now().unix_seconds(), 1_700_000_000 + 5 - 3_600);
/// ```
#[derive(Clone)]
pub struct TestClock {
    shared: Arc<Shared>,
}

impl TestClock {
    fn new(kind: Kind, start: Time) -> TestClock {
        TestClock { shared: Arc::new(Shared::new(kind, start)) }
    }

    /// Makes a clock that stands at `start` until it is moved. Its monotonic clock begins
    /// with the reading of `start`, or with zero if it has none.
    ///
    /// Who sleeps on it really sleeps, until another thread moves it on.
    ///
    /// ```
    /// use instanter::testing::TestClock;
    /// use instanter::{Duration, Time, now, sleep};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// let sleeper = clock.spawn(|| {
    ///     sleep(Duration::from_seconds(60));
    ///     now().unix_seconds()
    /// });
    /// clock.wait_for_sleepers(1);
    /// clock.advance(Duration::from_seconds(61));
    /// assert_eq!(sleeper.join().unwrap(), 61);
    /// ```
    #[must_use]
    pub fn manual(start: Time) -> TestClock {
        TestClock::new(Kind::Manual, start)
    }

    /// Makes a clock that goes on by `step` after each look at it, and to the end of each
    /// sleep. A step that is not positive is none.
    ///
    /// ```
    /// use instanter::testing::TestClock;
    /// use instanter::{Duration, Time, now};
    /// let clock = TestClock::stepping(Time::UNIX_EPOCH, Duration::from_millis(1));
    /// let _scope = clock.for_this_thread();
    /// assert_eq!(now().elapsed(), Duration::from_millis(1));
    /// ```
    #[must_use]
    pub fn stepping(start: Time, step: Duration) -> TestClock {
        TestClock::new(Kind::Stepping { nanos: step.as_nanos().max(0) }, start)
    }

    /// Makes a clock that goes on when all who take part sleep.
    ///
    /// ```
    /// use instanter::testing::TestClock;
    /// use instanter::{Duration, Missed, Ticker, Time, now};
    /// let clock = TestClock::auto(Time::UNIX_EPOCH);
    /// let _scope = clock.for_this_thread();
    /// let year = Ticker::new(Duration::from_hours(1)).take(365 * 24);
    /// assert!(year.map(|tick| tick.late).all(|late| late.is_zero()));
    /// assert_eq!(now().to_string(), "1971-01-01T00:00:00Z");
    /// ```
    #[must_use]
    pub fn auto(start: Time) -> TestClock {
        TestClock::new(Kind::Auto, start)
    }

    /// Returns what time it is on this clock, which does not make it step.
    ///
    /// ```
    /// use instanter::{Time, testing::TestClock};
    /// assert_eq!(TestClock::manual(Time::UNIX_EPOCH).time(), Time::UNIX_EPOCH);
    /// ```
    #[must_use]
    pub fn time(&self) -> Time {
        self.shared.peek()
    }

    /// Lets so much time pass, on all clocks. Less than none is none: there is
    /// [`step_wall`](TestClock::step_wall) for a wall clock that is put back.
    ///
    /// ```
    /// use instanter::{Duration, Time, testing::TestClock};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// clock.advance(Duration::from_seconds(3));
    /// assert_eq!(clock.time(), Time::from_unix_seconds(3));
    /// ```
    pub fn advance(&self, length: Duration) {
        self.shared.advance([length.max(Duration::ZERO); 3]);
    }

    /// Has somebody step the wall clock, forward or back; the others do not notice.
    ///
    /// ```
    /// use instanter::{Duration, Time, testing::TestClock};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// clock.step_wall(Duration::from_seconds(-3));
    /// assert_eq!(clock.time().unix_seconds(), -3);
    /// assert_eq!(clock.time().monotonic_nanos(), Some(0));
    /// ```
    pub fn step_wall(&self, length: Duration) {
        self.shared.advance([length, Duration::ZERO, Duration::ZERO]);
    }

    /// Has somebody set the wall clock; the others do not notice.
    ///
    /// ```
    /// use instanter::{Time, testing::TestClock};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// clock.set_wall("2038-01-19T03:14:07Z".parse()?);
    /// assert_eq!(clock.time().unix_seconds(), i64::from(i32::MAX));
    /// # Ok::<(), instanter::Error>(())
    /// ```
    pub fn set_wall(&self, time: Time) {
        self.shared.set_wall(time);
    }

    /// Has the machine suspended for so long: the wall clock and the time since boot go on,
    /// the monotonic clock stands.
    ///
    /// ```
    /// use instanter::{Deadline, Duration, Time, testing::TestClock};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// let _scope = clock.for_this_thread();
    /// let tea = Deadline::after_also_suspended(Duration::from_minutes(3));
    /// let run = Deadline::after(Duration::from_minutes(3));
    /// clock.suspend(Duration::from_hours(1));
    /// assert!(tea.has_passed() && !run.has_passed());
    /// ```
    pub fn suspend(&self, length: Duration) {
        let length = length.max(Duration::ZERO);
        self.shared.advance([length, Duration::ZERO, length]);
    }

    /// Puts the clock in force for this thread, until what is returned is dropped. Of
    /// several, the last counts.
    ///
    /// ```
    /// use instanter::{Time, now, testing::TestClock};
    /// let scope = TestClock::manual(Time::UNIX_EPOCH).for_this_thread();
    /// assert_eq!(now(), Time::UNIX_EPOCH);
    /// drop(scope);
    /// assert!(now() > Time::UNIX_EPOCH);
    /// ```
    #[must_use = "the clock is in force until this is dropped"]
    pub fn for_this_thread(&self) -> ThreadScope {
        self.ticket().enter()
    }

    /// Puts the clock in force for all threads that have none of their own, until what is
    /// returned is dropped.
    ///
    /// There can be one such clock at a time: another thread that asks waits, so tests that
    /// do run one after the other. This thread takes part at once, any other from its first
    /// look at the time on.
    ///
    /// ```
    /// use instanter::testing::TestClock;
    /// use instanter::{Time, now};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// let _scope = clock.for_process();
    /// assert_eq!(std::thread::spawn(now).join().unwrap(), Time::UNIX_EPOCH);
    /// ```
    #[must_use = "the clock is in force until this is dropped"]
    pub fn for_process(&self) -> ProcessScope {
        static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
        let turn = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        hook::set_process(Some(Arc::clone(&self.shared)));
        ProcessScope { _turn: turn }
    }

    /// Makes a ticket for a thread that is about to be started: it takes part from now on, so
    /// that an automatic clock does not run away before the thread has begun.
    ///
    /// ```
    /// use instanter::testing::TestClock;
    /// use instanter::{Duration, Time, now, sleep};
    /// let clock = TestClock::auto(Time::UNIX_EPOCH);
    /// let ticket = clock.ticket();
    /// let thread = std::thread::spawn(move || {
    ///     let _scope = ticket.enter();
    ///     sleep(Duration::from_seconds(9));
    ///     now().unix_seconds()
    /// });
    /// assert_eq!(thread.join().unwrap(), 9);
    /// ```
    #[must_use]
    pub fn ticket(&self) -> Ticket {
        self.shared.join();
        Ticket { shared: Some(Arc::clone(&self.shared)) }
    }

    /// Starts a thread in which the clock is in force.
    ///
    /// Several threads that shall begin together are started by one that takes part itself:
    /// it runs meanwhile, and so holds the time.
    ///
    /// ```
    /// use instanter::testing::{TestClock, while_blocked};
    /// use instanter::{Duration, Time, now, sleep};
    /// let clock = TestClock::auto(Time::UNIX_EPOCH);
    /// let _scope = clock.for_this_thread();
    /// let threads = [30, 10, 20].map(|second| {
    ///     clock.spawn(move || {
    ///         sleep(Duration::from_seconds(second));
    ///         now().unix_seconds()
    ///     })
    /// });
    /// let woken = while_blocked(|| threads.map(|thread| thread.join().unwrap()));
    /// assert_eq!(woken, [30, 10, 20]);
    /// ```
    pub fn spawn<T: Send + 'static>(
        &self,
        call: impl FnOnce() -> T + Send + 'static,
    ) -> JoinHandle<T> {
        let ticket = self.ticket();
        thread::spawn(move || {
            let _scope = ticket.enter();
            call()
        })
    }

    /// Returns how many threads sleep on the clock.
    ///
    /// ```
    /// use instanter::{Time, testing::TestClock};
    /// assert_eq!(TestClock::manual(Time::UNIX_EPOCH).sleepers(), 0);
    /// ```
    #[must_use]
    pub fn sleepers(&self) -> usize {
        self.shared.sleepers()
    }

    /// Waits, really, until so many threads sleep on the clock: so that a test moves it after
    /// they have begun. See [`manual`](TestClock::manual).
    ///
    /// ```
    /// use instanter::{Duration, Time, sleep, testing::TestClock};
    /// let clock = TestClock::manual(Time::UNIX_EPOCH);
    /// let sleeper = clock.spawn(|| sleep(Duration::from_seconds(1)));
    /// clock.wait_for_sleepers(1);
    /// clock.advance(Duration::from_seconds(1));
    /// sleeper.join().unwrap();
    /// ```
    pub fn wait_for_sleepers(&self, count: usize) {
        self.shared.wait_for_sleepers(count);
    }
}

impl fmt::Debug for TestClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TestClock")
            .field("kind", &self.shared.kind())
            .field("time", &self.time())
            .field("sleepers", &self.sleepers())
            .finish_non_exhaustive()
    }
}

/// A clock in force for this thread: see [`TestClock::for_this_thread`].
#[derive(Debug)]
pub struct ThreadScope {
    clock: TestClock,
    /// It is of this thread: it cannot be sent to another.
    _thread: PhantomData<*const ()>,
}

impl Drop for ThreadScope {
    fn drop(&mut self) {
        hook::leave_thread(&self.clock.shared);
        self.clock.shared.leave();
    }
}

/// A clock in force for the process: see [`TestClock::for_process`].
#[derive(Debug)]
pub struct ProcessScope {
    _turn: MutexGuard<'static, ()>,
}

impl Drop for ProcessScope {
    fn drop(&mut self) {
        hook::set_process(None);
    }
}

/// What lets a thread take part before it has begun: see [`TestClock::ticket`].
pub struct Ticket {
    shared: Option<Arc<Shared>>,
}

impl Ticket {
    /// Puts the clock in force for this thread, until what is returned is dropped.
    ///
    /// ```
    /// use instanter::{Time, now, testing::TestClock};
    /// let ticket = TestClock::manual(Time::UNIX_EPOCH).ticket();
    /// let thread = std::thread::spawn(move || {
    ///     let _scope = ticket.enter();
    ///     now()
    /// });
    /// assert_eq!(thread.join().unwrap(), Time::UNIX_EPOCH);
    /// ```
    #[must_use = "the clock is in force until this is dropped"]
    pub fn enter(mut self) -> ThreadScope {
        // There is one until the ticket is used, which takes it.
        let shared = self.shared.take();
        let shared = shared.unwrap_or_else(|| unreachable!("a ticket is used once"));
        hook::enter_thread(Arc::clone(&shared));
        ThreadScope { clock: TestClock { shared }, _thread: PhantomData }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        if let Some(shared) = &self.shared {
            shared.leave();
        }
    }
}

impl fmt::Debug for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ticket").finish_non_exhaustive()
    }
}

/// Runs what waits for something else than the clock, such as a channel or another thread,
/// so that an automatic clock does not wait for this thread meanwhile.
///
/// ```
/// use instanter::testing::{TestClock, while_blocked};
/// use instanter::{Duration, Time, now, sleep};
/// let clock = TestClock::auto(Time::UNIX_EPOCH);
/// let _scope = clock.for_this_thread();
/// let (sender, receiver) = std::sync::mpsc::channel();
/// clock.spawn(move || {
///     sleep(Duration::from_seconds(10));
///     sender.send("late").unwrap();
/// });
/// assert_eq!(while_blocked(|| receiver.recv()), Ok("late"));
/// assert_eq!(now().unix_seconds(), 10);
/// ```
pub fn while_blocked<T>(call: impl FnOnce() -> T) -> T {
    hook::while_blocked(call)
}
