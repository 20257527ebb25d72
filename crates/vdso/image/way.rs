//! The way from whoever called the image through wrappers, such as the C library's
//! `clock_gettime`, to the code that wanted the time; and ways that were gone before.

use core::sync::atomic::AtomicU64;
use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::compiler_fence;

use crate::count::{Wanted, frame, table, thread};
use crate::layout::{
    BY_FRAME, BY_REGISTER, DEPTH, Frame, HOW, KEPT, MEMOS, Memo, NOTICE_FRAME, NOTICES,
    REGISTER_REACH, SELF_POINTER, Site, WAY_BIAS, WAYS, WORDS, Way, asked, frame_key, place,
    site_key,
};
use crate::{Caller, control, cpu};

/// Where a caller is remembered, or in the place after it in pairs.
#[inline(always)]
fn first(wanted: &Wanted, address: usize, stack: usize) -> usize {
    let Wanted { process, function, clock } = *wanted;
    place(site_key(process, address as u64, stack as u64, function, clock), MEMOS)
}

/// The same where the frame pointer tells callers apart.
#[inline(always)]
fn first_by_frame(wanted: &Wanted, caller: Caller) -> usize {
    first(wanted, caller.address, caller.stack ^ caller.frame.rotate_left(7))
}

#[inline(always)]
fn memo(index: usize) -> &'static Memo {
    // SAFETY: the callers' indices are below the number of entries.
    unsafe { table().memos.get_unchecked(index) }
}

/// The ways of the caller that is remembered there.
#[inline(always)]
fn ways(index: usize) -> &'static [Way; WAYS] {
    // SAFETY: as above.
    unsafe { table().ways.get_unchecked(index) }
}

/// Where a remembered way leads.
#[inline(always)]
pub fn leads_to(way: &Way) -> &'static Site {
    let start = (&raw const table().sites).cast::<u8>();
    // SAFETY: a site of the table, says who remembered it.
    unsafe { &*start.wrapping_add(way.site.load(Relaxed) as usize).cast() }
}

/// Whether it is this caller that is remembered.
#[inline(always)]
fn is_this(memo: &Memo, wanted: &Wanted, caller: Caller) -> bool {
    if memo.key.load(Acquire) != frame_key(wanted.process, caller.address as u64)
        || memo.stack.load(Relaxed) != caller.stack as u64
    {
        return false;
    }
    // What differs, if it was asked for the same, is how it is known again.
    let how = memo.asked.load(Relaxed) ^ asked(wanted.function, wanted.clock);
    if how > HOW || how & BY_FRAME != 0 && memo.frame.load(Relaxed) != caller.frame as u64 {
        return false;
    }
    let thread = if how & SELF_POINTER != 0 {
        // SAFETY: in this process and on this stack, the thread pointer did so.
        unsafe { cpu::thread_from_itself() as u64 }
    } else if how & BY_REGISTER != 0 {
        caller.register as u64
    } else {
        thread()
    };
    memo.thread.load(Relaxed) == thread
}

/// A word of the stack.
///
/// # Safety
/// The program's own tables must have said that it lies there, under a return address and
/// registers that were just found to be the same.
#[inline(always)]
unsafe fn word(at: usize) -> u64 {
    // SAFETY: the caller's promise.
    unsafe { *(at as *const u64) }
}

/// A caller that is remembered.
#[derive(Clone, Copy)]
struct Known {
    memo: &'static Memo,
    ways: &'static [Way; WAYS],
    /// Where the word is that tells its ways apart …
    at: usize,
    /// … and what it is now.
    word: u64,
}

impl Known {
    /// The caller that is remembered there, if it is this one.
    #[inline(always)]
    fn at(index: usize, wanted: &Wanted, caller: Caller) -> Option<Known> {
        let memo = memo(index);
        if !is_this(memo, wanted, caller) {
            return None;
        }
        let at = memo.at.load(Relaxed) as usize;
        // SAFETY: it was found by going a way from this caller.
        let word = unsafe { word(at) };
        // No way has that, but every free place.
        (word != 0).then(|| Known { memo, ways: ways(index), at, word })
    }

    /// The way that was gone now.
    #[inline(always)]
    fn way(&self) -> Option<&'static Way> {
        let Known { memo, ways, at, word } = *self;
        let is_this = |(first, way): &(&AtomicU64, &Way)| {
            // SAFETY: as in `at`, and the first word is the same.
            first.load(Relaxed) == word && unsafe { rest_is_same(way, at) }
        };
        memo.first.iter().zip(ways).find(is_this).map(|(_, way)| way)
    }
}

/// Whether all but the first of the words on which a way depends are as they were.
///
/// # Safety
/// As for [`word`].
#[inline(always)]
unsafe fn rest_is_same(way: &Way, first: usize) -> bool {
    const { assert!(WORDS == 5) };
    let is_same = |index: usize| {
        let at = first.wrapping_add(way.at[index].load(Relaxed) as usize).wrapping_sub(WAY_BIAS);
        // SAFETY: it lies where those before it say that there is stack.
        unsafe { word(at) == way.words[index].load(Relaxed) }
    };
    // In pairs and without a loop: that takes fewer registers and instructions.
    match way.count.load(Relaxed) {
        0 => true,
        count => is_same(0) && is_same(1) && (count <= 2 || is_same(2) && is_same(3)),
    }
}

/// This way, if its caller is remembered in the nearest place.
#[inline(always)]
pub fn nearest(wanted: &Wanted, caller: Caller) -> Option<&'static Way> {
    Known::at(first(wanted, caller.address, caller.stack), wanted, caller)?.way()
}

/// This way, wherever its caller is remembered.
#[inline(always)]
pub fn any(wanted: &Wanted, caller: Caller) -> Option<&'static Way> {
    let near = first(wanted, caller.address, caller.stack);
    let by_frame = first_by_frame(wanted, caller);
    let places = [near, near ^ 1, by_frame, by_frame ^ 1];
    places.into_iter().find_map(|place| Known::at(place, wanted, caller))?.way()
}

/// A way as it is gone: where it has come to, and what that depended on.
pub struct Walk {
    caller: Caller,
    /// Where the frame pointer was loaded from; 0: it is the first caller's.
    frame_from: usize,
    by_frame: bool,
    /// More than [`WORDS`]: it cannot be remembered.
    count: usize,
    at: [usize; WORDS],
    words: [usize; WORDS],
}

impl Walk {
    /// A way that is to be gone.
    #[inline(always)]
    pub fn from(caller: Caller) -> Walk {
        Walk {
            caller,
            frame_from: 0,
            by_frame: false,
            count: 0,
            at: [0; WORDS],
            words: [0; WORDS],
        }
    }

    /// Goes it, and asks the tracer where it does not know on.
    pub fn go(&mut self, process: u32) {
        for _ in 0..DEPTH {
            let Caller { address, stack, frame: pointer, .. } = self.caller;
            let mut found = frame(process, address);
            if found.is_none() && control().flags.load(Relaxed) & NOTICES != 0 {
                cpu::notice(NOTICE_FRAME, address, stack, pointer, 0);
                found = frame(process, address);
                if found.is_none() {
                    // There may be room for it the next time.
                    self.count = WORDS + 1;
                }
            }
            if !found.is_some_and(|found| self.step(found)) {
                break;
            }
        }
    }

    /// The return address at the call site.
    pub fn call_site(&self) -> usize {
        self.caller.address
    }

    fn depends_on(&mut self, at: usize, word: usize) {
        if let (Some(place), Some(value)) =
            (self.at.get_mut(self.count), self.words.get_mut(self.count))
        {
            (*place, *value) = (at, word);
        }
        self.count += 1;
    }

    /// On to the caller's caller; `false` if this one is the call site.
    #[inline(always)]
    fn step(&mut self, found: &Frame) -> bool {
        let caller_at = found.caller_at.load(Relaxed) as isize;
        if caller_at == 0 {
            return false;
        }
        let Caller { stack, frame, .. } = self.caller;
        let from_frame = found.from_frame.load(Relaxed) != 0;
        if from_frame {
            match self.frame_from {
                0 => self.by_frame = true,
                from => self.depends_on(from, frame),
            }
        }
        let base = if from_frame { frame } else { stack };
        let place = |at: i32| base.wrapping_add_signed(at as isize);
        // SAFETY: who unwinds has told from the program's own tables that the return
        // address of the code at the caller's address lies there, and the frame pointer.
        let word = |at: usize| unsafe { *(at as *const usize) };
        let return_at = place(found.return_at.load(Relaxed));
        let returns_to = word(return_at);
        self.depends_on(return_at, returns_to);
        let address = cpu::unsigned(returns_to);
        let frame_at = found.frame_at.load(Relaxed);
        let mut pointer = frame;
        if frame_at != KEPT {
            self.frame_from = place(frame_at);
            pointer = word(self.frame_from);
        }
        let stack = base.wrapping_add_signed(caller_at);
        self.caller = Caller { address, stack, frame: pointer, register: 0 };
        true
    }

    /// Keeps in mind that it led to a site.
    pub fn remember(&self, wanted: &Wanted, caller: Caller, site: usize) -> Option<&'static Way> {
        if self.count > WORDS || self.count > 0 && self.words[0] == 0 {
            return None;
        }
        let near = |at: usize| u32::try_from(at.wrapping_sub(self.at[0]).wrapping_add(WAY_BIAS));
        let rest = self.at.get(1..self.count).unwrap_or_default();
        if rest.iter().any(|at| near(*at).is_err()) {
            return None;
        }
        let (how, thread) = tells_threads_apart(caller);
        let place = self.place(wanted, caller, how, thread)?;
        let (memo, ways) = (memo(place), ways(place));
        if memo.busy.swap(1, Acquire) != 0 {
            return None;
        }
        if !may_be_changed(memo, wanted, how, thread) {
            memo.busy.store(0, Release);
            return None;
        }
        let key = frame_key(wanted.process, caller.address as u64);
        let (at, first) = match self.count {
            0 => (&raw const memo.key as usize, key),
            _ => (self.at[0], self.words[0] as u64),
        };
        if !is_this(memo, wanted, caller) || memo.at.load(Relaxed) != at as u64 {
            memo.key.store(0, Relaxed);
            compiler_fence(Release);
            for (word, way) in memo.first.iter().zip(ways) {
                word.store(0, Relaxed);
                way.left.store(0, Relaxed);
            }
            memo.stack.store(caller.stack as u64, Relaxed);
            memo.frame.store(caller.frame as u64, Relaxed);
            memo.thread.store(thread as u64, Relaxed);
            let by_frame = if self.by_frame { BY_FRAME } else { 0 };
            memo.asked.store(by_frame | how | asked(wanted.function, wanted.clock), Relaxed);
            memo.at.store(at as u64, Relaxed);
        }
        // Where all are taken, which one is replaced is left to chance.
        let free = memo.first.iter().position(|first| first.load(Relaxed) == 0);
        let index = free.unwrap_or(site) % WAYS;
        let (slot, way) = (&memo.first[index], &ways[index]);
        slot.store(0, Relaxed);
        way.left.store(0, Relaxed);
        compiler_fence(Release);
        way.site.store((site * size_of::<Site>()) as u32, Relaxed);
        way.count.store(self.count.saturating_sub(1) as u16, Relaxed);
        let all = self.at.iter().zip(&self.words);
        for (index, (place, value)) in way.at.iter().zip(&way.words).enumerate() {
            let more = if index + 1 < self.count { index + 1 } else { 0 };
            let (at, word) = all.clone().nth(more).unwrap_or((&self.at[0], &self.words[0]));
            place.store(near(*at).unwrap_or(WAY_BIAS as u32), Relaxed);
            value.store(*word as u64, Relaxed);
        }
        slot.store(first, Release);
        memo.key.store(key, Release);
        memo.busy.store(0, Release);
        Some(way)
    }

    /// Where its caller is remembered, or is to be.
    fn place(&self, wanted: &Wanted, caller: Caller, how: u64, thread: usize) -> Option<usize> {
        let near = first(wanted, caller.address, caller.stack);
        let by_frame = first_by_frame(wanted, caller);
        let places = [near, near ^ 1, by_frame, by_frame ^ 1];
        // Other places only where the frame pointer makes others.
        let places = if self.by_frame { &places[..] } else { &places[..2] };
        let is_own = |place: &&usize| is_this(memo(**place), wanted, caller);
        let is_free = |place: &&usize| memo(**place).key.load(Relaxed) == 0;
        let may_be = |place: &&usize| may_be_changed(memo(**place), wanted, how, thread);
        let found = places.iter().find(is_own).or_else(|| places.iter().find(is_free));
        found.or_else(|| places.iter().find(may_be)).copied()
    }
}

/// Whether a caller is nobody's, or one of this thread. What another thread may be reading is
/// never changed: it would read at an address of a stack that is gone.
fn may_be_changed(memo: &Memo, wanted: &Wanted, how: u64, thread: usize) -> bool {
    let key = memo.key.load(Acquire);
    let is_own = thread != 0
        && (key >> 48) as u32 == wanted.process & 0xffff
        && memo.asked.load(Relaxed) & (SELF_POINTER | BY_REGISTER) == how
        && memo.thread.load(Relaxed) == thread as u64;
    key == 0 || is_own
}

/// What is compared to know this thread again on this way, and how: the thread pointer, or
/// what stands for it.
fn tells_threads_apart(caller: Caller) -> (u64, usize) {
    let thread = thread() as usize;
    // SAFETY: a thread pointer is zero or points to what belongs to the thread.
    let points_to_itself = || unsafe { *(thread as *const usize) } == thread;
    if thread == 0 || !cpu::ASKING_TAKES_LONG {
        (0, thread)
    } else if points_to_itself() {
        (SELF_POINTER, thread)
    } else if caller.register != 0 && thread.wrapping_sub(caller.register) < REGISTER_REACH {
        (BY_REGISTER, caller.register)
    } else {
        (0, thread)
    }
}
