//! The table in which the traced processes count: call sites taken out of it, and ways to
//! callers put into it.

use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering::{Acquire, Relaxed, Release};

use instanter_vdso::layout::{
    FRAMES, FREE, Function, KEPT, PROBES, READY, Site, Table, frame_key, place,
};

use super::tally::{Place, Read, Tally, Ticks};
use super::unwind::Step;

/// A call site in the table.
struct Known {
    place: Place,
    read: Read,
    address: u64,
    /// What was taken out of it already.
    taken: u64,
    ticks: Ticks,
}

/// The call sites that were told of.
#[derive(Default)]
pub(super) struct Sites {
    known: HashMap<usize, Known>,
    /// By thread and return address.
    by_address: HashMap<(i32, u64), Vec<(Read, Place)>>,
}

/// What a call site reads.
pub(super) fn read_of(site: &Site) -> Option<(Read, u64)> {
    if site.state.load(Acquire) != READY {
        return None;
    }
    let number = site.function.load(Relaxed);
    let function = Function::ALL.into_iter().find(|function| *function as u32 == number)?;
    let has_clock = matches!(function, Function::ClockGettime | Function::ClockGetres);
    let clock = has_clock.then(|| site.clock.load(Relaxed));
    Some((Read { function: function.name(), clock }, site.address.load(Relaxed)))
}

impl Sites {
    /// A call site was used for the first time.
    pub(super) fn add(&mut self, index: usize, site: &Site, place: Place) {
        let Some((read, address)) = read_of(site) else { return };
        let known = Known { place, read, address, taken: 0, ticks: Ticks::default() };
        self.known.insert(index, known);
        let key = (place.thread.as_raw(), address);
        self.by_address.entry(key).or_default().push((read, place));
    }

    /// Where a read was counted that now makes a system call, if one of these return
    /// addresses is its call site.
    pub(super) fn find(&self, thread: i32, addresses: &[u64], read: Read) -> Option<(Read, Place)> {
        let sites = addresses.iter().find_map(|at| self.by_address.get(&(thread, *at)))?;
        // `time` and `gettimeofday` ask for `clock_gettime` on the way.
        let other = |(known, _): &&(Read, Place)| known.function != read.function;
        sites.iter().find(|(known, _)| *known == read).or_else(|| sites.iter().find(other)).copied()
    }

    /// Takes out what was counted since the last time.
    pub(super) fn collect(&mut self, table: &Table, tally: &mut Tally) {
        for (index, known) in &mut self.known {
            if let Some(site) = table.sites.get(*index) {
                known.collect(site, tally);
            }
        }
    }

    /// A thread has ended: its places in the table are free for others.
    pub(super) fn end(&mut self, thread: i32, table: &Table, tally: &mut Tally) {
        let mut cleared = HashSet::new();
        self.known.retain(|index, known| {
            if known.place.thread.as_raw() != thread {
                return true;
            }
            if let Some(site) = table.sites.get(*index) {
                known.collect(site, tally);
                clear(site);
                cleared.insert(*index);
            }
            false
        });
        // No way leads there any more, not even one of a thread that gets its stack.
        let memos = table.memos.iter().zip(&table.ways).filter(|_| !cleared.is_empty());
        for (memo, ways) in memos {
            for (first, way) in memo.first.iter().zip(ways) {
                if cleared.contains(&(way.site.load(Relaxed) as usize / size_of::<Site>())) {
                    first.store(0, Relaxed);
                    way.left.store(0, Relaxed);
                }
            }
            if memo.first.iter().all(|first| first.load(Relaxed) == 0) {
                memo.key.store(0, Relaxed);
            }
        }
        self.by_address.retain(|(of, _), _| *of != thread);
    }
}

fn clear(site: &Site) {
    for number in [&site.count, &site.timed, &site.ticks, &site.longest] {
        number.store(0, Relaxed);
    }
    for bucket in &site.buckets {
        bucket.store(0, Relaxed);
    }
    site.state.store(FREE, Release);
}

impl Known {
    fn collect(&mut self, site: &Site, tally: &mut Tally) {
        // The place may be another's by now, if its thread has ended.
        if read_of(site) != Some((self.read, self.address)) {
            return;
        }
        let count = site.count.load(Relaxed);
        let mut now = Ticks {
            timed: site.timed.load(Relaxed),
            total: site.ticks.load(Relaxed),
            longest: site.longest.load(Relaxed),
            ..Ticks::default()
        };
        for (number, bucket) in now.buckets.iter_mut().zip(&site.buckets) {
            *number = u64::from(bucket.load(Relaxed));
        }
        let new = count.saturating_sub(self.taken);
        if new > 0 {
            tally.read_in_user_space(self.place, self.read, new, &now.since(&self.ticks));
        }
        (self.taken, self.ticks) = (count, now);
    }
}

/// Tells the traced processes how to get from a return address to its caller's; with
/// `None`, that it is a call site. Returns whether there was room.
pub(super) fn tell(table: &Table, process: u32, address: u64, step: Option<(Step, i64)>) -> bool {
    let key = frame_key(process, address);
    let first = place(key, FRAMES);
    let number = |value: i64| i32::try_from(value).ok();
    let distances = step.and_then(|(step, ra)| {
        let fp = step.fp.map_or(Some(KEPT), |at| number(step.cfa + at));
        Some((number(step.cfa + ra)?, number(step.cfa)?, fp?, u32::from(step.from_fp)))
    });
    let (return_at, caller_at, frame_at, from_frame) = distances.unwrap_or((0, 0, KEPT, 0));
    for probe in 0..PROBES {
        let frame = &table.frames[(first + probe) & (FRAMES - 1)];
        let found = frame.key.load(Acquire);
        if found == key {
            return true;
        }
        if found == 0 {
            frame.return_at.store(return_at, Relaxed);
            frame.caller_at.store(caller_at, Relaxed);
            frame.frame_at.store(frame_at, Relaxed);
            frame.from_frame.store(from_frame, Relaxed);
            frame.key.store(key, Release);
            return true;
        }
    }
    false
}

/// A process's addresses are another program's now, or nobody's.
pub(super) fn forget(table: &Table, process: u32) {
    for frame in &table.frames {
        // The upper 16 bits of an address are zero.
        let key = frame.key.load(Relaxed);
        if key != 0 && (key >> 48) as u32 == process & 0xffff {
            frame.key.store(0, Relaxed);
        }
    }
    for memo in &table.memos {
        if (memo.key.load(Relaxed) >> 48) as u32 == process & 0xffff {
            memo.key.store(0, Relaxed);
        }
    }
}
