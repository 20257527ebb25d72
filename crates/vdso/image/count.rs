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
    let Some(site) = site(process, function, clock, caller) else {
        table().lost.fetch_add(1, Relaxed);
        return answer();
    };
    let number = site.count.load(Relaxed);
    cpu::add(&site.count, 1);
    if !is_served(function, clock) {
        cpu::add(&site.fallbacks, 1);
    }
    if number & control().time_mask.load(Relaxed) != 0 {
        return answer();
    }
    let before = cpu::ticks();
    let result = answer();
    timed(site, cpu::ticks().wrapping_sub(before));
    result
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

/// The place where this read is counted; nothing if there is no room.
#[inline(never)]
fn site(process: u32, function: Function, clock: i32, caller: Caller) -> Option<&'static Site> {
    let flags = control().flags.load(Relaxed);
    let thread = if flags & THREADS != 0 { cpu::thread() as u64 } else { 0 };
    let address = call_site(process, caller, flags) as u64;
    let function = function as u32;
    let key = site_key(process, address, thread, function, clock);
    let first = place(key, SITES);
    for probe in 0..PROBES {
        let index = (first + probe) & (SITES - 1);
        // SAFETY: the index is below the number of entries.
        let site = unsafe { table().sites.get_unchecked(index) };
        let mut state = site.state.load(Acquire);
        if state == FREE {
            match site.state.compare_exchange(FREE, CLAIMED, AcqRel, Acquire) {
                Ok(_) => {
                    site.process.store(process, Relaxed);
                    site.function.store(function, Relaxed);
                    site.clock.store(clock, Relaxed);
                    site.address.store(address, Relaxed);
                    site.thread.store(thread, Relaxed);
                    site.state.store(READY, Release);
                    if flags & NOTICES != 0 {
                        cpu::notice(NOTICE_SITE, index, caller.address, caller.stack, caller.frame);
                    }
                    return Some(site);
                }
                Err(now) => state = now,
            }
        }
        // One that is being claimed may be by the code that this signal handler has
        // interrupted: waiting would never end, and a second entry for a site does no harm.
        if state == READY
            && site.address.load(Relaxed) == address
            && site.thread.load(Relaxed) == thread
            && site.function.load(Relaxed) == function
            && site.clock.load(Relaxed) == clock
            && site.process.load(Relaxed) == process
        {
            return Some(site);
        }
    }
    None
}

/// Goes from the return address through wrappers, such as the C library's
/// `clock_gettime`, to the code that wanted the time.
#[inline(always)]
fn call_site(process: u32, caller: Caller, flags: u32) -> usize {
    let Caller { mut address, mut stack, frame: mut frame_pointer } = caller;
    for _ in 0..DEPTH {
        let mut found = frame(process, address);
        if found.is_none() && flags & NOTICES != 0 {
            cpu::notice(NOTICE_FRAME, address, stack, frame_pointer, 0);
            found = frame(process, address);
        }
        let Some(found) = found else { break };
        let caller_at = found.caller_at.load(Relaxed) as isize;
        if caller_at == 0 {
            break;
        }
        let base = if found.from_frame.load(Relaxed) == 0 { stack } else { frame_pointer };
        // SAFETY: who unwinds has told from the program's own tables that the return
        // address of the code at `address` lies there, and the frame pointer.
        let word = |at: i32| unsafe { *(base.wrapping_add_signed(at as isize) as *const usize) };
        address = word(found.return_at.load(Relaxed));
        let frame_at = found.frame_at.load(Relaxed);
        if frame_at != KEPT {
            frame_pointer = word(frame_at);
        }
        stack = base.wrapping_add_signed(caller_at);
    }
    address
}

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
