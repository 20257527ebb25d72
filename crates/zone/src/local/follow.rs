//! How the local zone follows changes, without a lock for those who read it.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError, TryLockError};

use super::find::{Environment, Found, find};
use super::notices::Notices;
use super::watch::Watch;
use super::{Follow, How, Source, Tradition};
use crate::still::take;
use crate::{Error, Zone, search};

/// No handle is this: nothing has been read yet.
const UNREAD: u32 = u32::MAX;

/// Never, in nanoseconds of a monotonic clock.
const NEVER: u64 = u64::MAX;

/// How often to look where notices are given, for what no kernel tells of: a
/// change on the far side of a network file system, or a mount over a folder.
const BESIDE_NOTICES_NS: u64 = 60_000_000_000;

/// The local zone of a process.
pub(crate) struct Follower {
    /// The handle of the zone, or [`UNREAD`].
    zone: AtomicU32,
    /// When the file is to be looked at again.
    due_ns: AtomicU64,
    /// How long after a look the next is due, or [`NEVER`].
    interval_ns: AtomicU64,
    state: Mutex<State>,
    /// Held while the policy is changed, and never taken while `state` is held: the
    /// thread that gives notices takes that one, and is waited for under this.
    notices: Mutex<Option<Notices>>,
}

/// The locks of a follower.
pub(crate) type Held = (MutexGuard<'static, State>, MutexGuard<'static, Option<Notices>>);

pub(crate) struct State {
    environment: Option<Environment>,
    tradition: Tradition,
    how: Option<How>,
    watch: Watch,
    follow: Follow,
    /// The process in which that was chosen: no thread survives a `fork`.
    process: u32,
}

impl Follower {
    pub(crate) const fn new() -> Follower {
        Follower {
            zone: AtomicU32::new(UNREAD),
            due_ns: AtomicU64::new(0),
            interval_ns: AtomicU64::new(Follow::DEFAULT_NS),
            state: Mutex::new(State {
                environment: None,
                tradition: Tradition::Glibc,
                how: None,
                watch: Watch::NOTHING,
                follow: Follow::Interval { ns: Follow::DEFAULT_NS },
                process: 0,
            }),
            notices: Mutex::new(None),
        }
    }

    #[inline]
    pub(crate) fn zone(&self) -> Zone {
        let bits = self.zone.load(Ordering::Acquire);
        if bits == UNREAD { self.first() } else { Zone::from_known_bits(bits) }
    }

    #[inline]
    pub(crate) fn zone_at(&self, monotonic_ns: u64) -> Zone {
        if monotonic_ns >= self.due_ns.load(Ordering::Relaxed) {
            self.look_if_first(monotonic_ns);
        }
        self.zone()
    }

    /// Of the threads that find a look to be due, one does it; the others go on
    /// with what is there.
    #[cold]
    fn look_if_first(&self, monotonic_ns: u64) {
        let due_ns = self.due_ns.load(Ordering::Relaxed);
        let next_ns = monotonic_ns.saturating_add(self.interval_ns.load(Ordering::Relaxed));
        let mine = monotonic_ns >= due_ns
            && self
                .due_ns
                .compare_exchange(due_ns, next_ns, Ordering::Relaxed, Ordering::Relaxed)
                .is_ok();
        if !mine || self.zone.load(Ordering::Acquire) == UNREAD {
            return;
        }
        let mut state = match self.state.try_lock() {
            Ok(state) => state,
            Err(TryLockError::Poisoned(state)) => state.into_inner(),
            // Somebody else looks. Or did when this process was forked off, and
            // then whoever waits here waits for ever.
            Err(TryLockError::WouldBlock) => return,
        };
        self.look(&mut state);
    }

    pub(crate) fn hold(&'static self) -> Option<Held> {
        Some((take(&self.state)?, take(&self.notices)?))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn first(&self) -> Zone {
        let mut state = self.state();
        let bits = self.zone.load(Ordering::Acquire);
        if bits != UNREAD {
            return Zone::from_known_bits(bits);
        }
        self.load(&mut state)
    }

    fn load(&self, state: &mut State) -> Zone {
        let environment = state.environment.get_or_insert_with(Environment::read);
        let Found { zone, how, watch } = find(environment, state.tradition);
        state.how = Some(how);
        state.watch = watch;
        self.zone.store(zone.to_bits(), Ordering::Release);
        zone
    }

    /// Reads the file again. One that is there and is no zone, as one that is being
    /// written is not, leaves the zone that was found before.
    fn load_again(&self, state: &mut State) -> bool {
        let environment = state.environment.get_or_insert_with(Environment::read);
        let Found { zone, mut how, watch } = find(environment, state.tradition);
        state.watch = watch;
        let before = state.how.take();
        let unusable = how.problem.as_ref().is_some_and(|problem| !problem.is_not_found());
        let bits = self.zone.load(Ordering::Acquire);
        let kept = before.as_ref().filter(|before| unusable && before.source != Source::Utc);
        if let Some(before) = kept {
            how.source = before.source.clone();
        } else {
            self.zone.store(zone.to_bits(), Ordering::Release);
        }
        let same = before.as_ref() == Some(&how) && bits == self.zone.load(Ordering::Acquire);
        state.how = Some(how);
        !same
    }

    /// Reads the file again if it may have changed. Returns whether it had.
    fn look(&self, state: &mut State) -> bool {
        self.settle_after_fork(state);
        if state.how.is_none() {
            self.load(state);
            return true;
        }
        state.watch.may_have_changed() && self.load_again(state)
    }

    pub(crate) fn check(&self) -> bool {
        self.look(&mut self.state())
    }

    pub(crate) fn refresh(&self, environment: Environment, tradition: Option<Tradition>) -> Zone {
        let mut state = self.state();
        state.environment = Some(environment);
        state.tradition = tradition.unwrap_or(state.tradition);
        let zone = self.load(&mut state);
        drop(state);
        if let Some(notices) = &*self.notices() {
            notices.look_again();
        }
        zone
    }

    pub(crate) fn how(&self) -> How {
        let mut state = self.state();
        if state.how.is_none() {
            self.load(&mut state);
        }
        self.settle_after_fork(&mut state);
        How { follow: state.follow, ..state.how.clone().unwrap_or_default() }
    }

    fn notices(&self) -> MutexGuard<'_, Option<Notices>> {
        self.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn follow(&'static self, follow: Follow) -> Result<(), Error> {
        let mut notices = self.notices();
        if follow != Follow::Notified {
            if let Some(notices) = notices.take() {
                notices.stop();
            }
            self.choose(&mut self.state(), follow);
            return Ok(());
        }
        if notices.as_ref().is_some_and(Notices::is_running) {
            return Ok(());
        }
        // Whatever reads the environment is to do it now, in the caller's thread.
        self.zone();
        search::folders();
        // One whose thread is gone.
        if let Some(notices) = notices.take() {
            notices.stop();
        }
        let before = self.choose(&mut self.state(), follow);
        match Notices::start(self) {
            Ok(started) => *notices = Some(started),
            Err(error) => {
                self.choose(&mut self.state(), before);
                return Err(error);
            }
        }
        Ok(())
    }

    /// Puts a policy in force, and returns the one that was.
    fn choose(&self, state: &mut State, follow: Follow) -> Follow {
        let interval_ns = match follow {
            Follow::Frozen => NEVER,
            Follow::Interval { ns } => ns,
            Follow::Notified => BESIDE_NOTICES_NS,
        };
        state.process = std::process::id();
        self.interval_ns.store(interval_ns, Ordering::Relaxed);
        self.due_ns.store(if interval_ns == NEVER { NEVER } else { 0 }, Ordering::Relaxed);
        std::mem::replace(&mut state.follow, follow)
    }

    fn settle_after_fork(&self, state: &mut State) {
        if state.follow == Follow::Notified && state.process != std::process::id() {
            self.choose(state, Follow::default());
        }
    }
}

/// What the thread that gives notices needs.
#[cfg_attr(
    not(all(feature = "notified", target_os = "linux")),
    allow(dead_code, reason = "there is no such thread")
)]
impl Follower {
    /// Reads the file again, for somebody who knows that it has changed: what files
    /// tell about themselves misses a change that comes soon after another.
    pub(crate) fn reload(&self) {
        self.load_again(&mut self.state());
    }

    /// Returns the path at which the local zone is to be watched.
    pub(crate) fn watched(&self) -> Option<PathBuf> {
        self.state().watch.path().map(PathBuf::from)
    }

    /// Goes over to looking now and then where nobody gives notices any more.
    pub(crate) fn notices_have_ended(&self) {
        self.choose(&mut self.state(), Follow::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::folder::{Folder, file};

    const SECOND: u64 = 1_000_000_000;

    #[cfg(unix)]
    #[test]
    fn a_change_is_seen_within_a_second_and_not_before() {
        let folder = Folder::new("follow");
        let local = folder.0.join("localtime");
        let follower: &Follower = Box::leak(Box::new(Follower::new()));
        std::os::unix::fs::symlink(file("Europe/Paris"), &local).unwrap();
        let paris = follower.refresh(folder.environment(), None);
        assert_eq!(paris.name(), Some("Europe/Paris"));
        assert_eq!(follower.zone_at(10 * SECOND), paris);

        // As systems do it: a new link, renamed over the old one.
        let new = folder.0.join("new");
        std::os::unix::fs::symlink(file("Asia/Tokyo"), &new).unwrap();
        std::fs::rename(&new, &local).unwrap();
        assert_eq!(follower.zone_at(11 * SECOND - 1), paris, "no look before the second is over");
        let tokyo = follower.zone_at(11 * SECOND);
        assert_eq!(tokyo.name(), Some("Asia/Tokyo"));
        assert_eq!(paris.offset_at(1_720_000_000), 7_200, "an old handle stays valid");

        // A file in the place of the link, then nothing, then a file again.
        std::fs::remove_file(&local).unwrap();
        std::fs::copy(file("America/New_York"), &local).unwrap();
        assert_eq!(follower.zone_at(12 * SECOND).offset_at(1_720_000_000), -14_400);
        std::fs::remove_file(&local).unwrap();
        assert_eq!(follower.zone_at(13 * SECOND), Zone::UTC);
        assert!(follower.how().problem.is_some_and(|problem| problem.is_not_found()));
        std::fs::copy(file("Asia/Tokyo"), &local).unwrap();
        assert_eq!(follower.zone_at(14 * SECOND).offset_at(0), 32_400);
        assert!(!follower.check(), "nothing changed since");

        follower.follow(Follow::Frozen).unwrap();
        std::fs::copy(file("Asia/Kolkata"), &local).unwrap();
        assert_eq!(follower.zone_at(100 * SECOND).offset_at(0), 32_400);
        assert!(follower.check(), "asked for, it is seen even so");
        assert_eq!(follower.zone().offset_at(0), 19_800);
    }

    #[test]
    fn name_of_a_link_by_several_steps() {
        let folder = Folder::new("links");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("two", folder.0.join("localtime")).unwrap();
            std::os::unix::fs::symlink(file("Asia/Tokyo"), folder.0.join("two")).unwrap();
            let follower = Follower::new();
            let zone = follower.refresh(folder.environment(), None);
            assert_eq!(zone.name(), Some("Asia/Tokyo"));
            assert_eq!(follower.how().source, Source::File(folder.0.join("localtime")));
        }
    }

    /// Files of the same length, in the same inode, faster than its times go on.
    #[test]
    fn a_change_soon_after_another_is_seen() {
        let folder = Folder::new("soon");
        let follower = Follower::new();
        let tokyo = std::fs::read(file("Asia/Tokyo")).unwrap();
        let footer = tokyo.len() - "9\n".len();
        let mut changed = 0;
        for turn in 0..200 {
            let hours = 1 + turn % 9;
            let mut bytes = tokyo.clone();
            bytes[footer] = b'0' + hours as u8;
            std::fs::write(folder.0.join("localtime"), bytes).unwrap();
            if turn == 0 {
                follower.refresh(folder.environment(), None);
            } else {
                changed += i32::from(follower.check());
            }
            assert_eq!(follower.zone().offset_at(1_720_000_000), hours * 3_600, "{turn}");
        }
        assert_eq!(changed, 199);
    }

    #[test]
    fn threads_read_while_it_changes() {
        let folder = Folder::new("threads");
        let local = folder.0.join("localtime");
        std::fs::copy(file("Asia/Tokyo"), &local).unwrap();
        let follower = Follower::new();
        follower.refresh(folder.environment(), None);
        let done = AtomicU32::new(0);
        std::thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    let mut now_ns = 0;
                    while done.load(Ordering::Relaxed) == 0 {
                        let offset_s = follower.zone_at(now_ns).offset_at(0);
                        // Half a file is no zone, and leaves the one before.
                        assert!([32_400, 19_800].contains(&offset_s), "{offset_s}");
                        now_ns += SECOND / 3;
                    }
                });
            }
            for turn in 0..50 {
                let name = if turn % 2 == 0 { "Asia/Kolkata" } else { "Asia/Tokyo" };
                std::fs::copy(file(name), &local).unwrap();
                std::thread::sleep(std::time::Duration::from_micros(200));
            }
            done.store(1, Ordering::Relaxed);
        });
        follower.check();
        assert_eq!(follower.zone().offset_at(0), 32_400);
    }
}
