//! How the local zone follows changes, without a lock for those who read it.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::find::{Environment, Found, find};
use super::watch::Watch;
use super::{Follow, How, Tradition};
use crate::Zone;

/// No handle is this: nothing has been read yet.
const UNREAD: u32 = u32::MAX;

/// Never, in nanoseconds of a monotonic clock.
const NEVER: u64 = u64::MAX;

/// The local zone of a process.
pub(crate) struct Follower {
    /// The handle of the zone, or [`UNREAD`].
    zone: AtomicU32,
    /// When the file is to be looked at again.
    due_ns: AtomicU64,
    /// How long after a look the next is due, or [`NEVER`].
    interval_ns: AtomicU64,
    state: Mutex<State>,
}

struct State {
    environment: Option<Environment>,
    tradition: Tradition,
    how: Option<How>,
    watch: Watch,
}

impl Follower {
    pub(crate) const fn new() -> Follower {
        Follower {
            zone: AtomicU32::new(UNREAD),
            due_ns: AtomicU64::new(0),
            interval_ns: AtomicU64::new(1_000_000_000),
            state: Mutex::new(State {
                environment: None,
                tradition: Tradition::Glibc,
                how: None,
                watch: Watch::NOTHING,
            }),
        }
    }

    #[inline]
    pub(crate) fn zone(&self) -> Zone {
        let bits = self.zone.load(Ordering::Acquire);
        if bits == UNREAD { self.first() } else { Zone::from_bits(bits) }
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
        if mine && self.zone.load(Ordering::Acquire) != UNREAD {
            self.check();
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    #[cold]
    fn first(&self) -> Zone {
        let mut state = self.state();
        let bits = self.zone.load(Ordering::Acquire);
        if bits != UNREAD {
            return Zone::from_bits(bits);
        }
        self.load(&mut state)
    }

    fn load(&self, state: &mut State) -> Zone {
        let tradition = state.tradition;
        let environment = state.environment.get_or_insert_with(Environment::read);
        let Found { zone, how, watch } = find(environment, tradition);
        state.how = Some(how);
        state.watch = watch;
        self.zone.store(zone.to_bits(), Ordering::Release);
        zone
    }

    /// Looks at the file, and reads it if it has changed. Returns whether it had.
    pub(crate) fn check(&self) -> bool {
        let mut state = self.state();
        if state.how.is_none() {
            self.load(&mut state);
            return true;
        }
        if !state.watch.has_changed() {
            return false;
        }
        self.load(&mut state);
        true
    }

    pub(crate) fn refresh(&self, environment: Environment, tradition: Option<Tradition>) -> Zone {
        let mut state = self.state();
        state.environment = Some(environment);
        state.tradition = tradition.unwrap_or(state.tradition);
        self.load(&mut state)
    }

    pub(crate) fn how(&self) -> How {
        let mut state = self.state();
        if state.how.is_none() {
            self.load(&mut state);
        }
        state.how.clone().unwrap_or_default()
    }

    pub(crate) fn follow(&self, follow: Follow) {
        let interval_ns = match follow {
            Follow::Frozen => NEVER,
            Follow::Interval { ns } => ns,
        };
        self.interval_ns.store(interval_ns, Ordering::Relaxed);
        self.due_ns.store(if interval_ns == NEVER { NEVER } else { 0 }, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::local::Source;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Folder {
            let path = std::env::temp_dir().join(format!("zone-{}-{name}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Folder(path)
        }

        fn environment(&self) -> Environment {
            Environment { tz: None, tzdir: None, localtime: self.0.join("localtime") }
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }

    fn file(name: &str) -> PathBuf {
        Path::new("/usr/share/zoneinfo").join(name)
    }

    const SECOND: u64 = 1_000_000_000;

    #[cfg(unix)]
    #[test]
    fn a_change_is_seen_within_a_second_and_not_before() {
        let folder = Folder::new("follow");
        let local = folder.0.join("localtime");
        let follower = Follower::new();
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

        follower.follow(Follow::Frozen);
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
            std::os::unix::fs::symlink(file("US/Eastern"), folder.0.join("two")).unwrap();
            let follower = Follower::new();
            let zone = follower.refresh(folder.environment(), None);
            assert_eq!(zone.name(), Some("US/Eastern"));
            assert_eq!(follower.how().source, Source::File(folder.0.join("localtime")));
        }
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
                        // Between two files there may be none, or half of one.
                        assert!([32_400, 19_800, 0].contains(&offset_s), "{offset_s}");
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
