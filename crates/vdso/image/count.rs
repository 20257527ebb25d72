//! Counting who reads what, in the reader's own thread: no lock, no allocation.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{AcqRel, Acquire, Relaxed, Release};

use crate::layout::{
    CLAIMED, DEPTH, FRAMES, FREE, Frame, Function, KEPT, NOTICE_FRAME, NOTICE_SITE, NOTICES,
    PROBES, READY, SITES, Site, TABLE_BEFORE, THREADS, Table, bucket, frame_key, place, site_key,
};
use crate::{Caller, control, cpu, private};

#[inline(always)]
fn table() -> &'static Table {
    // SAFETY: the launcher maps it where it sets the flag that leads here.
    unsafe { &*cpu::image().wrapping_sub(TABLE_BEFORE).cast() }
}

/// Answers a read and counts it.
#[inline(always)]
pub fn around(function: Function, clock: i32, caller: Caller, answer: impl FnOnce() -> i32) -> i32 {
    let process = private().process.load(Relaxed);
    if process == 0 {
        return answer();
    }
    let flags = control().flags.load(Relaxed);
    let thread = if flags & THREADS != 0 { cpu::thread() as u64 } else { 0 };
    let quick = call_site(process, caller, flags).and_then(|address| {
        let wanted = Wanted { process, function, clock, thread, address };
        // SAFETY: the index is below the number of entries.
        let site = unsafe { table().sites.get_unchecked(wanted.first()) };
        wanted.is(site).then_some(site)
    });
    let Some(site) = quick.or_else(|| elsewhere(function, clock, caller)) else {
        table().lost.fetch_add(1, Relaxed);
        return answer();
    };
    let number = site.count.load(Relaxed);
    cpu::add(&site.count, 1);
    if !is_served(function, clock) {
        cpu::add(&site.fallbacks, 1);
    }
    if number & control().time_mask.load(Relaxed) != 0 {
        // Nothing is left to do after it.
        return answer();
    }
    let before = cpu::ticks();
    let result = answer();
    timed(site, cpu::ticks().wrapping_sub(before));
    result
}

/// A call site that is not in its first place, or not known yet.
#[cold]
#[inline(never)]
fn elsewhere(function: Function, clock: i32, caller: Caller) -> Option<&'static Site> {
    let flags = control().flags.load(Relaxed);
    let process = private().process.load(Relaxed);
    let thread = if flags & THREADS != 0 { cpu::thread() as u64 } else { 0 };
    let address = ask_for_call_site(process, caller, flags);
    Wanted { process, function, clock, thread, address }.site(caller, flags)
}

#[inline(never)]
fn timed(site: &Site, ticks: u64) {
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

/// What a read is counted under.
#[derive(Clone, Copy)]
struct Wanted {
    process: u32,
    function: Function,
    clock: i32,
    thread: u64,
    address: usize,
}

impl Wanted {
    /// Where it is looked for first.
    #[inline(always)]
    fn first(&self) -> usize {
        let Wanted { process, function, clock, thread, address } = *self;
        place(site_key(process, address as u64, thread, function as u32, clock), SITES)
    }

    #[inline(always)]
    fn is(&self, site: &Site) -> bool {
        site.state.load(Acquire) == READY
            && site.address.load(Relaxed) == self.address as u64
            && site.thread.load(Relaxed) == self.thread
            && site.function.load(Relaxed) == self.function as u32
            && site.clock.load(Relaxed) == self.clock
            && site.process.load(Relaxed) == self.process
    }

    /// The place where it is counted; nothing if there is no room.
    fn site(&self, caller: Caller, flags: u32) -> Option<&'static Site> {
        let first = self.first();
        for probe in 0..PROBES {
            let index = (first + probe) & (SITES - 1);
            // SAFETY: the index is below the number of entries.
            let site = unsafe { table().sites.get_unchecked(index) };
            if site.state.load(Acquire) == FREE
                && site.state.compare_exchange(FREE, CLAIMED, AcqRel, Acquire).is_ok()
            {
                site.process.store(self.process, Relaxed);
                site.function.store(self.function as u32, Relaxed);
                site.clock.store(self.clock, Relaxed);
                site.address.store(self.address as u64, Relaxed);
                site.thread.store(self.thread, Relaxed);
                site.state.store(READY, Release);
                if flags & NOTICES != 0 {
                    cpu::notice(NOTICE_SITE, index, caller.address, caller.stack, caller.frame);
                }
                return Some(site);
            }
            // One that is being claimed may be by the code that this signal handler has
            // interrupted: waiting would never end, and a second entry for a site does no
            // harm.
            if self.is(site) {
                return Some(site);
            }
        }
        None
    }
}

/// Goes from the return address through wrappers, such as the C library's
/// `clock_gettime`, to the code that wanted the time; nothing where a way is not known.
#[inline(always)]
fn call_site(process: u32, mut caller: Caller, flags: u32) -> Option<usize> {
    for _ in 0..DEPTH {
        let found = frame(process, caller.address);
        if found.is_none() && flags & NOTICES != 0 {
            return None;
        }
        match found.and_then(|found| next(found, caller)) {
            Some(next) => caller = next,
            None => break,
        }
    }
    Some(caller.address)
}

/// The same, and asks where a way is not known.
fn ask_for_call_site(process: u32, mut caller: Caller, flags: u32) -> usize {
    for _ in 0..DEPTH {
        let mut found = frame(process, caller.address);
        if found.is_none() && flags & NOTICES != 0 {
            cpu::notice(NOTICE_FRAME, caller.address, caller.stack, caller.frame, 0);
            found = frame(process, caller.address);
        }
        match found.and_then(|found| next(found, caller)) {
            Some(next) => caller = next,
            None => break,
        }
    }
    caller.address
}

/// The caller's caller; nothing if this one is the call site.
#[inline(always)]
fn next(found: &Frame, caller: Caller) -> Option<Caller> {
    let caller_at = found.caller_at.load(Relaxed) as isize;
    if caller_at == 0 {
        return None;
    }
    let base = if found.from_frame.load(Relaxed) == 0 { caller.stack } else { caller.frame };
    // SAFETY: who unwinds has told from the program's own tables that the return address
    // of the code at `address` lies there, and the frame pointer.
    let word = |at: i32| unsafe { *(base.wrapping_add_signed(at as isize) as *const usize) };
    let frame_at = found.frame_at.load(Relaxed);
    Some(Caller {
        address: word(found.return_at.load(Relaxed)),
        stack: base.wrapping_add_signed(caller_at),
        frame: if frame_at == KEPT { caller.frame } else { word(frame_at) },
    })
}

/// How to get on from a return address.
#[inline(always)]
fn frame(process: u32, address: usize) -> Option<&'static Frame> {
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
