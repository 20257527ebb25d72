//! Counting who reads what, in the reader's own thread: no lock, no allocation.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::layout::{
    CLAIMED, FRAMES, FREE, Frame, Function, Memo, NOTICE_SITE, NOTICES, PROBES, READY, SITES, Site,
    TABLE_BEFORE, THREADS, Table, bucket, frame_key, place, site_key,
};
use crate::way::{self, Way};
use crate::{Caller, control, cpu, private};

#[inline(always)]
pub fn table() -> &'static Table {
    // SAFETY: the launcher maps it where it sets the flag that leads here.
    unsafe { &*cpu::image().wrapping_sub(TABLE_BEFORE).cast() }
}

/// Answers a read and counts it.
///
/// Most are counted after the answer: that goes on beside the kernel's own arithmetic,
/// whereas all that is done in front of its fence is waited for.
#[inline(always)]
pub fn around(function: Function, clock: i32, caller: Caller, answer: impl FnOnce() -> i32) -> i32 {
    let process = private().process.load(Relaxed);
    if process == 0 {
        return answer();
    }
    let wanted = Wanted { process, function, clock };
    let memo = &table().memos[wanted.memo(caller)];
    if !way::is_quiet(memo, &wanted, caller) {
        return timed(wanted, caller, answer);
    }
    let result = answer();
    let Some(site) = way::last(memo, &wanted, caller).or_else(|| elsewhere(memo, &wanted, caller))
    else {
        table().lost.fetch_add(1, Relaxed);
        return result;
    };
    let number = count(site, &wanted);
    if number.wrapping_add(1) & control().time_mask.load(Relaxed) == 0 {
        // The next one.
        way::set_quiet(memo, false);
    }
    result
}

/// The same for one that is timed, or whose call site may be new.
#[cold]
#[inline(never)]
fn timed(wanted: Wanted, caller: Caller, answer: impl FnOnce() -> i32) -> i32 {
    let memo = &table().memos[wanted.memo(caller)];
    let Some(site) = way::last(memo, &wanted, caller).or_else(|| elsewhere(memo, &wanted, caller))
    else {
        table().lost.fetch_add(1, Relaxed);
        return answer();
    };
    count(site, &wanted);
    way::set_quiet(memo, control().time_mask.load(Relaxed) != 0);
    let before = cpu::ticks();
    let result = answer();
    time(site, cpu::ticks().wrapping_sub(before));
    result
}

/// Returns how many there were before.
#[inline(always)]
fn count(site: &Site, wanted: &Wanted) -> u64 {
    let number = site.count.load(Relaxed);
    cpu::add(&site.count, 1);
    if !is_served(wanted.function, wanted.clock) {
        cpu::add(&site.fallbacks, 1);
    }
    number
}

/// The thread pointer, or 0 where it cannot be read.
#[inline(always)]
pub fn thread() -> u64 {
    if control().flags.load(Relaxed) & THREADS != 0 { cpu::thread() as u64 } else { 0 }
}

/// A call site to which the way is not the last one from here, or not known yet.
#[cold]
#[inline(never)]
fn elsewhere(near: &Memo, wanted: &Wanted, caller: Caller) -> Option<&'static Site> {
    way::any(near, wanted, caller).or_else(|| {
        let way = Way::go(wanted.process, caller);
        let index = wanted.site(way.call_site(), caller)?;
        way.remember(wanted, caller, index);
        table().sites.get(index)
    })
}

fn time(site: &Site, ticks: u64) {
    cpu::add(&site.timed, 1);
    cpu::add(&site.ticks, ticks);
    if ticks > site.longest.load(Relaxed) {
        site.longest.store(ticks, Relaxed);
    }
    cpu::add_small(&site.buckets[bucket(ticks)], 1);
}

/// Whether the kernel's vDSO answers this without a system call.
#[inline(always)]
fn is_served(function: Function, clock: i32) -> bool {
    let served = control().served[function as usize].load(Relaxed);
    (clock as u32) < 64 && served >> clock & 1 != 0
}

/// What a read is counted under, together with its call site.
#[derive(Clone, Copy)]
pub struct Wanted {
    pub process: u32,
    function: Function,
    clock: i32,
}

impl Wanted {
    /// Whether it is known to end in a system call.
    #[inline(always)]
    pub fn is_slow(&self) -> bool {
        self.clock as u32 >= 64 || control().slow.load(Relaxed) >> self.clock & 1 != 0
    }

    /// Where the way from a caller is remembered first.
    #[inline(always)]
    pub fn memo(&self, caller: Caller) -> usize {
        way::first(self.process, caller.address, caller.stack, self.function as u32, self.clock)
    }

    /// The same where the frame pointer tells callers apart.
    #[inline(always)]
    pub fn memo_by_frame(&self, caller: Caller) -> usize {
        let stack = caller.stack ^ caller.frame.rotate_left(7);
        way::first(self.process, caller.address, stack, self.function as u32, self.clock)
    }

    #[inline(always)]
    pub fn is(&self, site: &Site, address: u64, thread: u64) -> bool {
        site.state.load(Acquire) == READY
            && site.address.load(Relaxed) == address
            && site.thread.load(Relaxed) == thread
            && site.function.load(Relaxed) == self.function as u32
            && site.clock.load(Relaxed) == self.clock
            && site.process.load(Relaxed) == self.process
    }

    /// The index of the place where it is counted; nothing if there is no room.
    fn site(&self, address: usize, caller: Caller) -> Option<usize> {
        let Wanted { process, function, clock } = *self;
        let thread = thread();
        let key = site_key(process, address as u64, thread, function as u32, clock);
        let first = place(key, SITES);
        for probe in 0..PROBES {
            let index = (first + probe) & (SITES - 1);
            // SAFETY: the index is below the number of entries.
            let site = unsafe { table().sites.get_unchecked(index) };
            if site.state.load(Acquire) == FREE
                && site.state.compare_exchange(FREE, CLAIMED, AcqRel, Acquire).is_ok()
            {
                site.process.store(process, Relaxed);
                site.function.store(function as u32, Relaxed);
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
