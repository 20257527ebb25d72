//! The way from whoever called the image through wrappers, such as the C library's
//! `clock_gettime`, to the code that wanted the time; and ways that were gone before.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::compiler_fence;

use crate::count::{Wanted, frame, table, thread};
use crate::layout::{
    BY_FRAME, DEPTH, Frame, KEPT, LAST_SHIFT, MEMOS, Memo, NOTICE_FRAME, NOTICES, QUIET, SELF_POINTER, SITES, Site,
    WAYS, WORDS, frame_key, place, site_key,
};
use crate::{Caller, control, cpu};

/// The first place of a way in the table.
#[inline(always)]
pub fn first(process: u32, address: usize, stack: usize, function: u32, clock: i32) -> usize {
    place(site_key(process, address as u64, stack as u64, function, clock), MEMOS / WAYS) * WAYS
}

/// Whether the next read of a way is one that is not timed, and need not be counted before.
#[inline(always)]
pub fn is_quiet(memo: &Memo, wanted: &Wanted, caller: Caller) -> bool {
    memo.flags.load(Relaxed) & QUIET != 0
        && !wanted.is_slow()
        && memo.key.load(Relaxed) == frame_key(wanted.process, caller.address as u64)
}

/// Says so.
#[inline(always)]
pub fn set_quiet(memo: &Memo, quiet: bool) {
    let flags = memo.flags.load(Relaxed);
    memo.flags.store(if quiet { flags | QUIET } else { flags & !QUIET }, Relaxed);
}

/// Where a remembered way leads, if it is this one.
#[inline(always)]
pub fn leads(memo: &Memo, wanted: &Wanted, caller: Caller) -> Option<&'static Site> {
    if memo.key.load(Acquire) != frame_key(wanted.process, caller.address as u64)
        || memo.stack.load(Relaxed) != caller.stack as u64
    {
        return None;
    }
    let flags = memo.flags.load(Relaxed);
    if flags & BY_FRAME != 0 && memo.frame.load(Relaxed) != caller.frame as u64 {
        return None;
    }
    for (at, word) in memo.at.iter().zip(&memo.words).take(memo.count.load(Relaxed) as usize) {
        let at = at.load(Relaxed) as *const u64;
        // SAFETY: a word of the stack. The program's own tables say that it lies there under
        // a return address and registers that were just found to be the same.
        if unsafe { at.read() } != word.load(Relaxed) {
            return None;
        }
    }
    let index = memo.site.load(Relaxed) as usize % SITES;
    // SAFETY: the index is below the number of entries.
    let site = unsafe { table().sites.get_unchecked(index) };
    let thread = if flags & SELF_POINTER == 0 {
        thread()
    } else {
        // SAFETY: in this process and on this stack, the thread pointer did so.
        unsafe { cpu::thread_from_itself() as u64 }
    };
    wanted.is(site, memo.address.load(Relaxed), thread).then_some(site)
}

/// Where a way leads that is remembered where the last one was found.
#[inline(always)]
pub fn last(near: &Memo, wanted: &Wanted, caller: Caller) -> Option<&'static Site> {
    let flags = near.flags.load(Relaxed);
    let by_frame = flags & BY_FRAME != 0 && near.frame.load(Relaxed) != caller.frame as u64;
    let index = if by_frame {
        wanted.memo_by_frame(caller)
    } else {
        wanted.memo(caller) + (flags >> LAST_SHIFT) as usize % WAYS
    };
    // SAFETY: both are below the number of entries.
    leads(unsafe { table().memos.get_unchecked(index % MEMOS) }, wanted, caller)
}

/// The same for all places of a way.
#[inline(always)]
pub fn any(near: &Memo, wanted: &Wanted, caller: Caller) -> Option<&'static Site> {
    let memos = &table().memos;
    let (first, by_frame) = (wanted.memo(caller), wanted.memo_by_frame(caller));
    let found = |index: usize| leads(memos.get(index)?, wanted, caller);
    for way in 0..WAYS {
        if let Some(site) = found(first + way) {
            let flags = near.flags.load(Relaxed) & ((1 << LAST_SHIFT) - 1);
            near.flags.store(flags | (way as u32) << LAST_SHIFT, Relaxed);
            return Some(site);
        }
    }
    (by_frame..by_frame + WAYS).find_map(found)
}

/// A way as it is gone: where it has come to, and what that depended on.
pub struct Way {
    caller: Caller,
    /// Where the frame pointer was loaded from; 0: it is the first caller's.
    frame_from: usize,
    by_frame: bool,
    /// More than [`WORDS`]: it cannot be remembered.
    count: usize,
    at: [usize; WORDS],
    words: [usize; WORDS],
}

impl Way {
    /// Goes it, and asks the tracer where it does not know on.
    pub fn go(process: u32, caller: Caller) -> Way {
        let mut way = Way {
            caller,
            frame_from: 0,
            by_frame: false,
            count: 0,
            at: [0; WORDS],
            words: [0; WORDS],
        };
        for _ in 0..DEPTH {
            let Caller { address, stack, frame: pointer } = way.caller;
            let mut found = frame(process, address);
            if found.is_none() && control().flags.load(Relaxed) & NOTICES != 0 {
                cpu::notice(NOTICE_FRAME, address, stack, pointer, 0);
                found = frame(process, address);
                if found.is_none() {
                    // There may be room for it the next time.
                    way.count = WORDS + 1;
                }
            }
            if !found.is_some_and(|found| way.step(found)) {
                break;
            }
        }
        way
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
        self.caller = Caller { address, stack, frame: pointer };
        true
    }

    /// Keeps in mind that it led to a site.
    pub fn remember(&self, wanted: &Wanted, caller: Caller, site: usize) {
        if self.count > WORDS {
            return;
        }
        let memos = &table().memos;
        let key = frame_key(wanted.process, caller.address as u64);
        let is_same = |memo: &Memo| {
            memo.key.load(Relaxed) == key && memo.stack.load(Relaxed) == caller.stack as u64
        };
        let near = wanted.memo(caller);
        let taken = memos.get(near).is_some_and(is_same);
        let start = if taken && self.by_frame { wanted.memo_by_frame(caller) } else { near };
        // One that is another caller's may be pushed out; of the same caller's, which one
        // is left to chance.
        let free = (start..start + WAYS).find(|at| !memos.get(*at).is_some_and(is_same));
        let Some(memo) = memos.get(free.unwrap_or(start + site % WAYS)) else { return };
        memo.key.store(0, Relaxed);
        compiler_fence(Release);
        memo.stack.store(caller.stack as u64, Relaxed);
        memo.frame.store(caller.frame as u64, Relaxed);
        let thread = thread() as usize;
        // SAFETY: a thread pointer is zero or points to what belongs to the thread.
        let itself = thread != 0 && cpu::POINTS_TO_ITSELF && unsafe { *(thread as *const usize) } == thread;
        let by_frame = if self.by_frame { BY_FRAME } else { 0 };
        memo.flags.store(by_frame | if itself { SELF_POINTER } else { 0 }, Relaxed);
        memo.address.store(self.caller.address as u64, Relaxed);
        memo.site.store(site as u32, Relaxed);
        memo.count.store(self.count as u64, Relaxed);
        let kept = memo.at.iter().zip(&memo.words).zip(self.at.iter().zip(&self.words));
        for ((place, value), (at, word)) in kept {
            place.store(*at as u64, Relaxed);
            value.store(*word as u64, Relaxed);
        }
        memo.key.store(key, Release);
    }
}
