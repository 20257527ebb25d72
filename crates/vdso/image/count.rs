//! Counting who reads what, in the reader's own thread: no lock, no allocation.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::layout::{
    CLAIMED, FRAMES, FREE, Frame, NOTICE_SITE, NOTICES, PROBES, READY, SITES, Site,
    TABLE_BEFORE, THREADS, Table, Way, bucket, frame_key, place, site_key,
};
use crate::way::{self, Walk};
use crate::{Caller, control, cpu, private};

#[inline(always)]
pub fn table() -> &'static Table {
    // SAFETY: the launcher maps it where it sets the flag that leads here.
    unsafe { &*cpu::image().wrapping_sub(TABLE_BEFORE).cast() }
}

/// Counts a read whose way to its call site is remembered, unless it is to be timed.
///
/// This is all that most reads cost beside their answer, so it is written for few
/// instructions: the CPU hides none of them behind its counter.
#[inline(always)]
pub fn quickly(remembered: Option<&Way>) -> bool {
    let Some(way) = remembered else { return false };
    let left = way.left.load(Relaxed);
    if left == 0 {
        return false;
    }
    way.left.store(left - 1, Relaxed);
    cpu::count(&way::leads_to(way).count);
    true
}

/// Answers and counts a read that is to be timed, or whose way is not known yet.
///
/// It is counted before it is answered, so that none is missing whose process is killed in a
/// system call.
#[inline(always)]
pub fn slowly(
    wanted: &Wanted,
    caller: Caller,
    known: Option<&'static Way>,
    answer: impl FnOnce() -> i32,
) -> i32 {
    if wanted.process == 0 {
        return answer();
    }
    let known = known.map(|way| (way::leads_to(way), Some(way)));
    let Some((site, way)) = known.or_else(|| elsewhere(wanted, caller)) else {
        table().lost.fetch_add(1, Relaxed);
        return answer();
    };
    cpu::count(&site.count);
    if let Some(way) = way {
        way.left.store(control().untimed.load(Relaxed) as u16, Relaxed);
    }
    let before = cpu::ticks();
    let result = answer();
    time(site, cpu::ticks().wrapping_sub(before));
    result
}

/// The thread pointer, or 0 where it cannot be read.
#[inline(always)]
pub fn thread() -> u64 {
    if control().flags.load(Relaxed) & THREADS != 0 { cpu::thread() as u64 } else { 0 }
}

/// A call site to which the way is not known, and where that is remembered now, if it is.
#[cold]
#[inline(never)]
fn elsewhere(wanted: &Wanted, caller: Caller) -> Option<(&'static Site, Option<&'static Way>)> {
    let mut way = Walk::from(caller);
    way.go(wanted.process);
    let index = wanted.site(way.call_site(), caller)?;
    Some((table().sites.get(index)?, way.remember(wanted, caller, index)))
}

fn time(site: &Site, ticks: u64) {
    cpu::count(&site.timed);
    cpu::add(&site.ticks, ticks);
    if ticks > site.longest.load(Relaxed) {
        site.longest.store(ticks, Relaxed);
    }
    cpu::add_small(&site.buckets[bucket(ticks)], 1);
}

/// What a read is counted under, together with its call site.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub process: u32,
    pub function: u32,
    pub clock: i32,
}

impl Wanted {
    /// For a function by its number.
    #[inline(always)]
    pub fn of(function: u32, clock: i32) -> Wanted {
        Wanted { process: private().process.load(Relaxed), function, clock }
    }

    fn is(&self, site: &Site, address: u64, thread: u64) -> bool {
        site.state.load(Acquire) == READY
            && site.address.load(Relaxed) == address
            && site.thread.load(Relaxed) == thread
            && site.function.load(Relaxed) == self.function
            && site.clock.load(Relaxed) == self.clock
            && site.process.load(Relaxed) == self.process
    }

    /// The index of the place where it is counted; nothing if there is no room.
    fn site(&self, address: usize, caller: Caller) -> Option<usize> {
        let Wanted { process, function, clock } = *self;
        let thread = thread();
        let key = site_key(process, address as u64, thread, function, clock);
        let first = place(key, SITES);
        for probe in 0..PROBES {
            let index = (first + probe) & (SITES - 1);
            // SAFETY: the index is below the number of entries.
            let site = unsafe { table().sites.get_unchecked(index) };
            if site.state.load(Acquire) == FREE
                && site.state.compare_exchange(FREE, CLAIMED, AcqRel, Acquire).is_ok()
            {
                site.process.store(process, Relaxed);
                site.function.store(function, Relaxed);
                site.clock.store(clock, Relaxed);
                site.address.store(address as u64, Relaxed);
                site.thread.store(thread, Relaxed);
                site.state.store(READY, Release);
                if control().flags.load(Relaxed) & NOTICES != 0 {
                    cpu::notice(NOTICE_SITE, index, caller.address, caller.stack, caller.frame);
                }
                return Some(index);
            }
            // One that is being claimed may be by the code that this signal handler has
            // interrupted: waiting would never end, and a second entry for a site does no
            // harm.
            if self.is(site, address as u64, thread) {
                return Some(index);
            }
        }
        None
    }
}

/// How to get on from a return address.
#[inline(always)]
pub fn frame(process: u32, address: usize) -> Option<&'static Frame> {
    let key = frame_key(process, address as u64);
    let first = place(key, FRAMES);
    for probe in 0..PROBES {
        let index = (first + probe) & (FRAMES - 1);
        // SAFETY: the index is below the number of entries.
        let frame = unsafe { table().frames.get_unchecked(index) };
        let found = frame.key.load(Acquire);
        if found == key {
            return Some(frame);
        }
        if found == 0 {
            return None;
        }
    }
    None
}

/// So that both CPUs' `add` have one signature.
pub type Counter = AtomicU64;
