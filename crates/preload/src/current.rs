//! Which zone is in force, and how a change is noticed.
//!
//! `localtime`, `mktime`, `ctime`, `tzset` and, where it must, `strftime` look whether
//! `TZ` has changed; `localtime_r`, `gmtime_r` and the rest take what is there, and read
//! `TZ` only if nobody has before. So it is in glibc.
//!
//! # Without a lock
//!
//! Whoever reads loads one pointer. A zone, once learnt, stays for as long as the
//! program; those that come back are found in a list that only grows. One thread at a
//! time learns; others that would have to are served by the C library meanwhile, which
//! is slower and right. The right to learn is a number in memory, that of the process:
//! so a child that was forked while another thread was learning is not shut out.

use core::sync::atomic::{AtomicI64, AtomicPtr, AtomicU32, Ordering};
use std::boxed::Box;

use instanter_clock::{Clock, PAGE};

use crate::file::{self, Place};
use crate::learn::Lead;
use crate::zone::Zone;
use crate::{environment, errno, next};

/// The zone in force; [`UNKNOWN`] until `TZ` has been read.
static CURRENT: AtomicPtr<Zone> = AtomicPtr::new((&raw const UNKNOWN).cast_mut());

/// The zones that have been learnt: the newest.
static LEARNT: AtomicPtr<Entry> = AtomicPtr::new(core::ptr::null_mut());

/// How many are kept, some 35 KB each. A program that makes up ever new zones gets the
/// C library's answers after these.
const MOST_LEARNT: u32 = 512;

/// The process that is learning; 0 if none is.
static LEARNING: AtomicU32 = AtomicU32::new(0);

/// The second of the monotonic clock in which the system's file was looked at last.
static LOOKED_S: AtomicI64 = AtomicI64::new(i64::MIN);

struct Entry {
    zone: Zone,
    next: *mut Entry,
    number: u32,
}

/// A zone that nobody here knows: before the first call, and where another thread is
/// learning.
static UNKNOWN: Zone = Zone { key: None, identity: None, known: None, on_tzset: None };

/// Returns what is in force at hand: the zone, or [`UNKNOWN`].
#[inline(always)]
pub(crate) fn at_hand() -> &'static Zone {
    // SAFETY: a zone that is never freed.
    unsafe { &*CURRENT.load(Ordering::Acquire) }
}

fn is_loaded(zone: &Zone) -> bool {
    !core::ptr::eq(zone, &raw const UNKNOWN)
}

/// Returns the zone in force, without looking whether `TZ` has changed.
#[inline(always)]
pub(crate) fn zone() -> &'static Zone {
    let zone = at_hand();
    if is_loaded(zone) { zone } else { load() }
}

/// Whether it is certain that UTC is told without leap seconds, which glibc takes off
/// from UTC, too, in a zone that has some.
#[inline(always)]
pub(crate) fn is_without_leap_seconds() -> bool {
    at_hand().known.is_some()
}

/// Returns the zone in force if it is certain that nothing has changed, and no call was
/// needed to see that.
#[inline(always)]
pub(crate) fn unchanged() -> Option<&'static Zone> {
    let zone = at_hand();
    let same = environment::is_surely_unchanged(zone) && (zone.key.is_some() || is_looked_at());
    same.then_some(zone)
}

/// Whether the system's file was looked at in this second.
#[inline(always)]
fn is_looked_at() -> bool {
    PAGE.coarse(Clock::MONOTONIC_COARSE.id() as usize)
        .is_some_and(|now| now.sec == LOOKED_S.load(Ordering::Relaxed))
}

/// Returns the zone in force after looking whether it has changed: `TZ` each time, and
/// the system's file, if that counts, in the first call of a second.
#[inline(never)]
pub(crate) fn refresh() -> &'static Zone {
    let zone = at_hand();
    if !is_loaded(zone) || !environment::is_of(zone) {
        return load();
    }
    if zone.key.is_none() {
        return follow(zone);
    }
    zone
}

/// The system's file may have changed.
fn follow(zone: &'static Zone) -> &'static Zone {
    // In a time namespace and where the page does not serve, the long way.
    let now_s = match PAGE.coarse(Clock::MONOTONIC_COARSE.id() as usize) {
        Some(time) => time.sec,
        None => Clock::MONOTONIC_COARSE.now().map_or(0, |time| time.sec),
    };
    if now_s == LOOKED_S.load(Ordering::Relaxed) {
        return zone;
    }
    look(zone, now_s)
}

#[cold]
fn look(zone: &'static Zone, now_s: i64) -> &'static Zone {
    LOOKED_S.store(now_s, Ordering::Relaxed);
    let errno = errno::get();
    let same = match file::look(file::DEFAULT) {
        Place::File(identity) => zone.identity == Some(identity),
        _ => zone.identity.is_none(),
    };
    errno::set(errno);
    if same { zone } else { load() }
}

/// Reads `TZ` and makes its zone the one in force.
#[cold]
#[inline(never)]
fn load() -> &'static Zone {
    // The C library's own state follows: it serves what is handed on, and functions that
    // this library does not have. It sets `tzname` and the others, and `errno` as ever.
    // SAFETY: as if the program called it.
    unsafe { next::tzset() };
    let errno = errno::get();
    let zone = match claim() {
        Some(claim) => {
            let zone = environment::value(|value| find_or_learn(Lead::follow(value)));
            CURRENT.store(core::ptr::from_ref(zone).cast_mut(), Ordering::Release);
            environment::remember(zone);
            drop(claim);
            zone
        }
        None => &UNKNOWN,
    };
    errno::set(errno);
    zone
}

/// The right to learn.
struct Claim(u32);

impl Drop for Claim {
    fn drop(&mut self) {
        let _ = LEARNING.compare_exchange(self.0, 0, Ordering::Release, Ordering::Relaxed);
    }
}

fn claim() -> Option<Claim> {
    // SAFETY: getpid has no conditions.
    let process = unsafe { libc::getpid() } as u32;
    let owner = LEARNING.load(Ordering::Relaxed);
    if owner == process {
        return None;
    }
    let claimed =
        LEARNING.compare_exchange(owner, process, Ordering::Acquire, Ordering::Relaxed).is_ok();
    claimed.then_some(Claim(process))
}

fn find_or_learn(lead: Lead) -> &'static Zone {
    let newest = LEARNT.load(Ordering::Acquire);
    // SAFETY: null, or an entry that is never freed; so are those behind it.
    let entries = core::iter::successors(unsafe { newest.as_ref::<'static>() }, |entry| unsafe {
        entry.next.as_ref()
    });
    for entry in entries {
        if entry.zone.is_of(lead.key()) && entry.zone.identity == lead.identity() {
            return &entry.zone;
        }
    }
    // SAFETY: as above.
    let number = unsafe { newest.as_ref() }.map_or(0, |entry| entry.number) + 1;
    if number > MOST_LEARNT {
        return Box::leak(Box::new(lead.handed_on()));
    }
    let entry = Box::leak(Box::new(Entry { zone: lead.learn(), next: newest, number }));
    LEARNT.store(entry, Ordering::Release);
    &entry.zone
}
