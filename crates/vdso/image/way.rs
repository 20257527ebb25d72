//! The way from whoever called the image through wrappers, such as the C library's
//! `clock_gettime`, to the code that wanted the time; and ways that were gone before.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release};
use core::sync::atomic::compiler_fence;

use crate::count::{Wanted, frame, table, thread};
use crate::layout::{
    BY_FRAME, BY_REGISTER, COUNT_SHIFT, DEPTH, FUNCTION_SHIFT, Frame, KEPT, MEMOS, Memo,
    NOTICE_FRAME, NOTICES, REGISTER_REACH, SELF_POINTER, SITES, Site, WAYS, WORDS, frame_key,
    place, site_key,
};
use crate::{Caller, control, cpu};

/// The first of the places where ways from a caller are remembered.
#[inline(always)]
fn first(wanted: &Wanted, address: usize, stack: usize) -> usize {
    let Wanted { process, function, clock } = *wanted;
    place(site_key(process, address as u64, stack as u64, function, clock), MEMOS / WAYS) * WAYS
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

/// Where a remembered way leads.
#[inline(always)]
pub fn leads_to(memo: &Memo) -> &'static Site {
    let index = memo.site.load(Relaxed) as usize % SITES;
    // SAFETY: the index is below the number of entries.
    unsafe { table().sites.get_unchecked(index) }
}

/// Whether a remembered way is this one.
#[inline(always)]
fn is_this(memo: &Memo, wanted: &Wanted, caller: Caller) -> bool {
    if memo.key.load(Acquire) != frame_key(wanted.process, caller.address as u64)
        || memo.stack.load(Relaxed) != caller.stack as u64
        || memo.clock.load(Relaxed) != wanted.clock
    {
        return false;
    }
    let flags = memo.flags.load(Relaxed);
    if flags >> FUNCTION_SHIFT & 0xff != wanted.function
        || flags & BY_FRAME != 0 && memo.frame.load(Relaxed) != caller.frame as u64
    {
        return false;
    }
    let thread = if flags & SELF_POINTER != 0 {
        // SAFETY: in this process and on this stack, the thread pointer did so.
        unsafe { cpu::thread_from_itself() as u64 }
    } else if flags & BY_REGISTER != 0 {
        caller.register as u64
    } else {
        thread()
    };
    if memo.thread.load(Relaxed) != thread {
        return false;
    }
    let count = (flags >> COUNT_SHIFT) as usize;
    for (at, word) in memo.at.iter().zip(&memo.words).take(count) {
        let at = at.load(Relaxed) as *const u64;
        // SAFETY: a word of the stack. The program's own tables say that it lies there under
        // a return address and registers that were just found to be the same.
        if unsafe { at.read() } != word.load(Relaxed) {
            return false;
        }
    }
    true
}

/// Where this way is remembered, if that is the first place to look at.
#[inline(always)]
pub fn nearest(wanted: &Wanted, caller: Caller) -> Option<&'static Memo> {
    let near = memo(first(wanted, caller.address, caller.stack));
    is_this(near, wanted, caller).then_some(near)
}

/// The same for all places: callers that have more than one call site take turns, and where
/// the frame pointer tells them apart, there are as many places for each frame.
#[inline(always)]
pub fn any(wanted: &Wanted, caller: Caller) -> Option<&'static Memo> {
    let near = first(wanted, caller.address, caller.stack);
    let by_frame = first_by_frame(wanted, caller);
    let mut places = (near..near + WAYS).chain(by_frame..by_frame + WAYS).map(memo);
    places.find(|memo| is_this(memo, wanted, caller))
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
    /// A way that is to be gone.
    #[inline(always)]
    pub fn from(caller: Caller) -> Way {
        Way {
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
    pub fn remember(&self, wanted: &Wanted, caller: Caller, site: usize) -> Option<&'static Memo> {
        if self.count > WORDS {
            return None;
        }
        let key = frame_key(wanted.process, caller.address as u64);
        let is_same = |memo: &Memo| {
            memo.key.load(Relaxed) == key && memo.stack.load(Relaxed) == caller.stack as u64
        };
        let near = first(wanted, caller.address, caller.stack);
        let by_frame = self.by_frame && is_same(memo(near));
        let start = if by_frame { first_by_frame(wanted, caller) } else { near };
        // One that is another caller's may be pushed out; of the same caller's, which one
        // is left to chance.
        let free = (start..start + WAYS).find(|at| !is_same(memo(*at)));
        let memo = memo(free.unwrap_or(start + site % WAYS));
        memo.key.store(0, Relaxed);
        compiler_fence(Release);
        memo.stack.store(caller.stack as u64, Relaxed);
        memo.frame.store(caller.frame as u64, Relaxed);
        let (how, thread) = tells_threads_apart(caller);
        memo.thread.store(thread as u64, Relaxed);
        memo.clock.store(wanted.clock, Relaxed);
        let by_frame = if self.by_frame { BY_FRAME } else { 0 };
        let numbers = wanted.function << FUNCTION_SHIFT | (self.count as u32) << COUNT_SHIFT;
        memo.flags.store(by_frame | how | numbers, Relaxed);
        memo.site.store(site as u32, Relaxed);
        memo.left.store(0, Relaxed);
        let kept = memo.at.iter().zip(&memo.words).zip(self.at.iter().zip(&self.words));
        for ((place, value), (at, word)) in kept {
            place.store(*at as u64, Relaxed);
            value.store(*word as u64, Relaxed);
        }
        memo.key.store(key, Release);
        Some(memo)
    }
}

/// What is compared to know this thread again on this way, and how: the thread pointer, or
/// what stands for it.
fn tells_threads_apart(caller: Caller) -> (u32, usize) {
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
